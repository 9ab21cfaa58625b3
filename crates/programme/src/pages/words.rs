//! Findings, verdicts and gaps as sentences.

use crate::closing::Early;
use crate::plan::{How, Plan, PlanKind, Show, Stated, Target};
use crate::service::progress::{Lack, Progress};
use crate::verdict::Verdict;
use access::Context;
use calendar::Period;
use places::{Atlas, Level};
use rust_decimal::Decimal;
use ui::Lang;

/// A whole number in the reader's notation.
pub(crate) fn whole(n: i64, l: Lang) -> String {
    l.number(Decimal::from(n), 0)
}

/// A period in the reader's language.
pub(crate) fn period(p: Period, l: Lang) -> String {
    match l {
        Lang::Vi => p.label_vi(),
        Lang::En => p.label_en(),
    }
}

/// The short name of a plan: "Chương trình 924", "Kế hoạch Bắc Giang 2023–2025" from its document and place.
pub(crate) fn short_title(plan: &Plan, l: Lang) -> String {
    let head = &plan.def.plan;
    let title = head.title(l);
    if title.chars().count() <= 60 {
        return title.to_owned();
    }
    let kind = match (head.kind, l) {
        (PlanKind::Programme, Lang::Vi) => "Chương trình MTQG",
        (PlanKind::Programme, Lang::En) => "National programme",
        (PlanKind::Thematic, Lang::Vi) => "Chương trình",
        (PlanKind::Thematic, Lang::En) => "Programme",
        (PlanKind::Plan, Lang::Vi) => "Kế hoạch",
        (PlanKind::Plan, Lang::En) => "Plan",
    };
    let number = head.document.as_deref().filter(|d| d.starts_with(|c: char| c.is_ascii_digit())).and_then(|d| d.split('-').next());
    let until = head.valid_to.year();
    let from = head.valid_from.map(|d| format!("{}–{until}", d.year())).unwrap_or_else(|| format!("{} {until}", l.t("đến", "until")));
    match number {
        _ if !plan.place.is_empty() => format!("{kind} {} {from}", plan.place),
        Some(number) => format!("{kind} {number} ({from})"),
        None => format!("{kind} {from}"),
    }
}

/// The unit behind a value of a target: `%`, ` thôn`.
pub(crate) fn with_unit(value: Decimal, unit: &str, l: Lang) -> String {
    let number = l.number(value, 2);
    match unit {
        "" => number,
        "%" => format!("{number}%"),
        unit => format!("{number} {unit}"),
    }
}

/// What a target asks for, in a few words: "từ 97%", "100%".
pub(crate) fn asked(target: &Target, value: Decimal, l: Lang) -> String {
    if target.unit.is_empty() && value == Decimal::ONE {
        return l.t("Đạt", "Met").to_owned();
    }
    let text = with_unit(value, &target.unit, l);
    let word = match (target.stated, target.op) {
        (Stated::Exact, _) => "",
        (Stated::About, _) => l.t("khoảng", "about"),
        (Stated::AtLeast, crate::plan::Op::AtLeast) => l.t("ít nhất", "at least"),
        (Stated::AtLeast, crate::plan::Op::AtMost) => l.t("không quá", "at most"),
    };
    format!("{word} {text}").trim().to_owned()
}

/// Whether a target is only met or not.
fn yes_no(p: &Progress) -> bool {
    let own = p.figures.first().is_some_and(crate::tally::is_answer);
    p.tally.parts.is_none() && (own || p.reading.as_ref().is_some_and(|r| r.show == Show::YesNo))
}

/// What must be reached, in the terms of what is counted: "100%" for one pilot in each province.
pub(crate) fn required(p: &Progress, l: Lang) -> String {
    if yes_no(p) {
        return l.t("đạt", "met").to_owned();
    }
    if p.reading.as_ref().is_some_and(|r| r.needs.is_some()) || p.tally.parts.is_some() {
        return format!("{}%", l.number(p.required, 2));
    }
    with_unit(p.required, &p.held.target.unit, l)
}

/// The computed value with its unit; none when there is none.
pub(crate) fn value(p: &Progress, l: Lang) -> Option<String> {
    let value = p.tally.value?;
    let mark = if p.tally.estimated > 0 { "≈ " } else { "" };
    Some(format!("{mark}{}", plain(p, value, l)))
}

