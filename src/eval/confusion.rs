//! What was taken for what, and the figures that follow from it.

use serde::Serialize;

use super::question::Outcome;
use super::random::Random;
use super::{ratio, round};
use crate::mention::Label;

/// What may be said of a text: one of the labels, or nothing.
pub(super) const ANSWERS: usize = Label::ALL.len() + 1;
const CELLS: usize = Label::ALL.len() * ANSWERS;

/// Where an answer stands in a row.
pub(super) fn column(predicted: Option<Label>) -> usize {
    predicted.map_or(ANSWERS - 1, |label| label as usize)
}

/// Counts of outcomes: rows by gold label, columns by predicted label, the last for texts that could not be scored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Confusion {
    /// Row after row.
    cells: [u64; CELLS],
}

/// Serialized as rows of columns.
impl Serialize for Confusion {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.cells.chunks(ANSWERS))
    }
}

impl Confusion {
    /// Adds one outcome.
    pub fn add(&mut self, outcome: Outcome) {
        self.add_many(outcome.gold as usize, column(outcome.predicted()), 1);
    }

    pub(super) fn add_many(&mut self, row: usize, column: usize, count: u64) {
        self.cells[row * ANSWERS + column] += count;
    }

    /// How many texts of a gold label were predicted as another (`None`: could not be scored).
    pub fn count(&self, gold: Label, predicted: Option<Label>) -> u64 {
        self.cells[gold as usize * ANSWERS + column(predicted)]
    }

    /// How many outcomes there are.
    pub fn total(&self) -> u64 {
        self.cells.iter().sum()
    }

    /// How many of them are right.
    pub fn right(&self) -> u64 {
        Label::ALL.iter().map(|label| self.count(*label, Some(*label))).sum()
    }

    /// Share of outcomes that are right, 0 to 1; 0 where there are none.
    pub fn accuracy(&self) -> f64 {
        ratio(self.right(), self.total()).unwrap_or(0.0)
    }

    /// Mean of the F1 of every label that occurs among the gold or the predicted ones, 0 to 1 (as scikit-learn's
    /// `f1_score(average="macro")`).
    pub fn macro_f1(&self) -> f64 {
        let scores = Label::ALL.iter().filter_map(|label| self.label(*label).f1);
        let (sum, count) = scores.fold((0.0, 0), |(sum, count), f1| (sum + f1, count + 1));
        if count == 0 { 0.0 } else { sum / f64::from(count) }
    }

    /// How well one label is told from the others.
    pub fn label(&self, label: Label) -> LabelScores {
        let gold: u64 = self.cells[label as usize * ANSWERS..][..ANSWERS].iter().sum();
        let predicted: u64 = Label::ALL.iter().map(|gold| self.count(*gold, Some(label))).sum();
        let right = self.count(label, Some(label));
        LabelScores {
            gold,
            predicted,
            precision: ratio(right, predicted),
            recall: ratio(right, gold),
            f1: ratio(2 * right, gold + predicted),
        }
    }

    /// The counts of as many texts, drawn from these with replacement.
    pub(super) fn resample(&self, random: &mut Random) -> Confusion {
        Confusion { cells: random.resample(&self.cells) }
    }
}

/// How well one label is told from the others.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct LabelScores {
    /// Texts to which people gave it.
    pub gold: u64,
    /// Texts to which the model gave it.
    pub predicted: u64,
    /// Share of the predicted ones that are gold, 0 to 1; `None` where none is predicted.
    pub precision: Option<f64>,
    /// Share of the gold ones that are predicted, 0 to 1; `None` where none is gold.
    pub recall: Option<f64>,
    /// Harmonic mean of the two, 0 to 1; `None` where the label does not occur at all.
    pub f1: Option<f64>,
}

impl LabelScores {
    pub(super) fn rounded(self) -> LabelScores {
        let Self { precision, recall, f1, .. } = self;
        LabelScores { precision: precision.map(round), recall: recall.map(round), f1: f1.map(round), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::eval::Prediction;

    fn confusion(outcomes: &[(Label, Option<Label>)]) -> Confusion {
        let mut confusion = Confusion::default();
        for (gold, predicted) in outcomes {
            let prediction = predicted.map(|label| Prediction { label, confidence: 1.0 });
            confusion.add(Outcome { gold: *gold, prediction });
        }
        confusion
    }

    #[test]
    fn figures_by_hand() {
        let confusion = confusion(&[
            (Label::Negative, Some(Label::Negative)),
            (Label::Negative, Some(Label::Positive)),
            (Label::Positive, Some(Label::Positive)),
            (Label::Positive, None),
        ]);
        let positive = confusion.label(Label::Positive);
        assert_eq!((positive.precision, positive.recall, positive.f1), (Some(0.5), Some(0.5), Some(0.5)));
        let negative = confusion.label(Label::Negative);
        assert_eq!((negative.precision, negative.recall, negative.f1), (Some(1.0), Some(0.5), Some(2.0 / 3.0)));
        let neutral = confusion.label(Label::Neutral);
        assert_eq!((neutral.precision, neutral.recall, neutral.f1), (None, None, None));
        assert!((confusion.macro_f1() - (2.0 / 3.0 + 0.5) / 2.0).abs() < 1e-12, "neutral does not occur");
        assert_eq!(confusion.accuracy(), 0.5);
        assert_eq!(serde_json::to_string(&confusion).unwrap_or_default(), "[[1,0,1,0],[0,0,0,0],[0,0,1,1]]");
    }

    #[test]
    fn nothing_scores_nothing() {
        assert_eq!((Confusion::default().accuracy(), Confusion::default().macro_f1()), (0.0, 0.0));
    }
}
