//! What is due for somebody, and what of it is new.

use crate::{Today, store};
use access::{Context, db_error};
use std::collections::{BTreeMap, BTreeSet};
use ui::{AppError, Lang};
use uuid::Uuid;
use work::{Duty, Urgency};

/// At most so many duties of one domain are asked for; who has more works from the domain's own list.
pub(crate) const MOST: usize = 200;
/// A duty is new for four hours after it was first seen.
const NEW: i64 = 4 * 60 * 60 * 1_000_000;

/// A duty and whether it came since the person last looked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// The duty.
    pub duty: Duty,
    /// Whether it is new.
    pub new: bool,
}

/// How many duties press how much.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Summary {
    /// Past their deadline.
    pub late: usize,
    /// Due by the next working day, or marked urgent.
    pub soon: usize,
    /// Later, or without a date.
    pub open: usize,
}

impl Summary {
    /// Counts.
    pub fn of<'a>(duties: impl IntoIterator<Item = &'a Duty>) -> Summary {
        let mut sum = Summary::default();
        for duty in duties {
            match duty.urgency {
                Urgency::Late => sum.late += 1,
                Urgency::Soon => sum.soon += 1,
                Urgency::Open => sum.open += 1,
            }
        }
        sum
    }

    /// All of them.
    pub fn all(&self) -> usize {
        self.late + self.soon + self.open
    }

    /// As a sentence, such as `3 việc trễ hạn, 1 việc gấp, 4 việc khác`.
    pub fn words(&self, l: Lang) -> String {
        let parts = [
            (self.late, l.t("việc trễ hạn", "late")),
            (self.soon, l.t("việc gấp", "urgent")),
            (self.open, if self.late + self.soon > 0 { l.t("việc khác", "other") } else { l.t("việc đang chờ", "to do") }),
        ];
        let said: Vec<String> = parts.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")).collect();
        if said.is_empty() { l.t("Không có việc nào đang chờ", "Nothing is due").to_owned() } else { said.join(", ") }
    }
}

impl Today {
    /// What is due for the person, in the order of the clock; remembers what was seen, so that the next look knows what is new.
    ///
    /// # Errors
    /// 401 for the public; what the domains say.
    pub async fn due(&self, ctx: &Context) -> Result<Vec<Due>, AppError> {
        let duties = self.inner.board.duties(ctx, MOST).await?;
        let Some(account) = ctx.account_id() else {
            return Ok(duties.into_iter().map(|duty| Due { duty, new: false }).collect());
        };
        let now = calendar::micros(ctx.at);
        let before = store::looked(self.db(), account).await.map_err(db_error)?;
        let first = before.is_none();
        let seen: BTreeMap<String, i64> = before.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
        let keep: BTreeMap<String, i64> =
            duties.iter().map(key).map(|key| (seen.get(&key).copied().unwrap_or(if first { 0 } else { now }), key)).map(|(at, key)| (key, at)).collect();
        // Everything is new to who looks for the first time, so nothing is marked.
        let due = duties.into_iter().map(|duty| Due { new: keep.get(&key(&duty)).is_some_and(|at| now - at < NEW), duty }).collect();
        if keep != seen {
            // Beside the request: a page must not wait for the one writer.
            let (db, text) = (self.db().clone(), serde_json::to_string(&keep).unwrap_or_default());
            drop(tokio::spawn(async move {
                if let Err(error) = store::save_looked(&db, account, now, &text).await {
                    tracing::warn!(%error, "what somebody saw was not written down");
                }
            }));
        }
        Ok(due)
    }

    /// What is due for somebody who is not here, in all their posts, as of now: for mail and the calendar feed.
    pub(crate) async fn due_of(&self, account: Uuid) -> Result<Vec<Duty>, AppError> {
        let mut all = Vec::new();
        let mut taken = BTreeSet::new();
        for ctx in self.inner.access.contexts_of(account).await? {
            for duty in self.inner.board.duties(&ctx, MOST).await? {
                if taken.insert(key(&duty)) {
                    all.push(duty);
                }
            }
        }
        all.sort_by(|a, b| (a.urgency, a.due.is_none(), a.due, &a.key).cmp(&(b.urgency, b.due.is_none(), b.due, &b.key)));
        Ok(all)
    }
}

/// The key of a duty over all domains.
pub(crate) fn key(duty: &Duty) -> String {
    format!("{}:{}", duty.source, duty.key)
}
