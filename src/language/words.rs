//! The words of a text as the detector reads them, with their places in the text.
//!
//! Handles, addresses, mails, numbers, emoji and laughter say little of a language or mislead about it; they are left
//! out. Hashtags are cut into words. Mirrored by `models/train/language/words.py`; `words_cases.jsonl` there holds both
//! to the same results.

use std::ops::Range;

use unicode_normalization::UnicodeNormalization;

use super::letters::{Kind, are_composed};
use super::scripts::Script;

/// Once so many letters of a text have been read, no other word is: more do not change the answer, only the time.
const MAX_LETTERS: usize = 600;
/// A longer run of letters is cut into words of this length; of what belongs to the letter before, and of what a
/// compatibility form becomes, the rest is left out.
const MAX_WORD: usize = 100;
/// An entity such as `&quot;` is no longer than this, in characters.
const MAX_ENTITY: usize = 8;
/// Fewer letters than this beside digits are a measure or a name (`3G`, `b4`), not a word with digits for letters.
const MIN_LETTERS_BESIDE_DIGITS: usize = 3;
const JOINER: char = '\u{200D}';
const NON_JOINER: char = '\u{200C}';
/// Draws Arabic words out, and is no letter.
const TATWEEL: char = '\u{640}';

/// A run of letters of one script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    pub(super) script: Script,
    /// Where it stands in the text, in characters.
    pub(super) place: Range<usize>,
    /// Where its folded letters stand in [`Words::letters`].
    letters: Range<usize>,
}

/// The words of a text.
#[derive(Debug, Default)]
pub(super) struct Words {
    pub(super) words: Vec<Word>,
    /// Whether there are letters of a script that earmark does not tell.
    pub(super) unknown_letters: bool,
    /// Letters of all words, folded, each word between two spaces.
    letters: Vec<char>,
    /// The word that is being folded.
    folded: Vec<char>,
}

/// A word while it is read.
#[derive(Default)]
struct Draft {
    chars: Vec<char>,
    /// Where the word begins in the text, in characters.
    start: usize,
    script: Option<Script>,
}

impl Words {
    /// Reads a text's words.
    pub(super) fn of(text: &str) -> Words {
        let mut words = Words::default();
        words.letters.reserve(text.len().min(MAX_LETTERS + MAX_WORD));
        words.letters.push(' ');
        let mut draft = Draft::default();
        let mut position = 0;
        for piece in text.split_inclusive(char::is_whitespace) {
            if words.letters.len() >= MAX_LETTERS {
                break;
            }
            if is_simple(piece.as_bytes()) {
                words.read_simple(piece.as_bytes(), position);
                position += piece.len();
                continue;
            }
            let token = piece.trim_end_matches(char::is_whitespace);
            let is_masked = token.is_ascii() && !token.is_empty() && is_masked(token);
            if !token.is_empty() && !is_masked {
                words.read_token(token, position, &mut draft);
            }
            position += if piece.is_ascii() { piece.len() } else { piece.chars().count() };
        }
        words
    }

    /// The script that most of the letters are in.
    pub(super) fn main_script(&self) -> Option<Script> {
        let mut weights: Vec<(usize, Script)> = Vec::new();
        for word in &self.words {
            let weight = word.letters.len() * word.script.weight();
            match weights.iter_mut().find(|(_, script)| *script == word.script) {
                Some((sum, _)) => *sum += weight,
                None => weights.push((weight, word.script)),
            }
        }
        weights.into_iter().max().map(|(_, script)| script)
    }

    /// The folded letters of one of the words.
    pub(super) fn letters_of(&self, word: &Word) -> &[char] {
        &self.letters[word.letters.clone()]
    }

    /// The same between two spaces.
    pub(super) fn spaced(&self, word: &Word) -> &[char] {
        &self.letters[word.letters.start - 1..word.letters.end + 1]
    }

