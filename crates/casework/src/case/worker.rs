//! Who may be given a case: those who belong to the actor that holds it, with whether they are away today.

use super::CaseRow;
use super::acting::fits_kind;
use crate::Casework;
use crate::procedure::{Actor, Procedure};
use access::{Context, db_error};
use db::{Db, DbError, args};
use ui::{AppError, Lang};
use uuid::Uuid;

db::statements! {
    IN_POSTS: Shared = "SELECT a.id, a.name, p.title, p.kind, o.kind FROM post_holder h JOIN post p ON p.id = h.post_id JOIN organisation o ON o.id = p.organisation_id \
                        JOIN account a ON a.id = h.account_id WHERE o.unit_id = $1 AND a.disabled = 0 AND h.valid_from <= $2 AND (h.valid_to IS NULL OR h.valid_to > $2) \
                        ORDER BY a.name, a.id";
    BY_ROLE: Shared = "SELECT a.id, a.name FROM role_grant g JOIN account a ON a.id = g.account_id WHERE g.unit_id = $1 AND a.disabled = 0 AND g.valid_from <= $2 \
                       AND (g.valid_to IS NULL OR g.valid_to > $2) AND g.field = '' AND g.role IN ('officer', 'reviewer') ORDER BY a.name, a.id";
    AWAY: Shared = "SELECT account_id, last_day FROM absence WHERE first_day <= $1 AND last_day >= $1 AND ended_at IS NULL";
}

/// Somebody who may work on a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worker {
    /// Account.
    pub id: Uuid,
    /// Name.
    pub name: String,
    /// Title of the post; empty for whoever acts by a role alone.
    pub title: String,
    /// Last day of an absence that is running, ISO; empty for those who are there.
    pub away: String,
}

impl Worker {
    /// Name, post and whether they are away.
    pub fn label(&self, l: Lang) -> String {
        let mut out = self.name.clone();
        if !self.title.is_empty() {
            out.push_str(", ");
            out.push_str(&self.title);
        }
        if let Ok(last) = self.away.parse() {
            out.push_str(&format!(" ({} {})", l.t("nghỉ đến", "away until"), lang::show::short_date(last)));
        }
        out
    }
}

/// Who is away on a day, and until when.
pub(crate) async fn away(db: &Db, today: &str) -> Result<Vec<(Uuid, String)>, DbError> {
    db.all(&AWAY, args![today]).await?.iter().map(|r| Ok((r.uuid(0)?, r.text(1)?))).collect()
}

impl Casework {
    /// Those who may be given a case, by name.
    ///
    /// # Errors
    /// What the database says.
    pub async fn workers(&self, ctx: &Context, procedure: &Procedure, case: &CaseRow) -> Result<Vec<Worker>, AppError> {
        match procedure.actor(&case.holder) {
            Some(actor) => self.workers_of(ctx, actor, case.holder_unit).await,
            None => Ok(Vec::new()),
        }
    }

    async fn workers_of(&self, ctx: &Context, actor: &Actor, unit: Uuid) -> Result<Vec<Worker>, AppError> {
        let today = ctx.today().to_string();
        let rows = self.db().all(&IN_POSTS, args![unit, &today]).await.map_err(db_error)?;
        let mut found: Vec<(Worker, String, String)> = Vec::new();
        for r in &rows {
            let read = || Ok((Worker { id: r.uuid(0)?, name: r.text(1)?, title: r.text(2)?, away: String::new() }, r.text(3)?, r.text(4)?));
            found.push(read().map_err(db_error)?);
        }
        let mut out: Vec<Worker> = Vec::new();
        for (worker, post, organisation) in found {
            if fits_kind(actor, &organisation, &post) && !out.iter().any(|w| w.id == worker.id) {
                out.push(worker);
            }
        }
        // Whoever acts by a role alone stands with the executive.
        if actor.needs_no_post() {
            for r in &self.db().all(&BY_ROLE, args![unit, &today]).await.map_err(db_error)? {
                let read = || Ok(Worker { id: r.uuid(0)?, name: r.text(1)?, title: String::new(), away: String::new() });
                let worker: Worker = read().map_err(db_error)?;
                if !out.iter().any(|w| w.id == worker.id) {
                    out.push(worker);
                }
            }
        }
        for (id, last) in away(self.db(), &today).await.map_err(db_error)? {
            if let Some(worker) = out.iter_mut().find(|w| w.id == id) {
                worker.away = last;
            }
        }
        out.sort_by_cached_key(|w| lang::sort_key(&w.name));
        Ok(out)
    }
}
