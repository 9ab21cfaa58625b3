use serde::{Deserialize, Serialize};

/// The language of the reader. Vietnamese comes first and is the fallback.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// Tiếng Việt.
    #[default]
    Vi,
    /// English.
    En,
}

impl Lang {
    /// Chooses between two texts written side by side; literals stay `&'static str`.
    pub fn t<'a>(self, vi: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Vi => vi,
            Self::En => en,
        }
    }

    /// The BCP 47 tag: `vi` or `en`.
    pub fn tag(self) -> &'static str {
        self.t("vi", "en")
    }

    /// Reads a tag; anything but `en` is Vietnamese.
    pub fn from_tag(tag: &str) -> Self {
        if tag == "en" { Self::En } else { Self::Vi }
    }

    /// The other language.
    pub fn other(self) -> Self {
        match self {
            Self::Vi => Self::En,
            Self::En => Self::Vi,
        }
    }

    /// Whole-number percentages and decimals of a share in 0..=1, in the reader's notation: `72,5 %` or `72.5%`.
    pub fn percent(self, share: f64) -> String {
        let text = format!("{:.1}", share * 100.0);
        let text = text.strip_suffix(".0").unwrap_or(&text);
        match self {
            Self::Vi => format!("{} %", text.replace('.', ",")),
            Self::En => format!("{text}%"),
        }
    }
}
