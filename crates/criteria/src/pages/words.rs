//! Criteria in words.

use crate::model::{Choice, Confidence, Given, Judged, Kind, Outcome, Set, Threshold};
use crate::store::assess::Stage;
use lang::show::{number_upto, short_date};
use places::Atlas;
use ui::Lang;

pub(crate) fn outcome(o: Outcome, l: Lang) -> (&'static str, &'static str) {
    let (vi, en) = o.label();
    let class = match o {
        Outcome::Met => "ok",
        Outcome::NotMet => "late",
        Outcome::NoLevel => "wait",
        Outcome::NoData => "none",
        Outcome::NotApplicable => "plain",
    };
    (class, l.t(vi, en))
}

/// A mark of one or two letters for narrow cells; the word is beside it for those who do not see it.
pub(crate) fn mark(o: Outcome) -> &'static str {
    match o {
        Outcome::Met => "✓",
        Outcome::NotMet => "✗",
        Outcome::NoLevel => "?",
        Outcome::NoData => "·",
        Outcome::NotApplicable => "–",
    }
}

pub(crate) fn stage(s: Stage, l: Lang) -> (&'static str, &'static str) {
    let (vi, en) = s.label();
    let class = match s {
        Stage::Open => "none",
        Stage::Scored => "wait",
        Stage::Accepted => "ok",
        Stage::Returned => "late",
    };
    (class, l.t(vi, en))
}

/// How sure something is; nothing to say about what comes from the official text.
pub(crate) fn doubt(c: Confidence, l: Lang) -> Option<&'static str> {
    let (vi, en) = c.label();
    (c != Confidence::Official).then(|| l.t(vi, en))
}

pub(crate) fn given(g: Option<&Given>, kind: Kind, options: &[String], l: Lang) -> String {
    match g {
        None => String::new(),
        Some(Given::Ratio { n, of }) => {
            let percent = g.and_then(Given::number).unwrap_or_default().round_dp(1);
            format!("{}/{} ({}%)", l.number((*n).into(), 0), l.number((*of).into(), 0), l.number(percent, 1))
        }
        Some(Given::Number { value }) if kind == Kind::Choice => {
            let at = usize::try_from(value.mantissa()).unwrap_or(usize::MAX);
            options.get(at).cloned().unwrap_or_else(|| l.number(*value, 0))
        }
        Some(Given::Number { value }) if kind.is_share() => format!("{}%", l.number(*value, 4)),
        Some(Given::Number { value }) => l.number(*value, 4),
        Some(Given::Answer { yes }) => if *yes { l.t("đạt", "yes") } else { l.t("chưa đạt", "no") }.to_owned(),
        Some(Given::Words { text }) => text.clone(),
        Some(Given::NotApplicable) => l.t("không áp dụng", "not applicable").to_owned(),
    }
}

/// As it stands in a box that can be typed over.
pub(crate) fn in_box(g: Option<&Given>, kind: Kind) -> String {
    match g {
        Some(Given::Ratio { n, of }) => format!("{n}/{of}"),
        Some(Given::Number { value }) if kind == Kind::Choice => value.to_string(),
        Some(Given::Number { value }) => number_upto(*value, 6),
        Some(Given::Answer { yes }) => if *yes { "yes" } else { "no" }.to_owned(),
        Some(Given::Words { text }) => text.clone(),
        Some(Given::NotApplicable) => "na".to_owned(),
        None => String::new(),
    }
}

pub(crate) fn unit_of(text: &str) -> String {
    if text.is_empty() {
        String::new()
    } else if text == "%" {
        "%".to_owned()
    } else {
        format!(" {text}")
    }
}

/// `≥ 90%`.
pub(crate) fn threshold(t: &Threshold, unit: &str, l: Lang) -> String {
    match (t.op, t.value, &t.above) {
        (Some(op), Some(value), _) => format!("{} {}{}", op.shown(), l.number(value, 6), unit_of(unit)),
        (_, None, Some(address)) => {
            let percent = t.percent.unwrap_or_default();
            format!("{} {}% {} {address}", l.t("cao hơn", "at least"), l.number(percent, 2), l.t("so với mức của", "above the threshold of"))
        }
        _ => t.expected.clone().unwrap_or_default(),
    }
}

