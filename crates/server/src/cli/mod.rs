//! The command line.

mod casework;
mod exchange;
mod keeping;
mod organisations;
mod serve;
mod users;
mod verify;

use crate::app::SCHEMAS;
use crate::config::{CONFIG_VARIABLE, Config, Layer, LogStyle, Report};
use anyhow::{Context as _, bail};
use clap::builder::BoolishValueParser;
use clap::{Args, Parser, Subcommand};
use db::Db;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

const EXAMPLES: &str = "\
Examples / Ví dụ:
  Try it with made-up data (chạy thử với số liệu minh họa):
    conglang serve --demo

  Serve a province on PostgreSQL behind a proxy with https (chạy thật cho một tỉnh):
    conglang serve --database postgres://conglang@db/conglang --listen 127.0.0.1:8080 --https --behind-proxy

  Give the first person a key (tạo tài khoản đầu tiên):
    conglang user add lan.nguyen --name \"Nguyễn Thị Lan\"
    conglang user grant lan.nguyen administrator --unit \"Việt Nam\"

  Recompute every figure from the ledger; 0 differences is the only good answer (tính lại mọi số liệu):
    conglang verify

  Keep a copy, also while serving, and bring it back (sao lưu và khôi phục):
    conglang backup /backup/2026-11-22.db
    conglang restore /backup/2026-11-22.db --database sqlite:var/new.db

Settings come from a TOML file, then variables CONGLANG_…, then flags; the last one wins.
`conglang config check` says what is in force and where it comes from.";

/// Cổng Làng: the open platform of the smart new-rural programme (nền tảng mở của chương trình nông thôn mới thông minh).
#[derive(Debug, Parser)]
#[command(name = "conglang", version, after_help = EXAMPLES, max_term_width = 110, arg_required_else_help = true, propagate_version = true)]
pub struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

/// Flags of every command.
#[derive(Clone, Debug, Args)]
struct Common {
    /// Where the data are: sqlite:FILE or postgres://USER@HOST/NAME [CONGLANG_DATABASE] [default: sqlite:var/conglang.db]
    #[arg(long, global = true, value_name = "ADDRESS")]
    database: Option<String>,
    /// A TOML file with settings (database = "…", listen = "…") [CONGLANG_CONFIG]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// How log lines look [CONGLANG_LOG] [default: human]
    #[arg(long, global = true, value_enum)]
    log: Option<LogStyle>,
    /// What is logged, such as info or debug,sqlx=warn [CONGLANG_LOG_LEVEL]
    #[arg(long, global = true, value_name = "LEVEL")]
    log_level: Option<String>,
}

