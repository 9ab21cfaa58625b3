//! Boundaries brought in as GeoJSON.

use super::{CATALOG, Places};
use crate::boundary::{Keys, match_units, read};
use crate::model::Level;
use crate::store;
use access::{Context, Role, audit, db_error, lock_tenant};
use jiff::civil::Date;
use ui::AppError;

/// What an import of boundaries is told beside the file.
#[derive(Clone, Debug)]
pub struct BoundaryOptions {
    /// The day whose units are drawn.
    pub on: Date,
    /// Level of areas that do not say their own.
    pub level: Level,
    /// Who made the file, and when.
    pub source: String,
    /// Which properties hold code, name and parent.
    pub keys: Keys,
    /// Only look.
    pub dry_run: bool,
}

/// What came of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BoundaryReport {
    /// Units that have a boundary of this file now.
    pub taken: usize,
    /// Number of the area in the file and why it was refused.
    pub refused: Vec<(usize, String)>,
    /// Units of the level on that day that still have none.
    pub without: usize,
}

impl Places {
    /// Takes the boundaries of units; areas that are refused are told, the others go in. The same file twice changes nothing.
    ///
    /// # Errors
    /// 403 without administration of the country; 422 `boundaries_unreadable`, `boundaries_too_large`, `boundaries_empty`,
    /// `boundaries_source_missing`; the database.
    pub async fn import_boundaries(&self, ctx: &Context, text: String, options: &BoundaryOptions) -> Result<BoundaryReport, AppError> {
        ctx.require_somewhere(Role::Administrator)?;
        let atlas = self.current().await;
        let centre = atlas.nation().unwrap_or_default();
        ctx.require(Role::Administrator, &atlas.path(centre, ctx.today()))?;
        let source: String = lang::clean(&options.source).chars().take(300).collect();
        if source.is_empty() {
            return Err(AppError::new("boundaries_source_missing", 422)
                .say("Chưa ghi nguồn của ranh giới.", "The source of the boundaries is missing.")
                .mend("Ghi ai làm, năm nào, giấy phép gì.", "Say who made them, when, under which licence."));
        }
        let (level, on, keys, map) = (options.level, options.on, options.keys.clone(), std::sync::Arc::clone(&atlas));
        let matched = tokio::task::spawn_blocking(move || Ok::<_, AppError>(match_units(&map, &read(&text, &keys)?, level, on)));
        let matched = matched.await.map_err(|_| AppError::new("internal", 500))??;
        let new = |id: &uuid::Uuid| !matched.found.iter().any(|f| f.0 == *id);
        let units = atlas.units().iter().filter(|u| u.level == level && u.on(on).is_some());
        let without = units.filter(|u| atlas.boundary(u.id, on).is_none() && new(&u.id)).count();
        let report = BoundaryReport { taken: matched.found.len(), refused: matched.refused, without };
        if options.dry_run || matched.found.is_empty() {
            return Ok(report);
        }
        let mut tx = self.db().begin().await.map_err(db_error)?;
        lock_tenant(&mut tx, centre).await.map_err(db_error)?;
        store::boundary::save(&mut tx, &matched.found, &source).await.map_err(db_error)?;
        store::bump(&mut tx, CATALOG, "").await.map_err(db_error)?;
        let detail = serde_json::json!({"level": level.word(), "on": on.to_string(), "source": source, "taken": report.taken, "refused": report.refused.len()});
        audit(&mut tx, ctx, centre, "unit.boundaries", level.word(), detail).await.map_err(db_error)?;
        tx.commit().await.map_err(db_error)?;
        self.refresh().await.map_err(db_error)?;
        Ok(report)
    }
}
