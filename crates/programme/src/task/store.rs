//! SQL of tasks.

use super::model::{Due, Event, Party, Proof, State, Task, Words};
use db::{Db, DbError, Row, Tx, args};
use jiff::civil::Date;
use uuid::Uuid;

macro_rules! columns {
    () => {
        "tenant_id, task_id, parent_tenant_id, parent_id, plan, target, goal, number, title, output, owner_id, owner_body, support, issuer_id, \
         assigned, due_on, due_days, state, seq, done_on, done_by_id, everybody, synthetic, made_by, made_at, owner_organisation_id"
    };
}

db::statements! {
    ADD: Tenant = "INSERT INTO task (tenant_id, task_id, parent_tenant_id, parent_id, plan, target, goal, number, title, output, owner_id, owner_body, \
                   support, issuer_id, assigned, due_on, due_days, state, seq, done_on, done_by_id, everybody, synthetic, made_by, made_at, changed_at, owner_organisation_id) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27) \
                   ON CONFLICT DO NOTHING";
    SAVE: Tenant = "UPDATE task SET plan = $3, target = $4, goal = $5, number = $6, title = $7, output = $8, owner_body = $9, support = $10, due_on = $11, \
                    due_days = $12, state = $13, seq = $14, done_on = $15, done_by_id = $16, changed_at = $17, owner_organisation_id = $18 WHERE tenant_id = $1 AND task_id = $2";
    ONE: Tenant = concat!("SELECT ", columns!(), " FROM task WHERE tenant_id = $1 AND task_id = $2");
    HOME: National = "SELECT tenant_id FROM task WHERE task_id = $1";
    PAGE: Tenant = concat!("SELECT ", columns!(), " FROM task WHERE tenant_id = $1 AND task_id > $2 ORDER BY task_id LIMIT $3");
    OF_OWNER: Tenant = concat!("SELECT ", columns!(), " FROM task WHERE tenant_id = $1 AND owner_id = $2 ORDER BY task_id");
    IN_STATE: Tenant = concat!("SELECT ", columns!(), " FROM task WHERE tenant_id = $1 AND state = $2 ORDER BY task_id");
    PARTS: Tenant = concat!("SELECT ", columns!(), " FROM task WHERE tenant_id = $1 AND parent_id = $2 ORDER BY task_id");
    ADD_EVENT: Tenant = "INSERT INTO task_event (tenant_id, task_id, seq, at, who_id, who_name, kind, from_state, to_state, words) \
                         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    EVENTS: Tenant = "SELECT seq, at, who_id, who_name, kind, from_state, to_state, words FROM task_event \
                      WHERE tenant_id = $1 AND task_id = $2 ORDER BY seq";
    ADD_CHILD: Tenant = "INSERT INTO task_child (tenant_id, task_id, unit_id, child_tenant_id, child_id) VALUES ($1, $2, $3, $4, $5)";
    CHILDREN: Tenant = "SELECT unit_id, child_tenant_id, child_id FROM task_child WHERE tenant_id = $1 AND task_id = $2 ORDER BY unit_id";
    ADD_SUPPORT: Tenant = "INSERT INTO task_support (tenant_id, unit_id, task_id, home_id) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
    DROP_SUPPORT: Tenant = "DELETE FROM task_support WHERE tenant_id = $1 AND unit_id = $2 AND task_id = $3";
    SUPPORTED: Tenant = "SELECT home_id, task_id FROM task_support WHERE tenant_id = $1 AND unit_id = $2 ORDER BY task_id";
    ADD_PROOF: Tenant = "INSERT INTO task_proof (tenant_id, task_id, proof_id, name, media, size, sha256, content, number, issued, issuer, who_name, at) \
                         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)";
    PROOFS: Tenant = "SELECT proof_id, name, media, size, sha256, number, issued, issuer, who_name, at FROM task_proof \
                      WHERE tenant_id = $1 AND task_id = $2 ORDER BY proof_id";
    PROOF: Tenant = "SELECT name, media, content FROM task_proof WHERE tenant_id = $1 AND task_id = $2 AND proof_id = $3";
}

/// Rows read at once.
const PAGE_ROWS: i64 = 2_000;

fn date(text: Option<String>) -> Option<Date> {
    text.and_then(|t| t.parse().ok())
}

fn task(row: &Row) -> Result<Task, DbError> {
    let broken = |what: &str| DbError::defect(format!("a task with a broken {what}"));
    let due = match (date(row.text_opt(15)?), row.int_opt(16)?) {
        (Some(on), _) => Due::On(on),
        (None, Some(days)) => Due::Days(u32::try_from(days).map_err(|_| broken("deadline"))?),
        (None, None) => Due::Open,
    };
    Ok(Task {
        tenant: row.uuid(0)?,
        id: row.uuid(1)?,
        parent: row.uuid_opt(2)?.zip(row.uuid_opt(3)?),
        words: Words { plan: row.text(4)?, target: row.text(5)?, goal: row.text(6)?, number: row.text(7)?, title: row.text(8)?, output: row.text(9)? },
        owner: Party { unit: row.uuid(10)?, body: row.text(11)?, organisation: row.uuid_opt(25)? },
        support: serde_json::from_str(&row.text(12)?).map_err(|_| broken("support"))?,
        issuer: row.uuid(13)?,
        assigned: date(Some(row.text(14)?)).ok_or_else(|| broken("day"))?,
        due,
        state: State::from_code(row.int(17)?).ok_or_else(|| broken("state"))?,
        seq: row.int(18)?,
        done_on: date(row.text_opt(19)?),
        done_by: row.uuid_opt(20)?,
        everybody: row.flag(21)?,
        synthetic: row.flag(22)?,
        made_by: row.text(23)?,
        made_at: row.int(24)?,
    })
}

