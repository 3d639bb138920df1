//! How right the model is: its answers beside the labels that people gave.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::mention::{Label, Mention, Sentiment};

/// A text's label by people and by the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// What people said.
    pub gold: Label,
    /// What the model said; `None` where it could not score the text, which counts as wrong.
    pub predicted: Option<Label>,
}

/// What a labelled record asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question {
    /// What people said.
    pub gold: Label,
    /// True where the record says `"classes": 2`: its source has no neutral class, so the model is asked for the more
    /// probable of negative and positive.
    pub two_class: bool,
}

/// Fields that may hold the label people gave, in order of preference.
pub const LABEL_FIELDS: [&str; 3] = ["label", "gold_sentiment", "gold"];

impl Question {
    /// The question a labelled mention asks; `None` where it has no label that is negative, neutral or positive.
    pub fn of(mention: &Mention) -> Option<Question> {
        let name = LABEL_FIELDS.iter().find_map(|field| mention.record.get(*field)?.as_str())?;
        let gold = Label::ALL.into_iter().find(|label| label.as_str() == name)?;
        let two_class = mention.record.get("classes").is_some_and(|classes| *classes == 2);
        Some(Question { gold, two_class })
    }

    /// What the model's answer to this question is.
    pub fn answer(self, sentiment: Option<&Sentiment>) -> Outcome {
        let predicted = sentiment.map(|sentiment| match self.two_class {
            false => sentiment.label,
            true if sentiment.positive > sentiment.negative => Label::Positive,
            true => Label::Negative,
        });
        Outcome { gold: self.gold, predicted }
    }
}

/// Counts of outcomes: rows by gold label, columns by predicted label, the last for texts that could not be scored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Confusion {
    counts: [[u64; 4]; 3],
}

impl Confusion {
    /// Adds one outcome.
    pub fn add(&mut self, outcome: Outcome) {
        self.counts[outcome.gold as usize][outcome.predicted.map_or(3, |label| label as usize)] += 1;
    }

    /// How many texts of a gold label were predicted as another (`None`: could not be scored).
    pub fn count(&self, gold: Label, predicted: Option<Label>) -> u64 {
        self.counts[gold as usize][predicted.map_or(3, |label| label as usize)]
    }

    /// How many outcomes there are.
    pub fn total(&self) -> u64 {
        self.counts.iter().flatten().sum()
    }

    /// Share of outcomes that are right, 0 to 1; 0 where there are none.
    pub fn accuracy(&self) -> f64 {
        let right: u64 = Label::ALL.iter().map(|label| self.count(*label, Some(*label))).sum();
        ratio(right, self.total())
    }

    /// Mean of the F1 of every label that occurs among the gold or the predicted ones, 0 to 1 (as scikit-learn's
    /// `f1_score(average="macro")`).
    pub fn macro_f1(&self) -> f64 {
        let scores: Vec<f64> = Label::ALL.iter().filter_map(|label| self.f1(*label)).collect();
        if scores.is_empty() { 0.0 } else { scores.iter().sum::<f64>() / scores.len() as f64 }
    }

    fn f1(&self, label: Label) -> Option<f64> {
        let gold: u64 = self.counts[label as usize].iter().sum();
        let predicted: u64 = Label::ALL.iter().map(|gold| self.count(*gold, Some(label))).sum();
        (gold + predicted > 0).then(|| ratio(2 * self.count(label, Some(label)), gold + predicted))
    }
}

fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// The figures of one group of texts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Scores {
    /// How many texts.
    pub n: u64,
    /// 0 to 1, four decimals.
    pub accuracy: f64,
    /// 0 to 1, four decimals.
    pub macro_f1: f64,
    /// How many of the texts come from sources without a neutral class.
    pub two_class: u64,
    /// Rows: gold negative, neutral, positive. Columns: predicted negative, neutral, positive, not scored.
    pub confusion: Confusion,
}

/// How right the model is, over all and by language.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Evaluation {
    /// Over all texts.
    pub overall: Scores,
    /// By the language the labelled record claims, or else the detected one.
    pub languages: BTreeMap<String, Scores>,
    /// Records without a label, which were left out.
    pub unlabelled: u64,
    /// `sha256:…` of the model that was evaluated.
    pub model: String,
}

/// Collects outcomes.
#[derive(Debug, Default)]
pub struct Evaluator {
    overall: Tally,
    languages: BTreeMap<String, Tally>,
    unlabelled: u64,
}

#[derive(Debug, Default)]
struct Tally {
    confusion: Confusion,
    two_class: u64,
}

impl Tally {
    fn add(&mut self, outcome: Outcome, two_class: bool) {
        self.confusion.add(outcome);
        self.two_class += u64::from(two_class);
    }

    fn scores(&self) -> Scores {
        let rounded = |x: f64| (x * 10_000.0).round() / 10_000.0;
        Scores {
            n: self.confusion.total(),
            accuracy: rounded(self.confusion.accuracy()),
            macro_f1: rounded(self.confusion.macro_f1()),
            two_class: self.two_class,
            confusion: self.confusion,
        }
    }
}

impl Evaluator {
    /// Adds the model's answer to a labelled text.
    pub fn add(&mut self, language: &str, question: Question, sentiment: Option<&Sentiment>) {
        let outcome = question.answer(sentiment);
        self.overall.add(outcome, question.two_class);
        self.languages.entry(language.to_owned()).or_default().add(outcome, question.two_class);
    }

    /// Counts a text without a label.
    pub fn skip(&mut self) {
        self.unlabelled += 1;
    }

    /// The figures.
    pub fn finish(self, model: &str) -> Evaluation {
        Evaluation {
            overall: self.overall.scores(),
            languages: self.languages.into_iter().map(|(language, tally)| (language, tally.scores())).collect(),
            unlabelled: self.unlabelled,
            model: model.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn macro_f1_by_hand() {
        let mut confusion = Confusion::default();
        let outcomes = [
            (Label::Negative, Some(Label::Negative)),
            (Label::Negative, Some(Label::Positive)),
            (Label::Positive, Some(Label::Positive)),
            (Label::Positive, None),
        ];
        for (gold, predicted) in outcomes {
            confusion.add(Outcome { gold, predicted });
        }
        // negative: 2·1/(2+1) = 2/3; positive: 2·1/(2+2) = 1/2; neutral does not occur.
        assert!((confusion.macro_f1() - (2.0 / 3.0 + 0.5) / 2.0).abs() < 1e-12);
        assert_eq!(confusion.accuracy(), 0.5);
    }

    #[test]
    fn two_class_sources_are_not_asked_for_neutral() {
        let sentiment = Sentiment::from_probabilities([0.1, 0.7, 0.2]);
        let question = Question { gold: Label::Positive, two_class: true };
        assert_eq!(question.answer(Some(&sentiment)).predicted, Some(Label::Positive));
        let question = Question { gold: Label::Positive, two_class: false };
        assert_eq!(question.answer(Some(&sentiment)).predicted, Some(Label::Neutral));
    }
}
