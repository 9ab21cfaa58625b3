//! What the address of a page asks for: measure, place, period, map. Helpful refusals for what does not exist.

use crate::catalog::Known;
use crate::service::{Ask, Figures, Tree};
use access::{Context, UnitDirectory};
use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use calendar::Period;
use places::{Atlas, Basis, Level, MapView};
use std::convert::Infallible;
use std::sync::Arc;
use ui::{AppError, Lang, percent_encode};
use uuid::Uuid;

/// The query of an address; anything is accepted, what is too long is cut.
#[derive(Clone, Debug, Default)]
pub(super) struct Params(Vec<(String, String)>);

impl Params {
    /// The last value given for a name, cleaned; none if empty.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        let (_, value) = self.0.iter().rev().find(|(key, value)| key == name && !value.trim().is_empty())?;
        Some(lang::clean(&value.chars().take(200).collect::<String>())).filter(|v| !v.is_empty())
    }

    pub(super) fn is(&self, name: &str, value: &str) -> bool {
        self.get(name).as_deref() == Some(value)
    }

    pub(super) fn page(&self) -> usize {
        self.get("page").and_then(|p| p.parse().ok()).filter(|p| (1..=10_000).contains(p)).unwrap_or(1)
    }
}

impl<S: Sync> FromRequestParts<S> for Params {
    type Rejection = Infallible;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Params, Infallible> {
        Ok(Params(Query::try_from_uri(&parts.uri).map(|Query(pairs)| pairs).unwrap_or_default()))
    }
}

/// An address with its query, in a fixed order of names so that the same view has the same address.
#[derive(Clone, Debug)]
pub(super) struct Href {
    path: String,
    pairs: Vec<(&'static str, String)>,
}

impl Href {
    pub(super) fn new(path: impl Into<String>) -> Href {
        Href { path: path.into(), pairs: Vec::new() }
    }
    /// With a value set; an empty one is left out.
    pub(super) fn with(&self, name: &'static str, value: impl Into<String>) -> Href {
        let (mut out, value) = (self.clone(), value.into());
        match out.pairs.iter_mut().find(|p| p.0 == name) {
            Some(pair) => pair.1 = value,
            None => out.pairs.push((name, value)),
        }
        out
    }
    /// The same question on another page.
    pub(super) fn at(&self, path: impl Into<String>) -> Href {
        Href { path: path.into(), pairs: self.pairs.clone() }
    }
    /// Names and values, for the hidden fields of a form.
    pub(super) fn fields(&self, but: &[&str]) -> Vec<(&'static str, String)> {
        self.pairs.iter().filter(|(name, value)| !value.is_empty() && !but.contains(name)).cloned().collect()
    }
}

impl std::fmt::Display for Href {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.path)?;
        for (nth, (name, value)) in self.pairs.iter().filter(|(_, value)| !value.is_empty()).enumerate() {
            write!(f, "{}{name}={}", if nth == 0 { '?' } else { '&' }, percent_encode(value))?;
        }
        Ok(())
    }
}

/// A question with its place, ready to be read.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    pub ask: Ask,
    pub place: Uuid,
    pub view: Arc<MapView>,
    pub atlas: Arc<Atlas>,
    pub lang: Lang,
}

impl Asked {
    /// Reads `unit`, `period` and `tree` for a measure.
    ///
    /// # Errors
    /// 404 `unknown_unit`, `unit_not_on_map`; 400 `wrong_period`, `future_period`; 404 `unknown_measure` for what the reader may not see.
    pub(super) fn read(f: &Figures, ctx: &Context, known: &Arc<Known>, params: &Params) -> Result<Asked, AppError> {
        Asked::of(f, ctx, known, params.get("unit").as_deref(), params.get("period").as_deref(), tree(params))
    }

    pub(super) fn of(f: &Figures, ctx: &Context, known: &Arc<Known>, unit: Option<&str>, period: Option<&str>, tree: Tree) -> Result<Asked, AppError> {
        let atlas = f.places().atlas();
        let given = period.map(|text| read_period(f, known, text)).transpose()?;
        let newest = given.or_else(|| f.recent_periods(known, 1).pop()).ok_or_else(|| wrong_period(""))?;
        let asked = |period: Period| {
            let ask = Ask { known: Arc::clone(known), period, tree };
            let view = f.view(&ask);
            (ask, view)
        };
        let (ask, view) = asked(newest);
        let place = match unit {
            None => atlas.nation().ok_or_else(|| unknown_unit(""))?,
            Some(text) => find_place(f, &atlas, &view, text).ok_or_else(|| unknown_unit(text))?,
        };
        if !f.may_see(ctx, known, place) {
            return Err(unknown_measure(&known.measure.def.code));
        }
        let on_map = |view: &MapView| view.has(place) || !view.members(place).is_empty();
        if on_map(&view) {
            return Ok(Asked { ask, place, view, atlas, lang: ctx.lang });
        }
        // A link to a unit that has ended, without a period, opens the last period in which it lived.
        if given.is_none() && tree == Tree::Then {
            for period in f.recent_periods(known, 40).into_iter().rev() {
                let (ask, view) = asked(period);
                if on_map(&view) {
                    return Ok(Asked { ask, place, view, atlas, lang: ctx.lang });
                }
            }
        }
        Err(not_on_map(&atlas, place, &view, f.map_day()))
    }

