//! `/plans/{code}`: a plan, how its targets stand, and who falls short.

use super::show::{Card, ClaimLine, card, claim, plan_bar};
use super::words;
use super::{At, Link, crumbs, plan_href, plan_of};
use crate::plan::{Pillar, Plan};
use crate::register::Register;
use crate::service::Programme;
use crate::service::progress::Progress;
use crate::verdict::Verdict;
use access::{Context, db_error};
use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use figures::{Ask, Tree};
use std::sync::Arc;
use ui::{AppError, Html, Notice, Shell, Tone, page};
use uuid::Uuid;

struct Group {
    title: &'static str,
    cards: Vec<Card>,
}

struct Short {
    title: String,
    href: String,
    what: String,
    gap: String,
    tone: &'static str,
    verdict: &'static str,
}

struct LooseClaim {
    claim: ClaimLine,
    computed: String,
    why: Option<String>,
}

#[derive(Template)]
#[template(path = "programme_plan.html")]
struct PlanView {
    shell: Shell,
    head: String,
    title: String,
    sub: Vec<String>,
    fresh: Option<String>,
    document: Option<(Link, &'static str, String)>,
    bar: Html,
    tags: Vec<(&'static str, String)>,
    groups: Vec<Group>,
    short: Vec<Short>,
    claims: Vec<LooseClaim>,
    children: Vec<Link>,
    task_groups: Vec<(u32, String)>,
    pilots: Vec<Link>,
    note: String,
    source: String,
    then: String,
    today: Option<String>,
    on_today: bool,
    elsewhere: Option<Link>,
    exports: [(&'static str, String); 2],
    edit: Option<String>,
    history: String,
    next: Vec<Link>,
}

/// `GET /plans/{code}?unit=&tree=`
pub(super) async fn show(State(programme): State<Programme>, ctx: Context, Path(code): Path<String>, Query(at): Query<At>) -> Result<Response, AppError> {
    let register = programme.current().await;
    let plan = plan_of(&register, &code)?;
    let atlas = programme.atlas();
    let (l, place) = (ctx.lang, at.place(&atlas, &plan)?);
    // A place that is not on today's map is read as it was then.
    let living = atlas.on(programme.figures().map_day()).has(place);
    let today = at.today() && living;
    let list = programme.progress(&ctx, &plan, place, today).await?;
    let cards: Vec<(Pillar, Card)> = list.iter().map(|p| (p.held.target.pillar, card(&register, p, today, l))).collect();
    let groups = Pillar::ALL.into_iter().filter_map(|pillar| {
        let (vi, en) = pillar.label();
        let cards: Vec<Card> = cards.iter().filter(|(p, _)| *p == pillar).map(|(_, c)| c.clone()).collect();
        (!cards.is_empty()).then(|| Group { title: l.t(vi, en), cards })
    });
    let head = words::headline(&list, l);
    let place_name = super::place_name(&atlas, place, &ctx);
    let title = plan.def.plan.title(l).to_owned();
    let document = plan.def.plan.document.as_deref().and_then(|d| register.document(d)).map(|d| {
        let (tone, text) = super::library::validity_tag(&register, d, &ctx);
        (Link { href: format!("/documents/{}", d.about.code), text: d.about.cited() }, tone, text)
    });
    let mut shell = crumbs(ctx.shell(format!("{title} · {place_name}")), &register, &plan).describe(format!("{title}: {head}"));
    if at.done.is_some() {
        shell = shell.notice(Some(Notice::new(Tone::Good, l.t("Đã lưu.", "Saved."))));
    }
    let shell = if place == plan.home {
        shell.here(words::short_title(&plan, l))
    } else {
        shell.crumb(words::short_title(&plan, l), format!("/plans/{code}")).here(place_name.clone())
    };
    let count = |v: Verdict| list.iter().filter(|p| p.verdict == v).count();
    let sub = [if place == plan.home { words::home(&atlas, &plan, &ctx) } else { place_name }, words::days(&plan, l), plan.def.plan.authority.clone()];
    let (groups, claims) = (groups.collect(), loose_claims(&programme, &ctx, &plan, &list).await?);
    let view = PlanView {
        head,
        title,
        sub: sub.into_iter().filter(|t| !t.is_empty()).collect(),
        document,
        fresh: words::fresh(&list, l),
        bar: plan_bar(&list, l),
        tags: Verdict::ALL
            .into_iter()
            .filter(|v| count(*v) > 0)
            .map(|v| {
                let (vi, en) = v.label();
                (v.tone().class(), format!("{} {}", count(v), l.t(vi, en)))
            })
            .collect(),
        groups,
        short: short(&list, today, l),
        claims: if place == plan.home { claims } else { Vec::new() },
        children: register.children(&code).map(|p| Link { href: format!("/plans/{}", p.def.plan.code), text: p.def.plan.title(l).to_owned() }).collect(),
        task_groups: plan
            .def
            .task_group
            .iter()
            .map(|g| (g.number, if g.title_en.is_empty() { g.title_vi.clone() } else { l.t(&g.title_vi, &g.title_en).to_owned() }))
            .collect(),
        pilots: pilots(&programme, &plan, &ctx),
        note: plan.def.plan.note.clone(),
        source: plan.def.plan.source.clone(),
        then: plan_href(&plan, place, false),
        today: living.then(|| plan_href(&plan, place, true)),
        on_today: today,
        elsewhere: heir(&programme, &plan, place, &ctx),
        exports: [("Excel", format!("/plans/{code}/export.xlsx")), ("TOML", format!("/plans/{code}/export.toml"))],
        edit: programme.may_own(&ctx, &plan).then(|| format!("/plans/{code}/edit")),
        history: format!("/plans/{code}/history"),
        next: register
            .plans()
            .filter(|p| p.def.plan.follows.as_deref() == Some(code.as_str()))
            .map(|p| Link { href: format!("/plans/{}", p.def.plan.code), text: p.def.plan.title(l).to_owned() })
            .collect(),
        shell,
    };
    Ok(page(&view))
}

/// The unit of today that took over the place, to read the same plan there.
fn heir(programme: &Programme, plan: &Plan, place: Uuid, ctx: &Context) -> Option<Link> {
    let atlas = programme.atlas();
    let today = ctx.today();
    let last = super::last_day(&atlas, place, ctx);
    if last >= today {
        return None;
    }
    let heir = atlas.heirs(place, last, today, places::Basis::Population).into_iter().next()?;
    Some(Link { href: plan_href(plan, heir.unit, true), text: atlas.full_name(heir.unit, today) })
}

/// Groups of pilots named in the facts, on the page of the programme they belong to.
fn pilots(programme: &Programme, plan: &Plan, ctx: &Context) -> Vec<Link> {
    let counts_pilots = plan.def.target.iter().any(|t| t.pillar == Pillar::Pilot) && Some(plan.home) == programme.atlas().nation();
    let atlas = programme.atlas();
    let groups = atlas.groups().iter().filter(|g| counts_pilots && g.kind == places::GroupKind::Pilot);
    groups.map(|g| Link { href: format!("/places/groups/{}", g.code), text: format!("{} ({})", ctx.lang.t(&g.name_vi, &g.name_en), g.members.len()) }).collect()
}

/// The targets that are not met: how many places fall short of each, the largest gaps first.
fn short(list: &[Progress], today: bool, l: ui::Lang) -> Vec<Short> {
    let mut open: Vec<&Progress> =
        list.iter().filter(|p| matches!(p.verdict, Verdict::NotMet | Verdict::Behind | Verdict::Open | Verdict::Underway | Verdict::OnTrack)).collect();
    open.sort_by_key(|p| (std::cmp::Reverse(p.verdict), std::cmp::Reverse(words::short(p) + p.tally.missing + p.tally.awaiting)));
    let line = |p: &&Progress| {
        let (vi, en) = p.verdict.label();
        let (short, missing) = (words::short(p), p.tally.missing + p.tally.awaiting);
        let mut what = Vec::new();
        if short > 0 {
            what.push(format!("{} {} {}", words::whole(short, l), words::things(p, l), l.t("chưa đạt", "fall short")));
        }
        if missing > 0 {
            what.push(format!("{} {}", words::whole(missing, l), l.t("nơi chưa có số", "places without figures")));
        }
        let gap = p.tally.value.map(|v| (p.required - v).abs());
        Short {
            title: format!("{} {}", p.held.target.code, p.held.target.title(l)),
            href: super::target_href(&p.held.plan, &p.held.target.code, p.place, today),
            what: what.join("; "),
            gap: match (gap, p.tally.parts) {
                (Some(g), Some(_)) => format!("{} {}", l.number(g, 1), l.t("điểm %", "points")),
                (Some(g), None) => l.number(g, 1),
                _ => String::new(),
            },
            tone: p.verdict.tone().class(),
            verdict: l.t(vi, en),
        }
    };
    open.iter().map(line).collect()
}

/// Claims that speak about no target, each with the figure of the measure that counts the same, if one does.
async fn loose_claims(programme: &Programme, ctx: &Context, plan: &Arc<Plan>, list: &[Progress]) -> Result<Vec<LooseClaim>, AppError> {
    let l = ctx.lang;
    let loose: Vec<_> = plan.def.claim.iter().filter(|c| !list.iter().any(|p| c.targets.contains(&p.held.target.code))).collect();
    let catalog = programme.figures().catalog();
    let last = plan.def.plan.valid_to.min(super::last_day(&programme.atlas(), plan.home, ctx));
    let mut out = Vec::new();
    for c in loose {
        let known = c.measure.as_deref().and_then(|code| catalog.coded(code)).filter(|k| programme.figures().may_see(ctx, k, plan.home));
        let mut computed = l.t("chưa có chỉ tiêu đếm cùng một việc", "no measure counts the same").to_owned();
        let mut why = None;
        if let Some(known) = known {
            let period = calendar::Period::containing(known.measure.def.period, last, &known.cutoff);
            let period = period.and_then(|p| if known.window(p).1 <= last { Some(p) } else { p.previous() });
            computed = l.t("chưa có số liệu được duyệt", "no accepted figure").to_owned();
            if let Some(period) = period {
                let ask = Ask { known: Arc::clone(known), period, tree: Tree::Then };
                let view = programme.figures().read(&ask, plan.home).await.map_err(db_error)?;
                if let Some(value) = view.value {
                    computed = format!("{} ({})", words::with_unit(value, &known.measure.def.unit, l), words::period(period, l));
                    why = Some(super::show::why_at(&view, plan.home));
                }
            }
        }
        out.push(LooseClaim { claim: claim(c, l), computed, why });
    }
    Ok(out)
}

/// The targets of a plan for other pages.
pub(super) async fn cards(programme: &Programme, register: &Register, ctx: &Context, plan: &Arc<Plan>, place: Uuid) -> Result<Vec<Card>, AppError> {
    let list = programme.progress(ctx, plan, place, false).await?;
    Ok(list.iter().map(|p| card(register, p, false, ctx.lang)).collect())
}
