//! The yearly list of dossiers, and the reports that offices ask for.

use super::{Answer, Ask, Fields, Row, done, row, shell};
use crate::Casework;
use crate::document::desk::{DOCX, Typed, XLSX, attachment, in_form, place, see_other, with_status};
use crate::document::{Hat, Office};
use crate::dossier::{ListItem, Load, loads};
use access::Context;
use askama::Template;
use axum::extract::{Form, Path, Query, State as App};
use ui::form::{Field, Kind, error_summary};
use ui::{AppError, Html, Notice, Shell, page};

#[derive(Template)]
#[template(path = "dossier_list.html")]
struct ListView {
    shell: Shell,
    office: Office,
    year: i64,
    years: Vec<i64>,
    items: Vec<ListItem>,
    clerk: bool,
    fields: Vec<Field>,
    summary: Html,
    action: String,
}

async fn list_page(work: &Casework, ctx: &Context, office: Office, year: i64, typed: &Typed, notice: Option<Notice>, error: Option<&AppError>) -> Answer {
    let l = ctx.lang;
    let items = work.dossier_list(ctx, &office, year).await?;
    let title = format!("{} {year}", l.t("Danh mục hồ sơ năm", "Dossier list of"));
    let mut shell = shell(ctx, &title, &office).notice(notice).here(l.t("Danh mục hồ sơ", "Dossier list"));
    let mut fields = vec![
        Field::new("lines", l.t("Thêm hoặc sửa", "Add or change"))
            .kind(Kind::Lines(6))
            .value(typed.text("lines"))
            .hint(l.t(
                "Mỗi dòng một hồ sơ: số, ký hiệu; tên hồ sơ; thời hạn bảo quản; người lập; đề mục. Dán từ Excel cũng được.",
                "One per line: code; title; retention; keeper; heading. May be pasted from Excel.",
            ))
            .required(),
    ];
    if let Some(error) = error {
        let at = AppError { at: Some("lines".into()), ..error.clone() };
        place(&mut shell, &mut fields, &at);
    }
    let now = i64::from(ctx.today().year());
    let view = ListView {
        summary: error_summary(l, &fields),
        years: (0..5).map(|n| now + 1 - n).collect(),
        clerk: office.wears(ctx, Hat::Clerk),
        action: format!("/dossiers/{}/list", office.id),
        items,
        year,
        fields,
        office,
        shell,
    };
    Ok(error.map_or_else(|| page(&view), |e| with_status(page(&view), e.status)))
}

/// `GET /dossiers/list?office=&year=`
pub(super) async fn list(App(work): App<Casework>, ctx: Context, Query(ask): Query<Ask>) -> Answer {
    let (office, _) = work.chosen(&ctx, ask.office.as_deref()).await?;
    let year = ask.year.as_deref().and_then(|y| y.parse().ok()).unwrap_or(i64::from(ctx.today().year()));
    list_page(&work, &ctx, office, year, &Typed::default(), done(ctx.lang, ask.done.as_deref()), None).await
}

/// `POST /dossiers/{office}/list`
pub(super) async fn save_list(App(work): App<Casework>, ctx: Context, Path(office): Path<String>, Form(fields): Fields) -> Answer {
    let (office, typed) = (work.desk(&ctx, &office).await?, Typed::plain(fields));
    let now = i64::from(ctx.today().year());
    let year = typed.number("year")?.filter(|y| (now - 5..=now + 1).contains(y)).unwrap_or(now);
    let items: Vec<ListItem> = typed
        .text("lines")
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| {
            let mut cells = line.split(if line.contains('\t') { '\t' } else { ';' }).map(|c| c.trim().to_owned());
            let mut next = || cells.next().unwrap_or_default();
            ListItem { code: next(), title: next(), retention: next(), keeper: next(), heading: next() }
        })
        .collect();
    match work.save_list(&ctx, &office, year, &items).await {
        Ok(_) => Ok(see_other(&format!("/dossiers/list?office={}&year={year}&done=listed", office.id))),
        Err(error) if in_form(&error) => list_page(&work, &ctx, office, year, &typed, None, Some(&error)).await,
        Err(error) => Err(error),
    }
}

#[derive(Template)]
#[template(path = "dossier_reports.html")]
struct ReportsView {
    shell: Shell,
    office: Office,
    offices: Vec<Office>,
    from: String,
    to: String,
    balance: crate::dossier::Balance,
    /// Open dossiers: the row, days left, whether it is late.
    open: Vec<(Row, Option<i32>)>,
    total: usize,
    loads: Vec<(String, &'static str, Load)>,
    file: String,
}

/// `GET /dossiers/reports?office=&from=&to=&format=`
pub(super) async fn reports(App(work): App<Casework>, ctx: Context, Query(ask): Query<Ask>) -> Answer {
    let (office, offices) = work.chosen(&ctx, ask.office.as_deref()).await?;
    let (l, today) = (ctx.lang, ctx.today());
    let typed = Typed::plain(vec![("from".into(), ask.from.unwrap_or_default()), ("to".into(), ask.to.unwrap_or_default())]);
    let (from, to) = (typed.date("from")?.unwrap_or(today.first_of_month()), typed.date("to")?.unwrap_or(today));
    let balance = work.balance(&ctx, &office, from, to).await?;
    let items = work.open_items(&ctx, &office).await?;
    let loads = loads(&items);
    if let Some(format) = ask.format.as_deref().filter(|f| matches!(*f, "xlsx" | "docx")) {
        let sheets = work.report_sheets(&ctx, &office, (from, to), &balance, &loads, &items);
        let span = format!("{} {} {} {}", l.t("Từ ngày", "From"), lang::show::short_date(from), l.t("đến ngày", "to"), lang::show::short_date(to));
        return match format {
            "docx" => attachment(
                "bao-cao-ho-so.docx",
                DOCX,
                sheets.docx(&office, l.t("BÁO CÁO TÌNH HÌNH XỬ LÝ HỒ SƠ CÔNG VIỆC", "REPORT ON WORK DOSSIERS"), &span)?.into(),
            ),
            _ => attachment("bao-cao-ho-so.xlsx", XLSX, sheets.xlsx()?.into()),
        };
    }
    let nobody = |name: &str| if name.is_empty() { l.t("chưa giao", "nobody").to_owned() } else { name.to_owned() };
    let title = l.t("Báo cáo hồ sơ", "Dossier reports");
    Ok(page(&ReportsView {
        shell: shell(&ctx, title, &office).here(title),
        total: items.len(),
        open: items.iter().take(200).map(|i| (row(&ctx, &office, &i.dossier), i.left)).collect(),
        loads: loads.into_iter().map(|load| (nobody(&load.holder), load.stage.label(l), load)).collect(),
        file: format!("/dossiers/reports?office={}&from={from}&to={to}", office.id),
        from: from.to_string(),
        to: to.to_string(),
        balance,
        office,
        offices,
    }))
}
