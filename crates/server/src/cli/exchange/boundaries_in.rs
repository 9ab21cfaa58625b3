use super::super::said;
use crate::app::App;
use anyhow::{Context as _, bail};
use places::boundary::MOST_BYTES;
use places::{BoundaryOptions, BoundaryReport};
use std::io::Write as _;
use std::path::Path;

/// So many refused areas are printed.
const SHOWN: usize = 50;

/// Takes the boundaries of a file. Returns how many areas were refused.
pub(super) async fn run(app: &App, file: &Path, options: &BoundaryOptions) -> anyhow::Result<u64> {
    let size = std::fs::metadata(file).with_context(|| format!("cannot read {}", file.display()))?.len();
    if size > MOST_BYTES {
        bail!("{} is larger than 512 MB: split it by province, or simplify the lines (tệp quá lớn: chia theo tỉnh)", file.display());
    }
    let text = super::read(file)?;
    let BoundaryReport { taken, refused, without } = app.places.import_boundaries(&app.access.system(), text, options).await.map_err(said)?;
    let mut out = std::io::stdout().lock();
    for (nth, why) in refused.iter().take(SHOWN) {
        writeln!(out, "area {nth}: {why}")?;
    }
    if refused.len() > SHOWN {
        writeln!(out, "… and {} more (và còn nữa)", refused.len() - SHOWN)?;
    }
    let word = if options.dry_run { "would be taken" } else { "taken" };
    writeln!(
        out,
        "{taken} boundaries {word}, {} areas refused; {without} units of this level on {} have none and stay points (đã nhận {taken} ranh giới, từ chối {})",
        refused.len(),
        options.on,
        refused.len()
    )?;
    Ok(refused.len() as u64)
}
