//! Queries whose documents are found by going through a list once: words that a wildcard stands for, hours and days.

use std::sync::Arc;

use jiff::tz::TimeZone;
use tantivy::query::{BitSetDocSet, ConstScorer, EnableScoring, Explanation, Query, Scorer, Weight};
use tantivy::schema::IndexRecordOption;
use tantivy::{BitSet, DocId, Score, SegmentReader, TantivyError, Term};

use super::terms::Expansion;
use crate::index::schema::CREATED_AT;
use crate::query::{is_in_hours, is_on_days};

/// Selects documents by something other than a term or a range.
#[derive(Debug, Clone)]
pub(super) enum DocFilter {
    /// One of the words is in it.
    Words(Arc<Expansion>),
    /// It was published at such a time of the day or day of the week.
    Calendar { calendar: Calendar, zone: TimeZone },
}

/// Hours or days of the week, one bit each.
#[derive(Debug, Clone, Copy)]
pub(super) enum Calendar {
    Hours(u32),
    Weekdays(u8),
}

impl DocFilter {
    /// The documents of a segment that are selected.
    fn docs(&self, segment: &SegmentReader) -> tantivy::Result<BitSet> {
        let mut selected = BitSet::with_max_value(segment.max_doc());
        match self {
            DocFilter::Words(expansion) => {
                let index = segment.inverted_index(expansion.field)?;
                for term in expansion.in_segment(segment.segment_id()) {
                    let mut postings = index.read_block_postings_from_terminfo(term, IndexRecordOption::Basic)?;
                    while !postings.docs().is_empty() {
                        postings.docs().iter().for_each(|&doc| {
                            selected.insert(doc);
                        });
                        postings.advance();
                    }
                }
            }
            DocFilter::Calendar { calendar, zone } => {
                let times = segment.fast_fields().date(CREATED_AT)?;
                for doc in 0..segment.max_doc() {
                    let Some(time) = times.first(doc) else { continue };
                    let second = time.into_timestamp_secs();
                    let is_selected = match calendar {
                        Calendar::Hours(hours) => is_in_hours(zone, second, *hours),
                        Calendar::Weekdays(days) => is_on_days(zone, second, *days),
                    };
                    if is_selected {
                        selected.insert(doc);
                    }
                }
            }
        }
        Ok(selected)
    }
}

impl Query for DocFilter {
    fn weight(&self, _: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(self.clone()))
    }

    fn query_terms<'a>(&'a self, _: &mut dyn FnMut(&'a Term, bool)) {}
}

impl Weight for DocFilter {
    fn scorer(&self, segment: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        Ok(Box::new(ConstScorer::new(BitSetDocSet::from(self.docs(segment)?), boost)))
    }

    fn explain(&self, _: &SegmentReader, _: DocId) -> tantivy::Result<Explanation> {
        Err(TantivyError::InvalidArgument("filters do not explain scores".to_owned()))
    }
}

/// A query whose documents are all found before any is asked for. Tantivy 0.27 may ask what is excluded for a document
/// before the current one (`Exclude`), which its phrases do not allow (`PhraseScorer::seek_danger`).
#[derive(Debug)]
pub(super) struct Settled(pub Box<dyn Query>);

impl Clone for Settled {
    fn clone(&self) -> Self {
        Settled(self.0.box_clone())
    }
}

impl Query for Settled {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        let unscored = match scoring.searcher() {
            Some(searcher) => EnableScoring::disabled_from_searcher(searcher),
            None => EnableScoring::disabled_from_schema(scoring.schema()),
        };
        Ok(Box::new(SettledWeight(self.0.weight(unscored)?)))
    }
}

struct SettledWeight(Box<dyn Weight>);

impl Weight for SettledWeight {
    fn scorer(&self, segment: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let mut docs = BitSet::with_max_value(segment.max_doc());
        self.0.for_each_no_score(segment, &mut |found| {
            for &doc in found {
                docs.insert(doc);
            }
        })?;
        Ok(Box::new(ConstScorer::new(BitSetDocSet::from(docs), boost)))
    }

    fn explain(&self, _: &SegmentReader, _: DocId) -> tantivy::Result<Explanation> {
        Err(TantivyError::InvalidArgument("filters do not explain scores".to_owned()))
    }
}
