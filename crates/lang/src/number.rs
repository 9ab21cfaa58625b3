//! Numbers, and answers given instead of numbers, as officers type them into cells.

use rust_decimal::Decimal;

use crate::clean::clean;
use crate::fold::fold;
use crate::unit::{Quantity, Unit};

/// Which mark groups thousands: `1.234,5` or `1,234.5`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberStyle {
    Vietnamese,
    English,
}

/// What the caller knows about the cell; `Default` knows nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct NumberHints<'a> {
    /// The measure's own unit as its definition writes it ("triệu đồng", "ha", "%", "hộ"); empty if unknown.
    pub unit: &'a str,
    /// The measure counts whole things, so `1.234` and `1,234` are both 1234.
    pub whole: bool,
    /// How the rest of the column writes numbers.
    pub style: Option<NumberStyle>,
}

/// A number read from text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParsedNumber {
    /// Exact; in the measure's unit if the hint named one, else as written.
    pub value: Decimal,
    /// A percent sign was written; the value is still in hundredths (`85%` is 85).
    pub percent: bool,
    /// The unit written beside the number, if it is another than the measure's own. Without a hint the value is not
    /// converted and `unit.other` may hold a second size to ask about.
    pub unit: Option<Unit>,
    /// A second reading: ask before using either.
    pub ambiguous: Option<Alternative>,
}

/// The other way to read the same text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alternative {
    pub value: Decimal,
    pub why: Ambiguity,
}

/// Why a number has two readings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ambiguity {
    /// `1.234` may group thousands or be a decimal.
    Separator,
    /// sào, mẫu and công differ by region.
    LocalUnit,
}

impl Ambiguity {
    /// The stable code.
    pub fn code(self) -> &'static str {
        match self {
            Ambiguity::Separator => "number.ambiguous_separator",
            Ambiguity::LocalUnit => "number.ambiguous_local_unit",
        }
    }

    /// The question in Vietnamese.
    pub fn vi(self) -> &'static str {
        match self {
            Ambiguity::Separator => "Dấu chấm hoặc phẩy trong số này là ngăn hàng nghìn hay phần thập phân?",
            Ambiguity::LocalUnit => "Sào, mẫu, công mỗi vùng một khác; số này theo cách đo nào?",
        }
    }

    /// The question in English.
    pub fn en(self) -> &'static str {
        match self {
            Ambiguity::Separator => "Does the point or comma in this number group thousands or start the decimals?",
            Ambiguity::LocalUnit => "Sào, mẫu and công differ by region; which size is meant?",
        }
    }
}

/// Why a text gave no number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NumberProblem {
    Empty,
    /// "-", "—", "không có": nothing there, or not known? Ask.
    NotKnownOrZero,
    /// "chưa có số liệu", "không rõ".
    NotKnown,
    /// "x", "KAD", "không áp dụng".
    NotApplicable,
    NotANumber,
    /// Groups of digits that fit neither style, like `1.23.456`.
    Malformed,
    UnknownUnit(String),
    /// A real unit, of another quantity than the measure's.
    WrongUnit(String),
    /// More digits than an exact decimal (28 digits) holds.
    TooBig,
}

