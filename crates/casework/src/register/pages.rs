//! Pages of the registers.

use super::import::years;
use super::number::Book;
use super::{Between, Delivery, Document, NewDocument, SentTo, waits_too_long};
use crate::Casework;
use crate::document::desk::{
    DOCX, MAX_BODY, Typed, XLSX, attachment, files_field, id_of, in_form, kind_field, kind_name, moment, place, secrecy_field, see_other, short, size,
    urgency_field, urgency_tag, with_status,
};
use crate::document::{Hat, Office, kind};
use access::{Context, Need, Role, Routes};
use askama::Template;
use axum::extract::{Form, Multipart, Path, Query, State};
use axum::response::Response;
use jiff::civil::Date;
use serde::Deserialize;
use ui::form::{Field, Kind, error_summary};
use ui::{AppError, Html, Lang, Notice, Shell, Tone, page};
use uuid::Uuid;

type Answer = Result<Response, AppError>;
type Fields = Form<Vec<(String, String)>>;

pub(crate) fn routes() -> Routes<Casework> {
    let inside = Need::Role(Role::Viewer);
    Routes::new()
        .get("/registers", inside, show)
        .get("/registers/new", inside, new)
        .get("/registers/file", inside, print_out)
        .get("/registers/numbers", inside, numbers)
        .get("/registers/import", inside, import_home)
        .upload("/registers/{office}/register", inside, MAX_BODY, register)
        .upload("/registers/{office}/issue", inside, MAX_BODY, issue)
        .post("/registers/{office}/accept", inside, accept)
        .post("/registers/{office}/send-back", inside, send_back)
        .post("/registers/{office}/reserve", inside, reserve)
        .post("/registers/{office}/void", inside, void)
        .post("/registers/{office}/book", inside, book)
        .upload("/registers/{office}/import", inside, 21_000_000, import_upload)
        .get("/registers/{office}/import/{file}", inside, import_show)
        .post("/registers/{office}/import/{file}", inside, import_write)
        .get("/registers/{office}/import/{file}/marked", inside, import_marked)
        .get("/registers/{office}/documents/{document}", inside, one)
        .post("/registers/{office}/documents/{document}/hand-on", inside, hand_on)
        .post("/registers/{office}/documents/{document}/send", inside, send)
        .get("/registers/{office}/files/{owner}/{file}", inside, download)
}

#[derive(Debug, Default, Deserialize)]
struct Ask {
    office: Option<String>,
    book: Option<String>,
    from: Option<String>,
    to: Option<String>,
    before: Option<String>,
    format: Option<String>,
    year: Option<String>,
    done: Option<String>,
}

impl Ask {
    fn out(&self) -> bool {
        self.book.as_deref() == Some("out")
    }

    fn days(&self, today: Date) -> Result<(Date, Date), AppError> {
        let typed = Typed::plain(vec![("from".into(), self.from.clone().unwrap_or_default()), ("to".into(), self.to.clone().unwrap_or_default())]);
        let first = today.first_of_year();
        Ok((typed.date("from")?.unwrap_or(first), typed.date("to")?.unwrap_or(today)))
    }
}

fn done(l: Lang, word: Option<&str>) -> Option<Notice> {
    let text = match word? {
        "registered" => l.t("Đã vào sổ.", "Registered."),
        "issued" => l.t("Đã cấp số và vào sổ văn bản đi.", "Numbered and put into the register."),
        "accepted" => l.t("Đã tiếp nhận và vào sổ; nơi gửi thấy ngay.", "Received and registered; the sender sees it at once."),
        "sent-back" => l.t("Đã trả lại nơi gửi.", "Sent back."),
        "handed" => l.t("Đã chuyển.", "Handed on."),
        "sent" => l.t("Đã gửi. Nơi nhận thấy ngay.", "Sent. The recipients have it now."),
        "reserved" => l.t("Đã giữ số.", "Numbers reserved."),
        "void" => l.t("Đã hủy số.", "The number is void."),
        "book" => l.t("Đã lưu cách đánh số.", "The way of numbering is saved."),
        "imported" => l.t("Đã ghi các dòng đúng vào sổ.", "The good rows are in the register."),
        _ => return None,
    };
    Some(Notice::new(Tone::Good, text))
}

fn shell(ctx: &Context, title: &str, office: &Office) -> Shell {
    let l = ctx.lang;
    ctx.shell(title).noindex().crumb(l.t("Hồ sơ công việc", "Work dossiers"), format!("/dossiers?office={}", office.id))
}

