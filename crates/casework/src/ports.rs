//! What other domains see of casework: the case engine, and what is due.

use crate::Casework;
use crate::case::{InboxAsk, Item, Scope};
use crate::store::case as store;
use access::{Context, db_error};
use ui::Lang;
use uuid::Uuid;
use work::{Answer, CaseAct, CaseRef, Cases, Duty, DutySource, NewCase, Urgency};

impl Cases for Casework {
    fn open<'a>(&'a self, tx: &'a mut db::Tx, ctx: &'a Context, new: NewCase) -> Answer<'a, CaseRef> {
        Box::pin(self.open_in(tx, ctx, new))
    }

    fn act<'a>(&'a self, tx: &'a mut db::Tx, ctx: &'a Context, act: CaseAct) -> Answer<'a, CaseRef> {
        Box::pin(self.act_in(tx, ctx, act))
    }

    fn of_subject<'a>(&'a self, ctx: &'a Context, unit: Uuid, subject: &'a str) -> Answer<'a, Vec<CaseRef>> {
        Box::pin(async move {
            let Some(tenant) = self.places().atlas().unit(unit).map(|u| u.tenant) else { return Ok(vec![]) };
            let cases = store::of_subject(self.db(), tenant, subject).await.map_err(db_error)?;
            Ok(cases.iter().filter(|c| self.sees(ctx, c.unit)).map(|c| self.case_ref(c, ctx.lang)).collect())
        })
    }
}

impl DutySource for Casework {
    fn name(&self) -> &'static str {
        "case"
    }

    fn duties<'a>(&'a self, ctx: &'a Context, most: usize) -> Answer<'a, Vec<Duty>> {
        Box::pin(async move {
            let mut items = self.open_tasks(ctx, most).await?;
            for scope in [Scope::Mine, Scope::Office] {
                let page = self.inbox(ctx, InboxAsk { scope, after: None, most }).await?;
                let new: Vec<Item> = page
                    .items
                    .into_iter()
                    // What a colleague works on is theirs.
                    .filter(|i| i.case.assignee_id.is_none() || i.case.assignee_id == ctx.account_id())
                    .filter(|i| !items.iter().any(|have| have.case.id == i.case.id && have.task.is_none()))
                    .filter(|i| self.may_act_in(ctx, i))
                    .collect();
                items.extend(new);
            }
            items.truncate(most);
            Ok(items.iter().map(|item| self.duty(ctx, item)).collect())
        })
    }
}

impl Casework {
    /// Whether the person belongs to the actor that holds a case.
    fn may_act_in(&self, ctx: &Context, item: &Item) -> bool {
        let version = self.library().version(&item.case.procedure, item.case.version);
        version.is_some_and(|v| v.procedure.actor(&item.case.holder).is_some_and(|a| self.acts_as(ctx, a, item.case.unit)))
    }

    fn duty(&self, ctx: &Context, item: &Item) -> Duty {
        let (l, case, now) = (ctx.lang, &item.case, calendar::micros(ctx.at));
        let version = self.library().version(&case.procedure, case.version);
        let due = item.task.as_ref().map_or(case.due, |t| t.due);
        let verb = match (&item.task, &version) {
            (Some(task), Some(v)) => v.procedure.task(&task.task).map(|t| l.t(&t.title_vi, &t.title_en).to_owned()),
            (None, Some(v)) => v.procedure.state(&case.state).map(|s| l.t(&s.title_vi, &s.title_en).to_owned()),
            _ => None,
        };
        let day = 24 * 3600 * 1_000_000;
        Duty {
            key: item.task.as_ref().map_or_else(|| case.id.to_string(), |t| format!("{}/{}", case.id, t.task)),
            title: case.title.clone(),
            about: self.places().atlas().full_name(case.unit, ctx.today()),
            verb: verb.unwrap_or_default(),
            href: format!("/cases/{}", case.id),
            urgency: match due {
                Some(due) if due < now => Urgency::Late,
                Some(due) if due < now + day => Urgency::Soon,
                _ => Urgency::Open,
            },
            due_words: due_words(due, now, l),
            due,
            ..Duty::default()
        }
    }
}

/// A deadline in a few words.
pub(crate) fn due_words(due: Option<i64>, now: i64, l: Lang) -> String {
    let Some(due) = due else { return l.t("chưa có hạn", "no deadline").to_owned() };
    let date = lang::show::short_date(crate::case::local(due).date());
    let days = crate::case::local(now).date().until(crate::case::local(due).date()).map_or(0, |span| span.get_days());
    match days {
        0 if due >= now => l.t("hạn hôm nay", "due today").to_owned(),
        n if due < now => format!("{} {} {} ({date})", l.t("quá hạn", "late by"), n.abs().max(1), l.t("ngày", "days")),
        n => format!("{} {n} {} ({date})", l.t("còn", "in"), l.t("ngày", "days")),
    }
}
