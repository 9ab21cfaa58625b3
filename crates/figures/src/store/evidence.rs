//! SQL of the evidence library: files, their bytes, and what they are used for.

use super::Act;
use crate::service::evidence::{About, Piece, Scan, Subject, Topic, Use};
use db::{Db, DbError, Row, Tx, args};
use std::collections::HashMap;
use uuid::Uuid;

db::statements! {
    ADD_FILE: Tenant = "INSERT INTO evidence_file (tenant_id, evidence_id, unit_id, sha256, name, media, size, url, number, issued, issuer, valid_until, scan, scanned_at, scan_note, act_id) \
                        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";
    ADD_CONTENT: Tenant = "INSERT INTO evidence_content (tenant_id, evidence_id, content) VALUES ($1, $2, $3)";
    CONTENT: Tenant = "SELECT content FROM evidence_content WHERE tenant_id = $1 AND evidence_id = $2";
    DESCRIBE: Tenant = "UPDATE evidence_file SET number = $3, issued = $4, issuer = $5, valid_until = $6 WHERE tenant_id = $1 AND evidence_id = $2";
    SCANNED: Tenant = "UPDATE evidence_file SET scan = $3, scanned_at = $4, scan_note = $5 WHERE tenant_id = $1 AND evidence_id = $2";
    BY_HASH: Tenant = "SELECT evidence_id, scan FROM evidence_file WHERE tenant_id = $1 AND sha256 = $2";
    FILE: Tenant = "SELECT f.tenant_id, f.evidence_id, f.unit_id, f.sha256, f.name, f.media, f.size, f.url, f.number, f.issued, f.issuer, f.valid_until, f.scan, f.scanned_at, f.scan_note, a.who_name, a.at \
                    FROM evidence_file f JOIN act a ON a.tenant_id = f.tenant_id AND a.act_id = f.act_id WHERE f.tenant_id = $1 AND f.evidence_id = $2";
    OF_SUBJECT: Tenant = "SELECT f.tenant_id, f.evidence_id, f.unit_id, f.sha256, f.name, f.media, f.size, f.url, f.number, f.issued, f.issuer, f.valid_until, f.scan, f.scanned_at, f.scan_note, a.who_name, a.at \
                          FROM evidence_file f JOIN act a ON a.tenant_id = f.tenant_id AND a.act_id = f.act_id \
                          WHERE f.tenant_id = $1 AND f.evidence_id IN (SELECT u.evidence_id FROM evidence_use u WHERE u.tenant_id = $1 AND u.unit_id = $2 AND u.kind = $3 \
                          AND u.topic_id = $4 AND u.period = $5 AND u.item = $6 GROUP BY u.evidence_id HAVING sum(u.change) > 0) ORDER BY f.evidence_id";
    NEWEST: Tenant = "SELECT f.tenant_id, f.evidence_id, f.unit_id, f.sha256, f.name, f.media, f.size, f.url, f.number, f.issued, f.issuer, f.valid_until, f.scan, f.scanned_at, f.scan_note, a.who_name, a.at \
                      FROM evidence_file f JOIN act a ON a.tenant_id = f.tenant_id AND a.act_id = f.act_id \
                      WHERE f.tenant_id = $1 AND f.evidence_id < $2 AND ($3 = '' OR f.valid_until <= $3) ORDER BY f.evidence_id DESC LIMIT $4";
    NEWEST_OF_UNIT: Tenant = "SELECT f.tenant_id, f.evidence_id, f.unit_id, f.sha256, f.name, f.media, f.size, f.url, f.number, f.issued, f.issuer, f.valid_until, f.scan, f.scanned_at, f.scan_note, a.who_name, a.at \
                      FROM evidence_file f JOIN act a ON a.tenant_id = f.tenant_id AND a.act_id = f.act_id \
                      WHERE f.tenant_id = $1 AND f.evidence_id < $2 AND ($3 = '' OR f.valid_until <= $3) AND (f.unit_id = $5 OR f.evidence_id IN \
                      (SELECT u.evidence_id FROM evidence_use u WHERE u.tenant_id = $1 AND u.unit_id = $5)) ORDER BY f.evidence_id DESC LIMIT $4";
    USES: Tenant = "SELECT u.unit_id, u.kind, u.topic_id, u.period, u.item, u.evidence_id, u.seq, u.change, u.reason, a.who_name, a.at \
                    FROM evidence_use u JOIN act a ON a.tenant_id = u.tenant_id AND a.act_id = u.act_id \
                    WHERE u.tenant_id = $1 AND u.evidence_id = $2 ORDER BY a.at, u.unit_id, u.kind, u.topic_id, u.period, u.item, u.seq";
    USES_OF_UNIT: Tenant = "SELECT u.unit_id, u.kind, u.topic_id, u.period, u.item, u.evidence_id, u.seq, u.change, u.reason, a.who_name, a.at \
                            FROM evidence_use u JOIN act a ON a.tenant_id = u.tenant_id AND a.act_id = u.act_id \
                            WHERE u.tenant_id = $1 AND u.unit_id = $2 ORDER BY u.kind, u.topic_id, u.period, u.item, u.evidence_id, u.seq";
    LIVE_USES: Tenant = "SELECT u.unit_id, u.kind, u.topic_id, u.period, u.item FROM evidence_use u WHERE u.tenant_id = $1 AND u.evidence_id = $2 \
                         GROUP BY u.unit_id, u.kind, u.topic_id, u.period, u.item HAVING sum(u.change) > 0 ORDER BY u.unit_id, u.kind, u.topic_id, u.period, u.item";
    LAST_USE: Tenant = "SELECT seq, change FROM evidence_use WHERE tenant_id = $1 AND unit_id = $2 AND kind = $3 AND topic_id = $4 AND period = $5 AND item = $6 \
                        AND evidence_id = $7 ORDER BY seq DESC LIMIT 1";
    ADD_USE: Tenant = "INSERT INTO evidence_use (tenant_id, unit_id, kind, topic_id, period, item, evidence_id, seq, change, reason, act_id) \
                       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    COUNTS_OF_UNIT: Tenant = "SELECT u.unit_id, u.item, f.valid_until, f.scan FROM evidence_use u JOIN evidence_file f ON f.tenant_id = u.tenant_id AND f.evidence_id = u.evidence_id \
                              WHERE u.tenant_id = $1 AND u.kind = $2 AND u.topic_id = $3 AND u.period = $4 AND u.unit_id = $5 \
                              GROUP BY u.unit_id, u.item, u.evidence_id, f.valid_until, f.scan HAVING sum(u.change) > 0";
    COUNTS_OF_TOPIC: National = "SELECT u.unit_id, u.item, f.valid_until, f.scan FROM tenant t JOIN evidence_use u ON u.tenant_id = t.tenant_id \
                              JOIN evidence_file f ON f.tenant_id = u.tenant_id AND f.evidence_id = u.evidence_id \
                              WHERE u.kind = $1 AND u.topic_id = $2 AND u.period = $3 \
                              GROUP BY u.unit_id, u.item, u.evidence_id, f.valid_until, f.scan HAVING sum(u.change) > 0";
    COUNT_USES: Tenant = "SELECT evidence_id, count(*) FROM (SELECT u.evidence_id, u.unit_id, u.kind, u.topic_id, u.period, u.item FROM evidence_use u \
                          WHERE u.tenant_id = $1 AND u.evidence_id >= $2 AND u.evidence_id <= $3 \
                          GROUP BY u.evidence_id, u.unit_id, u.kind, u.topic_id, u.period, u.item HAVING sum(u.change) > 0) live GROUP BY evidence_id";
    TO_SCAN: National = "SELECT f.tenant_id, f.evidence_id FROM evidence_file f WHERE (f.scan = 0 AND coalesce(f.scanned_at, 0) < $1) \
                         OR (f.scan IN (1, 4) AND coalesce(f.scanned_at, 0) < $2) ORDER BY coalesce(f.scanned_at, 0), f.tenant_id, f.evidence_id LIMIT $3";
}

