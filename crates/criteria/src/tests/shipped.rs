//! The sets of the fact files: complete as far as they say, and never more certain than their source.

use crate::check::{Around, check};
use crate::model::{Choice, Confidence, Given, Outcome, Traits, Why, judge, threshold_for};
use crate::{facts, source};
use std::collections::BTreeMap;

pub fn around() -> Around {
    let places = places::facts::read().unwrap();
    let of = |kind| places.groups.iter().filter(|g| g.kind == kind).map(|g| g.code.clone()).collect();
    let mut region_of = BTreeMap::new();
    for group in places.groups.iter().filter(|g| g.kind == places::GroupKind::Region) {
        region_of.extend(group.members.iter().map(|m| (m.unit, group.code.clone())));
    }
    Around {
        library: facts::shipped().unwrap(),
        regions: of(places::GroupKind::Region),
        groups: of(places::GroupKind::CommuneGroup),
        flags: of(places::GroupKind::Flag),
        measures: figures::define::shipped_measures().unwrap().into_iter().map(|d| d.code).collect(),
        region_of,
    }
}

fn traits(year: i16, region: &str) -> Traits {
    Traits { region: Some(region.to_owned()), ..Traits::plain(year) }
}

#[test]
fn all_sets_are_sound_and_come_back_from_their_own_text() {
    let around = around();
    let sets = facts::shipped_sets().unwrap();
    assert_eq!(sets.len(), 15);
    for set in sets {
        let flaws = check(&set, &around);
        assert!(flaws.is_empty(), "{}: {flaws:#?}", set.code);
        let (again, _) = source::read(&source::write(&set)).unwrap();
        assert_eq!(again, set);
    }
}

#[test]
fn counts_are_those_of_the_documents() {
    let library = facts::shipped().unwrap();
    for (code, criteria, indicators) in [("commune-2021-2025", 19, 57), ("commune-advanced-2021-2025", 19, 75), ("district-2021-2025", 9, 36)] {
        let set = library.get(code).unwrap();
        assert_eq!((set.criteria_number(), set.indicators().count() - set.criteria.iter().filter(|c| c.condition).count()), (criteria, indicators), "{code}");
        assert!(set.is_whole(), "{code}");
    }
    let new = library.get("commune-2026-2030").unwrap();
    assert_eq!((new.criteria_number(), new.indicator_count, new.indicators().count(), new.is_whole()), (10, Some(47), 0, false));
}

#[test]
fn what_is_not_known_has_no_threshold_and_nobody_fails_it() {
    let library = facts::shipped().unwrap();
    let set = library.get("commune-2021-2025").unwrap();
    let traits = traits(2024, "dong_bang_song_hong");
    let income = set.indicator("10.1").unwrap();
    assert_eq!(threshold_for(&library, set, income, &traits), Choice::Missing(Why::Unknown));
    let values: BTreeMap<String, Given> = [("10.1".to_owned(), Given::Number { value: 1.into() })].into();
    let card = judge(&library, set, &traits, &values);
    assert_eq!(card.outcome("10.1"), Some(Outcome::NoLevel));
    assert_eq!((card.tally.no_level, card.tally.no_data), (1, 56));
}

#[test]
fn a_specially_poor_commune_is_judged_by_the_northern_mountains() {
    let library = facts::shipped().unwrap();
    let set = library.get("commune-2021-2025").unwrap();
    let stunting = set.indicator("15.3").unwrap();
    let value = |traits: &Traits| match threshold_for(&library, set, stunting, traits) {
        Choice::Applies(a) => (a.value.unwrap().to_string(), a.rule.map(|r| r.clause.clone())),
        Choice::Missing(why) => panic!("{why:?}"),
    };
    let mut there = traits(2024, "dong_nam_bo");
    assert_eq!(value(&there), ("14.5".to_owned(), None));
    there.flags.push("dac_biet_kho_khan".to_owned());
    assert_eq!(value(&there), ("24".to_owned(), Some("Điều 1".to_owned())));
    assert_eq!(threshold_for(&library, set, stunting, &Traits::plain(2024)), Choice::Missing(Why::NoRegion));
}

#[test]
fn an_amended_indicator_reads_as_it_did_and_is_judged_as_it_was() {
    let library = facts::shipped().unwrap();
    let set = library.get("commune-2021-2025").unwrap();
    let book = set.indicator("15.4").unwrap();
    let old = Traits { day: jiff::civil::date(2023, 12, 31), ..traits(2023, "dong_bang_song_hong") };
    let new = traits(2024, "dong_bang_song_hong");
    assert!(book.on(old.day).title.starts_with("Tỷ lệ dân số"));
    assert!(book.on(new.day).title.starts_with("Xã triển khai"));
    let judged = |traits: &Traits, given: Given| {
        let values: BTreeMap<String, Given> = [("15.4".to_owned(), given)].into();
        judge(&library, set, traits, &values).outcome("15.4").unwrap()
    };
    assert_eq!(judged(&old, Given::Ratio { n: 70, of: 100 }), Outcome::Met);
    assert_eq!(judged(&old, Given::Ratio { n: 69, of: 100 }), Outcome::NotMet);
    assert_eq!(judged(&new, Given::Answer { yes: true }), Outcome::Met);
}

#[test]
fn a_province_rule_holds_for_its_province_only_and_stands_on_the_advanced_income_elsewhere() {
    let library = facts::shipped().unwrap();
    let set = library.get("commune-model-2021-2025").unwrap();
    let income = set.indicator("2").unwrap();
    let mut traits = Traits::plain(2024);
    assert_eq!(threshold_for(&library, set, income, &traits), Choice::Missing(Why::Base));
    traits.provinces.push(places::facts::unit_id("p:old:36"));
    let Choice::Applies(applied) = threshold_for(&library, set, income, &traits) else { panic!() };
    assert_eq!(applied.value.unwrap().to_string(), "93");
}

#[test]
fn no_threshold_is_surer_than_its_source() {
    for set in facts::shipped_sets().unwrap() {
        for i in set.indicators() {
            for t in &i.thresholds {
                assert_ne!(t.confidence, Confidence::Unknown, "{} {}", set.code, i.code);
                assert_ne!(t.confidence, Confidence::Official, "{} {}: nothing was read from the official annex yet", set.code, i.code);
            }
        }
    }
}

#[test]
fn the_rule_of_revocation_is_data() {
    let rules = facts::rules().unwrap();
    assert_eq!((rules.revocation.len(), rules.merge.len()), (5, 3));
    assert!(rules.document.contains("18/2022"));
}
