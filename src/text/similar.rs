//! How alike two texts are, for near-duplicates: reposts, copies with another link or another account named.

use std::borrow::Cow;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::places::Places;
use super::script;
use super::script::CharKind;

/// Words in one shingle.
const SHINGLE_WORDS: usize = 3;

/// The shingles of a text: hashes of each three words in a row (all of them where there are fewer), without links,
/// account names and the `RT` of reposts. In order, each once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shingles(Vec<u64>);

impl Shingles {
    /// The shingles of a text.
    pub fn of(text: &str) -> Shingles {
        let is_said = |word: &&str| !word.starts_with('@') && *word != "RT";
        let without_links = without_links(text);
        let said: Vec<&str> = without_links.split_whitespace().filter(is_said).collect();
        let said = said.join(" ");
        let places = Places::of(&said);
        let tokens: Vec<&str> =
            (0..places.len()).map(|place| places.token(place)).filter(|token| is_word(token)).collect();
        let width = SHINGLE_WORDS.min(tokens.len()).max(1);
        let mut shingles: Vec<u64> = tokens.windows(width).map(hash).collect();
        shingles.sort_unstable();
        shingles.dedup();
        Shingles(shingles)
    }

    /// The share of shingles that two texts have in common, 0 to 1 (the Jaccard coefficient; Broder, On the resemblance
    /// and containment of documents, 1997); 0 for texts without words.
    pub fn resemblance(&self, other: &Shingles) -> f64 {
        let common = self.0.iter().filter(|shingle| other.0.binary_search(shingle).is_ok()).count();
        let all = self.0.len() + other.0.len() - common;
        if all == 0 { 0.0 } else { common as f64 / all as f64 }
    }
}

/// A text without its links, its words one space apart where it has any.
pub fn without_links(text: &str) -> Cow<'_, str> {
    if !text.contains("://") && !text.contains("www.") {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.split_whitespace().filter(|word| !is_link(word)).collect::<Vec<_>>().join(" "))
}

fn is_link(word: &str) -> bool {
    word.starts_with("http://") || word.starts_with("https://") || word.starts_with("www.")
}

fn is_word(token: &str) -> bool {
    token.chars().next().is_some_and(|c| !matches!(script::kind(c), CharKind::Break | CharKind::Joiner))
}

fn hash(words: &[&str]) -> u64 {
    let mut hasher = DefaultHasher::new();
    words.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resemblance(one: &str, other: &str) -> f64 {
        Shingles::of(one).resemblance(&Shingles::of(other))
    }

    #[test]
    fn copies_are_alike_and_others_are_not() {
        let text = "My parcel has not arrived for three weeks, nobody answers";
        assert_eq!(resemblance(text, &format!("RT @someone: {text} https://t.example/x")), 1.0);
        assert_eq!(resemblance(text, &text.to_uppercase()), 1.0);
        assert!(resemblance(text, &format!("{text} at all!")) > 0.7);
        assert!(resemblance(text, "My parcel arrived today, three weeks early, and nobody is happier") < 0.3);
        assert_eq!(resemblance("", ""), 0.0);
        assert_eq!(resemblance("@a https://x.example", "@b"), 0.0);
        assert_eq!(resemblance("late!", "Late"), 1.0);
    }
}
