//! SQL of cases.

use crate::case::{CaseRow, ClockRow, EventRow, Fields, NoticeRow, PaperRow, TaskRow};
use db::{Arg, Db, DbError, Row, Tx, args};
use uuid::Uuid;

/// What lists read of a case, in the order of [`case`].
macro_rules! case_columns {
    ($tail:literal) => {
        concat!(
            "SELECT tenant_id, case_id, procedure, version, unit_id, origin_id, title, subject, state, open, seq, holder_id, holder, assignee_id, assignee, \
             fields, opened_at, opened_by, entered_at, ended_at, due FROM work_case WHERE tenant_id = $1 ",
            $tail
        )
    };
}

db::statements! {
    FIND: Tenant = case_columns!("AND case_id = $2");
    TENANT_OF: National = "SELECT tenant_id FROM work_case WHERE case_id = $1";
    INBOX: Tenant = case_columns!("AND holder_id = $2 AND open = 1 AND (sort_due > $3 OR (sort_due = $3 AND case_id > $4)) ORDER BY sort_due, case_id LIMIT $5");
    MINE: Tenant = case_columns!("AND assignee_id = $2 AND open = 1 AND (sort_due > $3 OR (sort_due = $3 AND case_id > $4)) ORDER BY sort_due, case_id LIMIT $5");
    OF_UNIT: Tenant = case_columns!("AND unit_id = $2 AND (opened_at < $3 OR (opened_at = $3 AND case_id < $4)) ORDER BY opened_at DESC, case_id DESC LIMIT $5");
    OF_SUBJECT: Tenant = case_columns!("AND subject = $2 ORDER BY case_id");
    OF_PROCEDURE: Tenant = case_columns!("AND procedure = $2 AND opened_at >= $3 AND opened_at < $4 ORDER BY opened_at, case_id LIMIT $5");
    OPEN_UNITS: Tenant = "SELECT DISTINCT unit_id, holder_id FROM work_case WHERE tenant_id = $1 AND open = 1";
    OPEN_CASES: Tenant = case_columns!("AND open = 1 AND case_id > $2 ORDER BY case_id LIMIT $3");
    ADD: Tenant = "INSERT INTO work_case (tenant_id, case_id, procedure, version, unit_id, origin_id, title, folded, subject, state, open, seq, holder_id, holder, assignee_id, \
                   assignee, fields, opened_at, opened_by, entered_at, ended_at, due, sort_due) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23)";
    SAVE: Tenant = "UPDATE work_case SET unit_id = $3, state = $4, open = $5, seq = $6, holder_id = $7, holder = $8, assignee_id = $9, assignee = $10, fields = $11, \
                    entered_at = $12, ended_at = $13, due = $14, sort_due = $15 WHERE tenant_id = $1 AND case_id = $2";
    ADD_EVENT: Tenant = "INSERT INTO case_event (tenant_id, case_id, seq, at, who_id, who_name, acting, kind, action, from_state, to_state, was, became, note, idem) \
                         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)";
    EVENTS: Tenant = "SELECT seq, at, who_id, who_name, acting, kind, action, from_state, to_state, was, became, note FROM case_event \
                      WHERE tenant_id = $1 AND case_id = $2 ORDER BY seq";
    EVENTS_AFTER: Tenant = "SELECT seq, at, who_id, who_name, acting, kind, action, from_state, to_state, was, became, note FROM case_event \
                            WHERE tenant_id = $1 AND case_id = $2 AND seq > $3 ORDER BY seq";
    KEYED: Tenant = "SELECT seq FROM case_event WHERE tenant_id = $1 AND case_id = $2 AND idem = $3";
    CLOCKS: Tenant = "SELECT clock, state, started_at, amount, measure, promised, due, ended_at, open, escalated, pauses, extensions, causes FROM case_clock \
                      WHERE tenant_id = $1 AND case_id = $2 ORDER BY started_at, clock";
    SAVE_CLOCK: Tenant = "INSERT INTO case_clock (tenant_id, case_id, clock, state, started_at, amount, measure, promised, due, ended_at, open, escalated, pauses, extensions, causes) \
                          VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) ON CONFLICT (tenant_id, case_id, clock) DO UPDATE SET \
                          promised = excluded.promised, due = excluded.due, ended_at = excluded.ended_at, open = excluded.open, escalated = excluded.escalated, \
                          pauses = excluded.pauses, extensions = excluded.extensions, causes = excluded.causes";
    OVERDUE: Tenant = "SELECT case_id, clock FROM case_clock WHERE tenant_id = $1 AND open = 1 AND due < $2 AND escalated = 0 ORDER BY due, case_id LIMIT $3";
    TASKS: Tenant = "SELECT seq, task, holder_id, holder, opened_at, due, open, verdict, note, done_by, done_at FROM case_task WHERE tenant_id = $1 AND case_id = $2 ORDER BY seq, task";
    ADD_TASK: Tenant = "INSERT INTO case_task (tenant_id, case_id, seq, task, holder_id, holder, opened_at, due, sort_due, open, verdict, note, done_by, done_at) \
                        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)";
    END_TASK: Tenant = "UPDATE case_task SET open = 0, verdict = $5, note = $6, done_by = $7, done_at = $8 WHERE tenant_id = $1 AND case_id = $2 AND seq = $3 AND task = $4 AND open = 1";
    MOVE_TASK: Tenant = "UPDATE case_task SET holder_id = $5 WHERE tenant_id = $1 AND case_id = $2 AND seq = $3 AND task = $4";
    CLOSE_TASKS: Tenant = "UPDATE case_task SET open = 0 WHERE tenant_id = $1 AND case_id = $2 AND open = 1";
    TASK_INBOX: Tenant = "SELECT case_id, seq, task, holder_id, holder, opened_at, due FROM case_task WHERE tenant_id = $1 AND holder_id = $2 AND open = 1 ORDER BY sort_due, case_id LIMIT $3";
    ADD_PAPER: Tenant = "INSERT INTO case_paper (tenant_id, case_id, paper_id, paper, name, media, size, sha256, content, number, at, who_name) \
                         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    PAPERS: Tenant = "SELECT paper_id, paper, name, media, size, sha256, number, at, who_name FROM case_paper WHERE tenant_id = $1 AND case_id = $2 ORDER BY paper_id";
    PAPER: Tenant = "SELECT paper, name, media, content FROM case_paper WHERE tenant_id = $1 AND case_id = $2 AND paper_id = $3";
    ADD_NOTICE: Tenant = "INSERT INTO case_notice (tenant_id, unit_id, notice_id, case_id, actor, at, vi, en) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    NOTICES: Tenant = "SELECT notice_id, case_id, actor, at, vi, en FROM case_notice WHERE tenant_id = $1 AND unit_id = $2 ORDER BY notice_id DESC LIMIT $3";
}

