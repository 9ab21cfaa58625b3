//! What may be seen by whom: the figures of public measures by everybody, the rest in the reader's own subtree.

use super::Figures;
use crate::catalog::Known;
use access::{Context, Role};
use places::Level;
use uuid::Uuid;

impl Figures {
    /// Whether somebody may know that a measure exists: everybody for a public one, else whoever holds a role somewhere.
    pub fn may_know(&self, ctx: &Context, known: &Known) -> bool {
        known.measure.def.public || ctx.may_somewhere(Role::Viewer)
    }

    /// Whether somebody may see a figure: public measures above village level are open; all else needs a role in
    /// the place or above it. Groups lie in no subtree, so the role is then needed at the nation.
    pub fn may_see(&self, ctx: &Context, known: &Known, place: Uuid) -> bool {
        let atlas = self.places().atlas();
        let village = atlas.unit(place).is_some_and(|u| u.level == Level::Village);
        if known.measure.def.public && !village {
            return true;
        }
        match atlas.unit(place) {
            Some(_) => self.may(ctx, Role::Viewer, place),
            None => atlas.nation().is_some_and(|nation| self.may(ctx, Role::Viewer, nation)),
        }
    }
}
