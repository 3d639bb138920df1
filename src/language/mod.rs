//! What language a text is in.
//!
//! A text's words decide: handles, addresses, digits and emoji are left out first. Where the script leaves one
//! language, the script decides; otherwise `whatlang` does, among the languages of that script.

mod codes;
mod script_gate;

use unicode_normalization::char::is_combining_mark;
use whatlang::Lang;

use crate::mention::Language;
use script_gate::Gate;

/// The code for a text without words: numbers, emoji or addresses only.
pub const NO_WORDS: &str = "zxx";
/// The code for a text whose language cannot be told.
pub const UNDETERMINED: &str = "und";

/// Below this confidence of `whatlang` the answer is [`UNDETERMINED`]: on short mentions it is then wrong more often than right.
const MIN_CONFIDENCE: f64 = 0.2;
/// Fewer letters than this cannot be told in scripts that several languages share.
const MIN_LETTERS: usize = 3;
/// Confidence reported where the script alone decides.
const SCRIPT_CONFIDENCE: f64 = 0.99;
/// Only this much of a text's words is looked at, in bytes: more does not change the answer, only the time.
const MAX_BYTES: usize = 2048;

/// Finds the language of texts, among all languages it knows or those it is restricted to.
#[derive(Debug, Clone)]
pub struct Detector {
    allowed: Option<Vec<&'static str>>,
    whatlang: whatlang::Detector,
}

/// A language code that earmark does not know.
#[derive(Debug, thiserror::Error)]
#[error("unknown language {code:?}; known are {}", codes::known().join(", "))]
pub struct UnknownLanguage {
    code: String,
}

impl Default for Detector {
    fn default() -> Self {
        Detector { allowed: None, whatlang: whatlang::Detector::new() }
    }
}

impl Detector {
    /// A detector that answers one of these ISO 639-1 (or 639-3) codes, `und` or `zxx`.
    pub fn restricted_to(codes: &[String]) -> Result<Detector, UnknownLanguage> {
        let known = codes::known();
        let find = |code: &String| {
            known.iter().copied().find(|k| *k == code.as_str()).ok_or_else(|| UnknownLanguage { code: code.clone() })
        };
        let allowed = codes.iter().map(find).collect::<Result<Vec<_>, _>>()?;
        let langs: Vec<Lang> = Lang::all().iter().copied().filter(|l| allowed.contains(&codes::of_lang(*l))).collect();
        Ok(Detector { allowed: Some(allowed), whatlang: whatlang::Detector::with_allowlist(langs) })
    }

    /// The language of a text.
    pub fn detect(&self, text: &str) -> Language {
        let words = words_only(text);
        let gate = script_gate::decide(&words);
        let (code, confidence) = match gate {
            Gate::NoLetters => (NO_WORDS, 1.0),
            Gate::Decided(code) if self.allows(code) => (code, SCRIPT_CONFIDENCE),
            Gate::Decided(_) => (UNDETERMINED, 0.0),
            Gate::Shared { letters } if letters < MIN_LETTERS => (UNDETERMINED, 0.0),
            Gate::Shared { .. } => self.detect_shared(&words),
        };
        Language { code, confidence: (confidence * 100.0).round() / 100.0 }
    }

    fn detect_shared(&self, words: &str) -> (&'static str, f64) {
        match self.whatlang.detect(words) {
            Some(info) if info.confidence() >= MIN_CONFIDENCE => (codes::of_lang(info.lang()), info.confidence()),
            Some(info) => (UNDETERMINED, info.confidence()),
            None => (UNDETERMINED, 0.0),
        }
    }

    fn allows(&self, code: &str) -> bool {
        self.allowed.as_ref().is_none_or(|allowed| allowed.contains(&code))
    }
}

/// The words of a text for detection: no handles, no addresses, no digits, no symbols; hashtags as words.
fn words_only(text: &str) -> String {
    let mut words = String::with_capacity(text.len().min(MAX_BYTES));
    for token in text.split_whitespace() {
        if words.len() >= MAX_BYTES {
            break;
        }
        if token.starts_with('@') || token.contains("://") || token.starts_with("www.") || token == "RT" {
            continue;
        }
        for c in token.chars().take(MAX_BYTES) {
            let kept = c.is_alphabetic() || is_combining_mark(c) || matches!(c, '\'' | '’' | '\u{200C}' | '\u{200D}');
            if kept {
                words.push(c);
            } else if !words.ends_with(' ') {
                words.push(' ');
            }
        }
        if !words.ends_with(' ') {
            words.push(' ');
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn detects_by_script_and_by_words() {
        let cases = [
            ("Ծառայությունը շատ դանդաղ է", "hy"),
            ("서비스가 너무 느려요", "ko"),
            ("配送が遅いです", "ja"),
            ("物流太慢了,再也不买了", "zh"),
            ("จัดส่งช้ามาก", "th"),
            ("Η παράδοση άργησε πολύ", "el"),
            ("Piegāde kavējas jau trešo dienu, kauns par tādu servisu", "lv"),
            ("Paczka miała przyjść wczoraj, a kurier nawet nie zadzwonił", "pl"),
            ("The parcel was supposed to arrive yesterday and nobody called me", "en"),
            ("Почему вы опять списали деньги дважды? Это уже просто невыносимо", "ru"),
            ("@someone https://example.com/a 123 😡", "zxx"),
            ("", "zxx"),
            ("ok", "und"),
        ];
        let detector = Detector::default();
        for (text, expected) in cases {
            assert_eq!(detector.detect(text).code, expected, "{text}");
        }
    }

    #[test]
    fn answers_only_what_is_allowed() {
        let detector = Detector::restricted_to(&["lv".into(), "en".into()]).ok();
        let code = |text| detector.as_ref().map(|d| d.detect(text).code);
        assert_eq!(code("Piegāde kavējas jau trešo dienu"), Some("lv"));
        assert_eq!(code("서비스가 너무 느려요"), Some("und"));
        assert!(Detector::restricted_to(&["xx".into()]).is_err());
        let armenian = Detector::restricted_to(&["hy".into()]).ok();
        let code = |text| armenian.as_ref().map(|d| d.detect(text).code);
        assert_eq!(code("Ծառայությունը շատ դանդաղ է"), Some("hy"));
        assert_eq!(code("The parcel was supposed to arrive yesterday"), Some("und"));
    }
}
