//! Values: exact numbers, n of N, words, and two ways of having none.

use crate::measure::{Kind, Measure};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

/// A value as a ledger line keeps it. Numbers are whole, scaled by [`Measure::scale`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A number; yes is 1 and no is 0; a step of a scale counts from 0.
    Number(i64),
    /// n of N.
    Ratio {
        /// How many.
        n: i64,
        /// Of how many.
        of: i64,
    },
    /// Words.
    Words(String),
    /// Not applicable here.
    NotApplicable,
    /// Not known.
    NotKnown,
}

/// Largest absolute stored number: the sum over a nation of 15,000 places still fits.
pub const LARGEST: i64 = 100_000_000_000_000;

/// Why a value was refused. Codes are stable; see `docs/errors.md`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValueProblem {
    /// Stable code.
    pub code: &'static str,
    /// Vietnamese.
    pub vi: String,
    /// English.
    pub en: String,
}

impl ValueProblem {
    /// A problem with its two sentences.
    pub fn new(code: &'static str, vi: impl Into<String>, en: impl Into<String>) -> ValueProblem {
        ValueProblem { code, vi: vi.into(), en: en.into() }
    }
}

/// The stored whole number as a decimal.
pub fn unscale(number: i64, scale: u32) -> Decimal {
    Decimal::try_new(number, scale).unwrap_or_default()
}

/// A decimal as a stored whole number; none if it has more digits than the scale or is too large.
pub fn scale(value: Decimal, scale: u32) -> Option<i64> {
    let factor = Decimal::from(10_i64.checked_pow(scale)?);
    let scaled = value.checked_mul(factor)?;
    if scaled.fract() != Decimal::ZERO {
        return None;
    }
    scaled.to_i64().filter(|n| n.abs() <= LARGEST)
}

impl Value {
    /// A number checked against its measure: range, digits, kind.
    ///
    /// # Errors
    /// [`ValueProblem`] with code `value_out_of_range`, `too_many_decimals`, `value_kind`.
    pub fn number(measure: &Measure, value: Decimal) -> Result<Value, ValueProblem> {
        let def = &measure.def;
        if matches!(def.kind, Kind::Percent | Kind::Text) {
            return Err(ValueProblem::new(
                "value_kind",
                "Chỉ tiêu này cần n và N, hoặc chữ, không phải một số.",
                "This measure takes n of N, or words, not one number.",
            ));
        }
        if def.kind == Kind::YesNo && value != Decimal::ZERO && value != Decimal::ONE {
            return Err(ValueProblem::new("value_kind", "Chỉ tiêu này chỉ nhận Đạt hoặc Chưa đạt.", "This measure takes only yes or no."));
        }
        if def.kind == Kind::Ordinal && !def.steps.is_empty() && value >= Decimal::from(def.steps.len()) {
            return Err(range(measure, value));
        }
        if def.min.is_some_and(|min| value < min) || def.max.is_some_and(|max| value > max) {
            return Err(range(measure, value));
        }
        match scale(value, measure.scale()) {
            Some(number) => Ok(Value::Number(number)),
            None if value.abs() > Decimal::from(LARGEST) => Err(range(measure, value)),
            None => Err(ValueProblem::new(
                "too_many_decimals",
                format!("Chỉ nhận tối đa {} chữ số sau dấu phẩy.", def.decimals),
                format!("At most {} decimals.", def.decimals),
            )),
        }
    }

    /// n of N checked: whole, not negative, n not above N.
    ///
    /// # Errors
    /// [`ValueProblem`] with code `value_kind`, `value_out_of_range`, `more_than_all`, `too_many_decimals`.
    pub fn ratio(measure: &Measure, n: Decimal, of: Decimal) -> Result<Value, ValueProblem> {
        if measure.def.kind != Kind::Percent {
            return Err(ValueProblem::new("value_kind", "Chỉ tiêu này nhận một giá trị, không nhận n/N.", "This measure takes one value, not n of N."));
        }
        if n < Decimal::ZERO || of < Decimal::ZERO {
            return Err(range(measure, n.min(of)));
        }
        if n > of {
            return Err(ValueProblem::new(
                "more_than_all",
                format!("Có {n} trong tổng số {of}: phần lớn hơn toàn bộ."),
                format!("{n} of {of}: the part is more than the whole."),
            ));
        }
        match (scale(n, 0), scale(of, 0)) {
            (Some(n), Some(of)) => Ok(Value::Ratio { n, of }),
            _ => Err(ValueProblem::new("too_many_decimals", "n và N là số nguyên.", "n and N are whole numbers.")),
        }
    }

    /// Words, cleaned; at most 2,000 characters.
    ///
    /// # Errors
    /// [`ValueProblem`] with code `value_kind`, `text_too_long`.
    pub fn words(measure: &Measure, text: &str) -> Result<Value, ValueProblem> {
        if measure.def.kind != Kind::Text {
            return Err(ValueProblem::new("value_kind", "Chỉ tiêu này cần số, không nhận chữ.", "This measure takes a number, not words."));
        }
        let text = lang::clean(text);
        if text.chars().count() > 2_000 {
            return Err(ValueProblem::new("text_too_long", "Tối đa 2.000 ký tự.", "At most 2,000 characters."));
        }
        Ok(Value::Words(text))
    }

    /// The number shown for one unit, as a decimal: the number itself, or n ÷ N × 100 rounded.
    pub fn shown(&self, measure: &Measure) -> Option<Decimal> {
        match self {
            Value::Number(n) => Some(unscale(*n, measure.scale())),
            Value::Ratio { n, of } => percent(*n, *of, measure.def.decimals),
            _ => None,
        }
    }
}

/// n ÷ N × 100, rounded half away from zero; none when N is zero.
pub fn percent(n: i64, of: i64, decimals: u32) -> Option<Decimal> {
    let share = (Decimal::from(n) * Decimal::ONE_HUNDRED).checked_div(Decimal::from(of))?;
    Some(share.round_dp_with_strategy(decimals, rust_decimal::RoundingStrategy::MidpointAwayFromZero))
}

fn range(measure: &Measure, value: Decimal) -> ValueProblem {
    let (min, max) = (measure.def.min, measure.def.max);
    let text = |d: Option<Decimal>, none: &str| d.map_or(none.to_owned(), |d| lang::show::number_upto(d, 6));
    ValueProblem::new(
        "value_out_of_range",
        format!("Giá trị {} nằm ngoài khoảng từ {} đến {}.", lang::show::number_upto(value, 6), text(min, "…"), text(max, "…")),
        format!("{value} is outside {} … {}.", min.map_or("…".to_owned(), |d| d.to_string()), max.map_or("…".to_owned(), |d| d.to_string())),
    )
}
