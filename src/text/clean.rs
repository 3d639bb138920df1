//! The text a model reads: what it was trained on, so handles, addresses and spelling habits look the same to it.
//!
//! The steps of [`Cleaning::Social`] are mirrored by `models/train/clean.py`; `models/train/clean_cases.jsonl` holds both
//! to the same results.

use unicode_normalization::UnicodeNormalization;

/// Which clean-up a model bundle asks for (`earmark.clean` in its `config.json`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Cleaning {
    /// `mask`: handles become `@user`, addresses `http`, white space is collapsed. What published tweet models expect.
    #[default]
    Mask,
    /// `social-v1`: HTML entities decoded, NFKC, masks, lower case, control characters dropped, long repeats cut.
    Social,
}

/// Repeats of one character longer than this are cut to it.
const MAX_REPEAT: usize = 3;

impl Cleaning {
    /// The clean-up of that name in a `config.json`.
    pub fn from_name(name: &str) -> Option<Cleaning> {
        match name {
            "mask" => Some(Cleaning::Mask),
            "social-v1" => Some(Cleaning::Social),
            _ => None,
        }
    }

    /// Cleans a text.
    pub fn apply(self, text: &str) -> String {
        match self {
            Cleaning::Mask => collapse_spaces(&mask(text)),
            Cleaning::Social => {
                let composed: String = decode_entities(text).nfkc().collect();
                let lower = mask(&composed).to_lowercase();
                let visible: String = lower.chars().filter(|&c| !is_dropped(c)).collect();
                collapse_spaces(&cut_repeats(&visible))
            }
        }
    }
}

/// The HTML entities that platforms leave in exported text.
const ENTITIES: [(&str, &str); 7] = [
    ("&amp;", "&"),
    ("&lt;", "<"),
    ("&gt;", ">"),
    ("&quot;", "\""),
    ("&#39;", "'"),
    ("&apos;", "'"),
    ("&nbsp;", "\u{A0}"),
];

fn decode_entities(text: &str) -> String {
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        decoded.push_str(&rest[..at]);
        rest = &rest[at..];
        let (entity, character) =
            ENTITIES.iter().find(|(entity, _)| rest.starts_with(entity)).copied().unwrap_or(("&", "&"));
        decoded.push_str(character);
        rest = &rest[entity.len()..];
    }
    decoded.push_str(rest);
    decoded
}

/// Replaces web addresses by `http`, then handles by `@user`.
fn mask(text: &str) -> String {
    mask_with(&mask_with(text, address_length, "http"), handle_length, "@user")
}

/// Replaces everything that `length` finds the length of; nothing is looked for right after a letter or digit.
fn mask_with(text: &str, length: impl Fn(&str) -> Option<usize>, mask: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    let mut after_word = false;
    while let Some(c) = rest.chars().next() {
        match if after_word { None } else { length(rest) } {
            Some(length) => {
                masked.push_str(mask);
                rest = &rest[length..];
                after_word = true;
            }
            None => {
                masked.push(c);
                rest = &rest[c.len_utf8()..];
                after_word = c.is_alphanumeric();
            }
        }
    }
    masked
}

/// The length in bytes of the address that a text begins with: up to the next white space.
fn address_length(text: &str) -> Option<usize> {
    const BEGINNINGS: [&str; 3] = ["http://", "https://", "www."];
    let begins = BEGINNINGS.iter().any(|b| text.get(..b.len()).is_some_and(|head| head.eq_ignore_ascii_case(b)));
    begins.then(|| text.find(char::is_whitespace).unwrap_or(text.len()))
}

/// The length in bytes of the handle that a text begins with.
fn handle_length(text: &str) -> Option<usize> {
    let name = text.strip_prefix('@')?;
    let length = name.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(name.len());
    (length > 0).then_some(1 + length)
}

fn is_dropped(c: char) -> bool {
    (c.is_control() && !c.is_whitespace()) || matches!(c, '\u{FE0F}' | '\u{200B}' | '\u{FEFF}' | '\u{AD}')
}

fn cut_repeats(text: &str) -> String {
    let mut cut = String::with_capacity(text.len());
    let mut last = None;
    let mut run = 0;
    for c in text.chars() {
        run = if last == Some(c) { run + 1 } else { 1 };
        last = Some(c);
        if run <= MAX_REPEAT {
            cut.push(c);
        }
    }
    cut
}

fn collapse_spaces(text: &str) -> String {
    let mut collapsed = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !collapsed.is_empty() {
            collapsed.push(' ');
        }
        collapsed.push_str(word);
    }
    collapsed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_handles_and_addresses() {
        let cases = [
            ("@Ana_1: see https://t.co/x?y=1 now", "@user: see http now"),
            ("mail me at ana@example.com", "mail me at ana@example.com"),
            ("(www.example.com) ok", "(http ok"),
            ("@ nobody  @@x", "@ nobody @@user"),
            ("HTTPS://EXAMPLE.COM", "http"),
        ];
        for (text, expected) in cases {
            assert_eq!(Cleaning::Mask.apply(text), expected, "{text}");
        }
    }

    #[test]
    fn social_cleaning() {
        let cases = [
            ("SOOOOOO  bad!!!!!!", "sooo bad!!!"),
            ("Tom &amp; Ann &amp;lt;", "tom & ann &lt;"),
            ("ｆｕｌｌ\u{FE0F} ❤\u{FE0F}", "full ❤"),
            ("a\u{0}b\tc\n", "ab c"),
        ];
        for (text, expected) in cases {
            assert_eq!(Cleaning::Social.apply(text), expected, "{text}");
        }
    }

    /// The cases that `models/train/clean.py` passes too.
    #[test]
    fn social_cleaning_is_what_the_model_was_trained_on() -> Result<(), serde_json::Error> {
        #[derive(serde::Deserialize)]
        struct Case {
            input: String,
            expected: String,
        }
        let cases = include_str!("../../models/train/clean_cases.jsonl");
        for line in cases.lines() {
            let case: Case = serde_json::from_str(line)?;
            assert_eq!(Cleaning::Social.apply(&case.input), case.expected, "{:?}", case.input);
        }
        Ok(())
    }
}
