//! When a target closes: on its deadline, or on the last day of the level or the unit that it counts.

use jiff::civil::Date;
use places::{Atlas, Level};
use uuid::Uuid;

/// Why a target closes before its deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Early {
    /// The level that is counted ended.
    Level,
    /// The unit whose plan it is ended.
    Unit,
}

/// The last day on which a target counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closing {
    /// That day.
    pub last: Date,
    /// Set when it is before the deadline.
    pub early: Option<Early>,
}

/// The last day up to a deadline on which a unit has places of a level under it (or is one itself).
/// None when there never were any since `from`. Villages are no official units and never close.
pub fn closing(atlas: &Atlas, unit: Uuid, level: Level, from: Date, deadline: Date) -> Option<Closing> {
    let counted = |day: Date| {
        let view = atlas.on(day);
        view.has(unit) && (level == Level::Village || !view.under(unit, level).is_empty())
    };
    if counted(deadline) {
        return Some(Closing { last: deadline, early: None });
    }
    let mut eves: Vec<Date> = atlas.maps_between(from, deadline).filter_map(|d| d.yesterday().ok()).collect();
    eves.reverse();
    let last = eves.into_iter().chain([from]).find(|day| counted(*day))?;
    let unit_lives = atlas.on(deadline).has(unit);
    Some(Closing { last, early: Some(if unit_lives { Early::Level } else { Early::Unit }) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use places::facts::unit_id;

    fn atlas() -> Atlas {
        let facts = places::facts::read().unwrap();
        Atlas::new(facts.units, facts.changes, facts.groups)
    }

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn the_district_level_closes_on_its_last_day() {
        let atlas = atlas();
        let at = |unit: &str, level| closing(&atlas, unit_id(unit), level, day("2022-01-01"), day("2025-12-31"));
        assert_eq!(at("nation", Level::District), Some(Closing { last: day("2025-06-30"), early: Some(Early::Level) }));
        assert_eq!(at("nation", Level::Commune), Some(Closing { last: day("2025-12-31"), early: None }));
        assert_eq!(at("p:old:24", Level::Commune), Some(Closing { last: day("2025-06-30"), early: Some(Early::Unit) }));
        assert_eq!(at("p:old:38", Level::District), Some(Closing { last: day("2025-06-30"), early: Some(Early::Level) }));
        assert_eq!(at("d:old:38:406", Level::Province), None);
        assert_eq!(closing(&atlas, unit_id("nation"), Level::District, day("2025-07-01"), day("2026-12-31")), None);
    }
}
