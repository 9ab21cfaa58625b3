//! One way of reading a target as a form, with a look at who would be counted before it is saved.

use super::edit::{Typed, day, decimal, in_form, keep, owned, place_error, see_other, value, with_status};
use super::{crumbs, words};
use crate::check::Lines;
use crate::plan::{Definition, How, Plan, Reading, Show, Tree};
use crate::register::Held;
use crate::service::Programme;
use crate::service::progress::Progress;
use crate::tally::{self, State};
use access::{Context, db_error};
use askama::Template;
use axum::extract::{Form, Path, State as From};
use axum::response::Response;
use figures::Ask;
use places::Level;
use std::sync::Arc;
use ui::form::{Field, Kind, error_summary};
use ui::{AppError, Html, Lang, Shell, page};

/// Places named in a preview.
const NAMED: usize = 40;

struct Preview {
    finding: String,
    counts: Vec<(String, &'static str)>,
    lacks: Vec<String>,
    places: Vec<(String, &'static str, &'static str)>,
    more: usize,
    period: String,
}

#[derive(Template)]
#[template(path = "programme_reading.html")]
struct ReadingView {
    shell: Shell,
    action: String,
    fields: Vec<Field>,
    summary: Html,
    version: i64,
    groups: Vec<(String, String)>,
    preview: Option<Preview>,
    others: Vec<super::Link>,
    may_remove: bool,
}

fn empty() -> Reading {
    Reading {
        code: String::new(),
        title_vi: String::new(),
        title_en: String::new(),
        how: How::Units,
        show: Show::Share,
        measures: Vec::new(),
        instead: Vec::new(),
        level: None,
        kinds: Vec::new(),
        groups: Vec::new(),
        but_groups: Vec::new(),
        among: None,
        at_least: None,
        needs: None,
        tree: Tree::Then,
        on: None,
    }
}

fn fields(r: &Reading, catalog: &figures::Catalog, l: Lang) -> Vec<Field> {
    let pair = |list: &[(&str, &'static str, &'static str)]| Kind::Select(list.iter().map(|(a, vi, en)| ((*a).to_owned(), l.t(vi, en).to_owned())).collect());
    let measures = |none: &'static str, now: &str| {
        let mut out = vec![(String::new(), none.to_owned())];
        out.extend(catalog.current().map(|k| (k.measure.def.code.clone(), format!("{} ({})", k.measure.title(l), k.measure.def.code))));
        // A result of a criteria set may not exist yet.
        if !now.is_empty() && !out.iter().any(|o| o.0 == now) {
            out.push((now.to_owned(), now.to_owned()));
        }
        Kind::Select(out)
    };
    let mut levels = vec![(String::new(), l.t("(cấp báo cáo của chỉ tiêu)", "(the level that reports the measure)").to_owned())];
    levels.extend(Level::ALL.map(|x| (x.word().to_owned(), l.t(x.label().0, x.label().1).to_owned())));
    let first = r.measures.first().cloned().unwrap_or_default();
    let rest = r.measures.get(1..).unwrap_or_default().join("\n");
    let number = |n: Option<rust_decimal::Decimal>| n.map(|n| l.number(n, 6)).unwrap_or_default();
    let code = Field::new("code", l.t("Mã cách đọc", "Code of the reading")).value(&r.code).required();
    vec![
        if r.code.is_empty() { code.hint(l.t("Chữ không dấu, ví dụ co_htx", "ASCII letters, such as co_htx")) } else { code.attr("readonly", "") },
        Field::new("title_vi", l.t("Cách đọc, in dưới con số", "The reading, printed under the figure")).kind(Kind::Lines(3)).value(&r.title_vi).required(),
        Field::new("title_en", l.t("Tiếng Anh", "English")).kind(Kind::Lines(2)).value(&r.title_en),
        Field::new("how", l.t("Đếm thế nào", "How it counts"))
            .kind(Kind::Radios(vec![
                ("value".into(), l.t("lấy giá trị của chỉ tiêu", "the value of the measure").into()),
                ("units".into(), l.t("đếm từng nơi đạt điều kiện", "places that fulfil a condition, one by one").into()),
                ("all".into(), l.t("chính nơi này đạt mọi chỉ tiêu", "whether the place itself fulfils every measure").into()),
            ]))
            .value(match r.how {
                How::Units => "units",
                How::All => "all",
                How::Value => "value",
            }),
        Field::new("measure", l.t("Bằng chỉ tiêu", "By measure")).kind(measures(l.t("(chọn)", "(choose)"), &first)).value(first.clone()).required(),
        Field::new("more", l.t("Cộng thêm các chỉ tiêu", "Added to it"))
            .kind(Kind::Lines(2))
            .value(rest)
            .hint(l.t("Mỗi dòng một mã; tử số cộng tử số, mẫu số cộng mẫu số", "One code per line; n is added to n and N to N")),
        Field::new(
            "instead",
            l.t("Khi chưa có số, hoặc chưa tới nửa số nơi, thì dùng", "Used while there are no figures, or for fewer than half of the places"),
        )
        .kind(Kind::Lines(2))
        .value(r.instead.join("\n"))
        .hint(l.t("Mỗi dòng một mã chỉ tiêu", "One code per line")),
        Field::new("show", l.t("Kết quả là", "The result is"))
            .kind(pair(&[("share", "tỷ lệ phần trăm", "a percentage"), ("number", "số lượng", "a number"), ("yes_no", "đạt hay chưa", "met or not")]))
            .value(match r.show {
                Show::Share => "share",
                Show::Number => "number",
                Show::YesNo => "yes_no",
            }),
        Field::new("level", l.t("Đếm các nơi cấp", "Level of the places counted"))
            .kind(Kind::Select(levels))
            .value(r.level.map(|x| x.word().to_owned()).unwrap_or_default()),
        Field::new("at_least", l.t("Một nơi đạt khi giá trị từ", "A place fulfils it from"))
            .kind(Kind::Number)
            .value(number(r.at_least))
            .hint(l.t("Trống là theo điều kiện của chỉ tiêu", "Empty for the condition of the measure")),
        Field::new("needs", l.t("Cả kết quả phải đạt", "The result as a whole must reach"))
            .kind(Kind::Number)
            .value(number(r.needs))
            .hint(l.t("Trống là giá trị của mục tiêu; 100 nghĩa là mọi nơi đều đạt", "Empty for the value of the target; 100 for each of them")),
        Field::new("kinds", l.t("Chỉ các loại đơn vị", "Only places of these kinds"))
            .value(r.kinds.join(", "))
            .hint(l.t("Ví dụ: xã; trống là mọi loại", "Such as xã; empty for all")),
        Field::new("among", l.t("Chỉ trong những nơi đạt chỉ tiêu", "Only among places that fulfil"))
            .kind(measures(l.t("(mọi nơi)", "(all places)"), r.among.as_deref().unwrap_or_default()))
            .value(r.among.clone().unwrap_or_default()),
        Field::new("groups", l.t("Chỉ trong các nhóm", "Only members of the groups"))
            .kind(Kind::Lines(2))
            .value(r.groups.join("\n"))
            .hint(l.t("Mỗi dòng một mã nhóm, xem danh sách bên dưới", "One code per line, see the list below")),
        Field::new("but_groups", l.t("Trừ các nhóm", "Without members of the groups")).kind(Kind::Lines(2)).value(r.but_groups.join("\n")),
        Field::new("tree", l.t("Trên bản đồ", "On which map"))
            .kind(pair(&[("then", "như khi đó", "as it was then"), ("today", "bản đồ hôm nay", "today’s map")]))
            .value(if r.tree == Tree::Today { "today" } else { "then" }),
        Field::new("on", l.t("Tính vào ngày", "Counted on the day"))
            .kind(Kind::Date)
            .value(r.on.map(|d| d.to_string()).unwrap_or_default())
            .hint(l.t("Trống là kỳ mới nhất đến hạn của mục tiêu", "Empty for the newest period up to the deadline")),
        Field::new("reason", l.t("Vì sao sửa", "Why")).hint(l.t("Ghi trong lịch sử", "Kept in the history")),
    ]
}

