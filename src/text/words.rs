//! Words: the units that search and counting work with, the same for every language.

use std::ops::Range;

use super::fold::{Folded, fold};
use super::script::{self, CharKind};

/// A word of a text, folded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// Byte range in [`Folded::text`].
    pub folded: Range<usize>,
    /// Byte range in the original text.
    pub bytes: Range<usize>,
}

/// A folded text and its words, in text order.
#[derive(Debug, Clone)]
pub struct Words {
    folded: Folded,
    /// The words; those of unspaced scripts overlap.
    pub words: Vec<Word>,
}

impl Words {
    /// The folded form of one of the words.
    pub fn text(&self, word: &Word) -> &str {
        &self.folded.text[word.folded.clone()]
    }
}

/// Splits a text into folded words. In scripts with spaces a word is a run of letters, digits and marks; in unspaced
/// scripts every pair of neighbouring characters is a word (a lone character is one by itself); every emoji is a word.
pub fn words(text: &str) -> Words {
    let folded = fold(text);
    let mut ranges = Vec::new();
    let mut chars = folded.text.char_indices().peekable();
    while let Some((start, c)) = chars.next() {
        let kind = script::kind(c);
        let mut end = start + c.len_utf8();
        match kind {
            CharKind::Joiner | CharKind::Break => {}
            CharKind::Emoji => ranges.push(start..end),
            CharKind::Word => {
                while let Some((at, next)) = chars.next_if(|&(_, next)| script::kind(next) == kind) {
                    end = at + next.len_utf8();
                }
                ranges.push(start..end);
            }
            CharKind::Unspaced => {
                let mut previous = start;
                let mut pairs = 0;
                while let Some((at, next)) = chars.next_if(|&(_, next)| script::kind(next) == kind) {
                    ranges.push(previous..at + next.len_utf8());
                    pairs += 1;
                    previous = at;
                }
                if pairs == 0 {
                    ranges.push(start..end);
                }
            }
        }
    }
    let words =
        ranges.into_iter().map(|range| Word { bytes: folded.original_bytes(range.clone()), folded: range }).collect();
    Words { folded, words }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[&str]) {
        let found = words(text);
        let texts: Vec<&str> = found.words.iter().map(|word| found.text(word)).collect();
        assert_eq!(texts, expected, "{text}");
    }

    #[test]
    fn splits_by_script() {
        check("Not arrived!! #LateFlight_2", &["not", "arrived", "lateflight", "2"]);
        check("配送が遅い", &["配送", "送が", "が遅", "遅い"]);
        check("肉 app很慢", &["肉", "app", "很慢"]);
        check("सेवा खूप छान", &["सेवा", "खूप", "छान"]);
        check("😡 so bad😡😡", &["😡", "so", "bad", "😡", "😡"]);
        check("l'application", &["l", "application"]);
        check("", &[]);
    }

    #[test]
    fn words_point_into_the_original() {
        let text = "Ļoti LĒNI";
        let found = words(text);
        assert_eq!(&text[found.words[1].bytes.clone()], "LĒNI");
    }
}
