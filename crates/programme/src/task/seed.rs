//! The tasks that published plans name themselves: they are there for everybody who has signed in to read and to hand down.

use super::model::{Due, Party, State, Task, Words};
use crate::Programme;
use access::{Context, db_error};
use jiff::civil::Date;
use ui::AppError;
use uuid::Uuid;

/// A task as a published plan words it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// Code of the plan.
    pub plan: String,
    /// Its title.
    pub goal: String,
    /// Number in the plan.
    pub number: String,
    /// The task.
    pub title: String,
    /// The unit of the plan.
    pub unit: Uuid,
    /// First day of the plan.
    pub from: Date,
}

impl Programme {
    /// Adds the tasks of published plans that are not there yet; how many.
    ///
    /// # Errors
    /// What the database says.
    pub async fn load_published_tasks(&self, ctx: &Context, list: &[Published]) -> Result<usize, AppError> {
        let mut made = 0;
        let mut tx = self.db().begin().await.map_err(db_error)?;
        for published in list {
            let Some(tenant) = self.tenant_of(published.unit) else { continue };
            let task = Task {
                tenant,
                // The same in every installation, so that loading twice adds nothing.
                id: places::facts::fact_id(&format!("task:{}:{}", published.plan, published.number)),
                parent: None,
                words: Words {
                    plan: published.plan.clone(),
                    goal: published.goal.clone(),
                    number: published.number.clone(),
                    title: published.title.clone(),
                    ..Words::default()
                },
                owner: Party { unit: published.unit, body: String::new() },
                support: Vec::new(),
                issuer: published.unit,
                assigned: published.from,
                due: Due::Open,
                state: State::New,
                seq: 1,
                done_on: None,
                done_by: None,
                everybody: true,
                synthetic: false,
                made_by: ctx.author_name().to_owned(),
                made_at: calendar::micros(ctx.at),
            };
            made += usize::from(self.add_task(&mut tx, ctx, &task).await?);
        }
        if made > 0 {
            tx.commit().await.map_err(db_error)?;
        }
        Ok(made)
    }
}
