//! Reading the audit: a timeline over the chains that the reader administers.

use crate::access::Access;
use crate::context::Context;
use crate::error::db_error;
use crate::role::Role;
use crate::store::account;
use crate::store::audit::{self as store, Told};
use db::DbError;
use jiff::civil::Date;
use std::collections::{HashMap, HashSet, VecDeque};
use ui::AppError;
use uuid::Uuid;

/// So many lines are looked at for one page; what lies further back is a page of its own.
const LOOKED_AT: usize = 20_000;
/// Lines fetched from one chain at a time.
const BATCH: i64 = 60;

/// What is asked of the audit.
#[derive(Clone, Debug, Default)]
pub struct AuditAsk {
    /// Part of the name of who acted, with or without tones.
    pub who: String,
    /// Kind of act, such as `figure`, or one act, such as `figure.accept`.
    pub act: String,
    /// What was acted upon: name or id of a unit, or any text of the line.
    pub about: String,
    /// First day.
    pub from: Option<Date>,
    /// Last day.
    pub until: Option<Date>,
    /// Before this line.
    pub before: Option<(i64, Uuid, i64)>,
    /// At most so many.
    pub limit: usize,
}

/// A page of the audit.
#[derive(Clone, Debug, Default)]
pub struct AuditPage {
    /// Lines, the newest first.
    pub lines: Vec<Told>,
    /// The line to go on from, if there may be more.
    pub next: Option<(i64, Uuid, i64)>,
}

/// One chain, read backwards.
struct Chain {
    tenant: Uuid,
    before: (i64, i64),
    held: VecDeque<Told>,
    done: bool,
}

/// What an administrator of less than the country may read of the centre's chain, in which accounts, organisations, posts and
/// delegations of the whole country are written: what was done to or by somebody of the units administered. Accounts and
/// organisations already looked up, and whether they belong there.
type Scope = HashMap<Uuid, bool>;

impl Access {
    /// The chains that somebody administers: all of them for the country; for a province those of its units, and the centre's within a scope.
    fn chains(&self, ctx: &Context, all: Vec<Uuid>) -> (Vec<Uuid>, Option<Scope>) {
        let today = ctx.today();
        let centre = self.inner.options.centre;
        if ctx.may(Role::Administrator, &self.path(centre, today)) {
            return (all, None);
        }
        let provinces: HashSet<Uuid> = ctx.units_with(Role::Administrator).into_iter().flat_map(|unit| self.inner.units.tenants(unit, today)).collect();
        let mine = all.into_iter().filter(|tenant| provinces.contains(tenant) || (*tenant == centre && !provinces.is_empty())).collect();
        (mine, Some(Scope::new()))
    }

