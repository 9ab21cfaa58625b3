use super::*;
use crate::Basis;
use crate::facts::{atlas, unit_id};
use jiff::civil::date;
use proptest::prelude::*;

const TODAY: Date = date(2026, 11, 22);
const DAY: &str = "2027-01-01";

fn form(kind: &str, from: &str, to: &str) -> DraftForm {
    DraftForm {
        kind: kind.into(),
        effective: DAY.into(),
        decree: "NQ 1/NQ-UBTVQH16".into(),
        decree_date: "2026-12-01".into(),
        from: from.into(),
        to: to.into(),
        ..DraftForm::default()
    }
}

fn plan_on(atlas: &Atlas, form: &DraftForm) -> Result<Plan, AppError> {
    Plan::make(atlas, &form.read(atlas)?, TODAY)
}

fn plan(form: &DraftForm) -> Result<Plan, AppError> {
    plan_on(atlas(), form)
}

fn code(form: &DraftForm) -> &'static str {
    plan(form).map(|_| "fine").unwrap_or_else(|e| e.code)
}

fn day() -> Date {
    DAY.parse().unwrap()
}

#[test]
fn a_merge_ends_the_old_and_opens_the_new() {
    let plan = plan(&form("merge", "07330\nxã Tân Yên, Bắc Ninh", "Xã Tân Phúc; 99001")).unwrap();
    let after = plan.after(atlas());
    let new = plan.created[0].id;
    assert_eq!(after.placed_name(new, day()), "xã Tân Phúc, thành phố Bắc Ninh");
    assert_eq!(after.unit(new).unwrap().tenant, unit_id("p:new:24"));
    assert!(after.unit(new).unwrap().area > after.unit(unit_id("new:24:07330")).unwrap().area);
    assert!(after.version(unit_id("new:24:07330"), day()).is_none());
    assert!(after.version(unit_id("new:24:07330"), TODAY).is_some());
    assert_eq!(after.on(day()).all(Level::Commune).count(), 3320);
    let heirs = after.heirs(unit_id("new:24:07330"), TODAY, day(), Basis::Population);
    assert_eq!((heirs.len(), heirs[0].unit, heirs[0].share, heirs[0].estimated), (1, new, WHOLE, false));
}

#[test]
fn a_unit_may_join_a_living_one() {
    let plan = plan(&form("merge", "xã Phúc Hòa, Bắc Ninh", "07615")).unwrap();
    assert!(plan.created.is_empty());
    let after = plan.after(atlas());
    let heir = after.heirs(unit_id("new:24:07330"), TODAY, day(), Basis::Area)[0].unit;
    assert_eq!(after.version(heir, day()).unwrap().code.as_deref(), Some("07615"));
    assert_eq!(after.version(heir, day()), after.version(heir, TODAY));
}

#[test]
fn a_division_keeps_the_whole() {
    let plan = plan(&form("divide", "07330", "Xã Phúc Một; ; 33,3; 20\nXã Phúc Hai; ; 33,3; 30\nXã Phúc Ba; ; 33,4; 50")).unwrap();
    let after = plan.after(atlas());
    for (basis, first) in [(Basis::Population, 333_000), (Basis::Area, 200_000)] {
        let heirs = after.heirs(unit_id("new:24:07330"), TODAY, day(), basis);
        assert_eq!(heirs.iter().map(|h| h.share).sum::<i64>(), WHOLE);
        assert!(heirs.iter().all(|h| h.estimated));
        assert_eq!(heirs[0].share, first);
    }
    assert_eq!(plan.change.parts.iter().filter(|p| p.is_default).count(), 1);
}

