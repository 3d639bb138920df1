//! What every commit says about itself: how far the sources were read, and by which engine.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::mention::EngineId;

/// Written with each commit, in the same step as the mentions, so that position and data never disagree.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// [`SCHEMA_VERSION`](super::SCHEMA_VERSION) of the writer; filled in by the commit.
    #[serde(rename = "earmark_schema")]
    pub schema_version: u32,
    /// When it was committed; filled in by the commit.
    pub committed_at: Option<Timestamp>,
    /// What tagged the mentions of this run.
    pub engine: Option<CheckpointEngine>,
    /// The sources of this run and how far each was read.
    pub sources: Vec<SourcePosition>,
    /// Totals of this run so far.
    pub totals: Totals,
}

/// [`EngineId`], read back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckpointEngine {
    /// Version of earmark.
    pub version: String,
    /// Digest of the model bundle.
    pub model: String,
    /// Digest of the taxonomy.
    pub taxonomy: String,
    /// Digest of the sentiment rules, where there were any.
    #[serde(default)]
    pub sentiment_rules: Option<String>,
    /// Digest of the tracked brands, where there were any.
    #[serde(default)]
    pub brands: Option<String>,
}

impl From<&EngineId> for CheckpointEngine {
    fn from(engine: &EngineId) -> CheckpointEngine {
        CheckpointEngine {
            version: engine.version.to_owned(),
            model: engine.model.clone(),
            taxonomy: engine.taxonomy.clone(),
            sentiment_rules: engine.sentiment_rules.clone(),
            brands: engine.brands.clone(),
        }
    }
}

/// How far a source was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourcePosition {
    /// Name of the file, as it was given.
    pub name: String,
    /// Records read from its beginning, rejects included; all of them are in the index or were rejected.
    pub records: u64,
    /// True when its end was reached.
    pub finished: bool,
}

/// What became of the records that were read: read = indexed + updated + unchanged + rejected.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs)]
pub struct Totals {
    pub read: u64,
    pub indexed: u64,
    pub updated: u64,
    pub unchanged: u64,
    pub rejected: u64,
}
