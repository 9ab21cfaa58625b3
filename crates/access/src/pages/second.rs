use super::sign_in::set_cookie;
use super::{belongs_in_form, place_error, unstored, with_status};
use crate::access::Access;
use crate::context::Context;
use crate::routes::see_other;
use askama::Template;
use axum::extract::{Form, Query, State};
use axum::response::Response;
use serde::Deserialize;
use ui::form::{Field, Kind, error_summary};
use ui::{AppError, Html, Shell, local_path, page};

/// A form of a few fields with a sentence above it.
#[derive(Template)]
#[template(path = "second.html")]
struct View {
    shell: Shell,
    lead: String,
    secret: String,
    address: String,
    codes: Vec<String>,
    action: &'static str,
    back: String,
    fields: Vec<Field>,
    summary: Html,
    button: &'static str,
    /// Address that takes a passkey instead; empty where there is none.
    passkey: &'static str,
    /// Address and name of each provider that can confirm instead.
    doors: Vec<(String, String)>,
}

fn view(ctx: &Context, title: &str, path: &str) -> View {
    let mut shell = ctx.shell(title).noindex();
    shell.path = path.to_owned();
    View {
        shell,
        lead: String::new(),
        secret: String::new(),
        address: String::new(),
        codes: Vec::new(),
        action: "",
        back: String::new(),
        fields: Vec::new(),
        summary: Html::default(),
        button: "",
        passkey: "",
        doors: Vec::new(),
    }
}

fn show(mut view: View, error: Option<&AppError>) -> Response {
    if let Some(error) = error {
        place_error(&mut view.shell, &mut view.fields, error);
        view.summary = error_summary(view.shell.lang, &view.fields);
    }
    let response = unstored(page(&view));
    match error {
        Some(error) => with_status(response, error.status),
        None => response,
    }
}

