//! *Hôm nay*: everything that is due for a person, over all domains, by the clock; and the ways it reaches somebody who is
//! not looking: mail at once for what is urgent, a digest on working mornings, a calendar feed. Also the burden: how many
//! fields the platform makes people fill.
//!
//! What is due is never stored here. The domains are asked through [`work::Board`] each time, so that a duty is gone the
//! moment it is done.

mod feed;
pub mod mail;
pub mod pages;
mod schema;
mod service;
mod store;

pub use feed::{Entry, calendar_feed};
pub use mail::{Files, Mail, MailError, Mailer, Smtp, mailer_at};
pub use schema::SCHEMA;
pub use service::{Due, Summary, Wishes};

use access::Access;
use figures::Figures;
use std::sync::{Arc, PoisonError, RwLock};
use work::Board;

/// What is due, of one platform. Cheap to clone.
#[derive(Clone)]
pub struct Today {
    inner: Arc<Inner>,
}

struct Inner {
    access: Access,
    figures: Figures,
    board: Board,
    post: RwLock<Post>,
}

/// How mail leaves, and under which address people reach the platform.
#[derive(Clone, Default)]
struct Post {
    mailer: Option<Arc<dyn Mailer>>,
    address: String,
}

impl Today {
    /// Opens it over a migrated database.
    pub fn new(access: Access, figures: Figures, board: Board) -> Today {
        Today { inner: Arc::new(Inner { access, figures, board, post: RwLock::default() }) }
    }

    /// Says how mail leaves, and the address of the platform for the links in it, such as `https://cong.example.vn`.
    /// Without a mailer nothing is offered by mail.
    pub fn set_mailer(&self, mailer: Option<Arc<dyn Mailer>>, address: &str) {
        let post = Post { mailer, address: address.trim_end_matches('/').to_owned() };
        *self.inner.post.write().unwrap_or_else(PoisonError::into_inner) = post;
    }

    fn post(&self) -> Post {
        self.inner.post.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn db(&self) -> &db::Db {
        self.inner.figures.db()
    }

    pub(crate) fn figures(&self) -> &Figures {
        &self.inner.figures
    }
}

impl std::fmt::Debug for Today {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Today").field("board", &self.inner.board).finish_non_exhaustive()
    }
}
