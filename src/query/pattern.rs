//! Patterns: words, phrases and exact spellings as what must stand at which place of a text.

use super::glob::Glob;
use crate::text::places::{ANY_LETTERS, MAX_BETWEEN_CHARS, ONE_LETTER, PlaceKind, Places, visible};
use crate::text::script::{self, CharKind};

/// Longest word of a query, in bytes after folding; shorter than where words of texts are cut.
pub const MAX_QUERY_WORD_BYTES: usize = 100;
/// Most places that one phrase covers: words, or characters of scripts without spaces.
pub const MAX_PHRASE_PLACES: usize = 64;
/// Fewest letters that a word with wildcards must have beside them.
pub const MIN_WILDCARD_LETTERS: usize = 2;
/// Most characters between two words of a `raw:` value.
const MAX_RAW_BETWEEN: usize = 16;
const _: () = assert!(MAX_RAW_BETWEEN < MAX_BETWEEN_CHARS);

const NOTHING: &str = "there is no letter, digit or emoji in this; for punctuation beside a word write raw:\"C++\"";

/// What must stand at one place.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Atom {
    /// This token.
    Token(String),
    /// A word of this form.
    Word(Glob),
    /// This character of a script without spaces.
    Character(char),
    /// This hashtag or account name begins here.
    Sigil(String),
    /// One of this form begins here.
    SigilLike(Glob),
    /// A token spelled exactly so.
    Spelling(String),
    /// A character of a script without spaces, spelled exactly so.
    CharacterSpelling(String),
    /// Exactly this between the place, which ends a run, and the next run.
    Between(String),
    /// This right after the place, which ends a run.
    After(String),
    /// This right before the place.
    Before(String),
}

/// What must stand at a place and at those that follow it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Pattern {
    /// What must stand how many places after the first, in order.
    pub atoms: Vec<(usize, Atom)>,
    /// How many places it covers.
    pub width: usize,
    /// Text that begins or lies within a place wherever the pattern stands, and how many places after the first that is;
    /// `None` for nothing but a hashtag or account with wildcards.
    pub anchor: Option<(usize, String)>,
}

impl Atom {
    /// True if it stands at a place of a text.
    pub fn holds(&self, text: &Places, place: usize) -> bool {
        let Some(there) = text.get(place) else { return false };
        let is_character = matches!(there.kind, PlaceKind::Character { .. });
        match self {
            Atom::Token(token) => text.token(place) == token,
            Atom::Word(glob) => there.kind == PlaceKind::Word && glob.matches(text.token(place)),
            Atom::Character(c) => is_character && text.token(place).starts_with(*c),
            Atom::Sigil(sigil) => text.sigil_at(place).is_some_and(|found| found.text == *sigil),
            Atom::SigilLike(glob) => text.sigil_at(place).is_some_and(|found| glob.matches(&found.text)),
            Atom::Spelling(spelling) => text.spelling(place).is_some_and(|found| found == *spelling),
            Atom::CharacterSpelling(c) => {
                is_character && text.spelling(place).is_some_and(|found| found.starts_with(c))
            }
            Atom::Between(between) => there.kind.ends_run() && text.after(place) == *between,
            Atom::After(after) => there.kind.ends_run() && text.after(place).starts_with(after),
            Atom::Before(before) => begins_run(text, place) && text.before(place).ends_with(before),
        }
    }
}

fn is_content(text: &Places, place: usize) -> bool {
    text.get(place).is_some_and(|there| there.kind.is_content())
}

/// True for a place that is no punctuation and does not go on from the place before.
fn begins_run(text: &Places, place: usize) -> bool {
    is_content(text, place) && !goes_on(text, place)
}

/// True for a character that goes on a run from the place before.
fn goes_on(text: &Places, place: usize) -> bool {
    let before = place.checked_sub(1).and_then(|before| text.get(before));
    before.is_some_and(|before| before.kind == PlaceKind::Character { continues: true })
}

impl Pattern {
    /// How many times the index must go through a whole dictionary for it.
    pub(super) fn open_beginnings(&self) -> usize {
        let is_open = |glob: &Glob| matches!(glob.prefix().as_str(), "" | "#" | "@");
        self.atoms
            .iter()
            .filter(|(_, atom)| match atom {
                Atom::Word(glob) | Atom::SigilLike(glob) => is_open(glob),
                Atom::Before(_) => true,
                _ => false,
            })
            .count()
    }

