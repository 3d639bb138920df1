//! Search: the mentions that a query selects, in order, with the words that matched.

use std::ops::Range;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use tantivy::collector::sort_key::{SortBySimilarityScore, SortByStaticFastValue, SortByString};
use tantivy::collector::{Count, TopDocs};
use tantivy::schema::Value as _;
use tantivy::{DateTime, DocAddress, Order as Direction, TantivyDocument};

use super::error::IndexError;
use super::reader::Selection;
use super::schema::{CREATED_AT, ID};
use crate::query::QueryContext;

/// Most hits of one report.
pub const MAX_LIMIT: usize = 10_000;
/// Most hits that offset and limit reach together.
pub const MAX_WINDOW: usize = 100_000;

/// In which order hits come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// By publication time, latest first, mentions without one last; of equals, by id.
    #[default]
    Newest,
    /// By BM25 score, highest first; of equals, as in [`Order::Newest`].
    Relevance,
}

/// What to look for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SearchRequest {
    /// The query; empty or `*` selects everything.
    pub query: String,
    /// Only mentions published at this time or later.
    pub since: Option<Timestamp>,
    /// Only mentions published before this time.
    pub until: Option<Timestamp>,
    /// Most hits to return; at most [`MAX_LIMIT`], 0 only counts.
    pub limit: usize,
    /// Hits to leave out before the first; `offset + limit` is at most [`MAX_WINDOW`].
    pub offset: usize,
    /// The order of the hits.
    pub order: Order,
    /// In which zone, and at which time, the query is understood.
    pub context: QueryContext,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SearchReport {
    /// All mentions that match, exactly, however many hits are returned.
    pub total: u64,
    /// The hits from `offset` on.
    pub hits: Vec<Hit>,
}

/// A mention that was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Hit {
    /// Its id.
    pub id: String,
    /// When it was published, in whole seconds; `None` where the source did not say.
    pub created_at: Option<Timestamp>,
    /// Its BM25 score; `None` unless the order is [`Order::Relevance`].
    pub score: Option<f32>,
    /// The tagged mention, as it was written.
    pub mention: Value,
    /// Where words of the query stand in its text, in Unicode characters; in order, apart from each other.
    pub highlights: Vec<Range<usize>>,
}

/// The score of a hit, where it has one, and where it is.
type Found = (Option<f32>, DocAddress);

impl Selection<'_> {
    pub(super) fn search(&self, request: &SearchRequest) -> Result<SearchReport, IndexError> {
        let &SearchRequest { limit, offset, .. } = request;
        let window = |what: String| IndexError::Window { limit, offset, what };
        if limit > MAX_LIMIT {
            return Err(window(format!("a limit is at most {MAX_LIMIT}")));
        }
        if offset > MAX_WINDOW - limit {
            return Err(window(format!("together they reach at most {MAX_WINDOW} hits; use bounds of time")));
        }
        let (total, found) = self.top(request).map_err(IndexError::failed(self.dir))?;
        let hits = found.into_iter().map(|(score, address)| self.hit(score, address));
        Ok(SearchReport { total: total as u64, hits: hits.collect::<Result<_, _>>()? })
    }

    fn top(&self, request: &SearchRequest) -> tantivy::Result<(usize, Vec<Found>)> {
        if request.limit == 0 {
            return Ok((self.searcher.search(&self.query, &Count)?, Vec::new()));
        }
        let top = TopDocs::with_limit(request.limit).and_offset(request.offset);
        let newest = (SortByStaticFastValue::<DateTime>::for_field(CREATED_AT), Direction::Desc);
        let by_id = (SortByString::for_field(ID), Direction::Asc);
        Ok(match request.order {
            Order::Newest => {
                let (total, found) = self.searcher.search(&self.query, &(Count, top.order_by((newest, by_id))))?;
                (total, found.into_iter().map(|(_, address)| (None, address)).collect())
            }
            Order::Relevance => {
                let best = (SortBySimilarityScore, Direction::Desc);
                let order = top.order_by((best, newest, by_id));
                let (total, found) = self.searcher.search(&self.query, &(Count, order))?;
                (total, found.into_iter().map(|((score, _, _), address)| (Some(score), address)).collect())
            }
        })
    }

    fn hit(&self, score: Option<f32>, address: DocAddress) -> Result<Hit, IndexError> {
        let document: TantivyDocument = self.searcher.doc(address).map_err(IndexError::failed(self.dir))?;
        let stored = |field| document.get_first(field).and_then(|value| value.as_str()).unwrap_or_default();
        let mention: Value = serde_json::from_str(stored(self.fields.record))
            .map_err(|source| IndexError::Stored { dir: self.dir.to_path_buf(), source })?;
        let text = mention.get("text").and_then(Value::as_str).unwrap_or_default();
        let highlights = self.question.highlights(text);
        let created_at = self.published(address).map_err(IndexError::failed(self.dir))?;
        Ok(Hit { id: stored(self.fields.id).to_owned(), created_at, score, mention, highlights })
    }

    fn published(&self, address: DocAddress) -> tantivy::Result<Option<Timestamp>> {
        let segment = self.searcher.segment_reader(address.segment_ord);
        let time = segment.fast_fields().date(CREATED_AT)?.first(address.doc_id);
        Ok(time.and_then(|time| Timestamp::from_second(time.into_timestamp_secs()).ok()))
    }
}
