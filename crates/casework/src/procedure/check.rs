//! What is wrong with a procedure, with the line of its text. Only one without findings is published.

use super::{Action, BUILT_IN, Procedure, StateKind};
use formula::Guard;
use places::Level;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use ui::Lang;

/// Something wrong, with where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Stable code.
    pub code: &'static str,
    /// Line of the text, from 1.
    pub line: usize,
    /// Vietnamese.
    pub vi: String,
    /// English.
    pub en: String,
}

impl Finding {
    /// The sentence.
    pub fn said(&self, l: Lang) -> &str {
        l.t(&self.vi, &self.en)
    }
}

/// The longest text of a procedure, in bytes.
const LONGEST: usize = 200_000;

/// Reads a text.
///
/// # Errors
/// What the text lacks to be a procedure at all, with its line.
pub fn read(text: &str) -> Result<Procedure, Finding> {
    if text.len() > LONGEST {
        return Err(Finding {
            code: "procedure.too_long", line: 1, vi: "Quy trình dài quá 200 KB.".into(), en: "The procedure is longer than 200 KB.".into()
        });
    }
    toml::from_str(text).map_err(|error: toml::de::Error| {
        let line = error.span().map_or(1, |span| line_at(text, span.start));
        let what: String = error.message().chars().take(300).collect();
        Finding { code: "procedure.unreadable", line, vi: format!("Không đọc được: {what}"), en: format!("It cannot be read: {what}") }
    })
}

fn line_at(text: &str, offset: usize) -> usize {
    text.as_bytes().iter().take(offset).filter(|b| **b == b'\n').count() + 1
}

/// Whether a name in a guard is neither a field nor a setting nor built in: then another domain must know it.
pub fn is_fact(procedure: &Procedure, name: &str) -> bool {
    procedure.field(name).is_none()
        && !procedure.setting.iter().any(|s| s.code == name)
        && !BUILT_IN.iter().any(|b| b.0 == name)
        && name.strip_prefix("papers_").is_none_or(|code| procedure.paper(code).is_none())
}

/// Everything wrong with a procedure; empty when it may be published. `facts` are the names that other domains offer.
pub fn check(text: &str, procedure: &Procedure, facts: &[String]) -> Vec<Finding> {
    let mut checker = Checker { text, procedure, facts, found: Vec::new() };
    checker.names();
    checker.references();
    checker.guards();
    checker.ways();
    checker.budgets();
    checker.found.sort_by_key(|f| f.line);
    checker.found
}

struct Checker<'a> {
    text: &'a str,
    procedure: &'a Procedure,
    facts: &'a [String],
    found: Vec<Finding>,
}

