//! Writing: mentions in, each id once, and commits that carry their checkpoint.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use tantivy::directory::error::LockError;
use tantivy::fastfield::Column;
use tantivy::indexer::IndexWriterOptions;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocSet, IndexReader, InvertedIndexReader, ReloadPolicy, SegmentReader, TERMINATED, TantivyError, Term};

use super::checkpoint::Checkpoint;
use super::document::{document, fingerprint};
use super::error::IndexError;
use super::folder::Folder;
use super::schema::{FINGERPRINT, Fields, SCHEMA_VERSION};
use crate::mention::Tagged;
use crate::text::keys::id_key;

/// Memory of all indexing threads together, for mentions not yet written to disk.
const WRITER_MEMORY_BYTES: usize = 64 << 20;
/// More threads than this would have too little memory each.
const MAX_WRITER_THREADS: usize = 4;
/// Mentions that may wait for a commit.
pub const MAX_PENDING: usize = 100_000;

/// What putting a mention in did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Upsert {
    /// Its id was new.
    Indexed,
    /// It took the place of another record of its id.
    Updated,
    /// The same record was there already.
    Unchanged,
}

/// The one writer of an index. What is not committed when it is dropped is not in the index.
pub struct IndexWriter {
    dir: PathBuf,
    fields: Fields,
    writer: tantivy::IndexWriter,
    reader: IndexReader,
    committed: Vec<Segment>,
    /// Fingerprints by id of what was put in since the last commit; at most [`MAX_PENDING`].
    pending: HashMap<String, u64>,
    checkpoint: Option<Checkpoint>,
}

impl IndexWriter {
    /// Opens the index in a folder for writing, with so many indexing threads (1 to 4); makes folder and index where
    /// there are none. Until it is dropped, no other writer can be opened, in this process or another.
    pub fn open(dir: &Path, threads: usize) -> Result<IndexWriter, IndexError> {
        let Folder { index, fields, checkpoint } = Folder::open_or_create(dir)?;
        let failed = IndexError::failed(dir);
        let threads = threads.clamp(1, MAX_WRITER_THREADS);
        let options = IndexWriterOptions::builder()
            .num_worker_threads(threads)
            .memory_budget_per_thread(WRITER_MEMORY_BYTES / threads)
            .num_merge_threads(1)
            .build();
        let writer = index.writer_with_options(options).map_err(|error| match error {
            TantivyError::LockFailure(LockError::LockBusy, _) => IndexError::Locked { dir: dir.to_path_buf() },
            error => failed(error),
        })?;
        let reader =
            index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into().map_err(IndexError::failed(dir))?;
        let committed = segments(&reader, fields).map_err(IndexError::failed(dir))?;
        Ok(IndexWriter {
            dir: dir.to_path_buf(),
            fields,
            writer,
            reader,
            committed,
            pending: HashMap::new(),
            checkpoint,
        })
    }

    /// Puts a mention in; it is found after the next commit. Of several records of one id the last one stays.
    pub fn upsert(&mut self, tagged: &Tagged) -> Result<Upsert, IndexError> {
        let id = &tagged.mention.id;
        let record = serde_json::to_string(tagged).map_err(|source| IndexError::Record { id: id.clone(), source })?;
        self.upsert_record(tagged, &record)
    }

    /// Puts a mention in whose outgoing JSON is this.
    pub(crate) fn upsert_record(&mut self, tagged: &Tagged, record: &str) -> Result<Upsert, IndexError> {
        let key = id_key(&tagged.mention.id);
        let fingerprint = fingerprint(record);
        let present = self.present(&key)?;
        if present == Some(fingerprint) {
            return Ok(Upsert::Unchanged);
        }
        if self.pending.len() >= MAX_PENDING && !self.pending.contains_key(&key) {
            return Err(IndexError::TooManyPending);
        }
        if present.is_some() {
            self.writer.delete_term(Term::from_field_text(self.fields.id, &key));
        }
        self.writer.add_document(document(&self.fields, tagged, record)).map_err(IndexError::failed(&self.dir))?;
        self.pending.insert(key, fingerprint);
        Ok(if present.is_some() { Upsert::Updated } else { Upsert::Indexed })
    }

