//! Evidence: files that prove a figure. What a file is, is read from its bytes; pictures lose what they tell about the person.

use super::review::unknown_unit;
use super::{Entry, Figures};
use crate::store::{self, rooms::Evidence};
use crate::value::Value;
use access::{Context, Role, db_error};
use calendar::Period;
use jiff::civil::Date;
use sha2::{Digest as _, Sha256};
use std::io::Cursor;
use ui::AppError;
use uuid::Uuid;

/// Most bytes of one file.
pub const MOST: usize = 10_000_000;
/// Most files of one figure.
pub const MOST_FILES: usize = 30;

/// What a document says about itself.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// Number.
    pub number: String,
    /// Date.
    pub issued: Option<Date>,
    /// Who issued it.
    pub issuer: String,
}

/// A file as it was brought.
#[derive(Clone, Debug)]
pub struct Upload {
    /// Name on the device it came from.
    pub name: String,
    /// Bytes.
    pub bytes: Vec<u8>,
}

/// The figure that evidence belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spot {
    /// Unit.
    pub unit: Uuid,
    /// Measure.
    pub measure: Uuid,
    /// Period.
    pub period: Period,
}

/// A kind of file that is taken as evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// PDF.
    Pdf,
    /// JPEG picture.
    Jpeg,
    /// PNG picture.
    Png,
    /// Word document.
    Docx,
    /// Excel workbook.
    Xlsx,
}

impl FileKind {
    /// Media type.
    pub fn media(self) -> &'static str {
        match self {
            FileKind::Pdf => "application/pdf",
            FileKind::Jpeg => "image/jpeg",
            FileKind::Png => "image/png",
            FileKind::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            FileKind::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }

    /// Extension.
    pub fn extension(self) -> &'static str {
        match self {
            FileKind::Pdf => "pdf",
            FileKind::Jpeg => "jpg",
            FileKind::Png => "png",
            FileKind::Docx => "docx",
            FileKind::Xlsx => "xlsx",
        }
    }

    /// What the bytes are; never what the name says.
    pub fn sniff(bytes: &[u8]) -> Option<FileKind> {
        if bytes.starts_with(b"%PDF-") {
            return Some(FileKind::Pdf);
        }
        if bytes.starts_with(&[0xff, 0xd8, 0xff]) {
            return Some(FileKind::Jpeg);
        }
        if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
            return Some(FileKind::Png);
        }
        if !bytes.starts_with(b"PK\x03\x04") {
            return None;
        }
        let archive = zip::ZipArchive::new(Cursor::new(bytes)).ok()?;
        let mut kind = None;
        for name in archive.file_names() {
            // Macros run when a document is opened: such a file is no evidence.
            if name.ends_with("vbaProject.bin") {
                return None;
            }
            match name {
                "word/document.xml" => kind = Some(FileKind::Docx),
                "xl/workbook.xml" => kind = Some(FileKind::Xlsx),
                _ => {}
            }
        }
        kind
    }
}

/// A picture without the segments that tell where, when and with what it was taken; anything else as it is.
pub fn stripped(kind: FileKind, bytes: Vec<u8>) -> Vec<u8> {
    match kind {
        FileKind::Jpeg => jpeg_without_marks(&bytes).unwrap_or(bytes),
        FileKind::Png => png_without_marks(&bytes).unwrap_or(bytes),
        _ => bytes,
    }
}

/// Drops the application segments 1–13 and 15 and comments; keeps JFIF (0) and the colour transform (14).
/// None when the segments cannot be followed.
fn jpeg_without_marks(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = bytes.get(..2)?.to_vec();
    let mut at = 2;
    loop {
        let [0xff, marker] = *bytes.get(at..at + 2)? else { return None };
        if marker == 0xff {
            at += 1;
            continue;
        }
        // From the start of the scan on there are only picture data.
        if marker == 0xda {
            out.extend_from_slice(bytes.get(at..)?);
            return Some(out);
        }
        let length = usize::from(u16::from_be_bytes(bytes.get(at + 2..at + 4)?.try_into().ok()?));
        let segment = bytes.get(at..at + 2 + length)?;
        if !matches!(marker, 0xe1..=0xed | 0xef | 0xfe) {
            out.extend_from_slice(segment);
        } else if let Some(turn) = orientation(segment) {
            out.extend_from_slice(&orientation_segment(turn));
        }
        at += 2 + length;
    }
}

