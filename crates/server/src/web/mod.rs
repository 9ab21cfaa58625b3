//! What stands around the routes: the watch over every request, health, measurements, the door to the network.

mod health;
mod listen;
mod measure;
mod presence;
mod watch;

pub(crate) use health::{health, metrics_only};
pub use listen::serve;
pub use measure::install as install_metrics;
pub(crate) use measure::{render as render_metrics, upkeep};
pub(crate) use presence::Presence;
pub(crate) use watch::{Watch, watch};