fn list(text: &str) -> Vec<String> {
    text.split(['\n', ',', ';']).map(lang::clean).filter(|t| !t.is_empty()).collect()
}

fn read(typed: &Typed, old: &Reading) -> Result<Reading, AppError> {
    let first = Some(value(typed, "measure").to_owned()).filter(|m| !m.is_empty());
    Ok(Reading {
        code: if old.code.is_empty() { lang::clean(value(typed, "code")) } else { old.code.clone() },
        title_vi: value(typed, "title_vi").to_owned(),
        title_en: value(typed, "title_en").to_owned(),
        how: match value(typed, "how") {
            "units" => How::Units,
            "all" => How::All,
            _ => How::Value,
        },
        show: match value(typed, "show") {
            "number" => Show::Number,
            "yes_no" => Show::YesNo,
            _ => Show::Share,
        },
        measures: first.into_iter().chain(list(value(typed, "more"))).collect(),
        instead: list(value(typed, "instead")),
        level: Level::from_word(value(typed, "level")),
        kinds: list(value(typed, "kinds")),
        groups: list(value(typed, "groups")),
        but_groups: list(value(typed, "but_groups")),
        among: Some(value(typed, "among").to_owned()).filter(|a| !a.is_empty()),
        at_least: decimal(value(typed, "at_least"), "at_least")?,
        needs: decimal(value(typed, "needs"), "needs")?,
        tree: if value(typed, "tree") == "today" { Tree::Today } else { Tree::Then },
        on: day(value(typed, "on"), "on")?,
    })
}

