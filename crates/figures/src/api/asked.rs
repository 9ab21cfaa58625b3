//! What a request names: measures, places, periods and trees, found or refused with a stable code.

use crate::catalog::{Catalog, Known};
use crate::service::{Figures, Tree};
use access::{Context, Role};
use calendar::Period;
use jiff::civil::Date;
use places::{Atlas, Level};
use std::sync::Arc;
use ui::AppError;
use ui::api::Query;
use uuid::Uuid;

/// The name of the country where a unit is asked for; it has no official code.
const NATION: &str = "vn";

/// Levels as written in addresses.
pub(super) const LEVELS: [&str; 5] = ["nation", "province", "district", "commune", "village"];
/// Trees as written in addresses.
pub(super) const TREES: [&str; 2] = ["then", "today"];

/// A measure by code or id. One that is not public does not exist for the public.
pub(super) fn measure<'a>(figures: &Figures, ctx: &Context, catalog: &'a Catalog, code: &str) -> Result<&'a Arc<Known>, AppError> {
    catalog.coded(code).filter(|known| figures.may_know(ctx, known)).ok_or_else(|| unknown_measure(code))
}

pub(super) fn unknown_measure(code: &str) -> AppError {
    let code: String = code.chars().take(60).collect();
    AppError::new("unknown_measure", 404)
        .say(format!("Không có chỉ tiêu “{code}”."), format!("There is no measure “{code}”."))
        .mend("Xem các mã chỉ tiêu ở /api/v1/measures.", "The codes are listed at /api/v1/measures.")
        .at("measure")
}

/// A unit or group by id, official code on a day, code of a group, or `vn` for the country.
pub(super) fn place(atlas: &Atlas, text: &str, level: Option<Level>, on: Date) -> Result<Uuid, AppError> {
    if let Ok(id) = text.parse::<Uuid>() {
        return if atlas.unit(id).is_some() || atlas.group(id).is_some() { Ok(id) } else { Err(unknown_unit(text, on)) };
    }
    if text.eq_ignore_ascii_case(NATION) {
        return atlas.nation().ok_or_else(|| unknown_unit(text, on));
    }
    let group = || atlas.groups().iter().find(|g| g.code == text).map(|g| g.id);
    atlas.coded(text, level, on).or_else(group).ok_or_else(|| unknown_unit(text, on))
}

pub(super) fn unknown_unit(text: &str, on: Date) -> AppError {
    let text: String = text.chars().take(60).collect();
    AppError::new("unknown_unit", 404)
        .say(format!("Ngày {} không có nơi nào mang mã “{text}”.", lang::show::short_date(on)), format!("No place has the code “{text}” on {on}."))
        .mend("Tìm nơi theo tên, mã hoặc ngày ở /api/v1/units.", "Look it up by name, code or date at /api/v1/units.")
        .at("unit")
}

/// A period such as `2026-Q3`.
pub(super) fn period(text: &str) -> Result<Period, AppError> {
    text.parse().map_err(|_| {
        AppError::new("bad_period", 400)
            .say("Kỳ chưa đúng.", "The period is not right.")
            .mend("Viết như 2026, 2026-H1, 2026-9M, 2026-Q3, 2026-06 hoặc 2026-06-14.", "Write 2026, 2026-H1, 2026-9M, 2026-Q3, 2026-06 or 2026-06-14.")
            .at("period")
    })
}

/// Refuses a period that is neither the measure's own length nor a longer one made of whole ones.
pub(super) fn fits(known: &Known, period: Period) -> Result<(), AppError> {
    let def = &known.measure.def;
    if known.measure.takes(period) || !period.within(def.period).is_empty() {
        return Ok(());
    }
    Err(AppError::new("wrong_period", 400)
        .say(
            format!("Chỉ tiêu {} báo cáo theo {}, không chia nhỏ được thành {}.", def.code, def.period.label_vi(), period.label_vi()),
            format!("{} is reported by {}; it cannot be read for {}.", def.code, def.period.label_en(), period.label_en()),
        )
        .mend("Hỏi kỳ bằng hoặc dài hơn kỳ của chỉ tiêu.", "Ask for a period of that length or a longer one.")
        .at("period"))
}

/// The period asked for, or the newest one of the measure that has ended.
pub(super) fn period_or_newest(figures: &Figures, known: &Known, asked: Option<Period>) -> Result<Period, AppError> {
    let period = asked.or_else(|| figures.recent_periods(known, 1).pop()).ok_or_else(|| AppError::new("bad_period", 400).at("period"))?;
    fits(known, period)?;
    Ok(period)
}

/// The tree asked for; as it was then, unless said otherwise.
pub(super) fn tree(query: &Query) -> Result<Tree, AppError> {
    let read = |word: &str| match word {
        "then" => Some(Tree::Then),
        "today" => Some(Tree::Today),
        _ => None,
    };
    Ok(query.word("tree", &TREES, read)?.unwrap_or_default())
}

/// The level asked for.
pub(super) fn level(query: &Query) -> Result<Option<Level>, AppError> {
    query.word("level", &LEVELS, Level::from_word)
}

/// Refuses what the reader may not see, as if it did not exist.
pub(super) fn visible(figures: &Figures, ctx: &Context, known: &Known, place: Uuid) -> Result<(), AppError> {
    if figures.may_see(ctx, known, place) {
        return Ok(());
    }
    let atlas = figures.places().atlas();
    match atlas.unit(place).is_some_and(|u| u.level == Level::Village) {
        true => Err(unknown_unit(&place.to_string(), ctx.today())),
        false => Err(unknown_measure(&known.measure.def.code)),
    }
}

/// As [`visible`] for all units of a level under a place.
pub(super) fn all_visible(figures: &Figures, ctx: &Context, known: &Known, under: Uuid, level: Level) -> Result<(), AppError> {
    visible(figures, ctx, known, under)?;
    if level == Level::Village && !figures.may(ctx, Role::Viewer, under) {
        return Err(AppError::new("villages_not_public", 404)
            .say("Số liệu từng thôn không công khai.", "Figures of single villages are not public.")
            .mend("Hỏi cấp xã, hoặc dùng tài khoản có vai trò tại địa bàn này.", "Ask for communes, or use an account with a role here.")
            .at("level"));
    }
    Ok(())
}

/// The refusal of a place that was not on the map that is read.
pub(super) fn not_on_map(atlas: &Atlas, place: Uuid, day: Date) -> AppError {
    let name = atlas.full_name(place, day);
    AppError::new("unit_not_on_map", 404)
        .say(format!("{name} không có trên bản đồ ngày {}.", lang::show::short_date(day)), format!("{name} is not on the map of {day}."))
        .mend("Đổi tham số “tree”, hoặc xem nơi này nay thuộc về đâu ở /api/v1/unit-changes.", "Change “tree”, or see at /api/v1/unit-changes what it became.")
        .at("unit")
}
