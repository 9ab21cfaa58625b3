//! HTML of places.

use crate::Places;
use access::Routes;

/// Pages of places.
pub fn routes() -> Routes<Places> {
    Routes::new()
}
