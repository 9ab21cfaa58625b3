//! `/admin/audit`: who did what, when, to what; with filters, and as CSV.

use super::moment;
use crate::access::Access;
use crate::context::Context;
use crate::error::db_error;
use crate::service::AuditAsk;
use crate::store::account;
use crate::store::audit::Told;
use askama::Template;
use axum::extract::{Query, State};
use axum::http::{HeaderValue, Uri, header};
use axum::response::Response;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};
use ui::api::{List, Reply};
use ui::{AppError, Lang, Shell, page};
use uuid::Uuid;

const HERE: &str = "/admin/audit";
const SHOWN: usize = 50;
const EXPORTED: usize = 20_000;

/// Acts in words: code, Vietnamese, English. One that is not listed is shown by its code, and ends a debug build where it is written.
const ACTS: &[(&str, &str, &str)] = &[
    ("figure.enter", "nhập số liệu", "entered figures"),
    ("figure.submit", "nộp số liệu", "handed figures over"),
    ("figure.accept", "duyệt số liệu", "accepted figures"),
    ("figure.return", "trả lại số liệu", "returned a figure"),
    ("evidence.add", "thêm minh chứng", "added evidence"),
    ("evidence.describe", "sửa mô tả minh chứng", "described evidence"),
    ("evidence.remove", "gỡ minh chứng", "removed evidence"),
    ("evidence.infected", "phát hiện tệp nhiễm mã độc", "found an infected file"),
    ("round.due", "đặt hạn nộp", "set a deadline"),
    ("round.close", "khóa kỳ", "closed a period"),
    ("round.reopen", "mở lại kỳ", "reopened a period"),
    ("measure.define", "định nghĩa chỉ tiêu", "defined a measure"),
    ("measure.retire", "ngừng hoặc dùng lại chỉ tiêu", "retired or revived a measure"),
    ("unit_change.apply", "áp dụng thay đổi đơn vị", "applied a change of units"),
    ("unit_change.undo", "hủy thay đổi đơn vị", "undid a change of units"),
    ("unit_change.shares", "bổ sung tỷ lệ chia", "completed the shares of a division"),
    ("unit.import", "nạp đơn vị", "imported units"),
    ("unit.boundaries", "nạp ranh giới", "imported boundaries"),
    ("village.add", "thêm thôn", "added a village"),
    ("village.rename", "đổi tên thôn", "renamed a village"),
    ("village.merge", "nhập thôn", "merged villages"),
    ("village.close", "đóng thôn", "closed a village"),
    ("group.add", "lập nhóm", "made a group"),
    ("group.member.add", "đưa vào nhóm", "put into a group"),
    ("group.member.end", "đưa ra khỏi nhóm", "took out of a group"),
    ("organisation.add", "lập cơ quan", "founded an organisation"),
    ("organisation.rename", "đổi tên cơ quan", "renamed an organisation"),
    ("organisation.end", "kết thúc cơ quan", "ended an organisation"),
    ("organisation.standard", "tạo cơ quan theo danh mục", "made standard organisations"),
    ("post.add", "thêm chức vụ", "added a post"),
    ("post.end", "bỏ chức vụ", "ended a post"),
    ("post.role_add", "thêm quyền cho chức vụ", "let a role come with a post"),
    ("post.role_end", "bỏ quyền của chức vụ", "ended a role of a post"),
    ("post.appoint", "phân công vào chức vụ", "appointed to a post"),
    ("post.dismiss", "thôi giữ chức vụ", "took out of a post"),
    ("delegation.add", "lập ủy quyền", "delegated"),
    ("delegation.end", "kết thúc ủy quyền", "ended a delegation"),
    ("delegation.expire", "ủy quyền hết hạn", "a delegation ran out"),
    ("absence.add", "ghi ngày nghỉ", "entered leave"),
    ("absence.end", "bỏ ngày nghỉ", "took leave back"),
    ("personal.look", "xem dữ liệu cá nhân", "looked at personal data"),
    ("personal.export", "tải bản sao dữ liệu cá nhân", "took a copy of personal data"),
    ("consent.give", "đồng ý xử lý dữ liệu", "consented"),
    ("consent.withdraw", "rút lại đồng ý", "withdrew consent"),
    ("audit.erase", "xóa nội dung hết hạn lưu", "erased contents past their time"),
    ("totp.on", "bật mã xác thực hai lớp", "turned two-step sign-in on"),
    ("totp.off", "tắt mã xác thực hai lớp", "turned two-step sign-in off"),
    ("totp.recovery", "dùng mã khôi phục", "used a recovery code"),
    ("proof.give", "xác nhận lại danh tính", "proved identity again"),
    ("session.open", "đăng nhập", "signed in"),
    ("session.close", "đăng xuất", "signed out"),
    ("session.end", "đăng xuất thiết bị", "signed a device out"),
    ("token.add", "tạo mã truy cập", "made an API token"),
    ("token.end", "thu hồi mã truy cập", "revoked an API token"),
    ("account.add", "thêm tài khoản", "added an account"),
    ("account.add_demo", "thêm tài khoản dùng thử", "added a demonstration account"),
    ("account.rename", "sửa tên tài khoản", "renamed an account"),
    ("account.enable", "mở tài khoản", "opened an account"),
    ("account.disable", "khóa tài khoản", "closed an account"),
    ("account.change_password", "đổi mật khẩu", "changed the password"),
    ("account.reset_password", "cấp lại mật khẩu", "reset a password"),
    ("account.set_password", "đặt mật khẩu", "set a password"),
    ("grant.add", "cấp vai trò", "granted a role"),
    ("grant.end", "kết thúc vai trò", "ended a role"),
    ("session.half", "nhập đúng mật khẩu, chờ mã xác thực", "gave the password, second step to come"),
    ("criteria.draft", "soạn bộ tiêu chí", "drafted a set of criteria"),
    ("criteria.publish", "công bố bộ tiêu chí", "published a set of criteria"),
    ("criteria.discard", "bỏ bản soạn bộ tiêu chí", "dropped a draft set of criteria"),
    ("criteria.level", "nhập mức của chỉ tiêu", "entered a level"),
    ("criteria.level.end", "bỏ mức đã nhập", "took a level back"),
    ("criteria.owner", "giao cơ quan thẩm định", "gave an indicator to a department"),
    ("criteria.round", "đặt hạn chấm điểm", "set the deadlines of scoring"),
    ("criteria.score", "tự chấm điểm", "scored"),
    ("criteria.rescore", "chấm lại theo số liệu mới", "scored again by new figures"),
    ("criteria.accept", "thẩm định đạt", "accepted an indicator"),
    ("criteria.return", "trả lại chỉ tiêu", "returned an indicator"),
    ("criteria.recheck", "rút thăm kiểm tra lại", "drew what is checked again"),
    ("criteria.recognise", "ghi quyết định công nhận", "entered a recognition"),
    ("scenario.keep", "lưu kịch bản thử", "kept a scenario"),
    ("scenario.remove", "xóa kịch bản thử", "removed a scenario"),
    ("document.save", "lưu văn bản", "kept a document"),
    ("document.file", "đính tệp vào văn bản", "put a file with a document"),
    ("plan.reading", "chọn cách đọc mục tiêu", "chose how a target is read"),
    ("plan.carry_over", "chuyển mục tiêu sang kế hoạch khác", "carried a target over"),
    ("plan.save", "lưu kế hoạch", "kept a plan"),
    ("task.give", "giao nhiệm vụ", "gave a task"),
    ("task.cascade", "giao nhiệm vụ xuống xã", "passed a task down"),
    ("task.edit", "sửa nhiệm vụ", "changed a task"),
    ("task.accept", "nhận nhiệm vụ", "took a task on"),
    ("task.start", "bắt đầu nhiệm vụ", "began a task"),
    ("task.finish", "báo xong nhiệm vụ", "said a task is done"),
    ("task.confirm", "xác nhận nhiệm vụ hoàn thành", "confirmed a task"),
    ("task.return", "trả lại nhiệm vụ", "returned a task"),
    ("task.refuse", "từ chối nhiệm vụ", "refused a task"),
    ("task.cancel", "thôi không làm nhiệm vụ", "called a task off"),
    ("task.reopen", "mở lại nhiệm vụ", "opened a task again"),
    ("task.comment", "trao đổi về nhiệm vụ", "commented on a task"),
    ("task.money", "ghi vốn của nhiệm vụ", "entered money of a task"),
    ("task.proof", "đính kết quả nhiệm vụ", "put the proof with a task"),
    ("works.save", "ghi công trình, nợ đọng", "entered works and arrears"),
    ("report.begin", "lập báo cáo", "began a report"),
    ("report.write", "viết báo cáo", "wrote in a report"),
    ("report.issue", "ban hành báo cáo", "issued a report"),
    ("procedure.save", "lưu bản soạn quy trình", "kept a draft procedure"),
    ("procedure.publish", "ban hành quy trình", "published a procedure"),
    ("procedure.drop", "bỏ bản soạn quy trình", "dropped a draft procedure"),
    ("calendar.enter", "nhập lịch làm việc", "entered a calendar"),
    ("case.open", "mở thủ tục", "opened a case"),
    ("case.assign", "giao việc trong thủ tục", "assigned a case"),
    ("case.extend", "gia hạn thủ tục", "extended a case"),
    ("case.comment", "trao đổi về thủ tục", "commented on a case"),
    ("case.paper", "đính giấy tờ vào thủ tục", "put a paper with a case"),
    ("case.task", "làm việc phụ của thủ tục", "answered a part of a case"),
    ("case.act", "làm một bước của thủ tục", "acted on a case"),
    ("case.escalate", "báo lên cấp trên vì quá hạn", "escalated a late case"),
    ("case.recount", "tính lại hạn theo lịch mới", "counted deadlines again"),
    ("case.move", "chuyển thủ tục cho nơi kế thừa", "moved a case to its successor"),
    ("certificate.issue", "cấp giấy công nhận", "issued a certificate"),
    ("certificate.revoke", "thu hồi giấy công nhận", "revoked a certificate"),
    ("certificate.trust", "tin chứng thư số", "trusted a signing certificate"),
    ("certificate.distrust", "thôi tin chứng thư số", "stopped trusting a signing certificate"),
    ("register.book", "mở sổ văn bản", "opened a register"),
    ("register.reserve", "giữ số văn bản", "reserved a number"),
    ("register.void", "bỏ số văn bản", "voided a number"),
    ("register.upload", "tải sổ văn bản lên", "uploaded a register"),
    ("register.import", "nhập sổ văn bản", "imported a register"),
    ("document.register", "vào sổ văn bản đến", "registered an incoming document"),
    ("document.hand_on", "chuyển văn bản", "handed a document on"),
    ("document.issue", "ban hành văn bản", "issued a document"),
    ("document.send", "gửi văn bản", "sent a document"),
    ("document.arrive", "nhận văn bản gửi đến", "a document arrived"),
    ("document.send_back", "trả lại văn bản", "sent a document back"),
    ("dossier.list", "lập danh mục hồ sơ", "made the list of dossiers"),
    ("dossier.open", "mở hồ sơ công việc", "opened a dossier"),
    ("dossier.assign", "giao hồ sơ công việc", "assigned a dossier"),
    ("dossier.attach", "đưa tài liệu vào hồ sơ", "put a paper into a dossier"),
    ("dossier.file", "đưa văn bản vào hồ sơ", "filed a document in a dossier"),
    ("dossier.opinion", "xin hoặc cho ý kiến", "asked for or gave an opinion"),
    ("dossier.on_paper", "ghi một bước làm trên giấy", "noted a step done on paper"),
    ("dossier.close", "đóng hồ sơ công việc", "closed a dossier"),
    ("dossier.reopen", "mở lại hồ sơ công việc", "opened a dossier again"),
    ("dossier.move", "chuyển hồ sơ cho cơ quan kế thừa", "moved a dossier to its successor"),
    ("dossier.archive", "nộp lưu hồ sơ", "handed a dossier to the archive"),
    ("draft.write", "viết dự thảo", "wrote a draft"),
    ("draft.say", "góp ý dự thảo", "commented on a draft"),
    ("draft.submit", "trình dự thảo", "submitted a draft"),
    ("draft.return", "trả lại dự thảo", "returned a draft"),
    ("draft.sign", "ký dự thảo", "signed a draft"),
    ("draft.issue", "phát hành dự thảo đã ký", "issued a signed draft"),
    ("draft.drop", "bỏ dự thảo", "dropped a draft"),
    ("share.count", "nhập số hồ sơ của hệ thống khác", "entered counts of another system"),
    ("share.define", "đặt cách tính tỷ lệ hồ sơ trên mạng", "defined the share"),
    ("share.take_over", "nhận lại việc nhập tỷ lệ hồ sơ", "took the share over"),
    ("reminder.address", "đặt thư điện tử nhận nhắc việc", "gave an address for reminders"),
    ("reminder.confirm", "xác nhận thư điện tử", "confirmed an address"),
    ("reminder.wish", "chọn cách nhắc việc", "chose how to be reminded"),
    ("reminder.feed", "lấy địa chỉ lịch", "took a calendar address"),
    ("reminder.feed_end", "bỏ địa chỉ lịch", "gave a calendar address up"),
];