struct Asked<'a> {
    plan: &'a Arc<Plan>,
    held: &'a Held,
    old: &'a Reading,
    typed: Option<&'a Typed>,
    error: Option<&'a AppError>,
    preview: Option<Preview>,
}

fn view(programme: &Programme, ctx: &Context, asked: Asked<'_>) -> Response {
    let (l, register, atlas) = (ctx.lang, programme.register(), programme.atlas());
    let (code, target) = (&asked.plan.def.plan.code, &asked.held.target);
    let mut fields = fields(asked.old, &programme.figures().catalog(), l);
    if let Some(typed) = asked.typed {
        keep(&mut fields, typed);
    }
    let title = format!("{} {}: {}", l.t("Cách đọc mục tiêu", "Reading of target"), target.code, target.title(l));
    let path = format!("/plans/{code}/targets/{}", ui::percent_encode(&target.code));
    let mut shell = crumbs(ctx.shell(title).noindex(), &register, asked.plan)
        .crumb(words::short_title(asked.plan, l), format!("/plans/{code}"))
        .crumb(target.code.clone(), path.clone())
        .here(l.t("Cách đọc", "Reading"));
    let at = |reading: &str| format!("{path}/readings/{}", ui::percent_encode(if reading.is_empty() { "new" } else { reading }));
    shell.path = at(&asked.old.code);
    if let Some(error) = asked.error {
        place_error(&mut shell, &mut fields, error);
    }
    let others = target.reading.iter().filter(|r| r.code != asked.old.code).map(|r| super::Link { href: at(&r.code), text: r.title(l).to_owned() });
    let mut others: Vec<super::Link> = others.collect();
    if !asked.old.code.is_empty() {
        others.push(super::Link { href: at("new"), text: l.t("Thêm một cách đọc", "Add a reading").to_owned() });
    }
    let view = ReadingView {
        action: at(&asked.old.code),
        summary: error_summary(l, &fields),
        fields,
        version: asked.plan.def.plan.version,
        groups: atlas.groups().iter().map(|g| (g.code.clone(), l.t(&g.name_vi, &g.name_en).to_owned())).collect(),
        preview: asked.preview,
        may_remove: !asked.old.code.is_empty() && target.reading.len() > 1,
        others,
        shell,
    };
    with_status(page(&view), asked.error.map_or(200, |e| e.status))
}

/// The target of a plan's own that a reading belongs to, and the reading; an empty one for `new`.
fn found(programme: &Programme, plan: &Arc<Plan>, target: &str, reading: &str) -> Result<(Held, Reading), AppError> {
    let held = programme.register().targets(&programme.atlas(), plan).into_iter().find(|h| h.own() && h.target.code == target);
    let held = held.ok_or_else(|| super::unknown_target(target))?;
    let old = held.target.reading.iter().find(|r| r.code == reading).cloned();
    match old {
        Some(old) => Ok((held, old)),
        None if reading == "new" => Ok((held, empty())),
        None => Err(AppError::new("unknown_reading", 404)
            .say("Mục tiêu không có cách đọc này.", "The target has no such reading.")
            .mend("Mở lại trang mục tiêu.", "Open the page of the target again.")),
    }
}

/// `GET /plans/{code}/targets/{target}/readings/{reading}`; `new` adds one.
pub(super) async fn edit(
    From(programme): From<Programme>,
    ctx: Context,
    Path((code, target, reading)): Path<(String, String, String)>,
) -> Result<Response, AppError> {
    let plan = owned(&programme, &ctx, &code).await?;
    let (held, old) = found(&programme, &plan, &target, &reading)?;
    Ok(view(&programme, &ctx, Asked { plan: &plan, held: &held, old: &old, typed: None, error: None, preview: None }))
}

/// The plan with a reading put in the place of another; none takes it away.
fn with(plan: &Plan, held: &Held, old: &Reading, new: Option<Reading>) -> Definition {
    let mut readings = held.target.reading.clone();
    match (readings.iter().position(|r| r.code == old.code), new) {
        (Some(at), Some(new)) => readings.splice(at..=at, [new]).for_each(drop),
        (None, Some(new)) => readings.push(new),
        (Some(at), None) => readings.remove(at).code.clear(),
        (None, None) => {}
    }
    let mut def = plan.def.clone();
    for target in def.target.iter_mut().filter(|t| t.code == held.target.code) {
        target.reading.clone_from(&readings);
    }
    def
}

