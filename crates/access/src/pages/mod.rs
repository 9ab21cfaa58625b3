//! HTML pages of sign-in, one's own account and the administration of accounts.

use crate::access::Access;
use crate::routes::Routes;

/// All routes of this crate.
pub fn routes(access: Access) -> Routes<()> {
    Routes::new().with_state(access)
}
