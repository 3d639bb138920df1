//! The canonical form of a text: folded, its words one space apart, and one [`BREAK`] where punctuation ends an expression.

use std::ops::Range;

use super::fold::{Folded, fold_with};
use super::script::{self, CharKind};

/// Stands for every run of expression-ending characters in a canonical text.
pub const BREAK: char = '\u{1}';
/// Of longer words only the beginning is looked at, in bytes after folding.
pub const MAX_WORD_BYTES: usize = 128;

/// The canonical form of a text.
pub fn canonical(text: &str) -> Folded {
    Canonicaliser::run(text, script::kind).0
}

/// A hashtag or account name, by the bytes of its words in the canonical text.
#[derive(Debug, Clone)]
pub(super) struct RawSigil {
    pub text: String,
    pub bytes: Range<usize>,
    is_cut: bool,
}

impl RawSigil {
    /// Appends a character, unless the text is as long as it may be.
    fn push(&mut self, c: char) {
        self.is_cut = self.is_cut || self.text.len() + c.len_utf8() > MAX_WORD_BYTES;
        if !self.is_cut {
            self.text.push(c);
        }
    }
}

/// Makes canonical text of folded characters, one after the other.
pub(super) struct Canonicaliser {
    kind: fn(char) -> CharKind,
    /// Kind of the character before, in the folded text.
    previous: Option<CharKind>,
    /// Bytes of the word that is being written.
    word_bytes: usize,
    sigils: Vec<RawSigil>,
    /// True while the last of the sigils may go on.
    in_sigil: bool,
}

impl Canonicaliser {
    /// The canonical form of a text, and its hashtags and account names; `kind` says what each character is.
    pub(super) fn run(text: &str, kind: fn(char) -> CharKind) -> (Folded, Vec<RawSigil>) {
        let mut state = Canonicaliser { kind, previous: None, word_bytes: 0, sigils: Vec::new(), in_sigil: false };
        let folded = fold_with(text, |folded, c| state.write(folded, c));
        state.end_sigil();
        (folded, state.sigils)
    }

    fn write(&mut self, folded: &mut Folded, c: char) {
        let kind = (self.kind)(c);
        match kind {
            CharKind::Word | CharKind::Unspaced => self.write_letter(folded, c, kind),
            CharKind::Emoji => {
                self.end_sigil();
                separate(folded);
                folded.push(c);
            }
            CharKind::Joiner => {
                self.join_sigil(c, folded.text.len());
                if !folded.text.ends_with([' ', BREAK]) {
                    folded.push(' ');
                }
            }
            CharKind::Break => {
                self.end_sigil();
                if folded.text.ends_with(' ') {
                    folded.pop_byte();
                }
                if !folded.text.ends_with(BREAK) {
                    folded.push(BREAK);
                }
            }
        }
        self.previous = Some(kind);
    }

    fn write_letter(&mut self, folded: &mut Folded, c: char, kind: CharKind) {
        if self.previous != Some(kind) {
            separate(folded);
            self.word_bytes = 0;
        }
        self.word_bytes += c.len_utf8();
        let is_kept = kind == CharKind::Unspaced || self.word_bytes <= MAX_WORD_BYTES;
        let start = folded.text.len();
        if is_kept {
            folded.push(c);
        }
        if self.in_sigil
            && let Some(sigil) = self.sigils.last_mut()
        {
            if sigil.bytes.is_empty() {
                sigil.bytes.start = start;
            }
            sigil.bytes.end = folded.text.len();
            sigil.push(c);
        }
    }

    /// Takes note of a joining character: it may begin, go on with or end a hashtag or an account name.
    fn join_sigil(&mut self, c: char, at: usize) {
        match (c, self.sigils.last_mut()) {
            ('_', Some(sigil)) if self.in_sigil => sigil.push('_'),
            ('#' | '@', _) if self.previous != Some(CharKind::Word) => {
                self.end_sigil();
                self.sigils.push(RawSigil { text: c.to_string(), bytes: at..at, is_cut: false });
                self.in_sigil = true;
            }
            _ => self.end_sigil(),
        }
    }

    fn end_sigil(&mut self) {
        if std::mem::take(&mut self.in_sigil) && self.sigils.last().is_some_and(|sigil| sigil.bytes.is_empty()) {
            self.sigils.pop();
        }
    }
}

/// Puts a space before what is written next, if it would touch what stands there.
fn separate(folded: &mut Folded) {
    if !folded.text.is_empty() && !folded.text.ends_with([' ', BREAK]) {
        folded.push(' ');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn canonical_text_joins_words_and_keeps_sentences_apart() {
        let cases = [
            ("check-in  desk", "check in desk"),
            ("late. Delivery!", "late\u{1}delivery\u{1}"),
            ("#late_flight", " late flight"),
            ("slow , app", "slow\u{1}app"),
            ("it's 😡😡", "it s 😡 😡"),
            ("so😡bad", "so 😡 bad"),
            ("app很慢 配送", "app 很慢 配送"),
        ];
        for (text, expected) in cases {
            assert_eq!(canonical(text).text, expected, "{text}");
        }
    }

    #[test]
    fn long_words_are_cut() {
        let text = format!("{} end", "é".repeat(300));
        assert_eq!(canonical(&text).text, format!("{} end", "e".repeat(MAX_WORD_BYTES)));
    }
}
