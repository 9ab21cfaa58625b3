//! Outlines of reports: data in `facts/reports`.

use places::Level;
use rust_embed::RustEmbed;
use serde::Deserialize;
use std::sync::LazyLock;
use ui::Lang;

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../facts/reports"]
struct Files;

/// What a section shows under its words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Block {
    /// Words only.
    #[default]
    None,
    /// A table of the measures.
    Figures,
    /// One measure in each unit below, with bars.
    Places,
    /// One measure over time.
    Trend,
    /// Tasks, late ones first.
    Tasks,
    /// Late tasks only.
    Late,
    /// Money by source, and arrears.
    Money,
    /// Arrears by unit.
    Arrears,
    /// Targets of the plan.
    Targets,
}

/// A section of an outline.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// Stable code within the outline.
    pub code: String,
    /// Heading without its number.
    pub heading: String,
    /// 1 or 2.
    pub depth: u8,
    /// Starting text, with references in braces.
    #[serde(default)]
    pub words: String,
    /// What stands under the words.
    #[serde(default)]
    pub block: Block,
    /// Codes of measures for the block.
    #[serde(default)]
    pub measures: Vec<String>,
}

/// An outline.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// Stable code.
    pub code: String,
    /// Version.
    pub version: i64,
    /// Vietnamese title.
    pub title_vi: String,
    /// English title.
    pub title_en: String,
    /// Whether it is a form that an authority issued.
    pub official: bool,
    /// Where it comes from.
    pub source: String,
    /// Level of the units that write it.
    pub level: Level,
    /// Kind of period: `quarter`, `half`, `year`.
    pub period: calendar::PeriodKind,
    /// What follows the number.
    pub symbol: String,
    /// Kind of document.
    pub document: String,
    /// What it is about, without the period.
    pub summary: String,
    /// Authority and position of the signer.
    pub signer: String,
    /// Who gets it.
    #[serde(default)]
    pub recipients: Vec<String>,
    /// Code of the plan whose targets it shows.
    #[serde(default)]
    pub plan: String,
    /// Sections in order.
    pub section: Vec<Section>,
}

impl Template {
    /// Title in a language.
    pub fn title(&self, l: Lang) -> &str {
        l.t(&self.title_vi, &self.title_en)
    }
}

/// Reads an outline.
///
/// # Errors
/// What is wrong in it, in the words of the TOML reader, or codes that occur twice.
pub fn parse(text: &str) -> Result<Template, String> {
    let template: Template = toml::from_str(text).map_err(|e| e.to_string())?;
    let mut seen = std::collections::BTreeSet::new();
    for section in &template.section {
        if !seen.insert(&section.code) {
            return Err(format!("the section {} occurs twice", section.code));
        }
        if !(1..=2).contains(&section.depth) {
            return Err(format!("the section {} is neither of depth 1 nor 2", section.code));
        }
        super::refs::parse(&section.words).map_err(|bad| format!("the section {}: {bad}", section.code))?;
    }
    Ok(template)
}

static TEMPLATES: LazyLock<Vec<Template>> = LazyLock::new(|| {
    let mut out = Vec::new();
    for name in Files::iter().filter(|name| name.ends_with(".toml")) {
        let read = Files::get(&name).map(|f| parse(&String::from_utf8_lossy(&f.data)));
        match read {
            Some(Ok(template)) => out.push(template),
            Some(Err(error)) => tracing::error!(%name, error, "an outline of a report is broken"),
            None => {}
        }
    }
    out.sort_by_key(|t| (t.level, t.code.clone()));
    out
});

/// The shipped outlines, from the top level down.
pub fn templates() -> &'static [Template] {
    &TEMPLATES
}

/// An outline by its code.
pub(crate) fn coded(code: &str) -> Option<&'static Template> {
    TEMPLATES.iter().find(|t| t.code == code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_outline_can_be_read_and_says_that_it_is_no_official_form() {
        let files: Vec<_> = Files::iter().filter(|name| name.ends_with(".toml")).collect();
        assert!(files.len() >= 3);
        for name in files {
            let text = String::from_utf8(Files::get(&name).unwrap().data.into_owned()).unwrap();
            let template = parse(&text).unwrap_or_else(|e| panic!("{name}: {e}"));
            assert!(!template.official && template.source.contains("không phải mẫu"), "{name}");
            for section in &template.section {
                let wanted = matches!(section.block, Block::Figures | Block::Places | Block::Trend);
                assert_eq!(wanted, !section.measures.is_empty(), "{name} {}", section.code);
            }
        }
    }

    #[test]
    fn broken_outlines_are_refused() {
        assert!(parse("code = 1").is_err());
        let base = "code='a'\nversion=1\ntitle_vi='a'\ntitle_en='a'\nofficial=false\nsource=''\nlevel='commune'\nperiod='quarter'\nsymbol=''\ndocument=''\nsummary=''\nsigner=''\n";
        assert!(
            parse(&format!("{base}[[section]]\ncode='x'\nheading='X'\ndepth=1\n[[section]]\ncode='x'\nheading='X'\ndepth=1")).unwrap_err().contains("twice")
        );
        assert!(parse(&format!("{base}[[section]]\ncode='x'\nheading='X'\ndepth=3")).is_err());
        assert!(parse(&format!("{base}[[section]]\ncode='x'\nheading='X'\ndepth=1\nwords='{{a'")).is_err());
    }
}
