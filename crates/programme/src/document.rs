//! A document of the library: a law, a decision, a plan, with its validity and what it replaces.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// How sure a value of the facts is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// Entered here by somebody who answers for it.
    #[default]
    Entered,
    /// Found in the source named.
    Source,
    /// General knowledge, not looked up.
    Known,
    /// To be verified.
    Unsure,
}

impl Confidence {
    /// (Vietnamese, English).
    pub fn label(self) -> (&'static str, &'static str) {
        match self {
            Confidence::Entered => ("do người quản lý nhập", "entered by its keeper"),
            Confidence::Source => ("có nguồn", "sourced"),
            Confidence::Known => ("theo hiểu biết chung, chưa tra cứu", "general knowledge, not looked up"),
            Confidence::Unsure => ("cần xác minh", "to be verified"),
        }
    }
}

/// What kind of document it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DocumentKind {
    /// Luật.
    Law,
    /// Nghị quyết.
    Resolution,
    /// Nghị định.
    Decree,
    /// Quyết định.
    Decision,
    /// Thông tư.
    Circular,
    /// Kế hoạch.
    Plan,
    /// Hướng dẫn.
    Guidance,
    /// Công văn.
    Letter,
    /// Báo cáo.
    Report,
    /// Anything else.
    Other,
}

impl DocumentKind {
    /// All kinds, by rank.
    pub const ALL: [DocumentKind; 10] = [
        DocumentKind::Law,
        DocumentKind::Resolution,
        DocumentKind::Decree,
        DocumentKind::Decision,
        DocumentKind::Circular,
        DocumentKind::Plan,
        DocumentKind::Guidance,
        DocumentKind::Letter,
        DocumentKind::Report,
        DocumentKind::Other,
    ];

    /// The stable word.
    pub fn word(self) -> &'static str {
        match self {
            DocumentKind::Law => "law",
            DocumentKind::Resolution => "resolution",
            DocumentKind::Decree => "decree",
            DocumentKind::Decision => "decision",
            DocumentKind::Circular => "circular",
            DocumentKind::Plan => "plan",
            DocumentKind::Guidance => "guidance",
            DocumentKind::Letter => "letter",
            DocumentKind::Report => "report",
            DocumentKind::Other => "other",
        }
    }

    /// The kind of a word.
    pub fn from_word(word: &str) -> Option<DocumentKind> {
        DocumentKind::ALL.into_iter().find(|k| k.word() == word)
    }

    /// (Vietnamese, English).
    pub fn label(self) -> (&'static str, &'static str) {
        match self {
            DocumentKind::Law => ("Luật", "Law"),
            DocumentKind::Resolution => ("Nghị quyết", "Resolution"),
            DocumentKind::Decree => ("Nghị định", "Decree"),
            DocumentKind::Decision => ("Quyết định", "Decision"),
            DocumentKind::Circular => ("Thông tư", "Circular"),
            DocumentKind::Plan => ("Kế hoạch", "Plan"),
            DocumentKind::Guidance => ("Hướng dẫn", "Guidance"),
            DocumentKind::Letter => ("Công văn", "Official letter"),
            DocumentKind::Report => ("Báo cáo", "Report"),
            DocumentKind::Other => ("Văn bản khác", "Other"),
        }
    }
}

/// What a document says about itself. This is also the shape of `facts/programme/documents.toml` and of the stored JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// Short stable code, used in addresses: letters, digits and `-`.
    pub code: String,
    /// Number and symbol: `924/QĐ-TTg`.
    pub number: String,
    /// What it is about.
    pub title: String,
    /// Kind.
    pub kind: DocumentKind,
    /// Who issued it.
    pub issuer: String,
    /// The unit whose document it is, as id or key of the facts; empty for the centre.
    #[serde(default)]
    pub unit: String,
    /// `YYYY-MM-DD`, `YYYY-MM` or `YYYY`, as far as it is known; empty if not.
    #[serde(default)]
    pub issued: String,
    /// First day of validity.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    pub valid_from: Option<Date>,
    /// Last day of validity.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    pub valid_to: Option<Date>,
    /// Code of the document that took its place.
    #[serde(default)]
    pub replaced_by: Option<String>,
    /// Codes of documents it changes.
    #[serde(default)]
    pub amends: Vec<String>,
    /// Codes of documents it rests on.
    #[serde(default)]
    pub based_on: Vec<String>,
    /// The text, or what is known of it.
    #[serde(default)]
    pub text: String,
    /// How sure it is.
    #[serde(default)]
    pub confidence: Confidence,
    /// Where the row comes from.
    #[serde(default)]
    pub source: String,
    /// What a reader must know.
    #[serde(default)]
    pub note: String,
}

/// A document as the library holds it.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Id.
    pub id: Uuid,
    /// The unit whose document it is.
    pub home: Uuid,
    /// What it says about itself, without the text.
    pub about: Document,
}

/// Whether a document holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Validity {
    /// Not yet.
    Coming,
    /// Yes, as far as is known.
    Holds,
    /// No longer, from the day after its last one or because another took its place.
    Ended,
}

impl Document {
    /// Whether it holds on a day. `replaced_from` is the first day of the document that took its place.
    pub fn validity(&self, on: Date, replaced_from: Option<Date>) -> Validity {
        if self.valid_to.is_some_and(|last| last < on) || replaced_from.is_some_and(|first| first <= on) {
            return Validity::Ended;
        }
        if self.valid_from.is_some_and(|first| on < first) { Validity::Coming } else { Validity::Holds }
    }

