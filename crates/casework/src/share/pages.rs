//! The page of the share: the figure, its definition, each dossier behind it.

use super::{Asked, Count, NewCount, Share, definition::JUDGED};
use crate::Casework;
use crate::document::desk::{Typed, id_of, in_form, moment, place, see_other, short, with_status};
use crate::document::{Hat, Office, Trusted, office::office_unknown};
use access::{Context, Need, Role, Routes};
use askama::Template;
use axum::extract::{Form, Multipart, Path, Query, State};
use axum::response::Response;
use calendar::{Period, PeriodKind};
use figures::{Published, Value};
use jiff::civil::Date;
use places::Level;
use serde::Deserialize;
use ui::chart::{StackedBar, stacked_bar};
use ui::form::{Field, Kind, error_summary};
use ui::{AppError, Html, Lang, Notice, Tone, page};
use uuid::Uuid;

type Answer = Result<Response, AppError>;
type Fields = Form<Vec<(String, String)>>;

pub(crate) fn routes() -> Routes<Casework> {
    let inside = Need::Role(Role::Viewer);
    let admin = Need::Role(Role::Administrator);
    Routes::new()
        .get("/dossiers/share", inside, show)
        .post("/dossiers/share/{office}/count", inside, count)
        .post("/dossiers/share/{office}/take-over", inside, take_over)
        .post("/dossiers/share/{unit}/define", admin, define)
        .upload("/dossiers/share/{unit}/define/trust", admin, 1_000_000, trust)
        .post("/dossiers/share/{unit}/define/distrust", admin, distrust)
}

#[derive(Debug, Default, Deserialize)]
struct Ask {
    unit: Option<String>,
    period: Option<String>,
    after: Option<String>,
    done: Option<String>,
}

#[derive(Template)]
#[template(path = "share.html")]
struct ShareView {
    shell: ui::Shell,
    headline: String,
    unit: Uuid,
    period: String,
    periods: Vec<(String, String)>,
    why: String,
    bar: Html,
    said: String,
    version: i64,
    reason: String,
    days: (String, String),
    counts: Vec<(Count, String)>,
    share: Share,
    kept: Option<String>,
    take: Option<String>,
    judged: Vec<(String, String, String, String, String)>,
    next: Option<String>,
    below: Vec<(String, String, i64, i64, String)>,
    count_action: Option<String>,
    count_fields: Vec<Field>,
    summary: Html,
    define_action: Option<String>,
    define_fields: Vec<Field>,
    trusted: Vec<Trusted>,
    trust_fields: Vec<Field>,
}

fn done(l: Lang, word: Option<&str>) -> Option<Notice> {
    let text = match word? {
        "count" => l.t("Đã ghi số lượng; tỷ lệ đã cập nhật.", "The counts are saved; the share is up to date."),
        "taken" => l.t("Số đếm được đã thay số nhập tay.", "The counted value stands now."),
        "defined" => l.t("Định nghĩa mới đã có hiệu lực.", "The new definition is in force."),
        "trusted" => l.t("Đã thêm chứng thư tin cậy.", "The certificate is trusted now."),
        "distrusted" => l.t("Đã bỏ chứng thư.", "The certificate is removed."),
        _ => return None,
    };
    Some(Notice::new(Tone::Good, text))
}

/// `45,2%` of n of N; empty without N.
fn percent(n: i64, of: i64, l: Lang) -> String {
    if of == 0 {
        return String::new();
    }
    let share = rust_decimal::Decimal::from(n * 100) / rust_decimal::Decimal::from(of);
    format!("{}%", l.number(share, 1))
}

fn label(period: Period, l: Lang) -> String {
    if l == Lang::Vi { period.label_vi() } else { period.label_en() }
}

fn natural(n: i64) -> u64 {
    u64::try_from(n).unwrap_or_default()
}

