//! Certificates that verify without a network: what is certified, signed with the installation's Ed25519 key, as a short text that fits
//! a QR code.
//!
//! The text is `CL1.` + base64url(key id, 8 bytes | signature, 64 bytes | what is certified, JSON). Whoever has the public key checks it
//! anywhere; whether it was revoked since is told by the list of revoked ids, or by the page `/verify/{code}`.

use crate::Casework;
use crate::case::CaseRow;
use crate::procedure::Procedure;
use crate::store::certificate::{self as store, CertificateRow};
use access::{Context, db_error};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use db::{Db, DbError};
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use ui::{AppError, Html};
use uuid::Uuid;
use work::Value;

const PREFIX: &str = "CL1.";
const KEY_ID: usize = 8;
/// The longest code that is looked at.
const LONGEST: usize = 2_000;

/// What a certificate says. Short names: it has to fit a QR code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// Id.
    pub id: Uuid,
    /// The unit recognised, with its kind.
    pub unit: String,
    /// Its official code then.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub code: String,
    /// As what.
    pub what: String,
    /// Number of the decision.
    pub no: String,
    /// Date of the decision, ISO.
    pub date: String,
    /// Who decided.
    pub by: String,
    /// The day of issue, ISO.
    pub on: String,
}

/// Why a code does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckError {
    /// It is no code of ours.
    #[error("this is no certificate code (không phải mã chứng nhận)")]
    NotACode,
    /// Signed with a key that is not among those given.
    #[error("signed with a key that is not known here (khóa ký không có trong danh sách)")]
    UnknownKey,
    /// The signature does not fit: something was changed.
    #[error("the signature does not fit: something was changed (chữ ký không khớp, nội dung đã bị sửa)")]
    Forged,
}

/// Checks a code against public keys, without a database or a network.
///
/// # Errors
/// [`CheckError`].
pub fn checked(code: &str, keys: &[VerifyingKey]) -> Result<Certificate, CheckError> {
    let code = code.trim();
    // A whole address may be pasted.
    let code = code.rsplit('/').next().unwrap_or(code);
    let raw = code.strip_prefix(PREFIX).filter(|c| c.len() <= LONGEST).and_then(|c| BASE64.decode(c).ok()).ok_or(CheckError::NotACode)?;
    let (id, rest) = raw.split_at_checked(KEY_ID).ok_or(CheckError::NotACode)?;
    let (signature, body) = rest.split_at_checked(Signature::BYTE_SIZE).ok_or(CheckError::NotACode)?;
    let key = keys.iter().find(|key| key_id(key) == id).ok_or(CheckError::UnknownKey)?;
    let signature = Signature::from_slice(signature).map_err(|_| CheckError::NotACode)?;
    key.verify_strict(body, &signature).map_err(|_| CheckError::Forged)?;
    serde_json::from_slice(body).map_err(|_| CheckError::NotACode)
}

fn key_id(key: &VerifyingKey) -> Vec<u8> {
    Sha256::digest(key.as_bytes()).iter().copied().take(KEY_ID).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// Who signs here. The key is made at the first start and stays in the database, in no backup of figures and on no page.
pub struct Issuer {
    key: SigningKey,
    older: Vec<VerifyingKey>,
}

impl std::fmt::Debug for Issuer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Issuer({})", hex(&key_id(&self.key.verifying_key())))
    }
}

impl Issuer {
    /// Reads the keys of an installation; makes one at the first start.
    ///
    /// # Errors
    /// What the database says.
    pub async fn open(db: &Db, at: i64) -> Result<Issuer, DbError> {
        let mut keys = store::keys(db).await?;
        if keys.is_empty() {
            let mut secret = [0u8; 32];
            getrandom::fill(&mut secret).map_err(|error| DbError::defect(format!("no randomness: {error}")))?;
            let id = hex(&key_id(&SigningKey::from_bytes(&secret).verifying_key()));
            let mut tx = db.begin().await?;
            // Two programs that start at once end with the same key: the first one.
            if store::keys_tx(&mut tx).await?.is_empty() {
                store::add_key(&mut tx, &id, secret.to_vec(), at).await?;
            }
            tx.commit().await?;
            keys = store::keys(db).await?;
        }
        let mut read: Vec<SigningKey> =
            keys.iter().filter_map(|(_, secret)| secret.as_slice().try_into().ok()).map(|s: [u8; 32]| SigningKey::from_bytes(&s)).collect();
        let key = read.pop().ok_or_else(|| DbError::defect("the key of certificates cannot be read"))?;
        Ok(Issuer { key, older: read.iter().map(SigningKey::verifying_key).collect() })
    }

