//! Packs `web/dist` (made by `npm run build`) into a table of assets.
//!
//! In a checkout where Node has not run, the plain stylesheet and icon stand in, so that the crate always compiles
//! and pages are readable; scripts are then absent, which every page must bear anyway.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let here = PathBuf::from(env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?);
    let web = here.join("../../web");
    let dist = web.join("dist");
    fs::create_dir_all(&dist)?;
    let plain = ["gate.css", "office.css", "gate.svg"].map(|name| web.join("src").join(name));
    for watched in plain.iter().chain([&dist]) {
        println!("cargo::rerun-if-changed={}", watched.display());
    }

    let mut files: Vec<PathBuf> =
        fs::read_dir(&dist)?.filter_map(|entry| entry.ok().map(|entry| entry.path())).filter(|path| matches!(extension(path), "css" | "js" | "svg")).collect();
    for plain in plain {
        if !files.iter().any(|path| path.file_name() == plain.file_name()) {
            files.push(plain);
        }
    }
    files.sort();

    let mut table = String::from("&[\n");
    for path in files {
        let path = path.canonicalize()?;
        let (stem, ext) = (path.file_stem().unwrap_or_default().to_string_lossy(), extension(&path));
        let hash = fingerprint(&fs::read(&path)?);
        let packed = |suffix: &str| {
            let packed = path.with_extension(format!("{ext}.{suffix}"));
            if packed.is_file() { format!("Some(include_bytes!({packed:?}))") } else { "None".to_owned() }
        };
        let _ = writeln!(
            table,
            "Asset {{ name: \"{stem}.{ext}\", url: \"/assets/{stem}.{hash:016x}.{ext}\", raw: include_bytes!({path:?}), br: {}, gzip: {} }},",
            packed("br"),
            packed("gz"),
        );
    }
    table.push(']');
    let out = PathBuf::from(env::var("OUT_DIR").map_err(io::Error::other)?);
    fs::write(out.join("fonts.rs"), fonts(&dist)?)?;
    fs::write(out.join("assets.rs"), table)
}

/// The fonts for pictures, the plain one first; none in a checkout where Node has not run.
fn fonts(dist: &Path) -> io::Result<String> {
    let mut table = String::from("&[\n");
    for name in ["DejaVuSans.ttf", "DejaVuSans-Bold.ttf"] {
        let path = dist.join(name);
        if path.is_file() {
            let _ = writeln!(table, "include_bytes!({:?}),", path.canonicalize()?);
        }
    }
    table.push(']');
    Ok(table)
}

fn extension(path: &Path) -> &str {
    path.extension().and_then(|ext| ext.to_str()).unwrap_or_default()
}

/// FNV-1a: a name for the content, no secret.
fn fingerprint(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3))
}