/// How a camera was held, from an Exif segment; the only thing of it that the picture needs.
fn orientation(segment: &[u8]) -> Option<u8> {
    let tiff = segment.strip_prefix(&[0xff, 0xe1])?.get(2..)?.strip_prefix(b"Exif\0\0")?;
    let little = tiff.starts_with(b"II");
    let two = |at: usize| -> Option<u16> {
        let raw: [u8; 2] = tiff.get(at..at + 2)?.try_into().ok()?;
        Some(if little { u16::from_le_bytes(raw) } else { u16::from_be_bytes(raw) })
    };
    let four = |at: usize| -> Option<usize> {
        let raw: [u8; 4] = tiff.get(at..at + 4)?.try_into().ok()?;
        usize::try_from(if little { u32::from_le_bytes(raw) } else { u32::from_be_bytes(raw) }).ok()
    };
    let directory = four(4)?;
    (0..usize::from(two(directory)?))
        .map(|n| directory + 2 + n * 12)
        .find(|at| two(*at) == Some(0x0112))
        .and_then(|at| u8::try_from(two(at + 8)?).ok())
        .filter(|turn| (2..=8).contains(turn))
}

/// An Exif segment that says nothing but how to turn the picture.
fn orientation_segment(turn: u8) -> Vec<u8> {
    let mut out = vec![0xff, 0xe1, 0, 34];
    out.extend_from_slice(b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0");
    out.extend_from_slice(&[turn, 0, 0, 0, 0, 0, 0]);
    out
}

/// Drops text, time and Exif chunks. None when the chunks cannot be followed.
fn png_without_marks(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = bytes.get(..8)?.to_vec();
    let mut at = 8;
    while at < bytes.len() {
        let length = usize::try_from(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?)).ok()?;
        let kind = bytes.get(at + 4..at + 8)?;
        let chunk = bytes.get(at..at.checked_add(length)?.checked_add(12)?)?;
        if !matches!(kind, b"tEXt" | b"iTXt" | b"zTXt" | b"tIME" | b"eXIf") {
            out.extend_from_slice(chunk);
        }
        at += chunk.len();
        if kind == b"IEND" {
            return Some(out);
        }
    }
    None
}

/// A file name that is safe to give back: its last part, clean, with the extension of what it really is.
fn safe_name(name: &str, kind: FileKind) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = last.rsplit_once('.').map_or(last, |(stem, _)| stem);
    let stem: String = lang::clean(stem).chars().filter(|c| !c.is_control() && !"<>:\"|?*\u{202e}\u{202d}".contains(*c)).take(120).collect();
    format!("{}.{}", if stem.is_empty() { "minh-chung" } else { &stem }, kind.extension())
}

fn refuse(code: &'static str, name: &str, vi: &str, en: &str) -> AppError {
    AppError::new(code, 422)
        .say(format!("{name}: {vi}"), format!("{name}: {en}"))
        .mend(
            "Chọn tệp PDF, ảnh JPG hoặc PNG, Word .docx, Excel .xlsx, mỗi tệp không quá 10 MB.",
            "Choose PDF, JPG or PNG pictures, .docx or .xlsx, each at most 10 MB.",
        )
        .at("files")
}

