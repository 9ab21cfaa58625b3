//! A million work dossiers with twelve events each: inbox, search, transitions, the share of a province.

use crate::report::{Report, Row, ms, percentile};
use access::{Access, Context, Grant, NewAccount, NewGrant, Options, Role, Who};
use anyhow::Context as _;
use calendar::Clock;
use casework::Casework;
use casework::document::Office;
use casework::dossier::{Given, How, Step, Trace};
use db::{Arg, Bulk, Conflict, Db, Stmt, Type, args};
use figures::Figures;
use places::{Level, Places};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;
use uuid::Uuid;

/// Dossiers that the goals are about.
pub const MANY: usize = 1_000_000;
/// The steps of each, in order.
const STEPS: [Step; 12] = [
    Step::Open,
    Step::Register,
    Step::File,
    Step::Assign,
    Step::Draft,
    Step::Opinion,
    Step::Submit,
    Step::Sign,
    Step::Trusted,
    Step::Issue,
    Step::File,
    Step::Close,
];
const WRITERS: usize = 8;

const DOSSIER: Bulk<'_> = Bulk {
    table: "dossier",
    columns: &[
        ("tenant_id", Type::Uuid),
        ("dossier_id", Type::Uuid),
        ("office_id", Type::Uuid),
        ("unit_id", Type::Uuid),
        ("year", Type::Int),
        ("code", Type::Text),
        ("title", Type::Text),
        ("retention", Type::Text),
        ("state", Type::Int),
        ("opened_on", Type::Text),
        ("due", Type::Text),
        ("closed_on", Type::Text),
        ("archived_on", Type::Text),
        ("holder_id", Type::Uuid),
        ("holder_name", Type::Text),
        ("stage", Type::Text),
        ("since", Type::Int),
        ("seq", Type::Int),
        ("trace", Type::Int),
        ("returns", Type::Int),
    ],
    conflict: Conflict::Fail,
};
const EVENT: Bulk<'_> = Bulk {
    table: "dossier_event",
    columns: &[
        ("tenant_id", Type::Uuid),
        ("dossier_id", Type::Uuid),
        ("seq", Type::Int),
        ("at", Type::Int),
        ("who_id", Type::Uuid),
        ("who_name", Type::Text),
        ("step", Type::Text),
        ("how", Type::Int),
        ("document_id", Type::Uuid),
        ("to_name", Type::Text),
        ("note", Type::Text),
    ],
    conflict: Conflict::Fail,
};
const WORD: Bulk<'_> = Bulk {
    table: "found_word",
    columns: &[("tenant_id", Type::Uuid), ("kind", Type::Int), ("word", Type::Text), ("office_id", Type::Uuid), ("item_id", Type::Uuid), ("toned", Type::Text)],
    conflict: Conflict::Keep,
};

/// What the made-up titles are built of.
const WORDS: [&str; 48] = [
    "rà",
    "soát",
    "báo",
    "cáo",
    "kế",
    "hoạch",
    "chuyển",
    "đổi",
    "số",
    "nông",
    "thôn",
    "mới",
    "vườn",
    "vải",
    "thiều",
    "đường",
    "liên",
    "thủy",
    "lợi",
    "hợp",
    "tác",
    "xã",
    "sản",
    "phẩm",
    "chất",
    "lượng",
    "môi",
    "trường",
    "y",
    "tế",
    "giáo",
    "dục",
    "văn",
    "hóa",
    "an",
    "ninh",
    "dân",
    "cư",
    "quy",
    "hoạch",
    "ngân",
    "sách",
    "đầu",
    "tư",
    "công",
    "tiến",
    "độ",
    "giám",
];

const INBOX: Stmt = Stmt {
    name: "bench::inbox",
    sql: "SELECT dossier_id, code, title, due FROM dossier WHERE tenant_id = $1 AND holder_id = $2 AND state = 1 ORDER BY due, dossier_id LIMIT 100",
    reach: db::Reach::Tenant,
};
const WORDED: Stmt = Stmt {
    name: "bench::worded",
    sql: "SELECT item_id FROM found_word WHERE tenant_id = $1 AND kind = 1 AND word = $2 AND office_id = $3 ORDER BY item_id DESC LIMIT 31",
    reach: db::Reach::Tenant,
};
const TOUCH: Stmt = Stmt { name: "bench::touch", sql: "UPDATE dossier SET seq = seq + 1 WHERE tenant_id = $1 AND dossier_id = $2", reach: db::Reach::Tenant };
const APPEND: Stmt = Stmt {
    name: "bench::append",
    sql: "INSERT INTO dossier_event (tenant_id, dossier_id, seq, at, who_id, who_name, step, how, document_id, to_name, note) \
          SELECT tenant_id, dossier_id, seq, $3, NULL, '', 'assign', 0, NULL, '', '' FROM dossier WHERE tenant_id = $1 AND dossier_id = $2",
    reach: db::Reach::Tenant,
};
const COUNTED: Stmt = Stmt {
    name: "bench::counted",
    sql: "SELECT unit_id, trace, count(*) FROM dossier WHERE tenant_id = $1 AND closed_on >= '2026-09-15' AND closed_on <= '2026-12-14' GROUP BY unit_id, trace",
    reach: db::Reach::Tenant,
};