/// Flags of serving.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Serving {
    /// Address and port to serve on [CONGLANG_LISTEN] [default: 127.0.0.1:8080]
    #[arg(long, value_name = "HOST:PORT")]
    listen: Option<String>,
    /// Serve /metrics on an address of its own; without it only this machine may read /metrics [CONGLANG_METRICS_LISTEN]
    #[arg(long, value_name = "HOST:PORT")]
    metrics_listen: Option<String>,
    /// Load made-up data, marked as such, and three accounts for everybody (số liệu minh họa) [CONGLANG_DEMO]
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = BoolishValueParser::new(), value_name = "BOOL")]
    demo: Option<bool>,
    /// Browsers reach us by https: cookies become Secure, HSTS is sent [CONGLANG_HTTPS]
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = BoolishValueParser::new(), value_name = "BOOL")]
    https: Option<bool>,
    /// Every request comes through a proxy of ours, whose X-Forwarded-For and X-Forwarded-Host are believed [CONGLANG_BEHIND_PROXY]
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = BoolishValueParser::new(), value_name = "BOOL")]
    behind_proxy: Option<bool>,
    /// Virus scanner for evidence, a clamd: unix:/run/clamav/clamd.ctl or tcp:host:port (quét vi-rút) [CONGLANG_SCANNER]
    #[arg(long, value_name = "ADDRESS")]
    scanner: Option<String>,
    /// How mail leaves: smtps://user:password@host, or file:folder to look at it (gửi thư) [CONGLANG_MAIL]
    #[arg(long, value_name = "ADDRESS")]
    mail: Option<String>,
    /// Sender of mail: "Cổng Làng <cong@example.vn>" [CONGLANG_MAIL_FROM]
    #[arg(long, value_name = "SENDER")]
    mail_from: Option<String>,
    /// Address under which people reach the platform, for links in mail [CONGLANG_PUBLIC_ADDRESS]
    #[arg(long, value_name = "URL")]
    public_address: Option<String>,
    /// Without a scanner, give evidence to signed-in people with the mark that it was not scanned [CONGLANG_SERVE_UNSCANNED] [default: true]
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = BoolishValueParser::new(), value_name = "BOOL")]
    serve_unscanned: Option<bool>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the platform (chạy nền tảng)
    #[command(after_help = "Example: conglang serve --listen 0.0.0.0:8080 --database sqlite:/srv/conglang/data.db\n\
        /healthz says that the program lives, /readyz that the database answers too. SIGTERM ends it when all requests are answered.")]
    Serve(Serving),
    /// Bring the schema of the database up to date; serving does it too (cập nhật cấu trúc dữ liệu)
    Migrate,
    /// Bring data in from files (nạp dữ liệu)
    Import(exchange::Import),
    /// Take data out as CSV or JSON (xuất dữ liệu)
    Export(exchange::Export),
    /// Recompute every figure from the ledger and every audit chain; ends with 1 if anything differs (tính lại và đối chiếu)
    Verify,
    /// Measure speed on this machine (đo tốc độ)
    Bench(crate::bench::Bench),
    /// Look after accounts (tài khoản)
    #[command(subcommand)]
    User(users::User),
    /// Look after organisations beside places (cơ quan, tổ chức)
    #[command(subcommand)]
    Organisation(organisations::Organisation),
    /// Working days and deadlines (ngày làm việc, thời hạn)
    #[command(subcommand)]
    Calendar(casework::Calendar),
    /// Certificates of recognition (giấy chứng nhận)
    #[command(subcommand)]
    Certificate(casework::Certificate),
    /// Look at the settings (cấu hình)
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Move a whole database to another engine (chuyển cơ sở dữ liệu)
    #[command(subcommand)]
    Db(keeping::DbCommand),
    /// Write a consistent copy into one new file, also while serving (sao lưu)
    Backup(keeping::Backup),
    /// Bring a backup back into an empty database, or with --replace into a used one, also while serving (khôi phục)
    Restore(keeping::Restore),
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    /// Say which settings are in force and where each comes from; ends with 1 if they cannot be right
    #[command(after_help = "A configuration file:\n  database = \"postgres://conglang@db/conglang\"\n  listen = \"127.0.0.1:8080\"\n  https = true\n  \
        behind_proxy = true\n  log = \"json\"\nThe same as variables: CONGLANG_DATABASE, CONGLANG_LISTEN, CONGLANG_HTTPS, …")]
    Check(Serving),
}

/// Reads the command line and does what it says. 0 went well, 1 did not, 2 was not understood.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&error.into()),
    };
    match runtime.block_on(run(cli)) {
        Ok(code) => code,
        Err(error) => fail(&error),
    }
}

fn fail(error: &anyhow::Error) -> ExitCode {
    // A closed pipe (`conglang export … | head`) is no failure worth words.
    if !error.chain().any(|cause| cause.downcast_ref::<std::io::Error>().is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe)) {
        let _ = writeln!(std::io::stderr(), "conglang: {error:#}");
    }
    ExitCode::FAILURE
}

