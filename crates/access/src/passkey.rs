//! What an authenticator says, read and judged (WebAuthn Level 2, sections 7.1 and 7.2). Pure: no database, no clock.
//!
//! Attestation is not asked for: which make a key is does not matter here, so the public key is taken as the browser gives
//! it (`getPublicKey()`, SubjectPublicKeyInfo), and no CBOR has to be read.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::ecdsa::signature::Verifier as _;
use p256::pkcs8::DecodePublicKey as _;
use rsa::pkcs1v15::Pkcs1v15Sign;
use rsa::traits::PublicKeyParts as _;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

/// ECDSA on P-256 with SHA-256, by its COSE number.
pub(crate) const ES256: i64 = -7;
/// RSA PKCS#1 v1.5 with SHA-256: older Windows Hello has nothing else.
pub(crate) const RS256: i64 = -257;

/// The site that keys are bound to: its host, and the address exactly as browsers say it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Site {
    /// Relying party id: `cong.example.vn`.
    pub host: String,
    /// Origin: `https://cong.example.vn`.
    pub origin: String,
}

impl Site {
    /// From the public address; `None` where browsers have no passkeys: plain http (but for localhost), or a bare IP address.
    pub fn of(address: &str) -> Option<Site> {
        let (scheme, rest) = address.trim().split_once("://")?;
        let authority = rest.split(['/', '?', '#']).next()?.to_ascii_lowercase();
        let (host, port) = match authority.split_once(':') {
            Some((host, port)) => (host, port.parse::<u16>().ok()?),
            None => (authority.as_str(), 0),
        };
        let local = host == "localhost" || host.ends_with(".localhost");
        let named = host.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.') && host.bytes().any(|b| b.is_ascii_lowercase());
        let usual = match scheme {
            "https" => 443,
            "http" if local => 80,
            _ => return None,
        };
        if !named || !(local || host.contains('.')) {
            return None;
        }
        let origin = if port == 0 || port == usual { format!("{scheme}://{host}") } else { format!("{scheme}://{host}:{port}") };
        Some(Site { host: host.to_owned(), origin })
    }
}

/// Why an answer is not taken; for the log, people are told one sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Not of the shape of an answer.
    Unreadable,
    /// Made for another act, such as a registration shown at sign-in.
    Kind,
    /// Made on another site.
    Origin,
    /// Made for another relying party.
    Party,
    /// Nobody touched the key, or it did not check who touches it.
    Unverified,
    /// A key of a kind or size that is not taken.
    Algorithm,
    /// The key did not make the signature.
    Forged,
}

/// An answer as the script of the page sends it; all bytes in base64url.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Answer {
    id: String,
    client_data: String,
    authenticator_data: String,
    #[serde(default)]
    signature: String,
    #[serde(default)]
    user_handle: String,
    #[serde(default)]
    public_key: String,
    #[serde(default)]
    algorithm: i64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClientData {
    #[serde(rename = "type")]
    kind: String,
    challenge: String,
    origin: String,
    #[serde(default)]
    cross_origin: bool,
}

/// An answer whose words are in order; what it is signed with is still to be seen.
#[derive(Debug)]
pub(crate) struct Said {
    pub credential: Vec<u8>,
    pub challenge: Vec<u8>,
    /// Account id as the authenticator keeps it; empty when it says none.
    pub user: Vec<u8>,
    pub counter: i64,
    authenticator: Vec<u8>,
    client: Vec<u8>,
    signature: Vec<u8>,
}

/// A key that was just made.
#[derive(Debug)]
pub(crate) struct Made {
    pub public_key: Vec<u8>,
    pub algorithm: i64,
}

fn bytes(text: &str) -> Result<Vec<u8>, Fault> {
    URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).map_err(|_| Fault::Unreadable)
}

/// Bytes as addresses and scripts carry them.
pub(crate) fn text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

const PRESENT: u8 = 1;
const VERIFIED: u8 = 4;
const WITH_KEY: u8 = 0x40;

impl Answer {
    /// Reads the JSON of an answer.
    pub fn read(json: &str) -> Result<Answer, Fault> {
        // RSA keys and their data stay far below this.
        if json.len() > 16_384 {
            return Err(Fault::Unreadable);
        }
        serde_json::from_str(json).map_err(|_| Fault::Unreadable)
    }

