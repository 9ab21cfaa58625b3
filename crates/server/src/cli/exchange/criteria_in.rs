//! `conglang import criteria`: a set of criteria from a file, as a draft or published at once.

use crate::app::App;
use anyhow::Context as _;
use places::Level;
use std::io::Write as _;
use std::path::Path;

/// Reads the set; refusals are printed with their lines. How many there were.
pub(super) async fn run(app: &App, file: &Path, province: Option<&str>, publish: bool) -> anyhow::Result<u64> {
    let bytes = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let ctx = app.access.system();
    let atlas = app.places.atlas();
    let owner = match province {
        Some(code) => atlas.coded(code, Some(Level::Province), ctx.today()).with_context(|| format!("there is no province {code}"))?,
        None => atlas.nation().context("there are no places")?,
    };
    let mut out = std::io::stdout();
    match app.criteria.import(&ctx, &bytes, owner).await? {
        Err(flaws) => {
            for flaw in &flaws {
                writeln!(std::io::stderr(), "{}: {}", file.display(), flaw.says(ui::Lang::Vi))?;
            }
            Ok(flaws.len() as u64)
        }
        Ok(set) => {
            writeln!(out, "{} phiên bản {}: {} tiêu chí, {} chỉ tiêu, bản thảo", set.code, set.version, set.criteria.len(), set.indicators().count())?;
            if publish {
                let set = app.criteria.publish(&ctx, &set.code).await?;
                writeln!(out, "{} phiên bản {} đã ban hành", set.code, set.version)?;
            }
            Ok(0)
        }
    }
}