    /// Its words with wildcards.
    pub(super) fn globs(&self) -> impl Iterator<Item = &Glob> {
        self.atoms.iter().filter_map(|(_, atom)| match atom {
            Atom::Word(glob) | Atom::SigilLike(glob) => Some(glob),
            _ => None,
        })
    }

    /// True if it stands at a place of a text.
    pub fn holds(&self, text: &Places, place: usize) -> bool {
        place + self.width <= text.len() && self.atoms.iter().all(|(offset, atom)| atom.holds(text, place + offset))
    }

    /// The places of a text at which it stands, in order.
    pub fn find(&self, text: &Places) -> Vec<usize> {
        let end = (text.len() + 1).saturating_sub(self.width);
        (0..end).filter(|&place| self.holds(text, place)).collect()
    }

    /// The pattern of a word, or of words that follow each other, with wildcards. The error says what is wrong.
    pub fn of_words(words: &str) -> Result<Pattern, String> {
        let marked = mark_wildcards(words)?;
        let text = Places::of_pattern(&marked);
        let (first, mut end) = content(&text)?;
        let mut atoms = Vec::new();
        let mut place = first;
        let mut anchor: Option<(usize, String)> = None;
        while place < end {
            let offset = place - first;
            let mut literal = None;
            match text.sigil_at(place) {
                Some(sigil) if has_wildcards(&sigil.text) => {
                    if sigil.places.end < end {
                        return Err("a #hashtag or @account with * or ? can only end a phrase; use NEAR".to_owned());
                    }
                    // How many words it stands for is not known: it covers the place of the first.
                    atoms.push((offset, Atom::SigilLike(glob(&sigil.text)?)));
                    end = place + 1;
                    place = end;
                }
                Some(sigil) => {
                    literal = Some(text.token(place).to_owned());
                    atoms.push((offset, Atom::Sigil(checked(&sigil.text)?)));
                    place = sigil.places.end;
                }
                None => {
                    let atom = token_atom(&text, place)?;
                    literal = atom.as_ref().and_then(literal_of);
                    atoms.extend(atom.map(|atom| (offset, atom)));
                    place += 1;
                }
            }
            if let Some(literal) = literal {
                keep_longer(&mut anchor, offset, literal);
            }
        }
        Ok(Pattern { atoms, width: end - first, anchor })
    }

    /// The pattern of a text that is to be found spelled exactly so. The error says what is wrong.
    pub fn of_spelling(raw: &str) -> Result<Pattern, String> {
        let raw = visible(raw);
        let text = Places::of(raw.trim());
        let (first, end) = content(&text)?;
        let mut atoms = Vec::new();
        let before = text.before(first);
        if !before.is_empty() {
            atoms.push((0, Atom::Before(short(&before)?)));
        }
        let mut anchor: Option<(usize, String)> = None;
        for place in first..end {
            let Some(spelling) = text.spelling(place) else { continue };
            let ends_run = text.get(place).is_some_and(|there| there.kind.ends_run());
            let is_character = text.get(place).is_some_and(|there| matches!(there.kind, PlaceKind::Character { .. }));
            let offset = place - first;
            // The last character of a run is covered by the pair before it.
            if !(is_character && ends_run && goes_on(&text, place) && place > first) {
                let spelling = checked(&spelling)?;
                let is_alone = is_character && ends_run;
                let atom = if is_alone { Atom::CharacterSpelling(spelling) } else { Atom::Spelling(spelling) };
                atoms.push((offset, atom));
                keep_longer(&mut anchor, offset, text.token(place).to_owned());
            }
            let after = text.after(place);
            if place + 1 < end && ends_run {
                atoms.push((offset, Atom::Between(short(&after)?)));
            } else if place + 1 == end && !after.is_empty() {
                atoms.push((offset, Atom::After(short(&after)?)));
            }
        }
        Ok(Pattern { atoms, width: end - first, anchor })
    }
}

