//! Works and arrears: of one unit with a form, of a place as a ranked list.

use super::service::{money_words, typed_amount};
use super::works::NewWorks;
use super::{ARREARS, Source};
use crate::Programme;
use crate::forms::{belongs_in_form, place_error, see_other, with_status};
use crate::task::{Typed, date, place, value};
use access::{Context, Role};
use askama::Template;
use axum::extract::{Form, Query, State};
use axum::response::Response;
use places::Level;
use serde::Deserialize;
use ui::chart::{BarItem, ranked_bars};
use ui::form::{Field, Kind, error_summary};
use ui::{AppError, Html, Lang, Notice, Shell, Tone, page};
use uuid::Uuid;

#[derive(Debug, Default, Deserialize)]
pub(super) struct Pick {
    unit: Option<String>,
    done: Option<String>,
    works: Option<String>,
}

struct Line {
    title: String,
    document: String,
    as_of: String,
    accepted: String,
    arranged: String,
    owed: String,
    late: bool,
    who: String,
    href: String,
    synthetic: bool,
}

#[derive(Template)]
#[template(path = "works.html")]
struct View {
    shell: Shell,
    lead: String,
    unit: Uuid,
    unit_name: String,
    bars: Html,
    one: bool,
    rows: Vec<Line>,
    may: bool,
    editing: Option<String>,
    fields: Vec<Field>,
    summary: Html,
    measure: String,
}

/// `GET /tasks/works?unit=`
pub(super) async fn show(State(p): State<Programme>, ctx: Context, Query(pick): Query<Pick>) -> Result<Response, AppError> {
    let unit = place(&p, &ctx, pick.unit.as_deref())?;
    let notice = pick.done.as_deref().map(|_| {
        Notice::new(Tone::Good, ctx.lang.t("Đã lưu và công bố thành số liệu nợ đọng của quý này.", "Saved, and published as this quarter's figure of arrears."))
    });
    let editing = pick.works.as_deref().and_then(|w| w.parse().ok());
    view(&p, &ctx, unit, notice, editing, None, None).await
}

async fn view(
    p: &Programme,
    ctx: &Context,
    unit: Uuid,
    notice: Option<Notice>,
    editing: Option<Uuid>,
    typed: Option<&Typed>,
    error: Option<&AppError>,
) -> Result<Response, AppError> {
    ctx.require_signed_in()?;
    let l = ctx.lang;
    let today = ctx.today();
    let atlas = p.figures().places().atlas();
    let name = atlas.full_name(unit, today);
    let one = atlas.on(today).level(unit).is_none_or(|level| level >= Level::Commune);
    let owed = p.arrears_under(ctx, unit).await?;
    let total: i64 = owed.values().map(|v| v.0).fold(0, i64::saturating_add);
    let in_debt = owed.values().filter(|v| v.0 > 0).count();
    let most = owed.values().map(|v| v.0).max().unwrap_or(0).max(1);
    let mut ranked: Vec<(&Uuid, &(i64, usize))> = owed.iter().collect();
    ranked.sort_by_key(|(_, v)| std::cmp::Reverse(v.0));
    let items: Vec<BarItem> = ranked
        .into_iter()
        .take(60)
        .map(|(id, (sum, count))| BarItem {
            label: atlas.full_name(*id, today),
            href: format!("/tasks/works?unit={id}"),
            value_text: money_words(*sum, l),
            share: *sum as f64 / most as f64,
            n_of_text: format!("{count} {}", l.t("công trình", "works")),
            tone: if *sum > 0 { Tone::Bad } else { Tone::Good },
            estimated: false,
        })
        .collect();
    let list = if one { p.works_of(ctx, unit).await? } else { Vec::new() };
    let editing = editing.and_then(|id| list.iter().find(|w| w.id == id));
    let mut shell = ctx.shell(l.t("Nợ đọng xây dựng cơ bản", "Arrears of works")).noindex().notice(notice);
    shell = shell.crumb(l.t("Nhiệm vụ", "Tasks"), format!("/tasks?unit={unit}")).here(l.t("Nợ đọng", "Arrears"));
    shell.path = format!("/tasks/works?unit={unit}");
    let was = |name: &str, old: String| typed.map_or(old, |t| value(t, name).to_owned());
    let amount = |n: Option<i64>| n.map(|n| lang::show::number_upto(super::service::millions(n), 6)).unwrap_or_default();
    let mut fields = vec![
        Field::new("title", l.t("Công trình, dự án", "Works")).value(was("title", editing.map(|w| w.title.clone()).unwrap_or_default())).required(),
        Field::new("accepted", l.t("Giá trị khối lượng đã nghiệm thu", "Value of what was accepted"))
            .kind(Kind::Number)
            .unit(l.t("triệu đồng", "million đồng"))
            .value(was("accepted", amount(editing.map(|w| w.accepted))))
            .required(),
        Field::new("arranged", l.t("Vốn đã bố trí", "Funds arranged"))
            .kind(Kind::Number)
            .unit(l.t("triệu đồng", "million đồng"))
            .value(was("arranged", amount(editing.map(|w| w.arranged))))
            .required(),
        Field::new("as_of", l.t("Số liệu đến ngày", "As of")).kind(Kind::Date).value(was("as_of", editing.map_or(today, |w| w.as_of).to_string())),
        Field::new("document", l.t("Văn bản", "Document"))
            .value(was("document", editing.map(|w| w.document.clone()).unwrap_or_default()))
            .hint(l.t("Biên bản nghiệm thu, quyết định bố trí vốn", "Record of acceptance, decision on funds")),
    ];
    if let Some(error) = error {
        place_error(&mut shell, &mut fields, error);
    }
    let response = page(&View {
        lead: lead(total, in_debt, owed.len(), one, l),
        unit,
        unit_name: name,
        bars: if one || items.is_empty() { Html::default() } else { ranked_bars(&items) },
        one,
        rows: list
            .iter()
            .map(|w| Line {
                title: w.title.clone(),
                document: w.document.clone(),
                as_of: lang::show::short_date(w.as_of),
                accepted: money_words(w.accepted, l),
                arranged: money_words(w.arranged, l),
                owed: money_words(w.owed(), l),
                late: w.owed() > 0,
                who: w.changed_by.clone(),
                href: format!("/tasks/works?unit={unit}&works={}#edit", w.id),
                synthetic: w.synthetic,
            })
            .collect(),
        may: one && p.figures().may(ctx, Role::Officer, unit),
        editing: editing.map(|w| w.id.to_string()),
        summary: error_summary(l, &fields),
        fields,
        measure: format!("/measures/{ARREARS}?unit={unit}"),
        shell,
    });
    Ok(match error {
        Some(error) => with_status(response, error.status),
        None => response,
    })
}