#[derive(Deserialize)]
pub(super) struct Back {
    back: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Entry {
    #[serde(default)]
    code: String,
    #[serde(default)]
    password: String,
    back: Option<String>,
}

fn code_field(ctx: &Context) -> Field {
    let l = ctx.lang;
    Field::new("code", l.t("Mã 6 số", "Six-digit code"))
        .hint(l.t("Trên ứng dụng xác thực của điện thoại, hoặc một mã khôi phục", "From the authenticator on your phone, or a recovery code"))
        .attr("autocomplete", "one-time-code")
        .attr("inputmode", "text")
        .required()
}

fn step(access: &Access, ctx: &Context, back: &str, error: Option<&AppError>) -> Response {
    let l = ctx.lang;
    let mut v = view(ctx, l.t("Nhập mã xác thực", "Enter the code"), "/sign-in/code");
    v.lead = l.t("Mật khẩu đã đúng. Nhập mã trên điện thoại để vào.", "The password was right. Enter the code on your phone.").to_owned();
    if access.has_passkeys() {
        v.passkey = "/sign-in/passkey";
    }
    v.action = "/sign-in/code";
    v.button = l.t("Vào", "Enter");
    back.clone_into(&mut v.back);
    v.fields = vec![code_field(ctx)];
    show(v, error)
}

/// `GET /sign-in/code?back=`
pub(super) async fn code_form(State(access): State<Access>, ctx: Context, Query(back): Query<Back>) -> Response {
    if ctx.half.is_none() {
        return see_other("/sign-in".to_owned());
    }
    step(&access, &ctx, &local_path(back.back.as_deref().unwrap_or("/")), None)
}

/// `POST /sign-in/code`
pub(super) async fn code(State(access): State<Access>, ctx: Context, Form(entry): Form<Entry>) -> Result<Response, AppError> {
    let back = local_path(entry.back.as_deref().unwrap_or("/"));
    match access.finish_sign_in(&ctx, &entry.code).await {
        Ok(cookie) => set_cookie(see_other(back), &access, &cookie, 7 * 24 * 3600),
        Err(error) if belongs_in_form(&error) => Ok(step(&access, &ctx, &back, Some(&error))),
        Err(error) => Err(error),
    }
}

async fn enrolment(access: &Access, ctx: &Context, error: Option<&AppError>) -> Result<Response, AppError> {
    let l = ctx.lang;
    let enrolment = access.enrol(ctx).await?;
    let mut v = view(ctx, l.t("Bật mã xác thực hai lớp", "Turn the second step on"), "/me/second-step");
    v.lead = l
        .t(
            "Thêm khóa này vào ứng dụng xác thực trên điện thoại, rồi nhập mã đang hiện để xác nhận.",
            "Add this key to the authenticator on your phone, then enter the code it shows.",
        )
        .to_owned();
    (v.secret, v.address) = (enrolment.secret, enrolment.address);
    v.action = "/me/second-step";
    v.button = l.t("Bật", "Turn on");
    v.fields = vec![code_field(ctx).hint(l.t("Mã đang hiện trên ứng dụng", "What the application shows now"))];
    Ok(show(v, error))
}

/// `GET /me/second-step`
pub(super) async fn enrol(State(access): State<Access>, ctx: Context) -> Result<Response, AppError> {
    enrolment(&access, &ctx, None).await
}

/// `POST /me/second-step`
pub(super) async fn confirm(State(access): State<Access>, ctx: Context, Form(entry): Form<Entry>) -> Result<Response, AppError> {
    match access.confirm_second(&ctx, &entry.code).await {
        Ok(codes) => {
            let l = ctx.lang;
            let mut v = view(&ctx, l.t("Mã khôi phục", "Recovery codes"), "/me");
            v.lead = l
                .t(
                    "Đã bật. Chép các mã này ra giấy và cất kỹ: mỗi mã vào được một lần khi mất điện thoại. Sau trang này không ai xem lại được.",
                    "It is on. Copy these to paper and keep them: each opens once when the phone is lost. Nobody can see them again.",
                )
                .to_owned();
            v.codes = codes;
            Ok(show(v, None))
        }
        Err(error) if belongs_in_form(&error) => enrolment(&access, &ctx, Some(&error)).await,
        Err(error) => Err(error),
    }
}

/// `POST /me/second-step/end`
pub(super) async fn end(State(access): State<Access>, ctx: Context) -> Result<Response, AppError> {
    match access.end_second(&ctx).await {
        Err(error) if error.code == "proof_required" => Ok(see_other("/me/proof?back=%2Fme".to_owned())),
        Err(error) => Err(error),
        Ok(()) => Ok(see_other("/me?done=saved".to_owned())),
    }
}

async fn proof_view(access: &Access, ctx: &Context, back: &str, error: Option<&AppError>) -> Result<Response, AppError> {
    let l = ctx.lang;
    ctx.require_person()?;
    let mut v = view(ctx, l.t("Xác nhận đúng là bạn", "Show that it is you"), "/me/proof");
    v.action = "/me/proof";
    v.button = l.t("Xác nhận", "Confirm");
    back.clone_into(&mut v.back);
    v.fields = vec![Field::new("password", l.t("Mật khẩu", "Password")).kind(Kind::Password).attr("autocomplete", "current-password").required()];
    if let Some(id) = ctx.account_id()
        && access.second_step(id).await?.is_some()
    {
        v.fields.push(code_field(ctx));
    }
    if access.has_passkeys() && !access.own_passkeys(ctx).await?.is_empty() {
        v.passkey = "/me/proof/passkey";
    }
    let linked = access.own_sign_ons(ctx).await?.into_iter().filter(|one| one.open && one.linked_at.is_some());
    v.doors = linked.map(|one| (format!("/me/proof/with/{}?back={}", one.key, ui::percent_encode(back)), one.name)).collect();
    v.lead = if v.passkey.is_empty() && v.doors.is_empty() {
        l.t("Việc này cần xác nhận lại. Nhập mật khẩu rồi làm tiếp.", "This needs a fresh proof. Enter your password and go on.")
    } else {
        l.t(
            "Việc này cần xác nhận lại. Nhập mật khẩu, hoặc chọn một cách khác bên dưới, rồi làm tiếp.",
            "This needs a fresh proof. Enter your password, or take another way below, and go on.",
        )
    }
    .to_owned();
    Ok(show(v, error))
}

/// `GET /me/proof?back=`
pub(super) async fn proof_form(State(access): State<Access>, ctx: Context, Query(back): Query<Back>) -> Result<Response, AppError> {
    proof_view(&access, &ctx, &local_path(back.back.as_deref().unwrap_or("/today")), None).await
}

/// `POST /me/proof`
pub(super) async fn proof(State(access): State<Access>, ctx: Context, Form(entry): Form<Entry>) -> Result<Response, AppError> {
    let back = local_path(entry.back.as_deref().unwrap_or("/today"));
    match access.prove(&ctx, &entry.password, &entry.code).await {
        Ok(()) => Ok(see_other(back)),
        Err(error) if belongs_in_form(&error) => proof_view(&access, &ctx, &back, Some(&error)).await,
        Err(error) => Err(error),
    }
}
