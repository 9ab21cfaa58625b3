//! Data in and out as files.

mod boundaries_in;
mod criteria_in;
mod figures_in;
mod figures_out;
mod procedure_in;
mod units_in;
mod units_out;

use super::{open, open_ready};
use crate::app::{App, Settings};
use crate::config::Config;
use anyhow::Context as _;
use calendar::{Clock, Period};
use casework::Casework;
use clap::{Args, Subcommand, ValueEnum};
use figures::Figures;
use jiff::civil::Date;
use places::boundary::Keys;
use places::{BoundaryOptions, Level, Places};
use programme::Programme;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Debug, Args)]
pub(super) struct Import {
    #[command(subcommand)]
    what: Incoming,
}

#[derive(Debug, Subcommand)]
enum Incoming {
    /// New units, such as the villages of a commune (địa bàn mới, ví dụ thôn)
    #[command(after_help = "A CSV file with the columns of `conglang export units`; level, name, parent and valid_from are needed:\n  \
        level,kind,name,code,parent,valid_from\n  village,thôn,Thôn 1,,07330,2025-07-01\n\
        parent is a code or an id. A unit without id gets one that depends on what it is, so the same file twice adds nothing.\n\
        Units that are there are never changed this way: a change of units is an event with a decree.")]
    Units {
        /// The CSV file
        file: PathBuf,
    },
    /// Boundaries of communes, districts or provinces as GeoJSON; maps then draw shapes instead of points (ranh giới)
    #[command(
        after_help = "A FeatureCollection of Polygons and MultiPolygons in degrees (EPSG:4326). A unit is found by its code of the day --on, which its\n\
        name must not contradict, or by name and parent. Usual names of properties are found by themselves (code, ma_xa, name, ten_xa, ten_tinh…);\n\
        others are named: --code MAXA_2025 --name TEN --parent TINH. Lines are simplified for each zoom level. Areas that are refused are\n\
        printed with their reason, the others go in; the same file again replaces what it brought.\n\
        Example: conglang import boundaries xa-2025.geojson --on 2025-07-01 --source \"Bộ Nông nghiệp và Môi trường, 2025\""
    )]
    Boundaries {
        /// The GeoJSON file
        file: PathBuf,
        /// Who made it, when, under which licence
        #[arg(long)]
        source: String,
        /// The day whose units are drawn, YYYY-MM-DD; today when absent
        #[arg(long)]
        on: Option<Date>,
        /// Level of the areas that do not say their own (property level)
        #[arg(long, default_value = "commune", value_parser = ["province", "district", "commune"])]
        level: String,
        /// Property with the official code
        #[arg(long, default_value = "", hide_default_value = true)]
        code: String,
        /// Property with the name
        #[arg(long, default_value = "", hide_default_value = true)]
        name: String,
        /// Property with name or code of the unit above
        #[arg(long, default_value = "", hide_default_value = true)]
        parent: String,
        /// Only look: say what would happen
        #[arg(long)]
        dry_run: bool,
    },
    /// A set of criteria from TOML or a workbook, as a draft or published (bộ tiêu chí)
    #[command(after_help = "The form is that of /criteria/{set}/export.toml and export.xlsx. Refusals are printed with their line and reason;\n\
        nothing is saved then. Example: conglang import criteria bo.toml --province 24 --publish")]
    Criteria {
        /// The file
        file: PathBuf,
        /// Official code of the province that keeps it; the nation when absent
        #[arg(long)]
        province: Option<String>,
        /// Publish it at once
        #[arg(long)]
        publish: bool,
    },
    /// Accepted figures, with roll-ups and provenance (số liệu đã duyệt)
    #[command(after_help = "A CSV file with a heading; a percentage is given as n and of:\n  \
        unit_code,measure,period,value,n,of\n  07330,so_ho,2025,2150,,\n  07330,thue_bao_bang_rong,2026-Q3,,41,60\n\
        Numbers are written 1234.5; NA is not applicable, ? is not known. unit_code is read as it was at the end of the period;\n\
        a column unit_id is understood too. Rows that are refused are printed with their line and reason, the others go in.")]
    Figures {
        /// The CSV file
        file: PathBuf,
        /// Only look: say what would happen
        #[arg(long)]
        dry_run: bool,
    },
    /// Days off, days worked and office hours of a year, from TOML, CSV or XLSX (lịch làm việc)
    #[command(after_help = "Rows of a table: first day; last day; kind; name; source. Kinds: nghỉ lễ, nghỉ bù, nghỉ hoán đổi, tỉnh, khác, làm bù.\n\
        Only the years in the table are replaced; every open deadline is counted again. The same file twice changes nothing.\n\
        Example: conglang import calendar nghi-2027.xlsx --document \"Thông báo số 12/TB-BNV ngày 20/11/2026\"")]
    Calendar {
        /// The .toml, .csv or .xlsx file
        file: PathBuf,
        /// The document that makes it: number, date, issuer
        #[arg(long)]
        document: String,
        /// Official code of the province whose calendar it is; the nation when absent
        #[arg(long)]
        province: Option<String>,
        /// Only look: say what is wrong
        #[arg(long)]
        dry_run: bool,
    },
    /// A procedure from TOML, as a draft or published when nothing is wrong with it (quy trình)
    #[command(
        after_help = "`conglang export procedure CODE` writes one; docs/huong-dan/ho-so.md says what stands in it. Findings are printed with their lines.\n\
        Open cases keep the version under which they were opened."
    )]
    Procedure {
        /// The TOML file
        file: PathBuf,
        /// Publish it at once; refused while anything is wrong
        #[arg(long)]
        publish: bool,
    },
    /// A programme or plan with its targets (chương trình, kế hoạch)
    #[command(after_help = "A TOML file, or an XLSX workbook in the form of the button Excel on the page of a plan.\n\
        `conglang export plan CODE` writes one. A plan that is there gets a new version; the same once more changes nothing.\n\
        What is wrong is printed with its line, and then nothing is taken.")]
    Plan {
        /// The .toml or .xlsx file
        file: PathBuf,
        /// Kept in the history of the plan
        #[arg(long, default_value = "")]
        reason: String,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For spreadsheets and `conglang import`
    Csv,
    /// One array of objects
    Json,
}

