use ::lang::show::{number_upto, number_upto_en};
use rust_decimal::Decimal;
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

    /// A share in 0..=1 as a percentage with at most one decimal, in the reader's notation: `72,5%` or `72.5%`.
    pub fn percent(self, share: f64) -> String {
        let percent = Decimal::try_from(share * 100.0).unwrap_or_default();
        format!("{}%", self.number(percent, 1))
    }

    /// A number with at most `most` decimals in the reader's notation: `1.234,5` or `1,234.5`.
    pub fn number(self, value: Decimal, most: u32) -> String {
        match self {
            Self::Vi => number_upto(value, most),
            Self::En => number_upto_en(value, most),
        }
    }
}
