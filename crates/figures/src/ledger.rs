//! The ledger: every line anybody ever entered, and what the lines of one figure say together.

use crate::value::Value;
use uuid::Uuid;

/// What a line does to its figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Saved by the officer, seen by nobody above.
    Draft,
    /// Handed to the level above.
    Submitted,
    /// Counted.
    Accepted,
    /// Given back with a reason.
    Returned,
}

impl State {
    /// Code in the database.
    pub fn code(self) -> i64 {
        match self {
            State::Draft => 0,
            State::Submitted => 1,
            State::Accepted => 2,
            State::Returned => 3,
        }
    }
    /// State of a code.
    pub fn from_code(code: i64) -> Option<State> {
        [State::Draft, State::Submitted, State::Accepted, State::Returned].into_iter().find(|s| s.code() == code)
    }
    /// (Vietnamese, English).
    pub fn label(self) -> (&'static str, &'static str) {
        match self {
            State::Draft => ("nháp", "draft"),
            State::Submitted => ("chờ duyệt", "awaiting"),
            State::Accepted => ("đã duyệt", "accepted"),
            State::Returned => ("trả lại", "returned"),
        }
    }
}

/// One line. Never changed, never deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Position among the lines of the figure, from 1.
    pub seq: i64,
    /// Version of the measure under which it was entered.
    pub version: i64,
    /// State.
    pub state: State,
    /// Value.
    pub value: Value,
    /// The act (who, when, from what) it belongs to.
    pub act: Uuid,
    /// Cell of the workbook it came from: `Xã!F27`.
    pub cell: Option<String>,
    /// Reason of a return, a correction or an unusual value.
    pub reason: Option<String>,
    /// The accepted line it replaces.
    pub replaces: Option<i64>,
}

/// Codes of the column `known`.
const NUMBER: i64 = 0;
const RATIO: i64 = 1;
const WORDS: i64 = 2;
const NOT_APPLICABLE: i64 = 3;
const NOT_KNOWN: i64 = 4;

/// A value as its four columns: known, num, den, words.
pub fn columns(value: &Value) -> (i64, Option<i64>, Option<i64>, Option<String>) {
    match value {
        Value::Number(n) => (NUMBER, Some(*n), None, None),
        Value::Ratio { n, of } => (RATIO, Some(*n), Some(*of), None),
        Value::Words(text) => (WORDS, None, None, Some(text.clone())),
        Value::NotApplicable => (NOT_APPLICABLE, None, None, None),
        Value::NotKnown => (NOT_KNOWN, None, None, None),
    }
}

/// The value of four columns; none if they do not fit together.
pub fn value(known: i64, num: Option<i64>, den: Option<i64>, words: Option<String>) -> Option<Value> {
    match (known, num, den, words) {
        (NUMBER, Some(n), _, _) => Some(Value::Number(n)),
        (RATIO, Some(n), Some(of), _) => Some(Value::Ratio { n, of }),
        (WORDS, _, _, Some(text)) => Some(Value::Words(text)),
        (NOT_APPLICABLE, ..) => Some(Value::NotApplicable),
        (NOT_KNOWN, ..) => Some(Value::NotKnown),
        _ => None,
    }
}

/// The line with which the value of the last line was entered: the first of those in a row, back to a decision, that say the same.
/// Handing over repeats a line and is no entry.
pub fn entered(lines: &[Line]) -> Option<&Line> {
    let last = lines.last()?;
    let decided = |l: &Line| matches!(l.state, State::Accepted | State::Returned);
    lines.iter().rev().take_while(|l| l.seq == last.seq || (l.value == last.value && !decided(l))).last()
}

/// What the lines of one figure say together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Story {
    /// The line that counts.
    pub accepted: Option<Line>,
    /// A later line that does not count yet: draft, submitted or returned.
    pub pending: Option<Line>,
    /// Position of the last line.
    pub last_seq: i64,
    /// The acts that made the pending line what it is, since the figure was last accepted or returned.
    pub acts_since_decision: Vec<Uuid>,
}

impl Story {
    /// Takes the next line, in order.
    pub fn push(&mut self, line: Line) {
        self.last_seq = line.seq;
        if matches!(line.state, State::Accepted | State::Returned) {
            self.acts_since_decision.clear();
        } else {
            self.acts_since_decision.push(line.act);
        }
        if line.state == State::Accepted {
            self.accepted = Some(line);
            self.pending = None;
        } else {
            self.pending = Some(line);
        }
    }

    /// Reads lines in order.
    pub fn of(lines: impl IntoIterator<Item = Line>) -> Story {
        let mut story = Story::default();
        for line in lines {
            story.push(line);
        }
        story
    }

    /// Whether a first value waits for acceptance. A waiting correction does not hide the accepted value.
    pub fn awaits(&self) -> bool {
        self.accepted.is_none() && self.pending.as_ref().is_some_and(|l| l.state == State::Submitted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(seq: i64, state: State, n: i64, cell: Option<&str>) -> Line {
        Line { seq, version: 1, state, value: Value::Number(n), act: Uuid::from_u128(1), cell: cell.map(Into::into), reason: None, replaces: None }
    }

    #[test]
    fn handing_over_is_no_entry_and_a_decision_begins_anew() {
        let by = |lines: &[Line]| entered(lines).map(|l| l.seq);
        assert_eq!(by(&[]), None);
        let first = line(1, State::Draft, 7, Some("A!C3"));
        assert_eq!(by(&[first.clone(), line(2, State::Submitted, 7, Some("A!C3"))]), Some(1));
        assert_eq!(by(&[first.clone(), line(2, State::Draft, 8, None), line(3, State::Submitted, 8, None)]), Some(2));
        assert_eq!(by(&[first.clone(), line(2, State::Returned, 7, None), line(3, State::Draft, 7, None), line(4, State::Submitted, 7, None)]), Some(3));
        assert_eq!(by(&[first, line(2, State::Submitted, 7, None), line(3, State::Accepted, 7, None)]), Some(1));
    }
}
