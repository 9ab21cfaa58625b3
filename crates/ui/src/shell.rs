use askama::Template;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

use crate::{AppError, Lang, Prefs, Theme, asset, percent_encode};

/// What every page carries around its own content; a template struct keeps it in a field named `shell`.
#[derive(Clone, Debug)]
pub struct Shell {
    /// Language of the page.
    pub lang: Lang,
    /// Title of the page without the site's name.
    pub title: String,
    /// One sentence for search engines and previews; may be empty.
    pub description: String,
    /// Path and query of this page, percent-encoded as it was asked for; the switches of the header come back to it.
    pub path: String,
    /// Colour theme.
    pub theme: Theme,
    /// Text size step 0..=3.
    pub text_size: u8,
    /// Who is signed in.
    pub viewer: Option<Viewer>,
    /// Where the page is: label and address; the last one has none.
    pub crumbs: Vec<(String, Option<String>)>,
    /// One message above the content.
    pub notice: Option<Notice>,
    /// The installation shows made-up data; every page says so.
    pub demo: bool,
    /// Script assets this page needs beside `gate.js`, such as `sheet.js`.
    pub scripts: &'static [&'static str],
    /// Keep search engines away.
    pub noindex: bool,
}

/// The person who is signed in, as far as the header shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Viewer {
    /// Name as the person writes it.
    pub name: String,
    /// Role and place, in the language of the page.
    pub role_label: String,
    /// Number of things due today.
    pub today_count: u32,
    /// Where the person chooses in which post to act; `None` when there is nothing to choose.
    pub acting_href: Option<String>,
}

/// A message about what has just happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Its weight.
    pub tone: Tone,
    /// The sentence, in the language of the page.
    pub text: String,
}

/// The weight of a message, a bar or a tag. Never shown by colour alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    /// Done, met.
    Good,
    /// Needs attention.
    Warn,
    /// Late or wrong.
    Bad,
    /// Neither.
    #[default]
    Plain,
}

impl Tone {
    /// The class in the stylesheet: `ok`, `wait`, `late` or `plain`.
    pub fn class(self) -> &'static str {
        match self {
            Self::Good => "ok",
            Self::Warn => "wait",
            Self::Bad => "late",
            Self::Plain => "plain",
        }
    }
}

impl Notice {
    /// A message of the given weight.
    pub fn new(tone: Tone, text: impl Into<String>) -> Self {
        Self { tone, text: text.into() }
    }
}

impl Shell {
    /// A page with a title at `path` (path and query as requested), dressed as the reader wishes.
    pub fn new(prefs: Prefs, path: impl Into<String>, title: impl Into<String>) -> Self {
        Self {
            lang: prefs.lang,
            title: title.into(),
            description: String::new(),
            path: path.into(),
            theme: prefs.theme,
            text_size: prefs.text_size.min(Prefs::LARGEST),
            viewer: None,
            crumbs: Vec::new(),
            notice: None,
            demo: false,
            scripts: &[],
            noindex: false,
        }
    }

    /// Sets the description.
    pub fn describe(mut self, description: impl Into<String>) -> Self {
        self.description = description.into();
        self
    }

    /// Sets who is signed in.
    pub fn viewer(mut self, viewer: Option<Viewer>) -> Self {
        self.viewer = viewer;
        self
    }

    /// Adds a step of the breadcrumb that can be opened.
    pub fn crumb(mut self, label: impl Into<String>, href: impl Into<String>) -> Self {
        self.crumbs.push((label.into(), Some(href.into())));
        self
    }

    /// Adds the last step of the breadcrumb.
    pub fn here(mut self, label: impl Into<String>) -> Self {
        self.crumbs.push((label.into(), None));
        self
    }

    /// Puts one message above the content.
    pub fn notice(mut self, notice: Option<Notice>) -> Self {
        self.notice = notice;
        self
    }

    /// Says whether the data are made up.
    pub fn demo(mut self, demo: bool) -> Self {
        self.demo = demo;
        self
    }

