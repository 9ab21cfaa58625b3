use crate::world::{measure, person, unit, worlds};
use access::Role;
use calendar::Period;
use figures::{Entry, Intent, Origin, Outcome, Pending, Tree, Value};
use places::Level;
use rust_decimal::Decimal;

/// Reviewers of two old provinces accept at the same moment; both meet in the province that took them over.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn writers_of_two_old_provinces_lose_nothing() {
    for w in worlds().await {
        let f = &w.figures;
        let atlas = f.places().atlas();
        let period: Period = "2024".parse().unwrap();
        let then = atlas.on(jiff::civil::date(2024, 12, 14));
        let officer = person("officer", Role::Officer, unit("nation"));
        let reviewer = person("reviewer", Role::Reviewer, unit("nation"));
        let mut tasks = tokio::task::JoinSet::new();
        for province in ["p:old:24", "p:old:27"] {
            for commune in then.under(unit(province), Level::Commune).into_iter().take(12) {
                let (f, officer, reviewer) = (f.clone(), officer.clone(), reviewer.clone());
                tasks.spawn(async move {
                    let measure = measure("so_ho");
                    let entry = Entry { unit: commune, measure, period, value: Value::Number(10), reason: None, cell: None, seen: None };
                    let done = f.enter(&officer, &[entry], &Origin { source: "form", ..Origin::default() }, Intent::Submit).await.unwrap();
                    assert_eq!(done, [Outcome::Written { seq: 1 }]);
                    f.accept(&reviewer, &[Pending { unit: commune, measure, period, seq: 1 }]).await.unwrap();
                });
            }
        }
        while let Some(done) = tasks.join_next().await {
            done.unwrap();
        }
        for tree in [Tree::Then, Tree::Today] {
            let view = f.read(&w.ask("so_ho", "2024", tree), unit("nation")).await.unwrap();
            assert_eq!(view.value, Some(Decimal::from(240)), "{} {tree:?}", w.db.label());
        }
        let verified = f.verify().await.unwrap();
        assert_eq!(verified.differences, 0, "{}: {:?}", w.db.label(), verified.examples);
    }
}
