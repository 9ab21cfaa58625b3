//! Changes of units in words.

use super::{Link, unit_href, unit_link};
use crate::atlas::Atlas;
use crate::model::{Change, ChangeKind, Part};
use crate::search::lower_first;
use access::Context;
use jiff::civil::Date;
use lang::show::short_date;
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use ui::Lang;
use uuid::Uuid;

/// One unit of an event, with how much of it.
pub(super) struct Piece {
    pub link: Link,
    /// `toàn bộ`, `62,5% dân số`, `một phần, chưa rõ tỷ lệ`; empty where it goes without saying.
    pub share: String,
    /// Whether numbers carried over this edge are estimates.
    pub estimated: bool,
}

/// An event as one unit lived it.
pub(super) struct Event {
    pub href: String,
    pub date: String,
    pub kind: &'static str,
    pub decree: String,
    /// What happened: a sentence without links.
    pub what: String,
    /// Other units: where it came from or went to.
    pub pieces: Vec<Piece>,
    pub note: String,
}

pub(super) fn kind_word(kind: ChangeKind, l: Lang) -> &'static str {
    let (vi, en) = kind.label();
    l.t(vi, en)
}

/// Number and date of the decree: `NQ 1656/NQ-UBTVQH15, 16/06/2025`.
pub(super) fn decree(change: &Change) -> String {
    match change.decree_date {
        Some(date) if !change.decree.is_empty() => format!("{}, {}", change.decree, short_date(date)),
        _ => change.decree.to_string(),
    }
}

/// A share in millionths as `62,5%`.
pub(super) fn percent(millionths: i64, l: Lang) -> String {
    format!("{}%", l.number(Decimal::new(millionths, 4), 2))
}

/// How much of the unit before goes over an edge.
pub(super) fn share(change: &Change, part: &Part, l: Lang) -> (String, bool) {
    let siblings = change.parts.iter().filter(|p| p.from == part.from && p.to.is_some()).count();
    if siblings <= 1 {
        return (String::new(), false);
    }
    let mut known: Vec<String> = Vec::new();
    if let Some(people) = part.by_population {
        known.push(format!("{} {}", percent(people, l), l.t("dân số", "of the people")));
    }
    if let Some(area) = part.by_area {
        known.push(format!("{} {}", percent(area, l), l.t("diện tích", "of the area")));
    }
    if known.is_empty() {
        return (l.t("một phần, chưa rõ tỷ lệ", "a part, share not known").to_owned(), true);
    }
    (known.join(", "), true)
}

fn names(list: &[String], l: Lang) -> String {
    match list {
        [] => String::new(),
        [only] => only.clone(),
        [most @ .., last] => format!("{} {} {last}", most.join(", "), l.t("và", "and")),
    }
}

/// What happened to one unit that lived through a change.
fn lived_through(atlas: &Atlas, unit: Uuid, change: &Change, l: Lang) -> String {
    let before = change.effective.yesterday().unwrap_or(change.effective);
    let (Some(old), Some(new)) = (atlas.version(unit, before), atlas.version(unit, change.effective)) else { return String::new() };
    let mut said = Vec::new();
    if old.full_name != new.full_name {
        said.push(format!("{} → {}", old.full_name, new.full_name));
    } else if old.kind != new.kind {
        said.push(format!("{} → {}", old.kind, new.kind));
    }
    if old.parent != new.parent {
        let name = |id: Option<Uuid>, on| id.map(|id| lower_first(&atlas.full_name(id, on))).unwrap_or_default();
        let (from, to) = (name(old.parent, before), name(new.parent, change.effective));
        said.push(match l {
            Lang::Vi => format!("chuyển từ {from} sang trực thuộc {to}"),
            Lang::En => format!("moved from {from} to {to}"),
        });
    }
    if old.code != new.code {
        let code = |c: &Option<Box<str>>| c.as_deref().unwrap_or("–").to_owned();
        said.push(format!("{} {} → {}", l.t("mã", "code"), code(&old.code), code(&new.code)));
    }
    said.join("; ")
}

