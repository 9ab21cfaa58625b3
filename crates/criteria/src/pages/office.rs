//! The office of a province for a set and year: who appraises what, what waits, and the random re-checks.

use super::{Link, Params, bad, done, in_form, see_other, unit as read_unit, with_status, words, year as read_year};
use crate::model::Alarm;
use crate::store::assess::Stage;
use crate::{Criteria, MatrixAsk, NewOwner, scorecard_href};
use access::{Context, Role};
use askama::Template;
use axum::extract::{Form, Path, State};
use axum::response::Response;
use std::collections::BTreeMap;
use ui::{AppError, Lang, Notice, Shell, Tone, page};
use uuid::Uuid;

struct OwnerRow {
    code: String,
    title: String,
    department: String,
    logins: String,
    /// Whether the reader decides about it.
    mine: bool,
    waiting: usize,
}

struct Danger {
    unit: Link,
    tag: (&'static str, &'static str),
    text: String,
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
    queue: Vec<(Link, usize, usize)>,
    waits: usize,
    danger: Vec<Danger>,
    rules: String,
    departments: Vec<(String, String)>,
    score_by: String,
    appraise_by: String,
    document: String,
    deadlines: Option<String>,
    draws: Vec<Draw>,
    admin: bool,
    reviewer: bool,
    officer: bool,
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
    let shelf = criteria.shelf();
    let mut waiting: BTreeMap<String, usize> = BTreeMap::new();
    let mut queue: Vec<(Link, usize, usize)> = Vec::new();
    for row in &board.rows {
        let Some(state) = &row.state else { continue };
        let Some(own) = shelf.library.version(code, state.version) else { continue };
        let (mut n, mut mine) = (0, 0);
        for (i, letter) in own.indicators().zip(state.states.chars()) {
            if letter == Stage::Scored.letter() {
                n += 1;
                mine += usize::from(criteria.may_appraise(ctx, row.unit, owners.get(&i.code)));
                *waiting.entry(i.code.clone()).or_default() += 1;
            }
        }
        if n > 0 {
            queue.push((Link { href: scorecard_href(code, row.unit, year), text: atlas.full_name(row.unit, day) }, mine, n));
        }
    }
    queue.sort_by_key(|q| (std::cmp::Reverse(q.1), std::cmp::Reverse(q.2)));
    let waits = queue.len();
    queue.truncate(100);
    let danger = criteria.endangered(province, code, year).await?.into_iter().take(200).map(|e| Danger {
        unit: Link { href: scorecard_href(code, e.unit, year), text: atlas.full_name(e.unit, day) },
        tag: if e.alarm == Alarm::Revocable { ("late", l.t("xét thu hồi", "revocation")) } else { ("wait", l.t("gần ngưỡng", "near")) },
        text: format!(
            "{} {}/{} {}{}",
            l.t("trượt", "fails"),
            e.failed,
            e.of,
            l.t("tiêu chí", "criteria"),
            if e.keys.is_empty() { String::new() } else { format!(" ({}: {})", l.t("then chốt", "key"), e.keys.join(", ")) }
        ),
    });
    let round = criteria.rounds(province).await?.into_iter().find(|r| r.set == code && r.year == year);
    let date = |d: Option<jiff::civil::Date>| d.map(|d| d.to_string()).unwrap_or_default();
    let deadlines = round.as_ref().map(|r| {
        let shown = |d: Option<jiff::civil::Date>| d.map_or_else(|| l.t("chưa đặt", "not set").to_owned(), lang::show::short_date);
        format!(
            "{} {} · {} {}{}",
            l.t("Xã tự chấm đến hết", "Scores by"),
            shown(r.score_by),
            l.t("thẩm định đến hết", "appraisal by"),
            shown(r.appraise_by),
            if r.document.is_empty() { String::new() } else { format!(" ({})", r.document) }
        )
    });
    let rows = set.indicators().map(|i| OwnerRow {
        waiting: waiting.get(&i.code).copied().unwrap_or(0),
        mine: criteria.may_appraise(ctx, province, owners.get(&i.code)),
        code: i.code.clone(),
        title: i.title.clone(),
        department: owners.get(&i.code).map(|o| o.department.clone()).or_else(|| i.owner.clone()).unwrap_or_default(),
        logins: match owners.get(&i.code) {
            Some(o) if o.organisation.is_some() => l.t("người giữ vị trí ở cơ quan này", "whoever holds a post there").to_owned(),
            Some(o) => o.logins.join(", "),
            None => String::new(),
        },
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
        waits,
        danger: danger.collect(),
        rules: criteria.rules().document.clone(),
        departments: criteria.departments(province).await?.into_iter().map(|(id, name)| (id.to_string(), name)).collect(),
        score_by: date(round.as_ref().and_then(|r| r.score_by)),
        appraise_by: date(round.as_ref().and_then(|r| r.appraise_by)),
        document: round.map(|r| r.document).unwrap_or_default(),
        deadlines,
        draws,
        admin: criteria.figures().may(ctx, Role::Administrator, province),
        reviewer: criteria.figures().may(ctx, Role::Reviewer, province),
        officer: criteria.figures().may(ctx, Role::Officer, province),
        seed: ctx.at.as_second().rem_euclid(1_000_000).to_string(),
        shell,
    };
    Ok(with_status(page(&view), error.map_or(200, |e| e.status)))
}

type Address = Path<(String, String, String)>;

/// `GET /criteria/{set}/office/{unit}/{year}`
pub(super) async fn show(State(criteria): State<Criteria>, ctx: Context, Path((code, unit, year)): Address, params: Params) -> Result<Response, AppError> {
    let (place, year) = (read_unit(&criteria, &ctx, &unit)?, read_year(&year)?);
    let notice = match (params.get("done").as_deref(), params.get("n").and_then(|n| n.parse::<usize>().ok())) {
        (Some("renewed"), Some(n)) => renewed(ctx.lang, n, params.get("busy").and_then(|n| n.parse().ok()).unwrap_or(0)),
        (word, _) => done(ctx.lang, word),
    };
    view(&criteria, &ctx, &code, place, year, None, notice).await
}

/// What scoring many again did, in words.
fn renewed(l: Lang, cards: usize, busy: usize) -> Option<Notice> {
    let text = match cards {
        0 => l.t("Mọi bảng điểm đã theo phiên bản và mức mới nhất.", "Every scorecard follows the newest version and thresholds already.").to_owned(),
        n => format!("{n} {}", l.t("bảng điểm đã chấm lại, chờ thẩm định lại.", "scorecards were scored again and await appraisal anew.")),
    };
    let rest = l.t("bảng điểm đang có người sửa, chưa chấm lại; bấm lại sau.", "scorecards were being changed and were left; try again later.");
    Some(match busy {
        0 => Notice::new(Tone::Good, text),
        n => Notice::new(Tone::Warn, format!("{text} {n} {rest}")),
    })
}

/// `POST …/rescore`: every scorecard of the province that is not by the newest version and thresholds yet.
pub(super) async fn rescore(State(criteria): State<Criteria>, ctx: Context, Path((code, unit, year)): Address) -> Result<Response, AppError> {
    let (place, year) = (read_unit(&criteria, &ctx, &unit)?, read_year(&year)?);
    let set = criteria.set(&code)?;
    criteria.require_at(&ctx, Role::Officer, place)?;
    let province = criteria.province_of(place, set.judged_on(year)).ok_or_else(crate::unknown_unit)?;
    let done = criteria.rescore_under(&ctx, &code, province, year).await?;
    Ok(see_other(&format!("/criteria/{code}/office/{province}/{year}?done=renewed&n={}&busy={}", done.cards, done.busy)))
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
    let organisation = params.get("organisation").and_then(|id| id.parse().ok());
    let new = NewOwner { department: params.text("department"), organisation, logins };
    match criteria.set_owner(&ctx, province, &code, &params.all("i"), &new).await {
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

/// `POST …/round`: until when.
pub(super) async fn round(
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
    let date = |name: &'static str| match params.get(name) {
        None => Ok(None),
        Some(text) => text
            .parse()
            .or_else(|_| lang::parse_date(&text))
            .map(Some)
            .map_err(|_| AppError::new("date_unreadable", 422).say("Ngày chưa đúng.", "The date is not right.").at(name)),
    };
    let outcome = async {
        let dates = (date("score_by")?, date("appraise_by")?);
        criteria.set_round(&ctx, province, &code, year, dates, &params.text("document")).await
    };
    match outcome.await {
        Ok(()) => Ok(see_other(&format!("/criteria/{code}/office/{province}/{year}?done=round"))),
        Err(error) if in_form(&error) => view(&criteria, &ctx, &code, province, year, Some(&error), None).await,
        Err(error) => Err(error),
    }
}
