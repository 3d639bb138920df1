//! What a character is to a reader of words.

use std::sync::LazyLock;

use unicode_normalization::char::{canonical_combining_class, is_combining_mark};
use unicode_normalization::{IsNormalized, is_nfkc_quick};

use super::scripts::Script;

/// Characters below this are looked up: nearly all alphabets and abugidas, and kana. Han and Hangul are told by their
/// ranges, what else there is is computed.
const COMMON: u32 = 0x3100;

static KINDS: LazyLock<Vec<Kind>> =
    LazyLock::new(|| (0..COMMON).map(|point| char::from_u32(point).map_or(Kind::NONE, Kind::compute)).collect());

/// What a character is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Kind {
    /// The script of a letter or mark, if earmark tells it.
    pub(super) script: Option<Script>,
    /// A letter, or a mark on one.
    pub(super) is_letter: bool,
    /// A mark on a letter.
    pub(super) is_mark: bool,
    /// In lower case, or without case.
    pub(super) is_lower: bool,
    /// Stays as it is in normal form KC, wherever it stands among marks in order.
    is_composed: bool,
    /// The order of marks on a letter (Unicode Standard Annex 15); 0 for all else.
    combining_class: u8,
}

impl Kind {
    const NONE: Kind =
        Kind { script: None, is_letter: false, is_mark: false, is_lower: true, is_composed: true, combining_class: 0 };

    /// What a character is.
    pub(super) fn of(c: char) -> Kind {
        match c {
            '一'..='\u{9FFF}' => Kind { script: Some(Script::Hani), is_letter: true, ..Kind::NONE },
            '가'..='힣' => Kind { script: Some(Script::Hang), is_letter: true, ..Kind::NONE },
            _ => KINDS.get(c as usize).copied().unwrap_or_else(|| Kind::compute(c)),
        }
    }

    fn compute(c: char) -> Kind {
        let is_mark = is_combining_mark(c);
        let is_letter = is_mark || c.is_alphabetic();
        Kind {
            script: is_letter.then(|| Script::of(c)).flatten(),
            is_letter,
            is_mark,
            is_lower: c.to_lowercase().eq([c]),
            is_composed: is_nfkc_quick(std::iter::once(c)) == IsNormalized::Yes,
            combining_class: canonical_combining_class(c),
        }
    }
}

/// True if characters are surely in normal form KC: [`is_nfkc_quick`], but looked up.
pub(super) fn are_composed(characters: &[char]) -> bool {
    let mut before = 0;
    characters.iter().all(|&c| {
        let Kind { is_composed, combining_class, .. } = Kind::of(c);
        let in_order = combining_class == 0 || combining_class >= before;
        before = combining_class;
        is_composed && in_order
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_what_would_be_looked_up() {
        for c in ('一'..='\u{9FFF}').chain('가'..='힣') {
            assert_eq!(Kind::of(c), Kind::compute(c), "{c:?}");
        }
    }

    #[test]
    fn composed_is_what_unicode_says() {
        for text in [
            "schön",
            "e\u{301}t\u{e9}",
            "q\u{307}\u{323}",
            "q\u{323}\u{307}",
            "తెలుగు",
            "ﷺ",
            "ﬁn",
            "नि़",
            "각",
            "ᄀ\u{1161}",
        ] {
            let characters: Vec<char> = text.chars().collect();
            assert_eq!(are_composed(&characters), is_nfkc_quick(text.chars()) == IsNormalized::Yes, "{text}");
        }
    }
}
