//! A cell of an entry form: its name, how it is read, and how it is shown.

use crate::catalog::Known;
use crate::measure::Kind;
use crate::value::{Value, ValueProblem, unscale};
use lang::number::{NumberHints, NumberProblem, parse_number, parse_yes_no};
use rust_decimal::Decimal;
use ui::Lang;
use uuid::Uuid;

/// The name of a field: unit, measure, and what of it. `v` a value, `n` and `d` the two numbers of a percentage,
/// `r` the word of explanation, `s` the version seen, `w` what the page showed.
pub(super) fn name(unit: Uuid, code: &str, part: &str) -> String {
    format!("{}.{code}.{part}", unit.simple())
}

/// Unit, code and part of a name.
pub(super) fn split(name: &str) -> Option<(Uuid, &str, &str)> {
    let (unit, rest) = name.split_once('.')?;
    let (code, part) = rest.rsplit_once('.')?;
    Some((unit.parse().ok()?, code, part))
}

/// What was typed for one figure.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Typed {
    /// The value, or n.
    pub first: String,
    /// N of a percentage.
    pub second: String,
}

impl Typed {
    pub(super) fn is_empty(&self) -> bool {
        self.first.trim().is_empty() && self.second.trim().is_empty()
    }
}

fn problem(code: &'static str, vi: &str, en: &str) -> ValueProblem {
    ValueProblem::new(code, vi, en)
}

/// Reads what was typed as a value of a measure. A text with two readings is a question, never a guess.
pub(super) fn read(known: &Known, typed: &Typed) -> Result<Value, ValueProblem> {
    let measure = &known.measure;
    let (first, second) = (lang::clean(&typed.first), lang::clean(&typed.second));
    match measure.def.kind {
        Kind::Percent => {
            // "45/60" in one cell is as clear as two cells.
            let (n, of) = match first.split_once('/') {
                Some((n, of)) if second.is_empty() => (n.trim().to_owned(), of.trim().to_owned()),
                _ => (first, second),
            };
            for text in [&n, &of] {
                if let Some(answer) = answer(text) {
                    return Ok(answer);
                }
            }
            if n.is_empty() || of.is_empty() {
                return Err(problem("number.empty", "Cần cả hai số: bao nhiêu, trên tổng số bao nhiêu.", "Both numbers are needed: how many, of how many."));
            }
            let whole = |text: &str| number(text, "", true);
            Value::ratio(measure, whole(&n)?, whole(&of)?)
        }
        Kind::YesNo => match parse_yes_no(&first) {
            Ok(yes) => Value::number(measure, Decimal::from(i64::from(yes))),
            Err(other) => said(other).map_err(|_| problem("value_kind", "Ghi “đạt” hoặc “chưa đạt”.", "Write “đạt” (met) or “chưa đạt” (not met).")),
        },
        Kind::Ordinal => {
            let key = lang::fold(&first);
            if let Some(step) = measure.def.steps.iter().position(|s| lang::fold(s) == key) {
                return Value::number(measure, Decimal::from(step));
            }
            if let Some(answer) = answer(&first) {
                return Ok(answer);
            }
            let steps = measure.def.steps.join(", ");
            match number(&first, "", true) {
                Ok(step) if measure.def.steps.is_empty() => Value::number(measure, step),
                _ => Err(problem("value_kind", &format!("Chọn một trong các mức: {steps}."), &format!("Choose one of: {steps}."))),
            }
        }
        Kind::Text => match answer(&first) {
            Some(answer) => Ok(answer),
            None => Value::words(measure, &first),
        },
        Kind::Count | Kind::Amount => {
            if let Some(answer) = answer(&first) {
                return Ok(answer);
            }
            Value::number(measure, number(&first, &measure.def.unit, measure.def.decimals == 0)?)
        }
    }
}

