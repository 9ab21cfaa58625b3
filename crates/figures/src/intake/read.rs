//! What one cell says under a measure.

use super::book::{Cell, Datum, decimal};
use crate::measure::{Kind, Measure};
use lang::number::Ambiguity;
use lang::{NumberHints, NumberProblem, NumberStyle};
use rust_decimal::Decimal;

/// A value as far as one cell can say it.
#[derive(Clone, Debug, PartialEq)]
pub enum Scalar {
    /// A number; yes is 1; a step of a scale counts from 0.
    Number(Decimal),
    /// Words.
    Words(String),
    /// Does not apply here.
    NotApplicable,
    /// Not known.
    NotKnown,
}

/// Why a cell gave no value. The word before the point in an ask names the question that settles it for the whole column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Stable code.
    pub code: &'static str,
    /// Vietnamese sentence with the way out.
    pub vi: String,
    /// English.
    pub en: String,
    /// A question that settles it.
    pub ask: Option<Ask>,
}

/// Questions that one answer settles for a whole column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ask {
    /// Does `1.234` group thousands?
    Style,
    /// Which sào, which công?
    Local,
    /// Does "-" mean zero?
    Dash,
    /// Is this text in an old encoding?
    Legacy,
}

impl Ask {
    /// The word in answers.
    pub fn word(self) -> &'static str {
        match self {
            Ask::Style => "style",
            Ask::Local => "local",
            Ask::Dash => "dash",
            Ask::Legacy => "legacy",
        }
    }
}

/// How a column is to be read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Habits {
    /// Which mark groups thousands, seen in the column or answered.
    pub style: Option<NumberStyle>,
    /// `true` for the other customary size of sào and công.
    pub local: Option<bool>,
    /// What "-" means; none inside for "leave it out".
    pub dash: Option<Option<Scalar>>,
    /// Whether texts that look like an old encoding are decoded.
    pub legacy: Option<bool>,
    /// Unit of measure written in the heading; empty for the measure's own.
    pub unit: String,
}

fn fault(code: &'static str, vi: impl Into<String>, en: impl Into<String>) -> Fault {
    Fault { code, vi: vi.into(), en: en.into(), ask: None }
}

/// Reads a cell; none for one that says nothing.
///
/// # Errors
/// A [`Fault`].
pub fn read(cell: &Cell, measure: &Measure, habits: &Habits) -> Result<Option<Scalar>, Fault> {
    let def = &measure.def;
    if cell.datum == Datum::Error {
        return Err(fault(
            "cell_error",
            "Công thức trong ô bị lỗi. Hãy sửa công thức hoặc ghi thẳng số.",
            "The formula in this cell fails. Mend it or write the number.",
        ));
    }
    if def.kind == Kind::Text {
        return words(cell, habits);
    }
    match &cell.datum {
        Datum::Number(n, percent) => {
            let Some(mut value) = decimal(*n) else {
                return Err(fault("number.too_big", NumberProblem::TooBig.vi(), NumberProblem::TooBig.en()));
            };
            if *percent && def.unit == "%" {
                value = (value * Decimal::ONE_HUNDRED).normalize();
            } else if !habits.unit.is_empty() {
                return text(&format!("{} {}", lang::show::number_upto(value, 10), habits.unit), measure, habits);
            }
            Ok(Some(Scalar::Number(value)))
        }
        Datum::Yes(yes) if def.kind == Kind::YesNo => Ok(Some(Scalar::Number(Decimal::from(u8::from(*yes))))),
        Datum::Yes(_) => Err(fault("number.not_a_number", NumberProblem::NotANumber.vi(), NumberProblem::NotANumber.en())),
        Datum::Day(day) => {
            let day = lang::show::short_date(*day);
            Err(fault(
                "cell_is_date",
                format!("Ô này đang là ngày {day}. Hãy định dạng lại ô thành Số rồi ghi lại giá trị."),
                format!("This cell holds the date {day}. Format it as a number and write the value again."),
            ))
        }
        Datum::Text(_) => match cell.text(true) {
            // A bare number is in the unit of its heading.
            bare if bare.ends_with(|c: char| c.is_ascii_digit()) && !habits.unit.is_empty() => text(&format!("{bare} {}", habits.unit), measure, habits),
            written => text(&written, measure, habits),
        },
        Datum::Error => Ok(None),
    }
}

fn words(cell: &Cell, habits: &Habits) -> Result<Option<Scalar>, Fault> {
    let guess = cell.font.is_none().then(|| cell.legacy()).flatten();
    if let (Some((raw, decoded, _)), None) = (&guess, habits.legacy) {
        return Err(Fault {
            ask: Some(Ask::Legacy),
            ..fault(
                "legacy_text",
                format!("Chữ “{raw}” có vẻ gõ bằng phông cũ. Có phải là “{decoded}” không? Trả lời trên trang, hoặc gõ lại bằng Unicode."),
                format!("“{raw}” looks like an old encoding. Is it “{decoded}”? Answer on the page or type it again in Unicode."),
            )
        });
    }
    let text = cell.text(habits.legacy.unwrap_or(false));
    Ok((!text.is_empty()).then(|| absent(&text).unwrap_or(Scalar::Words(text))))
}

/// The two words of the form that stand for a value everywhere.
fn absent(text: &str) -> Option<Scalar> {
    match lang::fold(text).as_str() {
        "khong ap dung" | "not applicable" => Some(Scalar::NotApplicable),
        "chua co so lieu" | "not known" => Some(Scalar::NotKnown),
        _ => None,
    }
}

