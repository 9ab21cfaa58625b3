//! One value of a table, and how it is written for people.

use jiff::civil::Date;
use lang::show;
use rust_decimal::Decimal;

/// The tongue of the words this crate adds itself (sheet names, error texts, page footers).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// Tiếng Việt
    #[default]
    Vi,
    /// English
    En,
}

impl Language {
    /// The Vietnamese or the English of two sentences.
    pub fn pick<'a>(self, vi: &'a str, en: &'a str) -> &'a str {
        match self {
            Language::Vi => vi,
            Language::En => en,
        }
    }
}

/// A value of a table or of a form.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Cell {
    /// Nothing: not zero.
    #[default]
    Empty,
    /// Text, never evaluated, whatever it begins with.
    Text(String),
    /// An exact number. A percentage is the number before the sign: `45.2` is 45,2 %.
    Number(Decimal),
    /// A whole number.
    Int(i64),
    /// A calendar day.
    Date(Date),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Cell {
        Cell::Text(text.to_owned())
    }
}

impl Cell {
    /// The number in it, where it holds one.
    pub fn number(&self) -> Option<Decimal> {
        match self {
            Cell::Number(value) => Some(*value),
            Cell::Int(value) => Some(Decimal::from(*value)),
            _ => None,
        }
    }

    /// Text for people with `decimals` digits after the comma: `1.234,5`, `05/02/2026`.
    pub fn shown(&self, decimals: u32) -> String {
        match self {
            Cell::Empty => String::new(),
            Cell::Text(text) => text.clone(),
            Cell::Number(value) => show::number(*value, decimals),
            Cell::Int(value) => show::number(Decimal::from(*value), 0),
            Cell::Date(date) => show::short_date(*date),
        }
    }
}

/// The nearest float, which is all a spreadsheet can keep (15 digits).
pub(crate) fn float(value: Decimal) -> f64 {
    value.to_string().parse().unwrap_or(0.0)
}

/// The letters of a column counted from 0: `A`, `Z`, `AA`.
pub(crate) fn column_name(column: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = u64::from(column) + 1;
    while rest > 0 {
        rest -= 1;
        letters.push(char::from(b'A' + u8::try_from(rest % 26).unwrap_or(0)));
        rest /= 26;
    }
    letters.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn values_are_shown_as_in_vietnam() {
        assert_eq!(Cell::Number("1234567.45".parse().unwrap()).shown(1), "1.234.567,5");
        assert_eq!(Cell::Int(-1234).shown(2), "-1.234");
        assert_eq!(Cell::Date(jiff::civil::date(2026, 2, 5)).shown(0), "05/02/2026");
    }

    proptest! {
        #[test]
        fn the_float_is_the_nearest(units in -999_999_999_999_999i64..=999_999_999_999_999, scale in 0u32..10) {
            let value = Decimal::new(units, scale);
            let back: Decimal = format!("{:.*}", scale as usize, float(value)).parse().unwrap();
            prop_assert_eq!(back, value);
        }
    }
}
