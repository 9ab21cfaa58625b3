//! What figures ask of a person: to enter and hand over, to correct what came back, to decide, to remind who is late.

use super::{cell, due_words, moment, period_label, provinces, unit_name};
use crate::{Figures, Lateness, Punctual};
use access::{Context, Role, db_error};
use calendar::Period;
use jiff::civil::Date;
use places::Level;
use ui::AppError;
use uuid::Uuid;
use work::{Answer, Duty, DutySource, Urgency};

/// Figures as a source of duties.
#[derive(Clone, Debug)]
pub struct FiguresDuties(pub Figures);

impl DutySource for FiguresDuties {
    fn name(&self) -> &'static str {
        "figures"
    }

    fn duties<'a>(&'a self, ctx: &'a Context, most: usize) -> Answer<'a, Vec<Duty>> {
        Box::pin(async move {
            if !ctx.speaks_for_place() {
                return Ok(Vec::new());
            }
            let mut all = returned(&self.0, ctx, most).await?;
            all.extend(to_enter(&self.0, ctx).await?);
            all.extend(to_decide(&self.0, ctx).await?);
            all.extend(to_remind(&self.0, ctx).await?);
            all.sort_by_key(|duty| (duty.urgency, duty.due.is_none(), duty.due));
            all.truncate(most);
            Ok(all)
        })
    }
}

/// The last instant of a day in Vietnam, and what that means today.
fn clock(due: Option<Date>, today: Date) -> (Option<i64>, Urgency) {
    let Some(due) = due else { return (None, Urgency::Open) };
    let end = due.at(23, 59, 59, 0).to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(7))).map(|z| calendar::micros(z.timestamp())).ok();
    let urgency = match today.until(due).map(|span| span.get_days()) {
        Ok(..0) => Urgency::Late,
        Ok(0..=1) => Urgency::Soon,
        _ => Urgency::Open,
    };
    (end, urgency)
}

async fn returned(figures: &Figures, ctx: &Context, most: usize) -> Result<Vec<Duty>, AppError> {
    let l = ctx.lang;
    let held = figures.returned(ctx, most.min(50)).await?;
    let duty = |(unit, held): (Uuid, crate::Held)| {
        let who = held.act.as_ref().map(|act| format!("{}, {}", act.who_name, moment(act.at))).unwrap_or_default();
        let code = &held.known.measure.def.code;
        Duty {
            key: format!("returned:{unit}:{code}:{}:{}", held.period, held.line.seq),
            title: format!("{}, {}", held.known.measure.title(l), period_label(held.period, l)),
            about: format!(
                "{} · {} {}: “{}” ({who})",
                unit_name(figures, unit, held.known.window(held.period).1),
                cell::said_of(&held.known, &held.line.value, l),
                l.t("bị trả lại", "was returned"),
                held.line.reason.clone().unwrap_or_default()
            ),
            verb: l.t("Sửa", "Correct").to_owned(),
            href: format!("/enter?unit={unit}&period={}#row-{}-{code}", held.period, unit.simple()),
            urgency: Urgency::Soon,
            ..Duty::default()
        }
    };
    Ok(held.into_iter().map(duty).collect())
}

async fn to_enter(figures: &Figures, ctx: &Context) -> Result<Vec<Duty>, AppError> {
    let today = ctx.today();
    let map = figures.places().atlas().on(today);
    let mut out = Vec::new();
    for unit in ctx.units_with(Role::Officer) {
        let Some(level) = map.level(unit).filter(|level| *level != Level::Nation) else { continue };
        for period in figures.open_periods(today) {
            let board = figures.lateness(ctx, unit, period).await.map_err(db_error)?;
            if board.closed.is_none() && board.units.iter().any(|u| u.missing() > 0) {
                out.push(one_to_enter(figures, ctx, unit, level < Level::Commune, period, &board));
            }
        }
    }
    Ok(out)
}

