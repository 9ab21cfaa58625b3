//! Procedures as data: states, actions, who may act, guards, clocks, papers, tasks. The TOML text is the authority; what is
//! here only reads it. See `facts/procedures/*.toml` for living examples and `docs/huong-dan/ho-so.md` for the words.

mod check;
mod diff;
mod picture;
mod shipped;

pub use check::{Finding, check, is_fact, read};
pub use diff::{Change, differences};
pub use picture::picture;
pub use shipped::SHIPPED;

use calendar::{CountRule, Measure};
use jiff::civil::Date;
use serde::Deserialize;
use toml::Spanned;
use ui::Lang;

/// A procedure as its text says it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Procedure {
    /// Stable code, `a-z`, digits and `-`.
    pub code: String,
    /// Title in Vietnamese.
    pub title_vi: String,
    /// Title in English.
    pub title_en: String,
    /// Level of the unit a case is about: `province`, `district`, `commune`, `village`.
    pub level: String,
    /// The document that makes it.
    pub document: String,
    /// First day for new cases.
    #[serde(default)]
    pub valid_from: Option<Date>,
    /// First day on which none is opened any more.
    #[serde(default)]
    pub valid_to: Option<Date>,
    /// A word to those who run it.
    #[serde(default)]
    pub note_vi: String,
    /// The same in English.
    #[serde(default)]
    pub note_en: String,
    /// How days are counted.
    #[serde(default)]
    pub count: CountRule,
    /// The limit of the whole.
    #[serde(default)]
    pub limit: Option<Limit>,
    /// Values that a document sets and guards read; empty while the document has not been read.
    #[serde(default)]
    pub setting: Vec<Setting>,
    /// What a case holds.
    #[serde(default)]
    pub field: Vec<Field>,
    /// Who takes part.
    pub actor: Vec<Actor>,
    /// What is attached.
    #[serde(default)]
    pub paper: Vec<Paper>,
    /// States.
    pub state: Vec<State>,
    /// Parallel opinions.
    #[serde(default)]
    pub task: Vec<Task>,
    /// Actions.
    pub action: Vec<Action>,
}

/// A limit of time.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// How much; missing while the document has not been read.
    #[serde(default)]
    pub amount: Option<u32>,
    /// Counted in.
    #[serde(default)]
    pub measure: Measure,
    /// The document; empty when not known.
    #[serde(default)]
    pub source: String,
}

/// A value that a document sets.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// Its name in guards.
    pub code: String,
    /// What it is.
    pub title_vi: String,
    /// The same in English.
    pub title_en: String,
    /// The value; missing while the document has not been read.
    #[serde(default)]
    pub value: Option<i64>,
    /// Unit of measure.
    #[serde(default)]
    pub unit: String,
    /// The document; empty when not known.
    #[serde(default)]
    pub source: String,
}

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// Words.
    Text,
    /// A whole number.
    Number,
    /// A year: a whole number that is written without points.
    Year,
    /// A day.
    Date,
    /// Yes or no.
    Flag,
    /// One of a list.
    Choice,
}

/// A field of a case.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Its name in guards: `a-z`, digits and `_`.
    pub code: String,
    /// What it holds.
    pub kind: FieldKind,
    /// Label.
    pub title_vi: String,
    /// Label in English.
    pub title_en: String,
    /// Help under the label.
    #[serde(default)]
    pub hint_vi: String,
    /// The same in English.
    #[serde(default)]
    pub hint_en: String,
    /// Unit of measure.
    #[serde(default)]
    pub unit: String,
    /// For a choice: value, Vietnamese, English.
    #[serde(default)]
    pub choices: Vec<(String, String, String)>,
    /// Smallest number.
    #[serde(default)]
    pub min: Option<i64>,
    /// Largest number.
    #[serde(default)]
    pub max: Option<i64>,
    /// Only these actors see it; empty for all who see the case.
    #[serde(default)]
    pub seen_by: Vec<String>,
    /// May be left empty when it is asked for.
    #[serde(default)]
    pub optional: bool,
}

