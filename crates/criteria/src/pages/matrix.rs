//! Units by indicators: pages of 50 rows, which the script puts under one scrollbar; the whole as Excel or CSV.

use super::{Link, Params, unit as read_unit, words};
use crate::model::{Outcome, Tally};
use crate::store::assess::Stage;
use crate::{Board, Criteria, MatrixAsk, MatrixRow, Positions, scorecard_href};
use access::{Context, Role, db_error};
use askama::Template;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use places::Level;
use print::{Book, Cell, Column, Kind, Language, Table, to_csv, to_xlsx};
use ui::chart::{StackedBar, stacked_bar};
use ui::{AppError, Html, Lang, Shell, page};
use uuid::Uuid;

/// Units of a page: light enough for a cheap phone with some sixty indicators.
const ROWS: usize = 50;

struct Head {
    code: String,
    title: String,
    met: String,
    href: String,
    here: bool,
}

struct Line {
    unit: Link,
    above: String,
    totals: String,
    whole: (&'static str, &'static str),
    cells: Vec<(&'static str, &'static str)>,
}

struct Blocker {
    code: String,
    title: String,
    not_met: usize,
    share: f64,
    href: String,
    unknown: usize,
}

#[derive(Template)]
#[template(path = "criteria_matrix.html")]
struct View {
    shell: Shell,
    place: String,
    title: String,
    bar: Html,
    accepted: Html,
    years: Vec<(String, String, bool)>,
    provinces: Vec<(String, String, bool)>,
    year: i16,
    heads: Vec<Head>,
    lines: Vec<Line>,
    rows: usize,
    blockers: Vec<Blocker>,
    total: usize,
    from: usize,
    /// Address of a page of rows, but for the number of its first one.
    part: String,
    before: Option<String>,
    after: Option<String>,
    filter: Option<(String, String)>,
    outcomes: Vec<(&'static str, &'static str)>,
    xlsx: String,
    csv: String,
    detailed: bool,
    dashboard: String,
    set: Link,
}

fn bar(t: &Tally, l: Lang) -> Html {
    stacked_bar(&StackedBar {
        lang: l,
        met: t.met as u64,
        not_met: t.not_met as u64,
        missing: t.no_data as u64,
        unknown: t.no_level as u64,
        na: t.not_applicable as u64,
        ..StackedBar::default()
    })
}

struct Asked {
    ask: MatrixAsk,
    board: Board,
    positions: Positions,
    detailed: bool,
    province: Option<Uuid>,
}

/// Those without a role see what was accepted and nothing else.
fn public(mut board: Board) -> Board {
    for row in &mut board.rows {
        if let Some(state) = &mut row.state {
            state.outcomes = state
                .outcomes
                .chars()
                .zip(state.states.chars())
                .map(|(o, s)| if s == Stage::Accepted.letter() { o } else { Outcome::NoData.letter() })
                .collect();
            state.whole = state.accepted;
            state.met = i64::try_from(state.outcomes.chars().filter(|c| *c == Outcome::Met.letter()).count()).unwrap_or(0);
            state.criteria_met = -1;
        }
    }
    board
}

