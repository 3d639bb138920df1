//! How languages are found, and what can be wrong with that.

use std::fmt;
use std::path::PathBuf;

use super::prior::ChannelLanguagesError;

/// Below this probability of the likeliest language the answer is `und`, unless told otherwise.
pub const DEFAULT_MIN_CONFIDENCE: f64 = 0.3;

/// What finds the language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LanguageEngine {
    /// earmark's own model.
    #[default]
    Earmark,
    /// The `whatlang` crate, 70 languages: the baseline.
    Whatlang,
}

impl fmt::Display for LanguageEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            LanguageEngine::Earmark => "earmark's model",
            LanguageEngine::Whatlang => "whatlang",
        })
    }
}

/// How languages are found.
#[derive(Debug, Clone)]
pub struct LanguageOptions {
    /// What finds the language.
    pub engine: LanguageEngine,
    /// The languages that may be answered, each in any script; empty for all.
    pub languages: Vec<String>,
    /// Answer this for every text that has words, without looking.
    pub always: Option<String>,
    /// Below this probability the answer is `und`, 0 to 1.
    pub min_confidence: f64,
    /// How likely the language that the platform claims is right, 0 (do not ask) to 1 (never doubt).
    pub trust_claimed: f64,
    /// A TOML file of the languages usual in each channel, `[channels.NAME]` with shares such as `lv = 0.8`.
    pub channels: Option<PathBuf>,
    /// Also report so many of the likeliest languages; 0 for none.
    pub top: usize,
    /// Also report which part of a text is in which language, where it is in several.
    pub spans: bool,
}

impl Default for LanguageOptions {
    fn default() -> Self {
        LanguageOptions {
            engine: LanguageEngine::default(),
            languages: Vec::new(),
            always: None,
            min_confidence: DEFAULT_MIN_CONFIDENCE,
            trust_claimed: 0.0,
            channels: None,
            top: 0,
            spans: false,
        }
    }
}

impl LanguageOptions {
    /// Refuses what makes no sense.
    pub(super) fn check(&self) -> Result<(), LanguageError> {
        for (what, value) in
            [("the least confidence", self.min_confidence), ("the trust in claims", self.trust_claimed)]
        {
            if !(0.0..=1.0).contains(&value) {
                return Err(LanguageError::NoProbability { what, value });
            }
        }
        let more = self.trust_claimed > 0.0 || self.channels.is_some() || self.top > 0 || self.spans;
        if self.engine == LanguageEngine::Whatlang && more {
            return Err(LanguageError::WhatlangCannot);
        }
        Ok(())
    }
}

/// Why a detector cannot be made.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum LanguageError {
    #[error("unknown language {code:?}; known are {}", .known.join(", "))]
    Unknown { code: String, known: Vec<&'static str> },
    #[error("{what} is {value}; it must be between 0 and 1")]
    NoProbability { what: &'static str, value: f64 },
    #[error(
        "whatlang gives no likeliest languages and no parts, and weighs no claims or channels; use earmark's model"
    )]
    WhatlangCannot,
    #[error(transparent)]
    Channels(#[from] ChannelLanguagesError),
    #[error("the built-in language model is damaged; build earmark anew")]
    Damaged,
}

impl LanguageError {
    /// True if what the user asked for is at fault, not the machine or earmark.
    pub fn is_user_error(&self) -> bool {
        !matches!(self, LanguageError::Damaged)
    }
}
