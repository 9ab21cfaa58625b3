//! Evidence of indicators, as the library of evidence keeps it.

use super::{Criteria, set_id};
use crate::scorecard_href;
use access::Context;
use calendar::Period;
use figures::evidence::{CriteriaNames, Named, Topic};
use places::pages::BoxFuture;
use std::collections::HashMap;
use ui::{AppError, Lang};
use uuid::Uuid;

impl Criteria {
    /// How many pieces of evidence hold for each indicator today. None for those who may not look into the unit: nothing is held against it then.
    pub(super) async fn evidence_of(&self, ctx: &Context, set: Uuid, unit: Uuid, year: i16) -> Result<Option<HashMap<String, usize>>, AppError> {
        let Some(period) = Period::year(year) else { return Ok(None) };
        match self.figures().evidence().counts(ctx, Topic::set(set, period), unit, ctx.today()).await {
            Ok(counts) => Ok(Some(counts.into_iter().map(|(code, count)| (code, count.valid)).collect())),
            Err(error) if error.status == 404 => Ok(None),
            Err(error) => Err(error),
        }
    }
}

impl Criteria {
    /// Pieces of evidence of a unit, set and year that have ended, and that end soon.
    pub(super) async fn evidence_ending(&self, ctx: &Context, set: Uuid, unit: Uuid, year: i16) -> Result<(usize, usize), AppError> {
        let Some(period) = Period::year(year) else { return Ok((0, 0)) };
        match self.figures().evidence().counts(ctx, Topic::set(set, period), unit, ctx.today()).await {
            Ok(counts) => Ok(counts.values().fold((0, 0), |(ended, soon), c| (ended + c.expired, soon + c.expiring))),
            Err(error) if error.status == 404 => Ok((0, 0)),
            Err(error) => Err(error),
        }
    }
}

impl CriteriaNames for Criteria {
    fn named<'a>(&'a self, set: Uuid, indicator: &'a str, period: Period, unit: Uuid, lang: Lang) -> BoxFuture<'a, Option<Named>> {
        Box::pin(async move {
            let shelf = self.current().await;
            let set = shelf.library.all().find(|s| set_id(&s.code) == set)?;
            let i = set.indicator(indicator)?;
            Some(Named { title: format!("{} {} · {}", i.code, i.title, set.title(lang)), href: scorecard_href(&set.code, unit, period.in_year()) })
        })
    }
}
