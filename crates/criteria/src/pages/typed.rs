//! What people type into a scorecard.

use crate::model::{Given, Indicator, Kind};
use lang::NumberHints;
use rust_decimal::prelude::ToPrimitive as _;
use ui::AppError;

fn wrong(code: &str, vi: &str, en: &str) -> AppError {
    AppError::new("value_kind", 422).say(format!("Chỉ tiêu {code}: {vi}"), format!("Indicator {code}: {en}")).at(code.to_owned())
}

/// Reads a value: `85/100`, `85%`, `12,5`, `yes`, `no`, `na`; nothing for an empty box.
///
/// # Errors
/// 422 `value_kind` at the indicator.
pub(crate) fn value(i: &Indicator, text: &str) -> Result<Option<Given>, AppError> {
    let text = lang::clean(text);
    let code = i.code.as_str();
    match text.as_str() {
        "" => return Ok(None),
        "na" => return Ok(Some(Given::NotApplicable)),
        "yes" => return Ok(Some(Given::Answer { yes: true })),
        "no" => return Ok(Some(Given::Answer { yes: false })),
        _ => {}
    }
    let number = |text: &str, whole| lang::parse_number(text, NumberHints { whole, ..NumberHints::default() }).map(|n| n.value);
    match i.kind {
        Kind::YesNo | Kind::Reference | Kind::Text | Kind::Composite => lang::parse_yes_no(&text).map(|yes| Some(Given::Answer { yes })).or_else(|_| {
            if i.kind == Kind::Text {
                Ok(Some(Given::Words { text: text.chars().take(500).collect() }))
            } else {
                Err(wrong(code, "chọn đạt hoặc chưa đạt.", "choose yes or no."))
            }
        }),
        kind if kind.is_share() && text.contains('/') => {
            let (n, of) = text.split_once('/').unwrap_or_default();
            let both = number(n, true).ok().and_then(|n| n.to_i64()).zip(number(of, true).ok().and_then(|n| n.to_i64()));
            match both {
                Some((n, of)) if n >= 0 && of > 0 && n <= of => Ok(Some(Given::Ratio { n, of })),
                Some((n, of)) if n > of => Err(wrong(code, "phần lớn hơn toàn bộ.", "the part is more than the whole.")),
                _ => Err(wrong(code, "viết như 85/100.", "write it as 85/100.")),
            }
        }
        kind => {
            let value = number(text.trim_end_matches('%'), false)
                .map_err(|_| wrong(code, "không đọc được số; viết như 12,5.", "the number cannot be read; write it as 12,5."))?;
            if kind.is_share() && !(rust_decimal::Decimal::ZERO..=rust_decimal::Decimal::ONE_HUNDRED).contains(&value) {
                return Err(wrong(code, "tỷ lệ từ 0 đến 100%.", "a percentage lies between 0 and 100."));
            }
            if kind == Kind::Choice && value.to_usize().is_none_or(|at| at >= i.options.len()) {
                return Err(wrong(code, "chọn một mức trong danh sách.", "choose one of the list."));
            }
            Ok(Some(Given::Number { value }))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn values_as_people_write_them() {
        let percent = Indicator::new("1.1", "x", Kind::Percent);
        assert_eq!(value(&percent, " 85/100 ").unwrap(), Some(Given::Ratio { n: 85, of: 100 }));
        assert_eq!(value(&percent, "1.200/2.400").unwrap(), Some(Given::Ratio { n: 1200, of: 2400 }));
        assert_eq!(value(&percent, "16,5%").unwrap(), Some(Given::Number { value: "16.5".parse().unwrap() }));
        assert_eq!(value(&percent, "").unwrap(), None);
        for text in ["120", "5/4", "x/3", "3/0", "bao nhiêu"] {
            assert_eq!(value(&percent, text).unwrap_err().code, "value_kind", "{text}");
        }
        let answer = Indicator::new("1.2", "x", Kind::YesNo);
        assert_eq!(value(&answer, "Đạt").unwrap(), Some(Given::Answer { yes: true }));
        assert_eq!(value(&answer, "chưa đạt").unwrap(), Some(Given::Answer { yes: false }));
        assert!(value(&answer, "12").is_err());
    }

    proptest! {
        #[test]
        fn what_is_shown_in_the_box_reads_back(n in 0i64..5000, of in 1i64..5000, cents in 0i64..10_000) {
            let percent = Indicator::new("1", "x", Kind::Percent);
            for given in [Given::Ratio { n: n.min(of), of }, Given::Number { value: rust_decimal::Decimal::new(cents, 2) }] {
                let text = super::super::words::in_box(Some(&given), Kind::Percent);
                let again = value(&percent, &text).unwrap().unwrap();
                prop_assert_eq!(again.number(), given.number());
            }
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,30}", kind in 0..Kind::ALL.len()) {
            let _ = value(&Indicator::new("1", "x", Kind::ALL[kind]), &text);
        }
    }
}
