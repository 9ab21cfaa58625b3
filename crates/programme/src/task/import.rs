//! A task list from Excel: columns are found by their headings and can be put right by a person; nothing is written before
//! somebody has seen what will be.

use super::board::Pick;
use super::form::{Typed, value};
use super::model::{Due, Party, State, Words};
use super::read::Asked;
use super::service::NewTask;
use crate::Programme;
use crate::forms::{XLSX, download, language, see_other, written};
use crate::funding::model::{Row as Money, Source};
use access::{Context, db_error};
use askama::Template;
use axum::extract::{Form, Multipart, Query, State as Held};
use axum::response::Response;
use calendar::Period;
use print::{Book, Cell, Column, Kind, Table};
use std::collections::BTreeSet;
use ui::{AppError, Lang, Notice, Shell, Tone, page};
use uuid::Uuid;

/// Bytes of a request with a list in it.
pub(super) const MAX_BODY: usize = 21_000_000;
/// Most rows of one list.
const MOST: usize = 1_000;

/// What a column of the list is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Skip,
    Number,
    Title,
    Goal,
    Owner,
    Support,
    Output,
    Due,
    Days,
    Money(Source),
}

/// Words of headings, folded, by which a column is known; the first that fits wins.
const HEADS: &[(&str, Part)] = &[
    ("phoi hop", Part::Support),
    ("chu tri", Part::Owner),
    ("don vi thuc hien", Part::Owner),
    ("ngay lam viec", Part::Days),
    ("thoi han", Part::Due),
    ("thoi gian", Part::Due),
    ("han cuoi", Part::Due),
    ("hoan thanh", Part::Due),
    ("san pham", Part::Output),
    ("ket qua", Part::Output),
    ("muc tieu", Part::Goal),
    ("trung uong", Part::Money(Source::Central)),
    ("nsthuong", Part::Money(Source::Central)),
    ("nstw", Part::Money(Source::Central)),
    ("ngan sach tinh", Part::Money(Source::Province)),
    ("ngan sach huyen", Part::Money(Source::District)),
    ("ngan sach xa", Part::Money(Source::Commune)),
    ("long ghep", Part::Money(Source::Combined)),
    ("tin dung", Part::Money(Source::Credit)),
    ("doanh nghiep", Part::Money(Source::Enterprise)),
    ("hop tac xa", Part::Money(Source::Cooperative)),
    ("htx", Part::Money(Source::Cooperative)),
    ("ngay cong", Part::Money(Source::Labour)),
    ("hien dat", Part::Money(Source::Land)),
    ("nguoi dan", Part::Money(Source::People)),
    ("dan gop", Part::Money(Source::People)),
    ("nhiem vu", Part::Title),
    ("noi dung", Part::Title),
    ("cong viec", Part::Title),
];

impl Part {
    fn of(head: &str) -> Part {
        let key = lang::fold(head);
        if matches!(key.trim(), "tt" | "stt" | "so tt" | "no.") {
            return Part::Number;
        }
        HEADS.iter().find(|(word, _)| key.contains(word)).map_or(Part::Skip, |h| h.1)
    }

    fn word(self) -> &'static str {
        match self {
            Part::Skip => "skip",
            Part::Number => "number",
            Part::Title => "title",
            Part::Goal => "goal",
            Part::Owner => "owner",
            Part::Support => "support",
            Part::Output => "output",
            Part::Due => "due",
            Part::Days => "days",
            Part::Money(source) => source.word(),
        }
    }

    fn from_word(word: &str) -> Part {
        let plain = [Part::Number, Part::Title, Part::Goal, Part::Owner, Part::Support, Part::Output, Part::Due, Part::Days];
        let found = plain.into_iter().find(|p| p.word() == word);
        found.or_else(|| Source::from_word(word).map(Part::Money)).unwrap_or(Part::Skip)
    }

    fn label(self, l: Lang) -> &'static str {
        match self {
            Part::Skip => l.t("bỏ qua", "leave out"),
            Part::Number => l.t("số thứ tự", "number"),
            Part::Title => l.t("nhiệm vụ", "task"),
            Part::Goal => l.t("mục tiêu", "goal"),
            Part::Owner => l.t("chủ trì", "owner"),
            Part::Support => l.t("phối hợp", "helpers"),
            Part::Output => l.t("sản phẩm", "output"),
            Part::Due => l.t("thời hạn (ngày, tháng, quý)", "deadline (date, month, quarter)"),
            Part::Days => l.t("thời hạn (ngày làm việc)", "deadline (working days)"),
            Part::Money(source) => source.label(l),
        }
    }

    fn all() -> Vec<Part> {
        let mut out = vec![Part::Skip, Part::Number, Part::Title, Part::Goal, Part::Owner, Part::Support, Part::Output, Part::Due, Part::Days];
        out.extend(Source::ALL.map(Part::Money));
        out
    }
}

