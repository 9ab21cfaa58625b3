//! Pages of work dossiers.

use super::draft::{Issuing, Line, NewDraft, Signing, difference};
use super::{Dossier, Draft, DraftVersion, Event, Given, ListItem, NewDossier, Stage, State, Step, Word};
use crate::Casework;
use crate::document::desk::{
    DOCX, MAX_BODY, Typed, XLSX, attachment, due_tag, files_field, id_of, in_form, kind_field, kind_name, moment, place, secrecy_field, see_other, short, size,
    urgency_field, with_status,
};
use crate::document::{Colleague, Hat, Office};
use crate::register::Document;
use crate::register::pages::signature_words;
use access::{Context, Need, Role, Routes};
use askama::Template;
use axum::extract::{Form, Multipart, Path, Query, State as App};
use axum::response::Response;
use serde::Deserialize;
use ui::form::{Field, Kind, error_summary};
use ui::{AppError, Html, Lang, Notice, Shell, Tone, page};
use uuid::Uuid;

type Answer = Result<Response, AppError>;
type Fields = Form<Vec<(String, String)>>;

pub(crate) fn routes() -> Routes<Casework> {
    let inside = Need::Role(Role::Viewer);
    Routes::new()
        .get("/dossiers", inside, home)
        .get("/dossiers/search", inside, search)
        .get("/dossiers/new", inside, new)
        .get("/dossiers/list", inside, list)
        .get("/dossiers/reports", inside, reports)
        .get("/dossiers/file", inside, list_file)
        .upload("/dossiers/{office}/open", inside, 2_000_000, open)
        .post("/dossiers/{office}/list", inside, save_list)
        .post("/dossiers/{office}/assign", inside, assign_many)
        .post("/dossiers/{office}/archive", inside, archive)
        .get("/dossiers/{office}/{dossier}", inside, one)
        .post("/dossiers/{office}/{dossier}/{act}", inside, act)
        .upload("/dossiers/{office}/{dossier}/files", inside, MAX_BODY, attach)
        .get("/dossiers/{office}/{dossier}/contents", inside, contents)
        .upload("/dossiers/{office}/{dossier}/drafts", inside, MAX_BODY, write)
        .get("/dossiers/{office}/{dossier}/drafts/{draft}", inside, draft)
        .upload("/dossiers/{office}/{dossier}/drafts/{draft}/{act}", inside, MAX_BODY, draft_act)
}

#[derive(Debug, Default, Deserialize)]
struct Ask {
    office: Option<String>,
    state: Option<String>,
    due: Option<String>,
    after: Option<String>,
    q: Option<String>,
    document: Option<String>,
    year: Option<String>,
    from: Option<String>,
    to: Option<String>,
    format: Option<String>,
    version: Option<String>,
    done: Option<String>,
}

fn done(l: Lang, word: Option<&str>) -> Option<Notice> {
    let text = match word? {
        "opened" => l.t("Đã mở hồ sơ.", "The dossier is open."),
        "assigned" => l.t("Đã giao việc.", "Assigned."),
        "some" => l.t("Đã giao; vài hồ sơ vừa có thay đổi nên chưa giao.", "Assigned, except a few that changed meanwhile."),
        "opinion" => l.t("Đã ghi ý kiến.", "The opinion is written down."),
        "paper" => l.t("Đã ghi nhận bước làm trên giấy.", "The step on paper is written down."),
        "files" => l.t("Đã nhận tệp.", "The files are received."),
        "filed" => l.t("Đã lưu văn bản vào hồ sơ.", "The document is in the dossier."),
        "closed" => l.t("Đã kết thúc hồ sơ. Tỷ lệ của đơn vị đã cập nhật.", "Closed. The share of the unit is up to date."),
        "reopened" => l.t("Đã mở lại hồ sơ.", "The dossier is open again."),
        "archived" => l.t("Đã nộp vào lưu trữ cơ quan.", "Handed to the archive."),
        "drafted" => l.t("Đã lưu dự thảo.", "The draft is saved."),
        "said" => l.t("Đã ghi ý kiến.", "Written down."),
        "submitted" => l.t("Đã trình ký.", "Handed up for signature."),
        "returned" => l.t("Đã trả lại người soạn.", "Given back to its author."),
        "signed" => l.t("Đã ký. Chữ ký số đúng; văn thư cấp số và phát hành.", "Signed; the signature is sound. The clerk issues it now."),
        "signed-paper" => l.t(
            "Đã ghi nhận ký tay. Hồ sơ không còn tính là xử lý toàn bộ trên mạng.",
            "The signature by hand is written down. The dossier no longer counts as handled on the network.",
        ),
        "issued" => l.t("Đã cấp số và phát hành.", "Numbered and issued."),
        "dropped" => l.t("Đã bỏ dự thảo.", "The draft is given up."),
        "listed" => l.t("Đã lưu danh mục hồ sơ.", "The dossier list is saved."),
        _ => return None,
    };
    Some(Notice::new(Tone::Good, text))
}

fn shell(ctx: &Context, title: &str, office: &Office) -> Shell {
    let l = ctx.lang;
    ctx.shell(title).noindex().crumb(l.t("Hồ sơ công việc", "Work dossiers"), format!("/dossiers?office={}", office.id))
}

