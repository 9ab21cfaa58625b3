//! The completeness board as a workbook: by place, by measure, and everything that is missing.

use super::super::completeness::{Lateness, Sight, lateness, of_period, punctual};
use super::super::params::Params;
use super::super::show::{period, silent};
use super::sheet::named;
use super::{File, make, name, source};
use crate::service::{FigureView, Figures};
use access::{Context, db_error};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use places::Level;
use print::{Book, Cell, Column, Kind, Table};
use std::collections::HashMap;
use ui::{AppError, Lang};
use uuid::Uuid;

/// What is counted of a place or of a measure.
#[derive(Clone, Copy, Default)]
struct Sum {
    of: i64,
    n: i64,
    missing: i64,
    not_known: i64,
    awaiting: i64,
    na: i64,
}

impl Sum {
    fn add(&mut self, v: &FigureView) {
        self.of += v.of;
        self.n += v.n;
        self.missing += v.missing;
        self.not_known += v.not_known;
        self.awaiting += v.awaiting;
        self.na += v.not_applicable;
    }

    fn cells(self) -> Vec<Cell> {
        let share = crate::value::percent(self.n, self.of - self.na, 1);
        let mut out: Vec<Cell> = [self.of, self.n, self.missing, self.not_known, self.awaiting, self.na].map(Cell::Int).into();
        out.push(share.map_or(Cell::Empty, Cell::Number));
        out
    }

    fn heads(l: Lang) -> Vec<Column> {
        let count = |vi: &str, en: &str| Column::new(l.t(vi, en), Kind::Number { decimals: 0 });
        vec![
            count("Phải báo cáo", "Due"),
            count("Đã duyệt", "Accepted"),
            count("Còn thiếu", "Missing"),
            count("Trong đó chưa biết", "Of these not known"),
            count("Chờ duyệt", "Awaiting"),
            count("Không áp dụng", "Not applicable"),
            Column::new(l.t("Đã duyệt trên số phải có", "Accepted of those due"), Kind::Percent { decimals: 1 }),
        ]
    }
}

/// The board of an address with the figures of the places below.
struct Board {
    sight: Sight,
    level: Level,
    boards: Vec<Vec<FigureView>>,
    late: Lateness,
}

async fn read(f: &Figures, ctx: &Context, params: &Params) -> Result<Board, AppError> {
    let sight = Sight::read(f, ctx, params)?;
    // All communes of the country times all measures would be no table but a dump; the API pages through it.
    let narrow = sight.top > Level::Nation || sight.chosen.is_some();
    let wanted = params
        .get("level")
        .and_then(|w| Level::from_word(&w))
        .filter(|level| *level > sight.top && *level <= Level::Commune && (narrow || *level == Level::Province));
    let level = wanted.or(sight.below).unwrap_or(sight.top);
    let boards = f.read_board(&of_period(&sight.narrowed, &sight.asked), sight.asked.place, level).await.map_err(db_error)?;
    let late = lateness(f, &sight.asked, sight.asked.ask.period, sight.top).await?;
    Ok(Board { sight, level, boards, late })
}

/// `GET /completeness/export.xlsx?unit=&period=&measure=&level=`
pub(super) async fn xlsx(State(f): State<Figures>, ctx: Context, params: Params, headers: HeaderMap) -> Result<Response, AppError> {
    let board = read(&f, &ctx, &params).await?;
    let l = ctx.lang;
    let asked = &board.sight.asked;
    let whole = f.read_many(&of_period(&board.sight.narrowed, asked), asked.place).await.map_err(db_error)?;
    let mut about = source::origin(&ctx, asked, &source::host(&headers), l);
    if let Some(known) = &board.sight.chosen {
        about.push((l.t("Chỉ tiêu", "Measure").to_owned(), known.measure.title(l).to_owned()));
    }
    let book = Book {
        language: super::language(l),
        made: ctx.today(),
        sheets: vec![by_place(&f, &board, l), by_measure(&board, &whole, l), missing(&board, l)],
        about,
        definitions: Some(source::definitions(&board.sight.narrowed, l)),
    };
    make(File::Xlsx, name(asked, "completeness", Some(board.level)), move || print::to_xlsx(&book)).await
}

