//! Sets as files.

mod toml_in;
mod toml_out;

pub use toml_in::{read, read_rules};
pub use toml_out::write;
