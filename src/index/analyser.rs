//! Tokenizers: how text, keywords and ids become terms, the same on the way in and in queries.

use sha2::{Digest, Sha256};
use tantivy::tokenizer::{TextAnalyzer, Token, TokenStream, Tokenizer, TokenizerManager};
use unicode_normalization::UnicodeNormalization;

use crate::text::words;

/// Name of the tokenizer of running text: one token per word of [`words::words`].
pub(super) const TEXT: &str = "earmark-words";
/// Name of the tokenizer of keywords: the whole value, in lower case.
pub(super) const KEYWORD: &str = "earmark-keyword";
/// Name of the tokenizer of ids: the whole value as it is.
pub(super) const ID: &str = "earmark-id";

/// Longer keywords are cut to this many bytes, at a character; of longer ids a digest is indexed.
pub const MAX_KEYWORD_BYTES: usize = 512;
/// Longer words are cut to this many bytes, at a character.
const MAX_WORD_BYTES: usize = 128;

/// All tokenizers of the index, under their names.
pub(super) fn tokenizers() -> TokenizerManager {
    // Tantivy wants its own default one even for fields of numbers.
    let manager = TokenizerManager::default();
    manager.register(TEXT, TextAnalyzer::from(Words));
    manager.register(KEYWORD, TextAnalyzer::from(Whole(|value| keyword(value).map(|k| keyword_key(&k)))));
    manager.register(ID, TextAnalyzer::from(Whole(|value| Some(id_key(value)))));
    manager
}

/// The spelling of a keyword that the index keeps: trimmed, composed, cut; `None` where nothing is left.
pub(super) fn keyword(value: &str) -> Option<String> {
    let mut spelling: String = value.trim().nfc().collect();
    cut(&mut spelling, MAX_KEYWORD_BYTES);
    (!spelling.is_empty()).then_some(spelling)
}

/// What a keyword is matched and counted by: its spelling in lower case.
pub(super) fn keyword_key(spelling: &str) -> String {
    spelling.to_lowercase()
}

/// What an id is matched by: itself, or its digest where it is too long for a term.
pub(super) fn id_key(id: &str) -> String {
    if id.len() <= MAX_KEYWORD_BYTES {
        return id.to_owned();
    }
    let digest = Sha256::digest(id.as_bytes());
    digest.iter().fold(String::from("sha256:"), |key, byte| key + &format!("{byte:02x}"))
}

/// The term of a folded word.
pub(super) fn word_key(word: &str) -> &str {
    &word[..boundary(word, MAX_WORD_BYTES)]
}

fn cut(text: &mut String, max_bytes: usize) {
    text.truncate(boundary(text, max_bytes));
}

/// The last character boundary that is at most `max_bytes` into the text.
fn boundary(text: &str, max_bytes: usize) -> usize {
    text.floor_char_boundary(max_bytes)
}

/// Splits text into words.
#[derive(Clone)]
struct Words;

impl Tokenizer for Words {
    type TokenStream<'a> = Tokens;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Tokens {
        let found = words::words(text);
        let token = |(position, word): (usize, &words::Word)| Token {
            offset_from: word.bytes.start,
            offset_to: word.bytes.end,
            position,
            text: word_key(found.text(word)).to_owned(),
            position_length: 1,
        };
        Tokens { tokens: found.words.iter().enumerate().map(token).collect(), next: 0 }
    }
}

/// Makes one token of a whole value, or none.
#[derive(Clone)]
struct Whole(fn(&str) -> Option<String>);

impl Tokenizer for Whole {
    type TokenStream<'a> = Tokens;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Tokens {
        let token = |key| Token { offset_from: 0, offset_to: text.len(), position: 0, text: key, position_length: 1 };
        Tokens { tokens: (self.0)(text).map(token).into_iter().collect(), next: 0 }
    }
}

/// Tokens made beforehand.
struct Tokens {
    tokens: Vec<Token>,
    /// One past the current token.
    next: usize,
}

impl TokenStream for Tokens {
    fn advance(&mut self) -> bool {
        self.next += 1;
        self.next <= self.tokens.len()
    }

    fn token(&self) -> &Token {
        &self.tokens[self.next - 1]
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.tokens[self.next - 1]
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    fn tokens(name: &str, text: &str) -> Vec<(String, usize, String)> {
        let mut analyser = tokenizers().get(name).unwrap();
        let mut stream = analyser.token_stream(text);
        let mut found = Vec::new();
        stream.process(&mut |t| {
            found.push((t.text.clone(), t.position, text[t.offset_from..t.offset_to].to_owned()));
        });
        found
    }

    fn token(text: &str, position: usize, original: &str) -> (String, usize, String) {
        (text.to_owned(), position, original.to_owned())
    }

    #[test]
    fn words_are_folded_and_point_into_the_text() {
        assert_eq!(
            tokens(TEXT, "Ļoti LĒNI, 配送遅"),
            [token("loti", 0, "Ļoti"), token("leni", 1, "LĒNI"), token("配送", 2, "配送"), token("送遅", 3, "送遅")]
        );
        assert_eq!(tokens(TEXT, " !?"), []);
    }

    #[test]
    fn keywords_are_one_lower_case_token() {
        assert_eq!(tokens(KEYWORD, " Łódź Café "), [token("łódź café", 0, " Łódź Café ")]);
        assert_eq!(tokens(KEYWORD, " \t"), []);
        assert_eq!(tokens(KEYWORD, &"é".repeat(40_000))[0].0, "é".repeat(MAX_KEYWORD_BYTES / 2));
    }

    #[test]
    fn long_ids_stay_apart() {
        let long = "x".repeat(MAX_KEYWORD_BYTES);
        assert_eq!(id_key(&long), long);
        let (one, other) = (id_key(&format!("{long}1")), id_key(&format!("{long}2")));
        assert!(one.starts_with("sha256:") && one.len() == 71 && one != other);
    }
}
