//! The rules of a change of units.

use super::{Draft, Target, refuse};
use crate::atlas::Atlas;
use crate::model::{ChangeKind, Level};
use jiff::civil::{Date, date};
use rust_decimal::Decimal;
use std::collections::HashSet;
use ui::AppError;
use uuid::Uuid;

/// First day without districts.
const NO_DISTRICTS: Date = date(2025, 7, 1);

/// A unit after the change with everything said.
pub(super) struct Wanted {
    pub unit: Option<Uuid>,
    pub kind: String,
    pub name: String,
    pub code: Option<String>,
    pub parent: Option<Uuid>,
}

impl Wanted {
    /// `Xã Phúc Hòa`; a centrally-run city is `Thành phố …`.
    pub fn full_name(&self) -> String {
        let word = if self.kind.starts_with("thành phố") { "thành phố" } else { self.kind.as_str() };
        super::capital(&format!("{word} {}", self.name))
    }
}

pub(super) struct Checked {
    pub level: Level,
    pub targets: Vec<Wanted>,
    /// Who takes over an abolished unit.
    pub heir: Option<Uuid>,
}

/// The kinds of a level, as the official list writes them.
pub(super) fn kinds(level: Level) -> &'static [&'static str] {
    match level {
        Level::Nation => &["quốc gia"],
        Level::Province => &["tỉnh", "thành phố trực thuộc trung ương"],
        Level::District => &["huyện", "quận", "thị xã", "thành phố thuộc tỉnh", "thành phố thuộc thành phố trực thuộc trung ương"],
        Level::Commune => &["xã", "phường", "thị trấn", "đặc khu"],
        Level::Village => &[],
    }
}

fn code_length(level: Level) -> usize {
    match level {
        Level::Province => 2,
        Level::District => 3,
        _ => 5,
    }
}

pub(super) fn check(atlas: &Atlas, draft: &Draft) -> Result<Checked, AppError> {
    if draft.decree.is_empty() {
        return Err(refuse::decree_missing());
    }
    if let Some(decree) = draft.decree_date
        && decree > draft.effective
    {
        return Err(refuse::dates(decree, draft.effective));
    }
    counts(draft)?;
    let day = draft.effective;
    let mut seen = HashSet::new();
    for unit in &draft.from {
        if !seen.insert(*unit) {
            return Err(refuse::repeated("from", &atlas.full_name(*unit, day)));
        }
        ready(atlas, *unit, day, "from", draft.kind)?;
    }
    let mut seen = HashSet::new();
    for unit in draft.to.iter().filter_map(|t| t.unit) {
        if !seen.insert(unit) {
            return Err(refuse::repeated("to", &atlas.full_name(unit, day)));
        }
        if !draft.from.contains(&unit) {
            // A living unit that takes in another keeps its own version unless it gets other words.
            ready(atlas, unit, day, "to", draft.kind)?;
        }
    }
    let level = level(atlas, draft)?;
    if level == Level::District && day >= NO_DISTRICTS {
        return Err(refuse::level_closed());
    }
    shares(draft)?;
    let parent = parent(atlas, draft, level)?;
    let mut targets = Vec::new();
    let wanted: Vec<Target> = match draft.kind {
        ChangeKind::Move => draft.from.iter().map(|u| draft.to.iter().find(|t| t.unit == Some(*u)).cloned().unwrap_or_else(|| keep(*u))).collect(),
        ChangeKind::Rename | ChangeKind::Retype => draft.to.iter().map(|t| Target { unit: draft.from.first().copied(), ..t.clone() }).collect(),
        ChangeKind::Abolish => Vec::new(),
        _ => draft.to.clone(),
    };
    for target in &wanted {
        targets.push(complete(atlas, draft, target, level, parent)?);
    }
    collisions(atlas, draft, &targets, level)?;
    if draft.kind == ChangeKind::Divide && targets.iter().all(|t| t.unit.is_some() && t.unit == draft.from.first().copied()) {
        return Err(refuse::nothing("Đơn vị được chia cho chính nó.", "The unit is divided into itself."));
    }
    if matches!(draft.kind, ChangeKind::Rename | ChangeKind::Retype | ChangeKind::Move) && targets.iter().any(|t| unchanged(atlas, t, day)) {
        return Err(refuse::nothing("Sau thay đổi đơn vị vẫn y như trước.", "After the change the unit is as before."));
    }
    let heir = match draft.kind {
        ChangeKind::Abolish => heir(atlas, draft)?,
        _ => None,
    };
    Ok(Checked { level, targets, heir })
}

