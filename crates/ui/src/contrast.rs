//! Every pair of text and ground in the stylesheet meets WCAG AA, in the light and in the dark theme.

use std::collections::BTreeMap;

const CSS: &str = include_str!("../../../web/src/gate.css");

/// The colour tokens of the rule that begins with `selector`.
fn tokens(selector: &str) -> BTreeMap<&'static str, [f64; 3]> {
    let rule = CSS.split_once(selector).unwrap().1.split_once('}').unwrap().0;
    rule.split([';', '{'])
        .filter_map(|line| line.trim().strip_prefix("--")?.split_once(": #"))
        .map(|(name, hex)| {
            let digits: Vec<u8> = hex.chars().map(|c| c.to_digit(16).unwrap() as u8).collect();
            let channel = |i: usize| match digits.len() {
                3 => digits[i] * 17,
                _ => digits[2 * i] * 16 + digits[2 * i + 1],
            };
            (name, [channel(0), channel(1), channel(2)].map(|value| f64::from(value) / 255.0))
        })
        .collect()
}

fn luminance(colour: [f64; 3]) -> f64 {
    let [r, g, b] = colour.map(|c| if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) });
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

fn contrast(a: [f64; 3], b: [f64; 3]) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

const TEXT: &[(&str, &[&str])] = &[
    ("ink", &["paper", "card", "leaf-tint"]),
    ("muted", &["paper", "card", "leaf-tint"]),
    ("leaf", &["paper", "card"]),
    ("leaf-deep", &["leaf-tint", "card"]),
    ("straw", &["straw-tint", "card"]),
    ("lacquer", &["lacquer-tint", "card", "paper"]),
    ("on-leaf", &["leaf", "leaf-deep"]),
];

/// Edges of controls, focus rings and marks need 3:1 against what lies beside them.
const MARKS: &[(&str, &[&str])] = &[("edge", &["paper", "card"]), ("focus", &["paper", "card"]), ("leaf", &["leaf-tint"]), ("straw", &["leaf-tint"])];

#[test]
fn text_and_marks_are_readable_in_both_themes() {
    let light = tokens(":root {");
    let dark = tokens(":root[data-theme=\"dark\"] {");
    assert_eq!(light.keys().collect::<Vec<_>>(), dark.keys().collect::<Vec<_>>(), "both themes define the same tokens");
    assert_eq!(dark, tokens(":root:not([data-theme]) {"), "the device's dark is the chosen dark");
    for (theme, colours) in [("light", &light), ("dark", &dark)] {
        for (pairs, least) in [(TEXT, 4.5), (MARKS, 3.0)] {
            for (front, grounds) in pairs {
                for ground in *grounds {
                    let ratio = contrast(colours[front], colours[ground]);
                    assert!(ratio >= least, "{theme}: {front} on {ground} is {ratio:.2}, needs {least}");
                }
            }
        }
    }
}