/// Where lists without a due date go.
pub const NEVER: i64 = i64::MAX;

fn case(row: &Row) -> Result<CaseRow, DbError> {
    Ok(CaseRow {
        tenant: row.uuid(0)?,
        id: row.uuid(1)?,
        procedure: row.text(2)?,
        version: row.int(3)?,
        unit: row.uuid(4)?,
        origin: row.uuid(5)?,
        title: row.text(6)?,
        subject: row.text(7)?,
        state: row.text(8)?,
        open: row.flag(9)?,
        seq: row.int(10)?,
        holder_unit: row.uuid(11)?,
        holder: row.text(12)?,
        assignee_id: row.uuid_opt(13)?,
        assignee: row.text(14)?,
        fields: json(&row.text(15)?)?,
        opened_at: row.int(16)?,
        opened_by: row.text(17)?,
        entered_at: row.int(18)?,
        ended_at: row.int_opt(19)?,
        due: row.int_opt(20)?,
    })
}

fn json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, DbError> {
    serde_json::from_str(text).map_err(|error| DbError::defect(format!("stored JSON: {error}")))
}

fn text<T: serde::Serialize>(value: &T) -> Result<String, DbError> {
    serde_json::to_string(value).map_err(|error| DbError::defect(format!("JSON: {error}")))
}

