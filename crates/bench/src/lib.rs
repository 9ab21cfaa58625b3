//! `conglang bench`: what `docs/performance.md` promises, measured beside its baseline in the same run.

pub mod load;
pub mod national;
pub mod report;

pub use national::National;
pub use report::{Report, Row};
