//! Money of tasks by source and year, and arrears of works.

pub mod model;
mod page;
mod publish;
mod service;
pub mod store;
pub mod works;
mod works_page;

pub use model::{Amounts, Family, Row, Source, Stage, Totals, arrears};
pub(crate) use page::{routes, table};
pub use publish::ARREARS;
pub(crate) use service::{TaskMoney, millions, money_words, shown};
pub use works::{NewWorks, Works};
