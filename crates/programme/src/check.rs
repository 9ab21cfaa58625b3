//! What is wrong with a plan: by itself, in the tree, and against places and measures; each finding with its line.

use crate::closing::closing;
use crate::plan::{Definition, may_come};
use crate::register::Register;
use figures::Catalog;
use jiff::civil::{Date, date};
use places::Atlas;
use rust_decimal::Decimal;
use std::collections::HashSet;
use uuid::Uuid;

/// Where in a plan something stands; targets and readings count from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spot {
    /// The head.
    Plan,
    /// A target.
    Target(usize),
    /// A reading of a target.
    Reading(usize, usize),
    /// A claim.
    Claim(usize),
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// Stable code.
    pub code: &'static str,
    /// Where.
    pub spot: Spot,
    /// Which field.
    pub field: &'static str,
    /// Line of the file, from 1; none when it did not come from one.
    pub line: Option<usize>,
    /// What, Vietnamese.
    pub vi: String,
    /// What, English.
    pub en: String,
}

impl Wrong {
    /// Where, for people: "dòng 12, mục tiêu 3, value".
    pub fn place(&self, l: ui::Lang) -> String {
        let line = self.line.map(|n| format!("{} {n}, ", l.t("dòng", "line"))).unwrap_or_default();
        let spot = match self.spot {
            Spot::Plan => l.t("phần kế hoạch", "plan").to_owned(),
            Spot::Target(n) => format!("{} {}", l.t("mục tiêu thứ", "target"), n + 1),
            Spot::Reading(n, m) => format!("{} {}, {} {}", l.t("mục tiêu thứ", "target"), n + 1, l.t("cách đọc thứ", "reading"), m + 1),
            Spot::Claim(n) => format!("{} {}", l.t("công bố thứ", "claim"), n + 1),
        };
        format!("{line}{spot}, {}", self.field)
    }

    /// What, in a language.
    pub fn what(&self, l: ui::Lang) -> &str {
        l.t(&self.vi, &self.en)
    }
}

/// Everything that is wrong as one refusal; the first finding gives the code and the place.
pub fn refusal(wrongs: &[Wrong]) -> ui::AppError {
    let Some(first) = wrongs.first() else { return ui::AppError::new("internal", 500) };
    let all = |l: ui::Lang| wrongs.iter().map(|w| format!("{}: {}", w.place(l), w.what(l))).collect::<Vec<_>>().join(" · ");
    ui::AppError::new(first.code, 422)
        .say(all(ui::Lang::Vi), all(ui::Lang::En))
        .mend("Sửa các chỗ đã nêu rồi gửi lại. Chưa có gì được lưu.", "Mend what is named and send it again. Nothing was saved.")
        .at(first.place(ui::Lang::Vi))
}

/// Reads a plan from TOML.
///
/// # Errors
/// One [`Wrong`] `plan_unreadable` with the line and the words of the reader.
pub fn read_toml(text: &str) -> Result<Definition, Wrong> {
    toml::from_str(text).map_err(|e| {
        let at = e.span().map_or(0, |span| span.start).min(text.len());
        let line = text.as_bytes().iter().take(at).filter(|b| **b == b'\n').count() + 1;
        let what = e.message().to_owned();
        Wrong {
            code: "plan_unreadable",
            spot: Spot::Plan,
            field: "TOML",
            line: Some(line),
            vi: format!("Tệp chưa đọc được: {what}."),
            en: format!("The file cannot be read: {what}."),
        }
    })
}

