//! Search: the mentions that a query selects, in order, with the words that matched.

use std::ops::Range;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use tantivy::collector::sort_key::{SortBySimilarityScore, SortByStaticFastValue, SortByString};
use tantivy::collector::{Count, TopDocs};
use tantivy::schema::Value as _;
use tantivy::{DateTime, DocAddress, Order as Direction, TantivyDocument};

use super::cursor::Cursor;
use super::error::IndexError;
use super::reader::Selection;
use super::schema::{CREATED_AT, Field, ID};
use crate::query::QueryContext;
use crate::text::keys::id_key;
use crate::text::similar::Shingles;

/// Most hits of one report.
pub const MAX_LIMIT: usize = 10_000;
/// Most hits that offset and limit reach together.
pub const MAX_WINDOW: usize = 100_000;
/// Most values of a field that a facet lists.
pub const MAX_FACET_VALUES: usize = 100;
/// Texts that resemble each other this much are near-duplicates.
const NEAR_DUPLICATE: f64 = 0.7;
/// Hits that are looked at to fill a page of folded ones, for each that is wanted.
const FOLDED_PER_HIT: usize = 10;
/// Most of them.
const MAX_FOLDED: usize = 2_000;

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
    /// Only hits after this place, in the order of [`Order::Newest`]: the [`SearchReport::next`] of another report. However
    /// many mentions come or go between two pages, none that stays is skipped or shown twice.
    pub after: Option<Cursor>,
    /// The order of the hits.
    pub order: Order,
    /// Takes near-duplicates of a hit among those that follow it on the page out, and lists them with the hit.
    pub fold_similar: bool,
    /// Fields by whose values all matching mentions are to be counted.
    pub facets: Vec<Field>,
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
    /// Where the next page begins, by [`SearchRequest::after`]; `None` on the last page and unless the order is
    /// [`Order::Newest`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<Cursor>,
    /// The counts that were asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub facets: Vec<Facet>,
}

/// How many of the matching mentions have which value in a field.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Facet {
    /// The field.
    pub field: Field,
    /// Its most frequent values, at most [`MAX_FACET_VALUES`]; of equals, in the order of the alphabet.
    pub values: Vec<ValueCount>,
    /// How many more values there are.
    pub more_values: u64,
}

/// A value of a field, and how many mentions have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ValueCount {
    /// In its most frequent spelling; `(none)` for mentions without a value.
    pub value: String,
    /// Mentions.
    pub count: u64,
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
    /// Where its text says what the query asks for, in Unicode characters; in order, apart from each other.
    pub highlights: Vec<Range<usize>>,
    /// The ids of near-duplicates that were taken out after it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub similar: Vec<String>,
}

impl Hit {
    /// Its place in the order of [`Order::Newest`].
    fn cursor(&self) -> Cursor {
        Cursor { second: self.created_at.map(Timestamp::as_second), id: id_key(&self.id) }
    }

