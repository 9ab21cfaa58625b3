//! Writing a set as TOML, in the form of the fact files; [`super::read`] reads it back to the same set.

use crate::model::{Compose, Indicator, Set, Threshold};
use rust_decimal::Decimal;
use std::fmt::Display;

struct Out(String);

impl Out {
    fn head(&mut self, table: &str) {
        if !self.0.is_empty() {
            self.0.push('\n');
        }
        self.0.push_str(table);
        self.0.push('\n');
    }

    fn raw(&mut self, name: &str, value: impl Display) {
        self.0.push_str(&format!("{name} = {value}\n"));
    }

    fn text(&mut self, name: &str, value: &str) {
        if !value.is_empty() {
            self.raw(name, quoted(value));
        }
    }

    fn opt(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.raw(name, quoted(value));
        }
    }

    fn show(&mut self, name: &str, value: Option<impl Display>) {
        if let Some(value) = value {
            self.raw(name, quoted(&value.to_string()));
        }
    }

    fn list(&mut self, name: &str, values: &[String]) {
        if !values.is_empty() {
            self.raw(name, format!("[{}]", values.iter().map(|v| quoted(v)).collect::<Vec<_>>().join(", ")));
        }
    }

    fn number(&mut self, name: &str, value: Option<Decimal>) {
        if let Some(value) = value {
            // A number as long as it survives as one; anything longer as text.
            let text = value.to_string();
            let plain = text.parse::<i64>().is_ok() || text.parse::<f64>().is_ok_and(|f| f.to_string() == text);
            self.raw(name, if plain { text } else { quoted(&text) });
        }
    }
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// The set as TOML.
pub fn write(set: &Set) -> String {
    let mut out = Out(String::new());
    out.head("[set]");
    out.text("code", &set.code);
    out.raw("version", set.version);
    out.raw("title", quoted(&set.title));
    out.text("title_en", &set.title_en);
    out.text("document", &set.document);
    out.text("authority", &set.authority);
    out.text("level", set.level.word());
    out.list("kinds", &set.kinds);
    out.text("rank", set.rank.word());
    out.list("requires", &set.requires);
    out.opt("required_by", set.required_by.as_deref());
    out.opt("based_on", set.based_on.as_deref());
    out.opt("area", set.area.as_deref());
    out.opt("province", set.province.as_deref());
    out.show("effective_from", set.effective_from);
    out.show("effective_to", set.effective_to);
    if let Some(n) = set.criteria_count {
        out.raw("criteria_count", n);
    }
    if let Some(n) = set.indicator_count {
        out.raw("indicator_count", n);
    }
    out.list("regions", &set.regions);
    if set.complete {
        out.raw("complete", true);
    }
    out.text("confidence", set.confidence.word());
    out.opt("source", set.source.as_deref());
    out.opt("note", set.note.as_deref());
    for rule in &set.region_rules {
        out.head("[[region_rule]]");
        out.raw("flag", quoted(&rule.flag));
        out.raw("region", quoted(&rule.region));
        out.raw("clause", quoted(&rule.clause));
        out.raw("document", quoted(&rule.document));
        out.text("confidence", rule.confidence.word());
        out.opt("source", rule.source.as_deref());
        out.opt("note", rule.note.as_deref());
    }
    for amendment in &set.amendments {
        out.head("[[amendment]]");
        out.raw("document", quoted(&amendment.document));
        out.show("date", Some(amendment.date));
        out.opt("note", amendment.note.as_deref());
        out.text("confidence", amendment.confidence.word());
        out.opt("source", amendment.source.as_deref());
    }
    for group in &set.commune_groups {
        out.head("[[commune_group]]");
        out.raw("code", quoted(&group.code));
        out.raw("title", quoted(&group.title));
        out.raw("rule", quoted(&group.rule));
        out.text("confidence", group.confidence.word());
        out.opt("source", group.source.as_deref());
    }
    for annex in &set.annexes {
        out.head("[[annex]]");
        out.raw("number", quoted(&annex.number));
        out.raw("title", quoted(&annex.title));
    }
    for criterion in &set.criteria {
        out.head("[[criterion]]");
        out.raw("number", quoted(&criterion.number));
        out.raw("title", quoted(&criterion.title));
        out.text("group", &criterion.group);
        if criterion.condition {
            out.raw("condition", true);
        }
        out.text("confidence", criterion.confidence.word());
        out.opt("note", criterion.note.as_deref());
        for i in &criterion.indicators {
            indicator(&mut out, i, "criterion.indicator");
        }
    }
    for seen in &set.observed {
        out.head("[[observed]]");
        out.raw("title", quoted(&seen.title));
        out.raw("village", quoted(&seen.village));
        out.raw("value", quoted(&seen.value));
        out.opt("op", seen.op.as_deref());
        out.opt("unit", seen.unit.as_deref());
        out.text("confidence", seen.confidence.word());
    }
    out.0
}

fn indicator(out: &mut Out, i: &Indicator, table: &str) {
    out.head(&format!("[[{table}]]"));
    out.raw("code", quoted(&i.code));
    out.raw("title", quoted(&i.title));
    out.text("kind", i.kind.word());
    out.text("unit", &i.unit);
    out.show("op", i.op.map(super::super::model::Op::sign));
    if i.levels_by != crate::model::Scope::National {
        out.text("levels_by", i.levels_by.word());
    }
    out.opt("measure", i.measure.as_deref());
    out.opt("formula", i.formula.as_deref());
    out.opt("refers_to", i.refers_to.as_deref());
    out.opt("base", i.base.as_deref());
    out.list("options", &i.options);
    out.opt("applies_if", i.applies_if.as_deref());
    if i.evidence {
        out.raw("evidence", true);
    }
    out.opt("owner", i.owner.as_deref());
    out.opt("guidance", i.guidance.as_deref());
    out.opt("amended_by", i.amended_by.as_deref());
    out.show("amended_from", i.amended_from);
    match i.compose {
        Some(Compose::AtLeast(k)) => out.raw("at_least", k),
        Some(Compose::Points(points)) => out.number("points_from", Some(points)),
        Some(Compose::All) | None => {}
    }
    out.number("points", i.points);
    out.text("confidence", i.confidence.word());
    out.opt("source", i.source.as_deref());
    out.opt("note", i.note.as_deref());
    for former in &i.was {
        out.head(&format!("[[{table}.was]]"));
        out.opt("title", former.title.as_deref());
        out.show("kind", former.kind.map(crate::model::Kind::word));
        out.opt("unit", former.unit.as_deref());
        out.show("until", Some(former.until));
    }
    for t in &i.thresholds {
        threshold(out, t, table);
    }
    for part in &i.parts {
        indicator(out, part, &format!("{table}.part"));
    }
}

fn threshold(out: &mut Out, t: &Threshold, table: &str) {
    out.head(&format!("[[{table}.level]]"));
    out.show("op", t.op.map(crate::model::Op::sign));
    out.number("value", t.value);
    out.opt("expected", t.expected.as_deref());
    out.opt("above", t.above.as_deref());
    out.number("percent", t.percent);
    out.opt("region", t.region.as_deref());
    if let Some(year) = t.year {
        out.raw("year", year);
    }
    out.opt("group", t.group.as_deref());
    out.opt("province", t.province.as_deref());
    out.opt("flag", t.flag.as_deref());
    out.show("from", t.from);
    out.show("to", t.to);
    out.opt("clause", t.clause.as_deref());
    out.opt("document", t.document.as_deref());
    out.text("confidence", t.confidence.word());
    out.opt("source", t.source.as_deref());
    out.opt("note", t.note.as_deref());
}
