//! Different authors, exactly: who was seen where.

use std::collections::HashMap;

use super::columns::ValueColumn;
use crate::text::keys::keyword_key;

/// Pairs are only sorted, and repeated ones dropped, once there are as many as this.
const MIN_COMPACTED: usize = 1 << 16;
/// Most different pairs of an author and a place that are kept of a part of a segment, for each kind of place.
pub(super) const MAX_SEEN: usize = 20_000_000;

/// Which authors were seen in which places.
pub(super) struct Seen<P> {
    pairs: Vec<(P, u32)>,
    compact_at: usize,
}

impl<P> Default for Seen<P> {
    fn default() -> Self {
        Seen { pairs: Vec::new(), compact_at: MIN_COMPACTED }
    }
}

impl<P: Ord + Copy> Seen<P> {
    pub(super) fn add(&mut self, place: P, author: u32) {
        if self.pairs.len() >= self.compact_at {
            self.compact();
            self.compact_at = MIN_COMPACTED.max(2 * self.pairs.len());
        }
        self.pairs.push((place, author));
    }

    /// True if too many are kept to go on.
    pub(super) fn is_full(&self) -> bool {
        self.pairs.len() > 2 * MAX_SEEN
    }

    /// Each pair once.
    pub(super) fn into_pairs(mut self) -> Vec<(P, u32)> {
        self.compact();
        self.pairs
    }

    fn compact(&mut self) {
        self.pairs.sort_unstable();
        self.pairs.dedup();
    }
}

/// Authors over all segments, by their key.
#[derive(Default)]
pub(super) struct Authors(HashMap<String, u32>);

impl Authors {
    /// The numbers of authors, given as ascending slots of a segment, over all segments.
    pub(super) fn numbers(&mut self, column: &ValueColumn, slots: &[u32]) -> tantivy::Result<HashMap<u32, u32>> {
        let mut numbers = HashMap::with_capacity(slots.len());
        column.spellings(slots, |slot, spelling| {
            let next = self.0.len() as u32;
            numbers.insert(slot, *self.0.entry(keyword_key(&spelling)).or_insert(next));
        })?;
        Ok(numbers)
    }

    /// How many there are.
    pub(super) fn len(&self) -> u64 {
        self.0.len() as u64
    }
}