/// A number below `most` that depends only on its inputs.
fn chance(n: usize, salt: usize, most: usize) -> usize {
    let mixed = (n as u64 ^ (salt as u64) << 40).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    usize::try_from((mixed >> 33) % most.max(1) as u64).unwrap_or_default()
}

struct Made {
    work: Casework,
    access: Access,
    /// (tenant, office), in order of tenants.
    offices: Vec<(Uuid, Uuid)>,
    /// Open dossiers of each office that transitions are tried on.
    open: BTreeMap<Uuid, Vec<Uuid>>,
    seconds: f64,
}

fn holder(office: Uuid, n: usize) -> Uuid {
    Uuid::new_v5(&office, &[u8::try_from(n % 3).unwrap_or_default()])
}

async fn load(db: &Db, many: usize) -> anyhow::Result<Made> {
    let clock = Clock::system();
    let places = Places::open(db.clone(), clock.clone()).await?;
    places.load_facts().await?;
    let figures = Figures::open(places.clone()).await?;
    figures.load_facts().await?;
    let atlas = places.atlas();
    let view = atlas.on(clock.today());
    let access = Access::new(db.clone(), clock, Arc::new(places), Options::new(atlas.nation().context("no nation")?));
    let work = Casework::open(figures, work::Board::new()).await?;
    let mut offices: Vec<(Uuid, Uuid)> = view.all(Level::Province).chain(view.all(Level::Commune)).filter_map(|u| Some((atlas.unit(u)?.tenant, u))).collect();
    offices.sort_unstable();
    let start = Instant::now();
    let mut open: BTreeMap<Uuid, Vec<Uuid>> = BTreeMap::new();
    let (mut made, mut from) = (0, 0);
    while let Some((tenant, _)) = offices.get(from).copied() {
        let to = offices.partition_point(|o| o.0 <= tenant);
        let (mut dossiers, mut events, mut words) = (Vec::new(), Vec::new(), Vec::new());
        for (at, (_, office)) in offices.iter().enumerate().take(to).skip(from) {
            let share = (many * (at + 1) / offices.len()).saturating_sub(many * at / offices.len());
            for n in 0..share {
                let nth = made + n;
                let id = Uuid::now_v7();
                let closed = chance(nth, 1, 10) < 9;
                let steps = if closed { STEPS.len() } else { 7 };
                let trace =
                    Trace::of(STEPS.iter().take(steps).map(|s| (*s, if *s == Step::Sign && chance(nth, 2, 10) < 2 { How::Paper } else { How::System })));
                let mut title: Vec<&str> = (0..9).filter_map(|w| WORDS.get(chance(nth, 10 + w, WORDS.len())).copied()).collect();
                let code = format!("{n}.HS");
                if !closed {
                    open.entry(*office).or_default().push(id);
                }
                let month = 1 + chance(nth, 3, 11);
                dossiers.extend(args![
                    tenant,
                    id,
                    *office,
                    *office,
                    2026,
                    &code,
                    title.join(" "),
                    "",
                    if closed { 2 } else { 1 },
                    "2026-01-05",
                    format!("2026-12-{:02}", 1 + chance(nth, 4, 28)),
                    if closed { format!("2026-{month:02}-{:02}", 1 + chance(nth, 5, 28)) } else { String::new() },
                    "",
                    Some(holder(*office, nth)).filter(|_| !closed),
                    "Cán bộ",
                    if closed { "done" } else { "work" },
                    0_i64,
                    i64::try_from(STEPS.len())?,
                    trace.0,
                    0
                ]);
                // Open ones have a few returns on top, so that each has twelve events.
                for (seq, step) in (1_i64..).zip(STEPS) {
                    let step = if !closed && seq > 7 { Step::Opinion } else { step };
                    events.extend(args![tenant, id, seq, seq * 1_000_000, None::<Uuid>, "Cán bộ", step.word(), 0, None::<Uuid>, "", ""]);
                }
                title.sort_unstable();
                title.dedup();
                words.extend(title.into_iter().map(|w| (lang::fold(w), *office, id, w)));
            }
            made += share;
        }
        words.sort_unstable();
        let mut tx = db.begin().await?;
        tx.insert(&DOSSIER, dossiers).await?;
        tx.insert(&EVENT, events).await?;
        let words: Vec<Arg> = words.into_iter().flat_map(|(folded, office, id, toned)| args![tenant, 1, folded, office, id, toned]).collect();
        tx.insert(&WORD, words).await?;
        tx.commit().await?;
        from = to;
    }
    let seconds = start.elapsed().as_secs_f64();
    db.analyze().await?;
    Ok(Made { work, access, offices, open, seconds })
}