/// The line of a field in a TOML file; that of its table when the field is not there.
pub fn line_of(text: &str, spot: Spot, field: &str) -> usize {
    let (mut target, mut reading, mut claim) = (None::<usize>, None::<usize>, None::<usize>);
    let mut table = 1;
    let mut inside = false;
    for (nth, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.starts_with('[') {
            if inside {
                return table;
            }
            let next = |n: Option<usize>| Some(n.map_or(0, |n| n + 1));
            match line.replace(' ', "").as_str() {
                head if head.starts_with("[[target]]") => (target, reading) = (next(target), None),
                head if head.starts_with("[[target.reading]]") => reading = next(reading),
                head if head.starts_with("[[claim]]") => claim = next(claim),
                _ => {}
            }
            inside = match spot {
                Spot::Plan => line.starts_with("[plan]"),
                Spot::Target(n) => target == Some(n) && reading.is_none() && line.starts_with("[[target"),
                Spot::Reading(n, m) => target == Some(n) && reading == Some(m),
                Spot::Claim(n) => claim == Some(n) && line.starts_with("[[claim"),
            };
            if inside {
                table = nth + 1;
            }
        } else if inside && line.split('=').next().is_some_and(|key| key.trim() == field) {
            return nth + 1;
        }
    }
    table
}

/// Rows of a workbook in which things stand, from 1.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    /// Of the targets.
    pub target: Vec<usize>,
    /// Of the readings of each target.
    pub reading: Vec<Vec<usize>>,
    /// Of the claims.
    pub claim: Vec<usize>,
}

/// Where a plan came from, to name the line of a finding.
#[derive(Clone, Debug)]
pub enum Lines<'a> {
    /// From a form.
    Unknown,
    /// From this TOML text.
    Toml(&'a str),
    /// From these rows of a workbook.
    Sheet(Rows),
}

impl Lines<'_> {
    /// The line or row of a field.
    pub fn of(&self, spot: Spot, field: &str) -> Option<usize> {
        match (self, spot) {
            (Lines::Unknown, _) | (Lines::Sheet(_), Spot::Plan) => None,
            (Lines::Toml(text), _) => Some(line_of(text, spot, field)),
            (Lines::Sheet(rows), Spot::Target(n)) => rows.target.get(n).copied(),
            (Lines::Sheet(rows), Spot::Reading(n, m)) => rows.reading.get(n).and_then(|r| r.get(m)).copied(),
            (Lines::Sheet(rows), Spot::Claim(n)) => rows.claim.get(n).copied(),
        }
    }
}

