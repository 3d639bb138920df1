//! Who has the last word on how a mention feels.
//!
//! The model speaks first. [`SentimentRules`] come before and after it: terms that mean nothing for a brand are kept from
//! the model ("war zone", the game), and terms that settle the matter override it. [`Corrections`] by people, by mention
//! id, beat both. Whatever overruled the model is said in [`crate::mention::Decision`], beside what the model thought.
//! [`review`] names the mentions that a person should look at.

mod corrections;
mod review;
mod rules;

use crate::mention::{Decision, Label, Sentiment};

pub use corrections::{Correction, CorrectionError, CorrectionLog, Corrections, read_corrections};
pub use review::review;
pub use rules::{Ruling, SentimentRules};

/// The sentiment in force, and what decided it where that is not the model alone: a correction before an overriding rule
/// before the model.
pub fn decide(
    model: Option<Sentiment>,
    ruling: Ruling,
    correction: Option<&Correction>,
) -> (Option<Sentiment>, Option<Decision>) {
    let (sentiment, decision) = match ruling.overridden {
        Some((label, name, matches)) => {
            (Some(Sentiment::certain(label)), Some(Decision::Rule { name, matches, model }))
        }
        None if !ruling.neutralised.is_empty() => {
            // Where nothing is left to score, all that was said means nothing.
            let left = model.unwrap_or(Sentiment::certain(Label::Neutral));
            (Some(left), Some(Decision::Neutralised { matches: ruling.neutralised }))
        }
        None => (model, None),
    };
    match correction {
        Some(Correction { sentiment: Some(label), by, at, note, .. }) => {
            let (by, note) = (by.clone(), note.clone());
            (Some(Sentiment::certain(*label)), Some(Decision::Correction { by, at: *at, note, instead_of: sentiment }))
        }
        _ => (sentiment, decision),
    }
}