/// A value of the same kind as that of a target.
pub(crate) fn plain(p: &Progress, value: Decimal, l: Lang) -> String {
    if yes_no(p) {
        return if value >= Decimal::ONE { l.t("đạt", "met") } else { l.t("chưa đạt", "not met") }.to_owned();
    }
    if p.tally.parts.is_some() {
        return format!("{}%", l.number(value, 1));
    }
    let unit = if p.held.target.unit == "%" { "%" } else { &p.held.target.unit };
    with_unit(value, unit, l)
}

/// `132 / 182`; empty where there is no share.
pub(crate) fn parts(p: &Progress, l: Lang) -> String {
    p.tally.parts.map(|(n, of)| format!("{} / {}", whole(n, l), whole(of, l))).unwrap_or_default()
}

/// What the parts of a share are, in the plural: `xã`, `huyện`, `hồ sơ`.
pub(crate) fn things(p: &Progress, l: Lang) -> String {
    let level = |level: Level| {
        let (vi, en) = match level {
            Level::Nation => ("nơi", "places"),
            Level::Province => ("tỉnh, thành phố", "provinces"),
            Level::District => ("đơn vị cấp huyện", "districts"),
            Level::Commune => ("xã", "communes"),
            Level::Village => ("thôn", "villages"),
        };
        l.t(vi, en).to_owned()
    };
    let units = p.reading.as_ref().filter(|r| r.how == How::Units);
    match (units, p.measure()) {
        (Some(r), _) => level(r.level.unwrap_or(p.held.target.level)),
        (None, Some(known)) => level(known.measure.def.level),
        _ => level(p.held.target.level),
    }
}

/// Whether the parts of the share are places.
pub(crate) fn counts_places(p: &Progress) -> bool {
    p.reading.as_ref().is_some_and(|r| r.how == How::Units)
        || p.figures.first().is_some_and(|v| !v.own && v.known.measure.def.rollup == figures::Rollup::ShareWhere)
}

/// Places that have reported.
fn told(p: &Progress) -> i64 {
    p.tally.of - p.tally.missing - p.tally.awaiting
}

/// Places that were reported and fall short.
pub(crate) fn short(p: &Progress) -> i64 {
    match p.tally.parts {
        Some((n, of)) if counts_places(p) => (of - n - p.tally.missing - p.tally.awaiting).max(0),
        _ => 0,
    }
}

/// The finding as a sentence without its full stop.
pub(crate) fn finding(p: &Progress, place: &str, l: Lang) -> String {
    let title = p.held.target.title(l);
    let Some(value) = value(p, l) else {
        return format!("{title}: {}", l.t("chưa tính được", "cannot be computed yet"));
    };
    let missing = p.tally.missing + p.tally.awaiting;
    let gap = match (missing, l) {
        (0, _) => String::new(),
        (n, Lang::Vi) => format!(", {} chưa báo cáo", whole(n, l)),
        (n, Lang::En) => format!(", {} not reported", whole(n, l)),
    };
    match (p.tally.parts, l) {
        (Some((n, of)), Lang::Vi) if counts_places(p) => {
            format!("{} trong {} {} đạt; {} chưa đạt{gap}", whole(n, l), whole(of, l), things(p, l), whole(short(p), l))
        }
        (Some((n, of)), Lang::En) if counts_places(p) => {
            format!("{} of {} {} meet it; {} do not{gap}", whole(n, l), whole(of, l), things(p, l), whole(short(p), l))
        }
        _ if p.tally.speaks_for_few() => {
            let place = if place.is_empty() { String::new() } else { format!("{place}: ") };
            let (told, of) = (whole(told(p), l), whole(p.tally.of, l));
            match l {
                Lang::Vi => format!("{place}{value} ở {told} trong {of} nơi đã báo cáo, chưa đủ để kết luận"),
                Lang::En => format!("{place}{value} in the {told} of {of} places that reported, too few to tell"),
            }
        }
        _ => {
            let place = if place.is_empty() { String::new() } else { format!("{place}: ") };
            let than = match (p.verdict == Verdict::Met, l) {
                (true, Lang::Vi) => "đã tới mức",
                (false, Lang::Vi) => "chưa tới mức",
                (true, Lang::En) => "has reached",
                (false, Lang::En) => "has not reached",
            };
            format!("{place}{value}, {than} {}", required(p, l))
        }
    }
}

