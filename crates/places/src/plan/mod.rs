//! A new change of units worked out before it is applied: what closes, what opens, who follows, and what forbids it.

mod check;
mod draft;
mod refuse;
#[cfg(test)]
mod tests;

pub(crate) use check::whole_shares;
pub use draft::{DraftForm, capital};
pub(crate) use draft::{percent, unit_of};

use crate::atlas::Atlas;
use crate::carry::{WHOLE, split};
use crate::model::{Change, ChangeKind, Level, Part, Unit, Version};
use check::Checked;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;
use ui::AppError;
use uuid::Uuid;

/// A change as an administrator means it, with units already found.
#[derive(Clone, Debug)]
pub struct Draft {
    /// Kind.
    pub kind: ChangeKind,
    /// First day of the new map.
    pub effective: Date,
    /// Number of the resolution or decree.
    pub decree: String,
    /// Its date.
    pub decree_date: Option<Date>,
    /// Anything worth saying.
    pub note: String,
    /// Source of the shares, where there are any.
    pub source: String,
    /// Units before.
    pub from: Vec<Uuid>,
    /// Units after, with their shares of a divided unit.
    pub to: Vec<Target>,
    /// The unit above the units after; that of the first unit before when none.
    pub parent: Option<Uuid>,
}

/// A unit after a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// A unit that lives already; none for a new one.
    pub unit: Option<Uuid>,
    /// Kind in lower case; empty to keep that of a living unit.
    pub kind: String,
    /// Name without its kind; empty to keep that of a living unit.
    pub name: String,
    /// Official code.
    pub code: Option<String>,
    /// Millionths of the people of the divided unit.
    pub by_population: Option<i64>,
    /// Millionths of its area.
    pub by_area: Option<i64>,
}

/// What happens to one version of a unit. Kept with the change as JSON, so that it can be undone exactly.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum Edit {
    /// A version ends on the day of effect.
    Close {
        /// The unit.
        unit: Uuid,
        /// First day of the version.
        from: Date,
        /// Its end before the change.
        was: Option<Date>,
        /// Its end now.
        to: Date,
    },
    /// A version begins.
    Open {
        /// The unit.
        unit: Uuid,
        /// First day.
        from: Date,
    },
    /// A version that begins on the day of effect or later gets another unit above it or other words.
    Alter {
        /// The unit.
        unit: Uuid,
        /// First day.
        from: Date,
        /// Kind, name, full name, code and parent before.
        was: Words,
    },
}

/// The words of a version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Words {
    /// Kind.
    pub kind: String,
    /// Name.
    pub name: String,
    /// Name with kind.
    pub full_name: String,
    /// Code.
    pub code: Option<String>,
    /// Unit above.
    pub parent: Option<Uuid>,
}

impl Words {
    pub(crate) fn of(version: &Version) -> Words {
        Words {
            kind: version.kind.to_string(),
            name: version.name.to_string(),
            full_name: version.full_name.to_string(),
            code: version.code.as_deref().map(str::to_owned),
            parent: version.parent,
        }
    }
}

/// What undoing needs, as it is stored with the change.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The change in a sentence, for lists after it has been undone.
    pub summary: String,
    /// In the order of doing.
    pub edits: Vec<Edit>,
    /// Units that began with it.
    pub created: Vec<Uuid>,
}

/// A change worked out.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The event.
    pub change: Change,
    /// What it does to versions.
    pub edits: Vec<Edit>,
    /// Units that begin, without versions.
    pub created: Vec<Unit>,
    /// The versions that begin or are altered, as they will be.
    pub versions: Vec<(Uuid, Version)>,
    /// Units that follow because the unit above them changed.
    pub followers: Vec<Uuid>,
    /// Things worth a second look: (Vietnamese, English).
    pub warnings: Vec<(String, String)>,
}

