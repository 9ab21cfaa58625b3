//! `/documents`: the library, searched with or without tones.

use crate::document::{DocumentKind, Kept, Validity};
use crate::register::Register;
use crate::service::Programme;
use access::{Context, Role};
use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use std::sync::Arc;
use ui::{AppError, Lang, Shell, page};

/// Documents of one page.
const ROWS: usize = 50;

#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(super) struct Ask {
    q: String,
    kind: String,
    state: String,
    page: Option<usize>,
}

struct Line {
    href: String,
    number: String,
    title: String,
    kind: &'static str,
    issuer: String,
    issued: String,
    tone: &'static str,
    validity: String,
    targets: usize,
}

type Choice = (&'static str, &'static str, bool);

#[derive(Template)]
#[template(path = "programme_library.html")]
struct LibraryView {
    shell: Shell,
    head: String,
    q: String,
    kinds: Vec<Choice>,
    states: Vec<Choice>,
    lines: Vec<Line>,
    total: usize,
    from: usize,
    before: Option<String>,
    after: Option<String>,
    may_add: bool,
}

/// Whether a document holds, as a tag: class and words.
pub(super) fn validity_tag(register: &Register, kept: &Kept, ctx: &Context) -> (&'static str, String) {
    let l = ctx.lang;
    let a = &kept.about;
    let day = |d: jiff::civil::Date| lang::show::short_date(d);
    match (register.validity(kept, ctx.today()), l) {
        (Validity::Holds, _) if a.valid_from.is_none() && a.valid_to.is_none() => {
            ("plain", l.t("còn hiệu lực theo nguồn đã đọc", "in force as far as is known").to_owned())
        }
        (Validity::Holds, _) => ("ok", l.t("còn hiệu lực", "in force").to_owned()),
        (Validity::Coming, Lang::Vi) => ("wait", format!("có hiệu lực từ {}", a.valid_from.map(day).unwrap_or_default())),
        (Validity::Coming, Lang::En) => ("wait", format!("in force from {}", a.valid_from.map(day).unwrap_or_default())),
        (Validity::Ended, _) => {
            let by = a.replaced_by.as_deref().and_then(|c| register.document(c)).map(|d| d.about.number.clone());
            let text = match (a.valid_to.and_then(|d| d.tomorrow().ok()), by, l) {
                (Some(end), _, Lang::Vi) => format!("hết hiệu lực từ {}", day(end)),
                (Some(end), _, Lang::En) => format!("no longer in force since {}", day(end)),
                (None, Some(by), Lang::Vi) => format!("hết hiệu lực, thay bằng {by}"),
                (None, Some(by), Lang::En) => format!("no longer in force, replaced by {by}"),
                (None, None, _) => l.t("hết hiệu lực", "no longer in force").to_owned(),
            };
            ("late", text)
        }
    }
}

/// `GET /documents?q=&kind=&state=&page=`
pub(super) async fn show(State(programme): State<Programme>, ctx: Context, Query(ask): Query<Ask>) -> Result<Response, AppError> {
    let register = programme.current().await;
    let (l, atlas) = (ctx.lang, programme.atlas());
    let q: String = lang::clean(&ask.q).chars().take(200).collect();
    let mut found: Vec<Arc<Kept>> = programme.find_documents(&q).await?;
    let kind = DocumentKind::from_word(&ask.kind);
    found.retain(|d| kind.is_none_or(|k| d.about.kind == k));
    let state = |d: &Kept| register.validity(d, ctx.today());
    found.retain(|d| match ask.state.as_str() {
        "holds" => state(d) != Validity::Ended,
        "ended" => state(d) == Validity::Ended,
        _ => true,
    });
    let total = found.len();
    let page_at = ask.page.unwrap_or(1).clamp(1, total.div_ceil(ROWS).max(1));
    let from = (page_at - 1) * ROWS;
    let link = |page: usize| {
        format!("/documents?q={}&kind={}&state={}&page={page}", ui::percent_encode(&q), ui::percent_encode(&ask.kind), ui::percent_encode(&ask.state))
    };
    let line = |d: &Arc<Kept>| {
        let (vi, en) = d.about.kind.label();
        let (tone, validity) = validity_tag(&register, d, &ctx);
        Line {
            href: format!("/documents/{}", d.about.code),
            number: d.about.number.clone(),
            title: d.about.title.clone(),
            kind: l.t(vi, en),
            issuer: d.about.issuer.clone(),
            issued: d.about.issued_label(),
            tone,
            validity,
            targets: register.plans_of_document(&d.about.code).map(|p| register.targets(&atlas, p).len()).sum(),
        }
    };
    let head = match (q.is_empty(), l) {
        (true, Lang::Vi) => format!("{total} văn bản của chương trình"),
        (true, Lang::En) => format!("{total} documents of the programme"),
        (false, Lang::Vi) => format!("{total} văn bản có “{q}”"),
        (false, Lang::En) => format!("{total} documents with “{q}”"),
    };
    let title = l.t("Văn bản", "Documents");
    let kinds = std::iter::once(("", l.t("mọi loại", "all kinds"), kind.is_none())).chain(DocumentKind::ALL.into_iter().map(|k| {
        let (vi, en) = k.label();
        (k.word(), l.t(vi, en), kind == Some(k))
    }));
    let states =
        [("", l.t("còn và hết hiệu lực", "in force or not")), ("holds", l.t("còn hiệu lực", "in force")), ("ended", l.t("hết hiệu lực", "no longer in force"))];
    let view = LibraryView {
        shell: ctx.shell(title).crumb(l.t("Chương trình", "Programme"), "/programme").here(title).describe(head.clone()),
        head,
        kinds: kinds.collect(),
        states: states.into_iter().map(|(word, text)| (word, text, ask.state == word)).collect(),
        lines: found.iter().skip(from).take(ROWS).map(line).collect(),
        total,
        from,
        before: (page_at > 1).then(|| link(page_at - 1)),
        after: (from + ROWS < total).then(|| link(page_at + 1)),
        may_add: ctx.may_somewhere(Role::Administrator),
        q,
    };
    Ok(page(&view))
}
