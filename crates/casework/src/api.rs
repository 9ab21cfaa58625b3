//! `/api/v1` of casework.

use crate::Casework;
use access::Routes;

/// Routes of casework for programs.
pub fn routes() -> Routes<Casework> {
    Routes::new()
}