/// A case.
///
/// # Errors
/// What the database says; so do all functions here.
pub async fn find(db: &Db, tenant: Uuid, id: Uuid) -> Result<Option<CaseRow>, DbError> {
    db.opt(&FIND, args![tenant, id]).await?.as_ref().map(case).transpose()
}

/// The tenant that keeps a case; its id says nothing of it.
pub async fn tenant_of(db: &Db, id: Uuid) -> Result<Option<Uuid>, DbError> {
    db.opt(&TENANT_OF, args![id]).await?.map(|row| row.uuid(0)).transpose()
}

/// The same inside a transaction.
pub async fn tenant_of_tx(tx: &mut Tx, id: Uuid) -> Result<Option<Uuid>, DbError> {
    tx.opt(&TENANT_OF, args![id]).await?.map(|row| row.uuid(0)).transpose()
}

/// A case, inside a transaction.
pub async fn find_tx(tx: &mut Tx, tenant: Uuid, id: Uuid) -> Result<Option<CaseRow>, DbError> {
    tx.opt(&FIND, args![tenant, id]).await?.as_ref().map(case).transpose()
}

/// Open cases that a unit holds, by the clock, after a place in the list.
pub async fn inbox(db: &Db, tenant: Uuid, holder: Uuid, after: (i64, Uuid), most: i64) -> Result<Vec<CaseRow>, DbError> {
    db.all(&INBOX, args![tenant, holder, after.0, after.1, most]).await?.iter().map(case).collect()
}

/// Open cases assigned to a person.
pub async fn mine(db: &Db, tenant: Uuid, account: Uuid, after: (i64, Uuid), most: i64) -> Result<Vec<CaseRow>, DbError> {
    db.all(&MINE, args![tenant, account, after.0, after.1, most]).await?.iter().map(case).collect()
}

/// Cases about a unit, newest first.
pub async fn of_unit(db: &Db, tenant: Uuid, unit: Uuid, before: (i64, Uuid), most: i64) -> Result<Vec<CaseRow>, DbError> {
    db.all(&OF_UNIT, args![tenant, unit, before.0, before.1, most]).await?.iter().map(case).collect()
}

/// Cases of a subject, oldest first.
pub async fn of_subject(db: &Db, tenant: Uuid, subject: &str) -> Result<Vec<CaseRow>, DbError> {
    db.all(&OF_SUBJECT, args![tenant, subject]).await?.iter().map(case).collect()
}

/// Cases of a procedure opened in a stretch of time.
pub async fn of_procedure(db: &Db, tenant: Uuid, code: &str, from: i64, to: i64, most: i64) -> Result<Vec<CaseRow>, DbError> {
    db.all(&OF_PROCEDURE, args![tenant, code, from, to, most]).await?.iter().map(case).collect()
}

/// The units that open cases of a tenant are about, and those that hold them.
pub async fn open_units(db: &Db, tenant: Uuid) -> Result<Vec<Uuid>, DbError> {
    let pairs = db.all(&OPEN_UNITS, args![tenant]).await?.iter().map(|r| Ok([r.uuid(0)?, r.uuid(1)?])).collect::<Result<Vec<_>, DbError>>()?;
    Ok(pairs.into_iter().flatten().collect())
}

/// Open cases of a tenant after an id.
pub async fn open_cases_tx(tx: &mut Tx, tenant: Uuid, after: Uuid, most: i64) -> Result<Vec<CaseRow>, DbError> {
    tx.all(&OPEN_CASES, args![tenant, after, most]).await?.iter().map(case).collect()
}

