//! SQL of money and of works.

use super::model::{Row, Source};
use super::works::Works;
use db::{Db, DbError, Row as Line, Tx, args};
use uuid::Uuid;

db::statements! {
    SAVE: Tenant = "INSERT INTO task_funding (tenant_id, task_id, year, source, planned, allocated, spent, price, changed_by, changed_at) \
                    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (tenant_id, task_id, year, source) DO UPDATE SET \
                    planned = excluded.planned, allocated = excluded.allocated, spent = excluded.spent, price = excluded.price, \
                    changed_by = excluded.changed_by, changed_at = excluded.changed_at";
    OF_TASK: Tenant = "SELECT year, source, planned, allocated, spent, price FROM task_funding WHERE tenant_id = $1 AND task_id = $2 ORDER BY year, source";
    OF_TENANT: Tenant = "SELECT task_id, year, source, planned, allocated, spent, price FROM task_funding WHERE tenant_id = $1 ORDER BY task_id, year, source";
    SAVE_WORKS: Tenant = "INSERT INTO works (tenant_id, unit_id, works_id, title, accepted, arranged, document, as_of, removed, synthetic, seq, changed_by, changed_at) \
                          VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT (tenant_id, unit_id, works_id) DO UPDATE SET \
                          title = excluded.title, accepted = excluded.accepted, arranged = excluded.arranged, document = excluded.document, \
                          as_of = excluded.as_of, removed = excluded.removed, seq = excluded.seq, changed_by = excluded.changed_by, changed_at = excluded.changed_at";
    ADD_LINE: Tenant = "INSERT INTO works_line (tenant_id, works_id, seq, at, who_name, title, accepted, arranged, document, as_of, removed) \
                        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    WORKS_OF_UNIT: Tenant = "SELECT unit_id, works_id, title, accepted, arranged, document, as_of, removed, synthetic, seq, changed_by, changed_at FROM works \
                             WHERE tenant_id = $1 AND unit_id = $2 ORDER BY works_id";
    WORKS_OF_TENANT: Tenant = "SELECT unit_id, works_id, title, accepted, arranged, document, as_of, removed, synthetic, seq, changed_by, changed_at FROM works \
                               WHERE tenant_id = $1 ORDER BY unit_id, works_id";
}

fn row(r: &Line, at: usize) -> Result<Row, DbError> {
    let source = r.text(at + 1)?;
    Ok(Row {
        year: i16::try_from(r.int(at)?).map_err(|_| DbError::defect("a year beyond all years"))?,
        source: Source::from_word(&source).ok_or_else(|| DbError::defect(format!("an unknown source {source}")))?,
        planned: r.int_opt(at + 2)?,
        allocated: r.int_opt(at + 3)?,
        spent: r.int_opt(at + 4)?,
        price: r.int_opt(at + 5)?,
    })
}

/// Writes money of one task, year and source.
pub async fn save(tx: &mut Tx, tenant: Uuid, task: Uuid, m: &Row, who: &str, at: i64) -> Result<(), DbError> {
    let values = args![tenant, task, i64::from(m.year), m.source.word(), m.planned, m.allocated, m.spent, m.price, who, at];
    tx.exec(&SAVE, values).await.map(drop)
}

/// Money of one task.
pub async fn of_task(db: &Db, tenant: Uuid, task: Uuid) -> Result<Vec<Row>, DbError> {
    db.all(&OF_TASK, args![tenant, task]).await?.iter().map(|r| row(r, 0)).collect()
}

/// The same inside a transaction.
pub async fn of_task_tx(tx: &mut Tx, tenant: Uuid, task: Uuid) -> Result<Vec<Row>, DbError> {
    tx.all(&OF_TASK, args![tenant, task]).await?.iter().map(|r| row(r, 0)).collect()
}

/// Money of all tasks of a tenant, by task.
pub async fn of_tenant(db: &Db, tenant: Uuid) -> Result<Vec<(Uuid, Row)>, DbError> {
    db.all(&OF_TENANT, args![tenant]).await?.iter().map(|r| Ok((r.uuid(0)?, row(r, 1)?))).collect()
}

fn works(r: &Line) -> Result<Works, DbError> {
    Ok(Works {
        unit: r.uuid(0)?,
        id: r.uuid(1)?,
        title: r.text(2)?,
        accepted: r.int(3)?,
        arranged: r.int(4)?,
        document: r.text(5)?,
        as_of: r.text(6)?.parse().map_err(|_| DbError::defect("works without a day"))?,
        removed: r.flag(7)?,
        synthetic: r.flag(8)?,
        seq: r.int(9)?,
        changed_by: r.text(10)?,
        changed_at: r.int(11)?,
    })
}

/// Writes works and the line of their history.
pub async fn save_works(tx: &mut Tx, tenant: Uuid, w: &Works) -> Result<(), DbError> {
    let day = w.as_of.to_string();
    let values = args![tenant, w.unit, w.id, &w.title, w.accepted, w.arranged, &w.document, &day, w.removed, w.synthetic, w.seq, &w.changed_by, w.changed_at];
    tx.exec(&SAVE_WORKS, values).await?;
    let values = args![tenant, w.id, w.seq, w.changed_at, &w.changed_by, &w.title, w.accepted, w.arranged, &w.document, &day, w.removed];
    tx.exec(&ADD_LINE, values).await.map(drop)
}

/// The works of a unit, also those taken out.
pub async fn works_of_unit(db: &Db, tenant: Uuid, unit: Uuid) -> Result<Vec<Works>, DbError> {
    db.all(&WORKS_OF_UNIT, args![tenant, unit]).await?.iter().map(works).collect()
}

/// The same inside a transaction.
pub async fn works_of_unit_tx(tx: &mut Tx, tenant: Uuid, unit: Uuid) -> Result<Vec<Works>, DbError> {
    tx.all(&WORKS_OF_UNIT, args![tenant, unit]).await?.iter().map(works).collect()
}

/// The works of all units of a tenant.
pub async fn works_of_tenant(db: &Db, tenant: Uuid) -> Result<Vec<Works>, DbError> {
    db.all(&WORKS_OF_TENANT, args![tenant]).await?.iter().map(works).collect()
}