#[test]
fn a_province_takes_its_communes_along() {
    let plan = plan(&form("merge", "tỉnh Cao Bằng\ntỉnh Lạng Sơn", "Tỉnh Cao Lạng; 98")).unwrap();
    let after = plan.after(atlas());
    let new = plan.created[0].id;
    assert_eq!(after.unit(new).unwrap().tenant, new);
    assert_eq!(plan.followers.len(), atlas().on(day()).children(unit_id("p:old:04")).len() + atlas().on(day()).children(unit_id("p:old:20")).len());
    assert_eq!(after.on(day()).children(new).len(), plan.followers.len());
    let nation = after.nation().unwrap();
    assert_eq!(after.on(day()).under(nation, Level::Commune).len(), 3321);
    // A commune that followed lives on, and a second change of the same day finds it.
    let commune = plan.followers[0];
    assert_eq!(after.heirs(commune, TODAY, day(), Basis::Population)[0].unit, commune);
    assert!(plan_on(&after, &form("retype", &commune.to_string(), "Phường Mới")).is_ok());
    assert!(after.unit(commune).unwrap().tenant != new, "a unit keeps its tenant for life");
}

#[test]
fn a_rename_a_new_kind_and_a_move_keep_the_unit() {
    let id = unit_id("new:24:07330");
    for (form, wanted) in [
        (form("rename", "07330", "Xã Phúc Sơn Mới"), "xã Phúc Sơn Mới, thành phố Bắc Ninh"),
        (form("retype", "07330", "Phường Phúc Hòa"), "phường Phúc Hòa, thành phố Bắc Ninh"),
        (DraftForm { parent: "tỉnh Lạng Sơn".into(), ..form("move", "07330", "") }, "xã Phúc Hòa, tỉnh Lạng Sơn"),
    ] {
        let after = plan(&form).unwrap().after(atlas());
        assert_eq!(after.placed_name(id, day()), wanted);
        assert_eq!(after.placed_name(id, TODAY), "xã Phúc Hòa, thành phố Bắc Ninh");
        assert_eq!(after.heirs(id, TODAY, day(), Basis::Population)[0].unit, id);
    }
}

#[test]
fn an_end_and_a_beginning() {
    let after = plan(&form("abolish", "07330", "07615")).unwrap().after(atlas());
    assert!(after.version(unit_id("new:24:07330"), day()).is_none());
    let made = plan(&DraftForm { parent: "Khánh Hòa".into(), ..form("create", "", "Đặc khu Song Tử; 99002") }).unwrap();
    assert_eq!(made.after(atlas()).placed_name(made.created[0].id, day()), "đặc khu Song Tử, tỉnh Khánh Hòa");
}

#[test]
fn what_cannot_be_is_refused_with_its_own_code() {
    let old = |f: DraftForm| DraftForm { effective: "2025-07-01".into(), decree_date: String::new(), ..f };
    for (form, wanted) in [
        (form("", "07330", "Xã A"), "change_kind_missing"),
        (DraftForm { effective: "mai".into(), ..form("merge", "07330", "Xã A") }, "date_unreadable"),
        (DraftForm { decree: " ".into(), ..form("rename", "07330", "Xã A") }, "change_decree_missing"),
        (DraftForm { decree_date: "2027-02-01".into(), ..form("rename", "07330", "Xã A") }, "change_date_order"),
        (form("merge", "07330", "Xã A"), "change_units_missing"),
        (form("merge", "07330\n07615", ""), "change_units_missing"),
        (form("merge", "07330\n07615", "Xã A\nXã B"), "change_units_too_many"),
        (form("merge", "07330\n07330", "Xã A"), "change_unit_repeated"),
        (form("merge", "07330\n99999", "Xã A"), "unknown_unit"),
        (form("merge", "07330\nxã Tân Thành", "Xã A"), "unit_ambiguous"),
        (form("merge", "07330\ntỉnh Lạng Sơn", "Xã A"), "change_levels_differ"),
        (form("merge", &format!("07330\n{}", unit_id("old:24:216:07324")), "Xã A"), "change_unit_not_living"),
        (form("merge", "07330\n07615", "Huyện A"), "change_kind_unknown"),
        (form("merge", "07330\n07615", "Thị trấn A"), "change_kind_unknown"),
        (form("merge", "07330\n07615", "A"), "change_name_missing"),
        (form("merge", "07330\n07615", "Xã Tân Yên"), "change_name_taken"),
        (form("merge", "07330\n07615", "Xã A; 00001"), "fine"),
        (form("merge", "07330\n07615", "Xã A; 123"), "change_code_invalid"),
        (form("merge", "07330\n07615", "Xã A; 15835"), "change_code_taken"),
        (form("divide", "07330", "Xã A"), "change_units_missing"),
        (form("divide", "07330", "Xã A\nXã A"), "change_name_taken"),
        (form("divide", "07330", "Xã A;;60\nXã B;;30"), "change_shares_sum"),
        (form("divide", "07330", "Xã A;;60\nXã B"), "change_shares_incomplete"),
        (form("divide", "07330", "Xã A;;nhiều\nXã B"), "change_share_unreadable"),
        (form("divide", "07330", "Xã A;;1;2;3\nXã B"), "change_line_unreadable"),
        (form("rename", "07330", "Xã Phúc Hòa"), "change_nothing"),
        (form("move", "07330", ""), "change_parent_wrong"),
        (DraftForm { parent: "07615".into(), ..form("move", "07330", "") }, "change_parent_wrong"),
        (DraftForm { parent: "Bắc Ninh".into(), ..form("move", "07330", "") }, "change_nothing"),
        (form("abolish", "tỉnh Lạng Sơn", ""), "change_unit_has_below"),
        (form("create", "", "Xã A"), "change_parent_wrong"),
        (old(form("merge", "07330\n07615", "Xã A")), "change_unit_changed_later"),
        (
            DraftForm { effective: "2026-09-20".into(), decree_date: String::new(), ..form("merge", "tỉnh Bắc Ninh\ntỉnh Lạng Sơn", "Tỉnh A") },
            "change_unit_changed_later",
        ),
    ] {
        assert_eq!(code(&form), wanted, "{form:?}");
    }
}

