use crate::world::{measure, person, unit, worlds};
use access::Role;
use calendar::Period;
use figures::{Entry, Intent, Origin, Outcome, Pending, Status, Tree, Value};
use places::Level;
use rust_decimal::Decimal;

fn entry(unit_key: &str, code: &str, period: &str, n: i64) -> Entry {
    Entry {
        unit: unit(unit_key),
        measure: measure(code),
        period: period.parse::<Period>().unwrap(),
        value: Value::Number(n),
        reason: None,
        cell: None,
        seen: None,
    }
}

/// The life of a figure: drafted, submitted, accepted, visible above at once, corrected with a reason, and verified.
#[tokio::test]
async fn a_figure_lives() {
    for w in worlds().await {
        let f = &w.figures;
        let atlas = f.places().atlas();
        let today = f.clock().today();
        let province = atlas.coded("38", Some(Level::Province), today).unwrap();
        let commune = atlas.on(today).under(province, Level::Commune)[0];
        let key = "so_ho";
        let known = f.catalog().coded(key).unwrap().clone();
        let period = f.recent_periods(&known, 1)[0];
        let e = |n: i64, reason: Option<&str>| Entry {
            unit: commune,
            measure: known.measure.id,
            period,
            value: Value::Number(n),
            reason: reason.map(str::to_owned),
            cell: None,
            seen: None,
        };
        let officer = person("officer", Role::Officer, commune);
        let reviewer = person("reviewer", Role::Reviewer, province);
        let origin = Origin { source: "form", ..Origin::default() };
        let ask = figures::Ask { known: known.clone(), period, tree: Tree::Then };
        let nation = atlas.nation().unwrap();

        let done = f.enter(&officer, &[e(1200, None)], &origin, Intent::Draft).await.unwrap();
        assert_eq!(done, [Outcome::Written { seq: 1 }], "{}", w.db.label());
        assert_eq!(f.read(&ask, nation).await.unwrap().value, None);
        assert_eq!(f.submit(&officer, commune, period).await.unwrap().lines, 1);
        let view = f.read(&ask, province).await.unwrap();
        assert_eq!((view.awaiting, view.value, view.status), (1, None, Status::Missing));
        assert_eq!(view.n + view.missing + view.not_applicable + view.awaiting, view.of);

        let item = Pending { unit: commune, measure: known.measure.id, period, seq: 2 };
        assert_eq!(f.accept(&officer, &[item]).await.unwrap_err().code, "role_required");
        assert_eq!(f.accept(&reviewer, &[item]).await.unwrap(), 1);
        assert_eq!(f.accept(&reviewer, &[item]).await.unwrap_err().code, "changed_meanwhile");
        for place in [commune, province, nation] {
            let view = f.read(&ask, place).await.unwrap();
            assert_eq!(view.value, Some(Decimal::from(1200)), "{}", w.db.label());
        }
        assert_eq!(f.read(&ask, nation).await.unwrap().n, 1);

        // The same again changes nothing; a correction needs a reason, waits, and then counts.
        assert_eq!(f.enter(&officer, &[e(1200, None)], &origin, Intent::Submit).await.unwrap(), [Outcome::Unchanged]);
        let refused = f.enter(&officer, &[e(1300, None)], &origin, Intent::Submit).await.unwrap();
        assert!(matches!(&refused[0], Outcome::Refused(r) if r.code == "reason_for_correction"));
        f.enter(&officer, &[e(1300, Some("đếm sót xóm mới"))], &origin, Intent::Submit).await.unwrap();
        assert_eq!(f.read(&ask, nation).await.unwrap().value, Some(Decimal::from(1200)));
        f.accept(&reviewer, &[Pending { seq: 4, ..item }]).await.unwrap();
        assert_eq!(f.read(&ask, nation).await.unwrap().value, Some(Decimal::from(1300)));

        let told = f.explain(&reviewer, &ask, commune).await.unwrap();
        assert_eq!(told.steps.len(), 5);
        assert_eq!(told.steps[0].act.as_ref().unwrap().who_name, "officer");
        let stranger = person("stranger", Role::Viewer, atlas.coded("01", Some(Level::Province), today).unwrap());
        assert!(f.explain(&stranger, &ask, commune).await.unwrap().steps.iter().all(|s| s.act.is_none()));

        let verified = f.verify().await.unwrap();
        assert_eq!(verified.differences, 0, "{:?}", verified.examples);
        assert!(verified.figures > 3);
    }
}

/// Each wrong value is refused by itself, with a stable code.
#[tokio::test]
async fn wrong_values_are_refused_one_by_one() {
    for w in worlds().await {
        let f = &w.figures;
        let officer = person("officer", Role::Officer, unit("p:new:24"));
        let old = "old:24:216:07330";
        let codes: Vec<&str> = f
            .enter(
                &officer,
                &[
                    entry("nation", "so_ho", "2025", 1),
                    entry(old, "so_ho", "2027", 1),
                    entry(old, "so_ho", "2025-Q2", 1),
                    entry("old:01:001:00001", "so_ho", "2024", 1),
                    Entry { measure: uuid::Uuid::nil(), ..entry(old, "so_ho", "2024", 1) },
                    Entry { unit: uuid::Uuid::nil(), ..entry(old, "so_ho", "2024", 1) },
                ],
                &Origin::default(),
                Intent::DryRun,
            )
            .await
            .unwrap()
            .into_iter()
            .map(|o| match o {
                Outcome::Refused(r) => r.code,
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(codes, ["wrong_level", "future_period", "wrong_period", "role_required", "unknown_measure", "unknown_unit"]);
    }
}
