//! The reports that offices ask for: carried over, received, closed in time, late, returned; late by whom and at which step.

use super::store::{self, Dossier};
use super::{Stage, State};
use crate::Casework;
use crate::document::Office;
use access::{Context, db_error};
use jiff::civil::Date;
use ui::AppError;
use uuid::Uuid;

/// What an office had between two days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Balance {
    /// Open when the period began.
    pub carried: i64,
    /// Opened within it.
    pub received: i64,
    /// Closed within it by the deadline, or without one.
    pub closed_in_time: i64,
    /// Closed within it after the deadline.
    pub closed_late: i64,
    /// Open at its end and not late.
    pub open: i64,
    /// Open at its end and late.
    pub open_late: i64,
    /// Of all of them, how many had a draft given back.
    pub returned: i64,
}

impl Balance {
    /// All that were there.
    pub fn all(&self) -> i64 {
        self.carried + self.received
    }

    /// What came in equals what went out and what is left; always so.
    pub fn balances(&self) -> bool {
        self.all() == self.closed_in_time + self.closed_late + self.open + self.open_late
    }
}

/// An open dossier: at which step, who holds it, how long is left.
#[derive(Clone, Debug)]
pub struct OpenItem {
    /// It, with its holder.
    pub dossier: Dossier,
    /// Days to its deadline, negative past it; none without a deadline.
    pub left: Option<i32>,
    /// What has to be done.
    pub stage: Stage,
}

impl OpenItem {
    /// Days past its deadline; 0 when it is in time.
    pub fn late(&self) -> i32 {
        self.left.map_or(0, |left| (-left).max(0))
    }
}

/// What somebody holds at one step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Load {
    /// Who; empty for what is given to nobody.
    pub holder: String,
    /// The step.
    pub stage: Stage,
    /// Open dossiers.
    pub open: usize,
    /// How many of them are late.
    pub late: usize,
    /// Days of the latest.
    pub longest: i32,
}

/// What each holds at each step, those with most late ones first.
pub fn loads(items: &[OpenItem]) -> Vec<Load> {
    let mut out: Vec<Load> = Vec::new();
    for item in items {
        let (holder, late) = (&item.dossier.holder_name, item.late());
        let at = match out.iter().position(|l| l.holder == *holder && l.stage == item.stage) {
            Some(at) => at,
            None => {
                out.push(Load { holder: holder.clone(), stage: item.stage, open: 0, late: 0, longest: 0 });
                out.len() - 1
            }
        };
        if let Some(load) = out.get_mut(at) {
            load.open += 1;
            load.late += usize::from(late > 0);
            load.longest = load.longest.max(late);
        }
    }
    out.sort_by_cached_key(|l| (std::cmp::Reverse((l.late, l.open)), lang::sort_key(&l.holder)));
    out
}

impl Casework {
    /// The balance of an office between two days.
    ///
    /// # Errors
    /// 404 for those who do not work there.
    pub async fn balance(&self, ctx: &Context, office: &Office, from: Date, to: Date) -> Result<Balance, AppError> {
        office.require_inside(ctx)?;
        let (from, to) = (from.to_string(), to.to_string());
        // Whether an open dossier is late is judged at the end of the period, or today while it runs.
        let judged = to.clone().min(ctx.today().to_string());
        let groups = store::balance(self.db(), office.tenant, office.id, (&from, &to), &judged).await.map_err(db_error)?;
        let mut out = Balance::default();
        for g in groups {
            *(if g.carried { &mut out.carried } else { &mut out.received }) += g.count;
            let slot = match (g.open_at_end, g.late) {
                (false, false) => &mut out.closed_in_time,
                (false, true) => &mut out.closed_late,
                (true, false) => &mut out.open,
                (true, true) => &mut out.open_late,
            };
            *slot += g.count;
            if g.returned {
                out.returned += g.count;
            }
        }
        Ok(out)
    }

    /// Open dossiers by deadline: those longest past it first, those without one last.
    ///
    /// # Errors
    /// 404 for those who do not work there.
    pub async fn open_items(&self, ctx: &Context, office: &Office) -> Result<Vec<OpenItem>, AppError> {
        office.require_inside(ctx)?;
        let today = ctx.today();
        let item = |dossier: Dossier| {
            let left = dossier.deadline().and_then(|due| today.until(due).ok()).map(|span| span.get_days());
            OpenItem { left, stage: Stage::from_word(&dossier.stage), dossier }
        };
        Ok(self.all_dossiers(ctx, office, State::Open).await?.into_iter().map(item).collect())
    }

    /// Every dossier of an office in a state, for lists on paper.
    ///
    /// # Errors
    /// 404 for those who do not work there.
    pub async fn all_dossiers(&self, ctx: &Context, office: &Office, state: State) -> Result<Vec<Dossier>, AppError> {
        let mut out = Vec::new();
        let mut after = (String::new(), Uuid::nil());
        loop {
            let (found, more) = self.dossiers(ctx, office, state, Some(after), 1_000).await?;
            let Some(last) = found.last() else { return Ok(out) };
            after = (last.due.clone(), last.id);
            out.extend(found);
            if !more || out.len() > 100_000 {
                return Ok(out);
            }
        }
    }
}