/// Kinds of acts to filter by.
const KINDS: &[(&str, &str, &str)] = &[
    ("figure", "Số liệu", "Figures"),
    ("evidence", "Minh chứng", "Evidence"),
    ("round", "Kỳ báo cáo", "Periods"),
    ("criteria", "Tiêu chí", "Criteria"),
    ("scenario", "Kịch bản thử", "Scenarios"),
    ("plan", "Kế hoạch", "Plans"),
    ("task", "Nhiệm vụ", "Tasks"),
    ("works", "Công trình, nợ đọng", "Works and arrears"),
    ("report", "Báo cáo", "Reports"),
    ("document", "Văn bản", "Documents"),
    ("register", "Sổ văn bản", "Registers"),
    ("dossier", "Hồ sơ công việc", "Work dossiers"),
    ("draft", "Dự thảo", "Drafts"),
    ("share", "Tỷ lệ hồ sơ trên mạng", "Share on the network"),
    ("procedure", "Quy trình", "Procedures"),
    ("case", "Thủ tục", "Cases"),
    ("certificate", "Giấy công nhận, chứng thư số", "Certificates"),
    ("calendar", "Lịch làm việc", "Working calendar"),
    ("reminder", "Nhắc việc", "Reminders"),
    ("measure", "Chỉ tiêu", "Measures"),
    ("unit_change", "Thay đổi đơn vị", "Changes of units"),
    ("village", "Thôn", "Villages"),
    ("group", "Nhóm đơn vị", "Groups"),
    ("session", "Đăng nhập", "Sign-in"),
    ("account", "Tài khoản", "Accounts"),
    ("grant", "Vai trò", "Roles"),
    ("organisation", "Cơ quan", "Organisations"),
    ("post", "Chức vụ", "Posts"),
    ("delegation", "Ủy quyền", "Delegation"),
    ("token", "Mã truy cập", "API tokens"),
];