    fn text(&self) -> &str {
        self.mention.get("text").and_then(Value::as_str).unwrap_or_default()
    }
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
            return Err(window(format!(
                "together they reach at most {MAX_WINDOW} hits; go on after a hit instead, or use bounds of time"
            )));
        }
        if request.after.is_some() && (offset > 0 || request.order != Order::Newest) {
            return Err(IndexError::Paging { what: "going on after a hit needs the newest first, and no offset" });
        }
        if request.fold_similar && offset > 0 {
            return Err(IndexError::Paging {
                what: "near-duplicates are folded page by page: go on after a hit, not by an offset",
            });
        }
        if request.fold_similar && limit > MAX_FOLDED {
            return Err(window(format!("near-duplicates are folded among at most {MAX_FOLDED} hits")));
        }
        let facets = request.facets.iter().map(|&field| self.facet(field)).collect::<Result<_, _>>()?;
        let (total, found) = if request.fold_similar {
            let most = (limit * FOLDED_PER_HIT).min(MAX_FOLDED);
            let (total, hits) = self.page(request, most)?;
            (total, fold_similar(hits, limit, most))
        } else {
            // One more than is wanted tells whether there is another page.
            let (total, mut hits) = self.page(request, if limit == 0 { 0 } else { limit + 1 })?;
            let is_last = hits.len() <= limit;
            hits.truncate(limit);
            (total, Page { end: hits.last().map(Hit::cursor).filter(|_| !is_last), hits })
        };
        let total = match total {
            Some(total) => total,
            None => self.searcher.search(&self.query, &Count).map_err(IndexError::failed(self.dir))?,
        } as u64;
        let next = found.end.filter(|_| request.order == Order::Newest);
        Ok(SearchReport { total, hits: found.hits, next, facets })
    }

    /// Calls `visit` with every hit, the newest first, however many there are.
    pub(super) fn for_each_hit<E: From<IndexError>>(
        &self,
        request: &SearchRequest,
        mut visit: impl FnMut(Hit) -> Result<(), E>,
    ) -> Result<u64, E> {
        const PAGE: usize = 5_000;
        let mut page = SearchRequest { order: Order::Newest, offset: 0, ..request.clone() };
        let mut visited = 0;
        loop {
            let (_, hits) = self.page(&page, PAGE)?;
            page.after = hits.last().map(Hit::cursor);
            let is_last = hits.len() < PAGE;
            for hit in hits {
                visit(hit)?;
                visited += 1;
            }
            if is_last {
                return Ok(visited);
            }
        }
    }

    /// Some hits, and how many there are in all where that was counted on the way.
    fn page(&self, request: &SearchRequest, limit: usize) -> Result<(Option<usize>, Vec<Hit>), IndexError> {
        if limit == 0 {
            return Ok((None, Vec::new()));
        }
        let (total, found) = self.top(request, limit).map_err(IndexError::failed(self.dir))?;
        let hits = found.into_iter().map(|(score, address)| self.hit(score, address)).collect::<Result<_, _>>()?;
        Ok((total, hits))
    }

    fn top(&self, request: &SearchRequest, limit: usize) -> tantivy::Result<(Option<usize>, Vec<Found>)> {
        let top = TopDocs::with_limit(limit).and_offset(request.offset);
        let newest = (SortByStaticFastValue::<DateTime>::for_field(CREATED_AT), Direction::Desc);
        let by_id = (SortByString::for_field(ID), Direction::Asc);
        let unscored = |address: DocAddress| (None, address);
        Ok(match (request.order, &request.after) {
            (Order::Newest, None) => {
                let (total, found) = self.searcher.search(&self.query, &(Count, top.order_by((newest, by_id))))?;
                (Some(total), found.into_iter().map(|(_, address)| unscored(address)).collect())
            }
            (Order::Newest, Some(cursor)) => {
                let following = cursor.following(&self.fields, self.query.box_clone());
                let found = self.searcher.search(&following, &top.order_by((newest, by_id)))?;
                (None, found.into_iter().map(|(_, address)| unscored(address)).collect())
            }
            (Order::Relevance, _) => {
                let best = (SortBySimilarityScore, Direction::Desc);
                let order = top.order_by((best, newest, by_id));
                let (total, found) = self.searcher.search(&self.query, &(Count, order))?;
                (Some(total), found.into_iter().map(|((score, _, _), address)| (Some(score), address)).collect())
            }
        })
    }

    fn facet(&self, field: Field) -> Result<Facet, IndexError> {
        let mut counts = self.value_counts(field)?;
        let more_values = counts.len().saturating_sub(MAX_FACET_VALUES) as u64;
        counts.truncate(MAX_FACET_VALUES);
        let values = counts.into_iter().map(|(value, count)| ValueCount { value, count }).collect();
        Ok(Facet { field, values, more_values })
    }

    fn hit(&self, score: Option<f32>, address: DocAddress) -> Result<Hit, IndexError> {
        let document: TantivyDocument = self.searcher.doc(address).map_err(IndexError::failed(self.dir))?;
        let stored = |field| document.get_first(field).and_then(|value| value.as_str()).unwrap_or_default();
        let mention: Value = serde_json::from_str(stored(self.fields.record))
            .map_err(|source| IndexError::Stored { dir: self.dir.to_path_buf(), source })?;
        let text = mention.get("text").and_then(Value::as_str).unwrap_or_default();
        let highlights = self.question.highlights(text);
        let created_at = self.published(address).map_err(IndexError::failed(self.dir))?;
        Ok(Hit { id: stored(self.fields.id).to_owned(), created_at, score, mention, highlights, similar: Vec::new() })
    }

    fn published(&self, address: DocAddress) -> tantivy::Result<Option<Timestamp>> {
        let segment = self.searcher.segment_reader(address.segment_ord);
        let time = segment.fast_fields().date(CREATED_AT)?.first(address.doc_id);
        Ok(time.and_then(|time| Timestamp::from_second(time.into_timestamp_secs()).ok()))
    }
}

/// A page of hits.
struct Page {
    hits: Vec<Hit>,
    /// The place of the last hit that was looked at; `None` if there are no more.
    end: Option<Cursor>,
}

/// Takes out of at most `most` hits those that resemble one before, until there are `limit` and the next would be another.
fn fold_similar(hits: Vec<Hit>, limit: usize, most: usize) -> Page {
    let may_be_more = hits.len() == most;
    let mut page = Page { hits: Vec::new(), end: None };
    let mut kept: Vec<Shingles> = Vec::new();
    for hit in hits {
        let shingles = Shingles::of(hit.text());
        let alike = kept.iter().position(|other| other.resemblance(&shingles) >= NEAR_DUPLICATE);
        if alike.is_none() && kept.len() == limit {
            return page;
        }
        page.end = Some(hit.cursor());
        match alike {
            Some(first) => page.hits[first].similar.push(hit.id),
            None => {
                kept.push(shingles);
                page.hits.push(hit);
            }
        }
    }
    page.end = page.end.filter(|_| may_be_more);
    page
}