struct Row {
    id: Uuid,
    href: String,
    code: String,
    title: String,
    holder: String,
    stage: &'static str,
    since: String,
    due: String,
    tag: Option<(&'static str, String)>,
}

fn row(ctx: &Context, office: &Office, d: &Dossier) -> Row {
    let l = ctx.lang;
    Row {
        id: d.id,
        href: format!("/dossiers/{}/{}", office.id, d.id),
        code: d.code.clone(),
        title: d.title.clone(),
        holder: d.holder_name.clone(),
        stage: Stage::from_word(&d.stage).label(l),
        since: moment(d.since),
        due: d.deadline().map(lang::show::short_date).unwrap_or_default(),
        tag: if d.state == State::Open { due_tag(d.deadline(), ctx.today(), l) } else { None },
    }
}

#[derive(Template)]
#[template(path = "dossiers.html")]
struct HomeView {
    shell: Shell,
    office: Office,
    offices: Vec<Office>,
    mine: Vec<Row>,
    to_issue: Vec<(String, String, String)>,
    arrivals: usize,
    state: &'static str,
    rows: Vec<Row>,
    next: Option<String>,
    head: bool,
    clerk: bool,
    colleagues: Vec<Colleague>,
}

fn state_of(word: Option<&str>) -> (State, &'static str) {
    match word {
        Some("closed") => (State::Closed, "closed"),
        Some("archived") => (State::Archived, "archived"),
        _ => (State::Open, "open"),
    }
}

/// `GET /dossiers?office=&state=open|closed|archived&due=&after=`
async fn home(App(work): App<Casework>, ctx: Context, Query(ask): Query<Ask>) -> Answer {
    let (office, offices) = work.chosen(&ctx, ask.office.as_deref()).await?;
    let l = ctx.lang;
    let (state, word) = state_of(ask.state.as_deref());
    let after = ask.after.as_deref().and_then(|a| a.parse().ok()).map(|id| (ask.due.clone().unwrap_or_default(), id));
    let (found, more) = work.dossiers(&ctx, &office, state, after, 50).await?;
    let (head, clerk) = (office.wears(&ctx, Hat::Head), office.wears(&ctx, Hat::Clerk));
    let mine = work.held_dossiers(&ctx, &office, 100).await?;
    let waiting = if clerk { work.drafts_to_issue(&ctx, &office).await? } else { Vec::new() };
    let arrivals = if clerk { work.arrivals(&ctx, &office).await?.len() } else { 0 };
    let title = l.t("Hồ sơ công việc", "Work dossiers");
    let shell = ctx.shell(title).noindex().notice(done(l, ask.done.as_deref())).crumb(l.t("Hôm nay", "Today"), "/today").here(title);
    Ok(page(&HomeView {
        mine: mine.iter().map(|d| row(&ctx, &office, d)).collect(),
        to_issue: waiting
            .into_iter()
            .map(|d| (format!("/dossiers/{}/{}/drafts/{}", office.id, d.dossier, d.id), format!("{}: {}", kind_name(&d.kind, l), d.title), d.signer))
            .collect(),
        arrivals,
        rows: found.iter().map(|d| row(&ctx, &office, d)).collect(),
        next: found.last().filter(|_| more).map(|d| format!("/dossiers?office={}&state={word}&due={}&after={}", office.id, d.due, d.id)),
        colleagues: if head { work.colleagues(&ctx, &office).await? } else { Vec::new() },
        state: word,
        head,
        clerk,
        office,
        offices,
        shell,
    }))
}

#[derive(Template)]
#[template(path = "dossier_found.html")]
struct FoundView {
    shell: Shell,
    office: Office,
    q: String,
    dossiers: Vec<Row>,
    documents: Vec<(String, String, String, String)>,
    more: bool,
}

/// `GET /dossiers/search?office=&q=`
async fn search(App(work): App<Casework>, ctx: Context, Query(ask): Query<Ask>) -> Answer {
    let (office, _) = work.chosen(&ctx, ask.office.as_deref()).await?;
    let l = ctx.lang;
    let q: String = ask.q.as_deref().map(lang::clean).unwrap_or_default().chars().take(200).collect();
    let found = if q.is_empty() { super::Found::default() } else { work.find(&ctx, &office, &q, 30).await? };
    let title = l.t("Tìm hồ sơ, văn bản", "Search dossiers and documents");
    let line = |d: &Document| {
        (
            format!("/registers/{}/documents/{}", office.id, d.id),
            d.symbol.clone(),
            format!("{}: {}", kind_name(&d.kind, l), d.title),
            format!("{} · {}", d.party, short(&d.dated)),
        )
    };
    Ok(page(&FoundView {
        shell: shell(&ctx, title, &office).here(title),
        dossiers: found.dossiers.iter().map(|d| row(&ctx, &office, d)).collect(),
        documents: found.documents.iter().map(line).collect(),
        more: found.more,
        q,
        office,
    }))
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

async fn new_page(work: &Casework, ctx: &Context, office: &Office, typed: &Typed, error: Option<&AppError>) -> Answer {
    let l = ctx.lang;
    let items = work.dossier_list(ctx, office, i64::from(ctx.today().year())).await?;
    let title = l.t("Mở hồ sơ công việc", "Open a work dossier");
    let mut shell = shell(ctx, title, office).here(title);
    let v = |name: &str| typed.text(name).to_owned();
    let codes = items.iter().map(|i| i.code.as_str()).take(6).collect::<Vec<_>>().join(", ");
    let mut fields = vec![
        Field::new("code", l.t("Số, ký hiệu hồ sơ", "Code of the dossier"))
            .value(v("code"))
            .hint(if codes.is_empty() {
                l.t("Như 05.TH; nếu chưa có trong danh mục năm nay thì được thêm vào.", "Such as 05.TH; added to this year's list when it is not there.")
                    .to_owned()
            } else {
                format!("{} {codes}…", l.t("Trong danh mục năm nay:", "In this year's list:"))
            })
            .required(),
        Field::new("title", l.t("Tên hồ sơ", "Title"))
            .kind(Kind::Lines(2))
            .value(v("title"))
            .hint(l.t("Để trống: lấy theo danh mục.", "Empty: as in the list.")),
        Field::new("retention", l.t("Thời hạn bảo quản", "Retention"))
            .value(v("retention"))
            .hint(l.t("“Vĩnh viễn”, “10 năm”; chưa biết thì để trống", "“Vĩnh viễn”, “10 năm”; empty while not known")),
        Field::new("due", l.t("Hạn giải quyết", "To be closed by")).kind(Kind::Date).value(v("due")),
        secrecy_field(l, typed.text("secrecy")),
    ];
    let lead = match typed.id("document") {
        Some(id) => {
            let (d, _, _) = work.document(ctx, office, id).await?;
            if v("title").is_empty()
                && let Some(field) = fields.get_mut(1)
            {
                field.value = d.title.clone();
            }
            format!("{} {} – {}", l.t("Bắt đầu từ văn bản", "Begins with"), d.symbol, d.title)
        }
        None => office.name.clone(),
    };
    if let Some(error) = error {
        place(&mut shell, &mut fields, error);
    }
    let view = FormView {
        summary: error_summary(l, &fields),
        lead,
        action: format!("/dossiers/{}/open?document={}", office.id, typed.text("document")),
        back: format!("/dossiers?office={}", office.id),
        go: l.t("Mở hồ sơ", "Open it").to_owned(),
        fields,
        shell,
    };
    Ok(error.map_or_else(|| page(&view), |e| with_status(page(&view), e.status)))
}

/// `GET /dossiers/new?office=&document=`
async fn new(App(work): App<Casework>, ctx: Context, Query(ask): Query<Ask>) -> Answer {
    let (office, _) = work.chosen(&ctx, ask.office.as_deref()).await?;
    let typed = Typed::plain(vec![("document".into(), ask.document.unwrap_or_default())]);
    new_page(&work, &ctx, &office, &typed, None).await
}

/// `POST /dossiers/{office}/open?document=`
async fn open(App(work): App<Casework>, ctx: Context, Path(office): Path<String>, Query(ask): Query<Ask>, form: Multipart) -> Answer {
    let office = work.desk(&ctx, &office).await?;
    let mut typed = Typed::read(form).await?;
    typed.fields.push(("document".into(), ask.document.unwrap_or_default()));
    let outcome = match typed.date("due") {
        Ok(due) => {
            let text = |name: &str| typed.text(name).to_owned();
            let new = NewDossier {
                code: text("code"),
                title: text("title"),
                retention: text("retention"),
                due,
                document: typed.id("document"),
                secrecy: text("secrecy"),
            };
            work.open_dossier(&ctx, &office, &new).await
        }
        Err(error) => Err(error),
    };
    match outcome {
        Ok(dossier) => Ok(see_other(&format!("/dossiers/{}/{}?done=opened", office.id, dossier.id))),
        Err(error) if in_form(&error) => new_page(&work, &ctx, &office, &typed, Some(&error)).await,
        Err(error) => Err(error),
    }
}

struct EventLine {
    at: String,
    who: String,
    step: &'static str,
    how: Option<&'static str>,
    to: String,
    note: String,
}

struct FileLine {
    href: String,
    name: String,
    size: String,
    signed: String,
}

#[derive(Template)]
#[template(path = "dossier.html")]
struct DossierView {
    shell: Shell,
    base: String,
    facts: Vec<(String, String)>,
    stage: &'static str,
    tag: Option<(&'static str, String)>,
    open: bool,
    closed: bool,
    seq: i64,
    head: bool,
    holder: bool,
    colleagues: Vec<Colleague>,
    documents: Vec<(String, String, String, String)>,
    drafts: Vec<(String, String, String, bool)>,
    files: Vec<FileLine>,
    events: Vec<EventLine>,
    broken: Option<String>,
    counts: bool,
    paper: Vec<(&'static str, &'static str)>,
    draft_fields: Vec<Field>,
    summary: Html,
    drafting: bool,
}

fn event_line(e: &Event, l: Lang) -> EventLine {
    EventLine {
        at: moment(e.at),
        who: e.who_name.clone(),
        step: e.step.label(l),
        how: (e.how != super::How::System).then(|| e.how.label(l)),
        to: e.to_name.clone(),
        note: e.note.clone(),
    }
}

fn draft_fields(l: Lang, typed: &Typed) -> Vec<Field> {
    vec![
        kind_field(l, typed.text("kind")),
        Field::new("title", l.t("Trích yếu", "Subject")).kind(Kind::Lines(2)).value(typed.text("title")).required(),
        Field::new("recipients", l.t("Nơi nhận", "Recipients")).value(typed.text("recipients")),
        urgency_field(l, typed.text("urgency")),
        Field::new("text", l.t("Nội dung dự thảo", "Text of the draft"))
            .kind(Kind::Lines(8))
            .value(typed.text("text"))
            .hint(l.t("Có thể để trống nếu gửi kèm tệp.", "May be empty when a file comes with it.")),
        files_field(l, l.t("Tệp dự thảo", "Draft file")),
        Field::new("note", l.t("Sửa gì so với bản trước", "What was changed")).value(typed.text("note")),
    ]
}

async fn one_page(work: &Casework, ctx: &Context, office: Office, id: Uuid, typed: &Typed, notice: Option<Notice>, error: Option<&AppError>) -> Answer {
    let l = ctx.lang;
    let (d, events) = work.dossier(ctx, &office, id).await?;
    let documents = work.dossier_documents(&office, id).await?;
    let drafts = work.drafts(&office, id).await?;
    let files = crate::document::file::files(work.db(), office.tenant, id).await.map_err(access::db_error)?;
    let head = office.wears(ctx, Hat::Head);
    let holder = ctx.account_id().is_some() && d.holder == ctx.account_id();
    let title = format!("{} {}", l.t("Hồ sơ", "Dossier"), d.code);
    let mut shell = shell(ctx, &title, &office).notice(notice).describe(d.title.clone()).here(d.code.clone());
    let mut fields = draft_fields(l, typed);
    if let Some(error) = error {
        place(&mut shell, &mut fields, error);
    }
    let definition = work.definition_for(office.tenant, &d).await?;
    let broken = definition.broken(d.trace);
    let fact = |name: &str, value: String| (name.to_owned(), value);
    let mut facts = vec![
        fact(l.t("Cơ quan", "Office"), office.name.clone()),
        fact(l.t("Người giữ", "Held by"), d.holder_name.clone()),
        fact(l.t("Từ lúc", "Since"), if d.state == State::Open { moment(d.since) } else { String::new() }),
        fact(l.t("Hạn giải quyết", "To be closed by"), d.deadline().map(lang::show::short_date).unwrap_or_default()),
        fact(l.t("Thời hạn bảo quản", "Retention"), if d.retention.is_empty() { l.t("chưa biết", "not known").to_owned() } else { d.retention.clone() }),
        fact(l.t("Mở ngày", "Opened"), short(&d.opened_on)),
        fact(l.t("Kết thúc ngày", "Closed"), short(&d.closed_on)),
        fact(l.t("Nộp lưu trữ ngày", "Handed to the archive"), short(&d.archived_on)),
    ];
    facts.retain(|f| !f.1.is_empty());
    let base = format!("/dossiers/{}/{}", office.id, d.id);
    let document_line = |x: &Document| {
        (
            format!("/registers/{}/documents/{}", office.id, x.id),
            x.symbol.clone(),
            format!("{}: {}", kind_name(&x.kind, l), x.title),
            if x.out { l.t("đi", "out") } else { l.t("đến", "in") }.to_owned(),
        )
    };
    let view = DossierView {
        summary: error_summary(l, &fields),
        drafting: error.is_some_and(|e| e.at.is_some()) && !typed.fields.is_empty(),
        draft_fields: fields,
        facts,
        stage: Stage::from_word(&d.stage).label(l),
        tag: if d.state == State::Open { due_tag(d.deadline(), ctx.today(), l) } else { None },
        open: d.state == State::Open,
        closed: d.state == State::Closed,
        seq: d.seq,
        head,
        holder,
        colleagues: work.colleagues(ctx, &office).await?,
        documents: documents.iter().map(document_line).collect(),
        drafts: drafts
            .iter()
            .map(|x| {
                (
                    format!("{base}/drafts/{}", x.id),
                    format!("{}: {}", kind_name(&x.kind, l), x.title),
                    x.state.label(l).to_owned(),
                    x.state == super::draft::DraftState::Issued,
                )
            })
            .collect(),
        files: files
            .into_iter()
            .map(|f| FileLine {
                href: format!("/registers/{}/files/{}/{}", office.id, d.id, f.id),
                size: size(f.size),
                signed: signature_words(&f.signature, l),
                name: f.name,
            })
            .collect(),
        events: events.iter().rev().map(|e| event_line(e, l)).collect(),
        counts: broken.is_none(),
        broken: broken.map(|b| b.label(l)),
        paper: Step::ON_PAPER.map(|s| (s.word(), s.label(l))).to_vec(),
        base,
        shell,
    };
    Ok(error.map_or_else(|| page(&view), |e| with_status(page(&view), e.status)))
}

/// `GET /dossiers/{office}/{dossier}`
async fn one(App(work): App<Casework>, ctx: Context, Path((office, id)): Path<(String, String)>, Query(ask): Query<Ask>) -> Answer {
    let office = work.desk(&ctx, &office).await?;
    one_page(&work, &ctx, office, id_of(&id)?, &Typed::default(), done(ctx.lang, ask.done.as_deref()), None).await
}

/// `POST /dossiers/{office}/{dossier}/{act}`: assign, opinion, paper, close, reopen, file.
async fn act(App(work): App<Casework>, ctx: Context, Path((office, id, act)): Path<(String, String, String)>, Form(fields): Fields) -> Answer {
    let (office, typed, id) = (work.desk(&ctx, &office).await?, Typed::plain(fields), id_of(&id)?);
    let seen = typed.number("seen")?;
    let outcome = match act.as_str() {
        "assign" => match typed.date("due") {
            Ok(due) => {
                let given = Given { to: typed.id("to").unwrap_or_default(), due, note: typed.text("note").to_owned() };
                work.assign_dossier(&ctx, &office, id, seen, &given).await.map(|_| "assigned")
            }
            Err(error) => Err(error),
        },
        "opinion" => work.opinion(&ctx, &office, id, typed.text("text")).await.map(|_| "opinion"),
        "paper" => {
            let step = Step::from_word(typed.text("step")).unwrap_or(Step::Close);
            work.on_paper(&ctx, &office, id, step, typed.text("note")).await.map(|_| "paper")
        }
        "close" => work.close_dossier(&ctx, &office, id, seen).await.map(|_| "closed"),
        "reopen" => work.reopen_dossier(&ctx, &office, id, typed.text("reason")).await.map(|_| "reopened"),
        "file" => work.file_document(&ctx, &office, id, typed.id("document").unwrap_or_default()).await.map(|_| "filed"),
        _ => Err(AppError::new("not_found", 404)),
    };
    match outcome {
        Ok(word) => Ok(see_other(&format!("/dossiers/{}/{id}?done={word}", office.id))),
        // The fields of these small forms are not those of the draft's, so errors stand above.
        Err(error) if in_form(&error) => {
            let error = AppError { at: None, ..error };
            one_page(&work, &ctx, office, id, &Typed::default(), None, Some(&error)).await
        }
        Err(error) => Err(error),
    }
}

/// `POST /dossiers/{office}/{dossier}/files`
async fn attach(App(work): App<Casework>, ctx: Context, Path((office, id)): Path<(String, String)>, form: Multipart) -> Answer {
    let (office, id) = (work.desk(&ctx, &office).await?, id_of(&id)?);
    let outcome = match Typed::read(form).await {
        Ok(mut typed) => work.attach_to_dossier(&ctx, &office, id, typed.take_files()).await,
        Err(error) => Err(error),
    };
    match outcome {
        Ok(_) => Ok(see_other(&format!("/dossiers/{}/{id}?done=files", office.id))),
        Err(error) if in_form(&error) => {
            let error = AppError { at: None, ..error };
            one_page(&work, &ctx, office, id, &Typed::default(), None, Some(&error)).await
        }
        Err(error) => Err(error),
    }
}

/// `GET /dossiers/{office}/{dossier}/contents?format=xlsx|docx`
async fn contents(App(work): App<Casework>, ctx: Context, Path((office, id)): Path<(String, String)>, Query(ask): Query<Ask>) -> Answer {
    let office = work.desk(&ctx, &office).await?;
    let (dossier, sheet) = work.contents_sheet(&ctx, &office, id_of(&id)?).await?;
    if ask.format.as_deref() == Some("docx") {
        let title = sheet.table.title.to_uppercase();
        return attachment(&format!("muc-luc-{}.docx", dossier.code), DOCX, sheet.docx(&office, &title, &dossier.title)?.into());
    }
    attachment(&format!("muc-luc-{}.xlsx", dossier.code), XLSX, sheet.xlsx()?.into())
}

/// `GET /dossiers/file?office=&state=&format=`
async fn list_file(App(work): App<Casework>, ctx: Context, Query(ask): Query<Ask>) -> Answer {
    let (office, _) = work.chosen(&ctx, ask.office.as_deref()).await?;
    let l = ctx.lang;
    let (state, word) = state_of(ask.state.as_deref());
    let all = work.all_dossiers(&ctx, &office, state).await?;
    let name = match state {
        State::Open => l.t("Danh sách hồ sơ đang xử lý", "Open dossiers"),
        State::Closed => l.t("Danh sách hồ sơ đã kết thúc", "Closed dossiers"),
        State::Archived => l.t("Mục lục hồ sơ nộp lưu trữ", "Dossiers handed to the archive"),
    };
    let sheet = work.dossier_sheet(&ctx, &office, name, &all);
    if ask.format.as_deref() == Some("docx") {
        return attachment(&format!("ho-so-{word}.docx"), DOCX, sheet.docx(&office, &name.to_uppercase(), &office.name)?.into());
    }
    attachment(&format!("ho-so-{word}.xlsx"), XLSX, sheet.xlsx()?.into())
}

/// `POST /dossiers/{office}/assign`
async fn assign_many(App(work): App<Casework>, ctx: Context, Path(office): Path<String>, Form(fields): Fields) -> Answer {
    let (office, typed) = (work.desk(&ctx, &office).await?, Typed::plain(fields));
    let ids: Vec<Uuid> = typed.all("dossier").filter_map(|t| t.parse().ok()).collect();
    let left = work.assign_dossiers(&ctx, &office, &ids, typed.id("to").unwrap_or_default()).await?;
    Ok(see_other(&format!("/dossiers?office={}&done={}", office.id, if left.is_empty() { "assigned" } else { "some" })))
}

/// `POST /dossiers/{office}/archive`
async fn archive(App(work): App<Casework>, ctx: Context, Path(office): Path<String>, Form(fields): Fields) -> Answer {
    let (office, typed) = (work.desk(&ctx, &office).await?, Typed::plain(fields));
    let ids: Vec<Uuid> = typed.all("dossier").filter_map(|t| t.parse().ok()).collect();
    work.archive(&ctx, &office, &ids, typed.text("basis")).await?;
    Ok(see_other(&format!("/dossiers?office={}&state=archived&done=archived", office.id)))
}

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
async fn list(App(work): App<Casework>, ctx: Context, Query(ask): Query<Ask>) -> Answer {
    let (office, _) = work.chosen(&ctx, ask.office.as_deref()).await?;
    let year = ask.year.as_deref().and_then(|y| y.parse().ok()).unwrap_or(i64::from(ctx.today().year()));
    list_page(&work, &ctx, office, year, &Typed::default(), done(ctx.lang, ask.done.as_deref()), None).await
}

/// `POST /dossiers/{office}/list`
async fn save_list(App(work): App<Casework>, ctx: Context, Path(office): Path<String>, Form(fields): Fields) -> Answer {
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
    balance: super::Balance,
    late: Vec<(Row, i32)>,
    by_holder: Vec<(String, usize, i32)>,
    by_stage: Vec<(&'static str, usize)>,
}

/// `GET /dossiers/reports?office=&from=&to=&format=`
async fn reports(App(work): App<Casework>, ctx: Context, Query(ask): Query<Ask>) -> Answer {
    let (office, offices) = work.chosen(&ctx, ask.office.as_deref()).await?;
    let (l, today) = (ctx.lang, ctx.today());
    let typed = Typed::plain(vec![("from".into(), ask.from.unwrap_or_default()), ("to".into(), ask.to.unwrap_or_default())]);
    let (from, to) = (typed.date("from")?.unwrap_or(today.first_of_month()), typed.date("to")?.unwrap_or(today));
    let late = work.late(&ctx, &office).await?;
    if ask.format.as_deref() == Some("xlsx") {
        let all: Vec<Dossier> = late.into_iter().map(|i| i.dossier).collect();
        let sheet = work.dossier_sheet(&ctx, &office, l.t("Hồ sơ trễ hạn", "Late dossiers"), &all);
        return attachment("ho-so-tre-han.xlsx", XLSX, sheet.xlsx()?.into());
    }
    let balance = work.balance(&ctx, &office, from, to).await?;
    let mut by_holder: Vec<(String, usize, i32)> = Vec::new();
    let mut by_stage: Vec<(&'static str, usize)> = Vec::new();
    for item in &late {
        let name = if item.dossier.holder_name.is_empty() { l.t("chưa giao", "nobody").to_owned() } else { item.dossier.holder_name.clone() };
        match by_holder.iter_mut().find(|h| h.0 == name) {
            Some(one) => *one = (name, one.1 + 1, one.2.max(item.days)),
            None => by_holder.push((name, 1, item.days)),
        }
        let stage = item.stage.label(l);
        match by_stage.iter_mut().find(|s| s.0 == stage) {
            Some(one) => one.1 += 1,
            None => by_stage.push((stage, 1)),
        }
    }
    by_holder.sort_by_key(|h| std::cmp::Reverse(h.1));
    by_stage.sort_by_key(|s| std::cmp::Reverse(s.1));
    let title = l.t("Báo cáo hồ sơ", "Dossier reports");
    Ok(page(&ReportsView {
        shell: shell(&ctx, title, &office).here(title),
        late: late.iter().take(200).map(|i| (row(&ctx, &office, &i.dossier), i.days)).collect(),
        from: from.to_string(),
        to: to.to_string(),
        balance,
        by_holder,
        by_stage,
        office,
        offices,
    }))
}

struct VersionLine {
    version: i64,
    href: String,
    at: String,
    who: String,
    note: String,
    shown: bool,
}

#[derive(Template)]
#[template(path = "draft.html")]
struct DraftView {
    shell: Shell,
    base: String,
    back: String,
    facts: Vec<(String, String)>,
    state: &'static str,
    class: &'static str,
    writing: bool,
    submitted: bool,
    signed: bool,
    head: bool,
    clerk: bool,
    version: i64,
    versions: Vec<VersionLine>,
    lines: Vec<(&'static str, String)>,
    words: Vec<(Word, &'static str, String)>,
    files: Vec<FileLine>,
    heads: Vec<Colleague>,
    fields: Vec<Field>,
    summary: Html,
    issue_fields: Vec<Field>,
    document: Option<String>,
}

fn shown_lines(versions: &[DraftVersion], shown: i64) -> Vec<(&'static str, String)> {
    let text = |n: i64| versions.iter().find(|v| v.version == n).map_or("", |v| v.text.as_str());
    if shown <= 1 {
        return text(shown).lines().map(|t| ("", t.to_owned())).collect();
    }
    difference(text(shown - 1), text(shown))
        .into_iter()
        .map(|line| match line {
            Line::Same(t) => ("", t.to_owned()),
            Line::Gone(t) => ("gone", t.to_owned()),
            Line::New(t) => ("new", t.to_owned()),
        })
        .collect()
}

async fn draft_page(
    work: &Casework,
    ctx: &Context,
    office: &Office,
    ids: (Uuid, Uuid),
    shown: Option<i64>,
    typed: &Typed,
    told: (Option<Notice>, Option<&AppError>),
) -> Answer {
    let l = ctx.lang;
    let (dossier, _) = work.dossier(ctx, office, ids.0).await?;
    let (d, versions, words, files): (Draft, Vec<DraftVersion>, Vec<Word>, _) = work.draft(ctx, office, ids.0, ids.1).await?;
    use super::draft::DraftState as S;
    let title = format!("{}: {}", kind_name(&d.kind, l), d.title);
    let back = format!("/dossiers/{}/{}", office.id, dossier.id);
    let mut shell =
        shell(ctx, l.t("Dự thảo", "Draft"), office).notice(told.0).describe(title).crumb(dossier.code.clone(), back.clone()).here(l.t("Dự thảo", "Draft"));
    let shown = shown.unwrap_or(d.version).clamp(1, d.version.max(1));
    let newest = versions.first().map(|v| v.text.clone()).unwrap_or_default();
    let filled = if typed.fields.is_empty() {
        Typed::plain(vec![
            ("kind".into(), d.kind.clone()),
            ("title".into(), d.title.clone()),
            ("recipients".into(), d.recipients.clone()),
            ("urgency".into(), d.urgency.to_string()),
            ("text".into(), newest),
        ])
    } else {
        Typed::plain(typed.fields.clone())
    };
    let mut fields = draft_fields(l, &filled);
    if let Some(error) = told.1 {
        place(&mut shell, &mut fields, error);
    }
    let base = format!("{back}/drafts/{}", d.id);
    let colleagues = work.colleagues(ctx, office).await?;
    let mut facts = vec![
        (l.t("Hồ sơ", "Dossier").to_owned(), format!("{} – {}", dossier.code, dossier.title)),
        (l.t("Người soạn", "Author").to_owned(), d.author_name.clone()),
        (l.t("Nơi nhận", "Recipients").to_owned(), d.recipients.clone()),
        (l.t("Người ký", "To be signed by").to_owned(), d.signer.clone()),
        (l.t("Bản", "Version").to_owned(), d.version.to_string()),
    ];
    facts.retain(|f| !f.1.is_empty());
    let word_kind = |w: &Word| match w.kind.as_str() {
        "opinion" => l.t("ý kiến", "opinion"),
        "return" => l.t("trả lại", "returned"),
        _ => l.t("trao đổi", "comment"),
    };
    let view = DraftView {
        summary: error_summary(l, &fields),
        writing: d.state == S::Writing,
        submitted: d.state == S::Submitted,
        signed: d.state == S::Signed,
        class: match d.state {
            S::Issued => "ok",
            S::Dropped => "plain",
            _ => "wait",
        },
        state: d.state.label(l),
        head: office.wears(ctx, Hat::Head),
        clerk: office.wears(ctx, Hat::Clerk),
        version: d.version,
        lines: shown_lines(&versions, shown),
        versions: versions
            .iter()
            .map(|v| VersionLine {
                version: v.version,
                href: format!("{base}?version={}", v.version),
                at: moment(v.at),
                who: v.who_name.clone(),
                note: v.note.clone(),
                shown: v.version == shown,
            })
            .collect(),
        words: words.into_iter().map(|w| (word_kind(&w), moment(w.at), w)).map(|(k, at, w)| (w, k, at)).collect(),
        files: files
            .into_iter()
            .map(|f| FileLine {
                href: format!("/registers/{}/files/{}/{}", office.id, d.id, f.id),
                size: size(f.size),
                signed: signature_words(&f.signature, l),
                name: f.name,
            })
            .collect(),
        heads: colleagues.into_iter().filter(|c| c.head).collect(),
        issue_fields: vec![
            Field::new("reserved", l.t("Dùng số đang giữ", "Use a reserved number"))
                .kind(Kind::Number)
                .value(typed.text("reserved"))
                .hint(l.t("Để trống: lấy số tiếp theo.", "Empty: the next number.")),
            Field::new("part", l.t("Ký hiệu bộ phận soạn (chỉ công văn)", "Part that drafted it (letters only)")).value(typed.text("part")),
            Field::new("sealed", l.t("Tệp PDF có chữ ký số của cơ quan", "PDF with the agency's own signature"))
                .kind(Kind::File)
                .hint(l.t("Nếu đã đóng dấu số; được kiểm tra như chữ ký của lãnh đạo.", "If it has been put on; checked like the head's.")),
        ],
        document: d.document.map(|id| format!("/registers/{}/documents/{id}", office.id)),
        facts,
        fields,
        base,
        back,
        shell,
    };
    Ok(told.1.map_or_else(|| page(&view), |e| with_status(page(&view), e.status)))
}

/// `GET /dossiers/{office}/{dossier}/drafts/{draft}?version=`
async fn draft(App(work): App<Casework>, ctx: Context, Path((office, dossier, id)): Path<(String, String, String)>, Query(ask): Query<Ask>) -> Answer {
    let office = work.desk(&ctx, &office).await?;
    let version = ask.version.as_deref().and_then(|v| v.parse().ok());
    draft_page(&work, &ctx, &office, (id_of(&dossier)?, id_of(&id)?), version, &Typed::default(), (done(ctx.lang, ask.done.as_deref()), None)).await
}

fn read_draft(typed: &Typed) -> Result<NewDraft, AppError> {
    let text = |name: &str| typed.text(name).to_owned();
    Ok(NewDraft {
        kind: text("kind"),
        title: text("title"),
        urgency: typed.number("urgency")?.unwrap_or_default(),
        recipients: text("recipients"),
        text: text("text").replace("\r\n", "\n"),
        note: text("note"),
    })
}

/// `POST /dossiers/{office}/{dossier}/drafts`
async fn write(App(work): App<Casework>, ctx: Context, Path((office, dossier)): Path<(String, String)>, form: Multipart) -> Answer {
    let (office, id) = (work.desk(&ctx, &office).await?, id_of(&dossier)?);
    let mut typed = Typed::read(form).await?;
    let files = typed.take_files();
    let outcome = match read_draft(&typed) {
        Ok(new) => work.write_draft(&ctx, &office, id, None, &new, files).await,
        Err(error) => Err(error),
    };
    match outcome {
        Ok(draft) => Ok(see_other(&format!("/dossiers/{}/{id}/drafts/{}?done=drafted", office.id, draft.id))),
        Err(error) if in_form(&error) => one_page(&work, &ctx, office, id, &typed, None, Some(&error)).await,
        Err(error) => Err(error),
    }
}

/// `POST /dossiers/{office}/{dossier}/drafts/{draft}/{act}`: write, comment, opinion, submit, return, sign, by-hand, issue, drop.
async fn draft_act(
    App(work): App<Casework>,
    ctx: Context,
    Path((office, dossier, id, act)): Path<(String, String, String, String)>,
    form: Multipart,
) -> Answer {
    let (office, dossier, id) = (work.desk(&ctx, &office).await?, id_of(&dossier)?, id_of(&id)?);
    let mut typed = Typed::read(form).await?;
    let mut files = typed.take_files();
    let outcome = match act.as_str() {
        "write" => match (read_draft(&typed), typed.number("seen")) {
            (Ok(new), Ok(seen)) => work.write_draft(&ctx, &office, dossier, Some((id, seen.unwrap_or_default())), &new, files).await.map(|_| "drafted"),
            (Err(error), _) | (_, Err(error)) => Err(error),
        },
        "comment" => work.say_of_draft(&ctx, &office, dossier, id, false, typed.text("word")).await.map(|()| "said"),
        "opinion" => work.say_of_draft(&ctx, &office, dossier, id, true, typed.text("word")).await.map(|()| "said"),
        "submit" => work.submit_draft(&ctx, &office, dossier, id, typed.id("to").unwrap_or_default(), typed.text("note")).await.map(|()| "submitted"),
        "return" => work.return_draft(&ctx, &office, dossier, id, typed.text("reason")).await.map(|()| "returned"),
        "sign" => match files.pop() {
            Some(file) => work.sign_draft(&ctx, &office, dossier, id, Signing::Digital(file)).await.map(|_| "signed"),
            None => Err(AppError::new("file_missing", 422)
                .say("Chưa chọn tệp PDF đã ký.", "The signed PDF is not chosen.")
                .mend("Chọn tệp rồi gửi.", "Choose the file and send it.")),
        },
        "by-hand" => work.sign_draft(&ctx, &office, dossier, id, Signing::ByHand).await.map(|_| "signed-paper"),
        "issue" => match typed.number("reserved") {
            Ok(reserved) => work
                .issue_draft(&ctx, &office, dossier, id, Issuing { reserved, part: typed.text("part").to_owned(), sealed: files.pop() })
                .await
                .map(|_| "issued"),
            Err(error) => Err(error),
        },
        "drop" => work.drop_draft(&ctx, &office, dossier, id).await.map(|()| "dropped"),
        _ => Err(AppError::new("not_found", 404)),
    };
    match outcome {
        Ok(word) => Ok(see_other(&format!("/dossiers/{}/{dossier}/drafts/{id}?done={word}", office.id))),
        Err(error) if in_form(&error) => {
            let write = act == "write";
            let error = if write { error } else { AppError { at: None, ..error } };
            let kept = if write { typed } else { Typed::default() };
            draft_page(&work, &ctx, &office, (dossier, id), None, &kept, (None, Some(&error))).await
        }
        Err(error) => Err(error),
    }
}