fn keep(unit: Uuid) -> Target {
    Target { unit: Some(unit), kind: String::new(), name: String::new(), code: None, by_population: None, by_area: None }
}

fn counts(draft: &Draft) -> Result<(), AppError> {
    let (from, to) = (draft.from.len(), draft.to.len());
    match draft.kind {
        ChangeKind::Merge => {
            if from == 0 || (from == 1 && draft.to.iter().all(|t| t.unit.is_none() || t.unit == draft.from.first().copied())) {
                return Err(refuse::units_missing(
                    "from",
                    "Nhập đơn vị cần ít nhất hai đơn vị, hoặc một đơn vị nhập vào đơn vị đang có.",
                    "A merge needs two units, or one that joins a living one.",
                ));
            }
            if to == 0 {
                return Err(refuse::units_missing("to", "Chưa ghi đơn vị sau khi nhập.", "The unit after the merge is missing."));
            }
            if to > 1 {
                return Err(refuse::too_many(
                    "to",
                    "Nhập chỉ tạo ra một đơn vị; nếu có đơn vị được chia, dùng loại “chia”.",
                    "A merge makes one unit; where a unit is cut up, use “divide”.",
                ));
            }
        }
        ChangeKind::Divide => {
            if from == 0 {
                return Err(refuse::units_missing("from", "Chưa ghi đơn vị được chia.", "The unit to divide is missing."));
            }
            if from > 1 {
                return Err(refuse::too_many("from", "Mỗi thay đổi chỉ chia một đơn vị.", "One change divides one unit."));
            }
            if to < 2 {
                return Err(refuse::units_missing("to", "Chia cần ít nhất hai đơn vị sau.", "A division needs two units after it."));
            }
        }
        ChangeKind::Rename | ChangeKind::Retype => {
            if from == 0 {
                return Err(refuse::units_missing("from", "Chưa ghi đơn vị.", "The unit is missing."));
            }
            if from > 1 || to > 1 {
                return Err(refuse::too_many("from", "Mỗi thay đổi chỉ đổi tên hoặc đổi loại một đơn vị.", "One change renames or retypes one unit."));
            }
            if to == 0 {
                return Err(refuse::units_missing("to", "Chưa ghi tên và loại mới.", "The new name and kind are missing."));
            }
        }
        ChangeKind::Move => {
            if from == 0 {
                return Err(refuse::units_missing("from", "Chưa ghi đơn vị chuyển.", "The units to move are missing."));
            }
            if draft.parent.is_none() {
                return Err(refuse::parent("Chưa ghi cấp trên mới.", "The new unit above is missing."));
            }
        }
        ChangeKind::Abolish => {
            if from == 0 {
                return Err(refuse::units_missing("from", "Chưa ghi đơn vị kết thúc.", "The unit that ends is missing."));
            }
            if from > 1 || to > 1 {
                return Err(refuse::too_many(
                    "from",
                    "Mỗi thay đổi chỉ kết thúc một đơn vị, giao cho một đơn vị.",
                    "One change ends one unit and gives it to one.",
                ));
            }
        }
        ChangeKind::Create => {
            if to == 0 {
                return Err(refuse::units_missing("to", "Chưa ghi đơn vị mới.", "The new unit is missing."));
            }
            if to > 1 || from > 0 {
                return Err(refuse::too_many(
                    "to",
                    "Lập mới chỉ có một đơn vị sau và không có đơn vị trước.",
                    "A creation has one unit after and none before.",
                ));
            }
        }
    }
    Ok(())
}

/// The unit lives on the day before and on the day, and nothing is planned for it afterwards.
fn ready(atlas: &Atlas, unit: Uuid, day: Date, at: &str, kind: ChangeKind) -> Result<(), AppError> {
    let name = atlas.full_name(unit, day);
    let Some(version) = atlas.version(unit, day) else {
        let ends_that_day = atlas.unit(unit).and_then(|u| u.to()).filter(|to| *to == day);
        return Err(ends_that_day.map_or_else(|| refuse::not_living(at, &name, day), |to| refuse::changed_later(at, &name, to)));
    };
    let later = atlas.unit(unit).and_then(|u| u.versions.iter().map(|v| v.from).find(|from| *from > day));
    if let Some(later) = later.or(version.to) {
        return Err(refuse::changed_later(at, &name, later));
    }
    let ends = matches!(kind, ChangeKind::Merge | ChangeKind::Divide | ChangeKind::Abolish) && at == "from";
    if ends && version.from >= day {
        return Err(refuse::changed_later(at, &name, version.from));
    }
    Ok(())
}