/// The two answers that are not numbers, as the form offers them.
fn answer(text: &str) -> Option<Value> {
    match lang::fold(text).as_str() {
        "khong ap dung" | "not applicable" => Some(Value::NotApplicable),
        "chua co so lieu" | "chua biet" | "not known" => Some(Value::NotKnown),
        _ => None,
    }
}

fn said(problem: NumberProblem) -> Result<Value, ValueProblem> {
    match problem {
        NumberProblem::NotApplicable => Ok(Value::NotApplicable),
        NumberProblem::NotKnown => Ok(Value::NotKnown),
        other => Err(ValueProblem::new(other.code(), other.vi(), other.en())),
    }
}

fn number(text: &str, unit: &str, whole: bool) -> Result<Decimal, ValueProblem> {
    let found = parse_number(text, NumberHints { unit, whole, style: None }).map_err(|p| match p {
        NumberProblem::NotApplicable => {
            problem("number.not_applicable", "Nếu không áp dụng, ghi đủ “không áp dụng”.", "If it does not apply, write “không áp dụng”.")
        }
        NumberProblem::NotKnown => problem("number.not_known", "Nếu chưa biết, ghi đủ “chưa có số liệu”.", "If it is not known, write “chưa có số liệu”."),
        other => ValueProblem::new(other.code(), other.vi(), other.en()),
    })?;
    if let Some(other) = found.ambiguous {
        let (a, b) = (lang::show::number_upto(found.value, 6), lang::show::number_upto(other.value, 6));
        let (plain_a, plain_b) = (found.value.normalize(), other.value.normalize());
        return Err(ValueProblem::new(
            other.why.code(),
            format!("{} {} hay {}? Viết lại cho rõ, ví dụ {}.", other.why.vi(), plain_a, plain_b, clear(found.value)),
            format!("{} {} or {}? Write it so that it is clear, for example {}.", other.why.en(), a, b, clear(found.value)),
        ));
    }
    if found.percent && unit != "%" {
        return Err(problem("number.wrong_unit", "Nhập số lượng, không nhập tỷ lệ phần trăm.", "Enter how many, not a percentage."));
    }
    Ok(found.value)
}

/// A way to write a number that has one reading only.
fn clear(value: Decimal) -> String {
    if value.fract().is_zero() { format!("{},0", value.normalize()) } else { format!("{}0", lang::show::number_upto(value, 6)) }
}

/// A value as the form shows it.
pub(super) fn show(known: &Known, value: &Value, l: Lang) -> Typed {
    let one = |first: String| Typed { first, second: String::new() };
    let def = &known.measure.def;
    match value {
        Value::NotApplicable => one(l.t("không áp dụng", "not applicable").to_owned()),
        Value::NotKnown => one(l.t("chưa có số liệu", "not known").to_owned()),
        Value::Words(text) => one(text.clone()),
        Value::Ratio { n, of } => Typed { first: l.number(Decimal::from(*n), 0), second: l.number(Decimal::from(*of), 0) },
        Value::Number(n) => match def.kind {
            Kind::YesNo => one(if *n == 0 { l.t("chưa đạt", "no") } else { l.t("đạt", "yes") }.to_owned()),
            Kind::Ordinal => one(usize::try_from(*n).ok().and_then(|i| def.steps.get(i)).cloned().unwrap_or_else(|| n.to_string())),
            _ => {
                let value = unscale(*n, known.measure.scale());
                one(l.t(&lang::show::number(value, def.decimals), &lang::show::number_en(value, def.decimals)).to_owned())
            }
        },
    }
}

