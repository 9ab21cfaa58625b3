//! The scorecard of a unit: seen by everybody as far as it was accepted, filled in by its officers, appraised by the level above.

use super::{Link, Params, bad, done, in_form, see_other, typed, unit as read_unit, with_status, words, year as read_year};
use crate::model::{Alarm, Card, Given, Indicator, Judged, Kind, Outcome, steps, watch};
use crate::store::assess::{Filled, Stage};
use crate::store::recognise::{Act, Decision};
use crate::{Criteria, NewDecision, Scorecard, Scored, Typed, Verdict, scorecard_href, standing};
use access::{Context, Role};
use askama::Template;
use axum::extract::{Form, Path, State};
use axum::response::Response;
use lang::show::short_date;
use std::collections::BTreeMap;
use ui::chart::{StackedBar, stacked_bar};
use ui::form::{Field, Kind as FieldKind};
use ui::{AppError, Html, Lang, Notice, Shell, page};
use uuid::Uuid;

/// A box to fill in: name, label, value, choices.
struct Cell {
    name: String,
    label: String,
    value: String,
    options: Vec<(String, String)>,
    hint: String,
    error: bool,
}

struct Row {
    code: String,
    title: String,
    level: String,
    clause: String,
    doubt: Option<&'static str>,
    value: String,
    figure: Option<Link>,
    outcome: (&'static str, &'static str),
    stage: (&'static str, &'static str),
    gap: String,
    boxes: Vec<Cell>,
    parts: Vec<(String, &'static str, &'static str)>,
    note: String,
    note_name: Option<String>,
    seen: i64,
    tick: bool,
    owner: String,
    evidence: Option<(Link, usize)>,
    warn: Vec<String>,
    history: Vec<String>,
}

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
}

/// What was typed and refused, so that it stays in the boxes.
type Kept = BTreeMap<String, String>;

fn boxes(i: &Indicator, filled: &Filled, stage_open: bool, kept: &Kept, at: Option<&str>, l: Lang) -> Vec<Cell> {
    let one = |i: &Indicator, given: Option<&Given>| {
        let name = format!("v.{}", i.code);
        let value = kept.get(&name).cloned().unwrap_or_else(|| words::in_box(given, i.kind));
        let mut options: Vec<(String, String)> = Vec::new();
        if matches!(i.kind, Kind::YesNo | Kind::Reference | Kind::Text) {
            options.push((String::new(), l.t("— chọn —", "— choose —").to_owned()));
            options.push(("yes".to_owned(), l.t("đạt", "yes").to_owned()));
            options.push(("no".to_owned(), l.t("chưa đạt", "no").to_owned()));
        } else if i.kind == Kind::Choice {
            options.push((String::new(), l.t("— chọn —", "— choose —").to_owned()));
            options.extend(i.options.iter().enumerate().map(|(at, o)| (at.to_string(), o.clone())));
        }
        if i.applies_if.is_some() && !options.is_empty() {
            options.push(("na".to_owned(), l.t("không áp dụng", "not applicable").to_owned()));
        }
        let hint = if i.kind.is_share() { l.t("n/N, ví dụ 85/100", "n/N, such as 85/100") } else { "" };
        Cell {
            label: format!("{} {}", i.code, i.title),
            options,
            hint: format!("{hint}{}", if i.unit.is_empty() || i.kind.is_share() { String::new() } else { i.unit.clone() }),
            error: at == Some(i.code.as_str()),
            name,
            value,
        }
    };
    let _ = stage_open;
    if i.kind == Kind::Composite {
        return i.parts.iter().filter(|p| p.measure.is_none() && p.formula.is_none()).map(|p| one(p, filled.parts.get(&p.code))).collect();
    }
    vec![one(i, filled.given.as_ref())]
}

struct Seer<'a> {
    ctx: &'a Context,
    officer: bool,
    reviewer: bool,
    detailed: bool,
    owners: &'a BTreeMap<String, crate::store::recognise::Owner>,
    kept: &'a Kept,
    at: Option<&'a str>,
}

