//! The desk where uploads are worked on: tasks of this process, their progress, and how they are stopped.
//!
//! A task leaves a mark of life in the job's row every second, so that after a crash, or seen from another process, a
//! working stage without a fresh mark is known as interrupted. Values are written by one transaction only, so an
//! interrupted job has written all or nothing; taking it up again begins with a dry run, which shows which.

use super::check::{self, Report};
use super::open::{OpenError, Progress, open};
use super::plan::Plan;
use super::store::{self, Job, Stage};
use super::units::Units;
use super::{extract, foreign, form};
use crate::service::{Figures, Intent, Origin};
use access::{Context, db_error};
use calendar::Period;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Semaphore, watch};
use tokio::task::{AbortHandle, spawn_blocking};
use ui::AppError;
use uuid::Uuid;

/// A job whose mark of life is older than this is interrupted; microseconds.
const SILENCE: i64 = 20_000_000;
/// Files read at the same time; each may take some 100 MB.
const ROOM: usize = 2;

/// Tasks of this process.
#[derive(Debug)]
pub(crate) struct Desk {
    running: Mutex<HashMap<Uuid, Arc<Run>>>,
    room: Arc<Semaphore>,
}

impl Default for Desk {
    fn default() -> Desk {
        Desk { running: Mutex::default(), room: Arc::new(Semaphore::new(ROOM)) }
    }
}

/// One task.
#[derive(Debug)]
struct Run {
    progress: Progress,
    abort: Mutex<Option<AbortHandle>>,
    ended: watch::Sender<bool>,
}

/// What a task is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// Read the file and find out what its columns are.
    Read,
    /// Judge it by its plan.
    Check,
    /// Judge it and write what is right.
    Write(Intent),
}

/// A refusal as kept with the job.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Detail {
    /// Stable code.
    pub code: String,
    /// Vietnamese.
    pub vi: String,
    /// English.
    pub en: String,
}

impl Detail {
    fn of(error: &AppError) -> Detail {
        Detail { code: error.code.to_owned(), vi: format!("{} {}", error.vi, error.how_vi), en: format!("{} {}", error.en, error.how_en) }
    }
}

/// Takes the task off the desk however it ends.
struct Ending(Figures, Uuid, Arc<Run>);

impl Drop for Ending {
    fn drop(&mut self) {
        self.0.desk().running.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.1);
        self.2.ended.send_replace(true);
    }
}

impl Desk {
    fn run(&self, job: Uuid) -> Option<Arc<Run>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).get(&job).map(Arc::clone)
    }

    /// Steps done and steps in all of a task of this process.
    pub fn progress(&self, job: Uuid) -> Option<(u64, u64)> {
        let run = self.run(job)?;
        Some((run.progress.done.load(Ordering::Relaxed), run.progress.total.load(Ordering::Relaxed)))
    }

    /// Waits until the task has ended, at most so long.
    pub async fn wait(&self, job: Uuid, most: Duration) {
        let Some(run) = self.run(job) else { return };
        let mut ended = run.ended.subscribe();
        let _ = tokio::time::timeout(most, ended.wait_for(|e| *e)).await;
    }

    /// Stops a task and waits until it has let go; an open transaction is rolled back.
    pub async fn stop(&self, job: Uuid) {
        let Some(run) = self.run(job) else { return };
        run.progress.cancel.store(true, Ordering::Relaxed);
        if let Some(abort) = run.abort.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
            abort.abort();
        }
        self.wait(job, Duration::from_secs(10)).await;
    }
}

/// Whether a working stage has lost its task.
pub fn interrupted(figures: &Figures, job: &Job) -> bool {
    job.stage.works() && figures.desk().run(job.id).is_none() && calendar::micros(figures.clock().now()) - job.changed_at > SILENCE
}

