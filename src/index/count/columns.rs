//! Columns, read for a block of documents at a time.

use std::ops::RangeInclusive;

use tantivy::columnar::{Cardinality, StrColumn};
use tantivy::{DateTime, DocId, SegmentReader};

use super::scan::BLOCK;
use crate::index::schema::{CREATED_AT, Field};

type Column<T> = tantivy::fastfield::Column<T>;

/// A column with at most one number for each document; `None` where no document of the segment has one.
pub(super) struct NumberColumn<T>(Option<Column<T>>);

impl<T: Copy + PartialOrd + std::fmt::Debug + Send + Sync + 'static> NumberColumn<T> {
    pub(super) fn new(column: Option<Column<T>>) -> NumberColumn<T> {
        NumberColumn(column)
    }

    /// Puts the numbers of a block of documents in.
    pub(super) fn read(&self, docs: &[DocId], numbers: &mut [Option<T>; BLOCK]) {
        let numbers = &mut numbers[..docs.len()];
        numbers.fill(None);
        if let Some(column) = &self.0 {
            column.first_vals(docs, numbers);
        }
    }
}

/// The times of publication.
pub(super) struct TimeColumn(NumberColumn<DateTime>);

impl TimeColumn {
    pub(super) fn open(segment: &SegmentReader) -> tantivy::Result<TimeColumn> {
        Ok(TimeColumn(NumberColumn(segment.fast_fields().column_opt(CREATED_AT)?)))
    }

    /// Seconds between which all times of the segment lie, deleted documents' too; `None` where there are none.
    pub(super) fn outer_range(&self) -> Option<RangeInclusive<i64>> {
        let column = self.0.0.as_ref().filter(|column| column.values.num_vals() > 0)?;
        Some(column.min_value().into_timestamp_secs()..=column.max_value().into_timestamp_secs())
    }

    /// Puts the times of a block of documents in, in seconds since 1970.
    pub(super) fn read(&self, docs: &[DocId], seconds: &mut [Option<i64>; BLOCK]) {
        let mut times = [None; BLOCK];
        self.0.read(docs, &mut times);
        for (second, time) in seconds.iter_mut().zip(&times[..docs.len()]) {
            *second = time.map(DateTime::into_timestamp_secs);
        }
    }
}

/// The values of a field. In a segment they are slots: the position of the spelling in the segment's dictionary, and one
/// more for mentions without a value.
pub(super) struct ValueColumn {
    column: Option<StrColumn>,
    /// The slot of mentions without a value.
    pub none: u32,
}

impl ValueColumn {
    pub(super) fn open(segment: &SegmentReader, field: Field) -> tantivy::Result<ValueColumn> {
        let column = segment.fast_fields().str(field.name())?;
        let none = column.as_ref().map_or(0, |column| column.dictionary().num_terms() as u32);
        Ok(ValueColumn { column, none })
    }

    /// How many slots there are.
    pub(super) fn slots(&self) -> u64 {
        u64::from(self.none) + 1
    }

    /// Calls `name` with every slot of the given ones, ascending, that has a spelling.
    pub(super) fn spellings(&self, slots: &[u32], mut name: impl FnMut(u32, String)) -> tantivy::Result<()> {
        let Some(column) = &self.column else { return Ok(()) };
        let ordinals: Vec<u64> = slots.iter().filter(|&&slot| slot < self.none).map(|&slot| u64::from(slot)).collect();
        let mut slots = slots.iter();
        column.dictionary().sorted_ords_to_term_cb(&ordinals, |spelling| {
            if let Some(&slot) = slots.next() {
                name(slot, String::from_utf8_lossy(spelling).into_owned());
            }
        })?;
        Ok(())
    }

    /// The slots of a block of documents.
    pub(super) fn read(&self, docs: &[DocId], block: &mut ValueBlock) {
        block.slots.clear();
        block.ends.clear();
        let Some(ordinals) = self.column.as_ref().map(|column| column.ords()) else {
            block.slots.resize(docs.len(), self.none);
            block.ends.extend(1..=docs.len() as u32);
            return;
        };
        if ordinals.get_cardinality() == Cardinality::Multivalued {
            for &doc in docs {
                let before = block.slots.len();
                block.slots.extend(ordinals.values_for_doc(doc).map(|ordinal| ordinal as u32));
                if block.slots.len() == before {
                    block.slots.push(self.none);
                }
                block.ends.push(block.slots.len() as u32);
            }
            return;
        }
        let mut first = [None; BLOCK];
        ordinals.first_vals(docs, &mut first[..docs.len()]);
        block
            .slots
            .extend(first[..docs.len()].iter().map(|ordinal| ordinal.map_or(self.none, |ordinal| ordinal as u32)));
        block.ends.extend(1..=docs.len() as u32);
    }
}

/// The slots of a block of documents, one after another.
#[derive(Default)]
pub(super) struct ValueBlock {
    slots: Vec<u32>,
    /// Where those of each document end.
    ends: Vec<u32>,
}

impl ValueBlock {
    /// The slots of the document at a position in the block, at least one, each once.
    pub(super) fn of(&self, position: usize) -> &[u32] {
        let start = position.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.slots[start as usize..self.ends[position] as usize]
    }

    /// The first of them.
    pub(super) fn first(&self, position: usize) -> u32 {
        self.of(position)[0]
    }
}
