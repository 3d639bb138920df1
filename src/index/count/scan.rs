//! Going through the segments of a selection, several at a time.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use tantivy::query::{EnableScoring, Weight};
use tantivy::{DocId, SegmentReader};

use crate::index::error::IndexError;
use crate::index::reader::Selection;

/// Documents that are looked at together.
pub(super) const BLOCK: usize = tantivy::COLLECT_BLOCK_BUFFER_LEN;
/// Smaller indexes are counted before a thread would have started.
const MIN_PARALLEL_DOCS: u64 = 50_000;

impl Selection<'_> {
    /// Visits every segment, on as many threads as there are cores, and returns what came of each, in their order.
    pub(super) fn scan<T: Send>(
        &self,
        visit: impl Fn(&SegmentReader, &dyn Weight) -> tantivy::Result<T> + Sync,
    ) -> Result<Vec<T>, IndexError> {
        let failed = IndexError::failed(self.dir);
        let weight = self.query.weight(EnableScoring::disabled_from_searcher(&self.searcher)).map_err(&failed)?;
        let segments = self.searcher.segment_readers();
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let threads = if self.searcher.num_docs() < MIN_PARALLEL_DOCS { 1 } else { cores.min(segments.len()) };
        if threads <= 1 {
            return segments
                .iter()
                .map(|segment| visit(segment, weight.as_ref()))
                .collect::<Result<_, _>>()
                .map_err(failed);
        }
        // The largest first: whoever is done with it has small ones left to share.
        let mut by_size: Vec<usize> = (0..segments.len()).collect();
        by_size.sort_by_key(|&segment| std::cmp::Reverse(segments[segment].max_doc()));
        let next = AtomicUsize::new(0);
        let work = || {
            let mut done = Vec::new();
            while let Some(&segment) = by_size.get(next.fetch_add(1, Ordering::Relaxed)) {
                done.push((segment, visit(&segments[segment], weight.as_ref())));
            }
            done
        };
        let mut results = thread::scope(|scope| {
            let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
            let mut results = work();
            for other in others {
                results.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            }
            results
        });
        results.sort_by_key(|(segment, _)| *segment);
        results.into_iter().map(|(_, result)| result).collect::<Result<_, _>>().map_err(failed)
    }
}

/// Visits the documents of a segment that match and are not deleted, at most [`BLOCK`] at a time, in order.
pub(super) fn for_each_block(
    segment: &SegmentReader,
    weight: &dyn Weight,
    mut visit: impl FnMut(&[DocId]),
) -> tantivy::Result<()> {
    let Some(alive) = segment.alive_bitset() else {
        return weight.for_each_no_score(segment, &mut |docs| docs.chunks(BLOCK).for_each(&mut visit));
    };
    let mut left = Vec::with_capacity(BLOCK);
    weight.for_each_no_score(segment, &mut |docs| {
        for docs in docs.chunks(BLOCK) {
            left.clear();
            left.extend(docs.iter().filter(|&&doc| alive.is_alive(doc)));
            visit(&left);
        }
    })
}
