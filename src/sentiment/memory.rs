//! What was scored before: reposts and stock phrases are not tokenized and scored again.

use std::collections::HashMap;

use super::scorer::Score;

/// The most bytes of text that are remembered by one worker; then it starts anew.
const MAX_BYTES: usize = 8 << 20;
/// What an entry costs beside its text, about.
const ENTRY_BYTES: usize = 96;

/// Scores by cleaned text, within a bound. A score depends on the text alone, so that remembering changes the speed only.
#[derive(Debug, Default)]
pub(super) struct Memory {
    scores: HashMap<Box<str>, Score>,
    bytes: usize,
}

impl Memory {
    pub(super) fn recall(&self, cleaned: &str) -> Option<Score> {
        self.scores.get(cleaned).copied()
    }

    pub(super) fn keep(&mut self, cleaned: &str, score: Score) {
        let bytes = cleaned.len() + ENTRY_BYTES;
        if self.bytes + bytes > MAX_BYTES {
            self.scores.clear();
            self.bytes = 0;
        }
        self.bytes += bytes;
        self.scores.insert(cleaned.into(), score);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stays_within_its_bound() {
        let score = Score { sentiment: None, truncated: false, unknown_share: 0.0 };
        let mut memory = Memory::default();
        for number in 0..200 {
            memory.keep(&format!("{number}{}", "x".repeat(100_000)), score);
            assert!(memory.bytes <= MAX_BYTES);
        }
        assert!(memory.scores.len() < 100 && memory.recall("1").is_none());
        assert_eq!(memory.recall(&format!("199{}", "x".repeat(100_000))), Some(score));
    }
}
