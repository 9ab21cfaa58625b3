//! Money of tasks by source and year. Whole đồng; labour and land in units of their own. Pure rules.

use std::collections::BTreeMap;
use ui::Lang;

/// Where money or its equivalent comes from, as officers list it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// Central budget.
    Central,
    /// Province's budget.
    Province,
    /// Budget of the district, until that level ended on 30 June 2025.
    District,
    /// Commune's budget.
    Commune,
    /// Other programmes and projects, combined.
    Combined,
    /// Credit.
    Credit,
    /// Enterprises.
    Enterprise,
    /// Cooperatives.
    Cooperative,
    /// People, in money.
    People,
    /// People, in days of work.
    Labour,
    /// People, in land.
    Land,
    /// Other lawful sources.
    Other,
}

/// Largest amount of one cell: a hundred thousand billion đồng.
pub const LARGEST: i64 = 100_000_000_000_000;
/// The last year in which there was a district budget.
const LAST_DISTRICT_YEAR: i16 = 2025;

impl Source {
    /// All of them, in the order of the table.
    pub const ALL: [Source; 12] = [
        Source::Central,
        Source::Province,
        Source::District,
        Source::Commune,
        Source::Combined,
        Source::Credit,
        Source::Enterprise,
        Source::Cooperative,
        Source::People,
        Source::Labour,
        Source::Land,
        Source::Other,
    ];

    /// The stable word.
    pub fn word(self) -> &'static str {
        match self {
            Source::Central => "central",
            Source::Province => "province",
            Source::District => "district",
            Source::Commune => "commune",
            Source::Combined => "combined",
            Source::Credit => "credit",
            Source::Enterprise => "enterprise",
            Source::Cooperative => "cooperative",
            Source::People => "people",
            Source::Labour => "labour",
            Source::Land => "land",
            Source::Other => "other",
        }
    }

    /// Reads [`Source::word`].
    pub fn from_word(word: &str) -> Option<Source> {
        Source::ALL.into_iter().find(|s| s.word() == word)
    }

    /// The name.
    pub fn label(self, l: Lang) -> &'static str {
        match self {
            Source::Central => l.t("Ngân sách trung ương", "Central budget"),
            Source::Province => l.t("Ngân sách tỉnh", "Province's budget"),
            Source::District => l.t("Ngân sách huyện (đến 30/6/2025)", "District's budget (until 30 June 2025)"),
            Source::Commune => l.t("Ngân sách xã", "Commune's budget"),
            Source::Combined => l.t("Vốn lồng ghép", "Other programmes, combined"),
            Source::Credit => l.t("Vốn tín dụng", "Credit"),
            Source::Enterprise => l.t("Doanh nghiệp", "Enterprises"),
            Source::Cooperative => l.t("Hợp tác xã", "Cooperatives"),
            Source::People => l.t("Người dân góp tiền", "People, in money"),
            Source::Labour => l.t("Người dân góp ngày công", "People, in days of work"),
            Source::Land => l.t("Người dân hiến đất", "People, in land"),
            Source::Other => l.t("Nguồn hợp pháp khác", "Other lawful sources"),
        }
    }

    /// The unit in which it is counted: đồng, days of work, square metres.
    pub fn unit(self) -> &'static str {
        match self {
            Source::Labour => "công",
            Source::Land => "m²",
            _ => "đồng",
        }
    }

    /// Whether it is money.
    pub fn money(self) -> bool {
        !matches!(self, Source::Labour | Source::Land)
    }

    /// The group under which a chart draws it; a chart tells six colours apart, not twelve.
    pub fn family(self) -> Family {
        match self {
            Source::Central => Family::Central,
            Source::Province | Source::District | Source::Commune => Family::Local,
            Source::Combined => Family::Combined,
            Source::Credit => Family::Credit,
            Source::Enterprise | Source::Cooperative | Source::Other => Family::Business,
            Source::People | Source::Labour | Source::Land => Family::People,
        }
    }

    /// Whether there was such a source in a year.
    pub fn existed(self, year: i16) -> bool {
        self != Source::District || year <= LAST_DISTRICT_YEAR
    }
}

/// Sources as a chart groups them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// Central budget.
    Central,
    /// Budgets of province, district and commune.
    Local,
    /// Combined.
    Combined,
    /// Credit.
    Credit,
    /// Enterprises, cooperatives, others.
    Business,
    /// People.
    People,
}

impl Family {
    /// All of them, in the order of the chart.
    pub const ALL: [Family; 6] = [Family::Central, Family::Local, Family::Combined, Family::Credit, Family::Business, Family::People];

