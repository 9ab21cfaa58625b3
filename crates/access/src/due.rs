//! How much waits for somebody on *Hôm nay*: counted by the parts of the platform that know, kept for a while here.

use crate::access::Access;
use crate::context::{Context, Who};
use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use ui::AppError;
use uuid::Uuid;

/// After somebody else's write a number may be this old.
const FRESH: i64 = 1_000_000;
/// Another process may have written without our hearing of it.
const OLDEST: i64 = 30_000_000;
/// More people than this at once begin anew.
const MOST: usize = 20_000;

/// A part of the platform that makes people do things.
pub trait Due: Send + Sync {
    /// How many things wait for the caller.
    fn count<'a>(&'a self, ctx: &'a Context) -> Pin<Box<dyn Future<Output = Result<u32, AppError>> + Send + 'a>>;
    /// Grows with each write of this process that may change a count.
    fn generation(&self) -> u64;
}

/// A count that was worked out.
#[derive(Clone, Copy, Debug)]
struct Kept {
    at: i64,
    generation: u64,
    count: u32,
}

/// Who, and as what.
type Person = (Uuid, Option<Uuid>);

/// The parts that count, and the counts kept.
#[derive(Default)]
pub(crate) struct Dues {
    parts: RwLock<Vec<Arc<dyn Due>>>,
    kept: Mutex<HashMap<Person, Kept>>,
}

impl Access {
    /// Hangs up a part that counts; call it at start.
    pub fn add_due(&self, due: Arc<dyn Due>) {
        self.inner.dues.parts.write().unwrap_or_else(PoisonError::into_inner).push(due);
    }

    /// How much waits for somebody who has signed in, without asking the database at each page.
    pub(crate) async fn due(&self, ctx: &Context) -> u32 {
        let Who::Account { id, .. } = ctx.who else { return 0 };
        let person = (id, ctx.post().map(|p| p.id));
        let parts = self.inner.dues.parts.read().unwrap_or_else(PoisonError::into_inner).clone();
        let (now, generation) = (ctx.at.as_microsecond(), parts.iter().map(|p| p.generation()).fold(0, u64::wrapping_add));
        let lock = || self.inner.dues.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = lock().get(&person).copied();
        if let Some(kept) = kept {
            let age = now.saturating_sub(kept.at);
            if (0..if kept.generation == generation { OLDEST } else { FRESH }).contains(&age) {
                return kept.count;
            }
        }
        let mut count = 0u32;
        for part in parts {
            match part.count(ctx).await {
                Ok(some) => count = count.saturating_add(some),
                Err(error) => {
                    // A page is not refused because of a number beside its menu.
                    tracing::warn!(code = error.code, "what waits could not be counted");
                    return kept.map_or(0, |k| k.count);
                }
            }
        }
        let mut all = lock();
        if all.len() >= MOST {
            all.clear();
        }
        all.insert(person, Kept { at: now, generation, count });
        count
    }

    /// Forgets the counts of somebody who has just done something.
    pub(crate) fn done_something(&self, ctx: &Context) {
        let Some(account) = ctx.account_id() else { return };
        self.inner.dues.kept.lock().unwrap_or_else(PoisonError::into_inner).retain(|person, _| person.0 != account);
    }
}
