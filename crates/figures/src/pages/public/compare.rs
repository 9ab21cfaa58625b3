//! `/compare`: two places, or two periods, side by side, with the difference in words.

use super::params::{Asked, Params, measure, tree};
use super::show::{bar, change, n_of, period, tags, whole, with_unit};
use super::words::{difference, finding, first_large};
use crate::catalog::Known;
use crate::service::{Ask, FigureView, Figures};
use access::{Context, db_error};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use calendar::Period;
use std::sync::Arc;
use ui::chart::{Trend, trend};
use ui::{AppError, Html, Lang, Shell};

struct Side {
    name: String,
    head: String,
    value: String,
    bar: Option<Html>,
    line: Html,
    href: String,
    why: String,
}

struct Line {
    what: &'static str,
    a: String,
    b: String,
    gap: String,
}

#[derive(Template)]
#[template(path = "public_compare.html")]
struct Compare {
    shell: Shell,
    head: String,
    sub: String,
    sides: Vec<Side>,
    lines: Vec<Line>,
    measures: Vec<(String, String, bool)>,
    periods: Vec<(String, String, bool)>,
    periods2: Vec<(String, String, bool)>,
    a: String,
    b: String,
    today: bool,
    asked: bool,
}

/// `GET /compare?measure=&a=&b=&period=&period2=&tree=`.
pub(super) async fn page(State(f): State<Figures>, ctx: Context, params: Params) -> Result<Response, AppError> {
    let l = ctx.lang;
    let code = params.get("measure");
    let list: Vec<Arc<Known>> = f.catalog().current().filter(|k| f.may_know(&ctx, k)).cloned().collect();
    let Some(code) = code else {
        let measures = choices(&list, None, l);
        let head = l.t("So sánh hai nơi, hoặc một nơi ở hai kỳ", "Compare two places, or one place in two periods").to_owned();
        let template = Compare {
            shell: ctx.shell(head.clone()),
            head,
            sub: l.t("Chọn chỉ tiêu, rồi chọn nơi và kỳ.", "Choose a measure, then places and periods.").to_owned(),
            sides: vec![],
            lines: vec![],
            measures,
            periods: vec![],
            periods2: vec![],
            a: String::new(),
            b: String::new(),
            today: false,
            asked: false,
        };
        return Ok(ui::page(&template));
    };
    let known = measure(&f, &ctx, &code)?;
    let (a, b) = (params.get("a"), params.get("b"));
    let tree = tree(&params);
    let first = Asked::of(&f, &ctx, &known, a.as_deref(), params.get("period").as_deref(), tree)?;
    let one = first.ask.period.to_string();
    let second_period = params.get("period2").unwrap_or_else(|| match (&b, first.ask.period.previous()) {
        (None, Some(previous)) => previous.to_string(),
        _ => one.clone(),
    });
    let second = Asked::of(&f, &ctx, &known, b.as_deref().or(a.as_deref()), Some(&second_period), tree)?;
    let (now, now_line) = read(&f, &first).await?;
    let (then, then_line) = read(&f, &second).await?;
    let same_place = first.place == second.place;
    let same_time = first.ask.period == second.ask.period;
    let name = |asked: &Asked| match (same_place, same_time) {
        (true, _) => period(asked.ask.period, l),
        (false, true) => called(asked),
        (false, false) => format!("{} ({})", called(asked), period(asked.ask.period, l)),
    };
    let names = (name(&first), name(&second));
    let head = first_large(&difference((&names.0, &now), (&names.1, &then), l));
    let about = if same_place { format!("{} · {}", known.measure.title(l), first.full_name(first.place)) } else { known.measure.title(l).to_owned() };
    let sub = if same_time { format!("{about} · {}", period(first.ask.period, l)) } else { about };
    let side = |asked: &Asked, v: &FigureView, past: &[FigureView], name: &str| Side {
        name: first_large(name),
        head: finding(v, "", l),
        value: with_unit(v, l).unwrap_or_else(|| super::show::status(v, l).1),
        bar: bar(v, l),
        line: trend(&Trend {
            lang: l,
            title: name.to_owned(),
            points: super::dashboard::points(past, l),
            target: None,
            suffix: if v.is_percent() { "%".to_owned() } else { String::new() },
        }),
        href: asked.href().to_string(),
        why: asked.why(asked.place).to_string(),
    };
    let picked = |asked: &Asked| super::dashboard::periods(&f, &known, asked.ask.period, l);
    let template = Compare {
        shell: ctx
            .shell(format!("{} · {}", l.t("So sánh", "Compare"), known.measure.title(l)))
            .crumb(l.t("Số liệu", "Figures"), "/measures")
            .crumb(known.measure.title(l), first.href().to_string())
            .here(l.t("So sánh", "Compare")),
        head,
        sub,
        lines: lines(&now, &then, l),
        sides: vec![side(&first, &now, &now_line, &names.0), side(&second, &then, &then_line, &names.1)],
        measures: choices(&list, Some(&known), l),
        periods: picked(&first),
        periods2: picked(&second),
        a: a.map(|_| first.full_name(first.place)).unwrap_or_default(),
        b: b.map(|_| second.full_name(second.place)).unwrap_or_default(),
        today: tree == crate::service::Tree::Today,
        asked: true,
    };
    Ok(ui::page(&template))
}

