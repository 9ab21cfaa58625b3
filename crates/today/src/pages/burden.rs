//! `/burden`: how many fields people fill by hand, commune by commune, month by month.

use crate::Today;
use access::{Context, Role};
use askama::Template;
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use figures::{Burden, Filled, typed};
use places::Level;
use print::{Book, Cell, Column, Kind, Language, Table};
use rust_decimal::Decimal;
use serde::Deserialize;
use ui::chart::{BarItem, ranked_bars};
use ui::{AppError, Html, Lang, Shell, Tone, page};
use uuid::Uuid;

const MONTHS: usize = 6;
/// Communes drawn as bars; the table has all of them.
const BARS: usize = 12;

#[derive(Debug, Default, Deserialize)]
pub(super) struct Ask {
    unit: Option<String>,
}

#[derive(Template)]
#[template(path = "burden.html")]
struct BurdenView {
    shell: Shell,
    finding: String,
    unit: String,
    id: String,
    choices: Vec<(String, String, bool)>,
    months: Vec<String>,
    bars: Option<Html>,
    bars_title: String,
    rows: Vec<Row>,
    quiet: usize,
}

struct Row {
    name: String,
    href: String,
    cells: Vec<String>,
    files: String,
}

/// The unit asked for, or the widest one the person sees; refused later when it is not theirs.
fn unit_of(today: &Today, ctx: &Context, asked: Option<&str>) -> Result<Uuid, AppError> {
    let atlas = today.figures().places().atlas();
    let unknown =
        || AppError::new("unknown_unit", 404).say("Không có nơi này.", "There is no such place.").mend("Chọn trong danh sách.", "Choose from the list.");
    match asked.map(str::trim).filter(|t| !t.is_empty()) {
        Some(text) => text.parse::<Uuid>().ok().filter(|id| atlas.unit(*id).is_some()).or_else(|| atlas.coded(text, None, ctx.today())).ok_or_else(unknown),
        None => {
            let view = atlas.on(ctx.today());
            ctx.units_with(Role::Viewer).into_iter().min_by_key(|u| view.level(*u)).or_else(|| atlas.nation()).ok_or_else(unknown)
        }
    }
}

fn number(n: i64) -> String {
    lang::show::number(Decimal::from(n), 0)
}

