//! Periods as Vietnamese reports name them.

use crate::{CalendarError, Period};

/// See [`Period::parse_vi`].
pub(crate) fn parse(text: &str) -> Result<Period, CalendarError> {
    let bad = || CalendarError::NotAPeriod(text.chars().take(60).collect());
    let code = text.trim().to_uppercase();
    match code.parse() {
        Ok(period) => return Ok(period),
        Err(error @ CalendarError::YearOutOfRange(_)) => return Err(error),
        Err(_) => {}
    }
    let key = toneless(text);
    // Phrases run together ("quý ii/2025", "6 tháng đầu năm 2025"), so letters and digits are parted first.
    let mut words: Vec<&str> = key.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.retain(|word| !matches!(*word, "nam" | "cua" | "ky" | "bao" | "cao"));
    if words.len() > 6 {
        return Err(bad());
    }
    let number = |word: &str| (word.len() <= 4 && word.bytes().all(|b| b.is_ascii_digit())).then(|| word.parse::<i16>().ok()).flatten();
    let year = match words.pop() {
        Some(word) if word.len() == 4 => number(word).ok_or_else(bad)?,
        _ => return Err(bad()),
    };
    if !crate::period::YEARS.contains(&year) {
        return Err(CalendarError::YearOutOfRange(year.into()));
    }
    let quarter = |word: &str| match word {
        "i" => Some(1),
        "ii" => Some(2),
        "iii" => Some(3),
        "iv" => Some(4),
        digits => number(digits),
    };
    let period = match words.as_slice() {
        [] => Period::year(year),
        ["6" | "sau", "thang"] | ["6" | "sau", "thang", "dau"] => Period::half(year, 1),
        ["6" | "sau", "thang", "cuoi"] => Period::half(year, 2),
        ["9" | "chin", "thang"] | ["9" | "chin", "thang", "dau"] => Period::nine_months(year),
        ["quy", which] | ["q", which] => quarter(which).and_then(|which| Period::quarter(year, which)),
        ["thang", month] | ["t", month] => number(month).and_then(|month| Period::month(year, month)),
        ["ngay", day, "thang", month] | ["ngay", day, month] => number(day)
            .zip(number(month))
            .and_then(|(day, month)| jiff::civil::Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok().and_then(Period::day)),
        _ => None,
    };
    period.ok_or_else(bad)
}

/// Lower case without marks, enough for the words above (composed or decomposed).
fn toneless(text: &str) -> String {
    text.chars()
        .take(200)
        .flat_map(char::to_lowercase)
        .filter(|c| !('\u{300}'..='\u{36F}').contains(c))
        .map(|c| match c {
            'á' | 'à' | 'ă' | 'â' | 'ầ' => 'a',
            'ý' | 'ỳ' => 'y',
            'í' => 'i',
            'ố' | 'ô' => 'o',
            'ủ' => 'u',
            'đ' => 'd',
            c => c,
        })
        .collect()
}
