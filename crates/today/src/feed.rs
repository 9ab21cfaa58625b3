//! What is due as a calendar that programs subscribe to (iCalendar, RFC 5545).

use jiff::civil::Time;
use sha2::{Digest as _, Sha256};

/// One thing with a deadline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Stable key; the same thing keeps it, so that a changed deadline moves the entry instead of doubling it.
    pub key: String,
    /// Title.
    pub title: String,
    /// What it is about.
    pub about: String,
    /// Where it is done.
    pub link: String,
    /// The deadline, microseconds UTC.
    pub due: i64,
}

/// A calendar. A deadline at the end of a day becomes an entry of that whole day; any other the half hour before it.
pub fn calendar_feed(name: &str, entries: &[Entry], now: i64) -> String {
    let mut out = String::new();
    for text in ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Cong Lang//Hom nay//VI", "CALSCALE:GREGORIAN", "METHOD:PUBLISH"] {
        line(&mut out, text);
    }
    line(&mut out, &format!("X-WR-CALNAME:{}", escaped(name)));
    line(&mut out, "X-WR-TIMEZONE:Asia/Ho_Chi_Minh");
    line(&mut out, "REFRESH-INTERVAL;VALUE=DURATION:PT1H");
    for entry in entries {
        let Some(due) = calendar::from_micros(entry.due) else { continue };
        let local = calendar::local_time(due);
        line(&mut out, "BEGIN:VEVENT");
        line(&mut out, &format!("UID:{}@cong-lang", hex(&Sha256::digest(entry.key.as_bytes()))));
        line(&mut out, &format!("DTSTAMP:{}", stamp(now)));
        if local.time() >= Time::constant(23, 59, 0, 0) {
            line(&mut out, &format!("DTSTART;VALUE=DATE:{}", local.date().strftime("%Y%m%d")));
            line(&mut out, "TRANSP:TRANSPARENT");
        } else {
            line(&mut out, &format!("DTSTART:{}", stamp(entry.due.saturating_sub(30 * 60 * 1_000_000))));
            line(&mut out, &format!("DTEND:{}", stamp(entry.due)));
        }
        line(&mut out, &format!("SUMMARY:{}", escaped(&entry.title)));
        line(&mut out, &format!("DESCRIPTION:{}", escaped(&entry.about)));
        line(&mut out, &format!("URL:{}", entry.link.replace(['\r', '\n', ' '], "")));
        line(&mut out, "END:VEVENT");
    }
    line(&mut out, "END:VCALENDAR");
    out
}

fn stamp(micros: i64) -> String {
    calendar::from_micros(micros).map(|at| at.strftime("%Y%m%dT%H%M%SZ").to_string()).unwrap_or_default()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().take(16).map(|b| format!("{b:02x}")).collect()
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | ';' | ',' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// A line of at most 75 bytes; what is longer goes on in the next line after a space, never in the middle of a letter.
fn line(out: &mut String, text: &str) {
    let mut room = 75;
    for c in text.chars() {
        if c.len_utf8() > room {
            out.push_str("\r\n ");
            room = 74;
        }
        out.push(c);
        room -= c.len_utf8();
    }
    out.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn unfolded(text: &str) -> Vec<String> {
        text.replace("\r\n ", "").split("\r\n").map(str::to_owned).collect()
    }

    proptest! {
        #[test]
        fn any_text_becomes_one_well_formed_entry(title in ".{0,200}", about in "\\PC{0,400}", due in 0i64..4_000_000_000_000_000) {
            let feed = calendar_feed("Việc của tôi", &[Entry { key: "k".into(), title, about, link: "https://a.vn/x".into(), due }], 0);
            for line in feed.split("\r\n") {
                prop_assert!(line.len() <= 75, "{}", line.len());
                prop_assert!(!line.contains(['\r', '\n']));
            }
            let lines = unfolded(&feed);
            prop_assert_eq!(lines.iter().filter(|l| *l == "BEGIN:VEVENT").count(), 1);
            prop_assert_eq!(lines.iter().filter(|l| l.starts_with("SUMMARY:")).count(), 1);
            prop_assert_eq!(lines.last().map(String::as_str), Some(""));
        }
    }

    #[test]
    fn the_end_of_a_day_is_the_whole_day_in_vietnam() {
        let at = |text: &str| text.parse::<jiff::Timestamp>().unwrap().as_microsecond();
        let feed = |due| calendar_feed("x", &[Entry { key: "k".into(), title: "a;b,c\\d".into(), about: String::new(), link: String::new(), due }], 0);
        let day = feed(at("2026-02-16T16:59:59Z"));
        assert!(day.contains("DTSTART;VALUE=DATE:20260216\r\n"), "{day}");
        assert!(day.contains("SUMMARY:a\\;b\\,c\\\\d\r\n"), "{day}");
        let hour = feed(at("2026-02-16T10:00:00Z"));
        assert!(hour.contains("DTSTART:20260216T093000Z\r\n") && hour.contains("DTEND:20260216T100000Z\r\n"), "{hour}");
    }
}