fn person(name: &str, id: Uuid, role: Role, unit: Uuid) -> Context {
    let who = Who::Account { id, login: name.to_owned(), name: name.to_owned() };
    let grant = Grant { role, unit, from: jiff::civil::date(2020, 1, 1), to: None };
    Context::new(who, Clock::system().now(), ui::Prefs::default(), "bench", vec![grant])
}

/// Measures one engine with so many dossiers ([`MANY`] unless somebody only wants a look) and appends its rows. The database must be empty.
///
/// # Errors
/// What goes wrong while measuring; a missed goal is a row, not an error.
pub async fn measure(address: &str, label: &str, goal: f64, many: usize, out: &mut Report) -> anyhow::Result<()> {
    let db = Db::open(address).await?;
    db.migrate(&[access::SCHEMA, places::SCHEMA, figures::SCHEMA, casework::SCHEMA]).await?;
    let made = load(&db, many).await?;
    inbox(&db, &made, many, label, out).await?;
    search(&db, &made, label, out).await?;
    transitions(&db, &made, label, goal, out).await?;
    share(&db, &made, label, out).await?;
    db.close().await;
    Ok(())
}

async fn inbox(db: &Db, made: &Made, many: usize, label: &str, out: &mut Report) -> anyhow::Result<()> {
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    for (n, (tenant, unit)) in made.offices.iter().enumerate().step_by(16) {
        let me = holder(*unit, n);
        let ctx = person("bench-officer", me, Role::Officer, *unit);
        let start = Instant::now();
        let office = made.work.office(&ctx, *unit).await?;
        made.work.held_dossiers(&ctx, &office, 100).await?;
        ours.push(start.elapsed().as_secs_f64());
        let start = Instant::now();
        db.all(&INBOX, args![*tenant, me]).await?;
        bare.push(start.elapsed().as_secs_f64());
    }
    let (p, b) = (percentile(&mut ours, 0.95), percentile(&mut bare, 0.95));
    out.rows.push(Row {
        work: format!("{label}: inbox of an officer among {many} dossiers with {} events (loaded in {:.0} s)", many * STEPS.len(), made.seconds),
        goal: "p95 < 50 ms".to_owned(),
        measured: ms(p),
        baseline: format!("{}, the bare statement", ms(b)),
        ratio: Some(p / b),
        reached: p < 0.05,
    });
    Ok(())
}

async fn search(db: &Db, made: &Made, label: &str, out: &mut Report) -> anyhow::Result<()> {
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    let queries = ["chuyển đổi số", "vai thieu", "bao cao", "đường liên thôn mới", "ngân sách"];
    for (n, (tenant, unit)) in made.offices.iter().enumerate().step_by(16) {
        let ctx = person("bench-officer", Uuid::nil(), Role::Officer, *unit);
        let office = made.work.office(&ctx, *unit).await?;
        let query = queries.get(n / 16 % queries.len()).copied().unwrap_or("số");
        let start = Instant::now();
        made.work.find(&ctx, &office, query, 30).await?;
        ours.push(start.elapsed().as_secs_f64());
        let start = Instant::now();
        db.all(&WORDED, args![*tenant, lang::fold(query.split(' ').next().unwrap_or_default()), *unit]).await?;
        bare.push(start.elapsed().as_secs_f64());
    }
    let (p, b) = (percentile(&mut ours, 0.95), percentile(&mut bare, 0.95));
    out.rows.push(Row {
        work: format!("{label}: search with and without tones, 30 dossiers with their rows"),
        goal: "p95 < 150 ms".to_owned(),
        measured: ms(p),
        baseline: format!("{}, the bare statement for one word", ms(b)),
        ratio: Some(p / b),
        reached: p < 0.15,
    });
    Ok(())
}

