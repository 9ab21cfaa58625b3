//! A first mapping of a foreign sheet, for a person to check: which column names the units, which holds which measure.

use super::book::Sheet;
use super::layout::Layout;
use super::plan::{Column, EVERYWHERE, Part, Plan};
use super::units::{Units, is_total};
use crate::Known;
use calendar::Period;
use places::Level;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use uuid::Uuid;

/// Least likeness of a heading to a measure to be worth proposing.
const LIKENESS: f64 = 0.5;

/// The mapping that fits best.
pub fn propose(sheet: &Sheet, layout: &Layout, units: &Units, measures: &[Arc<Known>], scope: Uuid, level: Level, period: Option<Period>) -> Plan {
    let rows: Vec<_> = sheet.rows.iter().filter(|r| r.at >= layout.first && !r.hidden).take(300).collect();
    let share = |col: u32, test: &dyn Fn(&str) -> bool| {
        let texts: Vec<String> = rows.iter().filter_map(|r| r.cell(col)).map(|c| c.text(true)).filter(|t| !is_total(t)).collect();
        (texts.iter().filter(|t| test(t)).count(), texts.len())
    };
    let best = |test: &dyn Fn(&str) -> bool| {
        let counted = layout.headings.iter().map(|(col, _)| (share(*col, test), *col));
        counted.filter(|((hits, all), _)| *hits > 0 && hits * 2 >= *all).max_by_key(|((hits, _), col)| (*hits, u32::MAX - col)).map(|(_, col)| col)
    };
    let name = best(&|t| t.chars().any(char::is_alphabetic) && units.is_name(t));
    let code = best(&|t| t.bytes().all(|b| b.is_ascii_digit() || b == b'.') && units.is_code(t))
        .filter(|col| layout.headings.iter().any(|(c, h)| c == col && lang::fold(h).split(' ').any(|w| w.starts_with("ma"))) || name.is_none());
    let taken: BTreeSet<u32> = [name, code].into_iter().flatten().chain(sheet.hidden_cols.iter().copied()).collect();
    let mut scored: Vec<(f64, u32, &Arc<Known>, Part)> = Vec::new();
    for (col, heading) in layout.headings.iter().filter(|(col, h)| !taken.contains(col) && !h.is_empty()) {
        for known in measures.iter().filter(|k| period.is_none_or(|p| k.measure.takes(p))) {
            let def = &known.measure.def;
            if def.kind == crate::Kind::Percent {
                for (part, words, usual) in [(Part::N, &def.numerator_vi, "so dat"), (Part::Of, &def.denominator_vi, "tong so")] {
                    let under = if ends_with(heading, usual) { likeness(heading, &format!("{} {usual}", def.title_vi)) } else { 0.0 };
                    scored.push((likeness(heading, words).max(under), *col, known, part));
                }
            } else {
                let exact = if lang::fold(heading) == def.code.replace('_', " ") || lang::clean(heading) == def.code { 1.0 } else { 0.0 };
                scored.push((likeness(heading, &def.title_vi).max(likeness(heading, &def.title_en)).max(exact), *col, known, Part::Whole));
            }
        }
    }
    scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let mut columns: Vec<Column> = Vec::new();
    for (score, col, known, part) in scored {
        let code = &known.measure.def.code;
        if score >= LIKENESS && !columns.iter().any(|c| c.col == col || (c.code == *code && c.part == part)) {
            columns.push(Column { col, code: code.clone(), part });
        }
    }
    columns.sort_by_key(|c| c.col);
    Plan {
        sheet: sheet.name.clone(),
        period: period.map(|p| p.to_string()).unwrap_or_default(),
        scope,
        level,
        keyed: false,
        made: 0,
        first: layout.first,
        code,
        name,
        reason: None,
        columns,
        units: heading_units(layout),
        hidden: false,
        answers: BTreeMap::new(),
    }
}

fn words(text: &str) -> BTreeSet<String> {
    const EMPTY: [&str; 12] = ["so", "cac", "cua", "va", "co", "ty", "le", "trong", "duoc", "theo", "voi", "xa"];
    let folded = lang::fold(text);
    let all = folded.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty());
    all.filter(|w| !EMPTY.contains(w)).map(str::to_owned).collect()
}

