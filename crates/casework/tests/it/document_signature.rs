//! PDFs signed with keys of our own: sound, changed, forged, of strangers, expired.

use casework::document::signature::{Fault, verify};
use cms::cert::{CertificateChoices, IssuerAndSerialNumber};
use cms::content_info::{CmsVersion, ContentInfo};
use cms::signed_data::{EncapsulatedContentInfo, SignedData, SignerIdentifier, SignerInfo, SignerInfos};
use const_oid::ObjectIdentifier;
use const_oid::db::{rfc5911, rfc5912, rfc6268};
use der::asn1::{OctetString, SetOfVec};
use der::{Any, Decode as _, DecodePem as _, Encode as _};
use p256::ecdsa::signature::Signer as _;
use p256::pkcs8::DecodePrivateKey as _;
use proptest::prelude::*;
use sha2::{Digest as _, Sha256};
use x509_cert::Certificate;
use x509_cert::attr::Attribute;
use x509_cert::spki::AlgorithmIdentifierOwned;

macro_rules! key {
    ($name:literal) => {
        include_bytes!(concat!("../keys/", $name))
    };
}

pub fn root() -> Certificate {
    Certificate::from_pem(key!("root.pem")).unwrap()
}

pub const ROOT_PEM: &[u8] = key!("root.pem");

pub enum Key {
    Signer,
    Stranger,
    Old,
    Rsa,
    /// The signer's certificate with the stranger's key.
    Forger,
}

impl Key {
    fn certificate(&self) -> Certificate {
        Certificate::from_der(match self {
            Key::Signer | Key::Forger => key!("signer.cer").as_slice(),
            Key::Stranger => key!("stranger.cer"),
            Key::Old => key!("old.cer"),
            Key::Rsa => key!("rsa.cer"),
        })
        .unwrap()
    }

    fn sign(&self, message: &[u8]) -> (ObjectIdentifier, Vec<u8>) {
        let ec = |der: &[u8]| {
            let signature: p256::ecdsa::Signature = p256::ecdsa::SigningKey::from_pkcs8_der(der).unwrap().sign(message);
            (rfc5912::ECDSA_WITH_SHA_256, signature.to_der().as_bytes().to_vec())
        };
        match self {
            Key::Signer => ec(key!("signer.key.der")),
            Key::Stranger | Key::Forger => ec(key!("stranger.key.der")),
            Key::Old => ec(key!("old.key.der")),
            Key::Rsa => {
                use rsa::pkcs8::DecodePrivateKey as _;
                let key = rsa::PrivateKey::from_pkcs8_der(key!("rsa.key.der")).unwrap();
                (rfc5912::RSA_ENCRYPTION, key.sign(rsa::pkcs1v15::Pkcs1v15Sign::new::<Sha256>(), &Sha256::digest(message)).unwrap())
            }
        }
    }
}

fn attribute(oid: ObjectIdentifier, value: Any) -> Attribute {
    Attribute { oid, values: SetOfVec::try_from(vec![value]).unwrap() }
}

fn cms(digest: &[u8], key: &Key) -> Vec<u8> {
    let certificate = key.certificate();
    let sha = AlgorithmIdentifierOwned { oid: rfc5912::ID_SHA_256, parameters: None };
    let attributes = SetOfVec::try_from(vec![
        attribute(rfc5911::ID_CONTENT_TYPE, Any::encode_from(&rfc5911::ID_DATA).unwrap()),
        attribute(rfc5911::ID_MESSAGE_DIGEST, Any::encode_from(&OctetString::new(digest.to_vec()).unwrap()).unwrap()),
    ])
    .unwrap();
    let (oid, signature) = key.sign(&attributes.to_der().unwrap());
    let info = SignerInfo {
        version: CmsVersion::V1,
        sid: SignerIdentifier::IssuerAndSerialNumber(IssuerAndSerialNumber {
            issuer: certificate.tbs_certificate().issuer().clone(),
            serial_number: certificate.tbs_certificate().serial_number().clone(),
        }),
        digest_alg: sha.clone(),
        signed_attrs: Some(attributes),
        signature_algorithm: AlgorithmIdentifierOwned { oid, parameters: None },
        signature: OctetString::new(signature).unwrap(),
        unsigned_attrs: None,
    };
    let data = SignedData {
        version: CmsVersion::V1,
        digest_algorithms: SetOfVec::try_from(vec![sha]).unwrap(),
        encap_content_info: EncapsulatedContentInfo { econtent_type: rfc5911::ID_DATA, econtent: None },
        certificates: Some(vec![CertificateChoices::Certificate(certificate)].try_into().unwrap()),
        crls: None,
        signer_infos: SignerInfos::try_from(vec![info]).unwrap(),
    };
    ContentInfo { content_type: rfc6268::ID_SIGNED_DATA, content: Any::encode_from(&data).unwrap() }.to_der().unwrap()
}

const ROOM: usize = 6_000;