/// Whether an act has words.
pub(crate) fn known(act: &str) -> bool {
    ACTS.iter().any(|a| a.0 == act)
}

pub(crate) fn words(act: &str, l: Lang) -> String {
    ACTS.iter().find(|a| a.0 == act).map_or_else(|| act.to_owned(), |(_, vi, en)| l.t(vi, en).to_owned())
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    who: String,
    act: String,
    about: String,
    from: String,
    until: String,
    before: String,
    /// Read by the export only; kept here so that its address may carry it.
    format: String,
}

impl Asked {
    fn ask(&self, limit: usize) -> Result<AuditAsk, AppError> {
        let day = |name: &'static str, text: &str| -> Result<Option<Date>, AppError> {
            let text = text.trim();
            if text.is_empty() {
                return Ok(None);
            }
            text.parse().map(Some).map_err(|_| {
                AppError::new("date_invalid", 422)
                    .say(format!("Ngày “{}” chưa đúng.", text.chars().take(20).collect::<String>()), "The date is not right.")
                    .mend("Viết như 2026-11-22.", "Write it as 2026-11-22.")
                    .at(name)
            })
        };
        let part = |text: &str| lang::clean(text).chars().take(100).collect::<String>();
        Ok(AuditAsk {
            who: part(&self.who),
            act: part(&self.act),
            about: part(&self.about),
            from: day("from", &self.from)?,
            until: day("until", &self.until)?,
            before: place(&self.before),
            limit,
        })
    }

    fn address(&self, root: &str, before: &str) -> String {
        let e = ui::percent_encode;
        format!(
            "{root}?who={}&act={}&about={}&from={}&until={}&before={}",
            e(&self.who),
            e(&self.act),
            e(&self.about),
            e(&self.from),
            e(&self.until),
            e(before)
        )
    }
}