async fn transitions(db: &Db, made: &Made, label: &str, goal: f64, out: &mut Report) -> anyhow::Result<()> {
    // One office in each of eight tenants, so that eight writers do not wait for one lock.
    let mut picked: Vec<(Uuid, Uuid)> = Vec::new();
    for (tenant, unit) in &made.offices {
        if picked.iter().all(|p| p.0 != *tenant) && made.open.get(unit).is_some_and(|o| !o.is_empty()) && picked.len() < WRITERS {
            picked.push((*tenant, *unit));
        }
    }
    let system = made.access.system();
    let each = if db.engine() == db::Engine::Sqlite { 150 } else { 600 };
    let mut writers = tokio::task::JoinSet::new();
    let mut offices: Vec<(Office, Uuid, Vec<Uuid>)> = Vec::new();
    for (n, (_, unit)) in picked.iter().enumerate() {
        let new = NewAccount { login: format!("bench{n}"), name: format!("Cán bộ {n}"), unit: *unit, password: Some("ruộng lúa chín vàng".into()) };
        let (id, _) = made.access.add_account(&system, new).await?;
        made.access.grant(&system, id, NewGrant { role: Role::Officer, unit: *unit, from: system.today(), to: None, basis: String::new() }).await?;
        offices.push((made.work.office(&system, *unit).await?, id, made.open.get(unit).cloned().unwrap_or_default()));
    }
    let start = Instant::now();
    for (office, to, ids) in offices.clone() {
        let work = made.work.clone();
        writers.spawn(async move {
            let head = person("bench-head", Uuid::nil(), Role::Reviewer, office.unit);
            for id in ids.iter().cycle().take(each) {
                work.assign_dossier(&head, &office, *id, None, &Given { to, ..Given::default() }).await?;
            }
            anyhow::Ok(())
        });
    }
    while let Some(done) = writers.join_next().await {
        done??;
    }
    #[expect(clippy::cast_precision_loss, reason = "a rate needs no precision")]
    let all = (each * offices.len()) as f64;
    let rate = all / start.elapsed().as_secs_f64();
    let start = Instant::now();
    let mut bare = tokio::task::JoinSet::new();
    for (office, _, ids) in offices {
        let db = db.clone();
        bare.spawn(async move {
            for (n, id) in ids.iter().cycle().take(each).enumerate() {
                let mut tx = db.begin().await?;
                tx.exec(&TOUCH, args![office.tenant, *id]).await?;
                tx.exec(&APPEND, args![office.tenant, *id, i64::try_from(n)?]).await?;
                tx.commit().await?;
            }
            anyhow::Ok(())
        });
    }
    while let Some(done) = bare.join_next().await {
        done??;
    }
    let plain = all / start.elapsed().as_secs_f64();
    out.rows.push(Row {
        work: format!("{label}: transitions of dossiers (assignment with its event and audit line), durable, {WRITERS} writers"),
        goal: format!("≥ {goal:.0}/s"),
        measured: format!("{rate:.0}/s"),
        baseline: format!("{plain:.0}/s, the bare update and insert"),
        ratio: Some(plain / rate),
        reached: rate >= goal,
    });
    Ok(())
}

async fn share(db: &Db, made: &Made, label: &str, out: &mut Report) -> anyhow::Result<()> {
    let atlas = made.work.figures().places().atlas();
    let system = made.access.system();
    let (mut ours, mut bare) = (Vec::new(), Vec::new());
    let mut most = 0;
    for unit in atlas.on(system.today()).all(Level::Province) {
        let tenant = atlas.unit(unit).map(|u| u.tenant).unwrap_or_default();
        let start = Instant::now();
        let found = made.work.shares_of_province(&system, unit, Level::Commune, jiff::civil::date(2026, 11, 1)).await?;
        ours.push(start.elapsed().as_secs_f64());
        most = most.max(found.iter().map(|f| f.2).sum::<i64>());
        let start = Instant::now();
        db.all(&COUNTED, args![tenant]).await?;
        bare.push(start.elapsed().as_secs_f64());
    }
    let (p, b) = (percentile(&mut ours, 1.0), percentile(&mut bare, 1.0));
    out.rows.push(Row {
        work: format!("{label}: share of every commune of a province recomputed, the slowest of 34 provinces (up to {most} dossiers closed in the quarter)"),
        goal: "< 1 s".to_owned(),
        measured: ms(p),
        baseline: format!("{}, the bare statement", ms(b)),
        ratio: Some(p / b),
        reached: p < 1.0,
    });
    Ok(())
}
