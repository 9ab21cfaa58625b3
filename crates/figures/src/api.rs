//! `/api/v1` of figures.

use crate::Figures;
use access::Routes;

/// Measures, figures, explanations and completeness.
pub fn routes() -> Routes<Figures> {
    Routes::new()
}