impl Figures {
    /// Adds evidence to a figure: all files or none. How many were new; the same file twice is kept once.
    ///
    /// # Errors
    /// What entering the figure would say, 422 `evidence_empty`, `evidence_too_large`, `evidence_kind`, `evidence_too_many`.
    pub async fn attach(&self, ctx: &Context, spot: Spot, about: &About, files: Vec<Upload>) -> Result<usize, AppError> {
        ctx.require_signed_in()?;
        let atlas = self.places().atlas();
        let probe = Entry { unit: spot.unit, measure: spot.measure, period: spot.period, value: Value::NotKnown, reason: None, cell: None, seen: None };
        let known = self.check(ctx, &atlas, &probe)?;
        let tenant = atlas.unit(spot.unit).map(|u| u.tenant).ok_or_else(unknown_unit)?;
        let files: Vec<Upload> = files.into_iter().filter(|f| !f.bytes.is_empty()).collect();
        if files.is_empty() {
            return Err(AppError::new("evidence_empty", 422).say("Chưa chọn tệp nào.", "No file was chosen.").at("files"));
        }
        let mut rows = Vec::new();
        for file in files {
            let name = lang::clean(&file.name);
            if file.bytes.len() > MOST {
                return Err(refuse("evidence_too_large", &name, "tệp lớn hơn 10 MB.", "the file is larger than 10 MB."));
            }
            let Some(kind) = FileKind::sniff(&file.bytes) else {
                return Err(refuse("evidence_kind", &name, "loại tệp này không nhận làm minh chứng.", "this kind of file is not accepted as evidence."));
            };
            let content = stripped(kind, file.bytes);
            rows.push((safe_name(&file.name, kind), kind, content));
        }
        let place = (tenant, spot.measure, spot.period.to_i64(), spot.unit);
        let mut tx = self.db().begin().await.map_err(db_error)?;
        access::lock_tenant(&mut tx, tenant).await.map_err(db_error)?;
        self.require_open(&mut tx, &atlas, &known, spot.unit, spot.period).await?;
        let held = store::rooms::evidence_tx(&mut tx, place).await.map_err(db_error)?;
        let act = self.act(ctx, "form", "minh chứng");
        let mut added = Vec::new();
        for (name, kind, content) in rows {
            let sha256: String = Sha256::digest(&content).iter().map(|b| format!("{b:02x}")).collect();
            if held.iter().chain(&added).any(|e: &Evidence| e.sha256 == sha256) {
                continue;
            }
            let evidence = Evidence {
                id: Uuid::now_v7(),
                name,
                media: kind.media().to_owned(),
                size: i64::try_from(content.len()).unwrap_or(i64::MAX),
                sha256,
                number: lang::clean(&about.number).chars().take(100).collect(),
                issued: about.issued.map(|d| d.to_string()),
                issuer: lang::clean(&about.issuer).chars().take(200).collect(),
                act: act.id,
            };
            store::rooms::add_evidence(&mut tx, place, &evidence, content).await.map_err(db_error)?;
            added.push(evidence);
        }
        if held.len() + added.len() > MOST_FILES {
            return Err(AppError::new("evidence_too_many", 422)
                .say(format!("Mỗi số liệu có tối đa {MOST_FILES} tệp minh chứng."), format!("A figure has at most {MOST_FILES} files of evidence."))
                .at("files"));
        }
        if !added.is_empty() {
            store::add_act(&mut tx, &[tenant], &act).await.map_err(db_error)?;
            let hashes: Vec<&str> = added.iter().map(|e| e.sha256.as_str()).collect();
            let subject = format!("{}/{}/{}", spot.unit, known.measure.def.code, spot.period);
            access::audit(&mut tx, ctx, tenant, "evidence.add", &subject, serde_json::json!({"sha256": hashes})).await.map_err(db_error)?;
            tx.commit().await.map_err(db_error)?;
        }
        Ok(added.len())
    }

    /// The evidence of a figure, for those who may see it.
    ///
    /// # Errors
    /// 404 for everybody else: what is not public does not exist for them.
    pub async fn evidence_of(&self, ctx: &Context, spot: Spot) -> Result<Vec<Evidence>, AppError> {
        let place = self.evidence_place(ctx, spot)?;
        store::rooms::evidence(self.db(), place).await.map_err(db_error)
    }

