//! Places: a text as the sequence that queries, keywords and the index all count in.
//!
//! A text is folded and brought into its canonical form: runs of word characters, runs of characters of scripts without
//! spaces, and single emoji, one space between two of them, and one [`BREAK`] instead where punctuation stands between them
//! that ends an expression. Each word, each emoji, each character of a script without spaces and each break is one
//! *place*; so is the space between two runs without spaces, which otherwise could not be told from one run.
//!
//! Each place has one *token*: the word, the emoji, the break, or a character with the one that follows it in its run
//! (alone at the end of the run). Phrases and distances are counted in places.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::ops::Range;

use unicode_normalization::{UnicodeNormalization, is_nfc};

use super::canonical::{BREAK, Canonicaliser, MAX_WORD_BYTES, RawSigil};
use super::fold::Folded;
use super::script::{self, CharKind};

/// [`BREAK`] as a token.
pub const BREAK_TOKEN: &str = "\u{1}";
/// The token of the space between two runs of scripts without spaces.
pub const GAP_TOKEN: &str = " ";
/// Of what stands between two words, exact matching looks at this many characters next to either.
pub const MAX_BETWEEN_CHARS: usize = 32;
/// Stands for `*` in the canonical text of a pattern.
pub const ANY_LETTERS: char = '\u{E000}';
/// Stands for `?` in the canonical text of a pattern.
pub const ONE_LETTER: char = '\u{E001}';

/// What stands at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlaceKind {
    /// A run of letters, digits and marks.
    Word,
    /// One emoji.
    Emoji,
    /// One character of a script without spaces.
    Character {
        /// True if the next place is the next character of the same run.
        continues: bool,
    },
    /// Punctuation that ends an expression.
    Break,
    /// The space between two runs of scripts without spaces.
    Gap,
}

impl PlaceKind {
    /// True for what is no punctuation.
    pub fn is_content(self) -> bool {
        !matches!(self, PlaceKind::Break | PlaceKind::Gap)
    }

    /// True for what is no punctuation and does not go on in the next place.
    pub fn ends_run(self) -> bool {
        self.is_content() && self != PlaceKind::Character { continues: true }
    }
}

/// One place of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// First byte in the canonical text.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// What stands there.
    pub kind: PlaceKind,
}

/// A hashtag or the name of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sigil {
    /// With its `#` or `@`, folded.
    pub text: String,
    /// The places of its words.
    pub places: Range<usize>,
}

/// A text and its places.
#[derive(Debug, Clone)]
pub struct Places<'t> {
    original: &'t str,
    canonical: Folded,
    raw_sigils: Vec<RawSigil>,
    kind: fn(char) -> CharKind,
    /// Made when it is asked for: most texts are only searched for keywords.
    layout: OnceCell<Layout>,
}

#[derive(Debug, Clone)]
struct Layout {
    places: Vec<Place>,
    sigils: Vec<Sigil>,
}

