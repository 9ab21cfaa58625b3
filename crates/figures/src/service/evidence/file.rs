//! What a file is, read from its bytes and never from its name; hostile ones refused; pictures freed of what they tell about people.

use sha2::{Digest as _, Sha256};
use std::io::{Cursor, Read as _};

/// Most bytes of one file.
pub const MOST: usize = 10_000_000;
/// Most bytes of all parts of an office document unpacked.
const UNPACKED: u64 = 200_000_000;
/// Most parts of an office document.
const PARTS: usize = 4_000;

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

/// Why a file is no evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadFile {
    /// Not one of the kinds.
    Kind,
    /// Holds macros, which run when it is opened.
    Macros,
    /// Grows far too large when it is unpacked.
    Bomb,
    /// Cannot be followed to its end.
    Damaged,
    /// Opens with a password only.
    Encrypted,
    /// Is two kinds of file at once.
    TwoKinds,
}

impl BadFile {
    /// Stable code, and the sentence in both languages.
    pub fn said(self) -> (&'static str, &'static str, &'static str) {
        match self {
            BadFile::Kind => ("evidence_kind", "loại tệp này không nhận làm minh chứng.", "this kind of file is not accepted as evidence."),
            BadFile::Macros => {
                ("evidence_macros", "tệp có macro nên không nhận; hãy lưu lại thành .docx hoặc .xlsx.", "the file has macros; save it as .docx or .xlsx.")
            }
            BadFile::Bomb => ("evidence_bomb", "tệp phình ra quá lớn khi mở nên không nhận.", "the file grows far too large when unpacked."),
            BadFile::Damaged => ("evidence_damaged", "tệp hỏng hoặc chưa gửi lên hết.", "the file is damaged or incomplete."),
            BadFile::Encrypted => ("evidence_encrypted", "tệp có mật khẩu mở; hãy bỏ mật khẩu.", "the file opens with a password only; remove it."),
            BadFile::TwoKinds => {
                ("evidence_two_kinds", "tệp chứa một tệp nén khác ghép phía sau nên không nhận.", "another archive is glued to the end of the file.")
            }
        }
    }
}

impl FileKind {
    const ALL: [FileKind; 5] = [FileKind::Pdf, FileKind::Jpeg, FileKind::Png, FileKind::Docx, FileKind::Xlsx];

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

    /// Reads [`FileKind::media`].
    pub fn of_media(media: &str) -> Option<FileKind> {
        FileKind::ALL.into_iter().find(|kind| kind.media() == media)
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

    /// What the bytes are.
    ///
    /// # Errors
    /// Why they are no evidence.
    pub fn of(bytes: &[u8]) -> Result<FileKind, BadFile> {
        if bytes.starts_with(b"%PDF-") {
            return if ends_as_archive(bytes) { Err(BadFile::TwoKinds) } else { Ok(FileKind::Pdf) };
        }
        if bytes.starts_with(&[0xff, 0xd8, 0xff]) {
            return Ok(FileKind::Jpeg);
        }
        if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
            return Ok(FileKind::Png);
        }
        // An office document with a password is an old-style container.
        if bytes.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
            && bytes.windows(32).any(|w| w == b"E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0".get(..32).unwrap_or_default())
        {
            return Err(BadFile::Encrypted);
        }
        if bytes.starts_with(b"PK\x03\x04") { package(bytes) } else { Err(BadFile::Kind) }
    }
}

/// Whether a zip archive ends exactly where the file ends.
fn ends_as_archive(bytes: &[u8]) -> bool {
    let from = bytes.len().saturating_sub(22 + 65_535);
    let tail = bytes.get(from..).unwrap_or_default();
    tail.windows(22).enumerate().any(|(at, end)| {
        let comment = match end {
            [b'P', b'K', 5, 6, .., low, high] => usize::from(u16::from_le_bytes([*low, *high])),
            _ => return false,
        };
        at + 22 + comment == tail.len()
    })
}

/// An office document: its parts are unpacked against a budget, whatever sizes it declares.
fn package(bytes: &[u8]) -> Result<FileKind, BadFile> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| BadFile::Damaged)?;
    let mut kind = None;
    for name in archive.file_names() {
        let lower = name.to_lowercase();
        if lower.ends_with("vbaproject.bin") || lower.contains("macrosheets/") {
            return Err(BadFile::Macros);
        }
        match name {
            "word/document.xml" => kind = Some(FileKind::Docx),
            "xl/workbook.xml" => kind = Some(FileKind::Xlsx),
            _ => {}
        }
    }
    let kind = kind.ok_or(BadFile::Kind)?;
    if archive.len() > PARTS {
        return Err(BadFile::Bomb);
    }
    let mut left = UNPACKED;
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(|_| BadFile::Damaged)?;
        if part.encrypted() {
            return Err(BadFile::Encrypted);
        }
        // One byte more than allowed tells a lie in the declared size.
        let read = std::io::copy(&mut part.take(left + 1), &mut std::io::sink()).map_err(|_| BadFile::Damaged)?;
        left = left.checked_sub(read).ok_or(BadFile::Bomb)?;
    }
    Ok(kind)
}