    pub(super) fn known(&self) -> &Arc<Known> {
        &self.ask.known
    }
    pub(super) fn level(&self) -> Option<Level> {
        self.view.level(self.place)
    }
    /// Name with its kind, on the map of the question.
    pub(super) fn full_name(&self, place: Uuid) -> String {
        full_name(&self.atlas, place, self.view.date(), self.lang)
    }
    /// Name without its kind where that is enough, with it for communes and wards.
    pub(super) fn name(&self, place: Uuid) -> String {
        match self.view.level(place) {
            Some(Level::Province | Level::District) => self.atlas.name(place, self.view.date()),
            _ => self.full_name(place),
        }
    }
    /// The dashboard of the same question, with the period said.
    pub(super) fn href(&self) -> Href {
        self.link(&format!("/measures/{}", self.known().measure.def.code), self.place)
    }
    /// A page about a place in the same period on the same map.
    pub(super) fn link(&self, path: &str, place: Uuid) -> Href {
        Href::new(path)
            .with("unit", self.token(place))
            .with("period", self.ask.period.to_string())
            .with("tree", if self.ask.tree == Tree::Today { "today" } else { "" })
    }
    /// How addresses name a place: its code where that leads back to it, else its id; nothing for the nation.
    pub(super) fn token(&self, place: Uuid) -> String {
        if Some(place) == self.atlas.nation() {
            return String::new();
        }
        if let Some(group) = self.atlas.group(place) {
            return group.code.clone();
        }
        let on = self.view.date();
        let code = self.atlas.version(place, on).and_then(|v| v.code.as_deref());
        match code {
            Some(code) if self.atlas.coded(code, None, on) == Some(place) => code.to_owned(),
            _ => place.to_string(),
        }
    }
    /// The figure's own page of reasons.
    pub(super) fn why(&self, place: Uuid) -> Href {
        let why = Href::new("/why").with("measure", self.known().measure.def.code.clone());
        let link = self.link("", place);
        link.fields(&[]).into_iter().fold(why, |why, (name, value)| why.with(name, value))
    }
}

pub(super) fn tree(params: &Params) -> Tree {
    if params.is("tree", "today") { Tree::Today } else { Tree::Then }
}

/// Name with its kind; groups in the reader's language.
pub(super) fn full_name(atlas: &Atlas, place: Uuid, on: jiff::civil::Date, lang: Lang) -> String {
    match atlas.group(place) {
        Some(group) if lang == Lang::En && !group.name_en.is_empty() => group.name_en.clone(),
        _ => atlas.full_name(place, on),
    }
}

/// A measure by its code, if the reader may know of it.
///
/// # Errors
/// 404 `unknown_measure`.
pub(super) fn measure(f: &Figures, ctx: &Context, code: &str) -> Result<Arc<Known>, AppError> {
    let catalog = f.catalog();
    catalog.coded(code).filter(|known| f.may_know(ctx, known)).map(Arc::clone).ok_or_else(|| unknown_measure(code))
}

/// A period of the measure's kind, or a longer one made of at most twelve; begun already.
fn read_period(f: &Figures, known: &Known, text: &str) -> Result<Period, AppError> {
    let period = Period::parse_vi(text).map_err(|_| wrong_period(text))?;
    let kind = known.measure.def.period;
    if !(1..=12).contains(&period.within(kind).len()) {
        return Err(AppError::new("wrong_period", 400)
            .say(
                format!("Chỉ tiêu này báo cáo theo {}, không có số của {}.", kind.label_vi(), period.label_vi()),
                format!("This measure is reported by {}; there are no figures for {}.", kind.label_en(), period.label_en()),
            )
            .mend(
                "Bỏ phần period khỏi địa chỉ để xem kỳ mới nhất, rồi chọn kỳ khác ở đó.",
                "Leave period out of the address to see the newest one, then choose there.",
            ));
    }
    if known.window(period).0 > f.clock().today() {
        return Err(AppError::new("future_period", 400)
            .say(format!("Chưa tới {}.", period.label_vi()), format!("{} has not begun yet.", period.label_en()))
            .mend("Chọn một kỳ đã bắt đầu.", "Choose a period that has begun."));
    }
    Ok(period)
}

