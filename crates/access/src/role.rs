use jiff::civil::Date;
use ui::Lang;
use uuid::Uuid;

/// What a person may do, within the subtree of a unit and between two dates.
///
/// Every role implies viewing; beyond that none includes another: whoever administers neither enters nor accepts figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Sees what is not public.
    Viewer,
    /// Enters and submits.
    Officer,
    /// Accepts or returns what was submitted.
    Reviewer,
    /// Looks after measures, units and accounts.
    Administrator,
}

impl Role {
    /// All roles, in ascending order.
    pub const ALL: [Role; 4] = [Role::Viewer, Role::Officer, Role::Reviewer, Role::Administrator];

    /// The word in the database, in forms and in the interface for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Viewer => "viewer",
            Role::Officer => "officer",
            Role::Reviewer => "reviewer",
            Role::Administrator => "administrator",
        }
    }

    /// Reads [`Role::as_str`].
    pub fn parse(text: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.as_str() == text)
    }

    /// The name on the screen.
    pub fn label(self, lang: Lang) -> &'static str {
        match self {
            Role::Viewer => lang.t("người xem", "viewer"),
            Role::Officer => lang.t("cán bộ nhập liệu", "officer"),
            Role::Reviewer => lang.t("người duyệt", "reviewer"),
            Role::Administrator => lang.t("quản trị", "administrator"),
        }
    }

    /// Whether holding this role is enough where `wanted` is needed.
    pub fn covers(self, wanted: Role) -> bool {
        self == wanted || wanted == Role::Viewer
    }
}

/// A role held in the subtree of a unit from a date up to, but not on, another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    /// What may be done.
    pub role: Role,
    /// In this unit and everything below it.
    pub unit: Uuid,
    /// First day.
    pub from: Date,
    /// First day on which it no longer holds; `None` while it has no end.
    pub to: Option<Date>,
}

impl Grant {
    /// Whether it holds on a day.
    pub fn holds_on(&self, day: Date) -> bool {
        self.from <= day && self.to.is_none_or(|to| day < to)
    }
}

/// Whether any of the grants gives `role` on `day` in a unit whose path (itself and its ancestors) is given.
pub fn allows(grants: &[Grant], role: Role, path: &[Uuid], day: Date) -> bool {
    grants.iter().any(|grant| grant.role.covers(role) && grant.holds_on(day) && path.contains(&grant.unit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(n: i32) -> Date {
        Date::ZERO.checked_add(jiff::Span::new().days(730_000 + i64::from(n))).unwrap()
    }

    /// A tree of eight units: the parent of n is n / 2.
    fn path(unit: u8) -> Vec<Uuid> {
        let mut path = Vec::new();
        let mut at = unit;
        while at > 0 {
            path.push(Uuid::from_u128(u128::from(at)));
            at /= 2;
        }
        path
    }

    fn grants() -> impl Strategy<Value = Vec<(usize, u8, i32, Option<i32>)>> {
        proptest::collection::vec((0..4usize, 1..16u8, 0..20i32, proptest::option::of(0..25i32)), 0..6)
    }

    proptest! {
        /// Against a slow model: walk down from the granted unit.
        #[test]
        fn a_grant_reaches_its_subtree_on_its_days_and_nothing_else(list in grants(), role in 0..4usize, unit in 1..16u8, on in 0..25i32) {
            let made: Vec<Grant> = list.iter().map(|(r, u, from, to)| Grant {
                role: Role::ALL[*r], unit: Uuid::from_u128(u128::from(*u)), from: day(*from), to: to.map(day),
            }).collect();
            let below = |top: u8| (1..16u8).filter(|n| { let mut n = *n; while n > top { n /= 2 } n == top }).collect::<Vec<_>>();
            let model = list.iter().any(|(r, u, from, to)| {
                (*r == role || role == 0) && below(*u).contains(&unit) && (*from..to.unwrap_or(99)).contains(&on)
            });
            prop_assert_eq!(allows(&made, Role::ALL[role], &path(unit), day(on)), model);
        }
    }

    #[test]
    fn no_role_but_viewing_is_included_in_another() {
        for held in Role::ALL {
            for wanted in Role::ALL {
                assert_eq!(held.covers(wanted), held == wanted || wanted == Role::Viewer);
            }
            assert_eq!(Role::parse(held.as_str()), Some(held));
        }
        assert_eq!(Role::parse("root"), None);
    }
}
