use rust_decimal::Decimal;

use super::{FONT, Medium, short};
use crate::{Html, Lang, escape};

/// A line over time with the target.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trend {
    /// Language of the drawing.
    pub lang: Lang,
    /// The finding in words; read aloud, not drawn.
    pub title: String,
    /// Oldest first.
    pub points: Vec<TrendPoint>,
    /// The level to reach.
    pub target: Option<Target>,
    /// What follows the numbers of the scale, such as ` %`; may be empty.
    pub suffix: String,
}

/// One period.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TrendPoint {
    /// Period, short: `II/25`.
    pub label: String,
    /// The value, or nothing when it is not known; never zero for unknown.
    pub value: Option<f64>,
    /// The value as text, with its unit; for an unknown value the reason.
    pub value_text: String,
}

/// The level to reach.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Target {
    /// In the unit of the points.
    pub value: f64,
    /// Text beside the line: `mục tiêu 97 %`.
    pub text: String,
}

const HEIGHT: f64 = 216.0;
const PAPER_WIDTH: f64 = 560.0;
const TOP: f64 = 30.0;
const BOTTOM: f64 = 184.0;

/// The line for a page: as wide as its box, text at the reader's size. Gaps are dotted and marked by hollow points.
pub fn trend(trend: &Trend) -> Html {
    if !trend.points.iter().any(|point| known(point).is_some()) {
        let text = trend.lang.t("Chưa có số liệu để vẽ.", "No figures to draw yet.");
        return Html::trusted(format!("<p class=\"empty\">{text}</p>"));
    }
    let body = Drawing::new(trend, Medium::Page).body();
    Html::trusted(format!(
        "<svg class=\"trend\" role=\"img\" height=\"{}\"><title>{}</title><desc>{}</desc>{body}</svg>",
        short(HEIGHT),
        escape(&trend.title),
        escape(&description(trend)),
    ))
}

/// The line as a drawing that stands alone, 560 by 216.
pub fn trend_svg(trend: &Trend) -> String {
    let (w, h) = (short(PAPER_WIDTH), short(HEIGHT));
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}\" height=\"{h}\" viewBox=\"0 0 {w} {h}\" role=\"img\" \
         font-family=\"{FONT}\" font-size=\"12\"><title>{}</title><desc>{}</desc><rect width=\"{w}\" height=\"{h}\" fill=\"#ffffff\"/>{}</svg>",
        escape(&trend.title),
        escape(&description(trend)),
        Drawing::new(trend, Medium::Paper).body(),
    )
}

fn known(point: &TrendPoint) -> Option<f64> {
    point.value.filter(|value| value.is_finite())
}

fn description(trend: &Trend) -> String {
    let points: Vec<String> = trend.points.iter().map(|point| format!("{}: {}", point.label, point.value_text)).collect();
    points.join("; ")
}

struct Drawing<'a> {
    trend: &'a Trend,
    medium: Medium,
    scale: Scale,
}

impl<'a> Drawing<'a> {
    fn new(trend: &'a Trend, medium: Medium) -> Self {
        let target = trend.target.as_ref().map(|target| target.value);
        let values = trend.points.iter().filter_map(known).chain(target).filter(|value| value.is_finite());
        Self { trend, medium, scale: Scale::over(values) }
    }

    /// A horizontal place given as a share of the width: per cent on a page, pixels on paper.
    fn across(&self, share: f64) -> String {
        match self.medium {
            Medium::Page => format!("{}%", short(share * 100.0)),
            Medium::Paper => short(share * PAPER_WIDTH),
        }
    }

    fn x(&self, index: usize) -> f64 {
        let last = self.trend.points.len().saturating_sub(1);
        if last == 0 { 0.5 } else { 0.12 + 0.80 * index as f64 / last as f64 }
    }

    fn y(&self, value: f64) -> f64 {
        BOTTOM - (BOTTOM - TOP) * self.scale.share(value)
    }

    /// The look of a mark: a class on a page, attributes on paper.
    fn look(&self, class: &'static str, paper: &'static str) -> String {
        match self.medium {
            Medium::Page => format!("class=\"{class}\""),
            Medium::Paper => paper.to_owned(),
        }
    }

