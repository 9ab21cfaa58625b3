//! Kinds, grades of urgency and the same-day rule, as data (`facts/documents/kinds.toml`).

use calendar::WorkCalendar;
use jiff::civil::Date;
use serde::Deserialize;
use std::sync::LazyLock;
use ui::Lang;

/// A kind of administrative document.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct DocumentKind {
    /// Our word for it, such as `bao_cao`.
    pub code: String,
    /// What stands in the number, such as `BC`; empty for kinds that have none.
    pub abbreviation: String,
    /// Vietnamese name.
    pub vi: String,
    /// English name.
    pub en: String,
}

impl DocumentKind {
    /// Its name.
    pub fn label(&self, lang: Lang) -> &str {
        lang.t(&self.vi, &self.en)
    }
}

/// A grade of urgency.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Urgency {
    /// 0 is normal.
    pub code: i64,
    /// Vietnamese name.
    pub vi: String,
    /// English name.
    pub en: String,
    /// Handed on as soon as it comes.
    pub at_once: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SameDay {
    working_days: u32,
    #[expect(dead_code, reason = "kept for whoever reads the file")]
    source: String,
    #[expect(dead_code, reason = "kept for whoever reads the file")]
    confidence: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Facts {
    source: String,
    #[expect(dead_code, reason = "kept for whoever reads the file")]
    confidence: String,
    kind: Vec<DocumentKind>,
    urgency: Vec<Urgency>,
    same_day: SameDay,
}

// The file is compiled in and read by a test.
static FACTS: LazyLock<Option<Facts>> = LazyLock::new(|| toml::from_str(include_str!("../../../../facts/documents/kinds.toml")).ok());
static CALENDAR: LazyLock<Option<WorkCalendar>> = LazyLock::new(|| WorkCalendar::shipped().ok());

/// All kinds, in the decree's order.
pub fn kinds() -> &'static [DocumentKind] {
    FACTS.as_ref().map_or(&[], |f| &f.kind)
}

/// A kind by its code.
pub fn kind(code: &str) -> Option<&'static DocumentKind> {
    kinds().iter().find(|k| k.code == code)
}

/// A kind by what people write: its name with or without marks, its code, or its abbreviation.
pub fn kind_named(text: &str) -> Option<&'static DocumentKind> {
    let wanted = lang::fold(text);
    let mark = lang::clean(text);
    kinds().iter().find(|k| k.code == mark || lang::fold(&k.vi) == wanted || (!k.abbreviation.is_empty() && k.abbreviation == mark))
}

/// Grades of urgency, the lowest first.
pub fn urgencies() -> &'static [Urgency] {
    FACTS.as_ref().map_or(&[], |f| &f.urgency)
}

/// A grade by its code.
pub fn urgency(code: i64) -> Option<&'static Urgency> {
    urgencies().iter().find(|u| u.code == code)
}

/// A grade by what people write; the empty text is the lowest.
pub fn urgency_named(text: &str) -> Option<&'static Urgency> {
    let wanted = lang::fold(text);
    if wanted.is_empty() {
        return urgency(0);
    }
    urgencies().iter().find(|u| lang::fold(&u.vi) == wanted)
}

/// The document that the kinds come from.
pub fn source() -> &'static str {
    FACTS.as_ref().map_or("", |f| &f.source)
}

/// The last day on which a document that came on a day may be handed on: that day for urgent ones, otherwise the next working day.
/// Where the calendar of the year is not known, weekends alone are skipped.
pub fn hand_on_by(day: Date, urgency_code: i64) -> Date {
    if urgency(urgency_code).is_some_and(|u| u.at_once) {
        return day;
    }
    let days = FACTS.as_ref().map_or(1, |f| f.same_day.working_days);
    let counted = CALENDAR.as_ref().and_then(|c| c.add_working_days(day, days).ok());
    counted.unwrap_or_else(|| {
        let mut next = day;
        for _ in 0..days {
            next = next.tomorrow().unwrap_or(next);
            while matches!(next.weekday(), jiff::civil::Weekday::Saturday | jiff::civil::Weekday::Sunday) {
                next = next.tomorrow().unwrap_or(next);
            }
        }
        next
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_facts_are_read() {
        assert_eq!(kinds().len(), 29);
        assert_eq!(urgencies().iter().map(|u| u.code).collect::<Vec<_>>(), [0, 1, 2, 3]);
        assert!(source().contains("30/2020"));
        assert_eq!(kind("bao_cao").unwrap().abbreviation, "BC");
        assert_eq!(kind_named("BÁO CÁO").unwrap().code, "bao_cao");
        assert_eq!(kind_named("to trinh").unwrap().code, "to_trinh");
        assert_eq!(kind_named("QyĐ").unwrap().code, "quy_dinh");
        assert!(kind_named("thơ").is_none());
        assert_eq!(urgency_named("Hoả tốc").unwrap().code, 3);
        assert_eq!(urgency_named("").unwrap().code, 0);
    }

    #[test]
    fn handed_on_by_the_next_working_day_and_at_once_when_urgent() {
        let friday = jiff::civil::date(2026, 11, 20);
        assert_eq!(hand_on_by(friday, 0), jiff::civil::date(2026, 11, 23));
        assert_eq!(hand_on_by(friday, 3), friday);
    }
}