#[derive(Debug, Args)]
pub(super) struct Export {
    #[command(subcommand)]
    what: Outgoing,
}

#[derive(Debug, Subcommand)]
enum Outgoing {
    /// Units of all times, one row per version; with --on only those of a day (địa bàn)
    #[command(after_help = "Example: conglang export units --on 2025-06-30 > before.csv")]
    Units {
        #[arg(long, value_enum, default_value = "csv")]
        format: Format,
        /// Only units that existed on this day, YYYY-MM-DD
        #[arg(long)]
        on: Option<Date>,
    },
    /// Accepted figures as entered, one row per unit, measure and period (số liệu)
    #[command(after_help = "Example: conglang export figures --measure so_ho --period 2025 > so_ho.csv\nThe CSV can be read by `conglang import figures`.")]
    Figures {
        #[arg(long, value_enum, default_value = "csv")]
        format: Format,
        /// Only this measure, by its code
        #[arg(long)]
        measure: Option<String>,
        /// Only this period: 2025, 2026-H1, 2026-Q3, 2026-11
        #[arg(long)]
        period: Option<Period>,
    },
    /// A procedure as TOML (quy trình)
    #[command(after_help = "Example: conglang export procedure recognition-commune > xa.toml\nThe file can be read by `conglang import procedure`.")]
    Procedure {
        /// Its code, as in the address of its page
        code: String,
        /// Number of the version; the one in force when absent
        #[arg(long)]
        number: Option<i64>,
    },
    /// A programme or plan with its targets as TOML (chương trình, kế hoạch)
    #[command(after_help = "Example: conglang export plan 924 > 924.toml\nThe file can be read by `conglang import plan`.")]
    Plan {
        /// Its code, as in the address of its page
        code: String,
    },
}

