//! What is let in: an upload is looked at before anything else reads it.
//!
//! Nothing is executed and nothing is kept: archives are inflated in small pieces against a budget, every XML part is
//! walked once, and whatever a spreadsheet of figures does not need (macros, links to other files, embedded objects,
//! document types) is refused with a stable code and a sentence that says what to do.

mod binary;
mod zipped;

use rust_decimal::Decimal;

/// A kind of spreadsheet that may come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UploadKind {
    Xlsx,
    Xls,
    Ods,
    Csv,
    Tsv,
}

/// How much an upload may hold.
#[derive(Clone, Copy, Debug)]
pub struct UploadLimits {
    /// Bytes of the file.
    pub bytes: u64,
    /// Bytes of all its parts unpacked.
    pub unpacked: u64,
    /// Entries of an archive.
    pub entries: usize,
    /// Rows with something in them, over all sheets.
    pub rows: u64,
    /// Cells with something in them, over all sheets.
    pub cells: u64,
}

impl Default for UploadLimits {
    /// 20 MB, unpacked 400 MB, 2,000 entries, 100,000 rows, 3 million cells.
    fn default() -> UploadLimits {
        UploadLimits { bytes: 20_000_000, unpacked: 400_000_000, entries: 2_000, rows: 100_000, cells: 3_000_000 }
    }
}

/// Why an upload is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.en())]
pub struct UploadProblem(pub Refusal);

/// The reasons, each with a stable code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    Empty,
    /// More bytes than the limit, given here.
    TooLarge(u64),
    UnknownKind,
    WrongExtension,
    Bomb,
    UnsafeNames,
    Nested,
    Damaged,
    Encrypted,
    Macros,
    ExternalLinks,
    Embedded,
    XmlEntities,
    /// More rows with data than the limit, given here.
    TooManyRows(u64),
    /// More cells with data than the limit, given here.
    TooManyCells(u64),
}

impl From<Refusal> for UploadProblem {
    fn from(reason: Refusal) -> UploadProblem {
        UploadProblem(reason)
    }
}

impl UploadProblem {
    /// Stable code for the API and for logs.
    pub fn code(&self) -> &'static str {
        match self.0 {
            Refusal::Empty => "upload_empty",
            Refusal::TooLarge(_) => "upload_too_large",
            Refusal::UnknownKind => "upload_unknown_kind",
            Refusal::WrongExtension => "upload_wrong_extension",
            Refusal::Bomb => "upload_bomb",
            Refusal::UnsafeNames => "upload_unsafe_names",
            Refusal::Nested => "upload_nested",
            Refusal::Damaged => "upload_damaged",
            Refusal::Encrypted => "upload_encrypted",
            Refusal::Macros => "upload_macros",
            Refusal::ExternalLinks => "upload_external_links",
            Refusal::Embedded => "upload_embedded",
            Refusal::XmlEntities => "upload_xml_entities",
            Refusal::TooManyRows(_) => "upload_too_many_rows",
            Refusal::TooManyCells(_) => "upload_too_many_cells",
        }
    }

    /// Vietnamese sentence for the person who brought the file.
    pub fn vi(&self) -> String {
        self.0.limited(self.0.sentences().0, lang::show::number)
    }

    /// The same in English.
    pub fn en(&self) -> String {
        self.0.limited(self.0.sentences().1, lang::show::number_en)
    }
}

impl Refusal {
    /// The sentence with its limit in the place of `{}`.
    fn limited(self, sentence: &str, number: fn(Decimal, u32) -> String) -> String {
        let limit = match self {
            Refusal::TooLarge(bytes) => bytes / 1_000_000,
            Refusal::TooManyRows(n) | Refusal::TooManyCells(n) => n,
            _ => return sentence.to_owned(),
        };
        sentence.replace("{}", &number(Decimal::from(limit), 0))
    }