/// Adds a case.
pub async fn add(tx: &mut Tx, c: &CaseRow) -> Result<(), DbError> {
    let args = args![
        c.tenant,
        c.id,
        &c.procedure,
        c.version,
        c.unit,
        c.origin,
        &c.title,
        lang::fold(&c.title),
        &c.subject,
        &c.state,
        c.open,
        c.seq,
        c.holder_unit,
        &c.holder,
        c.assignee_id,
        &c.assignee,
        text(&c.fields)?,
        c.opened_at,
        &c.opened_by,
        c.entered_at,
        c.ended_at,
        c.due,
        c.due.unwrap_or(NEVER)
    ];
    tx.exec(&ADD, args).await.map(drop)
}

/// Writes where a case stands now.
pub async fn save(tx: &mut Tx, c: &CaseRow) -> Result<(), DbError> {
    let args = args![
        c.tenant,
        c.id,
        c.unit,
        &c.state,
        c.open,
        c.seq,
        c.holder_unit,
        &c.holder,
        c.assignee_id,
        &c.assignee,
        text(&c.fields)?,
        c.entered_at,
        c.ended_at,
        c.due,
        c.due.unwrap_or(NEVER)
    ];
    tx.exec(&SAVE, args).await.map(drop)
}

fn event(row: &Row) -> Result<EventRow, DbError> {
    Ok(EventRow {
        seq: row.int(0)?,
        at: row.int(1)?,
        who_id: row.uuid_opt(2)?,
        who_name: row.text(3)?,
        acting: row.text(4)?,
        kind: row.text(5)?,
        action: row.text(6)?,
        from: row.text(7)?,
        to: row.text(8)?,
        was: json(&row.text(9)?)?,
        became: json(&row.text(10)?)?,
        note: row.text(11)?,
    })
}

/// Appends an event. Two writers at the same number: [`DbError::Conflict`].
pub async fn add_event(tx: &mut Tx, tenant: Uuid, id: Uuid, e: &EventRow, key: Option<&str>) -> Result<(), DbError> {
    let args = args![
        tenant,
        id,
        e.seq,
        e.at,
        e.who_id,
        &e.who_name,
        &e.acting,
        &e.kind,
        &e.action,
        &e.from,
        &e.to,
        text::<Fields>(&e.was)?,
        text::<Fields>(&e.became)?,
        &e.note,
        key.map(str::to_owned)
    ];
    tx.exec(&ADD_EVENT, args).await.map(drop)
}

/// All events of a case in order.
pub async fn events(db: &Db, tenant: Uuid, id: Uuid) -> Result<Vec<EventRow>, DbError> {
    db.all(&EVENTS, args![tenant, id]).await?.iter().map(event).collect()
}

/// The events after a number.
pub async fn events_after_tx(tx: &mut Tx, tenant: Uuid, id: Uuid, seq: i64) -> Result<Vec<EventRow>, DbError> {
    tx.all(&EVENTS_AFTER, args![tenant, id, seq]).await?.iter().map(event).collect()
}

/// The event that a key brought, if it was here before.
pub async fn keyed_tx(tx: &mut Tx, tenant: Uuid, id: Uuid, key: &str) -> Result<Option<i64>, DbError> {
    tx.opt(&KEYED, args![tenant, id, key]).await?.map(|row| row.int(0)).transpose()
}

fn clock(row: &Row) -> Result<ClockRow, DbError> {
    Ok(ClockRow {
        clock: row.text(0)?,
        state: row.text(1)?,
        started_at: row.int(2)?,
        amount: row.int_opt(3)?.and_then(|n| u32::try_from(n).ok()),
        measure: json(&row.text(4)?)?,
        promised: row.int_opt(5)?,
        due: row.int_opt(6)?,
        ended_at: row.int_opt(7)?,
        open: row.flag(8)?,
        escalated: row.flag(9)?,
        pauses: json(&row.text(10)?)?,
        extensions: json(&row.text(11)?)?,
        causes: json(&row.text(12)?)?,
    })
}