fn piece(r: &Row) -> Result<Piece, DbError> {
    let date = |text: Option<String>| text.and_then(|t| t.parse().ok());
    Ok(Piece {
        tenant: r.uuid(0)?,
        id: r.uuid(1)?,
        unit: r.uuid(2)?,
        sha256: r.text(3)?,
        name: r.text(4)?,
        media: r.text(5)?,
        size: r.int(6)?,
        url: r.text_opt(7)?,
        about: About { number: r.text(8)?, issued: date(r.text_opt(9)?), issuer: r.text(10)?, valid_until: date(r.text_opt(11)?) },
        scan: Scan::of(r.int(12)?),
        scanned_at: r.int_opt(13)?,
        scan_note: r.text(14)?,
        brought_by: r.text(15)?,
        brought_at: r.int(16)?,
    })
}

fn use_of(r: &Row) -> Result<Option<Use>, DbError> {
    let topic = Topic { kind: r.int(1)?, id: r.uuid(2)?, period: r.int(3)? };
    let Some(subject) = Subject::of(r.uuid(0)?, topic, r.text(4)?) else { return Ok(None) };
    Ok(Some(Use { subject, file: r.uuid(5)?, seq: r.int(6)?, linked: r.int(7)? > 0, reason: r.text(8)?, who: r.text(9)?, at: r.int(10)? }))
}

