use super::{open, said};
use crate::app::{App, Settings};
use crate::config::{self, Config, LogStyle, hide_secret};
use crate::{demo, web};
use anyhow::{Context as _, bail};
use calendar::Clock;
use casework::Casework;
use figures::Figures;
use figures::evidence::{Clamd, Scanner};
use std::io::{IsTerminal as _, Write as _};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// Begins to log to standard error, so that standard output is left to what a command answers.
/// A command that answers by itself only logs what went wrong, unless it is asked for more.
pub(super) fn logs(config: &Config, serving: bool) {
    let quiet = !serving && config::defaults().log_level.as_ref() == Some(&config.log_level);
    let filter = EnvFilter::new(if quiet { "warn,sqlx=error" } else { &config.log_level });
    let base = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let begun = match config.log {
        LogStyle::Human => base.with_ansi(std::io::stderr().is_terminal()).with_target(false).try_init(),
        LogStyle::Json => base.json().flatten_event(true).with_current_span(true).with_span_list(false).try_init(),
    };
    if let Err(error) = begun {
        let _ = writeln!(std::io::stderr(), "conglang: no logs: {error}");
    }
    std::panic::set_hook(Box::new(|panic| {
        let at = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(at, "panic: {}", panic.payload_as_str().unwrap_or("without words"));
    }));
}

/// Serves until SIGTERM or SIGINT.
pub(super) async fn serve(config: Config) -> anyhow::Result<()> {
    let began = Instant::now();
    // A taken port is found out before the database is touched.
    let listener = bind(&config.listen).await?;
    let metrics = match &config.metrics_listen {
        Some(address) => Some(bind(address).await?),
        None => None,
    };
    web::install_metrics();
    let db = open(&config.database).await?;
    let settings = Settings { demo: config.demo, https: config.https, behind_proxy: config.behind_proxy };
    let app = App::open(db.clone(), Clock::system(), settings).await.context("cannot open the data")?;
    if let Some(address) = &config.public_address {
        app.access.set_public_address(address);
        app.access.set_sign_on(&config.sign_on, address).map_err(anyhow::Error::msg)?;
    }
    mind_the_demo(&app).await?;
    if config.demo {
        demo::seed(&app).await?;
    }
    let scanner = config.scanner.as_deref().and_then(Clamd::at).map(|clamd| Arc::new(clamd) as Arc<dyn Scanner>);
    app.figures.set_scanner(scanner, config.serve_unscanned);
    if let (Some(mail), Some(from), Some(address)) = (&config.mail, &config.mail_from, &config.public_address) {
        app.today.set_mailer(Some(today::mailer_at(mail, from)?), address);
    }
    let first = if config.demo { None } else { app.access.first_start().await.map_err(said)? };
    welcome(&app, &config, &listener, began.elapsed())?;
    if let Some((login, password)) = first {
        let mut out = std::io::stdout().lock();
        writeln!(out, "  Lần chạy đầu: người quản trị {login}, mật khẩu dùng một lần trong ba ngày (first start, one-time password): {password}\n")?;
        out.flush()?;
    }
    let stop = signalled()?;
    let tick = tokio::spawn(every_minute(app.figures.clone(), app.criteria.clone(), app.casework.clone(), app.access.clone()));
    let reminders = tokio::spawn(app.today.clone().keep_reminding());
    let scans = tokio::spawn(app.figures.evidence().keep_scanning());
    let reading = tokio::spawn(app.programme.clone().keep_reading());
    let measured = metrics.map(|listener| tokio::spawn(web::serve(listener, web::metrics_only(), std::future::pending())));
    web::serve(listener, app.router(), stop).await;
    tick.abort();
    scans.abort();
    reading.abort();
    reminders.abort();
    if let Some(task) = measured {
        task.abort();
    }
    db.close().await;
    tracing::info!("ended; everything acknowledged is on disk");
    Ok(())
}

async fn bind(address: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address}"))
}

/// Made-up figures must never be taken for real ones: they are only shown with the mark of the demo, and never mixed with real accounts.
async fn mind_the_demo(app: &App) -> anyhow::Result<()> {
    let loaded = demo::is_loaded(app).await?;
    if loaded && !app.settings.demo {
        bail!("this database holds made-up figures: serve it with --demo, or use another database (cơ sở dữ liệu này chứa số liệu minh họa)");
    }
    if app.settings.demo && !loaded {
        let accounts = app.access.list_accounts(&app.access.system(), "", "", 200).await.map_err(said)?;
        if accounts.items.iter().any(|account| !account.demo) {
            bail!("--demo would mix made-up figures into a database with real accounts: use another one, such as --database sqlite:var/demo.db");
        }
    }
    Ok(())
}

fn welcome(app: &App, config: &Config, listener: &TcpListener, took: Duration) -> anyhow::Result<()> {
    let address = listener.local_addr()?;
    let scheme = if config.https { "https" } else { "http" };
    tracing::info!(%address, database = hide_secret(&config.database), ms = took.as_secs_f64() * 1_000.0, "serving");
    let mut out = std::io::stdout().lock();
    writeln!(out, "\n  Cổng Làng  {scheme}://{address}/")?;
    if app.settings.demo {
        writeln!(out, "\n  Số liệu minh họa. Tài khoản dùng thử (made-up data; accounts to try, login / password):")?;
        for line in demo::accounts(app) {
            writeln!(out, "    {line}")?;
        }
    }
    writeln!(out, "\n  Ctrl+C để dừng (to stop).\n")?;
    Ok(out.flush()?)
}

/// Ready once the system asks the program to end.
fn signalled() -> anyhow::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("told to end; finishing the requests under way");
    })
}

/// Follows the calendar: when a change of units takes effect, today's map becomes another; what is late is told.
async fn every_minute(figures: Figures, criteria: criteria::Criteria, casework: Casework, access: access::Access) {
    let mut minute = tokio::time::interval(Duration::from_secs(60));
    minute.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut kept_on = None;
    loop {
        minute.tick().await;
        match figures.carry_to_today().await {
            Ok(true) => tracing::info!(day = %figures.map_day(), "the figures are carried to the new map"),
            Ok(false) => {}
            Err(error) => tracing::warn!(%error, "could not look whether the map changed"),
        }
        match criteria.renew().await {
            Ok(0) => {}
            Ok(renewed) => tracing::info!(renewed, "recognitions are carried into the new year"),
            Err(error) => tracing::warn!(code = error.code, "recognitions could not be carried into the new year"),
        }
        if let Err(error) = casework.upkeep().await {
            tracing::warn!(code = error.code, "cases could not be looked after");
        }
        if let Err(error) = access.return_delegations(figures.clock().now()).await {
            tracing::warn!(%error, "delegations that are over could not be written down");
        }
        let today = calendar::local_date(figures.clock().now());
        if kept_on != Some(today) {
            match access.keep_terms(&access.system()).await {
                Ok(gone) => {
                    kept_on = Some(today);
                    if gone != access::Overdue::default() {
                        tracing::info!(accounts = gone.accounts, lines = gone.lines, "personal data past their term are erased");
                    }
                }
                Err(error) => tracing::warn!(code = error.code, "personal data past their term could not be erased"),
            }
        }
        web::upkeep();
    }
}