/// The clocks of a case, oldest first.
pub async fn clocks(db: &Db, tenant: Uuid, id: Uuid) -> Result<Vec<ClockRow>, DbError> {
    db.all(&CLOCKS, args![tenant, id]).await?.iter().map(clock).collect()
}

/// The same inside a transaction.
pub async fn clocks_tx(tx: &mut Tx, tenant: Uuid, id: Uuid) -> Result<Vec<ClockRow>, DbError> {
    tx.all(&CLOCKS, args![tenant, id]).await?.iter().map(clock).collect()
}

/// Writes a clock.
pub async fn save_clock(tx: &mut Tx, tenant: Uuid, id: Uuid, c: &ClockRow) -> Result<(), DbError> {
    let args = args![
        tenant,
        id,
        &c.clock,
        &c.state,
        c.started_at,
        c.amount.map(i64::from),
        text(&c.measure)?,
        c.promised,
        c.due,
        c.ended_at,
        c.open,
        c.escalated,
        text(&c.pauses)?,
        text(&c.extensions)?,
        text(&c.causes)?
    ];
    tx.exec(&SAVE_CLOCK, args).await.map(drop)
}

/// Open clocks past their deadline that nobody was told of: case and clock.
pub async fn overdue(db: &Db, tenant: Uuid, now: i64, most: i64) -> Result<Vec<(Uuid, String)>, DbError> {
    db.all(&OVERDUE, args![tenant, now, most]).await?.iter().map(|r| Ok((r.uuid(0)?, r.text(1)?))).collect()
}

fn task(row: &Row) -> Result<TaskRow, DbError> {
    Ok(TaskRow {
        seq: row.int(0)?,
        task: row.text(1)?,
        holder_unit: row.uuid(2)?,
        holder: row.text(3)?,
        opened_at: row.int(4)?,
        due: row.int_opt(5)?,
        open: row.flag(6)?,
        verdict: row.text(7)?,
        note: row.text(8)?,
        done_by: row.text(9)?,
        done_at: row.int_opt(10)?,
    })
}

/// The tasks of a case in the order in which they were handed out.
pub async fn tasks(db: &Db, tenant: Uuid, id: Uuid) -> Result<Vec<TaskRow>, DbError> {
    db.all(&TASKS, args![tenant, id]).await?.iter().map(task).collect()
}

/// The same inside a transaction.
pub async fn tasks_tx(tx: &mut Tx, tenant: Uuid, id: Uuid) -> Result<Vec<TaskRow>, DbError> {
    tx.all(&TASKS, args![tenant, id]).await?.iter().map(task).collect()
}

/// Hands a task out.
pub async fn add_task(tx: &mut Tx, tenant: Uuid, id: Uuid, t: &TaskRow) -> Result<(), DbError> {
    let args = args![
        tenant,
        id,
        t.seq,
        &t.task,
        t.holder_unit,
        &t.holder,
        t.opened_at,
        t.due,
        t.due.unwrap_or(NEVER),
        t.open,
        &t.verdict,
        &t.note,
        &t.done_by,
        t.done_at
    ];
    tx.exec(&ADD_TASK, args).await.map(drop)
}

/// Ends a task; false when somebody had ended it.
pub async fn end_task(tx: &mut Tx, tenant: Uuid, id: Uuid, t: &TaskRow) -> Result<bool, DbError> {
    Ok(tx.exec(&END_TASK, args![tenant, id, t.seq, &t.task, &t.verdict, &t.note, &t.done_by, t.done_at]).await? == 1)
}