async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let Cli { common, command } = cli;
    let serving = match &command {
        Command::Serve(serving) | Command::Config(ConfigCommand::Check(serving)) => serving.clone(),
        _ => Serving::default(),
    };
    let flags = Layer {
        database: common.database,
        log: common.log,
        log_level: common.log_level,
        listen: serving.listen,
        metrics_listen: serving.metrics_listen,
        demo: serving.demo,
        https: serving.https,
        behind_proxy: serving.behind_proxy,
        scanner: serving.scanner,
        mail: serving.mail,
        mail_from: serving.mail_from,
        public_address: serving.public_address,
        // Providers have secrets, which do not belong on a command line.
        sign_on: None,
        serve_unscanned: serving.serve_unscanned,
    };
    let file = common.config.or_else(|| std::env::var_os(CONFIG_VARIABLE).filter(|v| !v.is_empty()).map(PathBuf::from));
    let file = file.as_deref().map(Layer::from_file).transpose()?.unwrap_or_default();
    // A name that is no text cannot be one of ours.
    let variables = std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.to_string_lossy().into_owned())));
    let environment = Layer::from_env(variables)?;
    let report = Report::of(&file, &environment, &flags);
    let config = Config::of(file, environment, flags);
    if matches!(command, Command::Config(_)) {
        let mut out = std::io::stdout().lock();
        write!(out, "{report}")?;
        for hint in config?.hints() {
            writeln!(out, "  {hint}")?;
        }
        writeln!(out, "The configuration can be right (cấu hình hợp lệ).")?;
        return Ok(ExitCode::SUCCESS);
    }
    let config = config?;
    serve::logs(&config, matches!(command, Command::Serve(_)));
    match command {
        Command::Serve(_) => serve::serve(config).await.map(|()| ExitCode::SUCCESS),
        Command::Migrate => migrate(&config).await,
        Command::Import(what) => exchange::import(&config, what).await,
        Command::Export(what) => exchange::export(&config, what).await,
        Command::Verify => verify::verify(&config).await,
        Command::Bench(what) => crate::bench::run(what).await.map(|()| ExitCode::SUCCESS),
        Command::Organisation(what) => organisations::run(&config, what).await.map(|()| ExitCode::SUCCESS),
        Command::User(what) => users::run(&config, what).await.map(|()| ExitCode::SUCCESS),
        Command::Calendar(what) => casework::calendar(&config, &what).await,
        Command::Certificate(what) => casework::certificate(&config, &what).await,
        Command::Config(_) => Ok(ExitCode::SUCCESS),
        Command::Db(what) => keeping::db(what).await,
        Command::Backup(what) => keeping::backup(&config, what).await,
        Command::Restore(what) => keeping::restore(&config, what).await,
    }
}

async fn migrate(config: &Config) -> anyhow::Result<ExitCode> {
    let db = open(&config.database).await?;
    let done = db.migrate(SCHEMAS).await?;
    let mut out = std::io::stdout().lock();
    match done.as_slice() {
        [] => writeln!(out, "The schema is up to date (cấu trúc dữ liệu đã mới nhất).")?,
        steps => writeln!(out, "Applied: {}.", steps.join(", "))?,
    }
    db.close().await;
    Ok(ExitCode::SUCCESS)
}

/// Opens a database; the folder of a SQLite file is made if it is missing.
pub(crate) async fn open(address: &str) -> anyhow::Result<Db> {
    if let Some(path) = keep_path(address)
        && let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty())
    {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    }
    Db::open(address).await.with_context(|| format!("cannot open the database {}", crate::config::hide_secret(address)))
}

/// Opens a database that must exist and be up to date, for commands that only work on what is there.
pub(crate) async fn open_ready(address: &str) -> anyhow::Result<Db> {
    if let Some(path) = keep_path(address)
        && !path.exists()
    {
        bail!("there is no database at {} (chưa có cơ sở dữ liệu này)", path.display());
    }
    let db = open(address).await?;
    let pending = db.pending(SCHEMAS).await?;
    if !pending.is_empty() {
        bail!("the schema of the database is older than this program: run `conglang migrate` first (hãy chạy `conglang migrate` trước)");
    }
    Ok(db)
}

/// The file of a SQLite address.
pub(crate) fn keep_path(address: &str) -> Option<PathBuf> {
    let path = address.strip_prefix("sqlite:")?;
    Some(PathBuf::from(path.strip_prefix("//").unwrap_or(path)))
}

/// What went wrong in a use case, with its stable code, for the terminal.
pub(crate) fn said(error: ui::AppError) -> anyhow::Error {
    anyhow::anyhow!("{} ({})\n  {} {} [{}]", error.en, error.vi, error.how_en, error.how_vi, error.code)
}
