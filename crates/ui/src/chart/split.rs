use super::short;
use crate::{Html, Lang, escape};

/// One bar that is cut into the same parts as the others beside it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SplitRow {
    /// Name of the place, year or thing.
    pub label: String,
    /// Page of it; empty for none.
    pub href: String,
    /// Amounts of the parts, in the order of their names; what is not finite or negative counts as nothing.
    pub parts: Vec<f64>,
    /// The whole as text, with its unit.
    pub value_text: String,
}

impl SplitRow {
    fn amounts(&self) -> impl Iterator<Item = f64> + '_ {
        self.parts.iter().map(|n| if n.is_finite() { n.max(0.0) } else { 0.0 })
    }
}

/// Stacked bars on one scale, with a key; at most six parts are told apart by colour, and each names itself when pointed at. The
/// caller puts a table beside them.
pub fn split_bars(lang: Lang, names: &[&str], rows: &[SplitRow]) -> Html {
    let most = rows.iter().map(|r| r.amounts().sum::<f64>()).fold(0.0, f64::max);
    let mut out = String::from("<ol class=\"bars split\">");
    for row in rows {
        let label = escape(&row.label);
        let label = if row.href.is_empty() { format!("<span class=\"n\">{label}</span>") } else { format!("<a href=\"{}\">{label}</a>", escape(&row.href)) };
        let mut at = 0.0;
        let mut rects = String::new();
        for (nth, (amount, name)) in row.amounts().zip(names).enumerate() {
            let wide = if most > 0.0 { amount / most * 100.0 } else { 0.0 };
            if wide > 0.0 {
                let said = lang.percent(amount / row.amounts().sum::<f64>());
                rects.push_str(&format!(
                    "<rect class=\"c{nth}\" x=\"{}%\" width=\"{}%\" height=\"100%\"><title>{} {said}</title></rect>",
                    short(at),
                    short(wide),
                    escape(name)
                ));
                at += wide;
            }
        }
        out.push_str(&format!("<li>{label}<svg aria-hidden=\"true\">{rects}</svg><b class=\"num\">{}</b></li>", escape(&row.value_text)));
    }
    out.push_str("</ol><ul class=\"key\">");
    for (nth, name) in names.iter().enumerate() {
        if rows.iter().any(|r| r.amounts().nth(nth).is_some_and(|n| n > 0.0)) {
            out.push_str(&format!("<li><svg aria-hidden=\"true\"><rect class=\"c{nth}\" width=\"100%\" height=\"100%\" rx=\"3\"/></svg>{}</li>", escape(name)));
        }
    }
    out.push_str("</ul>");
    Html::trusted(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_longest_bar_fills_the_width_and_nothing_leaves_it(parts in proptest::collection::vec(proptest::collection::vec(any::<f64>(), 3), 1..6), name in any::<String>()) {
            let rows: Vec<SplitRow> = parts.into_iter().map(|parts| SplitRow { label: name.clone(), parts, ..SplitRow::default() }).collect();
            let html = split_bars(Lang::Vi, &[&name, "b", "c"], &rows).into_string();
            prop_assert!(!html.contains("NaN%") && !html.contains("inf%"));
            for row in html.split("<svg aria-hidden=\"true\">").skip(1).take(rows.len()) {
                let wide: f64 = row.split("</svg>").next().unwrap().split(" width=\"").skip(1).filter_map(|t| t.split_once("%\"")?.0.parse::<f64>().ok()).sum();
                prop_assert!(wide <= 100.1, "{wide}");
            }
        }
    }
}
