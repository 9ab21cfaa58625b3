//! Looking for documents; who may keep documents and own plans.

use super::Programme;
use crate::document::{Kept, Sought};
use crate::plan::Plan;
use access::{Context, Role, db_error};
use std::sync::Arc;
use ui::AppError;
use uuid::Uuid;

impl Programme {
    /// Documents that hold everything sought, best first: by number, then by title, then by text; the newest first among equals.
    /// All documents when nothing is sought.
    ///
    /// # Errors
    /// What the database says.
    pub async fn find_documents(&self, query: &str) -> Result<Vec<Arc<Kept>>, AppError> {
        let register = self.register();
        let sought = Sought::read(query);
        let mut found: Vec<Arc<Kept>> = if sought.is_empty() {
            if query.trim().is_empty() { register.documents().cloned().collect() } else { Vec::new() }
        } else {
            let codes = crate::store::document::find(self.db(), &sought).await.map_err(db_error)?;
            codes.iter().filter_map(|code| register.document(code)).cloned().collect()
        };
        let rank = |d: &Kept| {
            let holds = |text: &str| sought.fits(&crate::document::words(&lang::canonical(text)), &crate::document::words(&lang::fold(text)));
            match (sought.is_empty(), holds(&d.about.number), holds(&d.about.title)) {
                (true, ..) | (_, true, _) => 0,
                (_, _, true) => 1,
                _ => 2,
            }
        };
        found.sort_by_cached_key(|d| (rank(d), std::cmp::Reverse(d.about.issued.clone()), d.about.code.clone()));
        Ok(found)
    }

    /// The units in which somebody must hold a role to look after what belongs to a unit: its path, or that of its heir when it has ended.
    pub(crate) fn keepers(&self, home: Uuid, ctx: &Context) -> Vec<Uuid> {
        let (atlas, today) = (self.atlas(), ctx.today());
        let path = atlas.path(home, today);
        if !path.is_empty() {
            return path;
        }
        let last = atlas.unit(home).and_then(|u| u.to()).and_then(|d| d.yesterday().ok()).unwrap_or(today);
        let heir = atlas.heirs(home, last, today, places::Basis::Population).first().map(|h| h.unit);
        heir.map(|unit| atlas.path(unit, today)).filter(|p| !p.is_empty()).unwrap_or_else(|| atlas.nation().into_iter().collect())
    }

    /// Whether somebody looks after the documents of a unit.
    pub fn may_keep(&self, ctx: &Context, home: Uuid) -> bool {
        ctx.may(Role::Administrator, &self.keepers(home, ctx))
    }

    /// Whether somebody is the owner of a plan: an administrator of its unit, of a unit above, or of the unit that took over.
    pub fn may_own(&self, ctx: &Context, plan: &Plan) -> bool {
        self.may_keep(ctx, plan.home)
    }

    /// Refuses everybody but the owner.
    ///
    /// # Errors
    /// 401 `sign_in_required`, 403 `role_required`.
    pub(crate) fn require_owner(&self, ctx: &Context, home: Uuid) -> Result<(), AppError> {
        ctx.require(Role::Administrator, &self.keepers(home, ctx))
    }
}