/// A small PDF with one signature over all of it.
pub fn signed_pdf(text: &str, key: &Key) -> Vec<u8> {
    let mut pdf = Vec::from("%PDF-1.7\n");
    let mut offsets = Vec::new();
    let mut object = |pdf: &mut Vec<u8>, body: &str| {
        offsets.push(pdf.len());
        pdf.extend(body.as_bytes());
    };
    let stream = format!("BT /F1 12 Tf 50 750 Td ({text}) Tj ET");
    object(&mut pdf, "1 0 obj\n<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [6 0 R] /SigFlags 3 >> >>\nendobj\n");
    object(&mut pdf, "2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n");
    object(&mut pdf, "3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>\nendobj\n");
    object(&mut pdf, &format!("4 0 obj\n<< /Length {} >>\nstream\n{stream}\nendstream\nendobj\n", stream.len()));
    object(&mut pdf, "5 0 obj\n<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>\nendobj\n");
    object(&mut pdf, "6 0 obj\n<< /FT /Sig /T (Sig1) /V 7 0 R >>\nendobj\n");
    let holes = "[0000000000 0000000000 0000000000 0000000000]";
    object(
        &mut pdf,
        &format!(
            "7 0 obj\n<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached /ByteRange {holes} /Contents <{}> >>\nendobj\n",
            "0".repeat(ROOM)
        ),
    );
    let xref = pdf.len();
    pdf.extend(format!("xref\n0 {}\n0000000000 65535 f \n", offsets.len() + 1).as_bytes());
    for offset in &offsets {
        pdf.extend(format!("{offset:010} 00000 n \n").as_bytes());
    }
    pdf.extend(format!("trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{xref}\n%%EOF\n", offsets.len() + 1).as_bytes());
    let find = |pdf: &[u8], what: &[u8]| pdf.windows(what.len()).position(|w| w == what).unwrap();
    let from = find(&pdf, b"/Contents <") + b"/Contents ".len();
    let to = from + ROOM + 2;
    let range = format!("[{:010} {from:010} {to:010} {:010}]", 0, pdf.len() - to);
    let at = find(&pdf, holes.as_bytes());
    pdf[at..at + holes.len()].copy_from_slice(range.as_bytes());
    let mut hash = Sha256::new();
    hash.update(&pdf[..from]);
    hash.update(&pdf[to..]);
    let hex: String = cms(&hash.finalize(), key).iter().map(|b| format!("{b:02x}")).collect();
    pdf[from + 1..from + 1 + hex.len()].copy_from_slice(hex.as_bytes());
    pdf
}

fn noon() -> jiff::Timestamp {
    "2026-11-23T05:00:00Z".parse().unwrap()
}

#[test]
fn a_sound_signature_names_its_signer_and_its_root() {
    for key in [Key::Signer, Key::Rsa] {
        let pdf = signed_pdf("Bao cao", &key);
        let report = verify(&pdf, &[root()], noon()).unwrap();
        assert!(report.trusted());
        assert_eq!(report.signatures[0].trusted.as_deref(), Some("CA thử nghiệm Cổng Làng"));
        let unchecked = verify(&pdf, &[], noon()).unwrap();
        assert!(!unchecked.trusted());
    }
    let report = verify(&signed_pdf("x", &Key::Signer), &[root()], noon()).unwrap();
    assert_eq!(report.signers(), "Ngô Văn Thắng");
}

#[test]
fn what_is_wrong_with_a_signature_is_said() {
    let pdf = signed_pdf("Chi tra 100 dong", &Key::Signer);
    let at = pdf.windows(3).position(|w| w == b"100").unwrap();
    let mut changed = pdf.clone();
    changed[at..at + 3].copy_from_slice(b"900");
    assert_eq!(verify(&changed, &[root()], noon()), Err(Fault::Changed));
    let mut longer = pdf.clone();
    longer.extend_from_slice(b"\n8 0 obj\n<< /More true >>\nendobj\n");
    assert_eq!(verify(&longer, &[root()], noon()), Err(Fault::Changed));
    assert_eq!(verify(&signed_pdf("x", &Key::Forger), &[root()], noon()), Err(Fault::Forged));
    assert_eq!(verify(&signed_pdf("x", &Key::Stranger), &[root()], noon()), Err(Fault::Untrusted("Kẻ Giả Danh".into())));
    assert_eq!(verify(&signed_pdf("x", &Key::Old), &[root()], noon()), Err(Fault::Expired("Chứng thư cũ".into())));
    assert_eq!(verify(b"%PDF-1.7\nnothing", &[root()], noon()), Err(Fault::NotPdf));
    assert_eq!(verify(b"hello", &[root()], noon()), Err(Fault::NotPdf));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// Whatever single byte outside of the signature itself is changed, the file is no longer taken.
    #[test]
    fn no_byte_can_be_changed(at in 0usize..2_000, to in any::<u8>()) {
        let mut pdf = signed_pdf("Quyet dinh", &Key::Signer);
        let gap = pdf.windows(11).position(|w| w == b"/Contents <").unwrap() + 10;
        let at = at % gap;
        prop_assume!(pdf[at] != to);
        pdf[at] = to;
        prop_assert!(verify(&pdf, &[root()], noon()).is_err());
    }
}