    /// The date of issue as far as it is known: `02/8/2022`, `tháng 5/2023`, `2022`.
    pub fn issued_label(&self) -> String {
        if let Ok(day) = self.issued.parse::<Date>() {
            return lang::show::short_date(day);
        }
        match self.issued.split_once('-') {
            Some((year, month)) => format!("tháng {}/{year}", month.trim_start_matches('0')),
            None => self.issued.clone(),
        }
    }

    /// Number with its date: `924/QĐ-TTg (02/08/2022)`.
    pub fn cited(&self) -> String {
        let issued = self.issued_label();
        if issued.is_empty() { self.number.clone() } else { format!("{} ({issued})", self.number) }
    }

    /// Everything that can be searched.
    fn searchable(&self) -> String {
        format!("{} {} {} {} {} {}", self.number, self.code, self.title, self.issuer, self.issued_label(), self.text)
    }

    /// The text with tones for the column `written`: one space between words and around all.
    pub fn written(&self) -> String {
        words(&lang::canonical(&self.searchable()))
    }

    /// The same without tones, for the column `folded`.
    pub fn folded(&self) -> String {
        words(&lang::fold(&self.searchable()))
    }
}

/// Letters and digits only, one space between words and around all, so that ` 252 kh` finds the beginning of a word.
pub(crate) fn words(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push(' ');
    for c in text.chars() {
        if c.is_alphanumeric() {
            out.push(c);
        } else if !out.ends_with(' ') {
            out.push(' ');
        }
    }
    if !out.ends_with(' ') {
        out.push(' ');
    }
    out
}

/// What a reader typed, as patterns: those with tones look into the written text, the others into the folded one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sought {
    /// Patterns with tones, each the beginning of a word or of several in a row.
    pub written: Vec<String>,
    /// Patterns without.
    pub folded: Vec<String>,
}

/// Most patterns of a search.
pub const MOST_PATTERNS: usize = 4;

impl Sought {
    /// Reads a query; `252/KH` is one pattern of two words, so that both must stand together.
    pub fn read(query: &str) -> Sought {
        let mut out = Sought::default();
        for piece in lang::clean(query).split_whitespace() {
            let (toned, bare) = (words(&lang::canonical(piece)), words(&lang::fold(piece)));
            if bare.trim().is_empty() {
                continue;
            }
            let (list, pattern) = if toned == bare { (&mut out.folded, bare) } else { (&mut out.written, toned) };
            if list.len() < MOST_PATTERNS {
                list.push(pattern.trim_end().to_owned());
            }
        }
        out
    }

    /// Whether nothing was asked for.
    pub fn is_empty(&self) -> bool {
        self.written.is_empty() && self.folded.is_empty()
    }

    /// Whether both columns hold what is sought: what the database is asked, said again for tests and for ranking.
    pub fn fits(&self, written: &str, folded: &str) -> bool {
        self.written.iter().all(|p| written.contains(p.as_str())) && self.folded.iter().all(|p| folded.contains(p.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn document(number: &str, title: &str) -> Document {
        toml::from_str(&format!("code = \"x\"\nnumber = \"{number}\"\ntitle = \"{title}\"\nkind = \"decision\"\nissuer = \"UBND\"")).unwrap()
    }

    fn finds(query: &str, of: &Document) -> bool {
        Sought::read(query).fits(&of.written(), &of.folded())
    }

    #[test]
    fn numbers_and_words_are_found_with_and_without_tones() {
        let plan = document("252/KH-UBND", "Đường nông thôn Thiệu Hóa");
        for query in ["252", "252/KH", "252/kh-ubnd", "thieu hoa", "Thiệu Hoá", "duong", "đường", "NÔNG thon"] {
            assert!(finds(query, &plan), "{query}");
        }
        // A tone that was typed is part of the word; the middle of a word is no beginning.
        for query in ["dương", "52/KH", "252/UBND", "thiếu hóa"] {
            assert!(!finds(query, &plan), "{query}");
        }
    }

    #[test]
    fn validity_ends_after_the_last_day_or_when_another_begins() {
        let mut d = document("924/QĐ-TTg", "x");
        d.valid_to = Some("2025-12-31".parse().unwrap());
        let on = |text: &str| d.validity(text.parse().unwrap(), None);
        assert_eq!((on("2025-12-31"), on("2026-01-01")), (Validity::Holds, Validity::Ended));
        d.valid_to = None;
        let next = Some("2026-02-15".parse().unwrap());
        assert_eq!(d.validity("2026-02-14".parse().unwrap(), next), Validity::Holds);
        assert_eq!(d.validity("2026-02-15".parse().unwrap(), next), Validity::Ended);
    }

    proptest! {
        #[test]
        fn whatever_is_typed_is_a_plain_pattern(query in any::<String>()) {
            let sought = Sought::read(&query);
            prop_assert!(sought.written.iter().chain(&sought.folded).all(|p| !p.contains(['%', '_', '\\']) && p.starts_with(' ')));
        }

        #[test]
        fn a_title_is_found_by_its_own_words(title in "[a-zA-ZđĐơưăâêôáàảãạ ]{1,40}") {
            let d = document("1", &title);
            let sought = Sought::read(&title);
            prop_assert!(sought.fits(&d.written(), &d.folded()));
        }
    }
}