impl<'t> Places<'t> {
    /// The places of a text.
    pub fn of(text: &'t str) -> Places<'t> {
        Places::with_kinds(text, script::kind)
    }

    /// The places of a pattern, in which [`ANY_LETTERS`] and [`ONE_LETTER`] are letters.
    pub fn of_pattern(text: &'t str) -> Places<'t> {
        Places::with_kinds(text, |c| match c {
            ANY_LETTERS | ONE_LETTER => CharKind::Word,
            c => script::kind(c),
        })
    }

    fn with_kinds(text: &'t str, kind: fn(char) -> CharKind) -> Places<'t> {
        let (canonical, raw_sigils) = Canonicaliser::run(text, kind);
        Places { original: text, canonical, raw_sigils, kind, layout: OnceCell::new() }
    }

    fn layout(&self) -> &Layout {
        self.layout.get_or_init(|| {
            let places = places_of(&self.canonical.text, self.kind);
            let place = |byte: usize| places.partition_point(|place| place.end <= byte);
            let sigil = |RawSigil { text, bytes, .. }: &RawSigil| Sigil {
                text: text.clone(),
                places: place(bytes.start)..place(bytes.end - 1) + 1,
            };
            let sigils = self.raw_sigils.iter().map(sigil).collect();
            Layout { places, sigils }
        })
    }

    fn places(&self) -> &[Place] {
        &self.layout().places
    }

    /// The canonical text.
    pub fn text(&self) -> &str {
        &self.canonical.text
    }

    /// The canonical text with the way back to the original.
    pub fn canonical(&self) -> &Folded {
        &self.canonical
    }

    /// How many places there are.
    pub fn len(&self) -> usize {
        self.places().len()
    }

    /// True for a text without words, emoji and punctuation.
    pub fn is_empty(&self) -> bool {
        self.places().is_empty()
    }

    /// One of the places.
    pub fn get(&self, place: usize) -> Option<Place> {
        self.places().get(place).copied()
    }

    /// The number of the place that holds a byte of the canonical text, or of the next one.
    pub fn at_byte(&self, byte: usize) -> usize {
        self.places().partition_point(|place| place.end <= byte)
    }

    /// The token of a place; empty beyond the last.
    pub fn token(&self, place: usize) -> &str {
        self.places().get(place).map_or("", |_| &self.canonical.text[self.token_bytes(place)])
    }

    fn token_bytes(&self, place: usize) -> Range<usize> {
        let Place { start, end, kind } = self.places()[place];
        match kind {
            PlaceKind::Character { continues: true } => start..self.places()[place + 1].end,
            _ => start..end,
        }
    }

    /// The hashtags and account names, in text order.
    pub fn sigils(&self) -> &[Sigil] {
        &self.layout().sigils
    }

    /// The hashtag or account name that begins at a place.
    pub fn sigil_at(&self, place: usize) -> Option<&Sigil> {
        let sigils = self.sigils();
        let found = sigils.binary_search_by_key(&place, |sigil| sigil.places.start).ok()?;
        sigils.get(found)
    }

    /// The characters of the original that places came from; the range must not be empty.
    pub fn original_chars(&self, places: Range<usize>) -> Range<usize> {
        self.canonical.original_chars(self.places()[places.start].start..self.places()[places.end - 1].end)
    }

    /// The bytes of the original that a place's token came from.
    pub fn original_bytes(&self, place: usize) -> Range<usize> {
        self.canonical.original_bytes(self.token_bytes(place))
    }

    /// A place's token as it is spelled in the text (composed, without invisible characters), [`GAP_TOKEN`] between runs of
    /// scripts without spaces; `None` where the place is beyond the last, or punctuation.
    pub fn spelling(&self, place: usize) -> Option<Cow<'t, str>> {
        match self.places().get(place)?.kind {
            PlaceKind::Break => None,
            PlaceKind::Gap => Some(Cow::Borrowed(GAP_TOKEN)),
            _ => {
                let spelling = visible(&self.original[self.original_bytes(place)]);
                let end = spelling.floor_char_boundary(MAX_WORD_BYTES);
                Some(if end == spelling.len() { spelling } else { Cow::Owned(spelling[..end].to_owned()) })
            }
        }
    }

    /// What stands between a place that ends a run and the next run, as it is spelled, white space as one space or line
    /// break; empty between characters of one run.
    pub fn after(&self, place: usize) -> Cow<'t, str> {
        let Some(from) = self.end_of_content(place) else { return Cow::Borrowed("") };
        if matches!(self.places()[place].kind, PlaceKind::Character { continues: true }) {
            return Cow::Borrowed("");
        }
        let next = (place + 1..self.places().len()).find_map(|next| self.start_of_content(next));
        self.between(from, next.unwrap_or(self.original.len()))
    }

    /// What stands between the run before a place and the place, likewise.
    pub fn before(&self, place: usize) -> Cow<'t, str> {
        let Some(to) = self.start_of_content(place) else { return Cow::Borrowed("") };
        let previous = (0..place).rev().find_map(|previous| self.end_of_content(previous));
        self.between(previous.unwrap_or(0), to)
    }

    /// Where a place's own characters begin in the original; `None` for punctuation.
    fn start_of_content(&self, place: usize) -> Option<usize> {
        self.content(place).map(|bytes| bytes.start)
    }

    fn end_of_content(&self, place: usize) -> Option<usize> {
        self.content(place).map(|bytes| bytes.end)
    }

    fn content(&self, place: usize) -> Option<Range<usize>> {
        let Place { start, end, kind } = *self.places().get(place)?;
        kind.is_content().then(|| self.canonical.original_bytes(start..end))
    }

    fn between(&self, from: usize, to: usize) -> Cow<'t, str> {
        // Two words can come from one character, such as ½.
        let piece = self.original.get(from..to).unwrap_or_default();
        match visible(piece) {
            Cow::Borrowed(" ") => Cow::Borrowed(" "),
            piece if piece.is_empty() => Cow::Borrowed(""),
            piece => Cow::Owned(one_space(&piece)),
        }
    }
}

/// A text as exact matching reads it: composed (NFC), without invisible characters.
pub fn visible(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || is_nfc(text) && !text.contains(script::is_invisible) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.chars().filter(|c| !script::is_invisible(*c)).nfc().collect())
    }
}