/// The sentence over the page: how much, and whether it grows.
fn finding(burden: &Burden, l: Lang) -> String {
    let communes = burden.units.len();
    let sum = |at: usize| burden.units.iter().filter_map(|(_, months)| months.get(at)).map(typed).sum::<i64>();
    let last = burden.months.len().saturating_sub(1);
    let (now, before) = (sum(last), last.checked_sub(1).map(sum).unwrap_or(0));
    let month = burden.months.last().map(|m| if l == Lang::Vi { m.label_vi() } else { m.label_en() }).unwrap_or_default();
    if now == 0 && before == 0 {
        return l.t("Hai tháng qua chưa ai phải gõ ô nào bằng tay", "Nobody had to fill a field by hand in the last two months").to_owned();
    }
    let per = now.checked_div(i64::try_from(communes).unwrap_or(1).max(1)).unwrap_or(0);
    let trend = match now.cmp(&before) {
        std::cmp::Ordering::Less => l.t("ít hơn tháng trước", "fewer than the month before"),
        std::cmp::Ordering::Greater => l.t("nhiều hơn tháng trước", "more than the month before"),
        std::cmp::Ordering::Equal => l.t("bằng tháng trước", "as many as the month before"),
    };
    match l {
        Lang::Vi => format!("{}: {} ô gõ tay ở {communes} xã, trung bình {} ô mỗi xã, {trend} ({})", capital(&month), number(now), number(per), number(before)),
        Lang::En => format!("{month}: {} fields filled by hand in {communes} communes, {} each, {trend} ({})", number(now), number(per), number(before)),
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|c| c.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

async fn read(today: &Today, ctx: &Context, ask: &Ask) -> Result<(Uuid, Burden), AppError> {
    let unit = unit_of(today, ctx, ask.unit.as_deref())?;
    Ok((unit, today.figures().burden(ctx, unit, MONTHS).await?))
}

/// `GET /burden?unit=`
pub(super) async fn show(State(today): State<Today>, ctx: Context, Query(ask): Query<Ask>) -> Result<Response, AppError> {
    let (unit, burden) = read(&today, &ctx, &ask).await?;
    let (l, day) = (ctx.lang, ctx.today());
    let atlas = today.figures().places().atlas();
    let view = atlas.on(day);
    let total = |months: &[Filled]| months.iter().map(typed).sum::<i64>();
    let mut ranked: Vec<(Uuid, i64)> = burden.units.iter().map(|(u, months)| (*u, total(months))).filter(|(_, n)| *n > 0).collect();
    ranked.sort_by_key(|(u, n)| (-n, lang::sort_key(&atlas.name(*u, day))));
    let most = ranked.first().map_or(1, |(_, n)| *n).max(1);
    let bar = |(u, n): &(Uuid, i64)| BarItem {
        label: atlas.full_name(*u, day),
        href: format!("/places/{u}"),
        value_text: number(*n),
        #[expect(clippy::cast_precision_loss, reason = "the length of a bar")]
        share: *n as f64 / most as f64,
        tone: Tone::Good,
        ..BarItem::default()
    };
    let bars = (ranked.len() > 1).then(|| ranked_bars(&ranked.iter().take(BARS).map(bar).collect::<Vec<_>>()));
    let busy: Vec<&(Uuid, Vec<Filled>)> = burden.units.iter().filter(|(_, months)| months.iter().any(|m| !m.is_empty())).collect();
    let rows = busy
        .iter()
        .take(500)
        .map(|(u, months)| Row {
            name: atlas.full_name(*u, day),
            href: format!("/places/{u}"),
            cells: months.iter().map(|m| if m.is_empty() { "–".to_owned() } else { number(typed(m)) }).collect(),
            files: number(months.iter().map(|m| m.values().sum::<i64>() - typed(m)).sum()),
        })
        .collect();
    let choices = ctx
        .units_with(Role::Viewer)
        .into_iter()
        .flat_map(|u| if view.level(u) == Some(Level::Nation) { [vec![u], view.under(u, Level::Province)].concat() } else { vec![u] })
        .map(|u| (u.to_string(), atlas.full_name(u, day), u == unit))
        .collect();
    let title = l.t("Gánh nặng báo cáo", "Burden of reporting");
    Ok(page(&BurdenView {
        finding: finding(&burden, l),
        unit: atlas.full_name(unit, day),
        id: unit.to_string(),
        choices,
        months: burden.months.iter().map(|m| m.label_axis()).collect(),
        bars_title: format!("{} {}", l.t("Nơi phải gõ nhiều nhất trong", "Most filled by hand in"), format_args!("{MONTHS} {}", l.t("tháng", "months"))),
        bars,
        quiet: burden.units.len() - busy.len(),
        rows,
        shell: ctx.shell(title).noindex().crumb(l.t("Hôm nay", "Today"), "/today").here(title),
    }))
}

/// `GET /burden/export.xlsx?unit=`
pub(super) async fn xlsx(State(today): State<Today>, ctx: Context, Query(ask): Query<Ask>) -> Result<Response, AppError> {
    let (unit, burden) = read(&today, &ctx, &ask).await?;
    let (l, day) = (ctx.lang, ctx.today());
    let atlas = today.figures().places().atlas();
    let mut columns = vec![Column::new(l.t("Mã", "Code"), Kind::Text), Column::new(l.t("Xã", "Commune"), Kind::Text)];
    columns.extend(burden.months.iter().map(|m| Column::new(m.label_axis(), Kind::Number { decimals: 0 })));
    columns.push(Column::new(l.t("Từ tệp và hệ thống khác", "From files and other systems"), Kind::Number { decimals: 0 }));
    let row = |(u, months): &(Uuid, Vec<Filled>)| {
        let code = atlas.version(*u, day).and_then(|v| v.code.clone()).unwrap_or_default();
        let mut cells = vec![Cell::Text(code.to_string()), Cell::Text(atlas.full_name(*u, day))];
        cells.extend(months.iter().map(|m| Cell::Number(Decimal::from(typed(m)))));
        cells.push(Cell::Number(Decimal::from(months.iter().map(|m| m.values().sum::<i64>() - typed(m)).sum::<i64>())));
        cells
    };
    let table = Table {
        title: l.t("Số ô người dùng phải điền bằng tay", "Fields filled by hand").to_owned(),
        subtitle: atlas.full_name(unit, day),
        rows: burden.units.iter().map(row).collect(),
        notes: vec![
            l.t(
                "Đếm mỗi lần một người lưu một ô. Ô đến từ tệp Excel hoặc hệ thống khác để riêng.",
                "Each field saved by a person counts once. Fields that came in files or from other systems are apart.",
            )
            .to_owned(),
        ],
        columns,
    };
    let language = if l == Lang::Vi { Language::Vi } else { Language::En };
    let book = Book { language, made: day, sheets: vec![table], about: vec![], definitions: None };
    let made = tokio::task::spawn_blocking(move || print::to_xlsx(&book)).await.map_err(|_| AppError::new("internal", 500))?;
    let bytes = made.map_err(|error| {
        tracing::error!(%error, "a workbook could not be written");
        AppError::new("internal", 500)
    })?;
    Ok((
        [
            (header::CONTENT_TYPE, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
            (header::CONTENT_DISPOSITION, "attachment; filename=\"ganh-nang-bao-cao.xlsx\""),
            (header::CACHE_CONTROL, "private, no-cache"),
        ],
        bytes,
    )
        .into_response())
}
