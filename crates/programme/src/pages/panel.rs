//! The targets that apply to a unit, on its page.

use super::show::{Card, card};
use super::{plan_href, words};
use crate::plan::{Plan, Show};
use crate::service::Programme;
use crate::service::progress::Progress;
use access::Context;
use askama::Template;
use jiff::civil::Date;
use places::pages::{BoxFuture, UnitPanel};
use std::sync::Arc;
use ui::{AppError, Html, Lang};
use uuid::Uuid;

/// Shows the targets of a unit on its page; register it with [`places::Places::add_panel`].
#[derive(Clone, Debug)]
pub struct TargetsPanel(pub Programme);

struct Block {
    title: String,
    href: String,
    head: String,
    cards: Vec<Card>,
}

#[derive(Template)]
#[template(path = "programme_panel.html")]
struct Panel {
    l: Lang,
    blocks: Vec<Block>,
}

/// Plans shown at most.
const MOST: usize = 2;

impl UnitPanel for TargetsPanel {
    fn panel<'a>(&'a self, ctx: &'a Context, unit: Uuid, on: Date) -> BoxFuture<'a, Html> {
        Box::pin(async move {
            match block(&self.0, ctx, unit, on).await {
                Ok(html) => html,
                Err(error) => Html::trusted(format!(
                    "<section class=\"card\"><h2>{}</h2><p>{}</p></section>",
                    ctx.lang.t("Mục tiêu", "Targets"),
                    ui::escape(error.what(ctx.lang))
                )),
            }
        })
    }
}

/// The plans of the nearest unit at or above a unit that has any, also of the units that it took over from.
fn plans(programme: &Programme, unit: Uuid, on: Date) -> Vec<Arc<Plan>> {
    let (register, atlas) = (programme.register(), programme.atlas());
    let of = |home: Uuid| -> Vec<Arc<Plan>> {
        register.plans().filter(|p| p.home == home && p.def.plan.kind != crate::plan::PlanKind::Programme).cloned().collect()
    };
    let mut path = atlas.path(unit, on);
    // A unit of today also belongs to the plans of the province it was in before.
    let before = atlas
        .changes_of(unit)
        .flat_map(|c| c.parts.iter().filter(move |p| p.to == Some(unit) && p.from != Some(unit)).filter_map(move |p| Some((p.from?, c.effective))));
    let before: Vec<Uuid> = before.take(1).filter_map(|(from, day)| Some(atlas.path(from, day.yesterday().ok()?))).flatten().collect();
    let nation = path.pop();
    path.extend(before.into_iter().filter(|u| Some(*u) != nation));
    path.extend(nation);
    for home in path {
        let mut found = of(home);
        if !found.is_empty() {
            found.sort_by_key(|p| std::cmp::Reverse(p.def.plan.valid_to));
            found.truncate(MOST);
            return found;
        }
    }
    Vec::new()
}

async fn block(programme: &Programme, ctx: &Context, unit: Uuid, on: Date) -> Result<Html, AppError> {
    let l = ctx.lang;
    if programme.atlas().unit(unit).is_none() {
        return Ok(Html::default());
    }
    let register = programme.current().await;
    let mut blocks = Vec::new();
    for plan in plans(programme, unit, on) {
        let list = programme.progress(ctx, &plan, unit, false).await?;
        // A number that a whole province is to reach ("15 thôn toàn tỉnh") is no yardstick for one of its communes.
        let fits = |p: &Progress| p.tally.value.is_some() && p.reading.as_ref().is_none_or(|r| r.show != Show::Number);
        let list: Vec<_> = list.into_iter().filter(|p| plan.home == unit || fits(p)).collect();
        if list.is_empty() {
            continue;
        }
        blocks.push(Block {
            title: words::short_title(&plan, l),
            href: plan_href(&plan, unit, false),
            head: words::headline(&list, l),
            cards: list.iter().map(|p| card(&register, p, false, l)).collect(),
        });
    }
    if blocks.is_empty() {
        return Ok(Html::default());
    }
    Panel { l, blocks }.render().map(Html::trusted).map_err(|_| AppError::new("ui.render", 500))
}
