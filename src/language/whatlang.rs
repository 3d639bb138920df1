//! The baseline: `whatlang` over the same words, for comparison and for those who want its answers.

use std::collections::HashSet;

use whatlang::Lang;

use super::words::Words;

/// Below this confidence of `whatlang` its answer is more often wrong than right on short mentions.
const MIN_CONFIDENCE: f64 = 0.2;

/// `whatlang`, among all its languages or some of them.
#[derive(Debug, Clone)]
pub(super) struct Whatlang {
    detector: whatlang::Detector,
}

impl Whatlang {
    pub(super) fn new(allowed: Option<&HashSet<&'static str>>) -> Whatlang {
        let detector = match allowed {
            None => whatlang::Detector::new(),
            Some(codes) => {
                let langs = Lang::all().iter().copied().filter(|lang| codes.contains(code(*lang)));
                whatlang::Detector::with_allowlist(langs.collect())
            }
        };
        Whatlang { detector }
    }

    /// The language of a text's words and its confidence; none if it cannot tell.
    pub(super) fn detect(&self, words: &Words) -> Option<(&'static str, f64)> {
        let mut text = String::new();
        for word in &words.words {
            text.extend(words.letters_of(word));
            text.push(' ');
        }
        let info = self.detector.detect(&text)?;
        (info.confidence() >= MIN_CONFIDENCE).then(|| (code(info.lang()), info.confidence()))
    }
}

/// The codes it may answer.
pub(super) fn codes() -> impl Iterator<Item = &'static str> {
    Lang::all().iter().map(|lang| code(*lang))
}

/// The code earmark uses for a language of `whatlang`.
fn code(lang: Lang) -> &'static str {
    match lang {
        Lang::Epo => "eo",
        Lang::Eng => "en",
        Lang::Rus => "ru",
        Lang::Cmn => "zh",
        Lang::Spa => "es",
        Lang::Por => "pt",
        Lang::Ita => "it",
        Lang::Ben => "bn",
        Lang::Fra => "fr",
        Lang::Deu => "de",
        Lang::Ukr => "uk",
        Lang::Kat => "ka",
        Lang::Ara => "ar",
        Lang::Hin => "hi",
        Lang::Jpn => "ja",
        Lang::Heb => "he",
        Lang::Yid => "yi",
        Lang::Pol => "pl",
        Lang::Amh => "am",
        Lang::Jav => "jv",
        Lang::Kor => "ko",
        Lang::Nob => "nb",
        Lang::Dan => "da",
        Lang::Swe => "sv",
        Lang::Fin => "fi",
        Lang::Tur => "tr",
        Lang::Nld => "nl",
        Lang::Hun => "hu",
        Lang::Ces => "cs",
        Lang::Ell => "el",
        Lang::Bul => "bg",
        Lang::Bel => "be",
        Lang::Mar => "mr",
        Lang::Kan => "kn",
        Lang::Ron => "ro",
        Lang::Slv => "sl",
        Lang::Hrv => "hr",
        Lang::Srp => "sr",
        Lang::Mkd => "mk",
        Lang::Lit => "lt",
        Lang::Lav => "lv",
        Lang::Est => "et",
        Lang::Tam => "ta",
        Lang::Vie => "vi",
        Lang::Urd => "ur",
        Lang::Tha => "th",
        Lang::Guj => "gu",
        Lang::Uzb => "uz",
        Lang::Pan => "pa",
        Lang::Aze => "az",
        Lang::Ind => "id",
        Lang::Tel => "te",
        Lang::Pes => "fa",
        Lang::Mal => "ml",
        Lang::Ori => "or",
        Lang::Mya => "my",
        Lang::Nep => "ne",
        Lang::Sin => "si",
        Lang::Khm => "km",
        Lang::Tuk => "tk",
        Lang::Aka => "ak",
        Lang::Zul => "zu",
        Lang::Sna => "sn",
        Lang::Afr => "af",
        Lang::Lat => "la",
        Lang::Slk => "sk",
        Lang::Cat => "ca",
        Lang::Tgl => "tl",
        Lang::Hye => "hy",
        Lang::Cym => "cy",
    }
}
