//! `conglang`: the one binary.

mod app;
mod demo;

use anyhow::Context as _;
use std::net::SocketAddr;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt().with_env_filter(tracing_subscriber::EnvFilter::new("info,sqlx=warn")).init();
    let address = std::env::var("CONGLANG_DATABASE").unwrap_or_else(|_| "sqlite:var/conglang.db".to_owned());
    let listen = std::env::var("CONGLANG_LISTEN").unwrap_or_else(|_| "127.0.0.1:8080".to_owned());
    let db = db::Db::open(&address).await.context("opening the database")?;
    let app = app::App::open(db, calendar::Clock::system(), app::Settings { demo: true, https: false, behind_proxy: false }).await?;
    demo::seed(&app).await?;
    let listener = tokio::net::TcpListener::bind(&listen).await?;
    tracing::info!(%listen, "serving");
    axum::serve(listener, app.router().into_make_service_with_connect_info::<SocketAddr>()).await?;
    Ok(())
}
