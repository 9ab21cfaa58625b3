//! The tasks that published plans name themselves: they are there for everybody who has signed in to read and to hand down.

use super::model::{Due, Party, State, Task, Words};
use crate::Programme;
use access::{Context, db_error};
use db::DbError;
use ui::AppError;

impl Programme {
    /// What must be there when the platform starts: tasks that plans name, arrears of the running period.
    ///
    /// # Errors
    /// What the database says.
    pub async fn start(&self) -> Result<(), DbError> {
        let ctx = Context::system(self.clock().now());
        self.load_published_tasks(&ctx).await.map_err(DbError::defect)?;
        self.publish_arrears(&ctx).await.map_err(DbError::defect)?;
        Ok(())
    }

    /// Adds the tasks of published plans that are not there yet; how many.
    ///
    /// # Errors
    /// What the database says.
    pub async fn load_published_tasks(&self, ctx: &Context) -> Result<usize, AppError> {
        let mut made = 0;
        let register = self.register();
        let mut tx = self.db().begin().await.map_err(db_error)?;
        for (plan, group) in register.plans().flat_map(|p| p.def.task_group.iter().map(move |g| (p, g))) {
            let head = &plan.def.plan;
            let Some(tenant) = self.tenant_of(plan.home) else { continue };
            let task = Task {
                tenant,
                // The same in every installation, so that loading twice adds nothing.
                id: places::facts::fact_id(&format!("task:{}:{}", head.code, group.number)),
                parent: None,
                words: Words {
                    plan: head.code.clone(),
                    goal: head.title_vi.clone(),
                    number: group.number.to_string(),
                    title: group.title_vi.clone(),
                    ..Words::default()
                },
                owner: Party { unit: plan.home, ..Party::default() },
                support: Vec::new(),
                issuer: plan.home,
                assigned: head.valid_from.unwrap_or_else(|| ctx.today()),
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
