//! The block of figures on the page of a unit: the newest value of each measure, its bar, its line over time, its links.

use super::measures::newest;
use super::show::{n_of, period, share, tags, with_unit};
use crate::catalog::Known;
use crate::service::{Ask, FigureView, Figures, Tree};
use access::{Context, db_error};
use askama::Template;
use jiff::civil::Date;
use places::pages::{BoxFuture, UnitPanel};
use std::sync::Arc;
use ui::{AppError, Html, Lang};
use uuid::Uuid;

/// Shows the figures of a unit on its page; register it with [`places::Places::add_panel`].
#[derive(Clone, Debug)]
pub struct FiguresPanel(pub Figures);

struct Line {
    title: String,
    href: String,
    value: String,
    n_of: String,
    share: Option<String>,
    spark: Option<String>,
    when: String,
    why: String,
    tags: Vec<(&'static str, String)>,
}

#[derive(Template)]
#[template(path = "public_panel.html")]
struct Panel {
    l: Lang,
    demo: bool,
    lines: Vec<Line>,
    silent: usize,
    completeness: String,
}

/// Periods of a small line.
const SPARK: usize = 6;

impl UnitPanel for FiguresPanel {
    fn panel<'a>(&'a self, ctx: &'a Context, unit: Uuid, on: Date) -> BoxFuture<'a, Html> {
        Box::pin(async move {
            match block(&self.0, ctx, unit, on).await {
                Ok(html) => html,
                Err(error) => Html::trusted(format!(
                    "<section class=\"card\"><h2>{}</h2><p>{}</p></section>",
                    ctx.lang.t("Số liệu", "Figures"),
                    ui::escape(error.what(ctx.lang))
                )),
            }
        })
    }
}

async fn block(f: &Figures, ctx: &Context, unit: Uuid, on: Date) -> Result<Html, AppError> {
    let l = ctx.lang;
    let atlas = f.places().atlas();
    let view = atlas.on(on);
    let list: Vec<Arc<Known>> =
        f.catalog().current().filter(|k| f.may_see(ctx, k, unit) && view.level(unit).is_none_or(|level| level <= k.measure.def.level)).cloned().collect();
    // A unit that has ended shows its last periods.
    let ended = atlas.unit(unit).and_then(|u| u.to()).filter(|to| *to <= f.map_day());
    let figures = if ended.is_some() { last_of_ended(f, &list, unit, on).await? } else { newest(f, &list, unit).await? };
    let shown: Vec<&FigureView> = figures.iter().filter(|v| v.of > 0 && (v.value.is_some() || v.words.is_some())).collect();
    let due = figures.iter().filter(|v| v.of > 0).count();
    let mut asks = Vec::new();
    for v in &shown {
        let mut periods = vec![v.period];
        while let Some(p) = periods.last().and_then(|p| p.previous()).filter(|_| periods.len() < SPARK) {
            periods.push(p);
        }
        asks.extend(periods.into_iter().rev().map(|period| Ask { known: Arc::clone(&v.known), period, tree: Tree::Today }));
    }
    let past = if ended.is_some() { Vec::new() } else { f.read_many(&asks, unit).await.map_err(db_error)? };
    let token = atlas
        .version(unit, on)
        .and_then(|v| v.code.as_deref())
        .filter(|code| atlas.coded(code, None, on) == Some(unit))
        .map_or_else(|| unit.to_string(), str::to_owned);
    let token = if Some(unit) == atlas.nation() { String::new() } else { atlas.group(unit).map_or(token, |g| g.code.clone()) };
    let lines = shown
        .iter()
        .enumerate()
        .map(|(nth, v)| {
            let code = &v.known.measure.def.code;
            let link = super::params::Href::new(format!("/measures/{code}")).with("unit", token.clone()).with("period", v.period.to_string());
            Line {
                title: v.known.measure.title(l).to_owned(),
                href: link.to_string(),
                value: with_unit(v, l).unwrap_or_default(),
                n_of: n_of(v, l),
                share: share(v).map(|s| format!("{:.1}", s.clamp(0.0, 1.0) * 100.0)),
                spark: past.get(nth * SPARK..(nth + 1) * SPARK).and_then(spark),
                when: period(v.period, l),
                why: super::params::Href::new("/why")
                    .with("measure", code.clone())
                    .with("unit", token.clone())
                    .with("period", v.period.to_string())
                    .to_string(),
                tags: if v.own { tags(v, l) } else { Vec::new() },
            }
        })
        .collect();
    let panel = Panel {
        l,
        demo: ctx.demo,
        lines,
        silent: due.saturating_sub(shown.len()),
        completeness: super::params::Href::new("/completeness").with("unit", token).to_string(),
    };
    panel.render().map(Html::trusted).map_err(|_| AppError::new("ui.render", 500))
}

/// The last periods that ended on or before a day.
async fn last_of_ended(f: &Figures, list: &[Arc<Known>], unit: Uuid, on: Date) -> Result<Vec<FigureView>, AppError> {
    let asks: Vec<Ask> = list
        .iter()
        .filter_map(|known| {
            let period = f.recent_periods(known, 40).into_iter().rev().find(|p| known.window(*p).1 <= on)?;
            Some(Ask { known: Arc::clone(known), period, tree: Tree::Then })
        })
        .collect();
    f.read_many(&asks, unit).await.map_err(db_error)
}

/// A line of 72 by 20 through the known values; gaps break it. None with fewer than two values.
fn spark(past: &[FigureView]) -> Option<String> {
    let values: Vec<Option<f64>> = past.iter().map(super::show::height).collect();
    let known: Vec<f64> = values.iter().flatten().copied().filter(|v| v.is_finite()).collect();
    if known.len() < 2 {
        return None;
    }
    let low = known.iter().copied().fold(f64::INFINITY, f64::min);
    let high = known.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let span = if high > low { high - low } else { 1.0 };
    let step = 68.0 / (values.len().max(2) - 1) as f64;
    let mut path = String::new();
    let mut pen = 'M';
    for (nth, value) in values.iter().enumerate() {
        match value.filter(|v| v.is_finite()) {
            Some(value) => {
                path.push_str(&format!("{pen}{:.0} {:.0}", 2.0 + step * nth as f64, 17.0 - 14.0 * (value - low) / span));
                pen = 'L';
            }
            None => pen = 'M',
        }
    }
    Some(path)
}
