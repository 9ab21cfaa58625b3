//! The block on the page of a unit: how it stands by the sets of criteria.

use super::{Link, words};
use crate::{Criteria, scorecard_href, standing};
use access::{Context, Role};
use askama::Template;
use jiff::civil::Date;
use places::Level;
use places::pages::{BoxFuture, UnitPanel};
use ui::{AppError, Html, Lang};
use uuid::Uuid;

/// The block on the page of a unit; hung up once at start.
#[derive(Debug)]
pub struct CriteriaPanel(pub Criteria);

struct Line {
    link: Link,
    met: String,
    whole: (&'static str, &'static str),
    year: i16,
    recognised: bool,
}

#[derive(Template)]
#[template(path = "criteria_panel.html")]
struct Panel {
    l: Lang,
    lines: Vec<Line>,
    start: Vec<Link>,
    below: Vec<Link>,
}

impl UnitPanel for CriteriaPanel {
    fn panel<'a>(&'a self, ctx: &'a Context, unit: Uuid, on: Date) -> BoxFuture<'a, Html> {
        Box::pin(async move {
            match draw(&self.0, ctx, unit, on).await {
                Ok(html) => html,
                Err(error) => {
                    tracing::warn!(%error, "the panel of criteria");
                    Html::default()
                }
            }
        })
    }
}

async fn draw(criteria: &Criteria, ctx: &Context, unit: Uuid, on: Date) -> Result<Html, AppError> {
    let l = ctx.lang;
    let shelf = criteria.current().await;
    let atlas = criteria.figures().places().atlas();
    let Some(place) = atlas.unit(unit) else { return Ok(Html::default()) };
    let detailed = criteria.figures().may(ctx, Role::Viewer, unit);
    if place.level == Level::Village && !detailed {
        return Ok(Html::default());
    }
    let year = on.year();
    let rows = crate::store::assess::of_unit(criteria.db(), place.tenant, unit).await.map_err(access::db_error)?;
    let decisions = criteria.decisions(unit).await?;
    let mut lines = Vec::new();
    for (code, y, state) in rows.iter().rev().filter(|(_, y, _)| *y <= year).take(6) {
        let Some(set) = shelf.library.version(code, state.version) else { continue };
        let accepted = state.states.chars().zip(state.outcomes.chars()).filter(|(s, o)| *s == 'a' && *o == 'M').count();
        let met = if detailed { usize::try_from(state.met).unwrap_or(0) } else { accepted };
        let stands = standing(decisions.iter().filter(|d| d.set == *code), set.judged_on(*y)).is_some();
        lines.push(Line {
            link: Link { href: scorecard_href(code, unit, *y), text: set.title(l).to_owned() },
            met: format!("{met}/{}", state.outcomes.chars().count()),
            whole: words::outcome(if detailed { state.whole } else { state.accepted }, l),
            year: *y,
            recognised: stands,
        });
    }
    let mut start = Vec::new();
    let mut below = Vec::new();
    for set in shelf.library.all().filter(|s| s.in_year(year)) {
        let day = set.judged_on(year);
        if detailed && criteria.judges(set, unit, day) && !rows.iter().any(|(c, y, _)| *c == set.code && *y == year) && set.indicators().next().is_some() {
            let of_place = set.province.as_deref().map(crate::model::province_id).is_none_or(|p| atlas.path(unit, day).contains(&p));
            if of_place {
                start.push(Link { href: scorecard_href(&set.code, unit, year), text: format!("{} {year}", set.title(l)) });
            }
        }
        if matches!(place.level, Level::Province | Level::District)
            && set.level == Level::Commune
            && set.province.is_none()
            && set.indicators().next().is_some()
        {
            below.push(Link { href: format!("/criteria/{}/matrix?under={unit}", set.code), text: set.title(l).to_owned() });
        }
    }
    if lines.is_empty() && start.is_empty() && below.is_empty() {
        return Ok(Html::default());
    }
    Panel { l, lines, start, below }.render().map(Html::trusted).map_err(|_| AppError::new("ui.render", 500))
}
