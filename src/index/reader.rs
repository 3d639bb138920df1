//! Reading: an index as of its last commit.

use std::path::{Path, PathBuf};
use std::time::Instant;

use jiff::Timestamp;
use serde::Serialize;
use tantivy::collector::TopDocs;
use tantivy::query::{Query as TantivyQuery, TermQuery};
use tantivy::schema::{IndexRecordOption, Value};
use tantivy::{Index, IndexReader, ReloadPolicy, Searcher, TantivyDocument, Term};

use super::checkpoint::Checkpoint;
use super::error::IndexError;
use super::explain::QueryExplanation;
use super::folder::{Folder, read_checkpoint};
use super::query::{self, LookedUp};
use super::schema::{Fields, SCHEMA_VERSION};
use super::search::{Hit, SearchReport, SearchRequest};
use crate::query::{Query, QueryContext, TimeRange};
use crate::text::keys::id_key;

/// An index, open for reading. It shows the last commit before it was opened or [refreshed](MentionIndex::refresh).
pub struct MentionIndex {
    dir: PathBuf,
    index: Index,
    fields: Fields,
    reader: IndexReader,
}

/// What an index consists of.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct IndexStats {
    /// Mentions.
    pub documents: u64,
    /// Segments; more than about twenty mean that merging lags behind.
    pub segments: usize,
    /// Size of all files in the folder.
    pub bytes: u64,
    /// Version of the schema.
    pub schema_version: u32,
    /// Publication time of the oldest mention, in whole seconds.
    pub oldest: Option<Timestamp>,
    /// Publication time of the newest mention, in whole seconds.
    pub newest: Option<Timestamp>,
    /// What the last commit says; `None` in an index without commits.
    pub checkpoint: Option<Checkpoint>,
}

/// Mentions selected by a query, as of one commit: several questions to it get answers that agree.
pub(crate) struct Selection<'a> {
    pub(super) dir: &'a Path,
    pub(super) fields: Fields,
    pub(super) searcher: Searcher,
    /// As it was understood.
    pub(super) question: Query,
    pub(super) looked_up: LookedUp,
    pub(super) range: TimeRange,
    /// As Tantivy runs it, within the bounds of time.
    pub(super) query: Box<dyn TantivyQuery>,
    /// When the question was asked.
    pub(super) started: Instant,
}

impl<'a> Selection<'a> {
    /// Selects mentions of the commit that a searcher sees.
    fn of(
        (dir, fields, searcher): (&'a Path, Fields, Searcher),
        query: &str,
        (since, until): (Option<Timestamp>, Option<Timestamp>),
        context: &QueryContext,
    ) -> Result<Selection<'a>, IndexError> {
        let started = Instant::now();
        let question = Query::parse(query, context)?;
        let in_folder = |error: query::CompileError| error.in_folder(dir);
        let looked_up = LookedUp::look_up(&fields, &searcher, &question).map_err(in_folder)?;
        let compiled = query::compile(&fields, &searcher, &question, &looked_up, &question.expr).map_err(in_folder)?;
        let range = TimeRange::between(since, until);
        let query = query::within(&fields, compiled, &range);
        Ok(Selection { dir, fields, searcher, question, looked_up, range, query, started })
    }

    /// Selects other mentions as of the same commit, as [`MentionIndex::select`] does.
    pub(crate) fn again(
        &self,
        query: &str,
        since: Option<Timestamp>,
        until: Option<Timestamp>,
        context: &QueryContext,
    ) -> Result<Selection<'a>, IndexError> {
        Selection::of((self.dir, self.fields, self.searcher.clone()), query, (since, until), context)
    }

    /// When it was asked, given the time that its query was understood by, if it would mean something else later.
    pub(crate) fn asked_at(&self, context: &QueryContext) -> Option<Timestamp> {
        self.question.is_relative.then_some(context.now)
    }
}

impl MentionIndex {
    /// Opens the index in a folder.
    pub fn open(dir: &Path) -> Result<MentionIndex, IndexError> {
        let Folder { index, fields, .. } = Folder::open(dir)?;
        let reader =
            index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into().map_err(IndexError::failed(dir))?;
        Ok(MentionIndex { dir: dir.to_path_buf(), index, fields, reader })
    }

    /// Moves on to the last commit.
    pub fn refresh(&self) -> Result<(), IndexError> {
        self.reader.reload().map_err(IndexError::failed(&self.dir))
    }

