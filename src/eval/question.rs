//! What a labelled record asks, and what the model answers.

use crate::mention::{Label, Mention, Sentiment};

/// What the model said of a text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prediction {
    /// The more probable of the labels that were asked for.
    pub label: Label,
    /// Its probability among the labels that were asked for, 0 to 1.
    pub confidence: f64,
}

/// A text's label by people and by the model.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outcome {
    /// What people said.
    pub gold: Label,
    /// What the model said; `None` where it could not score the text, which counts as wrong.
    pub prediction: Option<Prediction>,
}

impl Outcome {
    /// The label that the model gave.
    pub fn predicted(self) -> Option<Label> {
        self.prediction.map(|prediction| prediction.label)
    }
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
        // Tables have no numbers of their own, so there the two is text.
        let two_class = mention.record.get("classes").is_some_and(|classes| *classes == 2 || *classes == "2");
        Some(Question { gold, two_class })
    }

    /// What the model's answer to this question is.
    pub fn answer(self, sentiment: Option<&Sentiment>) -> Outcome {
        let prediction =
            sentiment.map(|sentiment| if self.two_class { of_two(sentiment) } else { of_three(sentiment) });
        Outcome { gold: self.gold, prediction }
    }
}

fn of_three(sentiment: &Sentiment) -> Prediction {
    Prediction { label: sentiment.label, confidence: sentiment.probability(sentiment.label) }
}

/// The neutral probability is shared out between the other two as they are to one another.
fn of_two(sentiment: &Sentiment) -> Prediction {
    let label = if sentiment.positive > sentiment.negative { Label::Positive } else { Label::Negative };
    let both = sentiment.negative + sentiment.positive;
    Prediction { label, confidence: if both > 0.0 { sentiment.probability(label) / both } else { 0.5 } }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(probabilities: [f64; 3], two_class: bool) -> Option<Prediction> {
        let sentiment = Sentiment::from_probabilities(probabilities);
        Question { gold: Label::Positive, two_class }.answer(Some(&sentiment)).prediction
    }

    #[test]
    fn two_class_sources_are_not_asked_for_neutral() {
        let prediction = |label, confidence| Some(Prediction { label, confidence });
        assert_eq!(answer([0.1, 0.5, 0.4], true), prediction(Label::Positive, 0.8));
        assert_eq!(answer([0.1, 0.5, 0.4], false), prediction(Label::Neutral, 0.5));
        assert_eq!(answer([0.0, 1.0, 0.0], true), prediction(Label::Negative, 0.5));
    }
}
