//! `/programme`: the tree of programmes and plans, and how far each has come.

use super::words;
use crate::plan::Plan;
use crate::register::Register;
use crate::service::Programme;
use crate::verdict::Verdict;
use access::{Context, Role};
use askama::Template;
use axum::extract::State;
use axum::response::Response;
use std::sync::Arc;
use ui::{AppError, Lang, Shell, page};

/// Plans whose targets are computed on the page; the others are listed with the number of their targets.
const COMPUTED: usize = 24;

struct Node {
    depth: usize,
    href: String,
    title: String,
    kind: &'static str,
    unit: String,
    days: String,
    ended: bool,
    targets: usize,
    met: usize,
    tags: Vec<(&'static str, String)>,
    document: Option<(String, String)>,
    follows: String,
}

#[derive(Template)]
#[template(path = "programme_tree.html")]
struct TreeView {
    shell: Shell,
    head: String,
    nodes: Vec<Node>,
    totals: Vec<(&'static str, String)>,
    documents: usize,
    may_add: bool,
}

/// `GET /programme`
pub(super) async fn show(State(programme): State<Programme>, ctx: Context) -> Result<Response, AppError> {
    let register = programme.current().await;
    let (l, atlas) = (ctx.lang, programme.atlas());
    let mut nodes = Vec::new();
    let mut totals = vec![0usize; Verdict::ALL.len()];
    let mut computed = 0;
    let roots: Vec<Arc<Plan>> = register.roots().cloned().collect();
    let mut stack: Vec<(usize, Arc<Plan>)> = roots.into_iter().rev().map(|p| (0, p)).collect();
    while let Some((depth, plan)) = stack.pop() {
        let code = plan.def.plan.code.clone();
        let below: Vec<Arc<Plan>> = register.children(&code).cloned().collect();
        stack.extend(below.into_iter().rev().map(|p| (depth + 1, p)));
        let mut counts = vec![0usize; Verdict::ALL.len()];
        let mut targets = register.targets(&atlas, &plan).len();
        if computed < COMPUTED && depth < 8 {
            computed += 1;
            let list = programme.progress(&ctx, &plan, plan.home, false).await?;
            targets = list.len();
            for p in &list {
                for (nth, verdict) in Verdict::ALL.iter().enumerate() {
                    if p.verdict == *verdict {
                        *counts.get_mut(nth).unwrap_or(&mut 0) += 1;
                        *totals.get_mut(nth).unwrap_or(&mut 0) += 1;
                    }
                }
            }
        }
        nodes.push(node(&register, &programme, &ctx, &plan, depth, targets, &counts));
    }
    let all: usize = totals.iter().sum();
    let met = totals.first().copied().unwrap_or(0);
    let head = match l {
        Lang::Vi => format!("{} chương trình và kế hoạch; {met} trong {all} mục tiêu đã đạt", nodes.len()),
        Lang::En => format!("{} programmes and plans; {met} of {all} targets are met", nodes.len()),
    };
    let title = l.t("Chương trình", "Programme");
    let view = TreeView {
        shell: ctx.shell(title).here(title).describe(head.clone()),
        head,
        totals: tags(&totals, l),
        nodes,
        documents: register.documents().count(),
        may_add: ctx.may_somewhere(Role::Administrator),
    };
    Ok(page(&view))
}

fn tags(counts: &[usize], l: Lang) -> Vec<(&'static str, String)> {
    Verdict::ALL
        .iter()
        .zip(counts)
        .filter(|(_, n)| **n > 0)
        .map(|(v, n)| {
            let (vi, en) = v.label();
            (v.tone().class(), format!("{n} {}", l.t(vi, en)))
        })
        .collect()
}

fn node(register: &Register, programme: &Programme, ctx: &Context, plan: &Arc<Plan>, depth: usize, targets: usize, counts: &[usize]) -> Node {
    let (l, head) = (ctx.lang, &plan.def.plan);
    let (vi, en) = head.kind.label();
    let document = head.document.as_deref().and_then(|d| register.document(d)).map(|d| (format!("/documents/{}", d.about.code), d.about.cited()));
    let follows = head.follows.as_deref().and_then(|code| register.plan(code)).map(|p| words::short_title(p, l)).unwrap_or_default();
    Node {
        depth: depth.min(4),
        href: format!("/plans/{}", head.code),
        title: head.title(l).to_owned(),
        kind: l.t(vi, en),
        unit: words::home(&programme.atlas(), plan, ctx),
        days: words::days(plan, l),
        ended: head.valid_to < ctx.today(),
        targets,
        met: counts.first().copied().unwrap_or(0),
        tags: tags(counts, l),
        document,
        follows,
    }
}
