//! `/rehearsal`: the page with its sliders, what it says live, the annex in Word, and scenarios that are kept and compared.

mod map;
mod result;
mod scenarios;
mod show;
mod units;
mod word;

use super::moves::{Move, Moved, Scope};
use super::scenario::{Question, refused};
use super::score::Reading;
use crate::Criteria;
use access::{Context, Need, Role, Routes};
use rust_decimal::Decimal;
use ui::{AppError, Lang};

/// Pages of the rehearsal.
pub fn routes() -> Routes<Criteria> {
    let viewer = Need::Role(Role::Viewer);
    Routes::new()
        .get("/rehearsal", viewer, show::show)
        .get("/rehearsal/live", viewer, show::live)
        .get("/rehearsal/units", viewer, units::show)
        .get("/rehearsal/annex.docx", viewer, word::annex)
        .get("/rehearsal/scenarios", viewer, scenarios::list)
        .post("/rehearsal/scenarios", viewer, scenarios::keep)
        .post("/rehearsal/scenarios/{scenario}/remove", viewer, scenarios::remove)
}

/// Pairs of an address or a form.
type Pairs = Vec<(String, String)>;

fn one<'a>(pairs: &'a Pairs, name: &str) -> &'a str {
    pairs.iter().rev().find(|(n, _)| n == name).map_or("", |(_, value)| value.trim())
}

/// The question of an address or form. Moves stand in `m` as text, or come from the controls of the page: `s.8.4` how far a slider
/// was moved, `v.8.4` a threshold typed, `d.8.4` an indicator left out; `scope` says for whom the controls are.
fn question(criteria: &Criteria, ctx: &Context, pairs: &Pairs) -> Result<Question, AppError> {
    let mut moves: Vec<Move> = Vec::new();
    for (_, text) in pairs.iter().filter(|(name, value)| name == "m" && !value.trim().is_empty()) {
        moves.push(text.parse().map_err(|p| refused(&p))?);
    }
    let scope = match one(pairs, "scope") {
        "" => Scope::All,
        scope => format!("1:x@{scope}").parse::<Move>().map_err(|p| refused(&p))?.scope,
    };
    for (name, value) in pairs {
        let value = value.trim();
        let Some((kind, code)) = name.split_once('.').filter(|_| !value.is_empty()) else { continue };
        let text = match kind {
            "s" => {
                let by: Decimal = value.replace(',', ".").parse().unwrap_or_default();
                if by.is_zero() {
                    continue;
                }
                format!("{code}:{}{value}", if value.starts_with(['-', '+']) { "" } else { "+" })
            }
            "v" => format!("{code}:={value}"),
            "d" => format!("{code}:x"),
            _ => continue,
        };
        let read: Move = text.parse().map_err(|p| refused(&p))?;
        let scope = if read.moved == Moved::Out { Scope::All } else { scope.clone() };
        moves.retain(|m| !(m.indicator == read.indicator && m.scope == scope));
        moves.push(Move { scope, ..read });
    }
    let set = match one(pairs, "set") {
        "" => criteria.rehearsable(ctx.lang).into_iter().next().map(|(code, ..)| code).unwrap_or_default(),
        code => code.to_owned(),
    };
    let year = match one(pairs, "year") {
        "" => usual_year(criteria, &set, ctx.today().year()),
        text => text.parse::<i16>().ok().filter(|y| (2000..=2100).contains(y)).ok_or_else(|| {
            AppError::new("unknown_period", 404).say("Không có năm này.", "There is no such year.").mend("Năm viết như 2025.", "Years are written 2025.")
        })?,
    };
    Ok(Question { set, against: one(pairs, "against").to_owned(), year, reading: Reading::parse(one(pairs, "reading")).unwrap_or_default(), moves })
}

/// The last full year, or the year nearest to it in which the set is in force.
fn usual_year(criteria: &Criteria, set: &str, now: i16) -> i16 {
    let last = now - 1;
    let Some((set, _)) = super::desk::find(criteria, set) else { return last };
    let (from, to) = (set.effective_from.map_or(last, |d| d.year()), set.effective_to.map_or(last, |d| d.year()));
    if from > last { from.min(now) } else { last.min(to) }
}

/// The address of a question below a path.
fn href(path: &str, q: &Question) -> String {
    let mut out = format!("{path}?set={}&year={}&reading={}", ui::percent_encode(&q.set), q.year, q.reading.word());
    if !q.against.is_empty() {
        out.push_str(&format!("&against={}", ui::percent_encode(&q.against)));
    }
    for m in &q.moves {
        out.push_str(&format!("&m={}", ui::percent_encode(&m.to_string())));
    }
    out
}

/// A move in words.
fn said(criteria: &Criteria, m: &Move, l: Lang) -> String {
    let what = match m.moved {
        Moved::By(by) if by.is_sign_negative() => format!("{} {}", l.t("hạ mức", "lowered by"), l.number(by.abs(), 2)),
        Moved::By(by) => format!("{} {}", l.t("nâng mức", "raised by"), l.number(by, 2)),
        Moved::To(op, value) => format!("{} {}{}", l.t("đặt mức", "set to"), op.map(|o| format!("{} ", o.shown())).unwrap_or_default(), l.number(value, 2)),
        Moved::Out => l.t("bỏ ra khỏi bộ", "left out").to_owned(),
    };
    let whom = match &m.scope {
        Scope::All => String::new(),
        Scope::Region(code) | Scope::Group(code) => format!(", {}", group_name(criteria, code, l)),
        Scope::Province(id) => {
            let figures = criteria.figures();
            format!(", {}", figures.places().atlas().full_name(*id, figures.clock().today()))
        }
    };
    format!("{} {}: {what}{whom}", l.t("Chỉ tiêu", "Indicator"), m.indicator)
}

/// The name of a region or group by its code.
fn group_name(criteria: &Criteria, code: &str, l: Lang) -> String {
    let atlas = criteria.figures().places().atlas();
    atlas
        .groups()
        .iter()
        .find(|g| g.code == code)
        .map_or_else(|| code.to_owned(), |g| if g.name_en.is_empty() { g.name_vi.clone() } else { l.t(&g.name_vi, &g.name_en).to_owned() })
}
