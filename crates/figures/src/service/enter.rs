//! Entering figures: one use case for the form, the workbook and the API.

use super::Figures;
use super::settle::{Continued, MANY, Touched};
use crate::catalog::Known;
use crate::ledger::{Line, State, Story};
use crate::measure::Kind;
use crate::store::{self, Act, NewLine};
use crate::value::Value;
use access::{Context, Role, db_error};
use calendar::Period;
use places::Atlas;
use rust_decimal::Decimal;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use ui::AppError;
use uuid::Uuid;

/// One value to be entered.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Unit it is about.
    pub unit: Uuid,
    /// Measure.
    pub measure: Uuid,
    /// Period.
    pub period: Period,
    /// Value, already checked by [`Value::number`] and its sisters.
    pub value: Value,
    /// A word of explanation: of a correction, or of an unusual jump.
    pub reason: Option<String>,
    /// Cell it came from.
    pub cell: Option<String>,
    /// Position of the last line the author saw; a newer one means somebody else was faster.
    pub seen: Option<i64>,
}

/// What the values came from.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// `form`, `workbook`, `api`, `bulk`.
    pub source: &'static str,
    /// Name of the file.
    pub file_name: Option<String>,
    /// SHA-256 of it.
    pub file_hash: Option<String>,
    /// Anything worth saying.
    pub note: String,
}

/// How far a value is to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intent {
    /// Only look: say what would happen.
    DryRun,
    /// Saved for oneself.
    Draft,
    /// Handed to the level above.
    Submit,
    /// Counted at once; only the platform itself may (loading, demo).
    Accept,
}

/// Why one value was refused. Codes are stable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Stable code.
    pub code: &'static str,
    /// Vietnamese.
    pub vi: String,
    /// English.
    pub en: String,
}

impl Refusal {
    /// A refusal with its sentences.
    pub fn new(code: &'static str, vi: impl Into<String>, en: impl Into<String>) -> Refusal {
        Refusal { code, vi: vi.into(), en: en.into() }
    }
}

impl From<Refusal> for AppError {
    fn from(refusal: Refusal) -> AppError {
        let status = match refusal.code {
            "role_required" => 403,
            "unknown_unit" | "unknown_measure" => 404,
            "closed_period" | "changed_by_other" => 409,
            _ => 422,
        };
        let error = AppError::new(refusal.code, status).say(refusal.vi, refusal.en);
        match refusal.code {
            "closed_period" => error.mend("Đề nghị cấp trên mở lại kỳ báo cáo, kèm lý do.", "Ask the level above to reopen the period, with the reason."),
            "future_period" => error.mend("Chọn kỳ đã bắt đầu.", "Choose a period that has begun."),
            "closed_unit" => error.mend("Chọn đơn vị có vào cuối kỳ này.", "Choose the unit that existed at the end of the period."),
            _ => error,
        }
    }
}

/// What became of one value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Written (or would be, in a dry run) as this line.
    Written {
        /// Position of the new line.
        seq: i64,
    },
    /// It already says so; nothing was written.
    Unchanged,
    /// Refused.
    Refused(Refusal),
}

/// A change is unusual when it is more than half of the last value, or more than 20 points of a percentage.
/// It only asks for a word of explanation; nothing legal hangs on it.
pub(crate) fn unusual(measure: &crate::measure::Measure, old: &Value, new: &Value) -> bool {
    if matches!(measure.def.kind, Kind::YesNo | Kind::Ordinal | Kind::Text) {
        return false;
    }
    let (Some(old), Some(new)) = (old.shown(measure), new.shown(measure)) else { return false };
    let step = (new - old).abs();
    match measure.def.kind {
        Kind::Percent => step > Decimal::from(20),
        _ => step > old.abs() / Decimal::TWO && step > Decimal::from(5),
    }
}

/// An entry that has passed the first checks: its position, itself, its measure.
type Job<'a> = (usize, &'a Entry, Arc<Known>);

