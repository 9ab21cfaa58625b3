//! What about a unit decides which threshold applies to it.

use super::Criteria;
use crate::model::{Set, Traits};
use jiff::civil::Date;
use places::{Atlas, GroupKind};
use uuid::Uuid;

/// Codes of the groups of a kind that a unit belongs to on a day.
fn codes(atlas: &Atlas, unit: Uuid, on: Date, kind: GroupKind) -> Vec<String> {
    let view = atlas.on(on);
    view.groups(unit).into_iter().filter_map(|g| atlas.group(g)).filter(|g| g.kind == kind).map(|g| g.code.clone()).collect()
}

impl Criteria {
    /// The traits of a unit for a year of a set. Where there is no region on the day, the one that all units before had is taken.
    pub fn traits(&self, set: &Set, unit: Uuid, year: i16) -> Traits {
        let atlas = self.figures().places().atlas();
        let day = set.judged_on(year);
        let mut region = codes(&atlas, unit, day, GroupKind::Region).pop();
        let mut provinces: Vec<Uuid> = atlas.on(day).province(unit).into_iter().collect();
        let mut inherited = false;
        if region.is_none()
            && let Some((before, last)) = self.before(&atlas, unit, day)
        {
            let mut regions: Vec<Option<String>> = before.iter().map(|u| codes(&atlas, *u, last, GroupKind::Region).pop()).collect();
            regions.sort_unstable();
            regions.dedup();
            if let [only] = regions.as_slice() {
                region.clone_from(only);
                inherited = region.is_some();
            }
            let mut old: Vec<Uuid> = before.iter().filter_map(|u| atlas.on(last).province(*u)).collect();
            old.sort_unstable();
            old.dedup();
            // The rules of an older province go on for what lay wholly in it.
            if let [only] = old.as_slice() {
                provinces.push(*only);
            }
        }
        provinces.dedup();
        Traits {
            day,
            year,
            region,
            region_inherited: inherited,
            group: codes(&atlas, unit, day, GroupKind::CommuneGroup).pop(),
            flags: codes(&atlas, unit, day, GroupKind::Flag),
            provinces,
        }
    }

    /// The units that a unit was made of in its last change before a day, and the last day on which they were; or the unit itself before
    /// its province changed.
    pub(super) fn before(&self, atlas: &Atlas, unit: Uuid, day: Date) -> Option<(Vec<Uuid>, Date)> {
        let change = atlas.changes_of(unit).filter(|c| c.effective <= day && c.parts.iter().any(|p| p.to == Some(unit))).last()?;
        let last = change.effective.yesterday().ok()?;
        let mut from: Vec<Uuid> = atlas
            .changes_of(unit)
            .filter(|c| c.effective == change.effective)
            .flat_map(|c| &c.parts)
            .filter(|p| p.to == Some(unit))
            .filter_map(|p| p.from)
            .filter(|u| atlas.version(*u, last).is_some())
            .collect();
        from.sort_unstable();
        from.dedup();
        (!from.is_empty()).then_some((from, last))
    }
}
