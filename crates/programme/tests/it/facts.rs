use crate::house::houses;
use db::lint;

#[tokio::test]
async fn the_shipped_documents_and_plans_are_there_once() {
    for house in houses().await {
        let register = house.programme.register();
        assert!(register.documents().count() >= 25);
        assert_eq!(register.plan("924").unwrap().def.target.len(), 16);
        let chain: Vec<String> = register.above("quang-xuong-2025").iter().map(|p| p.def.plan.code.clone()).collect();
        assert_eq!(chain, ["thanh-hoa-2022-2025", "924", "ntm-2021-2025"]);
        let again = programme::Programme::open(house.programme.figures().clone()).await.unwrap();
        assert_eq!(again.register().documents().count(), register.documents().count());
        // Every code that is named is there.
        for plan in register.plans() {
            let head = &plan.def.plan;
            assert!(head.document.iter().all(|d| register.document(d).is_some()), "{}", head.code);
            assert!(head.parent.iter().chain(&head.follows).all(|p| register.plan(p).is_some()), "{}", head.code);
        }
        for kept in register.documents() {
            let a = &kept.about;
            assert!(a.amends.iter().chain(&a.based_on).chain(&a.replaced_by).all(|d| register.document(d).is_some()), "{}", a.code);
        }
    }
}

#[tokio::test]
async fn what_is_handed_down_and_what_is_overridden() {
    let house = houses().await.remove(0);
    let (register, atlas) = (house.programme.register(), house.programme.atlas());
    let codes = |plan: &str| register.targets(&atlas, register.plan(plan).unwrap()).iter().map(|h| h.target.code.clone()).collect::<Vec<_>>();
    assert_eq!(codes("924"), ["G1a", "G1b", "G1c", "G1d", "G2", "G3", "G4", "G5", "G6", "G7", "G8", "E1", "E2", "E3", "S1", "P1"]);
    // A province has no central dossiers; a plan without a list of its own has that of the programme.
    assert_eq!(codes("thanh-hoa-2022-2025").first().map(String::as_str), Some("G1b"));
    assert_eq!(codes("thanh-hoa-2022-2025").len(), 15);
    let held = register.targets(&atlas, register.plan("bac-giang-2023-2025").unwrap());
    let g5 = held.iter().find(|h| h.target.code == "G5").unwrap();
    assert_eq!((g5.own(), g5.stricter()), (true, Some(programme::Stricter::Own)));
    assert_eq!(g5.target.reading[0].measures, ["kq_district_2021_2025_9_5"]);
    let p1 = held.iter().find(|h| h.target.code == "P1").unwrap();
    assert!(!p1.own());
}

#[tokio::test]
async fn the_schema_and_the_statements_obey_the_tenancy_rules() {
    for house in houses().await {
        let schemas = &[access::SCHEMA, places::SCHEMA, figures::SCHEMA, programme::SCHEMA];
        assert_eq!(lint::schema(&house.db, schemas).await.unwrap(), Vec::<String>::new());
        assert_eq!(lint::statements(&house.db, schemas).await.unwrap(), Vec::<String>::new());
    }
}
