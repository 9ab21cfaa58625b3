//! A made-up plan that still runs: targets with a forecast, on the way or behind.

use crate::Programme;
use crate::check::{Lines, read_toml};
use access::Context;
use ui::AppError;

/// The plan; every line of it says that it is made up.
const PLAN: &str = include_str!("../demo/plan.toml");

impl Programme {
    /// Adds the made-up plan where there is none of its code.
    ///
    /// # Errors
    /// What the database says.
    pub(crate) async fn seed_demo_plan(&self, ctx: &Context) -> Result<(), AppError> {
        let def = read_toml(PLAN).map_err(|wrong| crate::check::refusal(&[wrong]))?;
        if self.current().await.plan(&def.plan.code).is_none() {
            self.save_plan(ctx, def, "dữ liệu minh họa", Some(0), &Lines::Toml(PLAN)).await?;
        }
        Ok(())
    }
}