/// The rows of a list under its head row, and what a person said about it.
struct List {
    heads: Vec<String>,
    rows: Vec<Vec<String>>,
    parts: Vec<Part>,
    home: Option<Uuid>,
    year: i16,
    unit: &'static str,
}

/// One row as it will be written, or why it will not.
struct Read {
    task: NewTask,
    money: Vec<Money>,
    problems: Vec<String>,
    there: bool,
}

const UNITS: [(&str, i64); 3] = [("triệu đồng", 1_000_000), ("đồng", 1), ("tỷ đồng", 1_000_000_000)];

fn factor(unit: &str) -> i64 {
    UNITS.iter().find(|u| u.0 == unit).map_or(1_000_000, |u| u.1)
}

/// The head row: the first of twenty in which a task and something else is recognised.
fn head_row(grid: &[Vec<String>]) -> Option<usize> {
    grid.iter().take(20).position(|row| {
        let parts: Vec<Part> = row.iter().map(|h| Part::of(h)).collect();
        parts.contains(&Part::Title) && parts.iter().filter(|p| **p != Part::Skip).count() >= 2
    })
}

fn money_unit(grid: &[Vec<String>], head: usize) -> &'static str {
    let text: String = grid.iter().take(head + 1).flatten().map(|t| lang::clean(t).to_lowercase()).collect::<Vec<_>>().join(" ");
    if text.contains("tỷ đồng") || text.contains("tỉ đồng") {
        "tỷ đồng"
    } else if text.contains("triệu đồng") || !text.contains("đồng") {
        "triệu đồng"
    } else {
        "đồng"
    }
}

/// A deadline as lists write it: a date, a month, a quarter, working days; words such as “thường xuyên” set none.
fn due(text: &str, days: bool) -> Result<Due, ()> {
    let text = lang::clean(text);
    let key = lang::fold(&text);
    let number: String = key.chars().take_while(char::is_ascii_digit).collect();
    if (days || key.contains("ngay lam viec")) && !number.is_empty() {
        return number.parse().map(Due::Days).map_err(drop);
    }
    if text.is_empty() || ["thuong xuyen", "hang nam", "hang thang", "hang quy"].iter().any(|w| key.contains(w)) {
        return Ok(Due::Open);
    }
    if let Ok(date) = text.parse().or_else(|_| lang::parse_date(&text)) {
        return Ok(Due::On(date));
    }
    Period::parse_vi(&text).map(|p| Due::On(p.last_day())).map_err(drop)
}

impl List {
    fn read(&self, p: &Programme, ctx: &Context, have: &BTreeSet<(String, Uuid)>) -> Vec<Read> {
        let mut goal = String::new();
        let mut out = Vec::new();
        for row in self.rows.iter().take(MOST) {
            let cell = |part: Part| self.parts.iter().position(|x| *x == part).and_then(|at| row.get(at)).map(|t| lang::clean(t)).unwrap_or_default();
            let title = cell(Part::Title);
            if title.is_empty() {
                continue;
            }
            // A row with a title and nothing else is the heading of those below it.
            let filled = row.iter().filter(|t| !t.trim().is_empty()).count();
            if filled <= 2 && cell(Part::Owner).is_empty() && cell(Part::Due).is_empty() {
                goal = title;
                continue;
            }
            out.push(self.task(p, ctx, &goal, &cell, row, have));
        }
        out
    }

    fn task(&self, p: &Programme, ctx: &Context, goal: &str, cell: &dyn Fn(Part) -> String, row: &[String], have: &BTreeSet<(String, Uuid)>) -> Read {
        let (l, today) = (ctx.lang, ctx.today());
        let mut problems = Vec::new();
        let own_goal = cell(Part::Goal);
        let words = Words {
            number: cell(Part::Number),
            title: cell(Part::Title),
            goal: if own_goal.is_empty() { goal.to_owned() } else { own_goal },
            output: cell(Part::Output),
            ..Words::default()
        };
        let owner = cell(Part::Owner);
        let owner = if owner.is_empty() { self.home.map(|unit| Party { unit, ..Party::default() }) } else { p.party_named(&owner, self.home, today) };
        if owner.is_none() {
            problems.push(l.t("không rõ đơn vị chủ trì", "the owner is not known").to_owned());
        }
        let support = cell(Part::Support);
        let support = support.split([';', '\n']).filter_map(|t| p.party_named(t, self.home, today)).take(50).collect();
        let (text, days) = (cell(Part::Due), cell(Part::Days));
        let due = if days.is_empty() { due(&text, false) } else { due(&days, true) };
        let due = due.unwrap_or_else(|()| {
            problems.push(format!("{} “{text}{days}”", l.t("không đọc được thời hạn", "the deadline cannot be read:")));
            Due::Open
        });
        let money = self.money(row, l, &mut problems);
        let there = owner.as_ref().is_some_and(|o| have.contains(&(lang::canonical(&words.title), o.unit)));
        Read { task: NewTask { words, owner, support, assigned: None, due }, money, problems, there }
    }

