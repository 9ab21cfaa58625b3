//! One dossier: what it holds, what is done with it, and many at once.

use super::home::state_of;
use super::{Answer, Ask, Fields, done, shell};
use crate::Casework;
use crate::document::desk::{
    DOCX, Typed, XLSX, attachment, due_tag, files_field, id_of, in_form, kind_field, kind_name, moment, place, see_other, short, size, urgency_field,
    with_status,
};
use crate::document::{Colleague, Hat, Office};
use crate::dossier::{Event, Given, Stage, State, Step};
use crate::register::Document;
use crate::register::pages::signature_words;
use access::Context;
use askama::Template;
use axum::extract::{Form, Multipart, Path, Query, State as App};
use ui::form::{Field, Kind, error_summary};
use ui::{AppError, Html, Lang, Notice, Shell, page};
use uuid::Uuid;

struct EventLine {
    at: String,
    who: String,
    step: &'static str,
    how: Option<&'static str>,
    to: String,
    note: String,
}

pub(super) struct FileLine {
    pub(super) href: String,
    pub(super) name: String,
    pub(super) size: String,
    pub(super) signed: String,
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
        how: (e.how != crate::dossier::How::System).then(|| e.how.label(l)),
        to: e.to_name.clone(),
        note: e.note.clone(),
    }
}

pub(super) fn draft_fields(l: Lang, typed: &Typed) -> Vec<Field> {
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

pub(super) async fn one_page(
    work: &Casework,
    ctx: &Context,
    office: Office,
    id: Uuid,
    typed: &Typed,
    notice: Option<Notice>,
    error: Option<&AppError>,
) -> Answer {
    let l = ctx.lang;
    let (d, events) = work.dossier(ctx, &office, id).await?;
    let documents = work.dossier_documents(ctx, &office, id).await?;
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
            format!("/registers/{}/documents/{}", x.office, x.id),
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
                    x.state == crate::dossier::draft::DraftState::Issued,
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
pub(super) async fn one(App(work): App<Casework>, ctx: Context, Path((office, id)): Path<(String, String)>, Query(ask): Query<Ask>) -> Answer {
    let (office, id) = (work.desk(&ctx, &office).await?, id_of(&id)?);
    let (at, shown) = (office.id, one_page(&work, &ctx, office, id, &Typed::default(), done(ctx.lang, ask.done.as_deref()), None).await);
    match shown {
        // An address from before the office was taken over leads to where the dossier lies now.
        Err(error) if error.code == "unknown_dossier" => match work.dossier_home(&ctx, id).await? {
            Some(home) if home != at => Ok(see_other(&format!("/dossiers/{home}/{id}"))),
            _ => Err(error),
        },
        shown => shown,
    }
}

/// `POST /dossiers/{office}/{dossier}/{act}`: assign, opinion, paper, close, reopen, file.
pub(super) async fn act(App(work): App<Casework>, ctx: Context, Path((office, id, act)): Path<(String, String, String)>, Form(fields): Fields) -> Answer {
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
pub(super) async fn attach(App(work): App<Casework>, ctx: Context, Path((office, id)): Path<(String, String)>, form: Multipart) -> Answer {
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
pub(super) async fn contents(App(work): App<Casework>, ctx: Context, Path((office, id)): Path<(String, String)>, Query(ask): Query<Ask>) -> Answer {
    let office = work.desk(&ctx, &office).await?;
    let (dossier, sheet) = work.contents_sheet(&ctx, &office, id_of(&id)?).await?;
    if ask.format.as_deref() == Some("docx") {
        let title = sheet.table.title.to_uppercase();
        return attachment(&format!("muc-luc-{}.docx", dossier.code), DOCX, sheet.docx(&office, &title, &dossier.title)?.into());
    }
    attachment(&format!("muc-luc-{}.xlsx", dossier.code), XLSX, sheet.xlsx()?.into())
}

/// `GET /dossiers/file?office=&state=&format=`
pub(super) async fn list_file(App(work): App<Casework>, ctx: Context, Query(ask): Query<Ask>) -> Answer {
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
pub(super) async fn assign_many(App(work): App<Casework>, ctx: Context, Path(office): Path<String>, Form(fields): Fields) -> Answer {
    let (office, typed) = (work.desk(&ctx, &office).await?, Typed::plain(fields));
    let ids: Vec<Uuid> = typed.all("dossier").filter_map(|t| t.parse().ok()).collect();
    let left = work.assign_dossiers(&ctx, &office, &ids, typed.id("to").unwrap_or_default()).await?;
    Ok(see_other(&format!("/dossiers?office={}&done={}", office.id, if left.is_empty() { "assigned" } else { "some" })))
}

/// `POST /dossiers/{office}/archive`
pub(super) async fn archive(App(work): App<Casework>, ctx: Context, Path(office): Path<String>, Form(fields): Fields) -> Answer {
    let (office, typed) = (work.desk(&ctx, &office).await?, Typed::plain(fields));
    let ids: Vec<Uuid> = typed.all("dossier").filter_map(|t| t.parse().ok()).collect();
    work.archive(&ctx, &office, &ids, typed.text("basis")).await?;
    Ok(see_other(&format!("/dossiers?office={}&state=archived&done=archived", office.id)))
}