    fn said(&self, site: &Site, kind: &str) -> Result<Said, Fault> {
        let client = bytes(&self.client_data)?;
        let told: ClientData = serde_json::from_slice(&client).map_err(|_| Fault::Unreadable)?;
        if told.kind != kind {
            return Err(Fault::Kind);
        }
        if told.origin != site.origin || told.cross_origin {
            return Err(Fault::Origin);
        }
        let authenticator = bytes(&self.authenticator_data)?;
        let (party, rest) = authenticator.split_at_checked(32).ok_or(Fault::Unreadable)?;
        let [flags, a, b, c, d, ..] = *rest else { return Err(Fault::Unreadable) };
        if party != Sha256::digest(site.host.as_bytes()).as_slice() {
            return Err(Fault::Party);
        }
        if flags & PRESENT == 0 || flags & VERIFIED == 0 {
            return Err(Fault::Unverified);
        }
        let credential = bytes(&self.id)?;
        if credential.is_empty() || credential.len() > 1023 {
            return Err(Fault::Unreadable);
        }
        Ok(Said {
            credential,
            challenge: bytes(&told.challenge)?,
            user: bytes(&self.user_handle)?,
            counter: i64::from(u32::from_be_bytes([a, b, c, d])),
            signature: bytes(&self.signature)?,
            authenticator,
            client,
        })
    }

    /// A key that is to be kept.
    pub fn made(&self, site: &Site) -> Result<(Said, Made), Fault> {
        let said = self.said(site, "webauthn.create")?;
        let flags = said.authenticator.get(32).copied().unwrap_or_default();
        // 32 hash, 1 flags, 4 count, 16 make, 2 length, then the id.
        let length = said.authenticator.get(53..55).and_then(|two| two.try_into().ok()).map(u16::from_be_bytes).ok_or(Fault::Unreadable)?;
        if flags & WITH_KEY == 0 || said.authenticator.get(55..55 + usize::from(length)) != Some(said.credential.as_slice()) {
            return Err(Fault::Unreadable);
        }
        let made = Made { public_key: bytes(&self.public_key)?, algorithm: self.algorithm };
        Key::read(made.algorithm, &made.public_key)?;
        Ok((said, made))
    }

    /// The answer of a key that is kept.
    pub fn shown(&self, site: &Site) -> Result<Said, Fault> {
        self.said(site, "webauthn.get")
    }
}

enum Key {
    P256(p256::ecdsa::VerifyingKey),
    Rsa(rsa::PublicKey),
}

impl Key {
    fn read(algorithm: i64, der: &[u8]) -> Result<Key, Fault> {
        match algorithm {
            ES256 => p256::ecdsa::VerifyingKey::from_public_key_der(der).map(Key::P256).map_err(|_| Fault::Algorithm),
            RS256 => {
                let key = rsa::PublicKey::from_public_key_der(der).map_err(|_| Fault::Algorithm)?;
                if (256..=512).contains(&key.size()) { Ok(Key::Rsa(key)) } else { Err(Fault::Algorithm) }
            }
            _ => Err(Fault::Algorithm),
        }
    }
}

impl Said {
    /// Refuses unless the kept key made the signature.
    pub fn proved_by(&self, algorithm: i64, public_key: &[u8]) -> Result<(), Fault> {
        let mut message = self.authenticator.clone();
        message.extend_from_slice(&Sha256::digest(&self.client));
        match Key::read(algorithm, public_key)? {
            Key::P256(key) => {
                let signature = p256::ecdsa::Signature::from_der(&self.signature).map_err(|_| Fault::Forged)?;
                key.verify(&message, &signature).map_err(|_| Fault::Forged)
            }
            Key::Rsa(key) => key.verify(Pkcs1v15Sign::new::<Sha256>(), &Sha256::digest(&message), &self.signature).map_err(|_| Fault::Forged),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn keys_are_bound_to_named_sites_that_browsers_trust() {
        let site = |address| Site::of(address).map(|site| (site.host, site.origin));
        let expected = |host: &str, origin: &str| Some((host.to_owned(), origin.to_owned()));
        assert_eq!(site("https://Cong.Example.vn/"), expected("cong.example.vn", "https://cong.example.vn"));
        assert_eq!(site("https://cong.example.vn:8443"), expected("cong.example.vn", "https://cong.example.vn:8443"));
        assert_eq!(site("https://cong.example.vn:443"), expected("cong.example.vn", "https://cong.example.vn"));
        assert_eq!(site("http://localhost:8080"), expected("localhost", "http://localhost:8080"));
        for bad in ["http://cong.example.vn", "https://10.0.0.1", "http://127.0.0.1:8080", "https://[::1]", "cong.example.vn", "https://", "https://a.vn:x"] {
            assert_eq!(site(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn no_answer_makes_it_panic(json in ".{0,200}", data in proptest::collection::vec(any::<u8>(), 0..80), client in ".{0,80}") {
            let site = Site::of("http://localhost").unwrap();
            drop(Answer::read(&json));
            let answer = Answer {
                id: text(&data), client_data: text(client.as_bytes()), authenticator_data: text(&data), signature: text(&data),
                user_handle: String::new(), public_key: text(&data), algorithm: ES256,
            };
            prop_assert!(answer.made(&site).is_err() && answer.shown(&site).is_err());
        }
    }
}
