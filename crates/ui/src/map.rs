use crate::chart::{FONT, Medium, short};
use crate::{Html, Tone, escape};

/// A map as inline SVG. A list of the same places must stand beside it: points are left out of the tab order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MapSpec {
    /// Unique in the page; letters and digits.
    pub id: String,
    /// The finding in words; read aloud.
    pub title: String,
    /// x, y, width, height of the drawing's own units; coordinates below are in them.
    pub view_box: (f64, f64, f64, f64),
    /// Areas, drawn first.
    pub shapes: Vec<MapShape>,
    /// Points, drawn over the areas.
    pub points: Vec<MapPoint>,
    /// Names written on the map, such as those of the archipelagos.
    pub labels: Vec<MapLabel>,
    /// What the marks mean; shown under the map.
    pub legend: Vec<LegendItem>,
}

/// One area.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MapShape {
    /// SVG path data.
    pub path: String,
    /// Page of the place; empty for none.
    pub href: String,
    /// Name and value in words.
    pub title: String,
    /// Colour.
    pub fill: MapFill,
    /// Left out of the tab order, as points are: a list of the same places stands beside.
    pub quiet: bool,
}

/// One place without a boundary.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MapPoint {
    /// Horizontal place.
    pub x: f64,
    /// Vertical place.
    pub y: f64,
    /// Radius.
    pub r: f64,
    /// Colour.
    pub fill: MapFill,
    /// Form; two states must differ in form, not in colour only.
    pub shape: PointShape,
    /// Page of the place; empty for none.
    pub href: String,
    /// Name and value in words.
    pub title: String,
}

/// A name on the map, centred at `x`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MapLabel {
    /// Horizontal place of the middle.
    pub x: f64,
    /// Vertical place of the foot line.
    pub y: f64,
    /// The name.
    pub text: String,
}

/// One line of the key.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LegendItem {
    /// Colour.
    pub fill: MapFill,
    /// Form; `None` is a square, for areas.
    pub shape: Option<PointShape>,
    /// What it means.
    pub text: String,
}

/// The colour of a mark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MapFill {
    /// No statement: the ground of the map.
    #[default]
    Base,
    /// Step 0 (least) to 5 (most) of a scale from straw to deep green; higher numbers count as 5.
    Step(u8),
    /// A judgement.
    Tone(Tone),
    /// Not reported: hatched.
    Missing,
}

/// The form of a point.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PointShape {
    /// ● met, or a plain value.
    #[default]
    Circle,
    /// ▲ not met.
    Triangle,
    /// ◌ not reported.
    Dashed,
}

impl MapFill {
    fn class(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::Step(0) => "c0",
            Self::Step(1) => "c1",
            Self::Step(2) => "c2",
            Self::Step(3) => "c3",
            Self::Step(4) => "c4",
            Self::Step(_) => "c5",
            Self::Tone(Tone::Good) => "p-ok",
            Self::Tone(Tone::Warn) => "p-wait",
            Self::Tone(Tone::Bad) => "p-late",
            Self::Tone(Tone::Plain) => "p-plain",
            Self::Missing => "miss",
        }
    }
}

/// The map with its key, for a page.
pub fn map(spec: &MapSpec) -> Html {
    let (_, _, width, height) = spec.view_box;
    let mut out = format!(
        "<figure class=\"mapbox\"><svg class=\"map\" role=\"group\" aria-label=\"{}\" viewBox=\"{}\" width=\"{}\" height=\"{}\">{}",
        escape(&spec.title),
        view_box(spec),
        short(width),
        short(height),
        hatch(spec),
    );
    draw(spec, Medium::Page, &mut out);
    out.push_str("</svg>");
    if !spec.legend.is_empty() {
        out.push_str("<ul class=\"key\">");
        for item in &spec.legend {
            let class = if item.shape == Some(PointShape::Dashed) { "dash" } else { item.fill.class() };
            let swatch = match item.shape {
                None => format!("<path d=\"M1 1h14v14H1z\" class=\"{class}\"/>"),
                Some(PointShape::Triangle) => {
                    format!("<path d=\"M8 1 15 14H1z\" class=\"{class}\"/>")
                }
                Some(_) => format!("<circle cx=\"8\" cy=\"8\" r=\"6.5\" class=\"{class}\"/>"),
            };
            out.push_str(&format!("<li><svg viewBox=\"0 0 16 16\" aria-hidden=\"true\">{swatch}</svg>{}</li>", escape(&item.text)));
        }
        out.push_str("</ul>");
    }
    out.push_str("</figure>");
    Html::trusted(out)
}

/// The map as a drawing that stands alone, 560 wide, without its key.
pub fn map_svg(spec: &MapSpec) -> String {
    let (_, _, width, height) = spec.view_box;
    let tall = if width > 0.0 { 560.0 * height / width } else { 0.0 };
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"560\" height=\"{}\" viewBox=\"{}\" role=\"img\" \
         font-family=\"{FONT}\"><title>{}</title>{}",
        short(tall),
        view_box(spec),
        escape(&spec.title),
        hatch(spec),
    );
    draw(spec, Medium::Paper, &mut out);
    out.push_str("</svg>");
    out
}

fn view_box(spec: &MapSpec) -> String {
    let (x, y, width, height) = spec.view_box;
    format!("{} {} {} {}", short(x), short(y), short(width), short(height))
}

/// How many drawing units make one pixel at the usual width; keeps hatching, lines and names at one size whatever the units.
fn unit(spec: &MapSpec) -> f64 {
    let width = spec.view_box.2;
    if width.is_finite() && width > 0.0 { width / 520.0 } else { 1.0 }
}

