//! The office of a province for a set and year: who appraises what, what waits, and the random re-checks.

use super::{Link, Params, bad, done, in_form, see_other, unit as read_unit, with_status, words, year as read_year};
use crate::store::assess::Stage;
use crate::{Criteria, MatrixAsk, scorecard_href};
use access::{Context, Role};
use askama::Template;
use axum::extract::{Form, Path, State};
use axum::response::Response;
use ui::{AppError, Notice, Shell, page};
use uuid::Uuid;

struct OwnerRow {
    code: String,
    title: String,
    department: String,
    logins: String,
    waiting: usize,
}

struct Draw {
    seed: i64,
    pool: i64,
    who: String,
    items: Vec<(Link, String)>,
}

#[derive(Template)]
#[template(path = "criteria_office.html")]
struct View {
    shell: Shell,
    action: String,
    owners: Vec<OwnerRow>,
    queue: Vec<(Link, usize)>,
    draws: Vec<Draw>,
    admin: bool,
    reviewer: bool,
    seed: String,
}

async fn view(
    criteria: &Criteria,
    ctx: &Context,
    code: &str,
    place: Uuid,
    year: i16,
    error: Option<&AppError>,
    notice: Option<Notice>,
) -> Result<Response, AppError> {
    let l = ctx.lang;
    criteria.current().await;
    let set = criteria.set(code)?;
    criteria.require_at(ctx, Role::Viewer, place)?;
    let day = set.judged_on(year);
    let province = criteria.province_of(place, day).ok_or_else(crate::unknown_unit)?;
    let atlas = criteria.figures().places().atlas();
    let owners = criteria.owners(province, code).await?;
    let board = criteria.board(&MatrixAsk { set: code.to_owned(), year, under: province, indicator: None, outcome: None }).await?;
    let mut waiting = vec![0usize; set.indicators().count()];
    let mut queue: Vec<(Link, usize)> = Vec::new();
    for row in &board.rows {
        let Some(state) = &row.state else { continue };
        let mut n = 0;
        for (at, letter) in state.states.chars().enumerate() {
            if letter == Stage::Scored.letter() {
                n += 1;
                if let Some(w) = waiting.get_mut(at) {
                    *w += 1;
                }
            }
        }
        if n > 0 {
            queue.push((Link { href: scorecard_href(code, row.unit, year), text: atlas.full_name(row.unit, day) }, n));
        }
    }
    queue.sort_by_key(|q| std::cmp::Reverse(q.1));
    queue.truncate(100);
    let rows = set.indicators().zip(waiting).map(|(i, waiting)| OwnerRow {
        code: i.code.clone(),
        title: i.title.clone(),
        department: owners.get(&i.code).map(|o| o.department.clone()).or_else(|| i.owner.clone()).unwrap_or_default(),
        logins: owners.get(&i.code).map(|o| o.logins.join(", ")).unwrap_or_default(),
        waiting,
    });
    let mut draws = Vec::new();
    for r in criteria.rechecks(province, code, year).await?.into_iter().rev().take(5) {
        draws.push(Draw {
            seed: r.seed,
            pool: r.pool,
            who: format!("{}, {}", r.who_name, words::moment(r.at)),
            items: r
                .chosen
                .iter()
                .map(|(unit, i)| (Link { href: format!("{}#i-{i}", scorecard_href(code, *unit, year)), text: atlas.full_name(*unit, day) }, i.clone()))
                .collect(),
        });
    }
    let name = atlas.full_name(province, day);
    let title = format!("{name}: {} {year}", l.t("thẩm định năm", "appraisal of"));
    let mut shell = ctx
        .shell(title.clone())
        .noindex()
        .notice(error.and_then(|e| bad(ctx, e)).or(notice))
        .crumb(l.t("Bộ tiêu chí", "Sets of criteria"), "/criteria")
        .crumb(set.title(l), format!("/criteria/{code}"))
        .here(title);
    let action = format!("/criteria/{code}/office/{province}/{year}");
    shell.path.clone_from(&action);
    let view = View {
        action,
        owners: rows.collect(),
        queue,
        draws,
        admin: criteria.figures().may(ctx, Role::Administrator, province),
        reviewer: criteria.figures().may(ctx, Role::Reviewer, province),
        seed: ctx.at.as_second().rem_euclid(1_000_000).to_string(),
        shell,
    };
    Ok(with_status(page(&view), error.map_or(200, |e| e.status)))
}

type Address = Path<(String, String, String)>;

/// `GET /criteria/{set}/office/{unit}/{year}`
pub(super) async fn show(State(criteria): State<Criteria>, ctx: Context, Path((code, unit, year)): Address, params: Params) -> Result<Response, AppError> {
    let (place, year) = (read_unit(&criteria, &ctx, &unit)?, read_year(&year)?);
    view(&criteria, &ctx, &code, place, year, None, done(ctx.lang, params.get("done").as_deref())).await
}

/// `POST …/owners`
pub(super) async fn owners(
    State(criteria): State<Criteria>,
    ctx: Context,
    Path((code, unit, year)): Address,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, AppError> {
    let (place, year) = (read_unit(&criteria, &ctx, &unit)?, read_year(&year)?);
    let params = Params(form);
    let set = criteria.set(&code)?;
    criteria.require_at(&ctx, Role::Administrator, place)?;
    let province = criteria.province_of(place, set.judged_on(year)).ok_or_else(crate::unknown_unit)?;
    let logins: Vec<String> = params.text("logins").split([',', ' ']).map(str::to_owned).collect();
    match criteria.set_owner(&ctx, province, &code, &params.all("i"), &params.text("department"), &logins).await {
        Ok(()) => Ok(see_other(&format!("/criteria/{code}/office/{province}/{year}?done=owners"))),
        Err(error) if in_form(&error) => view(&criteria, &ctx, &code, province, year, Some(&error), None).await,
        Err(error) => Err(error),
    }
}

/// `POST …/recheck`
pub(super) async fn recheck(
    State(criteria): State<Criteria>,
    ctx: Context,
    Path((code, unit, year)): Address,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, AppError> {
    let (place, year) = (read_unit(&criteria, &ctx, &unit)?, read_year(&year)?);
    let params = Params(form);
    let set = criteria.set(&code)?;
    criteria.require_at(&ctx, Role::Reviewer, place)?;
    let province = criteria.province_of(place, set.judged_on(year)).ok_or_else(crate::unknown_unit)?;
    let count = params.get("count").and_then(|c| c.parse().ok()).unwrap_or(20);
    let seed = params.get("seed").and_then(|c| c.parse().ok()).unwrap_or(1);
    match criteria.draw_recheck(&ctx, province, &code, year, count, seed).await {
        Ok(_) => Ok(see_other(&format!("/criteria/{code}/office/{province}/{year}?done=drawn"))),
        Err(error) if in_form(&error) => view(&criteria, &ctx, &code, province, year, Some(&error), None).await,
        Err(error) => Err(error),
    }
}
