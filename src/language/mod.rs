//! What language a text is in.
//!
//! A text's words decide: handles, addresses, numbers, emoji and laughter are left out first (`words`). The script that
//! most letters are in decides which languages compete, or leaves one; among several, a bag of character n-grams
//! (`model`, trained by `models/train/language`) gives each a probability. `whatlang` can be asked instead.

mod codes;
mod grams;
mod letters;
mod memory;
mod model;
mod options;
mod prior;
mod scripts;
mod spans;
mod whatlang;
mod words;

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::mention::{Language, RankedLanguage};
pub(crate) use codes::share_words;
use model::{Evidence, Group, Model};
pub use options::{DEFAULT_MIN_CONFIDENCE, LanguageEngine, LanguageError, LanguageOptions};
use prior::ChannelLanguages;
pub use prior::{ChannelLanguagesError, Hints};
use scripts::Script;
use whatlang::Whatlang;
use words::{Word, Words};

/// The code for a text without words: numbers, emoji or addresses only.
pub const NO_WORDS: &str = "zxx";
/// The code for a text whose language cannot be told.
pub const UNDETERMINED: &str = "und";

/// Confidence reported where the script alone decides.
const SCRIPT_CONFIDENCE: f64 = 0.99;
/// A language whose score is so far below the highest, in nats, is given no probability at all.
const LEAST_LOGIT: f32 = -16.0;
/// Japanese if at least one in this many of its Han and kana characters is kana.
const KANA_SHARE: usize = 12;

static SHIPPED: LazyLock<Option<Model>> = LazyLock::new(|| Model::read(&FILE.0));
static FILE: &Aligned<[u8]> = &Aligned(*include_bytes!("../../models/language/detector.bin"));

/// Bytes that begin where a cache line does. In the file, so does the table: no row lies in two lines.
#[repr(align(64))]
struct Aligned<T: ?Sized>(T);

/// Finds the language of texts.
#[derive(Debug, Clone)]
pub struct Detector {
    model: &'static Model,
    allowed: Option<HashSet<&'static str>>,
    /// Which classes of each of the model's groups may be answered; that of no known language may.
    open_classes: Vec<Vec<bool>>,
    always: Option<&'static str>,
    min_confidence: f64,
    trust_claimed: f64,
    channels: ChannelLanguages,
    top: usize,
    with_spans: bool,
    whatlang: Option<Whatlang>,
}

/// A language and its probability; the code is empty for what is no known language.
#[derive(Debug, Clone, Copy)]
struct Ranked {
    code: &'static str,
    probability: f64,
}

/// Whether some languages are taken to be met more often than others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Prior {
    AsMet,
    Even,
}

impl Detector {
    /// Makes a detector of the built-in model.
    pub fn new(options: &LanguageOptions) -> Result<Detector, LanguageError> {
        let model = SHIPPED.as_ref().ok_or(LanguageError::Damaged)?;
        options.check()?;
        let find = |code: &String| {
            let unknown = || LanguageError::Unknown { code: code.clone(), known: codes::known(model) };
            codes::canonical(code, model).ok_or_else(unknown)
        };
        let named = options.languages.iter().map(find).collect::<Result<HashSet<_>, _>>()?;
        // A language that is allowed is so in any script.
        let is_allowed = |code: &&str| named.contains(code) || named.contains(codes::base(code));
        let allowed: Option<HashSet<&'static str>> =
            (!named.is_empty()).then(|| codes::known(model).into_iter().filter(is_allowed).collect());
        let is_open =
            |code: &String| code.is_empty() || allowed.as_ref().is_none_or(|allowed| allowed.contains(code.as_str()));
        let open_classes = model.groups().iter().map(|group| group.codes.iter().map(is_open).collect()).collect();
        let channels = options.channels.as_deref().map(|path| ChannelLanguages::load(path, model)).transpose()?;
        Ok(Detector {
            model,
            always: options.always.as_ref().map(find).transpose()?,
            min_confidence: options.min_confidence,
            trust_claimed: options.trust_claimed,
            channels: channels.unwrap_or_default(),
            top: options.top,
            with_spans: options.spans,
            whatlang: (options.engine == LanguageEngine::Whatlang).then(|| Whatlang::new(allowed.as_ref())),
            open_classes,
            allowed,
        })
    }

    /// What it finds languages with.
    pub fn engine(&self) -> LanguageEngine {
        if self.whatlang.is_some() { LanguageEngine::Whatlang } else { LanguageEngine::Earmark }
    }