async fn asked(criteria: &Criteria, ctx: &Context, code: &str, params: &Params) -> Result<Asked, AppError> {
    criteria.current().await;
    let set = criteria.set(code)?;
    let atlas = criteria.figures().places().atlas();
    let nation = atlas.nation().unwrap_or_default();
    let years = crate::store::assess::years(criteria.db()).await.map_err(db_error)?;
    let newest = years.iter().filter(|(c, ..)| c == code).map(|(_, y, _)| *y).max();
    let default = newest.unwrap_or_else(|| set.effective_to.map_or(ctx.today().year(), |to| to.year().min(ctx.today().year())));
    let year = params.year().unwrap_or(default);
    let under = match params.get("under") {
        Some(text) => read_unit(criteria, ctx, &text)?,
        None => {
            // An officer begins at home.
            let own = ctx.units_with(Role::Viewer).into_iter().find_map(|u| criteria.province_of(u, set.judged_on(year)));
            own.or_else(|| set.province.as_deref().map(crate::model::province_id)).unwrap_or(nation)
        }
    };
    let outcome = params.get("outcome").and_then(|w| Outcome::ALL.into_iter().find(|o| o.word() == w));
    let detailed = criteria.figures().may(ctx, Role::Viewer, under);
    let full = MatrixAsk { set: code.to_owned(), year, under, indicator: None, outcome: None };
    let mut board = criteria.board(&full).await?;
    let positions = criteria.positions(&board.set);
    if !detailed {
        if set.level == Level::Village {
            board.rows.clear();
        }
        board = public(board);
        recount(&mut board, &positions);
    }
    let ask = MatrixAsk { indicator: params.get("indicator"), outcome, ..full };
    if let Some(wanted) = ask.outcome {
        let nth = ask.indicator.as_ref().and_then(|code| board.set.indicators().position(|i| i.code == *code));
        let keep: Vec<bool> = board
            .rows
            .iter()
            .map(|r| match nth {
                Some(nth) => board.outcome(r, nth, &positions) == wanted,
                None => r.state.as_ref().map_or(Outcome::NoData, |s| s.whole) == wanted,
            })
            .collect();
        let mut keep = keep.into_iter();
        board.rows.retain(|_| keep.next().unwrap_or(false));
    }
    let province = atlas.on(set.judged_on(year)).province(under);
    Ok(Asked { ask, board, positions, detailed, province })
}

fn recount(board: &mut Board, positions: &Positions) {
    let columns = (0..board.columns.len()).map(|nth| Tally::of(board.rows.iter().map(|r| board.outcome(r, nth, positions)))).collect();
    board.columns = columns;
    board.whole = Tally::of(board.rows.iter().map(|r| r.state.as_ref().map_or(Outcome::NoData, |s| s.whole)));
}

fn href(code: &str, a: &MatrixAsk, extra: &[(&str, String)]) -> String {
    let mut out = format!("/criteria/{code}/matrix?year={}&under={}", a.year, a.under);
    for (name, value) in extra {
        out.push_str(&format!("&{name}={}", ui::percent_encode(value)));
    }
    out
}

