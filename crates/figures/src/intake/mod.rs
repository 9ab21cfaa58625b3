//! Workbooks in and out: the template that comes back, and foreign workbooks.

use crate::Figures;
use access::Routes;

/// Pages of the intake.
pub fn routes() -> Routes<Figures> {
    Routes::new()
}
