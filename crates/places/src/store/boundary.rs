//! SQL of boundaries: one row per unit, day and zoom level.

use crate::map::{Boundary, ZOOMS};
use db::{Bulk, Conflict, Db, DbError, Tx, Type, args};
use std::collections::HashMap;
use uuid::Uuid;

db::statements! {
    BOUNDARIES: Shared = "SELECT unit_id, drawn_on, zoom, path FROM unit_boundary ORDER BY unit_id, drawn_on, zoom";
}

const BOUNDARY: Bulk<'_> = Bulk {
    table: "unit_boundary",
    columns: &[("unit_id", Type::Uuid), ("drawn_on", Type::Text), ("zoom", Type::Int), ("path", Type::Text), ("source", Type::Text)],
    conflict: Conflict::Replace { key: 3 },
};

/// All boundaries by unit, the oldest first.
pub(super) async fn load(db: &Db) -> Result<HashMap<Uuid, Vec<Boundary>>, DbError> {
    let mut out: HashMap<Uuid, Vec<Boundary>> = HashMap::new();
    db.each(&BOUNDARIES, vec![], |row| {
        let on = super::date_at(&row, 1)?;
        let list = out.entry(row.uuid(0)?).or_default();
        if list.last().is_none_or(|b| b.on != on) {
            list.push(Boundary { on, paths: Default::default() });
        }
        let zoom = usize::try_from(row.int(2)?).unwrap_or(ZOOMS);
        if let Some(path) = list.last_mut().and_then(|b| b.paths.get_mut(zoom)) {
            *path = row.text(3)?.into();
        }
        Ok::<(), DbError>(())
    })
    .await?;
    Ok(out)
}

/// Writes boundaries; those of the same unit and day are replaced.
pub async fn save(tx: &mut Tx, boundaries: &[(Uuid, Boundary)], source: &str) -> Result<(), DbError> {
    let mut rows = Vec::with_capacity(boundaries.len() * ZOOMS * BOUNDARY.columns.len());
    for (unit, boundary) in boundaries {
        for (path, zoom) in boundary.paths.iter().zip(0i64..) {
            rows.extend(args![*unit, boundary.on.to_string(), zoom, &**path, source]);
        }
    }
    tx.insert(&BOUNDARY, rows).await.map(drop)
}
