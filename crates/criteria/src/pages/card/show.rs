//! The scorecard as a page.

use super::super::{Link, bad, with_status, words};
use super::row::{Kept, Row, Seer, row};
use crate::model::{Alarm, Card, Outcome, steps, watch};
use crate::store::assess::Stage;
use crate::store::recognise::{Act, Decision};
use crate::{Criteria, scorecard_href, standing};
use access::{Context, Role};
use askama::Template;
use axum::response::Response;
use lang::show::short_date;
use std::collections::BTreeMap;
use ui::chart::{StackedBar, stacked_bar};
use ui::form::{Field, Kind as FieldKind};
use ui::{AppError, Html, Lang, Notice, Shell, page};
use uuid::Uuid;

struct Block {
    number: String,
    title: String,
    outcome: (&'static str, &'static str),
    rows: Vec<Row>,
    met: usize,
}

struct ToDo {
    code: String,
    title: String,
    text: String,
    completes: String,
}

#[derive(Template)]
#[template(path = "criteria_card.html")]
struct View {
    shell: Shell,
    set: Link,
    unit: Link,
    year: i16,
    version: i64,
    lead: String,
    bar: Html,
    region: String,
    watch: Option<(&'static str, String)>,
    recognised: Vec<String>,
    todo: Vec<ToDo>,
    more: usize,
    next: Vec<Link>,
    years: Vec<(String, String, bool)>,
    blocks: Vec<Block>,
    officer: bool,
    reviewer: bool,
    detailed: bool,
    action: String,
    waiting: usize,
    decision: Vec<Field>,
    office: Option<String>,
    doubts: usize,
    /// That there is something newer to be scored by, and the word on the button.
    renew: Option<(String, String)>,
    older: Vec<Link>,
    past: bool,
}

fn todo(card: &Card<'_>, l: Lang) -> (Vec<ToDo>, usize) {
    let all = steps(card);
    let more = all.len().saturating_sub(8);
    let list = all.into_iter().take(8).map(|s| {
        let j = s.judged;
        let gap = words::gap(j, l);
        let text = match j.outcome {
            Outcome::NotMet if !gap.is_empty() => gap,
            other => words::outcome(other, l).1.to_owned(),
        };
        let criterion = card.set.criteria.get(j.criterion).map(|c| c.number.clone()).unwrap_or_default();
        ToDo {
            code: j.indicator.code.clone(),
            title: j.indicator.title.clone(),
            text,
            completes: if s.completes { format!("{} {criterion}", l.t("xong tiêu chí", "completes criterion")) } else { String::new() },
        }
    });
    (list.collect(), more)
}

fn decision_words(d: &Decision, l: Lang) -> String {
    let (vi, en) = d.act.label();
    let mut out = format!("{}: {} {} {}", l.t(vi, en), l.t("quyết định", "decision"), d.number, short_date(d.issued));
    if !d.issuer.is_empty() {
        out.push_str(&format!(", {}", d.issuer));
    }
    if !d.note.is_empty() {
        out.push_str(&format!(". {}", d.note));
    }
    out
}

/// Which scorecard.
pub(super) struct At {
    pub unit: Uuid,
    pub year: i16,
    /// An older version of the set under which it was scored before.
    pub version: Option<i64>,
}

pub(super) async fn view(
    criteria: &Criteria,
    ctx: &Context,
    code: &str,
    at: &At,
    kept: &Kept,
    error: Option<&AppError>,
    notice: Option<Notice>,
) -> Result<Response, AppError> {
    let l = ctx.lang;
    let (card, past) = match at.version {
        Some(version) if criteria.past(code, at.unit, at.year).await?.iter().any(|p| p.state.version == version) => {
            let (card, past) = criteria.past_scorecard(ctx, code, at.unit, at.year, version).await?;
            (card, Some(past))
        }
        _ => (criteria.scorecard(ctx, code, at.unit, at.year).await?, None),
    };
    let set = &card.set;
    let judged = card.card();
    let figures = criteria.figures();
    let atlas = figures.places().atlas();
    let village = set.level == places::Level::Village;
    let detailed = figures.may(ctx, Role::Viewer, at.unit);
    // What a village scores is its own; nothing of it is public beyond its commune's totals.
    if village && !detailed {
        return Err(crate::unknown_unit());
    }
    // What was scored again is only looked at.
    let officer = past.is_none() && figures.may(ctx, Role::Officer, at.unit);
    let reviewer = past.is_none() && figures.holds(ctx, Role::Reviewer, at.unit);
    let newer = if past.is_none() && detailed { criteria.newer(ctx, &card) } else { crate::Newer::default() };
    let owners = match criteria.province_of(at.unit, card.traits.day) {
        Some(province) if detailed => criteria.owners(province, code).await?,
        _ => BTreeMap::new(),
    };
    let seer = Seer { ctx, officer, reviewer, detailed, owners: &owners, kept, at: error.and_then(|e| e.at.as_deref()) };
    let mut blocks: Vec<Block> = Vec::new();
    let mut waiting = 0;
    let mut doubts = 0;
    for (nth, criterion) in set.criteria.iter().enumerate() {
        let mut rows = Vec::new();
        let mut met = 0;
        for j in judged.indicators.iter().filter(|j| j.criterion == nth) {
            let Some(s) = card.scored.get(&j.indicator.code) else { continue };
            waiting += usize::from(s.stage == Stage::Scored);
            met += usize::from(j.outcome == Outcome::Met && (detailed || s.stage == Stage::Accepted));
            let r = row(criteria, &card, j, s, &seer);
            doubts += usize::from(r.doubt.is_some());
            rows.push(r);
        }
        let outcome = if detailed { judged.criteria.get(nth).copied().unwrap_or(Outcome::NoLevel) } else { Outcome::NoData };
        blocks.push(Block { number: criterion.number.clone(), title: criterion.title.clone(), outcome: words::outcome(outcome, l), rows, met });
    }
    let t = if detailed {
        judged.tally
    } else {
        // The public sees what was accepted.
        crate::model::Tally::of(judged.indicators.iter().map(|j| match card.scored.get(&j.indicator.code) {
            Some(s) if s.stage == Stage::Accepted => j.outcome,
            _ => Outcome::NoData,
        }))
    };
    let bar = StackedBar {
        lang: l,
        met: t.met as u64,
        not_met: t.not_met as u64,
        missing: t.no_data as u64,
        unknown: t.no_level as u64,
        na: t.not_applicable as u64,
        ..StackedBar::default()
    };
    let criteria_word =
        if detailed { format!(", {}/{} {}", judged.criteria_tally.met, judged.criteria_tally.all(), l.t("tiêu chí", "criteria")) } else { String::new() };
    let lead = format!("{} {}/{} {}{criteria_word}", l.t("Đạt", "Meets"), t.met, t.applying(), l.t("chỉ tiêu", "indicators"));
    let name = |code: &str| atlas.groups().iter().find(|g| g.code == code).map_or_else(|| code.to_owned(), |g| l.t(&g.name_vi, &g.name_en).to_owned());
    let (region, rule) = set.region_for(&card.traits);
    let region = match (region, rule) {
        (Some(r), Some(rule)) => format!("{} {} ({} {})", l.t("Áp dụng mức của vùng", "Judged by the thresholds of"), name(r), rule.document, rule.clause),
        (Some(r), None) if card.traits.region_inherited => format!(
            "{} {} {}",
            l.t("Áp dụng mức của vùng", "Judged by the thresholds of"),
            name(r),
            l.t("(vùng của các đơn vị trước sắp xếp)", "(the region of the units before)")
        ),
        (Some(r), None) => format!("{} {}", l.t("Áp dụng mức của vùng", "Judged by the thresholds of"), name(r)),
        (None, _) if !set.regions.is_empty() => {
            l.t("Chưa xác định đơn vị áp dụng mức của vùng nào", "It is not known which region's thresholds apply").to_owned()
        }
        (None, _) => match &card.traits.group {
            Some(group) => name(group),
            None => String::new(),
        },
    };
    let decisions: Vec<Decision> = criteria.decisions(at.unit).await?.into_iter().filter(|d| d.set == code).collect();
    let stands = standing(&decisions, card.traits.day).is_some();
    let watched = watch(criteria.rules(), set, &judged.criteria);
    let watch_words = (detailed && stands && watched.alarm != Alarm::Calm).then(|| {
        let case = watched.case.map(|c| c.code.clone()).unwrap_or_default();
        let keys = if watched.keys.is_empty() { String::new() } else { format!(" ({})", watched.keys.join(", ")) };
        match watched.alarm {
            Alarm::Revocable => (
                "late",
                format!(
                    "{} {}/{} {}{keys}: {} {case}, {}.",
                    l.t("Trượt", "Fails"),
                    watched.failed,
                    watched.of,
                    l.t("tiêu chí", "criteria"),
                    l.t("đã rơi vào trường hợp thu hồi", "this is case of revocation"),
                    criteria.rules().document
                ),
            ),
            _ => (
                "wait",
                format!(
                    "{} {}/{} {}{keys}: {} {case}, {}.",
                    l.t("Trượt", "Fails"),
                    watched.failed,
                    watched.of,
                    l.t("tiêu chí", "criteria"),
                    l.t("thêm một tiêu chí nữa là vào trường hợp thu hồi", "one more makes case of revocation"),
                    criteria.rules().document
                ),
            ),
        }
    });
    let (list, more) = if detailed { todo(&judged, l) } else { (Vec::new(), 0) };
    let shelf = criteria.shelf();
    let next = shelf
        .library
        .next_ranks(code)
        .filter(|s| s.level == set.level && s.in_year(at.year))
        .map(|s| Link { href: scorecard_href(&s.code, at.unit, at.year), text: s.title(l).to_owned() })
        .collect();
    let mut years: Vec<(String, String, bool)> = Vec::new();
    for y in (at.year - 3)..=(at.year + 2) {
        if y <= ctx.today().year() && set.in_year(y) && criteria.judges(set, at.unit, set.judged_on(y)) {
            years.push((scorecard_href(code, at.unit, y), y.to_string(), y == at.year));
        }
    }
    let href = scorecard_href(code, at.unit, at.year);
    let older = match &past {
        Some(p) => vec![Link {
            href: href.clone(),
            text: format!(
                "{} {}: {} {}, {} {}. {}",
                l.t("Đây là bảng điểm theo phiên bản", "This is the scorecard under version"),
                set.version,
                l.t("đã được chấm lại lúc", "scored again at"),
                words::moment(p.at),
                l.t("người chấm lại:", "by"),
                p.by,
                l.t("Mở bảng điểm mới", "Open the new scorecard")
            ),
        }],
        None if detailed => {
            let all = criteria.past(code, at.unit, at.year).await?;
            all.iter()
                .map(|p| Link {
                    href: format!("{href}?version={}", p.state.version),
                    text: format!(
                        "{} {} ({} {})",
                        l.t("Bảng điểm cũ theo phiên bản", "Older scorecard under version"),
                        p.state.version,
                        l.t("giữ nguyên đến", "as it stood at"),
                        words::moment(p.at)
                    ),
                })
                .collect()
        }
        None => Vec::new(),
    };
    let renew = match &newer {
        n if n.is_empty() => None,
        crate::Newer { version: Some(version), .. } => Some((
            format!(
                "{} {version}. {}",
                l.t("Bộ tiêu chí đã có phiên bản", "The set has a version"),
                l.t(
                    "Điểm ở đây vẫn theo phiên bản cũ và không tự đổi. Chấm lại thì giá trị được mang sang, chờ thẩm định lại; bảng điểm cũ giữ nguyên để đối chiếu.",
                    "These scores stay under the old version. Scoring again carries the values over to be appraised anew; the old scorecard is kept.",
                )
            ),
            format!("{} {version}", l.t("Chấm lại theo phiên bản", "Score again under version")),
        )),
        crate::Newer { levels, .. } => Some((
            format!(
                "{}: {}. {}",
                l.t("Từ khi chấm, mức đã đổi", "Thresholds have changed since"),
                levels.iter().map(|(code, now)| format!("{code} {now}")).collect::<Vec<_>>().join("; "),
                l.t("Kết quả đã chấm giữ nguyên.", "What was found stays.")
            ),
            l.t("Chấm lại theo mức mới", "Score again by the new thresholds").to_owned(),
        )),
    };
    let unit_name = atlas.full_name(at.unit, card.traits.day);
    let title = format!("{unit_name} · {} {}", l.t("chấm điểm năm", "scores of"), at.year);
    let act_options = Act::ALL.map(|a| (a.word().to_owned(), l.t(a.label().0, a.label().1).to_owned()));
    let typed_in = |name: &str| kept.get(name).cloned().unwrap_or_default();
    let decision = if reviewer && ctx.speaks_for_place() {
        vec![
            Field::new("kind", l.t("Loại quyết định", "Kind")).kind(FieldKind::Select(act_options.to_vec())).value(typed_in("kind")),
            Field::new("number", l.t("Số quyết định", "Number")).value(typed_in("number")).required(),
            Field::new("issued", l.t("Ngày", "Date")).kind(FieldKind::Date).value(typed_in("issued")).required(),
            Field::new("issuer", l.t("Cơ quan ban hành", "Issued by")).value(typed_in("issuer")),
            Field::new("note", l.t("Ghi chú", "Note")).value(typed_in("note")),
        ]
    } else {
        Vec::new()
    };
    let mut shell = ctx
        .shell(title.clone())
        .notice(error.and_then(|e| bad(ctx, e)).or(notice))
        .crumb(l.t("Bộ tiêu chí", "Sets of criteria"), "/criteria")
        .crumb(set.title(l), format!("/criteria/{code}"))
        .here(unit_name.clone());
    shell.path = scorecard_href(code, at.unit, at.year);
    let status = error.map_or(200, |e| e.status);
    let view = View {
        set: Link { href: format!("/criteria/{code}"), text: set.title(l).to_owned() },
        unit: Link { href: format!("/places/{}?on={}", at.unit, card.traits.day), text: unit_name },
        year: at.year,
        version: set.version,
        lead,
        bar: stacked_bar(&bar),
        region,
        watch: watch_words,
        recognised: decisions.iter().map(|d| decision_words(d, l)).collect(),
        todo: list,
        more,
        next,
        years,
        blocks,
        officer,
        reviewer,
        detailed,
        action: scorecard_href(code, at.unit, at.year),
        waiting,
        decision,
        office: detailed.then(|| criteria.province_of(at.unit, card.traits.day)).flatten().map(|p| format!("/criteria/{code}/office/{p}/{}", at.year)),
        doubts,
        renew,
        older,
        past: past.is_some(),
        shell,
    };
    Ok(with_status(page(&view), status))
}
