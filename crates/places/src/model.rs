//! What a place is: a unit with dated attributes, and the events that change units.

use jiff::civil::Date;
use std::sync::Arc;
use uuid::Uuid;

/// Depth in the tree of places. The district level exists only before 1 July 2025.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// The country.
    Nation,
    /// Province or centrally-run city.
    Province,
    /// District, town or city of a province; closed on 1 July 2025.
    District,
    /// Commune, ward, township or special zone.
    Commune,
    /// Village or residential group; not an official unit, kept by its commune.
    Village,
}

impl Level {
    /// All levels from the top.
    pub const ALL: [Level; 5] = [Level::Nation, Level::Province, Level::District, Level::Commune, Level::Village];

    /// 0 for the nation, 4 for a village.
    pub fn depth(self) -> i64 {
        match self {
            Level::Nation => 0,
            Level::Province => 1,
            Level::District => 2,
            Level::Commune => 3,
            Level::Village => 4,
        }
    }

    /// The level of a depth.
    pub fn from_depth(depth: i64) -> Option<Level> {
        Level::ALL.into_iter().find(|l| l.depth() == depth)
    }

    /// The stable word used in files and the API.
    pub fn word(self) -> &'static str {
        match self {
            Level::Nation => "nation",
            Level::Province => "province",
            Level::District => "district",
            Level::Commune => "commune",
            Level::Village => "village",
        }
    }

    /// The level of a word.
    pub fn from_word(word: &str) -> Option<Level> {
        Level::ALL.into_iter().find(|l| l.word() == word)
    }

    /// As officers say it: (Vietnamese, English).
    pub fn label(self) -> (&'static str, &'static str) {
        match self {
            Level::Nation => ("cả nước", "nation"),
            Level::Province => ("tỉnh, thành phố", "province"),
            Level::District => ("huyện", "district"),
            Level::Commune => ("xã, phường, đặc khu", "commune"),
            Level::Village => ("thôn, bản, tổ dân phố", "village"),
        }
    }
}

/// The attributes of a unit from a date until (excluding) another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// First day.
    pub from: Date,
    /// First day on which it no longer holds; none while it does.
    pub to: Option<Date>,
    /// Vietnamese kind in lower case: `xã`, `phường`, `tỉnh`…
    pub kind: Arc<str>,
    /// Name without its kind.
    pub name: Box<str>,
    /// Name with its kind.
    pub full_name: Box<str>,
    /// Official code, text with leading zeros. Not an identity: codes are re-used for other places.
    pub code: Option<Box<str>>,
    /// The unit directly above.
    pub parent: Option<Uuid>,
    /// Where the row comes from.
    pub source: Arc<str>,
    /// Date of that source.
    pub source_date: Arc<str>,
}

impl Version {
    /// Whether it holds on a day.
    pub fn holds(&self, on: Date) -> bool {
        self.from <= on && self.to.is_none_or(|to| on < to)
    }
}

/// A unit: an id for life, and its dated attributes.
#[derive(Clone, Debug)]
pub struct Unit {
    /// Our own id. Units of the fact files have one derived from their key (the same in every installation); later ones a UUIDv7.
    pub id: Uuid,
    /// The top-level unit under which it was created; never changes, so its records never move.
    pub tenant: Uuid,
    /// Depth.
    pub level: Level,
    /// (latitude, longitude) in millionths of a degree.
    pub point: Option<(i64, i64)>,
    /// Hectares.
    pub area: Option<i64>,
    /// Versions, oldest first, never empty.
    pub versions: Vec<Version>,
}

impl Unit {
    /// The attributes on a day, if the unit existed.
    pub fn on(&self, date: Date) -> Option<&Version> {
        self.versions.iter().find(|v| v.holds(date))
    }

    /// The attributes on a day, or those nearest to it: a name to show in any case.
    pub fn near(&self, date: Date) -> Option<&Version> {
        self.on(date).or_else(|| if self.versions.first().is_some_and(|v| date < v.from) { self.versions.first() } else { self.versions.last() })
    }

    /// First day of the unit.
    pub fn from(&self) -> Option<Date> {
        self.versions.first().map(|v| v.from)
    }

    /// First day on which it no longer existed.
    pub fn to(&self) -> Option<Date> {
        self.versions.last().and_then(|v| v.to)
    }
}

/// Kinds of change of units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// Several whole units become one.
    Merge,
    /// A unit is cut up.
    Divide,
    /// A new name, the same place.
    Rename,
    /// A new kind or rank, the same place (commune to ward).
    Retype,
    /// Another unit above.
    Move,
    /// The unit ends without a unit of its level taking over.
    Abolish,
    /// A unit begins.
    Create,
}