    /// The public keys under which certificates of this installation verify, the newest first.
    pub fn public_keys(&self) -> Vec<VerifyingKey> {
        std::iter::once(self.key.verifying_key()).chain(self.older.iter().copied()).collect()
    }

    /// The same as hexadecimal text.
    pub fn public_hex(&self) -> Vec<String> {
        self.public_keys().iter().map(|key| hex(key.as_bytes())).collect()
    }

    /// Signs what is certified.
    ///
    /// # Errors
    /// 500 if it cannot be written as JSON.
    pub fn sign(&self, certificate: &Certificate) -> Result<(String, String), AppError> {
        let body = serde_json::to_vec(certificate).map_err(|_| AppError::new("internal", 500))?;
        let mut raw = key_id(&self.key.verifying_key());
        raw.extend_from_slice(&self.key.sign(&body).to_bytes());
        raw.extend_from_slice(&body);
        Ok((format!("{PREFIX}{}", BASE64.encode(raw)), String::from_utf8_lossy(&body).into_owned()))
    }
}

/// A public key from its hexadecimal text.
pub fn public_key(text: &str) -> Option<VerifyingKey> {
    let text = text.trim();
    let digits: Option<Vec<u8>> = (0..text.len()).step_by(2).map(|at| text.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok())).collect();
    let raw: [u8; 32] = digits?.try_into().ok()?;
    VerifyingKey::from_bytes(&raw).ok()
}

/// A text as a QR code; nothing when it is too long for one.
pub fn qr(text: &str) -> Option<Html> {
    let code = fast_qr::QRBuilder::new(text).ecl(fast_qr::ECL::L).build().ok()?;
    let svg = fast_qr::convert::svg::SvgBuilder::default().to_str(&code);
    Some(Html::trusted(svg))
}

