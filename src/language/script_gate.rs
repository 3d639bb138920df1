//! The script gate: where a script is written by one language, the letters alone decide.

use unicode_script::{Script, UnicodeScript};

/// What the letters of a text say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gate {
    /// There are no letters.
    NoLetters,
    /// Most of the text is in a script of one language.
    Decided(&'static str),
    /// Most of the text is in a script that several languages share.
    Shared {
        /// How many letters it has.
        letters: usize,
    },
}

/// Scripts that one living language of the web writes.
pub(super) const ONE_LANGUAGE: [(Script, &str); 20] = [
    (Script::Armenian, "hy"),
    (Script::Georgian, "ka"),
    (Script::Greek, "el"),
    (Script::Hangul, "ko"),
    (Script::Thai, "th"),
    (Script::Lao, "lo"),
    (Script::Khmer, "km"),
    (Script::Myanmar, "my"),
    (Script::Sinhala, "si"),
    (Script::Tamil, "ta"),
    (Script::Telugu, "te"),
    (Script::Kannada, "kn"),
    (Script::Malayalam, "ml"),
    (Script::Gujarati, "gu"),
    (Script::Gurmukhi, "pa"),
    (Script::Oriya, "or"),
    (Script::Tibetan, "bo"),
    (Script::Thaana, "dv"),
    (Script::Ol_Chiki, "sat"),
    (Script::Tifinagh, "zgh"),
];

/// A syllable or ideograph says about as much as this many letters of an alphabet.
const DENSE_SCRIPT_WEIGHT: usize = 3;
/// Japanese if at least one in this many of its Han and kana characters is kana.
const KANA_SHARE: usize = 12;

/// Decides by the script most of the letters are in.
pub(super) fn decide(words: &str) -> Gate {
    let mut counts: Vec<(Script, usize)> = Vec::new();
    for c in words.chars().filter(|c| c.is_alphabetic()) {
        let script = match c.script() {
            Script::Common | Script::Inherited | Script::Unknown => continue,
            script => script,
        };
        match counts.iter_mut().find(|(known, _)| *known == script) {
            Some((_, count)) => *count += 1,
            None => counts.push((script, 1)),
        }
    }
    let count = |script: Script| counts.iter().find(|(known, _)| *known == script).map_or(0, |(_, count)| *count);
    let kana = count(Script::Hiragana) + count(Script::Katakana);
    let ideographs = count(Script::Han);
    let chinese_or_japanese = (kana + ideographs) * DENSE_SCRIPT_WEIGHT;
    let weight = |(script, count): &(Script, usize)| if *script == Script::Hangul { count * 2 } else { *count };
    let main = counts
        .iter()
        .filter(|(script, _)| !matches!(script, Script::Han | Script::Hiragana | Script::Katakana))
        .max_by_key(|entry| weight(entry));
    match main {
        None if chinese_or_japanese == 0 => Gate::NoLetters,
        Some(entry) if weight(entry) >= chinese_or_japanese => {
            match ONE_LANGUAGE.iter().find(|(script, _)| *script == entry.0) {
                Some((_, code)) => Gate::Decided(code),
                None => Gate::Shared { letters: entry.1 },
            }
        }
        _ if kana * KANA_SHARE >= kana + ideographs => Gate::Decided("ja"),
        _ => Gate::Decided("zh"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_main_script_decides() {
        let cases = [
            ("", Gate::NoLetters),
            ("hello", Gate::Shared { letters: 5 }),
            ("Velamo ինտերնետը չի աշխատում", Gate::Decided("hy")),
            ("iPhone 壊れた", Gate::Decided("ja")),
            ("app 很慢", Gate::Decided("zh")),
            ("बहुत अच्छा", Gate::Shared { letters: 8 }),
        ];
        for (words, expected) in cases {
            let found = decide(words);
            match (found, expected) {
                (Gate::Shared { .. }, Gate::Shared { .. }) => {}
                _ => assert_eq!(found, expected, "{words}"),
            }
        }
    }
}
