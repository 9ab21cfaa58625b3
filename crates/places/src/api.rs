//! `/api/v1` of places.

use crate::Places;
use access::Routes;

/// Units, changes and groups as JSON, CSV and GeoJSON.
pub fn routes() -> Routes<Places> {
    Routes::new()
}
