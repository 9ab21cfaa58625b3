//! Signing on at another door: OpenID Connect Core 1.0, authorization code flow with PKCE (RFC 7636), shaped for VNeID.
//! The provider says who somebody is there; which account that is here was said before, by the person (see `service::sign_on`).

use crate::secret::digest;
use chrono::{DateTime, Utc};
use jiff::Timestamp;
use openidconnect::core::{CoreAuthPrompt, CoreAuthenticationFlow, CoreClient, CoreJwsSigningAlgorithm, CoreProviderMetadata};
use openidconnect::http::{Request, Response};
use openidconnect::{
    AsyncHttpClient, AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret, CsrfToken, IssuerUrl, Nonce, PkceCodeChallenge, PkceCodeVerifier,
    RedirectUrl, Scope, SignatureVerificationError, TokenResponse as _,
};
use serde::Deserialize;
use std::fmt;
use std::io::Error;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;

/// Where the provider sends the browser back to, below the public address of the site.
pub(crate) const RETURN: &str = "/sign-in/return";
/// No answer of a provider is longer.
const LONGEST: usize = 1 << 20;
/// How long what a provider publishes of itself is believed, in microseconds.
const FRESH: i64 = 3_600 * 1_000_000;
/// Keys are asked for again at most this often because of a signature by an unknown one.
const AGAIN: i64 = 60 * 1_000_000;
/// How many requests go out to a provider at once.
const AT_ONCE: usize = 8;
/// By how much the provider's clock may be behind ours, in seconds.
const SKEW: i64 = 60;
/// Signatures by a secret that both sides know prove nothing more than the exchange did, and mix up easily: not among them.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 4] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EdDsa,
];

/// A provider as the configuration names it.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// Its word in addresses: 1 to 32 small letters, digits, `-`.
    pub key: String,
    /// Its name on the button, such as `VNeID`.
    pub name: String,
    /// Its issuer, exactly as it calls itself: `https://…`; `http://` only on this machine.
    pub issuer: String,
    /// What it calls this site.
    pub client_id: String,
    /// What only it and this site know.
    pub client_secret: String,
    /// What is asked for beside `openid`; nothing is needed.
    #[serde(default)]
    pub scopes: Vec<String>,
    /// It checks a second step itself, so that none is asked for here.
    #[serde(default)]
    pub checks_second_step: bool,
    /// PEM file with the authority of its certificate, when it is not one that everybody trusts.
    pub authority: Option<String>,
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider").field("key", &self.key).field("issuer", &self.issuer).finish_non_exhaustive()
    }
}

impl Provider {
    /// Whether it stands on this machine, as in tests and trials.
    fn is_here(&self) -> bool {
        let rest = self.issuer.strip_prefix("http://").unwrap_or_default();
        let host = rest.split('/').next().unwrap_or_default();
        let host = host.rsplit_once(':').map_or(host, |(host, port)| if port.bytes().all(|b| b.is_ascii_digit()) { host } else { "" });
        matches!(host, "127.0.0.1" | "localhost" | "[::1]")
    }

    /// What cannot be right in it, in words for whoever wrote the configuration.
    pub fn problem(&self) -> Option<String> {
        let key = &self.key;
        let fits = (1..=32).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if !fits {
            return Some(format!("sign_on key = {key:?}: use 1 to 32 small letters, digits or -"));
        }
        if lang::clean(&self.name).is_empty() || self.client_id.is_empty() || self.client_secret.is_empty() {
            return Some(format!("sign_on {key}: name, client_id and client_secret are needed"));
        }
        if !(self.issuer.starts_with("https://") || self.is_here()) || IssuerUrl::new(self.issuer.clone()).is_err() {
            return Some(format!("sign_on {key}: issuer = {:?} must be an https address", self.issuer));
        }
        if let Some(path) = &self.authority
            && let Err(error) = std::fs::read(path)
        {
            return Some(format!("sign_on {key}: authority = {path:?}: {error}"));
        }
        None
    }
}

/// Why a provider did not tell who somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// It cannot be reached, or says what nobody can read.
    Unreachable,
    /// Too many ask at once.
    Busy,
    /// What it said is not for us, not of now, or not signed by it.
    Untrue,
    /// It did not ask the person again.
    Stale,
}

/// What is kept here while somebody is at the provider.
#[derive(Clone, Debug)]
pub(crate) struct Begun {
    /// Where the browser goes.
    pub address: String,
    pub state: String,
    pub nonce: String,
    pub verifier: String,
}

