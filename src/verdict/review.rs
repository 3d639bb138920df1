//! What a person should look at before relying on it: where the model does not know, and cannot know that it does not.

use crate::mention::{Flag, Label, Sentiment};
use crate::text::script::{self, CharKind};

/// From this probability of both negative and positive, a text is called mixed.
const MIXED_PROBABILITY: f64 = 0.25;
/// From this share of unknown tokens, a text is called unseen.
const UNSEEN_SHARE: f64 = 0.3;
/// Emoji that stand in praise that is not meant.
const WRY_EMOJI: &str = "🙄🤡🙃😒🤦😤😑🖕💀🤨";
/// Hashtags and marks by which writers say that they do not mean it.
const IRONY_MARKS: [&str; 4] = ["#sarcas", "#irony", "#ironie", "#ironia"];
/// The mark of sarcasm at the end of a post.
const SARCASM_MARK: &str = " /s";

/// The reasons for which a person should look at this sentiment. `unknown_share` is the share of tokens that the model's
/// vocabulary does not have, 0 to 1.
pub fn review(text: &str, sentiment: &Sentiment, unknown_share: f64) -> Vec<Flag> {
    let mut flags = Vec::new();
    if !text.chars().any(is_letter) {
        flags.push(Flag::ReviewNoWords);
    }
    if sentiment.negative >= MIXED_PROBABILITY && sentiment.positive >= MIXED_PROBABILITY {
        flags.push(Flag::ReviewMixed);
    }
    if sentiment.label == Label::Positive && looks_wry(text) {
        flags.push(Flag::ReviewSarcasm);
    }
    if unknown_share >= UNSEEN_SHARE {
        flags.push(Flag::ReviewUnseenScript);
    }
    flags
}

fn is_letter(c: char) -> bool {
    matches!(script::kind(c), CharKind::Word | CharKind::Unspaced) && !c.is_numeric()
}

fn looks_wry(text: &str) -> bool {
    text.chars().any(|c| WRY_EMOJI.contains(c)) || {
        let lower = text.to_lowercase();
        IRONY_MARKS.iter().any(|mark| lower.contains(mark)) || lower.trim_end().ends_with(SARCASM_MARK)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flags(text: &str, probabilities: [f64; 3], unknown_share: f64) -> Vec<Flag> {
        review(text, &Sentiment::from_probabilities(probabilities), unknown_share)
    }

    #[test]
    fn what_a_person_should_see() {
        assert_eq!(flags("😂😂 10/10", [0.1, 0.1, 0.8], 0.0), [Flag::ReviewNoWords]);
        assert_eq!(flags("great food, rude staff", [0.4, 0.2, 0.4], 0.0), [Flag::ReviewMixed]);
        assert_eq!(flags("Great, delayed again 🙄", [0.1, 0.1, 0.8], 0.0), [Flag::ReviewSarcasm]);
        assert_eq!(flags("lovely service #sarcasm", [0.1, 0.1, 0.8], 0.0), [Flag::ReviewSarcasm]);
        assert_eq!(flags("great, lovely, 5 zł /szt", [0.1, 0.1, 0.8], 0.0), []);
        assert_eq!(flags("great, lovely /s", [0.1, 0.1, 0.8], 0.0), [Flag::ReviewSarcasm]);
        assert_eq!(flags("Delayed again 🙄", [0.8, 0.1, 0.1], 0.0), [], "said plainly");
        assert_eq!(flags("ᏣᎳᎩ ᎦᏬᏂᎯᏍᏗ", [0.2, 0.6, 0.2], 0.5), [Flag::ReviewUnseenScript]);
        assert_eq!(flags("配送很快", [0.0, 0.1, 0.9], 0.0), []);
    }
}
