//! What can go wrong with a whole input, as opposed to one of its records.

use std::io;

use thiserror::Error;

use super::fields::TEXT_NAMES;

/// Columns that a message lists before it says how many more there are.
const MAX_LISTED_COLUMNS: usize = 20;

/// An input that cannot be read, or can be read only in part.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum InputError {
    /// The file could not be opened.
    #[error("cannot open {file}: {source}")]
    Open {
        /// Name of the input, as it was given.
        file: String,
        /// What the system said.
        source: io::Error,
    },
    /// The name is that of a folder.
    #[error("{file} is a folder; name the files in it")]
    Folder {
        /// Name of the input, as it was given.
        file: String,
    },
    /// The content is not text.
    #[error("{file} looks like {what}; {advice}")]
    NotText {
        /// Name of the input, as it was given.
        file: String,
        /// What it seems to be.
        what: &'static str,
        /// How to turn it into something that can be read.
        advice: &'static str,
    },
    /// No row among the first lines of a CSV file names a column for the text.
    #[error(
        "{file} has no text column: found {}; name one of them {}, or save the records as one JSON object a line",
        listed(columns),
        TEXT_NAMES.join(", ")
    )]
    NoTextColumn {
        /// Name of the input, as it was given.
        file: String,
        /// The cells of the first row, which should have been the header.
        columns: Vec<String>,
    },
    /// The header of a CSV file names too many columns.
    #[error("{file} has {found} columns, more than the {max} that are read; drop the ones that are not needed")]
    TooManyColumns {
        /// Name of the input, as it was given.
        file: String,
        /// Columns in the header.
        found: usize,
        /// Columns allowed.
        max: usize,
    },
    /// Reading or decompressing failed after the input was opened; all that came before was delivered.
    #[error("{file} is damaged at line {line}: {source}; everything before that line was read")]
    Damaged {
        /// Name of the input, as it was given.
        file: String,
        /// First line that could not be read in full, counting from 1.
        line: u64,
        /// What the system or the decompressor said.
        source: io::Error,
    },
    /// The side file of rejects could not be written.
    #[error("cannot write the rejects to {file}: {source}")]
    WriteRejects {
        /// Path of the side file.
        file: String,
        /// What the system said.
        source: io::Error,
    },
}

impl InputError {
    /// True where the person gave something wrong, such as a path or a file of another kind; false where the machine
    /// failed or the data is damaged.
    pub fn is_user_error(&self) -> bool {
        match self {
            InputError::Open { source, .. } => matches!(
                source.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied | io::ErrorKind::InvalidInput
            ),
            InputError::Folder { .. }
            | InputError::NotText { .. }
            | InputError::NoTextColumn { .. }
            | InputError::TooManyColumns { .. } => true,
            InputError::Damaged { .. } | InputError::WriteRejects { .. } => false,
        }
    }
}

fn listed(columns: &[String]) -> String {
    let quoted: Vec<String> =
        columns.iter().take(MAX_LISTED_COLUMNS).map(|name| format!("{:?}", shown(name))).collect();
    match columns.len() - quoted.len() {
        0 => quoted.join(", "),
        more => format!("{} and {more} more", quoted.join(", ")),
    }
}

/// Characters of a foreign value that a message repeats.
const MAX_SHOWN_CHARS: usize = 40;

/// The beginning of a foreign value, short enough for a message.
pub(super) fn shown(value: &str) -> String {
    match value.char_indices().nth(MAX_SHOWN_CHARS) {
        Some((end, _)) => format!("{}…", &value[..end]),
        None => value.to_string(),
    }
}
