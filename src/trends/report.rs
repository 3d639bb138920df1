//! Trend reports: what is asked, and the answer as everyone sees it.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::interval::Interval;
use crate::index::{Buckets, Field, IndexError, MentionIndex, Starts, TallyRequest};
use crate::mention::Label;
use crate::query::QueryContext;

/// Most buckets of one report.
pub const MAX_BUCKETS: usize = 10_000;
/// Most numbers in one report: buckets times values.
pub const MAX_CELLS: usize = 1_000_000;

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
    /// How long a bucket is.
    pub interval: Interval,
    /// Whose calendar and clock the buckets follow.
    pub tz: TimeZone,
}

/// Mentions over time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TrendReport {
    /// Mentions in all buckets.
    pub total: u64,
    /// The interval that was asked for.
    pub interval: Interval,
    /// Name of the time zone, or its offset where it has none.
    pub tz: String,
    /// The field that was asked for.
    pub by: Option<Field>,
    /// The query that was asked for.
    pub query: String,
    /// True where one mention can be counted under several values, so that the counts of a bucket need not add up to
    /// its total; only written where true.
    #[serde(skip_serializing_if = "is_false")]
    pub multi_valued: bool,
    /// Mentions that match but say no time; they are in no bucket.
    pub undated: u64,
    /// Every bucket from that of the first mention to that of the last.
    pub buckets: Vec<Bucket>,
}

/// Mentions of one stretch of time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bucket {
    /// Its first moment; it ends where the next one starts.
    #[serde(serialize_with = "write_start")]
    pub start: Zoned,
    /// Mentions in it.
    pub total: u64,
    /// Mentions by value.
    pub counts: Counts,
}

/// Mentions by value: the same values, in the same order, in every bucket of a report.
#[derive(Debug, Clone, PartialEq)]
pub struct Counts {
    values: Arc<[String]>,
    numbers: Vec<u64>,
}

impl Counts {
    /// The values with their counts. Sentiments are in the order of [`Label::ALL`], then `unscored`; other values by
    /// their count in the whole report, highest first, then by name. Mentions without a value are `(none)`.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u64)> {
        self.values.iter().map(String::as_str).zip(self.numbers.iter().copied())
    }

    /// The count of one value, 0 where the report does not have it.
    pub fn get(&self, value: &str) -> u64 {
        self.iter().find(|(name, _)| *name == value).map_or(0, |(_, count)| count)
    }
}

impl Serialize for Counts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.numbers.len()))?;
        for (value, count) in self.iter() {
            map.serialize_entry(value, &count)?;
        }
        map.end()
    }
}

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
}

impl TrendError {
    /// True where the person gave something wrong (exit status 2), false where the machine or the engine failed.
    pub fn is_user_error(&self) -> bool {
        match self {
            TrendError::Index(error) => error.is_user_error(),
            TrendError::TooManyBuckets { .. } | TrendError::TooManyCells { .. } => true,
        }
    }
}

/// Counts mentions over time, exactly.
pub fn trend(index: &MentionIndex, request: &TrendRequest) -> Result<TrendReport, TrendError> {
    let TrendRequest { query, since, until, by, interval, tz } = request;
    let context = QueryContext { zone: tz.clone(), now: Timestamp::now() };
    let selection = index.select(query, *since, *until, &context)?;
    let span = selection.time_span()?;
    let starts = match &span.range {
        None => Vec::new(),
        Some(range) => {
            interval.starts(tz, range, MAX_BUCKETS).ok_or(TrendError::TooManyBuckets { interval: *interval })?
        }
    };
    let tally = selection.tally(&TallyRequest::counts(Buckets::Starts(Starts::new(starts.clone())), *by))?;
    let (buckets, values) = (starts.len(), tally.values.len());
    if buckets.saturating_mul(values) > MAX_CELLS {
        return Err(TrendError::TooManyCells { buckets, values });
    }
    let order = order_of_values(*by, &tally.values, &tally.cells);
    let values: Arc<[String]> = order.iter().map(|&value| tally.values[value as usize].clone()).collect();
    let bucket = |(number, start): (usize, &i64)| Bucket {
        start: Timestamp::from_second(*start).unwrap_or_default().to_zoned(tz.clone()),
        total: tally.totals[number],
        counts: Counts {
            values: values.clone(),
            numbers: order
                .iter()
                .map(|&value| tally.cells.get(&(number as u32, value)).copied().unwrap_or_default())
                .collect(),
        },
    };
    Ok(TrendReport {
        total: tally.totals.iter().sum(),
        interval: *interval,
        tz: zone_name(tz),
        by: *by,
        query: query.clone(),
        multi_valued: by.is_some_and(Field::is_multi_valued),
        undated: span.undated,
        buckets: starts.iter().enumerate().map(bucket).collect(),
    })
}

/// The numbers of the values in the order of the report.
fn order_of_values(by: Option<Field>, names: &[String], cells: &HashMap<(u32, u32), u64>) -> Vec<u32> {
    let mut totals = vec![0u64; names.len()];
    for (&(_, value), count) in cells {
        totals[value as usize] += count;
    }
    let rank = |name: &str| match by {
        Some(Field::Sentiment) => {
            Label::ALL.iter().position(|label| label.as_str() == name).unwrap_or(Label::ALL.len())
        }
        _ => 0,
    };
    let mut order: Vec<u32> = (0..names.len() as u32).collect();
    order.sort_by(|&a, &b| {
        let (a, b) = (a as usize, b as usize);
        rank(&names[a]).cmp(&rank(&names[b])).then(totals[b].cmp(&totals[a])).then_with(|| names[a].cmp(&names[b]))
    });
    order
}

fn zone_name(zone: &TimeZone) -> String {
    match (zone.iana_name(), zone.to_fixed_offset()) {
        (Some(name), _) => name.to_owned(),
        (None, Ok(offset)) => offset.to_string(),
        (None, Err(_)) => "local".to_owned(),
    }
}

/// Writes a time as RFC 3339: with the offset of its zone, `Z` for UTC itself.
fn write_start<S: Serializer>(start: &Zoned, serializer: S) -> Result<S::Ok, S::Error> {
    if *start.time_zone() == TimeZone::UTC {
        serializer.collect_str(&start.timestamp())
    } else {
        serializer.collect_str(&start.timestamp().display_with_offset(start.offset()))
    }
}

fn is_false(value: &bool) -> bool {
    !value
}
