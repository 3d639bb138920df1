//! Tokenizers: how text, keywords and ids become terms, the same on the way in and in queries.

use tantivy::tokenizer::{TextAnalyzer, Token, TokenStream, Tokenizer, TokenizerManager};

use crate::text::keys::{id_key, keyword, keyword_key};
use crate::text::places::{MAX_BETWEEN_CHARS, Places};

/// Name of the tokenizer of running text: the token of every place, see [`crate::text::places`].
pub(super) const TEXT: &str = "earmark-places";
/// Name of the tokenizer of running text as it is spelled.
pub(super) const SPELLING: &str = "earmark-spelling";
/// Name of the tokenizer of keywords: the whole value, in lower case.
pub(super) const KEYWORD: &str = "earmark-keyword";
/// Name of the tokenizer of ids: the whole value as it is.
pub(super) const ID: &str = "earmark-id";

/// All tokenizers of the index, under their names.
pub(super) fn tokenizers() -> TokenizerManager {
    // Tantivy wants its own default one even for fields of numbers.
    let manager = TokenizerManager::default();
    manager.register(TEXT, TextAnalyzer::from(AtPlaces(tokens)));
    manager.register(SPELLING, TextAnalyzer::from(AtPlaces(spellings)));
    manager.register(KEYWORD, TextAnalyzer::from(Whole(|value| keyword(value).map(|k| keyword_key(&k)))));
    manager.register(ID, TextAnalyzer::from(Whole(|value| Some(id_key(value)))));
    manager
}

/// Tokens of a text, in the order of their places.
#[derive(Clone)]
struct AtPlaces(fn(&Places) -> Vec<(usize, String)>);

impl Tokenizer for AtPlaces {
    type TokenStream<'a> = Tokens;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Tokens {
        let tokens = (self.0)(&Places::of(text)).into_iter();
        let token = |(position, text)| Token { offset_from: 0, offset_to: 0, position, text, position_length: 1 };
        Tokens { tokens: tokens.map(token).collect(), next: 0 }
    }
}

/// The tokens of a text, and its hashtags and account names.
fn tokens(text: &Places) -> Vec<(usize, String)> {
    let mut tokens = Vec::with_capacity(text.len());
    for place in 0..text.len() {
        tokens.push((place, text.token(place).to_owned()));
        tokens.extend(text.sigil_at(place).map(|sigil| (place, sigil.text.clone())));
    }
    tokens
}

/// Marks the token of what follows a run.
const AFTER: char = '\u{2}';
/// Marks the token of what stands before a run, where that is more than white space.
const BEFORE: char = '\u{3}';

/// The token, or the beginning of it, of what follows a run.
pub(super) fn after_key(after: &str) -> String {
    after.chars().take(MAX_BETWEEN_CHARS).fold(AFTER.into(), |key, c| key + c.encode_utf8(&mut [0; 4]))
}

/// The beginning of every token of what stands before a run.
pub(super) const BEFORE_KEY: &str = "\u{3}";

/// The tokens of a text as they are spelled, and what stands between them.
fn spellings(text: &Places) -> Vec<(usize, String)> {
    let mut tokens = Vec::with_capacity(2 * text.len());
    for place in 0..text.len() {
        let Some(spelling) = text.spelling(place) else { continue };
        tokens.push((place, spelling.into_owned()));
        let before = text.before(place);
        if !before.trim().is_empty() {
            let skipped = before.chars().count().saturating_sub(MAX_BETWEEN_CHARS);
            tokens.push((place, std::iter::once(BEFORE).chain(before.chars().skip(skipped)).collect()));
        }
        if text.get(place).is_some_and(|there| there.kind.ends_run()) {
            tokens.push((place, after_key(&text.after(place))));
        }
    }
    tokens
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
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::text::keys::MAX_KEYWORD_BYTES;

    fn analysed(name: &str, text: &str) -> Vec<(usize, String)> {
        let mut analyser = tokenizers().get(name).unwrap();
        let mut stream = analyser.token_stream(text);
        let mut found = Vec::new();
        stream.process(&mut |token| found.push((token.position, token.text.clone())));
        found
    }

    fn check(name: &str, text: &str, expected: &[(usize, &str)]) {
        let expected: Vec<(usize, String)> =
            expected.iter().map(|(place, token)| (*place, (*token).to_owned())).collect();
        assert_eq!(analysed(name, text), expected, "{text}");
    }

    #[test]
    fn tokens_stand_at_their_places() {
        check(
            TEXT,
            "Ļoti LĒNI, #配送",
            &[(0, "loti"), (1, "leni"), (2, "\u{1}"), (3, "配送"), (3, "#配送"), (4, "送")],
        );
        check(TEXT, "  ", &[]);
    }

    #[test]
    fn spellings_stand_there_too() {
        check(
            SPELLING,
            "Ļoti $5, 配送",
            &[
                (0, "Ļoti"),
                (0, "\u{2} $"),
                (2, "5"),
                (2, "\u{3} $"),
                (2, "\u{2}, "),
                (4, "配送"),
                (4, "\u{3}, "),
                (5, "送"),
                (5, "\u{2}"),
            ],
        );
    }

    #[test]
    fn keywords_are_one_lower_case_token() {
        check(KEYWORD, " Łódź Café ", &[(0, "łódź café")]);
        check(KEYWORD, " \t", &[]);
        check(KEYWORD, &"é".repeat(40_000), &[(0, &"é".repeat(MAX_KEYWORD_BYTES / 2))]);
    }
}
