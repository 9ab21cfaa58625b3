//! The documents and plans that are shipped: `facts/programme`.

use crate::document::Document;
use crate::plan::Definition;
use rust_embed::RustEmbed;
use serde::Deserialize;
use uuid::Uuid;

const DOCUMENTS: &str = include_str!("../../../facts/programme/documents.toml");

#[derive(RustEmbed)]
#[folder = "$CARGO_MANIFEST_DIR/../../facts/programme/plans"]
struct Plans;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DocumentFile {
    document: Vec<Document>,
}

/// The id of a document of the fact files.
pub fn document_id(code: &str) -> Uuid {
    places::facts::fact_id(&format!("document:{code}"))
}

/// The id of a plan of the fact files.
pub fn plan_id(code: &str) -> Uuid {
    places::facts::fact_id(&format!("plan:{code}"))
}

/// The shipped documents.
///
/// # Errors
/// The file and what is wrong in it.
pub fn documents() -> Result<Vec<Document>, String> {
    toml::from_str::<DocumentFile>(DOCUMENTS).map(|f| f.document).map_err(|e| format!("documents.toml: {e}"))
}

/// The shipped plans.
///
/// # Errors
/// The file and what is wrong in it.
pub fn plans() -> Result<Vec<Definition>, String> {
    let mut out = Vec::new();
    for name in Plans::iter() {
        let Some(file) = Plans::get(&name) else { continue };
        let text = String::from_utf8(file.data.into_owned()).map_err(|e| format!("{name}: {e}"))?;
        out.push(toml::from_str(&text).map_err(|e| format!("{name}: {e}"))?);
    }
    Ok(out)
}

/// Says which state of the fact files is compiled in.
pub fn fingerprint() -> String {
    let mut all = DOCUMENTS.to_owned();
    for name in Plans::iter() {
        all.push_str(&name);
        all.push_str(&Plans::get(&name).map(|f| String::from_utf8_lossy(&f.data).into_owned()).unwrap_or_default());
    }
    places::facts::fact_id(&all).to_string()
}