    /// The name.
    pub fn label(self, l: Lang) -> &'static str {
        match self {
            Family::Central => l.t("trung ương", "central"),
            Family::Local => l.t("tỉnh, huyện, xã", "local budgets"),
            Family::Combined => l.t("lồng ghép", "combined"),
            Family::Credit => l.t("tín dụng", "credit"),
            Family::Business => l.t("doanh nghiệp, hợp tác xã, khác", "enterprises, cooperatives, others"),
            Family::People => l.t("người dân", "people"),
        }
    }
}

/// How far money has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// Planned.
    Planned,
    /// Allocated.
    Allocated,
    /// Paid out.
    Spent,
}

impl Stage {
    /// All of them.
    pub const ALL: [Stage; 3] = [Stage::Planned, Stage::Allocated, Stage::Spent];

    /// The stable word.
    pub fn word(self) -> &'static str {
        match self {
            Stage::Planned => "planned",
            Stage::Allocated => "allocated",
            Stage::Spent => "spent",
        }
    }

    /// Reads [`Stage::word`].
    pub fn from_word(word: &str) -> Option<Stage> {
        Stage::ALL.into_iter().find(|s| s.word() == word)
    }

    /// The name.
    pub fn label(self, l: Lang) -> &'static str {
        match self {
            Stage::Planned => l.t("kế hoạch", "planned"),
            Stage::Allocated => l.t("đã bố trí", "allocated"),
            Stage::Spent => l.t("đã chi", "spent"),
        }
    }
}

/// Money of one source in one year. What is not known is none, which is not zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// Year.
    pub year: i16,
    /// Source.
    pub source: Source,
    /// Planned, in the source's unit.
    pub planned: Option<i64>,
    /// Allocated.
    pub allocated: Option<i64>,
    /// Paid out.
    pub spent: Option<i64>,
    /// What one day of work or square metre is worth, in đồng, where it was valued.
    pub price: Option<i64>,
}

impl Row {
    /// The amount of a stage in the source's own unit.
    pub fn at(&self, stage: Stage) -> Option<i64> {
        match stage {
            Stage::Planned => self.planned,
            Stage::Allocated => self.allocated,
            Stage::Spent => self.spent,
        }
    }

    /// The amount of a stage in đồng; none for labour and land that nobody valued.
    pub fn worth(&self, stage: Stage) -> Option<i64> {
        let amount = self.at(stage)?;
        if self.source.money() { Some(amount) } else { Some(amount.saturating_mul(self.price?)) }
    }

    /// Whether it says anything.
    pub fn empty(&self) -> bool {
        self.planned.is_none() && self.allocated.is_none() && self.spent.is_none()
    }
}

/// The three amounts of something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amounts {
    /// Planned.
    pub planned: i64,
    /// Allocated.
    pub allocated: i64,
    /// Paid out.
    pub spent: i64,
}

impl Amounts {
    /// The amount of a stage.
    pub fn at(&self, stage: Stage) -> i64 {
        match stage {
            Stage::Planned => self.planned,
            Stage::Allocated => self.allocated,
            Stage::Spent => self.spent,
        }
    }

    fn add(&mut self, planned: i64, allocated: i64, spent: i64) {
        self.planned = self.planned.saturating_add(planned);
        self.allocated = self.allocated.saturating_add(allocated);
        self.spent = self.spent.saturating_add(spent);
    }

    /// Both together.
    pub fn with(mut self, other: Amounts) -> Amounts {
        self.add(other.planned, other.allocated, other.spent);
        self
    }
}

/// Sums of rows: in đồng by year and source, and labour and land once more in their own units.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    worth: BTreeMap<(i16, Source), Amounts>,
    kind: BTreeMap<(i16, Source), Amounts>,
    unvalued: usize,
}

