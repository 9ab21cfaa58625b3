//! Tasks among what is due for a person today.

use super::read::{Late, Seen};
use super::words;
use crate::Programme;
use access::Context;
use jiff::civil::Date;
use work::{Answer, Duty, DutySource, Urgency};

/// Tells the page *Hôm nay* of tasks to do, to help with and to confirm; put it on the board at start.
#[derive(Clone, Debug)]
pub struct TaskDuties(pub Programme);

/// The end of a day in Vietnam, microseconds UTC.
fn end_of(day: Date) -> Option<i64> {
    let next = day.tomorrow().ok()?;
    // UTC+7 all year: the next day begins at 17:00 UTC of this one.
    let midnight = jiff::tz::Offset::constant(7).to_timestamp(next.at(0, 0, 0, 0)).ok()?;
    Some(calendar::micros(midnight))
}

fn duty(p: &Programme, ctx: &Context, seen: &Seen, kind: &str, verb: &str) -> Duty {
    let l = ctx.lang;
    let urgency = match seen.late {
        Late::By(_) => Urgency::Late,
        Late::Left(0 | 1) => Urgency::Soon,
        _ => Urgency::Open,
    };
    Duty {
        key: format!("{kind}:{}", seen.task.id),
        title: words::headline(&seen.task),
        about: format!("{} · {}", words::party(p, &seen.task.owner, ctx.today()), seen.task.state.label(l)),
        verb: verb.to_owned(),
        href: format!("/tasks/{}", seen.task.id),
        due: seen.due.and_then(end_of),
        urgency,
        due_words: words::late(seen, l).1,
        ..Duty::default()
    }
}

impl DutySource for TaskDuties {
    fn name(&self) -> &'static str {
        "task"
    }

    fn duties<'a>(&'a self, ctx: &'a Context, most: usize) -> Answer<'a, Vec<Duty>> {
        Box::pin(async move {
            let l = ctx.lang;
            let waiting = self.0.tasks_waiting(ctx).await?;
            let mut out: Vec<Duty> = waiting.own.iter().map(|s| duty(&self.0, ctx, s, "do", l.t("Làm nhiệm vụ", "Do the task"))).collect();
            out.extend(waiting.to_confirm.iter().map(|s| Duty {
                // Whoever confirms is not late when the owner was.
                urgency: Urgency::Soon,
                ..duty(&self.0, ctx, s, "confirm", l.t("Xác nhận hoàn thành", "Confirm"))
            }));
            out.extend(waiting.helping.iter().map(|s| Duty { urgency: Urgency::Open, ..duty(&self.0, ctx, s, "help", l.t("Phối hợp", "Help")) }));
            out.sort_by(|a, b| (a.urgency, a.due.is_none(), a.due, &a.key).cmp(&(b.urgency, b.due.is_none(), b.due, &b.key)));
            out.truncate(most);
            Ok(out)
        })
    }
}