proptest! {
    // Each case builds the country twice.
    #![proptest_config(ProptestConfig::with_cases(6))]

    /// Whatever the shares, and however often a place is cut up and put together, nothing is lost.
    #[test]
    fn shares_stay_whole_through_several_changes(cuts in proptest::collection::vec(1u32..100, 2..5)) {
        let total: u32 = cuts.iter().sum();
        let mut left = 10_000;
        let lines: Vec<String> = cuts.iter().enumerate().map(|(i, c)| {
            let share = if i + 1 == cuts.len() { left } else { c * 10_000 / total };
            left -= share;
            format!("Xã Phần {i};;{},{:02}", share / 100, share % 100)
        }).collect();
        let first = plan(&form("divide", "07330", &lines.join("\n"))).unwrap();
        let middle = first.after(atlas());
        let ids: Vec<String> = first.created.iter().map(|u| u.id.to_string()).collect();
        let again = DraftForm { effective: "2028-01-01".into(), ..form("merge", &ids.join("\n"), "Xã Phúc Hòa; 07330") };
        let last = plan_on(&middle, &again).unwrap().after(&middle);
        let heirs = last.heirs(unit_id("new:24:07330"), TODAY, "2028-01-01".parse().unwrap(), Basis::Population);
        prop_assert_eq!(heirs.len(), 1);
        prop_assert_eq!(heirs[0].share, WHOLE);
        for basis in [Basis::Population, Basis::Area] {
            let parts = middle.heirs(unit_id("new:24:07330"), TODAY, day(), basis);
            prop_assert_eq!(parts.iter().map(|h| h.share).sum::<i64>(), WHOLE);
        }
    }

}

proptest! {
    #[test]
    fn any_form_is_answered(kind in "merge|divide|rename|retype|move|abolish|create|x", from in "(07330|07615|24|xã|\\PC{0,6}|\n){0,4}", to in "(07330|Xã A|;|60|\n|\\PC{0,4}){0,6}", parent in "|24|Lạng Sơn|07330") {
        let _ = plan(&DraftForm { parent, ..form(&kind, &from, &to) });
    }

    #[test]
    fn split_adds_up(total in 0i64..1_000_000_000_000, weights in proptest::collection::vec(0i64..2_000_000, 1..8)) {
        let parts = crate::split(total, &weights);
        prop_assert_eq!(parts.iter().sum::<i64>(), total);
        prop_assert!(parts.iter().all(|p| *p >= 0));
    }
}