/// The place within a sentence: "tỉnh Thanh Hóa".
fn called(asked: &Asked) -> String {
    let name = asked.full_name(asked.place);
    if asked.lang == Lang::Vi { super::words::within(&name) } else { name }
}

/// A figure with its last periods.
async fn read(f: &Figures, asked: &Asked) -> Result<(FigureView, Vec<FigureView>), AppError> {
    let mut periods: Vec<Period> = vec![asked.ask.period];
    while let Some(p) = periods.last().and_then(|p| p.previous()).filter(|_| periods.len() < 5) {
        periods.push(p);
    }
    let asks: Vec<Ask> = periods.into_iter().rev().map(|period| Ask { period, ..asked.ask.clone() }).collect();
    let past = f.read_many(&asks, asked.place).await.map_err(db_error)?;
    let last = past.last().cloned().ok_or_else(|| AppError::new("internal", 500))?;
    Ok((last, past))
}

fn choices(list: &[Arc<Known>], chosen: Option<&Arc<Known>>, l: Lang) -> Vec<(String, String, bool)> {
    let mut out: Vec<(String, String, bool)> =
        list.iter().map(|k| (k.measure.def.code.clone(), k.measure.title(l).to_owned(), chosen.is_some_and(|c| c.measure.id == k.measure.id))).collect();
    out.sort_by_cached_key(|c| lang::sort_key(&c.1));
    out
}

fn lines(a: &FigureView, b: &FigureView, l: Lang) -> Vec<Line> {
    let text = |v: &FigureView| with_unit(v, l).unwrap_or_else(|| super::show::status(v, l).1);
    let mut out = vec![Line { what: l.t("Giá trị", "Value"), a: text(a), b: text(b), gap: change(b, a, l).map_or_else(|| "–".to_owned(), |c| c.1) }];
    if a.parts.is_some() || b.parts.is_some() {
        out.push(Line { what: "n/N", a: n_of(a, l), b: n_of(b, l), gap: String::new() });
    }
    let mut count = |what, get: fn(&FigureView) -> i64| {
        let (x, y) = (get(a), get(b));
        if x != 0 || y != 0 {
            let gap = match x - y {
                0 => "0".to_owned(),
                d if d > 0 => format!("+{}", whole(d, l)),
                d => format!("−{}", whole(-d, l)),
            };
            out.push(Line { what, a: whole(x, l), b: whole(y, l), gap });
        }
    };
    if !a.own || !b.own {
        count(l.t("Phải báo cáo", "Have to report"), |v| v.of);
        count(l.t("Đã duyệt", "Accepted"), |v| v.n);
        count(l.t("Chưa báo cáo", "Not reported"), |v| v.missing);
        count(l.t("Chờ duyệt", "Awaiting review"), |v| v.awaiting);
        count(l.t("Không áp dụng", "Not applicable"), |v| v.not_applicable);
        count(l.t("Ước tính", "Estimated"), |v| v.estimated);
    } else {
        let words = |v: &FigureView| tags(v, l).into_iter().map(|t| t.1).collect::<Vec<_>>().join(", ");
        let (x, y) = (words(a), words(b));
        if !x.is_empty() || !y.is_empty() {
            out.push(Line { what: l.t("Tình trạng", "State"), a: x, b: y, gap: String::new() });
        }
    }
    out
}
