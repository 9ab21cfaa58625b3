//! HTML of casework.

use crate::Casework;
use access::Routes;

/// Pages of casework.
pub fn routes() -> Routes<Casework> {
    Routes::new()
}
