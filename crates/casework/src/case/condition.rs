//! Guards judged over a case, one sentence per part.

use super::{CaseRow, PaperRow, TaskRow};
use crate::Casework;
use crate::procedure::{Action, Procedure};
use formula::{Guard, GuardValue, Verdict};
use std::collections::BTreeMap;
use ui::{AppError, Lang};
use work::{About, Fact, Value};

/// A condition of an action, as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// Whether it holds.
    pub verdict: Verdict,
    /// In words.
    pub vi: String,
    /// The same in English.
    pub en: String,
    /// What it is now, in words: `đang là 3`.
    pub now_vi: String,
    /// The same in English.
    pub now_en: String,
    /// Where it opens, for a fact of another domain.
    pub href: Option<String>,
}

impl Condition {
    /// The sentence.
    pub fn said(&self, l: Lang) -> &str {
        l.t(&self.vi, &self.en)
    }

    /// What it is now.
    pub fn now(&self, l: Lang) -> &str {
        l.t(&self.now_vi, &self.now_en)
    }
}

/// All that guards read of a case.
pub(crate) struct Names {
    values: BTreeMap<String, GuardValue>,
    facts: Vec<Fact>,
}

fn guard_value(value: &Value) -> GuardValue {
    match value {
        Value::Flag(yes) => GuardValue::Flag(*yes),
        Value::Number(number) => GuardValue::Number((*number).into()),
        Value::Text(text) => GuardValue::Text(text.clone()),
    }
}

impl Casework {
    /// Gathers what guards of a case read: fields, settings, counts, and the facts of other domains that some guard names.
    ///
    /// # Errors
    /// Of a domain that cannot answer.
    pub(crate) async fn names(&self, procedure: &Procedure, case: &CaseRow, tasks: &[TaskRow], papers: &[PaperRow], now: i64) -> Result<Names, AppError> {
        let mut values: BTreeMap<String, GuardValue> = case.fields.iter().map(|(code, value)| (code.clone(), guard_value(value))).collect();
        let mut number = |name: String, n: usize| values.insert(name, GuardValue::Number(n.into()));
        for paper in &procedure.paper {
            number(format!("papers_{}", paper.code), papers.iter().filter(|p| p.paper == paper.code).count());
        }
        number("tasks_open".into(), tasks.iter().filter(|t| t.open).count());
        number("tasks_against".into(), tasks.iter().filter(|t| t.verdict == "against").count());
        let days = (now - case.entered_at).max(0) / (24 * 3600 * 1_000_000);
        number("days_in_state".into(), usize::try_from(days).unwrap_or(0));
        values.insert("late".into(), GuardValue::Flag(case.due.is_some_and(|due| now > due)));
        for setting in &procedure.setting {
            if let Some(value) = setting.value {
                values.insert(setting.code.clone(), GuardValue::Number(value.into()));
            }
        }
        let wanted = procedure.facts();
        let facts = if wanted.is_empty() {
            Vec::new()
        } else {
            let on = super::clock::local(now).date();
            let about = About { procedure: case.procedure.clone(), case: case.id, unit: case.unit, fields: case.fields.clone(), on };
            self.board().facts(&about, &wanted).await?
        };
        for fact in &facts {
            if let Some(value) = &fact.value {
                values.insert(fact.name.clone(), guard_value(value));
            }
        }
        Ok(Names { values, facts })
    }

    /// The conditions of an action as they stand; empty when it has none. `extra` are fields that are being sent with it.
    pub(crate) fn conditions(&self, procedure: &Procedure, action: &Action, names: &Names, extra: &BTreeMap<String, Value>) -> Vec<Condition> {
        let Some(guard) = action.guard.as_ref().and_then(|g| Guard::parse(g.get_ref()).ok()) else { return Vec::new() };
        let value = |name: &str| extra.get(name).map(guard_value).or_else(|| names.values.get(name).cloned());
        let parts = guard.parts().iter().enumerate().map(|(at, part)| {
            let said = |list: &[String]| list.get(at).cloned().unwrap_or_else(|| part.text.clone());
            let fact = names.facts.iter().find(|f| part.inputs.contains(&f.name));
            let now = |l: Lang| {
                if let Some(fact) = fact {
                    return l.t(&fact.vi, &fact.en).to_owned();
                }
                let shown: Vec<String> = part.inputs.iter().filter_map(|name| shown(procedure, name, value(name).as_ref(), l)).collect();
                shown.join("; ")
            };
            Condition {
                verdict: part.judge(&value),
                vi: said(&action.guard_vi),
                en: said(&action.guard_en),
                now_vi: now(Lang::Vi),
                now_en: now(Lang::En),
                href: fact.and_then(|f| f.href.clone()),
            }
        });
        parts.collect()
    }
}

fn shown(procedure: &Procedure, name: &str, value: Option<&GuardValue>, l: Lang) -> Option<String> {
    let title = match (procedure.field(name), procedure.setting.iter().find(|s| s.code == name)) {
        (Some(field), _) => l.t(&field.title_vi, &field.title_en).to_owned(),
        (None, Some(setting)) => l.t(&setting.title_vi, &setting.title_en).to_owned(),
        (None, None) => {
            let built = crate::procedure::BUILT_IN.iter().find(|b| b.0 == name).map(|b| l.t(b.1, b.2).to_owned());
            let paper = name.strip_prefix("papers_").and_then(|code| procedure.paper(code)).map(|p| l.t(&p.title_vi, &p.title_en).to_owned());
            built.or(paper)?
        }
    };
    let words = match value {
        None if procedure.setting.iter().any(|s| s.code == name) => l.t("chưa có mức", "not known").to_owned(),
        None => l.t("chưa có", "none yet").to_owned(),
        Some(GuardValue::Flag(true)) => l.t("có", "yes").to_owned(),
        Some(GuardValue::Flag(false)) => l.t("không", "no").to_owned(),
        Some(GuardValue::Number(number)) => number.normalize().to_string(),
        Some(GuardValue::Text(text)) => text.clone(),
    };
    Some(format!("{title}: {words}"))
}
