//! The one clock, injected everywhere.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};

/// Where "now" comes from. Cloning is cheap.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Timestamp + Send + Sync>);

impl Clock {
    /// The machine's clock.
    pub fn system() -> Clock {
        #[expect(clippy::disallowed_methods, reason = "the one place that asks the machine")]
        Clock(Arc::new(Timestamp::now))
    }

    /// A clock that stands still.
    pub fn fixed(at: Timestamp) -> Clock {
        Clock(Arc::new(move || at))
    }

    /// A clock a test moves as it likes.
    pub fn from_fn(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Clock {
        Clock(Arc::new(now))
    }

    /// The instant now.
    pub fn now(&self) -> Timestamp {
        (self.0)()
    }

    /// The date now in Vietnam.
    pub fn today(&self) -> Date {
        local_date(self.now())
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clock({})", self.now())
    }
}

/// The date in Vietnam (Asia/Ho_Chi_Minh: UTC+7 all year since 1975) at an instant.
pub fn local_date(at: Timestamp) -> Date {
    local_time(at).date()
}

/// Date and time of day in Vietnam at an instant.
pub fn local_time(at: Timestamp) -> DateTime {
    // A fixed offset when the zone database is away: the same answer for every date of the platform's life.
    let zone = TimeZone::get("Asia/Ho_Chi_Minh").unwrap_or_else(|_| TimeZone::fixed(Offset::constant(7)));
    zone.to_datetime(at)
}

/// An instant as stored: microseconds since 1970 UTC.
pub fn micros(at: Timestamp) -> i64 {
    at.as_microsecond()
}

/// The instant of stored microseconds; `None` beyond the years -9999 to 9999.
pub fn from_micros(micros: i64) -> Option<Timestamp> {
    Timestamp::from_microsecond(micros).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_day_turns_at_seventeen_utc() {
        let at = |text: &str| Clock::fixed(text.parse().unwrap()).today();
        assert_eq!(at("2026-02-04T16:59:59Z"), Date::constant(2026, 2, 4));
        assert_eq!(at("2026-02-04T17:00:00Z"), Date::constant(2026, 2, 5));
        assert!(Clock::system().now() > "2024-01-01T00:00:00Z".parse().unwrap());
    }

    proptest! {
        #[test]
        fn micros_round_trip(value in any::<i64>()) {
            if let Some(at) = from_micros(value) {
                prop_assert_eq!(micros(at), value);
                let _ = local_date(at);
            }
        }
    }
}
