//! Composition: the crates' services and routes as one application.

use access::{Access, Options, RouteInfo, Routes};
use axum::Router;
use calendar::Clock;
use db::{Db, DbError, Schema};
use figures::Figures;
use places::Places;
use std::sync::Arc;

/// Everything the database must hold, parents before children.
pub const SCHEMAS: &[Schema] = &[access::SCHEMA, places::SCHEMA, figures::SCHEMA];

/// How an installation is reached and shown.
#[derive(Clone, Copy, Debug, Default)]
pub struct Settings {
    /// Made-up data and accounts for everybody to try.
    pub demo: bool,
    /// Browsers reach it by https.
    pub https: bool,
    /// A proxy of ours stands before it.
    pub behind_proxy: bool,
}

/// The application.
#[derive(Clone)]
pub struct App {
    /// Accounts, roles, sessions.
    pub access: Access,
    /// Places.
    pub places: Places,
    /// Figures.
    pub figures: Figures,
}

impl App {
    /// Migrates the database, loads the facts that are not there yet, and opens the services.
    ///
    /// # Errors
    /// What the database says.
    pub async fn open(db: Db, clock: Clock, settings: Settings) -> Result<App, DbError> {
        db.migrate(SCHEMAS).await?;
        let places = Places::open(db.clone(), clock.clone()).await?;
        places.load_facts().await?;
        let figures = Figures::open(places.clone()).await?;
        figures.load_facts().await?;
        figures.carry_to_today().await?;
        let centre = places.atlas().nation().unwrap_or_default();
        let options = Options { demo: settings.demo, https: settings.https, behind_proxy: settings.behind_proxy, ..Options::new(centre) };
        let access = Access::new(db, clock, Arc::new(places.clone()), options);
        Ok(App { access, places, figures })
    }

    fn routes(&self) -> Routes<()> {
        Routes::new()
            .merge(places::pages::routes().merge(places::api::routes()).with_state(self.places.clone()))
            .merge(figures::pages::routes().merge(figures::api::routes()).merge(figures::intake::routes()).with_state(self.figures.clone()))
            .merge(access::routes(self.access.clone()))
            .include_public(ui::assets_routes(), &[("GET", "/assets/{file}")])
            .include_public(ui::prefs_routes(), &[("GET", "/prefs"), ("POST", "/prefs")])
    }

    /// Every route with who may knock, for the refusal test.
    pub fn table(&self) -> Vec<RouteInfo> {
        self.routes().table().to_vec()
    }

    /// The router with all its layers.
    pub fn router(&self) -> Router {
        self.access.layer(self.routes().into_router(()))
    }
}
