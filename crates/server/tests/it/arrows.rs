//! The streets of the house: an arrow between crates may only point down.

use std::collections::BTreeMap;
use std::process::Command;

/// Streets from the top; crates of one street never see each other. A new crate must be given a place here.
const STREETS: &[&[&str]] = &[
    &["server"],
    &["bench"],
    &["criteria", "programme", "casework", "today"],
    &["figures"],
    &["places"],
    &["work"],
    &["access"],
    &["ui", "print"],
    &["lang", "calendar", "formula", "db"],
];
/// Only for tests: may be used by all, as a dev-dependency, and sees the ground only.
const TESTKIT: &str = "testkit";

#[test]
fn arrows_between_crates_only_point_down() {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let out =
        Command::new(cargo).args(["metadata", "--format-version", "1", "--no-deps", "--offline"]).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    let rank: BTreeMap<&str, usize> = STREETS.iter().enumerate().flat_map(|(rank, street)| street.iter().map(move |name| (*name, rank))).collect();
    let packages = metadata["packages"].as_array().unwrap();
    assert_eq!(packages.len(), rank.len() + 1, "a crate has no place in STREETS, or one is gone");
    let mut arrows = 0;
    for package in packages {
        let from = package["name"].as_str().unwrap();
        for dependency in package["dependencies"].as_array().unwrap() {
            let to = dependency["name"].as_str().unwrap();
            if dependency["path"].is_null() {
                continue;
            }
            arrows += 1;
            if to == TESTKIT {
                assert_eq!(dependency["kind"], "dev", "{from} uses {TESTKIT} outside of its tests");
            } else if from == TESTKIT {
                assert_eq!(rank[to], STREETS.len() - 1, "{TESTKIT} → {to}");
            } else {
                assert!(rank[from] < rank[to], "{from} → {to} points up or sideways");
            }
        }
    }
    assert!(arrows > 15, "only {arrows} arrows were found");
}
