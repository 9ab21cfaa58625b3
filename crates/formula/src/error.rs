//! What can be wrong with a formula.

use crate::{MAX_CHARS, MAX_DEPTH, MAX_OPERATORS};

/// An error with a stable [`code`](FormulaError::code); its display is English, [`vi`](FormulaError::vi) Vietnamese.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormulaError {
    #[error("the formula is empty")]
    Empty,
    #[error("the formula is longer than {MAX_CHARS} characters")]
    TooLong,
    #[error("the formula is nested more than {MAX_DEPTH} deep")]
    TooDeep,
    #[error("the formula has more than {MAX_OPERATORS} operators")]
    TooMany,
    /// A character no formula holds, with its place from 1.
    #[error("“{what}” at character {at} cannot stand in a formula")]
    Character { what: char, at: usize },
    /// The parser's own words.
    #[error("the formula cannot be read: {0}")]
    Syntax(String),
    #[error("there is no function “{0}”; known, min, max, abs and round exist")]
    UnknownFunction(String),
    #[error("“{0}” has the wrong number of arguments")]
    Arguments(String),
    #[error("“{0}” is given a number where a condition belongs, or the other way round")]
    Mixed(String),
    #[error("the formula gives a number, not a condition")]
    NotACondition,
    #[error("a number in the formula is too large")]
    Overflow,
}

impl FormulaError {
    /// The stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "formula.empty",
            Self::TooLong => "formula.too_long",
            Self::TooDeep => "formula.too_deep",
            Self::TooMany => "formula.too_many",
            Self::Character { .. } => "formula.character",
            Self::Syntax(_) => "formula.syntax",
            Self::UnknownFunction(_) => "formula.unknown_function",
            Self::Arguments(_) => "formula.arguments",
            Self::Mixed(_) => "formula.mixed",
            Self::NotACondition => "formula.not_a_condition",
            Self::Overflow => "formula.overflow",
        }
    }

    /// The sentence in Vietnamese.
    pub fn vi(&self) -> String {
        match self {
            Self::Empty => "Công thức để trống.".into(),
            Self::TooLong => format!("Công thức dài quá {MAX_CHARS} ký tự."),
            Self::TooDeep => format!("Công thức lồng nhau quá {MAX_DEPTH} lớp."),
            Self::TooMany => format!("Công thức có quá {MAX_OPERATORS} phép tính."),
            Self::Character { what, at } => {
                format!("Ký tự “{what}” ở vị trí {at} không dùng được trong công thức.")
            }
            Self::Syntax(detail) => format!("Không đọc được công thức: {detail}"),
            Self::UnknownFunction(name) => {
                format!("Không có hàm “{name}”; chỉ có known, min, max, abs, round.")
            }
            Self::Arguments(name) => format!("Hàm “{name}” có số tham số chưa đúng."),
            Self::Mixed(name) => format!("Ở “{name}”, số và điều kiện đúng/sai bị dùng lẫn."),
            Self::NotACondition => "Công thức cho ra một số, không phải điều kiện đúng/sai.".into(),
            Self::Overflow => "Một số trong công thức quá lớn.".into(),
        }
    }
}
