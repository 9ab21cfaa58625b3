//! What is tried: a threshold moved or set, an indicator left out; for all units or for a region, a group, a province.

use super::column::{DECIMALS, Level};
use crate::model::{Op, Set, Traits};
use rust_decimal::Decimal;
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

/// For whom a threshold is moved.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Scope {
    /// All units.
    #[default]
    All,
    /// Those of a region.
    Region(String),
    /// Those of a commune group.
    Group(String),
    /// Those of a province.
    Province(Uuid),
}

/// How a threshold is moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moved {
    /// Raised (or lowered) by so much, wherever there is a threshold.
    By(Decimal),
    /// Set to a value; also where there was none.
    To(Option<Op>, Decimal),
    /// The indicator is left out of the set.
    Out,
}

/// One thing that is tried. Its text is `8.4:+5`, `8.4:-2,5`, `8.4:=90`, `8.4:<=3`, `8.4:x`, each with `@r.region`, `@g.group` or
/// `@p.province` behind it when it is not for all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Move {
    /// Code of the indicator or of a part of one.
    pub indicator: String,
    /// What is done.
    pub moved: Moved,
    /// For whom.
    pub scope: Scope,
}

/// Why a move is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MoveProblem {
    /// Not written as a move.
    Unreadable(String),
    /// More than two decimals, or beyond a thousand million.
    Number(String),
    /// No such indicator in the set.
    Unknown(String),
    /// The indicator is not judged by a number.
    NotANumber(String),
}

impl MoveProblem {
    /// The sentences: Vietnamese, English.
    pub fn said(&self) -> (String, String) {
        match self {
            MoveProblem::Unreadable(t) => (
                format!("“{t}” không phải một thay đổi mức; ví dụ đúng: 8.4:+5, 8.4:=90, 8.4:x."),
                format!("“{t}” is no move; right ones are 8.4:+5, 8.4:=90, 8.4:x."),
            ),
            MoveProblem::Number(t) => (
                format!("“{t}”: mức chỉ có tối đa hai chữ số thập phân và nhỏ hơn một tỷ."),
                format!("“{t}”: at most two decimals and less than a thousand million."),
            ),
            MoveProblem::Unknown(t) => (format!("Bộ tiêu chí không có chỉ tiêu “{t}”."), format!("The set has no indicator “{t}”.")),
            MoveProblem::NotANumber(t) => (
                format!("Chỉ tiêu {t} không chấm bằng số nên không dời mức được; có thể bỏ ra khỏi bộ."),
                format!("Indicator {t} is not judged by a number; it can only be left out."),
            ),
        }
    }
}

/// A number as people or programs write it, with at most two decimals.
fn number(text: &str) -> Option<Decimal> {
    let text = text.trim().replace(',', ".");
    let value: Decimal = text.strip_prefix('+').unwrap_or(&text).parse().ok()?;
    Some(value.normalize()).filter(|v| v.scale() <= DECIMALS && v.abs() < Decimal::from(1_000_000_000))
}

impl FromStr for Move {
    type Err = MoveProblem;
    fn from_str(text: &str) -> Result<Move, MoveProblem> {
        let short: String = text.chars().take(60).collect();
        let unreadable = || MoveProblem::Unreadable(short.clone());
        let (what, scope) = match text.split_once('@') {
            None => (text, Scope::All),
            Some((what, scope)) => (
                what,
                match scope.split_once('.').filter(|(_, name)| !name.is_empty()) {
                    Some(("r", region)) => Scope::Region(region.to_owned()),
                    Some(("g", group)) => Scope::Group(group.to_owned()),
                    Some(("p", province)) => Scope::Province(province.parse().map_err(|_| unreadable())?),
                    _ => return Err(unreadable()),
                },
            ),
        };
        let (indicator, how) = what.split_once(':').ok_or_else(unreadable)?;
        let (indicator, how) = (indicator.trim(), how.trim());
        if indicator.is_empty() || indicator.len() > 40 {
            return Err(unreadable());
        }
        let bad = || MoveProblem::Number(short.clone());
        let moved = match how {
            "x" => Moved::Out,
            _ if how.starts_with(['+', '-']) => Moved::By(number(how).ok_or_else(bad)?),
            _ => {
                let end = how.find(|c: char| !"<>=≥≤".contains(c)).ok_or_else(unreadable)?;
                let (sign, rest) = how.split_at_checked(end).ok_or_else(unreadable)?;
                let op = match sign {
                    // A plain "=" keeps the comparison of the indicator.
                    "=" => None,
                    "==" => Some(Op::Exactly),
                    sign => Some(Op::from_sign(sign).ok_or_else(unreadable)?),
                };
                Moved::To(op, number(rest).ok_or_else(bad)?)
            }
        };
        Ok(Move { indicator: indicator.to_owned(), moved, scope })
    }
}

impl fmt::Display for Move {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.indicator)?;
        match self.moved {
            Moved::By(by) if by.is_sign_negative() => write!(f, "{by}")?,
            Moved::By(by) => write!(f, "+{by}")?,
            Moved::To(None, value) => write!(f, "={value}")?,
            Moved::To(Some(Op::Exactly), value) => write!(f, "=={value}")?,
            Moved::To(Some(op), value) => write!(f, "{}{value}", op.sign())?,
            Moved::Out => f.write_str("x")?,
        }
        match &self.scope {
            Scope::All => Ok(()),
            Scope::Region(r) => write!(f, "@r.{r}"),
            Scope::Group(g) => write!(f, "@g.{g}"),
            Scope::Province(p) => write!(f, "@p.{p}"),
        }
    }
}

impl Move {
    /// Refuses a move that a set cannot follow.
    ///
    /// # Errors
    /// [`MoveProblem::Unknown`], [`MoveProblem::NotANumber`].
    pub fn check(&self, set: &Set) -> Result<(), MoveProblem> {
        let indicator = set.indicator(&self.indicator).ok_or_else(|| MoveProblem::Unknown(self.indicator.clone()))?;
        match self.moved {
            Moved::Out => Ok(()),
            _ if indicator.kind.is_number() => Ok(()),
            _ => Err(MoveProblem::NotANumber(self.indicator.clone())),
        }
    }

    /// Whether it is for units with these traits, of this province.
    pub fn reaches(&self, set: &Set, traits: &Traits, province: Option<Uuid>) -> bool {
        match &self.scope {
            Scope::All => true,
            Scope::Region(region) => set.region_for(traits).0 == Some(region),
            Scope::Group(group) => traits.group.as_ref() == Some(group),
            Scope::Province(wanted) => province == Some(*wanted) || traits.provinces.contains(wanted),
        }
    }

    /// The threshold after the move; `usual` is the comparison of the indicator where it has no threshold yet.
    pub fn apply(&self, level: Option<&Level>, usual: Option<Op>) -> Option<Level> {
        match self.moved {
            Moved::Out => level.cloned(),
            Moved::By(by) => level.map(|l| Level { value: l.value.map(|v| v + by), ..l.clone() }),
            Moved::To(op, value) => {
                let op = op.or(level.and_then(|l| l.op)).or(usual).unwrap_or(Op::AtLeast);
                Some(Level { op: Some(op), value: Some(value), expected: None })
            }
        }
    }
}
