//! The index: tagged mentions on disk, found by words and fields, counted exactly. The one place that knows Tantivy.
//!
//! An [`IndexWriter`] puts mentions in and commits them together with a [`Checkpoint`]; a [`MentionIndex`] reads what
//! was committed, and nothing else.

mod analyser;
mod checkpoint;
mod count;
mod cursor;
mod document;
mod error;
mod explain;
mod folder;
mod query;
mod reader;
mod records;
mod schema;
mod search;
mod writer;

#[cfg(test)]
pub(crate) mod samples;
#[cfg(test)]
mod tests;

pub use checkpoint::{Checkpoint, CheckpointEngine, SourcePosition, Totals};
pub use count::Measures;
pub(crate) use count::{Buckets, MAX_CELLS, NO_VALUE, Starts, StepCell, Sum, Sums, Tally, TallyRequest};
pub use cursor::Cursor;
pub use error::IndexError;
pub use explain::{ExplainedPart, MAX_EXPLAINED_PARTS, QueryExplanation};
pub use query::MAX_WILDCARD_WORDS;
pub(crate) use reader::Selection;
pub use reader::{IndexStats, MentionIndex};
pub use schema::{Field, MAX_KEYWORD_BYTES, SCHEMA_VERSION};
pub use search::{Facet, Hit, MAX_FACET_VALUES, MAX_LIMIT, MAX_WINDOW, Order, SearchReport, SearchRequest, ValueCount};
pub use writer::{IndexWriter, MAX_PENDING, Upsert};
