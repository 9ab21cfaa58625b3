//! What a cell of the form accepts, and the sentence for what it does not.

use rust_decimal::Decimal;
use rust_xlsxwriter::{DataValidation, Formula, XlsxError};

use super::{FIRST_ROW, Fill, KEY_SHEET, NO, Slot, TemplateSpec, YES};
use crate::cell::{Language, column_name};

/// Excel's longest list of words inside a validation, and its longest message.
const MAX_VALIDATION: usize = 255;

/// The rule of a column and its sentence; none where anything may be typed.
pub(super) fn validation(slot: &Slot, index: u16, spec: &TemplateSpec, long_lists: &mut Vec<Vec<String>>) -> Result<Option<DataValidation>, XlsxError> {
    let language = spec.language;
    let words = |own: &[String]| own.iter().chain(&spec.absent).cloned().collect::<Vec<_>>();
    let (rule, message) = match &slot.column.kind {
        Fill::Text => return Ok(None),
        Fill::YesNo => list(words(&[YES.to_owned(), NO.to_owned()]), language, long_lists)?,
        Fill::List(own) => list(words(own), language, long_lists)?,
        Fill::Number { decimals, min, max } => {
            let mut tests = Vec::new();
            tests.extend(min.map(|least| format!("{{}}>={least}")));
            tests.extend(max.map(|most| format!("{{}}<={most}")));
            if *decimals == 0 {
                tests.push("{}=INT({})".to_owned());
            }
            (number_rule(index, &tests, &spec.absent), number_message(*decimals, *min, *max, language))
        }
        Fill::Percent => {
            let mut tests = vec!["{}>=0".to_owned(), "{}=INT({})".to_owned()];
            // An empty N must not refuse n while the row is being typed.
            if slot.of == Some(false) {
                let of = format!("{}{}", column_name(u32::from(index) + 1), FIRST_ROW + 1);
                tests.push(format!("OR(NOT(ISNUMBER({of})),{{}}<={of})"));
            }
            let message = language.pick(
                "Nhập số nguyên không âm; số đạt (n) không được lớn hơn tổng số (N).",
                "Enter a whole number, not negative; the count (n) cannot exceed the total (N).",
            );
            (number_rule(index, &tests, &spec.absent), message.to_owned())
        }
    };
    let absent = if spec.absent.is_empty() {
        String::new()
    } else {
        format!(" {}: {}.", language.pick("Nếu không có số, ghi", "Without a figure write"), spec.absent.join(", "))
    };
    let message: String = format!("{message}{absent}").chars().take(MAX_VALIDATION).collect();
    let title = language.pick("Giá trị chưa hợp lệ", "Value not allowed");
    Ok(Some(rule.set_error_title(title)?.set_error_message(message)?))
}

/// A formula that holds for a number passing all tests (`{}` is the cell) or for one of the absent words.
fn number_rule(index: u16, tests: &[String], absent: &[String]) -> DataValidation {
    let cell = format!("{}{}", column_name(index.into()), FIRST_ROW + 1);
    let tests = tests.iter().map(|test| format!(",{}", test.replace("{}", &cell))).collect::<String>();
    let number = format!("AND(ISNUMBER({cell}){tests})");
    let words = absent.iter().map(|word| format!(",{cell}=\"{}\"", word.replace('"', "\"\""))).collect::<String>();
    let with_words = format!("OR({number}{words})");
    // Excel's limit; without the words the rule would refuse them, so then any text passes.
    let rule = if with_words.encode_utf16().count() <= MAX_VALIDATION { with_words } else { format!("OR({number},ISTEXT({cell}))") };
    DataValidation::new().allow_custom(Formula::new(rule))
}

fn number_message(decimals: u8, min: Option<Decimal>, max: Option<Decimal>, language: Language) -> String {
    let shown = |value: Decimal| lang::show::number_upto(value, 6);
    let what = match decimals {
        0 => language.pick("Nhập số nguyên", "Enter a whole number"),
        _ => language.pick("Nhập số", "Enter a number"),
    };
    let range = match (min, max) {
        (Some(min), Some(max)) => {
            let (from, to) = (language.pick("từ", "from"), language.pick("đến", "to"));
            format!(" {from} {} {to} {}", shown(min), shown(max))
        }
        (Some(min), None) => format!(" {} {}", language.pick("không nhỏ hơn", "not below"), shown(min)),
        (None, Some(max)) => format!(" {} {}", language.pick("không lớn hơn", "not above"), shown(max)),
        (None, None) => String::new(),
    };
    format!("{what}{range}.")
}

fn list(words: Vec<String>, language: Language, long_lists: &mut Vec<Vec<String>>) -> Result<(DataValidation, String), XlsxError> {
    let message = language.pick("Chọn một giá trị trong danh sách.", "Choose one of the list.").to_owned();
    let joined = words.iter().map(|word| word.encode_utf16().count() + word.matches('"').count() + 1).sum::<usize>();
    if joined <= MAX_VALIDATION && !words.iter().any(|word| word.contains(',')) {
        return Ok((DataValidation::new().allow_list_strings(&words)?, message));
    }
    // Long lists stand in the hidden sheet, one column each from D on; equal ones share a column.
    let position = long_lists.iter().position(|known| *known == words).unwrap_or_else(|| {
        long_lists.push(words.clone());
        long_lists.len() - 1
    });
    let column = column_name(u32::try_from(position + 3).unwrap_or(u32::MAX));
    let formula = format!("{KEY_SHEET}!${column}$1:${column}${}", words.len());
    Ok((DataValidation::new().allow_list_formula(Formula::new(formula)), message))
}
