//! The Front and the Party have roles in a place for their own work: they enter, accept and score nothing for its People's Committee.

use crate::house::{Browser, House, houses_with};
use access::DemoPost;
use places::Level;
use serde_json::json;
use server::app::Settings;

const FORM: &str = "application/x-www-form-urlencoded";

async fn people(house: &House) -> (uuid::Uuid, uuid::Uuid) {
    let app = &house.app;
    let (atlas, today) = (app.places.atlas(), app.access.system().today());
    let province = atlas.coded("24", Some(Level::Province), today).unwrap();
    let commune = house.communes().into_iter().map(|(u, _)| u).find(|u| &*atlas.version(*u, today).unwrap().kind == "xã").unwrap();
    let post = |login, unit, organisation, title| DemoPost { login, name: login, unit, organisation, title };
    let seeds = [
        post("uyban", commune, "phong-kinh-te", "Chuyên viên"),
        post("mattran.xa", commune, "mttq", "Chuyên viên"),
        post("danguy.xa", commune, "dang-uy", "Chuyên viên"),
        post("mattran.tinh", province, "mttq", "Chủ tịch"),
        post("so", province, "so-nnmt", "Giám đốc"),
    ];
    app.access.seed_demo(&[]).await.unwrap();
    app.access.seed_demo_posts(&seeds).await.unwrap();
    (commune, province)
}

async fn entered(person: &Browser<'_>, unit: uuid::Uuid) -> String {
    let item = json!({"unit": unit, "measure": "so_ho", "value": "2000"});
    let answer = person.post("/api/v1/figures", json!({"period": "2025", "items": [item]})).await;
    if answer.status == 200 && answer.json()["written"] == 1 { "written".to_owned() } else { answer.body }
}

#[tokio::test]
async fn the_front_and_the_party_do_not_act_for_the_committee() {
    for house in houses_with(Settings { demo: true, ..Settings::default() }).await {
        let (commune, _) = people(&house).await;
        for login in ["mattran.xa", "danguy.xa"] {
            let person = house.person(login).await;
            let said = entered(&person, commune).await;
            assert!(said.contains("other_body"), "{login}: {said}");
            for path in [format!("/enter?unit={commune}&period=2025"), format!("/enter/submit?unit={commune}&period=2025")] {
                let page = person.get(&path).await;
                assert!(page.status == 403 && page.body.contains("Việc này của Ủy ban nhân dân"), "{login} {path}: {} {}", page.status, page.body);
            }
            let scored = person.send("POST", &format!("/criteria/commune-2021-2025/scorecards/{commune}/2025"), FORM, String::new()).await;
            assert!(scored.status == 403 && scored.body.contains("Việc này của Ủy ban nhân dân"), "{login}: {} {}", scored.status, scored.body);
            let day = person.get("/today").await;
            assert!(day.status == 200 && !day.body.contains("Nhập số liệu"), "{login}");
        }
        assert_eq!(entered(&house.person("uyban").await, commune).await, "written");
        let told = house.person("uyban").await.post("/api/v1/submissions", json!({"unit": commune, "period": "2025"})).await;
        assert!(told.status < 300, "{} {}", told.status, told.body);
        // The level above accepts, in a post of the administration and not of the Front.
        let item = json!({"decision": "accept", "items": [{"unit": commune, "measure": "so_ho", "period": "2025", "seq": 2}]});
        let refused = house.person("mattran.tinh").await.post("/api/v1/acceptances", item.clone()).await;
        assert!(refused.status == 403 && refused.body.contains("other_body"), "{} {}", refused.status, refused.body);
        let accepted = house.person("so").await.post("/api/v1/acceptances", item).await;
        assert!(accepted.status < 300, "{} {}", accepted.status, accepted.body);
        // The Front ticks nothing on a scorecard of which nothing was given to it, and enters no decision.
        let card = format!("/criteria/commune-2021-2025/scorecards/{commune}/2025");
        let front = house.person("mattran.tinh").await;
        let page = front.get(&card).await;
        assert!(page.status == 200 && !page.body.contains("name=\"i\"") && !page.body.contains("name=\"issuer\""), "{}", page.status);
        let decided = front.send("POST", &format!("{card}/recognise"), FORM, String::new()).await;
        assert!(decided.status == 403 && decided.body.contains("Việc này của Ủy ban nhân dân"), "{} {}", decided.status, decided.body);
        let appraised = front.send("POST", &format!("{card}/appraise"), FORM, "i=1.1&verdict=accept".to_owned()).await;
        assert!(matches!(appraised.status, 403 | 404 | 409), "{} {}", appraised.status, appraised.body);
        // What they may see, they still see.
        let page = house.person("mattran.xa").await.get(&format!("/places/{commune}")).await;
        assert_eq!(page.status, 200);
    }
}
