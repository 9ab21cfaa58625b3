use crate::world::{measure, worlds};
use calendar::Period;
use figures::{Tree, Value};
use places::Level;
use rust_decimal::Decimal;

/// DHIS2's merge turns 10 + 11 into 11; ours keeps 21 — and every sum of the old country on the new map.
#[tokio::test]
async fn sums_survive_the_first_of_july() {
    for w in worlds().await {
        let f = &w.figures;
        let atlas = f.places().atlas();
        let period: Period = "2024".parse().unwrap();
        let then = atlas.on(jiff::civil::date(2024, 12, 14));
        let communes: Vec<_> = then.all(Level::Commune).collect();
        assert!(communes.len() > 10_000);
        let values: Vec<_> = communes.iter().zip(1i64..).map(|(u, n)| (*u, Value::Number(n))).collect();
        let total: i64 = (1..=i64::try_from(values.len()).unwrap()).sum();
        let mut load = f.bulk("test", 1).await.unwrap();
        load.slice(measure("so_ho"), period, values).await.unwrap();
        let report = load.finish().await.unwrap();
        assert_eq!(report.lines as usize, communes.len());

        let nation = atlas.nation().unwrap();
        for tree in [Tree::Then, Tree::Today] {
            let ask = w.ask("so_ho", "2024", tree);
            let whole = f.read(&ask, nation).await.unwrap();
            assert_eq!(whole.value, Some(Decimal::from(total)), "{} {tree:?}", w.db.label());
            assert_eq!(whole.missing, 0);
            let provinces = f.read_level(&ask, nation, Level::Province).await.unwrap();
            assert_eq!(provinces.len(), if tree == Tree::Then { 63 } else { 34 });
            let sum: Decimal = provinces.iter().filter_map(|p| p.value).sum();
            assert_eq!(sum, Decimal::from(total));
            let communes = f.read_level(&ask, nation, Level::Commune).await.unwrap();
            assert_eq!(communes.iter().filter_map(|c| c.value).sum::<Decimal>(), Decimal::from(total));
        }
        // Units that were cut up are marked as estimates on today's map, and only there.
        assert!(f.read(&w.ask("so_ho", "2024", Tree::Today), nation).await.unwrap().estimated > 100);
        assert_eq!(f.read(&w.ask("so_ho", "2024", Tree::Then), nation).await.unwrap().estimated, 0);
        let verified = f.verify().await.unwrap();
        assert_eq!(verified.differences, 0, "{:?}", verified.examples);
        assert!(verified.figures > 13_000);
    }
}
