//! Keeping the data safe: a consistent copy in one file while others write, bringing it back, moving to another engine.
//!
//! A backup is an ordinary SQLite database, whatever engine it comes from, so every other command can look into it.

use crate::app::SCHEMAS;
use anyhow::{Context as _, bail};
use db::{CopiedTable, Db, Engine, Target};
use std::fs::File;
use std::path::{Path, PathBuf};

/// Catalogues that running programs watch: after a restore they must look again.
const WATCHED: &[&str] = &["places", "measures", "figures-today", "procedures", "work-calendars"];

/// Writes the whole database, as it is at one instant, into a new file. The file appears complete or not at all.
///
/// # Errors
/// When the file exists, cannot be written, or the database does not answer.
pub async fn backup(db: &Db, file: &Path) -> anyhow::Result<u64> {
    if file.exists() {
        bail!("{} exists already; a backup never overwrites (tệp đã có)", file.display());
    }
    let name = file.file_name().context("name a file for the backup")?.to_string_lossy();
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_path_buf(),
        _ => PathBuf::from("."),
    };
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    let part = folder.join(format!(".{name}.{}.part", std::process::id()));
    let made = write(db, &part).await;
    let size = match made {
        Ok(()) => std::fs::metadata(&part).map(|m| m.len()).unwrap_or_default(),
        Err(error) => {
            sweep(&part);
            return Err(error.context(format!("the backup {} was not made", file.display())));
        }
    };
    // Linking refuses to replace a file that somebody made meanwhile; renaming would not.
    let linked = std::fs::hard_link(&part, file);
    sweep(&part);
    linked.with_context(|| format!("cannot give the backup its name {}", file.display()))?;
    File::open(&folder)?.sync_all()?;
    Ok(size)
}

async fn write(db: &Db, part: &Path) -> anyhow::Result<()> {
    let text = part.to_str().context("the name of the file must be text")?;
    match db.engine() {
        Engine::Sqlite => db.vacuum_into(text).await?,
        Engine::Postgres => {
            let copy = Db::open(&format!("sqlite:{text}")).await?;
            copy.migrate(SCHEMAS).await?;
            db::copy(db, &copy, SCHEMAS, Target::Empty).await?;
            copy.close().await;
        }
    }
    File::open(part)?.sync_all()?;
    Ok(())
}

/// Removes a file and what SQLite keeps beside it; what is not there need not be removed.
fn sweep(part: &Path) {
    for suffix in ["", "-wal", "-shm", "-journal"] {
        let mut name = part.as_os_str().to_owned();
        name.push(suffix);
        let _ = std::fs::remove_file(name);
    }
}

/// Brings a backup back, also one of an older version of this program. The backup itself is not touched.
///
/// # Errors
/// When the file is no backup of ours, or the target is not empty and must be.
pub async fn restore(file: &Path, to: &Db, target: Target) -> anyhow::Result<Vec<CopiedTable>> {
    if !file.is_file() {
        bail!("there is no file {} (không có tệp này)", file.display());
    }
    let scratch = std::env::temp_dir().join(format!("conglang-restore-{}.db", std::process::id()));
    let done = through(file, &scratch, to, target).await;
    sweep(&scratch);
    done
}

async fn through(file: &Path, scratch: &Path, to: &Db, target: Target) -> anyhow::Result<Vec<CopiedTable>> {
    std::fs::copy(file, scratch).with_context(|| format!("cannot copy {} to {}", file.display(), scratch.display()))?;
    let text = scratch.to_str().context("the folder for temporary files must be text")?;
    let from = Db::open(&format!("sqlite:{text}")).await.with_context(|| format!("{} is no backup", file.display()))?;
    if from.pending(SCHEMAS).await.with_context(|| format!("{} is no backup of this program", file.display()))?.len()
        == SCHEMAS.iter().map(|s| s.migrations.len()).sum::<usize>()
    {
        bail!("{} is no backup of this program (không phải bản sao lưu)", file.display());
    }
    from.migrate(SCHEMAS).await?;
    let done = transfer(&from, to, target).await;
    from.close().await;
    done
}

/// Copies everything into another database and tells running programs to look again.
///
/// # Errors
/// When the target is not empty and must be, or a table differs afterwards; nothing is kept then.
pub async fn transfer(from: &Db, to: &Db, target: Target) -> anyhow::Result<Vec<CopiedTable>> {
    to.migrate(SCHEMAS).await?;
    let mut versions = Vec::new();
    for name in WATCHED {
        versions.push(places::store::catalog(to, name).await?.0);
    }
    let done = db::copy(from, to, SCHEMAS, target).await?;
    if target == Target::Replaced {
        let mut tx = to.begin().await?;
        for (name, before) in WATCHED.iter().zip(versions) {
            let (now, detail) = places::store::catalog(to, name).await?;
            // Programs compare for difference: the number must be one that none of them has seen.
            for _ in now..=before.max(now) {
                places::store::bump(&mut tx, name, &detail).await?;
            }
        }
        tx.commit().await?;
    }
    Ok(done)
}