impl Casework {
    /// Issues the certificate of a case, in the transaction of the decision. Fields `decision_number`, `decision_date`, `decided_by`, `rank`.
    pub(crate) async fn issue(&self, tx: &mut db::Tx, ctx: &Context, procedure: &Procedure, case: &CaseRow) -> Result<(), AppError> {
        let today = ctx.today();
        let field = |code: &str| match case.fields.get(code) {
            Some(Value::Text(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            _ => String::new(),
        };
        let what = match (procedure.field("rank"), case.fields.get("rank")) {
            (Some(rank), Some(value)) => rank.shown(value, ui::Lang::Vi),
            _ => procedure.title_vi.clone(),
        };
        let atlas = self.places().atlas();
        let certificate = Certificate {
            id: Uuid::now_v7(),
            unit: atlas.full_name(case.unit, today),
            code: atlas.version(case.unit, today).and_then(|v| v.code.as_deref().map(str::to_owned)).unwrap_or_default(),
            what,
            no: field("decision_number"),
            date: field("decision_date"),
            by: field("decided_by"),
            on: today.to_string(),
        };
        let (code, body) = self.issuer().sign(&certificate)?;
        let row = CertificateRow {
            id: certificate.id,
            case: case.id,
            unit: case.unit,
            body,
            code,
            issued_at: calendar::micros(ctx.at),
            revoked_at: None,
            reason: String::new(),
        };
        store::add(tx, case.tenant, &row).await.map_err(db_error)?;
        access::audit(tx, ctx, case.tenant, "certificate.issue", &certificate.id.to_string(), serde_json::json!({"case": case.id})).await.map_err(db_error)
    }

    /// Revokes what a case brought, in the transaction of the act.
    pub(crate) async fn revoke(&self, tx: &mut db::Tx, ctx: &Context, case: &CaseRow, reason: &str) -> Result<(), AppError> {
        let count = store::revoke_of_case(tx, case.tenant, case.id, calendar::micros(ctx.at), reason).await.map_err(db_error)?;
        access::audit(tx, ctx, case.tenant, "certificate.revoke", &case.id.to_string(), serde_json::json!({"count": count, "reason": reason}))
            .await
            .map_err(db_error)
    }

    /// Checks a code, and whether it was revoked here since: the certificate and the instant of revocation.
    ///
    /// # Errors
    /// [`CheckError`] as a 404 `certificate_unknown` or 422 `certificate_forged`.
    pub async fn verify_certificate(&self, code: &str) -> Result<(Certificate, Option<i64>), AppError> {
        let certificate = checked(code, &self.issuer().public_keys()).map_err(|error| match error {
            CheckError::NotACode | CheckError::UnknownKey => AppError::new("certificate_unknown", 404)
                .say("Mã này không phải giấy chứng nhận do hệ thống này cấp.", "This code is no certificate issued here.")
                .mend("Quét lại mã, hoặc nhập đủ mã in dưới hình.", "Scan it again, or type the whole code printed below the picture."),
            CheckError::Forged => AppError::new("certificate_forged", 422)
                .say("Chữ ký không khớp: nội dung giấy chứng nhận đã bị sửa.", "The signature does not fit: the certificate was changed.")
                .mend("Báo cho cơ quan cấp giấy.", "Tell the authority that issued it."),
        })?;
        let revoked = store::revoked(self.db()).await.map_err(db_error)?;
        let at = revoked.binary_search_by_key(&certificate.id, |r| r.0).ok().and_then(|at| revoked.get(at)).map(|r| r.1);
        Ok((certificate, at))
    }

    /// Ids of the revoked certificates with the instants.
    ///
    /// # Errors
    /// What the database says.
    pub async fn revoked_certificates(&self) -> Result<Vec<(Uuid, i64)>, AppError> {
        store::revoked(self.db()).await.map_err(db_error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn issuer(seed: u8) -> Issuer {
        Issuer { key: SigningKey::from_bytes(&[seed; 32]), older: vec![] }
    }

    fn certificate(unit: &str) -> Certificate {
        let text = |t: &str| t.to_owned();
        Certificate {
            id: Uuid::nil(),
            unit: text(unit),
            code: text("07330"),
            what: text("Xã đạt chuẩn nông thôn mới"),
            no: text("15/QĐ-UBND"),
            date: text("2026-02-05"),
            by: text("Chủ tịch UBND tỉnh"),
            on: text("2026-02-06"),
        }
    }

    #[test]
    fn a_code_holds_under_its_key_only() {
        let (ours, theirs) = (issuer(1), issuer(2));
        let (code, _) = ours.sign(&certificate("xã Phúc Hòa")).unwrap();
        assert!(code.len() < 500, "{}", code.len());
        assert_eq!(checked(&code, &ours.public_keys()), Ok(certificate("xã Phúc Hòa")));
        assert_eq!(checked(&format!("https://x.vn/verify/{code}"), &ours.public_keys()), Ok(certificate("xã Phúc Hòa")));
        assert_eq!(checked(&code, &theirs.public_keys()), Err(CheckError::UnknownKey));
        assert_eq!(public_key(&ours.public_hex()[0]), Some(ours.public_keys()[0]));
        // The other's certificate under our key's name.
        let (forged, _) = theirs.sign(&certificate("xã khác")).unwrap();
        let mut raw = BASE64.decode(&forged[PREFIX.len()..]).unwrap();
        raw[..KEY_ID].copy_from_slice(&key_id(&ours.public_keys()[0]));
        assert_eq!(checked(&format!("{PREFIX}{}", BASE64.encode(raw)), &ours.public_keys()), Err(CheckError::Forged));
        assert!(qr(&code).unwrap().as_str().starts_with("<svg"));
    }

    proptest! {
        #[test]
        fn any_change_is_noticed(at in 0usize..300, bit in 0u8..8) {
            let ours = issuer(3);
            let (code, _) = ours.sign(&certificate("xã Phúc Hòa")).unwrap();
            let mut raw = BASE64.decode(&code[PREFIX.len()..]).unwrap();
            let at = at % raw.len();
            raw[at] ^= 1 << bit;
            let found = checked(&format!("{PREFIX}{}", BASE64.encode(raw)), &ours.public_keys());
            prop_assert!(found.is_err());
        }

        #[test]
        fn no_text_panics(text in ".{0,80}") {
            let _ = checked(&text, &issuer(1).public_keys());
            let _ = checked(&format!("{PREFIX}{text}"), &issuer(1).public_keys());
            let _ = public_key(&text);
        }
    }
}
