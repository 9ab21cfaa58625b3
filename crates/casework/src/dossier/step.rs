//! The steps of a work dossier, how each was done, and the trace that the share is computed from.

use ui::Lang;

/// A step in the life of a work dossier. The order is that of the bits of [`Trace`]: only ever append.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// A document was registered into it.
    Register,
    /// Opened.
    Open,
    /// Given to somebody.
    Assign,
    /// A draft was written or changed.
    Draft,
    /// Somebody gave an opinion.
    Opinion,
    /// A draft was handed up for signature.
    Submit,
    /// Signed.
    Sign,
    /// Given its number and issued.
    Issue,
    /// Sent to its recipients.
    Send,
    /// Documents were put into it.
    File,
    /// Closed.
    Close,
    /// Handed to the archive.
    Archive,
    /// A draft was given back.
    Return,
    /// The signature was checked and leads to a trusted certificate. No step of its own, a quality of signing.
    Trusted,
    /// It went on with the legal successor of its office.
    Move,
}

impl Step {
    /// All of them, in the order of their bits.
    pub const ALL: [Step; 15] = [
        Step::Register,
        Step::Open,
        Step::Assign,
        Step::Draft,
        Step::Opinion,
        Step::Submit,
        Step::Sign,
        Step::Issue,
        Step::Send,
        Step::File,
        Step::Close,
        Step::Archive,
        Step::Return,
        Step::Trusted,
        Step::Move,
    ];

    /// The word in the database.
    pub fn word(self) -> &'static str {
        match self {
            Step::Register => "register",
            Step::Open => "open",
            Step::Assign => "assign",
            Step::Draft => "draft",
            Step::Opinion => "opinion",
            Step::Submit => "submit",
            Step::Sign => "sign",
            Step::Issue => "issue",
            Step::Send => "send",
            Step::File => "file",
            Step::Close => "close",
            Step::Archive => "archive",
            Step::Return => "return",
            Step::Trusted => "trusted",
            Step::Move => "move",
        }
    }

    /// Reads [`Step::word`].
    pub fn from_word(word: &str) -> Option<Step> {
        Step::ALL.into_iter().find(|s| s.word() == word)
    }

    /// Its name.
    pub fn label(self, l: Lang) -> &'static str {
        match self {
            Step::Register => l.t("tiếp nhận, vào sổ", "registration"),
            Step::Open => l.t("mở hồ sơ", "opening"),
            Step::Assign => l.t("giao việc", "assignment"),
            Step::Draft => l.t("soạn thảo", "drafting"),
            Step::Opinion => l.t("góp ý", "opinion"),
            Step::Submit => l.t("trình ký", "submission for signature"),
            Step::Sign => l.t("ký", "signature"),
            Step::Issue => l.t("cấp số, phát hành", "issuing"),
            Step::Send => l.t("gửi đi", "sending"),
            Step::File => l.t("lưu vào hồ sơ", "filing"),
            Step::Close => l.t("kết thúc", "closing"),
            Step::Archive => l.t("nộp lưu trữ", "handing to the archive"),
            Step::Return => l.t("trả lại", "return"),
            Step::Trusted => l.t("kiểm tra chứng thư", "check of the certificate"),
            Step::Move => l.t("chuyển sang cơ quan kế thừa", "move to the legal successor"),
        }
    }

    /// Those that somebody may record as done on paper.
    pub const ON_PAPER: [Step; 6] = [Step::Draft, Step::Opinion, Step::Submit, Step::Sign, Step::Issue, Step::Send];

    fn at(self) -> u32 {
        u32::try_from(Step::ALL.iter().position(|s| *s == self).unwrap_or_default()).unwrap_or_default() * 2
    }
}

/// How a step was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// Here, by a person who acted on the platform.
    System,
    /// On paper; somebody wrote down that it was done.
    Paper,
    /// In another system, from which the record was brought.
    Import,
}

impl How {
    /// The number in the database.
    pub fn code(self) -> i64 {
        match self {
            How::System => 0,
            How::Paper => 1,
            How::Import => 2,
        }
    }

    /// Reads [`How::code`].
    pub fn from_code(code: i64) -> How {
        match code {
            0 => How::System,
            1 => How::Paper,
            _ => How::Import,
        }
    }

    /// Its name.
    pub fn label(self, l: Lang) -> &'static str {
        match self {
            How::System => l.t("trên hệ thống", "on the platform"),
            How::Paper => l.t("trên giấy", "on paper"),
            How::Import => l.t("nhập từ hệ thống khác", "from another system"),
        }
    }
}

/// Which steps a dossier has, two bits each: done on the platform, done elsewhere. The share counts traces, so that it
/// needs no look at the events; `conglang verify` makes every trace anew from the events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Trace(pub i64);

impl Trace {
    /// The trace with a step added.
    #[must_use]
    pub fn with(self, step: Step, how: How) -> Trace {
        let bit = if how == How::System { 1 } else { 2 };
        Trace(self.0 | bit << step.at())
    }

    /// Whether a step was done on the platform.
    pub fn here(self, step: Step) -> bool {
        self.0 >> step.at() & 1 == 1
    }

    /// Whether a step was done elsewhere (also).
    pub fn elsewhere(self, step: Step) -> bool {
        self.0 >> step.at() & 2 == 2
    }

    /// Whether a step was done at all.
    pub fn has(self, step: Step) -> bool {
        self.here(step) || self.elsewhere(step)
    }

    /// From events, in any order.
    pub fn of(events: impl IntoIterator<Item = (Step, How)>) -> Trace {
        events.into_iter().fold(Trace::default(), |t, (step, how)| t.with(step, how))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_trace_says_what_was_done_and_nothing_else(events in prop::collection::vec((0..15usize, 0..3i64), 0..40)) {
            let events: Vec<(Step, How)> = events.into_iter().map(|(s, h)| (Step::ALL[s], How::from_code(h))).collect();
            let trace = Trace::of(events.clone());
            for step in Step::ALL {
                prop_assert_eq!(trace.here(step), events.iter().any(|(s, h)| *s == step && *h == How::System));
                prop_assert_eq!(trace.elsewhere(step), events.iter().any(|(s, h)| *s == step && *h != How::System));
                prop_assert_eq!(Step::from_word(step.word()), Some(step));
            }
            let mut back = events;
            back.reverse();
            prop_assert_eq!(Trace::of(back), trace);
        }
    }
}