impl Plan {
    /// Works a draft out on the places as they are. `today` decides what is late; new units get fresh ids.
    ///
    /// # Errors
    /// 422 with a code of its own for each reason, and the field at fault.
    pub fn make(atlas: &Atlas, draft: &Draft, today: Date) -> Result<Plan, AppError> {
        let checked = check::check(atlas, draft)?;
        let change = Change {
            id: Uuid::now_v7(),
            kind: draft.kind,
            effective: draft.effective,
            decree: draft.decree.as_str().into(),
            decree_date: draft.decree_date,
            source: if draft.source.is_empty() { draft.decree.as_str().into() } else { draft.source.as_str().into() },
            note: draft.note.as_str().into(),
            parts: Vec::new(),
        };
        let mut plan = Plan { change, edits: Vec::new(), created: Vec::new(), versions: Vec::new(), followers: Vec::new(), warnings: Vec::new() };
        let targets: Vec<Uuid> = checked.targets.iter().map(|t| plan.target(atlas, draft, &checked, t)).collect();
        plan.link(atlas, draft, &checked, &targets);
        if draft.effective <= today {
            plan.warnings.push((
                "Ngày hiệu lực đã đến: khi áp dụng sẽ không hoàn tác được nữa.".into(),
                "The day of effect has come: once applied it cannot be undone.".into(),
            ));
        }
        let divided_blindly = draft.kind == ChangeKind::Divide && draft.to.iter().all(|t| t.by_population.is_none() && t.by_area.is_none());
        if divided_blindly {
            plan.warnings.push((
                "Chưa có tỷ lệ chia: số liệu cộng dồn tạm tính cả vào phần đầu tiên và được đánh dấu ước tính. Có thể bổ sung tỷ lệ sau.".into(),
                "No shares: figures carried over count wholly to the first part for the time being, marked as estimates. The shares can be added later.".into(),
            ));
        }
        Ok(plan)
    }

    /// Opens the version of a unit after the change.
    fn target(&mut self, atlas: &Atlas, draft: &Draft, checked: &Checked, target: &check::Wanted) -> Uuid {
        let day = draft.effective;
        if let Some(id) = target.unit {
            let Some(version) = atlas.version(id, day) else { return id };
            let new = Version {
                from: day,
                to: None,
                kind: target.kind.as_str().into(),
                name: target.name.as_str().into(),
                full_name: target.full_name().into(),
                code: target.code.as_deref().map(Into::into),
                parent: target.parent,
                source: Arc::clone(&self.change.decree),
                source_date: self.change.decree_date.map(|d| d.to_string()).unwrap_or_default().into(),
            };
            if Words::of(version) != Words::of(&new) {
                self.replace(id, version, new);
            }
            return id;
        }
        let id = Uuid::now_v7();
        let tenant = if checked.level == Level::Province { id } else { target.parent.and_then(|p| province_tenant(atlas, p, day)).unwrap_or(id) };
        let before: Vec<&Unit> = draft.from.iter().filter_map(|u| atlas.unit(*u)).collect();
        let whole = draft.kind == ChangeKind::Merge;
        self.created.push(Unit {
            id,
            tenant,
            level: checked.level,
            point: if whole { middle(&before) } else { None },
            area: if whole { before.iter().map(|u| u.area).sum::<Option<i64>>() } else { None },
            versions: Vec::new(),
        });
        self.edits.push(Edit::Open { unit: id, from: day });
        let version = Version {
            from: day,
            to: None,
            kind: target.kind.as_str().into(),
            name: target.name.as_str().into(),
            full_name: target.full_name().into(),
            code: target.code.as_deref().map(Into::into),
            parent: target.parent,
            source: Arc::clone(&self.change.decree),
            source_date: self.change.decree_date.map(|d| d.to_string()).unwrap_or_default().into(),
        };
        self.versions.push((id, version));
        id
    }

    /// Ends a version on the day of effect and opens another, or alters it if it begins that day.
    fn replace(&mut self, unit: Uuid, version: &Version, new: Version) {
        if version.from >= new.from {
            self.edits.push(Edit::Alter { unit, from: version.from, was: Words::of(version) });
            self.versions.push((unit, Version { from: version.from, to: version.to, ..new }));
            return;
        }
        self.edits.push(Edit::Close { unit, from: version.from, was: version.to, to: new.from });
        self.edits.push(Edit::Open { unit, from: new.from });
        self.versions.push((unit, new));
    }