/// What a provider publishes of itself.
#[derive(Clone)]
struct Published {
    metadata: CoreProviderMetadata,
    read_at: i64,
}

/// How requests go out: bounded in time, length and number, never led elsewhere.
struct Wire {
    http: reqwest::Client,
}

impl<'c> AsyncHttpClient<'c> for Wire {
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Vec<u8>>, Error>> + Send + 'c>>;

    fn call(&'c self, request: Request<Vec<u8>>) -> Self::Future {
        Box::pin(async move {
            let request = reqwest::Request::try_from(request).map_err(Error::other)?;
            let mut answer = self.http.execute(request).await.map_err(Error::other)?;
            let mut body = Vec::new();
            while let Some(part) = answer.chunk().await.map_err(Error::other)? {
                if body.len() + part.len() > LONGEST {
                    return Err(Error::other("the answer of the provider is longer than 1 MB"));
                }
                body.extend_from_slice(&part);
            }
            let mut response = Response::new(body);
            *response.status_mut() = answer.status();
            *response.headers_mut() = answer.headers().clone();
            Ok(response)
        })
    }
}

/// A provider, ready to be asked.
pub(crate) struct SignOn {
    pub provider: Provider,
    back: RedirectUrl,
    wire: Wire,
    published: Mutex<Option<Published>>,
    room: Semaphore,
}

impl SignOn {
    /// Makes a provider ready; nothing is asked of it yet.
    pub(crate) fn new(provider: Provider, public_address: &str) -> Result<SignOn, String> {
        if let Some(problem) = provider.problem() {
            return Err(problem);
        }
        let back = RedirectUrl::new(format!("{}{RETURN}", public_address.trim_end_matches('/'))).map_err(|error| format!("public_address: {error}"))?;
        // A provider that sends us elsewhere could make us ask machines that only we reach.
        let mut http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).timeout(Duration::from_secs(10));
        if provider.is_here() {
            http = http.no_proxy();
        } else {
            http = http.https_only(true);
        }
        if let Some(path) = &provider.authority {
            let pem = std::fs::read(path).map_err(|error| format!("sign_on {}: authority: {error}", provider.key))?;
            let all = reqwest::Certificate::from_pem_bundle(&pem).map_err(|error| format!("sign_on {}: authority: {error}", provider.key))?;
            http = all.into_iter().fold(http, reqwest::ClientBuilder::add_root_certificate);
        }
        let http = http.build().map_err(|error| format!("sign_on {}: {error}", provider.key))?;
        Ok(SignOn { provider, back, wire: Wire { http }, published: Mutex::new(None), room: Semaphore::new(AT_ONCE) })
    }

    /// What the provider publishes of itself, with its keys; `older_than` asks anew for what was read before.
    async fn published(&self, at: Timestamp, older_than: i64) -> Result<Published, Fault> {
        let now = at.as_microsecond();
        let kept = self.published.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(kept) = kept.filter(|kept| kept.read_at >= older_than && (0..FRESH).contains(&(now - kept.read_at))) {
            return Ok(kept);
        }
        let issuer = IssuerUrl::new(self.provider.issuer.clone()).map_err(|_| Fault::Unreachable)?;
        let metadata = CoreProviderMetadata::discover_async(issuer, &self.wire).await.map_err(|error| self.unreachable(&error))?;
        let read = Published { metadata, read_at: now };
        *self.published.lock().unwrap_or_else(PoisonError::into_inner) = Some(read.clone());
        Ok(read)
    }

    fn unreachable(&self, error: &dyn std::error::Error) -> Fault {
        let cause = error.source().map(ToString::to_string).unwrap_or_default();
        tracing::warn!(provider = self.provider.key, %error, cause, "a provider of sign-on did not answer as it should");
        Fault::Unreachable
    }

    /// Begins: where the browser is sent. `anew` asks the provider to make sure once more who sits there.
    pub(crate) async fn begin(&self, at: Timestamp, anew: bool) -> Result<Begun, Fault> {
        let _room = self.room.try_acquire().map_err(|_| Fault::Busy)?;
        let published = self.published(at, 0).await?;
        let client = CoreClient::from_provider_metadata(published.metadata, self.client_id(), Some(self.client_secret())).set_redirect_uri(self.back.clone());
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let mut asked = client.authorize_url(CoreAuthenticationFlow::AuthorizationCode, CsrfToken::new_random, Nonce::new_random).set_pkce_challenge(challenge);
        for scope in &self.provider.scopes {
            asked = asked.add_scope(Scope::new(scope.clone()));
        }
        if anew {
            asked = asked.add_prompt(CoreAuthPrompt::Login).set_max_age(Duration::ZERO);
        }
        let (address, state, nonce) = asked.url();
        Ok(Begun { address: address.to_string(), state: state.into_secret(), nonce: nonce.secret().clone(), verifier: verifier.into_secret() })
    }

    /// Finishes: who the provider says it was, as a digest of issuer and subject, which is all that is ever kept.
    /// `since` is set when the provider must have asked the person again after that instant.
    pub(crate) async fn finish(&self, at: Timestamp, code: String, nonce: String, verifier: String, since: Option<Timestamp>) -> Result<Vec<u8>, Fault> {
        let _room = self.room.try_acquire().map_err(|_| Fault::Busy)?;
        let mut published = self.published(at, 0).await?;
        let client =
            CoreClient::from_provider_metadata(published.metadata.clone(), self.client_id(), Some(self.client_secret())).set_redirect_uri(self.back.clone());
        let exchange = client.exchange_code(AuthorizationCode::new(code)).map_err(|error| self.unreachable(&error))?;
        let answer = exchange.set_pkce_verifier(PkceCodeVerifier::new(verifier)).request_async(&self.wire).await.map_err(|error| self.unreachable(&error))?;
        let token = answer.id_token().ok_or(Fault::Untrue)?;
        let nonce = Nonce::new(nonce);
        let mut retried = false;
        let claims = loop {
            let client = CoreClient::from_provider_metadata(published.metadata.clone(), self.client_id(), Some(self.client_secret()));
            let verifier = client.id_token_verifier().set_allowed_algs(ALGORITHMS).set_time_fn(move || chrono_of(at));
            match token.claims(&verifier, &nonce) {
                Ok(claims) => break claims.clone(),
                // The provider has changed its keys since they were read.
                Err(ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey)) if !retried => {
                    retried = true;
                    published = self.published(at, at.as_microsecond() - AGAIN).await?;
                }
                Err(error) => {
                    tracing::warn!(provider = self.provider.key, %error, "what a provider of sign-on said was refused");
                    return Err(Fault::Untrue);
                }
            }
        };
        if let Some(since) = since {
            let asked = claims.auth_time().map(|time| time.timestamp()).ok_or(Fault::Stale)?;
            if asked < since.as_second() - SKEW || asked > at.as_second() + SKEW {
                return Err(Fault::Stale);
            }
        }
        // Both parts have no control characters in any honest token; the length keeps the pair unambiguous even otherwise.
        let issuer = &self.provider.issuer;
        Ok(digest(&format!("{} {issuer} {}", issuer.len(), claims.subject().as_str())))
    }

    fn client_id(&self) -> ClientId {
        ClientId::new(self.provider.client_id.clone())
    }

    fn client_secret(&self) -> ClientSecret {
        ClientSecret::new(self.provider.client_secret.clone())
    }
}

