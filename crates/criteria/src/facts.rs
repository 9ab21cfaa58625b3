//! The sets and rules of the fact files.

use crate::model::{Library, Rules, Set};
use crate::source;

#[derive(rust_embed::RustEmbed)]
#[folder = "../../facts/criteria"]
struct SetFiles;

#[derive(rust_embed::RustEmbed)]
#[folder = "../../facts/recognition"]
struct RuleFiles;

/// The sets of the fact files, in order of their file names.
///
/// # Errors
/// The file, the line and what is wrong.
pub fn shipped_sets() -> Result<Vec<Set>, String> {
    let mut names: Vec<_> = SetFiles::iter().filter(|n| n.ends_with(".toml")).collect();
    names.sort();
    let mut out = Vec::with_capacity(names.len());
    for name in names {
        let Some(file) = SetFiles::get(&name) else { continue };
        let text = std::str::from_utf8(&file.data).map_err(|e| format!("{name}: {e}"))?;
        let (set, _) = source::read(text).map_err(|flaw| format!("{name}: {}", flaw.says(ui::Lang::En)))?;
        out.push(set);
    }
    Ok(out)
}

/// The library of the shipped sets.
///
/// # Errors
/// As [`shipped_sets`].
pub fn shipped() -> Result<Library, String> {
    Ok(Library::new(shipped_sets()?))
}

/// The rules of recognition of the fact files.
///
/// # Errors
/// The file and what is wrong.
pub fn rules() -> Result<Rules, String> {
    let mut out = Rules::default();
    for name in RuleFiles::iter().filter(|n| n.ends_with(".toml")) {
        let Some(file) = RuleFiles::get(&name) else { continue };
        let text = std::str::from_utf8(&file.data).map_err(|e| format!("{name}: {e}"))?;
        out = source::read_rules(text).map_err(|e| format!("{name}: {e}"))?;
    }
    Ok(out)
}
