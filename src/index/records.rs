//! Records of a selection, evenly spread where there are many: for what can only be told from the text.

use serde::de::DeserializeOwned;
use tantivy::collector::Count;
use tantivy::query::EnableScoring;
use tantivy::schema::Value;
use tantivy::{DocAddress, TantivyDocument};

use super::error::IndexError;
use super::query;
use super::reader::Selection;
use crate::text::hex;
use sha2::{Digest, Sha256};

/// Characters of a [version](Selection::data_version).
const VERSION_CHARS: usize = 12;
/// Compressed blocks of records kept at hand; records are read in the order in which they lie.
const STORE_BLOCKS: usize = 1;

impl<'a> Selection<'a> {
    /// What of this selection another one does not select.
    pub(crate) fn without(self, other: &Selection) -> Selection<'a> {
        Selection { query: query::excluding(self.query, other.query.box_clone()), ..self }
    }

    /// Calls `visit` with what is wanted of the records of selected mentions: all of them where there are at most `max`, else
    /// so many, evenly spread in the order of the files of the index, the same ones each time. Returns how many mentions are
    /// selected in all.
    pub(crate) fn for_each_spread_record<T: DeserializeOwned>(
        &self,
        max: usize,
        mut visit: impl FnMut(T),
    ) -> Result<u64, IndexError> {
        let failed = IndexError::failed(self.dir);
        let (total, addresses) = self.spread(max).map_err(&failed)?;
        for addresses in addresses.chunk_by(|a, b| a.segment_ord == b.segment_ord) {
            let segment = self.searcher.segment_reader(addresses[0].segment_ord);
            let store = segment.get_store_reader(STORE_BLOCKS).map_err(|error| failed(error.into()))?;
            for address in addresses {
                let document: TantivyDocument = store.get(address.doc_id).map_err(&failed)?;
                let record = document.get_first(self.fields.record).and_then(|value| value.as_str());
                let record = serde_json::from_str(record.unwrap_or_default());
                visit(record.map_err(|source| IndexError::Stored { dir: self.dir.to_path_buf(), source })?);
            }
        }
        Ok(total)
    }

    /// How many mentions are selected, and where at most `max` of them lie, evenly spread.
    fn spread(&self, max: usize) -> tantivy::Result<(u64, Vec<DocAddress>)> {
        let total = self.searcher.search(&self.query, &Count)? as u64;
        let weight = self.query.weight(EnableScoring::disabled_from_searcher(&self.searcher))?;
        let max = (max as u64).min(total);
        let mut addresses = Vec::with_capacity(max as usize);
        let mut seen = 0;
        for (segment_ord, segment) in (0..).zip(self.searcher.segment_readers()) {
            let alive = segment.alive_bitset();
            weight.for_each_no_score(segment, &mut |docs| {
                for &doc_id in docs.iter().filter(|&&doc| alive.is_none_or(|alive| alive.is_alive(doc))) {
                    seen += 1;
                    if seen * max / total > (seen - 1) * max / total {
                        addresses.push(DocAddress { segment_ord, doc_id });
                    }
                }
            })?;
        }
        Ok((total, addresses))
    }

    /// A short hash of the state of the index: of its segments and of what was deleted from each. A commit that changes
    /// anything changes it; so does the merging of segments after a commit.
    pub(crate) fn data_version(&self) -> String {
        let segments = self.searcher.segment_readers().iter();
        let mut states: Vec<String> = segments
            .map(|segment| format!("{}.{:?}\n", segment.segment_id().uuid_string(), segment.delete_opstamp()))
            .collect();
        states.sort_unstable();
        let mut version = hex(&Sha256::digest(states.concat()));
        version.truncate(VERSION_CHARS);
        version
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde::Deserialize;
    use tempfile::TempDir;

    use crate::index::samples::sample;
    use crate::index::{Checkpoint, IndexWriter, MentionIndex};
    use crate::query::QueryContext;

    #[derive(Deserialize)]
    struct Record {
        id: String,
    }

    #[test]
    fn records_of_many_mentions_are_spread_over_all() {
        let dir = TempDir::new().unwrap();
        let mut writer = IndexWriter::open(dir.path(), 1).unwrap();
        let ids: Vec<usize> = (0..400).chain([7, 19, 203]).collect();
        for ids in ids.chunks(100) {
            for &id in ids {
                writer.upsert(&sample(&id.to_string(), if id % 2 == 0 { "late" } else { "fast" }).tagged()).unwrap();
            }
            writer.commit(&Checkpoint::default()).unwrap();
        }
        writer.finish().unwrap();
        let index = MentionIndex::open(dir.path()).unwrap();
        let read = |query: &str, max: usize| {
            let mut ids: Vec<usize> = Vec::new();
            let selection = index.select(query, None, None, &QueryContext::default()).unwrap();
            let visit = |record: Record| ids.push(record.id.parse().unwrap());
            let total = selection.for_each_spread_record(max, visit).unwrap();
            ids.sort_unstable();
            (total, ids)
        };
        let all = |step: usize| (0..400).step_by(step).collect::<Vec<_>>();
        assert_eq!((read("", 400), read("late", 1_000)), ((400, all(1)), (200, all(2))));
        assert_eq!((read("late", 0), read("nothing", 5)), ((200, Vec::new()), (0, Vec::new())));
        let (total, some) = read("late", 40);
        assert_eq!((total, some.len()), (200, 40));
        let first = some.iter().filter(|id| **id < 200).count();
        assert!((14..=26).contains(&first), "{first} of 40 are of the first half");
        assert_eq!(read("late", 40).1, some);
    }
}
