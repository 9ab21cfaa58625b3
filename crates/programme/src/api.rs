//! `/api/v1` of the programme.

use crate::Programme;
use access::Routes;

/// Routes of the programme for programs.
pub fn routes() -> Routes<Programme> {
    Routes::new().merge(crate::task::api::routes()).merge(crate::report::api::routes())
}