fn place(text: &str) -> Option<(i64, Uuid, i64)> {
    let mut parts = text.splitn(3, '.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// A line in words.
struct Line {
    when: String,
    who: String,
    capacity: String,
    origin: String,
    act: String,
    code: String,
    about: String,
    about_href: String,
    detail: Vec<(String, String)>,
    chain: String,
}

#[derive(Template)]
#[template(path = "audit.html")]
struct View {
    shell: Shell,
    asked: Asked,
    kinds: Vec<(&'static str, &'static str)>,
    lines: Vec<Line>,
    next: Option<String>,
    export: String,
    problem: String,
}

/// The id in a subject such as `account/01a2…`, or alone.
fn id_of(text: &str) -> Option<Uuid> {
    text.rsplit('/').next().and_then(|id| id.parse().ok())
}

/// Names of the accounts that lines are about.
async fn people(access: &Access, lines: &[Told]) -> Result<HashMap<Uuid, String>, AppError> {
    let mut names = HashMap::new();
    let ids: BTreeSet<Uuid> = lines.iter().filter(|l| l.subject.starts_with("account/")).filter_map(|l| id_of(&l.subject)).collect();
    for id in ids {
        if let Some(row) = account::by_id(access.db(), id).await.map_err(db_error)? {
            names.insert(id, format!("{} ({})", row.name, row.login));
        }
    }
    Ok(names)
}

fn line(access: &Access, ctx: &Context, told: &Told, people: &HashMap<Uuid, String>) -> Line {
    let (l, today) = (ctx.lang, ctx.today());
    let id = id_of(&told.subject);
    let unit = id.and_then(|id| access.inner.units.name(id, today));
    let behalf = told.behalf_label(l);
    let capacity = if behalf.is_empty() { told.capacity_label() } else { format!("{}, {behalf}", told.capacity_label()) };
    let person = id.and_then(|id| people.get(&id).cloned());
    let about_href = match (id, &unit, &person) {
        (Some(id), Some(_), _) => format!("/places/{id}"),
        (Some(id), None, Some(_)) => format!("/admin/accounts/{id}"),
        _ => String::new(),
    };
    // Ids of units are told by their names.
    let named = |value: String| value.parse::<Uuid>().ok().and_then(|id| access.inner.units.name(id, today)).unwrap_or(value);
    Line {
        when: calendar::from_micros(told.at).map(moment).unwrap_or_default(),
        who: told.who_name.clone(),
        capacity,
        origin: told.origin_label(),
        act: words(&told.act, l),
        code: told.act.clone(),
        about: unit.or(person).unwrap_or_else(|| told.subject.clone()),
        about_href,
        detail: detail(&told.detail).into_iter().map(|(name, value)| (name, named(value))).collect(),
        chain: format!("{} · {}", access.unit_name(told.tenant, today, l), told.seq),
    }
}

/// The fields of a detail, shortened; nested ones as JSON.
fn detail(text: &str) -> Vec<(String, String)> {
    let short = |text: String| if text.chars().count() > 300 { format!("{}…", text.chars().take(300).collect::<String>()) } else { text };
    match serde_json::from_str::<serde_json::Value>(text) {
        Ok(serde_json::Value::Object(map)) => map
            .into_iter()
            .filter(|(_, v)| !v.is_null())
            .map(|(name, value)| (name, short(value.as_str().map_or_else(|| value.to_string(), str::to_owned))))
            .collect(),
        Ok(serde_json::Value::Null) | Err(_) => Vec::new(),
        Ok(other) => vec![(String::new(), short(other.to_string()))],
    }
}

/// `GET /admin/audit?who=&act=&about=&from=&until=&before=`
pub(super) async fn show(State(access): State<Access>, ctx: Context, Query(asked): Query<Asked>) -> Result<Response, AppError> {
    let l = ctx.lang;
    let (found, problem) = match asked.ask(SHOWN) {
        Ok(ask) => (access.read_audit(&ctx, &ask).await?, String::new()),
        Err(error) => {
            access.read_audit(&ctx, &AuditAsk { limit: 1, ..AuditAsk::default() }).await?;
            (crate::service::AuditPage::default(), format!("{} {}", error.what(l), error.how(l)))
        }
    };
    let shell = ctx.shell(l.t("Nhật ký hệ thống", "Audit")).noindex().crumb(l.t("Hôm nay", "Today"), "/today").here(l.t("Nhật ký", "Audit"));
    let people = people(&access, &found.lines).await?;
    let view = View {
        kinds: KINDS.iter().map(|(code, vi, en)| (*code, l.t(vi, en))).collect(),
        lines: found.lines.iter().map(|told| line(&access, &ctx, told, &people)).collect(),
        next: found.next.map(|(at, tenant, seq)| asked.address(HERE, &format!("{at}.{}.{seq}", tenant.simple()))),
        export: format!("{}&format=csv", asked.address("/admin/audit/export", "")),
        problem,
        asked,
        shell,
    };
    Ok(page(&view))
}

/// A line as a row of the export.
#[derive(Serialize)]
struct Row {
    at: String,
    who: String,
    capacity: String,
    origin: String,
    act: String,
    act_words: String,
    subject: String,
    subject_name: String,
    detail: String,
    chain: Uuid,
    number: i64,
}

/// `GET /admin/audit/export`: the same lines as CSV, at most 20,000; the header `Link` leads on.
pub(super) async fn export(
    State(access): State<Access>,
    ctx: Context,
    uri: Uri,
    headers: axum::http::HeaderMap,
    Query(asked): Query<Asked>,
) -> Result<Response, AppError> {
    let found = access.read_audit(&ctx, &asked.ask(EXPORTED)?).await?;
    let rows = found.lines.into_iter().map(|told| Row {
        at: calendar::from_micros(told.at).map(|at| at.to_string()).unwrap_or_default(),
        act_words: words(&told.act, ctx.lang),
        capacity: told.capacity_label(),
        origin: told.origin_label(),
        subject_name: id_of(&told.subject).and_then(|id| access.inner.units.name(id, ctx.today())).unwrap_or_default(),
        who: told.who_name,
        act: told.act,
        subject: told.subject,
        detail: told.detail,
        chain: told.tenant,
        number: told.seq,
    });
    let items: Vec<Row> = rows.collect();
    let query = ui::api::Query::read(&uri, &["who", "act", "about", "from", "until", "before", "format"])?;
    let list = List { total: items.len(), items, next: None };
    let mut response = Reply { query: &query, headers: &headers, public: false }.list(
        &list,
        &["at", "who", "capacity", "origin", "act", "act_words", "subject", "subject_name", "detail", "chain", "number"],
        None,
    )?;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"nhat-ky.csv\""));
    if let Some((at, tenant, seq)) = found.next {
        let on = asked.address("/admin/audit/export", &format!("{at}.{}.{seq}", tenant.simple()));
        if let Ok(link) = HeaderValue::from_str(&format!("<{on}&format={}>; rel=\"next\"", ui::percent_encode(&asked.format))) {
            headers.insert(header::LINK, link);
        }
    }
    Ok(response)
}
