use super::words::{decree, kind_word, percent, sentence};
use super::{Link, change_unknown, country, read_date, unit_href};
use crate::filter::Filter;
use crate::model::{Change, ChangeKind, Level, Part};
use crate::{Atlas, Places};
use access::Context;
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use lang::show::short_date;
use serde::Deserialize;
use std::collections::BTreeMap;
use ui::api::Cursor;
use ui::{AppError, Html, Lang, Notice, Shell, Tone, page};
use uuid::Uuid;

#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    decree: String,
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
    #[serde(default)]
    level: String,
    #[serde(default)]
    under: String,
    #[serde(default)]
    next: String,
}

struct Line {
    href: String,
    date: String,
    kind: &'static str,
    what: String,
    decree: String,
}

/// A choice of a select box.
struct Choice {
    value: String,
    label: String,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "changes.html")]
struct ListView {
    shell: Shell,
    asked: Asked,
    kinds: Vec<Choice>,
    levels: Vec<Choice>,
    decrees: Vec<Choice>,
    lines: Vec<Line>,
    days: Vec<(Link, usize)>,
    /// Name of the place that was asked for.
    under: String,
    next: Option<String>,
    csv: String,
}

const PAGE: usize = 50;

impl Asked {
    /// The filters as a query, without the cursor.
    fn query(&self) -> String {
        let pairs = [("kind", &self.kind), ("decree", &self.decree), ("from", &self.from), ("to", &self.to), ("level", &self.level), ("under", &self.under)];
        let full: Vec<String> = pairs.iter().filter(|p| !p.1.is_empty()).map(|(k, v)| format!("{k}={}", ui::percent_encode(v))).collect();
        full.join("&")
    }
}

/// `GET /places/changes`
pub(super) async fn list(State(places): State<Places>, ctx: Context, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let l = ctx.lang;
    let atlas = places.current().await;
    let day = |text: &str, at| if text.trim().is_empty() { Ok(None) } else { read_date(text, at).map(Some) };
    let mut notice = None;
    let under = match asked.under.trim() {
        "" => None,
        text => {
            match text.parse().ok().filter(|id| atlas.unit(*id).is_some()).or_else(|| atlas.find(text, ctx.today(), 1).into_iter().next().map(|h| h.unit)) {
                Some(unit) => Some(unit),
                None => {
                    notice = Some(Notice::new(Tone::Warn, format!("{} “{text}”", l.t("Không tìm thấy nơi", "No such place:"))));
                    None
                }
            }
        }
    };
    let filter = Filter {
        under,
        unit: None,
        level: Level::from_word(&asked.level),
        kind: ChangeKind::from_word(&asked.kind),
        decree: asked.decree.clone(),
        from: day(&asked.from, "from")?,
        to: day(&asked.to, "to")?,
    };
    let mut fitting: Vec<&Change> = atlas.changes().iter().filter(|c| filter.fits(&atlas, c)).collect();
    let mut per_day: BTreeMap<_, usize> = BTreeMap::new();
    for change in &fitting {
        *per_day.entry(change.effective).or_default() += 1;
    }
    let total = fitting.len();
    // The newest first; units of a higher level before others of the same day.
    let key = |c: &Change| {
        let top = c.parts.iter().flat_map(|p| [p.to, p.from]).flatten().filter_map(|u| atlas.unit(u)).map(|u| u.level).min().unwrap_or(Level::Village);
        [format!("{:08}", 99_999_999 - day_number(c.effective)), top.depth().to_string(), c.id.to_string()]
    };
    fitting.sort_by_cached_key(|c| key(c));
    let question = asked.query();
    let after = if asked.next.is_empty() { None } else { Some(Cursor::open(&asked.next, &question)?.parts::<3>().cloned().ok_or_else(Cursor::invalid)?) };
    let mut rest = fitting.into_iter().filter(|c| after.as_ref().is_none_or(|a| key(c) > *a));
    let shown: Vec<&Change> = rest.by_ref().take(PAGE).collect();
    let next = rest
        .next()
        .and(shown.last())
        .map(|last| format!("/places/changes?{question}{}next={}", if question.is_empty() { "" } else { "&" }, Cursor::new(key(last)).seal(&question)));
    let lines = shown.iter().map(|c| Line {
        href: format!("/places/changes/{}", c.id),
        date: short_date(c.effective),
        kind: kind_word(c.kind, l),
        what: sentence(&atlas, c, l),
        decree: c.decree.to_string(),
    });
    let mut decrees: Vec<&str> = atlas.changes().iter().map(|c| &*c.decree).filter(|d| !d.is_empty()).collect();
    decrees.sort_by_cached_key(|d| lang::sort_key(d));
    decrees.dedup();
    let title = match l {
        Lang::Vi => format!("{} thay đổi đơn vị", country::count(total, l)),
        Lang::En => format!("{} changes of units", country::count(total, l)),
    };
    let csv = format!("/api/v1/unit-changes?format=csv&limit=5000{}", api_filters(&asked, filter.under));
    let days = per_day.into_iter().rev().map(|(d, n)| (Link { href: format!("/places/changes?from={d}&to={d}"), text: short_date(d) }, n));
    let shell = ctx.shell(title).notice(notice).crumb(l.t("Địa bàn", "Places"), "/places").here(l.t("Thay đổi", "Changes"));
    Ok(page(&ListView {
        kinds: choices(&asked.kind, ChangeKind::ALL.map(|k| (k.word(), kind_word(k, l)))),
        levels: choices(&asked.level, [Level::Province, Level::District, Level::Commune, Level::Village].map(|v| (v.word(), l.t(v.label().0, v.label().1)))),
        decrees: choices(&asked.decree, decrees.iter().map(|d| (*d, *d))),
        lines: lines.collect(),
        days: days.collect(),
        under: filter.under.map(|u| atlas.placed_name(u, ctx.today())).unwrap_or_else(|| asked.under.clone()),
        next,
        csv,
        asked,
        shell,
    }))
}