impl NumberProblem {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "number.empty",
            Self::NotKnownOrZero => "number.not_known_or_zero",
            Self::NotKnown => "number.not_known",
            Self::NotApplicable => "number.not_applicable",
            Self::NotANumber => "number.not_a_number",
            Self::Malformed => "number.malformed",
            Self::UnknownUnit(_) => "number.unknown_unit",
            Self::WrongUnit(_) => "number.wrong_unit",
            Self::TooBig => "number.too_big",
        }
    }

    /// The sentence in Vietnamese, with the way out.
    pub fn vi(&self) -> String {
        match self {
            Self::Empty => "Ô này để trống.".into(),
            Self::NotKnownOrZero => "Ô này nghĩa là bằng 0 hay chưa biết? Ghi 0, hoặc ghi “chưa có số liệu”.".into(),
            Self::NotKnown => "Chưa có số liệu.".into(),
            Self::NotApplicable => "Không áp dụng.".into(),
            Self::NotANumber => "Đây không phải là số. Viết số như 1.234,5.".into(),
            Self::Malformed => "Dấu chấm, phẩy trong số đặt chưa đúng. Viết như 1.234,5.".into(),
            Self::UnknownUnit(unit) => {
                format!("Không rõ đơn vị “{unit}”. Chỉ ghi số, theo đơn vị của chỉ tiêu.")
            }
            Self::WrongUnit(unit) => {
                format!("Đơn vị “{unit}” không đổi được sang đơn vị của chỉ tiêu.")
            }
            Self::TooBig => "Số này quá lớn hoặc quá nhiều chữ số.".into(),
        }
    }

    /// The sentence in English.
    pub fn en(&self) -> String {
        match self {
            Self::Empty => "The cell is empty.".into(),
            Self::NotKnownOrZero => "Does this mean zero or not known? Write 0, or “chưa có số liệu”.".into(),
            Self::NotKnown => "Not known.".into(),
            Self::NotApplicable => "Not applicable.".into(),
            Self::NotANumber => "This is not a number. Write it like 1.234,5.".into(),
            Self::Malformed => "The points and commas are misplaced. Write the number like 1.234,5.".into(),
            Self::UnknownUnit(unit) => {
                format!("Unknown unit “{unit}”. Write the number alone, in the measure's unit.")
            }
            Self::WrongUnit(unit) => format!("“{unit}” cannot be converted to the measure's unit."),
            Self::TooBig => "The number is too large or has too many digits.".into(),
        }
    }
}

/// Reads a number as Vietnamese officers write it: `1.234.567,5`, `1,234.5`, `1 234`, `(123)`, `12,5%`, `1,2 tỷ`, `3 sào`.
///
/// # Errors
/// A [`NumberProblem`], which may also be an answer ("chưa có số liệu", "KAD").
pub fn parse_number(text: &str, hints: NumberHints<'_>) -> Result<ParsedNumber, NumberProblem> {
    let text = clean(text);
    if let Some(answer) = answer(&fold(&text)) {
        return Err(answer);
    }
    let (negative, body) = sign(&text);
    if let Some(value) = scientific(body) {
        let value = if negative { -value } else { value };
        return Ok(ParsedNumber { value, percent: false, unit: None, ambiguous: None });
    }
    let end = body.find(|c| !is_number_part(c)).unwrap_or(body.len());
    let (digits, suffix) = body.split_at(end);
    let digits = digits.trim();
    let suffix = suffix.trim();
    if !digits.contains(|c: char| c.is_ascii_digit()) {
        return Err(NumberProblem::NotANumber);
    }
    let (mut value, other) = read_digits(digits, hints)?;
    let mut ambiguous = other.map(|value| Alternative { value, why: Ambiguity::Separator });

    let label = fold(hints.unit);
    let percent = matches!(fold(suffix).as_str(), "%" | "phan tram");
    let written = if percent { None } else { written_unit(suffix, &label)? };
    if percent && !label.is_empty() && label != "%" {
        return Err(NumberProblem::WrongUnit("%".into()));
    }
    if let Some(unit) = written {
        let wrong = || NumberProblem::WrongUnit(suffix.to_owned());
        let (ratio, other_ratio) = if label.is_empty() { (Decimal::ONE, None) } else { ratio(unit, &label).ok_or_else(wrong)? };
        let convert = |v: Decimal, by: Decimal| v.checked_mul(by).map(|v| v.normalize()).ok_or(NumberProblem::TooBig);
        ambiguous = match (ambiguous, other_ratio) {
            (Some(a), _) => Some(Alternative { value: convert(a.value, ratio)?, ..a }),
            (None, Some(by)) => Some(Alternative { value: convert(value, by)?, why: Ambiguity::LocalUnit }),
            (None, None) => None,
        };
        value = convert(value, ratio)?;
    }
    if negative {
        value = -value;
        ambiguous = ambiguous.map(|a| Alternative { value: -a.value, ..a });
    }
    Ok(ParsedNumber { value, percent, unit: written, ambiguous })
}

