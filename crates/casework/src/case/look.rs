//! A case as a person may see it: what to do next, the clock explained, who holds it, what happened.

use super::clock::Counted;
use super::condition::Condition;
use super::{CaseRow, ClockRow, EventRow, PaperRow, TaskRow};
use crate::Casework;
use crate::library::Version;
use crate::procedure::{Action, Field, Paper};
use crate::store::{case as store, certificate};
use access::{Context, db_error};
use std::sync::Arc;
use ui::{AppError, Lang};
use uuid::Uuid;
use work::{CaseRef, Value};

/// An action that the person may do here, with what it asks for.
#[derive(Clone, Debug)]
pub struct Offer {
    /// The action.
    pub action: Action,
    /// Its conditions as they stand, as far as they do not hang on what is asked.
    pub conditions: Vec<Condition>,
    /// Fields to fill in, with the value that is there.
    pub asks: Vec<(Field, Option<Value>)>,
    /// Papers that must be there, and whether they are.
    pub needs: Vec<(Paper, bool)>,
    /// Whether opinions are still open that it waits for.
    pub waits: bool,
}

/// An event with what may be told of it.
#[derive(Clone, Debug)]
pub struct Told {
    /// The event.
    pub event: EventRow,
    /// Fields it changed: label, before, after; without those closed to the person.
    pub changes: Vec<(String, String, String)>,
    /// Whether something of it is closed to the person.
    pub closed: bool,
}

/// A case as a person sees it.
#[derive(Clone, Debug)]
pub struct CaseView {
    /// The case.
    pub case: CaseRow,
    /// The version of the procedure it is pinned to.
    pub version: Arc<Version>,
    /// What the person may do, ready or not.
    pub offers: Vec<Offer>,
    /// Tasks, and whether the person answers them.
    pub tasks: Vec<(TaskRow, bool)>,
    /// Clocks with how they are counted.
    pub clocks: Vec<(ClockRow, Counted)>,
    /// Fields that may be seen: the field and its value.
    pub fields: Vec<(Field, Value)>,
    /// Fields that are there but closed to the person.
    pub closed: Vec<Field>,
    /// Papers that may be seen.
    pub papers: Vec<PaperRow>,
    /// Number of papers that are there but closed to the person.
    pub closed_papers: usize,
    /// What happened, newest first.
    pub events: Vec<Told>,
    /// What it brought forth.
    pub certificates: Vec<certificate::CertificateRow>,
    /// Whether the person leads the unit that holds it.
    pub head: bool,
    /// Whether the person belongs to those who hold it.
    pub holds: bool,
}

impl Casework {
    /// A case as the person may see it.
    ///
    /// # Errors
    /// 404 `unknown_case`.
    pub async fn look(&self, ctx: &Context, id: Uuid) -> Result<CaseView, AppError> {
        let case = self.seen_case(ctx, id).await?;
        let version = self.library().version(&case.procedure, case.version).ok_or_else(super::open::unknown_procedure)?;
        let procedure = &version.procedure;
        let (db, tenant) = (self.db(), case.tenant);
        let tasks = store::tasks(db, tenant, id).await.map_err(db_error)?;
        let papers = store::papers(db, tenant, id).await.map_err(db_error)?;
        let clocks = store::clocks(db, tenant, id).await.map_err(db_error)?;
        let events = store::events(db, tenant, id).await.map_err(db_error)?;
        let certificates = certificate::of_case(db, tenant, id).await.map_err(db_error)?;
        let names = self.names(procedure, &case, &tasks, &papers, calendar::micros(ctx.at)).await?;
        let sees = |seen_by: &[String]| self.is_any(ctx, procedure, seen_by, case.unit);
        let offers = procedure
            .actions_of(&case.state)
            .filter(|action| self.acting(ctx, procedure, &action.by, case.unit).is_some())
            .map(|action| Offer {
                conditions: self.conditions(procedure, action, &names, &super::Fields::new()),
                asks: action.asks.iter().filter_map(|code| procedure.field(code)).map(|f| (f.clone(), case.fields.get(&f.code).cloned())).collect(),
                needs: action
                    .needs
                    .iter()
                    .filter_map(|code| procedure.paper(code))
                    .map(|p| (p.clone(), papers.iter().any(|have| have.paper == p.code)))
                    .collect(),
                waits: action.after_tasks && tasks.iter().any(|t| t.open),
                action: action.clone(),
            })
            .collect();
        let (mut fields, mut closed) = (Vec::new(), Vec::new());
        for field in &procedure.field {
            let Some(value) = case.fields.get(&field.code) else { continue };
            if sees(&field.seen_by) {
                fields.push((field.clone(), value.clone()));
            } else {
                closed.push(field.clone());
            }
        }
        let all = papers.len();
        let papers: Vec<PaperRow> = papers.into_iter().filter(|p| procedure.paper(&p.paper).is_none_or(|kind| sees(&kind.seen_by))).collect();
        let holder = case.holder_unit;
        let told = events.into_iter().rev().map(|mut event| {
            let mut closed = false;
            // The name of a closed paper is closed too.
            if event.kind == "paper" && procedure.paper(&event.action).is_some_and(|kind| !sees(&kind.seen_by)) {
                event.note.clear();
                closed = true;
            }
            let mut changes = Vec::new();
            for (code, value) in &event.became {
                let Some(field) = procedure.field(code) else { continue };
                if !sees(&field.seen_by) {
                    closed = true;
                    continue;
                }
                let before = event.was.get(code).map(|v| field.shown(v, ctx.lang)).unwrap_or_default();
                changes.push((field.title(ctx.lang).to_owned(), before, field.shown(value, ctx.lang)));
            }
            Told { event, changes, closed }
        });
        Ok(CaseView {
            offers,
            tasks: tasks
                .into_iter()
                .map(|t| {
                    let mine =
                        t.open && procedure.task(&t.task).is_some_and(|task| self.acting(ctx, procedure, std::slice::from_ref(&task.by), case.unit).is_some());
                    (t, mine)
                })
                .collect(),
            clocks: clocks
                .into_iter()
                .map(|c| {
                    let counted = self.count(procedure, holder, &c);
                    (c, counted)
                })
                .collect(),
            fields,
            closed,
            closed_papers: all - papers.len(),
            papers,
            events: told.collect(),
            certificates,
            head: self.leads(ctx, procedure, &case),
            holds: procedure.actor(&case.holder).is_some_and(|a| self.acts_as(ctx, a, case.unit)),
            version: Arc::clone(&version),
            case,
        })
    }

    /// Where a case stands, in a few words.
    pub(crate) fn case_ref(&self, case: &CaseRow, l: Lang) -> CaseRef {
        let version = self.library().version(&case.procedure, case.version);
        let label = version.and_then(|v| v.procedure.state(&case.state).map(|s| l.t(&s.title_vi, &s.title_en).to_owned()));
        CaseRef {
            id: case.id,
            seq: case.seq,
            state: case.state.clone(),
            state_label: label.unwrap_or_else(|| case.state.clone()),
            ended: !case.open,
            href: format!("/cases/{}", case.id),
        }
    }
}
