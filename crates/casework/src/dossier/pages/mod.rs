//! Pages of work dossiers.

mod draft;
mod home;
mod list;
mod one;
mod open;

use super::{Dossier, Stage, State};
use crate::Casework;
use crate::document::Office;
use crate::document::desk::{MAX_BODY, due_tag, moment};
use access::{Context, Need, Role, Routes};
use axum::extract::Form;
use axum::response::Response;
use serde::Deserialize;
use ui::{AppError, Lang, Notice, Shell, Tone};
use uuid::Uuid;

type Answer = Result<Response, AppError>;
type Fields = Form<Vec<(String, String)>>;

pub(crate) fn routes() -> Routes<Casework> {
    let inside = Need::Role(Role::Viewer);
    Routes::new()
        .get("/dossiers", inside, home::home)
        .get("/dossiers/search", inside, home::search)
        .get("/dossiers/new", inside, open::new)
        .get("/dossiers/list", inside, list::list)
        .get("/dossiers/reports", inside, list::reports)
        .get("/dossiers/file", inside, one::list_file)
        .upload("/dossiers/{office}/open", inside, 2_000_000, open::open)
        .post("/dossiers/{office}/list", inside, list::save_list)
        .post("/dossiers/{office}/assign", inside, one::assign_many)
        .post("/dossiers/{office}/archive", inside, one::archive)
        .get("/dossiers/{office}/{dossier}", inside, one::one)
        .post("/dossiers/{office}/{dossier}/{act}", inside, one::act)
        .upload("/dossiers/{office}/{dossier}/files", inside, MAX_BODY, one::attach)
        .get("/dossiers/{office}/{dossier}/contents", inside, one::contents)
        .upload("/dossiers/{office}/{dossier}/drafts", inside, MAX_BODY, draft::write)
        .get("/dossiers/{office}/{dossier}/drafts/{draft}", inside, draft::draft)
        .upload("/dossiers/{office}/{dossier}/drafts/{draft}/{act}", inside, MAX_BODY, draft::draft_act)
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
