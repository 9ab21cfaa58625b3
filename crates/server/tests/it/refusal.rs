//! Every route refuses those without rights. A route that is open to everybody, or to everybody who has signed in, is listed
//! in `docs/open-routes.txt`, so that opening one is a decision that somebody reads.

use crate::house::{House, houses};
use access::{Area, Need, Role, RouteInfo, Scopes};
use std::collections::BTreeSet;

const OPEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/open-routes.txt");
const FORM: &str = "application/x-www-form-urlencoded";

fn line(route: &RouteInfo) -> String {
    let word = if route.need == Need::Public { "public" } else { "signed-in" };
    format!("{word} {} {}", route.method, route.path)
}

/// A path with something real in every hole: a commune of the officer's province, its administrator's account, a known measure.
async fn filled(house: &House, path: &str) -> String {
    let ctx = house.app.access.system();
    let commune = house.communes()[0].0.to_string();
    let account = house.app.access.find_account(&ctx, "admin").await.unwrap().unwrap().id.to_string();
    let mut out = String::new();
    for part in path.split('/').skip(1) {
        let value = match part {
            "{id}" | "{grant}" if path.starts_with("/admin/accounts") || path.starts_with("/me") => account.clone(),
            "{id}" | "{unit}" | "{office}" | "{grant}" | "{job}" | "{place}" | "{change}" | "{case}" | "{paper}" => commune.clone(),
            "{code}" if path.starts_with("/plans") || path.starts_with("/api/v1/plans") => "bac-giang-2023-2025".to_owned(),
            "{code}" if path.starts_with("/documents") => "20-KH-UBND-Bac-Giang".to_owned(),
            "{target}" => "G2".to_owned(),
            "{measure}" | "{code}" => "so_ho".to_owned(),
            "{set}" => "commune-2021-2025".to_owned(),
            "{year}" => "2025".to_owned(),
            "{period}" => "2025".to_owned(),
            hole if hole.starts_with('{') => "x".to_owned(),
            word => word.to_owned(),
        };
        out.push('/');
        out.push_str(&value);
    }
    out
}

#[tokio::test]
async fn what_is_open_is_listed() {
    let house = houses().await.remove(0);
    let text = std::fs::read_to_string(OPEN).unwrap();
    let listed: BTreeSet<String> = text.lines().filter(|l| !l.is_empty() && !l.starts_with('#')).map(str::to_owned).collect();
    let found: BTreeSet<String> = house.app.table().iter().filter(|r| matches!(r.need, Need::Public | Need::SignedIn)).map(line).collect();
    let new: Vec<_> = found.difference(&listed).collect();
    let gone: Vec<_> = listed.difference(&found).collect();
    assert!(new.is_empty() && gone.is_empty(), "docs/open-routes.txt: is it right that these are open? {new:#?}\nthese are gone: {gone:#?}");
}

#[tokio::test]
async fn no_two_routes_are_the_same() {
    let house = houses().await.remove(0);
    let mut seen = BTreeSet::new();
    for route in house.app.table() {
        assert!(seen.insert((route.method, route.path)), "{} {} is listed twice", route.method, route.path);
    }
    assert!(seen.len() > 20);
}

/// What no area covers, no token opens: a new part of the API is given to an area, or named here as open to every token.
#[tokio::test]
async fn every_part_of_the_api_belongs_to_an_area_of_tokens() {
    let house = houses().await.remove(0);
    let every = Area::ALL.into_iter().fold(Scopes::default(), |scopes, area| scopes.with(area, true));
    let mut used = BTreeSet::new();
    for route in house.app.table().iter().filter(|r| r.path.starts_with("/api/")) {
        let path = filled(&house, route.path).await;
        assert!(every.allow(route.method == "GET", &path), "no token reaches {} {path}: see Area::roots", route.method);
        used.extend(path.split('/').nth(3).map(str::to_owned));
    }
    let idle: Vec<&str> = Area::ALL.into_iter().flat_map(Area::roots).copied().filter(|root| !used.contains(*root)).collect();
    assert!(idle.is_empty(), "areas name what the API does not have: {idle:?}");
}

#[tokio::test]
async fn strangers_are_sent_to_sign_in_or_refused() {
    for house in houses().await {
        let nobody = house.stranger();
        for route in house.app.table().iter().filter(|r| r.need != Need::Public) {
            let path = filled(&house, route.path).await;
            for accept in ["text/html", "application/json"] {
                let nobody = house.stranger().with("accept", accept);
                let answer = nobody.send(route.method, &path, FORM, String::new()).await;
                let page = route.method == "GET" && !path.starts_with("/api/");
                let fits = if page { answer.status == 303 && answer.header("location").starts_with("/sign-in?back=") } else { answer.status == 401 };
                assert!(fits, "{} {} {path}: {} {}", house.db.label(), route.method, answer.status, answer.body);
            }
        }
        let token = house.stranger().with("authorization", "Bearer clt_0000000000000000000000000000000000000000000000000000000000000000");
        assert_eq!(token.get("/api/v1/me").await.status, 401);
        assert_eq!(nobody.send("GET", "/api/v1/me", "", String::new()).await.status, 401);
    }
}

#[tokio::test]
async fn another_role_is_refused() {
    let house = houses().await.remove(0);
    for route in house.app.table() {
        let Need::Role(role) = route.need else { continue };
        let path = filled(&house, route.path).await;
        for (login, held) in [("viewer.there", Role::Viewer), ("officer", Role::Officer), ("reviewer", Role::Reviewer), ("admin", Role::Administrator)] {
            if held.covers(role) {
                continue;
            }
            let answer = house.person(login).await.send(route.method, &path, FORM, String::new()).await;
            assert!(matches!(answer.status, 403 | 404), "{login}: {} {path}: {} {}", route.method, answer.status, answer.body);
        }
    }
}

#[tokio::test]
async fn the_right_role_in_another_province_changes_and_shows_nothing() {
    let house = houses().await.remove(0);
    let mut let_in = Vec::new();
    for route in house.app.table() {
        let Need::Role(role) = route.need else { continue };
        // Without a place in the path, it stands in the body and the crate's own tests try it.
        if !route.path.contains('{') {
            continue;
        }
        let path = filled(&house, route.path).await;
        let login = match role {
            Role::Viewer => "viewer.there",
            Role::Officer => "officer.there",
            Role::Reviewer => "reviewer.there",
            Role::Administrator => "admin.there",
        };
        let answer = house.person(login).await.send(route.method, &path, FORM, String::new()).await;
        // A form that lacks its fields may be refused as such before anything is looked up; nothing is told or done.
        let refused = matches!(answer.status, 401 | 403 | 404) || (route.method != "GET" && matches!(answer.status, 400 | 415 | 422));
        if !refused {
            let_in.push(format!("{login}: {} {path}: {} {}", route.method, answer.status, answer.header("location")));
        }
    }
    assert!(let_in.is_empty(), "{let_in:#?}");
}