fn pieces(rows: &[Row]) -> Result<Vec<Piece>, DbError> {
    rows.iter().map(piece).collect()
}

/// Adds a file. Its bytes are added by [`add_content`].
pub async fn add_file(tx: &mut Tx, p: &Piece, act: &Act) -> Result<(), DbError> {
    let date = |d: Option<jiff::civil::Date>| d.map(|d| d.to_string());
    let a = &p.about;
    tx.exec(
        &ADD_FILE,
        args![
            p.tenant,
            p.id,
            p.unit,
            &p.sha256,
            &p.name,
            &p.media,
            p.size,
            p.url.clone(),
            &a.number,
            date(a.issued),
            &a.issuer,
            date(a.valid_until),
            p.scan.to_i64(),
            p.scanned_at,
            &p.scan_note,
            act.id
        ],
    )
    .await
    .map(drop)
}

/// Adds the bytes of a file.
pub async fn add_content(tx: &mut Tx, tenant: Uuid, id: Uuid, content: Vec<u8>) -> Result<(), DbError> {
    tx.exec(&ADD_CONTENT, args![tenant, id, content]).await.map(drop)
}

/// The bytes of a file; none for a link.
pub async fn content(db: &Db, tenant: Uuid, id: Uuid) -> Result<Option<Vec<u8>>, DbError> {
    db.opt(&CONTENT, args![tenant, id]).await?.map(|r| r.bytes(0)).transpose()
}

/// Replaces what a file says about itself.
pub async fn describe(tx: &mut Tx, tenant: Uuid, id: Uuid, about: &About) -> Result<(), DbError> {
    let date = |d: Option<jiff::civil::Date>| d.map(|d| d.to_string());
    tx.exec(&DESCRIBE, args![tenant, id, &about.number, date(about.issued), &about.issuer, date(about.valid_until)]).await.map(drop)
}

/// Writes what a scan said.
pub async fn scanned(tx: &mut Tx, tenant: Uuid, id: Uuid, scan: Scan, at: i64, note: &str) -> Result<(), DbError> {
    tx.exec(&SCANNED, args![tenant, id, scan.to_i64(), at, note]).await.map(drop)
}

/// The file with these bytes, if the tenant has it.
pub async fn by_hash(tx: &mut Tx, tenant: Uuid, sha256: &str) -> Result<Option<(Uuid, Scan)>, DbError> {
    tx.opt(&BY_HASH, args![tenant, sha256]).await?.map(|r| Ok((r.uuid(0)?, Scan::of(r.int(1)?)))).transpose()
}

/// One file.
pub async fn file(db: &Db, tenant: Uuid, id: Uuid) -> Result<Option<Piece>, DbError> {
    db.opt(&FILE, args![tenant, id]).await?.as_ref().map(piece).transpose()
}

/// The files linked to a subject now, the oldest first.
pub async fn of_subject(db: &Db, tenant: Uuid, s: &Subject) -> Result<Vec<Piece>, DbError> {
    let t = s.topic();
    pieces(&db.all(&OF_SUBJECT, args![tenant, s.unit(), t.kind, t.id, t.period, s.item()]).await?)
}

/// The same inside a transaction.
pub async fn of_subject_tx(tx: &mut Tx, tenant: Uuid, s: &Subject) -> Result<Vec<Piece>, DbError> {
    let t = s.topic();
    pieces(&tx.all(&OF_SUBJECT, args![tenant, s.unit(), t.kind, t.id, t.period, s.item()]).await?)
}

