//! How right the model is: its answers beside the labels that people gave.
//!
//! [`evaluate`] tags a feed of labelled records and keeps counts only: who said what of texts of which label, and how
//! sure the model was. Every figure follows from the counts, the intervals too: texts that are drawn anew with replacement
//! are the same as counts that are drawn anew, so a million texts take hardly longer than a thousand. All chance comes
//! from a fixed seed and begins anew with each group, so the same texts give the same figures whatever else is evaluated.

mod bootstrap;
mod calibration;
mod comparison;
mod confusion;
mod evaluator;
mod group;
mod job;
mod question;
mod random;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::sentiment::ModelError;

pub use bootstrap::{Interval, MIN_TEXTS_FOR_INTERVAL, RESAMPLES};
pub use calibration::{BINS, ReliabilityBin};
pub use comparison::{Better, Comparison, Difference, Gap, Right, SHUFFLES, SIGNIFICANCE};
pub use confusion::{Confusion, LabelScores};
pub use group::{GroupBy, MAX_GROUPS, NO_VALUE};
pub use job::{DataFile, OtherModel, evaluate};
pub use question::{LABEL_FIELDS, Outcome, Prediction, Question};

/// Fewer texts than this say little about a group: it is no part of the mean over groups nor among the worst.
pub const MIN_TEXTS_TO_RANK: u64 = 100;
/// How many of the worst groups are named.
pub const WORST_GROUPS: usize = 5;

/// Why there are no figures.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EvalError {
    /// A model cannot be loaded or fails.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// There is nothing to compare the model's answers with.
    #[error("no record has a label: give each a \"label\" of negative, neutral or positive")]
    NoLabels,
    /// No labelled record has the field to group by.
    #[error("no labelled record has a field {0:?} to group by")]
    NoSuchField(String),
    /// The field to group by tells nearly every text from the others.
    #[error("the field {0:?} has more than {MAX_GROUPS} values; group by one that many texts share")]
    TooManyGroups(String),
}

impl EvalError {
    /// True where what was asked for is wrong, false where the machine or the engine failed.
    pub fn is_user_error(&self) -> bool {
        match self {
            EvalError::Model(error) => error.is_user_error(),
            EvalError::NoLabels | EvalError::NoSuchField(_) | EvalError::TooManyGroups(_) => true,
        }
    }
}

/// The figures of one group of texts. Shares are 0 to 1 with four decimals.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Scores {
    /// How many texts.
    pub n: u64,
    /// Share of them that the model got right.
    pub accuracy: f64,
    /// 95 % interval; `None` below [`MIN_TEXTS_FOR_INTERVAL`], and where all texts are right or all are wrong.
    pub accuracy_interval: Option<Interval>,
    /// Mean of the labels' F1.
    pub macro_f1: f64,
    /// 95 % interval, `None` likewise.
    pub macro_f1_interval: Option<Interval>,
    /// Expected calibration error over the texts that were scored; `None` where none was.
    pub ece: Option<f64>,
    /// Mean probability of the predicted labels; `None` where no text was scored.
    pub mean_confidence: Option<f64>,
    /// How many of the texts come from sources without a neutral class.
    pub two_class: u64,
    /// By name of the label.
    pub labels: BTreeMap<&'static str, LabelScores>,
    /// Rows: gold negative, neutral, positive. Columns: predicted negative, neutral, positive, not scored.
    pub confusion: Confusion,
}

/// Something about each group, by the group's name.
#[derive(Debug, Clone, PartialEq)]
pub struct Groups<T> {
    /// What JSON calls them: `languages`, or `groups` where they are by another field.
    pub key: &'static str,
    /// By name.
    pub members: BTreeMap<String, T>,
}

impl<T: Serialize> Serialize for Groups<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map([(self.key, &self.members)])
    }
}

/// What the groups have in common that have at least [`MIN_TEXTS_TO_RANK`] texts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Ranking {
    /// How many groups have enough texts.
    pub groups: usize,
    /// How many texts are enough.
    pub min_texts: u64,
    /// Mean of their macro-F1, each group counting the same, 0 to 1, four decimals; `None` where there are none.
    pub macro_f1: Option<f64>,
    /// The names of up to [`WORST_GROUPS`] of the lowest macro-F1, the lowest first.
    pub worst: Vec<String>,
}

/// How right the model is, over all and by group.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Evaluation {
    /// Over all texts.
    pub overall: Scores,
    /// The field that the groups are by.
    pub by: String,
    /// The mean over groups, and the worst.
    pub mean_of_groups: Ranking,
    /// By group.
    #[serde(flatten)]
    pub groups: Groups<Scores>,
    /// How sure the model was of all texts, and how right it was.
    pub reliability: Vec<ReliabilityBin>,
    /// Beside another model, where one was named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comparison: Option<Comparison>,
    /// Records without a label, which were left out.
    pub unlabelled: u64,
    /// Records that could not be read, which were left out.
    pub rejected: u64,
    /// Sources that ended before their end, with the reason.
    pub damaged: Vec<String>,
    /// Where the records came from.
    pub data: Vec<DataFile>,
    /// `sha256:…` of the model that was evaluated.
    pub model: String,
    /// `sha256:…` of the sentiment rules in force, where there were any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sentiment_rules: Option<String>,
    /// `sha256:…` of the tracked brands, where there were any: then the sentiment towards a record's own brand counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub brands: Option<String>,
    /// What executed it; without its folder, which says nothing of the figures.
    pub runtime: String,
    /// Version of earmark.
    pub version: &'static str,
}

/// To the four decimals of all reported figures.
fn round(figure: f64) -> f64 {
    // Adding nothing turns a negative zero into zero.
    (figure * 10_000.0).round() / 10_000.0 + 0.0
}

fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}
