use crate::delegation::Behalf;
use crate::organisation::{Body, Field};
use crate::post::Post;
use crate::role::{Grant, Role, allows};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use jiff::Timestamp;
use jiff::civil::Date;
use ui::{AppError, Lang, Prefs, Shell, Viewer};
use uuid::Uuid;

/// Who acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// Somebody who has not signed in.
    Public,
    /// A person who has signed in.
    Account {
        /// The account.
        id: Uuid,
        /// Its login.
        login: String,
        /// The person's name.
        name: String,
    },
    /// A program that acts for a person with an API token.
    Token {
        /// The token.
        id: Uuid,
        /// Its owner.
        account: Uuid,
        /// The owner's name, with the token's in brackets.
        name: String,
    },
    /// This program itself: the command line, jobs. May do everything.
    System,
}

/// As what somebody can act: a post of one's own, or one held by another who delegated it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The post acted in.
    pub post: Post,
    /// For whom, when it is not one's own.
    pub behalf: Option<Behalf>,
}

/// From where a request came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// Address, of the newer kind its /64; empty outside of a request.
    pub address: String,
    /// Browser and system, or the name of the token.
    pub device: String,
}

impl Identity {
    /// What the session remembers.
    pub fn id(&self) -> Uuid {
        self.behalf.as_ref().map_or(self.post.id, |behalf| behalf.delegation)
    }

    /// `Chủ tịch · Ủy ban nhân dân xã Phúc Hòa`, or for another `KT. Chủ tịch · …`.
    pub fn label(&self) -> String {
        match &self.behalf {
            None => self.post.label(),
            Some(behalf) if behalf.kind.mark().is_empty() => format!("{} ({} {})", self.post.label(), behalf.kind.label(Lang::Vi), behalf.holder_name),
            Some(behalf) => format!("{} {}", behalf.kind.mark(), self.post.label()),
        }
    }
}

/// Who, when and how: the first argument of every use case.
#[derive(Clone, Debug)]
pub struct Context {
    /// Who acts.
    pub who: Who,
    /// When; one instant for the whole request.
    pub at: Timestamp,
    /// Language of the reader.
    pub lang: Lang,
    /// Number of the request in the logs.
    pub request_id: String,
    /// How the reader wants pages to look.
    pub prefs: Prefs,
    /// Path and query as requested; empty outside of a request.
    pub path: String,
    /// Whether this installation shows made-up data.
    pub demo: bool,
    pub(crate) grants: Vec<Grant>,
    /// Roles that hold only in one field.
    pub(crate) in_field: Vec<(Grant, Field)>,
    pub(crate) identities: Vec<Identity>,
    pub(crate) acting: Option<usize>,
    pub(crate) due: u32,
    pub(crate) origin: Origin,
    pub(crate) session: Option<Uuid>,
    pub(crate) must_change: bool,
    /// Whose password was right while the second step is still to come; nobody is signed in yet.
    pub(crate) half: Option<Uuid>,
    /// When the caller last showed who it is, microseconds.
    pub(crate) proof_at: i64,
    pub(crate) role_label: String,
    /// A token outside of its areas: served as the public, refused where that is not enough.
    pub(crate) out_of_scope: bool,
}

impl Context {
    /// Somebody with grants, at an instant.
    pub fn new(who: Who, at: Timestamp, prefs: Prefs, request_id: impl Into<String>, grants: Vec<Grant>) -> Context {
        Context {
            who,
            at,
            lang: prefs.lang,
            request_id: request_id.into(),
            prefs,
            path: String::new(),
            demo: false,
            grants,
            in_field: Vec::new(),
            identities: Vec::new(),
            acting: None,
            due: 0,
            origin: Origin::default(),
            session: None,
            must_change: false,
            half: None,
            proof_at: 0,
            role_label: String::new(),
            out_of_scope: false,
        }
    }

    /// This program itself.
    pub fn system(at: Timestamp) -> Context {
        Context::new(Who::System, at, Prefs::default(), "system", Vec::new())
    }

    /// Somebody who has not signed in.
    pub fn public(at: Timestamp, prefs: Prefs, request_id: impl Into<String>) -> Context {
        Context::new(Who::Public, at, prefs, request_id, Vec::new())
    }

    /// The local date (Asia/Ho_Chi_Minh) of this instant; grants are judged by it.
    pub fn today(&self) -> Date {
        calendar::local_date(self.at)
    }

    /// Whether a role is held in a unit. `path` is the unit and all its ancestors at the date in question.
    pub fn may(&self, role: Role, path: &[Uuid]) -> bool {
        self.who == Who::System || allows(&self.grants, role, path, self.today())
    }

    /// Whether a role is held in a unit for a field: without narrowing, or narrowed to this very field.
    pub fn may_in(&self, role: Role, path: &[Uuid], field: Field) -> bool {
        let today = self.today();
        self.may(role, path) || self.in_field.iter().any(|(grant, of)| *of == field && allows(std::slice::from_ref(grant), role, path, today))
    }

