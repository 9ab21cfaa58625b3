//! Choosing among the changes of units.

use crate::atlas::Atlas;
use crate::model::{Change, ChangeKind, Level};
use jiff::civil::Date;
use uuid::Uuid;

/// Which changes are asked for.
#[derive(Debug, Default)]
pub(crate) struct Filter {
    pub unit: Option<Uuid>,
    pub under: Option<Uuid>,
    pub level: Option<Level>,
    pub kind: Option<ChangeKind>,
    /// Part of the decree's number; folded comparison.
    pub decree: String,
    pub from: Option<Date>,
    pub to: Option<Date>,
}

impl Filter {
    pub(crate) fn fits(&self, atlas: &Atlas, change: &Change) -> bool {
        let units = || change.parts.iter().flat_map(|p| [p.from, p.to]).flatten();
        let before = change.effective.yesterday().unwrap_or(change.effective);
        let lies = |above: Uuid| units().any(|u| atlas.path(u, before).contains(&above) || atlas.path(u, change.effective).contains(&above));
        self.kind.is_none_or(|k| change.kind == k)
            && self.from.is_none_or(|d| d <= change.effective)
            && self.to.is_none_or(|d| change.effective <= d)
            && (self.decree.is_empty() || lang::fold(&change.decree).contains(&lang::fold(&self.decree)))
            && self.unit.is_none_or(|wanted| units().any(|u| u == wanted))
            && self.level.is_none_or(|level| units().any(|u| atlas.unit(u).is_some_and(|u| u.level == level)))
            && self.under.is_none_or(lies)
    }
}