    /// Reads what [`is_simple`], much faster than [`Words::read_token`] and with the same result.
    fn read_simple(&mut self, piece: &[u8], position: usize) {
        let mut at = 0;
        while at < piece.len() && self.letters.len() < MAX_LETTERS {
            let start = at;
            self.folded.clear();
            while let Some(&byte) = piece.get(at) {
                match byte {
                    _ if byte.is_ascii_alphabetic() => self.folded.push(byte.to_ascii_lowercase().into()),
                    b'\'' if at > start => self.folded.push('\''),
                    _ => break,
                }
                at += 1;
            }
            if at > start {
                let place = position + start..position + at;
                add(&mut self.words, &mut self.letters, &self.folded, Script::Latn, place);
            } else {
                at += 1;
            }
        }
    }

    fn read_token(&mut self, token: &str, position: usize, draft: &mut Draft) {
        let hashtag = token.starts_with(['#', '＃']);
        let mut last = ' ';
        let mut rest = token;
        let mut at = position;
        while let Some(c) = rest.chars().next() {
            let masked = masked_length(rest, c);
            if masked > 0 {
                self.end_word(draft);
                last = ' ';
                rest = &rest[masked..];
                // Only the first character of what is masked may be longer than a byte.
                at += masked + 1 - c.len_utf8();
                continue;
            }
            let new_word = hashtag && c.is_uppercase() && last.is_lowercase();
            if !self.read_char(c, at, new_word, draft) {
                return;
            }
            last = c;
            rest = &rest[c.len_utf8()..];
            at += 1;
        }
        self.end_word(draft);
    }

    /// Reads a character into the draft, ending words where they end; false if enough has been read.
    fn read_char(&mut self, c: char, at: usize, new_word: bool, draft: &mut Draft) -> bool {
        let Kind { script, is_letter, is_mark, .. } = Kind::of(c);
        if is_mark && !draft.chars.is_empty() {
            draft.push(c, at);
        } else if let Some(script) = script {
            let other_script = draft.script.map_or(script != Script::Latn, |before| before != script);
            if other_script || new_word || draft.chars.len() >= MAX_WORD {
                self.end_word(draft);
            }
            draft.push(c, at);
            draft.script = Some(script);
        } else if !draft.chars.is_empty() && is_apostrophe(c) {
            draft.push('\'', at);
        } else if draft.takes(c) {
            draft.push(c, at);
        } else {
            self.unknown_letters |= is_letter && !is_mark && !is_apostrophe(c);
            self.end_word(draft);
        }
        self.letters.len() < MAX_LETTERS
    }

    /// Takes what was drafted as a word, or its letters alone where its digits are numbers.
    fn end_word(&mut self, draft: &mut Draft) {
        if let Some(script) = draft.script.take() {
            let raw = draft.chars.as_slice();
            if has_digits_for_letters(raw) || !raw.iter().any(char::is_ascii_digit) {
                self.fold(raw, script, draft.start);
            } else {
                let mut from = draft.start;
                for piece in raw.split(char::is_ascii_digit) {
                    self.fold(piece, script, from);
                    from += piece.len() + 1;
                }
            }
        }
        draft.chars.clear();
    }

    /// Adds a word in lower case and compatibility forms.
    fn fold(&mut self, raw: &[char], script: Script, start: usize) {
        let push = |folded: &mut Vec<char>, c: char| match c {
            JOINER | TATWEEL => {}
            c if c.is_ascii() => folded.push(c.to_ascii_lowercase()),
            c if script.has_case() && !Kind::of(c).is_lower => folded.extend(c.to_lowercase()),
            c => folded.push(c),
        };
        self.folded.clear();
        if are_composed(raw) {
            raw.iter().for_each(|&c| push(&mut self.folded, c));
        } else {
            raw.iter().copied().nfkc().for_each(|c| push(&mut self.folded, c));
        }
        // A compatibility form may be several words, and many letters: ﷺ.
        for part in self.folded.split(|c| *c == ' ') {
            if self.letters.len() >= MAX_LETTERS {
                break;
            }
            add(&mut self.words, &mut self.letters, part, script, start..start + raw.len());
        }
    }
}