/// Where an actor stands, seen from the unit a case is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stand {
    /// In the unit itself.
    Own,
    /// In the unit above.
    Above,
    /// In the province of the unit.
    Province,
    /// At the centre.
    Nation,
}

/// Somebody who takes part.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Actor {
    /// Code.
    pub code: String,
    /// Name, such as `UBND xã`.
    pub title_vi: String,
    /// The same in English.
    pub title_en: String,
    /// The role that is needed: `officer`, `reviewer`, `administrator`, or `any` for whoever works or decides there.
    pub role: String,
    /// Where it must be held.
    pub at: Stand,
    /// On whose side the organisation of the post stands: `executive`, `council`, `front`, `party`; empty for any.
    #[serde(default)]
    pub body: String,
    /// Kinds of organisations that may act, such as `people-committee`; empty for any on that side. The head of a department
    /// stands on the side of the executive as well, and is not its chairman.
    #[serde(default)]
    pub organisations: Vec<String>,
    /// Kinds of posts that may act, such as `head`; empty for any.
    #[serde(default)]
    pub posts: Vec<String>,
}

impl Actor {
    /// Whether a role alone makes somebody this actor, without a post: where nothing is asked of the post.
    pub(crate) fn needs_no_post(&self) -> bool {
        matches!(self.body.as_str(), "" | "executive") && self.organisations.is_empty() && self.posts.is_empty()
    }
}

/// Something that is attached.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Paper {
    /// Code.
    pub code: String,
    /// Name.
    pub title_vi: String,
    /// The same in English.
    pub title_en: String,
    /// Only these actors open it; empty for all who see the case.
    #[serde(default)]
    pub seen_by: Vec<String>,
}

/// What a state is in the whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StateKind {
    /// Where a case begins.
    Start,
    /// On the way.
    #[default]
    Middle,
    /// Where the work is done, and the case lives on (a recognised commune is looked at again each year).
    Settled,
    /// Where it ends.
    End,
}

/// How an end looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mood {
    /// Reached.
    Good,
    /// Needs attention.
    Warn,
    /// Refused or revoked.
    Bad,
    /// Neither.
    #[default]
    Plain,
}

/// A state.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    /// Code.
    pub code: Spanned<String>,
    /// Name.
    pub title_vi: String,
    /// The same in English.
    pub title_en: String,
    /// What it is in the whole.
    #[serde(default)]
    pub kind: StateKind,
    /// Who holds the case meanwhile; an actor's code.
    #[serde(default)]
    pub holder: String,
    /// How it looks.
    #[serde(default)]
    pub mood: Mood,
    /// The limit of this step.
    #[serde(default)]
    pub limit: Option<Limit>,
    /// Whether the step's limit is part of the limit of the whole.
    #[serde(default)]
    pub in_budget: bool,
    /// The clock of the whole stands still; the reason in words.
    #[serde(default)]
    pub pause_vi: String,
    /// The same in English.
    #[serde(default)]
    pub pause_en: String,
    /// Tasks that are handed out on entering.
    #[serde(default)]
    pub tasks: Vec<String>,
    /// Who is told when the step is late; actors' codes.
    #[serde(default)]
    pub escalate_to: Vec<String>,
    /// What to do here.
    #[serde(default)]
    pub hint_vi: String,
    /// The same in English.
    #[serde(default)]
    pub hint_en: String,
}

/// An opinion asked of somebody in parallel.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Task {
    /// Code.
    pub code: String,
    /// What is asked.
    pub title_vi: String,
    /// The same in English.
    pub title_en: String,
    /// Who answers; an actor's code.
    pub by: String,
    /// The limit.
    #[serde(default)]
    pub limit: Option<Limit>,
    /// Fields to fill in.
    #[serde(default)]
    pub asks: Vec<String>,
    /// Papers to attach.
    #[serde(default)]
    pub needs: Vec<String>,
    /// Whether the answer is agreed or not agreed, with a word.
    #[serde(default)]
    pub verdict: bool,
}

/// Whether an action takes a word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Note {
    /// May be given.
    #[default]
    Optional,
    /// Must be given.
    Required,
}