    /// Names the script assets that the page needs beside `gate.js`.
    pub fn scripts(mut self, scripts: &'static [&'static str]) -> Self {
        self.scripts = scripts;
        self
    }

    /// Keeps search engines away.
    pub fn noindex(mut self) -> Self {
        self.noindex = true;
        self
    }

    /// Address of an asset; empty if it was not built.
    pub fn asset(&self, name: &str) -> &'static str {
        asset(name)
    }

    /// The addresses of all scripts of the page that were built.
    pub fn script_urls(&self) -> Vec<&'static str> {
        std::iter::once("gate.js").chain(self.scripts.iter().copied()).map(asset).filter(|url| !url.is_empty()).collect()
    }

    /// The addresses of the page's stylesheets: pages of places and figures that anybody opens need only the first.
    pub fn style_urls(&self) -> Vec<&'static str> {
        const LIGHT: [&str; 6] = ["/places", "/measures", "/why", "/compare", "/completeness", "/search"];
        let light = self.viewer.is_none() && (self.path.split('?').next() == Some("/") || LIGHT.iter().any(|root| self.is_under(root)));
        ["gate.css", "office.css"].into_iter().take(if light { 1 } else { 2 }).map(asset).collect()
    }

    /// Address that sets one preference (`lang`, `theme`, `size`) and comes back here.
    pub fn prefs_href(&self, name: &str, value: &str) -> String {
        format!("/prefs?{name}={value}&back={}", percent_encode(&self.path))
    }

    /// Address of the next smaller text, if there is one.
    pub fn smaller(&self) -> Option<String> {
        let size = self.text_size.checked_sub(1)?;
        Some(self.prefs_href("size", &size.to_string()))
    }

    /// Address of the next larger text, if there is one.
    pub fn larger(&self) -> Option<String> {
        let size = self.text_size.checked_add(1).filter(|size| *size <= Prefs::LARGEST)?;
        Some(self.prefs_href("size", &size.to_string()))
    }

    /// Address that changes between dark and light; from "as the device says" it goes to dark.
    pub fn other_theme(&self) -> String {
        let other = if self.theme == Theme::Dark { Theme::Light } else { Theme::Dark };
        self.prefs_href("theme", other.as_str())
    }

    /// Address of the sign-in page that comes back here.
    pub fn sign_in_href(&self) -> String {
        format!("/sign-in?back={}", percent_encode(&self.path))
    }

    /// `aria-current` for a navigation entry: whether this page lies at or under `root`.
    pub fn is_under(&self, root: &str) -> bool {
        let path = self.path.split(['?', '#']).next().unwrap_or_default();
        path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

/// Answers with a rendered page; a template that fails to render becomes a clear error page.
pub fn page(template: &impl Template) -> Response {
    match template.render() {
        Ok(body) => ([(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")), (header::VARY, HeaderValue::from_static("cookie"))], body)
            .into_response(),
        Err(_) => AppError::new("ui.render", 500).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_size_stops_at_both_ends() {
        let mut shell = Shell::new(Prefs::default(), "/a?b=c&d", "T");
        assert_eq!(shell.smaller(), None);
        assert_eq!(shell.larger().unwrap(), "/prefs?size=1&back=%2Fa%3Fb%3Dc%26d");
        shell.text_size = Prefs::LARGEST;
        assert_eq!(shell.larger(), None);
    }

    #[test]
    fn only_what_anybody_opens_first_goes_without_the_sheet_of_the_offices() {
        let viewer = || Some(Viewer { name: "A".into(), role_label: "B".into(), today_count: 0, acting_href: None });
        for (path, signed_in, sheets) in
            [("/", false, 1), ("/measures/so_ho?unit=24", false, 1), ("/", true, 2), ("/criteria", false, 2), ("/placesx", false, 2)]
        {
            let shell = Shell::new(Prefs::default(), path, "T").viewer(viewer().filter(|_| signed_in));
            assert_eq!(shell.style_urls().len(), sheets, "{path}");
            assert!(shell.style_urls().iter().all(|url| !url.is_empty()));
        }
    }

    #[test]
    fn navigation_marks_whole_segments() {
        let shell = Shell::new(Prefs::default(), "/places/27?q=1", "T");
        assert!(shell.is_under("/places"));
        assert!(!shell.is_under("/place"));
    }
}