    /// The number of ids put in since the last commit. Commit well before it reaches [`MAX_PENDING`].
    pub fn pending(&self) -> usize {
        self.pending.len()
    }

    /// The checkpoint of the last commit, of this or an earlier run; `None` in a new index.
    pub fn checkpoint(&self) -> Option<&Checkpoint> {
        self.checkpoint.as_ref()
    }

    /// Makes everything put in so far durable and visible, together with the checkpoint, or nothing at all. The
    /// checkpoint's version and time are filled in. After an error the writer is of no more use: open another one.
    pub fn commit(&mut self, checkpoint: &Checkpoint) -> Result<(), IndexError> {
        let checkpoint =
            Checkpoint { schema_version: SCHEMA_VERSION, committed_at: Some(Timestamp::now()), ..checkpoint.clone() };
        let payload = serde_json::to_string(&checkpoint)
            .map_err(|error| IndexError::failed(&self.dir)(TantivyError::from(error)))?;
        commit_with(&mut self.writer, &payload).map_err(IndexError::failed(&self.dir))?;
        self.pending.clear();
        self.checkpoint = Some(checkpoint);
        self.reader.reload().map_err(IndexError::failed(&self.dir))?;
        self.committed = segments(&self.reader, self.fields).map_err(IndexError::failed(&self.dir))?;
        Ok(())
    }

    /// Waits until the merging of segments is done, and closes the index. What was not committed is dropped.
    pub fn finish(self) -> Result<(), IndexError> {
        let IndexWriter { dir, writer, .. } = self;
        writer.wait_merging_threads().map_err(IndexError::failed(&dir))
    }

    /// The fingerprint of the record with this id, pending or committed.
    fn present(&self, key: &str) -> Result<Option<u64>, IndexError> {
        if let Some(&fingerprint) = self.pending.get(key) {
            return Ok(Some(fingerprint));
        }
        let term = Term::from_field_text(self.fields.id, key);
        for segment in &self.committed {
            if let Some(fingerprint) = segment.fingerprint(&term).map_err(IndexError::failed(&self.dir))? {
                return Ok(Some(fingerprint));
            }
        }
        Ok(None)
    }
}

fn commit_with(writer: &mut tantivy::IndexWriter, payload: &str) -> tantivy::Result<()> {
    let mut commit = writer.prepare_commit()?;
    commit.set_payload(payload);
    commit.commit()?;
    Ok(())
}

/// What is needed of a committed segment to look ids up in it.
struct Segment {
    reader: SegmentReader,
    ids: Arc<InvertedIndexReader>,
    fingerprints: Column<u64>,
}

fn segments(reader: &IndexReader, fields: Fields) -> tantivy::Result<Vec<Segment>> {
    let searcher = reader.searcher();
    let segment = |reader: &SegmentReader| {
        Ok(Segment {
            reader: reader.clone(),
            ids: reader.inverted_index(fields.id)?,
            fingerprints: reader.fast_fields().u64(FINGERPRINT)?,
        })
    };
    searcher.segment_readers().iter().map(segment).collect()
}

impl Segment {
    /// The fingerprint of the document with this id, unless it was deleted.
    fn fingerprint(&self, id: &Term) -> tantivy::Result<Option<u64>> {
        let Some(info) = self.ids.get_term_info(id)? else { return Ok(None) };
        let mut postings = self.ids.read_postings_from_terminfo(&info, IndexRecordOption::Basic)?;
        let mut doc = postings.doc();
        while doc != TERMINATED {
            if !self.reader.is_deleted(doc) {
                return Ok(self.fingerprints.first(doc));
            }
            doc = postings.advance();
        }
        Ok(None)
    }
}