/// The files of a tenant before one, the newest first; of a unit, if one is given; that end until a day, if one is given.
pub async fn newest(db: &Db, tenant: Uuid, before: Uuid, unit: Option<Uuid>, until: &str, limit: i64) -> Result<Vec<Piece>, DbError> {
    pieces(&match unit {
        Some(unit) => db.all(&NEWEST_OF_UNIT, args![tenant, before, until, limit, unit]).await?,
        None => db.all(&NEWEST, args![tenant, before, until, limit]).await?,
    })
}

/// Every line of the use of a file, in order of time.
pub async fn uses(db: &Db, tenant: Uuid, id: Uuid) -> Result<Vec<Use>, DbError> {
    Ok(db.all(&USES, args![tenant, id]).await?.iter().map(use_of).collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
}

/// Every line of the use of files by a unit.
pub async fn uses_of_unit(db: &Db, tenant: Uuid, unit: Uuid) -> Result<Vec<Use>, DbError> {
    Ok(db.all(&USES_OF_UNIT, args![tenant, unit]).await?.iter().map(use_of).collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
}

/// What a file is linked to now.
pub async fn live_uses(db: &Db, tenant: Uuid, id: Uuid) -> Result<Vec<Subject>, DbError> {
    let mut out = Vec::new();
    for r in db.all(&LIVE_USES, args![tenant, id]).await? {
        out.extend(Subject::of(r.uuid(0)?, Topic { kind: r.int(1)?, id: r.uuid(2)?, period: r.int(3)? }, r.text(4)?));
    }
    Ok(out)
}

/// How many subjects each file of a range of ids is linked to now.
pub async fn count_uses(db: &Db, tenant: Uuid, from: Uuid, to: Uuid) -> Result<HashMap<Uuid, i64>, DbError> {
    db.all(&COUNT_USES, args![tenant, from, to]).await?.iter().map(|r| Ok((r.uuid(0)?, r.int(1)?))).collect()
}

/// Links a file to a subject (`change` 1) or unlinks it (−1). False when it is so already.
pub async fn change_use(tx: &mut Tx, tenant: Uuid, s: &Subject, id: Uuid, change: i64, reason: &str, act: &Act) -> Result<bool, DbError> {
    let t = s.topic();
    let last = tx.opt(&LAST_USE, args![tenant, s.unit(), t.kind, t.id, t.period, s.item(), id]).await?;
    let (seq, before) = last.map(|r| Ok::<_, DbError>((r.int(0)?, r.int(1)?))).transpose()?.unwrap_or((0, -1));
    if before == change {
        return Ok(false);
    }
    tx.exec(&ADD_USE, args![tenant, s.unit(), t.kind, t.id, t.period, s.item(), id, seq + 1, change, reason, act.id]).await?;
    Ok(true)
}

/// A live link as counted: unit, indicator, last day of validity, state of the scan.
pub type Counted = (Uuid, String, Option<jiff::civil::Date>, Scan);

/// The live links of one topic: of a unit of a tenant, or of the whole country.
pub async fn counted(db: &Db, topic: Topic, of: Option<(Uuid, Uuid)>) -> Result<Vec<Counted>, DbError> {
    let rows = match of {
        Some((tenant, unit)) => db.all(&COUNTS_OF_UNIT, args![tenant, topic.kind, topic.id, topic.period, unit]).await?,
        None => db.all(&COUNTS_OF_TOPIC, args![topic.kind, topic.id, topic.period]).await?,
    };
    rows.iter().map(|r| Ok((r.uuid(0)?, r.text(1)?, r.text_opt(2)?.and_then(|t| t.parse().ok()), Scan::of(r.int(3)?)))).collect()
}

/// Files to be scanned: those not looked at since `tried`, and those looked at before `stale`; (tenant, file).
pub async fn to_scan(db: &Db, tried: i64, stale: i64, limit: i64) -> Result<Vec<(Uuid, Uuid)>, DbError> {
    db.all(&TO_SCAN, args![tried, stale, limit]).await?.iter().map(|r| Ok((r.uuid(0)?, r.uuid(1)?))).collect()
}
