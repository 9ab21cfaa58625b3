//! A figure in words, for reports and lists of other crates: the same words as on the dashboards.

use super::show::{n_of, status, with_unit};
use super::words::finding;
use crate::service::FigureView;
use ui::Lang;

/// A figure as it is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Number with its unit; none when there is no value.
    pub value: Option<String>,
    /// `n/N` behind it; may be empty.
    pub n_of: String,
    /// How complete it is: accepted, awaiting, missing…
    pub status: String,
}

impl Said {
    /// A figure in a language.
    pub fn of(v: &FigureView, l: Lang) -> Said {
        Said { value: with_unit(v, l), n_of: n_of(v, l), status: status(v, l).1 }
    }

    /// The sentence that states the finding at a place.
    pub fn finding(v: &FigureView, place: &str, l: Lang) -> String {
        finding(v, place, l)
    }
}
