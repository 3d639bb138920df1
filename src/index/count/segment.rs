//! The counts of one segment, or of a part of it, by its own numbers for values.

use std::collections::{BTreeMap, HashMap};

use tantivy::SegmentReader;

use super::authors::{MAX_SEEN, Seen};
use super::cells::Cells;
use super::columns::{TimeColumn, ValueBlock, ValueColumn};
use super::facts::{FactReader, Facts, Sums};
use super::scan::{BLOCK, Part};
use super::{MAX_GROUPS, TallyRequest, TimeSpan};

/// A value, and a value of the second field where there is one, as slots.
pub(super) type Group = (u32, Option<u32>);

/// What was counted in a segment, or a part of it.
pub(super) struct SegmentTally {
    pub span: TimeSpan,
    pub totals: Vec<u64>,
    pub by: Option<Counted>,
    pub then_by: Option<Counted>,
    /// By bucket and slot.
    pub cells: Vec<((u32, u32), u64)>,
    /// By bucket, slot and slot of the second field.
    pub pairs: Vec<((u32, u32, u32), u64)>,
    pub bucket_sums: Vec<Sums>,
    pub group_sums: HashMap<Group, Sums>,
    pub authors: Option<SegmentAuthors>,
    /// The limit that was exceeded; the counts are of no use then.
    pub exceeded: Option<usize>,
}

/// The values of a field that were counted.
pub(super) struct Counted {
    pub column: ValueColumn,
    /// Mentions by slot.
    pub totals: BTreeMap<u32, u64>,
}

/// Who was seen in a segment, each once in each place.
pub(super) struct SegmentAuthors {
    pub column: ValueColumn,
    pub buckets: Vec<(u32, u32)>,
    pub groups: Vec<(Group, u32)>,
}

/// A segment while it is being counted.
struct Counter<'r> {
    request: &'r TallyRequest,
    span: TimeSpan,
    totals: Vec<u64>,
    by: Option<FieldCounter>,
    then_by: Option<FieldCounter>,
    /// By bucket and slot, and by slots of both fields: how the counters are numbered.
    cells: Cells,
    pairs: Cells,
    then_totals: Cells,
    bucket_sums: Vec<Sums>,
    group_sums: HashMap<Group, Sums>,
    seen_in_buckets: Seen<u32>,
    seen_in_groups: Seen<Group>,
    exceeded: Option<usize>,
}

struct FieldCounter {
    column: ValueColumn,
    block: ValueBlock,
}

impl SegmentTally {
    /// Counts the documents that match.
    pub(super) fn count(part: &Part, request: &TallyRequest) -> tantivy::Result<SegmentTally> {
        let segment = part.segment;
        let times = TimeColumn::open(segment)?;
        let mut facts = FactReader::open(segment, request.measures)?;
        let mut counter = Counter::open(segment, request)?;
        let mut seconds = [None; BLOCK];
        part.for_each_block(|docs| {
            if counter.exceeded.is_some() {
                return;
            }
            times.read(docs, &mut seconds);
            for field in [&mut counter.by, &mut counter.then_by].into_iter().flatten() {
                field.column.read(docs, &mut field.block);
            }
            if let Some(facts) = &mut facts {
                facts.read(docs);
            }
            for (position, &second) in seconds[..docs.len()].iter().enumerate() {
                let Some(bucket) = counter.place(second) else { continue };
                counter.count(bucket, position);
                if let Some(facts) = &facts {
                    counter.sum_up(bucket, position, &facts.facts(position));
                }
            }
            counter.check_limits();
        })?;
        Ok(counter.finish(facts.and_then(|facts| facts.authors)))
    }
}

