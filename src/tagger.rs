//! What turns a mention into a tagged one: detector, model and topic rules, opened once and shared by all workers.

use std::path::PathBuf;
use std::sync::Arc;

use crate::language::{Detector, UnknownLanguage};
use crate::mention::{EngineId, Flag, Mention, Tagged};
use crate::sentiment::{Bundle, DEFAULT_BATCH_TOKENS, ModelError, Runtime, RuntimeChoice, Score, Scorer};
use crate::text;
use crate::timings::{Stage, Timings};
use crate::topics::{Matcher, Taxonomy, TaxonomyError};

/// Everything that decides what the tags are, and how fast they come.
#[derive(Debug, Clone)]
pub struct TagOptions {
    /// Folder of a model bundle; `None` for the embedded one.
    pub model: Option<PathBuf>,
    /// A taxonomy file; `None` for the embedded `customer-care`.
    pub taxonomy: Option<PathBuf>,
    /// The languages the detector may answer; empty for all.
    pub languages: Vec<String>,
    /// What executes the model.
    pub runtime: RuntimeChoice,
    /// Tokens in one run of the model, padding included. Changes the speed, never the tags.
    pub batch_tokens: usize,
}

impl Default for TagOptions {
    fn default() -> Self {
        TagOptions {
            model: None,
            taxonomy: None,
            languages: Vec::new(),
            runtime: RuntimeChoice::Auto,
            batch_tokens: DEFAULT_BATCH_TOKENS,
        }
    }
}

/// Why a tagger cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs)]
pub enum TagError {
    #[error(transparent)]
    Model(#[from] ModelError),
    #[error(transparent)]
    Taxonomy(#[from] TaxonomyError),
    #[error(transparent)]
    Language(#[from] UnknownLanguage),
    #[error("the taxonomy is too large to compile: {0}")]
    TooLarge(#[from] aho_corasick::BuildError),
}

impl TagError {
    /// True where what was asked for is wrong, false where the machine or the engine failed.
    pub fn is_user_error(&self) -> bool {
        match self {
            TagError::Model(error) => error.is_user_error(),
            TagError::Taxonomy(_) | TagError::Language(_) | TagError::TooLarge(_) => true,
        }
    }
}

/// An opened tagger. Workers are made from it, one per thread.
#[derive(Debug, Clone)]
pub struct Tagger {
    bundle: Bundle,
    runtime: Runtime,
    taxonomy_name: String,
    detector: Detector,
    matcher: Arc<Matcher>,
    engine: Arc<EngineId>,
    batch_tokens: usize,
}

impl Tagger {
    /// Reads the model, the taxonomy and the language list, and starts the runtime.
    pub fn open(options: &TagOptions) -> Result<Tagger, TagError> {
        let bundle = match &options.model {
            Some(dir) => Bundle::load(dir)?,
            None => Bundle::embedded()?,
        };
        let taxonomy = match &options.taxonomy {
            Some(path) => Taxonomy::load(path)?,
            None => Taxonomy::shipped()?,
        };
        let detector = if options.languages.is_empty() {
            Detector::default()
        } else {
            Detector::restricted_to(&options.languages)?
        };
        let engine = EngineId {
            version: env!("CARGO_PKG_VERSION"),
            model: bundle.hash.clone(),
            taxonomy: taxonomy.hash.clone(),
        };
        Ok(Tagger {
            runtime: Runtime::start(&options.runtime)?,
            matcher: Arc::new(Matcher::compile(&taxonomy)?),
            taxonomy_name: taxonomy.name,
            bundle,
            detector,
            engine: Arc::new(engine),
            batch_tokens: options.batch_tokens,
        })
    }

    /// What its tags will say they were made by.
    pub fn engine(&self) -> &EngineId {
        &self.engine
    }

    /// The model in use.
    pub fn bundle(&self) -> &Bundle {
        &self.bundle
    }

    /// The runtime in use.
    pub fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    /// The name of the taxonomy in use.
    pub fn taxonomy_name(&self) -> &str {
        &self.taxonomy_name
    }

    /// Makes an instance of any model, in the runtime of this tagger.
    pub(crate) fn scorer(&self, bundle: &Bundle) -> Result<Scorer, ModelError> {
        Scorer::open(bundle, &self.runtime, self.batch_tokens)
    }

    /// Makes a worker with a model instance of its own.
    pub fn worker(&self) -> Result<TagWorker, ModelError> {
        Ok(TagWorker {
            scorer: self.scorer(&self.bundle)?,
            detector: self.detector.clone(),
            matcher: Arc::clone(&self.matcher),
            engine: Arc::clone(&self.engine),
        })
    }
}

/// One thread's tagger.
#[derive(Debug)]
pub struct TagWorker {
    scorer: Scorer,
    detector: Detector,
    matcher: Arc<Matcher>,
    engine: Arc<EngineId>,
}

impl TagWorker {
    /// Tags mentions; the results are in the order of the mentions.
    pub fn tag(&mut self, mentions: Vec<Mention>, timings: &Timings) -> Result<Vec<Tagged>, ModelError> {
        let texts: Vec<&str> = mentions.iter().map(|mention| mention.text.as_str()).collect();
        let scores = self.scorer.score(&texts, timings)?;
        Ok(mentions.into_iter().zip(scores).map(|(mention, score)| self.assemble(mention, score, timings)).collect())
    }

    fn assemble(&self, mention: Mention, score: Score, timings: &Timings) -> Tagged {
        let language = timings.time(Stage::Language, || self.detector.detect(&mention.text));
        let topics = timings.time(Stage::Topics, || self.matcher.tag(&mention.text, &language));
        let mut flags = Vec::new();
        let blank = text::is_blank(&mention.text);
        if blank {
            flags.push(Flag::NoText);
        } else if score.sentiment.is_none() {
            flags.push(Flag::Unscored);
        }
        if score.truncated {
            flags.push(Flag::Truncated);
        }
        let sentiment = if blank { None } else { score.sentiment };
        Tagged { mention, language, sentiment, topics, flags, engine: Arc::clone(&self.engine) }
    }
}
