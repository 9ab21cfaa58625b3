//! A procedure drawn as a picture: states down one column in the order of the text, actions as numbered arrows. The list
//! below the picture says the same. Narrow enough for a phone.

use super::{Mood, Procedure, StateKind};
use std::fmt::Write as _;
use ui::{Html, Lang, escape};

const WIDTH: i32 = 340;
const LEFT: i32 = 6;
const BOX: i32 = 226;
const HIGH: i32 = 66;
const STEP: i32 = 96;
const LANE: i32 = 13;
/// Letters of a line in a box.
const LINE: usize = 26;

/// The picture. `here` is the state to be marked.
pub fn picture(procedure: &Procedure, here: Option<&str>, l: Lang) -> Html {
    let row = |code: &str| procedure.state.iter().position(|s| s.code.get_ref() == code);
    let top = |row: usize| 6 + i32::try_from(row).unwrap_or(0) * STEP;
    let height = top(procedure.state.len()).max(40);
    let mut out = format!(
        "<svg class=\"flow\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{}\"><defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0 8 4 0 8z\"/></marker></defs>",
        escape(l.t("Sơ đồ quy trình; danh sách bên dưới nói cùng nội dung", "Picture of the procedure; the list below says the same"))
    );
    let mut lanes: Vec<Vec<(usize, usize)>> = Vec::new();
    let mut used: Vec<usize> = vec![0; procedure.state.len()];
    let mut marks = String::new();
    for (action, number) in procedure.action.iter().zip(1..) {
        for from in &action.from {
            let (Some(from), Some(to)) = (row(from), row(&action.to)) else { continue };
            let (x, y) = if to == from + 1 {
                let side = i32::try_from(used.get(from).copied().unwrap_or(0)).unwrap_or(0);
                if let Some(n) = used.get_mut(from) {
                    *n += 1;
                }
                let x = LEFT + 28 + (side % 6) * 32;
                let _ = write!(out, "<path class=\"way\" d=\"M{x} {}V{}\"/>", top(from) + HIGH, top(to) - 1);
                (x, top(from) + HIGH + (STEP - HIGH) / 2)
            } else {
                let (a, b) = (from.min(to), from.max(to));
                let lane = lanes.iter().position(|lane| lane.iter().all(|(c, d)| b < *c || *d < a)).unwrap_or_else(|| {
                    lanes.push(Vec::new());
                    lanes.len() - 1
                });
                if let Some(lane) = lanes.get_mut(lane) {
                    lane.push((a, b));
                }
                let lane = i32::try_from(lane).unwrap_or(0);
                let x = (LEFT + BOX + 14 + lane * LANE).min(WIDTH - 10);
                let (start, end) = (top(from) + HIGH / 2 + 8, top(to) + HIGH / 2 - 8);
                let class = if to <= from { "way back" } else { "way" };
                let edge = LEFT + BOX;
                let _ = write!(out, "<path class=\"{class}\" d=\"M{edge} {start}H{x}V{end}H{}\"/>", edge + 1);
                (x, (start + end) / 2 + (number % 3) * 4 - 4)
            };
            let _ = write!(marks, "<circle class=\"n\" cx=\"{x}\" cy=\"{y}\" r=\"9\"/><text class=\"n\" x=\"{x}\" y=\"{}\">{number}</text>", y + 4);
        }
    }
    for (state, at) in procedure.state.iter().zip(0..) {
        let y = top(at);
        let mood = match state.mood {
            Mood::Good => " good",
            Mood::Warn => " warn",
            Mood::Bad => " bad",
            Mood::Plain => "",
        };
        let current = if here == Some(state.code.get_ref().as_str()) { " here" } else { "" };
        let round = if matches!(state.kind, StateKind::Start | StateKind::End | StateKind::Settled) { HIGH / 2 } else { 8 };
        let _ = write!(out, "<rect class=\"s{mood}{current}\" x=\"{LEFT}\" y=\"{y}\" width=\"{BOX}\" height=\"{HIGH}\" rx=\"{round}\"/>");
        let lines = wrapped(l.t(&state.title_vi, &state.title_en));
        let who = procedure.actor(&state.holder).map(|a| l.t(&a.title_vi, &a.title_en).to_owned()).unwrap_or_default();
        let mut text_y = y + if lines.len() > 1 { 20 } else { 28 };
        for line in &lines {
            let _ = write!(out, "<text x=\"{}\" y=\"{text_y}\">{}</text>", LEFT + BOX / 2, escape(line));
            text_y += 17;
        }
        if !who.is_empty() {
            let _ = write!(out, "<text class=\"who\" x=\"{}\" y=\"{}\">{}</text>", LEFT + BOX / 2, y + HIGH - 10, escape(&shortened(&who, 33)));
        }
    }
    out.push_str(&marks);
    out.push_str("</svg>");
    Html::trusted(out)
}

fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

/// At most two lines.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let full = lines.last().is_some_and(|line| !line.is_empty() && line.chars().count() + 1 + word.chars().count() > LINE);
        if full && lines.len() < 2 {
            lines.push(String::new());
        }
        if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines.into_iter().map(|line| shortened(&line, LINE + 2)).collect()
}
