//! What people fill in, checked against the fields of the procedure.

use super::Fields;
use crate::procedure::{Field, FieldKind, Procedure};
use ui::{AppError, Lang};
use work::Value;

/// The longest text of a field, in characters.
const LONGEST: usize = 4_000;
/// The largest number: whole and far from the edge of what can be counted with.
const LARGEST: i64 = 1_000_000_000_000_000;

impl Field {
    /// Label.
    pub fn title(&self, l: Lang) -> &str {
        l.t(&self.title_vi, &self.title_en)
    }

    /// Reads what was typed; nothing for an empty box.
    ///
    /// # Errors
    /// 422 `field_invalid`, with the field's code as its place.
    pub fn read(&self, text: &str) -> Result<Option<Value>, AppError> {
        let text = lang::clean(text);
        if self.kind == FieldKind::Flag {
            return Ok(Some(Value::Flag(matches!(text.as_str(), "1" | "true" | "on" | "yes"))));
        }
        if text.is_empty() {
            return Ok(None);
        }
        let value = match self.kind {
            FieldKind::Number | FieldKind::Year => {
                let number = lang::parse_number(&text, lang::NumberHints::default()).ok();
                let whole = number.filter(|n| n.value.is_integer()).and_then(|n| i64::try_from(n.value).ok());
                Value::Number(whole.ok_or_else(|| self.refuse("cần một số nguyên.", "it takes a whole number."))?)
            }
            FieldKind::Date => {
                let date = text.parse::<jiff::civil::Date>().ok().or_else(|| lang::parse_date(&text).ok());
                Value::Text(date.ok_or_else(|| self.refuse("cần một ngày, như 05/02/2026.", "it takes a date such as 2026-02-05."))?.to_string())
            }
            _ => Value::Text(text),
        };
        self.accept(value).map(Some)
    }

    /// Checks a value.
    ///
    /// # Errors
    /// As [`Field::read`].
    pub fn accept(&self, value: Value) -> Result<Value, AppError> {
        match (self.kind, &value) {
            (FieldKind::Flag, Value::Flag(_)) => Ok(value),
            (FieldKind::Number | FieldKind::Year, Value::Number(n)) => {
                let (least, most) = (self.min.unwrap_or(-LARGEST), self.max.unwrap_or(LARGEST));
                if (least..=most).contains(n) {
                    Ok(value)
                } else {
                    Err(self.refuse(&format!("cần số từ {least} đến {most}."), &format!("it takes a number from {least} to {most}.")))
                }
            }
            (FieldKind::Date, Value::Text(text)) if text.parse::<jiff::civil::Date>().is_ok() => Ok(value),
            (FieldKind::Choice, Value::Text(text)) if self.choices.iter().any(|c| c.0 == *text) => Ok(value),
            (FieldKind::Text, Value::Text(text)) if text.chars().count() <= LONGEST => Ok(Value::Text(lang::clean(text))),
            (FieldKind::Text, Value::Text(_)) => Err(self.refuse("quá dài.", "it is too long.")),
            _ => Err(self.refuse("giá trị không đúng loại.", "the value is of the wrong kind.")),
        }
    }

    fn refuse(&self, vi: &str, en: &str) -> AppError {
        AppError::new("field_invalid", 422).say(format!("{}: {vi}", self.title_vi), format!("{}: {en}", self.title_en)).at(self.code.clone())
    }

    /// A value in words.
    pub fn shown(&self, value: &Value, l: Lang) -> String {
        match value {
            Value::Flag(true) => l.t("có", "yes").to_owned(),
            Value::Flag(false) => l.t("không", "no").to_owned(),
            Value::Number(n) if self.kind == FieldKind::Year => n.to_string(),
            Value::Number(n) => {
                let number = l.number((*n).into(), 0);
                if self.unit.is_empty() { number } else { format!("{number} {}", self.unit) }
            }
            Value::Text(text) => match self.kind {
                FieldKind::Choice => self.choices.iter().find(|c| c.0 == *text).map_or_else(|| text.clone(), |c| l.t(&c.1, &c.2).to_owned()),
                FieldKind::Date => text.parse().map_or_else(|_| text.clone(), lang::show::short_date),
                _ => text.clone(),
            },
        }
    }
}

/// The fields that are asked for, out of what was sent: checked, and complete unless optional.
///
/// # Errors
/// 422 `field_invalid`, `field_missing`, `field_not_asked`.
pub(crate) fn answered(procedure: &Procedure, asks: &[String], sent: &Fields) -> Result<Fields, AppError> {
    if let Some(other) = sent.keys().find(|code| !asks.contains(code)) {
        return Err(AppError::new("field_not_asked", 422)
            .say(format!("Bước này không hỏi trường “{other}”."), format!("This action does not ask for “{other}”."))
            .at(other.clone()));
    }
    let mut out = Fields::new();
    for field in asks.iter().filter_map(|code| procedure.field(code)) {
        match sent.get(&field.code) {
            Some(value) => {
                out.insert(field.code.clone(), field.accept(value.clone())?);
            }
            None if field.optional || field.kind == FieldKind::Flag => {}
            None => {
                return Err(AppError::new("field_missing", 422)
                    .say(format!("Chưa điền: {}.", field.title_vi), format!("Not filled in: {}.", field.title_en))
                    .mend("Điền rồi gửi lại.", "Fill it in and send again.")
                    .at(field.code.clone()));
            }
        }
    }
    Ok(out)
}