impl ChangeKind {
    /// All kinds.
    pub const ALL: [ChangeKind; 7] =
        [ChangeKind::Merge, ChangeKind::Divide, ChangeKind::Rename, ChangeKind::Retype, ChangeKind::Move, ChangeKind::Abolish, ChangeKind::Create];

    /// The stable word.
    pub fn word(self) -> &'static str {
        match self {
            ChangeKind::Merge => "merge",
            ChangeKind::Divide => "divide",
            ChangeKind::Rename => "rename",
            ChangeKind::Retype => "retype",
            ChangeKind::Move => "move",
            ChangeKind::Abolish => "abolish",
            ChangeKind::Create => "create",
        }
    }

    /// The kind of a word.
    pub fn from_word(word: &str) -> Option<ChangeKind> {
        ChangeKind::ALL.into_iter().find(|k| k.word() == word)
    }

    /// (Vietnamese, English).
    pub fn label(self) -> (&'static str, &'static str) {
        match self {
            ChangeKind::Merge => ("nhập", "merge"),
            ChangeKind::Divide => ("chia", "divide"),
            ChangeKind::Rename => ("đổi tên", "rename"),
            ChangeKind::Retype => ("đổi loại", "change of kind"),
            ChangeKind::Move => ("chuyển cấp trên", "move"),
            ChangeKind::Abolish => ("kết thúc", "abolition"),
            ChangeKind::Create => ("lập mới", "creation"),
        }
    }
}

/// One edge of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The unit before.
    pub from: Option<Uuid>,
    /// The unit after.
    pub to: Option<Uuid>,
    /// Share of the population of `from` that goes to `to`, in millionths; none when not known.
    pub by_population: Option<i64>,
    /// The same by area.
    pub by_area: Option<i64>,
    /// The heir of `from` as long as shares are not known: where its centre lies.
    pub is_default: bool,
}

/// A change of units as an event.
#[derive(Clone, Debug)]
pub struct Change {
    /// Id.
    pub id: Uuid,
    /// Kind.
    pub kind: ChangeKind,
    /// First day of the new map.
    pub effective: Date,
    /// Number of the decree or resolution; empty when the facts do not give it.
    pub decree: Arc<str>,
    /// Its date.
    pub decree_date: Option<Date>,
    /// Source of the row.
    pub source: Arc<str>,
    /// Anything worth saying.
    pub note: Arc<str>,
    /// Edges.
    pub parts: Vec<Part>,
}

/// Kinds of groups of units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GroupKind {
    /// A region of several provinces.
    Region,
    /// Commune groups 1–3 of Decision 51/2025.
    CommuneGroup,
    /// Pilots.
    Pilot,
    /// A mark: specially poor, border, island, urban or rural scope.
    Flag,
}

impl GroupKind {
    /// All kinds.
    pub const ALL: [GroupKind; 4] = [GroupKind::Region, GroupKind::CommuneGroup, GroupKind::Pilot, GroupKind::Flag];

    /// The stable word.
    pub fn word(self) -> &'static str {
        match self {
            GroupKind::Region => "region",
            GroupKind::CommuneGroup => "commune_group",
            GroupKind::Pilot => "pilot",
            GroupKind::Flag => "flag",
        }
    }
    /// The kind of a word.
    pub fn from_word(word: &str) -> Option<GroupKind> {
        GroupKind::ALL.into_iter().find(|k| k.word() == word)
    }

    /// (Vietnamese, English).
    pub fn label(self) -> (&'static str, &'static str) {
        match self {
            GroupKind::Region => ("vùng", "region"),
            GroupKind::CommuneGroup => ("nhóm xã", "commune group"),
            GroupKind::Pilot => ("thí điểm", "pilot"),
            GroupKind::Flag => ("đặc điểm", "mark"),
        }
    }
}

/// A group of units with dated members.
#[derive(Clone, Debug)]
pub struct Group {
    /// Id.
    pub id: Uuid,
    /// Short stable code.
    pub code: String,
    /// Kind.
    pub kind: GroupKind,
    /// Vietnamese name.
    pub name_vi: String,
    /// English name.
    pub name_en: String,
    /// Document that makes the group.
    pub legal_basis: String,
    /// Members with their dates and legal basis.
    pub members: Vec<Member>,
}

/// A dated membership.
#[derive(Clone, Debug)]
pub struct Member {
    /// The unit.
    pub unit: Uuid,
    /// First day.
    pub from: Date,
    /// First day after it.
    pub to: Option<Date>,
    /// Document.
    pub legal_basis: Arc<str>,
}

impl Member {
    /// Whether it holds on a day.
    pub fn holds(&self, on: Date) -> bool {
        self.from <= on && self.to.is_none_or(|to| on < to)
    }
}