/// `GET /completeness/export.csv`
pub(super) async fn csv(State(f): State<Figures>, ctx: Context, params: Params) -> Result<Response, AppError> {
    let board = read(&f, &ctx, &params).await?;
    let table = by_place(&f, &board, ctx.lang);
    make(File::Csv, name(&board.sight.asked, "completeness", Some(board.level)), move || Ok(print::to_csv(&table))).await
}

fn subtitle(board: &Board, l: Lang) -> String {
    let asked = &board.sight.asked;
    format!("{}, {}", asked.full_name(asked.place), period(asked.ask.period, l))
}

fn by_place(f: &Figures, board: &Board, l: Lang) -> Table {
    let asked = &board.sight.asked;
    let mut order: Vec<Uuid> = Vec::new();
    let mut sums: HashMap<Uuid, Sum> = HashMap::new();
    for v in board.boards.iter().flatten() {
        sums.entry(v.place)
            .or_insert_with(|| {
                order.push(v.place);
                Sum::default()
            })
            .add(v);
    }
    let today = f.clock().today();
    let line = |place: &Uuid| {
        let sum = sums.get(place).copied().unwrap_or_default();
        let mut cells = named(asked, *place);
        cells.extend(sum.cells());
        let state = punctual(&board.late, asked, *place, sum.missing == 0, today, l);
        cells.push(state.map_or(Cell::Empty, |(_, text)| Cell::Text(text)));
        cells
    };
    let mut columns =
        vec![Column::new(l.t("Mã", "Code"), Kind::Text), Column::new(l.t("Nơi", "Place"), Kind::Text), Column::new(l.t("Thuộc", "Part of"), Kind::Text)];
    columns.extend(Sum::heads(l));
    columns.push(Column::new(l.t("Hạn gửi", "Due date"), Kind::Text));
    Table { title: l.t("Theo nơi", "By place").to_owned(), subtitle: subtitle(board, l), columns, rows: order.iter().map(line).collect(), notes: Vec::new() }
}

fn by_measure(board: &Board, whole: &[FigureView], l: Lang) -> Table {
    let mut columns = vec![Column::new(l.t("Mã", "Code"), Kind::Text), Column::new(l.t("Chỉ tiêu", "Measure"), Kind::Text)];
    columns.extend(Sum::heads(l));
    let line = |v: &FigureView| {
        let mut sum = Sum::default();
        sum.add(v);
        let mut cells = vec![Cell::Text(v.known.measure.def.code.clone()), Cell::Text(v.known.measure.title(l).to_owned())];
        cells.extend(sum.cells());
        cells
    };
    Table {
        title: l.t("Theo chỉ tiêu", "By measure").to_owned(),
        subtitle: subtitle(board, l),
        columns,
        rows: whole.iter().map(line).collect(),
        notes: Vec::new(),
    }
}

/// Every place and measure with something missing.
fn missing(board: &Board, l: Lang) -> Table {
    let asked = &board.sight.asked;
    let lacking = |v: &&FigureView| silent(v) > 0 || v.not_known > 0;
    let line = |v: &FigureView| {
        let mut cells = named(asked, v.place);
        cells.extend([
            Cell::Text(v.known.measure.def.code.clone()),
            Cell::Text(v.known.measure.title(l).to_owned()),
            Cell::Int(silent(v)),
            Cell::Int(v.not_known),
        ]);
        cells
    };
    let text = |vi: &str, en: &str| Column::new(l.t(vi, en), Kind::Text);
    Table {
        title: l.t("Còn thiếu", "Missing").to_owned(),
        subtitle: subtitle(board, l),
        columns: vec![
            text("Mã", "Code"),
            text("Nơi", "Place"),
            text("Thuộc", "Part of"),
            text("Mã chỉ tiêu", "Measure"),
            text("Chỉ tiêu", "Title"),
            Column::new(l.t("Đơn vị chưa báo cáo", "Units that did not report"), Kind::Number { decimals: 0 }),
            Column::new(l.t("Đơn vị nói chưa biết", "Units that do not know"), Kind::Number { decimals: 0 }),
        ],
        rows: board.boards.iter().flatten().filter(lacking).map(line).collect(),
        notes: Vec::new(),
    }
}
