//! What kind of character this is: part of a word, of an unspaced script, an emoji, or invisible.

use unicode_normalization::char::is_combining_mark;

/// What a character does in a text, as far as words are concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CharKind {
    /// Letter, digit or mark of a script that puts spaces between words.
    Word,
    /// Letter or mark of a script that does not: Han, kana, Thai, Lao, Khmer, Myanmar, Tibetan.
    Unspaced,
    /// Emoji and pictographs: each is a word of its own.
    Emoji,
    /// White space, and punctuation that joins words into one expression (`-`, `_`, `/`, `'`, `#`, `@`, `&`).
    Joiner,
    /// Punctuation and symbols that end an expression, and line breaks: a phrase does not reach across.
    Break,
}

/// The kind of a (folded) character.
pub fn kind(c: char) -> CharKind {
    if c.is_ascii() {
        return ascii_kind(c);
    }
    if is_emoji(c) {
        CharKind::Emoji
    } else if is_unspaced(c) {
        CharKind::Unspaced
    } else if c.is_alphanumeric() || is_combining_mark(c) {
        CharKind::Word
    } else if c.is_whitespace() || matches!(c, '\u{2010}'..='\u{2015}' | '\u{2212}' | '·' | '・') {
        CharKind::Joiner
    } else {
        CharKind::Break
    }
}

fn ascii_kind(c: char) -> CharKind {
    match c {
        '0'..='9' | 'a'..='z' | 'A'..='Z' => CharKind::Word,
        ' ' | '\t' | '-' | '_' | '/' | '\'' | '#' | '@' | '&' => CharKind::Joiner,
        _ => CharKind::Break,
    }
}

/// True for letters and marks of scripts that are written without spaces between words.
pub fn is_unspaced(c: char) -> bool {
    match c {
        '\u{0E00}'..='\u{0EFF}' | '\u{0F40}'..='\u{0FBC}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17DD}' => {
            !c.is_numeric() && (c.is_alphabetic() || is_combining_mark(c))
        }
        '\u{2E80}'..='\u{2FDF}' | '\u{3005}' | '\u{3007}' | '\u{3021}'..='\u{3029}' => true,
        '\u{3041}'..='\u{3096}' | '\u{3099}'..='\u{309F}' | '\u{30A1}'..='\u{30FA}' | '\u{30FC}'..='\u{30FF}' => true,
        '\u{31F0}'..='\u{31FF}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' => true,
        '\u{FF66}'..='\u{FF9F}' | '\u{20000}'..='\u{323AF}' => true,
        _ => false,
    }
}

/// True for emoji and pictographs, letters in circles and regional indicators included; not for ©, ™ or digits.
pub fn is_emoji(c: char) -> bool {
    matches!(c,
        '\u{1F000}'..='\u{1FAFF}' | '\u{2600}'..='\u{27BF}' | '\u{2B00}'..='\u{2BFF}'
        | '\u{231A}'..='\u{231B}' | '\u{23E9}'..='\u{23FA}' | '\u{3030}' | '\u{303D}')
}

/// True for characters that show nothing and carry no meaning for matching: zero-width, bidirectional controls,
/// variation selectors, soft hyphen, byte-order mark, emoji skin tones.
pub fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{180B}'..='\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
        | '\u{2060}'..='\u{206F}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{1F3FB}'..='\u{1F3FF}'
        | '\u{E0000}'..='\u{E0FFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds() {
        let cases = [
            ("aZ9éяշकि्", CharKind::Word),
            ("配送カナไทย", CharKind::Unspaced),
            ("😡☹✨🇱", CharKind::Emoji),
            (" \t-_/'#@&–", CharKind::Joiner),
            ("\n.,!?()\"…¿", CharKind::Break),
        ];
        for (text, expected) in cases {
            for c in text.chars() {
                assert_eq!(kind(c), expected, "{c:?}");
            }
        }
    }
}