fn tasks(rows: &[Row]) -> Result<Vec<Task>, DbError> {
    rows.iter().map(task).collect()
}

fn due_columns(due: Due) -> (Option<String>, Option<i64>) {
    match due {
        Due::Open => (None, None),
        Due::On(date) => (Some(date.to_string()), None),
        Due::Days(days) => (None, Some(i64::from(days))),
    }
}

fn parties(list: &[Party]) -> String {
    serde_json::to_string(list).unwrap_or_else(|_| "[]".to_owned())
}

/// Adds a task unless its id is taken; whether it was added.
pub async fn add(tx: &mut Tx, t: &Task) -> Result<bool, DbError> {
    let (on, days) = due_columns(t.due);
    let w = &t.words;
    let values = args![
        t.tenant,
        t.id,
        t.parent.map(|p| p.0),
        t.parent.map(|p| p.1),
        &w.plan,
        &w.target,
        &w.goal,
        &w.number,
        &w.title,
        &w.output,
        t.owner.unit,
        &t.owner.body,
        parties(&t.support),
        t.issuer,
        t.assigned.to_string(),
        on,
        days,
        t.state.code(),
        t.seq,
        t.done_on.map(|d| d.to_string()),
        t.done_by,
        t.everybody,
        t.synthetic,
        &t.made_by,
        t.made_at,
        t.made_at,
        t.owner.organisation
    ];
    Ok(tx.exec(&ADD, values).await? > 0)
}

/// Writes what may change of a task.
pub async fn save(tx: &mut Tx, t: &Task, at: i64) -> Result<(), DbError> {
    let (on, days) = due_columns(t.due);
    let w = &t.words;
    let values = args![
        t.tenant,
        t.id,
        &w.plan,
        &w.target,
        &w.goal,
        &w.number,
        &w.title,
        &w.output,
        &t.owner.body,
        parties(&t.support),
        on,
        days,
        t.state.code(),
        t.seq,
        t.done_on.map(|d| d.to_string()),
        t.done_by,
        at,
        t.owner.organisation
    ];
    tx.exec(&SAVE, values).await.map(drop)
}

/// The tenant of a task, from its id alone: an address names no tenant.
pub async fn home(db: &Db, id: Uuid) -> Result<Option<Uuid>, DbError> {
    db.opt(&HOME, args![id]).await?.map(|r| r.uuid(0)).transpose()
}

/// A task.
pub async fn one(db: &Db, tenant: Uuid, id: Uuid) -> Result<Option<Task>, DbError> {
    db.opt(&ONE, args![tenant, id]).await?.as_ref().map(task).transpose()
}

/// The same inside a transaction.
pub async fn one_tx(tx: &mut Tx, tenant: Uuid, id: Uuid) -> Result<Option<Task>, DbError> {
    tx.opt(&ONE, args![tenant, id]).await?.as_ref().map(task).transpose()
}

/// All tasks of a tenant, in the order of their making.
pub async fn of_tenant(db: &Db, tenant: Uuid) -> Result<Vec<Task>, DbError> {
    let mut out: Vec<Task> = Vec::new();
    loop {
        let after = out.last().map_or(Uuid::nil(), |t| t.id);
        let rows = db.all(&PAGE, args![tenant, after, PAGE_ROWS]).await?;
        let full = rows.len() as i64 == PAGE_ROWS;
        out.extend(tasks(&rows)?);
        if !full {
            return Ok(out);
        }
    }
}

/// The tasks of one owner.
pub async fn of_owner(db: &Db, tenant: Uuid, owner: Uuid) -> Result<Vec<Task>, DbError> {
    tasks(&db.all(&OF_OWNER, args![tenant, owner]).await?)
}

/// The tasks of a tenant in one state.
pub async fn in_state(db: &Db, tenant: Uuid, state: State) -> Result<Vec<Task>, DbError> {
    tasks(&db.all(&IN_STATE, args![tenant, state.code()]).await?)
}

/// The parts of a task that lie in a tenant.
pub async fn parts(db: &Db, tenant: Uuid, parent: Uuid) -> Result<Vec<Task>, DbError> {
    tasks(&db.all(&PARTS, args![tenant, parent]).await?)
}

