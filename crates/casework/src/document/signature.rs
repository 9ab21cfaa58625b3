//! Digital signatures inside PDF files (PAdES, ISO 32000 section 12.8): found, checked and described. Nothing is signed here.
//!
//! A signature counts when its byte range covers the file as it should, the digest fits, the signer's certificate made the
//! signature, and the certificate leads to one that the province trusts. Whether a certificate was revoked is not asked:
//! that needs the authority's service, which this platform does not call.

use cms::cert::CertificateChoices;
use cms::content_info::ContentInfo;
use cms::signed_data::{SignedData, SignerIdentifier, SignerInfo};
use const_oid::ObjectIdentifier;
use const_oid::db::{rfc5911, rfc5912, rfc6268};
use der::asn1::OctetString;
use der::{Decode as _, Encode as _};
use jiff::Timestamp;
use lopdf::{Document, Object};
use p256::ecdsa::signature::hazmat::PrehashVerifier as _;
use p256::pkcs8::DecodePublicKey as _;
use rsa::pkcs1v15::Pkcs1v15Sign;
use serde::{Deserialize, Serialize};
use sha2::{Sha256, Sha384, Sha512};
use ui::AppError;
use x509_cert::Certificate;
use x509_cert::ext::pkix::{BasicConstraints, SubjectKeyIdentifier};

/// Bytes of a PDF beyond which signatures are not looked for.
pub const MOST: u64 = 60_000_000;
/// Certificates between a signer and a trusted one.
const DEPTH: usize = 6;
/// Signatures of one file.
const MANY: usize = 50;

/// What was found in a file whose signatures are all sound.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Signatures, in the order they were made.
    pub signatures: Vec<Signed>,
}

/// One sound signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signed {
    /// Name on the certificate.
    pub signer: String,
    /// The certificate's whole subject.
    pub subject: String,
    /// Who issued it.
    pub issuer: String,
    /// Its serial number, hex.
    pub serial: String,
    /// When the signer's computer says it was signed, microseconds UTC.
    pub claimed_at: Option<i64>,
    /// The trusted certificate it leads to; none when no trusted certificates are configured.
    pub trusted: Option<String>,
}

impl Report {
    /// Whether every signature leads to a trusted certificate.
    pub fn trusted(&self) -> bool {
        !self.signatures.is_empty() && self.signatures.iter().all(|s| s.trusted.is_some())
    }

    /// The names, for a sentence.
    pub fn signers(&self) -> String {
        self.signatures.iter().map(|s| s.signer.as_str()).collect::<Vec<_>>().join(", ")
    }
}

/// Why a file is not taken as signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Not a PDF that can be read.
    NotPdf,
    /// No signature in it.
    Unsigned,
    /// Something was changed after signing.
    Changed,
    /// The signature does not fit the certificate or the certificate its issuer.
    Forged,
    /// An algorithm that is not taken (SHA-1, an unknown curve).
    Algorithm(String),
    /// The certificate was not valid at the time.
    Expired(String),
    /// It leads to no certificate that is trusted here.
    Untrusted(String),
    /// The structure of the signature cannot be read.
    Unreadable,
}

