//! The thresholds of one indicator of a draft, each with the units and years that it holds for.

use super::draft::{Seen, drafted};
use super::{Params, bad, done, in_form, see_other, with_status, words};
use crate::Criteria;
use crate::flaw::Lines;
use crate::model::{Confidence, Indicator, Op, Scope, Set, Threshold};
use crate::service::unknown_indicator;
use access::Context;
use askama::Template;
use axum::extract::{Form, Path, State};
use axum::response::Response;
use places::{GroupKind, Level};
use ui::{AppError, Notice, Shell, page};

/// Empty rows to add thresholds.
const FRESH: usize = 2;
/// Rows of one indicator at most: eight regions, ten years.
const MOST: usize = 120;

struct Row {
    at: usize,
    title: String,
    region: String,
    group: String,
    flag: String,
    province: String,
    year: String,
    op: String,
    value: String,
    from: String,
    to: String,
    clause: String,
    document: String,
    above: String,
    percent: String,
}

/// What a scope is chosen from: value and name.
type Choices = Vec<(String, String)>;

#[derive(Template)]
#[template(path = "criteria_scopes.html")]
struct View {
    shell: Shell,
    set: String,
    code: String,
    title: String,
    unit: String,
    number: bool,
    rows: Vec<Row>,
    regions: Choices,
    groups: Choices,
    flags: Choices,
    provinces: Choices,
    ops: Vec<(&'static str, &'static str)>,
    flaws: Vec<String>,
    /// The draft as it was looked at, see [`Seen`].
    seen: i64,
}

fn view(criteria: &Criteria, ctx: &Context, (set, seen): (&Set, i64), i: &Indicator, error: Option<&AppError>, notice: Option<Notice>) -> Response {
    let l = ctx.lang;
    let atlas = criteria.figures().places().atlas();
    let of_kind = |kind: GroupKind| -> Choices {
        let groups = atlas.groups().iter().filter(|g| g.kind == kind);
        groups.map(|g| (g.code.clone(), l.t(&g.name_vi, &g.name_en).to_owned())).collect()
    };
    let today = ctx.today();
    // A province's own set is about that province already.
    let provinces: Choices = if set.province.is_some() {
        Vec::new()
    } else {
        let all = atlas.on(today).under(atlas.nation().unwrap_or_default(), Level::Province);
        let mut all: Choices = all.into_iter().map(|u| (u.to_string(), atlas.full_name(u, today))).collect();
        for text in i.thresholds.iter().filter_map(|t| t.province.clone()) {
            if !all.iter().any(|(id, _)| *id == text) {
                let day = jiff::civil::date(2024, 1, 1);
                all.push((text.clone(), atlas.full_name(crate::model::province_id(&text), day)));
            }
        }
        all
    };
    let number = |d: Option<rust_decimal::Decimal>| d.map(|v| lang::show::number_upto(v, 6)).unwrap_or_default();
    let date = |d: Option<jiff::civil::Date>| d.map(|d| d.to_string()).unwrap_or_default();
    let row = |at: usize, t: &Threshold, title: String| Row {
        at,
        title,
        region: t.region.clone().unwrap_or_default(),
        group: t.group.clone().unwrap_or_default(),
        flag: t.flag.clone().unwrap_or_default(),
        province: t.province.clone().unwrap_or_default(),
        year: t.year.map(|y| y.to_string()).unwrap_or_default(),
        op: t.op.or(i.op).map_or("", Op::sign).to_owned(),
        value: t.value.map_or_else(|| t.expected.clone().unwrap_or_default(), |v| number(Some(v))),
        from: date(t.from),
        to: date(t.to),
        clause: t.clause.clone().unwrap_or_default(),
        document: t.document.clone().unwrap_or_default(),
        above: t.above.clone().unwrap_or_default(),
        percent: number(t.percent),
    };
    let known = i.thresholds.iter().enumerate().map(|(n, t)| row(n, t, words::scope(t, &atlas, l)));
    let empty = Threshold::default();
    let fresh = (i.thresholds.len()..i.thresholds.len() + FRESH).map(|n| row(n, &empty, l.t("Mức mới", "A new threshold").to_owned()));
    let mut shell = ctx
        .shell(format!("{} {} · {}", l.t("Mức của chỉ tiêu", "Thresholds of"), i.code, set.title(l)))
        .noindex()
        .notice(error.and_then(|e| bad(ctx, e)).or(notice))
        .crumb(l.t("Bộ tiêu chí", "Sets of criteria"), "/criteria")
        .crumb(l.t("Soạn", "Compose"), "/admin/criteria")
        .crumb(set.code.clone(), format!("/admin/criteria/{}", set.code))
        .here(i.code.clone());
    shell.path = address(&set.code, &i.code);
    let own = |flaw: &&crate::flaw::Flaw| {
        let at = flaw.at;
        let found = set.criteria.get(at.criterion.unwrap_or(usize::MAX)).and_then(|c| c.indicators.get(at.indicator.unwrap_or(usize::MAX)));
        let found = at.part.map_or(found, |p| found.and_then(|i| i.parts.get(p)));
        found.is_some_and(|f| f.code == i.code)
    };
    let flaws = criteria.flaws(set, &Lines::default());
    let view = View {
        set: set.code.clone(),
        code: i.code.clone(),
        title: i.title.clone(),
        unit: i.unit.clone(),
        number: i.kind.is_number(),
        rows: known.chain(fresh).collect(),
        regions: of_kind(GroupKind::Region),
        groups: of_kind(GroupKind::CommuneGroup),
        flags: of_kind(GroupKind::Flag),
        provinces,
        ops: Op::ALL.iter().map(|o| (o.sign(), o.shown())).collect(),
        flaws: flaws.iter().filter(own).map(|f| f.says(l)).collect(),
        seen,
        shell,
    };
    with_status(page(&view), error.map_or(200, |e| e.status))
}