fn one_to_enter(figures: &Figures, ctx: &Context, unit: Uuid, wide: bool, period: Period, board: &Lateness) -> Duty {
    let (l, today) = (ctx.lang, ctx.today());
    let sum = |of: fn(&crate::Standing) -> i64| board.units.iter().map(of).sum::<i64>();
    let (measures, handed) = (sum(|u| u.measures), sum(|u| u.accepted + u.awaiting));
    let (drafts, returned) = (sum(|u| u.drafts), sum(|u| u.returned));
    let mut about = format!("{} {handed}/{measures} {}", l.t("đã nộp", "handed over"), l.t("số liệu", "figures"));
    if wide {
        let complete = board.units.iter().filter(|u| u.missing() == 0).count();
        about = format!("{complete}/{} {} · {about}", board.units.len(), l.t("đơn vị đủ", "units complete"));
    }
    if drafts > 0 {
        about.push_str(&format!(" · {drafts} {}", l.t("nháp", "drafts")));
    }
    if returned > 0 {
        about.push_str(&format!(" · {returned} {}", l.t("bị trả lại", "returned")));
    }
    let (due, mut urgency) = clock(board.due, today);
    if urgency == Urgency::Late && !board.units.iter().any(|u| matches!(u.punctual, Punctual::Late(_))) {
        urgency = Urgency::Open;
    }
    // When everything missing is already a draft, handing over is all that is left.
    let ready = !wide && drafts > 0 && handed + drafts >= measures;
    let (verb, path) = match (ready, wide) {
        (true, _) => (l.t("Nộp", "Hand over"), "/enter/submit"),
        (false, true) => (l.t("Nhập số liệu", "Enter figures"), "/enter/grid"),
        (false, false) => (l.t("Nhập số liệu", "Enter figures"), "/enter"),
    };
    Duty {
        key: format!("enter:{unit}:{period}"),
        title: format!("{} {}, {}", l.t("Số liệu", "Figures of"), period_label(period, l), unit_name(figures, unit, today)),
        about,
        verb: verb.to_owned(),
        href: format!("{path}?unit={unit}&period={period}"),
        due,
        urgency,
        due_words: due_words(board.due, today, l).0,
        ..Duty::default()
    }
}

async fn to_decide(figures: &Figures, ctx: &Context) -> Result<Vec<Duty>, AppError> {
    if !ctx.may_somewhere(Role::Reviewer) {
        return Ok(Vec::new());
    }
    let l = ctx.lang;
    let counts = figures.queue_counts(ctx).await?;
    let duty = |(period, count): (Period, i64)| Duty {
        key: format!("decide:{period}"),
        title: format!("{count} {} {}", l.t("số liệu chờ duyệt,", "figures wait for acceptance,"), period_label(period, l)),
        about: l.t("Cũ nhất ở trên; số bất thường được đánh dấu.", "The oldest first; unusual ones are marked.").to_owned(),
        verb: l.t("Xem và duyệt", "Look and accept").to_owned(),
        href: format!("/queue?period={period}"),
        urgency: Urgency::Open,
        ..Duty::default()
    };
    Ok(counts.into_iter().map(duty).collect())
}

async fn to_remind(figures: &Figures, ctx: &Context) -> Result<Vec<Duty>, AppError> {
    let (l, today) = (ctx.lang, ctx.today());
    let mut out = Vec::new();
    // A reviewer of the whole country reads the completeness board instead of thirty-four lines here.
    let own = provinces(figures, ctx, Role::Reviewer).into_iter().filter(|p| figures.may(ctx, Role::Reviewer, *p)).take(5);
    for province in own {
        for period in figures.open_periods(today) {
            let board = figures.lateness(ctx, province, period).await.map_err(db_error)?;
            let late = board.late();
            if board.closed.is_some() || late == 0 {
                continue;
            }
            let complete = board.units.iter().filter(|u| u.missing() == 0).count();
            out.push(Duty {
                key: format!("remind:{province}:{period}"),
                title: format!("{late} {} {}, {}", l.t("đơn vị trễ", "units are late with"), period_label(period, l), unit_name(figures, province, today)),
                about: format!("{complete}/{} {}", board.units.len(), l.t("đơn vị đủ", "units complete")),
                verb: l.t("Ai đang trễ", "Who is late").to_owned(),
                href: format!("/rounds?unit={province}&period={period}"),
                due_words: due_words(board.due, today, l).0,
                urgency: Urgency::Open,
                ..Duty::default()
            });
        }
    }
    Ok(out)
}
