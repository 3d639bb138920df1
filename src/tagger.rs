//! What turns a mention into a tagged one: detector, model and topic rules, opened once and shared by all workers.

use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::Arc;

use crate::language::{Detector, Hints, LanguageError, LanguageOptions};
use crate::mention::{BrandSentiment, Decision, EngineId, Flag, Language, Mention, Sentiment, Tagged, TopicTag};
use crate::query::Subject;
use crate::sentiment::{Bundle, DEFAULT_BATCH_TOKENS, ModelError, Runtime, RuntimeChoice, Score, Scorer};
use crate::text;
use crate::timings::{Stage, Timings};
use crate::topics::{Matcher, RuleFileError, Taxonomy};
use crate::towards::{Target, TrackedBrands};
use crate::verdict::{self, Correction, CorrectionError, Corrections, Ruling, SentimentRules, read_corrections};

/// Everything that decides what the tags are, and how fast they come.
#[derive(Debug, Clone)]
pub struct TagOptions {
    /// Folder of a model bundle; `None` for the embedded one.
    pub model: Option<PathBuf>,
    /// A taxonomy file; `None` for the embedded `customer-care`.
    pub taxonomy: Option<PathBuf>,
    /// How languages are found.
    pub language: LanguageOptions,
    /// A file of sentiment rules; `None` for none.
    pub sentiment_rules: Option<PathBuf>,
    /// A file of brands towards which the feeling is wanted; `None` for none.
    pub brands: Option<PathBuf>,
    /// A file of corrections by mention id; `None` for none.
    pub corrections: Option<PathBuf>,
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
            language: LanguageOptions::default(),
            sentiment_rules: None,
            brands: None,
            corrections: None,
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
    Rules(#[from] RuleFileError),
    #[error(transparent)]
    Language(#[from] LanguageError),
    #[error(transparent)]
    Corrections(#[from] CorrectionError),
    #[error("the taxonomy is too large to compile: {0}")]
    TooLarge(#[from] aho_corasick::BuildError),
}

impl TagError {
    /// True where what was asked for is wrong, false where the machine or the engine failed.
    pub fn is_user_error(&self) -> bool {
        match self {
            TagError::Model(error) => error.is_user_error(),
            TagError::Corrections(error) => error.is_user_error(),
            TagError::Language(error) => error.is_user_error(),
            TagError::Rules(_) | TagError::TooLarge(_) => true,
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
    rules: Option<Arc<SentimentRules>>,
    brands: Option<Arc<TrackedBrands>>,
    corrections: Arc<Corrections>,
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
        let rules = options.sentiment_rules.as_deref().map(SentimentRules::load).transpose()?;
        let brands = options.brands.as_deref().map(TrackedBrands::load).transpose()?;
        let corrections = match &options.corrections {
            Some(path) => read_corrections(path)?.into_iter().collect(),
            None => Corrections::default(),
        };
        let engine = EngineId {
            version: env!("CARGO_PKG_VERSION"),
            model: bundle.hash.clone(),
            taxonomy: taxonomy.hash.clone(),
            sentiment_rules: rules.as_ref().map(|rules| rules.hash.clone()),
            brands: brands.as_ref().map(|brands| brands.hash.clone()),
        };
        Ok(Tagger {
            runtime: Runtime::start(&options.runtime)?,
            matcher: Arc::new(Matcher::compile(&taxonomy.topics)?),
            taxonomy_name: taxonomy.name,
            rules: rules.map(Arc::new),
            brands: brands.map(Arc::new),
            corrections: Arc::new(corrections),
            bundle,
            detector: Detector::new(&options.language)?,
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

    /// The language detector in use.
    pub fn detector(&self) -> &Detector {
        &self.detector
    }

    /// The name of the taxonomy in use.
    pub fn taxonomy_name(&self) -> &str {
        &self.taxonomy_name
    }

    /// Adds later corrections, which hold for the workers made from now on.
    pub fn correct(&mut self, corrections: impl IntoIterator<Item = Correction>) {
        let mut in_force = Corrections::clone(&self.corrections);
        corrections.into_iter().for_each(|correction| in_force.add(correction));
        self.corrections = Arc::new(in_force);
    }

    /// The same tagger without any corrections: what the engine says by itself.
    pub fn without_corrections(&self) -> Tagger {
        Tagger { corrections: Arc::default(), ..self.clone() }
    }

    /// The same tagger with another model.
    pub fn with_model(&self, bundle: Bundle) -> Tagger {
        let engine = EngineId { model: bundle.hash.clone(), ..EngineId::clone(&self.engine) };
        Tagger { bundle, engine: Arc::new(engine), ..self.clone() }
    }

    /// Makes a worker with a model instance of its own.
    pub fn worker(&self) -> Result<TagWorker, ModelError> {
        Ok(TagWorker {
            scorer: Scorer::open(&self.bundle, &self.runtime, self.batch_tokens)?,
            detector: self.detector.clone(),
            matcher: Arc::clone(&self.matcher),
            rules: self.rules.clone(),
            brands: self.brands.clone(),
            corrections: Arc::clone(&self.corrections),
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
    rules: Option<Arc<SentimentRules>>,
    brands: Option<Arc<TrackedBrands>>,
    corrections: Arc<Corrections>,
    engine: Arc<EngineId>,
}

/// What is known of a mention before the model has spoken.
struct Reading {
    language: Language,
    topics: Vec<TopicTag>,
    ruling: Ruling,
    /// The tracked brands it names; `None` where none are tracked.
    targets: Option<Vec<Target>>,
}

impl TagWorker {
    /// Tags mentions; the results are in the order of the mentions.
    pub fn tag(&mut self, mentions: Vec<Mention>, timings: &Timings) -> Result<Vec<Tagged>, ModelError> {
        let readings: Vec<Reading> = mentions.iter().map(|mention| self.read(mention, timings)).collect();
        let whole: Vec<Cow<str>> =
            mentions.iter().zip(&readings).map(|(mention, reading)| reading.ruling.blank(&mention.text)).collect();
        let parts = readings.iter().flat_map(|reading| reading.targets.iter().flatten());
        let parts = parts.filter_map(|target| target.part.as_deref());
        let texts: Vec<&str> = whole.iter().map(Cow::as_ref).chain(parts).collect();
        let mut scores = self.scorer.score(&texts, timings)?;
        let mut parts = scores.split_off(mentions.len()).into_iter();
        let tagged = mentions.into_iter().zip(readings).zip(scores);
        Ok(tagged.map(|((mention, reading), score)| self.assemble(mention, reading, score, &mut parts)).collect())
    }

    fn read(&self, mention: &Mention, timings: &Timings) -> Reading {
        let text = mention.text.as_str();
        let hints = Hints { claimed: mention.lang.as_deref(), channel: mention.channel.as_deref() };
        let language = timings.time(Stage::Language, || self.detector.detect_with(text, &hints));
        timings.time(Stage::Topics, || {
            let topics = self.matcher.tag_mention(&Subject { mention, language: &language, outcome: None });
            let rules = self.rules.as_ref();
            let ruling = rules.map_or_else(Ruling::default, |rules| rules.rule(text, &language, &mention.brands));
            let targets = self.brands.as_ref().map(|brands| brands.targets(&ruling.blank(text), &language));
            Reading { language, topics, ruling, targets }
        })
    }

    /// Puts the tags of a mention together; `parts` yields the scores of the parts of texts, in order.
    fn assemble(
        &self,
        mention: Mention,
        reading: Reading,
        score: Score,
        parts: &mut impl Iterator<Item = Score>,
    ) -> Tagged {
        let Reading { language, topics, ruling, targets } = reading;
        let model = score.sentiment.filter(|_| !text::is_blank(&mention.text));
        let (sentiment, decided_by) = verdict::decide(model, ruling, self.corrections.get(&mention.id));
        let is_settled = matches!(decided_by, Some(Decision::Rule { .. } | Decision::Correction { .. }));
        let flags = flags(&mention.text, &score, sentiment.as_ref(), is_settled);
        let mut towards = |target: Target| -> BrandSentiment {
            let own = match target.part {
                Some(_) => parts.next().and_then(|score| score.sentiment),
                None => sentiment,
            };
            target.resolve(own)
        };
        let towards = targets.map(|targets| targets.into_iter().map(&mut towards).collect());
        let engine = Arc::clone(&self.engine);
        Tagged { mention, language, sentiment, decided_by, towards, topics, flags, engine }
    }
}

/// What a reader should know of a text and its sentiment; nothing is left to review where a rule or a person settled it.
fn flags(text: &str, score: &Score, sentiment: Option<&Sentiment>, is_settled: bool) -> Vec<Flag> {
    let mut flags = match (text::is_blank(text), sentiment) {
        (true, _) => vec![Flag::NoText],
        (false, None) => vec![Flag::Unscored],
        (false, Some(_)) if is_settled => Vec::new(),
        (false, Some(sentiment)) => verdict::review(text, sentiment, score.unknown_share),
    };
    if score.truncated {
        flags.push(Flag::Truncated);
    }
    flags
}