fn chrono_of(at: Timestamp) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(at.as_microsecond()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn provider(issuer: &str) -> Provider {
        Provider {
            key: "vneid".to_owned(),
            name: "VNeID".to_owned(),
            issuer: issuer.to_owned(),
            client_id: "cong".to_owned(),
            client_secret: "s".to_owned(),
            scopes: Vec::new(),
            checks_second_step: false,
            authority: None,
        }
    }

    #[test]
    fn a_provider_is_reached_by_https_or_on_this_machine() {
        for good in ["https://id.example.vn", "http://127.0.0.1:9000", "http://localhost", "http://[::1]:80/realm"] {
            assert_eq!(provider(good).problem(), None, "{good}");
            assert!(SignOn::new(provider(good), "https://cong.example.vn/").is_ok());
        }
        for bad in ["http://id.example.vn", "http://127.0.0.1.example.vn", "http://127.0.0.1@example.vn", "http://localhost:x@example.vn", "", "https://"] {
            assert!(provider(bad).problem().is_some(), "{bad}");
        }
        assert!(Provider { key: "VN/eID".to_owned(), ..provider("https://id.example.vn") }.problem().is_some());
        assert!(Provider { authority: Some("/no/such/file".to_owned()), ..provider("https://id.example.vn") }.problem().is_some());
        assert!(!format!("{:?}", provider("https://id.example.vn")).contains("client_secret"));
    }
}