    /// Whether a role is held anywhere, be it in one field only.
    pub fn may_somewhere(&self, role: Role) -> bool {
        let today = self.today();
        let mut held = self.grants.iter().chain(self.in_field.iter().map(|(grant, _)| grant));
        self.who == Who::System || held.any(|g| g.role.covers(role) && g.holds_on(today))
    }

    /// Refuses unless a role is held in a unit for a field; see [`Context::may_in`].
    ///
    /// # Errors
    /// As [`Context::require`].
    pub fn require_in(&self, role: Role, path: &[Uuid], field: Field) -> Result<(), AppError> {
        if self.may_in(role, path, field) { Ok(()) } else { Err(self.refuse(role)) }
    }

    /// The post in which the caller acts: the one chosen in the header, otherwise the one held longest. `None` for people
    /// without a post, the public and the system. What is granted to other posts of the same person does not count meanwhile.
    pub fn post(&self) -> Option<&Post> {
        self.identities.get(self.acting?).map(|identity| &identity.post)
    }

    /// What the caller acts as, with whom it is for.
    pub fn identity(&self) -> Option<&Identity> {
        self.identities.get(self.acting?)
    }

    /// For whom the caller acts, when the post is not his own.
    pub fn behalf(&self) -> Option<&Behalf> {
        self.identity()?.behalf.as_ref()
    }

    /// From where the request came.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// As what the caller could act.
    pub fn identities(&self) -> &[Identity] {
        &self.identities
    }

    /// The same context in a post, for tests and for what the system does in somebody's name.
    pub fn in_post(mut self, post: Post) -> Context {
        self.role_label = post.label();
        self.identities.push(Identity { post, behalf: None });
        self.acting = self.identities.len().checked_sub(1);
        self
    }

    /// Refuses unless a role is held in a unit; see [`Context::may`].
    ///
    /// # Errors
    /// 401 `sign_in_required` for the public, otherwise 403 `role_required` naming the role.
    pub fn require(&self, role: Role, path: &[Uuid]) -> Result<(), AppError> {
        if self.may(role, path) { Ok(()) } else { Err(self.refuse(role)) }
    }

    /// Refuses unless a role is held anywhere; the exact place is checked later by [`Context::require`].
    ///
    /// # Errors
    /// As [`Context::require`].
    pub fn require_somewhere(&self, role: Role) -> Result<(), AppError> {
        if self.may_somewhere(role) { Ok(()) } else { Err(self.refuse(role)) }
    }

    /// Whether the caller speaks for the administration of a place: in no post, or in one on any side but the Front's, the Party's and
    /// the Council's. Whoever acts in a post there has its roles for the work of that body, and sees what roles let see, but enters,
    /// accepts and decides nothing in the name of the People's Committee.
    pub fn speaks_for_place(&self) -> bool {
        !self.post().is_some_and(|post| matches!(post.body(), Some(Body::Front | Body::Party | Body::Council)))
    }

    fn refuse(&self, role: Role) -> AppError {
        if self.who == Who::Public {
            return sign_in_required();
        }
        if !self.speaks_for_place() && matches!(role, Role::Officer | Role::Reviewer) && self.may_somewhere(role) {
            let post = self.post().map(Post::label).unwrap_or_default();
            return AppError::new("other_body", 403)
                .say(
                    format!("Việc này của Ủy ban nhân dân; bạn đang làm việc với chức vụ {post}."),
                    format!("This is up to the People's Committee; you act as {post}."),
                )
                .mend("Nếu bạn kiêm nhiệm thì đổi chức vụ ở góc trên.", "If you hold a post there too, change the acting post above.");
        }
        AppError::new("role_required", 403)
            .say(
                format!("Việc này cần vai trò “{}” tại đơn vị này.", role.label(Lang::Vi)),
                format!("This needs the role “{}” in this unit.", role.label(Lang::En)),
            )
            .mend("Nhờ người quản trị tài khoản của đơn vị cấp vai trò.", "Ask the administrator of the unit's accounts for the role.")
    }

    /// Refuses the public.
    ///
    /// # Errors
    /// 401 `sign_in_required`.
    pub fn require_signed_in(&self) -> Result<(), AppError> {
        if self.who == Who::Public { Err(sign_in_required()) } else { Ok(()) }
    }

    /// Refuses the public and tokens: accounts, passwords and tokens are looked after by people only.
    ///
    /// # Errors
    /// 401 `sign_in_required`, 403 `person_required`.
    pub fn require_person(&self) -> Result<(), AppError> {
        match self.who {
            Who::Public => Err(sign_in_required()),
            Who::Token { .. } => Err(AppError::new("person_required", 403)
                .say("Việc này không làm được bằng mã truy cập.", "This cannot be done with an API token.")
                .mend("Đăng nhập bằng tên và mật khẩu.", "Sign in with a login and password.")),
            Who::Account { .. } | Who::System => Ok(()),
        }
    }

