//! Why a trend cannot be counted.

use jiff::Timestamp;

use super::interval::Interval;
use super::request::{MAX_BUCKETS, MAX_CELLS};
use crate::index::IndexError;

/// A trend could not be counted.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum TrendError {
    #[error(transparent)]
    Index(#[from] IndexError),
    #[error(
        "from the first mention to the last there are more than {MAX_BUCKETS} buckets of {interval}; \
         choose a longer interval or bounds of time"
    )]
    TooManyBuckets { interval: Interval },
    #[error(
        "{buckets} buckets with {values} values each are more than {MAX_CELLS} numbers; \
         choose a longer interval, bounds of time or another field"
    )]
    TooManyCells { buckets: usize, values: usize },
    #[error("a comparison with the period before needs to know where this one begins; say since when")]
    CompareSince,
    #[error(
        "a comparison with the period before needs to know where this one ends, and the index has no mention since {since}; \
         say until when"
    )]
    CompareUntil { since: Timestamp },
}

impl TrendError {
    /// True where the person gave something wrong (exit status 2), false where the machine or the engine failed.
    pub fn is_user_error(&self) -> bool {
        match self {
            TrendError::Index(error) => error.is_user_error(),
            TrendError::TooManyBuckets { .. }
            | TrendError::TooManyCells { .. }
            | TrendError::CompareSince
            | TrendError::CompareUntil { .. } => true,
        }
    }
}
