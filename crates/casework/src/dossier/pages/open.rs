//! Opening a dossier.

use super::{Answer, Ask, shell};
use crate::Casework;
use crate::document::Office;
use crate::document::desk::{Typed, in_form, place, secrecy_field, see_other, with_status};
use crate::dossier::NewDossier;
use access::Context;
use askama::Template;
use axum::extract::{Multipart, Path, Query, State as App};
use ui::form::{Field, Kind, error_summary};
use ui::{AppError, Html, Shell, page};

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
pub(super) async fn new(App(work): App<Casework>, ctx: Context, Query(ask): Query<Ask>) -> Answer {
    let (office, _) = work.chosen(&ctx, ask.office.as_deref()).await?;
    let typed = Typed::plain(vec![("document".into(), ask.document.unwrap_or_default())]);
    new_page(&work, &ctx, &office, &typed, None).await
}

/// `POST /dossiers/{office}/open?document=`
pub(super) async fn open(App(work): App<Casework>, ctx: Context, Path(office): Path<String>, Query(ask): Query<Ask>, form: Multipart) -> Answer {
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
