use super::words::kind_word;
use super::{Done, Link, belongs_in_form, place_error, read_date, see_other, unit_href, unit_unknown, with_status};
use crate::model::{ChangeKind, Level};
use crate::service::{VillageAct, VillageName};
use crate::{Atlas, Places};
use access::Context;
use askama::Template;
use axum::extract::{Form, Path, Query, State};
use axum::response::Response;
use lang::show::short_date;
use ui::form::{Field, Kind, error_summary};
use ui::{AppError, Html, Lang, Notice, Shell, Tone, page};
use uuid::Uuid;

struct Row {
    id: Uuid,
    link: Link,
    from: String,
    source: String,
}

/// A village that has ended.
struct Past {
    link: Link,
    until: String,
    what: String,
}

#[derive(Template)]
#[template(path = "villages.html")]
struct View {
    shell: Shell,
    may: bool,
    action: String,
    rows: Vec<Row>,
    past: Vec<Past>,
    add: Vec<Field>,
    change: Vec<Field>,
    summary: Html,
    csv: String,
}

/// The pairs of a form; a name may come several times.
type Typed = Vec<(String, String)>;

fn value<'a>(typed: &'a Typed, name: &str) -> &'a str {
    typed.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str()).unwrap_or_default()
}

fn done(l: Lang, word: Option<&str>) -> Option<Notice> {
    let text = match word? {
        "added" => l.t("Đã thêm.", "Added."),
        "renamed" => l.t("Đã đổi tên.", "Renamed."),
        "merged" => {
            l.t("Đã nhập. Trang của các thôn cũ vẫn mở được và dẫn tới thôn mới.", "Merged. The pages of the old villages stay open and lead to the new one.")
        }
        "closed" => l.t("Đã kết thúc.", "Ended."),
        _ => return None,
    };
    Some(Notice::new(Tone::Good, text))
}

fn commune(atlas: &Atlas, text: &str) -> Result<Uuid, AppError> {
    text.parse().ok().filter(|id| atlas.unit(*id).is_some_and(|u| u.level == Level::Commune)).ok_or_else(unit_unknown)
}

async fn view(places: &Places, ctx: &Context, commune: Uuid, notice: Option<Notice>, typed: &Typed, error: Option<(&AppError, bool)>) -> Response {
    let (l, today) = (ctx.lang, ctx.today());
    let atlas = places.current().await;
    let on = atlas.unit(commune).map_or(today, |u| super::unit::living_day(u, today));
    let view = atlas.on(on);
    let rows = view.children(commune).iter().filter_map(|id| {
        let version = atlas.version(*id, on)?;
        Some(Row {
            id: *id,
            link: Link { href: unit_href(ctx, *id, on), text: version.full_name.to_string() },
            from: short_date(version.from),
            source: version.source.to_string(),
        })
    });
    let rows: Vec<Row> = rows.collect();
    let past = atlas.units().iter().filter(|u| u.level == Level::Village && u.on(on).is_none()).filter_map(|u| {
        let version = u.versions.last().filter(|v| v.parent == Some(commune))?;
        let last = version.to?.yesterday().ok()?;
        let heirs: Vec<String> = atlas.heirs(u.id, last, today, crate::Basis::Population).iter().map(|h| atlas.full_name(h.unit, today)).collect();
        let what = if heirs.is_empty() { kind_word(ChangeKind::Abolish, l).to_owned() } else { format!("→ {}", heirs.join(", ")) };
        Some(Past { link: Link { href: unit_href(ctx, u.id, last), text: version.full_name.to_string() }, until: short_date(last), what })
    });
    let name = atlas.full_name(commune, on);
    let title = match l {
        Lang::Vi => format!("{name}: {} thôn, bản, tổ dân phố", rows.len()),
        Lang::En => format!("{name}: {} villages", rows.len()),
    };
    let mut shell = ctx.shell(title).notice(notice).crumb(l.t("Địa bàn", "Places"), "/places");
    for above in view.above(commune).into_iter().rev().filter(|u| Some(*u) != atlas.nation()) {
        shell = shell.crumb(atlas.full_name(above, on), unit_href(ctx, above, on));
    }
    let path = format!("/places/{commune}/villages");
    shell = shell.crumb(name, unit_href(ctx, commune, on)).here(l.t("Thôn, bản", "Villages"));
    shell.path.clone_from(&path);
    let adding = error.is_some_and(|(_, adding)| adding);
    let typed_in = |field: &str| value(typed, field).to_owned();
    let from = |field: &str| Some(typed_in(field)).filter(|t| !t.is_empty()).unwrap_or_else(|| today.to_string());
    let date = |field: &str| Field::new(field, l.t("Từ ngày", "From")).kind(Kind::Date).value(from(field)).required();
    let basis = |field: &str| {
        Field::new(field, l.t("Căn cứ", "Basis"))
            .value(typed_in(field))
            .hint(l.t("Số, ngày nghị quyết; có thể để trống", "Number and date of the resolution; may be empty"))
    };
    let mut add = vec![
        Field::new("names", l.t("Thôn, bản cần thêm", "Villages to add"))
            .kind(Kind::Lines(6))
            .value(typed_in("names"))
            .hint(l.t("Mỗi dòng một thôn, ghi cả loại: Thôn 1; Bản Mạ; Tổ dân phố Đông", "One per line with its kind: Thôn 1; Bản Mạ; Tổ dân phố Đông"))
            .required(),
        date("from"),
        basis("basis"),
    ];
    let mut change = vec![
        Field::new("name", l.t("Tên mới", "New name"))
            .value(typed_in("name"))
            .hint(l.t("Cho đổi tên và nhập, ghi cả loại: Thôn Đoàn Kết", "For a new name or a merge, with its kind: Thôn Đoàn Kết")),
        date("day"),
        basis("by"),
    ];
    if let Some((error, adding)) = error {
        place_error(&mut shell, if adding { &mut add } else { &mut change }, error);
    }
    // Two forms on one page: the fields of the second need ids of their own.
    let summary = error_summary(l, if adding { &add } else { &change });
    page(&View {
        may: places.may_keep_villages(ctx, commune),
        action: path,
        rows,
        past: past.collect(),
        add,
        change,
        summary,
        csv: format!("/api/v1/units?parent={commune}&level=village&format=csv&limit=5000&as_of={on}"),
        shell,
    })
}