fn api_filters(asked: &Asked, under: Option<Uuid>) -> String {
    let mut out = String::new();
    for (name, value) in [("kind", &asked.kind), ("decree", &asked.decree), ("from", &asked.from), ("to", &asked.to), ("level", &asked.level)] {
        if !value.is_empty() {
            out.push_str(&format!("&{name}={}", ui::percent_encode(value)));
        }
    }
    if let Some(under) = under {
        out.push_str(&format!("&under={under}"));
    }
    out
}

fn day_number(date: jiff::civil::Date) -> i64 {
    i64::from(date.year()) * 10_000 + i64::from(date.month()) * 100 + i64::from(date.day())
}

fn choices<'a>(chosen: &str, all: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<Choice> {
    all.into_iter().map(|(value, label)| Choice { value: value.to_owned(), label: label.to_owned(), chosen: value == chosen }).collect()
}

/// An edge of an event.
struct Edge {
    from: Option<Link>,
    to: Option<Link>,
    people: String,
    area: String,
    is_default: bool,
    divided: bool,
}

#[derive(Template)]
#[template(path = "change.html")]
struct ShowView {
    shell: Shell,
    kind: &'static str,
    date: String,
    future: bool,
    what: String,
    decree: String,
    source: String,
    note: String,
    edges: Vec<Edge>,
    /// Some unit was divided and nobody published how.
    unknown: bool,
    balance: Html,
    api: String,
    /// Where the shares can be completed, for those who may.
    shares: Option<String>,
}

/// `GET /places/changes/{id}`
pub(super) async fn show(State(places): State<Places>, ctx: Context, Path(id): Path<String>) -> Result<Response, AppError> {
    let l = ctx.lang;
    let atlas = places.current().await;
    let change = id.parse().ok().and_then(|id: Uuid| atlas.change(id)).ok_or_else(change_unknown)?;
    let edges = edges(&ctx, &atlas, change);
    let title = format!("{} · {}", kind_word(change.kind, l), short_date(change.effective));
    let shell = ctx.shell(title.clone()).crumb(l.t("Địa bàn", "Places"), "/places").crumb(l.t("Thay đổi", "Changes"), "/places/changes").here(title);
    Ok(page(&ShowView {
        kind: kind_word(change.kind, l),
        date: short_date(change.effective),
        future: change.effective > ctx.today(),
        what: sentence(&atlas, change, l),
        decree: decree(change),
        source: change.source.to_string(),
        note: change.note.to_string(),
        shares: (change.kind == ChangeKind::Divide && places.may_change(&ctx, &atlas, change)).then(|| format!("/admin/changes/{}/shares", change.id)),
        unknown: edges.iter().any(|e| e.divided && e.people.is_empty() && e.area.is_empty()),
        edges,
        balance: places.balance(&ctx, change, &atlas).await,
        api: format!("/api/v1/unit-changes/{}", change.id),
        shell,
    }))
}

fn edges(ctx: &Context, atlas: &Atlas, change: &Change) -> Vec<Edge> {
    let before = change.effective.yesterday().unwrap_or(change.effective);
    let after = |id: Uuid| if atlas.version(id, ctx.today()).is_some() { ctx.today().max(change.effective) } else { change.effective };
    let share = |part: Option<i64>| part.map(|m| percent(m, ctx.lang)).unwrap_or_default();
    // Units that only follow the one above them would hide what happened.
    let follows = |p: &&Part| p.from.is_some() && p.from == p.to && change.parts.iter().any(|o| o.from != o.to);
    let edge = |p: &Part| Edge {
        from: p.from.map(|id| Link { href: unit_href(ctx, id, before), text: atlas.placed_name(id, before) }),
        to: p.to.map(|id| Link { href: unit_href(ctx, id, after(id)), text: atlas.placed_name(id, change.effective) }),
        people: share(p.by_population),
        area: share(p.by_area),
        is_default: p.is_default,
        divided: change.parts.iter().filter(|o| o.from == p.from && o.to.is_some()).count() > 1,
    };
    let divided_itself = |p: &&Part| change.parts.iter().filter(|o| o.from == p.from).count() > 1;
    change.parts.iter().filter(|p| !follows(p) || divided_itself(p)).map(edge).collect()
}
