//! Everything that leaves the platform as a file: Excel, CSV, Word and pictures of charts;
//! and the inspection of what comes in, because both sides must know the same formats.
//!
//! Pure functions from plain structs to bytes. It knows nothing of villages, never reads a clock and opens no
//! file of its own (large worksheets pass through the system's temporary folder while they are written).

pub mod annotate;
pub mod cell;
pub mod chart;
pub mod guard;
mod package;
pub mod report;
pub mod table;
pub mod template;
mod xml;

pub use annotate::{AnnotateError, CellProblem, annotate_xlsx, annotated_copy};
pub use cell::{Cell, Language};
pub use chart::{ChartError, Fonts, png_from_svg};
pub use guard::{Refusal, UploadKind, UploadLimits, UploadProblem, inspect_upload};
pub use report::{Block, Report, to_docx};
pub use table::{Book, Column, Kind, PrintError, Table, to_csv, to_xlsx};
pub use template::{Fill, TemplateColumn, TemplateRow, TemplateSpec, template_xlsx};