impl Figures {
    /// The places where a role must be held to act for a unit: its path today, or, when it no longer exists, those of its heirs.
    pub(crate) fn paths_of(&self, atlas: &Atlas, ctx: &Context, unit: Uuid) -> Vec<Vec<Uuid>> {
        let today = ctx.today();
        let path = atlas.path(unit, today);
        if !path.is_empty() {
            return vec![path];
        }
        let last = atlas.unit(unit).and_then(places::Unit::to).and_then(|d| d.yesterday().ok()).unwrap_or(today);
        atlas.heirs(unit, last, today, places::Basis::Population).iter().map(|h| atlas.path(h.unit, today)).collect()
    }

    /// Whether somebody may act in a role for a unit. Who acts in a post of the Front, the Party or the Council sees as far as the
    /// role reaches, but does not act for the unit's administration; see [`Context::speaks_for_place`].
    pub fn may(&self, ctx: &Context, role: Role, unit: Uuid) -> bool {
        (ctx.speaks_for_place() || !matches!(role, Role::Officer | Role::Reviewer)) && self.holds(ctx, role, unit)
    }

    /// Whether somebody holds a role for a unit, in whichever body.
    pub fn holds(&self, ctx: &Context, role: Role, unit: Uuid) -> bool {
        let atlas = self.places().atlas();
        self.paths_of(&atlas, ctx, unit).iter().any(|p| ctx.may(role, p))
    }

    /// Checks one entry of a person against everything but the ledger; the measure in the version of the period.
    pub(crate) fn check(&self, ctx: &Context, atlas: &Atlas, entry: &Entry) -> Result<Arc<Known>, Refusal> {
        let known = self.check_spot(ctx, atlas, entry)?;
        if known.measure.def.is_recorded() {
            return Err(Refusal::new(
                "recorded_measure",
                "Chỉ tiêu này do hệ thống ghi từ kết quả chấm điểm, không nhập tay.",
                "This measure is recorded by the platform from its own results, not entered.",
            ));
        }
        if !self.may(ctx, Role::Officer, entry.unit) {
            if self.holds(ctx, Role::Officer, entry.unit) {
                return Err(Refusal::new(
                    "other_body",
                    "Số liệu này do Ủy ban nhân dân nhập; bạn đang làm việc với chức vụ ở cơ quan khác.",
                    "This figure is entered by the People's Committee; you act in a post of another body.",
                ));
            }
            let last = known.window(entry.period).1;
            return Err(Refusal::new(
                "role_required",
                format!("Bạn không có vai trò nhập số liệu tại {}.", atlas.full_name(entry.unit, last)),
                format!("You may not enter figures for {}.", atlas.full_name(entry.unit, last)),
            ));
        }
        Ok(known)
    }

