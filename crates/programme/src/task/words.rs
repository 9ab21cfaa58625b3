//! How tasks are said on pages, in files and in reports.

use super::model::{Due, Party, Task};
use super::read::{Late, Seen};
use crate::Programme;
use jiff::civil::Date;
use lang::show::short_date;
use ui::Lang;

/// A party in words: `Sở Nông nghiệp và Môi trường, Tỉnh Bắc Ninh`.
pub(crate) fn party(p: &Programme, party: &Party, on: Date) -> String {
    let name = p.figures().places().atlas().full_name(party.unit, on);
    if party.body.is_empty() { name } else { format!("{}, {name}", party.body) }
}

/// The deadline as it was set.
pub(crate) fn due_set(due: Due, l: Lang) -> String {
    match due {
        Due::Open => l.t("chưa đặt thời hạn", "no deadline").to_owned(),
        Due::On(date) => short_date(date),
        Due::Days(days) => format!("{days} {}", l.t("ngày làm việc", "working days")),
    }
}

/// The last day with how far it is, and the class of its tag.
pub(crate) fn late(seen: &Seen, l: Lang) -> (&'static str, String) {
    let days = |n: u32| format!("{n} {}", l.t("ngày làm việc", if n == 1 { "working day" } else { "working days" }));
    match seen.late {
        Late::None => ("plain", due_set(seen.task.due, l)),
        Late::Left(0) => ("wait", l.t("hết hạn hôm nay", "due today").to_owned()),
        Late::Left(n) => (if n <= 3 { "wait" } else { "plain" }, format!("{} {}", l.t("còn", "in"), days(n))),
        Late::By(0) => ("late", l.t("đã hết hạn", "past its last day").to_owned()),
        Late::By(n) => ("late", format!("{} {}", l.t("trễ", "late by"), days(n))),
        Late::InTime => ("ok", l.t("đúng hạn", "in time").to_owned()),
        Late::DoneLate(n) => ("wait", format!("{} {}", l.t("xong trễ", "done late by"), days(n))),
    }
}

/// The last day: `20/11/2026`, with a mark when the calendar is silent about days on the way.
pub(crate) fn last_day(seen: &Seen, l: Lang) -> String {
    match seen.due {
        None => String::new(),
        Some(due) if seen.provisional => format!("{} ({})", short_date(due), l.t("tạm tính", "provisional")),
        Some(due) => short_date(due),
    }
}

/// `14:32 22/11/2026` of an instant, in Vietnam.
pub(crate) fn moment(micros: i64) -> String {
    let Some(at) = calendar::from_micros(micros) else { return String::new() };
    let time = calendar::local_time(at);
    format!("{:02}:{:02} {}", time.hour(), time.minute(), short_date(time.date()))
}

/// The number and title in one line.
pub(crate) fn headline(task: &Task) -> String {
    if task.words.number.is_empty() { task.words.title.clone() } else { format!("{}. {}", task.words.number, task.words.title) }
}