/// A text in which every run of white space is one space, or one line break where it has one: a line break ends an
/// expression.
fn one_space(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    for c in text.chars() {
        if !c.is_whitespace() {
            result.push(c);
            continue;
        }
        let is_break = script::kind(c) == CharKind::Break || result.ends_with('\n');
        if result.ends_with([' ', '\n']) {
            result.pop();
        }
        result.push(if is_break { '\n' } else { ' ' });
    }
    result
}

fn places_of(canonical: &str, kind: fn(char) -> CharKind) -> Vec<Place> {
    let mut places: Vec<Place> = Vec::new();
    let mut after_space = false;
    for (start, c) in canonical.char_indices() {
        let end = start + c.len_utf8();
        let last = places.last_mut();
        let kind = match kind(c) {
            _ if c == BREAK => PlaceKind::Break,
            CharKind::Word => match last {
                Some(word) if word.kind == PlaceKind::Word && word.end == start => {
                    word.end = end;
                    continue;
                }
                _ => PlaceKind::Word,
            },
            CharKind::Emoji => PlaceKind::Emoji,
            CharKind::Unspaced => {
                match last {
                    Some(Place { kind: PlaceKind::Character { continues }, end, .. }) if *end == start => {
                        *continues = true;
                    }
                    Some(&mut Place { kind: PlaceKind::Character { .. }, end, .. }) if after_space => {
                        places.push(Place { start: end, end: start, kind: PlaceKind::Gap });
                    }
                    _ => {}
                }
                PlaceKind::Character { continues: false }
            }
            CharKind::Joiner | CharKind::Break => {
                after_space = true;
                continue;
            }
        };
        after_space = false;
        places.push(Place { start, end, kind });
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tokens(text: &str) -> Vec<String> {
        let places = Places::of(text);
        (0..places.len()).map(|place| places.token(place).to_owned()).collect()
    }

    #[test]
    fn every_place_has_a_token() {
        let cases: [(&str, &[&str]); 7] = [
            ("Not arrived!! #LateFlight_2", &["not", "arrived", "\u{1}", "lateflight", "2"]),
            ("配送が遅い", &["配送", "送が", "が遅", "遅い", "い"]),
            ("肉 app很慢", &["肉", "app", "很慢", "慢"]),
            ("肉 很慢", &["肉", " ", "很慢", "慢"]),
            ("सेवा खूप", &["सेवा", "खूप"]),
            ("😡 bad😡", &["😡", "bad", "😡"]),
            ("", &[]),
        ];
        for (text, expected) in cases {
            assert_eq!(tokens(text), expected, "{text}");
        }
    }

    #[test]
    fn hashtags_and_account_names_are_found() {
        let cases = [
            ("so #Late_Flight, @Kurio!", "#late_flight 1..3, @kurio 4..5"),
            ("me@example.com C# # @", ""),
            ("＃Été好", "#ete好 0..2"),
            ("#a#b ##c", "#a 0..1, #c 2..3"),
            ("好#标签#好", "#标签 2..4, #好 5..6"),
            ("#_ #x_", "#x_ 0..1"),
        ];
        for (text, expected) in cases {
            let places = Places::of(text);
            let found: Vec<String> =
                places.sigils().iter().map(|sigil| format!("{} {:?}", sigil.text, sigil.places)).collect();
            assert_eq!(found.join(", "), expected, "{text}");
        }
    }

    #[test]
    fn spellings_are_exact() {
        let text = "Año  nuevo: C++,\u{200B} iPhone❤\u{FE0F} 配送\n ok";
        let places = Places::of(text);
        let spelled: Vec<(String, String)> = (0..places.len())
            .filter_map(|place| Some((places.spelling(place)?.into_owned(), places.after(place).into_owned())))
            .collect();
        let expected = [
            ("Año", " "),
            ("nuevo", ": "),
            ("C", "++, "),
            ("iPhone", ""),
            ("❤", " "),
            ("配送", ""),
            ("送", "\n"),
            ("ok", ""),
        ];
        assert_eq!(spelled, expected.map(|(word, after)| (word.to_owned(), after.to_owned())));
        assert_eq!(places.before(1), " ");
        assert_eq!(places.before(3), ": ");
    }

    proptest! {
        #[test]
        fn places_cover_what_is_no_space(text in "\\PC{0,40}") {
            let places = Places::of(&text);
            let mut covered: String = String::new();
            for place in (0..places.len()).filter_map(|place| places.get(place)) {
                covered.push_str(&places.text()[place.start..place.end]);
            }
            prop_assert_eq!(covered.replace(' ', ""), places.text().replace(' ', ""));
            for place in 0..places.len() {
                prop_assert_eq!(places.at_byte(places.get(place).map_or(0, |p| p.start)), place);
                let chars = places.original_chars(place..place + 1);
                prop_assert!(chars.end <= text.chars().count() && !chars.is_empty());
            }
        }
    }
}
