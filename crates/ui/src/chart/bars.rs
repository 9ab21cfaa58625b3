use super::{FONT, HATCH, colour, share, short};
use crate::{Html, Tone, escape};

/// One row of a ranked list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BarItem {
    /// Name of the place or thing.
    pub label: String,
    /// Page of it; empty for none.
    pub href: String,
    /// The value as text, with its unit.
    pub value_text: String,
    /// Length in 0..=1; NaN means that the value is missing, which is hatched.
    pub share: f64,
    /// `n/N` behind the value; may be empty.
    pub n_of_text: String,
    /// Emphasis; the value itself says the same in words.
    pub tone: Tone,
    /// Carried over from other units or times: drawn dashed, marked `≈`.
    pub estimated: bool,
}

impl BarItem {
    fn value(&self) -> String {
        let mark = if self.estimated { "≈ " } else { "" };
        format!("{mark}{}", escape(&self.value_text))
    }
}

/// A ranked list with bars: links, keyboard and reading order come from the list itself. `Tone::Plain` is grey, use `Good` for green.
pub fn ranked_bars(items: &[BarItem]) -> Html {
    let mut out = String::from("<ol class=\"bars\">");
    for item in items {
        let label = escape(&item.label);
        let label = if item.href.is_empty() { format!("<span class=\"n\">{label}</span>") } else { format!("<a href=\"{}\">{label}</a>", escape(&item.href)) };
        let rect = match share(item.share) {
            Some(share) => format!("<rect width=\"{}%\" height=\"100%\" rx=\"4\"/>", short(share * 100.0)),
            None => "<rect width=\"100%\" height=\"100%\" class=\"miss\"/>".to_owned(),
        };
        out.push_str(&format!(
            "<li class=\"{}{}\">{label}<svg aria-hidden=\"true\">{rect}</svg><b class=\"num\">{}</b><span class=\"num\">{}</span></li>",
            item.tone.class(),
            if item.estimated { " est" } else { "" },
            item.value(),
            escape(&item.n_of_text),
        ));
    }
    out.push_str("</ol>");
    Html::trusted(out)
}

/// The same as a drawing that stands alone, 640 wide and 26 per row; `title` states the finding.
pub fn bars_svg(title: &str, items: &[BarItem]) -> String {
    let height = items.len() * 26 + 8;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"640\" height=\"{height}\" viewBox=\"0 0 640 {height}\" role=\"img\" \
         font-family=\"{FONT}\" font-size=\"13\" fill=\"#17241c\"><title>{}</title>{HATCH}<rect width=\"640\" height=\"{height}\" fill=\"#ffffff\"/>",
        escape(title)
    );
    for (row, item) in items.iter().enumerate() {
        let y = row * 26 + 4;
        let known = share(item.share);
        let wide = known.unwrap_or(1.0) * 300.0;
        let fill = if known.is_some() { colour(item.tone.class()) } else { "url(#hatch)" };
        let dashes = if item.estimated { " fill-opacity=\".65\" stroke=\"#17241c\" stroke-dasharray=\"4 3\"" } else { "" };
        out.push_str(&format!(
            "<text x=\"182\" y=\"{0}\" text-anchor=\"end\">{1}</text>\
             <rect x=\"190\" y=\"{2}\" width=\"{3}\" height=\"18\" rx=\"3\" fill=\"{fill}\"{dashes}/>\
             <text x=\"{4}\" y=\"{0}\"><tspan font-weight=\"700\">{5}</tspan>  <tspan fill=\"#55655b\">{6}</tspan></text>",
            y + 14,
            escape(&clip(&item.label)),
            y,
            short(wide),
            short(190.0 + wide + 8.0),
            item.value(),
            escape(&item.n_of_text),
        ));
    }
    out.push_str("</svg>");
    out
}

/// A name that fits the left column of the drawing; the table of the document has it in full.
fn clip(label: &str) -> String {
    if label.chars().count() <= 24 {
        return label.to_owned();
    }
    let mut short: String = label.chars().take(23).collect();
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_text_and_number_stays_inside(label in any::<String>(), value in any::<String>(), share in any::<f64>(), estimated in any::<bool>()) {
            let item = BarItem { label, value_text: value, share, estimated, ..BarItem::default() };
            let html = ranked_bars(std::slice::from_ref(&item)).into_string();
            prop_assert_eq!(html.matches('<').count(), 13);
            prop_assert!(!html.contains("NaN%") && !html.contains("inf%"));
            let svg = bars_svg(&item.label, std::slice::from_ref(&item));
            prop_assert!(svg.starts_with("<svg xmlns=") && svg.ends_with("</svg>") && !svg.contains("class="));
        }
    }
}