    /// Refuses unless the caller showed who it is within so many minutes, by signing in or at `/me/proof`: for signing acts.
    ///
    /// # Errors
    /// As [`Context::require_person`]; 403 `proof_required`, which the page answers by leading to `/me/proof?back=`.
    pub fn require_recent_proof(&self, minutes: i64) -> Result<(), AppError> {
        self.require_person()?;
        let age = self.at.as_microsecond() - self.proof_at;
        // A proof from the future was given before the clock was set back.
        if self.who == Who::System || (-60_000_000..=minutes * 60_000_000).contains(&age) {
            return Ok(());
        }
        Err(AppError::new("proof_required", 403)
            .say("Việc này cần xác nhận lại đúng là bạn.", "This needs a fresh proof that it is you.")
            .mend("Mở /me/proof, nhập mật khẩu, rồi làm lại.", "Open /me/proof, enter your password and try again."))
    }

    /// The name to write beside what is done now.
    pub fn author_name(&self) -> &str {
        match &self.who {
            Who::Public => "Công chúng",
            Who::Account { name, .. } | Who::Token { name, .. } => name,
            Who::System => "Hệ thống",
        }
    }

    /// The account that acts, directly or by a token.
    pub fn account_id(&self) -> Option<Uuid> {
        match self.who {
            Who::Account { id, .. } => Some(id),
            Who::Token { account, .. } => Some(account),
            Who::Public | Who::System => None,
        }
    }

    /// The units at the top of the subtrees where a role is held today; empty for the system, which needs none.
    pub fn units_with(&self, role: Role) -> Vec<Uuid> {
        let today = self.today();
        let mut units: Vec<Uuid> = self.grants.iter().filter(|g| g.role.covers(role) && g.holds_on(today)).map(|g| g.unit).collect();
        units.sort_unstable();
        units.dedup();
        units
    }

    /// The grants that hold today.
    pub fn grants(&self) -> impl Iterator<Item = &Grant> {
        let today = self.today();
        self.grants.iter().filter(move |g| g.holds_on(today))
    }

    /// A page around content, with viewer, language, preferences and the mark of made-up data filled in.
    pub fn shell(&self, title: impl Into<String>) -> Shell {
        let path = if self.path.is_empty() { "/" } else { &self.path };
        let viewer = match &self.who {
            Who::Account { name, .. } | Who::Token { name, .. } => Some(Viewer {
                name: name.clone(),
                role_label: self.role_label.clone(),
                today_count: self.due,
                acting_href: (self.identities.len() > 1).then(|| format!("/me/acting?back={}", ui::percent_encode(path))),
            }),
            Who::Public | Who::System => None,
        };
        Shell::new(self.prefs, path, title).viewer(viewer).demo(self.demo)
    }
}

pub(crate) fn sign_in_required() -> AppError {
    AppError::new("sign_in_required", 401)
}

impl<S: Send + Sync> FromRequestParts<S> for Context {
    type Rejection = AppError;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Context, AppError> {
        parts.extensions.get::<Context>().cloned().ok_or_else(|| {
            tracing::error!("a route outside of Access::layer asked for the context");
            AppError::new("internal", 500)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_role_begins_and_ends_at_local_midnight() {
        let unit = Uuid::from_u128(1);
        let grant = Grant { role: Role::Officer, unit, from: "2026-07-01".parse().unwrap(), to: Some("2026-07-02".parse().unwrap()) };
        let who = Who::Account { id: unit, login: "a".into(), name: "A".into() };
        let may = |when| Context::new(who.clone(), at(when), Prefs::default(), "r", vec![grant]).may(Role::Officer, &[unit]);
        assert!(!may("2026-06-30T16:59:59Z"));
        assert!(may("2026-06-30T17:00:00Z"));
        assert!(may("2026-07-01T16:59:59Z"));
        assert!(!may("2026-07-01T17:00:00Z"));
    }

    #[test]
    fn refusals_have_stable_codes() {
        let public = Context::public(at("2026-01-01T00:00:00Z"), Prefs::default(), "r");
        let refused = public.require(Role::Officer, &[]).unwrap_err();
        assert_eq!((refused.code, refused.status), ("sign_in_required", 401));
        let who = Who::Account { id: Uuid::nil(), login: "a".into(), name: "A".into() };
        let person = Context::new(who, public.at, Prefs::default(), "r", vec![]);
        let refused = person.require(Role::Reviewer, &[Uuid::nil()]).unwrap_err();
        assert_eq!((refused.code, refused.status), ("role_required", 403));
        assert!(refused.vi.contains("người duyệt"));
        assert!(Context::system(public.at).require(Role::Administrator, &[]).is_ok());
    }
}