/// The scope of a threshold: `vùng Đồng bằng sông Hồng, năm 2024`.
pub(crate) fn scope(t: &Threshold, atlas: &Atlas, l: Lang) -> String {
    let mut out: Vec<String> = Vec::new();
    let group = |code: &str| atlas.groups().iter().find(|g| g.code == code).map_or_else(|| code.to_owned(), |g| l.t(&g.name_vi, &g.name_en).to_owned());
    if let Some(region) = &t.region {
        out.push(group(region));
    }
    if let Some(code) = &t.group {
        out.push(group(code));
    }
    if let Some(flag) = &t.flag {
        out.push(group(flag));
    }
    if let Some(province) = &t.province {
        let id = crate::model::province_id(province);
        let day = t.from.unwrap_or(jiff::civil::date(2024, 1, 1));
        out.push(format!("{} {}", l.t("riêng", "only"), atlas.full_name(id, day)));
    }
    if let Some(year) = t.year {
        out.push(format!("{} {year}", l.t("năm", "year")));
    }
    if out.is_empty() {
        out.push(l.t("chung", "all").to_owned());
    }
    match (t.from, t.to) {
        (Some(from), Some(to)) => out.push(format!("{} – {}", short_date(from), short_date(to))),
        (Some(from), None) => out.push(format!("{} {}", l.t("từ", "from"), short_date(from))),
        (None, Some(to)) => out.push(format!("{} {}", l.t("đến hết", "until"), short_date(to))),
        (None, None) => {}
    }
    out.join(", ")
}

/// The threshold that applies, its clause, and how sure it is; or why there is none.
pub(crate) fn applied(set: &Set, j: &Judged<'_>, l: Lang) -> (String, String, Option<&'static str>) {
    match &j.choice {
        _ if j.indicator.kind == Kind::Composite => (composed(j, l), String::new(), None),
        Choice::Missing(why) => (l.t("chưa có mức", "no threshold").to_owned(), crate::why_words(*why, l).to_owned(), None),
        Choice::Applies(a) => {
            let level = match (a.threshold.op, a.value) {
                (Some(op), Some(value)) => format!("{} {}{}", op.shown(), l.number(value, 4), unit_of(&j.indicator.unit)),
                _ => a.threshold.expected.clone().unwrap_or_default(),
            };
            let mut clause = crate::clause_of(set, j, a);
            if a.overruled.is_some() {
                clause.push_str(l.t("; mức của tỉnh thấp hơn yêu cầu chung nên không dùng", "; the province's own threshold asks less and is not used"));
            }
            (level, clause, doubt(a.threshold.confidence, l))
        }
    }
}

fn composed(j: &Judged<'_>, l: Lang) -> String {
    use crate::model::Compose;
    match j.indicator.compose.unwrap_or(Compose::All) {
        Compose::All => l.t("đạt mọi nội dung", "all parts").to_owned(),
        Compose::AtLeast(k) => format!("{} {k}/{} {}", l.t("đạt ít nhất", "at least"), j.indicator.parts.len(), l.t("nội dung", "parts")),
        Compose::Points(p) => format!("{} {} {}", l.t("đạt từ", "from"), l.number(p, 2), l.t("điểm", "points")),
    }
}

/// How far a value falls short: `còn thiếu 5,2% (12 hộ…)`.
pub(crate) fn gap(j: &Judged<'_>, l: Lang) -> String {
    let Some(gap) = j.gap.filter(|g| *g > rust_decimal::Decimal::ZERO) else { return String::new() };
    let mut out = format!(
        "{} {}{}",
        l.t("còn cách", "short by"),
        l.number(gap.round_dp(2), 2),
        if j.indicator.unit == "%" { l.t(" điểm %", " points").to_owned() } else { unit_of(&j.indicator.unit) }
    );
    if let Some(n) = j.missing_units {
        out.push_str(&format!(" ({} {})", l.t("cần thêm", "more:"), l.number(n.into(), 0)));
    }
    out
}

/// `08/03/2022 – 31/12/2025`.
pub(crate) fn days(set: &Set, l: Lang) -> String {
    match (set.effective_from, set.effective_to) {
        (Some(from), Some(to)) => format!("{} – {}", short_date(from), short_date(to)),
        (Some(from), None) => format!("{} {}", l.t("từ", "from"), short_date(from)),
        (None, Some(to)) => format!("{} {}", l.t("đến", "until"), short_date(to)),
        (None, None) => l.t("chưa rõ ngày hiệu lực", "dates not known").to_owned(),
    }
}

/// `14:32 22/11/2026` in Vietnam.
pub(crate) fn moment(micros: i64) -> String {
    let Some(at) = calendar::from_micros(micros) else { return String::new() };
    let zoned = calendar::local_time(at);
    format!("{:02}:{:02} {}", zoned.hour(), zoned.minute(), short_date(zoned.date()))
}