/// `POST /plans/{code}/targets/{target}/readings/{reading}` with `do` = `preview`, `save` or `remove`.
pub(super) async fn save(
    From(programme): From<Programme>,
    ctx: Context,
    Path((code, target, reading)): Path<(String, String, String)>,
    Form(typed): Form<Typed>,
) -> Result<Response, AppError> {
    let plan = owned(&programme, &ctx, &code).await?;
    let (held, old) = found(&programme, &plan, &target, &reading)?;
    let version = value(&typed, "version").parse().ok();
    let made = async {
        if value(&typed, "do") == "remove" {
            let reason = format!("{} {}", ctx.lang.t("bỏ cách đọc", "reading removed:"), old.code);
            return programme.save_plan(&ctx, with(&plan, &held, &old, None), &reason, version, &Lines::Unknown).await.map(|_| None);
        }
        let new = read(&typed, &old)?;
        let def = with(&plan, &held, &old, Some(new.clone()));
        if value(&typed, "do") == "preview" {
            let wrongs = programme.check_plan(&def, &Lines::Unknown);
            if !wrongs.is_empty() {
                return Err(crate::check::refusal(&wrongs));
            }
            return preview(&programme, &ctx, &held, new).await.map(Some);
        }
        programme.save_plan(&ctx, def, value(&typed, "reason"), version, &Lines::Unknown).await.map(|_| None)
    };
    match made.await {
        Ok(Some(seen)) => Ok(view(&programme, &ctx, Asked { plan: &plan, held: &held, old: &old, typed: Some(&typed), error: None, preview: Some(seen) })),
        Ok(None) => Ok(see_other(format!("/plans/{code}/targets/{}", ui::percent_encode(&target)))),
        Err(error) if in_form(&error) => {
            Ok(view(&programme, &ctx, Asked { plan: &plan, held: &held, old: &old, typed: Some(&typed), error: Some(&error), preview: None }))
        }
        Err(error) => Err(error),
    }
}

/// Who would be counted, and what would come out.
async fn preview(programme: &Programme, ctx: &Context, held: &Held, reading: Reading) -> Result<Preview, AppError> {
    let (l, atlas) = (ctx.lang, programme.atlas());
    let p = programme.preview(ctx, held.clone(), reading.clone()).await?.ok_or_else(|| super::unknown_target(&held.target.code))?;
    let mut places = counted(programme, ctx, &p, &reading).await?;
    places.retain(|x| x.1 != State::Out);
    let day = p.figures.first().map_or(ctx.today(), |v| v.known.window(v.period).1);
    let states = [
        (State::Met, l.t("đạt", "met"), "ok"),
        (State::NotMet, l.t("chưa đạt", "falls short"), "late"),
        (State::Awaiting, l.t("chờ duyệt", "awaiting review"), "wait"),
        (State::Missing, l.t("chưa có số", "no figure"), "none"),
    ];
    let word = |state: State| states.iter().find(|s| s.0 == state).map_or(("", "plain"), |s| (s.1, s.2));
    let total = i64::try_from(places.len()).unwrap_or(0);
    let mut counts = vec![(format!("{} {}", words::whole(total, l), l.t("nơi được đếm", "places counted")), "plain")];
    for (state, text, tone) in states {
        let n = i64::try_from(places.iter().filter(|x| x.1 == state).count()).unwrap_or(0);
        if n > 0 {
            counts.push((format!("{} {text}", words::whole(n, l)), tone));
        }
    }
    Ok(Preview {
        finding: words::finding(&p, "", l),
        counts,
        lacks: if p.tally.value.is_none() { words::lacks(&p, l) } else { Vec::new() },
        more: places.len().saturating_sub(NAMED),
        places: places.iter().take(NAMED).map(|(unit, state)| (atlas.full_name(*unit, day), word(*state).0, word(*state).1)).collect(),
        period: p.period.map(|x| words::period(x, l)).unwrap_or_default(),
    })
}

/// Every place that is counted, or that reports what is added up, with how it stands.
async fn counted(programme: &Programme, ctx: &Context, p: &Progress, reading: &Reading) -> Result<Vec<(uuid::Uuid, State)>, AppError> {
    let Some(sample) = p.figures.first() else { return Ok(Vec::new()) };
    if reading.how == How::Units {
        let (places, _) = programme.places_of(ctx, reading, Some(sample), p.place).await?;
        return Ok(places.into_iter().map(|x| (x.unit, x.state)).collect());
    }
    let ask = Ask { known: Arc::clone(&sample.known), period: sample.period, tree: sample.tree };
    let rows = programme.figures().read_level(&ask, p.place, sample.known.measure.def.level).await.map_err(db_error)?;
    let state = |v: &figures::FigureView| match (v.known.measure.def.kind == figures::Kind::YesNo, v.value) {
        (true, _) | (_, None) => tally::state(v, None),
        (false, Some(_)) => State::Met,
    };
    Ok(rows.iter().map(|v| (v.place, state(v))).collect())
}
