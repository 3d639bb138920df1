//! Words met before with their evidence: most words of a stream of texts are among some thousands, and to compare a word
//! is quicker than to look up its n-grams.

use super::grams;
use super::model::Evidence;

/// Words that are remembered at once, each in the one place that its hash says.
const SLOTS: usize = 4096;
/// Longer words, the spaces on both sides included, are too seldom met again.
const MAX_SPACED: usize = 14;

/// The words met last.
///
/// What is remembered is what would be computed, so answers do not depend on what was read before.
pub(super) struct Memory {
    slots: Vec<(Key, Evidence)>,
}

/// A word between two spaces, filled up with zeros.
type Key = [char; MAX_SPACED];

impl Memory {
    pub(super) fn new() -> Memory {
        Memory { slots: vec![Default::default(); SLOTS] }
    }

    /// The evidence of a word, if it is remembered.
    pub(super) fn find(&self, word: &[char]) -> Option<&Evidence> {
        let (known, evidence) = &self.slots[place(word)];
        (*known == key(word)?).then_some(evidence)
    }

    /// Remembers a word in place of the one that had its place.
    pub(super) fn keep(&mut self, word: &[char], evidence: Evidence) {
        if let Some(key) = key(word) {
            self.slots[place(word)] = (key, evidence);
        }
    }
}

fn place(word: &[char]) -> usize {
    grams::hash(word) as usize % SLOTS
}

fn key(word: &[char]) -> Option<Key> {
    let mut key = Key::default();
    key.get_mut(..word.len())?.copy_from_slice(word);
    Some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_found_until_another_takes_its_place() {
        let word = |n: usize| format!(" {n} ").chars().collect::<Vec<char>>();
        let mut memory = Memory::new();
        let rows = |n: usize| Evidence::of_rows(n);
        memory.keep(&word(7), rows(7));
        assert_eq!(memory.find(&word(7)), Some(&rows(7)));
        let other = (8..).map(word).find(|other| place(other) == place(&word(7))).unwrap_or_default();
        assert_eq!(memory.find(&other), None);
        memory.keep(&other, rows(1));
        assert_eq!((memory.find(&word(7)), memory.find(&other)), (None, Some(&rows(1))));
    }

    #[test]
    fn long_words_are_not_remembered() {
        let word = [' '; MAX_SPACED + 1];
        let mut memory = Memory::new();
        memory.keep(&word, Evidence::default());
        assert_eq!(memory.find(&word), None);
    }
}
