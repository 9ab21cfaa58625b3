//! Where units gain and lose, as a map: by province for the country, by commune within one province.

use super::super::scenario::Answer;
use super::super::score::Reading;
use super::result::signed;
use crate::Criteria;
use places::Level;
use std::collections::HashMap;
use ui::map::{LegendItem, MapFill, PointShape, map};
use ui::{Html, Lang, Tone};
use uuid::Uuid;

/// The map; none where nothing changes or there is nothing to draw.
pub(super) fn drawn(criteria: &Criteria, answer: &Answer, reading: Reading, l: Lang) -> Option<Html> {
    let snapshot = &answer.snapshot;
    let set = &snapshot.grid.set;
    let effect = &answer.effect;
    if effect.all.gained + effect.all.lost == 0 {
        return None;
    }
    let atlas = criteria.figures().places().atlas();
    let day = set.judged_on(snapshot.year);
    let view = atlas.on(day);
    let key = |fill, shape, vi: &str, en: &str| LegendItem { fill, shape, text: l.t(vi, en).to_owned() };
    let mut spec = if effect.provinces.len() > 1 {
        let net = |p: Uuid| effect.provinces.get(&p).map(|c| i64::try_from(c.after).unwrap_or(0) - i64::try_from(c.before).unwrap_or(0));
        let fill = |p: Uuid| match net(p) {
            Some(1..) => MapFill::Tone(Tone::Good),
            Some(..0) => MapFill::Tone(Tone::Bad),
            Some(0) => MapFill::Tone(Tone::Plain),
            None => MapFill::Base,
        };
        let title = |p: Uuid| match effect.provinces.get(&p) {
            Some(c) => format!(
                "{}: {} ({} {}, {} {})",
                atlas.full_name(p, day),
                signed(net(p).unwrap_or(0), l),
                c.gained,
                l.t("thêm", "gain"),
                c.lost,
                l.t("mất", "lose")
            ),
            None => atlas.full_name(p, day),
        };
        let mut spec = places::map::province_map(&atlas, &view, fill, title, |_| None, true);
        spec.legend = vec![
            key(MapFill::Tone(Tone::Good), None, "thêm nhiều hơn mất", "more gain than lose"),
            key(MapFill::Tone(Tone::Bad), None, "mất nhiều hơn thêm", "more lose than gain"),
            key(MapFill::Tone(Tone::Plain), None, "không đổi", "no change"),
        ];
        spec
    } else if set.level == Level::Commune {
        let province = effect.provinces.keys().next().copied()?;
        let place: HashMap<Uuid, usize> = snapshot.grid.units.iter().enumerate().map(|(at, unit)| (*unit, at)).collect();
        let gained: HashMap<Uuid, bool> = effect.gained.iter().map(|f| (f.unit, true)).chain(effect.lost.iter().map(|f| (f.unit, false))).collect();
        let passes = |unit: Uuid| place.get(&unit).is_some_and(|at| answer.after.passes(*at, reading));
        let fill = |unit: Uuid| match gained.get(&unit) {
            Some(true) => MapFill::Tone(Tone::Good),
            Some(false) => MapFill::Tone(Tone::Bad),
            None if passes(unit) => MapFill::Tone(Tone::Plain),
            None => MapFill::Base,
        };
        let title = |unit: Uuid| {
            let word = match gained.get(&unit) {
                Some(true) => l.t("đạt thêm", "gains"),
                Some(false) => l.t("không còn đạt", "loses"),
                None if passes(unit) => l.t("vẫn đạt", "still passes"),
                None => l.t("vẫn chưa đạt", "still does not pass"),
            };
            format!("{}: {word}", atlas.full_name(unit, day))
        };
        let mut spec = places::map::commune_map(&atlas, &view, province, fill, title, |_| None);
        for point in spec.points.iter_mut().filter(|p| p.fill == MapFill::Tone(Tone::Bad)) {
            point.shape = PointShape::Triangle;
        }
        let areas = spec.points.is_empty();
        let form = |shape| (!areas).then_some(shape);
        spec.legend = vec![
            key(MapFill::Tone(Tone::Good), form(PointShape::Circle), "đạt thêm", "gains"),
            key(MapFill::Tone(Tone::Bad), form(PointShape::Triangle), "không còn đạt", "loses"),
            key(MapFill::Tone(Tone::Plain), form(PointShape::Circle), "vẫn đạt", "still passes"),
        ];
        spec
    } else {
        return None;
    };
    spec.id = "dien-tap".into();
    spec.title = l.t("Nơi nào thêm, nơi nào mất; bảng bên dưới ghi cùng nội dung", "Where units gain and lose; the tables below say the same").to_owned();
    Some(map(&spec))
}