/// Adds folded letters as a word, no more than two of one in a row; not if they are laughter.
fn add(words: &mut Vec<Word>, letters: &mut Vec<char>, folded: &[char], script: Script, place: Range<usize>) {
    let is_edge = |c: &char| *c == '\'' || *c == NON_JOINER;
    let begin = folded.iter().position(|c| !is_edge(c)).unwrap_or(folded.len());
    let end = folded.iter().rposition(|c| !is_edge(c)).map_or(begin, |last| last + 1);
    let folded = &folded[begin..end];
    if folded.is_empty() || script.laughs() && is_laughter(folded) {
        return;
    }
    let from = letters.len();
    let mut last_two = [' ', ' '];
    for &c in folded.iter().take(MAX_WORD) {
        if last_two != [c, c] {
            letters.push(c);
            last_two = [last_two[1], c];
        }
    }
    words.push(Word { script, place, letters: from..letters.len() });
    letters.push(' ');
}

impl Draft {
    /// True for what is no letter but stays inside a word: joiners, and digits, which may stand for letters.
    fn takes(&self, c: char) -> bool {
        match c {
            JOINER | NON_JOINER => !self.chars.is_empty(),
            c => c.is_ascii_digit() && matches!(self.script, None | Some(Script::Latn)),
        }
    }

    /// Adds a character, unless the word is as long as a word may be.
    fn push(&mut self, c: char, at: usize) {
        if self.chars.is_empty() {
            self.start = at;
        }
        if self.chars.len() < MAX_WORD {
            self.chars.push(c);
        }
    }
}

/// True for most of what stands between spaces in Latin letters: ASCII letters and punctuation of sentences, nothing
/// that could be masked, be a digit for a letter or make one word two.
fn is_simple(piece: &[u8]) -> bool {
    let is_plain = |b: &u8| {
        b.is_ascii_alphabetic()
            || matches!(b, b' ' | b'\n' | b'.' | b',' | b'!' | b'?' | b'\'' | b'"' | b'-' | b'(' | b')')
    };
    // Where a `w` follows a `w`, an address may begin.
    piece.len() < MAX_WORD
        && piece.iter().all(is_plain)
        && !piece.windows(2).any(|pair| pair.eq_ignore_ascii_case(b"ww"))
        && !piece.starts_with(b"RT")
}

/// Handles, addresses, mails and the mark of a repost, among tokens of ASCII characters.
fn is_masked(token: &str) -> bool {
    let is_mail = || {
        let domain = token[1..].split_once('@').map_or("", |(_, domain)| domain);
        domain.trim_end_matches(|c: char| c.is_ascii_punctuation()).contains('.')
    };
    let has_www = || token.get(..4).is_some_and(|head| head.eq_ignore_ascii_case("www."));
    token == "RT" || token.starts_with('@') || token.contains("://") || has_www() || is_mail()
}

/// The length in bytes of the handle, address or entity that a text begins with, as they stand among letters of an
/// unspaced script; 0 if it begins with none. `first` is its first character, the only one that may not be ASCII.
fn masked_length(rest: &str, first: char) -> usize {
    const ADDRESSES: [&str; 3] = ["http://", "https://", "www."];
    match first {
        '@' | '＠' => {
            let name = &rest[first.len_utf8()..];
            let length = name.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(name.len());
            first.len_utf8() + length
        }
        'h' | 'H' | 'w' | 'W' => {
            let begins = |head: &str| rest.get(..head.len()).is_some_and(|start| start.eq_ignore_ascii_case(head));
            let end = || rest.find(|c: char| !c.is_ascii()).unwrap_or(rest.len());
            if ADDRESSES.iter().any(|head| begins(head)) { end() } else { 0 }
        }
        '&' => entity_length(rest),
        _ => 0,
    }
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | 'ʼ' | '‘' | '`' | 'ʻ')
}

/// The length in bytes of the entity that a text begins with; 0 if it is none.
fn entity_length(rest: &str) -> usize {
    let end = rest.bytes().take(MAX_ENTITY).position(|b| b == b';');
    let content = |end: usize| rest[1..end].trim_start_matches('#');
    let is_entity = |end: &usize| !content(*end).is_empty() && content(*end).bytes().all(|b| b.is_ascii_alphanumeric());
    end.filter(is_entity).map_or(0, |end| end + 1)
}