    fn sentences(self) -> (&'static str, &'static str) {
        match self {
            Refusal::Empty => ("Tệp trống, không có dữ liệu. Hãy chọn lại tệp.", "The file is empty. Please choose another."),
            Refusal::TooLarge(_) => (
                "Tệp lớn hơn {} MB. Hãy bỏ ảnh và các trang không cần, hoặc chia thành nhiều tệp.",
                "The file is larger than {} MB. Remove pictures and sheets that are not needed, or split it.",
            ),
            Refusal::UnknownKind => (
                "Chỉ nhận bảng tính .xlsx, .xls, .ods, .csv hoặc .tsv. Hãy mở tệp rồi lưu lại thành .xlsx.",
                "Only .xlsx, .xls, .ods, .csv and .tsv files are accepted. Open the file and save it as .xlsx.",
            ),
            Refusal::WrongExtension => (
                "Đuôi tệp không đúng với nội dung bên trong. Hãy mở bằng Excel rồi chọn Lưu thành .xlsx.",
                "The file's extension does not match what is inside. Open it in Excel and save it as .xlsx.",
            ),
            Refusal::Bomb => (
                "Tệp nén phình ra quá lớn khi mở nên không được nhận. Hãy chép phần số liệu sang tệp mới.",
                "The file grows far too large when unpacked and is refused. Copy the figures into a new file.",
            ),
            Refusal::UnsafeNames => (
                "Tệp chứa đường dẫn không an toàn nên không được nhận. Hãy lưu lại bằng Excel thành .xlsx.",
                "The file contains unsafe paths and is refused. Save it again as .xlsx in Excel.",
            ),
            Refusal::Nested => (
                "Trong tệp có tệp nén khác nên không được nhận. Hãy chỉ giữ phần bảng tính.",
                "There is another archive inside the file, so it is refused. Keep the spreadsheet only.",
            ),
            Refusal::Damaged => (
                "Tệp bị hỏng hoặc chưa tải lên hết. Hãy mở thử trên máy, lưu lại rồi gửi lại.",
                "The file is damaged or incomplete. Try to open it, save it again and send it once more.",
            ),
            Refusal::Encrypted => (
                "Tệp có mật khẩu mở. Hãy bỏ mật khẩu (Tệp > Thông tin > Bảo vệ) rồi gửi lại.",
                "The file is protected by a password. Remove it (File > Info > Protect) and send it again.",
            ),
            Refusal::Macros => (
                "Tệp có macro nên không được nhận. Hãy lưu thành .xlsx (không có macro) rồi gửi lại.",
                "The file contains macros and is refused. Save it as .xlsx (without macros) and send it again.",
            ),
            Refusal::ExternalLinks => (
                "Tệp lấy số liệu từ tệp hoặc nguồn khác. Hãy vào Dữ liệu > Sửa liên kết > Ngắt liên kết, hoặc dán giá trị, rồi gửi lại.",
                "The file takes data from other files or sources. Break the links (Data > Edit Links) or paste values, then send it again.",
            ),
            Refusal::Embedded => (
                "Tệp có đối tượng nhúng (OLE, ActiveX) nên không được nhận. Hãy xóa các đối tượng đó rồi gửi lại.",
                "The file has embedded objects (OLE, ActiveX) and is refused. Delete them and send it again.",
            ),
            Refusal::XmlEntities => (
                "Tệp có khai báo XML không an toàn nên không được nhận. Hãy lưu lại bằng Excel thành .xlsx.",
                "The file has unsafe XML declarations and is refused. Save it again as .xlsx in Excel.",
            ),
            Refusal::TooManyRows(_) => (
                "Bảng có hơn {} dòng có dữ liệu, nhiều quá mức nhận một lần. Hãy xóa các dòng thừa hoặc chia thành nhiều tệp.",
                "The table has more than {} rows with data, more than is taken at once. Delete what is not needed or split the file.",
            ),
            Refusal::TooManyCells(_) => (
                "Bảng có hơn {} ô có dữ liệu, nhiều quá mức nhận một lần. Hãy xóa phần thừa hoặc chia thành nhiều tệp.",
                "The table has more than {} cells with data, more than is taken at once. Delete what is not needed or split the file.",
            ),
        }
    }
}

/// Looks at an upload by its name and bytes and says what it is.
///
/// # Errors
/// The first [`UploadProblem`] found.
pub fn inspect_upload(name: &str, bytes: &[u8], limits: &UploadLimits) -> Result<UploadKind, UploadProblem> {
    if bytes.is_empty() {
        return Err(Refusal::Empty.into());
    }
    if bytes.len() as u64 > limits.bytes {
        return Err(Refusal::TooLarge(limits.bytes).into());
    }
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension).to_ascii_lowercase();
    let claimed = match extension.as_str() {
        "xlsx" => UploadKind::Xlsx,
        "xls" => UploadKind::Xls,
        "ods" => UploadKind::Ods,
        "csv" => UploadKind::Csv,
        "tsv" | "tab" => UploadKind::Tsv,
        "xlsm" | "xltm" | "xlam" | "xla" => return Err(Refusal::Macros.into()),
        _ => return Err(Refusal::UnknownKind.into()),
    };
    let found = if bytes.starts_with(b"PK\x03\x04") {
        zipped::inspect(bytes, limits)?
    } else if bytes.starts_with(&binary::MAGIC) {
        binary::inspect(bytes)?
    } else {
        text(bytes, limits)?;
        // Text is what a .csv or .tsv holds; under another name it is a page saved as a spreadsheet.
        if claimed == UploadKind::Tsv { UploadKind::Tsv } else { UploadKind::Csv }
    };
    if found == claimed { Ok(found) } else { Err(Refusal::WrongExtension.into()) }
}

/// Lines of text, in UTF-8, UTF-16 or an 8-bit code page.
fn text(bytes: &[u8], limits: &UploadLimits) -> Result<(), Refusal> {
    let wide = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    if !wide && bytes.contains(&0) {
        return Err(Refusal::WrongExtension);
    }
    let head = bytes.get(..bytes.len().min(512)).unwrap_or_default();
    let letters: Vec<u8> = head.iter().filter(|byte| **byte != 0).map(u8::to_ascii_lowercase).collect();
    let start = letters.iter().position(|byte| !byte.is_ascii_whitespace() && *byte < 0x80).unwrap_or(0);
    let begins = letters.get(start..).unwrap_or_default();
    let foreign: [&[u8]; 7] = [b"<html", b"<!doctype", b"<?xml", b"<table", b"%pdf", b"{\\rtf", b"mime-version"];
    if foreign.iter().any(|magic| begins.starts_with(magic)) {
        return Err(Refusal::WrongExtension);
    }
    let lines = bytes.split(|byte| *byte == b'\n').filter(|line| line.iter().any(|byte| *byte > b' ')).count() as u64;
    let cells = bytes.iter().filter(|byte| matches!(byte, b',' | b';' | b'\t')).count() as u64 + lines;
    within(lines, cells, limits)
}

/// Whether the contents stay within the limits.
fn within(rows: u64, cells: u64, limits: &UploadLimits) -> Result<(), Refusal> {
    if rows > limits.rows {
        return Err(Refusal::TooManyRows(limits.rows));
    }
    if cells > limits.cells { Err(Refusal::TooManyCells(limits.cells)) } else { Ok(()) }
}