async fn view(work: &Casework, ctx: &Context, ask: &Ask, typed: &Typed, error: Option<&AppError>) -> Answer {
    let (l, today) = (ctx.lang, ctx.today());
    let unit = match ask.unit.as_deref().map(str::trim).filter(|t| !t.is_empty()) {
        Some(text) => id_of(text)?,
        None => work.my_offices(ctx).await?.first().map(|o| o.unit).ok_or_else(office_unknown)?,
    };
    let atlas = work.figures().places().atlas();
    let (known, now) = work.share_measure(unit, today).ok_or_else(super::no_measure)?;
    let period = ask.period.as_deref().and_then(|p| p.parse::<Period>().ok()).filter(|p| p.kind() == PeriodKind::Quarter).unwrap_or(now);
    let day = known.window(period).0;
    let share = work.share(ctx, unit, day).await?;
    let after = ask.after.as_deref().and_then(|a| a.parse().ok());
    let judged = work.judged(ctx, unit, day, after, 51).await?;
    let more = judged.len() > 50;
    let office = work.office(ctx, unit).await?;
    // Somebody who reviews from above sees which step broke what, but opens only what is of their own office.
    let inside = office.works_here(ctx);
    let last = judged.get(49).map(|j| j.dossier.id);
    let name = atlas.full_name(unit, today);
    let headline = match share.of() {
        0 => l.t("Chưa có hồ sơ nào kết thúc trong kỳ", "No dossier was closed in the period").to_owned(),
        of => {
            format!("{} {} ({}/{of})", percent(share.n(), of, l), l.t("hồ sơ xử lý toàn bộ trên mạng", "of dossiers handled wholly on the network"), share.n())
        }
    };
    let level = atlas.unit(unit).map(|u| u.level);
    let mut below = Vec::new();
    if level == Some(Level::Province) {
        for (commune, n, of) in work.shares_of_province(ctx, unit, Level::Commune, day).await? {
            below.push((format!("/dossiers/share?unit={commune}&period={period}"), atlas.full_name(commune, today), n, of, percent(n, of, l)));
        }
        below.sort_by_cached_key(|b| lang::sort_key(&b.1));
    }
    let title = format!("{name}, {}", label(period, l));
    let mut shell = ctx
        .shell(title)
        .noindex()
        .notice(done(l, ask.done.as_deref()))
        .crumb(l.t("Hồ sơ công việc", "Work dossiers"), "/dossiers")
        .here(l.t("Tỷ lệ trên mạng", "Share on the network"));
    shell.path = format!("/dossiers/share?unit={unit}&period={period}");
    let v = |name: &str, otherwise: &str| if typed.text(name).is_empty() { otherwise.to_owned() } else { typed.text(name).to_owned() };
    let secret = share.counts.iter().find(|c| c.system.is_empty() && c.office == office.id).map_or(0, |c| c.secret);
    let mut count_fields = vec![
        Field::new("period", l.t("Kỳ", "Period")).value(v("period", &period.to_string())).hint("2026-Q3"),
        Field::new("system", l.t("Tên hệ thống khác", "Name of the other system"))
            .value(v("system", ""))
            .hint(l.t("Để trống nếu chỉ ghi hồ sơ mật.", "Empty when only secret dossiers are counted.")),
        Field::new("closed", l.t("Hồ sơ kết thúc trong kỳ ở đó", "Dossiers closed there")).kind(Kind::Number).value(v("closed", "0")),
        Field::new("network", l.t("Trong đó xử lý toàn bộ trên mạng", "Of these wholly on the network")).kind(Kind::Number).value(v("network", "0")),
        Field::new("secret", l.t("Hồ sơ mật (chỉ số lượng)", "Secret dossiers (count only)")).kind(Kind::Number).value(v("secret", &secret.to_string())),
    ];
    let path = atlas.path(unit, today);
    let defines = matches!(level, Some(Level::Province)) && ctx.may(Role::Administrator, &path);
    let mut define_fields: Vec<Field> = Vec::new();
    let mut trust_fields: Vec<Field> = Vec::new();
    let mut trusted = Vec::new();
    if defines {
        let options: Vec<(String, String)> = Asked::ALL.map(|a| (a.word().to_owned(), a.label(l).to_owned())).to_vec();
        for step in JUDGED {
            let name = format!("step-{}", step.word());
            define_fields
                .push(Field::new(name.clone(), step.label(l)).kind(Kind::Select(options.clone())).value(v(&name, share.definition.asked(step).word())));
        }
        define_fields.push(
            Field::new("trusted", l.t("Chữ ký số phải thuộc chứng thư tin cậy", "Signatures must lead to a trusted certificate"))
                .kind(Kind::Check)
                .value(if share.definition.trusted_signature { "1" } else { "" }),
        );
        define_fields.push(Field::new("from", l.t("Áp dụng từ quý", "In force from quarter")).value(v("from", &now.to_string())).hint("2026-Q4"));
        define_fields.push(
            Field::new("why", l.t("Căn cứ", "Basis"))
                .value(v("why", ""))
                .hint(l.t("Số, ngày văn bản của tỉnh", "Number and date of the province's document"))
                .required(),
        );
        trust_fields.push(Field::new("certificate", l.t("Chứng thư gốc (.cer, .pem)", "Root certificate (.cer, .pem)")).kind(Kind::File));
        trust_fields.push(Field::new("basis", l.t("Căn cứ tin cậy", "Why it is trusted")).value(v("basis", "")).required());
        trusted = work.trust_list(ctx, unit).await?;
    }
    if let Some(error) = error {
        let all: &mut [Field] = if count_fields.iter().any(|f| error.at.as_deref() == Some(f.name.as_str())) {
            &mut count_fields
        } else if trust_fields.iter().any(|f| error.at.as_deref() == Some(f.name.as_str())) {
            &mut trust_fields
        } else {
            &mut define_fields
        };
        place(&mut shell, all, error);
    }
    let kept = match &share.kept {
        Some(Published::Kept { who, at, value, source }) => {
            let shown = match value {
                Value::Ratio { n, of } => format!("{n}/{of} ({})", percent(*n, *of, l)),
                _ => l.t("không có số", "no value").to_owned(),
            };
            (*value != Value::Ratio { n: share.n(), of: share.of() }).then(|| {
                format!(
                    "{} {shown}, {} {who}, {} ({source}). {}",
                    l.t("Số đang công bố là", "What is published is"),
                    l.t("do", "entered by"),
                    moment(*at),
                    l.t("Số đếm được ở trên không tự thay số đó.", "The counted value above does not replace it by itself.")
                )
            })
        }
        _ => None,
    };
    let keeps_counts = office.wears(ctx, Hat::Clerk) || office.wears(ctx, Hat::Head);
    let periods: Vec<(String, String)> = std::iter::successors(Some(now), |p| p.previous()).take(8).map(|p| (p.to_string(), label(p, l))).collect();
    let bar = StackedBar {
        lang: l,
        met: natural(share.n()),
        not_met: natural(share.of() - share.n()),
        met_text: l.t("trên mạng", "on the network").to_owned(),
        not_text: l.t("có bước ngoài mạng", "with a step elsewhere").to_owned(),
        ..StackedBar::default()
    };
    let line = |j: &super::Judged| {
        let href = if inside { format!("/dossiers/{}/{}", j.dossier.office, j.dossier.id) } else { String::new() };
        (href, j.dossier.code.clone(), j.dossier.title.clone(), short(&j.dossier.closed_on), j.broken.map(|b| b.label(l)).unwrap_or_default())
    };
    let body = ShareView {
        headline,
        unit,
        period: period.to_string(),
        periods,
        why: format!("/why?measure={}&unit={unit}&period={period}", known.measure.def.code),
        bar: if share.of() > 0 { stacked_bar(&bar) } else { Html::default() },
        said: share.definition.said(l),
        version: share.definition.version,
        reason: share.definition.reason.clone(),
        days: (lang::show::short_date(share.days.0), lang::show::short_date(share.days.1)),
        counts: share.counts.iter().map(|c| (c.clone(), moment(c.at))).collect(),
        take: kept.as_ref().filter(|_| office.wears(ctx, Hat::Head)).map(|_| format!("/dossiers/share/{}/take-over", office.id)),
        kept,
        judged: judged.iter().take(50).map(line).collect(),
        next: last.filter(|_| more).map(|id| format!("/dossiers/share?unit={unit}&period={period}&after={id}")),
        below,
        count_action: keeps_counts.then(|| format!("/dossiers/share/{}/count", office.id)),
        summary: error_summary(l, &count_fields),
        count_fields,
        define_action: defines.then(|| format!("/dossiers/share/{unit}/define")),
        define_fields,
        trusted,
        trust_fields,
        share,
        shell,
    };
    Ok(error.map_or_else(|| page(&body), |e| with_status(page(&body), e.status)))
}