pub(super) fn address(set: &str, code: &str) -> String {
    format!("/admin/criteria/{set}/thresholds/{}", ui::percent_encode(code))
}

/// `GET /admin/criteria/{set}/thresholds/{indicator}`
pub(super) async fn show(
    State(criteria): State<Criteria>,
    ctx: Context,
    Path((set, code)): Path<(String, String)>,
    params: Params,
) -> Result<Response, AppError> {
    let (set, seen) = drafted(&criteria, &set).await?;
    criteria.require_keeper(&ctx, criteria.keeper(&set))?;
    let i = set.indicator(&code).ok_or_else(|| unknown_indicator(&code))?;
    Ok(view(&criteria, &ctx, (&set, seen.at), i, None, done(ctx.lang, params.get("done").as_deref())))
}

/// The thresholds as the form has them; what it does not show stays with the row it was at. A row without a level is dropped.
fn rows(i: &Indicator, form: &Params) -> Result<Vec<Threshold>, AppError> {
    let mut out = Vec::new();
    for n in 0..(i.thresholds.len() + FRESH).min(MOST) {
        let get = |name: &str| form.get(&format!("t.{n}.{name}"));
        let wrong = |vi: &str, en: &str, name: &str| {
            AppError::new("level_value", 422).say(format!("Dòng {}: {vi}", n + 1), format!("Row {}: {en}", n + 1)).at(format!("t.{n}.{name}"))
        };
        let (value, above) = (get("value"), get("above"));
        if value.is_none() && above.is_none() {
            continue;
        }
        let number = |name: &str| -> Result<Option<rust_decimal::Decimal>, AppError> {
            let read = |text: String| lang::parse_number(&text, lang::NumberHints::default()).map(|n| n.value);
            get(name).map(read).transpose().map_err(|_| wrong("mức phải là số, viết như 12,5.", "the threshold must be a number such as 12,5.", name))
        };
        let day = |name: &str| -> Result<Option<jiff::civil::Date>, AppError> {
            let read = |text: String| text.parse().or_else(|_| lang::parse_date(&text));
            get(name).map(read).transpose().map_err(|_| wrong("ngày chưa đúng, viết như 30/6/2026.", "the date is not right, write 30/6/2026.", name))
        };
        let year = get("year").map(|text| text.parse::<i16>().ok().filter(|y| (2000..=2100).contains(y)));
        let year = match year {
            Some(None) => return Err(wrong("năm viết như 2026.", "the year is written 2026.", "year")),
            other => other.flatten(),
        };
        let is_number = i.kind.is_number() || above.is_some();
        let old = i.thresholds.get(n).cloned().unwrap_or_else(|| Threshold { confidence: Confidence::Official, ..Threshold::default() });
        out.push(Threshold {
            op: is_number.then(|| get("op").and_then(|o| Op::from_sign(&o)).or(i.op).unwrap_or(Op::AtLeast)),
            value: if is_number && above.is_none() { number("value")? } else { None },
            expected: if is_number { None } else { value },
            percent: if above.is_some() { number("percent")? } else { None },
            above,
            region: get("region"),
            group: get("group"),
            flag: get("flag"),
            province: if form.0.iter().any(|(name, _)| *name == format!("t.{n}.province")) { get("province") } else { old.province.clone() },
            year,
            from: day("from")?,
            to: day("to")?,
            clause: get("clause"),
            document: get("document"),
            ..old
        });
    }
    Ok(out)
}