/// Why the light is what it is.
pub(crate) fn reason(p: &Progress, l: Lang) -> String {
    let value = value(p, l).unwrap_or_default();
    let required = required(p, l);
    let when = p.period.map(|x| period(x, l)).unwrap_or_default();
    let day = |d: jiff::civil::Date| lang::show::short_date(d);
    let last = p.closing.map(|c| day(c.last)).unwrap_or_default();
    let gaps = p.tally.missing + p.tally.awaiting;
    let best = p.tally.best.map(|b| plain(p, b, l)).unwrap_or_default();
    if yes_no(p) {
        return match (p.verdict, l) {
            (Verdict::NoData, _) => lacks(p, l).join("; "),
            (Verdict::Met, Lang::Vi) => format!("đạt ở {when}"),
            (Verdict::Met, Lang::En) => format!("met in {when}"),
            (Verdict::NotMet, Lang::Vi) => format!("chưa đạt khi đóng ngày {last}"),
            (Verdict::NotMet, Lang::En) => format!("not met at the close on {last}"),
            (Verdict::Open, Lang::Vi) => format!("chưa đạt khi đóng ngày {last}; còn thiếu số nên chưa kết luận được"),
            (Verdict::Open, Lang::En) => format!("not met at the close on {last}; figures are missing, so it is undecided"),
            (_, Lang::Vi) => format!("nay chưa đạt, hạn {last}"),
            (_, Lang::En) => format!("not met yet, due {last}"),
        };
    }
    if p.tally.speaks_for_few() && p.tally.value.is_some() {
        let (told, of) = (whole(told(p), l), whole(p.tally.of, l));
        return match l {
            Lang::Vi => format!("{value} ở {when}, nhưng mới {told} trong {of} nơi báo cáo: chưa quá nửa nên chưa kết luận; mức phải đạt {required}"),
            Lang::En => format!("{value} in {when}, but only {told} of {of} places reported: less than half, so nothing is concluded; the mark is {required}"),
        };
    }
    match (p.verdict, l) {
        // What is missing among files and sums may still lower a share: the verdict is that of what was reported.
        (Verdict::Met, Lang::Vi) if gaps > 0 && !counts_places(p) => format!("{value} ở {when} tính trên phần đã báo cáo, mức phải đạt {required}"),
        (Verdict::Met, Lang::En) if gaps > 0 && !counts_places(p) => format!("{value} in {when} of what was reported; the mark is {required}"),
        (Verdict::Met, Lang::Vi) => format!("{value} ở {when}, mức phải đạt {required}"),
        (Verdict::Met, Lang::En) => format!("{value} in {when}; the mark is {required}"),
        (Verdict::OnTrack | Verdict::Behind, _) => {
            let then = p.forecast.map(|f| plain(p, f.value, l)).unwrap_or_default();
            let reaches = p.verdict == Verdict::OnTrack;
            match (l, reaches) {
                (Lang::Vi, true) => format!("nay {value}; nếu giữ nhịp này thì đến {last} là {then}, tới mức {required}"),
                (Lang::Vi, false) => format!("nay {value}; nếu giữ nhịp này thì đến {last} chỉ {then}, chưa tới mức {required}"),
                (Lang::En, true) => format!("{value} now; at this pace {then} by {last}, which reaches {required}"),
                (Lang::En, false) => format!("{value} now; at this pace only {then} by {last}, short of {required}"),
            }
        }
        (Verdict::Underway, Lang::Vi) => format!("nay {value}, mức phải đạt {required} vào {last}"),
        (Verdict::Underway, Lang::En) => format!("{value} now; the mark is {required} by {last}"),
        (Verdict::Open, Lang::Vi) if best.is_empty() => format!("{value} khi đóng ngày {last}; còn {} nơi chưa có số nên chưa kết luận được", whole(gaps, l)),
        (Verdict::Open, Lang::Vi) => {
            format!("{value} khi đóng ngày {last}; còn {} nơi chưa có số, nếu đều đạt thì là {best}, nên chưa kết luận được", whole(gaps, l))
        }
        (Verdict::Open, Lang::En) if best.is_empty() => format!("{value} at the close on {last}; {} places lack figures, so it is undecided", whole(gaps, l)),
        (Verdict::Open, Lang::En) => {
            format!("{value} at the close on {last}; {} places lack figures and would bring {best}, so it is undecided", whole(gaps, l))
        }
        (Verdict::NotMet, Lang::Vi) => format!("{value} khi đóng ngày {last}, mức phải đạt {required}"),
        (Verdict::NotMet, Lang::En) => format!("{value} at the close on {last}; the mark was {required}"),
        (Verdict::NoData, _) => lacks(p, l).join("; "),
    }
}