/// Adds a line to a task's history.
pub async fn add_event(tx: &mut Tx, tenant: Uuid, task: Uuid, e: &Event) -> Result<(), DbError> {
    let (from, to) = (e.states.map(|s| s.0.code()), e.states.map(|s| s.1.code()));
    tx.exec(&ADD_EVENT, args![tenant, task, e.seq, e.at, e.who, &e.who_name, &e.kind, from, to, &e.words]).await.map(drop)
}

/// A task's history, oldest first.
pub async fn events(db: &Db, tenant: Uuid, task: Uuid) -> Result<Vec<Event>, DbError> {
    let rows = db.all(&EVENTS, args![tenant, task]).await?;
    rows.iter()
        .map(|r| {
            let state = |n| Ok::<_, DbError>(r.int_opt(n)?.and_then(State::from_code));
            Ok(Event {
                seq: r.int(0)?,
                at: r.int(1)?,
                who: r.uuid_opt(2)?,
                who_name: r.text(3)?,
                kind: r.text(4)?,
                states: state(5)?.zip(state(6)?),
                words: r.text(7)?,
            })
        })
        .collect()
}

/// Says that a unit has its part of a task.
pub async fn add_child(tx: &mut Tx, parent: (Uuid, Uuid), unit: Uuid, child: (Uuid, Uuid)) -> Result<(), DbError> {
    tx.exec(&ADD_CHILD, args![parent.0, parent.1, unit, child.0, child.1]).await.map(drop)
}

/// The units that have their part of a task: unit, tenant and id of the part.
pub async fn children(db: &Db, tenant: Uuid, task: Uuid) -> Result<Vec<(Uuid, Uuid, Uuid)>, DbError> {
    db.all(&CHILDREN, args![tenant, task]).await?.iter().map(|r| Ok((r.uuid(0)?, r.uuid(1)?, r.uuid(2)?))).collect()
}

/// The same inside a transaction.
pub async fn children_tx(tx: &mut Tx, tenant: Uuid, task: Uuid) -> Result<Vec<(Uuid, Uuid, Uuid)>, DbError> {
    tx.all(&CHILDREN, args![tenant, task]).await?.iter().map(|r| Ok((r.uuid(0)?, r.uuid(1)?, r.uuid(2)?))).collect()
}

/// Says that a unit helps with a task; the row lies with the tenant of the unit, so that it finds it.
pub async fn add_support(tx: &mut Tx, tenant: Uuid, unit: Uuid, task: &Task) -> Result<(), DbError> {
    tx.exec(&ADD_SUPPORT, args![tenant, unit, task.id, task.tenant]).await.map(drop)
}

/// Takes that back.
pub async fn drop_support(tx: &mut Tx, tenant: Uuid, unit: Uuid, task: Uuid) -> Result<(), DbError> {
    tx.exec(&DROP_SUPPORT, args![tenant, unit, task]).await.map(drop)
}

/// The tasks a unit helps with: tenant and id.
pub async fn supported(db: &Db, tenant: Uuid, unit: Uuid) -> Result<Vec<(Uuid, Uuid)>, DbError> {
    db.all(&SUPPORTED, args![tenant, unit]).await?.iter().map(|r| Ok((r.uuid(0)?, r.uuid(1)?))).collect()
}

/// Adds a piece of proof that only names a document.
pub async fn add_proof(tx: &mut Tx, tenant: Uuid, task: Uuid, p: &Proof) -> Result<(), DbError> {
    let values = args![tenant, task, p.id, &p.name, &p.media, p.size, &p.sha256, Vec::<u8>::new(), &p.number, p.issued.clone(), &p.issuer, &p.who_name, p.at];
    tx.exec(&ADD_PROOF, values).await.map(drop)
}

fn proof(r: &Row) -> Result<Proof, DbError> {
    Ok(Proof {
        id: r.uuid(0)?,
        name: r.text(1)?,
        media: r.text(2)?,
        size: r.int(3)?,
        sha256: r.text(4)?,
        number: r.text(5)?,
        issued: r.text_opt(6)?,
        issuer: r.text(7)?,
        who_name: r.text(8)?,
        at: r.int(9)?,
        scan: None,
    })
}

/// The proof of a task.
pub async fn proofs(db: &Db, tenant: Uuid, task: Uuid) -> Result<Vec<Proof>, DbError> {
    db.all(&PROOFS, args![tenant, task]).await?.iter().map(proof).collect()
}

/// The same inside a transaction.
pub async fn proofs_tx(tx: &mut Tx, tenant: Uuid, task: Uuid) -> Result<Vec<Proof>, DbError> {
    tx.all(&PROOFS, args![tenant, task]).await?.iter().map(proof).collect()
}

/// Name, media type and bytes of a piece of proof.
pub async fn proof_content(db: &Db, tenant: Uuid, task: Uuid, id: Uuid) -> Result<Option<(String, String, Vec<u8>)>, DbError> {
    match db.opt(&PROOF, args![tenant, task, id]).await? {
        Some(r) => Ok(Some((r.text(0)?, r.text(1)?, r.bytes(2)?))),
        None => Ok(None),
    }
}
