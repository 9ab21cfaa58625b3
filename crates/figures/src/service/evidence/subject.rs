//! What a piece of evidence proves: a figure, a criterion of a set, or the output of a task.

use calendar::Period;
use places::pages::BoxFuture;
use ui::Lang;
use uuid::Uuid;

/// What a piece of evidence proves.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A figure of the ledger.
    Figure {
        /// Measure.
        measure: Uuid,
        /// Period.
        period: Period,
        /// Unit.
        unit: Uuid,
    },
    /// An indicator of a set of criteria, as a unit scores it for a period.
    Criterion {
        /// Set.
        set: Uuid,
        /// Code of the indicator within the set.
        indicator: String,
        /// Period of the assessment, mostly a year.
        period: Period,
        /// Unit.
        unit: Uuid,
    },
    /// The output of a task.
    Task {
        /// Task.
        task: Uuid,
        /// Year in which the task was given.
        period: Period,
        /// The unit that owns it.
        unit: Uuid,
    },
}

/// All subjects of a measure or of a set in one period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Topic {
    /// 0 for a measure, 1 for a set of criteria, 2 for a task.
    pub kind: i64,
    /// The measure, the set or the task.
    pub id: Uuid,
    /// Period, see [`Period::to_i64`].
    pub period: i64,
}

impl Topic {
    /// All indicators of a set in a period.
    pub fn set(set: Uuid, period: Period) -> Topic {
        Topic { kind: 1, id: set, period: period.to_i64() }
    }
    /// A measure in a period.
    pub fn measure(measure: Uuid, period: Period) -> Topic {
        Topic { kind: 0, id: measure, period: period.to_i64() }
    }
}

impl Subject {
    /// An indicator of a set, see [`Subject::Criterion`].
    pub fn criterion(set: Uuid, indicator: impl Into<String>, period: Period, unit: Uuid) -> Subject {
        Subject::Criterion { set, indicator: indicator.into(), period, unit }
    }

    /// The unit.
    pub fn unit(&self) -> Uuid {
        match self {
            Subject::Figure { unit, .. } | Subject::Criterion { unit, .. } | Subject::Task { unit, .. } => *unit,
        }
    }
    /// The period.
    pub fn period(&self) -> Period {
        match self {
            Subject::Figure { period, .. } | Subject::Criterion { period, .. } | Subject::Task { period, .. } => *period,
        }
    }
    /// The measure or set it belongs to, in its period.
    pub fn topic(&self) -> Topic {
        match self {
            Subject::Figure { measure, period, .. } => Topic::measure(*measure, *period),
            Subject::Criterion { set, period, .. } => Topic::set(*set, *period),
            Subject::Task { task, period, .. } => Topic { kind: 2, id: *task, period: period.to_i64() },
        }
    }
    /// The indicator; empty for a figure and for a task.
    pub fn item(&self) -> &str {
        match self {
            Subject::Figure { .. } | Subject::Task { .. } => "",
            Subject::Criterion { indicator, .. } => indicator,
        }
    }

    /// From the columns of a row.
    pub(crate) fn of(unit: Uuid, topic: Topic, item: String) -> Option<Subject> {
        let period = Period::from_i64(topic.period)?;
        Some(match topic.kind {
            0 => Subject::Figure { measure: topic.id, period, unit },
            2 => Subject::Task { task: topic.id, period, unit },
            _ => Subject::Criterion { set: topic.id, indicator: item, period, unit },
        })
    }
}

/// The words for a criterion, and the page it is scored on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The indicator in words, with the set's name.
    pub title: String,
    /// Where it is scored.
    pub href: String,
}

/// Names criteria for the pages of evidence; whoever keeps the sets registers it once at start by
/// [`crate::Figures::set_criteria`]. `None` means that there is no such indicator.
pub trait CriteriaNames: Send + Sync {
    /// The words for an indicator.
    fn named<'a>(&'a self, set: Uuid, indicator: &'a str, period: Period, unit: Uuid, lang: Lang) -> BoxFuture<'a, Option<Named>>;
}

/// Names tasks for the pages of evidence; whoever keeps them registers it once at start by [`crate::Figures::set_tasks`]. `None`
/// means that there is no such task.
pub trait TaskNames: Send + Sync {
    /// The words for a task of a unit.
    fn named<'a>(&'a self, task: Uuid, unit: Uuid, lang: Lang) -> BoxFuture<'a, Option<Named>>;
}
