//! A draft: its versions, what is said of it, its signature and its number.

use super::one::{FileLine, draft_fields, one_page};
use super::{Answer, Ask, done, shell};
use crate::Casework;
use crate::document::desk::{Typed, id_of, in_form, kind_name, moment, place, see_other, size, with_status};
use crate::document::{Colleague, Hat, Office};
use crate::dossier::draft::NewDraft;
use crate::dossier::{Draft, DraftVersion, Word};
use crate::dossier::{Issuing, Line, Signing, difference};
use crate::register::pages::signature_words;
use access::Context;
use askama::Template;
use axum::extract::{Multipart, Path, Query, State as App};
use ui::form::{Field, Kind, error_summary};
use ui::{AppError, Html, Notice, Shell, page};
use uuid::Uuid;

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
    use crate::dossier::draft::DraftState as S;
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
pub(super) async fn draft(
    App(work): App<Casework>,
    ctx: Context,
    Path((office, dossier, id)): Path<(String, String, String)>,
    Query(ask): Query<Ask>,
) -> Answer {
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
pub(super) async fn write(App(work): App<Casework>, ctx: Context, Path((office, dossier)): Path<(String, String)>, form: Multipart) -> Answer {
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
pub(super) async fn draft_act(
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
