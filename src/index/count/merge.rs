//! The counts of all segments together.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use super::authors::{Authors, MAX_SEEN, Seen};
use super::segment::{Counted, Group, SegmentAuthors, SegmentTally};
use super::values::Values;
use super::{MAX_GROUPS, Sums, Tally, TallyRequest};

/// The numbers of values over all segments by the slots of one.
type Numbers = HashMap<u32, u32>;

/// Puts the counts of segments together; `Err` with the limit where there are too many.
pub(super) fn merge(request: &TallyRequest, segments: Vec<SegmentTally>) -> tantivy::Result<Result<Tally, usize>> {
    let mut merger = Merger::default();
    let buckets = request.buckets.len();
    merger.tally.totals = vec![0; buckets];
    merger.tally.bucket_sums = vec![Sums::default(); if request.measures.any() { buckets } else { 0 }];
    for segment in segments {
        merger.add(segment)?;
        let Tally { cells, pairs, value_sums, pair_sums, .. } = &merger.tally;
        if cells.len().max(pairs.len()) > request.max_cells {
            return Ok(Err(request.max_cells));
        }
        if value_sums.len().max(pair_sums.len()) > MAX_GROUPS {
            return Ok(Err(MAX_GROUPS));
        }
        if merger.seen_in_buckets.is_full() || merger.seen_in_groups.is_full() {
            return Ok(Err(MAX_SEEN));
        }
    }
    Ok(Ok(merger.finish()))
}

#[derive(Default)]
struct Merger {
    tally: Tally,
    values: Values,
    then_values: Values,
    authors: Authors,
    seen_in_buckets: Seen<u32>,
    seen_in_groups: Seen<Group>,
}

impl Merger {
    fn add(&mut self, segment: SegmentTally) -> tantivy::Result<()> {
        let numbers = |values: &mut Values, counted: &Option<Counted>| match counted {
            None => Ok(Numbers::new()),
            Some(Counted { column, totals }) => values.add(column, totals),
        };
        let by = numbers(&mut self.values, &segment.by)?;
        let then_by = numbers(&mut self.then_values, &segment.then_by)?;
        let tally = &mut self.tally;
        tally.span.undated += segment.span.undated;
        tally.span.range = join(tally.span.range.take(), segment.span.range);
        tally.totals.iter_mut().zip(segment.totals).for_each(|(total, more)| *total += more);
        for ((bucket, slot), count) in segment.cells {
            *tally.cells.entry((bucket, by[&slot])).or_default() += count;
        }
        for ((bucket, slot, then), count) in segment.pairs {
            *tally.pairs.entry((bucket, by[&slot], then_by[&then])).or_default() += count;
        }
        tally.bucket_sums.iter_mut().zip(&segment.bucket_sums).for_each(|(sums, more)| sums.merge(more));
        for ((slot, then), sums) in &segment.group_sums {
            let sums_of_all = match then {
                None => tally.value_sums.entry(by[slot]).or_default(),
                Some(then) => tally.pair_sums.entry((by[slot], then_by[then])).or_default(),
            };
            sums_of_all.merge(sums);
        }
        segment.authors.map_or(Ok(()), |authors| self.add_authors(&authors, &by, &then_by))
    }

    fn add_authors(&mut self, authors: &SegmentAuthors, by: &Numbers, then_by: &Numbers) -> tantivy::Result<()> {
        let mut slots: Vec<u32> = authors.buckets.iter().map(|&(_, slot)| slot).collect();
        slots.sort_unstable();
        slots.dedup();
        let numbers = self.authors.numbers(&authors.column, &slots)?;
        for &(bucket, author) in &authors.buckets {
            self.seen_in_buckets.add(bucket, numbers[&author]);
        }
        for &((slot, then), author) in &authors.groups {
            self.seen_in_groups.add((by[&slot], then.map(|then| then_by[&then])), numbers[&author]);
        }
        Ok(())
    }

    fn finish(self) -> Tally {
        let mut tally = self.tally;
        tally.bucket_sums.iter().for_each(|sums| tally.sums.merge(sums));
        tally.sums.authors = self.authors.len();
        for (bucket, _) in self.seen_in_buckets.into_pairs() {
            tally.bucket_sums[bucket as usize].authors += 1;
        }
        for ((value, then), _) in self.seen_in_groups.into_pairs() {
            let sums = match then {
                None => tally.value_sums.entry(value).or_default(),
                Some(then) => tally.pair_sums.entry((value, then)).or_default(),
            };
            sums.authors += 1;
        }
        tally.then_totals = self.then_values.totals();
        tally.values = self.values.into_names();
        tally.then_values = self.then_values.into_names();
        tally
    }
}

/// The range from the beginning of the earlier to the end of the later one.
pub(super) fn join(
    one: Option<RangeInclusive<i64>>,
    other: Option<RangeInclusive<i64>>,
) -> Option<RangeInclusive<i64>> {
    match (one, other) {
        (Some(one), Some(other)) => Some(*one.start().min(other.start())..=*one.end().max(other.end())),
        (one, other) => one.or(other),
    }
}