fn level(atlas: &Atlas, draft: &Draft) -> Result<Level, AppError> {
    let of = |unit: Uuid| atlas.unit(unit).map(|u| u.level);
    let from: Vec<Level> = draft.from.iter().filter_map(|u| of(*u)).collect();
    let level = match (from.first(), draft.to.first()) {
        (Some(level), _) => *level,
        (None, Some(target)) => Level::ALL
            .into_iter()
            .filter(|l| *l != Level::Nation)
            .find(|l| kinds(*l).contains(&target.kind.as_str()))
            .ok_or_else(|| refuse::kind(&target.kind, &[kinds(Level::Province), kinds(Level::Commune)].concat()))?,
        (None, None) => return Err(refuse::units_missing("from", "Chưa ghi đơn vị.", "The units are missing.")),
    };
    let mixed = from.iter().any(|l| *l != level);
    // An abolished unit may be given to one of another level: a district to its province.
    let other = draft.kind != ChangeKind::Abolish && draft.to.iter().filter_map(|t| of(t.unit?)).any(|l| l != level);
    if mixed || other {
        return Err(refuse::levels(if mixed { "from" } else { "to" }));
    }
    match level {
        Level::Nation => Err(refuse::level_wrong("from", "Cả nước không phải là đơn vị nhập, chia.", "The country is no unit to merge or divide.")),
        Level::Village => Err(refuse::level_wrong(
            "from",
            "Thôn, bản do xã lập: sửa ở trang thôn, bản của xã.",
            "Villages are kept by their commune: change them on its page of villages.",
        )),
        level => Ok(level),
    }
}

fn shares(draft: &Draft) -> Result<(), AppError> {
    if draft.kind != ChangeKind::Divide {
        return Ok(());
    }
    whole_shares(draft.to.iter().map(|t| t.by_population), ("dân số", "population"))?;
    whole_shares(draft.to.iter().map(|t| t.by_area), ("diện tích", "area"))
}

/// Shares are known for all parts or for none, and add up to the whole within a tenth of a percent, which rounding allows.
pub(crate) fn whole_shares(list: impl Iterator<Item = Option<i64>> + Clone, (vi, en): (&str, &str)) -> Result<(), AppError> {
    let known: Vec<i64> = list.clone().flatten().collect();
    if known.is_empty() {
        return Ok(());
    }
    if known.len() != list.count() {
        return Err(refuse::shares_incomplete(vi, en));
    }
    let sum: i64 = known.iter().sum();
    if (sum - crate::WHOLE).abs() > crate::WHOLE / 1_000 || known.iter().any(|s| *s < 0) {
        return Err(refuse::shares_sum(vi, en, &lang::show::number_upto(Decimal::new(sum, 4), 4)));
    }
    Ok(())
}

fn parent(atlas: &Atlas, draft: &Draft, level: Level) -> Result<Option<Uuid>, AppError> {
    let day = draft.effective;
    let own = || draft.from.first().and_then(|u| atlas.version(*u, day)).and_then(|v| v.parent);
    let Some(parent) = draft.parent.or_else(own).or_else(|| if level == Level::Province { atlas.nation() } else { None }) else {
        return Err(refuse::parent("Chưa ghi cấp trên của đơn vị mới.", "The unit above the new one is missing."));
    };
    let Some(above) = atlas.unit(parent) else { return Err(refuse::parent("Không có cấp trên này.", "There is no such unit above.")) };
    if above.on(day).is_none() || draft.from.contains(&parent) {
        return Err(refuse::parent("Cấp trên không tồn tại vào ngày hiệu lực.", "The unit above does not exist on the day of effect."));
    }
    // Strictly upwards, so no circle can arise.
    let fits = match level {
        Level::Province => above.level == Level::Nation,
        Level::District => above.level == Level::Province,
        _ => above.level == Level::Province || (above.level == Level::District && day < NO_DISTRICTS),
    };
    if !fits {
        return Err(refuse::parent(
            "Cấp trên không đúng cấp: tỉnh thuộc cả nước, xã thuộc tỉnh.",
            "The unit above is of the wrong level: provinces belong to the country, communes to provinces.",
        ));
    }
    Ok(Some(parent))
}