/// Reads yes or no: "đạt", "có", "x", "1" against "không đạt", "chưa", "0".
///
/// # Errors
/// [`NumberProblem`] for an empty cell, an answer that is neither ("KAD", "không rõ", "-"), or anything else.
pub fn parse_yes_no(text: &str) -> Result<bool, NumberProblem> {
    let key = fold(text);
    match key.trim_end_matches(['.', '!']) {
        "dat" | "da dat" | "co" | "da co" | "x" | "v" | "✓" | "✔" | "☑" | "1" | "yes" | "y" | "true" | "dung" | "roi" | "hoan thanh" | "da hoan thanh" => {
            Ok(true)
        }
        "khong dat" | "chua dat" | "khong" | "khong co" | "chua" | "chua co" | "☐" | "0" | "no" | "n" | "false" | "sai" | "chua hoan thanh" => Ok(false),
        key => Err(answer(key).unwrap_or(NumberProblem::NotANumber)),
    }
}

/// Words that stand in a number's place, by folded text.
fn answer(key: &str) -> Option<NumberProblem> {
    Some(match key.trim_end_matches('.') {
        "" if key.is_empty() => NumberProblem::Empty,
        "-" | "--" | "---" | "/" | "khong" | "khong co" => NumberProblem::NotKnownOrZero,
        "x" | "kad" | "k.a.d" | "khong ap dung" | "n/a" | "na" | "not applicable" => NumberProblem::NotApplicable,
        "chua co so lieu" | "chua co" | "khong ro" | "chua ro" | "chua biet" | "khong biet" | "khong co so lieu" | "?" | "not known" | "unknown" => {
            NumberProblem::NotKnown
        }
        _ => return None,
    })
}

fn is_number_part(c: char) -> bool {
    c.is_ascii_digit() || matches!(c, '.' | ',' | ' ' | '\'' | '’')
}

fn sign(text: &str) -> (bool, &str) {
    if let Some(inner) = text.strip_prefix('(').and_then(|t| t.strip_suffix(')')) {
        return (true, inner.trim());
    }
    if let Some(rest) = text.strip_prefix(['-', '–', '−']) {
        return (true, rest.trim_start());
    }
    (false, text.strip_prefix('+').unwrap_or(text).trim_start())
}

/// `1.2E+09`, as a spreadsheet writes large numbers into CSV.
fn scientific(text: &str) -> Option<Decimal> {
    let (mantissa, exponent) = text.split_once(['e', 'E'])?;
    let plain = |t: &str| !t.is_empty() && t.chars().all(|c| c.is_ascii_digit() || c == '.');
    let digits = exponent.trim_start_matches(['+', '-']);
    if !plain(mantissa) || !plain(digits) || digits.len() > 2 {
        return None;
    }
    Decimal::from_scientific(text).ok()
}

