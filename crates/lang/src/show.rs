//! Numbers, dates and periods as they are written in Vietnamese (and English) pages and documents.

use jiff::civil::Date;
use rust_decimal::{Decimal, RoundingStrategy};

/// `1234.5` with 1 decimal as `1.234,5`; rounds half away from zero.
pub fn number(value: Decimal, decimals: u32) -> String {
    grouped(value, decimals, '.', ',')
}

/// The English form: `1,234.5`.
pub fn number_en(value: Decimal, decimals: u32) -> String {
    grouped(value, decimals, ',', '.')
}

/// The number with just the decimals it has (trailing zeros dropped), at most `most`: `12,5`, `12`.
pub fn number_upto(value: Decimal, most: u32) -> String {
    number(value, value.round_dp_with_strategy(most, HALF_UP).normalize().scale())
}

/// The English form of [`number_upto`].
pub fn number_upto_en(value: Decimal, most: u32) -> String {
    number_en(value, value.round_dp_with_strategy(most, HALF_UP).normalize().scale())
}

/// A percentage given in hundredths (`85.25` means 85.25 %): `85,3%`.
pub fn percent(value: Decimal, decimals: u32) -> String {
    number(value, decimals) + "%"
}

/// The English form of [`percent`]: `85.3%`.
pub fn percent_en(value: Decimal, decimals: u32) -> String {
    number_en(value, decimals) + "%"
}

/// `05/02/2026`.
pub fn short_date(date: Date) -> String {
    format!("{:02}/{:02}/{:04}", date.day(), date.month(), date.year())
}

/// `ngày 05 tháng 02 năm 2026`: as Decree 30/2020/NĐ-CP asks, a leading zero for days below 10 and months 1 and 2 only.
pub fn long_date(date: Date) -> String {
    let month = date.month();
    let zero = if month < 3 { "0" } else { "" };
    format!("ngày {:02} tháng {zero}{month} năm {}", date.day(), date.year())
}

/// The date line of a document: `Thiệu Trung, ngày 05 tháng 02 năm 2026`.
pub fn date_line(place: &str, date: Date) -> String {
    format!("{place}, {}", long_date(date))
}

/// A quarter 1 to 4 as `I`, `II`, `III`, `IV`; anything else as digits.
pub fn roman_quarter(quarter: u8) -> String {
    match quarter {
        1 => "I".into(),
        2 => "II".into(),
        3 => "III".into(),
        4 => "IV".into(),
        other => other.to_string(),
    }
}

const HALF_UP: RoundingStrategy = RoundingStrategy::MidpointAwayFromZero;

fn grouped(value: Decimal, decimals: u32, group: char, point: char) -> String {
    let rounded = value.round_dp_with_strategy(decimals, HALF_UP);
    let plain = rounded.abs().to_string();
    let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
    let mut out = String::with_capacity(plain.len() + 12);
    if rounded.is_sign_negative() && !rounded.is_zero() {
        out.push('-');
    }
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i) % 3 == 0 {
            out.push(group);
        }
        out.push(digit);
    }
    let decimals = decimals.min(Decimal::MAX_SCALE) as usize;
    if decimals > 0 {
        out.push(point);
        out.push_str(fraction);
        out.extend(std::iter::repeat_n('0', decimals.saturating_sub(fraction.len())));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::{NumberHints, NumberStyle, parse_number};
    use proptest::prelude::*;

    fn d(text: &str) -> Decimal {
        text.parse().unwrap()
    }

    #[test]
    fn writes_numbers() {
        assert_eq!(number(d("1234567.45"), 1), "1.234.567,5");
        assert_eq!(number_en(d("1234567.45"), 1), "1,234,567.5");
        assert_eq!(number(d("-0.4"), 0), "0");
        assert_eq!(number(d("-1234"), 2), "-1.234,00");
        assert_eq!(number(d("123"), 0), "123");
        assert_eq!(number_upto(d("12.500"), 3), "12,5");
        assert_eq!(number_upto(d("1200"), 3), "1.200");
        assert_eq!(percent(d("85.25"), 1), "85,3%");
        assert_eq!(percent_en(d("100"), 0), "100%");
    }

    #[test]
    fn writes_dates() {
        let date = Date::constant(2026, 2, 5);
        assert_eq!(date_line("Thiệu Trung", date), "Thiệu Trung, ngày 05 tháng 02 năm 2026");
        assert_eq!(long_date(Date::constant(2026, 3, 15)), "ngày 15 tháng 3 năm 2026");
        assert_eq!(long_date(Date::constant(2026, 11, 1)), "ngày 01 tháng 11 năm 2026");
        assert_eq!(short_date(date), "05/02/2026");
        assert_eq!(roman_quarter(4), "IV");
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_back(units in any::<i64>(), scale in 0u32..9) {
            let value = Decimal::new(units, scale);
            let vi = NumberHints { style: Some(NumberStyle::Vietnamese), ..NumberHints::default() };
            let en = NumberHints { style: Some(NumberStyle::English), ..NumberHints::default() };
            prop_assert_eq!(parse_number(&number(value, scale), vi).unwrap().value, value);
            prop_assert_eq!(parse_number(&number_en(value, scale), en).unwrap().value, value);
        }

        #[test]
        fn never_panics(lo in any::<u32>(), hi in any::<u32>(), scale in 0u32..29, decimals in any::<u32>()) {
            let value = Decimal::from_parts(lo, hi, lo, false, scale);
            prop_assert!(!number(value, decimals).is_empty());
        }
    }
}
