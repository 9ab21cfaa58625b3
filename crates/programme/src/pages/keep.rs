//! Documents are added and changed by those who keep the library of a unit.

use super::document::document_of;
use super::edit::{Typed, in_form, place_error, see_other, value, with_status};
use crate::document::{Confidence, Document, DocumentKind};
use crate::service::Programme;
use access::{Context, db_error};
use askama::Template;
use axum::extract::{Form, Multipart, Path, State};
use axum::response::Response;
use ui::form::{Field, Kind, error_summary};
use ui::{AppError, Html, Shell, page};

#[derive(Template)]
#[template(path = "programme_keep.html")]
struct KeepView {
    shell: Shell,
    action: String,
    fields: Vec<Field>,
    summary: Html,
}

fn blank() -> Document {
    Document {
        code: String::new(),
        number: String::new(),
        title: String::new(),
        kind: DocumentKind::Decision,
        issuer: String::new(),
        unit: String::new(),
        issued: String::new(),
        valid_from: None,
        valid_to: None,
        replaced_by: None,
        amends: Vec::new(),
        based_on: Vec::new(),
        text: String::new(),
        confidence: Confidence::Entered,
        source: String::new(),
        note: String::new(),
    }
}

fn view(ctx: &Context, a: &Document, is_new: bool, error: Option<&AppError>) -> Response {
    let l = ctx.lang;
    let kinds = DocumentKind::ALL.map(|k| (k.word().to_owned(), l.t(k.label().0, k.label().1).to_owned()));
    let date = |d: Option<jiff::civil::Date>| d.map(|d| d.to_string()).unwrap_or_default();
    let codes = l.t("Mã trong thư viện, cách nhau bằng dấu phẩy", "Codes of the library, with commas between");
    let mut code = Field::new("code", l.t("Mã", "Code")).value(&a.code).required();
    code = if is_new {
        code.hint(l.t("Chữ không dấu, số, gạch ngang: 924-QD-TTg", "ASCII letters, digits, hyphens: 924-QD-TTg"))
    } else {
        code.attr("readonly", "")
    };
    let mut fields = vec![
        code,
        Field::new("number", l.t("Số, ký hiệu", "Number")).value(&a.number).required(),
        Field::new("title", l.t("Trích yếu", "Title")).kind(Kind::Lines(3)).value(&a.title).required(),
        Field::new("kind", l.t("Loại", "Kind")).kind(Kind::Select(kinds.to_vec())).value(a.kind.word()),
        Field::new("issuer", l.t("Nơi ban hành", "Issued by")).value(&a.issuer).required(),
        Field::new("unit", l.t("Đơn vị", "Unit")).value(&a.unit).hint(l.t("Mã hoặc tên; trống là trung ương", "Code or name; empty for the centre")),
        Field::new("issued", l.t("Ngày ban hành", "Issued"))
            .value(&a.issued)
            .hint(l.t("2025-06-30, hoặc 2025-06, 2025 khi không rõ ngày", "2025-06-30, or 2025-06, 2025 where the day is not known")),
        Field::new("valid_from", l.t("Có hiệu lực từ", "In force from")).kind(Kind::Date).value(date(a.valid_from)),
        Field::new("valid_to", l.t("Ngày cuối có hiệu lực", "Last day in force")).kind(Kind::Date).value(date(a.valid_to)),
        Field::new("replaced_by", l.t("Được thay bằng", "Replaced by"))
            .value(a.replaced_by.clone().unwrap_or_default())
            .hint(l.t("Mã trong thư viện", "Code of the library")),
        Field::new("amends", l.t("Sửa đổi văn bản", "Amends")).value(a.amends.join(", ")).hint(codes),
        Field::new("based_on", l.t("Căn cứ", "Rests on")).value(a.based_on.join(", ")).hint(codes),
        Field::new("text", l.t("Nội dung", "Text"))
            .kind(Kind::Lines(12))
            .value(&a.text)
            .hint(l.t("Dán toàn văn để tìm được theo nội dung", "Paste the full text so that it can be searched")),
        Field::new("source", l.t("Nguồn", "Source")).value(&a.source),
        Field::new("note", l.t("Ghi chú", "Note")).kind(Kind::Lines(2)).value(&a.note),
    ];
    let title = if is_new { l.t("Thêm văn bản", "Add a document").to_owned() } else { format!("{}: {}", l.t("Sửa", "Edit"), a.number) };
    let mut shell =
        ctx.shell(title.clone()).noindex().crumb(l.t("Chương trình", "Programme"), "/programme").crumb(l.t("Văn bản", "Documents"), "/documents").here(title);
    shell.path = if is_new { "/documents/new".to_owned() } else { format!("/documents/{}/edit", a.code) };
    if let Some(error) = error {
        place_error(&mut shell, &mut fields, error);
    }
    let action = if is_new { "/documents".to_owned() } else { shell.path.clone() };
    with_status(page(&KeepView { action, summary: error_summary(l, &fields), fields, shell }), error.map_or(200, |e| e.status))
}

