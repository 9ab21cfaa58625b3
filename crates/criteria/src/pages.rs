//! HTML of the criteria.

use crate::Criteria;
use access::Routes;

/// Pages of the criteria.
pub fn routes() -> Routes<Criteria> {
    Routes::new()
}