    /// Finds mentions.
    pub fn search(&self, request: &SearchRequest) -> Result<SearchReport, IndexError> {
        self.select_for(request)?.search(request)
    }

    /// Calls `visit` with every mention that a request selects, the newest first, however many there are; limit, offset
    /// and order are not looked at. Returns their number.
    pub fn for_each_hit<E: From<IndexError>>(
        &self,
        request: &SearchRequest,
        visit: impl FnMut(Hit) -> Result<(), E>,
    ) -> Result<u64, E> {
        self.select_for(request)?.for_each_hit(request, visit)
    }

    /// Says how a query is understood, and what its parts find and cost.
    pub fn explain(&self, request: &SearchRequest) -> Result<QueryExplanation, IndexError> {
        self.select_for(request)?.explain()
    }

    fn select_for(&self, request: &SearchRequest) -> Result<Selection<'_>, IndexError> {
        self.select(&request.query, request.since, request.until, &request.context)
    }

    /// Selects mentions by query and time: `since` ≤ publication time < `until`, in whole seconds (fractions of a
    /// bound are rounded up). A mention without a time is outside of every bound.
    pub(crate) fn select(
        &self,
        query: &str,
        since: Option<Timestamp>,
        until: Option<Timestamp>,
        context: &QueryContext,
    ) -> Result<Selection<'_>, IndexError> {
        Selection::of((&self.dir, self.fields, self.reader.searcher()), query, (since, until), context)
    }

    /// The tagged mention with this id, as JSON; `None` where the index has none.
    pub fn record(&self, id: &str) -> Result<Option<String>, IndexError> {
        let failed = IndexError::failed(&self.dir);
        let searcher = self.reader.searcher();
        let query = TermQuery::new(Term::from_field_text(self.fields.id, &id_key(id)), IndexRecordOption::Basic);
        let found = searcher.search(&query, &TopDocs::with_limit(1).order_by_score()).map_err(&failed)?;
        let Some((_, address)) = found.first() else { return Ok(None) };
        let document: TantivyDocument = searcher.doc(*address).map_err(&failed)?;
        let record = document.get_first(self.fields.record).and_then(|value| value.as_str());
        Ok(record.map(str::to_owned))
    }

    /// Calls `visit` with every record, as JSON, in the order of the files of the index.
    pub fn for_each_record<E: From<IndexError>>(&self, mut visit: impl FnMut(&str) -> Result<(), E>) -> Result<(), E> {
        let searcher = self.reader.searcher();
        for segment in searcher.segment_readers() {
            let failed = IndexError::failed(&self.dir);
            let store = segment.get_store_reader(1).map_err(|error| failed(tantivy::TantivyError::from(error)))?;
            for document in store.iter::<TantivyDocument>(segment.alive_bitset()) {
                let document = document.map_err(&failed)?;
                let record = document.get_first(self.fields.record).and_then(|value| value.as_str());
                visit(record.unwrap_or_default())?;
            }
        }
        Ok(())
    }

    /// Says what the index consists of.
    pub fn stats(&self) -> Result<IndexStats, IndexError> {
        let all = self.select("", None, None, &QueryContext::default())?;
        let span = all.time_span()?;
        let time = |seconds| Timestamp::from_second(seconds).ok();
        Ok(IndexStats {
            documents: all.searcher.num_docs(),
            segments: all.searcher.segment_readers().len(),
            bytes: folder_bytes(&self.dir).map_err(|source| IndexError::Folder { dir: self.dir.clone(), source })?,
            schema_version: SCHEMA_VERSION,
            oldest: span.range.as_ref().and_then(|range| time(*range.start())),
            newest: span.range.as_ref().and_then(|range| time(*range.end())),
            checkpoint: read_checkpoint(&self.dir, &self.index)?,
        })
    }

    /// Reads every file of the last commit and compares checksums; returns the names of damaged files.
    pub fn verify(&self) -> Result<Vec<PathBuf>, IndexError> {
        let damaged = self.index.validate_checksum().map_err(IndexError::failed(&self.dir))?;
        let mut damaged: Vec<PathBuf> = damaged.into_iter().collect();
        damaged.sort();
        Ok(damaged)
    }
}

fn folder_bytes(dir: &Path) -> std::io::Result<u64> {
    let mut bytes = 0;
    for entry in std::fs::read_dir(dir)? {
        // A running writer removes merged files at any time.
        bytes += entry?.metadata().map_or(0, |metadata| metadata.len());
    }
    Ok(bytes)
}
