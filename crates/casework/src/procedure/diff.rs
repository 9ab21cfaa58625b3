//! What changed between two versions of a procedure, as people would tell it.

use super::{Action, Procedure, State};
use std::collections::BTreeSet;
use ui::Lang;

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// `+`, `-` or `~`.
    pub sign: char,
    /// Vietnamese.
    pub vi: String,
    /// English.
    pub en: String,
}

impl Change {
    /// The sentence.
    pub fn said(&self, l: Lang) -> &str {
        l.t(&self.vi, &self.en)
    }
}

/// What changed from one version to another; empty when nothing that matters did.
pub fn differences(old: &Procedure, new: &Procedure) -> Vec<Change> {
    let mut out = Vec::new();
    let mut say = |sign: char, vi: String, en: String| out.push(Change { sign, vi, en });
    if old.document != new.document {
        say('~', format!("Văn bản: {} → {}", old.document, new.document), format!("Document: {} → {}", old.document, new.document));
    }
    if old.limit != new.limit {
        say(
            '~',
            format!("Thời hạn chung: {} → {}", amount(old.limit.as_ref(), Lang::Vi), amount(new.limit.as_ref(), Lang::Vi)),
            format!("Limit of the whole: {} → {}", amount(old.limit.as_ref(), Lang::En), amount(new.limit.as_ref(), Lang::En)),
        );
    }
    if old.count != new.count {
        say('~', "Cách tính thời hạn thay đổi".into(), "The rule of counting changed".into());
    }
    for code in codes(old.state.iter().map(|s| s.code.get_ref()), new.state.iter().map(|s| s.code.get_ref())) {
        match (old.state(code), new.state(code)) {
            (None, Some(s)) => say('+', format!("Thêm bước “{}”", s.title_vi), format!("New state “{}”", s.title_en)),
            (Some(s), None) => say('-', format!("Bỏ bước “{}”", s.title_vi), format!("State “{}” is gone", s.title_en)),
            (Some(a), Some(b)) => {
                for (vi, en) in state(a, b) {
                    say('~', format!("Bước “{}”: {vi}", b.title_vi), format!("State “{}”: {en}", b.title_en));
                }
            }
            (None, None) => {}
        }
    }
    for code in codes(old.action.iter().map(|s| s.code.get_ref()), new.action.iter().map(|s| s.code.get_ref())) {
        match (old.action(code), new.action(code)) {
            (None, Some(a)) => say('+', format!("Thêm hành động “{}”", a.title_vi), format!("New action “{}”", a.title_en)),
            (Some(a), None) => say('-', format!("Bỏ hành động “{}”", a.title_vi), format!("Action “{}” is gone", a.title_en)),
            (Some(a), Some(b)) => {
                for (vi, en) in action(a, b) {
                    say('~', format!("Hành động “{}”: {vi}", b.title_vi), format!("Action “{}”: {en}", b.title_en));
                }
            }
            (None, None) => {}
        }
    }
    let parts: [(&str, &str, BTreeSet<&String>, BTreeSet<&String>); 4] = [
        ("trường", "field", old.field.iter().map(|f| &f.code).collect(), new.field.iter().map(|f| &f.code).collect()),
        ("giấy tờ", "paper", old.paper.iter().map(|f| &f.code).collect(), new.paper.iter().map(|f| &f.code).collect()),
        ("người thực hiện", "actor", old.actor.iter().map(|f| &f.code).collect(), new.actor.iter().map(|f| &f.code).collect()),
        ("nhiệm vụ", "task", old.task.iter().map(|f| &f.code).collect(), new.task.iter().map(|f| &f.code).collect()),
    ];
    for (vi, en, before, after) in parts {
        for code in after.difference(&before) {
            say('+', format!("Thêm {vi} “{code}”"), format!("New {en} “{code}”"));
        }
        for code in before.difference(&after) {
            say('-', format!("Bỏ {vi} “{code}”"), format!("The {en} “{code}” is gone"));
        }
    }
    for setting in &new.setting {
        let before = old.setting.iter().find(|s| s.code == setting.code).and_then(|s| s.value);
        if before != setting.value {
            let shown = |v: Option<i64>, none: &str| v.map_or_else(|| none.to_owned(), |v| v.to_string());
            say(
                '~',
                format!("Mức “{}”: {} → {}", setting.title_vi, shown(before, "chưa có"), shown(setting.value, "chưa có")),
                format!("Setting “{}”: {} → {}", setting.title_en, shown(before, "none"), shown(setting.value, "none")),
            );
        }
    }
    out
}

fn codes<'a>(old: impl Iterator<Item = &'a String>, new: impl Iterator<Item = &'a String>) -> Vec<&'a str> {
    let mut out: Vec<&str> = Vec::new();
    for code in old.chain(new) {
        if !out.contains(&code.as_str()) {
            out.push(code);
        }
    }
    out
}

fn amount(limit: Option<&super::Limit>, l: Lang) -> String {
    match limit.map(|limit| (limit.amount, limit.measure)) {
        Some((Some(n), measure)) => format!("{n} {}", l.t(measure.vi(), measure.en())),
        Some((None, _)) => l.t("chưa có mức", "not known").to_owned(),
        None => l.t("không có", "none").to_owned(),
    }
}

fn state(a: &State, b: &State) -> Vec<(String, String)> {
    let mut out = Vec::new();
    if a.limit != b.limit {
        out.push((
            format!("thời hạn {} → {}", amount(a.limit.as_ref(), Lang::Vi), amount(b.limit.as_ref(), Lang::Vi)),
            format!("limit {} → {}", amount(a.limit.as_ref(), Lang::En), amount(b.limit.as_ref(), Lang::En)),
        ));
    }
    if a.holder != b.holder {
        out.push((format!("người giữ {} → {}", a.holder, b.holder), format!("holder {} → {}", a.holder, b.holder)));
    }
    if a.kind != b.kind {
        out.push(("loại trạng thái thay đổi".into(), "its kind changed".into()));
    }
    if a.tasks != b.tasks {
        out.push((format!("nhiệm vụ {} → {}", a.tasks.join(", "), b.tasks.join(", ")), format!("tasks {} → {}", a.tasks.join(", "), b.tasks.join(", "))));
    }
    if a.pause_vi != b.pause_vi {
        out.push(("việc tạm dừng đồng hồ thay đổi".into(), "whether the clock stands still changed".into()));
    }
    out
}

fn action(a: &Action, b: &Action) -> Vec<(String, String)> {
    let mut out = Vec::new();
    if a.from != b.from || a.to != b.to {
        out.push((
            format!("đường đi {} → {} thành {} → {}", a.from.join("/"), a.to, b.from.join("/"), b.to),
            format!("way {} → {} becomes {} → {}", a.from.join("/"), a.to, b.from.join("/"), b.to),
        ));
    }
    if a.by != b.by {
        out.push((format!("người làm {} → {}", a.by.join(", "), b.by.join(", ")), format!("who: {} → {}", a.by.join(", "), b.by.join(", "))));
    }
    let guard = |x: &Action| x.guard.as_ref().map(|g| g.get_ref().clone()).unwrap_or_default();
    if guard(a) != guard(b) {
        out.push((format!("điều kiện “{}” → “{}”", guard(a), guard(b)), format!("guard “{}” → “{}”", guard(a), guard(b))));
    }
    if a.needs != b.needs || a.asks != b.asks {
        out.push(("giấy tờ hoặc trường phải có thay đổi".into(), "what it asks for changed".into()));
    }
    if a.note != b.note {
        out.push(("việc ghi lý do thay đổi".into(), "whether a word is needed changed".into()));
    }
    out
}
