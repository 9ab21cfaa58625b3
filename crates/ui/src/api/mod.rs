//! What every interface for programs shares: parameters read strictly, opaque cursors that stay valid, and lists
//! answered as JSON, CSV or GeoJSON with an entity tag.

mod cursor;
mod query;
mod reply;

pub use cursor::Cursor;
pub use query::Query;
pub use reply::{Format, List, Reply};