    /// Whether there can be a value at all: measure, period and unit fit together. The measure in the version of the period.
    pub(crate) fn check_spot(&self, ctx: &Context, atlas: &Atlas, entry: &Entry) -> Result<Arc<Known>, Refusal> {
        let catalog = self.catalog();
        let known = catalog
            .for_period(entry.measure, entry.period)
            .ok_or_else(|| Refusal::new("unknown_measure", "Không có chỉ tiêu này.", "There is no such measure."))?;
        let def = &known.measure.def;
        if catalog.newest(entry.measure).is_some_and(|k| k.measure.retired) {
            return Err(Refusal::new("measure_retired", "Chỉ tiêu này không còn thu thập.", "This measure is no longer collected."));
        }
        if known.measure.computed() {
            return Err(Refusal::new("computed_measure", "Chỉ tiêu này được tính từ chỉ tiêu khác, không nhập tay.", "This measure is computed, not entered."));
        }
        if !known.measure.takes(entry.period) {
            return Err(Refusal::new(
                "wrong_period",
                format!("Chỉ tiêu này báo cáo theo {}, không theo {}.", def.period.label_vi(), entry.period.kind().label_vi()),
                format!("This measure is reported by {}, not by {}.", def.period.label_en(), entry.period.kind().label_en()),
            ));
        }
        let (first, last) = known.window(entry.period);
        if first > ctx.today() {
            return Err(Refusal::new(
                "future_period",
                format!("{} chưa bắt đầu.", entry.period.label_vi()),
                format!("{} has not begun.", entry.period.label_en()),
            ));
        }
        let Some(unit) = atlas.unit(entry.unit) else {
            return Err(Refusal::new("unknown_unit", "Không có nơi này.", "There is no such place."));
        };
        if unit.on(last).is_none() {
            let (vi, en) = match unit.to() {
                Some(to) if to <= last => (
                    format!("{} đã kết thúc từ {}.", atlas.full_name(unit.id, last), lang::show::short_date(to)),
                    format!("{} ended on {to}.", atlas.full_name(unit.id, last)),
                ),
                _ => (
                    format!("{} chưa có vào cuối kỳ này.", atlas.full_name(unit.id, last)),
                    format!("{} did not exist at the end of this period.", atlas.full_name(unit.id, last)),
                ),
            };
            return Err(Refusal::new("closed_unit", vi, en));
        }
        if !atlas.on(last).reports(unit.id, &known.measure.reporters()) {
            return Err(Refusal::new(
                "wrong_level",
                format!("Chỉ tiêu này do {} báo cáo.", if def.kinds.is_empty() { format!("cấp {}", def.level.label().0) } else { def.kinds.join(", ") }),
                format!(
                    "This measure is reported by the {} level{}.",
                    def.level.label().1,
                    if def.kinds.is_empty() { String::new() } else { format!(" ({})", def.kinds.join(", ")) }
                ),
            ));
        }
        Ok(Arc::clone(known))
    }

    /// Enters values, each by itself: a refused one does not hold up the others. Everything written is one act and one transaction.
    ///
    /// # Errors
    /// Only what concerns the whole: the database, or [`Intent::Accept`] by a person (403).
    pub async fn enter(&self, ctx: &Context, entries: &[Entry], origin: &Origin, intent: Intent) -> Result<Vec<Outcome>, AppError> {
        let mut tx = self.db().begin().await.map_err(db_error)?;
        let outcomes = self.enter_in(&mut tx, ctx, entries, origin, intent).await?;
        if intent != Intent::DryRun && outcomes.iter().any(|o| matches!(o, Outcome::Written { .. })) {
            tx.commit().await.map_err(db_error)?;
            self.tell();
        }
        Ok(outcomes)
    }

