//! `/api/v1` of the criteria.

use crate::Criteria;
use access::Routes;

/// Routes of the criteria for programs.
pub fn routes() -> Routes<Criteria> {
    Routes::new()
}