/// What is missing for a value, one sentence each.
pub(crate) fn lacks(p: &Progress, l: Lang) -> Vec<String> {
    let mut out: Vec<String> = p.lacks.iter().map(|lack| lack_text(p, lack, l)).collect();
    if out.is_empty() && p.tally.value.is_none() {
        out.push(l.t("Chưa có số liệu nào được duyệt", "No figure has been accepted yet").to_owned());
    }
    out
}

/// A measure by its name in quotation marks; by its code where nobody knows it.
fn named(p: &Progress, code: &str, l: Lang) -> String {
    let found = p.names.iter().find(|n| n.0 == code);
    found.map_or_else(|| format!("({code})"), |(_, vi, en)| if l == Lang::Vi { format!("“{vi}”") } else { format!("“{en}”") })
}

/// What nobody reported, with how many would have to.
fn unreported(p: &Progress, code: &str, l: Lang) -> String {
    let name = named(p, code, l);
    let view = p.figures.iter().find(|v| v.known.measure.def.code == code);
    let (awaiting, of) = view.map_or((0, 0), |v| (v.awaiting, v.of));
    let what = match (code.get(..3), l) {
        (Some("kq_"), Lang::Vi) => "chưa có kết quả chấm nào được thẩm định",
        (Some("kq_"), Lang::En) => "nothing was scored and appraised yet",
        (Some("cn_"), Lang::Vi) => "chưa ghi quyết định công nhận nào",
        (Some("cn_"), Lang::En) => "no recognition is on record",
        (_, Lang::Vi) => "chưa có số liệu nào được duyệt",
        (_, Lang::En) => "no figure has been accepted",
    };
    let when = view.map(|v| format!(", {}", period(v.period, l))).unwrap_or_default();
    let who = match (of, l) {
        (0 | 1, _) => String::new(),
        (n, Lang::Vi) => format!(" ({} nơi phải báo cáo{when})", whole(n, l)),
        (n, Lang::En) => format!(" ({} places have to report{when})", whole(n, l)),
    };
    let waits = match (awaiting, l) {
        (0, _) => String::new(),
        (n, Lang::Vi) => format!(", {} nơi đang chờ duyệt", whole(n, l)),
        (n, Lang::En) => format!(", {} await review", whole(n, l)),
    };
    format!("{name}: {what}{who}{waits}")
}

fn lack_text(p: &Progress, lack: &Lack, l: Lang) -> String {
    let level = |level: &Level| {
        let (vi, en) = level.label();
        l.t(vi, en).to_owned()
    };
    match (lack, l) {
        (Lack::NoMeasure(code), Lang::Vi) if code.starts_with("kq_") => format!("Chưa có kết quả chấm theo bộ tiêu chí (chỉ tiêu {code})"),
        (Lack::NoMeasure(code), Lang::En) if code.starts_with("kq_") => format!("There are no scores of the criteria set yet (measure {code})"),
        (Lack::NoMeasure(code), Lang::Vi) if code.starts_with("cn_") => format!("Chưa có sổ công nhận (chỉ tiêu {code})"),
        (Lack::NoMeasure(code), Lang::En) if code.starts_with("cn_") => format!("There is no register of recognitions yet (measure {code})"),
        (Lack::NoMeasure(code), Lang::Vi) => format!("Chưa có chỉ tiêu {code}"),
        (Lack::NoMeasure(code), Lang::En) => format!("There is no measure {code}"),
        (Lack::NoFigures(code), _) => unreported(p, code, l),
        (Lack::NotToday(of), Lang::Vi) => format!("Bản đồ hôm nay không còn nơi này hoặc không còn cấp {}; xem theo bản đồ khi đó", level(of)),
        (Lack::NotToday(of), Lang::En) => format!("The place or its {} are not on today’s map; see it as it was then", level(of)),
        (Lack::NoUnits(of), Lang::Vi) => format!("Trong thời gian của kế hoạch, nơi này không có đơn vị cấp {}", level(of)),
        (Lack::NoUnits(of), Lang::En) => format!("While the plan ran there was no {} here", level(of)),
        (Lack::NobodyCounted(code), Lang::Vi) if !code.is_empty() => format!("Chưa nơi nào thuộc nhóm được đếm, theo {}", named(p, code, l)),
        (Lack::NobodyCounted(code), Lang::En) if !code.is_empty() => format!("No place belongs to those counted, by {}", named(p, code, l)),
        (Lack::NobodyCounted(_), _) => l.t("Chưa nơi nào thuộc nhóm được đếm", "No place belongs to those counted").to_owned(),
        (Lack::NoReading, _) => l.t("Kế hoạch chưa nói đếm như thế nào", "The plan does not say how to count").to_owned(),
        (Lack::NoPeriod, _) => l.t("Chưa kỳ nào kết thúc", "No period has ended yet").to_owned(),
    }
}

