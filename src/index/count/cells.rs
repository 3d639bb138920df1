//! Counters: dense where there are few, sparse where most would stay empty.

use std::collections::HashMap;

/// Counters in a row take less time than a map while they are fewer than this.
const MAX_DENSE: u64 = 1 << 20;

/// The counters of one segment; a segment has fewer documents than a counter can count.
pub(super) enum Cells {
    Dense(Vec<u32>),
    Sparse(HashMap<u64, u32>),
}

impl Cells {
    /// Counters with keys below `size`.
    pub(super) fn new(size: u64) -> Cells {
        if size <= MAX_DENSE { Cells::Dense(vec![0; size as usize]) } else { Cells::Sparse(HashMap::new()) }
    }

    pub(super) fn add(&mut self, key: u64) {
        match self {
            Cells::Dense(counts) => counts[key as usize] += 1,
            Cells::Sparse(counts) => *counts.entry(key).or_default() += 1,
        }
    }

    /// The memory taken, in counters that were used; what is dense is bounded anyway.
    pub(super) fn sparse_len(&self) -> usize {
        match self {
            Cells::Dense(_) => 0,
            Cells::Sparse(counts) => counts.len(),
        }
    }

    /// Every counter that is not 0, by its key, ascending.
    pub(super) fn into_counts(self) -> Vec<(u64, u32)> {
        match self {
            Cells::Dense(counts) => (0..).zip(counts).filter(|(_, count)| *count > 0).collect(),
            Cells::Sparse(counts) => {
                let mut counts: Vec<(u64, u32)> = counts.into_iter().collect();
                counts.sort_unstable();
                counts
            }
        }
    }
}
