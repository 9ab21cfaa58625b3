//! `/criteria/{set}`: a set with all its thresholds, amendments and versions.

use super::{Link, Params, done, words};
use crate::model::{Indicator, Set};
use crate::{Criteria, slots};
use access::{Context, db_error};
use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use lang::show::short_date;
use places::Atlas;
use ui::{AppError, Lang, Shell, page};

struct Level {
    value: String,
    scope: String,
    clause: String,
    doubt: Option<&'static str>,
    source: String,
    page: Option<Link>,
}

struct Item {
    code: String,
    title: String,
    doubt: Option<&'static str>,
    kind: String,
    by: &'static str,
    levels: Vec<Level>,
    was: Vec<(String, String)>,
    notes: Vec<String>,
    evidence: bool,
    figure: Option<String>,
    dashboard: String,
    parts: Vec<(String, String)>,
}

struct Block {
    number: String,
    title: String,
    group: String,
    note: String,
    items: Vec<Item>,
}

struct Version {
    number: i64,
    by: String,
    at: String,
}

#[derive(Template)]
#[template(path = "criteria_set.html")]
struct View {
    shell: Shell,
    code: String,
    facts: Vec<(&'static str, String)>,
    notes: Vec<String>,
    amendments: Vec<(String, String, String)>,
    rules: Vec<String>,
    groups: Vec<(String, String)>,
    observed: Vec<(String, String, String)>,
    blocks: Vec<Block>,
    versions: Vec<Version>,
    known: usize,
    of: usize,
    whole: bool,
    years: Vec<Link>,
    keep: Option<String>,
    whole_dashboard: String,
}

fn item(set: &Set, i: &Indicator, atlas: &Atlas, shelf: &crate::Shelf, l: Lang) -> Item {
    let levels = i
        .thresholds
        .iter()
        .map(|t| {
            let entered = shelf.entered.iter().find(|e| e.set == set.code && e.indicator == i.code && e.ended.is_none() && e.threshold == *t);
            Level {
                value: words::threshold(t, &i.unit, l),
                scope: words::scope(t, atlas, l),
                clause: [t.document.clone(), t.clause.clone(), t.note.clone()].into_iter().flatten().collect::<Vec<_>>().join(", "),
                doubt: words::doubt(t.confidence, l),
                source: t.source.clone().unwrap_or_default(),
                page: entered.and_then(|e| e.file.as_ref()).map(|(name, hash)| Link { href: format!("/criteria/annex/{hash}"), text: name.clone() }),
            }
        })
        .collect();
    let mut notes: Vec<String> = Vec::new();
    if let Some(text) = &i.applies_if {
        notes.push(format!("{} {text}", l.t("Chỉ áp dụng khi", "Only if")));
    }
    if let Some(text) = &i.guidance {
        notes.push(format!("{} {text}", l.t("Hướng dẫn:", "Guidance:")));
    }
    if let Some(text) = &i.owner {
        notes.push(format!("{} {text}", l.t("Cơ quan chủ trì:", "Department:")));
    }
    if let Some(text) = &i.refers_to {
        notes.push(format!("{} {text}", l.t("Dẫn chiếu bộ", "Refers to")));
    }
    notes.extend(i.note.clone());
    let former = |f: &crate::model::Former| {
        let title = f.title.clone().unwrap_or_else(|| l.t("(tên trước sửa đổi chưa rõ)", "(earlier title not known)").to_owned());
        (format!("{} {}", l.t("đến hết", "until"), short_date(f.until)), title)
    };
    Item {
        code: i.code.clone(),
        title: i.title.clone(),
        doubt: words::doubt(i.confidence, l),
        kind: format!(
            "{}{}",
            l.t(i.kind.label().0, i.kind.label().1),
            if i.unit.is_empty() || i.unit == "%" { String::new() } else { format!(" ({})", i.unit) }
        ),
        by: l.t(i.levels_by.label().0, i.levels_by.label().1),
        levels,
        was: i.was.iter().map(former).collect(),
        notes,
        evidence: i.evidence,
        figure: i.measure.clone(),
        dashboard: format!("/measures/{}", set.measure_code(Some(&i.code))),
        parts: i.parts.iter().map(|p| (p.code.clone(), p.title.clone())).collect(),
    }
}

/// `GET /criteria/{set}`
pub(super) async fn show(State(criteria): State<Criteria>, ctx: Context, Path(code): Path<String>, params: Params) -> Result<Response, AppError> {
    let l = ctx.lang;
    let shelf = criteria.current().await;
    let newest = criteria.set(&code)?;
    let set = params.get("version").and_then(|v| v.parse().ok()).and_then(|v| shelf.library.version(&code, v).cloned()).unwrap_or(newest);
    let atlas = criteria.figures().places().atlas();
    let blocks = set
        .criteria
        .iter()
        .map(|c| Block {
            number: c.number.clone(),
            title: c.title.clone(),
            group: c.group.clone(),
            note: c.note.clone().unwrap_or_default(),
            items: c.indicators.iter().map(|i| item(&set, i, &atlas, &shelf, l)).collect(),
        })
        .collect();
    let mut facts = vec![
        (l.t("Văn bản", "Document"), set.document.clone()),
        (l.t("Cơ quan ban hành", "Issued by"), set.authority.clone()),
        (l.t("Hiệu lực", "In force"), words::days(&set, l)),
        (l.t("Chấm cho", "For"), if set.kinds.is_empty() { l.t(set.level.label().0, set.level.label().1).to_owned() } else { set.kinds.join(", ") }),
        (l.t("Danh hiệu", "Rank"), l.t(set.rank.label().0, set.rank.label().1).to_owned()),
        (l.t("Địa bàn", "Area"), set.area.clone().unwrap_or_else(|| l.t("cả nước", "the country").to_owned())),
        (l.t("Phải đạt trước", "Requires"), set.requires.join(", ")),
        (l.t("Dựa trên", "Based on"), set.based_on.clone().unwrap_or_default()),
        (l.t("Nguồn", "Source"), set.source.clone().unwrap_or_default()),
    ];
    facts.retain(|(_, value)| !value.is_empty());
    let all = slots(&set);
    let years = crate::store::assess::years(criteria.db()).await.map_err(db_error)?;
    let view = View {
        code: code.clone(),
        facts,
        notes: set.note.iter().cloned().collect(),
        amendments: set.amendments.iter().map(|a| (a.document.clone(), short_date(a.date), a.note.clone().unwrap_or_default())).collect(),
        rules: set
            .region_rules
            .iter()
            .map(|r| {
                let name =
                    |code: &str| atlas.groups().iter().find(|g| g.code == code).map_or_else(|| code.to_owned(), |g| l.t(&g.name_vi, &g.name_en).to_owned());
                format!("{} {} {} ({} {})", name(&r.flag), l.t("áp dụng mức của vùng", "is judged by the thresholds of"), name(&r.region), r.document, r.clause)
            })
            .collect(),
        groups: set.commune_groups.iter().map(|g| (g.title.clone(), g.rule.clone())).collect(),
        observed: set
            .observed
            .iter()
            .map(|o| {
                (
                    o.title.clone(),
                    format!(
                        "{}{}{}",
                        o.op.as_ref().map(|o| format!("{o} ")).unwrap_or_default(),
                        o.value,
                        words::unit_of(o.unit.as_deref().unwrap_or_default())
                    ),
                    o.village.clone(),
                )
            })
            .collect(),
        blocks,
        versions: criteria.versions(&code).into_iter().map(|(s, by, at)| Version { number: s.version, by, at: words::moment(at) }).collect(),
        known: all.iter().filter(|s| s.known.is_some()).count(),
        of: all.len(),
        whole: set.is_whole(),
        years: years
            .into_iter()
            .filter(|(c, ..)| *c == code)
            .map(|(c, year, n)| Link {
                href: format!("/criteria/{c}/matrix?year={year}"),
                text: format!("{} {year} ({} {})", l.t("Năm", "Year"), l.number(n.into(), 0), l.t("đơn vị", "units")),
            })
            .collect(),
        keep: criteria.may_keep(&ctx, &set).then(|| format!("/admin/criteria/{code}")),
        whole_dashboard: format!("/measures/{}", set.measure_code(None)),
        shell: ctx
            .shell(set.title(l))
            .describe(format!("{} {}", set.title(l), set.document))
            .notice(done(l, params.get("done").as_deref()))
            .crumb(l.t("Bộ tiêu chí", "Sets of criteria"), "/criteria")
            .here(set.title(l)),
    };
    Ok(page(&view))
}
