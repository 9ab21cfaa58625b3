//! Instants, states and clocks in words.

use crate::case::{Counted, Standing};
use crate::procedure::{Mood, State, StateKind};
use calendar::Punctual;
use ui::{Lang, Tone};

/// `14:32 22/11/2026` of an instant, in Vietnam.
pub(crate) fn moment(micros: i64) -> String {
    let at = crate::case::local(micros);
    format!("{:02}:{:02} {}", at.hour(), at.minute(), lang::show::short_date(at.date()))
}

/// `22/11/2026` of an instant; with the time of day where it is no end of a day.
pub(crate) fn day_of(micros: i64) -> String {
    let at = crate::case::local(micros);
    let day = lang::show::short_date(at.date());
    if at.hour() == 23 && at.minute() == 59 { day } else { format!("{:02}:{:02} {day}", at.hour(), at.minute()) }
}

/// How a state looks.
pub(crate) fn state_tone(state: &State) -> Tone {
    match (state.mood, state.kind) {
        (Mood::Good, _) => Tone::Good,
        (Mood::Warn, _) => Tone::Warn,
        (Mood::Bad, _) => Tone::Bad,
        (Mood::Plain, StateKind::Start | StateKind::Middle) => Tone::Warn,
        (Mood::Plain, _) => Tone::Plain,
    }
}

/// How a clock stands, with the weight of it.
pub(crate) fn standing(standing: Standing, counted: &Counted, l: Lang) -> (Tone, String) {
    match standing {
        Standing::Ended(Punctual::Early) => (Tone::Good, l.t("xong sớm", "early").to_owned()),
        Standing::Ended(Punctual::OnTime) => (Tone::Good, l.t("đúng hạn", "in time").to_owned()),
        Standing::Ended(Punctual::Late) => (Tone::Bad, l.t("quá hạn khi xong", "ended late").to_owned()),
        Standing::Late => (Tone::Bad, l.t("quá hạn", "late").to_owned()),
        Standing::Running => (Tone::Plain, l.t("đang chạy", "running").to_owned()),
        Standing::Paused => (Tone::Warn, l.t("đang tạm dừng", "paused").to_owned()),
        Standing::Open => match counted {
            Counted::NoCalendar(_) => (Tone::Warn, l.t("thiếu lịch", "no calendar").to_owned()),
            _ => (Tone::Plain, l.t("chưa có hạn", "no deadline").to_owned()),
        },
    }
}