    fn money(&self, row: &[String], l: Lang, problems: &mut Vec<String>) -> Vec<Money> {
        let mut out: Vec<Money> = Vec::new();
        for (part, text) in self.parts.iter().zip(row) {
            let Part::Money(source) = *part else { continue };
            if text.trim().is_empty() || text.trim() == "-" {
                continue;
            }
            match amount(text, source, factor(self.unit)) {
                Some(planned) if source.existed(self.year) => {
                    out.push(Money { year: self.year, source, planned: Some(planned), allocated: None, spent: None, price: None });
                }
                Some(_) => problems.push(l.t("sau năm 2025 không còn ngân sách huyện", "there is no district budget after 2025").to_owned()),
                None => problems.push(format!("{} “{text}”", l.t("không đọc được số tiền", "the amount cannot be read:"))),
            }
        }
        out
    }
}

/// An amount in whole units: đồng for money, days or square metres as written.
fn amount(text: &str, source: Source, factor: i64) -> Option<i64> {
    let hints = lang::NumberHints { unit: "", whole: false, style: Some(lang::NumberStyle::Vietnamese) };
    let value = lang::parse_number(text, hints).ok()?.value;
    let factor = if source.money() { factor } else { 1 };
    figures::scale(value.checked_mul(factor.into())?, 0).filter(|n| (0..=crate::funding::model::LARGEST).contains(n))
}

struct HeadView {
    name: String,
    title: String,
    options: Vec<(&'static str, &'static str, bool)>,
}

struct RowView {
    number: String,
    title: String,
    owner: String,
    due: String,
    money: String,
    problems: Vec<String>,
    there: bool,
}

