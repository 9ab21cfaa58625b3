//! What programs may ask is described where programs look.

use crate::house::filled;
use calendar::Clock;
use server::app::{App, Settings};

/// Routes that describe the interface, and those that only this platform's own pages ask.
const OWN: &[&str] = &["/api/v1/docs", "/api/v1/openapi.json"];

#[tokio::test]
async fn every_address_for_programs_is_in_the_document() {
    let db = filled().await.remove(0);
    let app = App::open((*db).clone(), Clock::system(), Settings::default()).await.unwrap();
    let document = figures::api::openapi();
    let missing: Vec<String> = app
        .table()
        .iter()
        .filter(|r| r.path.starts_with("/api/v1/") && !OWN.contains(&r.path))
        .filter(|r| document["paths"][r.path][r.method.to_lowercase()].is_null())
        .map(|r| format!("{} {}", r.method, r.path))
        .collect();
    assert_eq!(missing, Vec::<String>::new());
}