/// Gives a task to another unit.
pub async fn move_task(tx: &mut Tx, tenant: Uuid, id: Uuid, t: &TaskRow, holder: Uuid) -> Result<(), DbError> {
    tx.exec(&MOVE_TASK, args![tenant, id, t.seq, &t.task, holder]).await.map(drop)
}

/// Closes what is still open when the case goes on.
pub async fn close_tasks(tx: &mut Tx, tenant: Uuid, id: Uuid) -> Result<u64, DbError> {
    tx.exec(&CLOSE_TASKS, args![tenant, id]).await
}

/// Open tasks of a unit by the clock: case and task.
pub async fn task_inbox(db: &Db, tenant: Uuid, holder: Uuid, most: i64) -> Result<Vec<(Uuid, TaskRow)>, DbError> {
    let read = |row: &Row| {
        Ok((
            row.uuid(0)?,
            TaskRow {
                seq: row.int(1)?,
                task: row.text(2)?,
                holder_unit: row.uuid(3)?,
                holder: row.text(4)?,
                opened_at: row.int(5)?,
                due: row.int_opt(6)?,
                open: true,
                ..TaskRow::default()
            },
        ))
    };
    db.all(&TASK_INBOX, args![tenant, holder, most]).await?.iter().map(read).collect()
}

/// Keeps a paper.
pub async fn add_paper(tx: &mut Tx, tenant: Uuid, id: Uuid, p: &PaperRow, content: Vec<u8>) -> Result<(), DbError> {
    let mut args: Vec<Arg> = args![tenant, id, p.id, &p.paper, &p.name, &p.media, p.size, &p.sha256];
    args.push(Arg::from(content));
    args.extend(args![&p.number, p.at, &p.who_name]);
    tx.exec(&ADD_PAPER, args).await.map(drop)
}

fn paper(row: &Row) -> Result<PaperRow, DbError> {
    Ok(PaperRow {
        id: row.uuid(0)?,
        paper: row.text(1)?,
        name: row.text(2)?,
        media: row.text(3)?,
        size: row.int(4)?,
        sha256: row.text(5)?,
        number: row.text(6)?,
        at: row.int(7)?,
        who_name: row.text(8)?,
    })
}

/// The papers of a case without their bytes.
pub async fn papers(db: &Db, tenant: Uuid, id: Uuid) -> Result<Vec<PaperRow>, DbError> {
    db.all(&PAPERS, args![tenant, id]).await?.iter().map(paper).collect()
}

/// The same inside a transaction.
pub async fn papers_tx(tx: &mut Tx, tenant: Uuid, id: Uuid) -> Result<Vec<PaperRow>, DbError> {
    tx.all(&PAPERS, args![tenant, id]).await?.iter().map(paper).collect()
}

/// Kind, name, media type and bytes of a paper.
pub async fn paper_content(db: &Db, tenant: Uuid, id: Uuid, paper: Uuid) -> Result<Option<(String, String, String, Vec<u8>)>, DbError> {
    db.opt(&PAPER, args![tenant, id, paper]).await?.map(|r| Ok((r.text(0)?, r.text(1)?, r.text(2)?, r.bytes(3)?))).transpose()
}

/// Tells a unit.
pub async fn add_notice(tx: &mut Tx, tenant: Uuid, unit: Uuid, n: &NoticeRow) -> Result<(), DbError> {
    tx.exec(&ADD_NOTICE, args![tenant, unit, n.id, n.case, &n.actor, n.at, &n.vi, &n.en]).await.map(drop)
}

/// What a unit was told last.
pub async fn notices(db: &Db, tenant: Uuid, unit: Uuid, most: i64) -> Result<Vec<NoticeRow>, DbError> {
    let read = |r: &Row| Ok(NoticeRow { id: r.uuid(0)?, case: r.uuid(1)?, actor: r.text(2)?, at: r.int(3)?, vi: r.text(4)?, en: r.text(5)? });
    db.all(&NOTICES, args![tenant, unit, most]).await?.iter().map(read).collect()
}