/// A file as it is kept.
#[derive(Clone, Debug)]
pub struct Clean {
    /// Kind.
    pub kind: FileKind,
    /// Name, safe to give back.
    pub name: String,
    /// Bytes; of a picture without what it tells about people.
    pub content: Vec<u8>,
    /// SHA-256 of them, hex.
    pub sha256: String,
}

/// Looks at a file and makes it fit to be kept. Slow for large office documents: call it where waiting is allowed.
///
/// # Errors
/// Why it is no evidence.
pub fn cleaned(name: &str, bytes: Vec<u8>) -> Result<Clean, BadFile> {
    let kind = FileKind::of(&bytes)?;
    let content = stripped(kind, bytes).ok_or(BadFile::Damaged)?;
    Ok(Clean { kind, name: safe_name(name, kind), sha256: hex(&content), content })
}

/// SHA-256, hex.
pub(super) fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

/// A picture without the segments that tell where, when and with what it was taken, and without what is glued behind it;
/// anything else as it is. None when a picture cannot be followed to its end.
pub fn stripped(kind: FileKind, bytes: Vec<u8>) -> Option<Vec<u8>> {
    match kind {
        FileKind::Jpeg => jpeg_without_marks(&bytes),
        FileKind::Png => png_without_marks(&bytes),
        _ => Some(bytes),
    }
}

