//! Figures beside counts, as they are reported.

use serde::Serialize;

use super::net_sentiment::NetSentiment;
use crate::index::{Measures, Sum, Sums};

/// Shares and means are reported with four decimals.
pub(super) fn round(number: f64) -> f64 {
    // No minus nothing.
    (number * 10_000.0).round() / 10_000.0 + 0.0
}

/// A part of a whole, 0 to 1, four decimals; `None` where there is nothing to share.
pub(super) fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| round(part as f64 / whole as f64))
}

/// What was asked for of some mentions; the rest is absent.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Figures {
    /// Net sentiment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub net: Option<NetSentiment>,
    /// Mean score.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<MeanScore>,
    /// Authors.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authors: Option<UniqueAuthors>,
    /// Engagement.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub engagement: Option<Engagement>,
    /// Mentions of the kind `repost`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reposts: Option<u64>,
}

/// How positive mentions are on average.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct MeanScore {
    /// Mentions with probabilities.
    pub scored: u64,
    /// The mean of the probability of positive less that of negative, −1 to 1, four decimals; `None` where nothing is
    /// scored.
    pub mean: Option<f64>,
}

/// Who wrote the mentions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct UniqueAuthors {
    /// Different authors, whatever the case of their names.
    pub unique: u64,
    /// Mentions that name none; they are not among the authors.
    pub without_author: u64,
}

/// How much the mentions were seen and answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[allow(missing_docs)]
pub struct Engagement {
    pub likes: FigureSum,
    pub shares: FigureSum,
    pub replies: FigureSum,
    pub views: FigureSum,
}

/// A sum of what the sources counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct FigureSum {
    /// The sum, held within the range of 64 bits.
    pub sum: i64,
    /// Mentions for which the source gave the figure; for the others it is not known, which is not 0.
    pub mentions: u64,
}

impl Figures {
    pub(super) fn of(sums: &Sums, measures: Measures) -> Figures {
        let score = || MeanScore { scored: sums.with_score, mean: sums.mean_score().map(round) };
        let authors = || UniqueAuthors { unique: sums.authors, without_author: sums.without_author };
        Figures {
            net: measures.net.then(|| NetSentiment::of(sums.labels)),
            score: measures.score.then(score),
            authors: measures.authors.then(authors),
            engagement: measures.engagement.then(|| Engagement::of(sums.engagement)),
            reposts: measures.reposts.then_some(sums.reposts),
        }
    }
}

impl Engagement {
    /// In the order of the sums.
    fn of(sums: [Sum; 4]) -> Engagement {
        let [likes, shares, replies, views] = sums.map(|Sum { sum, mentions }| FigureSum {
            sum: sum.clamp(i64::MIN.into(), i64::MAX.into()) as i64,
            mentions,
        });
        Engagement { likes, shares, replies, views }
    }

    /// The figures by their names.
    pub fn named(&self) -> [(&'static str, FigureSum); 4] {
        [("likes", self.likes), ("shares", self.shares), ("replies", self.replies), ("views", self.views)]
    }
}
