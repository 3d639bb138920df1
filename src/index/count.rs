//! Counting: exact numbers of selected mentions by time and value, straight from the columns.

use std::collections::{BTreeMap, HashMap};
use std::ops::RangeInclusive;

use tantivy::columnar::StrColumn;
use tantivy::fastfield::{AliveBitSet, Column};
use tantivy::query::{EnableScoring, Weight};
use tantivy::{DateTime, DocId, SegmentReader};

use super::error::IndexError;
use super::reader::Selection;
use super::schema::{CREATED_AT, Field};
use crate::text::keys::keyword_key;

/// Most (bucket, value) pairs of one count.
const MAX_CELLS: usize = 1_000_000;

/// The name under which mentions without a value are counted.
const NO_VALUE: &str = "(none)";

/// When selected mentions were published.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct TimeSpan {
    /// The first and the last time, in seconds since 1970; `None` where no mention has one.
    pub range: Option<RangeInclusive<i64>>,
    /// Mentions without a time.
    pub undated: u64,
}

/// Mentions by bucket, and by bucket and value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Mentions in each bucket.
    pub totals: Vec<u64>,
    /// The values, each in its most frequent spelling (of equals, the first in the alphabet); in no special order.
    pub values: Vec<String>,
    /// Mentions by bucket and value, as positions in `totals` and `values`.
    pub cells: HashMap<(u32, u32), u64>,
}

impl Selection<'_> {
    /// When the selected mentions were published.
    pub(crate) fn time_span(&self) -> Result<TimeSpan, IndexError> {
        let mut span = TimeSpan::default();
        self.for_each_segment(|segment, weight| {
            let dates = column(segment)?;
            for_each_alive(segment, weight, |doc| match dates.as_ref().and_then(|dates| dates.first(doc)) {
                None => span.undated += 1,
                Some(date) => {
                    let seconds = date.into_timestamp_secs();
                    let range = span.range.get_or_insert(seconds..=seconds);
                    if !range.contains(&seconds) {
                        *range = seconds.min(*range.start())..=seconds.max(*range.end());
                    }
                }
            })
        })?;
        Ok(span)
    }

    /// Counts the selected mentions in buckets of time. Each bucket reaches from its start (seconds since 1970,
    /// ascending) to the next one's, the last one without end; mentions before the first or without a time are not
    /// counted.
    pub(crate) fn tally(&self, starts: &[i64], by: Option<Field>) -> Result<Tally, IndexError> {
        let mut tally = Tally { totals: vec![0; starts.len()], ..Tally::default() };
        let mut values = Values::default();
        let mut within_limit = true;
        self.for_each_segment(|segment, weight| {
            if !within_limit {
                return Ok(());
            }
            let counter = SegmentCounter::count(segment, weight, Some(starts), by, &mut tally.totals)?;
            within_limit = counter.cells.len() <= MAX_CELLS;
            if within_limit {
                values.add(&counter, &mut tally.cells)?;
                within_limit = tally.cells.len() <= MAX_CELLS;
            }
            Ok(())
        })?;
        if !within_limit {
            return Err(IndexError::TooManyCells { max_cells: MAX_CELLS });
        }
        tally.values = values.into_names();
        Ok(tally)
    }

    /// Counts all selected mentions by the values of a field, most frequent first, of equals in the order of the alphabet.
    pub(super) fn value_counts(&self, field: Field) -> Result<Vec<(String, u64)>, IndexError> {
        let mut values = Values::default();
        let mut cells = HashMap::new();
        let mut within_limit = true;
        self.for_each_segment(|segment, weight| {
            within_limit = within_limit && cells.len() <= MAX_CELLS;
            if within_limit {
                let counter = SegmentCounter::count(segment, weight, None, Some(field), &mut [0])?;
                within_limit = counter.cells.len() <= MAX_CELLS;
                values.add(&counter, &mut cells)?;
            }
            Ok(())
        })?;
        if !within_limit {
            return Err(IndexError::TooManyCells { max_cells: MAX_CELLS });
        }
        let names = values.into_names();
        let mut counts: Vec<(String, u64)> =
            cells.into_iter().map(|((_, value), count)| (names[value as usize].clone(), count)).collect();
        counts.sort_by(|(a, a_count), (b, b_count)| b_count.cmp(a_count).then_with(|| a.cmp(b)));
        Ok(counts)
    }

    fn for_each_segment(
        &self,
        mut visit: impl FnMut(&SegmentReader, &dyn Weight) -> tantivy::Result<()>,
    ) -> Result<(), IndexError> {
        let failed = IndexError::failed(self.dir);
        let weight = self.query.weight(EnableScoring::disabled_from_searcher(&self.searcher)).map_err(failed)?;
        let segments = self.searcher.segment_readers();
        segments.iter().try_for_each(|segment| visit(segment, weight.as_ref())).map_err(IndexError::failed(self.dir))
    }
}

