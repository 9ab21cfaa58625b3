//! The task list as a workbook or CSV; its head row can be read back by the import.

use super::board::Pick;
use super::read::{Late, Seen};
use super::words;
use crate::Programme;
use crate::forms::{CSV, XLSX, download, language, written};
use crate::funding::model::{Row, Stage};
use crate::funding::store as money;
use access::{Context, db_error};
use axum::extract::{Query, State};
use axum::response::Response;
use print::{Book, Cell, Column, Kind, Table};
use std::collections::{BTreeMap, BTreeSet};
use ui::{AppError, Lang};
use uuid::Uuid;

fn text(words: &str) -> Cell {
    if words.is_empty() { Cell::Empty } else { Cell::Text(words.to_owned()) }
}

/// The list of tasks as a table.
pub(crate) fn table(p: &Programme, ctx: &Context, tasks: &[Seen]) -> Table {
    let l = ctx.lang;
    let head = |vi: &str, en: &str| Column::new(l.t(vi, en), Kind::Text);
    let day = |vi: &str, en: &str| Column::new(l.t(vi, en), Kind::Date);
    let columns = vec![
        head("TT", "No."),
        head("Nhiệm vụ", "Task"),
        head("Mục tiêu", "Goal"),
        head("Đơn vị chủ trì", "Owner"),
        head("Đơn vị phối hợp", "Helpers"),
        head("Sản phẩm", "Output"),
        day("Ngày giao", "Given"),
        head("Thời hạn", "Deadline"),
        day("Hạn cuối", "Last day"),
        head("Trạng thái", "State"),
        head("So với hạn", "Against the deadline"),
        Column::new(l.t("Trễ (ngày làm việc)", "Late (working days)"), Kind::Number { decimals: 0 }),
        day("Ngày xong", "Done on"),
        head("Kế hoạch", "Plan"),
        head("Dữ liệu", "Data"),
    ];
    let line = |s: &Seen| {
        let t = &s.task;
        let support: Vec<String> = t.support.iter().map(|x| words::party(p, x, ctx.today())).collect();
        vec![
            text(&t.words.number),
            text(&t.words.title),
            text(&t.words.goal),
            Cell::Text(words::party(p, &t.owner, ctx.today())),
            text(&support.join("; ")),
            text(&t.words.output),
            Cell::Date(t.assigned),
            Cell::Text(words::due_set(t.due, l)),
            s.due.map_or(Cell::Empty, Cell::Date),
            Cell::Text(t.state.label(l).to_owned()),
            Cell::Text(words::late(s, l).1),
            match s.late {
                Late::By(n) | Late::DoneLate(n) => Cell::Int(i64::from(n)),
                _ => Cell::Empty,
            },
            t.done_on.map_or(Cell::Empty, Cell::Date),
            text(&t.words.plan),
            if t.synthetic { Cell::Text(l.t("minh họa", "made up").to_owned()) } else { Cell::Empty },
        ]
    };
    let provisional = tasks.iter().filter(|s| s.provisional).count();
    let mut notes = vec![l.t("Trễ và còn lại tính theo ngày làm việc.", "Late and left are in working days.").to_owned()];
    if provisional > 0 {
        notes.push(match l {
            Lang::Vi => format!("{provisional} thời hạn là tạm tính vì chưa có lịch nghỉ chính thức của mọi ngày."),
            Lang::En => format!("{provisional} deadlines are provisional: no official calendar speaks for every day."),
        });
    }
    Table { title: l.t("Nhiệm vụ", "Tasks").to_owned(), subtitle: String::new(), columns, rows: tasks.iter().map(line).collect(), notes }
}

/// Money of the tasks, one row per task, year and source.
pub(crate) async fn money_table(p: &Programme, l: Lang, tasks: &[Seen]) -> Result<Table, AppError> {
    let tenants: BTreeSet<Uuid> = tasks.iter().map(|s| s.task.tenant).collect();
    let mut by_task: BTreeMap<Uuid, Vec<Row>> = BTreeMap::new();
    for tenant in tenants {
        for (task, row) in money::of_tenant(p.db(), tenant).await.map_err(db_error)? {
            by_task.entry(task).or_default().push(row);
        }
    }
    let number = |vi: &str, en: &str| Column::new(l.t(vi, en), Kind::Number { decimals: 0 });
    let head = |vi: &str, en: &str| Column::new(l.t(vi, en), Kind::Text);
    let columns = vec![
        head("TT", "No."),
        head("Nhiệm vụ", "Task"),
        head("Năm", "Year"),
        head("Nguồn", "Source"),
        head("Đơn vị tính", "Unit"),
        number("Kế hoạch", "Planned"),
        number("Đã bố trí", "Allocated"),
        number("Đã chi", "Spent"),
        number("Đơn giá (đồng)", "Price (đồng)"),
        number("Đã chi, quy tiền (đồng)", "Spent, valued (đồng)"),
    ];
    let cell = |n: Option<i64>| n.map_or(Cell::Empty, Cell::Int);
    let mut rows = Vec::new();
    for seen in tasks {
        for m in by_task.get(&seen.task.id).into_iter().flatten().filter(|m| !m.empty()) {
            rows.push(vec![
                text(&seen.task.words.number),
                text(&seen.task.words.title),
                Cell::Text(m.year.to_string()),
                Cell::Text(m.source.label(l).to_owned()),
                Cell::Text(m.source.unit().to_owned()),
                cell(m.planned),
                cell(m.allocated),
                cell(m.spent),
                cell(m.price),
                cell(m.worth(Stage::Spent)),
            ]);
        }
    }
    Ok(Table { title: l.t("Kinh phí", "Money").to_owned(), columns, rows, ..Table::default() })
}

/// `GET /tasks/export.xlsx`
pub(super) async fn xlsx(State(p): State<Programme>, ctx: Context, Query(pick): Query<Pick>) -> Result<Response, AppError> {
    let asked = pick.asked(&p, &ctx)?;
    let tasks = p.tasks(&ctx, &asked).await?;
    let l = ctx.lang;
    let place = asked.unit.map(|u| p.figures().places().atlas().full_name(u, ctx.today())).unwrap_or_default();
    let book = Book {
        language: language(l),
        made: ctx.today(),
        sheets: vec![table(&p, &ctx, &tasks), money_table(&p, l, &tasks).await?],
        about: vec![
            (l.t("Địa bàn", "Place").to_owned(), place),
            (l.t("Địa chỉ", "Address").to_owned(), ctx.path.clone()),
            (l.t("Lúc", "At").to_owned(), words::moment(calendar::micros(ctx.at))),
            (l.t("Người xuất", "By").to_owned(), ctx.author_name().to_owned()),
        ],
        definitions: None,
    };
    download("nhiem-vu.xlsx", XLSX, written(move || print::to_xlsx(&book)).await?)
}

/// `GET /tasks/export.csv`
pub(super) async fn csv(State(p): State<Programme>, ctx: Context, Query(pick): Query<Pick>) -> Result<Response, AppError> {
    let tasks = p.tasks(&ctx, &pick.asked(&p, &ctx)?).await?;
    download("nhiem-vu.csv", CSV, print::to_csv(&table(&p, &ctx, &tasks)))
}