fn lead(total: i64, in_debt: usize, units: usize, one: bool, l: Lang) -> String {
    match (units, total, one) {
        (0, ..) => l.t("Chưa ghi công trình nào", "No works are recorded").to_owned(),
        (_, 0, _) => l.t("Không còn nợ đọng ở các công trình đã ghi", "Nothing is owed for the works recorded").to_owned(),
        (_, _, true) => match l {
            Lang::Vi => format!("Còn nợ đọng {}", money_words(total, l)),
            Lang::En => format!("{} is owed", money_words(total, l)),
        },
        _ => match l {
            Lang::Vi => format!("{in_debt} đơn vị còn nợ đọng {}", money_words(total, l)),
            Lang::En => format!("{in_debt} units owe {}", money_words(total, l)),
        },
    }
}

/// `POST /tasks/works`: unit, works (when changing), the fields; `do` = `remove` takes an entry made by mistake out.
pub(super) async fn save(State(p): State<Programme>, ctx: Context, Form(typed): Form<Typed>) -> Result<Response, AppError> {
    ctx.require_signed_in()?;
    let unit = place(&p, &ctx, Some(value(&typed, "unit")))?;
    let id: Option<Uuid> = value(&typed, "works").parse().ok();
    let outcome = match read(&ctx, &typed, id) {
        Ok(new) => p.save_works(&ctx, unit, &new).await,
        Err(error) => Err(error),
    };
    match outcome {
        Ok(()) => Ok(see_other(&format!("/tasks/works?unit={unit}&done=saved"))),
        Err(error) if belongs_in_form(&error) => view(&p, &ctx, unit, None, id, Some(&typed), Some(&error)).await,
        Err(error) => Err(error),
    }
}

fn read(ctx: &Context, typed: &Typed, id: Option<Uuid>) -> Result<NewWorks, AppError> {
    let amount = |name: &'static str| {
        typed_amount(value(typed, name), Source::Central, name)?.ok_or_else(|| {
            AppError::new("field_required", 422).say("Ô này phải có số; không nợ thì ghi 0.", "A number is needed; write 0 for nothing.").at(name)
        })
    };
    Ok(NewWorks {
        id,
        title: value(typed, "title").to_owned(),
        accepted: amount("accepted")?,
        arranged: amount("arranged")?,
        document: value(typed, "document").to_owned(),
        as_of: date(value(typed, "as_of"), "as_of")?.unwrap_or_else(|| ctx.today()),
        removed: value(typed, "do") == "remove",
    })
}