#[derive(Template)]
#[template(path = "task_import.html")]
struct View {
    shell: Shell,
    unit: String,
    unit_name: String,
    read: bool,
    grid: String,
    heads: Vec<HeadView>,
    rows: Vec<RowView>,
    good: usize,
    year: i16,
    units: Vec<(&'static str, bool)>,
}

fn blank(p: &Programme, ctx: &Context, unit: Uuid, notice: Option<Notice>) -> View {
    let l = ctx.lang;
    let title = l.t("Nhập danh sách nhiệm vụ", "Import a task list");
    let mut shell = ctx.shell(title).noindex().notice(notice).crumb(l.t("Nhiệm vụ", "Tasks"), format!("/tasks?unit={unit}")).here(title);
    shell.path = format!("/tasks/import?unit={unit}");
    View {
        unit: unit.to_string(),
        unit_name: p.figures().places().atlas().full_name(unit, ctx.today()),
        read: false,
        grid: String::new(),
        heads: Vec::new(),
        rows: Vec::new(),
        good: 0,
        year: ctx.today().year(),
        units: Vec::new(),
        shell,
    }
}

/// `GET /tasks/import?unit=`
pub(super) async fn show(Held(p): Held<Programme>, ctx: Context, Query(pick): Query<Pick>) -> Result<Response, AppError> {
    let unit = pick.asked(&p, &ctx)?.unit.unwrap_or_default();
    Ok(page(&blank(&p, &ctx, unit, None)))
}

async fn preview(p: &Programme, ctx: &Context, list: &List, grid: String) -> Result<Response, AppError> {
    let l = ctx.lang;
    let unit = list.home.unwrap_or_default();
    let reads = list.read(p, ctx, &have(p, ctx, unit).await?);
    let mut view = blank(p, ctx, unit, None);
    view.read = true;
    view.grid = grid;
    view.year = list.year;
    view.units = UNITS.map(|u| (u.0, u.0 == list.unit)).to_vec();
    view.heads = (list.heads.iter().zip(&list.parts).enumerate())
        .map(|(at, (title, part))| HeadView {
            name: format!("col{at}"),
            title: title.clone(),
            options: Part::all().into_iter().map(|o| (o.word(), o.label(l), o == *part)).collect(),
        })
        .collect();
    view.good = reads.iter().filter(|r| r.problems.is_empty() && !r.there).count();
    view.rows = reads
        .into_iter()
        .map(|r| RowView {
            number: r.task.words.number.clone(),
            title: r.task.words.title.clone(),
            owner: r.task.owner.as_ref().map(|o| super::words::party(p, o, ctx.today())).unwrap_or_default(),
            due: super::words::due_set(r.task.due, l),
            money: r.money.iter().map(|m| format!("{}: {}", m.source.label(l), crate::funding::shown(m.source, m.planned, l))).collect::<Vec<_>>().join("; "),
            problems: r.problems,
            there: r.there,
        })
        .collect();
    Ok(page(&view))
}

/// Titles and owners that are there already, so that a list that comes twice gives nothing twice.
async fn have(p: &Programme, ctx: &Context, unit: Uuid) -> Result<BTreeSet<(String, Uuid)>, AppError> {
    let tasks = p.tasks(ctx, &Asked { unit: Some(unit), ..Asked::default() }).await?;
    let live = tasks.into_iter().filter(|s| s.task.state != State::Cancelled);
    Ok(live.map(|s| (lang::canonical(&s.task.words.title), s.task.owner.unit)).collect())
}

/// `POST /tasks/import`: the file; answers with what would be written.
pub(super) async fn upload(Held(p): Held<Programme>, ctx: Context, mut form: Multipart) -> Result<Response, AppError> {
    ctx.require_signed_in()?;
    let broken = |_| AppError::new("upload_broken", 400).say("Tệp chưa gửi lên hết.", "The upload was cut off.").mend("Gửi lại.", "Send it again.");
    let (mut name, mut bytes, mut unit) = (String::new(), Vec::new(), String::new());
    while let Some(field) = form.next_field().await.map_err(broken)? {
        match field.name().unwrap_or_default() {
            "file" => {
                field.file_name().unwrap_or_default().clone_into(&mut name);
                bytes = field.bytes().await.map_err(broken)?.to_vec();
            }
            "unit" => unit = field.text().await.map_err(broken)?,
            _ => {}
        }
    }
    let home = super::board::place(&p, &ctx, Some(&unit))?;
    let read = tokio::task::spawn_blocking(move || figures::intake::grid(&name, &bytes)).await.map_err(|_| AppError::new("internal", 500))?;
    let outcome = read.and_then(|sheets| {
        sheets.into_iter().find_map(|sheet| Some((head_row(&sheet)?, sheet))).ok_or_else(|| {
            AppError::new("no_task_list", 422)
                .say("Không tìm thấy dòng tiêu đề có cột “Nhiệm vụ”.", "There is no head row with a column “Nhiệm vụ”.")
                .mend("Tải mẫu ở dưới, hoặc đặt tên cột: Nhiệm vụ, Đơn vị chủ trì, Thời hạn, Sản phẩm.", "Use the template below, or name the columns.")
        })
    });
    let (head, grid) = match outcome {
        Ok(found) => found,
        Err(error) => {
            let text = format!("{} {}", error.what(ctx.lang), error.how(ctx.lang));
            let response = page(&blank(&p, &ctx, home, Some(Notice::new(Tone::Bad, text))));
            return Ok(crate::forms::with_status(response, error.status));
        }
    };
    let unit = money_unit(&grid, head);
    let heads = grid.get(head).cloned().unwrap_or_default();
    let parts = heads.iter().map(|h| Part::of(h)).collect();
    let list = List { heads, rows: grid.into_iter().skip(head + 1).take(MOST).collect(), parts, home: Some(home), year: ctx.today().year(), unit };
    let kept = serde_json::to_string(&(&list.heads, &list.rows)).unwrap_or_default();
    preview(&p, &ctx, &list, kept).await
}

/// `POST /tasks/import/rows`: the rows as read, with the columns as a person put them right; `do` is `look` or `write`.
pub(super) async fn write(Held(p): Held<Programme>, ctx: Context, Form(typed): Form<Typed>) -> Result<Response, AppError> {
    ctx.require_signed_in()?;
    let grid = value(&typed, "grid").to_owned();
    let (heads, rows): (Vec<String>, Vec<Vec<String>>) = serde_json::from_str(&grid).map_err(|_| AppError::new("bad_request", 400))?;
    let home = super::board::place(&p, &ctx, Some(value(&typed, "unit")))?;
    let parts = (0..heads.len()).map(|at| Part::from_word(value(&typed, &format!("col{at}")))).collect();
    let year = value(&typed, "year").trim().parse().ok().filter(|y| (2000..=2100).contains(y)).unwrap_or_else(|| ctx.today().year());
    let unit = UNITS.iter().map(|u| u.0).find(|u| *u == value(&typed, "money_unit")).unwrap_or("triệu đồng");
    let list = List { heads, rows, parts, home: Some(home), year, unit };
    if value(&typed, "do") != "write" {
        return preview(&p, &ctx, &list, grid).await;
    }
    let reads = list.read(&p, &ctx, &have(&p, &ctx, home).await?);
    let mut tx = p.db().begin().await.map_err(db_error)?;
    // All tenants first and in one order: the rows may name units of several.
    let tenants: BTreeSet<Uuid> = reads.iter().filter_map(|r| p.tenant_of(r.task.owner.as_ref()?.unit)).collect();
    for tenant in tenants {
        access::lock_tenant(&mut tx, tenant).await.map_err(db_error)?;
    }
    let mut seen = BTreeSet::new();
    for read in reads.iter().filter(|r| r.problems.is_empty() && !r.there) {
        let key = (lang::canonical(&read.task.words.title), read.task.owner.as_ref().map(|o| o.unit));
        if seen.insert(key) {
            let mut task = p.give_task_in(&mut tx, &ctx, &read.task, None).await?;
            p.set_money_in(&mut tx, &ctx, &mut task, &read.money).await?;
        }
    }
    tx.commit().await.map_err(db_error)?;
    Ok(see_other(&format!("/tasks?unit={home}&view=list&done=imported")))
}

/// `GET /tasks/import/template.xlsx`
pub(super) async fn template(ctx: Context) -> Result<Response, AppError> {
    ctx.require_signed_in()?;
    let heads = [
        "TT",
        "Nhiệm vụ",
        "Mục tiêu",
        "Đơn vị chủ trì",
        "Đơn vị phối hợp",
        "Sản phẩm",
        "Thời hạn",
        "Ngân sách trung ương",
        "Ngân sách tỉnh",
        "Ngân sách xã",
        "Vốn lồng ghép",
        "Doanh nghiệp",
        "Người dân góp tiền",
    ];
    let sheet = Table {
        title: "Danh sách nhiệm vụ".to_owned(),
        subtitle: "Kinh phí: triệu đồng. Thời hạn: 30/6/2026, quý II/2026 hoặc 15 ngày làm việc".to_owned(),
        columns: heads.iter().map(|h| Column::new(*h, Kind::Text)).collect(),
        rows: vec![vec![Cell::from("1"), Cell::from("(thay bằng nhiệm vụ của đơn vị)")]],
        notes: Vec::new(),
    };
    let book = Book { language: language(ctx.lang), made: ctx.today(), sheets: vec![sheet], about: Vec::new(), definitions: None };
    download("mau-nhiem-vu.xlsx", XLSX, written(move || print::to_xlsx(&book)).await?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn headings_are_known_by_their_words() {
        assert_eq!(Part::of("Nội dung nhiệm vụ"), Part::Title);
        assert_eq!(Part::of("Đơn vị chủ trì"), Part::Owner);
        assert_eq!(Part::of("Cơ quan phối hợp thực hiện"), Part::Support);
        assert_eq!(Part::of("Thời gian hoàn thành"), Part::Due);
        assert_eq!(Part::of("STT"), Part::Number);
        assert_eq!(Part::of("Ghi chú"), Part::Skip);
        for part in Part::all() {
            assert_eq!(Part::from_word(part.word()), part);
        }
    }

    #[test]
    fn deadlines_as_lists_write_them() {
        assert_eq!(due("30/6/2026", false), Ok(Due::On(date(2026, 6, 30))));
        assert_eq!(due("Quý II/2026", false), Ok(Due::On(date(2026, 6, 30))));
        assert_eq!(due("15 ngày làm việc", false), Ok(Due::Days(15)));
        assert_eq!(due("20", true), Ok(Due::Days(20)));
        assert_eq!(due("Thường xuyên", false), Ok(Due::Open));
        assert!(due("khi nào xong", false).is_err());
        assert_eq!(amount("1.234,5", Source::Central, 1_000_000), Some(1_234_500_000));
        assert_eq!(amount("300", Source::Labour, 1_000_000), Some(300));
        assert_eq!(amount("-5", Source::Central, 1), None);
    }
}
