//! The options of language detection.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use earmark::language::{DEFAULT_MIN_CONFIDENCE, LanguageEngine, LanguageOptions};

/// How to find the language.
#[derive(Debug, Args)]
#[command(next_help_heading = "Language")]
pub struct LanguageArgs {
    /// Languages the detector may answer, in any script, such as `lv,ru,hi` [default: all it knows]
    #[arg(long, value_name = "CODES", value_delimiter = ',', env = "EARMARK_LANGUAGES", hide_env_values = true)]
    languages: Vec<String>,
    /// All mentions are in this language: do not look
    #[arg(long, value_name = "CODE")]
    language: Option<String>,
    /// How likely a mention's own `lang` is right, 0 to 1: weighed with what the text says
    #[arg(long, value_name = "P", default_value_t = 0.0, hide_default_value = true)]
    trust_lang: f64,
    /// The languages usual in each channel, a TOML file: [channels.NAME] with shares such as lv = 0.8
    #[arg(long, value_name = "FILE", env = "EARMARK_CHANNEL_LANGUAGES", hide_env_values = true)]
    channel_languages: Option<PathBuf>,
    /// Below this probability the language is `und`
    #[arg(long, value_name = "P", default_value_t = DEFAULT_MIN_CONFIDENCE)]
    min_language_confidence: f64,
    /// Add up to N likeliest languages to each mention
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    language_top: usize,
    /// Say which part of a mention is in which language, where it is in several
    #[arg(long)]
    language_spans: bool,
    /// What finds the language
    #[arg(long, value_enum, default_value_t = EngineArg::Earmark, value_name = "ENGINE")]
    language_engine: EngineArg,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum EngineArg {
    /// earmark's own model
    Earmark,
    /// The whatlang crate: 70 languages, weaker on short texts; no parts, no likeliest languages, no claims weighed
    Whatlang,
}

impl LanguageArgs {
    /// The library's options.
    pub fn options(&self) -> LanguageOptions {
        LanguageOptions {
            engine: match self.language_engine {
                EngineArg::Earmark => LanguageEngine::Earmark,
                EngineArg::Whatlang => LanguageEngine::Whatlang,
            },
            languages: self.languages.clone(),
            always: self.language.clone(),
            min_confidence: self.min_language_confidence,
            trust_claimed: self.trust_lang,
            channels: self.channel_languages.clone(),
            top: self.language_top,
            spans: self.language_spans,
        }
    }
}