impl Checker<'_> {
    fn say(&mut self, code: &'static str, line: usize, vi: String, en: String) {
        self.found.push(Finding { code, line, vi, en });
    }

    fn line_of_state(&self, code: &str) -> usize {
        self.procedure.state(code).map_or(1, |s| line_at(self.text, s.code.span().start))
    }

    fn line_of_action(&self, action: &Action) -> usize {
        line_at(self.text, action.code.span().start)
    }

    /// The first line that names a word in quotes.
    fn line_of_word(&self, word: &str) -> usize {
        let quoted = [format!("\"{word}\""), format!("'{word}'")];
        self.text.lines().position(|line| quoted.iter().any(|q| line.contains(q.as_str()))).map_or(1, |at| at + 1)
    }

    fn names(&mut self) {
        let p = self.procedure;
        let good = |code: &str, dash: bool| {
            !code.is_empty() && code.len() <= 60 && code.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || (dash && b == b'-'))
        };
        let lists: [(&str, &str, Vec<&str>); 7] = [
            ("trạng thái", "state", p.state.iter().map(|s| s.code.get_ref().as_str()).collect()),
            ("hành động", "action", p.action.iter().map(|a| a.code.get_ref().as_str()).collect()),
            ("người thực hiện", "actor", p.actor.iter().map(|a| a.code.as_str()).collect()),
            ("trường", "field", p.field.iter().map(|f| f.code.as_str()).collect()),
            ("giấy tờ", "paper", p.paper.iter().map(|f| f.code.as_str()).collect()),
            ("nhiệm vụ", "task", p.task.iter().map(|t| t.code.as_str()).collect()),
            ("mức", "setting", p.setting.iter().map(|s| s.code.as_str()).collect()),
        ];
        for (vi, en, codes) in lists {
            let mut seen = BTreeSet::new();
            for code in codes {
                if !good(code, true) {
                    self.say(
                        "procedure.code",
                        self.line_of_word(code),
                        format!("Mã {vi} “{code}” chỉ được gồm a–z, 0–9, _ và -."),
                        format!("The code “{code}” of a {en} may only hold a–z, 0–9, _ and -."),
                    );
                }
                if !seen.insert(code) {
                    self.say(
                        "procedure.twice",
                        self.line_of_word(code),
                        format!("Có hai {vi} cùng mã “{code}”."),
                        format!("Two {en}s bear the code “{code}”."),
                    );
                }
            }
        }
        for field in &p.field {
            if p.setting.iter().any(|s| s.code == field.code) || BUILT_IN.iter().any(|b| b.0 == field.code) || !good(&field.code, false) {
                self.say(
                    "procedure.name_taken",
                    self.line_of_word(&field.code),
                    format!("Tên trường “{}” đã được dùng hoặc không dùng được trong điều kiện.", field.code),
                    format!("The name “{}” of a field is taken or cannot stand in a guard.", field.code),
                );
            }
            if (field.kind == super::FieldKind::Choice) == field.choices.is_empty() {
                self.say(
                    "procedure.choices",
                    self.line_of_word(&field.code),
                    format!("Trường “{}”: chỉ trường lựa chọn có danh sách, và phải có.", field.code),
                    format!("The field “{}”: a choice, and only that, has a list of choices.", field.code),
                );
            }
        }
        if !good(&p.code, true) {
            self.say(
                "procedure.code",
                self.line_of_word(&p.code),
                "Mã quy trình chỉ được gồm a–z, 0–9 và -.".into(),
                "The code of the procedure may only hold a–z, 0–9 and -.".into(),
            );
        }
        if !matches!(Level::from_word(&p.level), Some(Level::Province | Level::District | Level::Commune | Level::Village)) {
            self.say("procedure.level", self.line_of_word(&p.level), format!("Không có cấp “{}”.", p.level), format!("There is no level “{}”.", p.level));
        }
        if p.document.trim().is_empty() {
            self.say("procedure.document", 1, "Thiếu văn bản ban hành (document).".into(), "The document that makes it is missing.".into());
        }
        for actor in &p.actor {
            if !matches!(actor.body.as_str(), "" | "executive" | "council" | "party" | "front" | "police" | "military" | "village" | "cooperative" | "business")
                || actor.posts.iter().any(|p| access::PostKind::parse(p).is_none())
                || actor.organisations.iter().any(|o| access::OrganisationKind::coded(o).is_none())
            {
                self.say(
                    "procedure.post",
                    self.line_of_word(&actor.code),
                    format!("“{}”: không có khối, loại cơ quan hoặc loại chức vụ này.", actor.code),
                    format!("“{}”: there is no such side, kind of organisation or kind of post.", actor.code),
                );
            }
            if actor.role != "any" && access::Role::parse(&actor.role).is_none() {
                self.say(
                    "procedure.role",
                    self.line_of_word(&actor.code),
                    format!("“{}”: không có vai trò “{}”.", actor.code, actor.role),
                    format!("“{}”: there is no role “{}”.", actor.code, actor.role),
                );
            }
        }
    }

    fn unknown(&mut self, line: usize, vi: &str, en: &str, code: &str) {
        self.say("procedure.unknown", line, format!("Không có {vi} “{code}”."), format!("There is no {en} “{code}”."));
    }

    fn references(&mut self) {
        let p = self.procedure;
        for state in &p.state {
            let line = line_at(self.text, state.code.span().start);
            if !state.holder.is_empty() && p.actor(&state.holder).is_none() {
                self.unknown(line, "người thực hiện", "actor", &state.holder);
            }
            if state.holder.is_empty() && state.kind != StateKind::End {
                self.say(
                    "procedure.nobody",
                    line,
                    format!("Trạng thái “{}” không có ai giữ (holder).", state.code.get_ref()),
                    format!("Nobody holds a case in the state “{}” (holder).", state.code.get_ref()),
                );
            }
            for task in state.tasks.iter().filter(|t| p.task(t).is_none()) {
                self.unknown(line, "nhiệm vụ", "task", task);
            }
            for actor in state.escalate_to.iter().filter(|a| p.actor(a).is_none()) {
                self.unknown(line, "người thực hiện", "actor", actor);
            }
        }
        for action in &p.action {
            let line = self.line_of_action(action);
            for state in action.from.iter().chain([&action.to]).filter(|s| p.state(s).is_none()) {
                self.unknown(line, "trạng thái", "state", state);
            }
            for actor in action.by.iter().chain(&action.notify).filter(|a| p.actor(a).is_none()) {
                self.unknown(line, "người thực hiện", "actor", actor);
            }
            if action.by.is_empty() || action.from.is_empty() {
                self.say(
                    "procedure.nobody",
                    line,
                    format!("Hành động “{}” không ai làm được (by, from).", action.code.get_ref()),
                    format!("Nobody can do “{}” (by, from).", action.code.get_ref()),
                );
            }
            for field in action.asks.iter().filter(|f| p.field(f).is_none()) {
                self.unknown(line, "trường", "field", field);
            }
            for paper in action.needs.iter().filter(|n| p.paper(n).is_none()) {
                self.unknown(line, "giấy tờ", "paper", paper);
            }
        }
        for task in &p.task {
            let line = self.line_of_word(&task.code);
            if p.actor(&task.by).is_none() {
                self.unknown(line, "người thực hiện", "actor", &task.by);
            }
            for field in task.asks.iter().filter(|f| p.field(f).is_none()) {
                self.unknown(line, "trường", "field", field);
            }
            for paper in task.needs.iter().filter(|n| p.paper(n).is_none()) {
                self.unknown(line, "giấy tờ", "paper", paper);
            }
        }
        for (code, seen) in p.field.iter().map(|f| (&f.code, &f.seen_by)).chain(p.paper.iter().map(|f| (&f.code, &f.seen_by))) {
            for actor in seen.iter().filter(|a| p.actor(a).is_none()) {
                self.unknown(self.line_of_word(code), "người thực hiện", "actor", actor);
            }
        }
    }

    fn guards(&mut self) {
        let p = self.procedure;
        for action in &p.action {
            let Some(guard) = &action.guard else { continue };
            let line = line_at(self.text, guard.span().start);
            match Guard::parse(guard.get_ref()) {
                Err(error) => self.say("procedure.guard", line, format!("Điều kiện: {}", error.vi()), format!("Guard: {error}")),
                Ok(read) => {
                    for name in read.inputs().iter().filter(|n| is_fact(p, n) && !self.facts.contains(n)) {
                        self.found.push(Finding {
                            code: "procedure.unknown_name",
                            line,
                            vi: format!("Điều kiện dùng “{name}”, nhưng không có trường, mức hay dữ kiện nào tên như vậy."),
                            en: format!("The guard uses “{name}”, but no field, setting or fact bears that name."),
                        });
                    }
                    let parts = read.parts().len();
                    if action.guard_vi.len() != parts || action.guard_en.len() != parts {
                        self.say(
                            "procedure.guard_words",
                            line,
                            format!("Điều kiện có {parts} phần; guard_vi và guard_en phải có đúng {parts} câu."),
                            format!("The guard has {parts} parts; guard_vi and guard_en must have {parts} sentences each."),
                        );
                    }
                }
            }
        }
    }

    /// Every state is reached from the start, and from every state an end or a settled state is reached.
    fn ways(&mut self) {
        let p = self.procedure;
        let starts: Vec<&str> = p.state.iter().filter(|s| s.kind == StateKind::Start).map(|s| s.code.get_ref().as_str()).collect();
        let [start] = starts.as_slice() else {
            return self.say(
                "procedure.start",
                1,
                format!("Phải có đúng một trạng thái bắt đầu (kind = \"start\"), hiện có {}.", starts.len()),
                format!("There must be exactly one start (kind = \"start\"); there are {}.", starts.len()),
            );
        };
        let last = |kind| matches!(kind, StateKind::End | StateKind::Settled);
        if !p.state.iter().any(|s| last(s.kind)) {
            return self.say("procedure.no_end", 1, "Không có trạng thái kết thúc.".into(), "There is no end.".into());
        }
        let mut on: Ways<'_> = BTreeMap::new();
        let mut back: Ways<'_> = BTreeMap::new();
        for action in &p.action {
            for from in &action.from {
                on.entry(from).or_default().push(&action.to);
                back.entry(&action.to).or_default().push(from);
            }
        }
        let reached = walk(&[start], &on);
        let ends: Vec<&str> = p.state.iter().filter(|s| last(s.kind)).map(|s| s.code.get_ref().as_str()).collect();
        let finishing = walk(&ends, &back);
        for state in &p.state {
            let (code, line) = (state.code.get_ref().as_str(), self.line_of_state(state.code.get_ref()));
            let out = on.get(code).map_or(0, Vec::len);
            if !reached.contains(code) {
                self.say(
                    "procedure.unreachable",
                    line,
                    format!("Không hành động nào dẫn tới trạng thái “{code}”."),
                    format!("No action leads to the state “{code}”."),
                );
            }
            if state.kind == StateKind::End && out > 0 {
                self.say(
                    "procedure.end_goes_on",
                    line,
                    format!("Trạng thái kết thúc “{code}” vẫn có hành động đi tiếp."),
                    format!("The end “{code}” has actions that go on."),
                );
            }
            if !last(state.kind) && out == 0 {
                self.say(
                    "procedure.dead_end",
                    line,
                    format!("Ngõ cụt: từ “{code}” không có hành động nào, mà đây không phải trạng thái kết thúc."),
                    format!("Dead end: nothing can be done in “{code}”, and it is no end."),
                );
            } else if !finishing.contains(code) {
                self.say(
                    "procedure.no_exit",
                    line,
                    format!("Vòng lặp không lối ra: từ “{code}” không bao giờ tới được kết thúc."),
                    format!("A cycle without exit: from “{code}” no end is ever reached."),
                );
            }
        }
    }

    /// Limits of steps in the budget add up to the limit of the whole.
    fn budgets(&mut self) {
        let p = self.procedure;
        let steps: Vec<_> = p.state.iter().filter(|s| s.in_budget).collect();
        if steps.is_empty() {
            return;
        }
        let Some((total, measure)) = p.limit.as_ref().and_then(|l| l.amount.map(|a| (a, l.measure))) else {
            return self.say(
                "procedure.budget",
                self.line_of_state(steps.first().map_or("", |s| s.code.get_ref())),
                "Có bước tính vào tổng thời hạn nhưng tổng thời hạn chưa có.".into(),
                "Steps count towards the limit of the whole, but that limit is not given.".into(),
            );
        };
        let amounts: Option<Vec<u32>> = steps.iter().map(|s| s.limit.as_ref().filter(|l| l.measure == measure).and_then(|l| l.amount)).collect();
        let line = self.line_of_state(steps.first().map_or("", |s| s.code.get_ref()));
        match amounts {
            None => self.say(
                "procedure.budget",
                line,
                "Bước tính vào tổng thời hạn phải có thời hạn cùng đơn vị.".into(),
                "A step that counts towards the whole needs a limit in the same unit.".into(),
            ),
            Some(amounts) => {
                if let Some(difference) = calendar::budget_difference(total, &amounts) {
                    let sum = i64::from(total) + difference;
                    self.say(
                        "procedure.budget",
                        line,
                        format!("Thời hạn các bước cộng lại là {sum}, khác tổng thời hạn {total}."),
                        format!("The limits of the steps add up to {sum}, not to {total}."),
                    );
                }
            }
        }
    }
}

/// From a state to its neighbours.
type Ways<'a> = BTreeMap<&'a str, Vec<&'a str>>;

fn walk<'a>(from: &[&'a str], ways: &Ways<'a>) -> BTreeSet<&'a str> {
    let mut seen: BTreeSet<&str> = from.iter().copied().collect();
    let mut queue: VecDeque<&str> = from.iter().copied().collect();
    while let Some(at) = queue.pop_front() {
        for next in ways.get(at).into_iter().flatten() {
            if seen.insert(next) {
                queue.push_back(next);
            }
        }
    }
    seen
}
