//! `/`: how the country stands, in words and bars, a small map, a search box, what is new.

use super::measures::newest;
use super::show::{bar, moment, period, with_unit};
use super::table::{Scale, spoken};
use super::words::{behind, finding};
use crate::catalog::Known;
use crate::service::{Ask, FigureView, Figures, Tree};
use access::{Context, Who, db_error};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use places::Level;
use std::collections::HashMap;
use std::sync::Arc;
use ui::map::{LegendItem, MapFill, map};
use ui::{AppError, Html, Shell};
use uuid::Uuid;

struct Standing {
    title: String,
    value: String,
    behind: String,
    when: String,
    href: String,
    bar: Option<Html>,
}

struct News {
    title: String,
    value: String,
    when: String,
    href: String,
}

#[derive(Template)]
#[template(path = "public_home.html")]
struct Home {
    shell: Shell,
    head: String,
    head_href: String,
    standing: Vec<Standing>,
    picture: Option<Html>,
    picture_title: String,
    news: Vec<News>,
    changed: String,
    counts: Vec<(String, String)>,
    try_it: bool,
}

/// Measures shown with a bar.
const SHOWN: usize = 4;

/// `GET /`.
pub(super) async fn page(State(f): State<Figures>, ctx: Context) -> Result<Response, AppError> {
    let l = ctx.lang;
    let atlas = f.places().atlas();
    let nation = atlas.nation().unwrap_or_default();
    let list: Vec<Arc<Known>> = f.catalog().current().filter(|k| k.measure.def.public && f.may_see(&ctx, k, nation)).cloned().collect();
    let figures = newest(&f, &list, nation).await?;
    // Shares say how the country stands; those that most units have reported come first.
    let mut shares: Vec<&FigureView> = figures.iter().filter(|v| v.is_percent() && v.value.is_some()).collect();
    shares.sort_by_key(|v| (std::cmp::Reverse(v.n), v.known.measure.def.code.clone()));
    // The finding of the page is one that counts units, which reads as a sentence.
    let lead = shares.iter().find(|v| super::show::judged(v)).or(shares.first()).copied().or_else(|| figures.iter().find(|v| v.value.is_some()));
    let href = |v: &FigureView| format!("/measures/{}", v.known.measure.def.code);
    let title = l.t("Nông thôn mới thông minh", "The smart new countryside");
    let (picture, picture_title) = match lead {
        Some(v) => picture(&f, v, &ctx).await?,
        None => (None, String::new()),
    };
    let mut recent: Vec<&FigureView> = figures.iter().filter(|v| v.as_of > 0).collect();
    recent.sort_by_key(|v| std::cmp::Reverse(v.as_of));
    let view = atlas.on(f.map_day());
    let count = |level| (view.all(level).count(), level);
    let template = Home {
        shell: ctx.shell(title).describe(l.t(
            "Số liệu nông thôn mới thông minh của cả nước, từng tỉnh, từng xã; mỗi con số mở ra được nguồn của nó.",
            "Figures of the smart new countryside for the nation, each province and commune; every number opens down to its source.",
        )),
        head: lead.map_or_else(|| title.to_owned(), |v| finding(v, "", l)),
        head_href: lead.map(href).unwrap_or_default(),
        standing: shares
            .iter()
            .take(SHOWN)
            .map(|v| Standing {
                title: v.known.measure.title(l).to_owned(),
                value: with_unit(v, l).unwrap_or_default(),
                behind: behind(v, l),
                when: period(v.period, l),
                href: href(v),
                bar: bar(v, l),
            })
            .collect(),
        picture,
        picture_title,
        news: recent
            .iter()
            .take(5)
            .map(|v| News {
                title: v.known.measure.title(l).to_owned(),
                value: with_unit(v, l).unwrap_or_else(|| "–".to_owned()),
                when: moment(v.as_of, ctx.at, l),
                href: href(v),
            })
            .collect(),
        changed: atlas.map_of(f.map_day()).map(lang::show::short_date).unwrap_or_default(),
        counts: [count(Level::Province), count(Level::Commune)]
            .into_iter()
            .map(|(n, level)| {
                let (vi, en) = level.label();
                (l.number(n.into(), 0), l.t(vi, en).to_owned())
            })
            .collect(),
        try_it: ctx.demo && ctx.who == Who::Public,
    };
    Ok(ui::page(&template))
}

async fn picture(f: &Figures, lead: &FigureView, ctx: &Context) -> Result<(Option<Html>, String), AppError> {
    let l = ctx.lang;
    let known = Arc::clone(&lead.known);
    let params = super::params::Params::default();
    let asked = super::params::Asked::read(f, ctx, &known, &params)?;
    let ask = Ask { known: Arc::clone(&known), period: lead.period, tree: Tree::Then };
    let asked = super::params::Asked { view: f.view(&ask), ask, ..asked };
    let rows = f.read_level(&asked.ask, asked.place, Level::Province).await.map_err(db_error)?;
    let by: HashMap<Uuid, &FigureView> = rows.iter().map(|v| (v.place, v)).collect();
    let scale = Scale::of(&rows);
    let get = |place: Uuid| by.get(&place).copied();
    let mut spec = places::map::province_map(
        &asked.atlas,
        &asked.view,
        |p| scale.fill(get(p)),
        |p| spoken(&asked, p, get(p)),
        |p| Some(asked.link("", p).at(format!("/measures/{}", known.measure.def.code)).to_string()),
        true,
    );
    spec.id = "home".into();
    spec.title = format!("{}, {}", known.measure.title(l), period(lead.period, l));
    let mut key = scale.key(lead, l);
    if rows.iter().any(|v| v.value.is_none()) {
        key.push((MapFill::Missing, l.t("chưa có số liệu", "no figures").to_owned()));
    }
    spec.legend = key.into_iter().map(|(fill, text)| LegendItem { fill, shape: None, text }).collect();
    let title = spec.title.clone();
    Ok((Some(map(&spec)), title))
}