/// `GET /dossiers/share?unit=&period=&after=`
async fn show(State(work): State<Casework>, ctx: Context, Query(ask): Query<Ask>) -> Answer {
    view(&work, &ctx, &ask, &Typed::default(), None).await
}

async fn answer(work: &Casework, ctx: &Context, unit: Uuid, typed: &Typed, outcome: Result<&str, AppError>) -> Answer {
    match outcome {
        Ok(word) => Ok(see_other(&format!("/dossiers/share?unit={unit}&period={}&done={word}", ui::percent_encode(typed.text("period"))))),
        Err(error) if in_form(&error) => view(work, ctx, &Ask { unit: Some(unit.to_string()), ..Ask::default() }, typed, Some(&error)).await,
        Err(error) => Err(error),
    }
}

fn quarter(text: &str, at: &'static str) -> Result<Period, AppError> {
    text.trim().parse().map_err(|_| {
        AppError::new("unknown_period", 422).say("Kỳ chưa đúng.", "The period is not right.").mend("Ghi dạng 2026-Q3.", "Write it as 2026-Q3.").at(at)
    })
}

/// `POST /dossiers/share/{office}/count`
async fn count(State(work): State<Casework>, ctx: Context, Path(office): Path<String>, Form(fields): Fields) -> Answer {
    let (office, typed): (Office, Typed) = (work.desk(&ctx, &office).await?, Typed::plain(fields));
    let read = || -> Result<(Period, NewCount), AppError> {
        let number = |name| typed.number(name).map(Option::unwrap_or_default);
        Ok((
            quarter(typed.text("period"), "period")?,
            NewCount { system: typed.text("system").to_owned(), closed: number("closed")?, network: number("network")?, secret: number("secret")? },
        ))
    };
    let outcome = match read() {
        Ok((period, new)) => work.save_count(&ctx, &office, period, &new, "form").await.map(|()| "count"),
        Err(error) => Err(error),
    };
    answer(&work, &ctx, office.unit, &typed, outcome).await
}