/// The other source beside the value: what was declared where scores with gaps are used, or the scores while they are few.
pub(crate) fn beside(p: &Progress, l: Lang) -> Option<String> {
    let b = p.beside.as_ref()?;
    let value = b.tally.value?;
    let parts = b.tally.parts.map(|(n, of)| format!(" = {} / {}", whole(n, l), whole(of, l))).unwrap_or_default();
    let text = if b.tally.parts.is_some() { format!("{}%", l.number(value, 1)) } else { plain(p, value, l) };
    let known = whole(b.known, l);
    Some(match l {
        Lang::Vi if p.instead => format!(
            "Kết quả chấm đã thẩm định mới có ở {known} nơi, chưa tới một nửa, nên đang dùng số tự khai đã duyệt. Theo kết quả chấm thì là {text}{parts} ({}).",
            period(b.period, l)
        ),
        Lang::En if p.instead => format!(
            "Appraised scores are there for {known} places, fewer than half, so what was declared and accepted is used. By the scores it is {text}{parts} ({}).",
            period(b.period, l)
        ),
        Lang::Vi => format!("Theo số tự khai đã duyệt thì là {text}{parts} ({}); đang dùng kết quả chấm.", period(b.period, l)),
        Lang::En => format!("By what was declared and accepted it is {text}{parts} ({}); the scores are used.", period(b.period, l)),
    })
}

/// How fresh values are: when the newest figure in them was accepted.
pub(crate) fn fresh<'a>(list: impl IntoIterator<Item = &'a Progress>, l: Lang) -> Option<String> {
    let newest = list.into_iter().filter_map(Progress::as_of).max()?;
    let at = crate::task::moment(newest);
    Some(match l {
        Lang::Vi => format!("Số mới nhất được duyệt lúc {at}; kết quả tính lại mỗi lần mở trang."),
        Lang::En => format!("The newest figure was accepted at {at}; the result is computed each time the page is opened."),
    })
}

/// How the forecast was made.
pub(crate) fn method(p: &Progress, l: Lang) -> Option<String> {
    let Some(f) = p.forecast else { return no_forecast(p, l) };
    let day = |d: jiff::civil::Date| lang::show::short_date(d);
    Some(match l {
        Lang::Vi => format!(
            "Dự báo {} vào {}: kéo dài đường thẳng qua kỳ đầu và kỳ cuối của {} kỳ gần nhất có số ({}–{}). Chỉ là phép tính, không phải cam kết.",
            plain(p, f.value, l),
            day(f.on),
            f.periods,
            day(f.from),
            day(f.to)
        ),
        Lang::En => format!(
            "Forecast {} on {}: the straight line through the first and last of the {} newest known periods ({}–{}), drawn on. Arithmetic, no promise.",
            plain(p, f.value, l),
            day(f.on),
            f.periods,
            day(f.from),
            day(f.to)
        ),
    })
}

/// Why there is no forecast, while there still could be one.
fn no_forecast(p: &Progress, l: Lang) -> Option<String> {
    let last = p.closing.filter(|_| !p.over)?.last;
    let known = p.past.iter().filter(|(_, v)| v.is_some()).count();
    Some(match (known >= 3, l) {
        (false, Lang::Vi) => format!("Chưa dự báo đến {}: cần ít nhất ba kỳ có số, mới có {known}.", lang::show::short_date(last)),
        (false, Lang::En) => format!("No forecast to {}: it takes three periods with figures, there are {known}.", lang::show::short_date(last)),
        (true, Lang::Vi) => "Không dự báo cho mục tiêu chỉ có đạt hoặc chưa đạt, và khi hạn đã ở trong kỳ có số.".to_owned(),
        (true, Lang::En) => "There is no forecast of yes or no, nor when the deadline lies within the period of the figure.".to_owned(),
    })
}