/// Takes a literal for the anchor if it is longer than the one so far.
fn keep_longer(anchor: &mut Option<(usize, String)>, offset: usize, literal: String) {
    if anchor.as_ref().is_none_or(|(_, known)| literal.len() > known.len()) {
        *anchor = Some((offset, literal));
    }
}

/// The first place with a word in it, and one past the last.
fn content(text: &Places) -> Result<(usize, usize), String> {
    let is_content = |place: &usize| is_content(text, *place);
    let first = (0..text.len()).find(is_content).ok_or(NOTHING)?;
    let end = (0..text.len()).rev().find(is_content).ok_or(NOTHING)? + 1;
    if end - first > MAX_PHRASE_PLACES {
        return Err(format!(
            "a phrase has at most {MAX_PHRASE_PLACES} words (or characters, in scripts without spaces)"
        ));
    }
    Ok((first, end))
}

/// What must stand where a place of the pattern is; nothing where the place before covers it.
fn token_atom(text: &Places, place: usize) -> Result<Option<Atom>, String> {
    let token = text.token(place);
    Ok(match text.get(place).map(|place| place.kind) {
        Some(PlaceKind::Character { continues: false }) if goes_on(text, place) => None,
        Some(PlaceKind::Character { continues: false }) => token.chars().next().map(Atom::Character),
        Some(PlaceKind::Word) if has_wildcards(token) => Some(Atom::Word(glob(token)?)),
        Some(_) => Some(Atom::Token(checked(token)?)),
        None => None,
    })
}

fn has_wildcards(token: &str) -> bool {
    token.contains([ANY_LETTERS, ONE_LETTER])
}

/// The text that a place must contain for an atom of words to hold at it.
fn literal_of(atom: &Atom) -> Option<String> {
    match atom {
        Atom::Token(token) => Some(token.clone()),
        Atom::Word(glob) => Some(glob.longest_literal()),
        Atom::Character(c) => Some(c.to_string()),
        _ => None,
    }
}

fn glob(token: &str) -> Result<Glob, String> {
    let glob = Glob::new(&checked(token)?, ANY_LETTERS, ONE_LETTER);
    let letters = glob.letters() - usize::from(token.starts_with(['#', '@']));
    if letters < MIN_WILDCARD_LETTERS {
        return Err(format!(
            "a word with * or ? needs at least {MIN_WILDCARD_LETTERS} letters beside them; field:* asks for any value of a field"
        ));
    }
    Ok(glob)
}

fn checked(word: &str) -> Result<String, String> {
    if word.len() > MAX_QUERY_WORD_BYTES {
        return Err(format!("a word has at most {MAX_QUERY_WORD_BYTES} bytes"));
    }
    Ok(word.to_owned())
}

fn short(between: &str) -> Result<String, String> {
    if between.chars().count() > MAX_RAW_BETWEEN {
        return Err(format!("raw: takes at most {MAX_RAW_BETWEEN} characters between two words"));
    }
    Ok(between.to_owned())
}

