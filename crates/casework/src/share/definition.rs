//! What "handled wholly on the network" means, as data: per step, whether it must be there and where it must have been done.

use crate::dossier::{Step, Trace};
use serde::{Deserialize, Serialize};
use ui::Lang;

/// What is asked of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Asked {
    /// There must be a system event of it.
    Required,
    /// If it was done, then on the platform.
    IfDone,
    /// It does not matter.
    Ignored,
}

impl Asked {
    /// All three.
    pub const ALL: [Asked; 3] = [Asked::Required, Asked::IfDone, Asked::Ignored];

    /// The word in forms.
    pub fn word(self) -> &'static str {
        match self {
            Asked::Required => "required",
            Asked::IfDone => "if_done",
            Asked::Ignored => "ignored",
        }
    }

    /// Reads [`Asked::word`].
    pub fn from_word(word: &str) -> Option<Asked> {
        Asked::ALL.into_iter().find(|a| a.word() == word)
    }

    /// In words.
    pub fn label(self, l: Lang) -> &'static str {
        match self {
            Asked::Required => l.t("bắt buộc có trên hệ thống", "must be there, on the platform"),
            Asked::IfDone => l.t("nếu có thì trên hệ thống", "if done, then on the platform"),
            Asked::Ignored => l.t("không xét", "does not matter"),
        }
    }
}

/// A version of the definition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Definition {
    /// 0 is the platform's own; a province's begin at 1.
    pub version: i64,
    /// First day on which dossiers that are closed are judged by it, ISO.
    pub valid_from: String,
    /// Steps with what is asked of each, in order. Steps that are not named do not matter.
    pub steps: Vec<(String, Asked)>,
    /// A document that was issued must bear a signature that leads to a trusted certificate.
    pub trusted_signature: bool,
    /// Why the province changed it; empty for the platform's own.
    #[serde(default)]
    pub reason: String,
}

/// The steps that a definition speaks of.
pub const JUDGED: [Step; 9] = [Step::Register, Step::Assign, Step::Draft, Step::Opinion, Step::Submit, Step::Sign, Step::Issue, Step::Send, Step::File];

impl Default for Definition {
    /// No document says how to count, so this is our reading of "every step": a dossier was given to somebody, drafted, handed
    /// up, signed with a certificate, issued and filed here; registering, opinions and sending count where they happened.
    fn default() -> Definition {
        let asked = |s: Step| match s {
            Step::Register | Step::Opinion | Step::Send => Asked::IfDone,
            _ => Asked::Required,
        };
        Definition {
            version: 0,
            valid_from: "2021-01-01".into(),
            steps: JUDGED.iter().map(|s| (s.word().to_owned(), asked(*s))).collect(),
            trusted_signature: true,
            reason: String::new(),
        }
    }
}

/// Why a dossier does not count as handled on the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// A required step has no event.
    Missing(Step),
    /// A step was done on paper or in another system.
    Elsewhere(Step),
    /// Signed, but not with a certificate that leads to a trusted one.
    NotTrusted,
}

impl Broken {
    /// In words.
    pub fn label(self, l: Lang) -> String {
        match self {
            Broken::Missing(step) => format!("{} “{}”", l.t("không có bước", "there is no step"), step.label(l)),
            Broken::Elsewhere(step) => format!("{} “{}” {}", l.t("bước", "the step"), step.label(l), l.t("làm ngoài hệ thống", "was done elsewhere")),
            Broken::NotTrusted => l.t("chữ ký chưa đối chiếu được với chứng thư tin cậy", "the signature leads to no trusted certificate").to_owned(),
        }
    }
}

impl Definition {
    /// What is asked of a step.
    pub fn asked(&self, step: Step) -> Asked {
        self.steps.iter().find(|(word, _)| word == step.word()).map_or(Asked::Ignored, |(_, asked)| *asked)
    }

    /// The first step that breaks a dossier; none when it counts.
    pub fn broken(&self, trace: Trace) -> Option<Broken> {
        for step in JUDGED {
            match self.asked(step) {
                Asked::Ignored => {}
                _ if trace.elsewhere(step) => return Some(Broken::Elsewhere(step)),
                Asked::Required if !trace.here(step) => return Some(Broken::Missing(step)),
                _ => {}
            }
        }
        (self.trusted_signature && self.asked(Step::Sign) != Asked::Ignored && trace.here(Step::Sign) && !trace.here(Step::Trusted))
            .then_some(Broken::NotTrusted)
    }

    /// The definition in sentences, as it stands under the figure.
    pub fn said(&self, l: Lang) -> String {
        let named = |asked: Asked| {
            let names: Vec<&str> = JUDGED.iter().filter(|s| self.asked(**s) == asked).map(|s| s.label(l)).collect();
            names.join(", ")
        };
        let (must, may) = (named(Asked::Required), named(Asked::IfDone));
        let mut text = match l {
            Lang::Vi => {
                format!("Hồ sơ công việc kết thúc trong kỳ, trừ hồ sơ bí mật nhà nước. Được tính khi mọi bước có ghi nhận trên hệ thống: bắt buộc có {must}")
            }
            Lang::En => format!(
                "Work dossiers closed in the period, without those with state secrets. One counts when every step has an event of the system: required are {must}"
            ),
        };
        if !may.is_empty() {
            text.push_str(l.t("; nếu có thì cũng phải trên hệ thống: ", "; if done, then also here: "));
            text.push_str(&may);
        }
        if self.trusted_signature {
            text.push_str(l.t("; chữ ký số phải thuộc chứng thư tin cậy", "; the signature must lead to a trusted certificate"));
        }
        text.push('.');
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dossier::How;
    use proptest::prelude::*;

    fn whole() -> Vec<(Step, How)> {
        [Step::Open, Step::Assign, Step::Draft, Step::Submit, Step::Sign, Step::Trusted, Step::Issue, Step::File, Step::Close]
            .map(|s| (s, How::System))
            .to_vec()
    }

    #[test]
    fn a_dossier_counts_until_one_step_breaks_it() {
        let definition = Definition::default();
        assert_eq!(definition.broken(Trace::of(whole())), None);
        for (at, (step, _)) in whole().into_iter().enumerate() {
            let mut steps = whole();
            steps.remove(at);
            let broken = definition.broken(Trace::of(steps));
            match step {
                Step::Open | Step::Close => assert_eq!(broken, None),
                Step::Trusted => assert_eq!(broken, Some(Broken::NotTrusted)),
                step => assert_eq!(broken, Some(Broken::Missing(step))),
            }
        }
        let mut paper = whole();
        paper.push((Step::Opinion, How::Paper));
        assert_eq!(definition.broken(Trace::of(paper)), Some(Broken::Elsewhere(Step::Opinion)));
        assert!(definition.said(Lang::Vi).contains("trừ hồ sơ bí mật"));
    }

    proptest! {
        /// Asking less never takes a dossier out.
        #[test]
        fn a_milder_definition_counts_no_less(events in prop::collection::vec((0..14usize, 0..3i64), 0..20), at in 0..9usize) {
            let trace = Trace::of(events.into_iter().map(|(s, h)| (Step::ALL[s], How::from_code(h))));
            let strict = Definition::default();
            let mut mild = strict.clone();
            mild.steps[at].1 = Asked::Ignored;
            if strict.broken(trace).is_none() {
                prop_assert!(mild.broken(trace).is_none());
            }
        }
    }
}