/// An action.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Action {
    /// Code.
    pub code: Spanned<String>,
    /// The verb on the button.
    pub title_vi: String,
    /// The same in English.
    pub title_en: String,
    /// States in which it can be done.
    pub from: Vec<String>,
    /// The state after it.
    pub to: String,
    /// Who may; actors' codes.
    pub by: Vec<String>,
    /// A condition in CEL over fields, settings, counts and facts.
    #[serde(default)]
    pub guard: Option<Spanned<String>>,
    /// The condition in words, one per part of the guard in its order.
    #[serde(default)]
    pub guard_vi: Vec<String>,
    /// The same in English.
    #[serde(default)]
    pub guard_en: Vec<String>,
    /// Fields to fill in.
    #[serde(default)]
    pub asks: Vec<String>,
    /// Papers that must be there.
    #[serde(default)]
    pub needs: Vec<String>,
    /// Whether it takes a word.
    #[serde(default)]
    pub note: Note,
    /// Only once every task of the state is done.
    #[serde(default)]
    pub after_tasks: bool,
    /// The limit of the whole begins.
    #[serde(default)]
    pub starts_clock: bool,
    /// The limit of the whole ends.
    #[serde(default)]
    pub stops_clock: bool,
    /// Words for those who listen, such as `recognition.decided`.
    #[serde(default)]
    pub emits: Vec<String>,
    /// What it brings forth, such as `certificate`.
    #[serde(default)]
    pub outputs: Vec<String>,
    /// Who is told; actors' codes. The holder of the next state always is.
    #[serde(default)]
    pub notify: Vec<String>,
    /// Cannot be taken back lightly.
    #[serde(default)]
    pub risk: bool,
}

/// Values that the engine knows of every case.
pub const BUILT_IN: &[(&str, &str, &str)] = &[
    ("tasks_open", "số ý kiến còn chờ", "opinions still open"),
    ("tasks_against", "số ý kiến không đồng ý", "opinions against"),
    ("days_in_state", "số ngày ở bước này", "days in this state"),
    ("late", "đã quá hạn", "past its deadline"),
];

impl Procedure {
    /// The state with a code.
    pub fn state(&self, code: &str) -> Option<&State> {
        self.state.iter().find(|s| s.code.get_ref() == code)
    }

    /// Where a case begins.
    pub fn start(&self) -> Option<&State> {
        self.state.iter().find(|s| s.kind == StateKind::Start)
    }

    /// The action with a code.
    pub fn action(&self, code: &str) -> Option<&Action> {
        self.action.iter().find(|a| a.code.get_ref() == code)
    }

    /// The actions of a state, in the order of the text.
    pub fn actions_of<'a>(&'a self, state: &'a str) -> impl Iterator<Item = &'a Action> {
        self.action.iter().filter(move |a| a.from.iter().any(|from| from == state))
    }

    /// The actor with a code.
    pub fn actor(&self, code: &str) -> Option<&Actor> {
        self.actor.iter().find(|a| a.code == code)
    }

    /// The field with a code.
    pub fn field(&self, code: &str) -> Option<&Field> {
        self.field.iter().find(|f| f.code == code)
    }

    /// The paper with a code.
    pub fn paper(&self, code: &str) -> Option<&Paper> {
        self.paper.iter().find(|p| p.code == code)
    }

    /// The task with a code.
    pub fn task(&self, code: &str) -> Option<&Task> {
        self.task.iter().find(|t| t.code == code)
    }

    /// Title.
    pub fn title(&self, l: Lang) -> &str {
        l.t(&self.title_vi, &self.title_en)
    }

    /// Whether a case may be opened on a day.
    pub fn holds_on(&self, day: Date) -> bool {
        self.valid_from.is_none_or(|from| from <= day) && self.valid_to.is_none_or(|to| day < to)
    }

    /// The names in all guards that only other domains can answer.
    pub fn facts(&self) -> Vec<String> {
        let mut names: Vec<String> = self
            .action
            .iter()
            .filter_map(|a| a.guard.as_ref())
            .filter_map(|g| formula::Guard::parse(g.get_ref()).ok())
            .flat_map(|g| g.inputs().to_vec())
            .filter(|name| is_fact(self, name))
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}