    /// Draws the edges, ends what ends, and lets the units below follow.
    fn link(&mut self, atlas: &Atlas, draft: &Draft, checked: &Checked, targets: &[Uuid]) {
        let day = draft.effective;
        match draft.kind {
            ChangeKind::Divide => {
                let shares = |of: fn(&Target) -> Option<i64>| {
                    let known: Option<Vec<i64>> = draft.to.iter().map(of).collect();
                    // Percentages are rounded by those who publish them; the parts must be whole again.
                    known.map(|list| split(WHOLE, &list))
                };
                let (people, area) = (shares(|t| t.by_population), shares(|t| t.by_area));
                let weight = people.as_ref().or(area.as_ref());
                let main = weight.and_then(|w| w.iter().enumerate().max_by_key(|(i, share)| (**share, std::cmp::Reverse(*i)))).map_or(0, |m| m.0);
                for (at, to) in targets.iter().enumerate() {
                    self.change.parts.push(Part {
                        from: draft.from.first().copied(),
                        to: Some(*to),
                        by_population: people.as_ref().and_then(|p| p.get(at).copied()),
                        by_area: area.as_ref().and_then(|a| a.get(at).copied()),
                        is_default: at == main,
                    });
                }
            }
            ChangeKind::Create => self.change.parts.extend(targets.iter().map(|to| whole(None, Some(*to)))),
            ChangeKind::Rename | ChangeKind::Retype | ChangeKind::Move => {
                self.change.parts.extend(draft.from.iter().map(|u| whole(Some(*u), Some(*u))));
            }
            ChangeKind::Merge | ChangeKind::Abolish => {
                let heir = targets.first().copied().or(checked.heir);
                self.change.parts.extend(draft.from.iter().map(|u| whole(Some(*u), heir)));
            }
        }
        let main = self.change.parts.iter().find(|p| p.is_default).and_then(|p| p.to);
        for unit in draft.from.iter().filter(|u| !targets.contains(u)) {
            if matches!(draft.kind, ChangeKind::Rename | ChangeKind::Retype | ChangeKind::Move) {
                continue;
            }
            if let Some(version) = atlas.version(*unit, day) {
                self.edits.push(Edit::Close { unit: *unit, from: version.from, was: version.to, to: day });
            }
            self.follow(atlas, *unit, main, day);
        }
    }

    /// Everything below a unit that ends goes to its main heir.
    fn follow(&mut self, atlas: &Atlas, ended: Uuid, heir: Option<Uuid>, day: Date) {
        for unit in atlas.units() {
            let mut follows = false;
            for version in unit.versions.iter().filter(|v| v.parent == Some(ended) && v.to.is_none_or(|to| day < to)) {
                let source = Arc::clone(&self.change.decree);
                self.replace(unit.id, version, Version { from: day.max(version.from), parent: heir, source, ..version.clone() });
                follows = true;
            }
            if follows {
                self.followers.push(unit.id);
                self.change.parts.push(whole(Some(unit.id), Some(unit.id)));
            }
        }
    }

    /// What undoing needs.
    pub fn record(&self, summary: String) -> Record {
        Record { summary, edits: self.edits.clone(), created: self.created.iter().map(|u| u.id).collect() }
    }

    /// The places as they will be.
    pub fn after(&self, atlas: &Atlas) -> Atlas {
        let mut units: Vec<Unit> = atlas.units().iter().chain(&self.created).cloned().collect();
        let at: HashMap<Uuid, usize> = units.iter().enumerate().map(|(i, u)| (u.id, i)).collect();
        for edit in &self.edits {
            if let Edit::Close { unit, from, to, .. } = edit
                && let Some(version) = at.get(unit).and_then(|i| units.get_mut(*i)).and_then(|u| u.versions.iter_mut().find(|v| v.from == *from))
            {
                version.to = Some(*to);
            }
        }
        for (id, version) in &self.versions {
            if let Some(unit) = at.get(id).and_then(|i| units.get_mut(*i)) {
                unit.versions.retain(|v| v.from != version.from);
                unit.versions.push(version.clone());
            }
        }
        let changes = atlas.changes().iter().chain(std::iter::once(&self.change)).cloned().collect();
        Atlas::new(units, changes, atlas.groups().to_vec())
    }
}

fn whole(from: Option<Uuid>, to: Option<Uuid>) -> Part {
    Part { from, to, by_population: Some(WHOLE), by_area: Some(WHOLE), is_default: true }
}

/// The tenant of a unit that begins under another: its province's.
pub(crate) fn province_tenant(atlas: &Atlas, parent: Uuid, on: Date) -> Option<Uuid> {
    let path = atlas.path(parent, on);
    let province = path.into_iter().filter_map(|u| atlas.unit(u)).find(|u| u.level == Level::Province)?;
    Some(province.tenant)
}

/// The middle of units, weighted by area where all areas are known.
fn middle(units: &[&Unit]) -> Option<(i64, i64)> {
    let points: Vec<(i64, i64)> = units.iter().filter_map(|u| u.point).collect();
    let areas: Option<Vec<i64>> = units.iter().map(|u| u.area.filter(|a| *a > 0)).collect();
    let weights = areas.filter(|a| a.len() == points.len()).unwrap_or_else(|| vec![1; points.len()]);
    let total: i128 = weights.iter().map(|w| i128::from(*w)).sum();
    let mean = |of: fn(&(i64, i64)) -> i64| {
        let sum: i128 = points.iter().zip(&weights).map(|(p, w)| i128::from(of(p)) * i128::from(*w)).sum();
        sum.checked_div(total).and_then(|m| i64::try_from(m).ok())
    };
    mean(|p| p.0).zip(mean(|p| p.1))
}