/// Whether a code may stand in an address.
fn plain(code: &str) -> bool {
    (1..=60).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

/// Everything that is wrong with a plan of a unit.
pub fn check(def: &Definition, home: Option<Uuid>, register: &Register, catalog: &Catalog, atlas: &Atlas, lines: &Lines<'_>) -> Vec<Wrong> {
    let mut out: Vec<Wrong> = Vec::new();
    let mut say = |code, spot, field, vi: String, en: String| out.push(Wrong { code, spot, field, line: lines.of(spot, field), vi, en });
    let head = &def.plan;
    if !plain(&head.code) {
        say(
            "plan_code_invalid",
            Spot::Plan,
            "code",
            "Mã chỉ gồm chữ thường không dấu, số và dấu gạch ngang, tối đa 60 ký tự.".into(),
            "The code takes small ASCII letters, digits and hyphens, at most 60.".into(),
        );
    }
    if head.title_vi.trim().is_empty() {
        say("plan_title_missing", Spot::Plan, "title_vi", "Cần tên kế hoạch.".into(), "A title is needed.".into());
    }
    if head.valid_from.is_some_and(|from| from > head.valid_to) {
        say("plan_days", Spot::Plan, "valid_to", "Ngày cuối trước ngày đầu.".into(), "The last day is before the first.".into());
    }
    let first = head.valid_from.unwrap_or(date(2021, 1, 1)).min(head.valid_to);
    match home {
        None => say(
            "unknown_unit",
            Spot::Plan,
            "unit",
            format!("Không tìm thấy đơn vị “{}”, hoặc có nhiều nơi cùng tên.", head.unit),
            format!("No unit is “{}”, or several are.", head.unit),
        ),
        Some(unit) => {
            let lived = atlas.unit(unit).is_some_and(|u| u.from().is_some_and(|f| f <= head.valid_to) && u.to().is_none_or(|t| t > first));
            if !lived {
                say(
                    "unit_not_then",
                    Spot::Plan,
                    "unit",
                    "Đơn vị này không tồn tại trong thời gian của kế hoạch.".into(),
                    "The unit did not exist while the plan runs.".into(),
                );
            }
        }
    }
    for (field, code) in [("parent", &head.parent), ("follows", &head.follows)] {
        if let Some(code) = code.as_ref().filter(|c| register.plan(c).is_none()) {
            say("unknown_plan", Spot::Plan, field, format!("Không có kế hoạch mang mã {code}."), format!("There is no plan {code}."));
        }
    }
    if let Some(parent) = &head.parent {
        // Would the plan come back to itself?
        let circle = *parent == head.code || register.above(parent).iter().any(|p| p.def.plan.code == head.code);
        if circle {
            say(
                "plan_circle",
                Spot::Plan,
                "parent",
                format!("Kế hoạch {parent} nằm dưới chính kế hoạch này: cây bị vòng."),
                format!("Plan {parent} lies under this very plan: the tree would be a circle."),
            );
        }
    }
    if let Some(code) = head.document.as_ref().filter(|c| register.document(c).is_none()) {
        say("unknown_document", Spot::Plan, "document", format!("Thư viện chưa có văn bản {code}."), format!("The library has no document {code}."));
    }
    let mut seen = HashSet::new();
    let above = head.parent.as_deref().and_then(|p| register.plan(p)).map(|p| register.targets(atlas, p)).unwrap_or_default();
    for (nth, target) in def.target.iter().enumerate() {
        let spot = Spot::Target(nth);
        let fits = (1..=20).contains(&target.code.len()) && target.code.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'.');
        if !fits {
            say(
                "target_code_invalid",
                spot,
                "code",
                "Mã mục tiêu chỉ gồm chữ không dấu, số, dấu chấm, gạch ngang; tối đa 20.".into(),
                "The code of a target takes ASCII letters, digits, dots and hyphens, at most 20.".into(),
            );
        }
        if !seen.insert(target.code.as_str()) {
            say("target_twice", spot, "code", format!("Mã {} có hai lần.", target.code), format!("The code {} stands twice.", target.code));
        }
        if target.title_vi.trim().is_empty() {
            say("target_title_missing", spot, "title_vi", "Cần lời của mục tiêu.".into(), "The wording of the target is missing.".into());
        }
        let most = if target.unit == "%" { Decimal::ONE_HUNDRED } else { Decimal::from(1_000_000_000_i64) };
        if target.value < Decimal::ZERO || target.value > most {
            let most = lang::show::number_upto(most, 0);
            say(
                "value_out_of_range",
                spot,
                "value",
                format!("Giá trị {} nằm ngoài khoảng từ 0 đến {most}.", target.value),
                format!("{} is outside 0 … {most}.", target.value),
            );
        }
        let deadline = target.deadline.unwrap_or(head.valid_to);
        if deadline < first || !(1990..=2200).contains(&Date::year(deadline)) {
            say(
                "deadline_out_of_range",
                spot,
                "deadline",
                "Hạn nằm trước ngày đầu của kế hoạch.".into(),
                "The deadline is before the first day of the plan.".into(),
            );
        }
        if let Some(unit) = home
            && deadline >= first
            && closing(atlas, unit, target.level, first, deadline).is_none()
        {
            let (vi, en) = target.level.label();
            let (from, to) = (lang::show::short_date(first), lang::show::short_date(deadline));
            say(
                "level_not_then",
                spot,
                "level",
                format!("Từ {from} đến {to}, đơn vị của kế hoạch không có cấp {vi} để đếm."),
                format!("From {from} to {to} the unit of the plan has no {en} to count."),
            );
        }
        if target.reading.is_empty() && !above.iter().any(|h| h.target.code == target.code && !h.target.reading.is_empty()) {
            say(
                "reading_missing",
                spot,
                "reading",
                "Cần ít nhất một cách đọc: đếm chỉ tiêu nào.".into(),
                "At least one reading is needed: which measure is counted.".into(),
            );
        }
        let mut readings = HashSet::new();
        for (m, reading) in target.reading.iter().enumerate() {
            let spot = Spot::Reading(nth, m);
            if !readings.insert(reading.code.as_str()) || reading.code.is_empty() {
                say("reading_code", spot, "code", "Mỗi cách đọc cần một mã riêng.".into(), "Each reading needs a code of its own.".into());
            }
            if reading.measures.is_empty() {
                say("measure_missing", spot, "measures", "Cần ít nhất một chỉ tiêu.".into(), "At least one measure is needed.".into());
            }
            let own_level = home.and_then(|h| atlas.unit(h)).is_none_or(|u| u.level == target.level);
            if reading.how == crate::plan::How::All && !own_level {
                say(
                    "reading_all_level",
                    spot,
                    "how",
                    "“Đạt mọi chỉ tiêu” chỉ dùng cho mục tiêu của chính đơn vị có kế hoạch.".into(),
                    "“Every one of the measures” is for a target of the plan's own unit only.".into(),
                );
            }
            for code in reading.codes().filter(|c| catalog.coded(c).is_none() && !may_come(c)) {
                say("unknown_measure", spot, "measures", format!("Không có chỉ tiêu mang mã {code}."), format!("There is no measure {code}."));
            }
            for code in reading.groups.iter().chain(&reading.but_groups).filter(|c| !atlas.groups().iter().any(|g| g.code == **c)) {
                say("unknown_group", spot, "groups", format!("Không có nhóm mang mã {code}."), format!("There is no group {code}."));
            }
            if reading.needs.is_some_and(|n| n < Decimal::ZERO) || reading.at_least.is_some_and(|n| n < Decimal::ZERO) {
                say("value_out_of_range", spot, "needs", "Không nhận số âm.".into(), "Negative numbers are not taken.".into());
            }
        }
    }
    for (nth, claim) in def.claim.iter().enumerate() {
        if claim.source.trim().is_empty() {
            say("claim_without_source", Spot::Claim(nth), "source", "Số công bố phải có nguồn.".into(), "A claim needs its source.".into());
        }
        if let Some(code) = claim.measure.as_ref().filter(|c| catalog.coded(c).is_none() && !may_come(c)) {
            say("unknown_measure", Spot::Claim(nth), "measure", format!("Không có chỉ tiêu mang mã {code}."), format!("There is no measure {code}."));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TEXT: &str = "# x\n[plan]\ncode = \"a\"\nparent = \"b\"\n\n[[target]]\ncode = \"G1\"\n\n[[target.reading]]\ncode = \"r\"\nmeasures = [\"m\"]\n\n[[target]]\nvalue = \"7\"\n\n[[claim]]\nsource = \"\"\n";

    #[test]
    fn the_line_of_a_field() {
        assert_eq!(line_of(TEXT, Spot::Plan, "parent"), 4);
        assert_eq!(line_of(TEXT, Spot::Target(0), "code"), 7);
        assert_eq!(line_of(TEXT, Spot::Target(0), "value"), 6);
        assert_eq!(line_of(TEXT, Spot::Reading(0, 0), "measures"), 11);
        assert_eq!(line_of(TEXT, Spot::Target(1), "value"), 14);
        assert_eq!(line_of(TEXT, Spot::Claim(0), "source"), 17);
        assert_eq!(read_toml("[plan]\ncode = \"a\"\nbroken").unwrap_err().line, Some(3));
    }

    proptest! {
        #[test]
        fn any_text_is_refused_or_read_without_harm(text in any::<String>(), n in 0usize..4, m in 0usize..4) {
            let line = line_of(&text, Spot::Reading(n, m), "measures");
            prop_assert!(line >= 1 && line <= text.lines().count().max(1));
            if let Err(wrong) = read_toml(&text) {
                prop_assert!(wrong.line.is_some_and(|l| l >= 1));
            }
        }
    }
}
