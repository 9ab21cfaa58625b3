//! `conglang import procedure`: a procedure from a file, as a draft or published at once.

use crate::app::App;
use crate::cli::said;
use std::io::Write as _;
use std::path::Path;

/// Keeps the text; what is wrong is printed with its lines. How many findings there were; a draft may have some.
pub(super) async fn run(app: &App, file: &Path, text: &str, publish: bool) -> anyhow::Result<u64> {
    let ctx = app.access.system();
    let (procedure, findings) = app.casework.examine(text);
    for finding in &findings {
        writeln!(std::io::stderr(), "{}:{}: {} ({})", file.display(), finding.line, finding.vi, finding.en)?;
    }
    // What cannot even be read is no draft; what is faulty is never put in force.
    if procedure.is_none() || (publish && !findings.is_empty()) {
        return Ok(findings.len() as u64);
    }
    let (code, version) = app.casework.save_procedure(&ctx, text).await.map_err(said)?;
    let mut out = std::io::stdout();
    writeln!(out, "{code}: bản thảo {version} (draft {version})")?;
    if publish {
        app.casework.publish_procedure(&ctx, &code, version).await.map_err(said)?;
        writeln!(out, "{code}: đã ban hành bản {version} (published)")?;
    }
    Ok(0)
}