    fn line(&self, from: (f64, f64), to: (f64, f64), look: &str) -> String {
        format!("<line x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\" {look}/>", self.across(from.0), short(from.1), self.across(to.0), short(to.1))
    }

    fn text(&self, at: (f64, f64), anchor: &str, look: &str, text: &str) -> String {
        format!("<text x=\"{}\" y=\"{}\" text-anchor=\"{anchor}\" {look}>{}</text>", self.across(at.0), short(at.1), escape(text))
    }

    fn body(&self) -> String {
        let mut out = String::new();
        self.grid(&mut out);
        self.target(&mut out);
        self.lines(&mut out);
        self.marks(&mut out);
        out
    }

    fn grid(&self, out: &mut String) {
        let muted = self.look("g", "fill=\"#55655b\"");
        // The first value stands at the left end too; a number of the scale gives way to it.
        let first = self.trend.points.first().and_then(known).map(|value| self.y(value) - 11.0);
        for value in self.scale.ticks() {
            let y = self.y(value);
            out.push_str(&self.line((0.0, y), (1.0, y), &self.look("g", "stroke=\"#d7dfd8\"")));
            if first.is_some_and(|first| (first - (y - 4.0)).abs() < 16.0) {
                continue;
            }
            let number = Decimal::try_from(value).unwrap_or_default();
            let number = self.trend.lang.number(number, 3);
            out.push_str(&self.text((0.0, y - 4.0), "start", &muted, &format!("{number}{}", self.trend.suffix)));
        }
    }

    fn target(&self, out: &mut String) {
        let Some(target) = self.trend.target.as_ref().filter(|target| target.value.is_finite()) else {
            return;
        };
        let y = self.y(target.value);
        let dashes = self.look("goal", "stroke=\"#a8231b\" stroke-width=\"2\" stroke-dasharray=\"6 4\"");
        out.push_str(&self.line((0.0, y), (1.0, y), &dashes));
        // The label keeps clear of the last value, which stands at the right end.
        let last = self.trend.points.iter().rev().find_map(known);
        let crowded = last.is_some_and(|value| (self.y(value) - y).abs() < 34.0);
        let (x, anchor) = if crowded { (0.5, "middle") } else { (1.0, "end") };
        let look = self.look("goal", "fill=\"#a8231b\" font-weight=\"700\"");
        out.push_str(&self.text((x, y - 6.0), anchor, &look, &target.text));
    }

    fn lines(&self, out: &mut String) {
        let solid = self.look("l", "stroke=\"#1c6b43\" stroke-width=\"3\"");
        let dotted = self.look("gap", "stroke=\"#b4beb7\" stroke-width=\"2\" stroke-dasharray=\"2 5\"");
        let mut before: Option<(usize, f64)> = None;
        for (i, point) in self.trend.points.iter().enumerate() {
            let Some(value) = known(point) else { continue };
            if let Some((j, earlier)) = before {
                let look = if i - j == 1 { &solid } else { &dotted };
                out.push_str(&self.line((self.x(j), self.y(earlier)), (self.x(i), self.y(value)), look));
            }
            before = Some((i, value));
        }
    }

    fn marks(&self, out: &mut String) {
        let points = &self.trend.points;
        let last = points.len().saturating_sub(1);
        let every = points.len().div_ceil(5).max(1);
        let first_known = points.iter().position(|point| known(point).is_some());
        let last_known = points.iter().rposition(|point| known(point).is_some());
        let plain = self.look("g", "fill=\"#55655b\"");
        let strong = self.look("v", "fill=\"#17241c\" font-weight=\"700\"");
        for (i, point) in points.iter().enumerate() {
            let value = known(point);
            let (y, look, r) = match value {
                Some(value) if Some(i) == last_known => (self.y(value), self.look("p", "fill=\"#1c6b43\""), "5.5"),
                Some(value) => (self.y(value), self.look("p", "fill=\"#1c6b43\""), "4"),
                None => (BOTTOM, self.look("void", "fill=\"#ffffff\" stroke=\"#55655b\" stroke-dasharray=\"3 2\""), "4.5"),
            };
            out.push_str(&format!(
                "<circle cx=\"{}\" cy=\"{}\" r=\"{r}\" {look}><title>{}: {}</title></circle>",
                self.across(self.x(i)),
                short(y),
                escape(&point.label),
                escape(&point.value_text)
            ));
            let labelled = points.len() <= 5 || Some(i) == first_known || Some(i) == last_known;
            if value.is_some() && labelled {
                out.push_str(&self.text((self.x(i), y - 11.0), "middle", &strong, &point.value_text));
            }
            if (last - i).is_multiple_of(every) {
                out.push_str(&self.text((self.x(i), BOTTOM + 24.0), "middle", &plain, &point.label));
            }
        }
    }
}