impl Totals {
    /// The sums of rows.
    pub fn of<'a>(rows: impl IntoIterator<Item = &'a Row>) -> Totals {
        let mut out = Totals::default();
        for row in rows {
            out.add(row);
        }
        out
    }

    /// Adds one row.
    pub fn add(&mut self, row: &Row) {
        let key = (row.year, row.source);
        let worth = |stage| row.worth(stage).unwrap_or(0);
        self.worth.entry(key).or_default().add(worth(Stage::Planned), worth(Stage::Allocated), worth(Stage::Spent));
        if !row.source.money() {
            let own = |stage| row.at(stage).unwrap_or(0);
            self.kind.entry(key).or_default().add(own(Stage::Planned), own(Stage::Allocated), own(Stage::Spent));
            self.unvalued += usize::from(row.price.is_none() && !row.empty());
        }
    }

    /// Adds other sums.
    pub fn join(&mut self, other: &Totals) {
        for (key, amounts) in &other.worth {
            let kept = self.worth.entry(*key).or_default();
            *kept = kept.with(*amounts);
        }
        for (key, amounts) in &other.kind {
            let kept = self.kind.entry(*key).or_default();
            *kept = kept.with(*amounts);
        }
        self.unvalued += other.unvalued;
    }

    /// Everything, in đồng.
    pub fn all(&self) -> Amounts {
        self.worth.values().fold(Amounts::default(), |sum, a| sum.with(*a))
    }

    /// One source over all years, in đồng.
    pub fn source(&self, source: Source) -> Amounts {
        self.worth.iter().filter(|((_, s), _)| *s == source).fold(Amounts::default(), |sum, (_, a)| sum.with(*a))
    }

    /// One source over all years, in its own unit.
    pub fn in_kind(&self, source: Source) -> Amounts {
        self.kind.iter().filter(|((_, s), _)| *s == source).fold(Amounts::default(), |sum, (_, a)| sum.with(*a))
    }

    /// One group of sources over all years, in đồng.
    pub fn family(&self, family: Family) -> Amounts {
        Source::ALL.into_iter().filter(|s| s.family() == family).fold(Amounts::default(), |sum, s| sum.with(self.source(s)))
    }

    /// One year, in đồng.
    pub fn year(&self, year: i16) -> Amounts {
        self.worth.iter().filter(|((y, _), _)| *y == year).fold(Amounts::default(), |sum, (_, a)| sum.with(*a))
    }

    /// The years with anything in them, in order.
    pub fn years(&self) -> Vec<i16> {
        let mut years: Vec<i16> = self.worth.keys().map(|k| k.0).collect();
        years.dedup();
        years
    }

    /// The sources with anything in them.
    pub fn sources(&self) -> Vec<Source> {
        Source::ALL.into_iter().filter(|s| self.worth.keys().any(|k| k.1 == *s)).collect()
    }

    /// Rows of labour and land that nobody valued: they stay out of the sums in đồng.
    pub fn unvalued(&self) -> usize {
        self.unvalued
    }

    /// Whether there is nothing.
    pub fn empty(&self) -> bool {
        self.worth.is_empty()
    }
}

/// What a unit still owes for works that were accepted but for which no funds were arranged: nợ đọng xây dựng cơ bản.
pub fn arrears(accepted: i64, arranged: i64) -> i64 {
    accepted.saturating_sub(arranged).max(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn row() -> impl Strategy<Value = Row> {
        let amount = || proptest::option::of(0..LARGEST / 1_000);
        (2021..2031i16, 0..12usize, amount(), amount(), amount(), proptest::option::of(0..900i64))
            .prop_map(|(year, source, planned, allocated, spent, price)| Row { year, source: Source::ALL[source], planned, allocated, spent, price })
    }

    proptest! {
        /// However the rows are cut, the sums are the same.
        #[test]
        fn sums_by_source_equal_totals(rows in proptest::collection::vec(row(), 0..40), cut in any::<prop::sample::Index>()) {
            let all = Totals::of(&rows);
            let (left, right) = rows.split_at(if rows.is_empty() { 0 } else { cut.index(rows.len()) });
            let mut joined = Totals::of(left);
            joined.join(&Totals::of(right));
            prop_assert_eq!(&joined, &all);
            for stage in Stage::ALL {
                let total = all.all().at(stage);
                prop_assert_eq!(Source::ALL.iter().map(|s| all.source(*s).at(stage)).sum::<i64>(), total);
                prop_assert_eq!(Family::ALL.iter().map(|f| all.family(*f).at(stage)).sum::<i64>(), total);
                prop_assert_eq!(all.years().iter().map(|y| all.year(*y).at(stage)).sum::<i64>(), total);
                prop_assert_eq!(rows.iter().filter_map(|r| r.worth(stage)).sum::<i64>(), total);
            }
        }

        #[test]
        fn nobody_owes_less_than_nothing(accepted in 0..LARGEST, arranged in 0..LARGEST) {
            let owed = arrears(accepted, arranged);
            prop_assert!(owed >= 0);
            prop_assert_eq!(owed, if accepted > arranged { accepted - arranged } else { 0 });
        }
    }

    #[test]
    fn labour_and_land_count_in_their_own_units() {
        let labour = Row { year: 2026, source: Source::Labour, planned: Some(300), allocated: None, spent: Some(250), price: None };
        let valued = Row { price: Some(250_000), ..labour };
        let totals = Totals::of(&[labour]);
        assert_eq!((totals.all().planned, totals.in_kind(Source::Labour).planned, totals.unvalued()), (0, 300, 1));
        let totals = Totals::of(&[valued]);
        assert_eq!((totals.all().planned, totals.in_kind(Source::Labour).spent, totals.unvalued()), (75_000_000, 250, 0));
        assert!(!Source::District.existed(2026) && Source::District.existed(2025));
        for source in Source::ALL {
            assert_eq!(Source::from_word(source.word()), Some(source));
        }
    }
}
