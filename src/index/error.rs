//! What can go wrong with an index, and whose fault it is.

use std::path::{Path, PathBuf};

use super::schema::SCHEMA_VERSION;
use super::writer::MAX_PENDING;
use crate::query::QueryError;

/// An index could not be opened, written or asked.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum IndexError {
    #[error("there is no index in {}; make one with `earmark ingest FILE --index {0}`", dir.display())]
    NoIndex { dir: PathBuf },
    #[error("{} is not a folder; an index is a folder, choose another name", dir.display())]
    NotAFolder { dir: PathBuf },
    #[error("{} holds other files and no index; choose a new or an empty folder", dir.display())]
    NotEmpty { dir: PathBuf },
    #[error("{} holds an index that was not made by earmark; choose another folder", dir.display())]
    Foreign { dir: PathBuf },
    #[error(
        "the index in {} has {found}, this earmark needs schema version {SCHEMA_VERSION}; \
         ingest the files again into a new folder",
        dir.display()
    )]
    OtherVersion { dir: PathBuf, found: String },
    #[error("the index in {} is being written by another process; wait until it is done", dir.display())]
    Locked { dir: PathBuf },
    #[error(transparent)]
    Query(#[from] QueryError),
    #[error("limit {limit} and offset {offset} reach too far; {what}")]
    Window { limit: usize, offset: usize, what: String },
    #[error("{what}")]
    Paging { what: &'static str },
    #[error("the counts need more than {max_cells} cells; choose a longer interval, a narrower query or another field")]
    TooManyCells { max_cells: usize },
    #[error("{MAX_PENDING} mentions wait for a commit; commit before adding more")]
    TooManyPending,
    #[error("the folder {} cannot be used: {source}", dir.display())]
    Folder { dir: PathBuf, source: std::io::Error },
    #[error("mention {id} cannot be written as JSON: {source}")]
    Record { id: String, source: serde_json::Error },
    #[error("a record in the index in {} cannot be read back: {source}; run `earmark doctor`", dir.display())]
    Stored { dir: PathBuf, source: serde_json::Error },
    #[error("the index in {} failed: {source}", dir.display())]
    Failed { dir: PathBuf, source: tantivy::TantivyError },
}

impl IndexError {
    /// True where the person gave something wrong (exit status 2), false where the machine or the engine failed.
    pub fn is_user_error(&self) -> bool {
        match self {
            IndexError::NoIndex { .. }
            | IndexError::NotAFolder { .. }
            | IndexError::NotEmpty { .. }
            | IndexError::Foreign { .. }
            | IndexError::OtherVersion { .. }
            | IndexError::Locked { .. }
            | IndexError::Query(_)
            | IndexError::Window { .. }
            | IndexError::Paging { .. }
            | IndexError::TooManyCells { .. } => true,
            IndexError::TooManyPending
            | IndexError::Folder { .. }
            | IndexError::Record { .. }
            | IndexError::Stored { .. }
            | IndexError::Failed { .. } => false,
        }
    }

    /// Says in which folder Tantivy failed.
    pub(super) fn failed<E: Into<tantivy::TantivyError>>(dir: &Path) -> impl Fn(E) -> IndexError {
        move |source| IndexError::Failed { dir: dir.to_path_buf(), source: source.into() }
    }
}
