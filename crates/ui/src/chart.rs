//! Charts drawn as SVG on the server, once for the page (classes, device fonts, light and dark) and once to stand alone
//! in a Word or PDF document (fixed colours and font). The caller gives the finding as title, and a table beside the chart.

mod bars;
mod split;
mod stacked;
mod trend;

pub use bars::{BarItem, bars_svg, ranked_bars};
pub use split::{SplitRow, split_bars};
pub use stacked::{StackedBar, stacked_bar, stacked_svg};
pub use trend::{Target, Trend, TrendPoint, trend, trend_svg};

/// The font of drawings that leave the page; it has every Vietnamese letter and ships with Debian.
pub(crate) const FONT: &str = "DejaVu Sans, Arial, sans-serif";

/// Where a drawing goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Medium {
    /// Into a page with our stylesheet.
    Page,
    /// Into a document: nothing around it may be relied on.
    Paper,
}

impl Medium {
    /// The attribute that colours a mark of the stylesheet's class `class`.
    pub(crate) fn paint(self, class: &str) -> String {
        if self == Self::Page {
            return format!("class=\"{class}\"");
        }
        match class {
            "dash" => "fill=\"#ffffff\" stroke=\"#55655b\" stroke-dasharray=\"3 2\"".to_owned(),
            "miss" => "fill=\"url(#hatch)\" stroke=\"#7b8a80\"".to_owned(),
            _ => format!("fill=\"{}\"", colour(class)),
        }
    }
}

/// The light theme's colour of a class, for documents.
pub(crate) fn colour(class: &str) -> &'static str {
    match class {
        "met" | "p-ok" | "ok" => "#1c6b43",
        "not" => "#9cc7ac",
        "await" | "p-wait" | "wait" => "#835500",
        "p-late" | "late" => "#a8231b",
        "c0" => "#f3dfb0",
        "c1" => "#dbe6c0",
        "c2" => "#b3d6b9",
        "c3" => "#7fb894",
        "c4" => "#438f66",
        "c5" => "#175c39",
        "base" => "#e9eee9",
        _ => "#7b8a80",
    }
}

/// The hatching of what is missing, for documents; pages have it in their shell.
pub(crate) const HATCH: &str = "<defs><pattern id=\"hatch\" width=\"7\" height=\"7\" patternUnits=\"userSpaceOnUse\" \
     patternTransform=\"rotate(45)\"><path d=\"M0 0V7\" stroke=\"#b4beb7\" stroke-width=\"6\"/></pattern></defs>";

/// A coordinate or length with at most two decimals and no needless zeros; what is not finite becomes 0.
pub(crate) fn short(value: f64) -> String {
    if !value.is_finite() {
        return "0".to_owned();
    }
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// A share brought into 0..=1; `None` for what is not a number.
pub(crate) fn share(value: f64) -> Option<f64> {
    (!value.is_nan()).then(|| value.clamp(0.0, 1.0))
}