/// `GET /criteria/{set}/matrix`
pub(super) async fn show(State(criteria): State<Criteria>, ctx: Context, Path(code): Path<String>, params: Params) -> Result<Response, AppError> {
    let l = ctx.lang;
    let asked = asked(&criteria, &ctx, &code, &params).await?;
    let (ask, board) = (&asked.ask, &asked.board);
    let set = &board.set;
    let day = set.judged_on(ask.year);
    let atlas = criteria.figures().places().atlas();
    let view = atlas.on(day);
    let from: usize = params.get("from").and_then(|f| f.parse().ok()).filter(|f| *f < board.rows.len()).unwrap_or(0);
    let filter_words = || {
        let mut extra = Vec::new();
        if let Some(i) = &ask.indicator {
            extra.push(("indicator", i.clone()));
        }
        if let Some(o) = ask.outcome {
            extra.push(("outcome", o.word().to_owned()));
        }
        extra
    };
    let whole = |n: usize| l.number(rust_decimal::Decimal::from(n), 0);
    let heads = set
        .indicators()
        .zip(&board.columns)
        .map(|(i, t)| Head {
            code: i.code.clone(),
            title: i.title.clone(),
            met: whole(t.met),
            href: href(&code, ask, &[("indicator", i.code.clone()), ("outcome", "not_met".to_owned())]),
            here: ask.indicator.as_ref() == Some(&i.code),
        })
        .collect();
    let line = |row: &MatrixRow| {
        let state = row.state.as_ref();
        let totals = state.map_or_else(String::new, |s| {
            let criteria = if s.criteria_met >= 0 {
                format!(" · {}/{}", s.criteria_met, set.criteria.iter().filter(|c| !c.condition).count().max(1))
            } else {
                String::new()
            };
            format!("{}/{}{criteria}", s.met, set.indicators().count())
        });
        Line {
            unit: Link { href: scorecard_href(&code, row.unit, ask.year), text: atlas.full_name(row.unit, day) },
            above: view.parent(row.unit).map(|p| atlas.name(p, day)).unwrap_or_default(),
            totals,
            whole: words::outcome(state.map_or(Outcome::NoData, |s| s.whole), l),
            cells: (0..board.columns.len())
                .map(|nth| {
                    // The mark is drawn by the stylesheet; the word is for those who do not see it.
                    words::outcome(board.outcome(row, nth, &asked.positions), l)
                })
                .collect(),
        }
    };
    let scored = board.rows.iter().filter(|r| r.state.is_some()).count().max(1);
    let mut blockers: Vec<Blocker> = set
        .indicators()
        .zip(&board.columns)
        .filter(|(_, t)| t.not_met > 0)
        .map(|(i, t)| Blocker {
            code: i.code.clone(),
            title: i.title.clone(),
            not_met: t.not_met,
            share: t.not_met as f64 / scored as f64 * 100.0,
            href: href(&code, ask, &[("indicator", i.code.clone()), ("outcome", "not_met".to_owned())]),
            unknown: t.no_level,
        })
        .collect();
    blockers.sort_by_key(|b| std::cmp::Reverse(b.not_met));
    blockers.truncate(8);
    let years = crate::store::assess::years(criteria.db()).await.map_err(db_error)?;
    let mut list: Vec<i16> = years.iter().filter(|(c, ..)| *c == code).map(|(_, y, _)| *y).chain([ask.year]).collect();
    list.sort_unstable();
    list.dedup();
    let provinces = std::iter::once((String::new(), l.t("Cả nước", "The country").to_owned(), asked.province.is_none()))
        .chain(
            view.under(atlas.nation().unwrap_or_default(), Level::Province)
                .into_iter()
                .map(|p| (p.to_string(), atlas.full_name(p, day), Some(p) == asked.province)),
        )
        .map(|(id, name, here)| (if id.is_empty() { "vn".to_owned() } else { id }, name, here))
        .collect();
    let place = atlas.full_name(ask.under, day);
    let t = board.whole;
    let title = format!("{} {}/{} {}", l.t("Đạt cả bộ:", "Meet the set:"), whole(t.met), whole(board.of), l.t("đơn vị", "units"));
    let export = |ext: &str| format!("/criteria/{code}/matrix.{ext}?year={}&under={}", ask.year, ask.under);
    let part = format!("{}&from=", href(&code, ask, &filter_words()));
    let page_href = |at: usize| format!("{part}{at}");
    Ok(page(&View {
        title,
        bar: bar(&t, l),
        accepted: bar(&board.accepted, l),
        years: list.into_iter().map(|y| (href(&code, &MatrixAsk { year: y, ..ask.clone() }, &[]), y.to_string(), y == ask.year)).collect(),
        provinces,
        year: ask.year,
        heads,
        rows: ROWS,
        lines: board.rows.iter().skip(from).take(ROWS).map(line).collect(),
        blockers,
        total: board.rows.len(),
        from,
        before: (from > 0).then(|| page_href(from.saturating_sub(ROWS))),
        after: (from + ROWS < board.rows.len()).then(|| page_href(from + ROWS)),
        part: part.clone(),
        filter: ask.outcome.map(|o| {
            let text = format!("{} {}", ask.indicator.clone().unwrap_or_else(|| l.t("cả bộ", "the set").to_owned()), words::outcome(o, l).1);
            (text, href(&code, ask, &[]))
        }),
        outcomes: Outcome::ALL.iter().map(|o| (words::mark(*o), words::outcome(*o, l).1)).collect(),
        xlsx: export("xlsx"),
        csv: export("csv"),
        detailed: asked.detailed,
        dashboard: format!("/measures/{}?period={}", set.measure_code(None), ask.year),
        set: Link { href: format!("/criteria/{code}"), text: set.title(l).to_owned() },
        shell: ctx
            .shell(format!("{} · {place} {}", set.title(l), ask.year))
            .scripts(&["matrix.js"])
            .crumb(l.t("Bộ tiêu chí", "Sets of criteria"), "/criteria")
            .crumb(set.title(l), format!("/criteria/{code}"))
            .here(format!("{place} {}", ask.year)),
        place,
    }))
}

