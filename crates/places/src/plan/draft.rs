//! Reading a change from the form in which an administrator writes it.

use super::{Draft, Target, check, refuse};
use crate::atlas::Atlas;
use crate::model::{ChangeKind, Level};
use crate::pages::read_date;
use jiff::civil::Date;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use serde::{Deserialize, Serialize};
use ui::AppError;
use uuid::Uuid;

/// The fields as typed; they come back unchanged beside an error.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DraftForm {
    /// Word of the kind.
    pub kind: String,
    /// First day of the new map.
    pub effective: String,
    /// Number of the decree.
    pub decree: String,
    /// Its date.
    pub decree_date: String,
    /// Units before, one per line: code, id, or name with what is above it.
    pub from: String,
    /// Units after, one per line: `Xã Phúc Hòa; 07330; 62,5; 40` (name, code, % of people, % of area); a living unit by its code or id first.
    pub to: String,
    /// The unit above.
    pub parent: String,
    /// Source of the shares.
    pub source: String,
    /// Note.
    pub note: String,
}

/// Most lines of a field.
const LINES: usize = 200;

impl DraftForm {
    /// Finds the units and reads the numbers.
    ///
    /// # Errors
    /// 422 at the field: a date, a unit that is unknown or not unique, a share that is no number.
    pub fn read(&self, atlas: &Atlas) -> Result<Draft, AppError> {
        let kind = ChangeKind::from_word(&self.kind)
            .ok_or_else(|| AppError::new("change_kind_missing", 422).say("Chưa chọn loại thay đổi.", "The kind of change is missing.").at("kind"))?;
        let effective = read_date(&self.effective, "effective")?;
        let decree_date = if self.decree_date.trim().is_empty() { None } else { Some(read_date(&self.decree_date, "decree_date")?) };
        let before = effective.yesterday().unwrap_or(effective);
        let from = lines(&self.from, "from")?.into_iter().map(|line| unit(atlas, &line, before, effective, "from")).collect::<Result<Vec<_>, _>>()?;
        let level = from.first().and_then(|u| atlas.unit(*u)).map(|u| u.level);
        let to = lines(&self.to, "to")?.iter().map(|line| target(atlas, line, level, before, effective)).collect::<Result<Vec<_>, _>>()?;
        let parent = lang::clean(&self.parent);
        let parent = if parent.is_empty() { None } else { Some(unit(atlas, &parent, effective, effective, "parent")?) };
        Ok(Draft { kind, effective, decree: short(&self.decree), decree_date, note: short(&self.note), source: short(&self.source), from, to, parent })
    }
}

fn short(text: &str) -> String {
    lang::clean(text).chars().take(500).collect()
}

fn lines(text: &str, at: &'static str) -> Result<Vec<String>, AppError> {
    let lines: Vec<String> = text.lines().map(lang::clean).filter(|l| !l.is_empty()).collect();
    if lines.len() > LINES {
        return Err(refuse::too_many(at, "Quá nhiều dòng.", "Too many lines."));
    }
    Ok(lines)
}

/// A unit that lives on a day, by id, code or name.
pub(crate) fn unit_of(atlas: &Atlas, text: &str, on: Date, at: &'static str) -> Result<Uuid, AppError> {
    unit(atlas, text, on, on, at)
}

/// A living unit by id, code or name; the day before the change counts, so that units that end are found by their old code.
fn unit(atlas: &Atlas, text: &str, before: Date, day: Date, at: &'static str) -> Result<Uuid, AppError> {
    if let Ok(id) = text.parse::<Uuid>() {
        return atlas.unit(id).map(|u| u.id).ok_or_else(|| unknown(text, at));
    }
    if text.bytes().all(|b| b.is_ascii_digit()) {
        return atlas.coded(text, None, before).or_else(|| atlas.coded(text, None, day)).ok_or_else(|| unknown(text, at));
    }
    let hits = atlas.find(text, before, 12);
    let fits: Vec<_> = hits.iter().filter(|h| h.alive && h.exact()).collect();
    let level = |u: Uuid| atlas.unit(u).map(|u| u.level);
    match fits.split_first() {
        None => Err(unknown(text, at)),
        Some((first, rest)) => {
            let same: Vec<_> = rest.iter().filter(|h| h.rank == first.rank && level(h.unit) == level(first.unit)).collect();
            if same.is_empty() {
                return Ok(first.unit);
            }
            let list = std::iter::once(first).chain(same).take(6).map(|h| atlas.placed_name(h.unit, before)).collect::<Vec<_>>().join("; ");
            Err(AppError::new("unit_ambiguous", 422)
                .say(format!("Có nhiều nơi tên “{text}”: {list}."), format!("Several places are called “{text}”: {list}."))
                .mend("Ghi thêm tên cấp trên sau dấu phẩy, hoặc dùng mã.", "Add what is above after a comma, or use the code.")
                .at(at))
        }
    }
}