/// A vertical scale with round steps.
struct Scale {
    low: f64,
    step: f64,
    steps: u32,
}

impl Scale {
    fn over(values: impl Iterator<Item = f64>) -> Self {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for value in values {
            // Beyond this, sums of steps would leave the finite numbers.
            let value = value.clamp(-1e15, 1e15);
            (low, high) = (low.min(value), high.max(value));
        }
        if low > high {
            (low, high) = (0.0, 1.0);
        }
        // A line that starts far above zero may leave zero out; one that comes near it may not.
        if low > 0.0 && low < high * 0.5 {
            low = 0.0;
        }
        let span = if high - low > f64::EPSILON { high - low } else { high.abs().max(1.0) * 0.1 };
        let step = round_step(span / 3.0);
        let low = (low / step).floor() * step;
        let steps = ((high - low) / step).ceil().clamp(1.0, 8.0) as u32;
        Self { low, step, steps }
    }

    fn share(&self, value: f64) -> f64 {
        let share = (value - self.low) / (self.step * f64::from(self.steps));
        if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 }
    }

    fn ticks(&self) -> impl Iterator<Item = f64> {
        (0..=self.steps).map(|i| self.low + f64::from(i) * self.step)
    }
}

/// The next 1, 2 or 5 times a power of ten that is not below `step`.
fn round_step(step: f64) -> f64 {
    let power = 10f64.powf(step.max(1e-9).log10().floor());
    [1.0, 2.0, 5.0].into_iter().map(|n| n * power).find(|round| *round >= step * 0.999_999).unwrap_or(10.0 * power)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn points(values: &[Option<f64>]) -> Vec<TrendPoint> {
        values.iter().map(|value| TrendPoint { label: "I/25".into(), value: *value, value_text: "x".into() }).collect()
    }

    proptest! {
        #[test]
        fn any_numbers_stay_on_the_paper(values in prop::collection::vec(any::<Option<f64>>(), 0..20), target in any::<f64>(), text in any::<String>()) {
            let drawn = Trend { points: points(&values), target: Some(Target { value: target, text }), ..Trend::default() };
            let svg = trend_svg(&drawn);
            prop_assert!(!svg.contains("NaN") && !svg.contains("inf") && !svg.contains("class="));
            for part in svg.split(" cy=\"").skip(1) {
                let y: f64 = part.split('"').next().unwrap().parse().unwrap();
                prop_assert!((TOP - 0.01..=BOTTOM + 0.01).contains(&y), "{}", y);
            }
            prop_assert_eq!(svg.matches("<circle").count(), values.len());
            let _ = trend(&drawn);
        }

        #[test]
        fn the_scale_holds_its_values(a in -1e6f64..1e6, b in -1e6f64..1e6) {
            let scale = Scale::over([a, b].into_iter());
            let top = scale.low + scale.step * f64::from(scale.steps);
            prop_assert!(scale.low <= a.min(b) + 1e-6 && top >= a.max(b) - 1e-6, "{} {}", scale.low, top);
        }
    }

    #[test]
    fn a_gap_is_dotted_and_never_zero() {
        let drawn = Trend { points: points(&[Some(50.0), None, Some(60.0), Some(61.0)]), ..Trend::default() };
        let html = trend(&drawn).into_string();
        assert_eq!((html.matches("class=\"gap\"").count(), html.matches("class=\"l\"").count()), (1, 1));
        assert_eq!(html.matches("class=\"void\"").count(), 1);
    }

    #[test]
    fn nothing_known_says_so() {
        assert!(trend(&Trend { points: points(&[None]), ..Trend::default() }).as_str().contains("Chưa có số liệu"));
    }
}