/// The value of digits with separators, and the other reading if there are two.
fn read_digits(text: &str, hints: NumberHints<'_>) -> Result<(Decimal, Option<Decimal>), NumberProblem> {
    let mut runs: Vec<&str> = Vec::new();
    let mut marks: Vec<char> = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| !c.is_ascii_digit()) {
        let (run, tail) = rest.split_at(at);
        let mut tail = tail.chars();
        runs.push(run);
        marks.push(match tail.next() {
            Some('.') => '.',
            Some(',') => ',',
            _ => ' ',
        });
        rest = tail.as_str();
    }
    runs.push(rest);

    let thousands = |runs: &[&str]| match runs {
        [] => false,
        [first, groups @ ..] => (1..=3).contains(&first.len()) && groups.iter().all(|g| g.len() == 3),
    };
    let (whole, fraction) = match runs.split_last() {
        Some((last, whole)) => (whole, *last),
        None => return Err(NumberProblem::NotANumber),
    };
    let as_whole = || exact(&runs.concat(), "");
    let as_decimal = || exact(&whole.concat(), fraction);
    let (last_mark, groups) = match marks.split_last() {
        None => return Ok((as_whole()?, None)),
        Some((last, groups)) => (*last, groups),
    };
    if groups.iter().any(|mark| Some(mark) != groups.first()) {
        return Err(NumberProblem::Malformed);
    }
    match groups.first() {
        // One mark: thousands, decimals, or either.
        None => {
            let first = whole.first().copied().unwrap_or_default();
            let may_group = thousands(&runs) && !(first.starts_with('0'));
            if last_mark == ' ' {
                return if may_group { Ok((as_whole()?, None)) } else { Err(NumberProblem::Malformed) };
            }
            if fraction.is_empty() {
                return Err(NumberProblem::Malformed);
            }
            if !may_group {
                return Ok((as_decimal()?, None));
            }
            let groups_in = |style| (last_mark == '.') == (style == NumberStyle::Vietnamese);
            match (hints.whole, hints.style) {
                (true, _) => Ok((as_whole()?, None)),
                (_, Some(style)) if groups_in(style) => Ok((as_whole()?, None)),
                (_, Some(_)) => Ok((as_decimal()?, None)),
                _ if groups_in(NumberStyle::Vietnamese) => Ok((as_whole()?, Some(as_decimal()?))),
                _ => Ok((as_decimal()?, Some(as_whole()?))),
            }
        }
        Some(&mark) if mark == last_mark && thousands(&runs) => Ok((as_whole()?, None)),
        Some(&mark) if mark != last_mark && last_mark != ' ' && thousands(whole) && !fraction.is_empty() => Ok((as_decimal()?, None)),
        Some(_) => Err(NumberProblem::Malformed),
    }
}

fn exact(whole: &str, fraction: &str) -> Result<Decimal, NumberProblem> {
    let whole = if whole.is_empty() { "0" } else { whole };
    let text = if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") };
    Decimal::from_str_exact(&text).map_err(|_| NumberProblem::TooBig)
}

/// The unit written after the number; the measure's own label ("hộ") counts as none.
fn written_unit(suffix: &str, label: &str) -> Result<Option<Unit>, NumberProblem> {
    let key = fold(suffix);
    let key = key.trim_end_matches('.');
    if key.is_empty() || key == label {
        return Ok(None);
    }
    // "1,2 nghìn hộ" of a measure in hộ.
    let before_label = if label.is_empty() { None } else { key.strip_suffix(label) };
    if let Some(unit) = Unit::parse(key).or_else(|| before_label.and_then(Unit::parse)) {
        return Ok(Some(unit));
    }
    Err(NumberProblem::UnknownUnit(suffix.to_owned()))
}

/// How many of the measure's units one written unit is, by its usual and its other size.
fn ratio(unit: Unit, label: &str) -> Option<(Decimal, Option<Decimal>)> {
    let target = Unit::parse(label).unwrap_or(Unit::ONE);
    let base = match (unit.quantity, target.quantity) {
        (a, b) if a == b => target.factor,
        // "1,2 tỷ" under a measure in triệu đồng is money.
        (Quantity::Count, Quantity::Money) => target.factor,
        // "1,2 nghìn" under a measure in ha is 1200 ha.
        (Quantity::Count, _) => Decimal::ONE,
        _ => return None,
    };
    Some((unit.factor.checked_div(base)?, unit.other.and_then(|other| other.checked_div(base))))
}

#[cfg(test)]
#[path = "number_tests.rs"]
mod tests;