impl From<Fault> for AppError {
    fn from(fault: Fault) -> AppError {
        let (code, vi, en, how_vi, how_en): (&'static str, String, String, &str, &str) = match fault {
            Fault::NotPdf => (
                "signature_not_pdf",
                "Tệp không phải PDF đọc được.".into(),
                "The file is not a PDF that can be read.".into(),
                "Xuất lại PDF rồi ký.",
                "Export the PDF again and sign it.",
            ),
            Fault::Unsigned => (
                "signature_missing",
                "Tệp PDF này chưa có chữ ký số.".into(),
                "This PDF has no digital signature.".into(),
                "Ký bằng phần mềm ký số của cơ quan rồi nộp lại tệp đã ký.",
                "Sign it with the agency's signing program and bring the signed file.",
            ),
            Fault::Changed => (
                "signature_changed",
                "Tệp đã bị sửa sau khi ký: nội dung không khớp với chữ ký số.".into(),
                "The file was changed after it was signed: its content does not fit the signature.".into(),
                "Lấy lại đúng tệp đã ký, không mở và lưu lại bằng phần mềm khác.",
                "Bring the file exactly as it was signed, not saved again by another program.",
            ),
            Fault::Forged => (
                "signature_forged",
                "Chữ ký số không đúng: không phải do chứng thư trong tệp ký ra.".into(),
                "The signature is false: the certificate in the file did not make it.".into(),
                "Không dùng tệp này. Báo người phụ trách an toàn thông tin.",
                "Do not use this file. Tell whoever is responsible for security.",
            ),
            Fault::Algorithm(name) => (
                "signature_algorithm",
                format!("Chữ ký dùng thuật toán không được nhận ({name})."),
                format!("The signature uses an algorithm that is not taken ({name})."),
                "Ký lại bằng chứng thư dùng SHA-256 trở lên.",
                "Sign again with SHA-256 or better.",
            ),
            Fault::Expired(who) => (
                "signature_expired",
                format!("Chứng thư của {who} không còn hiệu lực tại thời điểm này."),
                format!("The certificate of {who} is not valid at this time."),
                "Gia hạn chứng thư rồi ký lại.",
                "Renew the certificate and sign again.",
            ),
            Fault::Untrusted(who) => (
                "signature_untrusted",
                format!("Chứng thư của {who} không thuộc danh sách tin cậy."),
                format!("The certificate of {who} leads to none that is trusted here."),
                "Dùng chứng thư chuyên dùng công vụ; hoặc nhờ quản trị thêm chứng thư gốc vào danh sách tin cậy.",
                "Use the public-service certificate, or ask the administrator to add its root to the trust list.",
            ),
            Fault::Unreadable => (
                "signature_unreadable",
                "Cấu trúc chữ ký số trong tệp không đọc được.".into(),
                "The signature in the file cannot be read.".into(),
                "Ký lại bằng phần mềm ký số của cơ quan.",
                "Sign again with the agency's signing program.",
            ),
        };
        AppError::new(code, 422).say(vi, en).mend(how_vi, how_en).at("files")
    }
}

/// Checks every signature of a PDF. With no trusted certificates given, chains are not checked and nothing is trusted.
///
/// # Errors
/// The first [`Fault`].
pub fn verify(pdf: &[u8], trust: &[Certificate], at: Timestamp) -> Result<Report, Fault> {
    if !pdf.starts_with(b"%PDF-") {
        return Err(Fault::NotPdf);
    }
    let document = Document::load_mem(pdf).map_err(|_| Fault::NotPdf)?;
    let mut found = places(&document, pdf)?;
    if found.is_empty() {
        return Err(Fault::Unsigned);
    }
    found.sort_by_key(|place| place.end);
    // Whatever stands behind the last signature was added after it.
    let last = found.last().map_or(0, |p| p.end);
    if pdf.get(last..).is_none_or(|rest| !rest.iter().all(u8::is_ascii_whitespace)) {
        return Err(Fault::Changed);
    }
    let mut signatures = Vec::new();
    for place in found {
        signatures.push(check(pdf, &place, trust, at)?);
    }
    Ok(Report { signatures })
}

/// Where a signature lies in the file.
struct Place {
    gap: (usize, usize),
    end: usize,
    cms: Vec<u8>,
}

