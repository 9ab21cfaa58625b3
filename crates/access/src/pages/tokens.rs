//! API tokens on a page: one's own on `/me`, those of a service account on the page of that account.

use super::{SecretView, moment, place_error, unstored};
use crate::context::Context;
use crate::role::Role;
use crate::scope::{Area, Scopes};
use crate::service::{NewToken, TokenView};
use askama::Template;
use axum::response::Response;
use serde::Deserialize;
use std::collections::BTreeMap;
use ui::form::{Field, Kind, error_summary};
use ui::{AppError, Html, Lang, Shell, Tone, page};

/// The form for a new token as it was sent: a tick per role, and `read` or `write` per area, each under its word.
#[derive(Default, Deserialize)]
pub(super) struct TokenEntry {
    name: String,
    days: String,
    #[serde(flatten)]
    chosen: BTreeMap<String, String>,
}

impl TokenEntry {
    /// The empty form.
    pub(super) fn fresh() -> TokenEntry {
        TokenEntry { days: "90".to_owned(), ..TokenEntry::default() }
    }

    fn ticked(&self, role: Role) -> bool {
        self.chosen.contains_key(role.as_str())
    }

    fn chosen(&self, area: Area) -> &str {
        self.chosen.get(area.word()).map_or("", String::as_str)
    }

    fn scopes(&self) -> Scopes {
        let fits = |area: &Area| matches!(self.chosen(*area), "read" | "write");
        Area::ALL.into_iter().filter(fits).fold(Scopes::default(), |scopes, area| scopes.with(area, self.chosen(area) == "write"))
    }

    /// What was asked for.
    pub(super) fn token(&self) -> NewToken {
        let roles = Role::ALL.into_iter().filter(|role| self.ticked(*role)).collect();
        NewToken { name: self.name.clone(), roles, scopes: self.scopes(), days: self.days.parse().unwrap_or(0) }
    }

    fn fields(&self, l: Lang, roles: &[Role]) -> Vec<Field> {
        let days = |n: &str| (n.to_owned(), format!("{n} {}", l.t("ngày", "days")));
        let mut fields = vec![
            Field::new("name", l.t("Tên mã", "Name")).value(&self.name).hint(l.t("Chương trình nào sẽ dùng?", "Which program will use it?")),
            Field::new("days", l.t("Thời hạn", "Lifetime")).value(&self.days).kind(Kind::Select(vec![days("30"), days("90"), days("366")])),
        ];
        for role in roles {
            let value = if self.ticked(*role) { "1" } else { "" };
            fields.push(Field::new(role.as_str(), role.label(l)).kind(Kind::Check).value(value));
        }
        for area in Area::ALL {
            let choices = [("", l.t("không mở", "closed")), ("read", l.t("đọc", "read")), ("write", l.t("đọc và ghi", "read and write"))];
            let choices = choices.map(|(word, label)| (word.to_owned(), label.to_owned())).to_vec();
            fields.push(Field::new(area.word(), area.label(l)).kind(Kind::Select(choices)).value(self.chosen(area)));
        }
        fields
    }
}

#[derive(Template)]
#[template(path = "tokens.html")]
struct TokensView {
    l: Lang,
    /// Address of the tokens: `/me/tokens`.
    base: String,
    tokens: Vec<TokenView>,
    fields: Vec<Field>,
    summary: Html,
}

impl TokensView {
    fn roles(&self, token: &TokenView) -> String {
        token.roles.iter().map(|role| role.label(self.l)).collect::<Vec<_>>().join(", ")
    }

    fn reach(&self, token: &TokenView) -> String {
        token.scopes.label(self.l)
    }
}

/// The section with the tokens of an account and the form for a new one. An error stands beside its field, or above the page.
pub(super) fn section(
    shell: &mut Shell,
    base: &str,
    tokens: Vec<TokenView>,
    roles: &[Role],
    entry: &TokenEntry,
    error: Option<&AppError>,
) -> Result<Html, AppError> {
    let l = shell.lang;
    let mut fields = entry.fields(l, roles);
    if let Some(error) = error {
        place_error(shell, &mut fields, error);
    }
    let summary = error_summary(l, &fields);
    let view = TokensView { l, base: base.to_owned(), tokens, fields, summary };
    view.render().map(Html::trusted).map_err(|_| AppError::new("ui.render", 500))
}

/// Shows a new token, once.
pub(super) fn shown_once(ctx: &Context, secret: String, back: &str) -> Response {
    let l = ctx.lang;
    let mut shell = ctx.shell(l.t("Mã truy cập mới", "New token")).noindex();
    shell.path = back.to_owned();
    let about = l.t(
        "Chép mã này vào chương trình ngay bây giờ; sau trang này không ai xem lại được. Gửi kèm mỗi lần gọi: Authorization: Bearer <mã>.",
        "Copy it into the program now; after this page nobody can see it again. Send it with each call: Authorization: Bearer <token>.",
    );
    unstored(page(&SecretView { shell, secret, about: about.to_owned(), back: back.to_owned() }))
}

impl TokenView {
    fn until(&self) -> String {
        moment(self.expires_at)
    }

    /// Empty before the first time.
    fn used(&self) -> String {
        self.used_at.map(moment).unwrap_or_default()
    }

    fn tone(&self) -> &'static str {
        if self.expired { Tone::Bad.class() } else { Tone::Plain.class() }
    }
}
