//! What is asked of a trend.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::interval::Interval;
use crate::index::{Field, Measures};

/// Most buckets of one report.
pub const MAX_BUCKETS: usize = 10_000;
/// Most numbers in one report: buckets times values, times values of the second field.
pub const MAX_CELLS: usize = crate::index::MAX_CELLS;
/// Most values, pairs of values included, that a report lists with figures of the whole period.
pub const MAX_LISTED_VALUES: usize = 10_000;

/// Most values of the second field that a report lists with each value of the first.
pub const MAX_LISTED_PAIRS: usize = 100;

/// What to count.
#[derive(Debug, Clone)]
pub struct TrendRequest {
    /// Which mentions; empty or `*` selects all.
    pub query: String,
    /// Only mentions published at this time or later.
    pub since: Option<Timestamp>,
    /// Only mentions published before this time.
    pub until: Option<Timestamp>,
    /// By the values of which field; `None` only counts mentions.
    pub by: Option<Field>,
    /// And within each of them by the values of which other field; not looked at without a first one.
    pub then_by: Option<Field>,
    /// How long a bucket is.
    pub interval: Interval,
    /// Whose calendar and clock the buckets follow.
    pub tz: TimeZone,
    /// What to say beside the counts of each bucket, of each value over the whole period, and of all.
    pub measures: Measures,
    /// Compare with the period of the same length before; needs `since`. Without `until`, the period that is compared ends
    /// behind the newest mention of the whole index.
    pub compare: bool,
}

impl Default for TrendRequest {
    /// All mentions, by day, in UTC, by no field.
    fn default() -> Self {
        TrendRequest {
            query: String::new(),
            since: None,
            until: None,
            by: None,
            then_by: None,
            interval: Interval::DAY,
            tz: TimeZone::UTC,
            measures: Measures::default(),
            compare: false,
        }
    }
}