/// Sets a task to work on a job; one that is at work already goes on alone.
///
/// # Errors
/// What the database says.
pub async fn start(figures: &Figures, ctx: &Context, mut job: Job, work: Work) -> Result<(), AppError> {
    let run = Arc::new(Run { progress: Progress::default(), abort: Mutex::default(), ended: watch::channel(false).0 });
    {
        let mut running = figures.desk().running.lock().unwrap_or_else(PoisonError::into_inner);
        if running.contains_key(&job.id) {
            return Ok(());
        }
        running.insert(job.id, Arc::clone(&run));
    }
    let ending = Ending(figures.clone(), job.id, Arc::clone(&run));
    job.stage = match work {
        Work::Read => Stage::Reading,
        Work::Check => Stage::Checking,
        Work::Write(_) => Stage::Writing,
    };
    job.detail = String::new();
    save(figures, &mut job).await?;
    let (figures, ctx) = (figures.clone(), ctx.clone());
    let own = Arc::clone(&run);
    let task = tokio::spawn(async move {
        let ending = ending;
        let room = Arc::clone(&figures.desk().room);
        let _permit = room.acquire_owned().await;
        let done = tokio::select! {
            done = labour(&figures, &ctx, &mut job, work, &ending.2) => done,
            () = beats(&figures, ending.1, &ending.2.progress) => Ok(()),
        };
        if let Err(error) = done {
            job.detail = serde_json::to_string(&Detail::of(&error)).unwrap_or_default();
            job.stage = if matches!(work, Work::Write(_)) { Stage::Ready } else { Stage::Refused };
            if matches!(error.status, 422) && work == Work::Read {
                let _ = store::forget(figures.db(), job.id).await;
            }
        }
        if let Err(error) = save(&figures, &mut job).await {
            tracing::error!(job = %job.id, code = error.code, "an import job could not be saved");
        }
        drop(ending);
    });
    *own.abort.lock().unwrap_or_else(PoisonError::into_inner) = Some(task.abort_handle());
    Ok(())
}

async fn save(figures: &Figures, job: &mut Job) -> Result<(), AppError> {
    job.changed_at = calendar::micros(figures.clock().now());
    store::save(figures.db(), job).await.map_err(db_error)
}

/// Marks of life, for ever.
async fn beats(figures: &Figures, job: Uuid, progress: &Progress) {
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let steps = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        let (done, total) = (steps(progress.done.load(Ordering::Relaxed)), steps(progress.total.load(Ordering::Relaxed)));
        // A writer that is busy with our own transaction answers later; nothing depends on one beat.
        let beat = store::beat(figures.db(), job, done, total, calendar::micros(figures.clock().now()));
        let _ = tokio::time::timeout(Duration::from_secs(5), beat).await;
    }
}

