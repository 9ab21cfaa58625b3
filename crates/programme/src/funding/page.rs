//! The money page: stacked bars by source, below each place and year, with every number in a table.

use super::model::{Family, Source, Stage, Totals};
use super::service::{millions, money_words, shown, typed_amount};
use super::{Row, store, works_page};
use crate::Programme;
use crate::forms::{CSV, XLSX, belongs_in_form, download, language, see_other, written};
use crate::task::{Asked, State, Typed, place, value};
use access::{Context, Need, Routes, db_error};
use askama::Template;
use axum::extract::{Form, Path, Query, State as Held};
use axum::response::Response;
use print::{Book, Cell, Column, Kind, Table};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use ui::chart::{SplitRow, split_bars};
use ui::{AppError, Html, Lang, Shell, page};
use uuid::Uuid;

pub(crate) fn routes() -> Routes<Programme> {
    let somebody = Need::SignedIn;
    Routes::new()
        .post("/tasks/{task}/money", somebody, save)
        .get("/tasks/money", somebody, show)
        .get("/tasks/money.xlsx", somebody, xlsx)
        .get("/tasks/money.csv", somebody, csv)
        .get("/tasks/works", somebody, works_page::show)
        .post("/tasks/works", somebody, works_page::save)
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Pick {
    unit: Option<String>,
    year: Option<String>,
    stage: Option<String>,
    plan: Option<String>,
}

/// Sums of a place: all, of the places directly below, and by year.
pub(crate) struct Money {
    pub name: String,
    pub all: Totals,
    pub below: Vec<(Uuid, String, Totals)>,
    pub by_year: BTreeMap<i16, Totals>,
    pub tasks: usize,
    pub with_money: usize,
}

impl Programme {
    /// Money of all tasks under a place that the reader may see; called-off tasks do not count. One year, or all.
    pub(crate) async fn money_under(&self, ctx: &Context, unit: Uuid, year: Option<i16>, plan: &str) -> Result<Money, AppError> {
        let atlas = self.figures().places().atlas();
        let today = ctx.today();
        let view = atlas.on(today);
        let asked = Asked { unit: Some(unit), plan: plan.to_owned(), ..Asked::default() };
        let tasks = self.tasks(ctx, &asked).await?;
        // A task of others with which somebody here helps is money of others.
        let mut spots: BTreeMap<Uuid, Uuid> = BTreeMap::new();
        let mut under: BTreeMap<Uuid, Option<Uuid>> = BTreeMap::new();
        for seen in tasks.iter().filter(|s| s.task.state != State::Cancelled) {
            let owner = seen.task.owner.unit;
            let spot = *under.entry(owner).or_insert_with(|| {
                let above = self.above(&atlas, owner, today);
                if owner == unit {
                    return Some(unit);
                }
                above.contains(&unit).then(|| view.children(unit).iter().find(|c| above.contains(c)).copied().unwrap_or(unit))
            });
            if let Some(spot) = spot {
                spots.insert(seen.task.id, spot);
            }
        }
        let tenants: BTreeSet<Uuid> = tasks.iter().map(|s| s.task.tenant).collect();
        let mut out = Money {
            name: atlas.full_name(unit, today),
            all: Totals::default(),
            below: Vec::new(),
            by_year: BTreeMap::new(),
            tasks: spots.len(),
            with_money: 0,
        };
        let mut below: BTreeMap<Uuid, Totals> = BTreeMap::new();
        let mut counted = BTreeSet::new();
        for tenant in tenants {
            for (task, row) in store::of_tenant(self.db(), tenant).await.map_err(db_error)? {
                let Some(spot) = spots.get(&task).filter(|_| !row.empty()) else { continue };
                out.by_year.entry(row.year).or_default().add(&row);
                if year.is_none_or(|y| y == row.year) {
                    out.all.add(&row);
                    below.entry(*spot).or_default().add(&row);
                    counted.insert(task);
                }
            }
        }
        out.with_money = counted.len();
        out.below = below.into_iter().map(|(id, t)| (id, atlas.full_name(id, today), t)).collect();
        out.below.sort_by_cached_key(|(id, name, t)| (*id != unit, std::cmp::Reverse(t.all().planned), lang::sort_key(name)));
        Ok(out)
    }
}

struct Line {
    name: String,
    href: String,
    cells: Vec<String>,
}

#[derive(Template)]
#[template(path = "money.html")]
struct View {
    shell: Shell,
    lead: String,
    unit: Uuid,
    unit_name: String,
    years: Vec<(String, String, bool)>,
    stages: Vec<(&'static str, String, bool)>,
    own: Html,
    places: Html,
    over_time: Html,
    place_title: String,
    sources: Vec<Line>,
    total: Vec<String>,
    below: Vec<Line>,
    note: String,
    unvalued: usize,
    arrears: String,
    xlsx: String,
    csv: String,
    plan: String,
}

fn address(path: &str, unit: Uuid, year: Option<i16>, stage: Stage, plan: &str) -> String {
    let year = year.map(|y| format!("&year={y}")).unwrap_or_default();
    let plan = if plan.is_empty() { String::new() } else { format!("&plan={}", ui::percent_encode(plan)) };
    format!("{path}?unit={unit}{year}&stage={}{plan}", stage.word())
}

fn read(p: &Programme, ctx: &Context, pick: &Pick) -> Result<(Uuid, Option<i16>, Stage, String), AppError> {
    let unit = place(p, ctx, pick.unit.as_deref())?;
    let year = pick.year.as_deref().and_then(|y| y.trim().parse().ok()).filter(|y| (2000..=2100).contains(y));
    let stage = pick.stage.as_deref().and_then(Stage::from_word).unwrap_or(Stage::Planned);
    Ok((unit, year, stage, pick.plan.clone().unwrap_or_default().trim().to_owned()))
}

/// The six groups of sources of a row of the chart.
fn parts(totals: &Totals, stage: Stage) -> Vec<f64> {
    Family::ALL.iter().map(|f| totals.family(*f).at(stage) as f64).collect()
}

fn names(l: Lang) -> Vec<&'static str> {
    Family::ALL.iter().map(|f| f.label(l)).collect()
}

fn finding(m: &Money, stage: Stage, year: Option<i16>, l: Lang) -> String {
    let all = m.all.all();
    if m.all.empty() {
        return l.t("Chưa ghi kinh phí của nhiệm vụ nào ở đây", "No money is recorded for tasks here").to_owned();
    }
    let when = year.map(|y| format!(" {} {y}", l.t("năm", "in"))).unwrap_or_default();
    match (stage, l) {
        (Stage::Planned, Lang::Vi) => format!("Đã bố trí {} trên {} kế hoạch{when}", share(all.allocated, all.planned, l), money_words(all.planned, l)),
        (Stage::Planned, Lang::En) => format!("{} of the planned {} is allocated{when}", share(all.allocated, all.planned, l), money_words(all.planned, l)),
        (Stage::Allocated, Lang::Vi) => format!("Đã chi {} của {} đã bố trí{when}", share(all.spent, all.allocated, l), money_words(all.allocated, l)),
        (Stage::Allocated, Lang::En) => format!("{} of the allocated {} is spent{when}", share(all.spent, all.allocated, l), money_words(all.allocated, l)),
        (Stage::Spent, Lang::Vi) => format!("Đã chi {}{when}", money_words(all.spent, l)),
        (Stage::Spent, Lang::En) => format!("{} spent{when}", money_words(all.spent, l)),
    }
}

fn share(part: i64, whole: i64, l: Lang) -> String {
    figures::percent(part, whole, 1).map_or_else(|| "–".to_owned(), |p| format!("{}%", l.number(p, 1)))
}

/// `GET /tasks/money?unit=&year=&stage=`
async fn show(Held(p): Held<Programme>, ctx: Context, Query(pick): Query<Pick>) -> Result<Response, AppError> {
    ctx.require_signed_in()?;
    let l = ctx.lang;
    let (unit, year, stage, plan) = read(&p, &ctx, &pick)?;
    let m = p.money_under(&ctx, unit, year, &plan).await?;
    let owed: i64 = p.arrears_under(&ctx, unit).await?.values().map(|v| v.0).fold(0, i64::saturating_add);
    // The unit's own tasks are of another size than those of the units below: each has its own scale.
    let (own, places): (Vec<_>, Vec<_>) = m.below.iter().partition(|b| b.0 == unit);
    let row = |(id, name, t): &(Uuid, String, Totals)| SplitRow {
        label: if *id == unit { l.t("việc của chính đơn vị", "tasks of the unit itself").to_owned() } else { name.clone() },
        href: if *id == unit { String::new() } else { address("/tasks/money", *id, year, stage, &plan) },
        parts: parts(t, stage),
        value_text: money_words(t.all().at(stage), l),
    };
    let own: Vec<SplitRow> = own.into_iter().map(row).collect();
    let places: Vec<SplitRow> = places.into_iter().take(20).map(row).collect();
    let over_time: Vec<SplitRow> = m
        .by_year
        .iter()
        .map(|(y, t)| SplitRow {
            label: y.to_string(),
            href: address("/tasks/money", unit, Some(*y), stage, &plan),
            parts: parts(t, stage),
            value_text: money_words(t.all().at(stage), l),
        })
        .collect();
    let mut shell = ctx.shell(l.t("Kinh phí của nhiệm vụ", "Money of tasks")).noindex();
    shell = shell.crumb(l.t("Nhiệm vụ", "Tasks"), format!("/tasks?unit={unit}")).here(l.t("Kinh phí", "Money"));
    shell.path = address("/tasks/money", unit, year, stage, &plan);
    let cells = |a: super::Amounts| -> Vec<String> {
        let mut out: Vec<String> = Stage::ALL.iter().map(|s| l.number(millions(a.at(*s)), 6)).collect();
        out.push(share(a.allocated, a.planned, l));
        out.push(share(a.spent, a.allocated, l));
        out
    };
    let mut years = vec![(l.t("mọi năm", "all years").to_owned(), address("/tasks/money", unit, None, stage, &plan), year.is_none())];
    years.extend(m.by_year.keys().map(|y| (y.to_string(), address("/tasks/money", unit, Some(*y), stage, &plan), year == Some(*y))));
    Ok(page(&View {
        lead: finding(&m, stage, year, l),
        unit,
        unit_name: m.name.clone(),
        years,
        stages: Stage::ALL.map(|s| (s.label(l), address("/tasks/money", unit, year, s, &plan), s == stage)).to_vec(),
        own: if own.is_empty() { Html::default() } else { split_bars(l, &names(l), &own) },
        places: if places.is_empty() { Html::default() } else { split_bars(l, &names(l), &places) },
        over_time: split_bars(l, &names(l), &over_time),
        place_title: if m.below.len() > 20 {
            l.t("20 nơi nhiều kinh phí nhất", "The 20 places with the most").to_owned()
        } else {
            l.t("Theo địa bàn", "By place").to_owned()
        },
        sources: m.all.sources().into_iter().map(|s| source_line(&m.all, s, &cells, l)).collect(),
        total: cells(m.all.all()),
        below: m
            .below
            .iter()
            .map(|(id, name, t)| Line { name: name.clone(), href: address("/tasks/money", *id, year, stage, &plan), cells: cells(t.all()) })
            .collect(),
        note: match l {
            Lang::Vi => format!("{} trong {} nhiệm vụ đã ghi kinh phí. Tiền ghi ở nhiệm vụ nào thì tính ở nhiệm vụ đó.", m.with_money, m.tasks),
            Lang::En => format!("{} of {} tasks have money recorded. Money counts at the task where it is recorded.", m.with_money, m.tasks),
        },
        unvalued: m.all.unvalued(),
        arrears: money_words(owed, l),
        xlsx: address("/tasks/money.xlsx", unit, year, stage, &plan),
        csv: address("/tasks/money.csv", unit, year, stage, &plan),
        plan,
        shell,
    }))
}

fn source_line(totals: &Totals, source: Source, cells: &dyn Fn(super::Amounts) -> Vec<String>, l: Lang) -> Line {
    let own = if source.money() {
        String::new()
    } else {
        let k = totals.in_kind(source);
        format!(": {}", Stage::ALL.map(|s| format!("{} {}", s.label(l), shown(source, Some(k.at(s)), l))).join(", "))
    };
    Line { name: format!("{}{own}", source.label(l)), href: String::new(), cells: cells(totals.source(source)) }
}

/// Sums by place and source as a table: one row per place and source.
pub(crate) fn table(m: &Money, l: Lang) -> Table {
    let head = |vi: &str, en: &str| Column::new(l.t(vi, en), Kind::Text);
    let number = |vi: &str, en: &str| Column::new(l.t(vi, en), Kind::Number { decimals: 0 });
    let mut rows = Vec::new();
    for (_, name, totals) in &m.below {
        for source in totals.sources() {
            let (a, k) = (totals.source(source), totals.in_kind(source));
            let own = if source.money() { a } else { k };
            let mut row = vec![Cell::Text(name.clone()), Cell::Text(source.label(l).to_owned()), Cell::Text(source.unit().to_owned())];
            row.extend(Stage::ALL.map(|s| Cell::Int(own.at(s))));
            row.extend(Stage::ALL.map(|s| Cell::Int(a.at(s))));
            rows.push(row);
        }
    }
    Table {
        title: l.t("Kinh phí theo nguồn", "Money by source").to_owned(),
        subtitle: m.name.clone(),
        columns: vec![
            head("Nơi", "Place"),
            head("Nguồn", "Source"),
            head("Đơn vị tính", "Unit"),
            number("Kế hoạch", "Planned"),
            number("Đã bố trí", "Allocated"),
            number("Đã chi", "Spent"),
            number("Kế hoạch (đồng)", "Planned (đồng)"),
            number("Đã bố trí (đồng)", "Allocated (đồng)"),
            number("Đã chi (đồng)", "Spent (đồng)"),
        ],
        rows,
        notes: vec![
            l.t(
                "Ngày công và đất ghi theo đơn vị riêng; quy ra đồng khi có đơn giá.",
                "Labour and land are in units of their own, in đồng where a price is known.",
            )
            .to_owned(),
        ],
    }
}

async fn read_table(p: &Programme, ctx: &Context, pick: &Pick) -> Result<Table, AppError> {
    let (unit, year, _, plan) = read(p, ctx, pick)?;
    Ok(table(&p.money_under(ctx, unit, year, &plan).await?, ctx.lang))
}

/// `GET /tasks/money.xlsx`
async fn xlsx(Held(p): Held<Programme>, ctx: Context, Query(pick): Query<Pick>) -> Result<Response, AppError> {
    let table = read_table(&p, &ctx, &pick).await?;
    let about =
        vec![(ctx.lang.t("Địa chỉ", "Address").to_owned(), ctx.path.clone()), (ctx.lang.t("Người xuất", "By").to_owned(), ctx.author_name().to_owned())];
    let book = Book { language: language(ctx.lang), made: ctx.today(), sheets: vec![table], about, definitions: None };
    download("kinh-phi.xlsx", XLSX, written(move || print::to_xlsx(&book)).await?)
}

/// `GET /tasks/money.csv`
async fn csv(Held(p): Held<Programme>, ctx: Context, Query(pick): Query<Pick>) -> Result<Response, AppError> {
    download("kinh-phi.csv", CSV, print::to_csv(&read_table(&p, &ctx, &pick).await?))
}

/// `POST /tasks/{task}/money`
async fn save(Held(p): Held<Programme>, ctx: Context, Path(id): Path<String>, Form(typed): Form<Typed>) -> Result<Response, AppError> {
    let id = crate::task::parse(&id)?;
    let outcome = match typed_row(&typed) {
        Ok(row) => p.set_task_money(&ctx, id, &[row]).await,
        Err(error) => Err(error),
    };
    match outcome {
        Ok(()) => Ok(see_other(&format!("/tasks/{id}?done=money#money"))),
        Err(error) if belongs_in_form(&error) => crate::task::again(&p, &ctx, id, &error).await,
        Err(error) => Err(error),
    }
}

fn typed_row(typed: &Typed) -> Result<Row, AppError> {
    let wrong = |at: &'static str, vi: &str, en: &str| AppError::new("amount_invalid", 422).say(vi, en).mend("Sửa lại ô này.", "Mend it.").at(at);
    let year = value(typed, "year").trim().parse().map_err(|_| wrong("year", "Năm chưa đúng.", "The year is not right."))?;
    let source = Source::from_word(value(typed, "source")).ok_or_else(|| wrong("source", "Chọn một nguồn.", "Choose a source."))?;
    let price = typed_amount(value(typed, "price"), Source::Labour, "price")?.filter(|_| !source.money());
    let row = Row {
        year,
        source,
        planned: typed_amount(value(typed, "planned"), source, "planned")?,
        allocated: typed_amount(value(typed, "allocated"), source, "allocated")?,
        spent: typed_amount(value(typed, "spent"), source, "spent")?,
        price,
    };
    Ok(row)
}
