//! Everybody who gains, loses or nearly passes, by pages of a hundred.

use super::result::{Unit, named};
use super::{Pairs, href, one, question};
use crate::Criteria;
use crate::rehearsal::effect::Flip;
use access::Context;
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use ui::{AppError, Shell, page};

/// Units of a page.
const ROWS: usize = 100;

#[derive(Template)]
#[template(path = "rehearsal_units.html")]
struct UnitsView {
    shell: Shell,
    /// The three lists: address, words, how many, whether this one.
    lists: Vec<(String, &'static str, String, bool)>,
    rows: Vec<Unit>,
    from: usize,
    total: usize,
    before: Option<String>,
    after: Option<String>,
    back: String,
}

/// `GET /rehearsal/units` with the question, `which` and `from`.
pub(super) async fn show(State(criteria): State<Criteria>, ctx: Context, Query(pairs): Query<Pairs>) -> Result<Response, AppError> {
    let l = ctx.lang;
    let q = question(&criteria, &ctx, &pairs)?;
    let answer = criteria.rehearse(&ctx, &q).await?;
    let effect = &answer.effect;
    let lists: [(&str, &'static str, &[Flip]); 3] = [
        ("gained", l.t("Đạt thêm", "Gain"), &effect.gained),
        ("lost", l.t("Không còn đạt", "Lose"), &effect.lost),
        ("near", l.t("Chỉ thiếu một chỉ tiêu", "One indicator short"), &effect.near),
    ];
    let which = lists.iter().position(|(word, ..)| *word == one(&pairs, "which")).unwrap_or(0);
    let (word, title, flips) = lists.get(which).copied().unwrap_or(("gained", "", &[]));
    let from = one(&pairs, "from").parse::<usize>().ok().filter(|f| *f < flips.len()).unwrap_or(0);
    let at = |which: &str, from: usize| format!("{}&which={which}&from={from}", href("/rehearsal/units", &q));
    let set = criteria.rehearsed_title(&q.set, l);
    let mut shell = ctx.shell(format!("{title}: {set}")).noindex().crumb(l.t("Diễn tập", "Rehearsal"), href("/rehearsal", &q)).here(title);
    shell.path = at(word, from);
    Ok(page(&UnitsView {
        lists: lists.iter().enumerate().map(|(nth, (word, text, flips))| (at(word, 0), *text, l.number(flips.len().into(), 0), nth == which)).collect(),
        rows: flips.iter().skip(from).take(ROWS).map(|f| named(&criteria, &answer, f, l)).collect(),
        from,
        total: flips.len(),
        before: (from > 0).then(|| at(word, from.saturating_sub(ROWS))),
        after: (from + ROWS < flips.len()).then(|| at(word, from + ROWS)),
        back: href("/rehearsal", &q),
        shell,
    }))
}
