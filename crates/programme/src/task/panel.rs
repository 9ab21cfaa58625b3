//! The block of tasks on the page of a unit.

use super::read::Asked;
use crate::Programme;
use access::Context;
use jiff::civil::Date;
use places::pages::{BoxFuture, UnitPanel};
use ui::Html;
use uuid::Uuid;

/// Shows how the tasks of a unit stand on its page; register it with [`places::Places::add_panel`]. The public sees nothing of them.
#[derive(Clone, Debug)]
pub struct TasksPanel(pub Programme);

impl UnitPanel for TasksPanel {
    fn panel<'a>(&'a self, ctx: &'a Context, unit: Uuid, _: Date) -> BoxFuture<'a, Html> {
        Box::pin(async move {
            let mine = ctx.who != access::Who::Public && self.0.figures().may(ctx, access::Role::Viewer, unit);
            if !mine {
                return Html::default();
            }
            let l = ctx.lang;
            let title = l.t("Nhiệm vụ", "Tasks");
            match self.0.tasks(ctx, &Asked { unit: Some(unit), ..Asked::default() }).await {
                Err(error) => Html::trusted(format!("<section class=\"card\"><h2>{title}</h2><p>{}</p></section>", ui::escape(error.what(l)))),
                Ok(tasks) => {
                    let open = tasks.iter().filter(|s| s.task.state.open()).count();
                    let late = tasks.iter().filter(|s| s.is_late()).count();
                    let tag = if late > 0 { format!(" <span class=\"tag late\">{late} {}</span>", l.t("trễ", "late")) } else { String::new() };
                    Html::trusted(format!(
                        "<section class=\"card\"><h2>{title}</h2><p class=\"line\"><span><b>{open}</b> {} {} {}{tag}</span><span><a href=\"/tasks?unit={unit}\">{}</a> · <a href=\"/tasks/money?unit={unit}\">{}</a></span></p></section>",
                        l.t("việc còn phải làm trong", "open of"),
                        tasks.len(),
                        l.t("nhiệm vụ", "tasks"),
                        l.t("Bảng nhiệm vụ", "Task board"),
                        l.t("Kinh phí", "Money"),
                    ))
                }
            }
        })
    }
}