/// The signature dictionaries, each with a byte range that leaves out exactly its own contents.
fn places(document: &Document, pdf: &[u8]) -> Result<Vec<Place>, Fault> {
    let mut out = Vec::new();
    for object in document.objects.values() {
        let Object::Dictionary(dictionary) = object else { continue };
        let (Ok(Object::Array(range)), Ok(Object::String(contents, _))) = (dictionary.get(b"ByteRange"), dictionary.get(b"Contents")) else { continue };
        // A time stamp over the document is a signature of another kind and proves no signer.
        if dictionary.get(b"SubFilter").and_then(Object::as_name).is_ok_and(|name| name == b"ETSI.RFC3161") {
            continue;
        }
        let range: Vec<usize> = range.iter().filter_map(|n| n.as_i64().ok().and_then(|n| usize::try_from(n).ok())).collect();
        let [start, before, after, length] = range.as_slice() else { return Err(Fault::Changed) };
        let end = after.checked_add(*length).filter(|end| *end <= pdf.len()).ok_or(Fault::Changed)?;
        let gap = pdf.get(*before..*after).ok_or(Fault::Changed)?;
        let hex = gap.strip_prefix(b"<").and_then(|g| g.strip_suffix(b">")).ok_or(Fault::Changed)?;
        if *start != 0 || unhex(hex).as_deref() != Some(contents.as_slice()) {
            return Err(Fault::Changed);
        }
        if out.len() >= MANY {
            return Err(Fault::Unreadable);
        }
        out.push(Place { gap: (*before, *after), end, cms: contents.clone() });
    }
    Ok(out)
}

fn unhex(text: &[u8]) -> Option<Vec<u8>> {
    let digit = |b: u8| char::from(b).to_digit(16);
    let digits: Vec<u32> = text.iter().filter(|b| !b.is_ascii_whitespace()).map(|b| digit(*b)).collect::<Option<_>>()?;
    digits.chunks(2).map(|pair| u8::try_from(pair.first()? * 16 + pair.get(1).copied().unwrap_or(0)).ok()).collect()
}

/// Cuts off the zeros behind a DER structure.
fn trimmed(bytes: &[u8]) -> Option<&[u8]> {
    let first = *bytes.get(1)?;
    let (header, length) = if first < 0x80 {
        (2, usize::from(first))
    } else {
        let count = usize::from(first & 0x7f);
        if count == 0 || count > 4 {
            return None;
        }
        let length = bytes.get(2..2 + count)?.iter().fold(0usize, |n, b| n << 8 | usize::from(*b));
        (2 + count, length)
    };
    bytes.get(..header.checked_add(length)?)
}

fn check(pdf: &[u8], place: &Place, trust: &[Certificate], at: Timestamp) -> Result<Signed, Fault> {
    let der = trimmed(&place.cms).ok_or(Fault::Unreadable)?;
    let content = ContentInfo::from_der(der).map_err(|_| Fault::Unreadable)?;
    if content.content_type != rfc6268::ID_SIGNED_DATA {
        return Err(Fault::Unreadable);
    }
    let data: SignedData = content.content.decode_as().map_err(|_| Fault::Unreadable)?;
    let [info] = data.signer_infos.0.as_slice() else { return Err(Fault::Unreadable) };
    let certificates: Vec<Certificate> = data
        .certificates
        .iter()
        .flat_map(|set| set.0.iter())
        .filter_map(|choice| if let CertificateChoices::Certificate(c) = choice { Some(c.clone()) } else { None })
        .collect();
    let signer = certificates.iter().find(|c| names(&info.sid, c)).ok_or(Fault::Unreadable)?;

    let (before, after) = (pdf.get(..place.gap.0), pdf.get(place.gap.1..place.end));
    let (Some(before), Some(after)) = (before, after) else { return Err(Fault::Changed) };
    let digest = digest(&info.digest_alg.oid, &[before, after])?;
    let (message, claimed_at) = message(info, &digest)?;
    proved(signer, &info.signature_algorithm.oid, &info.digest_alg.oid, &message, info.signature.as_bytes())?;

    let who = common_name(signer);
    if !valid(signer, at) {
        return Err(Fault::Expired(who));
    }
    let trusted = if trust.is_empty() { None } else { Some(chain(signer, &certificates, trust, at)?) };
    let tbs = signer.tbs_certificate();
    Ok(Signed {
        signer: who,
        subject: tbs.subject().to_string(),
        issuer: tbs.issuer().to_string(),
        serial: tbs.serial_number().as_bytes().iter().map(|b| format!("{b:02x}")).collect(),
        claimed_at,
        trusted,
    })
}