/// True for words such as `3ala` and `sa7`: single digits that look like letters, among enough letters.
fn has_digits_for_letters(raw: &[char]) -> bool {
    let digits = raw.iter().filter(|c| c.is_ascii_digit());
    let single = !raw.windows(2).any(|pair| pair.iter().all(char::is_ascii_digit));
    single
        && raw.len() >= MIN_LETTERS_BESIDE_DIGITS + digits.clone().count()
        && digits.clone().all(|c| matches!(c, '2' | '3' | '5'..='9'))
}

/// True for `hahaha`, `kkkk`, `jajaj`, `rsrs`, `хахах`: one letter over and over, or two in turn.
fn is_laughter(word: &[char]) -> bool {
    const LAUGHS: [char; 8] = ['h', 'j', 'x', 'х', 'һ', 'ה', 'ه', 'χ'];
    let first = word[0];
    let Some(&second) = word.iter().find(|c| **c != first) else {
        return word.len() >= 3;
    };
    if word.iter().any(|c| *c != first && *c != second) {
        return false;
    }
    let changes = word.windows(2).filter(|pair| pair[0] != pair[1]).count();
    let is_consonant = |c: char| c.is_ascii_lowercase() && !"aeiouy".contains(c);
    let laughs = LAUGHS.contains(&first) || LAUGHS.contains(&second) || is_consonant(first) && is_consonant(second);
    changes >= 3 && (word.len() >= 6 || laughs)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn listed(text: &str) -> Vec<(String, String)> {
        let words = Words::of(text);
        let listed = |word: &Word| (words.letters_of(word).iter().collect(), word.script.code().to_owned());
        words.words.iter().map(listed).collect()
    }

    /// The cases that `models/train/language/words.py` passes too.
    #[test]
    fn words_are_what_the_model_was_trained_on() {
        #[derive(serde::Deserialize)]
        struct Case {
            text: String,
            words: Vec<(String, String)>,
        }
        for line in include_str!("../../models/train/language/words_cases.jsonl").lines() {
            let case: Case = serde_json::from_str(line).unwrap();
            assert_eq!(listed(&case.text), case.words, "{:?}", case.text);
        }
    }

    proptest::proptest! {
        #[test]
        fn simple_texts_are_read_as_others_are(text in "([a-cA-Ch'`.,!?\"() \n-]|ha|RT |ww|kkk| aaa| [a-z]{90,120} ){0,40}") {
            let mut one_by_one = Words { letters: vec![' '], ..Words::default() };
            let mut position = 0;
            for piece in text.split_inclusive(char::is_whitespace) {
                let token = piece.trim_end_matches(char::is_whitespace);
                if !token.is_empty() && !is_masked(token) && one_by_one.letters.len() < MAX_LETTERS {
                    one_by_one.read_token(token, position, &mut Draft::default());
                }
                position += piece.len();
            }
            let words = Words::of(&text);
            proptest::prop_assert_eq!(&words.words, &one_by_one.words);
            proptest::prop_assert_eq!(&words.letters, &one_by_one.letters);
        }
    }

    #[test]
    fn places_are_those_of_the_text() {
        let text = "@ana 😂 #LoveThis 看这里https://example.com/a很好 Grüße";
        let words = Words::of(text);
        let cut = |word: &Word| text.chars().skip(word.place.start).take(word.place.len()).collect::<String>();
        assert_eq!(words.words.iter().map(cut).collect::<Vec<_>>(), ["Love", "This", "看这里", "很好", "Grüße"]);
    }

    #[test]
    fn a_long_text_is_read_in_part() {
        let words = Words::of(&"word ".repeat(100_000));
        assert!(words.letters.len() < MAX_LETTERS + 4);
        let run = Words::of(&"buchstaben".repeat(100_000));
        assert!(run.letters.len() <= MAX_LETTERS + MAX_WORD);
        let commas = Words::of(&"abc,def,".repeat(100_000));
        assert!(commas.letters.len() < MAX_LETTERS + 4);
        assert_eq!(words.main_script(), Some(Script::Latn));
    }
}
