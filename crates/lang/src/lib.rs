//! Vietnamese text: cleaning, folding, collation, numbers, dates, legacy encodings, unit names, display.
//!
//! Pure functions without I/O; none of them panics on any input.

pub mod clean;
pub mod collate;
pub mod date;
pub mod fold;
pub mod legacy;
pub mod name;
pub mod number;
pub mod show;
pub mod syllable;
mod unit;

pub use clean::{clean, is_clean};
pub use collate::{given_name_sort_key, sort_key};
pub use date::{DateProblem, excel_serial, parse_date};
pub use fold::{canonical, fold, fold_tight};
pub use name::{UnitPrefix, split_address, strip_kind};
pub use number::{NumberHints, NumberProblem, NumberStyle, ParsedNumber, parse_number, parse_yes_no};
pub use unit::{Quantity, Unit};
