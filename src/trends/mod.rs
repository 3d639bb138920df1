//! Trends: how many mentions, of what kind, over time. Exact counts in buckets of the calendar of a time zone.

mod distinctive;
mod interval;
mod report;

#[cfg(test)]
mod tests;

pub use distinctive::{DistinctiveTerm, DistinctiveTerms, MAX_TERMS, MIN_MENTIONS, distinctive_terms};
pub use interval::{Interval, IntervalError};
pub use report::{Bucket, Counts, MAX_BUCKETS, MAX_CELLS, TrendError, TrendReport, TrendRequest, trend};

pub use crate::index::Field;
