//! The measures that hold results: one per indicator, one for the whole set, one for recognition.

use crate::model::{Indicator, Set};
use calendar::PeriodKind;
use figures::{Carry, Definition, Kind, OverTime, Rollup, SYSTEM};
use jiff::civil::{Date, date};
use places::Level;

fn base(set: &Set, code: String, title_vi: String, title_en: String) -> Definition {
    let merges = set.level == Level::Commune;
    Definition {
        code,
        version: 1,
        valid_from: set.effective_from.unwrap_or(date(2021, 1, 1)),
        title_vi,
        title_en,
        definition_vi: String::new(),
        definition_en: String::new(),
        legal_basis: set.document.clone(),
        unit: "%".to_owned(),
        kind: Kind::YesNo,
        numerator_vi: String::new(),
        denominator_vi: String::new(),
        decimals: 0,
        level: set.level,
        kinds: set.kinds.clone(),
        period: PeriodKind::Year,
        cutoff: "calendar".to_owned(),
        rollup: Rollup::ShareWhere,
        weight: None,
        condition: Some("value >= 1".to_owned()),
        over_time: OverTime::Last,
        carry: if merges { Carry::AllMustPass } else { Carry::NotCarried },
        min: None,
        max: None,
        enter: SYSTEM.to_owned(),
        accept: SYSTEM.to_owned(),
        formula: None,
        formula_of: None,
        steps: Vec::new(),
        public: true,
        source: format!("criteria:{}", set.code),
    }
}

/// A title that fits a line.
fn short(text: &str) -> String {
    let mut out: String = text.chars().take(160).collect();
    if out.len() < text.len() {
        out.push('…');
    }
    out
}

fn of_indicator(set: &Set, i: &Indicator) -> Definition {
    let mut def = base(
        set,
        set.measure_code(Some(&i.code)),
        format!("Đạt chỉ tiêu {}: {}", i.code, short(&i.title)),
        format!("Meets indicator {} of {}", i.code, short(set.title(ui::Lang::En))),
    );
    def.definition_vi = format!(
        "Kết quả thẩm định chỉ tiêu {} của {}: đạt, chưa đạt, hoặc chưa có mức (ghi là chưa biết). Hệ thống ghi khi cấp trên chấp nhận điểm tự chấm; ở cấp trên là tỷ lệ đơn vị đạt trên số đơn vị thuộc diện.",
        i.code, set.title
    );
    def.definition_en = format!(
        "The appraised result of indicator {} of the set {}. Recorded when the level above accepts the unit's own score; above: the share of units that meet it.",
        i.code, set.code
    );
    def
}

/// All measures of a set.
pub(crate) fn of_set(set: &Set) -> Vec<Definition> {
    let mut out: Vec<Definition> = set.indicators().map(|i| of_indicator(set, i)).collect();
    let mut whole =
        base(set, set.measure_code(None), format!("Đạt toàn bộ: {}", short(&set.title)), format!("Meets all of: {}", short(set.title(ui::Lang::En))));
    whole.definition_vi = format!("Mọi chỉ tiêu của {} đều đạt theo kết quả thẩm định. Chưa phải là quyết định công nhận.", set.title);
    whole.definition_en = format!("Every indicator of the set {} is met by appraised results. This is not yet a decision of recognition.", set.code);
    let mut recognised =
        base(set, set.recognised_code(), format!("Được công nhận: {}", short(&set.title)), format!("Recognised: {}", short(set.title(ui::Lang::En))));
    recognised.definition_vi = format!("Đơn vị có quyết định công nhận theo {} còn hiệu lực vào cuối năm.", set.title);
    recognised.definition_en = format!("The unit has a decision of recognition under the set {} that holds at the end of the year.", set.code);
    out.push(whole);
    out.push(recognised);
    out
}

/// The last day of the year of a result.
pub(crate) fn year_end(year: i16) -> Date {
    date(year, 12, 31)
}
