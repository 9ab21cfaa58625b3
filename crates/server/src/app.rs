//! Composition: the crates' services and routes as one application.

use crate::web::{Presence, Watch, health, watch};
use access::{Access, Options, RouteInfo, Routes};
use axum::Router;
use axum::http::{Extensions, HeaderMap, StatusCode, Version, header};
use axum::middleware::from_fn_with_state;
use calendar::Clock;
use casework::Casework;
use criteria::Criteria;
use db::{Db, DbError, Schema};
use figures::Figures;
use places::Places;
use programme::Programme;
use std::sync::Arc;
use today::Today;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{Predicate as _, SizeAbove};
use ui::AppError;
use work::Board;

/// Everything the database must hold, parents before children.
pub const SCHEMAS: &[Schema] = &[access::SCHEMA, places::SCHEMA, figures::SCHEMA, criteria::SCHEMA, programme::SCHEMA, casework::SCHEMA, today::SCHEMA];

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
    /// Criteria sets and assessments.
    pub criteria: Criteria,
    /// Documents, plans, targets, tasks.
    pub programme: Programme,
    /// Procedures, dossiers.
    pub casework: Casework,
    /// What is due for whom.
    pub today: Today,
    /// Where the domains meet about work: what is due, cases, facts about cases.
    pub board: Board,
    /// How it is reached and shown.
    pub settings: Settings,
    watch: Arc<Watch>,
}

/// What the domains put on the board of duties, counted for the number beside *Hôm nay*.
struct OnBoard(Board, Figures);

impl access::Due for OnBoard {
    fn count<'a>(&'a self, ctx: &'a access::Context) -> std::pin::Pin<Box<dyn Future<Output = Result<u32, AppError>> + Send + 'a>> {
        Box::pin(async { Ok(u32::try_from(self.0.duties(ctx, 100).await?.len()).unwrap_or(u32::MAX)) })
    }

    fn generation(&self) -> u64 {
        *self.1.changes().borrow()
    }
}

/// What people ask about their own data waits for the administrators of their unit.
struct DataRequests(Access);

impl work::DutySource for DataRequests {
    fn name(&self) -> &'static str {
        "access"
    }

    fn duties<'a>(&'a self, ctx: &'a access::Context, most: usize) -> work::Answer<'a, Vec<work::Duty>> {
        Box::pin(async move {
            let l = ctx.lang;
            let asked = self.0.data_requests(ctx).await?;
            let duty = |r: access::DataRequest| work::Duty {
                key: r.id.to_string(),
                title: format!("{}: {}", r.name, r.ask.label(l)),
                about: r.said,
                verb: l.t("Trả lời", "Answer").to_owned(),
                href: "/admin/personal".to_owned(),
                ..work::Duty::default()
            };
            Ok(asked.into_iter().take(most).map(duty).collect())
        })
    }
}

