use axum::Router;
use axum::extract::Form;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Deserialize;

use crate::Lang;

/// How the reader wants pages to look; kept in the cookie `cl_prefs`, never on the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Prefs {
    /// Language of the texts.
    pub lang: Lang,
    /// Light, dark, or as the device says.
    pub theme: Theme,
    /// Text size step 0..=3; 0 is the device's own size.
    pub text_size: u8,
}

/// The colour theme.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the device says.
    #[default]
    Auto,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

impl Theme {
    /// `auto`, `light` or `dark`, as in the cookie and in `data-theme`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    fn parse(text: &str) -> Self {
        match text {
            "light" => Self::Light,
            "dark" => Self::Dark,
            _ => Self::Auto,
        }
    }
}

impl Prefs {
    /// The largest text size step.
    pub const LARGEST: u8 = 3;
    /// The name of the cookie.
    pub const COOKIE: &'static str = "cl_prefs";

    /// Reads the preferences out of a whole `Cookie` header; what is absent or strange becomes the default.
    pub fn from_cookie(header: &str) -> Self {
        let value = header
            .split(';')
            .filter_map(|pair| pair.trim().split_once('='))
            .find_map(|(name, value)| (name == Self::COOKIE).then_some(value))
            .unwrap_or_default();
        let mut parts = value.split('.');
        let mut next = || parts.next().unwrap_or_default();
        Self { lang: Lang::from_tag(next()), theme: Theme::parse(next()), text_size: size(next()) }
    }

    /// Reads the preferences out of request headers.
    pub fn from_headers(headers: &HeaderMap) -> Self {
        headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .find(|value| value.contains(Self::COOKIE))
            .map(Self::from_cookie)
            .unwrap_or_default()
    }

    /// The value of the cookie: `vi.auto.0`.
    pub fn to_value(self) -> String {
        format!("{}.{}.{}", self.lang.tag(), self.theme.as_str(), self.text_size)
    }
}

fn size(text: &str) -> u8 {
    text.parse::<u8>().unwrap_or(0).min(Prefs::LARGEST)
}

/// A path of this site that is safe to redirect to, percent-encoded; anything else becomes `/`.
pub fn local_path(path: &str) -> String {
    let local = path.starts_with('/') && !path.starts_with("//") && !path.chars().any(|c| c == '\\' || c.is_control());
    if !local {
        return "/".to_owned();
    }
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_graphic() && !b"\"<>`{}|^".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[derive(Deserialize)]
struct Change {
    lang: Option<String>,
    theme: Option<String>,
    size: Option<String>,
    back: Option<String>,
}

/// `GET|POST /prefs?lang=&theme=&size=&back=`: keeps the choice in the cookie and goes back. Each part may be absent.
pub fn prefs_routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/prefs", get(change).post(change))
}

async fn change(headers: HeaderMap, Form(change): Form<Change>) -> Response {
    let mut prefs = Prefs::from_headers(&headers);
    if let Some(lang) = &change.lang {
        prefs.lang = Lang::from_tag(lang);
    }
    if let Some(theme) = &change.theme {
        prefs.theme = Theme::parse(theme);
    }
    if let Some(text_size) = &change.size {
        prefs.text_size = size(text_size);
    }
    let cookie = format!("{}={}; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly", Prefs::COOKIE, prefs.to_value());
    let back = local_path(change.back.as_deref().unwrap_or("/"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, back), (header::SET_COOKIE, cookie)]).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn cookie_comes_back_as_it_went() {
        for lang in [Lang::Vi, Lang::En] {
            for theme in [Theme::Auto, Theme::Light, Theme::Dark] {
                for text_size in 0..=Prefs::LARGEST {
                    let prefs = Prefs { lang, theme, text_size };
                    let header = format!("a=b; cl_prefs={}; c=d", prefs.to_value());
                    assert_eq!(Prefs::from_cookie(&header), prefs);
                }
            }
        }
        assert_eq!(Prefs::from_cookie("cl_prefs=xx.loud.250"), Prefs { text_size: 3, ..Prefs::default() });
    }

    #[test]
    fn going_back_stays_at_home() {
        assert_eq!(local_path("/places/27?q=thiệu trung"), "/places/27?q=thi%E1%BB%87u%20trung");
        for foreign in ["", "//evil.example", "/\\evil.example", "https://evil.example", "/a\r\nSet-Cookie: x"] {
            assert_eq!(local_path(foreign), "/");
        }
    }

    proptest! {
        #[test]
        fn any_path_is_a_header_and_local(path in any::<String>()) {
            let back = local_path(&path);
            prop_assert!(back.starts_with('/') && !back.starts_with("//"));
            prop_assert!(axum::http::HeaderValue::from_str(&back).is_ok());
        }

        #[test]
        fn any_cookie_is_read(header in any::<String>()) {
            prop_assert!(Prefs::from_cookie(&header).text_size <= Prefs::LARGEST);
        }
    }
}