    /// The codes it may answer besides `und` and `zxx`, sorted.
    pub fn languages(&self) -> Vec<&'static str> {
        if let Some(code) = self.always {
            return vec![code];
        }
        let mut known = match self.engine() {
            LanguageEngine::Earmark => codes::known(self.model),
            LanguageEngine::Whatlang => whatlang::codes().collect(),
        };
        known.retain(|code| self.allows(code));
        known.sort_unstable();
        known
    }

    /// The language of a text, from its words alone.
    pub fn detect(&self, text: &str) -> Language {
        self.detect_with(text, &Hints::default())
    }

    /// The language of a text, with what is known of where it was written.
    pub fn detect_with(&self, text: &str, hints: &Hints<'_>) -> Language {
        let words = Words::of(text);
        let Some(script) = words.main_script() else {
            let (code, confidence) = if words.unknown_letters { (UNDETERMINED, 0.0) } else { (NO_WORDS, 1.0) };
            return Language::new(code, confidence);
        };
        let answer = |code, confidence| Language {
            script: Some(script.code()),
            ..Language::new(code, two_decimals(confidence))
        };
        if let Some(code) = self.always {
            return answer(code, 1.0);
        }
        if let Some(whatlang) = &self.whatlang {
            let found = whatlang.detect(&words).filter(|(code, _)| self.allows(code));
            let (code, confidence) = found.unwrap_or((UNDETERMINED, 0.0));
            return answer(code, confidence);
        }
        let mut ranked = self.rank(&words, script);
        self.weigh(&mut ranked, script, hints);
        let (code, confidence) = self.decide(&ranked);
        let mut language = answer(code, confidence);
        if self.top > 0 {
            language.top = self.likeliest(ranked);
        }
        if self.with_spans {
            language.spans = self.spans(&words);
        }
        language
    }

    /// The answer and how likely it is; of `und`, how likely the likeliest language is.
    fn decide(&self, ranked: &[Ranked]) -> (&'static str, f64) {
        let likelier =
            |a: &&Ranked, b: &&Ranked| a.probability.total_cmp(&b.probability).then_with(|| b.code.cmp(a.code));
        let Some(best) = ranked.iter().max_by(likelier) else { return (UNDETERMINED, 0.0) };
        let language = ranked.iter().filter(|r| !r.code.is_empty()).max_by(likelier);
        let confidence = language.map_or(0.0, |language| language.probability);
        let sure = !best.code.is_empty() && confidence >= self.min_confidence;
        (if sure { best.code } else { UNDETERMINED }, confidence)
    }

    fn likeliest(&self, mut ranked: Vec<Ranked>) -> Vec<RankedLanguage> {
        ranked.retain(|r| !r.code.is_empty());
        ranked.sort_unstable_by(|a, b| b.probability.total_cmp(&a.probability).then_with(|| a.code.cmp(b.code)));
        let rounded = |r: &Ranked| RankedLanguage { code: r.code, confidence: two_decimals(r.probability) };
        ranked.iter().take(self.top).map(rounded).collect()
    }

    /// The languages that compete for the words of a script.
    fn rank(&self, words: &Words, script: Script) -> Vec<Ranked> {
        let own = || words.words.iter().filter(|word| word.script == script);
        if let Some(alone) = self.alone(words, own(), script) {
            return alone;
        }
        let evidence = self.model.evidence(own().map(|word| words.spaced(word)));
        self.probabilities(&evidence, script, Prior::AsMet)
    }

    /// The one language that words can be in by their letters; none if several compete.
    fn alone<'a>(&self, words: &Words, some: impl Iterator<Item = &'a Word>, script: Script) -> Option<Vec<Ranked>> {
        let code = match self.model.group(script) {
            Some(group) if group.codes.len() == 1 => group.codes[0].as_str(),
            Some(_) if script == Script::Hani && is_japanese(words, some) => "ja",
            Some(_) => return None,
            None => codes::ONE_LANGUAGE.iter().find(|(alone, _)| *alone == script).map_or("", |(_, code)| code),
        };
        let ranked = Ranked { code, probability: SCRIPT_CONFIDENCE };
        Some(if self.allows(code) && !code.is_empty() { vec![ranked] } else { Vec::new() })
    }

    /// The probabilities of the languages of a script that may be answered, and of none of them; they sum to 1.
    /// Languages far below the likeliest are left out.
    fn probabilities(&self, evidence: &Evidence, script: Script, prior: Prior) -> Vec<Ranked> {
        let Some((group, open)) = self.competitors(script) else { return Vec::new() };
        let scores = self.model.scores(evidence, group, prior == Prior::AsMet);
        let competing = || group.codes.iter().zip(&scores).zip(open).filter(|(_, open)| **open).map(|(class, _)| class);
        let highest = competing().map(|(_, score)| *score).fold(f32::NEG_INFINITY, f32::max);
        let likely = competing().filter(|(_, score)| **score - highest > LEAST_LOGIT);
        let mut ranked: Vec<Ranked> =
            likely.map(|(code, score)| Ranked { code, probability: f64::from((score - highest).exp()) }).collect();
        share_out(&mut ranked);
        ranked
    }

    /// The classes of a script, and which of them may be answered.
    fn competitors(&self, script: Script) -> Option<(&'static Group, &[bool])> {
        let groups = self.model.groups().iter().zip(&self.open_classes);
        groups.map(|(group, open)| (group, open.as_slice())).find(|(group, _)| group.script == script)
    }

    fn allows(&self, code: &str) -> bool {
        self.allowed.as_ref().is_none_or(|allowed| allowed.contains(code))
    }
}

/// The code of an answer that a detector has given: of any language it knows, `und` or `zxx`, or what `whatlang` says.
pub(crate) fn answer_code(code: &str) -> Option<&'static str> {
    [UNDETERMINED, NO_WORDS].into_iter().find(|known| *known == code).or_else(|| known_code(code))
}

/// The code under which a language is known to the built-in model: `no` is `nb`.
pub(crate) fn known_code(tag: &str) -> Option<&'static str> {
    codes::canonical(tag, SHIPPED.as_ref()?)
}

/// Makes probabilities sum to 1, unless all are 0.
fn share_out(ranked: &mut [Ranked]) {
    let sum: f64 = ranked.iter().map(|r| r.probability).sum();
    if sum > 0.0 {
        ranked.iter_mut().for_each(|r| r.probability /= sum);
    }
}

fn is_japanese<'a>(words: &Words, some: impl Iterator<Item = &'a Word>) -> bool {
    let is_kana = |c: &&char| matches!(u32::from(**c), 0x3041..=0x30FF | 0x31F0..=0x31FF);
    let (mut kana, mut all) = (0, 0);
    for letters in some.map(|word| words.letters_of(word)) {
        all += letters.len();
        kana += letters.iter().filter(is_kana).count();
    }
    kana * KANA_SHARE >= all
}

fn two_decimals(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests;