fn text(text: &str, measure: &Measure, habits: &Habits) -> Result<Option<Scalar>, Fault> {
    let def = &measure.def;
    if text.is_empty() {
        return Ok(None);
    }
    if let Some(value) = absent(text) {
        return Ok(Some(value));
    }
    if def.kind == Kind::YesNo {
        return match lang::parse_yes_no(text) {
            Ok(yes) => Ok(Some(Scalar::Number(Decimal::from(u8::from(yes))))),
            Err(NumberProblem::NotANumber) => Err(fault("yes_or_no", "Chỉ ghi “Đạt” hoặc “Chưa đạt”.", "Write “Đạt” (yes) or “Chưa đạt” (no).")),
            Err(problem) => settle(problem, habits),
        };
    }
    if def.kind == Kind::Ordinal
        && let Some(step) = def.steps.iter().position(|s| lang::fold(s) == lang::fold(text))
    {
        return Ok(Some(Scalar::Number(Decimal::from(step))));
    }
    let whole = matches!(def.kind, Kind::Count | Kind::Percent | Kind::Ordinal);
    // n and N of a share are counts; the unit "%" is that of the share.
    let unit = if def.kind == Kind::Percent { "" } else { def.unit.as_str() };
    match lang::parse_number(text, NumberHints { unit, whole, style: habits.style }) {
        Ok(number) if number.percent && def.kind == Kind::Percent => Err(fault(
            "share_needs_parts",
            "Chỉ tiêu này cần hai số: số đạt (n) và tổng số (N), không ghi phần trăm.",
            "This measure takes two numbers, n and N, not a percentage.",
        )),
        Ok(number) => match number.ambiguous {
            None => Ok(Some(Scalar::Number(number.value))),
            Some(other) => match (other.why, habits.local) {
                (Ambiguity::LocalUnit, Some(second)) => Ok(Some(Scalar::Number(if second { other.value } else { number.value }))),
                (why, _) => Err(Fault {
                    ask: Some(if why == Ambiguity::Separator { Ask::Style } else { Ask::Local }),
                    ..fault(
                        why.code(),
                        format!("{} “{text}” là {} hay {}?", why.vi(), lang::show::number_upto(number.value, 6), lang::show::number_upto(other.value, 6)),
                        format!("{} Is “{text}” {} or {}?", why.en(), number.value, other.value),
                    )
                }),
            },
        },
        Err(problem) => settle(problem, habits),
    }
}

fn settle(problem: NumberProblem, habits: &Habits) -> Result<Option<Scalar>, Fault> {
    match problem {
        NumberProblem::Empty => Ok(None),
        NumberProblem::NotKnown => Ok(Some(Scalar::NotKnown)),
        NumberProblem::NotApplicable => Ok(Some(Scalar::NotApplicable)),
        NumberProblem::NotKnownOrZero if habits.dash.is_some() => Ok(habits.dash.clone().flatten()),
        problem => {
            let ask = (problem == NumberProblem::NotKnownOrZero).then_some(Ask::Dash);
            Err(Fault { ask, ..fault(problem.code(), problem.vi(), problem.en()) })
        }
    }
}

/// Whether a unit of measure can be changed into that of a measure.
pub fn fits(unit: &str, measure: &Measure) -> bool {
    let hints = NumberHints { unit: &measure.def.unit, whole: false, style: None };
    lang::Unit::parse(unit).is_some() && lang::Unit::parse(&measure.def.unit).is_some() && lang::parse_number(&format!("1 {unit}"), hints).is_ok()
}

/// Which way a text shows that its column writes numbers; none when it could be either.
pub fn style_of(text: &str) -> Option<NumberStyle> {
    let digits: &str = text.trim().trim_start_matches(['-', '(', '+']).split(|c: char| !(c.is_ascii_digit() || c == '.' || c == ',')).next()?;
    if !digits.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let decimal_is = |mark| if mark == ',' { NumberStyle::Vietnamese } else { NumberStyle::English };
    let grouping_is = |mark| if mark == '.' { NumberStyle::Vietnamese } else { NumberStyle::English };
    let marks: Vec<char> = digits.chars().filter(|c| !c.is_ascii_digit()).collect();
    let (last, before) = marks.split_last()?;
    let behind = digits.rsplit(['.', ',']).next().map_or(0, str::len);
    match before.first() {
        None if behind == 3 && !digits.starts_with('0') => None,
        None => Some(decimal_is(*last)),
        Some(first) if first == last => Some(grouping_is(*last)),
        Some(_) => Some(decimal_is(*last)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_shows_its_style() {
        use NumberStyle::{English, Vietnamese};
        for (text, style) in [
            ("1.234,5", Some(Vietnamese)),
            ("1,234.5", Some(English)),
            ("1.234", None),
            ("1,234", None),
            ("12,5", Some(Vietnamese)),
            ("12.5 ha", Some(English)),
            ("1.234.567", Some(Vietnamese)),
            ("1,234,567", Some(English)),
            ("0.125", Some(English)),
            ("x", None),
            ("", None),
            ("1234", None),
        ] {
            assert_eq!(style_of(text), style, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in proptest::prelude::any::<String>()) {
            let _ = style_of(&text);
        }
    }
}