    /// Whether a line of the centre's chain lies within a scope.
    async fn within(&self, scope: &mut Scope, ctx: &Context, line: &Told) -> Result<bool, AppError> {
        let today = ctx.today();
        let named = line.subject.split_once('/').and_then(|(kind, id)| Some((kind, id.parse::<Uuid>().ok()?)));
        let subject = named.filter(|(kind, _)| matches!(*kind, "account" | "organisation"));
        for (kind, id) in subject.into_iter().chain(line.who_id.map(|id| ("account", id))) {
            let ours = match scope.get(&id) {
                Some(ours) => *ours,
                None => {
                    let unit = match kind {
                        "organisation" => self.organisation(id, today).await?.map(|o| o.unit),
                        _ => account::by_id(self.db(), id).await.map_err(db_error)?.map(|a| a.unit),
                    };
                    let ours = unit.is_some_and(|unit| ctx.may(Role::Administrator, &self.path(unit, today)));
                    scope.insert(id, ours);
                    ours
                }
            };
            if ours {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Reads the audit, the newest first.
    ///
    /// # Errors
    /// 401/403 without administration anywhere; 403 `audit_of_province` for administrators of less than a province; the database.
    pub async fn read_audit(&self, ctx: &Context, ask: &AuditAsk) -> Result<AuditPage, AppError> {
        ctx.require_somewhere(Role::Administrator)?;
        let (mine, mut scope) = self.chains(ctx, store::tenants(self.db()).await.map_err(db_error)?);
        if mine.is_empty() {
            return Err(AppError::new("audit_of_province", 403)
                .say(
                    "Nhật ký của một tỉnh chỉ người quản trị cấp tỉnh trở lên xem được.",
                    "The audit of a province is read by administrators of the province or above.",
                )
                .mend("Nhờ người quản trị của tỉnh tra giúp.", "Ask the administrator of the province."));
        }
        let from = ask.from.map_or(i64::MIN, midnight);
        let until = ask.until.and_then(|d| d.tomorrow().ok()).map_or(i64::MAX, midnight);
        let start = |tenant: Uuid| match ask.before {
            // Lines of one instant stand in the order of tenants and numbers, both downwards.
            Some((at, of, seq)) if at < until => (
                at,
                if tenant == of {
                    seq
                } else if tenant < of {
                    i64::MAX
                } else {
                    i64::MIN
                },
            ),
            _ => (until, i64::MIN),
        };
        let mut chains: Vec<Chain> = mine.into_iter().map(|tenant| Chain { tenant, before: start(tenant), held: VecDeque::new(), done: false }).collect();
        let (who, about) = (lang::fold(&ask.who), lang::fold(&ask.about));
        let fits = |line: &Told| {
            (who.is_empty() || lang::fold(&line.who_name).contains(&who))
                && (ask.act.is_empty() || line.act == ask.act || line.act.strip_prefix(&ask.act).is_some_and(|rest| rest.starts_with('.')))
                && (about.is_empty() || lang::fold(&self.about(line, ctx)).contains(&about) || lang::fold(&line.detail).contains(&about))
        };
        let mut page = AuditPage::default();
        for looked in 0.. {
            for chain in &mut chains {
                self.fill(chain, from).await.map_err(db_error)?;
            }
            let newest = chains.iter_mut().filter(|c| !c.held.is_empty()).max_by_key(|c| c.held.front().map(|l| (l.at, c.tenant, l.seq)));
            let Some(line) = newest.and_then(|c| c.held.pop_front()) else { return Ok(page) };
            let place = (line.at, line.tenant, line.seq);
            if fits(&line) {
                let seen = match &mut scope {
                    Some(scope) if line.tenant == self.inner.options.centre => self.within(scope, ctx, &line).await?,
                    _ => true,
                };
                if seen {
                    page.lines.push(line);
                }
            }
            if page.lines.len() >= ask.limit || looked >= LOOKED_AT {
                page.next = Some(place);
                return Ok(page);
            }
        }
        Ok(page)
    }

    async fn fill(&self, chain: &mut Chain, from: i64) -> Result<(), DbError> {
        if chain.done || !chain.held.is_empty() {
            return Ok(());
        }
        let lines = store::newest(self.db(), chain.tenant, from, chain.before, BATCH).await?;
        chain.done = i64::try_from(lines.len()).is_ok_and(|n| n < BATCH);
        if let Some(last) = lines.last() {
            chain.before = (last.at, last.seq);
        }
        chain.held = lines.into();
        Ok(())
    }

    /// What a line is about, in words: units by their names.
    pub(crate) fn about(&self, line: &Told, ctx: &Context) -> String {
        match line.subject.rsplit('/').next().unwrap_or_default().parse::<Uuid>() {
            Ok(id) => self.inner.units.name(id, ctx.today()).map_or_else(|| line.subject.clone(), |name| format!("{name} {}", line.subject)),
            Err(_) => line.subject.clone(),
        }
    }
}

/// The first microsecond of a day in Vietnam.
fn midnight(day: Date) -> i64 {
    jiff::tz::Offset::constant(7).to_timestamp(day.to_datetime(jiff::civil::Time::midnight())).map_or(i64::MAX, calendar::micros)
}
