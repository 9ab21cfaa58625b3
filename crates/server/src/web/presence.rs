//! Whether a SQLite file is still where it was. A file that is removed or moved away can be written to without any error,
//! and everything written is lost when the program ends; so it must be noticed from outside.

use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

/// The file of the database, if it is one.
#[derive(Debug)]
pub(crate) struct Presence {
    file: Option<(PathBuf, (u64, u64))>,
    here: AtomicBool,
}

impl Presence {
    /// Remembers which file the database is; `None` for a server.
    pub(crate) fn of(file: Option<PathBuf>) -> Presence {
        let file = file.and_then(|path| Some((path.clone(), identity(&path)?)));
        Presence { file, here: AtomicBool::new(true) }
    }

    /// Looks whether the very same file is still there.
    pub(crate) fn look(&self) {
        let Some((path, known)) = &self.file else { return };
        let here = identity(path) == Some(*known);
        if self.here.swap(here, Ordering::Relaxed) != here {
            if here {
                tracing::info!(file = %path.display(), "the database file is back");
            } else {
                tracing::error!(file = %path.display(), "the database file is gone or another one; put it back, or start the program again");
            }
        }
    }

    /// What the last look saw.
    pub(crate) fn is_here(&self) -> bool {
        self.here.load(Ordering::Relaxed)
    }
}

fn identity(path: &PathBuf) -> Option<(u64, u64)> {
    std::fs::metadata(path).ok().map(|found| (found.dev(), found.ino()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_goes_is_missed_and_one_that_comes_back_is_known() {
        let folder = tempfile::tempdir().unwrap();
        let (path, aside) = (folder.path().join("a.db"), folder.path().join("b.db"));
        std::fs::write(&path, "x").unwrap();
        let presence = Presence::of(Some(path.clone()));
        let look = || {
            presence.look();
            presence.is_here()
        };
        assert!(look());
        std::fs::rename(&path, &aside).unwrap();
        assert!(!look());
        std::fs::write(&path, "another").unwrap();
        assert!(!look());
        std::fs::rename(&aside, &path).unwrap();
        assert!(look());
        assert!(Presence::of(None).is_here());
    }
}
