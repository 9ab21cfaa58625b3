use super::account::not_found;
use crate::access::Access;
use crate::context::Context;
use crate::error::db_error;
use crate::store::{account, audit as audit_store, second as store};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::LazyLock;
use ui::{AppError, Lang};

const KINDS: &str = include_str!("../../../../facts/personal/kinds.toml");

/// A kind of personal data that is kept, with why and on what basis.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonalKind {
    /// Its word in the audit and in consents.
    pub code: String,
    /// Vietnamese.
    pub vi: String,
    /// English.
    pub en: String,
    /// What for, Vietnamese.
    pub purpose_vi: String,
    /// What for, English.
    pub purpose_en: String,
    /// Legal basis.
    pub basis: String,
    /// The law calls it sensitive.
    pub sensitive: bool,
    /// Kept only while the person agrees.
    pub consent: bool,
    /// How long, Vietnamese.
    pub keep_vi: String,
    /// How long, English.
    pub keep_en: String,
    /// `known` or `to-check`.
    pub confidence: String,
}

impl PersonalKind {
    /// All kinds.
    pub fn all() -> &'static [PersonalKind] {
        &ALL
    }

    /// Its name on the screen.
    pub fn label(&self, lang: Lang) -> &str {
        lang.t(&self.vi, &self.en)
    }
}

#[derive(Deserialize)]
struct File {
    kind: Vec<PersonalKind>,
}

static ALL: LazyLock<Vec<PersonalKind>> = LazyLock::new(|| {
    toml::from_str::<File>(KINDS).map(|file| file.kind).unwrap_or_else(|error| {
        tracing::error!(%error, "facts/personal cannot be read");
        Vec::new()
    })
});

impl Access {
    /// Whether an account has agreed to a kind and not withdrawn it.
    ///
    /// # Errors
    /// What the database says.
    pub async fn consents_to(&self, account: uuid::Uuid, kind: &str) -> Result<bool, AppError> {
        let all = store::consents(self.db(), account).await.map_err(db_error)?;
        Ok(all.iter().any(|(of, _, withdrawn)| of == kind && withdrawn.is_none()))
    }

    /// Agrees to a kind, or withdraws; both are kept with their time.
    pub(crate) async fn set_consent(&self, ctx: &Context, kind: &str, given: bool) -> Result<(), AppError> {
        ctx.require_person()?;
        let Some(account) = ctx.account_id() else { return Err(not_found()) };
        if !PersonalKind::all().iter().any(|k| k.code == kind && k.consent) {
            return Err(AppError::new("kind_unknown", 422));
        }
        let had = self.consents_to(account, kind).await?;
        if had == given {
            return Ok(());
        }
        let mut tx = self.begin().await?;
        let act = if given {
            store::consent(&mut tx, account, kind, ctx.at.as_microsecond()).await.map_err(db_error)?;
            "consent.give"
        } else {
            store::withdraw(&mut tx, account, kind, ctx.at.as_microsecond()).await.map_err(db_error)?;
            "consent.withdraw"
        };
        self.act(tx, ctx, act, account, json!({"kind": kind})).await
    }

    /// Everything that is kept of the caller here, for taking away. The taking is itself written down.
    pub(crate) async fn own_data(&self, ctx: &Context) -> Result<Value, AppError> {
        ctx.require_person()?;
        let Some(id) = ctx.account_id() else { return Err(not_found()) };
        let row = account::by_id(self.db(), id).await.map_err(db_error)?.ok_or_else(not_found)?;
        let at = |micros: i64| calendar::from_micros(micros).map(|t| t.to_string()).unwrap_or_default();
        let grants: Vec<Value> = self
            .grants_of(ctx, id)
            .await?
            .iter()
            .map(|g| json!({"role": g.grant.role.as_str(), "unit": g.grant.unit, "from": g.grant.from.to_string(), "to": g.grant.to.map(|d| d.to_string()), "basis": g.basis}))
            .collect();
        let posts: Vec<Value> = self.posts_of(id, ctx.today()).await?.iter().map(|p| json!({"title": p.title, "organisation": p.organisation_name})).collect();
        let delegations: Vec<Value> = self
            .own_delegations(ctx)
            .await?
            .iter()
            .map(|d| json!({"kind": d.kind.as_str(), "for": d.holder_name, "to": d.account_name, "from": d.starts.to_string(), "until": d.ends.to_string(), "document": d.document}))
            .collect();
        let leave: Vec<Value> = self
            .absences_of(id, ctx.today())
            .await?
            .iter()
            .map(|a| json!({"first": a.first.to_string(), "last": a.last.to_string(), "note": a.note}))
            .collect();
        let devices: Vec<Value> = self
            .own_sessions(ctx)
            .await?
            .iter()
            .map(|s| json!({"device": s.agent, "since": s.created_at.to_string(), "last_used": s.seen_at.to_string()}))
            .collect();
        let passkeys: Vec<Value> =
            self.own_passkeys(ctx).await?.iter().map(|k| json!({"name": k.name, "created": at(k.created_at), "last_used": k.used_at.map(at)})).collect();
        let sign_on: Vec<Value> = self
            .own_sign_ons(ctx)
            .await?
            .iter()
            .filter_map(|one| Some(json!({"provider": one.name, "linked": at(one.linked_at?), "last_used": one.used_at.map(at)})))
            .collect();
        let consents: Vec<Value> = store::consents(self.db(), id)
            .await
            .map_err(db_error)?
            .into_iter()
            .map(|(kind, given, withdrawn)| json!({"kind": kind, "given": at(given), "withdrawn": withdrawn.map(at)}))
            .collect();
        let requests: Vec<Value> = self
            .own_data_requests(ctx)
            .await?
            .iter()
            .map(|r| json!({"at": at(r.at), "asked": r.ask.label(ctx.lang), "said": r.said, "answer": r.answer}))
            .collect();
        // What somebody did with figures or dossiers stands in the chain of the place where they did it.
        let mut told = Vec::new();
        for tenant in audit_store::tenants(self.db()).await.map_err(db_error)? {
            told.extend(audit_store::of_person(self.db(), tenant, id, i64::MAX, 1_000).await.map_err(db_error)?);
        }
        told.sort_by_key(|line| (std::cmp::Reverse(line.at), std::cmp::Reverse(line.seq)));
        told.truncate(1_000);
        let acts: Vec<Value> =
            told.iter().map(|line| json!({"at": at(line.at), "act": line.act, "subject": line.subject, "from": line.origin_label()})).collect();
        let tx = self.begin().await?;
        self.act(tx, ctx, "personal.export", id, json!({})).await?;
        Ok(json!({
            "account": {"login": row.login, "name": row.name, "unit": row.unit, "created": at(row.created_at)},
            "roles": grants, "posts": posts, "delegations": delegations, "leave": leave, "devices": devices, "passkeys": passkeys, "sign_on": sign_on, "consents": consents, "requests": requests, "acts": acts,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_says_why_and_on_what_basis() {
        let file: File = toml::from_str(KINDS).unwrap();
        assert!(file.kind.len() >= 4);
        for kind in &file.kind {
            assert!(!kind.purpose_vi.is_empty() && !kind.basis.is_empty() && !kind.keep_vi.is_empty(), "{}", kind.code);
            // What is kept on consent names consent as its basis, and nothing else does.
            assert_eq!(kind.consent, kind.basis.contains("đồng ý"), "{}", kind.code);
        }
    }
}
