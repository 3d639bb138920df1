//! Records of a selection: for what can only be told from the text.

use tantivy::TantivyDocument;
use tantivy::schema::Value;

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

    /// Calls `visit` with the records, as JSON, of at most `max` mentions, spread evenly over all that are selected, in the
    /// order of the files of the index; returns how many are selected in all.
    pub(crate) fn for_each_sampled_record<E: From<IndexError>>(
        &self,
        max: usize,
        mut visit: impl FnMut(&str) -> Result<(), E>,
    ) -> Result<u64, E> {
        let (total, addresses) = self.sample(max)?;
        for addresses in addresses.chunk_by(|a, b| a.segment_ord == b.segment_ord) {
            let segment = self.searcher.segment_reader(addresses[0].segment_ord);
            let failed = |error| IndexError::failed(self.dir)(error);
            let store = segment.get_store_reader(STORE_BLOCKS).map_err(|error| failed(error.into()))?;
            for address in addresses {
                let document: TantivyDocument = store.get(address.doc_id).map_err(failed)?;
                let record = document.get_first(self.fields.record).and_then(|value| value.as_str());
                visit(record.unwrap_or_default())?;
            }
        }
        Ok(total)
    }

    /// What is wrong where a record is not what was stored.
    pub(crate) fn unreadable(&self, source: serde_json::Error) -> IndexError {
        IndexError::Stored { dir: self.dir.to_path_buf(), source }
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
