//! A set of criteria: what a unit is judged by, dated and versioned. Pure; the same set and the same values always give the same verdict.

mod ahead;
mod indicator;
mod judge;
mod library;
mod set;
mod threshold;
mod watch;
mod words;

pub use ahead::{Step, steps};
pub use indicator::{Compose, Criterion, Former, Indicator, Wording};
pub(crate) use judge::judge_indicator;
pub use judge::{Card, Given, Judged, Outcome, Tally, Values, combine, judge, judge_one, meets};
pub use library::Library;
pub use set::{Amendment, Annex, CommuneGroup, Observed, RegionRule, Set};
pub use threshold::{Applied, Choice, Op, Threshold, Traits, Why, looser, province_id, threshold_for};
pub use watch::{Alarm, MergeRule, Revocation, Rules, Watch, watch};
pub use words::{Confidence, Kind, Rank, Scope};
