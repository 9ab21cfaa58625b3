//! The scorecard of a unit: seen by everybody as far as it was accepted, filled in by its officers, appraised by the level above.

mod row;
mod show;

use super::{Params, done, in_form, see_other, typed, unit as read_unit, year as read_year};
use crate::model::Indicator;
use crate::store::recognise::Act;
use crate::{Criteria, NewDecision, Typed, Verdict, scorecard_href};
use access::{Context, Role};
use axum::extract::{Form, Path, State};
use axum::response::Response;
use row::Kept;
use show::{At, view};
use std::collections::BTreeMap;
use ui::AppError;

fn at(criteria: &Criteria, ctx: &Context, unit: &str, year: &str) -> Result<At, AppError> {
    Ok(At { unit: read_unit(criteria, ctx, unit)?, year: read_year(year)?, version: None })
}

type Address = Path<(String, String, String)>;

/// `GET /criteria/{set}/scorecards/{unit}/{year}`
pub(super) async fn show(State(criteria): State<Criteria>, ctx: Context, Path((code, unit, year)): Address, params: Params) -> Result<Response, AppError> {
    let at = At { version: params.get("version").and_then(|v| v.parse().ok()), ..at(&criteria, &ctx, &unit, &year)? };
    view(&criteria, &ctx, &code, &at, &Kept::new(), None, done(ctx.lang, params.get("done").as_deref())).await
}

/// `POST …/rescore`: scores again under the newest version of the set, or by thresholds entered since.
pub(super) async fn rescore(State(criteria): State<Criteria>, ctx: Context, Path((code, unit, year)): Address) -> Result<Response, AppError> {
    let at = at(&criteria, &ctx, &unit, &year)?;
    criteria.require_at(&ctx, Role::Officer, at.unit)?;
    match criteria.rescore(&ctx, &code, at.unit, at.year).await {
        Ok(_) => Ok(see_other(&format!("{}?done=rescored", scorecard_href(&code, at.unit, at.year)))),
        Err(error) if in_form(&error) => view(&criteria, &ctx, &code, &at, &Kept::new(), Some(&error), None).await,
        Err(error) => Err(error),
    }
}

/// `POST /criteria/{set}/scorecards/{unit}/{year}`: scores what was filled in and what the figures say.
pub(super) async fn score(
    State(criteria): State<Criteria>,
    ctx: Context,
    Path((code, unit, year)): Address,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, AppError> {
    let at = at(&criteria, &ctx, &unit, &year)?;
    criteria.require_at(&ctx, Role::Officer, at.unit)?;
    let card = criteria.scorecard(&ctx, &code, at.unit, at.year).await?;
    let kept: Kept = form.iter().cloned().collect();
    let outcome = async {
        let mut list = Vec::new();
        for i in card.set.indicators() {
            let seen = kept.get(&format!("s.{}", i.code)).and_then(|s| s.parse().ok());
            let read = |i: &Indicator| kept.get(&format!("v.{}", i.code)).map(|text| typed::value(i, text)).transpose().map(Option::flatten);
            let given = read(i)?;
            let mut parts = BTreeMap::new();
            for p in &i.parts {
                if let Some(value) = read(p)? {
                    parts.insert(p.code.clone(), value);
                }
            }
            let note = kept.get(&format!("n.{}", i.code)).cloned().unwrap_or_default();
            // A box that was not on the page leaves its indicator alone.
            if seen.is_some() {
                list.push(Typed { indicator: i.code.clone(), given, parts, note, seen });
            }
        }
        criteria.score(&ctx, &code, at.unit, at.year, &list).await
    };
    let href = scorecard_href(&code, at.unit, at.year);
    match outcome.await {
        Ok(0) => Ok(see_other(&format!("{href}?done=nothing"))),
        Ok(_) => Ok(see_other(&format!("{href}?done=scored"))),
        Err(error) if in_form(&error) => view(&criteria, &ctx, &code, &at, &kept, Some(&error), None).await,
        Err(error) => Err(error),
    }
}

/// `POST …/appraise`: accepts or returns the ticked indicators.
pub(super) async fn appraise(
    State(criteria): State<Criteria>,
    ctx: Context,
    Path((code, unit, year)): Address,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, AppError> {
    let at = at(&criteria, &ctx, &unit, &year)?;
    let params = Params(form);
    let ticked = params.all("i");
    let verdict = if params.get("verdict").as_deref() == Some("return") { Verdict::Return(params.text("reason")) } else { Verdict::Accept };
    let word = if verdict == Verdict::Accept { "accepted" } else { "returned" };
    let outcome = if ticked.is_empty() {
        criteria.require_appraiser(&ctx, at.unit)?;
        Err(AppError::new("nothing_ticked", 422)
            .say("Chưa đánh dấu chỉ tiêu nào.", "Nothing is ticked.")
            .mend("Đánh dấu các chỉ tiêu cần thẩm định.", "Tick indicators."))
    } else {
        criteria.appraise(&ctx, &code, at.unit, at.year, &ticked, &verdict).await
    };
    match outcome {
        Ok(_) => Ok(see_other(&format!("{}?done={word}", scorecard_href(&code, at.unit, at.year)))),
        Err(error) if in_form(&error) || error.code == "evidence_missing" => view(&criteria, &ctx, &code, &at, &Kept::new(), Some(&error), None).await,
        Err(error) => Err(error),
    }
}

/// `POST …/recognise`: enters a decision.
pub(super) async fn recognise(
    State(criteria): State<Criteria>,
    ctx: Context,
    Path((code, unit, year)): Address,
    Form(form): Form<Vec<(String, String)>>,
) -> Result<Response, AppError> {
    let at = at(&criteria, &ctx, &unit, &year)?;
    criteria.require_at(&ctx, Role::Reviewer, at.unit)?;
    let params = Params(form.clone());
    let date = |name: &str| params.get(name).and_then(|text| text.parse().ok().or_else(|| lang::parse_date(&text).ok()));
    let outcome = async {
        let issued =
            date("issued").ok_or_else(|| AppError::new("decision_date", 422).say("Ngày quyết định chưa đúng.", "The date is not right.").at("issued"))?;
        let act = params.get("kind").and_then(|k| Act::from_word(&k)).unwrap_or(Act::Recognised);
        let new = NewDecision { act, number: params.text("number"), issued, issuer: params.text("issuer"), from: date("from"), note: params.text("note") };
        criteria.recognise(&ctx, &code, at.unit, new).await
    };
    match outcome.await {
        Ok(_) => Ok(see_other(&format!("{}?done=recognised", scorecard_href(&code, at.unit, at.year)))),
        Err(error) if in_form(&error) => view(&criteria, &ctx, &code, &at, &form.into_iter().collect(), Some(&error), None).await,
        Err(error) => Err(error),
    }
}
