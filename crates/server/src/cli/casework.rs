//! `conglang calendar` and `conglang certificate`: both work without a database and without a network.

use super::{keep_path, open_ready, said};
use crate::config::Config;
use ::calendar::{Ask, Clock, CountRule, Measure, WorkCalendar};
use anyhow::{Context as _, anyhow, bail};
use casework::{Casework, CheckError, checked, public_key};
use clap::Subcommand;
use figures::Figures;
use jiff::civil::{Date, DateTime, Time};
use places::{Level, Places};
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use ui::Lang;

#[derive(Debug, Subcommand)]
pub(super) enum Calendar {
    /// Count a deadline and say of every day whether it counts, and why
    #[command(after_help = "Examples:\n  conglang calendar due --from 2024-04-26 --days 5\n  conglang calendar due --from 2024-04-26 --days 10 --all\n  \
        conglang calendar due --from 2026-12-01T15:30 --hours 8 --unit 24\nWith --unit the calendar of its province in the database is used; otherwise the shipped one.")]
    Due {
        /// The day of receipt, YYYY-MM-DD, or the moment, YYYY-MM-DDTHH:MM
        #[arg(long)]
        from: String,
        /// Working days
        #[arg(long, conflicts_with = "hours", required_unless_present = "hours")]
        days: Option<u32>,
        /// Working hours, inside the office hours
        #[arg(long)]
        hours: Option<u32>,
        /// Count all days, not only working days
        #[arg(long, conflicts_with = "hours")]
        all: bool,
        /// The calendar of this unit's province: code or id
        #[arg(long)]
        unit: Option<String>,
        /// Words in English
        #[arg(long)]
        english: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum Certificate {
    /// Check a signed code, or the address in its QR picture; ends with 1 if it does not hold
    #[command(
        after_help = "Example: conglang certificate check CL1.… --key 3f1c…\nWithout --key the keys of the database are used, and what was revoked is known; with --key nothing but the code is needed."
    )]
    Check {
        /// The code, or the whole address
        code: String,
        /// A public key, hexadecimal; may be repeated
        #[arg(long)]
        key: Vec<String>,
        /// A file with the answer of /api/v1/certificates/revoked
        #[arg(long)]
        revoked: Option<PathBuf>,
    },
    /// Print the public keys under which certificates of this installation verify
    Keys,
}

async fn open(config: &Config) -> anyhow::Result<Casework> {
    let db = open_ready(&config.database).await?;
    let figures = Figures::open(Places::open(db, Clock::system()).await?).await?;
    Ok(Casework::open(figures, work::Board::new()).await?)
}

pub(super) async fn calendar(config: &Config, what: &Calendar) -> anyhow::Result<ExitCode> {
    let Calendar::Due { from, days, hours, all, unit, english } = what;
    let start = from
        .parse::<DateTime>()
        .or_else(|_| from.parse::<Date>().map(|d| d.to_datetime(Time::constant(8, 0, 0, 0))))
        .map_err(|_| anyhow!("--from is a day such as 2024-04-26 or a moment such as 2024-04-26T15:30 (ngày chưa đúng)"))?;
    let calendar = match unit {
        None => WorkCalendar::shipped()?,
        Some(text) => {
            let casework = open(config).await?;
            let atlas = casework.places().atlas();
            let found = text.parse().ok().filter(|id| atlas.unit(*id).is_some());
            let found = found.or_else(|| atlas.coded(text, Some(Level::Province), start.date())).or_else(|| atlas.coded(text, None, start.date()));
            let unit = found.with_context(|| format!("there is no unit {text} on that day (không có đơn vị này)"))?;
            (*casework.calendar_of(unit, start.date())).clone()
        }
    };
    let (amount, measure) = match (days, hours) {
        (Some(days), _) => (*days, if *all { Measure::Days } else { Measure::WorkingDays }),
        (None, Some(hours)) => (*hours, Measure::WorkingHours),
        (None, None) => bail!("give --days or --hours"),
    };
    let rule = CountRule::default();
    let l = if *english { Lang::En } else { Lang::Vi };
    let found =
        calendar.due(&Ask { start, amount, measure, rule: &rule, pauses: &[], extensions: &[] }).map_err(|error| anyhow!("{error} ({})", error.vi()))?;
    let mut out = std::io::stdout().lock();
    for row in &found.rows {
        let hours = row.hours.map(|(from, to)| format!(" {}-{}", from.strftime("%H:%M"), to.strftime("%H:%M"))).unwrap_or_default();
        let count = match (row.counts, measure) {
            (false, _) => "–".to_owned(),
            (true, Measure::WorkingHours) => format!("{}:{:02}", row.so_far / 60, row.so_far % 60),
            (true, _) => row.so_far.to_string(),
        };
        writeln!(out, "{} {}{hours}  {count:>5}  {}", row.day, row.day.strftime("%a"), l.t(&row.why.vi(), &row.why.en()))?;
    }
    match (found.due, measure) {
        (Some(due), Measure::WorkingHours) => writeln!(out, "{} {}", l.t("Hạn:", "Due:"), due.strftime("%Y-%m-%d %H:%M"))?,
        (Some(due), _) => writeln!(out, "{} {}", l.t("Hạn:", "Due:"), due.date())?,
        (None, _) => writeln!(out, "{}", l.t("Đang tạm dừng.", "Paused."))?,
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn certificate(config: &Config, what: &Certificate) -> anyhow::Result<ExitCode> {
    let mut out = std::io::stdout().lock();
    let (code, keys, revoked) = match what {
        Certificate::Keys => {
            for key in open(config).await?.issuer().public_hex() {
                writeln!(out, "{key}")?;
            }
            return Ok(ExitCode::SUCCESS);
        }
        Certificate::Check { code, key, revoked } => (code, key, revoked),
    };
    let mut ended: Vec<String> = Vec::new();
    if let Some(file) = revoked {
        let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
        let list: serde_json::Value = serde_json::from_str(&text).context("the list of revoked certificates cannot be read")?;
        ended = list.get("revoked").and_then(|l| l.as_array()).into_iter().flatten().filter_map(|r| Some(r.get("id")?.as_str()?.to_owned())).collect();
    }
    let keys = if keys.is_empty() {
        if keep_path(&config.database).is_some_and(|path| !path.exists()) {
            bail!("give --key, or --database with the installation that issued it (cần khóa công khai)");
        }
        let casework = open(config).await?;
        ended.extend(casework.revoked_certificates().await.map_err(said)?.into_iter().map(|(id, _)| id.to_string()));
        casework.issuer().public_keys()
    } else {
        let read: Option<Vec<_>> = keys.iter().map(|text| public_key(text)).collect();
        read.context("--key is 64 hexadecimal digits (khóa chưa đúng)")?
    };
    match checked(code, &keys) {
        Ok(certificate) => {
            writeln!(out, "{}\n{}", certificate.what, certificate.unit)?;
            writeln!(out, "Quyết định {} ngày {}, {}", certificate.no, certificate.date, certificate.by)?;
            if ended.contains(&certificate.id.to_string()) {
                writeln!(out, "Đã thu hồi (revoked).")?;
                return Ok(ExitCode::FAILURE);
            }
            writeln!(out, "Chữ ký đúng (the signature fits).")?;
            Ok(ExitCode::SUCCESS)
        }
        Err(error @ (CheckError::NotACode | CheckError::UnknownKey | CheckError::Forged)) => {
            writeln!(out, "{error}")?;
            Ok(ExitCode::FAILURE)
        }
    }
}