fn ends_with(heading: &str, usual: &str) -> bool {
    heading.rsplit(" – ").next().is_some_and(|last| lang::fold(last).contains(usual))
}

/// How alike a heading and a title are, from 0 to 1: shared words, where a title wholly contained counts high.
fn likeness(heading: &str, title: &str) -> f64 {
    if title.is_empty() {
        return 0.0;
    }
    if lang::fold(heading) == lang::fold(title) {
        return 1.0;
    }
    // The lowest row of a stack of headings says most.
    let last = heading.rsplit(" – ").next().unwrap_or_default();
    if last != heading && lang::fold(last) == lang::fold(title) {
        return 0.98;
    }
    // What stands in brackets is mostly a unit of measure.
    let bare = heading.split('(').next().filter(|t| !t.trim().is_empty()).unwrap_or(heading);
    let (a, b) = (words(&expanded(bare)), words(&expanded(title)));
    let shared = a.intersection(&b).count();
    #[expect(clippy::cast_precision_loss, reason = "a few words")]
    let ratio = |part: usize, whole: usize| if whole == 0 { 0.0 } else { part as f64 / whole as f64 };
    let covered = if shared >= 2 { (0.9 * ratio(shared, b.len())).max(0.7 * ratio(shared, a.len())) } else { 0.0 };
    ratio(2 * shared, a.len() + b.len()).max(covered)
}

/// Units of measure written in headings ("Vốn (tỷ đồng)") and above the table ("Đơn vị tính: triệu đồng").
fn heading_units(layout: &Layout) -> BTreeMap<u32, String> {
    let known = |text: &str| {
        let text = text.trim().trim_start_matches("ĐVT:").trim_start_matches("ĐVT").trim();
        lang::Unit::parse(text).map(|_| text.to_owned())
    };
    let mut out: BTreeMap<u32, String> = layout
        .headings
        .iter()
        .filter_map(|(col, heading)| {
            let inside = heading.rsplit('(').next().filter(|_| heading.contains('(')).and_then(|t| t.split(')').next());
            Some((*col, known(inside.or_else(|| heading.rsplit(" – ").next())?)?))
        })
        .collect();
    let above = layout.title.iter().find_map(|text| {
        let folded = lang::fold(text);
        let says = folded.contains("don vi tinh") || folded.contains("dvt");
        text.rsplit(':').next().filter(|_| says).and_then(|t| known(t.trim_end_matches(')')))
    });
    out.extend(above.map(|unit| (EVERYWHERE, unit)));
    out
}

/// Abbreviations of report headings.
fn expanded(text: &str) -> String {
    let spelled = |w: &str| match lang::fold(w).trim_matches(|c: char| !c.is_alphanumeric()) {
        "htx" => "hợp tác xã".to_owned(),
        "cnsc" | "cnscd" => "công nghệ số cộng đồng".to_owned(),
        "cds" => "chuyển đổi số".to_owned(),
        "ntm" => "nông thôn mới".to_owned(),
        "tmdt" => "thương mại điện tử".to_owned(),
        "cntt" => "công nghệ thông tin".to_owned(),
        _ => w.to_owned(),
    };
    text.split_whitespace().map(spelled).collect::<Vec<_>>().join(" ")
}

/// The shape of a table: the same headings in the same columns give the same hash, whatever stands below.
pub fn shape(layout: &Layout) -> String {
    let mut hash = Sha256::new();
    for (col, heading) in &layout.headings {
        // The period changes from report to report.
        let letters: String = lang::fold_tight(heading).chars().filter(|c| !c.is_ascii_digit()).collect();
        hash.update(format!("{col}:{letters};"));
    }
    hex(&hash.finalize())
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::likeness;

    #[test]
    fn headings_find_their_measures() {
        assert!(likeness("Tổng số HTX đang hoạt động", "Hợp tác xã đang hoạt động") > 0.8);
        assert!(likeness("Hợp tác xã – Có ứng dụng công nghệ số", "Hợp tác xã có ứng dụng công nghệ số") > 0.9);
        assert!(likeness("Ghi chú", "Hợp tác xã đang hoạt động") < 0.2);
        assert!(likeness("SỐ HỘ", "Số hộ") > 0.99);
        assert!(likeness("Số hộ nghèo", "Số hộ") < 0.9);
    }
}
