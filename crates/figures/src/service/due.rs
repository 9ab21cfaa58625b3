//! How much waits for somebody, for the number beside *Hôm nay*: the lines of that page, counted.

use super::Figures;
use access::{Context, Due, Role, db_error};
use places::Level;
use std::future::Future;
use std::pin::Pin;
use ui::AppError;

/// Returned figures shown on the page at most.
pub(crate) const RETURNED: usize = 20;

impl Figures {
    /// Periods to fill, figures that were returned, and one for a queue that is not empty.
    ///
    /// # Errors
    /// What the database says.
    pub async fn due_count(&self, ctx: &Context) -> Result<u32, AppError> {
        let atlas = self.places().atlas();
        let map = atlas.on(ctx.today());
        let mut count = 0usize;
        for unit in ctx.units_with(Role::Officer) {
            if map.level(unit) == Some(Level::Nation) {
                continue;
            }
            for period in self.open_periods(ctx.today()) {
                let board = self.lateness(ctx, unit, period).await.map_err(db_error)?;
                count += usize::from(board.closed.is_none() && board.units.iter().any(|u| u.missing() > 0));
            }
        }
        count += self.returned(ctx, RETURNED).await?.len();
        if ctx.may_somewhere(Role::Reviewer) {
            count += usize::from(!self.queue_counts(ctx).await?.is_empty());
        }
        Ok(u32::try_from(count).unwrap_or(u32::MAX))
    }
}

impl Due for Figures {
    fn count<'a>(&'a self, ctx: &'a Context) -> Pin<Box<dyn Future<Output = Result<u32, AppError>> + Send + 'a>> {
        Box::pin(self.due_count(ctx))
    }

    fn generation(&self) -> u64 {
        *self.inner.changed.borrow()
    }
}
