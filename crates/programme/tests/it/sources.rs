//! A target with two sources: scores, and what was declared.

use crate::house::houses;
use crate::progress::{read, say};
use access::Role;

/// A plan whose targets have two sources each, once in either order.
fn two() -> String {
    let target = |code: &str, first: &str, instead: &str| {
        format!(
            r#"
[[target]]
code = "{code}"
pillar = "government"
title_vi = "Kết quả chấm và tự khai"
level = "commune"
value = "50"
unit = "%"

[[target.reading]]
code = "r"
title_vi = "Kết quả, nếu chưa tới nửa thì tự khai"
measures = ["{first}"]
instead = ["{instead}"]
"#
        )
    };
    let head = r#"[plan]
code = "hai-nguon"
kind = "plan"
title_vi = "Hai nguồn"
unit = "p:old:24"
valid_from = "2024-01-01"
valid_to = "2025-06-30"
"#;
    [head, &target("A1", "dat_8_4", "dat_8_4_nang_cao"), &target("A2", "dat_8_4_nang_cao", "dat_8_4")].concat()
}

#[tokio::test]
async fn a_few_results_do_not_hide_what_nearly_everybody_declared() {
    for house in houses().await {
        let owner = house.person("chu", Role::Administrator, "nation").await;
        let made = owner.upload("/plans/import", &[("reason", "thử")], ("hai.toml", two().as_bytes())).await;
        assert_eq!(made.status, 303, "{}", made.body);
        let all = i64::try_from(say(&house, "dat_8_4", "2024", "p:old:24", 12, 0).await).unwrap();
        // Alone, twelve are better than nothing.
        let alone = read(&house, "hai-nguon", "A1").await;
        assert_eq!((alone.tally.parts, alone.instead), (Some((12, all)), false));
        let many = all / 2 + 5;
        say(&house, "dat_8_4_nang_cao", "2024", "p:old:24", usize::try_from(many).unwrap() - 20, 20).await;
        let few = read(&house, "hai-nguon", "A1").await;
        assert_eq!((few.tally.parts, few.instead), (Some((many - 20, all)), true), "{}", house.db.label());
        let beside = few.beside.unwrap();
        assert_eq!((beside.known, beside.tally.parts), (12, Some((12, all))));
        let page = house.stranger().page("/plans/hai-nguon/targets/A1").await;
        assert!(page.body.contains("mới có ở 12 nơi, chưa tới một nửa") && !page.body.contains("Chưa có kết quả chấm nên"), "{}", page.body);
        let most = read(&house, "hai-nguon", "A2").await;
        assert_eq!((most.tally.parts, most.instead), (Some((many - 20, all)), false), "from half of the places on results count");
        assert_eq!(most.beside.unwrap().tally.parts, Some((12, all)));
    }
}