async fn labour(figures: &Figures, ctx: &Context, job: &mut Job, work: Work, run: &Arc<Run>) -> Result<(), AppError> {
    let bytes = store::content(figures.db(), job.id).await.map_err(db_error)?;
    let (name, progress) = (job.file_name.clone(), Arc::clone(run));
    let opened = spawn_blocking(move || open(&name, &bytes, &progress.progress)).await.unwrap_or(Err(OpenError::Unreadable));
    let (_, book) = opened.map_err(|error| refusal(&error))?;
    let rows: usize = book.sheets.iter().map(|s| s.rows.len()).sum();
    run.progress.total.store(rows as u64, Ordering::Relaxed);
    run.progress.done.store(0, Ordering::Relaxed);
    if work == Work::Read {
        match form::recognise(&book) {
            Some(Ok(plan)) => {
                job.kind = "form".to_owned();
                job.plan = serde_json::to_string(&plan).unwrap_or_default();
                job.unit = plan.scope;
            }
            Some(Err(problem)) => return Err(form_refusal(problem)),
            None => {
                job.kind = "foreign".to_owned();
                let (plan, draft) = foreign::draft(figures, job, &book, None, None).await?;
                job.plan = serde_json::to_string(&plan).unwrap_or_default();
                job.report = serde_json::to_string(&draft).unwrap_or_default();
                job.stage = Stage::Mapping;
                return Ok(());
            }
        }
        job.stage = Stage::Checking;
        save(figures, job).await?;
    }
    let plan: Plan = serde_json::from_str(&job.plan).map_err(|_| AppError::new("internal", 500))?;
    let Ok(period) = plan.period.parse::<Period>() else { return Err(unknown_period()) };
    let sheet_name = plan.sheet.clone();
    let (judging, planned, own) = (figures.clone(), plan.clone(), Arc::clone(run));
    let extracted = spawn_blocking(move || {
        let sheet = book.sheet(&planned.sheet)?;
        let atlas = judging.places().atlas();
        let catalog = judging.catalog();
        let on = window(&judging, &planned, period);
        let view = atlas.on(on);
        let units = Units::new(&atlas, &view, planned.scope, planned.level, on);
        let stopped = || {
            own.progress.step();
            own.progress.stopped()
        };
        Some(extract::extract(sheet, &planned, &units, &catalog, &view, period, &stopped))
    })
    .await
    .ok()
    .flatten();
    let Some(extracted) = extracted else {
        return Err(AppError::new("unknown_sheet", 422).say(format!("Tệp không có trang “{sheet_name}”."), format!("The file has no sheet “{sheet_name}”.")));
    };
    let judged = check::judge(figures, ctx, &plan, extracted).await?;
    let mut report: Report;
    if let Work::Write(intent) = work {
        let origin =
            Origin { source: "workbook", file_name: Some(job.file_name.clone()), file_hash: Some(job.file_hash.clone()), note: format!("job {}", job.id) };
        let done = check::write(figures, ctx, judged, &origin, intent).await?;
        report = check::report(figures, &done, period).await?;
        report.written = Some(report.new + report.changed);
        report.draft = intent == Intent::Draft;
        job.stage = Stage::Done;
    } else {
        report = check::report(figures, &judged, period).await?;
        report.taken_before = store::taken_before(figures.db(), &job.file_hash, job.id).await.map_err(db_error)?;
        job.stage = Stage::Ready;
    }
    job.report = serde_json::to_string(&report).unwrap_or_default();
    Ok(())
}

/// The last day of the data of a plan's period, which decides the map.
pub fn window(figures: &Figures, plan: &Plan, period: Period) -> jiff::civil::Date {
    let catalog = figures.catalog();
    let known = plan.columns.iter().find_map(|c| catalog.coded(&c.code)).filter(|k| k.measure.takes(period));
    known.map_or(period.last_day(), |k| k.window(period).1)
}

fn unknown_period() -> AppError {
    AppError::new("unknown_period", 422)
        .say("Chưa rõ số liệu của kỳ nào.", "It is not known which period the figures are of.")
        .mend("Ghi kỳ, ví dụ quý II/2025.", "Write the period, such as quý II/2025.")
}

fn form_refusal(problem: form::FormProblem) -> AppError {
    match problem {
        form::FormProblem::Version => AppError::new("form_version", 422)
            .say("Mẫu này do phiên bản khác của hệ thống tạo ra.", "This form was made by another version of the platform.")
            .mend("Hãy tải mẫu mới rồi chép số liệu sang.", "Download a new form and copy the figures into it."),
        form::FormProblem::Keys => AppError::new("form_keys", 422)
            .say("Phần khóa ẩn của mẫu đã bị xóa hoặc sửa.", "The hidden keys of the form were removed or changed.")
            .mend("Hãy tải mẫu mới rồi chép số liệu sang.", "Download a new form and copy the figures into it."),
    }
}

/// What a file that cannot be read is told.
pub fn refusal(error: &OpenError) -> AppError {
    match error {
        OpenError::Refused(problem) => AppError::new(problem.code(), 422).say(problem.vi(), problem.en()).mend("", ""),
        OpenError::Unreadable => AppError::new("upload_damaged", 422).say("Không đọc được tệp này.", "This file cannot be read.").mend(
            "Hãy mở bằng Excel hoặc LibreOffice, lưu lại thành .xlsx rồi gửi lại.",
            "Open it in Excel or LibreOffice, save it as .xlsx and send it again.",
        ),
        OpenError::Cancelled => AppError::new("cancelled", 409).say("Đã hủy.", "Cancelled.").mend("", ""),
    }
}