/// Whether a signer's identifier means a certificate.
fn names(sid: &SignerIdentifier, certificate: &Certificate) -> bool {
    let tbs = certificate.tbs_certificate();
    match sid {
        SignerIdentifier::IssuerAndSerialNumber(id) => id.issuer == *tbs.issuer() && id.serial_number == *tbs.serial_number(),
        SignerIdentifier::SubjectKeyIdentifier(id) => tbs.get_extension::<SubjectKeyIdentifier>().ok().flatten().is_some_and(|(_, own)| own == *id),
    }
}

/// What was signed: the attributes that hold the digest, or the content itself; and the time that the signer claims.
fn message(info: &SignerInfo, digest: &[u8]) -> Result<(Vec<u8>, Option<i64>), Fault> {
    // Without attributes the content itself is signed; such old signatures are not used by public services.
    let attributes = info.signed_attrs.as_ref().ok_or(Fault::Unreadable)?;
    let one = |oid: ObjectIdentifier| attributes.iter().find(|a| a.oid == oid).and_then(|a| a.values.get(0));
    let inside = one(rfc5911::ID_MESSAGE_DIGEST).and_then(|v| v.decode_as::<OctetString>().ok()).ok_or(Fault::Unreadable)?;
    if inside.as_bytes() != digest {
        return Err(Fault::Changed);
    }
    let claimed = one(rfc5911::ID_SIGNING_TIME).and_then(|v| v.decode_as::<x509_cert::time::Time>().ok());
    let claimed = claimed.and_then(|t| i64::try_from(t.to_unix_duration().as_micros()).ok());
    Ok((attributes.to_der().map_err(|_| Fault::Unreadable)?, claimed))
}

fn digest(oid: &ObjectIdentifier, pieces: &[&[u8]]) -> Result<Vec<u8>, Fault> {
    fn over<D: sha2::Digest>(pieces: &[&[u8]]) -> Vec<u8> {
        let mut hash = D::new();
        for piece in pieces {
            hash.update(piece);
        }
        hash.finalize().to_vec()
    }
    match *oid {
        rfc5912::ID_SHA_256 => Ok(over::<Sha256>(pieces)),
        rfc5912::ID_SHA_384 => Ok(over::<Sha384>(pieces)),
        rfc5912::ID_SHA_512 => Ok(over::<Sha512>(pieces)),
        other => Err(Fault::Algorithm(other.to_string())),
    }
}

/// The digest that a signature algorithm is bound to; none for those that take the digest from elsewhere.
fn bound_digest(algorithm: &ObjectIdentifier) -> Option<ObjectIdentifier> {
    match *algorithm {
        rfc5912::SHA_256_WITH_RSA_ENCRYPTION | rfc5912::ECDSA_WITH_SHA_256 => Some(rfc5912::ID_SHA_256),
        rfc5912::SHA_384_WITH_RSA_ENCRYPTION | rfc5912::ECDSA_WITH_SHA_384 => Some(rfc5912::ID_SHA_384),
        rfc5912::SHA_512_WITH_RSA_ENCRYPTION | rfc5912::ECDSA_WITH_SHA_512 => Some(rfc5912::ID_SHA_512),
        _ => None,
    }
}