/// The text with its wildcards as characters of their own, and without the backslashes that keep others from being one.
fn mark_wildcards(words: &str) -> Result<String, String> {
    let chars: Vec<char> = words.chars().collect();
    let kind = |at: Option<usize>| at.and_then(|at| chars.get(at)).map(|c| script::kind(*c));
    let mut marked = String::with_capacity(words.len());
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        let beside = [kind(at.checked_sub(1)), kind(Some(at + 1))];
        let is_unspaced = beside.contains(&Some(CharKind::Unspaced));
        let is_at_edge =
            beside.iter().any(|kind| !matches!(kind, Some(CharKind::Unspaced | CharKind::Word | CharKind::Emoji)));
        match c {
            '\\' if at + 1 < chars.len() => {
                at += 1;
                marked.push(chars[at]);
            }
            '*' if is_unspaced && is_at_edge => {}
            '*' | '?' if is_unspaced => {
                return Err(format!(
                    "`{c}` has no place within a script without spaces, where any part of a word is found; use NEAR"
                ));
            }
            '*' => marked.push(ANY_LETTERS),
            '?' => marked.push(ONE_LETTER),
            ANY_LETTERS | ONE_LETTER => marked.push(' '),
            c => marked.push(c),
        }
        at += 1;
    }
    Ok(marked)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn found(pattern: &Pattern, text: &str) -> Vec<usize> {
        pattern.find(&Places::of(text))
    }

    #[test]
    fn words_and_phrases_stand_at_places() {
        let cases: [(&str, &str, &[usize]); 21] = [
            ("late", "Late, so LÁTE!", &[0, 3]),
            ("late", "plate later", &[]),
            ("late*", "plate later", &[1]),
            ("*late*", "plate later", &[0, 1]),
            ("c?l*r", "colour color clr", &[0, 1]),
            ("late delivery", "late-delivery late, delivery", &[0]),
            ("late, delivery", "late-delivery late, delivery", &[2]),
            ("late deliver*", "so late deliveries", &[1]),
            ("配送", "你们配送太慢", &[2]),
            ("配送太慢", "你们配送太慢 配送 太慢", &[2]),
            ("慢", "你们配送太慢", &[5]),
            ("配送*", "配送太慢", &[0]),
            ("app很慢", "app 很慢 app很慢", &[0, 3]),
            ("😡😡", "😡 😡", &[0]),
            ("#late_flight", "late flight #Late_Flight @late_flight", &[2]),
            ("#late*", "late #lately", &[1]),
            ("#late_*", "late #late_ #late_order", &[1, 2]),
            ("so #l?te_*", "so #late_order", &[0]),
            ("@kurio again", "@Kurio again", &[0]),
            ("don't", "I don’t", &[1]),
            ("\\*late", "late", &[0]),
        ];
        for (words, text, expected) in cases {
            assert_eq!(found(&Pattern::of_words(words).unwrap(), text), expected, "{words} in {text}");
        }
    }

    #[test]
    fn spellings_are_exact() {
        let cases: [(&str, &str, &[usize]); 17] = [
            ("Año", "año ANO Año", &[2]),
            ("Año", "An\u{303}o", &[0]),
            ("C++", "C c++ C++, C+", &[3]),
            ("New York", "new york New-York New  York New\nYork", &[4]),
            ("$5", "5 $5 US$5", &[2, 5]),
            ("US", "us US USA", &[1]),
            ("#US", "US #US", &[1]),
            ("iPhone 7", "iphone 7, iPhone 7", &[3]),
            ("配送", "快配送了", &[1]),
            ("配", "快配送了", &[1]),
            ("送", "配送", &[1]),
            ("配送!", "配送! 配送了!", &[0]),
            ("配送 app", "配送 app 配送app", &[0]),
            ("遅い 配", "が遅い word配 遅い\n配 遅い 配", &[11]),
            ("E.ON", "e.on E.ON EON", &[3]),
            ("❤", "❤\u{FE0F}", &[0]),
            (" a-b ", "a b a-b", &[2]),
        ];
        for (raw, text, expected) in cases {
            assert_eq!(found(&Pattern::of_spelling(raw).unwrap(), text), expected, "{raw} in {text}");
        }
    }

    #[test]
    fn what_cannot_be_found_is_refused() {
        for words in ["", "!?", "*", "a*", "配?送", "配*送", "😡*", "late * delivery", "#*", "#late* order"] {
            assert!(Pattern::of_words(words).is_err(), "{words}");
        }
        assert!(Pattern::of_words(&"x".repeat(MAX_QUERY_WORD_BYTES + 1)).is_err());
        assert!(Pattern::of_words(&"x ".repeat(MAX_PHRASE_PLACES + 1)).is_err());
        assert!(Pattern::of_spelling("+++").is_err());
        assert!(Pattern::of_spelling(&format!("a{}b", "+".repeat(17))).is_err());
    }

    #[test]
    fn anchors_are_the_longest_literal() {
        let anchor = |words: &str| Pattern::of_words(words).unwrap().anchor;
        assert_eq!(anchor("to deliver* x"), Some((1, "deliver".to_owned())));
        assert_eq!(anchor("#late_flight"), Some((0, "late".to_owned())));
        assert_eq!(anchor("#late*"), None);
        assert_eq!(anchor("#配送late"), Some((0, "配送".to_owned())));
        assert_eq!(Pattern::of_spelling("C++ Año").unwrap().anchor, Some((2, "ano".to_owned())));
    }
}
