//! How the columns of a sheet become figures. Kept with the job, and remembered by the shape of the headings.

use super::read::{Ask, Habits, Scalar};
use lang::NumberStyle;
use places::Level;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Which part of a measure a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The value itself.
    Whole,
    /// n of a share.
    N,
    /// N of a share.
    Of,
}

impl Part {
    /// Behind the code of the measure: nothing, `.n`, `.of`; the same in the keys of our own workbooks.
    pub fn suffix(self) -> &'static str {
        match self {
            Part::Whole => "",
            Part::N => ".n",
            Part::Of => ".of",
        }
    }
    /// Code and part of a key.
    pub fn split(key: &str) -> (&str, Part) {
        match key.strip_suffix(".of") {
            Some(code) => (code, Part::Of),
            None => key.strip_suffix(".n").map_or((key, Part::Whole), |code| (code, Part::N)),
        }
    }
}

/// A column that holds values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Column from 0.
    pub col: u32,
    /// Code of the measure.
    pub code: String,
    /// Which part of it.
    pub part: Part,
}

/// Stands for all columns in [`Plan::units`].
pub const EVERYWHERE: u32 = u32::MAX;

/// The whole mapping of one sheet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// Sheet.
    pub sheet: String,
    /// Period as its code.
    pub period: String,
    /// The unit under which all rows lie.
    pub scope: Uuid,
    /// Level of the rows' units.
    pub level: Level,
    /// Our own workbook: column A holds the keys of the rows.
    pub keyed: bool,
    /// When our own workbook was made, microseconds UTC; 0 for a foreign one.
    pub made: i64,
    /// First row with values, from 0.
    pub first: u32,
    /// Column of official codes.
    pub code: Option<u32>,
    /// Column of names.
    pub name: Option<u32>,
    /// Column of explanations, one per row.
    pub reason: Option<u32>,
    /// Columns with values.
    pub columns: Vec<Column>,
    /// Units of measure written in headings ("tỷ đồng"), by column; under [`EVERYWHERE`] the one written above the table.
    #[serde(default)]
    pub units: BTreeMap<u32, String>,
    /// Take hidden rows too.
    pub hidden: bool,
    /// What was answered to questions, by their keys.
    pub answers: BTreeMap<String, String>,
}

impl Plan {
    /// How a column is to be read, as answered so far.
    pub fn habits(&self, col: u32) -> Habits {
        let answer = |ask: Ask| self.answers.get(&format!("{}.{col}", ask.word())).map(String::as_str);
        Habits {
            style: match answer(Ask::Style) {
                Some("vi") => Some(NumberStyle::Vietnamese),
                Some("en") => Some(NumberStyle::English),
                _ => None,
            },
            local: answer(Ask::Local).map(|a| a == "other"),
            dash: match answer(Ask::Dash) {
                Some("zero") => Some(Some(Scalar::Number(Decimal::ZERO))),
                Some("unknown") => Some(Some(Scalar::NotKnown)),
                Some("skip") => Some(None),
                _ => None,
            },
            legacy: answer(Ask::Legacy).map(|a| a == "yes"),
            unit: self.units.get(&col).cloned().unwrap_or_default(),
        }
    }

    /// What is worth remembering for the next workbook of this shape: no period, no rows.
    pub fn remembered(&self) -> Plan {
        let answers = self
            .answers
            .iter()
            .filter(|(key, _)| ["style.", "local.", "dash.", "legacy."].iter().any(|word| key.starts_with(word)))
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        Plan { answers, period: String::new(), ..self.clone() }
    }
}

/// A question to the person who brought the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Key of the answer, such as `style.5`.
    pub key: String,
    /// Vietnamese.
    pub vi: String,
    /// English.
    pub en: String,
    /// Answers: value, Vietnamese, English.
    pub options: Vec<(String, String, String)>,
}

/// A cell that gave no value, or whose value was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// Row from 0.
    pub row: u32,
    /// Column from 0.
    pub col: u32,
    /// Stable code.
    pub code: String,
    /// Vietnamese sentence.
    pub vi: String,
    /// English sentence.
    pub en: String,
    /// What stands in the cell.
    pub value: String,
    /// Unit and measure it is about, in words.
    pub about: String,
}