/// Refuses unless the key of a certificate made the signature over the message.
fn proved(certificate: &Certificate, algorithm: &ObjectIdentifier, digest_oid: &ObjectIdentifier, message: &[u8], signature: &[u8]) -> Result<(), Fault> {
    let key = certificate.tbs_certificate().subject_public_key_info().to_der().map_err(|_| Fault::Unreadable)?;
    let with = bound_digest(algorithm).unwrap_or(*digest_oid);
    let hash = digest(&with, &[message])?;
    match *algorithm {
        rfc5912::RSA_ENCRYPTION | rfc5912::SHA_256_WITH_RSA_ENCRYPTION | rfc5912::SHA_384_WITH_RSA_ENCRYPTION | rfc5912::SHA_512_WITH_RSA_ENCRYPTION => {
            let key = rsa::PublicKey::from_public_key_der(&key).map_err(|_| Fault::Forged)?;
            let scheme = match with {
                rfc5912::ID_SHA_384 => Pkcs1v15Sign::new::<Sha384>(),
                rfc5912::ID_SHA_512 => Pkcs1v15Sign::new::<Sha512>(),
                _ => Pkcs1v15Sign::new::<Sha256>(),
            };
            key.verify(scheme, &hash, signature).map_err(|_| Fault::Forged)
        }
        rfc5912::ECDSA_WITH_SHA_256 | rfc5912::ECDSA_WITH_SHA_384 | rfc5912::ECDSA_WITH_SHA_512 => {
            let key = p256::ecdsa::VerifyingKey::from_public_key_der(&key).map_err(|_| Fault::Algorithm("ECDSA".into()))?;
            let signature = p256::ecdsa::Signature::from_der(signature).map_err(|_| Fault::Forged)?;
            key.verify_prehash(&hash, &signature).map_err(|_| Fault::Forged)
        }
        other => Err(Fault::Algorithm(other.to_string())),
    }
}

fn valid(certificate: &Certificate, at: Timestamp) -> bool {
    let validity = certificate.tbs_certificate().validity();
    let seconds = u64::try_from(at.as_second()).unwrap_or_default();
    (validity.not_before.to_unix_duration().as_secs()..=validity.not_after.to_unix_duration().as_secs()).contains(&seconds)
}

fn issued_by(child: &Certificate, parent: &Certificate) -> bool {
    let Ok(message) = child.tbs_certificate().to_der() else { return false };
    let Some(signature) = child.signature().as_bytes() else { return false };
    // The algorithm is stated twice, and the second place is inside what is signed.
    let stated = &child.signature_algorithm().oid;
    child.tbs_certificate().issuer() == parent.tbs_certificate().subject()
        && child.tbs_certificate().signature().oid == *stated
        && bound_digest(stated).is_some_and(|digest| proved(parent, stated, &digest, &message, signature).is_ok())
}

fn may_issue(certificate: &Certificate) -> bool {
    certificate.tbs_certificate().get_extension::<BasicConstraints>().ok().flatten().is_some_and(|(_, b)| b.ca)
}

/// Follows the issuers up to a trusted certificate; its name.
fn chain(signer: &Certificate, others: &[Certificate], trust: &[Certificate], at: Timestamp) -> Result<String, Fault> {
    let mut here = signer.clone();
    for _ in 0..DEPTH {
        if let Some(root) = trust.iter().find(|root| **root == here || issued_by(&here, root)) {
            return if valid(root, at) { Ok(common_name(root)) } else { Err(Fault::Expired(common_name(root))) };
        }
        match others.iter().find(|c| **c != here && may_issue(c) && valid(c, at) && issued_by(&here, c)) {
            Some(next) => here = next.clone(),
            None => break,
        }
    }
    Err(Fault::Untrusted(common_name(signer)))
}

/// The common name on a certificate, or its whole subject.
pub fn common_name(certificate: &Certificate) -> String {
    let subject = certificate.tbs_certificate().subject();
    let name = subject.iter().find(|part| part.oid == const_oid::db::rfc4519::CN).and_then(|part| {
        let text = part.to_string();
        text.split_once('=').map(|(_, name)| name.replace('\\', ""))
    });
    lang::clean(&name.unwrap_or_else(|| subject.to_string()))
}
