//! No query makes a page fail.

use super::desk::{Desk, desks};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use ui::percent_encode;

const PATHS: &[&str] =
    &["/", "/measures", "/measures/so_ho", "/measures/so_ho/live", "/measures/dat_8_4", "/why", "/compare", "/completeness", "/search", "/search/suggest"];
const NAMES: &[&str] = &["measure", "unit", "a", "b", "period", "period2", "tree", "level", "sort", "show", "page", "part", "q"];

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[0-9]{1,6}",
        "(19|20)[0-9]{2}(-Q[0-9]|-H[0-9]|-9M|-[0-9]{2}|-[0-9]{2}-[0-9]{2})?",
        prop::sample::select(vec![
            "so_ho",
            "dat_8_4",
            "thu_nhap_dau_nguoi",
            "24",
            "07330",
            "today",
            "then",
            "commune",
            "village",
            "-value",
            "not",
            "body",
            "<script>alert(1)</script>",
            "'; DROP TABLE figure;--",
            "%00",
            "-1"
        ])
        .prop_map(str::to_owned),
    ]
}

fn check(desk: &Desk, runtime: &tokio::runtime::Runtime) {
    let mut runner = TestRunner::new(Config { cases: 400, failure_persistence: None, ..Config::default() });
    let pairs = prop::collection::vec((prop::sample::select(NAMES), value()), 0..6);
    runner
        .run(&(prop::sample::select(PATHS), pairs), |(path, pairs)| {
            let query: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={}", percent_encode(value))).collect();
            let page = runtime.block_on(desk.get(&format!("{path}?{}", query.join("&"))));
            prop_assert!(page.status < 500, "{} {} {}", path, query.join("&"), page.text);
            prop_assert!(!page.text.contains("<script>alert"), "{}", page.text);
            Ok(())
        })
        .unwrap();
}

#[test]
fn no_query_makes_a_page_fail() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    for desk in runtime.block_on(desks()) {
        check(&desk, &runtime);
        for raw in ["/measures/so_ho?%ff=%fe&unit=%ff", "/measures/so_ho?unit", "/search?q=%E1%BB", "/measures/so_ho?&&&==&unit=&unit=24"] {
            assert!(runtime.block_on(desk.get(raw)).status < 500, "{raw}");
        }
    }
}