/// A value in a sentence: `45/60 = 75%`, `1.234 hộ`, `đạt`.
pub(super) fn said_of(known: &Known, value: &Value, l: Lang) -> String {
    let typed = show(known, value, l);
    let def = &known.measure.def;
    match value {
        Value::Ratio { n, of } => {
            let percent = crate::value::percent(*n, *of, def.decimals).map(|p| format!(" = {}%", l.number(p, def.decimals))).unwrap_or_default();
            format!("{}/{}{percent}", typed.first, typed.second)
        }
        Value::Number(_) if matches!(def.kind, Kind::Count | Kind::Amount) => format!("{} {}", typed.first, def.unit),
        _ => typed.first,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Catalog, Measure, define};
    use proptest::prelude::*;

    fn catalog() -> Catalog {
        let defs = define::shipped_measures().unwrap();
        Catalog::new(defs.into_iter().map(|def| Measure { id: define::measure_id(&def.code), def, retired: false }).collect())
    }

    fn one(first: &str) -> Typed {
        Typed { first: first.to_owned(), second: String::new() }
    }

    #[test]
    fn what_officers_type_is_read_or_asked_about() {
        let all = catalog();
        let known = |code: &str| all.coded(code).unwrap().clone();
        let read = |code: &str, a: &str, b: &str| read(&known(code), &Typed { first: a.into(), second: b.into() }).map_err(|p| p.code);
        assert_eq!(read("so_ho", "1.234", ""), Ok(Value::Number(1234)));
        assert_eq!(read("thu_nhap_dau_nguoi", "52,5", ""), Ok(Value::Number(5250)));
        assert_eq!(read("thu_nhap_dau_nguoi", "1.234", ""), Err("number.ambiguous_separator"));
        assert_eq!(read("ho_so_mang_xa", "45", "60"), Ok(Value::Ratio { n: 45, of: 60 }));
        assert_eq!(read("ho_so_mang_xa", "45/60", ""), Ok(Value::Ratio { n: 45, of: 60 }));
        assert_eq!(read("ho_so_mang_xa", "45", ""), Err("number.empty"));
        assert_eq!(read("ho_so_mang_xa", "75%", "60"), Err("number.wrong_unit"));
        assert_eq!(read("ho_so_mang_xa", "61", "60"), Err("more_than_all"));
        assert_eq!(read("so_ho", "Không áp dụng", ""), Ok(Value::NotApplicable));
        assert_eq!(read("dat_8_4", "chưa đạt", ""), Ok(Value::Number(0)));
        assert_eq!(read("dat_8_4", "x", ""), Ok(Value::Number(1)));
        assert_eq!(read("so_ho", "-", ""), Err("number.not_known_or_zero"));
        assert_eq!(read("so_ho", "999999999", ""), Err("value_out_of_range"));
    }

    proptest! {
        /// What the form shows, it also reads, in both languages.
        #[test]
        fn shown_values_are_read_back(n in 0i64..100_000, extra in 0i64..1000, english in any::<bool>()) {
            let all = catalog();
            let l = if english { Lang::En } else { Lang::Vi };
            for known in all.current() {
                let value = match known.measure.def.kind {
                    Kind::Percent => Value::Ratio { n, of: n + extra },
                    Kind::YesNo => Value::Number(n % 2),
                    Kind::Ordinal => Value::Number(n % i64::try_from(known.measure.def.steps.len().max(1)).unwrap()),
                    Kind::Text => Value::Words(format!("mục {n}")),
                    _ => Value::Number(n),
                };
                match read(known, &show(known, &value, l)) {
                    Ok(back) => prop_assert_eq!(back, value),
                    Err(p) => prop_assert_eq!(p.code, "value_out_of_range"),
                }
            }
            for value in [Value::NotApplicable, Value::NotKnown] {
                let known = all.coded("so_ho").unwrap();
                prop_assert_eq!(read(known, &show(known, &value, l)).unwrap(), value);
            }
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,30}", second in ".{0,10}") {
            let all = catalog();
            for known in all.current() {
                let _ = read(known, &one(&text));
                let _ = read(known, &Typed { first: text.clone(), second: second.clone() });
            }
            let _ = split(&text);
        }
    }

    #[test]
    fn names_come_apart_again() {
        let unit = Uuid::from_u128(7);
        assert_eq!(split(&name(unit, "so_ho", "v")), Some((unit, "so_ho", "v")));
    }
}
