//! The offices that an office has taken over: their registers and closed dossiers stay where they were kept, and whoever works in the
//! successor reads them. Nobody writes in them any more.

use super::office::{Office, SHARED, WITHOUT, main_office, office_unknown};
use crate::Casework;
use access::{Context, db_error};
use db::{DbError, args};
use places::Basis;
use std::collections::VecDeque;
use ui::AppError;
use uuid::Uuid;

db::statements! {
    BEFORE: Shared = "SELECT DISTINCT p.id, p.unit_id, p.kind FROM organisation_successor s JOIN organisation o ON o.id = s.successor_id \
                      JOIN organisation p ON p.id = s.organisation_id WHERE s.effective <= $2 \
                      AND (o.id = $1 OR (o.unit_id = $1 AND o.kind IN ('people-committee', 'office', 'division', 'service-centre')))";
    NAME: Shared = "SELECT name FROM organisation_name WHERE organisation_id = $1 ORDER BY valid_from DESC LIMIT 1";
}

/// More than so many offices before one are not followed: no merger of the country joined that many.
const MOST: usize = 128;

impl Casework {
    /// The offices whose work this one goes on with, near ones first, each once: of the units that were merged into its own, and of the
    /// bodies that it took over. What the Front kept stays with the Front: a People's Committee never reads it.
    ///
    /// # Errors
    /// What the database says.
    pub async fn offices_before(&self, ctx: &Context, office: &Office) -> Result<Vec<Office>, AppError> {
        let mut out: Vec<Office> = Vec::new();
        let mut ahead = VecDeque::from([office.clone()]);
        while let Some(at) = ahead.pop_front() {
            for found in self.directly_before(ctx, &at).await? {
                if found.id != office.id && out.len() < MOST && out.iter().all(|o| o.id != found.id) {
                    ahead.push_back(found.clone());
                    out.push(found);
                }
            }
        }
        Ok(out)
    }

    async fn directly_before(&self, ctx: &Context, office: &Office) -> Result<Vec<Office>, AppError> {
        let atlas = self.places().atlas();
        let today = ctx.today();
        let mut out = Vec::new();
        if office.id == office.unit {
            let parts = atlas.changes_of(office.unit).filter(|c| c.effective <= today).flat_map(|c| &c.parts);
            for old in parts.filter(|p| p.to == Some(office.unit) && p.from != p.to).filter_map(|p| p.from) {
                let Some(last) = atlas.unit(old).and_then(places::Unit::to).filter(|end| *end <= today).and_then(|end| end.yesterday().ok()) else { continue };
                // A divided unit has one successor for its papers, as for its dossiers: the largest part.
                let heir = atlas.heirs(old, last, last.tomorrow().unwrap_or(today), Basis::Population).into_iter().max_by_key(|h| h.share);
                if heir.is_some_and(|h| h.unit == office.unit) {
                    out.extend(main_office(&atlas, ctx, old).map(|o| Office { name: atlas.full_name(old, last), ..o }));
                }
            }
        }
        for row in self.db().all(&BEFORE, args![office.id, today.to_string()]).await.map_err(db_error)? {
            let read = || -> Result<(Uuid, Uuid, String), DbError> { Ok((row.uuid(0)?, row.uuid(1)?, row.text(2)?)) };
            let (id, unit, kind) = read().map_err(db_error)?;
            let closed_to_us = kind == "front" && office.id == office.unit;
            if closed_to_us || WITHOUT.contains(&kind.as_str()) || (SHARED.contains(&kind.as_str()) && kind != "people-committee") {
                continue;
            }
            if kind == "people-committee" {
                out.extend(main_office(&atlas, ctx, unit).filter(|o| o.id != office.id));
                continue;
            }
            let Some(place) = atlas.unit(unit) else { continue };
            let name = self.db().opt(&NAME, args![id]).await.map_err(db_error)?.map(|r| r.text(0)).transpose().map_err(db_error)?.unwrap_or_default();
            out.push(Office { id, unit, tenant: place.tenant, level: place.level, name });
        }
        Ok(out)
    }

    /// Refuses whoever neither works in an office nor in one that took it over.
    ///
    /// # Errors
    /// 404 `unknown_office`.
    pub(crate) async fn require_reader(&self, ctx: &Context, office: &Office) -> Result<(), AppError> {
        if office.works_here(ctx) {
            return Ok(());
        }
        for mine in self.my_offices(ctx).await? {
            if self.offices_before(ctx, &mine).await?.iter().any(|o| o.id == office.id) {
                return Ok(());
            }
        }
        Err(office_unknown())
    }

    /// Where a dossier lies now, for somebody who came by an older address of it.
    ///
    /// # Errors
    /// What the database says.
    pub(crate) async fn dossier_home(&self, ctx: &Context, dossier: Uuid) -> Result<Option<Uuid>, AppError> {
        for mine in self.my_offices(ctx).await? {
            let found = crate::dossier::store::one(self.db(), mine.tenant, dossier).await.map_err(db_error)?;
            if found.is_some_and(|d| d.office == mine.id) {
                return Ok(Some(mine.id));
            }
        }
        Ok(None)
    }
}