impl Counter<'_> {
    fn open<'r>(segment: &SegmentReader, request: &'r TallyRequest) -> tantivy::Result<Counter<'r>> {
        let field = |field| {
            ValueColumn::open(segment, field).map(|column| FieldCounter { column, block: ValueBlock::default() })
        };
        let by = request.by.map(field).transpose()?;
        let then_by = request.then_by.map(field).transpose()?;
        let slots = |field: &Option<FieldCounter>| field.as_ref().map_or(0, |field| field.column.slots());
        let buckets = request.buckets.len();
        let cells = (buckets as u64).checked_mul(slots(&by));
        let pairs = cells.and_then(|cells| cells.checked_mul(slots(&then_by)));
        let has_sums = request.measures.any();
        Ok(Counter {
            request,
            span: TimeSpan::default(),
            totals: vec![0; buckets],
            cells: Cells::new(cells.unwrap_or(0)),
            pairs: Cells::new(pairs.unwrap_or(0)),
            then_totals: Cells::new(slots(&then_by)),
            by,
            then_by,
            bucket_sums: vec![Sums::default(); if has_sums { buckets } else { 0 }],
            group_sums: HashMap::new(),
            seen_in_buckets: Seen::default(),
            seen_in_groups: Seen::default(),
            exceeded: pairs.is_none().then_some(request.max_cells),
        })
    }

    /// The bucket of a document, which is noted as published then.
    fn place(&mut self, second: Option<i64>) -> Option<usize> {
        match second {
            None => self.span.undated += 1,
            Some(second) => {
                let range = self.span.range.get_or_insert(second..=second);
                if !range.contains(&second) {
                    *range = second.min(*range.start())..=second.max(*range.end());
                }
            }
        }
        self.request.buckets.of(second)
    }

    fn count(&mut self, bucket: usize, position: usize) {
        self.totals[bucket] += 1;
        let Some(by) = &self.by else { return };
        for &slot in by.block.of(position) {
            let cell = bucket as u64 * by.column.slots() + u64::from(slot);
            self.cells.add(cell);
            for &then in self.then_by.iter().flat_map(|then_by| then_by.block.of(position)) {
                let then_slots = self.then_by.as_ref().map_or(1, |then_by| then_by.column.slots());
                self.pairs.add(cell * then_slots + u64::from(then));
            }
        }
        for &then in self.then_by.iter().flat_map(|then_by| then_by.block.of(position)) {
            self.then_totals.add(u64::from(then));
        }
    }

    fn sum_up(&mut self, bucket: usize, position: usize, facts: &Facts) {
        self.bucket_sums[bucket].add(facts);
        if let Some(author) = facts.author {
            self.seen_in_buckets.add(bucket as u32, author);
        }
        let Some(by) = &self.by else { return };
        for &slot in by.block.of(position) {
            let pairs = self.then_by.iter().flat_map(|then_by| then_by.block.of(position));
            for group in pairs.map(|&then| (slot, Some(then))).chain([(slot, None)]) {
                self.group_sums.entry(group).or_default().add(facts);
                if let Some(author) = facts.author {
                    self.seen_in_groups.add(group, author);
                }
            }
        }
    }

    fn check_limits(&mut self) {
        let max_cells = self.request.max_cells;
        if self.cells.sparse_len() > max_cells || self.pairs.sparse_len() > max_cells {
            self.exceeded = Some(max_cells);
        } else if self.group_sums.len() > 2 * MAX_GROUPS {
            self.exceeded = Some(MAX_GROUPS);
        } else if self.seen_in_buckets.is_full() || self.seen_in_groups.is_full() {
            self.exceeded = Some(MAX_SEEN);
        }
    }

    fn finish(self, authors: Option<ValueColumn>) -> SegmentTally {
        let slots = |field: &Option<FieldCounter>| field.as_ref().map_or(1, |field| field.column.slots());
        let (by_slots, then_slots) = (slots(&self.by), slots(&self.then_by));
        let cell = |key: u64| ((key / by_slots) as u32, (key % by_slots) as u32);
        let cells: Vec<((u32, u32), u64)> =
            self.cells.into_counts().into_iter().map(|(key, count)| (cell(key), u64::from(count))).collect();
        let pair = |(key, count): (u64, u32)| {
            let (bucket, slot) = cell(key / then_slots);
            ((bucket, slot, (key % then_slots) as u32), u64::from(count))
        };
        let mut totals = BTreeMap::new();
        for &((_, slot), count) in &cells {
            *totals.entry(slot).or_default() += count;
        }
        let then_totals = self.then_totals.into_counts().into_iter();
        let then_totals = then_totals.map(|(slot, count)| (slot as u32, u64::from(count))).collect();
        SegmentTally {
            span: self.span,
            totals: self.totals,
            by: self.by.map(|field| Counted { column: field.column, totals }),
            then_by: self.then_by.map(|field| Counted { column: field.column, totals: then_totals }),
            cells,
            pairs: self.pairs.into_counts().into_iter().map(pair).collect(),
            bucket_sums: self.bucket_sums,
            group_sums: self.group_sums,
            authors: authors.map(|column| SegmentAuthors {
                column,
                buckets: self.seen_in_buckets.into_pairs(),
                groups: self.seen_in_groups.into_pairs(),
            }),
            exceeded: self.exceeded,
        }
    }
}