    /// The same inside a transaction that the caller commits; it then calls [`Figures::tell`].
    ///
    /// # Errors
    /// As [`Figures::enter`]; the transaction must then be given up.
    pub(crate) async fn enter_in(&self, tx: &mut db::Tx, ctx: &Context, entries: &[Entry], origin: &Origin, intent: Intent) -> Result<Vec<Outcome>, AppError> {
        if intent == Intent::Accept && ctx.who != access::Who::System {
            return Err(AppError::new("role_required", 403));
        }
        let atlas = self.places().atlas();
        let mut outcomes: Vec<Option<Outcome>> = vec![None; entries.len()];
        let mut jobs: BTreeMap<store::SliceKey, BTreeMap<Uuid, Vec<Job<'_>>>> = BTreeMap::new();
        let mut taken: HashMap<(Uuid, Uuid, i64), usize> = HashMap::new();
        for (at, entry) in entries.iter().enumerate() {
            let outcome = outcomes.get_mut(at);
            match self.check(ctx, &atlas, entry) {
                Err(refusal) => {
                    if let Some(o) = outcome {
                        *o = Some(Outcome::Refused(refusal));
                    }
                }
                Ok(known) => {
                    if taken.insert((entry.unit, entry.measure, entry.period.to_i64()), at).is_some() {
                        if let Some(o) = outcome {
                            *o = Some(Outcome::Refused(Refusal::new("twice", "Giá trị này có hai lần trong cùng một lượt nhập.", "This value occurs twice.")));
                        }
                        continue;
                    }
                    let tenant = atlas.unit(entry.unit).map(|u| u.tenant).unwrap_or_default();
                    jobs.entry((entry.measure, entry.period.to_i64())).or_default().entry(tenant).or_default().push((at, entry, known));
                }
            }
        }
        let act = Act {
            id: Uuid::now_v7(),
            at: calendar::micros(ctx.at),
            who: ctx.account_id(),
            who_name: ctx.author_name().to_owned(),
            source: origin.source.to_owned(),
            file_name: origin.file_name.clone(),
            file_hash: origin.file_hash.clone(),
            note: origin.note.clone(),
        };
        let tenants: BTreeSet<Uuid> = jobs.values().flat_map(|slice| slice.keys().copied()).collect();
        if intent != Intent::DryRun {
            for tenant in &tenants {
                access::lock_tenant(tx, *tenant).await.map_err(db_error)?;
            }
        }
        let mut touched = Touched::new();
        let mut lines: Vec<NewLine> = Vec::new();
        let mut continued: HashMap<(store::SliceKey, Uuid), Story> = HashMap::new();
        let mut rounds: HashMap<(Uuid, i64), bool> = HashMap::new();
        for ((measure, period), slice) in jobs {
            let stories = self.stories_of(tx, (measure, period), &slice).await.map_err(db_error)?;
            let before = self.before(tx, &slice).await.map_err(db_error)?;
            let list: Vec<(Uuid, Job<'_>)> = slice.into_iter().flat_map(|(tenant, list)| list.into_iter().map(move |job| (tenant, job))).collect();
            let locked = self.closed_units(tx, &atlas, &list, &mut rounds).await.map_err(db_error)?;
            for (tenant, (at, entry, known)) in list {
                let story = stories.get(&entry.unit).cloned().unwrap_or_default();
                let outcome = if locked.contains(&entry.unit) {
                    Outcome::Refused(closed(entry.period))
                } else {
                    judge(&known, entry, &story, before.get(&entry.unit), intent)
                };
                if let Outcome::Written { seq } = outcome
                    && intent != Intent::DryRun
                {
                    let state = match intent {
                        Intent::Submit => State::Submitted,
                        Intent::Accept => State::Accepted,
                        Intent::Draft | Intent::DryRun => State::Draft,
                    };
                    let line = Line {
                        seq,
                        version: known.measure.def.version,
                        state,
                        value: entry.value.clone(),
                        act: act.id,
                        cell: entry.cell.clone(),
                        reason: entry.reason.clone().map(|r| lang::clean(&r)).filter(|r| !r.is_empty()),
                        replaces: story.accepted.as_ref().map(|l| l.seq),
                    };
                    lines.push(NewLine { tenant, measure, period, unit: entry.unit, line });
                    if story.last_seq > 0 {
                        continued.insert(((measure, period), entry.unit), story.clone());
                    }
                    if state != State::Draft || story.awaits() {
                        touched.entry((measure, period)).or_default().insert(entry.unit);
                    }
                }
                if let Some(o) = outcomes.get_mut(at) {
                    *o = Some(outcome);
                }
            }
        }
        if !lines.is_empty() {
            // In key order the rows of a table are appended, not scattered.
            lines.sort_by_key(|l| (l.tenant, l.measure, l.period, l.unit));
            let used: BTreeSet<Uuid> = lines.iter().map(|l| l.tenant).collect();
            store::add_act(tx, &used.iter().copied().collect::<Vec<_>>(), &act).await.map_err(db_error)?;
            store::add_lines(tx, &lines).await.map_err(db_error)?;
            self.settle(tx, &atlas, touched, &act, &Continued { lines: &lines, before: continued }).await.map_err(db_error)?;
            for tenant in used {
                let count = lines.iter().filter(|l| l.tenant == tenant).count();
                let detail =
                    serde_json::json!({"lines": count, "source": origin.source, "file": origin.file_name, "intent": format!("{intent:?}").to_lowercase()});
                let mut filled: BTreeMap<Uuid, usize> = BTreeMap::new();
                lines.iter().filter(|l| l.tenant == tenant).for_each(|l| *filled.entry(l.unit).or_default() += 1);
                super::count_typed(tx, ctx, tenant, origin.source, filled).await.map_err(db_error)?;
                access::audit(tx, ctx, tenant, "figure.enter", &act.id.to_string(), detail).await.map_err(db_error)?;
            }
        }
        Ok(outcomes.into_iter().map(|o| o.unwrap_or(Outcome::Unchanged)).collect())
    }

    async fn stories_of(&self, tx: &mut db::Tx, key: store::SliceKey, slice: &BTreeMap<Uuid, Vec<Job<'_>>>) -> Result<HashMap<Uuid, Story>, db::DbError> {
        let mut out: HashMap<Uuid, Story> = HashMap::new();
        if slice.len() > MANY {
            for (unit, line) in store::slice_lines_all_tx(tx, key).await? {
                out.entry(unit).or_default().push(line);
            }
            return Ok(out);
        }
        for (tenant, list) in slice {
            if list.len() > MANY {
                for (unit, line) in store::slice_lines_tx(tx, *tenant, key).await? {
                    out.entry(unit).or_default().push(line);
                }
            } else {
                for (_, entry, _) in list {
                    out.insert(entry.unit, Story::of(store::lines_tx(tx, *tenant, key, entry.unit).await?));
                }
            }
        }
        Ok(out)
    }

    /// Accepted stored numbers of the period before, for the question about unusual jumps.
    async fn before(&self, tx: &mut db::Tx, slice: &BTreeMap<Uuid, Vec<Job<'_>>>) -> Result<HashMap<Uuid, Value>, db::DbError> {
        let Some((_, entry, known)) = slice.values().flatten().next() else { return Ok(HashMap::new()) };
        let Some(previous) = entry.period.previous() else { return Ok(HashMap::new()) };
        let (key, level) = ((entry.measure, previous.to_i64()), known.measure.def.level.depth());
        let mut rows = Vec::new();
        if slice.len() > MANY {
            rows = store::leaves_all_tx(tx, key, level).await?;
        } else {
            for tenant in slice.keys() {
                rows.extend(store::leaves_tx(tx, *tenant, key, level).await?);
            }
        }
        Ok(rows.into_iter().filter_map(|(unit, leaf)| Some((unit, value_of(known, &leaf)?))).collect())
    }

    /// The accepted value of one unit in the period before.
    pub(crate) async fn value_before(&self, tx: &mut db::Tx, tenant: Uuid, known: &Known, period: Period, unit: Uuid) -> Result<Option<Value>, db::DbError> {
        let Some(previous) = period.previous() else { return Ok(None) };
        let rows = store::leaves_tx(tx, tenant, (known.measure.id, previous.to_i64()), known.measure.def.level.depth()).await?;
        Ok(rows.into_iter().find(|(u, _)| *u == unit).and_then(|(_, leaf)| value_of(known, &leaf)))
    }

    /// Units of the list whose province has closed the period.
    async fn closed_units(
        &self,
        tx: &mut db::Tx,
        atlas: &Atlas,
        list: &[(Uuid, Job<'_>)],
        rounds: &mut HashMap<(Uuid, i64), bool>,
    ) -> Result<BTreeSet<Uuid>, db::DbError> {
        let mut out = BTreeSet::new();
        for (_, (_, entry, known)) in list {
            let Some(province) = atlas.on(known.window(entry.period).1).province(entry.unit) else { continue };
            let round = (province, entry.period.to_i64());
            let closed = match rounds.get(&round) {
                Some(closed) => *closed,
                None => {
                    let tenant = atlas.unit(province).map(|u| u.tenant).unwrap_or_default();
                    let closed = store::rooms::round_tx(tx, tenant, province, entry.period.to_i64()).await?.is_some_and(|r| r.closed_at.is_some());
                    rounds.insert(round, closed);
                    closed
                }
            };
            if closed {
                out.insert(entry.unit);
            }
        }
        Ok(out)
    }
}

/// The accepted number behind a stored leaf.
fn value_of(known: &Known, leaf: &crate::project::Leaf) -> Option<Value> {
    if leaf.acc.n == 0 {
        return None;
    }
    if known.measure.def.kind == Kind::Percent { Some(Value::Ratio { n: leaf.acc.num, of: leaf.acc.den }) } else { leaf.acc.hi.map(Value::Number) }
}

/// The refusal of a period that the province has closed.
pub(crate) fn closed(period: Period) -> Refusal {
    Refusal::new("closed_period", format!("Kỳ {} đã khóa sổ.", period.label_vi()), format!("{} is closed.", period.label_en()))
}

/// What becomes of an entry, given all lines of its figure.
fn judge(known: &Known, entry: &Entry, story: &Story, before: Option<&Value>, intent: Intent) -> Outcome {
    let last = story.pending.as_ref().or(story.accepted.as_ref());
    let word = entry.reason.as_deref().map(lang::clean).filter(|r| !r.is_empty());
    // A new word of explanation for a value that does not count yet is a new line; for one that counts it is nothing.
    let told = |l: &Line| word.is_none() || word == l.reason || !matches!(l.state, State::Draft | State::Submitted);
    let same = last.is_some_and(|l| l.value == entry.value && told(l));
    let goal = match intent {
        Intent::Draft => 0,
        Intent::Submit | Intent::DryRun => 1,
        Intent::Accept => 2,
    };
    if same && last.is_some_and(|l| l.state != State::Returned && l.state.code() >= goal) {
        return Outcome::Unchanged;
    }
    // Two who say the same do not contradict each other, whatever their words of explanation.
    if let Some(seen) = entry.seen
        && seen != story.last_seq
        && last.is_none_or(|l| l.value != entry.value)
    {
        let theirs = last.and_then(|l| l.value.shown(&known.measure)).map_or_else(|| "…".to_owned(), |v| lang::show::number_upto(v, 6));
        return Outcome::Refused(Refusal::new(
            "changed_by_other",
            format!("Trong lúc bạn nhập, người khác đã ghi giá trị {theirs}. Hãy chọn giá trị đúng."),
            format!("Meanwhile somebody else saved {theirs}. Choose the right value."),
        ));
    }
    if matches!(intent, Intent::Submit | Intent::DryRun)
        && !explained(entry.reason.as_deref())
        && let Some(refusal) = asks_for_word(known, &entry.value, story, before)
    {
        return Outcome::Refused(refusal);
    }
    Outcome::Written { seq: story.last_seq + 1 }
}

/// Whether a word of explanation says anything.
pub(crate) fn explained(reason: Option<&str>) -> bool {
    reason.is_some_and(|r| lang::clean(r).chars().count() >= 3)
}

/// Why a value needs a word of explanation before it can be handed over: it corrects an accepted one, or jumps.
pub(crate) fn asks_for_word(known: &Known, value: &Value, story: &Story, before: Option<&Value>) -> Option<Refusal> {
    if story.accepted.as_ref().is_some_and(|accepted| accepted.value != *value) {
        return Some(Refusal::new(
            "reason_for_correction",
            "Số này đã được duyệt. Muốn sửa, hãy ghi lý do.",
            "This figure was accepted. Give the reason for the correction.",
        ));
    }
    let before = before.filter(|b| story.accepted.is_none() && unusual(&known.measure, b, value))?;
    let old = before.shown(&known.measure);
    let text = |show: fn(Decimal, u32) -> String| old.map_or_else(String::new, |v| show(v, 6));
    Some(Refusal::new(
        "unusual_change",
        format!("Khác nhiều so với kỳ trước ({}). Nếu đúng, hãy ghi một lời giải thích.", text(lang::show::number_upto)),
        format!("Very different from the last period ({}). If it is right, add a word of explanation.", text(lang::show::number_upto_en)),
    ))
}
