//! Sets as files.

mod toml_in;
mod toml_out;
mod xlsx;

pub use toml_in::{read, read_rules};
pub use toml_out::write;
pub use xlsx::{read_xlsx, write_xlsx};