/// Drops the application segments 1–13 and 15 and comments; keeps JFIF (0) and the colour transform (14).
fn jpeg_without_marks(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut out = bytes.get(..2)?.to_vec();
    let mut at = 2;
    let mut drawn = false;
    loop {
        let Some([0xff, marker]) = bytes.get(at..at + 2) else {
            // A picture that a phone did not finish is still a picture; it ends here.
            return (drawn && at >= bytes.len()).then_some(out);
        };
        match *marker {
            0xff => at += 1,
            0xd9 => {
                out.extend_from_slice(&[0xff, 0xd9]);
                return Some(out);
            }
            0x01 | 0xd0..=0xd8 => {
                out.extend_from_slice(&[0xff, *marker]);
                at += 2;
            }
            marker => {
                let length = usize::from(u16::from_be_bytes(bytes.get(at + 2..at + 4)?.try_into().ok()?));
                let segment = bytes.get(at..at + 2 + length.max(2))?;
                if !matches!(marker, 0xe1..=0xed | 0xef | 0xfe) {
                    out.extend_from_slice(segment);
                } else if let Some(turn) = orientation(segment) {
                    out.extend_from_slice(&orientation_segment(turn));
                }
                at += segment.len();
                if marker == 0xda {
                    let data = bytes.get(at..)?;
                    let end = data.windows(2).position(|w| matches!(w, [0xff, next] if !matches!(next, 0 | 0xd0..=0xd7 | 0xff))).unwrap_or(data.len());
                    out.extend_from_slice(data.get(..end)?);
                    at += end;
                    drawn = true;
                }
            }
        }
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
pub fn safe_name(name: &str, kind: FileKind) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = last.rsplit_once('.').map_or(last, |(stem, _)| stem);
    let stem: String = lang::clean(stem).chars().filter(|c| !c.is_control() && !"<>:\"|?*\u{202e}\u{202d}".contains(*c)).take(120).collect();
    format!("{}.{}", if stem.is_empty() { "minh-chung" } else { &stem }, kind.extension())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Write as _;

    /// A JPEG with a place in its Exif, turned by a quarter, and a page glued behind it.
    fn photo() -> Vec<u8> {
        let mut out = vec![0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2];
        out.extend_from_slice(&orientation_segment(6));
        let text = b"Exif\0\0GPS 21.3N 106.1E";
        out.extend_from_slice(&[0xff, 0xe1, 0, u8::try_from(text.len() + 2).unwrap()]);
        out.extend_from_slice(text);
        out.extend_from_slice(b"\xff\xfe\0\x07phone\xff\xda\0\x02da\xff\0ta\xff\xd0more\xff\xed\0\x06IPTC\xff\xda\0\x02last\xff\xd9<script>");
        out
    }

    fn zipped(parts: &[(&str, &[u8])]) -> Vec<u8> {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in parts {
            zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(bytes).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    #[test]
    fn pictures_lose_place_and_keep_their_turn() {
        let bare = stripped(FileKind::Jpeg, photo()).unwrap();
        let has = |text: &[u8]| bare.windows(text.len()).any(|w| w == text);
        assert!(!has(b"GPS") && !has(b"phone") && !has(b"IPTC") && !has(b"script") && has(b"ta\xff\xd0more") && has(b"last\xff\xd9"));
        assert_eq!(bare.windows(36).filter_map(orientation).collect::<Vec<_>>(), [6]);
        assert_eq!(stripped(FileKind::Jpeg, bare.clone()), Some(bare));
        assert_eq!(stripped(FileKind::Jpeg, b"\xff\xd8\xff\xe1\x10".to_vec()), None);
        let chunk = |kind: &[u8], data: &[u8]| [&u32::try_from(data.len()).unwrap().to_be_bytes()[..], kind, data, b"CRC!"].concat();
        let png = [
            &b"\x89PNG\r\n\x1a\n"[..],
            &chunk(b"IHDR", b"x"),
            &chunk(b"tEXt", b"home"),
            &chunk(b"eXIf", b"GPS"),
            &chunk(b"IDAT", b"y"),
            &chunk(b"IEND", b""),
            b"PK\x03\x04",
        ]
        .concat();
        let bare = stripped(FileKind::Png, png).unwrap();
        assert_eq!(bare, [&b"\x89PNG\r\n\x1a\n"[..], &chunk(b"IHDR", b"x"), &chunk(b"IDAT", b"y"), &chunk(b"IEND", b"")].concat());
    }

    #[test]
    fn the_bytes_say_what_a_file_is() {
        assert_eq!(FileKind::of(b"%PDF-1.7"), Ok(FileKind::Pdf));
        assert_eq!(FileKind::of(b"<html>"), Err(BadFile::Kind));
        assert_eq!(FileKind::of(b"MZ\x90\0"), Err(BadFile::Kind));
        assert_eq!(FileKind::of(&zipped(&[("word/document.xml", b"<w/>")])), Ok(FileKind::Docx));
        assert_eq!(FileKind::of(&zipped(&[("xl/workbook.xml", b"<w/>")])), Ok(FileKind::Xlsx));
        assert_eq!(FileKind::of(&zipped(&[("readme.txt", b"x")])), Err(BadFile::Kind));
        assert_eq!(FileKind::of(&zipped(&[("word/document.xml", b""), ("word/vbaProject.bin", b"x")])), Err(BadFile::Macros));
        assert_eq!(FileKind::of(b"PK\x03\x04 cut off"), Err(BadFile::Damaged));
        let glued = [&b"%PDF-1.7\n%%EOF\n"[..], &zipped(&[("evil.class", b"x")])].concat();
        assert_eq!(FileKind::of(&glued), Err(BadFile::TwoKinds));
        assert_eq!(safe_name("../../etc/Báo cáo.exe", FileKind::Pdf), "Báo cáo.pdf");
        assert_eq!(safe_name("C:\\x\\.docx", FileKind::Docx), "minh-chung.docx");
    }

    #[test]
    fn a_bomb_is_refused_without_being_unpacked_whole() {
        let zeros = vec![0; 70_000_000];
        let bomb = zipped(&[("word/document.xml", b"<w/>"), ("word/media/1.bmp", &zeros), ("word/media/2.bmp", &zeros), ("word/media/3.bmp", &zeros)]);
        assert!(bomb.len() < MOST);
        assert_eq!(FileKind::of(&bomb), Err(BadFile::Bomb));
    }

    proptest! {
        #[test]
        fn any_bytes_are_looked_at_without_harm(bytes in proptest::collection::vec(any::<u8>(), 0..300), name in ".{0,40}") {
            let _ = FileKind::of(&bytes);
            let _ = FileKind::of(&[&b"PK\x03\x04"[..], &bytes].concat());
            let jpeg = [&[0xff, 0xd8, 0xff, 0xe1][..], &bytes].concat();
            let _ = stripped(FileKind::Jpeg, jpeg);
            let _ = stripped(FileKind::Png, [&b"\x89PNG\r\n\x1a\n"[..], &bytes].concat());
            let safe = safe_name(&name, FileKind::Pdf);
            let bad = ['/', '\\', '"', '\n', '\r'];
            prop_assert!(safe.ends_with(".pdf") && !safe.contains(bad));
        }
    }
}
