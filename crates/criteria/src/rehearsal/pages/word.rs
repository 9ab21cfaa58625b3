//! The annex to a proposal, as a Word document in the layout of Decree 30/2020. In Vietnamese, the language of the form.

use super::result::{Part, Told, Unit, told};
use super::{Pairs, question, said};
use crate::Criteria;
use crate::rehearsal::scenario::{Answer, Question};
use access::Context;
use axum::extract::{Query, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use print::{Block, Cell, Column, Kind, Report, Table, to_docx};
use ui::{AppError, Lang};

const L: Lang = Lang::Vi;
/// Units of a list that are printed.
const PRINTED: usize = 500;
/// Room for what is filled in by hand.
const BLANK: &str = "………………………";

/// `GET /rehearsal/annex.docx` with the question.
pub(super) async fn annex(State(criteria): State<Criteria>, ctx: Context, Query(pairs): Query<Pairs>) -> Result<Response, AppError> {
    let q = question(&criteria, &ctx, &pairs)?;
    let answer = criteria.rehearse(&ctx, &q).await?;
    let report = report(&criteria, &ctx, &q, &answer);
    let bytes = to_docx(&report).map_err(|error| {
        tracing::error!(%error, "the annex could not be written");
        AppError::new("internal", 500)
    })?;
    let name = format!("phu-luc-dien-tap-{}-{}.docx", q.set.trim_end_matches('~'), q.year);
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/vnd.openxmlformats-officedocument.wordprocessingml.document")),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::from_str(&format!("attachment; filename*=UTF-8''{}", ui::percent_encode(&name))).map_err(|_| AppError::new("internal", 500))?,
        ),
    ];
    Ok((headers, bytes).into_response())
}

fn report(criteria: &Criteria, ctx: &Context, q: &Question, answer: &Answer) -> Report {
    let told = told(criteria, q, answer, PRINTED, L);
    let title = criteria.rehearsed_title(&q.set, L);
    let mut blocks =
        vec![heading("I. KẾT QUẢ"), Block::Paragraph(format!("{}.", told.finding)), Block::Paragraph(format!("{} So với: {}.", told.reading, told.compared))];
    if ctx.demo {
        blocks.push(Block::Paragraph("Số liệu minh họa do máy tạo ra để dùng thử, không phải số thật.".to_owned()));
    }
    if !q.moves.is_empty() {
        blocks.push(heading("II. THAY ĐỔI ĐƯỢC DIỄN TẬP"));
        blocks.extend(q.moves.iter().map(|m| Block::Paragraph(format!("- {}.", said(criteria, m, L)))));
    }
    blocks.push(heading("III. ẢNH HƯỞNG THEO ĐỊA BÀN"));
    blocks.extend(parts("Theo tỉnh, thành phố", "Tỉnh, thành phố", &told.provinces));
    blocks.extend(parts("Theo vùng", "Vùng", &told.regions));
    blocks.extend(parts("Theo nhóm xã", "Nhóm", &told.groups));
    blocks.push(heading("IV. ĐƠN VỊ ĐỔI KẾT QUẢ"));
    blocks.extend(units("Đơn vị đạt thêm", &told.gained, told.gained_count));
    blocks.extend(units("Đơn vị không còn đạt", &told.lost, told.lost_count));
    blocks.extend(units("Đơn vị chỉ thiếu một chỉ tiêu", &told.near, told.near_count));
    blocks.extend(tail(&told));
    blocks.push(Block::Note(format!(
        "Nguồn: Cổng Làng. {} {} Người diễn tập: {}, {}.",
        told.provenance,
        told.aside,
        ctx.author_name(),
        super::result::moment(calendar::micros(ctx.at))
    )));
    Report {
        superior: String::new(),
        body_name: BLANK.to_owned(),
        number: None,
        symbol: "PL-………".to_owned(),
        place: "…………".to_owned(),
        date: None,
        title: "Phụ lục".to_owned(),
        summary: format!("Diễn tập {title} trên số liệu năm {}", q.year),
        blocks,
        signer_title: BLANK.to_owned(),
        signer_name: None,
        recipients: vec![BLANK.to_owned()],
    }
}

fn heading(text: &str) -> Block {
    Block::Heading { level: 1, text: text.to_owned() }
}

fn text(word: &str) -> Column {
    Column::new(word, Kind::Text)
}

fn table(title: String, columns: &[&str], rows: Vec<Vec<String>>, notes: Vec<String>) -> Block {
    Block::Table(Table {
        title,
        subtitle: String::new(),
        columns: columns.iter().map(|c| text(c)).collect(),
        rows: rows.into_iter().map(|r| r.into_iter().map(Cell::Text).collect()).collect(),
        notes,
    })
}

fn parts(title: &str, head: &str, parts: &[Part]) -> Option<Block> {
    if parts.is_empty() {
        return None;
    }
    let rows = parts.iter().map(|p| vec![p.name.clone(), p.units.clone(), p.before.clone(), p.after.clone(), p.gained.clone(), p.lost.clone()]).collect();
    Some(table(title.to_owned(), &[head, "Đơn vị", "Đạt trước", "Đạt sau", "Thêm", "Mất"], rows, Vec::new()))
}

fn units(title: &str, units: &[Unit], all: usize) -> Option<Block> {
    if units.is_empty() {
        return None;
    }
    let rows = units.iter().map(|u| vec![u.name.clone(), u.by.clone(), u.margin.clone()]).collect();
    let notes = if all > units.len() { vec![format!("Còn {} đơn vị nữa không in ở đây.", all - units.len())] } else { Vec::new() };
    Some(table(format!("{title} ({all})"), &["Đơn vị", "Do chỉ tiêu", "Giá trị / mức (chênh)"], rows, notes))
}

fn tail(told: &Told) -> Vec<Block> {
    let mut out = Vec::new();
    if !told.shifts.is_empty() {
        out.push(heading("V. ĐỘ NHẠY VỚI ±1 ĐIỂM"));
        let rows = told.shifts.iter().map(|s| vec![s.name.clone(), s.met.clone(), s.easier.clone(), s.harder.clone()]).collect();
        out.push(table(
            "Số đơn vị đạt thay đổi khi mức đổi một điểm".to_owned(),
            &["Chỉ tiêu", "Đạt/chấm được", "Dễ hơn 1 điểm", "Khó hơn 1 điểm"],
            rows,
            Vec::new(),
        ));
    }
    if !told.notes.is_empty() {
        out.push(heading(if out.is_empty() { "V. CHỈ TIÊU CẦN XEM LẠI" } else { "VI. CHỈ TIÊU CẦN XEM LẠI" }));
        out.extend(told.notes.iter().map(|n| Block::Paragraph(format!("- {n}"))));
    }
    out
}
