use crate::access::Access;
use crate::audit::audit;
use crate::context::Context;
use crate::error::db_error;
use crate::pages::moment;
use crate::store::audit::{self as store, Told};
use serde_json::{Value, json};
use ui::{AppError, Html, Lang, escape};
use uuid::Uuid;

impl Told {
    /// As which post it was done: `Chủ tịch · …`, with `KT.` before it on behalf of another; empty without one.
    pub fn capacity_label(&self) -> String {
        self.read(&self.capacity, "label")
    }

    /// For whom it was done and under which document, in words; empty in one's own post.
    pub fn behalf_label(&self, lang: Lang) -> String {
        let read = serde_json::from_str::<Value>(&self.capacity).unwrap_or_default();
        let text = |name: &str| read.pointer(&format!("/behalf/{name}")).and_then(Value::as_str).unwrap_or_default().to_owned();
        if text("holder_name").is_empty() {
            return String::new();
        }
        format!("{} {} ({})", lang.t("thay", "for"), text("holder_name"), text("document"))
    }

    /// From where: address and device; empty for the system.
    pub fn origin_label(&self) -> String {
        let parts = [self.read(&self.origin, "address"), self.read(&self.origin, "device")];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
    }

    fn read(&self, json: &str, name: &str) -> String {
        let read = serde_json::from_str::<Value>(json).unwrap_or_default();
        read.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
    }
}

impl Access {
    /// What happened to one thing, the newest first: `subject` as it was given to [`crate::audit`], in the chain of `tenant`.
    /// Whoever shows it has made sure before that the reader may see the thing.
    ///
    /// # Errors
    /// What the database says.
    pub async fn timeline(&self, tenant: Uuid, subject: &str, limit: i64) -> Result<Vec<Told>, AppError> {
        store::of_subject(self.db(), tenant, subject, i64::MAX, limit.clamp(1, 500)).await.map_err(db_error)
    }

    /// A timeline as a list to put on the page of a thing. Addresses and devices are left to the audit's own page.
    pub fn timeline_html(&self, lang: Lang, lines: &[Told]) -> Html {
        if lines.is_empty() {
            return Html::trusted(format!("<p class=\"empty\">{}</p>", lang.t("Chưa có gì được ghi.", "Nothing is written down yet.")));
        }
        let mut out = String::from("<ol>");
        for line in lines {
            let when = calendar::from_micros(line.at).map(moment).unwrap_or_default();
            let who = if line.who_name.is_empty() { lang.t("(đã xóa)", "(erased)") } else { &line.who_name };
            let mut as_what = line.capacity_label();
            let behalf = line.behalf_label(lang);
            if !behalf.is_empty() {
                as_what = format!("{as_what}, {behalf}");
            }
            out.push_str(&format!("<li><p><b>{}</b> · {}", escape(&crate::acts::words(&line.act, lang)), escape(who)));
            if !as_what.is_empty() {
                out.push_str(&format!(" <small class=\"muted\">{}</small>", escape(&as_what)));
            }
            out.push_str(&format!("<br><small class=\"muted\">{}{}</small></p></li>", escape(&when), escape(&change(&line.detail, lang))));
        }
        out.push_str("</ol>");
        Html::trusted(out)
    }

    /// Writes down that the caller looked at personal data of somebody: `kind` as in `facts/personal-data.toml`.
    ///
    /// # Errors
    /// What the database says; then nothing is to be shown.
    pub async fn note_look(&self, ctx: &Context, tenant: Uuid, subject: &str, kind: &str) -> Result<(), AppError> {
        let mut tx = self.db().begin().await.map_err(db_error)?;
        audit(&mut tx, ctx, tenant, "personal.look", subject, json!({"kind": kind})).await.map_err(db_error)?;
        tx.commit().await.map_err(db_error)
    }
}

/// What changed, as far as the line says it: ` · A → B`.
fn change(detail: &str, lang: Lang) -> String {
    let read = serde_json::from_str::<Value>(detail).unwrap_or_default();
    let text = |names: &[&str]| names.iter().find_map(|name| read.get(*name)).map(|v| v.as_str().map_or_else(|| v.to_string(), str::to_owned));
    let plain = |text: Option<String>| text.filter(|t| !t.is_empty() && t != "null" && t.len() < 200);
    let mut out = String::new();
    if let (Some(before), Some(after)) = (plain(text(&["before"])), plain(text(&["after"]))) {
        out.push_str(&format!(" · {before} → {after}"));
    }
    for (name, vi, en) in [("title", "chức vụ", "post"), ("role", "vai trò", "role"), ("document", "văn bản", "document"), ("basis", "căn cứ", "basis")]
    {
        if let Some(value) = plain(text(&[name])) {
            out.push_str(&format!(" · {}: {value}", lang.t(vi, en)));
        }
    }
    out
}