pub(super) async fn import(config: &Config, what: Import) -> anyhow::Result<ExitCode> {
    let db = open(&config.database).await?;
    let app = App::open(db.clone(), Clock::system(), Settings::default()).await?;
    let refused = match what.what {
        Incoming::Units { file } => units_in::run(&app, &read(&file)?).await?,
        Incoming::Boundaries { file, source, on, level, code, name, parent, dry_run } => {
            let options = BoundaryOptions {
                on: on.unwrap_or_else(|| app.access.system().today()),
                level: Level::from_word(&level).unwrap_or(Level::Commune),
                source,
                keys: Keys { code, name, parent },
                dry_run,
            };
            boundaries_in::run(&app, &file, &options).await?
        }
        Incoming::Criteria { file, province, publish } => criteria_in::run(&app, &file, province.as_deref(), publish).await?,
        Incoming::Calendar { file, document, province, dry_run } => {
            let ctx = app.access.system();
            let atlas = app.places.atlas();
            let scope = match &province {
                Some(code) => {
                    atlas.coded(code, Some(Level::Province), ctx.today()).with_context(|| format!("there is no province {code} (không có tỉnh này)"))?
                }
                None => atlas.nation().context("no nation")?,
            };
            let book = file.extension().is_some_and(|e| e.eq_ignore_ascii_case("xlsx"));
            let text = if book {
                let bytes = std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
                casework::calendar_rows::workbook_text(&bytes).map_err(super::said)?
            } else {
                read(&file)?
            };
            if dry_run {
                app.casework.examine_calendar(&ctx, scope, &text, &document).map_err(super::said)?;
                writeln!(std::io::stdout(), "nothing is wrong; nothing was saved (đọc được, chưa lưu gì)")?;
            } else {
                let change = app.casework.enter_calendar(&ctx, scope, &text, &document).await.map_err(super::said)?;
                let (version, counted) = (change.version, change.recounted);
                writeln!(std::io::stdout(), "version {version}: {} deadlines counted again, {} moved (tính lại, đổi hạn)", counted.cases, counted.moved)?;
            }
            0
        }
        Incoming::Procedure { file, publish } => procedure_in::run(&app, &file, &read(&file)?, publish).await?,
        Incoming::Figures { file, dry_run } => figures_in::run(&app, &file, &read(&file)?, dry_run).await?,
        Incoming::Plan { file, reason } => {
            let bytes = std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
            let name = file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
            let plan = app.programme.import_plan(&app.access.system(), &name, &bytes, "", &reason).await.map_err(super::said)?;
            let head = &plan.def.plan;
            writeln!(
                std::io::stdout(),
                "{}: version {}, {} targets (phiên bản {}, {} mục tiêu)",
                head.code,
                head.version,
                plan.def.target.len(),
                head.version,
                plan.def.target.len()
            )?;
            0
        }
    };
    db.close().await;
    Ok(if refused == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

pub(super) async fn export(config: &Config, what: Export) -> anyhow::Result<ExitCode> {
    let db = open_ready(&config.database).await?;
    let places = Places::open(db.clone(), Clock::system()).await?;
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    match what.what {
        Outgoing::Units { format, on } => write(&mut out, format, units_out::rows(&places, on))?,
        Outgoing::Figures { format, measure, period } => {
            let figures = Figures::open(places).await?;
            figures_out::run(&figures, measure.as_deref(), period, format, &mut out).await?;
        }
        Outgoing::Procedure { code, number } => {
            let casework = Casework::open(Figures::open(places).await?, work::Board::new()).await?;
            let library = casework.library();
            let found = match number {
                Some(number) => library.version(&code, number),
                None => library.published(&code),
            };
            let found = found.with_context(|| format!("there is no such procedure: {code} (không có quy trình này)"))?;
            write!(out, "{}", found.text)?;
        }
        Outgoing::Plan { code } => {
            let programme = Programme::open(Figures::open(places).await?).await?;
            let register = programme.register();
            let plan = register.plan(&code).with_context(|| format!("there is no plan {code} (không có kế hoạch này)"))?;
            write!(out, "{}", programme::exchange::to_toml(&plan.def).map_err(anyhow::Error::msg)?)?;
        }
    }
    out.flush()?;
    drop(out);
    db.close().await;
    Ok(ExitCode::SUCCESS)
}

fn read(file: &Path) -> anyhow::Result<String> {
    let bytes = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let text = String::from_utf8(bytes).with_context(|| format!("{} is not UTF-8; save it as \"CSV UTF-8\"", file.display()))?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

fn write<R: serde::Serialize>(out: &mut impl Write, format: Format, rows: impl Iterator<Item = R>) -> anyhow::Result<()> {
    match format {
        Format::Csv => {
            let mut writer = csv::Writer::from_writer(out);
            for row in rows {
                writer.serialize(row)?;
            }
            writer.flush()?;
        }
        Format::Json => {
            out.write_all(b"[")?;
            for (nth, row) in rows.enumerate() {
                out.write_all(if nth == 0 { b"\n" } else { b",\n" })?;
                serde_json::to_writer(&mut *out, &row)?;
            }
            out.write_all(b"\n]\n")?;
        }
    }
    Ok(())
}