fn column(segment: &SegmentReader) -> tantivy::Result<Option<Column<DateTime>>> {
    segment.fast_fields().column_opt(CREATED_AT)
}

/// Visits the documents of a segment that match and are not deleted.
fn for_each_alive(segment: &SegmentReader, weight: &dyn Weight, mut visit: impl FnMut(DocId)) -> tantivy::Result<()> {
    let alive: Option<&AliveBitSet> = segment.alive_bitset();
    weight.for_each_no_score(segment, &mut |docs| {
        docs.iter().filter(|&&doc| alive.is_none_or(|alive| alive.is_alive(doc))).for_each(|&doc| visit(doc));
    })
}

/// The counts of one segment, by its own numbers for values.
struct SegmentCounter {
    values: Option<StrColumn>,
    /// By bucket and ordinal; `None` stands for mentions without a value.
    cells: HashMap<(u32, Option<u64>), u64>,
}

impl SegmentCounter {
    /// Counts, in one bucket for all where there are no starts; stops adding cells soon after there are more than
    /// [`MAX_CELLS`].
    fn count(
        segment: &SegmentReader,
        weight: &dyn Weight,
        starts: Option<&[i64]>,
        by: Option<Field>,
        totals: &mut [u64],
    ) -> tantivy::Result<SegmentCounter> {
        let dates = column(segment)?;
        let values = by.map(|field| segment.fast_fields().str(field.name())).transpose()?.flatten();
        let mut cells: HashMap<(u32, Option<u64>), u64> = HashMap::new();
        for_each_alive(segment, weight, |doc| {
            let bucket = match starts {
                None => Some(0),
                Some(starts) => dates.as_ref().and_then(|dates| dates.first(doc)).and_then(|date| {
                    starts.partition_point(|&start| start <= date.into_timestamp_secs()).checked_sub(1)
                }),
            };
            let Some(bucket) = bucket else { return };
            totals[bucket] += 1;
            if by.is_none() || cells.len() > MAX_CELLS {
                return;
            }
            let mut without = true;
            for ordinal in values.iter().flat_map(|values| values.term_ords(doc)) {
                *cells.entry((bucket as u32, Some(ordinal))).or_default() += 1;
                without = false;
            }
            if without {
                *cells.entry((bucket as u32, None)).or_default() += 1;
            }
        })?;
        Ok(SegmentCounter { values, cells })
    }
}

/// The values found so far, over all segments, spellings of one value taken together.
#[derive(Default)]
struct Values {
    number_by_key: HashMap<String, u32>,
    /// For each value, how often each of its spellings was counted.
    spellings: Vec<HashMap<String, u64>>,
}

impl Values {
    /// Adds the counts of a segment to those of all.
    fn add(&mut self, counter: &SegmentCounter, cells: &mut HashMap<(u32, u32), u64>) -> tantivy::Result<()> {
        let mut count_by_ordinal: BTreeMap<Option<u64>, u64> = BTreeMap::new();
        for (&(_, ordinal), &count) in &counter.cells {
            *count_by_ordinal.entry(ordinal).or_default() += count;
        }
        let mut number_by_ordinal: HashMap<Option<u64>, u32> = HashMap::new();
        if let Some(without) = count_by_ordinal.remove(&None) {
            number_by_ordinal.insert(None, self.number(NO_VALUE.to_owned(), without));
        }
        let ordinals: Vec<u64> = count_by_ordinal.keys().copied().flatten().collect();
        if let Some(values) = &counter.values {
            let mut counted = count_by_ordinal.into_iter();
            values.dictionary().sorted_ords_to_term_cb(&ordinals, |spelling| {
                if let Some((ordinal, count)) = counted.next() {
                    let spelling = String::from_utf8_lossy(spelling).into_owned();
                    number_by_ordinal.insert(ordinal, self.number(spelling, count));
                }
            })?;
        }
        for (&(bucket, ordinal), &count) in &counter.cells {
            *cells.entry((bucket, number_by_ordinal[&ordinal])).or_default() += count;
        }
        Ok(())
    }

    fn number(&mut self, spelling: String, count: u64) -> u32 {
        let spellings = &mut self.spellings;
        let number = *self.number_by_key.entry(keyword_key(&spelling)).or_insert_with(|| {
            spellings.push(HashMap::new());
            spellings.len() as u32 - 1
        });
        *spellings[number as usize].entry(spelling).or_default() += count;
        number
    }

    fn into_names(self) -> Vec<String> {
        let most_frequent = |spellings: HashMap<String, u64>| {
            let best = spellings.into_iter().max_by(|(a, a_count), (b, b_count)| a_count.cmp(b_count).then(b.cmp(a)));
            best.map(|(spelling, _)| spelling).unwrap_or_default()
        };
        self.spellings.into_iter().map(most_frequent).collect()
    }
}
