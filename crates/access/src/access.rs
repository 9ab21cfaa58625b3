use crate::context::{Context, Identity, Who};
use crate::delegation::Behalf;
use crate::due::Dues;
use crate::error::db_error;
use crate::passkey::Site;
use crate::password::Hasher;
use crate::role::Role;
use crate::secret::{TOKEN_PREFIX, digest};
use crate::service::HandOver;
use crate::sign_on::SignOn;
use crate::store::session::{self, Bearer, TOUCH};
use crate::store::{delegation, organisation};
use calendar::Clock;
use db::Db;
use jiff::Timestamp;
use jiff::civil::Date;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use ui::{AppError, Lang, Prefs};
use uuid::Uuid;

/// What access must know about units. Places implements it, because access lies below places.
pub trait UnitDirectory: Send + Sync {
    /// The unit with this name or code on a day, with its name; `None` when there is none or several.
    fn find(&self, text: &str, on: Date) -> Option<(Uuid, String)>;
    /// The name of a unit on a day.
    fn name(&self, unit: Uuid, on: Date) -> Option<String>;
    /// The unit and all its ancestors on a day; empty for an unknown unit.
    fn path(&self, unit: Uuid, on: Date) -> Vec<Uuid>;
    /// What a unit is on a day; `None` when it did not exist or is not known.
    fn standing(&self, _unit: Uuid, _on: Date) -> Option<Standing> {
        None
    }
    /// The tenants all of whose living units lie under a unit on a day: what an administrator of that unit may audit whole.
    fn tenants(&self, _unit: Uuid, _on: Date) -> Vec<Uuid> {
        Vec::new()
    }
    /// The units directly below one on a day.
    fn below(&self, _unit: Uuid, _on: Date) -> Vec<Uuid> {
        Vec::new()
    }
}

/// What a unit is on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// `nation`, `province`, `district`, `commune` or `village`.
    pub level: &'static str,
    /// Kind, such as `xã`.
    pub kind: String,
    /// Name without its kind, such as `Phúc Hòa`.
    pub name: String,
    /// Name with its kind, such as `xã Phúc Hòa`.
    pub full_name: String,
}

/// How this installation is reached and shown.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The unit at the root of the tree, which is also the tenant of everything done to accounts.
    pub centre: Uuid,
    /// Made-up data: pages say so, and the accounts of [`Access::seed_demo`] may sign in.
    pub demo: bool,
    /// Browsers reach it by https: the cookie gets the `__Host-` prefix and `Secure`.
    pub https: bool,
    /// Every request comes through a proxy of ours, whose `X-Forwarded-For` and `X-Forwarded-Host` can be believed.
    pub behind_proxy: bool,
}

impl Options {
    /// Plain http without a proxy, no demo.
    pub fn new(centre: Uuid) -> Options {
        Options { centre, demo: false, https: false, behind_proxy: false }
    }
}

impl std::fmt::Debug for Access {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Access").finish_non_exhaustive()
    }
}

/// People, roles, sessions, tokens. Cheap to clone.
#[derive(Clone)]
pub struct Access {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub db: Db,
    pub clock: Clock,
    pub units: Arc<dyn UnitDirectory>,
    pub options: Options,
    pub hasher: Hasher,
    pub demo: RwLock<Vec<DemoAccount>>,
    pub hand_overs: RwLock<Vec<Arc<dyn HandOver>>>,
    pub dues: Dues,
    /// To what passkeys are bound; unset without a public address that fits.
    pub site: OnceLock<Site>,
    /// Other doors at which people may sign in; unset for none.
    pub sign_on: OnceLock<Vec<SignOn>>,
}

/// An account that anybody may use on a demonstration.
#[derive(Clone, Debug)]
pub(crate) struct DemoAccount {
    pub login: String,
    pub name: String,
    pub password: String,
    pub part: DemoPart,
}

/// What such an account is.
#[derive(Clone, Debug)]
pub(crate) enum DemoPart {
    Role(Role, Uuid),
    /// Title and organisation.
    Post(String),
}

impl Access {
    /// Opens the gate.
    pub fn new(db: Db, clock: Clock, units: Arc<dyn UnitDirectory>, options: Options) -> Access {
        let inner = Inner {
            db,
            clock,
            units,
            options,
            hasher: Hasher::new(),
            demo: RwLock::default(),
            hand_overs: RwLock::default(),
            dues: Dues::default(),
            site: OnceLock::new(),
            sign_on: OnceLock::new(),
        };
        Access { inner: Arc::new(inner) }
    }

