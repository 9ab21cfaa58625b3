//! The words of a set: how sure something is, which rank it gives, what an indicator asks for, by what thresholds differ.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How much is known about a title or a threshold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// Entered from the official text with its page.
    Official,
    /// Found in a consulted source.
    Source,
    /// Recalled, not compared with the text.
    Memory,
    /// Recalled with doubt.
    Unsure,
    /// Nothing is known.
    #[default]
    Unknown,
}

impl Confidence {
    /// All words, the surest first.
    pub const ALL: [Confidence; 5] = [Confidence::Official, Confidence::Source, Confidence::Memory, Confidence::Unsure, Confidence::Unknown];

    /// The stable word.
    pub fn word(self) -> &'static str {
        match self {
            Confidence::Official => "official",
            Confidence::Source => "source",
            Confidence::Memory => "memory",
            Confidence::Unsure => "unsure",
            Confidence::Unknown => "unknown",
        }
    }

    /// In plain words: (Vietnamese, English).
    pub fn label(self) -> (&'static str, &'static str) {
        match self {
            Confidence::Official => ("theo văn bản chính thức", "from the official text"),
            Confidence::Source => ("có nguồn", "from a source"),
            Confidence::Memory => ("theo trí nhớ, chưa đối chiếu văn bản", "recalled, not compared with the text"),
            Confidence::Unsure => ("chưa chắc, cần đối chiếu văn bản", "unsure, to be compared with the text"),
            Confidence::Unknown => ("chưa rõ", "not known"),
        }
    }
}

/// The rank that a set gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rank {
    /// Đạt chuẩn.
    Standard,
    /// Đặc thù.
    Special,
    /// Nâng cao.
    Advanced,
    /// Kiểu mẫu.
    Model,
    /// Thông minh.
    Smart,
    /// Anything a province calls otherwise.
    Other,
}

impl Rank {
    /// All ranks.
    pub const ALL: [Rank; 6] = [Rank::Standard, Rank::Special, Rank::Advanced, Rank::Model, Rank::Smart, Rank::Other];

    /// The stable word.
    pub fn word(self) -> &'static str {
        match self {
            Rank::Standard => "standard",
            Rank::Special => "special",
            Rank::Advanced => "advanced",
            Rank::Model => "model",
            Rank::Smart => "smart",
            Rank::Other => "other",
        }
    }

    /// The rank of a word.
    pub fn from_word(word: &str) -> Option<Rank> {
        Rank::ALL.into_iter().find(|r| r.word() == word)
    }

    /// (Vietnamese, English).
    pub fn label(self) -> (&'static str, &'static str) {
        match self {
            Rank::Standard => ("đạt chuẩn", "standard"),
            Rank::Special => ("đặc thù", "special"),
            Rank::Advanced => ("nâng cao", "advanced"),
            Rank::Model => ("kiểu mẫu", "model"),
            Rank::Smart => ("thông minh", "smart"),
            Rank::Other => ("khác", "other"),
        }
    }
}

/// What an indicator asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// n of N.
    Percent,
    /// A number of things.
    Count,
    /// A quantity in a unit.
    Amount,
    /// Whether the unit does what is demanded.
    YesNo,
    /// A step of an ordered list; the threshold is the lowest step that counts, from 0.
    Choice,
    /// Made of parts; see [`Compose`].
    Composite,
    /// The unit meets another set.
    Reference,
    /// The share of lower units that meet another set.
    Share,
    /// The result of a survey of satisfaction, n of N.
    Satisfaction,
    /// Words; judged by people.
    Text,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Kind; 10] =
        [Kind::Percent, Kind::Count, Kind::Amount, Kind::YesNo, Kind::Choice, Kind::Composite, Kind::Reference, Kind::Share, Kind::Satisfaction, Kind::Text];

    /// The stable word.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Percent => "percent",
            Kind::Count => "count",
            Kind::Amount => "amount",
            Kind::YesNo => "yes_no",
            Kind::Choice => "choice",
            Kind::Composite => "composite",
            Kind::Reference => "reference",
            Kind::Share => "share",
            Kind::Satisfaction => "satisfaction",
            Kind::Text => "text",
        }
    }

    /// The kind of a word.
    pub fn from_word(word: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|k| k.word() == word)
    }

    /// (Vietnamese, English).
    pub fn label(self) -> (&'static str, &'static str) {
        match self {
            Kind::Percent => ("tỷ lệ %", "percentage"),
            Kind::Count => ("số lượng", "count"),
            Kind::Amount => ("giá trị", "amount"),
            Kind::YesNo => ("đạt hoặc chưa đạt", "yes or no"),
            Kind::Choice => ("chọn một mức", "choice"),
            Kind::Composite => ("gồm nhiều nội dung", "composite"),
            Kind::Reference => ("đạt bộ tiêu chí khác", "meets another set"),
            Kind::Share => ("tỷ lệ đơn vị cấp dưới đạt", "share of lower units"),
            Kind::Satisfaction => ("kết quả lấy ý kiến hài lòng", "satisfaction"),
            Kind::Text => ("xếp loại bằng chữ", "words"),
        }
    }

    /// Whether the value is n of N (or a percentage).
    pub fn is_share(self) -> bool {
        matches!(self, Kind::Percent | Kind::Share | Kind::Satisfaction)
    }

    /// Whether the value is a number compared with a number.
    pub fn is_number(self) -> bool {
        self.is_share() || matches!(self, Kind::Count | Kind::Amount | Kind::Choice)
    }
}

/// By what the threshold of an indicator differs. It says which thresholds are still missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// One for the country.
    #[default]
    National,
    /// One per region.
    Region,
    /// One per region and year.
    RegionYear,
    /// One per commune group.
    CommuneGroup,
    /// Left to the province.
    Province,
}

impl Scope {
    /// All scopes.
    pub const ALL: [Scope; 5] = [Scope::National, Scope::Region, Scope::RegionYear, Scope::CommuneGroup, Scope::Province];

    /// The stable word.
    pub fn word(self) -> &'static str {
        match self {
            Scope::National => "national",
            Scope::Region => "region",
            Scope::RegionYear => "region_year",
            Scope::CommuneGroup => "commune_group",
            Scope::Province => "province",
        }
    }

    /// The scope of a word.
    pub fn from_word(word: &str) -> Option<Scope> {
        Scope::ALL.into_iter().find(|s| s.word() == word)
    }

    /// (Vietnamese, English).
    pub fn label(self) -> (&'static str, &'static str) {
        match self {
            Scope::National => ("cả nước", "the country"),
            Scope::Region => ("theo vùng", "by region"),
            Scope::RegionYear => ("theo vùng và năm", "by region and year"),
            Scope::CommuneGroup => ("theo nhóm xã", "by commune group"),
            Scope::Province => ("do tỉnh quy định", "set by the province"),
        }
    }
}
