//! Pages for everybody: home, search, measures, dashboards, comparison, completeness, why.

use crate::Figures;
use access::Routes;

pub(super) fn routes() -> Routes<Figures> {
    Routes::new()
}