fn unknown(text: &str, at: &'static str) -> AppError {
    let text: String = text.chars().take(80).collect();
    AppError::new("unknown_unit", 422)
        .say(format!("Không có đơn vị “{text}” vào ngày đó."), format!("There is no unit “{text}” on that day."))
        .mend(
            "Ghi tên đầy đủ kèm tỉnh, ví dụ: xã Phúc Hòa, Bắc Ninh; hoặc ghi mã.",
            "Write the full name with its province, such as xã Phúc Hòa, Bắc Ninh; or the code.",
        )
        .at(at)
}

fn target(atlas: &Atlas, line: &str, level: Option<Level>, before: Date, day: Date) -> Result<Target, AppError> {
    let mut cells = line.split(';').map(lang::clean);
    let first = cells.next().unwrap_or_default();
    let living = first.parse::<Uuid>().is_ok() || (!first.is_empty() && first.bytes().all(|b| b.is_ascii_digit()));
    let mut target = Target { unit: None, kind: String::new(), name: String::new(), code: None, by_population: None, by_area: None };
    if living {
        target.unit = Some(unit(atlas, &first, before, day, "to")?);
    } else {
        let (prefix, name) = lang::strip_kind(&first);
        let word = prefix.map(|p| p.word()).ok_or_else(refuse::name_missing)?;
        target.kind = match (word, level) {
            ("thành phố", Some(Level::District)) => "thành phố thuộc tỉnh",
            ("thành phố", _) => "thành phố trực thuộc trung ương",
            (word, _) => word,
        }
        .to_owned();
        target.name = name;
        if let Some(level) = level.filter(|l| !check::kinds(*l).contains(&target.kind.as_str())) {
            return Err(refuse::kind(&target.kind, check::kinds(level)));
        }
    }
    let rest: Vec<String> = cells.collect();
    let mut rest = rest.iter().map(String::as_str);
    if !living || rest.len() > 2 {
        target.code = rest.next().filter(|c| !c.is_empty()).map(str::to_owned);
    }
    target.by_population = rest.next().map(percent).transpose()?.flatten();
    target.by_area = rest.next().map(percent).transpose()?.flatten();
    if rest.next().is_some() {
        return Err(AppError::new("change_line_unreadable", 422)
            .say(format!("Dòng “{line}” có quá nhiều cột."), format!("The line “{line}” has too many columns."))
            .mend("Viết: tên; mã; % dân số; % diện tích.", "Write: name; code; % of people; % of area.")
            .at("to"));
    }
    Ok(target)
}

/// `62,5`, `62.5%` as millionths; an empty cell is not known.
pub(crate) fn percent(text: &str) -> Result<Option<i64>, AppError> {
    let bare = text.trim().trim_end_matches('%').trim().replace(',', ".");
    if bare.is_empty() {
        return Ok(None);
    }
    let value = bare.parse::<Decimal>().ok().filter(|v| *v >= Decimal::ZERO && *v <= Decimal::ONE_HUNDRED);
    let millionths = value.and_then(|v| (v * Decimal::from(10_000)).round().to_i64());
    millionths.map(Some).ok_or_else(|| {
        let text: String = text.chars().take(40).collect();
        AppError::new("change_share_unreadable", 422)
            .say(format!("“{text}” không phải là tỷ lệ từ 0 đến 100%."), format!("“{text}” is no share from 0 to 100%."))
            .mend("Viết như 62,5.", "Write it as 62.5.")
            .at("to")
    })
}

/// "xã Phúc Hòa" as a name begins: "Xã Phúc Hòa".
pub fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|c| c.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