fn table(criteria: &Criteria, asked: &Asked, l: Lang) -> Table {
    let board = &asked.board;
    let day = board.set.judged_on(asked.ask.year);
    let atlas = criteria.figures().places().atlas();
    let view = atlas.on(day);
    let mut columns = vec![
        Column::new(l.t("Mã", "Code"), Kind::Text),
        Column::new(l.t("Đơn vị", "Unit"), Kind::Text),
        Column::new(l.t("Cấp trên", "Above"), Kind::Text),
        Column::new(l.t("Chỉ tiêu đạt", "Indicators met"), Kind::Number { decimals: 0 }),
        Column::new(l.t("Cả bộ", "The set"), Kind::Text),
    ];
    columns.extend(board.set.indicators().map(|i| Column::new(i.code.clone(), Kind::Text)));
    let rows = board
        .rows
        .iter()
        .map(|r| {
            let mut row: Vec<Cell> = vec![
                atlas.version(r.unit, day).and_then(|v| v.code.as_deref()).unwrap_or_default().into(),
                Cell::Text(atlas.full_name(r.unit, day)),
                Cell::Text(view.parent(r.unit).map(|p| atlas.full_name(p, day)).unwrap_or_default()),
                r.state.as_ref().map_or(Cell::Empty, |s| Cell::Int(s.met)),
                words::outcome(r.state.as_ref().map_or(Outcome::NoData, |s| s.whole), l).1.into(),
            ];
            row.extend((0..board.columns.len()).map(|nth| Cell::from(words::outcome(board.outcome(r, nth, &asked.positions), l).1)));
            row
        })
        .collect();
    Table {
        title: l.t("Bảng chấm điểm", "Scores").to_owned(),
        subtitle: format!("{} · {}", board.set.title(l), asked.ask.year),
        columns,
        rows,
        notes: Vec::new(),
    }
}

/// `GET /criteria/{set}/matrix.xlsx`
pub(super) async fn xlsx(State(criteria): State<Criteria>, ctx: Context, Path(code): Path<String>, params: Params) -> Result<Response, AppError> {
    let l = ctx.lang;
    let asked = asked(&criteria, &ctx, &code, &params).await?;
    let set = &asked.board.set;
    let definitions = Table {
        title: l.t("Chỉ tiêu", "Indicators").to_owned(),
        columns: vec![Column::new(l.t("Mã", "Code"), Kind::Text), Column::new(l.t("Tên", "Title"), Kind::Text)],
        rows: set.indicators().map(|i| vec![Cell::from(i.code.as_str()), Cell::from(i.title.as_str())]).collect(),
        ..Table::default()
    };
    let book = Book {
        language: if l == Lang::Vi { Language::Vi } else { Language::En },
        made: ctx.today(),
        about: vec![
            (l.t("Bộ tiêu chí", "Set").to_owned(), format!("{} ({}, {} {})", set.title(l), set.code, l.t("phiên bản", "version"), set.version)),
            (l.t("Năm", "Year").to_owned(), asked.ask.year.to_string()),
            (
                l.t("Phạm vi", "Shown").to_owned(),
                if asked.detailed {
                    l.t("cả điểm tự chấm", "own scores too")
                } else {
                    l.t("chỉ kết quả đã thẩm định", "appraised results only")
                }
                .to_owned(),
            ),
        ],
        sheets: vec![table(&criteria, &asked, l)],
        definitions: Some(definitions),
    };
    let bytes = to_xlsx(&book).map_err(|_| AppError::new("internal", 500))?;
    let name = format!("attachment; filename=\"{code}-{}.xlsx\"", asked.ask.year);
    Ok(([(header::CONTENT_TYPE, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet".to_owned()), (header::CONTENT_DISPOSITION, name)], bytes)
        .into_response())
}

/// `GET /criteria/{set}/matrix.csv`
pub(super) async fn csv(State(criteria): State<Criteria>, ctx: Context, Path(code): Path<String>, params: Params) -> Result<Response, AppError> {
    let asked = asked(&criteria, &ctx, &code, &params).await?;
    let bytes = to_csv(&table(&criteria, &asked, ctx.lang));
    let name = format!("attachment; filename=\"{code}-{}.csv\"", asked.ask.year);
    Ok(([(header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()), (header::CONTENT_DISPOSITION, name)], bytes).into_response())
}