fn read(typed: &Typed, old: &Document) -> Result<Document, AppError> {
    let day = |name: &'static str| {
        let text = value(typed, name);
        if text.is_empty() {
            return Ok(None);
        }
        text.parse().or_else(|_| lang::parse_date(text)).map(Some).map_err(|_| {
            AppError::new("date_unreadable", 422)
                .say("Ngày chưa đúng.", "The date is not right.")
                .mend("Viết dạng 30/6/2025.", "Write it as 30/6/2025.")
                .at(name)
        })
    };
    let list = |name: &str| value(typed, name).split([',', ';']).map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned).collect();
    let issued = value(typed, "issued");
    Ok(Document {
        code: value(typed, "code").to_owned(),
        number: value(typed, "number").to_owned(),
        title: value(typed, "title").to_owned(),
        kind: DocumentKind::from_word(value(typed, "kind")).unwrap_or(old.kind),
        issuer: value(typed, "issuer").to_owned(),
        unit: value(typed, "unit").to_owned(),
        // As people write it, if it is a whole day.
        issued: lang::parse_date(issued).map_or_else(|_| issued.to_owned(), |d| d.to_string()),
        valid_from: day("valid_from")?,
        valid_to: day("valid_to")?,
        replaced_by: Some(value(typed, "replaced_by").to_owned()).filter(|t| !t.is_empty()),
        amends: list("amends"),
        based_on: list("based_on"),
        text: typed.iter().find(|(n, _)| n == "text").map(|(_, v)| v.replace("\r\n", "\n")).unwrap_or_default(),
        source: value(typed, "source").to_owned(),
        note: value(typed, "note").to_owned(),
        ..old.clone()
    })
}

/// `GET /documents/new`
pub(super) async fn new(ctx: Context) -> Response {
    view(&ctx, &blank(), true, None)
}

/// `POST /documents`
pub(super) async fn create(State(programme): State<Programme>, ctx: Context, Form(typed): Form<Typed>) -> Result<Response, AppError> {
    keep(&programme, &ctx, &typed, &blank(), true).await
}

async fn keep(programme: &Programme, ctx: &Context, typed: &Typed, old: &Document, is_new: bool) -> Result<Response, AppError> {
    let about = match read(typed, old) {
        Ok(about) => about,
        Err(error) => return Ok(view(ctx, old, is_new, Some(&error))),
    };
    match programme.save_document(ctx, about.clone(), is_new).await {
        Ok(kept) => Ok(see_other(format!("/documents/{}?done=saved", kept.about.code))),
        Err(error) if in_form(&error) => Ok(view(ctx, &about, is_new, Some(&error))),
        Err(error) => Err(error),
    }
}

/// `GET /documents/{code}/edit`
pub(super) async fn edit(State(programme): State<Programme>, ctx: Context, Path(code): Path<String>) -> Result<Response, AppError> {
    let kept = document_of(&*programme.current().await, &code)?;
    programme.require_owner(&ctx, kept.home)?;
    let text = crate::store::document::body(programme.db(), kept.id).await.map_err(db_error)?;
    Ok(view(&ctx, &Document { text, ..kept.about.clone() }, false, None))
}

/// `POST /documents/{code}/edit`
pub(super) async fn save(State(programme): State<Programme>, ctx: Context, Path(code): Path<String>, Form(typed): Form<Typed>) -> Result<Response, AppError> {
    let kept = document_of(&*programme.current().await, &code)?;
    programme.require_owner(&ctx, kept.home)?;
    let mut typed = typed;
    // The code of a document never changes.
    typed.retain(|(name, _)| name != "code");
    typed.push(("code".to_owned(), code));
    keep(&programme, &ctx, &typed, &kept.about, false).await
}

/// `POST /documents/{code}/files`
pub(super) async fn upload(State(programme): State<Programme>, ctx: Context, Path(code): Path<String>, mut form: Multipart) -> Result<Response, AppError> {
    let kept = document_of(&*programme.current().await, &code)?;
    programme.require_owner(&ctx, kept.home)?;
    let broken = |_| AppError::new("upload_broken", 400).say("Tệp chưa gửi lên hết.", "The upload was cut off.").mend("Gửi lại.", "Send it again.");
    let (mut name, mut bytes) = (String::new(), Vec::new());
    while let Some(field) = form.next_field().await.map_err(broken)? {
        if field.name() == Some("file") {
            name = field.file_name().unwrap_or_default().to_owned();
            bytes = field.bytes().await.map_err(broken)?.to_vec();
        }
    }
    programme.add_file(&ctx, &kept, &name, bytes).await?;
    Ok(see_other(format!("/documents/{code}?done=file")))
}
