use super::{FONT, HATCH, Medium, share, short};
use crate::{Html, Lang, escape};

/// How many of all are met, and why the others are not; six different things, never mixed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StackedBar {
    /// Language of the key.
    pub lang: Lang,
    /// Met.
    pub met: u64,
    /// Reported and not met.
    pub not_met: u64,
    /// Not reported.
    pub missing: u64,
    /// Reported and awaiting review.
    pub awaiting: u64,
    /// The threshold itself is not yet set: neither met nor failed.
    pub unknown: u64,
    /// Not applicable: named in the key, outside the bar.
    pub na: u64,
    /// Target as a share in 0..=1.
    pub target: Option<f64>,
    /// What the first part is called; empty for “met”.
    pub met_text: String,
    /// What the part not met is called; empty for “not met”.
    pub not_text: String,
    /// What the part that is neither is called; empty for “no threshold yet”.
    pub unknown_text: String,
}

impl StackedBar {
    /// What the bar stands for as a whole; not applicable ones stay out.
    pub fn total(&self) -> u64 {
        [self.met, self.awaiting, self.not_met, self.unknown, self.missing].into_iter().fold(0, u64::saturating_add)
    }

    fn parts(&self) -> [(u64, &'static str, &str); 5] {
        let l = self.lang;
        [
            (self.met, "met", named(&self.met_text, l.t("đạt", "met"))),
            (self.awaiting, "await", l.t("chờ duyệt", "awaiting review")),
            (self.not_met, "not", named(&self.not_text, l.t("chưa đạt", "not met"))),
            (self.unknown, "dash", named(&self.unknown_text, l.t("chưa có mức", "no threshold yet"))),
            (self.missing, "miss", l.t("chưa báo cáo", "not reported")),
        ]
    }

    fn count(&self, n: u64) -> String {
        self.lang.number(rust_decimal::Decimal::from(n), 0)
    }

    fn sentence(&self) -> String {
        let parts: Vec<String> = self.parts().into_iter().filter(|(n, ..)| *n > 0).map(|(n, _, name)| format!("{} {name}", self.count(n))).collect();
        parts.join(", ")
    }

    fn target_text(&self, target: f64) -> String {
        format!("{} {}", self.lang.t("mục tiêu", "target"), self.lang.percent(target))
    }

    /// The segments over a width of 100, as a percentage or in pixels of `width`.
    fn rects(&self, medium: Medium, left: f64, width: f64, y: f64, height: &str, unit: &str) -> String {
        let total = self.total() as f64;
        let mut at = left;
        let mut out = String::new();
        for (n, class, name) in self.parts() {
            if n == 0 {
                continue;
            }
            let wide = width * n as f64 / total;
            out.push_str(&format!(
                "<rect x=\"{}{unit}\" y=\"{}\" width=\"{}{unit}\" height=\"{height}\" {}><title>{} {}</title></rect>",
                short(at),
                short(y),
                short(wide),
                medium.paint(class),
                self.count(n),
                escape(name),
            ));
            at += wide;
        }
        out
    }
}

fn named<'a>(own: &'a str, usual: &'a str) -> &'a str {
    if own.is_empty() { usual } else { own }
}

/// The bar with its target and, under it, a key that says every number in words.
pub fn stacked_bar(bar: &StackedBar) -> Html {
    let target = bar.target.and_then(share);
    let mut out = format!("<div class=\"track{}\">", if target.is_some() { " aim" } else { "" });
    let name = bar.lang.t("Tình hình", "Standing");
    out.push_str(&format!(
        "<svg class=\"fill\" role=\"img\"><title>{name}</title><desc>{}</desc>{}</svg>",
        escape(&bar.sentence()),
        bar.rects(Medium::Page, 0.0, 100.0, 0.0, "100%", "%"),
    ));
    if let Some(target) = target {
        let x = short(target * 100.0);
        let (anchor, dx) = if target > 0.5 { ("end", "0.1em") } else { ("start", "-0.1em") };
        out.push_str(&format!(
            "<svg class=\"goal\" aria-hidden=\"true\"><line x1=\"{x}%\" x2=\"{x}%\" y1=\"1.25rem\" y2=\"102%\"/>\
             <text x=\"{x}%\" dx=\"{dx}\" y=\"1rem\" text-anchor=\"{anchor}\">{}</text></svg>",
            escape(&bar.target_text(target)),
        ));
    }
    out.push_str("</div><ul class=\"key\">");
    for (n, class, name) in bar.parts() {
        if n > 0 || class == "met" {
            out.push_str(&format!(
                "<li><svg aria-hidden=\"true\"><rect width=\"100%\" height=\"100%\" rx=\"3\" class=\"{class}\"/></svg><b>{}</b> {}</li>",
                bar.count(n),
                escape(name),
            ));
        }
    }
    if bar.na > 0 {
        out.push_str(&format!("<li><b>{}</b> {}</li>", bar.count(bar.na), bar.lang.t("không áp dụng", "not applicable")));
    }
    out.push_str("</ul>");
    Html::trusted(out)
}

/// The bar as a drawing that stands alone, 640 wide.
pub fn stacked_svg(bar: &StackedBar) -> String {
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"640\" height=\"84\" viewBox=\"0 0 640 84\" role=\"img\" \
         font-family=\"{FONT}\" font-size=\"13\"><title>{0}</title>{HATCH}<rect width=\"640\" height=\"84\" fill=\"#ffffff\"/>{1}",
        escape(&bar.sentence()),
        bar.rects(Medium::Paper, 0.0, 640.0, 24.0, "26", ""),
    );
    if let Some(target) = bar.target.and_then(share) {
        let x = short(target * 640.0);
        let anchor = if target > 0.5 { "end" } else { "start" };
        out.push_str(&format!(
            "<path d=\"M{x} 18V54\" stroke=\"#a8231b\" stroke-width=\"3\"/>\
             <text x=\"{x}\" y=\"13\" text-anchor=\"{anchor}\" fill=\"#a8231b\">{}</text>",
            escape(&bar.target_text(target)),
        ));
    }
    out.push_str(&format!("<text y=\"74\" fill=\"#17241c\">{}</text></svg>", escape(&bar.sentence())));
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn widths(svg: &str) -> f64 {
        svg.split(" width=\"").filter_map(|part| part.split_once("%\"")?.0.parse::<f64>().ok()).filter(|w| *w < 100.0).sum()
    }

    proptest! {
        #[test]
        fn segments_fill_the_bar(met in 1u64..5000, not_met in 1u64..5000, missing in 0u64..5000, na in 0u64..9, target in any::<f64>()) {
            let bar = StackedBar { met, not_met, missing, na, target: Some(target), ..StackedBar::default() };
            prop_assert_eq!(bar.total(), met + not_met + missing);
            let html = stacked_bar(&bar).into_string();
            prop_assert!((widths(html.split("</svg>").next().unwrap()) - 100.0).abs() < 0.1, "{}", html);
            prop_assert!(!html.contains("NaN") && !html.contains("inf"));
            prop_assert!(!stacked_svg(&bar).contains("class="));
        }
    }

    #[test]
    fn nothing_at_all_is_still_a_drawing() {
        let html = stacked_bar(&StackedBar::default()).into_string();
        assert!(html.contains("<b>0</b> đạt") && !html.contains("NaN"));
    }
}
