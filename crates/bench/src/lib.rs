//! `conglang bench`: what `docs/performance.md` promises, measured beside its baseline in the same run.

mod acceptance;
mod baseline;
pub mod dossiers;
pub mod load;
pub mod national;
pub mod rehearsal;
pub mod report;
pub mod run;
mod workbook;

pub use national::National;
pub use report::{Report, Row};
