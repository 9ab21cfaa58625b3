//! Word documents in the layout of an administrative document: Decree 30/2020/NĐ-CP, appendix I.
//!
//! Written directly as WordprocessingML, because repeated head rows and alternative texts of pictures are needed.

mod body;

use std::io::{Cursor, Write};

use jiff::civil::Date;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use self::body::{Align, Body, Look};
use crate::table::{PrintError, Table};
use crate::xml::escaped;

/// Width between the margins in twentieths of a point: A4 less 30 mm left and 15 mm right.
pub(crate) const TEXT_WIDTH: u32 = 9_355;

/// One piece of the body.
#[derive(Clone, Debug)]
pub enum Block {
    /// A heading; level 1 is the highest.
    Heading { level: u8, text: String },
    /// Justified text with an indented first line; a line break keeps the paragraph.
    Paragraph(String),
    /// A table with its title above and its notes below; the head row repeats on each page.
    Table(Table),
    /// A PNG picture, shown at 96 pixels per inch and made smaller to fit the page.
    Picture { png: Vec<u8>, width_px: u32, height_px: u32, alt: String },
    /// Words under a picture.
    Caption(String),
    /// Small print: source, date, completeness.
    Note(String),
}

/// A document to be signed.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// The body above the issuing one; empty for none.
    pub superior: String,
    /// The issuing body; a line break stands where its long name is broken.
    pub body_name: String,
    /// The number alone (`15`); `None` leaves room to fill it in.
    pub number: Option<String>,
    /// What follows the number: `BC-UBND`.
    pub symbol: String,
    /// Place of the date line.
    pub place: String,
    /// `None` leaves room to fill it in.
    pub date: Option<Date>,
    /// Kind of document: `BÁO CÁO`.
    pub title: String,
    /// What it is about.
    pub summary: String,
    pub blocks: Vec<Block>,
    /// Authority and position, one per line: `TM. ỦY BAN NHÂN DÂN`, `CHỦ TỊCH`.
    pub signer_title: String,
    pub signer_name: Option<String>,
    /// Who gets it; the file copy (`Lưu: VT`) is added.
    pub recipients: Vec<String>,
}

/// The document as .docx bytes. The same report gives the same bytes.
///
/// # Errors
/// [`PrintError::Archive`] or [`PrintError::Io`], which do not happen in memory short of its end.
pub fn to_docx(report: &Report) -> Result<Vec<u8>, PrintError> {
    let mut body = Body::default();
    head(report, &mut body);
    for (nth, block) in (1..).zip(&report.blocks) {
        // The last words stay with the signature: nobody signs an empty page.
        body.block(block, nth == report.blocks.len());
    }
    foot(report, &mut body);
    let (document, pictures) = body.finish();

    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default();
    let mut put = |name: &str, bytes: &[u8]| -> Result<(), PrintError> {
        writer.start_file(name, options)?;
        writer.write_all(bytes)?;
        Ok(())
    };
    put("[Content_Types].xml", CONTENT_TYPES.as_bytes())?;
    put("_rels/.rels", RELATIONS.as_bytes())?;
    let title = escaped(&format!("{}: {}", report.title, report.summary));
    put("docProps/core.xml", format!("{XML}<cp:coreProperties xmlns:cp=\"http://schemas.openxmlformats.org/package/2006/metadata/core-properties\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><dc:title>{title}</dc:title><dc:creator>{}</dc:creator><dc:language>vi-VN</dc:language></cp:coreProperties>", escaped(&report.body_name.replace('\n', " "))).as_bytes())?;
    put("word/document.xml", document.as_bytes())?;
    put("word/styles.xml", STYLES.as_bytes())?;
    put("word/header1.xml", HEADER.as_bytes())?;
    let mut links = String::new();
    for number in 1..=pictures.len() {
        links += &format!(
            "<Relationship Id=\"rIdP{number}\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/image\" Target=\"media/image{number}.png\"/>"
        );
    }
    put("word/_rels/document.xml.rels", format!("{XML}<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"rIdS\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles\" Target=\"styles.xml\"/><Relationship Id=\"rIdH\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/header\" Target=\"header1.xml\"/>{links}</Relationships>").as_bytes())?;
    for (number, png) in (1..).zip(pictures) {
        put(&format!("word/media/image{number}.png"), png)?;
    }
    Ok(writer.finish()?.into_inner())
}