/// Why a target closed early, or when it closes; and what became of it.
pub(crate) fn closing(p: &Progress, l: Lang) -> Option<String> {
    let c = p.closing?;
    let last = lang::show::short_date(c.last);
    let text = match (c.early, p.over, l) {
        (Some(Early::Level), _, Lang::Vi) => format!("Đóng ngày {last}, ngày cuối cùng của cấp được đếm. Vẫn xem được, không nhập tiếp."),
        (Some(Early::Level), _, Lang::En) => format!("Closed on {last}, the last day of the level counted. It stays readable."),
        (Some(Early::Unit), _, Lang::Vi) => format!("Đóng ngày {last}, ngày cuối cùng của đơn vị có kế hoạch. Vẫn xem được."),
        (Some(Early::Unit), _, Lang::En) => format!("Closed on {last}, the last day of the unit whose plan it is. It stays readable."),
        (None, true, Lang::Vi) => format!("Hết hạn ngày {last}."),
        (None, true, Lang::En) => format!("Ended on {last}."),
        (None, false, Lang::Vi) => format!("Hạn {last}."),
        (None, false, Lang::En) => format!("Due {last}."),
    };
    Some(text)
}

/// The headline of a plan: how many targets are met, and how the others stand.
pub(crate) fn headline(list: &[Progress], l: Lang) -> String {
    let count = |v: Verdict| list.iter().filter(|p| p.verdict == v).count();
    let all = list.len();
    let met = count(Verdict::Met);
    let head = match (all, l) {
        (0, _) => return l.t("Kế hoạch chưa có mục tiêu nào", "The plan has no targets yet").to_owned(),
        (_, Lang::Vi) if met == all => format!("Cả {all} mục tiêu đã đạt"),
        (_, Lang::Vi) => format!("{met} trong {all} mục tiêu đã đạt"),
        (_, Lang::En) if met == all => format!("All {all} targets are met"),
        (_, Lang::En) => format!("{met} of {all} targets are met"),
    };
    let rest: Vec<String> = Verdict::ALL
        .into_iter()
        .filter(|v| *v != Verdict::Met && count(*v) > 0)
        .map(|v| {
            let (vi, en) = v.label();
            format!("{} {}", count(v), l.t(vi, en))
        })
        .collect();
    if rest.is_empty() { head } else { format!("{head}; {}", rest.join(", ")) }
}

/// The days of a plan in words.
pub(crate) fn days(plan: &Plan, l: Lang) -> String {
    let day = |d: jiff::civil::Date| lang::show::short_date(d);
    let head = &plan.def.plan;
    match (head.valid_from, l) {
        (Some(from), _) => format!("{}–{}", day(from), day(head.valid_to)),
        (None, Lang::Vi) => format!("đến {}", day(head.valid_to)),
        (None, Lang::En) => format!("until {}", day(head.valid_to)),
    }
}

/// The unit of a plan in words, with what became of it.
pub(crate) fn home(atlas: &Atlas, plan: &Plan, ctx: &Context) -> String {
    let name = super::place_name(atlas, plan.home, ctx);
    let today = ctx.today();
    let last = super::last_day(atlas, plan.home, ctx);
    if last >= today {
        return name;
    }
    let mut heirs: Vec<String> = atlas.heirs(plan.home, last, today, places::Basis::Population).iter().map(|h| atlas.full_name(h.unit, today)).collect();
    heirs.dedup();
    let heirs = heirs.join(", ");
    match (ctx.lang, heirs.is_empty()) {
        (Lang::Vi, false) => format!("{name} (đến {}, nay thuộc {heirs})", lang::show::short_date(last)),
        (Lang::En, false) => format!("{name} (until {}, now {heirs})", lang::show::short_date(last)),
        (Lang::Vi, true) => format!("{name} (đến {})", lang::show::short_date(last)),
        (Lang::En, true) => format!("{name} (until {})", lang::show::short_date(last)),
    }
}