/// The events of a unit in order.
pub(super) fn events(ctx: &Context, atlas: &Atlas, unit: Uuid) -> Vec<Event> {
    let l = ctx.lang;
    let mut out = Vec::new();
    // Districts that ended under a province are one event there, not dozens.
    let mut ended: BTreeMap<Date, Vec<&Change>> = BTreeMap::new();
    for change in atlas.changes_of(unit) {
        if change.kind == ChangeKind::Abolish && change.parts.iter().all(|p| p.from != Some(unit)) {
            ended.entry(change.effective).or_default().push(change);
            continue;
        }
        let before = change.effective.yesterday().unwrap_or(change.effective);
        let piece = |id: Uuid, on: Date, part: &Part| {
            let (share, estimated) = share(change, part, l);
            Piece { link: Link { href: unit_href(ctx, id, on), text: atlas.placed_name(id, on) }, share, estimated }
        };
        let came: Vec<Piece> = change
            .parts
            .iter()
            .filter(|p| p.to == Some(unit))
            .filter_map(|p| Some((p, p.from.filter(|f| *f != unit)?)))
            .map(|(p, from)| piece(from, before, p))
            .collect();
        let went: Vec<Piece> = change
            .parts
            .iter()
            .filter(|p| p.from == Some(unit))
            .filter_map(|p| Some((p, p.to.filter(|t| *t != unit)?)))
            .map(|(p, to)| piece(to, change.effective.max(on_or_today(ctx, atlas, to, change.effective)), p))
            .collect();
        let make = |what: String, pieces: Vec<Piece>| Event {
            href: format!("/places/changes/{}", change.id),
            date: short_date(change.effective),
            kind: kind_word(change.kind, l),
            decree: decree(change),
            what,
            pieces,
            note: change.note.to_string(),
        };
        let (had, has) = (came.is_empty(), went.is_empty());
        if !had {
            out.push(make(l.t("Lập từ", "Made of").to_owned(), came));
        }
        if !has {
            let what = match change.kind {
                ChangeKind::Divide => l.t("Chia cho", "Divided among"),
                ChangeKind::Abolish => l.t("Kết thúc; việc chuyển về", "Ended; its work went to"),
                _ => l.t("Nhập vào", "Became part of"),
            };
            out.push(make(what.to_owned(), went));
        }
        if had && has {
            let lived = lived_through(atlas, unit, change, l);
            let plain = if lived.is_empty() { l.t("Kết thúc", "Ended").to_owned() } else { lived };
            out.push(make(plain, Vec::new()));
        }
    }
    for (day, changes) in ended {
        let what = match l {
            Lang::Vi => format!("{} đơn vị cấp dưới kết thúc, việc chuyển về đây", changes.len()),
            Lang::En => format!("{} units below ended, their work came here", changes.len()),
        };
        let first = changes.first();
        out.push(Event {
            href: format!("/places/changes?kind=abolish&from={day}&to={day}&under={unit}"),
            date: short_date(day),
            kind: kind_word(ChangeKind::Abolish, l),
            decree: first.map(|c| decree(c)).unwrap_or_default(),
            what,
            pieces: Vec::new(),
            note: String::new(),
        });
    }
    out
}

/// Today if the unit lives today, so that links lead to the present; the given day otherwise.
fn on_or_today(ctx: &Context, atlas: &Atlas, unit: Uuid, day: Date) -> Date {
    if atlas.version(unit, ctx.today()).is_some() { ctx.today() } else { day }
}

/// A change in one sentence: `Xã A, xã B và một phần xã C → Xã D`.
pub(super) fn sentence(atlas: &Atlas, change: &Change, l: Lang) -> String {
    let before = change.effective.yesterday().unwrap_or(change.effective);
    let mut from: Vec<(Uuid, String)> = Vec::new();
    let mut to: Vec<(Uuid, String)> = Vec::new();
    let follows = |p: &Part| p.from.is_some() && p.from == p.to && change.parts.iter().any(|o| o.from != o.to && o.from != p.from);
    for part in change.parts.iter().filter(|p| !follows(p)) {
        if let Some(id) = part.from
            && from.iter().all(|f| f.0 != id)
        {
            from.push((id, lower_first(&atlas.full_name(id, before))));
        }
        if let Some(id) = part.to
            && to.iter().all(|t| t.0 != id)
        {
            to.push((id, lower_first(&atlas.full_name(id, change.effective))));
        }
    }
    if let ([(one, _)], [(same, _)]) = (from.as_slice(), to.as_slice())
        && one == same
    {
        let lived = lived_through(atlas, *one, change, l);
        let name = atlas.placed_name(*one, change.effective);
        return if lived.starts_with("chuyển") || lived.starts_with("moved") { format!("{name}: {lived}") } else { lived };
    }
    let place = |list: Vec<(Uuid, String)>| names(&list.into_iter().map(|n| n.1).collect::<Vec<_>>(), l);
    let (from, to) = (place(from), place(to));
    match (from.is_empty(), to.is_empty()) {
        (false, false) => format!("{from} → {to}"),
        (false, true) => format!("{from} {}", l.t("kết thúc", "ends")),
        _ => format!("{} {to}", l.t("lập", "begins:")),
    }
}

/// The living heirs of a unit that has ended, with links to today.
pub(super) fn heirs(ctx: &Context, atlas: &Atlas, unit: Uuid, last: Date, on: Date) -> Vec<Piece> {
    let l = ctx.lang;
    let heirs = atlas.heirs(unit, last, on, crate::Basis::Population);
    let known = heirs.len() > 1;
    heirs
        .iter()
        .map(|h| Piece {
            link: Link { text: atlas.placed_name(h.unit, on), ..unit_link(ctx, atlas, h.unit, on) },
            share: if known { percent(h.share, l) } else { String::new() },
            estimated: h.estimated,
        })
        .collect()
}