    /// Name, media type and bytes of a piece of evidence.
    ///
    /// # Errors
    /// As [`Figures::evidence_of`].
    pub async fn evidence_file(&self, ctx: &Context, spot: Spot, id: Uuid) -> Result<(String, String, Vec<u8>), AppError> {
        let place = self.evidence_place(ctx, spot)?;
        store::rooms::evidence_content(self.db(), place, id).await.map_err(db_error)?.ok_or_else(|| AppError::new("not_found", 404))
    }

    fn evidence_place(&self, ctx: &Context, spot: Spot) -> Result<store::rooms::Place, AppError> {
        let atlas = self.places().atlas();
        match atlas.unit(spot.unit) {
            Some(unit) if self.may(ctx, Role::Viewer, spot.unit) => Ok((unit.tenant, spot.measure, spot.period.to_i64(), spot.unit)),
            _ => Err(AppError::new("not_found", 404)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A JPEG with a place in its Exif, turned by a quarter.
    fn photo() -> Vec<u8> {
        let mut out = vec![0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2];
        out.extend_from_slice(&orientation_segment(6));
        let text = b"Exif\0\0GPS 21.3N 106.1E";
        out.extend_from_slice(&[0xff, 0xe1, 0, u8::try_from(text.len() + 2).unwrap()]);
        out.extend_from_slice(text);
        out.extend_from_slice(b"\xff\xfe\0\x07phone\xff\xda\0\x02data\xff\xd9");
        out
    }

    #[test]
    fn pictures_lose_place_and_keep_their_turn() {
        let bare = stripped(FileKind::Jpeg, photo());
        let has = |text: &[u8]| bare.windows(text.len()).any(|w| w == text);
        assert!(!has(b"GPS") && !has(b"phone") && has(b"data\xff\xd9"));
        assert_eq!(bare.windows(36).filter_map(orientation).collect::<Vec<_>>(), [6]);
        assert_eq!(stripped(FileKind::Jpeg, bare.clone()), bare);
        let chunk = |kind: &[u8], data: &[u8]| [&u32::try_from(data.len()).unwrap().to_be_bytes()[..], kind, data, b"CRC!"].concat();
        let png =
            [&b"\x89PNG\r\n\x1a\n"[..], &chunk(b"IHDR", b"x"), &chunk(b"tEXt", b"home"), &chunk(b"eXIf", b"GPS"), &chunk(b"IDAT", b"y"), &chunk(b"IEND", b"")]
                .concat();
        let bare = stripped(FileKind::Png, png);
        assert_eq!(bare, [&b"\x89PNG\r\n\x1a\n"[..], &chunk(b"IHDR", b"x"), &chunk(b"IDAT", b"y"), &chunk(b"IEND", b"")].concat());
    }

    #[test]
    fn the_bytes_say_what_a_file_is() {
        assert_eq!(FileKind::sniff(b"%PDF-1.7"), Some(FileKind::Pdf));
        assert_eq!(FileKind::sniff(b"<html>"), None);
        assert_eq!(FileKind::sniff(b"MZ\x90\0"), None);
        assert_eq!(safe_name("../../etc/Báo cáo.exe", FileKind::Pdf), "Báo cáo.pdf");
        assert_eq!(safe_name("C:\\x\\.docx", FileKind::Docx), "minh-chung.docx");
    }

    proptest! {
        #[test]
        fn any_bytes_are_looked_at_without_harm(bytes in proptest::collection::vec(any::<u8>(), 0..300), name in ".{0,40}") {
            let _ = FileKind::sniff(&bytes);
            let jpeg = [&[0xff, 0xd8, 0xff, 0xe1][..], &bytes].concat();
            let _ = stripped(FileKind::Jpeg, jpeg);
            let _ = stripped(FileKind::Png, [&b"\x89PNG\r\n\x1a\n"[..], &bytes].concat());
            let safe = safe_name(&name, FileKind::Pdf);
            let bad = ['/', '\\', '"', '\n', '\r'];
            prop_assert!(safe.ends_with(".pdf") && !safe.contains(bad));
        }
    }
}
