//! Records of a selection, the latest first chosen: for what can only be told from the text.

use tantivy::collector::sort_key::{SortByStaticFastValue, SortByString};
use tantivy::collector::{Count, TopDocs};
use tantivy::schema::Value;
use tantivy::{DateTime, DocAddress, Order as Direction, TantivyDocument};

use super::error::IndexError;
use super::query;
use super::reader::Selection;
use super::schema::{CREATED_AT, ID};
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

    /// Calls `visit` with the records, as JSON, of the `max` mentions published last, in the order of the files of the index;
    /// returns how many mentions are selected in all.
    pub(crate) fn for_each_recent_record<E: From<IndexError>>(
        &self,
        max: usize,
        mut visit: impl FnMut(&str) -> Result<(), E>,
    ) -> Result<u64, E> {
        let (total, mut addresses) = self.recent(max).map_err(IndexError::failed(self.dir))?;
        addresses.sort_unstable();
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

    fn recent(&self, max: usize) -> tantivy::Result<(u64, Vec<DocAddress>)> {
        if max == 0 {
            return Ok((self.searcher.search(&self.query, &Count)? as u64, Vec::new()));
        }
        let newest = (SortByStaticFastValue::<DateTime>::for_field(CREATED_AT), Direction::Desc);
        let by_id = (SortByString::for_field(ID), Direction::Asc);
        let order = TopDocs::with_limit(max).order_by((newest, by_id));
        let (total, found) = self.searcher.search(&self.query, &(Count, order))?;
        Ok((total as u64, found.into_iter().map(|(_, address)| address).collect()))
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