impl App {
    /// Migrates the database, loads the facts that are not there yet, and opens the services.
    ///
    /// # Errors
    /// What the database says.
    pub async fn open(db: Db, clock: Clock, settings: Settings) -> Result<App, DbError> {
        db.migrate(SCHEMAS).await?;
        let presence = Presence::of(db.file());
        let places = Places::open(db.clone(), clock.clone()).await?;
        places.load_facts().await?;
        let figures = Figures::open(places.clone()).await?;
        figures.load_facts().await?;
        figures.carry_to_today().await?;
        let board = Board::new();
        let criteria = Criteria::open(figures.clone()).await?;
        let programme = Programme::open(figures.clone()).await?;
        programme.start().await?;
        board.add_duties(Arc::new(programme::task::TaskDuties(programme.clone())));
        let casework = Casework::open(figures.clone(), board.clone()).await?;
        places.add_panel(Arc::new(programme::pages::TargetsPanel(programme.clone())));
        let calendars = casework.clone();
        programme.set_calendars(Box::new(move |unit, on| calendars.calendar_of(unit, on)));
        figures.set_tasks(Arc::new(programme::task::TaskTitles(programme.clone())));
        board.add_duties(Arc::new(casework::dossier::DossierDuties(casework.clone())));
        figures::api::describe("dossiers", casework::dossier::api::openapi());
        figures::api::describe("cases", casework::api::openapi());
        figures::api::describe("today", today::pages::openapi());
        places.add_panel(Arc::new(figures::pages::FiguresPanel(figures.clone())));
        places.add_panel(Arc::new(criteria::pages::CriteriaPanel(criteria.clone())));
        board.add_facts(Arc::new(criteria.clone()));
        board.add_hook(Arc::new(criteria.clone()));
        board.add_duties(Arc::new(criteria.clone()));
        figures.set_criteria(Arc::new(criteria.clone()));
        figures::api::describe("criteria", criteria::api::openapi());
        places.add_panel(Arc::new(programme::task::TasksPanel(programme.clone())));
        figures::api::describe("programme", programme::api::openapi());
        figures::api::describe("tasks", programme::task::api::openapi());
        figures.add_finder(Arc::new(programme::pages::ProgrammeFinder(programme.clone())));
        let centre = places.atlas().nation().unwrap_or_default();
        let options = Options { demo: settings.demo, https: settings.https, behind_proxy: settings.behind_proxy, ..Options::new(centre) };
        let access = Access::new(db, clock, Arc::new(places.clone()), options);
        programme.set_offices(access.clone());
        access.add_hand_over(Arc::new(casework::dossier::DossierHandOver(casework.clone())));
        criteria.set_access(access.clone());
        board.add_duties(Arc::new(figures::pages::FiguresDuties(figures.clone())));
        board.add_duties(Arc::new(DataRequests(access.clone())));
        access.add_due(Arc::new(OnBoard(board.clone(), figures.clone())));
        let today = Today::new(access.clone(), figures.clone(), board.clone());
        let watch = Watch::new(figures.clone(), settings, presence);
        Ok(App { access, places, figures, criteria, programme, casework, today, board, settings, watch })
    }

    fn routes(&self) -> Routes<()> {
        Routes::new()
            .merge(places::pages::routes().merge(places::api::routes()).with_state(self.places.clone()))
            .merge(figures::pages::routes().merge(figures::api::routes()).merge(figures::intake::routes()).with_state(self.figures.clone()))
            .merge(criteria::pages::routes().merge(criteria::api::routes()).with_state(self.criteria.clone()))
            .merge(programme::pages::routes().merge(programme::api::routes()).with_state(self.programme.clone()))
            .merge(casework::pages::routes().merge(casework::api::routes()).with_state(self.casework.clone()))
            .merge(today::pages::routes().with_state(self.today.clone()))
            .merge(access::routes(self.access.clone()))
            .include_public(ui::assets_routes(), &[("GET", "/assets/{file}")])
            .include_public(ui::prefs_routes(), &[("GET", "/prefs"), ("POST", "/prefs")])
    }

    /// Every route with who may knock, for the refusal test.
    pub fn table(&self) -> Vec<RouteInfo> {
        let mut table = self.routes().table().to_vec();
        table.extend(health(self.clone()).1);
        table
    }

    /// The router with all its layers, from the inside: the gate, compression, the watch.
    pub fn router(&self) -> Router {
        // Said inside the gate, so that an unknown address answers with a page in the reader's language.
        let routes = self.routes().into_router(()).fallback(async || AppError::new("not_found", 404));
        let gated = self.access.layer(routes);
        gated
            .merge(health(self.clone()).0)
            .layer(CompressionLayer::new().compress_when(SizeAbove::new(400).and(worth_compressing)))
            .layer(from_fn_with_state(Arc::clone(&self.watch), watch))
    }

    /// Whether the database's file is still where it was; always so for a server.
    pub(crate) fn is_here(&self) -> bool {
        self.watch.is_here()
    }
}

/// Texts are compressed; workbooks, pictures and archives are so already. A few hundred bytes fit in one packet anyway.
fn worth_compressing(_: StatusCode, _: Version, headers: &HeaderMap, _: &Extensions) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    let textual = kind.starts_with("text/") || kind.ends_with("json") || kind.ends_with("xml") || kind.ends_with("javascript");
    textual && kind != "text/event-stream"
}
