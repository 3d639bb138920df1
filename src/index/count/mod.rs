//! Counting: exact numbers of selected mentions by time and value, straight from the columns.
//!
//! Segments, and parts of large ones, are counted beside each other (`scan`), each by its own numbers for values (`segment`);
//! their counts are then put together in their order (`merge`), spellings of one value as one (`values`).

mod authors;
mod buckets;
mod cells;
mod columns;
mod facts;
mod merge;
mod scan;
mod segment;
mod series;
mod values;

use std::collections::HashMap;
use std::ops::RangeInclusive;

use super::error::IndexError;
use super::reader::Selection;
use super::schema::Field;
use crate::query::TimeRange;
pub(crate) use buckets::{Buckets, Starts};
pub use facts::Measures;
pub(crate) use facts::{Sum, Sums};
pub(crate) use series::StepCell;
pub(crate) use values::NO_VALUE;

/// Most numbers of one count: (bucket, value) pairs, with the values of a second field each for itself.
pub(crate) const MAX_CELLS: usize = 1_000_000;
/// Most values, and pairs of values, of which more than a count is wanted.
pub(crate) const MAX_GROUPS: usize = 100_000;

/// When selected mentions were published.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct TimeSpan {
    /// The first and the last time, in seconds since 1970; `None` where no mention has one.
    pub range: Option<RangeInclusive<i64>>,
    /// Mentions without a time.
    pub undated: u64,
}

/// What to count.
#[derive(Debug, Clone)]
pub(crate) struct TallyRequest {
    /// Where in time each mention belongs.
    pub buckets: Buckets,
    /// By the values of which field.
    pub by: Option<Field>,
    /// And by the values of which other one; only beside a first.
    pub then_by: Option<Field>,
    /// What to sum up beside the counts.
    pub measures: Measures,
    /// Most numbers to count; more are an error.
    pub max_cells: usize,
}

impl TallyRequest {
    /// Only counts, within the usual limit.
    pub(crate) fn counts(buckets: Buckets, by: Option<Field>) -> TallyRequest {
        TallyRequest { buckets, by, then_by: None, measures: Measures::default(), max_cells: MAX_CELLS }
    }
}

/// Mentions by bucket and by value. Values are named by their positions in `values` and `then_values`.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Tally {
    /// When the selected mentions were published, in a bucket or not.
    pub span: TimeSpan,
    /// Mentions in each bucket.
    pub totals: Vec<u64>,
    /// The values, each in its most frequent spelling (of equals, the first in the alphabet); in no special order.
    pub values: Vec<String>,
    /// Those of the second field.
    pub then_values: Vec<String>,
    /// Mentions by bucket and value.
    pub cells: HashMap<(u32, u32), u64>,
    /// Mentions by bucket, value and value of the second field.
    pub pairs: HashMap<(u32, u32, u32), u64>,
    /// Mentions by value of the second field, in all buckets.
    pub then_totals: Vec<u64>,
    /// What was summed up in each bucket; empty where nothing was asked for.
    pub bucket_sums: Vec<Sums>,
    /// The same for each value, over all buckets.
    pub value_sums: HashMap<u32, Sums>,
    /// The same for each pair of values, over all buckets.
    pub pair_sums: HashMap<(u32, u32), Sums>,
    /// The same for all mentions in any bucket.
    pub sums: Sums,
}

impl Selection<'_> {
    /// When the selected mentions were published.
    pub(crate) fn time_span(&self) -> Result<TimeSpan, IndexError> {
        Ok(self.tally(&TallyRequest::counts(Buckets::Whole, None))?.span)
    }

    /// Times between which all selected mentions were published that have one, from what the columns say of themselves: it
    /// costs next to nothing, and may reach too far to both sides.
    pub(crate) fn outer_range(&self) -> Result<Option<RangeInclusive<i64>>, IndexError> {
        let mut outer: Option<RangeInclusive<i64>> = None;
        for segment in self.searcher.segment_readers() {
            let range = columns::TimeColumn::open(segment).map_err(IndexError::failed(self.dir))?.outer_range();
            outer = merge::join(outer, range);
        }
        let TimeRange { from, until } = self.range;
        let within = outer.map(|outer| {
            let from = from.map_or(*outer.start(), |from| from.max(*outer.start()));
            from..=until.map_or(*outer.end(), |until| (until - 1).min(*outer.end()))
        });
        Ok(within.filter(|range| !range.is_empty()))
    }

    /// Counts the selected mentions.
    pub(crate) fn tally(&self, request: &TallyRequest) -> Result<Tally, IndexError> {
        let segments = self.scan(|part| segment::SegmentTally::count(part, request))?;
        let too_many = |max_cells: usize| IndexError::TooManyCells { max_cells };
        if let Some(max_cells) = segments.iter().find_map(|segment| segment.exceeded) {
            return Err(too_many(max_cells));
        }
        merge::merge(request, segments).map_err(IndexError::failed(self.dir))?.map_err(too_many)
    }

    /// Counts all selected mentions by the values of a field, most frequent first, of equals in the order of the alphabet.
    pub(super) fn value_counts(&self, field: Field) -> Result<Vec<(String, u64)>, IndexError> {
        let Tally { cells, values, .. } = self.tally(&TallyRequest::counts(Buckets::Whole, Some(field)))?;
        let mut counts: Vec<(String, u64)> =
            cells.into_iter().map(|((_, value), count)| (values[value as usize].clone(), count)).collect();
        counts.sort_by(|(a, a_count), (b, b_count)| b_count.cmp(a_count).then_with(|| a.cmp(b)));
        Ok(counts)
    }
}
