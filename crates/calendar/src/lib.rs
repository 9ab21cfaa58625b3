//! Time as the platform sees it: one clock, reporting periods with their cut-off, working days and the deadlines counted in them.
//!
//! Pure but for [`Clock::system`]; calendars and cut-offs are data with their source documents.

pub mod clock;
pub mod cutoff;
pub mod due;
mod office;
pub mod period;
mod phrase;
mod problem;
pub mod rule;
#[cfg(test)]
mod tests;
mod why;
pub mod workday;

pub use clock::{Clock, from_micros, local_date, local_time, micros};
pub use cutoff::{Cutoff, Schemes};
pub use due::{Ask, Deadline, Extension, Pause, Punctual, Row, budget_difference, punctual};
pub use office::{Office, Window};
pub use period::{Period, PeriodKind};
pub use problem::CalendarError;
pub use rule::{CountRule, Measure};
pub use why::Why;
pub use workday::{Confidence, Day, DayOff, OffKind, UnknownDay, WorkCalendar, WorkSpan, WorkedDay};
