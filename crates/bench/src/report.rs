//! The table that `make bench` prints.

use std::fmt::Write as _;

/// One line of the table.
#[derive(Clone, Debug)]
pub struct Row {
    /// What was done.
    pub work: String,
    /// What it must reach.
    pub goal: String,
    /// What was measured.
    pub measured: String,
    /// The baseline of the same run.
    pub baseline: String,
    /// Measured ÷ baseline, as a factor of time.
    pub ratio: Option<f64>,
    /// Whether the goal was reached.
    pub reached: bool,
}

/// The whole table.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Lines.
    pub rows: Vec<Row>,
}

impl Report {
    /// The table as Markdown.
    pub fn markdown(&self) -> String {
        let mut out = String::from("| Work | Reach | Measured | Baseline in the same run | Ratio of time | |\n|---|---|---|---|---|---|\n");
        for r in &self.rows {
            let ratio = r.ratio.map_or_else(String::new, |x| format!("{x:.1}×"));
            // Writing into a String cannot fail.
            let _ =
                writeln!(out, "| {} | {} | {} | {} | {} | {} |", r.work, r.goal, r.measured, r.baseline, ratio, if r.reached { "reached" } else { "missed" });
        }
        out
    }
}

/// Milliseconds with one digit.
pub fn ms(seconds: f64) -> String {
    format!("{:.1} ms", seconds * 1e3)
}

/// A value below which a share of the sorted samples lies.
pub fn percentile(samples: &mut [f64], share: f64) -> f64 {
    samples.sort_by(f64::total_cmp);
    #[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a position among samples")]
    let at = ((samples.len() as f64 * share).ceil() as usize).saturating_sub(1);
    samples.get(at.min(samples.len().saturating_sub(1))).copied().unwrap_or(f64::NAN)
}