fn pattern_id(spec: &MapSpec) -> String {
    let id: String = spec.id.chars().filter(char::is_ascii_alphanumeric).collect();
    format!("h{id}")
}

fn hatch(spec: &MapSpec) -> String {
    let unit = unit(spec);
    format!(
        "<defs><pattern id=\"{}\" width=\"{2}\" height=\"{2}\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">\
         <path d=\"M0 0V{2}\" stroke=\"#8d9a92\" stroke-width=\"{1}\"/></pattern></defs>",
        pattern_id(spec),
        short(unit * 4.0),
        short(unit * 6.0),
    )
}

fn draw(spec: &MapSpec, medium: Medium, out: &mut String) {
    let hair = short(unit(spec));
    let missing = pattern_id(spec);
    let paint = |fill: MapFill| match (fill, medium) {
        (MapFill::Missing, Medium::Page) => format!("fill=\"url(#{missing})\" class=\"void\""),
        (MapFill::Missing, Medium::Paper) => {
            format!("fill=\"url(#{missing})\" stroke=\"#7b8a80\" stroke-width=\"{hair}\"")
        }
        (fill, Medium::Page) => medium.paint(fill.class()),
        (fill, Medium::Paper) => format!("{} stroke=\"#ffffff\" stroke-width=\"{hair}\"", medium.paint(fill.class())),
    };
    for shape in &spec.shapes {
        let mark = format!("<path d=\"{}\" {}>", escape(&shape.path), paint(shape.fill));
        wrap(out, medium, &shape.href, !shape.quiet, &mark, &shape.title, "path");
    }
    for point in &spec.points {
        let (x, y, r) = (point.x, point.y, point.r);
        let look = match (point.shape, medium) {
            (PointShape::Dashed, Medium::Page) => "class=\"dash\"".to_owned(),
            (PointShape::Dashed, Medium::Paper) => format!("fill=\"none\" stroke=\"#55655b\" stroke-width=\"{hair}\" stroke-dasharray=\"{hair}\""),
            _ => paint(point.fill),
        };
        let (mark, tag) = if point.shape == PointShape::Triangle {
            let d = format!("M{} {}h{}l{} {}z", short(x - r), short(y + r * 0.85), short(2.0 * r), short(-r), short(-1.8 * r));
            (format!("<path d=\"{d}\" {look}>"), "path")
        } else {
            (format!("<circle cx=\"{}\" cy=\"{}\" r=\"{}\" {look}>", short(x), short(y), short(r)), "circle")
        };
        wrap(out, medium, &point.href, false, &mark, &point.title, tag);
    }
    for label in &spec.labels {
        out.push_str(&format!(
            "<text x=\"{}\" y=\"{}\" font-size=\"{}\" text-anchor=\"middle\"{}>{}</text>",
            short(label.x),
            short(label.y),
            short(unit(spec) * 16.0),
            if medium == Medium::Paper { " fill=\"#55655b\"" } else { "" },
            escape(&label.text)
        ));
    }
}

/// Puts a mark with its title, in a link if it has a page.
fn wrap(out: &mut String, medium: Medium, href: &str, tab: bool, mark: &str, title: &str, tag: &str) {
    let marked = format!("{mark}<title>{}</title></{tag}>", escape(title));
    if medium == Medium::Paper || href.is_empty() {
        out.push_str(&marked);
    } else {
        let tab = if tab { "" } else { " tabindex=\"-1\"" };
        out.push_str(&format!("<a href=\"{}\"{tab}>{marked}</a>", escape(href)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_text_stays_text(text in any::<String>(), x in any::<f64>(), r in any::<f64>()) {
            let spec = MapSpec {
                id: text.clone(),
                title: text.clone(),
                view_box: (0.0, 0.0, x, 100.0),
                shapes: vec![MapShape { path: text.clone(), href: text.clone(), title: text.clone(), fill: MapFill::Missing, quiet: false }],
                points: vec![MapPoint { x, y: x, r, title: text.clone(), shape: PointShape::Triangle, ..MapPoint::default() }],
                labels: vec![MapLabel { x, y: r, text: text.clone() }],
                legend: vec![LegendItem { text: text.clone(), ..LegendItem::default() }],
            };
            let empty = MapSpec { shapes: vec![MapShape { href: if text.is_empty() { "" } else { "x" }.into(), ..spec.shapes[0].clone() }], ..spec.clone() };
            let tags = |html: &str| html.matches('<').count();
            prop_assert_eq!(tags(map(&spec).as_str()), tags(map(&empty).as_str()));
            prop_assert!(!map(&spec).as_str().contains("NaN"));
            let svg = map_svg(&spec);
            prop_assert!(svg.ends_with("</svg>") && !svg.contains("class=") && !svg.contains("inf\""));
        }
    }

    #[test]
    fn the_missing_are_hatched_and_points_are_not_in_the_tab_order() {
        let spec = MapSpec {
            id: "m1".into(),
            view_box: (0.0, 0.0, 100.0, 100.0),
            shapes: vec![MapShape { fill: MapFill::Missing, href: "/a".into(), ..MapShape::default() }],
            points: vec![MapPoint { href: "/b".into(), ..MapPoint::default() }],
            ..MapSpec::default()
        };
        let html = map(&spec).into_string();
        assert!(html.contains("fill=\"url(#hm1)\"") && html.contains("<a href=\"/a\"><path"));
        assert!(html.contains("<a href=\"/b\" tabindex=\"-1\">"));
    }
}