/// By what the thresholds of an indicator differ; what the document says stays where none differs yet.
fn differ_by(thresholds: &[Threshold], before: Scope) -> Scope {
    let any = |pick: fn(&Threshold) -> bool| thresholds.iter().any(pick);
    if any(|t| t.region.is_some() && t.year.is_some()) {
        Scope::RegionYear
    } else if any(|t| t.region.is_some()) {
        Scope::Region
    } else if any(|t| t.group.is_some()) {
        Scope::CommuneGroup
    } else {
        before
    }
}

/// `POST /admin/criteria/{set}/thresholds/{indicator}`
pub(super) async fn save(
    State(criteria): State<Criteria>,
    ctx: Context,
    Path((set, code)): Path<(String, String)>,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, AppError> {
    let (mut set, now) = drafted(&criteria, &set).await?;
    let owner = criteria.keeper(&set);
    criteria.require_keeper(&ctx, owner)?;
    let before = set.indicator(&code).ok_or_else(|| unknown_indicator(&code))?.clone();
    let form = Params(form);
    let seen = Seen::of(&form);
    let outcome = match rows(&before, &form) {
        Ok(thresholds) => {
            let all = set.criteria.iter_mut().flat_map(|c| &mut c.indicators);
            let found = all.flat_map(|i| if i.code == code { vec![i] } else { i.parts.iter_mut().filter(|p| p.code == code).collect() }).next();
            if let Some(i) = found {
                i.levels_by = differ_by(&thresholds, i.levels_by);
                i.thresholds = thresholds;
            }
            criteria.save_draft_seen(&ctx, set.clone(), owner, seen).await.map(drop)
        }
        Err(error) => Err(error),
    };
    match outcome {
        Ok(()) => Ok(see_other(&format!("{}?done=saved", address(&set.code, &code)))),
        Err(error) if error.code == "draft_changed" => {
            let (newest, seen) = drafted(&criteria, &set.code).await?;
            let i = newest.indicator(&code).ok_or_else(|| unknown_indicator(&code))?;
            Ok(view(&criteria, &ctx, (&newest, seen.at), i, Some(&error), None))
        }
        Err(error) if in_form(&error) => Ok(view(&criteria, &ctx, (&set, seen.unwrap_or(now.at)), &before, Some(&error), None)),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Kind;

    #[test]
    fn a_row_is_read_as_it_was_shown_and_an_empty_one_is_dropped() {
        let mut i = Indicator::new("15.1", "Bảo hiểm y tế", Kind::Percent);
        i.thresholds = vec![Threshold { op: Some(Op::AtLeast), value: Some(95.into()), note: Some("giữ".into()), ..Threshold::default() }];
        let form = |pairs: &[(&str, &str)]| Params(pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect());
        let read =
            rows(&i, &form(&[("t.0.value", "95"), ("t.0.op", ">="), ("t.1.value", "97,5"), ("t.1.region", "tay_nguyen"), ("t.1.year", "2027")])).unwrap();
        assert_eq!(read.len(), 2);
        assert_eq!((read[0].value, read[0].note.as_deref()), (Some(95.into()), Some("giữ")));
        assert_eq!(
            (read[1].value, read[1].region.as_deref(), read[1].year, read[1].op),
            ("97.5".parse().ok(), Some("tay_nguyen"), Some(2027), Some(Op::AtLeast))
        );
        assert_eq!(differ_by(&read, Scope::National), Scope::RegionYear);
        assert!(rows(&i, &form(&[("t.0.value", "")])).unwrap().is_empty());
        for (name, value) in [("t.0.value", "nhiều"), ("t.0.year", "26"), ("t.0.from", "hôm qua")] {
            let mut pairs = vec![("t.0.value", "95")];
            pairs.push((name, value));
            assert_eq!(rows(&i, &form(&pairs)).unwrap_err().code, "level_value", "{name}");
        }
    }
}
