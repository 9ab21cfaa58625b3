//! The job that reads uploaded documents, so that a search finds what stands in them.

use super::Programme;
use crate::document::words;
use crate::store::document as store;
use db::DbError;
use figures::evidence::{NoWords, words_in};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use uuid::Uuid;

/// Letters kept of one file.
const LETTERS: usize = 2_000_000;
/// Files of one round.
const ROUND: i64 = 20;
/// How long one file may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// What came of reading a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Its words can be searched.
    Read,
    /// A picture, or a scan without text.
    NoWords,
    /// Damaged, or with a password.
    Unreadable,
    /// Too large when unpacked, or too slow.
    TooMuch,
}

impl State {
    const ALL: [State; 4] = [State::Read, State::NoWords, State::Unreadable, State::TooMuch];

    fn code(self) -> i64 {
        match self {
            State::Read => 1,
            State::NoWords => 2,
            State::Unreadable => 3,
            State::TooMuch => 4,
        }
    }

    /// Reads what the store has.
    pub(crate) fn of(code: i64) -> Option<State> {
        State::ALL.into_iter().find(|s| s.code() == code)
    }

    /// (Vietnamese, English), and the class of the tag.
    pub(crate) fn label(self) -> (&'static str, &'static str, &'static str) {
        match self {
            State::Read => ("tìm được theo chữ bên trong", "searchable", "ok"),
            State::NoWords => ("bản ảnh, không có chữ để tìm", "a picture: nothing to search", "plain"),
            State::Unreadable => ("không đọc được chữ bên trong", "cannot be read for searching", "wait"),
            State::TooMuch => ("quá lớn để đọc chữ bên trong", "too large to be read for searching", "wait"),
        }
    }
}

impl Programme {
    /// Reads a round of files that nobody read yet; how many.
    ///
    /// # Errors
    /// What the database says.
    pub async fn read_documents(&self) -> Result<usize, DbError> {
        let waiting = store::unread(self.db(), ROUND).await?;
        for (document, file) in &waiting {
            self.read_one(*document, *file).await?;
        }
        Ok(waiting.len())
    }

    async fn read_one(&self, document: Uuid, file: Uuid) -> Result<(), DbError> {
        let Some((_, _, bytes)) = store::file(self.db(), document, file).await? else { return Ok(()) };
        let stop = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&stop);
        let work = tokio::task::spawn_blocking(move || {
            let text = words_in(&bytes, LETTERS, &told)?;
            Ok::<_, NoWords>((words(&lang::canonical(&text)), words(&lang::fold(&text))))
        });
        let found = match tokio::time::timeout(PATIENCE, work).await {
            Ok(Ok(found)) => found,
            // A reader that panicked read nothing.
            Ok(Err(error)) => {
                tracing::warn!(%error, %file, "a document could not be read");
                Err(NoWords::Unreadable)
            }
            Err(_) => {
                // The thread looks at this between pages.
                stop.store(true, Ordering::Relaxed);
                Err(NoWords::TooMuch)
            }
        };
        let (state, (written, folded)) = match found {
            Ok(texts) => (State::Read, texts),
            Err(NoWords::None) => (State::NoWords, Default::default()),
            Err(NoWords::Unreadable) => (State::Unreadable, Default::default()),
            Err(NoWords::TooMuch) => (State::TooMuch, Default::default()),
        };
        let mut tx = self.db().begin().await?;
        store::keep_words(&mut tx, document, file, state.code(), &written, &folded, calendar::micros(self.clock().now())).await?;
        tx.commit().await
    }

    /// Reads for ever: when a file comes in, and every minute what is left. Run it as a task of its own.
    pub async fn keep_reading(self) {
        loop {
            let _ = tokio::time::timeout(Duration::from_secs(60), self.bell().notified()).await;
            loop {
                match self.read_documents().await {
                    Ok(0) => break,
                    Ok(files) => tracing::info!(files, "documents were read"),
                    Err(error) => {
                        tracing::warn!(%error, "documents could not be read");
                        break;
                    }
                }
            }
        }
    }
}