fn complete(atlas: &Atlas, draft: &Draft, target: &Target, level: Level, parent: Option<Uuid>) -> Result<Wanted, AppError> {
    let living = target.unit.and_then(|u| atlas.version(u, draft.effective));
    let or = |text: &str, old: Option<&str>| if text.is_empty() { old.unwrap_or_default().to_owned() } else { text.to_owned() };
    let kind = or(&target.kind, living.map(|v| &*v.kind));
    let name = or(&target.name, living.map(|v| &*v.name));
    if name.is_empty() || name.chars().count() > 80 {
        return Err(refuse::name_missing());
    }
    let unchanged = living.is_some_and(|v| *v.kind == *kind);
    if !kinds(level).contains(&kind.as_str()) || (!unchanged && kind == "thị trấn" && draft.effective >= NO_DISTRICTS) {
        return Err(refuse::kind(&kind, kinds(level)));
    }
    let code = target.code.clone().or_else(|| living.and_then(|v| v.code.as_deref()).map(str::to_owned));
    if let Some(code) = &code
        && (code.len() != code_length(level) || !code.bytes().all(|b| b.is_ascii_digit()))
        && living.is_none_or(|v| v.code.as_deref() != Some(code))
    {
        return Err(refuse::code_invalid(code, code_length(level)));
    }
    // A living unit that takes in another stays where it is, unless it is among the units that change.
    let stays = living.filter(|_| draft.kind != ChangeKind::Move && draft.parent.is_none()).and_then(|v| v.parent);
    Ok(Wanted { unit: target.unit, kind, name, code, parent: stays.or(parent) })
}

/// Names are unique under one unit, codes within a level, on the day of effect.
fn collisions(atlas: &Atlas, draft: &Draft, targets: &[Wanted], level: Level) -> Result<(), AppError> {
    let day = draft.effective;
    let staying = |unit: Uuid| !draft.from.contains(&unit) || targets.iter().any(|t| t.unit == Some(unit));
    for (at, target) in targets.iter().enumerate() {
        let twin = targets.iter().skip(at + 1).any(|t| t.full_name() == target.full_name() && t.parent == target.parent);
        let key = lang::canonical(&target.full_name());
        let taken = atlas.units().iter().filter(|u| u.level == level && Some(u.id) != target.unit && staying(u.id)).filter_map(|u| Some((u, u.on(day)?)));
        let mut name_taken = twin;
        for (unit, version) in taken {
            let rewritten = targets.iter().any(|t| t.unit == Some(unit.id));
            if rewritten {
                continue;
            }
            name_taken |= version.parent == target.parent && lang::canonical(&version.full_name) == key;
            if let Some(code) = &target.code
                && version.code.as_deref() == Some(code)
            {
                return Err(refuse::code_taken(code, &atlas.placed_name(unit.id, day)));
            }
        }
        let same_code = targets.iter().skip(at + 1).find(|t| t.code.is_some() && t.code == target.code);
        if let Some(same) = same_code {
            return Err(refuse::code_taken(same.code.as_deref().unwrap_or_default(), &target.full_name()));
        }
        if name_taken {
            return Err(refuse::name_taken(&target.full_name()));
        }
    }
    Ok(())
}

fn unchanged(atlas: &Atlas, target: &Wanted, day: Date) -> bool {
    let Some(version) = target.unit.and_then(|u| atlas.version(u, day)) else { return false };
    *version.kind == *target.kind && *version.name == *target.name && version.parent == target.parent && version.code.as_deref() == target.code.as_deref()
}

fn heir(atlas: &Atlas, draft: &Draft) -> Result<Option<Uuid>, AppError> {
    let Some(unit) = draft.from.first().copied() else { return Ok(None) };
    let heir = draft.to.first().and_then(|t| t.unit);
    if heir == Some(unit) {
        return Err(refuse::nothing("Đơn vị kết thúc không thể tự tiếp nhận.", "A unit that ends cannot take itself over."));
    }
    if heir.is_none() && !draft.to.is_empty() {
        return Err(refuse::units_missing("to", "Đơn vị tiếp nhận phải là đơn vị đang có.", "The unit that takes over must be a living one."));
    }
    let below = atlas.on(draft.effective).children(unit).len();
    if heir.is_none() && below > 0 {
        return Err(refuse::has_below(&atlas.full_name(unit, draft.effective)));
    }
    Ok(heir)
}
