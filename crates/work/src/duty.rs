use crate::Answer;
use access::Context;

/// How much a duty presses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Urgency {
    /// Past its deadline.
    Late,
    /// Due today or on the next working day, or marked urgent.
    Soon,
    /// Due later, or without a date.
    #[default]
    Open,
}

/// A thing done in place by one field and a button, without opening its page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quick {
    /// Where the form is posted.
    pub action: String,
    /// Hidden fields.
    pub hidden: Vec<(String, String)>,
    /// The one field: name and label; none when the button alone is enough.
    pub field: Option<(String, String)>,
    /// The word on the button.
    pub verb: String,
}

/// Something that is due for a person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Duty {
    /// Stable key within its source.
    pub key: String,
    /// Which domain says so; filled by [`DutySource::name`].
    pub source: &'static str,
    /// What it is about, in the language of the context.
    pub title: String,
    /// Where and with whom, in a few words.
    pub about: String,
    /// What to do, a verb.
    pub verb: String,
    /// Where it is done.
    pub href: String,
    /// The deadline, microseconds UTC.
    pub due: Option<i64>,
    /// How much it presses.
    pub urgency: Urgency,
    /// The deadline in words, such as `còn 2 ngày làm việc`.
    pub due_words: String,
    /// Done in place, where that is enough.
    pub quick: Option<Quick>,
}

impl Duty {
    pub(crate) fn order(&self) -> (Urgency, bool, Option<i64>, &str) {
        (self.urgency, self.due.is_none(), self.due, &self.key)
    }
}

/// A domain that knows what is due.
pub trait DutySource: Send + Sync {
    /// A stable word, such as `case`.
    fn name(&self) -> &'static str;

    /// What is due for the person of the context, most urgent first, at most `most`.
    fn duties<'a>(&'a self, ctx: &'a Context, most: usize) -> Answer<'a, Vec<Duty>>;
}
