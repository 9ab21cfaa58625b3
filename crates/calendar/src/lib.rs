//! Time as the platform sees it: one clock, reporting periods with their cut-off, working days.
//!
//! Pure but for [`Clock::system`]; calendars and cut-offs are data with their source documents.

pub mod clock;
pub mod cutoff;
pub mod period;
mod phrase;
mod problem;
#[cfg(test)]
mod tests;
pub mod workday;

pub use clock::{Clock, from_micros, local_date, local_time, micros};
pub use cutoff::{Cutoff, Schemes};
pub use period::{Period, PeriodKind};
pub use problem::CalendarError;
pub use workday::{DayOff, WorkCalendar, WorkSpan};