/// Issuing body and number at left, the nation's name and motto and the date at right, then the title.
fn head<'a>(report: &'a Report, body: &mut Body<'a>) {
    let place = report.place.trim();
    let date = match report.date {
        Some(date) => lang::show::date_line(place, date),
        None => format!("{place}, ngày       tháng       năm        "),
    };
    let number = report.number.as_deref().map_or("       ", str::trim);
    let center = Look { align: Align::Center, size: 26, ..Look::default() };
    let bold = Look { bold: true, ..center };
    // The names at left may have 12 points where the nation's has 13: long ones fit on their lines.
    let small = Look { size: 24, ..center };
    body.columns(
        [3_750, TEXT_WIDTH - 3_750],
        |left| {
            if !report.superior.is_empty() {
                left.paragraph(&report.superior.to_uppercase(), small);
            }
            left.paragraph(&report.body_name.to_uppercase(), Look { bold: true, ..small });
            left.rule(1_250);
            left.paragraph(&format!("Số: {number}/{}", report.symbol), center);
        },
        |right| {
            right.paragraph("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", bold);
            right.paragraph("Độc lập - Tự do - Hạnh phúc", Look { size: 28, ..bold });
            right.rule(1_270);
            right.paragraph(&date, Look { italic: true, size: 28, ..center });
        },
    );
    let title = Look { size: 28, bold: true, align: Align::Center, before: 240, ..Look::default() };
    body.paragraph(&report.title.to_uppercase(), title);
    body.paragraph(&report.summary, Look { before: 0, ..title });
    body.rule(3_300);
}

/// Recipients at left, signature at right.
fn foot<'a>(report: &'a Report, body: &mut Body<'a>) {
    body.paragraph("", Look { keep: true, ..Look::default() });
    let sign = Look { size: 28, bold: true, align: Align::Center, keep: true, ..Look::default() };
    body.columns(
        [4_300, TEXT_WIDTH - 4_300],
        |left| {
            left.paragraph("Nơi nhận:", Look { size: 24, bold: true, italic: true, ..Look::default() });
            for recipient in &report.recipients {
                let recipient = recipient.trim().trim_end_matches([';', '.']);
                left.paragraph(&format!("- {recipient};"), Look { size: 22, ..Look::default() });
            }
            left.paragraph("- Lưu: VT.", Look { size: 22, ..Look::default() });
        },
        |right| {
            right.paragraph(&report.signer_title.to_uppercase(), sign);
            for _ in 0..4 {
                right.paragraph("", sign);
            }
            right.paragraph(report.signer_name.as_deref().unwrap_or_default(), sign);
        },
    );
}

const XML: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
const CONTENT_TYPES: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default Extension=\"xml\" ContentType=\"application/xml\"/><Default Extension=\"png\" ContentType=\"image/png\"/><Override PartName=\"/word/document.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml\"/><Override PartName=\"/word/styles.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml\"/><Override PartName=\"/word/header1.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.header+xml\"/><Override PartName=\"/docProps/core.xml\" ContentType=\"application/vnd.openxmlformats-package.core-properties+xml\"/></Types>";
const RELATIONS: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" Target=\"word/document.xml\"/><Relationship Id=\"rId2\" Type=\"http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties\" Target=\"docProps/core.xml\"/></Relationships>";
/// Times New Roman 14 points, Vietnamese; headings for the navigation pane.
const STYLES: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<w:styles xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii=\"Times New Roman\" w:hAnsi=\"Times New Roman\" w:eastAsia=\"Times New Roman\" w:cs=\"Times New Roman\"/><w:color w:val=\"000000\"/><w:sz w:val=\"28\"/><w:szCs w:val=\"28\"/><w:lang w:val=\"vi-VN\"/></w:rPr></w:rPrDefault><w:pPrDefault/></w:docDefaults><w:style w:type=\"paragraph\" w:default=\"1\" w:styleId=\"Normal\"><w:name w:val=\"Normal\"/></w:style><w:style w:type=\"paragraph\" w:styleId=\"Heading1\"><w:name w:val=\"heading 1\"/><w:basedOn w:val=\"Normal\"/><w:next w:val=\"Normal\"/><w:pPr><w:keepNext/><w:outlineLvl w:val=\"0\"/></w:pPr><w:rPr><w:b/></w:rPr></w:style><w:style w:type=\"paragraph\" w:styleId=\"Heading2\"><w:name w:val=\"heading 2\"/><w:basedOn w:val=\"Normal\"/><w:next w:val=\"Normal\"/><w:pPr><w:keepNext/><w:outlineLvl w:val=\"1\"/></w:pPr><w:rPr><w:b/></w:rPr></w:style></w:styles>";
/// The page number, centred at the top from the second page on.
const HEADER: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<w:hdr xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:p><w:pPr><w:jc w:val=\"center\"/></w:pPr><w:r><w:fldChar w:fldCharType=\"begin\"/></w:r><w:r><w:instrText xml:space=\"preserve\"> PAGE </w:instrText></w:r><w:r><w:fldChar w:fldCharType=\"separate\"/></w:r><w:r><w:t>2</w:t></w:r><w:r><w:fldChar w:fldCharType=\"end\"/></w:r></w:p></w:hdr>";