/// `POST /dossiers/share/{office}/take-over`
async fn take_over(State(work): State<Casework>, ctx: Context, Path(office): Path<String>, Form(fields): Fields) -> Answer {
    let (office, typed) = (work.desk(&ctx, &office).await?, Typed::plain(fields));
    let period = quarter(typed.text("period"), "period")?;
    let day: Date = work.share_measure(office.unit, ctx.today()).map(|(known, _)| known.window(period).0).ok_or_else(super::no_measure)?;
    let outcome = work.take_over(&ctx, &office, day, typed.text("reason")).await.map(|()| "taken");
    answer(&work, &ctx, office.unit, &typed, outcome).await
}

/// `POST /dossiers/share/{unit}/define`
async fn define(State(work): State<Casework>, ctx: Context, Path(unit): Path<String>, Form(fields): Fields) -> Answer {
    let (unit, typed) = (id_of(&unit)?, Typed::plain(fields));
    let steps: Vec<_> = JUDGED.iter().filter_map(|s| Some((*s, Asked::from_word(typed.text(&format!("step-{}", s.word())))?))).collect();
    let outcome = match quarter(typed.text("from"), "from") {
        Ok(from) => work.set_definition(&ctx, unit, &steps, !typed.text("trusted").is_empty(), from, typed.text("why")).await.map(|_| "defined"),
        Err(error) => Err(error),
    };
    answer(&work, &ctx, unit, &typed, outcome).await
}

/// `POST /dossiers/share/{unit}/define/trust`
async fn trust(State(work): State<Casework>, ctx: Context, Path(unit): Path<String>, form: Multipart) -> Answer {
    let unit = id_of(&unit)?;
    let mut typed = Typed::read(form).await?;
    let bytes = match typed.take_files().pop() {
        Some(mut file) => file.bytes(1_000_000)?.unwrap_or_default(),
        None => Vec::new(),
    };
    let outcome = work.trust(&ctx, unit, &bytes, typed.text("basis")).await.map(|()| "trusted");
    answer(&work, &ctx, unit, &typed, outcome).await
}

/// `POST /dossiers/share/{unit}/define/distrust`
async fn distrust(State(work): State<Casework>, ctx: Context, Path(unit): Path<String>, Form(fields): Fields) -> Answer {
    let (unit, typed) = (id_of(&unit)?, Typed::plain(fields));
    let outcome = work.distrust(&ctx, unit, typed.text("fingerprint")).await.map(|()| "distrusted");
    answer(&work, &ctx, unit, &typed, outcome).await
}
