use crate::house::{day, houses};
use places::facts::unit_id;
use places::{Basis, Level, WHOLE};

#[tokio::test]
async fn both_eras_are_whole() {
    for house in houses().await {
        let atlas = house.places.atlas();
        for (on, provinces, districts, communes) in
            [("2025-06-30", 63, 696, 10_035), ("2025-07-01", 34, 0, 3_321), ("2026-04-30", 34, 0, 3_321), ("2026-11-22", 34, 0, 3_321)]
        {
            let view = atlas.on(day(on));
            let count = |level| view.all(level).count();
            assert_eq!((count(Level::Province), count(Level::District), count(Level::Commune)), (provinces, districts, communes), "{on} {}", house.db.label());
            let nation = atlas.nation().unwrap();
            assert_eq!(view.under(nation, Level::Commune).len(), communes, "every commune hangs below the nation on {on}");
        }
        // A second start loads nothing.
        assert!(!house.places.load_facts().await.unwrap());
    }
}

#[tokio::test]
async fn nothing_is_lost_on_the_way_to_todays_map() {
    let house = houses().await.remove(0);
    let atlas = house.places.atlas();
    let (then, now) = (day("2025-06-30"), day("2026-11-22"));
    let view = atlas.on(now);
    let mut divided = 0;
    for level in [Level::Province, Level::District, Level::Commune] {
        for unit in atlas.on(then).all(level) {
            for basis in [Basis::Population, Basis::Area] {
                let heirs = atlas.heirs(unit, then, now, basis);
                assert_eq!(heirs.iter().map(|h| h.share).sum::<i64>(), WHOLE, "{}", atlas.full_name(unit, then));
                assert!(heirs.iter().all(|h| view.has(h.unit) && h.share > 0));
                divided += usize::from(level == Level::Commune && basis == Basis::Population && heirs.iter().any(|h| h.estimated));
            }
        }
    }
    assert_eq!(divided, 440);
    let heir = |key: &str| atlas.heirs(unit_id(key), then, now, Basis::Population).iter().map(|h| atlas.full_name(h.unit, now)).collect::<Vec<_>>();
    // The pilots of the first batch, of which none kept both name and code.
    for (key, today) in [
        ("old:38:397:15712", "Xã Tân Ninh"),
        ("old:38:398:15841", "Xã Thiệu Trung"),
        ("old:38:380:16408", "Phường Đông Sơn"),
        ("old:24:216:07324", "Xã Phúc Hòa"),
    ] {
        assert_eq!(heir(key), [today], "{key}");
    }
}