fn row(criteria: &Criteria, card: &Scorecard, j: &Judged<'_>, s: &Scored, seer: &Seer<'_>) -> Row {
    let l = seer.ctx.lang;
    let (level, clause, doubt) = words::applied(&card.set, j, l);
    let i = j.indicator;
    let open = seer.detailed || s.stage == Stage::Accepted;
    let wording = i.on(card.traits.day);
    let links: Vec<String> = s.linked.as_ref().map(|l| l.measures.clone()).unwrap_or_default();
    let mut warn = Vec::new();
    if seer.detailed {
        if s.moved {
            let now = s.linked.as_ref().and_then(|l| l.given.as_ref());
            let now = words::given(now, i.kind, &i.options, l);
            warn.push(format!(
                "{} {}",
                l.t("Số liệu đã đổi từ khi chấm, nay là", "The figure has changed since; it is now"),
                if now.is_empty() { l.t("trống", "empty").to_owned() } else { now }
            ));
        }
        if s.lacks_evidence {
            warn.push(l.t("Thiếu minh chứng bắt buộc nên chưa được tính là đạt", "Required evidence is missing, so it does not count as met").to_owned());
        }
        if s.too_good {
            warn.push(l.t("100% mà không có minh chứng: cần xem lại", "100 % without evidence: look again").to_owned());
        }
        if let Some(last) = s.last.as_ref().filter(|l| l.stage == Stage::Returned) {
            warn.push(format!("{} {}: {}", l.t("Trả lại bởi", "Returned by"), last.who_name, last.reason));
        }
    }
    let history = s.history.iter().map(|h| {
        let stage = words::stage(h.stage, l).1;
        let value = words::given(h.filled.given.as_ref(), i.kind, &i.options, l);
        let found = words::outcome(h.outcome, l).1;
        let mut text = format!("{} {}: {stage}, {found}", words::moment(h.at), h.who_name);
        if !value.is_empty() {
            text.push_str(&format!(", {value}"));
        }
        if !h.basis.is_empty() {
            text.push_str(&format!("; {}", h.basis));
        }
        if !h.reason.is_empty() {
            text.push_str(&format!("; “{}”", h.reason));
        }
        text
    });
    let typing = seer.officer && !crate::values_linked(i);
    let owner = seer.owners.get(&i.code);
    let figure = links.first().map(|code| Link { href: format!("/why?measure={code}&unit={}&period={}", card.unit, card.year), text: links.join(", ") });
    let evidence_href =
        format!("/evidence?unit={}&set={}&indicator={}&period={}", card.unit, crate::set_id(&card.set.code), ui::percent_encode(&i.code), card.year);
    Row {
        code: i.code.clone(),
        title: wording.title.to_owned(),
        level,
        clause,
        doubt,
        value: if open { words::given(s.filled.given.as_ref(), i.kind, &i.options, l) } else { String::new() },
        figure: figure.filter(|_| open),
        outcome: words::outcome(if open { j.outcome } else { Outcome::NoData }, l),
        stage: words::stage(s.stage, l),
        gap: if open { words::gap(j, l) } else { String::new() },
        boxes: if typing { boxes(i, &s.filled, s.stage == Stage::Open, seer.kept, seer.at, l) } else { Vec::new() },
        parts: if open {
            j.parts
                .iter()
                .map(|p| {
                    let (class, text) = words::outcome(p.outcome, l);
                    (format!("{} {}", p.indicator.code, p.indicator.title), class, text)
                })
                .collect()
        } else {
            Vec::new()
        },
        note: s.last.as_ref().map(|l| l.note.clone()).filter(|_| seer.detailed).unwrap_or_default(),
        note_name: seer.officer.then(|| format!("n.{}", i.code)),
        seen: s.last.as_ref().map_or(0, |l| l.seq),
        tick: seer.reviewer && s.stage == Stage::Scored && criteria.may_appraise(seer.ctx, card.unit, owner),
        owner: owner.map(|o| o.department.clone()).or_else(|| i.owner.clone()).filter(|_| seer.detailed).unwrap_or_default(),
        evidence: seer.detailed.then(|| (Link { href: evidence_href, text: l.t("Minh chứng", "Evidence").to_owned() }, s.evidence)),
        warn,
        history: if seer.detailed { history.collect() } else { Vec::new() },
    }
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

struct At {
    unit: Uuid,
    year: i16,
}

async fn view(
    criteria: &Criteria,
    ctx: &Context,
    code: &str,
    at: &At,
    kept: &Kept,
    error: Option<&AppError>,
    notice: Option<Notice>,
) -> Result<Response, AppError> {
    let l = ctx.lang;
    let card = criteria.scorecard(ctx, code, at.unit, at.year).await?;
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
    let (officer, reviewer) = (figures.may(ctx, Role::Officer, at.unit), figures.may(ctx, Role::Reviewer, at.unit));
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
    let watched = watch(criteria.rules(), &judged);
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
    let unit_name = atlas.full_name(at.unit, card.traits.day);
    let title = format!("{unit_name} · {} {}", l.t("chấm điểm năm", "scores of"), at.year);
    let act_options = Act::ALL.map(|a| (a.word().to_owned(), l.t(a.label().0, a.label().1).to_owned()));
    let typed_in = |name: &str| kept.get(name).cloned().unwrap_or_default();
    let decision = if reviewer {
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
        shell,
    };
    Ok(with_status(page(&view), status))
}

fn at(criteria: &Criteria, ctx: &Context, unit: &str, year: &str) -> Result<At, AppError> {
    Ok(At { unit: read_unit(criteria, ctx, unit)?, year: read_year(year)? })
}

type Address = Path<(String, String, String)>;

/// `GET /criteria/{set}/scorecards/{unit}/{year}`
pub(super) async fn show(State(criteria): State<Criteria>, ctx: Context, Path((code, unit, year)): Address, params: Params) -> Result<Response, AppError> {
    let at = at(&criteria, &ctx, &unit, &year)?;
    view(&criteria, &ctx, &code, &at, &Kept::new(), None, done(ctx.lang, params.get("done").as_deref())).await
}

/// `POST /criteria/{set}/scorecards/{unit}/{year}`: scores what was filled in and what the figures say.
pub(super) async fn score(
    State(criteria): State<Criteria>,
    ctx: Context,
    Path((code, unit, year)): Address,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, AppError> {
    let at = at(&criteria, &ctx, &unit, &year)?;
    criteria.require_at(&ctx, Role::Officer, at.unit)?;
    let card = criteria.scorecard(&ctx, &code, at.unit, at.year).await?;
    let kept: Kept = form.iter().cloned().collect();
    let outcome = async {
        let mut list = Vec::new();
        for i in card.set.indicators() {
            let seen = kept.get(&format!("s.{}", i.code)).and_then(|s| s.parse().ok());
            let read = |i: &Indicator| kept.get(&format!("v.{}", i.code)).map(|text| typed::value(i, text)).transpose().map(Option::flatten);
            let given = read(i)?;
            let mut parts = BTreeMap::new();
            for p in &i.parts {
                if let Some(value) = read(p)? {
                    parts.insert(p.code.clone(), value);
                }
            }
            let note = kept.get(&format!("n.{}", i.code)).cloned().unwrap_or_default();
            // A box that was not on the page leaves its indicator alone.
            if seen.is_some() {
                list.push(Typed { indicator: i.code.clone(), given, parts, note, seen });
            }
        }
        criteria.score(&ctx, &code, at.unit, at.year, &list).await
    };
    let href = scorecard_href(&code, at.unit, at.year);
    match outcome.await {
        Ok(0) => Ok(see_other(&format!("{href}?done=nothing"))),
        Ok(_) => Ok(see_other(&format!("{href}?done=scored"))),
        Err(error) if in_form(&error) => view(&criteria, &ctx, &code, &at, &kept, Some(&error), None).await,
        Err(error) => Err(error),
    }
}

/// `POST …/appraise`: accepts or returns the ticked indicators.
pub(super) async fn appraise(
    State(criteria): State<Criteria>,
    ctx: Context,
    Path((code, unit, year)): Address,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, AppError> {
    let at = at(&criteria, &ctx, &unit, &year)?;
    let params = Params(form);
    let ticked = params.all("i");
    let verdict = if params.get("verdict").as_deref() == Some("return") { Verdict::Return(params.text("reason")) } else { Verdict::Accept };
    let word = if verdict == Verdict::Accept { "accepted" } else { "returned" };
    let outcome = if ticked.is_empty() {
        criteria.require_at(&ctx, Role::Reviewer, at.unit)?;
        Err(AppError::new("nothing_ticked", 422)
            .say("Chưa đánh dấu chỉ tiêu nào.", "Nothing is ticked.")
            .mend("Đánh dấu các chỉ tiêu cần thẩm định.", "Tick indicators."))
    } else {
        criteria.appraise(&ctx, &code, at.unit, at.year, &ticked, &verdict).await
    };
    match outcome {
        Ok(_) => Ok(see_other(&format!("{}?done={word}", scorecard_href(&code, at.unit, at.year)))),
        Err(error) if in_form(&error) || error.code == "evidence_missing" => view(&criteria, &ctx, &code, &at, &Kept::new(), Some(&error), None).await,
        Err(error) => Err(error),
    }
}

/// `POST …/recognise`: enters a decision.
pub(super) async fn recognise(
    State(criteria): State<Criteria>,
    ctx: Context,
    Path((code, unit, year)): Address,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, AppError> {
    let at = at(&criteria, &ctx, &unit, &year)?;
    criteria.require_at(&ctx, Role::Reviewer, at.unit)?;
    let params = Params(form.clone());
    let date = |name: &str| params.get(name).and_then(|text| text.parse().ok().or_else(|| lang::parse_date(&text).ok()));
    let outcome = async {
        let issued =
            date("issued").ok_or_else(|| AppError::new("decision_date", 422).say("Ngày quyết định chưa đúng.", "The date is not right.").at("issued"))?;
        let act = params.get("kind").and_then(|k| Act::from_word(&k)).unwrap_or(Act::Recognised);
        let new = NewDecision { act, number: params.text("number"), issued, issuer: params.text("issuer"), from: date("from"), note: params.text("note") };
        criteria.recognise(&ctx, &code, at.unit, new).await
    };
    match outcome.await {
        Ok(_) => Ok(see_other(&format!("{}?done=recognised", scorecard_href(&code, at.unit, at.year)))),
        Err(error) if in_form(&error) => view(&criteria, &ctx, &code, &at, &form.into_iter().collect(), Some(&error), None).await,
        Err(error) => Err(error),
    }
}
