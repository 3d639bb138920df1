//! Going through the segments of a selection, several at a time.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use tantivy::query::{EnableScoring, Weight};
use tantivy::{DocId, DocSet, SegmentReader};

use crate::index::error::IndexError;
use crate::index::reader::Selection;
use crate::query::{Expr, TimeRange};

/// Documents that are looked at together.
pub(super) const BLOCK: usize = tantivy::COLLECT_BLOCK_BUFFER_LEN;
/// Fewer documents are counted before a thread would have started; those of tests are not, so that they go the same ways.
const MIN_PARALLEL_DOCS: u64 = if cfg!(test) { 20 } else { 10_000 };
/// Documents of a part, where a segment is divided.
const MAX_PART_DOCS: DocId = if cfg!(test) { 10 } else { 500_000 };

impl Selection<'_> {
    /// Visits all segments, where there is much to find on as many threads as there are cores, and returns what came of each
    /// part, in their order.
    pub(super) fn scan<T: Send>(
        &self,
        visit: impl Fn(&Part) -> tantivy::Result<T> + Sync,
    ) -> Result<Vec<T>, IndexError> {
        let failed = IndexError::failed(self.dir);
        let weight = self.query.weight(EnableScoring::disabled_from_searcher(&self.searcher)).map_err(&failed)?;
        let parts = self.parts(weight.as_ref());
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let threads = cores.min(parts.len());
        if threads <= 1 || !is_large(&parts).map_err(&failed)? {
            return parts.iter().map(visit).collect::<Result<_, _>>().map_err(failed);
        }
        // The largest first: whoever is done with it has small ones left to share.
        let mut by_size: Vec<usize> = (0..parts.len()).collect();
        by_size.sort_by_key(|&part| std::cmp::Reverse(parts[part].docs.len()));
        let next = AtomicUsize::new(0);
        let work = || {
            let mut done = Vec::new();
            while let Some(&part) = by_size.get(next.fetch_add(1, Ordering::Relaxed)) {
                done.push((part, visit(&parts[part])));
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
        results.sort_by_key(|(part, _)| *part);
        results.into_iter().map(|(_, result)| result).collect::<Result<_, _>>().map_err(failed)
    }

    /// The segments; where everything is selected, the large ones in several parts. The documents of other queries may take
    /// long to find, and would be looked for in each part anew.
    fn parts<'s>(&'s self, weight: &'s dyn Weight) -> Vec<Part<'s>> {
        let is_everything = self.question.expr == Expr::All && self.range == TimeRange::default();
        let most = if is_everything { MAX_PART_DOCS } else { DocId::MAX };
        let of_segment = |segment: &'s SegmentReader| {
            let starts = (0..segment.max_doc().max(1)).step_by(most as usize);
            starts.map(move |start| Part {
                segment,
                weight,
                docs: start..start.saturating_add(most).min(segment.max_doc()),
            })
        };
        self.searcher.segment_readers().iter().flat_map(of_segment).collect()
    }
}

/// True where threads are worth their start: so many documents may have to be looked at. What is rare is known to be so by
/// the lengths of its postings; what is not is known after one or a few parts.
fn is_large(parts: &[Part]) -> tantivy::Result<bool> {
    let mut documents = 0;
    for part in parts {
        documents += part.weight.scorer(part.segment, 1.0)?.cost().min(part.docs.len() as u64);
        if documents >= MIN_PARALLEL_DOCS {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A segment, or a part of it.
pub(super) struct Part<'s> {
    pub segment: &'s SegmentReader,
    weight: &'s dyn Weight,
    docs: Range<DocId>,
}

impl Part<'_> {
    /// Visits the documents that match and are not deleted, at most [`BLOCK`] at a time, in order.
    pub(super) fn for_each_block(&self, mut visit: impl FnMut(&[DocId])) -> tantivy::Result<()> {
        let Some(alive) = self.segment.alive_bitset() else {
            return self.for_each_found(&mut visit);
        };
        let mut left = Vec::with_capacity(BLOCK);
        self.for_each_found(&mut |docs| {
            left.clear();
            left.extend(docs.iter().filter(|&&doc| alive.is_alive(doc)));
            visit(&left);
        })
    }

    /// Visits the documents that match, deleted ones too.
    fn for_each_found(&self, visit: &mut impl FnMut(&[DocId])) -> tantivy::Result<()> {
        if self.docs.len() == self.segment.max_doc() as usize {
            return self.weight.for_each_no_score(self.segment, &mut |docs| docs.chunks(BLOCK).for_each(&mut *visit));
        }
        let mut found = self.weight.scorer(self.segment, 1.0)?;
        if found.doc() < self.docs.start {
            found.seek(self.docs.start);
        }
        let mut docs = [0; BLOCK];
        loop {
            let filled = found.fill_buffer(&mut docs);
            let within = docs[..filled].partition_point(|&doc| doc < self.docs.end);
            visit(&docs[..within]);
            if within < BLOCK {
                return Ok(());
            }
        }
    }
}
