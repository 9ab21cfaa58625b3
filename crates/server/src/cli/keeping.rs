use super::{keep_path, open, open_ready};
use crate::config::{Config, hide_secret};
use crate::keep;
use anyhow::bail;
use clap::{Args, Subcommand};
use db::{CopiedTable, Target};
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, Subcommand)]
pub(super) enum DbCommand {
    /// Copy everything into an empty database of either engine; counts and checksums of both sides are compared
    #[command(after_help = "Example: conglang db copy --from sqlite:var/conglang.db --to postgres://conglang@db/conglang")]
    Copy {
        /// sqlite:FILE or postgres://USER@HOST/NAME
        #[arg(long, value_name = "ADDRESS")]
        from: String,
        /// sqlite:FILE or postgres://USER@HOST/NAME
        #[arg(long, value_name = "ADDRESS")]
        to: String,
    },
}

#[derive(Debug, Args)]
#[command(after_help = "The file is a SQLite database, whichever engine serves, so it can be looked at at once:\n  \
    conglang verify --database sqlite:/backup/2026-11-22.db")]
pub(super) struct Backup {
    /// A file that is not there yet
    file: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct Restore {
    /// A file that `conglang backup` wrote
    file: PathBuf,
    /// Replace everything the database holds; a running program follows within a second
    #[arg(long)]
    replace: bool,
}

pub(super) async fn db(what: DbCommand) -> anyhow::Result<ExitCode> {
    let DbCommand::Copy { from, to } = what;
    if from == to || keep_path(&from).zip(keep_path(&to)).is_some_and(|(a, b)| same_file(&a, &b)) {
        bail!("a database cannot be copied into itself (nguồn và đích phải khác nhau)");
    }
    let (source, target) = (open_ready(&from).await?, open(&to).await?);
    let done = keep::transfer(&source, &target, Target::Empty).await?;
    source.close().await;
    target.close().await;
    tell(&done)?;
    Ok(ExitCode::SUCCESS)
}

fn same_file(a: &PathBuf, b: &PathBuf) -> bool {
    std::fs::canonicalize(a).ok().zip(std::fs::canonicalize(b).ok()).is_some_and(|(a, b)| a == b)
}

pub(super) async fn backup(config: &Config, what: Backup) -> anyhow::Result<ExitCode> {
    let source = open_ready(&config.database).await?;
    let size = keep::backup(&source, &what.file).await?;
    source.close().await;
    writeln!(std::io::stdout().lock(), "{} holds everything, {} kB (đã sao lưu)", what.file.display(), size / 1_000)?;
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn restore(config: &Config, what: Restore) -> anyhow::Result<ExitCode> {
    let target = open(&config.database).await?;
    let how = if what.replace { Target::Replaced } else { Target::Empty };
    let done = match keep::restore(&what.file, &target, how).await {
        Err(error) if matches!(error.downcast_ref(), Some(db::DbError::Conflict(_))) => {
            bail!(
                "{} is not empty: restore into a new database, or add --replace to lose what it holds (cơ sở dữ liệu đích không rỗng)",
                hide_secret(&config.database)
            )
        }
        done => done?,
    };
    target.close().await;
    tell(&done)?;
    Ok(ExitCode::SUCCESS)
}

fn tell(done: &[CopiedTable]) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    for CopiedTable { table, rows, checksum } in done {
        writeln!(out, "{table:<22} {rows:>10}  {checksum}")?;
    }
    let rows: u64 = done.iter().map(|t| t.rows).sum();
    writeln!(out, "{} tables, {rows} rows, equal on both sides (hai bên khớp nhau)", done.len())?;
    Ok(())
}