/// A tag: class and word.
type Tag = Option<(&'static str, String)>;

struct Row {
    href: String,
    number: String,
    symbol: String,
    dated: String,
    day: String,
    party: String,
    title: String,
    tag: Option<(&'static str, String)>,
    state: (&'static str, String),
}

fn row(office: &Office, d: &Document, today: Date, l: Lang) -> Row {
    let state = if d.out {
        ("plain", d.signer.clone())
    } else if d.handed_at.is_some() {
        let class = if waits_too_long(d, today) { "wait" } else { "ok" };
        (class, format!("{} {}", l.t("đã chuyển:", "handed to:"), d.handed_to))
    } else if waits_too_long(d, today) {
        ("late", l.t("quá hạn chuyển trong ngày", "past the same-day rule").to_owned())
    } else {
        ("wait", l.t("chờ chuyển", "to be handed on").to_owned())
    };
    Row {
        href: format!("/registers/{}/documents/{}", office.id, d.id),
        number: d.number.to_string(),
        symbol: d.symbol.clone(),
        dated: short(&d.dated),
        day: short(&d.day),
        party: d.party.clone(),
        title: format!("{}: {}", kind_name(&d.kind, l), d.title),
        tag: urgency_tag(d.urgency, l),
        state,
    }
}

#[derive(Template)]
#[template(path = "register.html")]
struct RegisterView {
    shell: Shell,
    office: Office,
    offices: Vec<Office>,
    /// Offices before this one, whose books are read here.
    before: Vec<Office>,
    /// Whether this is the book of an office that is no more.
    ended: bool,
    out: bool,
    clerk: bool,
    from: String,
    to: String,
    rows: Vec<Row>,
    arrivals: Vec<(Delivery, String, Tag)>,
    next: Option<String>,
    file: String,
}

/// `GET /registers?office=&book=in|out&from=&to=&before=`
async fn show(State(work): State<Casework>, ctx: Context, Query(ask): Query<Ask>) -> Answer {
    let (office, offices) = work.chosen(&ctx, ask.office.as_deref()).await?;
    let (l, today, out) = (ctx.lang, ctx.today(), ask.out());
    let (from, to) = ask.days(today)?;
    let before = ask.before.as_deref().and_then(|t| t.parse().ok());
    let (found, more) = work.documents(&ctx, &office, &Between { out, from, to, before, limit: 50 }).await?;
    let ended = !office.works_here(&ctx);
    let arrivals = if out || ended { Vec::new() } else { work.arrivals(&ctx, &office).await? };
    let before = if ended { Vec::new() } else { work.offices_before(&ctx, &office).await? };
    let title = if out { l.t("Văn bản đi", "Outgoing documents") } else { l.t("Văn bản đến", "Incoming documents") };
    let book = if out { "out" } else { "in" };
    let shell = shell(&ctx, title, &office).notice(done(l, ask.done.as_deref())).here(title);
    Ok(page(&RegisterView {
        shell,
        before,
        ended,
        out,
        clerk: office.wears(&ctx, Hat::Clerk),
        rows: found.iter().map(|d| row(&office, d, today, l)).collect(),
        arrivals: arrivals.into_iter().map(|d| (moment(d.at), urgency_tag(d.urgency, l), d)).map(|(at, tag, d)| (d, at, tag)).collect(),
        next: found.last().filter(|_| more).map(|d| format!("/registers?office={}&book={book}&from={from}&to={to}&before={}", office.id, d.id)),
        file: format!("/registers/file?office={}&book={book}&from={from}&to={to}", office.id),
        from: from.to_string(),
        to: to.to_string(),
        office,
        offices,
    }))
}

/// `GET /registers/file?…&format=xlsx|docx`
async fn print_out(State(work): State<Casework>, ctx: Context, Query(ask): Query<Ask>) -> Answer {
    let (office, _) = work.chosen(&ctx, ask.office.as_deref()).await?;
    let (from, to) = ask.days(ctx.today())?;
    let sheet = work.register_sheet(&ctx, &office, &Between { out: ask.out(), from, to, before: None, limit: 0 }).await?;
    let l = ctx.lang;
    let name = if ask.out() { "so-van-ban-di" } else { "so-van-ban-den" };
    if ask.format.as_deref() == Some("docx") {
        let title = sheet.table.title.to_uppercase();
        let summary = format!("{} {} {} {}", l.t("Từ ngày", "From"), lang::show::short_date(from), l.t("đến ngày", "to"), lang::show::short_date(to));
        return attachment(&format!("{name}.docx"), DOCX, sheet.docx(&office, &title, &summary)?.into());
    }
    attachment(&format!("{name}.xlsx"), XLSX, sheet.xlsx()?.into())
}

#[derive(Template)]
#[template(path = "register_form.html")]
struct FormView {
    shell: Shell,
    lead: String,
    action: String,
    back: String,
    go: String,
    fields: Vec<Field>,
    summary: Html,
}

fn document_fields(l: Lang, out: bool, typed: &Typed, today: Date) -> Vec<Field> {
    let v = |name: &str| typed.text(name).to_owned();
    let title = Field::new("title", l.t("Trích yếu", "Subject")).kind(Kind::Lines(2)).value(v("title")).required();
    let mut fields = if out {
        vec![
            kind_field(l, typed.text("kind")),
            title,
            Field::new("party", l.t("Nơi nhận", "Recipients")).value(v("party")),
            Field::new("signer", l.t("Người ký", "Signed by")).value(v("signer")),
            Field::new("part", l.t("Ký hiệu bộ phận soạn (chỉ công văn)", "Part that drafted it (letters only)")).value(v("part")).hint("KT, VHXH"),
            Field::new("reserved", l.t("Dùng số đang giữ", "Use a reserved number"))
                .kind(Kind::Number)
                .value(v("reserved"))
                .hint(l.t("Để trống: lấy số tiếp theo.", "Empty: the next number.")),
        ]
    } else {
        let dated = if v("dated").is_empty() { today.to_string() } else { v("dated") };
        vec![
            Field::new("party", l.t("Cơ quan gửi", "Sender")).value(v("party")).required(),
            Field::new("symbol", l.t("Số, ký hiệu", "Number and symbol")).value(v("symbol")).hint("15/BC-UBND"),
            Field::new("dated", l.t("Ngày văn bản", "Date on it")).kind(Kind::Date).value(dated).required(),
            kind_field(l, typed.text("kind")),
            title,
            Field::new("signer", l.t("Người ký", "Signed by")).value(v("signer")),
            Field::new("due", l.t("Hạn trả lời", "To be answered by")).kind(Kind::Date).value(v("due")),
        ]
    };
    fields.push(urgency_field(l, typed.text("urgency")));
    fields.push(secrecy_field(l, typed.text("secrecy")));
    fields.push(files_field(l, l.t("Tệp văn bản", "Files")));
    fields.push(Field::new("note", l.t("Ghi chú", "Note")).value(v("note")));
    if !out {
        fields.push(
            Field::new("twin", l.t("Vẫn vào sổ dù đã có văn bản cùng số, ký hiệu", "Register it although the same symbol is there"))
                .kind(Kind::Check)
                .value(v("twin")),
        );
    }
    fields
}

fn form_page(ctx: &Context, office: &Office, out: bool, typed: &Typed, error: Option<&AppError>) -> Response {
    let l = ctx.lang;
    let title =
        if out { l.t("Cấp số văn bản đi", "Number an outgoing document") } else { l.t("Vào sổ văn bản đến", "Register an incoming document") };
    let mut shell = shell(ctx, title, office).here(title);
    let mut fields = document_fields(l, out, typed, ctx.today());
    if let Some(error) = error {
        place(&mut shell, &mut fields, error);
    }
    let view = FormView {
        summary: error_summary(l, &fields),
        lead: office.name.clone(),
        action: format!("/registers/{}/{}", office.id, if out { "issue" } else { "register" }),
        back: format!("/registers?office={}&book={}", office.id, if out { "out" } else { "in" }),
        go: if out { l.t("Cấp số", "Give it its number") } else { l.t("Vào sổ", "Register") }.to_owned(),
        fields,
        shell,
    };
    let response = page(&view);
    error.map_or(response, |e| with_status(page(&view), e.status))
}

/// `GET /registers/new?office=&book=`
async fn new(State(work): State<Casework>, ctx: Context, Query(ask): Query<Ask>) -> Answer {
    let (office, _) = work.chosen(&ctx, ask.office.as_deref()).await?;
    office.require(&ctx, Hat::Clerk)?;
    Ok(form_page(&ctx, &office, ask.out(), &Typed::default(), None))
}

fn read_document(typed: &Typed) -> Result<NewDocument, AppError> {
    let text = |name: &str| typed.text(name).to_owned();
    Ok(NewDocument {
        kind: text("kind"),
        symbol: text("symbol"),
        dated: typed.date("dated")?,
        title: text("title"),
        party: text("party"),
        signer: text("signer"),
        urgency: typed.number("urgency")?.unwrap_or_default(),
        due: typed.date("due")?,
        pages: typed.number("pages")?.unwrap_or_default(),
        note: text("note"),
        secrecy: text("secrecy"),
        part: text("part"),
        reserved: typed.number("reserved")?,
        twin: !typed.text("twin").is_empty(),
    })
}

/// `POST /registers/{office}/register`
async fn register(State(work): State<Casework>, ctx: Context, Path(office): Path<String>, form: Multipart) -> Answer {
    enter(&work, &ctx, &office, form, false).await
}

/// `POST /registers/{office}/issue`
async fn issue(State(work): State<Casework>, ctx: Context, Path(office): Path<String>, form: Multipart) -> Answer {
    enter(&work, &ctx, &office, form, true).await
}

async fn enter(work: &Casework, ctx: &Context, office: &str, form: Multipart, out: bool) -> Answer {
    let office = work.desk(ctx, office).await?;
    office.require(ctx, Hat::Clerk)?;
    let mut typed = match Typed::read(form).await {
        Ok(typed) => typed,
        Err(error) if in_form(&error) => return Ok(form_page(ctx, &office, out, &Typed::default(), Some(&error))),
        Err(error) => return Err(error),
    };
    let files = typed.take_files();
    let outcome = match read_document(&typed) {
        Ok(new) if out => work.issue_document(ctx, &office, new, files).await,
        Ok(new) => work.register(ctx, &office, new, files).await,
        Err(error) => Err(error),
    };
    match outcome {
        Ok(document) => Ok(see_other(&format!("/registers/{}/documents/{}?done={}", office.id, document.id, if out { "issued" } else { "registered" }))),
        Err(error) if in_form(&error) => Ok(form_page(ctx, &office, out, &typed, Some(&error))),
        Err(error) => Err(error),
    }
}

struct FileLine {
    href: String,
    name: String,
    size: String,
    sha256: String,
    signed: String,
}

#[derive(Template)]
#[template(path = "document.html")]
struct DocumentView {
    shell: Shell,
    office: Office,
    facts: Vec<(String, String)>,
    tag: Option<(&'static str, String)>,
    late: bool,
    files: Vec<FileLine>,
    dossier: Option<String>,
    clerk: bool,
    may_open: bool,
    may_hand: bool,
    out: bool,
    id: Uuid,
    sent: Vec<(SentTo, String, String)>,
    offices: Vec<(Uuid, String)>,
}

pub(crate) fn signature_words(text: &str, l: Lang) -> String {
    let Ok(report) = serde_json::from_str::<crate::document::signature::Report>(text) else { return String::new() };
    let how = if report.trusted() {
        l.t("chứng thư tin cậy", "trusted certificate")
    } else {
        l.t("chưa đối chiếu danh sách tin cậy", "not checked against a trust list")
    };
    format!("{} {} · {how}", l.t("ký số:", "signed by:"), report.signers())
}

/// `GET /registers/{office}/documents/{document}`
async fn one(State(work): State<Casework>, ctx: Context, Path((office, id)): Path<(String, String)>, Query(ask): Query<Ask>) -> Answer {
    let office = work.desk(&ctx, &office).await?;
    let (d, files, sent) = work.document(&ctx, &office, id_of(&id)?).await?;
    let ended = !office.works_here(&ctx);
    let home = match d.dossier.filter(|_| ended) {
        Some(dossier) => work.dossier_home(&ctx, dossier).await?,
        None => None,
    };
    let l = ctx.lang;
    let fact = |name: &str, value: String| (name.to_owned(), value);
    let mut facts = vec![
        fact(l.t("Số, ký hiệu", "Number and symbol"), d.symbol.clone()),
        fact(l.t("Ngày văn bản", "Date"), short(&d.dated)),
        fact(l.t("Loại", "Kind"), kind_name(&d.kind, l)),
        if d.out { fact(l.t("Nơi nhận", "Recipients"), d.party.clone()) } else { fact(l.t("Cơ quan gửi", "Sender"), d.party.clone()) },
        fact(l.t("Người ký", "Signed by"), d.signer.clone()),
    ];
    if !d.out {
        facts.push(fact(l.t("Số đến", "Number"), format!("{} ({})", d.number, short(&d.day))));
        let by = d.day.parse().map(|day| lang::show::short_date(kind::hand_on_by(day, d.urgency))).unwrap_or_default();
        facts.push(fact(l.t("Chuyển chậm nhất", "To be handed on by"), by));
        if let Some(at) = d.handed_at {
            facts.push(fact(l.t("Đã chuyển", "Handed on"), format!("{} · {}", d.handed_to, moment(at))));
        }
        facts.push(fact(l.t("Hạn trả lời", "To be answered by"), short(&d.due)));
    }
    facts.push(fact(l.t("Vào sổ", "Registered"), format!("{} · {}", d.who_name, moment(d.at))));
    let source = match d.source.as_str() {
        "system" => l.t("trên hệ thống này", "on the platform").to_owned(),
        "delivery" => l.t("nhận điện tử từ cơ quan trên hệ thống", "sent by an office on the platform").to_owned(),
        other => format!("{} {}", l.t("nhập từ", "brought from"), other.trim_start_matches("import:")),
    };
    facts.push(fact(l.t("Nguồn", "Source"), source));
    facts.push(fact(l.t("Ghi chú", "Note"), d.note.clone()));
    facts.retain(|(_, value)| !value.is_empty());
    let clerk = office.wears(&ctx, Hat::Clerk);
    let offices = if d.out && clerk { work.recipients(&ctx, &office).await?.into_iter().map(|o| (o.id, o.name)).collect() } else { Vec::new() };
    let state_word = |s: &SentTo| match s.state {
        1 => format!("{} {} {}", l.t("đã nhận", "received by"), s.received_by, s.received_at.map(moment).unwrap_or_default()),
        2 => format!("{} {}", l.t("trả lại:", "sent back:"), s.note),
        _ => l.t("đã đến, chờ vào sổ", "arrived, not registered yet").to_owned(),
    };
    let title = format!("{} {}", kind_name(&d.kind, l), d.symbol);
    let book = if d.out { "out" } else { "in" };
    let shell = shell(&ctx, &title, &office)
        .notice(done(l, ask.done.as_deref()))
        .crumb(if d.out { l.t("Văn bản đi", "Outgoing") } else { l.t("Văn bản đến", "Incoming") }, format!("/registers?office={}&book={book}", office.id))
        .describe(d.title.clone())
        .here(d.symbol.clone());
    Ok(page(&DocumentView {
        tag: urgency_tag(d.urgency, l),
        late: waits_too_long(&d, ctx.today()),
        files: files
            .into_iter()
            .map(|f| FileLine {
                href: format!("/registers/{}/files/{}/{}", office.id, d.id, f.id),
                size: size(f.size),
                signed: signature_words(&f.signature, l),
                name: f.name,
                sha256: f.sha256,
            })
            .collect(),
        dossier: d.dossier.map(|id| format!("/dossiers/{}/{id}", if ended { home.unwrap_or(office.id) } else { office.id })),
        clerk,
        may_open: d.dossier.is_none(),
        may_hand: !d.out && d.handed_at.is_none() && (clerk || office.wears(&ctx, Hat::Head)),
        out: d.out,
        id: d.id,
        sent: sent.into_iter().map(|s| (moment(s.at), state_word(&s), s)).map(|(at, state, s)| (s, at, state)).collect(),
        offices,
        facts,
        office,
        shell,
    }))
}

/// `GET /registers/{office}/files/{owner}/{file}`
async fn download(State(work): State<Casework>, ctx: Context, Path((office, owner, file)): Path<(String, String, String)>) -> Answer {
    let office = work.desk(&ctx, &office).await?;
    let file = work.document_file(&ctx, &office, id_of(&owner)?, id_of(&file)?).await?;
    work.send_file(office.tenant, file).await
}

/// `POST /registers/{office}/documents/{document}/hand-on`
async fn hand_on(State(work): State<Casework>, ctx: Context, Path((office, id)): Path<(String, String)>, Form(fields): Fields) -> Answer {
    let (office, typed, id) = (work.desk(&ctx, &office).await?, Typed::plain(fields), id_of(&id)?);
    work.hand_on(&ctx, &office, id, typed.text("to")).await?;
    Ok(see_other(&format!("/registers/{}/documents/{id}?done=handed", office.id)))
}

/// `POST /registers/{office}/documents/{document}/send`
async fn send(State(work): State<Casework>, ctx: Context, Path((office, id)): Path<(String, String)>, Form(fields): Fields) -> Answer {
    let (office, typed, id) = (work.desk(&ctx, &office).await?, Typed::plain(fields), id_of(&id)?);
    let to: Vec<Uuid> = typed.all("to").filter_map(|t| t.parse().ok()).collect();
    work.send(&ctx, &office, id, &to).await?;
    Ok(see_other(&format!("/registers/{}/documents/{id}?done=sent", office.id)))
}

/// `POST /registers/{office}/accept`
async fn accept(State(work): State<Casework>, ctx: Context, Path(office): Path<String>, Form(fields): Fields) -> Answer {
    let (office, typed) = (work.desk(&ctx, &office).await?, Typed::plain(fields));
    let document = work.accept_delivery(&ctx, &office, typed.id("delivery").unwrap_or_default()).await?;
    Ok(see_other(&format!("/registers/{}/documents/{}?done=accepted", office.id, document.id)))
}

/// `POST /registers/{office}/send-back`
async fn send_back(State(work): State<Casework>, ctx: Context, Path(office): Path<String>, Form(fields): Fields) -> Answer {
    let (office, typed) = (work.desk(&ctx, &office).await?, Typed::plain(fields));
    work.send_back(&ctx, &office, typed.id("delivery").unwrap_or_default(), typed.text("reason")).await?;
    Ok(see_other(&format!("/registers?office={}&done=sent-back", office.id)))
}

#[derive(Template)]
#[template(path = "register_numbers.html")]
struct NumbersView {
    shell: Shell,
    office: Office,
    year: i64,
    years: Vec<i64>,
    clerk: bool,
    held: Vec<(super::Held, String, String)>,
    reserve: Vec<Field>,
    book: Vec<Field>,
    summary: Html,
    action: String,
}

async fn numbers_page(work: &Casework, ctx: &Context, office: Office, year: i64, typed: &Typed, outcome: Result<Option<Notice>, &AppError>) -> Answer {
    let l = ctx.lang;
    let held = work.held_numbers(ctx, &office, year).await?;
    let kept = work.book(&office).await?;
    let title = l.t("Số đang giữ và số hủy", "Reserved and void numbers");
    let mut shell = shell(ctx, title, &office).here(title);
    let typed_or = |name: &str, otherwise: String| if typed.text(name).is_empty() { otherwise } else { typed.text(name).to_owned() };
    let mut reserve = vec![
        kind_field(l, typed.text("kind")),
        Field::new("count", l.t("Số lượng", "How many")).kind(Kind::Number).value(typed_or("count", "1".into())).required(),
        Field::new("reason", l.t("Lý do", "Reason")).value(typed.text("reason")).required(),
    ];
    let mut book = vec![
        Field::new("symbol", l.t("Chữ viết tắt của cơ quan", "Abbreviation of the office")).value(typed_or("symbol", kept.symbol)).hint("UBND"),
        Field::new("shared", l.t("Mọi loại văn bản dùng chung một dãy số", "All kinds share one series")).kind(Kind::Check).value(if kept.shared {
            "1"
        } else {
            ""
        }),
    ];
    let status = match outcome {
        Ok(notice) => {
            shell.notice = notice;
            200
        }
        Err(error) => {
            let fields = if error.at.as_deref() == Some("symbol") { &mut book } else { &mut reserve };
            place(&mut shell, fields, error);
            error.status
        }
    };
    let all: Vec<Field> = reserve.iter().chain(&book).cloned().collect();
    let view = NumbersView {
        summary: error_summary(l, &all),
        years: years(ctx.today()).into_iter().map(|y| y.0).collect(),
        clerk: office.wears(ctx, Hat::Clerk),
        held: held
            .into_iter()
            .map(|h| (moment(h.at), if h.series.is_empty() { l.t("chung", "shared").to_owned() } else { kind_name(&h.series, l) }, h))
            .map(|(at, s, h)| (h, s, at))
            .collect(),
        action: format!("/registers/{}", office.id),
        reserve,
        book,
        year,
        office,
        shell,
    };
    Ok(with_status(page(&view), status))
}

/// `GET /registers/numbers?office=&year=`
async fn numbers(State(work): State<Casework>, ctx: Context, Query(ask): Query<Ask>) -> Answer {
    let (office, _) = work.chosen(&ctx, ask.office.as_deref()).await?;
    let year = ask.year.as_deref().and_then(|y| y.parse().ok()).unwrap_or(i64::from(ctx.today().year()));
    numbers_page(&work, &ctx, office, year, &Typed::default(), Ok(done(ctx.lang, ask.done.as_deref()))).await
}

async fn number_outcome(work: &Casework, ctx: &Context, office: Office, typed: &Typed, outcome: Result<&str, AppError>) -> Answer {
    let year = i64::from(ctx.today().year());
    match outcome {
        Ok(word) => Ok(see_other(&format!("/registers/numbers?office={}&done={word}", office.id))),
        Err(error) if in_form(&error) => numbers_page(work, ctx, office, year, typed, Err(&error)).await,
        Err(error) => Err(error),
    }
}

/// `POST /registers/{office}/reserve`
async fn reserve(State(work): State<Casework>, ctx: Context, Path(office): Path<String>, Form(fields): Fields) -> Answer {
    let (office, typed) = (work.desk(&ctx, &office).await?, Typed::plain(fields));
    let outcome = match typed.number("count") {
        Ok(count) => work.reserve(&ctx, &office, typed.text("kind"), count.unwrap_or(1), typed.text("reason")).await.map(|_| "reserved"),
        Err(error) => Err(error),
    };
    number_outcome(&work, &ctx, office, &typed, outcome).await
}

/// `POST /registers/{office}/void`
async fn void(State(work): State<Casework>, ctx: Context, Path(office): Path<String>, Form(fields): Fields) -> Answer {
    let (office, typed) = (work.desk(&ctx, &office).await?, Typed::plain(fields));
    let (year, number) = (typed.number("year")?.unwrap_or_default(), typed.number("number")?.unwrap_or_default());
    let outcome = work.void(&ctx, &office, year, typed.text("series"), number, typed.text("reason")).await.map(|()| "void");
    number_outcome(&work, &ctx, office, &typed, outcome).await
}

/// `POST /registers/{office}/book`
async fn book(State(work): State<Casework>, ctx: Context, Path(office): Path<String>, Form(fields): Fields) -> Answer {
    let (office, typed) = (work.desk(&ctx, &office).await?, Typed::plain(fields));
    let book = Book { symbol: typed.text("symbol").to_owned(), shared: !typed.text("shared").is_empty() };
    let outcome = work.set_book(&ctx, &office, &book).await.map(|()| "book");
    number_outcome(&work, &ctx, office, &typed, outcome).await
}

#[derive(Template)]
#[template(path = "register_import.html")]
struct ImportView {
    shell: Shell,
    office: Office,
    action: String,
    fields: Vec<Field>,
    summary: Html,
    judged: Option<super::import::Judged>,
    problems: Vec<(String, String)>,
    marked: String,
    name: String,
}

fn import_fields(l: Lang, typed: &Typed, with_file: bool) -> Vec<Field> {
    let books = vec![("in".to_owned(), l.t("Văn bản đến", "Incoming").to_owned()), ("out".to_owned(), l.t("Văn bản đi", "Outgoing").to_owned())];
    let mut fields = vec![
        Field::new("book", l.t("Sổ", "Register")).kind(Kind::Select(books)).value(if typed.text("book").is_empty() { "in" } else { typed.text("book") }),
        Field::new("system", l.t("Tên hệ thống đang dùng", "Name of the system in use"))
            .value(typed.text("system"))
            .hint(l.t("Nguồn này hiện bên cạnh từng văn bản.", "This source is shown beside each document."))
            .required(),
    ];
    if with_file {
        let hint = l.t("Tệp .xlsx có dòng tiêu đề. Xem trước, chưa ghi gì.", "An .xlsx with its heading row. It is judged first; nothing is written.");
        fields.push(Field::new("files", l.t("Tệp sổ", "File")).kind(Kind::File).hint(hint).required());
    }
    fields
}

/// `GET /registers/import?office=`
async fn import_home(State(work): State<Casework>, ctx: Context, Query(ask): Query<Ask>) -> Answer {
    let (office, _) = work.chosen(&ctx, ask.office.as_deref()).await?;
    office.require(&ctx, Hat::Clerk)?;
    Ok(import_page(&ctx, office, &Typed::default(), None, None))
}

fn import_page(ctx: &Context, office: Office, typed: &Typed, judged: Option<(Uuid, String, super::import::Judged)>, error: Option<&AppError>) -> Response {
    let l = ctx.lang;
    let title = l.t("Nhập sổ từ Excel", "Registers from a workbook");
    let mut shell = shell(ctx, title, &office).here(title);
    let mut fields = import_fields(l, typed, judged.is_none());
    if let Some(error) = error {
        place(&mut shell, &mut fields, error);
    }
    let base = format!("/registers/{}/import", office.id);
    let (id, name, judged) = judged.map_or((None, String::new(), None), |(id, name, j)| (Some(id), name, Some(j)));
    let problems = judged.iter().flat_map(|j| j.problems.iter().take(200)).map(|p| (cell_name(p.row, p.col), p.message.clone())).collect();
    let view = ImportView {
        summary: error_summary(l, &fields),
        action: id.map_or(base.clone(), |id| format!("{base}/{id}")),
        marked: id.map(|id| format!("{base}/{id}/marked?book={}", typed.text("book"))).unwrap_or_default(),
        fields,
        judged,
        problems,
        name,
        office,
        shell,
    };
    error.map_or_else(|| page(&view), |e| with_status(page(&view), e.status))
}

fn cell_name(row: u32, col: u32) -> String {
    let mut letters = String::new();
    let mut n = col + 1;
    while n > 0 {
        letters.insert(0, char::from(b'A' + u8::try_from((n - 1) % 26).unwrap_or_default()));
        n = (n - 1) / 26;
    }
    format!("{letters}{}", row + 1)
}

/// `POST /registers/{office}/import`
async fn import_upload(State(work): State<Casework>, ctx: Context, Path(office): Path<String>, form: Multipart) -> Answer {
    let office = work.desk(&ctx, &office).await?;
    office.require(&ctx, Hat::Clerk)?;
    let mut typed = Typed::read(form).await?;
    let Some(file) = typed.take_files().pop() else {
        let error = AppError::new("file_missing", 422).say("Chưa chọn tệp.", "No file is chosen.").mend("Chọn tệp .xlsx.", "Choose an .xlsx file.").at("files");
        return Ok(import_page(&ctx, office, &typed, None, Some(&error)));
    };
    match work.keep_register_file(&ctx, &office, file).await {
        Ok(id) => {
            let (book, system) = (typed.text("book"), ui::percent_encode(typed.text("system")));
            Ok(see_other(&format!("/registers/{}/import/{id}?book={book}&system={system}", office.id)))
        }
        Err(error) if in_form(&error) => Ok(import_page(&ctx, office, &typed, None, Some(&error))),
        Err(error) => Err(error),
    }
}

/// `GET /registers/{office}/import/{file}?book=&system=`
async fn import_show(
    State(work): State<Casework>,
    ctx: Context,
    Path((office, file)): Path<(String, String)>,
    Query(fields): Query<Vec<(String, String)>>,
) -> Answer {
    let (office, typed, id) = (work.desk(&ctx, &office).await?, Typed::plain(fields), id_of(&file)?);
    let (name, judged, _) = work.judge_register(&ctx, &office, id, typed.text("book") == "out", typed.text("system")).await?;
    Ok(import_page(&ctx, office, &typed, Some((id, name, judged)), None))
}

/// `POST /registers/{office}/import/{file}`
async fn import_write(State(work): State<Casework>, ctx: Context, Path((office, file)): Path<(String, String)>, Form(fields): Fields) -> Answer {
    let (office, typed, id) = (work.desk(&ctx, &office).await?, Typed::plain(fields), id_of(&file)?);
    let out = typed.text("book") == "out";
    match work.import_register(&ctx, &office, id, out, typed.text("system")).await {
        Ok(_) => Ok(see_other(&format!("/registers?office={}&book={}&done=imported", office.id, if out { "out" } else { "in" }))),
        Err(error) if in_form(&error) => {
            let (name, judged, _) = work.judge_register(&ctx, &office, id, out, "").await?;
            Ok(import_page(&ctx, office, &typed, Some((id, name, judged)), Some(&error)))
        }
        Err(error) => Err(error),
    }
}

/// `GET /registers/{office}/import/{file}/marked?book=`
async fn import_marked(State(work): State<Casework>, ctx: Context, Path((office, file)): Path<(String, String)>, Query(ask): Query<Ask>) -> Answer {
    let office = work.desk(&ctx, &office).await?;
    let (name, bytes) = work.marked_register(&ctx, &office, id_of(&file)?, ask.out()).await?;
    attachment(&name, XLSX, bytes.into())
}