    /// The context of this program itself, now.
    pub fn system(&self) -> Context {
        Context::system(self.inner.clock.now())
    }

    /// The name of the session cookie.
    pub fn cookie_name(&self) -> &'static str {
        if self.inner.options.https { "__Host-cl_session" } else { "cl_session" }
    }

    pub(crate) fn db(&self) -> &Db {
        &self.inner.db
    }

    pub(crate) fn path(&self, unit: Uuid, on: Date) -> Vec<Uuid> {
        let mut path = self.inner.units.path(unit, on);
        // A unit that has ended, or that the directory does not know, is still itself.
        if !path.contains(&unit) {
            path.push(unit);
        }
        path
    }

    /// The name of a unit on a day, or a word for one that is not known.
    pub(crate) fn unit_name(&self, unit: Uuid, on: Date, lang: Lang) -> String {
        self.inner.units.name(unit, on).unwrap_or_else(|| lang.t("đơn vị không còn", "a former unit").to_owned())
    }

    pub(crate) fn demo_accounts(&self) -> Vec<DemoAccount> {
        self.inner.demo.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Who holds a session cookie, as a context; the public when it is no longer valid.
    pub(crate) async fn by_session(&self, token: &str, at: Timestamp, prefs: Prefs, request_id: &str) -> Result<Context, AppError> {
        let now = at.as_microsecond();
        let found = session::find(self.db(), digest(token), calendar::local_date(at), now).await.map_err(db_error)?;
        let Some(bearer) = found.filter(|b| self.inner.options.demo || !b.demo) else {
            return Ok(Context::public(at, prefs, request_id));
        };
        if bearer.half {
            let mut context = Context::public(at, prefs, request_id);
            context.session = Some(bearer.id);
            context.half = Some(bearer.account);
            return Ok(context);
        }
        if now - bearer.seen_at > TOUCH {
            // Beside the request: it must not wait for the one writer.
            let (db, id) = (self.db().clone(), bearer.id);
            drop(tokio::spawn(async move {
                if let Err(error) = session::seen(&db, id, now).await {
                    tracing::warn!(%error, "the use of a session was not written down");
                }
            }));
        }
        let who = Who::Account { id: bearer.account, login: bearer.login.clone(), name: bearer.name.clone() };
        let (session, proof_at) = (bearer.id, bearer.proof_at);
        let mut context = self.context(who, bearer, at, prefs, request_id).await?;
        context.session = Some(session);
        context.proof_at = proof_at;
        Ok(context)
    }

    /// Who holds an API token, as a context without any role where what is asked (whether it only reads; the path) lies outside of its areas.
    ///
    /// # Errors
    /// 401 `token_invalid`: a program that shows a token must not be served as the public by mistake.
    pub(crate) async fn by_token(&self, token: &str, at: Timestamp, prefs: Prefs, request_id: &str, asked: (bool, &str)) -> Result<Context, AppError> {
        let refused = || {
            AppError::new("token_invalid", 401)
                .say("Mã truy cập không đúng, đã hết hạn hoặc đã bị thu hồi.", "The API token is wrong, expired or revoked.")
                .mend("Tạo mã mới ở trang tài khoản.", "Create a new one on your account page.")
        };
        if !token.starts_with(TOKEN_PREFIX) {
            return Err(refused());
        }
        let found = session::find_token(self.db(), digest(token), calendar::local_date(at), at.as_microsecond()).await.map_err(db_error)?;
        let bearer = found.filter(|b| self.inner.options.demo || !b.demo).ok_or_else(refused)?;
        let now = at.as_microsecond();
        if now - bearer.seen_at > TOUCH {
            // Beside the request, as for sessions.
            let (db, id) = (self.db().clone(), bearer.id);
            drop(tokio::spawn(async move {
                if let Err(error) = session::token_used(&db, id, now).await {
                    tracing::warn!(%error, "the use of a token was not written down");
                }
            }));
        }
        // Wherever an author is named, a program is told from a person.
        let kind = if bearer.service { "hệ thống" } else { "mã" };
        let name = format!("{} ({kind}: {})", bearer.name, bearer.token_name);
        let who = Who::Token { id: bearer.id, account: bearer.account, name };
        let within = bearer.scopes.as_ref().is_some_and(|scopes| scopes.allow(asked.0, asked.1));
        let mut context = self.context(who, bearer, at, prefs, request_id).await?;
        if !within {
            (context.grants, context.in_field, context.identities, context.acting) = (Vec::new(), Vec::new(), Vec::new(), None);
            context.out_of_scope = true;
        }
        Ok(context)
    }

    /// Somebody who is not here, as a context for each of their posts (one without a post when they hold none), now: to read
    /// what is due for them. Nothing may be done in their name with it. Empty for an account that is closed or not known.
    ///
    /// # Errors
    /// What the database says.
    pub async fn contexts_of(&self, account: Uuid) -> Result<Vec<Context>, AppError> {
        let at = self.inner.clock.now();
        let found = session::find_absent(self.db(), account, calendar::local_date(at)).await.map_err(db_error)?;
        let Some(bearer) = found.filter(|b| self.inner.options.demo || !b.demo) else { return Ok(Vec::new()) };
        let who = Who::Account { id: bearer.account, login: bearer.login.clone(), name: bearer.name.clone() };
        let first = self.context(who.clone(), bearer.clone(), at, Prefs::default(), "reminder").await?;
        let others: Vec<Uuid> = first.identities().iter().map(Identity::id).skip(1).collect();
        let mut all = vec![first];
        for id in others {
            all.push(self.context(who.clone(), Bearer { acting: Some(id), ..bearer.clone() }, at, Prefs::default(), "reminder").await?);
        }
        Ok(all)
    }

    async fn context(&self, who: Who, bearer: Bearer, at: Timestamp, prefs: Prefs, request_id: &str) -> Result<Context, AppError> {
        let today = calendar::local_date(at);
        let mut context = Context::new(who, at, prefs, request_id, Vec::new());
        // A one-time password opens only the page where it is replaced.
        context.must_change = bearer.temporary;
        if bearer.temporary {
            return Ok(context);
        }
        let (identities, named) = self.identities(bearer.account, at).await?;
        context.identities = identities;
        let chosen = bearer.acting.and_then(|id| context.identities.iter().position(|identity| identity.id() == id));
        context.acting = chosen.or(if context.identities.is_empty() { None } else { Some(0) });
        let mut held = bearer.grants;
        if let Some(identity) = context.identity() {
            let roles = organisation::roles(self.db(), identity.post.id).await.map_err(db_error)?;
            // A delegation hands on what the post has today, and of it only what was named.
            let handed =
                |role: Role| identity.behalf.is_none() || named.iter().any(|(id, roles)| *id == identity.id() && (roles.is_empty() || roles.contains(&role)));
            held.extend(roles.iter().filter(|role| role.grant.holds_on(today) && handed(role.grant.role)).map(|role| (role.grant, role.field)));
        }
        if let Some(roles) = &bearer.narrowed {
            held = session::narrow(&held, roles);
        }
        for (grant, field) in held {
            match field {
                None => context.grants.push(grant),
                Some(field) => context.in_field.push((grant, field)),
            }
        }
        let highest = context.grants().max_by_key(|grant| grant.role);
        context.role_label = match context.post() {
            Some(_) => context.identity().map(Identity::label).unwrap_or_default(),
            None => highest.map(|grant| format!("{} · {}", grant.role.label(prefs.lang), self.unit_name(grant.unit, today, prefs.lang))).unwrap_or_default(),
        };
        Ok(context)
    }

    /// As what an account can act at an instant: in its own posts, then for others; with the roles each delegation names.
    async fn identities(&self, account: Uuid, at: Timestamp) -> Result<(Vec<Identity>, Vec<(Uuid, Vec<Role>)>), AppError> {
        let (today, now) = (calendar::local_date(at), at.as_microsecond());
        let posts = organisation::held(self.db(), account, today).await.map_err(db_error)?;
        let received = delegation::received(self.db(), account, today, now).await.map_err(db_error)?;
        if delegation::has_over(self.db(), account, now).await.map_err(db_error)? {
            self.return_delegations(at).await?;
        }
        let own: Vec<Identity> = posts.into_iter().map(|post| Identity { post, behalf: None }).collect();
        let mut all = own.clone();
        let mut named = Vec::new();
        for r in received {
            // In which of his own posts somebody signs; that TL. and TUQ. lie below was seen when it was made.
            let fitting = own.iter().find(|i| r.kind.fits(&r.post, &i.post, i.post.organisation != r.post.organisation));
            // Who lost the post that made him the right one does not act for another any more.
            let Some(fitting) = fitting else { continue };
            let behalf = Behalf {
                delegation: r.id,
                kind: r.kind,
                holder: r.holder,
                holder_name: r.holder_name,
                until: calendar::from_micros(r.ends_at).unwrap_or(at),
                document: r.document,
                own_title: fitting.post.title.clone(),
            };
            named.push((r.id, r.roles));
            all.push(Identity { post: r.post, behalf: Some(behalf) });
        }
        Ok((all, named))
    }
}