/// `GET /places/{id}/villages`
pub(super) async fn show(State(places): State<Places>, ctx: Context, Path(id): Path<String>, Query(word): Query<Done>) -> Result<Response, AppError> {
    let commune = commune(&*places.current().await, &id)?;
    Ok(view(&places, &ctx, commune, done(ctx.lang, word.done.as_deref()), &Vec::new(), None).await)
}

/// The fields of the second form bear names of their own, for ids are unique in a page.
fn act(typed: &Typed, (day, basis): (&'static str, &str)) -> Result<VillageAct, AppError> {
    Ok(VillageAct { from: read_date(value(typed, day), day)?, basis: value(typed, basis).chars().take(300).collect() })
}

const ADDING: (&str, &str) = ("from", "basis");
const CHANGING: (&str, &str) = ("day", "by");

fn ticked(typed: &Typed) -> Vec<Uuid> {
    typed.iter().filter(|(n, _)| n == "village").filter_map(|(_, v)| v.parse().ok()).collect()
}

async fn answer(places: &Places, ctx: &Context, commune: Uuid, typed: &Typed, adding: bool, outcome: Result<&str, AppError>) -> Result<Response, AppError> {
    match outcome {
        Ok(word) => Ok(see_other(format!("/places/{commune}/villages?done={word}"))),
        Err(error) if belongs_in_form(&error) => Ok(with_status(view(places, ctx, commune, None, typed, Some((&error, adding))).await, error.status)),
        Err(error) => Err(error),
    }
}

/// `POST /places/{id}/villages`: adds, one per line of `names`.
pub(super) async fn add(State(places): State<Places>, ctx: Context, Path(id): Path<String>, Form(typed): Form<Typed>) -> Result<Response, AppError> {
    let commune = commune(&*places.current().await, &id)?;
    let outcome = async {
        let lines: Vec<&str> = value(&typed, "names").lines().filter(|l| !l.trim().is_empty()).take(300).collect();
        let names = lines.into_iter().map(VillageName::read).collect::<Result<Vec<_>, _>>()?;
        places.add_villages(&ctx, commune, &names, &act(&typed, ADDING)?).await.map(|_| "added")
    };
    let outcome = outcome.await;
    answer(&places, &ctx, commune, &typed, true, outcome).await
}

/// The new name of the second form.
fn new_name(typed: &Typed) -> Result<VillageName, AppError> {
    VillageName::read(value(typed, "name"))
}

fn at_second(error: AppError) -> AppError {
    match error.at.as_deref() {
        Some("names") => error.at("name"),
        Some("from") => error.at("day"),
        _ => error,
    }
}

/// `POST /places/{id}/villages/change`: `do` is `rename`, `merge` or `close` for the ticked villages.
pub(super) async fn change(State(places): State<Places>, ctx: Context, Path(id): Path<String>, Form(typed): Form<Typed>) -> Result<Response, AppError> {
    let commune = commune(&*places.current().await, &id)?;
    let outcome = async {
        let villages = ticked(&typed);
        match value(&typed, "do") {
            "rename" => {
                let [village] = villages.as_slice() else {
                    return Err(AppError::new("village_too_many", 422)
                        .say("Đổi tên từng thôn một: đánh dấu đúng một thôn.", "Rename one village at a time: tick exactly one.")
                        .mend("", "")
                        .at("name"));
                };
                places.rename_village(&ctx, commune, *village, &new_name(&typed)?, &act(&typed, CHANGING)?).await.map(|()| "renamed")
            }
            "merge" => places.merge_villages(&ctx, commune, &villages, &new_name(&typed)?, &act(&typed, CHANGING)?).await.map(|_| "merged"),
            "close" => places.close_villages(&ctx, commune, &villages, &act(&typed, CHANGING)?).await.map(|()| "closed"),
            _ => Err(AppError::new("bad_request", 400)),
        }
    };
    let outcome = outcome.await.map_err(at_second);
    answer(&places, &ctx, commune, &typed, false, outcome).await
}
