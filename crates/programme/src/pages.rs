//! HTML of the programme.

use crate::Programme;
use access::Routes;

/// Pages of the programme.
pub fn routes() -> Routes<Programme> {
    Routes::new().merge(crate::funding::routes()).merge(crate::report::routes()).merge(crate::task::routes())
}