fn wrong_period(text: &str) -> AppError {
    AppError::new("wrong_period", 400)
        .say(format!("“{text}” không phải là một kỳ báo cáo."), format!("“{text}” is not a reporting period."))
        .mend("Viết kỳ như 2026, 2026-H1, 2026-Q3, 2026-09, hoặc “quý III/2026”.", "Write a period like 2026, 2026-H1, 2026-Q3 or 2026-09.")
}

pub(super) fn unknown_measure(code: &str) -> AppError {
    let code: String = code.chars().take(60).collect();
    AppError::new("unknown_measure", 404)
        .say(format!("Không có chỉ tiêu nào mang mã “{code}”."), format!("There is no measure “{code}”."))
        .mend("Xem danh sách ở mục Số liệu, hoặc tìm theo tên ở ô tìm kiếm.", "See the list under Figures, or search by name.")
}

pub(super) fn unknown_unit(text: &str) -> AppError {
    AppError::new("unknown_unit", 404)
        .say(format!("Không tìm thấy nơi nào là “{text}”, hoặc có nhiều nơi cùng tên."), format!("No place is “{text}”, or several are."))
        .mend("Tìm nơi đó ở ô tìm kiếm rồi mở từ kết quả.", "Search for the place and open it from the results.")
}

fn not_on_map(atlas: &Atlas, place: Uuid, view: &MapView, today: jiff::civil::Date) -> AppError {
    let on = view.date();
    let name = atlas.full_name(place, on);
    let day = |d: jiff::civil::Date| lang::show::short_date(d);
    let unit = atlas.unit(place);
    let (from, to) = (unit.and_then(|u| u.from()), unit.and_then(|u| u.to()));
    let heirs = heirs(atlas, place, today).join(", ");
    let error = AppError::new("unit_not_on_map", 404);
    match (from, to.and_then(|d| d.yesterday().ok())) {
        (_, Some(end)) if end < on => error
            .say(
                format!("{name} đã kết thúc ngày {}; bản đồ của kỳ này là bản đồ ngày {}.", day(end), day(on)),
                format!("{name} ended on {}; this period is shown on the map of {}.", day(end), day(on)),
            )
            .mend(format!("Chọn một kỳ trước đó, hoặc xem nơi kế tục: {heirs}."), format!("Choose an earlier period, or see what took it over: {heirs}.")),
        (Some(begin), _) => error
            .say(
                format!("{name} chỉ có từ ngày {}; bản đồ của kỳ này là bản đồ ngày {}.", day(begin), day(on)),
                format!("{name} exists from {} only; this period is shown on the map of {}.", day(begin), day(on)),
            )
            .mend(
                "Chọn một kỳ sau đó, hoặc thêm tree=today để xem kỳ cũ trên bản đồ hôm nay.",
                "Choose a later period, or add tree=today to see the old period on today's map.",
            ),
        _ => error,
    }
}

/// Names of the units that took over an ended unit.
pub(super) fn heirs(atlas: &Atlas, place: Uuid, today: jiff::civil::Date) -> Vec<String> {
    let Some(end) = atlas.unit(place).and_then(|u| u.to()).filter(|to| *to <= today).and_then(|d| d.yesterday().ok()) else { return Vec::new() };
    let mut out: Vec<String> = atlas.heirs(place, end, today, Basis::Population).iter().map(|h| atlas.full_name(h.unit, today)).collect();
    out.dedup();
    out
}

/// A place by id, by code on the map in question (or the one unit that ever bore it), by code of a group, or by its full name.
fn find_place(f: &Figures, atlas: &Atlas, view: &MapView, text: &str) -> Option<Uuid> {
    if let Ok(id) = text.parse::<Uuid>() {
        return atlas.unit(id).map(|u| u.id).or_else(|| atlas.group(id).map(|g| g.id));
    }
    if let Some(group) = atlas.groups().iter().find(|g| g.code == text) {
        return Some(group.id);
    }
    if text.bytes().all(|b| b.is_ascii_digit()) {
        let on_map = atlas.coded(text, None, view.date());
        return on_map.or_else(|| match atlas.find(text, f.map_day(), 2).as_slice() {
            [only] => Some(only.unit),
            _ => None,
        });
    }
    UnitDirectory::find(f.places(), text, view.date()).map(|(id, _)| id)
}
