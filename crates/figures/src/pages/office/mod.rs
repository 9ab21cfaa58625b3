//! Pages of officers and reviewers: entry, submission, queue, rounds, measures.

use crate::Figures;
use access::Routes;

pub(super) fn routes() -> Routes<Figures> {
    Routes::new()
}
