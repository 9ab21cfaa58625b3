//! Where criteria meet casework: what a scorecard says to the guards of a procedure, and what a decision reached there
//! writes into the register.

use super::appraise::scorecard_href;
use super::{Criteria, NewDecision};
use crate::model::{Outcome, Set};
use crate::store::assess::Stage;
use crate::store::recognise::Act;
use access::Context;
use jiff::civil::Date;
use std::collections::BTreeMap;
use std::sync::Arc;
use ui::AppError;
use uuid::Uuid;
use work::{About, Answer, CaseEvent, CaseFacts, CaseHook, Fact, FactName, Value};

/// The facts that guards may read: (name, Vietnamese, English).
const FACTS: [(&str, &str, &str); 3] = [
    ("criteria_met", "số tiêu chí đạt đã được thẩm định", "criteria met and appraised"),
    ("criteria_total", "số tiêu chí của bộ", "criteria of the set"),
    ("criteria_unknown", "số tiêu chí chưa có mức hoặc chưa có số liệu", "criteria without a threshold or data"),
];
/// The rank that goes without saying: where a procedure offers only one, it is the standard.
const STANDARD: &str = "standard";

fn text<'a>(fields: &'a BTreeMap<String, Value>, name: &str) -> Option<&'a str> {
    match fields.get(name) {
        Some(Value::Text(text)) => Some(text),
        _ => None,
    }
}

fn year(fields: &BTreeMap<String, Value>) -> Option<i16> {
    match fields.get("year") {
        Some(Value::Number(year)) => i16::try_from(*year).ok(),
        _ => None,
    }
}

impl Criteria {
    /// The set by which a case judges its unit: of the unit's level, the rank asked for, in force in the year asked for. A province
    /// that has issued its own on the ground of the national one is judged by it; the register of decisions goes by the national one
    /// wherever there is one (`register`).
    fn set_of_case(&self, about: &About, register: bool) -> Option<(Arc<Set>, i16)> {
        let year = year(&about.fields)?;
        let end = super::measures::year_end(year);
        let atlas = self.figures().places().atlas();
        let level = atlas.unit(about.unit)?.level;
        let province = atlas.on(end.min(about.on)).province(about.unit);
        let asked = text(&about.fields, "rank").unwrap_or(STANDARD);
        let fits = |set: &Set, rank: &str| {
            set.level == level && set.rank.word() == rank && set.effective_from.is_none_or(|from| from <= end) && set.effective_to.is_none_or(|to| end <= to)
        };
        let sets = self.list();
        let find = |rank: &str| {
            let fitting = || sets.iter().filter(|l| l.published && fits(&l.set, rank)).map(|l| &l.set);
            let own = fitting().find(|set| province.is_some() && set.province.as_deref().map(crate::model::province_id) == province);
            let national = fitting().find(|set| set.province.is_none());
            if register { national.or(own) } else { own.or(national) }.map(Arc::clone)
        };
        // "Completed" is what a province reaches by its standard set.
        let set = find(asked).or_else(|| (asked == "completed").then(|| find(STANDARD)).flatten())?;
        // A ward stands beside the communes and is judged by no set for them.
        self.judges(&set, about.unit, end).then_some((set, year))
    }

    /// What the appraised scorecard says: (met, of how many, neither met nor failed); none while nothing was scored.
    async fn appraised(&self, set: &Set, unit: Uuid, year: i16) -> Result<Option<(usize, usize, usize)>, AppError> {
        let ctx = Context::system(self.figures().clock().now());
        let scorecard = self.scorecard(&ctx, &set.code, unit, year).await?;
        if scorecard.state.is_none() {
            return Ok(None);
        }
        let mut card = scorecard.card();
        for j in &mut card.indicators {
            if scorecard.scored.get(&j.indicator.code).is_none_or(|s| s.stage != Stage::Accepted) && j.outcome == Outcome::Met {
                j.outcome = Outcome::NoData;
            }
        }
        super::scorecard::recount(&scorecard.set, &mut card);
        let tally = card.criteria_tally;
        Ok(Some((tally.met, tally.applying(), tally.no_level + tally.no_data)))
    }
}

impl CaseFacts for Criteria {
    fn names(&self) -> Vec<FactName> {
        FACTS.iter().map(|(name, vi, en)| FactName { name: (*name).to_owned(), vi: (*vi).to_owned(), en: (*en).to_owned() }).collect()
    }

    fn facts<'a>(&'a self, about: &'a About, wanted: &'a [String]) -> Answer<'a, Vec<Fact>> {
        Box::pin(async move {
            self.current().await;
            let found = self.set_of_case(about, false);
            let told = match &found {
                Some((set, year)) => self.appraised(set, about.unit, *year).await?,
                None => None,
            };
            let href = found.as_ref().map(|(set, year)| scorecard_href(&set.code, about.unit, *year));
            let (vi, en) = match (&found, told) {
                (None, _) => ("chưa rõ danh hiệu hoặc năm đánh giá".to_owned(), "rank or year not known yet".to_owned()),
                (_, None) => ("bảng chấm điểm chưa có gì".to_owned(), "the scorecard is empty".to_owned()),
                (_, Some((met, of, unknown))) => (
                    format!("đạt {met}/{of} tiêu chí đã thẩm định; {unknown} chưa có mức hoặc số liệu"),
                    format!("{met} of {of} criteria met and appraised; {unknown} without threshold or data"),
                ),
            };
            let fact = |name: &String| {
                let value = told.map(|(met, of, unknown)| match name.as_str() {
                    "criteria_met" => met,
                    "criteria_total" => of,
                    _ => unknown,
                });
                let value = value.map(|n| Value::Number(i64::try_from(n).unwrap_or(i64::MAX)));
                Fact { name: name.clone(), value, vi: vi.clone(), en: en.clone(), href: href.clone() }
            };
            Ok(wanted.iter().map(fact).collect())
        })
    }
}

impl CaseHook for Criteria {
    fn listens(&self) -> &'static [&'static str] {
        &["recognition.decided", "recognition.revoked"]
    }

    fn happened<'a>(&'a self, tx: &'a mut db::Tx, ctx: &'a Context, event: &'a CaseEvent) -> Answer<'a, ()> {
        Box::pin(async move {
            // A case about a rank of which there is no set leaves the decision in the case alone.
            let Some((set, _)) = self.set_of_case(&event.about, true) else { return Ok(()) };
            let fields = &event.about.fields;
            let revoked = event.emits.iter().any(|word| word == "recognition.revoked");
            let (act, number) = if revoked { (Act::Revoked, "revoke_number") } else { (Act::Recognised, "decision_number") };
            let date = |name: &str| text(fields, name).and_then(|day| day.parse::<Date>().ok());
            let issued = if revoked { None } else { date("decision_date") }.unwrap_or_else(|| ctx.today());
            let new = NewDecision {
                act,
                number: text(fields, number).unwrap_or_default().to_owned(),
                issued,
                issuer: text(fields, "decided_by").unwrap_or_default().to_owned(),
                from: None,
                note: format!("/cases/{}", event.about.case),
            };
            self.recognise_in(tx, ctx, &set.code, event.about.unit, new).await.map(drop)
        })
    }
}
