//! Arguments that several commands share.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;

use clap::{Args, ValueEnum};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use earmark::feed::Feed;
use earmark::index::IndexError;
use earmark::input::{InputFormat, InputOptions, MAX_RECORD_BYTES, RejectWriter, Source};
use earmark::jobs::JobReport;
use earmark::query::{Query, QueryContext};
use earmark::report::timings_table;
use earmark::sentiment::{DEFAULT_BATCH_TOKENS, RuntimeChoice};
use earmark::tagger::{TagOptions, Tagger};
use earmark::timings::Timings;

use super::UsageError;
use super::language::LanguageArgs;

/// The side file of rejects where none is named; a number is put in where it exists already.
const DEFAULT_REJECTS: &str = "earmark-rejects";
/// Numbers tried for it.
const MAX_REJECTS_FILES: usize = 1_000;

/// What to read.
#[derive(Debug, Args)]
pub struct InputArgs {
    /// Files of mentions: NDJSON, JSON array, CSV or TSV, plain, .gz or .zst; `-` for standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// Take the input to be of this format instead of finding out
    #[arg(long, value_enum)]
    input_format: Option<InputFormatArg>,
    /// Reject records longer than this
    #[arg(long, value_name = "BYTES", default_value_t = MAX_RECORD_BYTES)]
    max_record_bytes: usize,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum InputFormatArg {
    Ndjson,
    Json,
    Csv,
    Tsv,
}

impl InputArgs {
    /// Opens everything that is to be read.
    pub fn open(&self) -> anyhow::Result<Feed> {
        let format = self.input_format.map(|format| match format {
            InputFormatArg::Ndjson => InputFormat::Ndjson,
            InputFormatArg::Json => InputFormat::Json,
            InputFormatArg::Csv => InputFormat::Csv,
            InputFormatArg::Tsv => InputFormat::Tsv,
        });
        let sources: Vec<Source> = self.files.iter().map(Source::new).collect();
        if sources.iter().filter(|source| matches!(source, Source::Stdin)).count() > 1 {
            return Err(UsageError("standard input (-) is named twice".into()).into());
        }
        Ok(Feed::open(&sources, InputOptions { format, max_record_bytes: self.max_record_bytes })?)
    }

    /// True if this file is one of those to be read.
    pub fn reads(&self, path: &Path) -> bool {
        let canonical = path.canonicalize();
        self.files.iter().any(|file| match (&canonical, file.canonicalize()) {
            (Ok(path), Ok(file)) => *path == file,
            _ => path == file,
        })
    }
}

/// What to do with records that cannot be read.
#[derive(Debug, Args)]
pub struct RejectArgs {
    /// Write rejected records here; it can be mended and read in again [default: earmark-rejects.ndjson, or the next
    /// free name, made only if there are any]
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
    /// Exit with status 1 if more records than this are rejected
    #[arg(long, value_name = "N")]
    max_rejects: Option<u64>,
}

impl RejectArgs {
    /// The side file: its path, and what writes it.
    fn open(&self, input: &InputArgs) -> anyhow::Result<(PathBuf, RejectWriter)> {
        let path = match &self.rejects {
            Some(path) if input.reads(path) => {
                return Err(UsageError(format!("--rejects {} is also an input", path.display())).into());
            }
            Some(path) => path.clone(),
            None => free_name()?,
        };
        let writer = RejectWriter::create(&path);
        Ok((path, writer))
    }

    /// True if a run has rejected more than is allowed.
    fn exceeded(&self, report: &JobReport) -> bool {
        self.max_rejects.is_some_and(|max| report.rejected > max)
    }
}

fn free_name() -> anyhow::Result<PathBuf> {
    let mut names = (1..=MAX_REJECTS_FILES).map(|number| match number {
        1 => PathBuf::from(format!("{DEFAULT_REJECTS}.ndjson")),
        number => PathBuf::from(format!("{DEFAULT_REJECTS}-{number}.ndjson")),
    });
    let free = names.find(|path| !path.try_exists().unwrap_or(true));
    free.ok_or_else(|| {
        UsageError(format!(
            "there are {MAX_REJECTS_FILES} files {DEFAULT_REJECTS}-….ndjson here already; name one with --rejects FILE"
        ))
        .into()
    })
}

/// How to tag.
#[derive(Debug, Args)]
pub struct TagArgs {
    /// Folder of a model bundle (model.onnx, tokenizer.json, config.json) [default: the built-in model]
    #[arg(long, value_name = "DIR", env = "EARMARK_MODEL", hide_env_values = true)]
    model: Option<PathBuf>,
    /// Topic rules, a TOML file [default: the built-in customer-care taxonomy]
    #[arg(long, value_name = "FILE", env = "EARMARK_TAXONOMY", hide_env_values = true)]
    taxonomy: Option<PathBuf>,
    /// Sentiment rules, a TOML file: terms that mean nothing for a brand, terms that settle the matter
    #[arg(long, value_name = "FILE", env = "EARMARK_SENTIMENT_RULES", hide_env_values = true)]
    sentiment_rules: Option<PathBuf>,
    /// Tracked brands, a TOML file: adds the sentiment towards each that a mention names
    #[arg(long, value_name = "FILE", env = "EARMARK_BRANDS", hide_env_values = true)]
    brands: Option<PathBuf>,
    /// Corrections of sentiment by mention id, a file of JSON lines such as {"id":"42","sentiment":"negative"}
    #[arg(long, value_name = "FILE", env = "EARMARK_CORRECTIONS", hide_env_values = true)]
    corrections: Option<PathBuf>,
    /// What executes the model
    #[arg(long, value_enum, default_value_t = RuntimeArg::Auto, env = "EARMARK_RUNTIME", hide_env_values = true)]
    runtime: RuntimeArg,
    /// The ONNX Runtime library to use
    #[arg(long, value_name = "PATH")]
    onnxruntime: Option<PathBuf>,
    /// Worker threads [default: one per core]
    #[arg(long, short = 'j', value_name = "N", env = "EARMARK_THREADS", hide_env_values = true)]
    threads: Option<NonZeroUsize>,
    /// Tokens in one run of the model; changes the speed, never the tags
    #[arg(long, value_name = "N", default_value_t = DEFAULT_BATCH_TOKENS)]
    batch_tokens: usize,
    #[command(flatten)]
    language: LanguageArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum RuntimeArg {
    /// ONNX Runtime where one is found, tract otherwise
    Auto,
    /// ONNX Runtime, found like `auto` does
    Onnxruntime,
    /// The built-in pure-Rust runtime
    Tract,
}

impl TagArgs {
    /// Opens the tagger.
    pub fn open(&self) -> anyhow::Result<Tagger> {
        let runtime = match (self.runtime, &self.onnxruntime) {
            (RuntimeArg::Tract, Some(_)) => {
                return Err(UsageError("--runtime tract and --onnxruntime exclude each other".into()).into());
            }
            (RuntimeArg::Tract, None) => RuntimeChoice::Tract,
            (_, Some(path)) => RuntimeChoice::OnnxRuntimeAt(path.clone()),
            (RuntimeArg::Onnxruntime, None) => RuntimeChoice::OnnxRuntime,
            (RuntimeArg::Auto, None) => RuntimeChoice::Auto,
        };
        let options = TagOptions {
            model: self.model.clone(),
            taxonomy: self.taxonomy.clone(),
            language: self.language.options(),
            sentiment_rules: self.sentiment_rules.clone(),
            brands: self.brands.clone(),
            corrections: self.corrections.clone(),
            runtime,
            batch_tokens: self.batch_tokens,
        };
        Ok(Tagger::open(&options)?)
    }

    /// Worker threads to use.
    pub fn threads(&self) -> usize {
        self.threads.or_else(|| thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get)
    }
}

/// What both batch commands take: what to read, how to tag, what to do with rejects.
#[derive(Debug, Args)]
pub struct JobArgs {
    #[command(flatten)]
    pub input: InputArgs,
    #[command(flatten)]
    pub tag: TagArgs,
    #[command(flatten)]
    pub rejects: RejectArgs,
    /// Print where the time went
    #[arg(long)]
    timings: bool,
}

/// An opened batch job.
pub struct Job {
    pub feed: Feed,
    pub tagger: Tagger,
    pub threads: usize,
    pub rejects: RejectWriter,
    pub rejects_path: PathBuf,
    pub timings: Timings,
}

impl JobArgs {
    /// Opens the inputs, the side file and the tagger, in this order, so that a mistake costs the least time.
    pub fn open(&self) -> anyhow::Result<Job> {
        let feed = self.input.open()?;
        let (rejects_path, rejects) = self.rejects.open(&self.input)?;
        let tagger = self.tag.open()?;
        Ok(Job { feed, tagger, threads: self.tag.threads(), rejects, rejects_path, timings: Timings::default() })
    }

    /// Prints the timings if they were asked for, and says how the run ended.
    pub fn conclude(&self, report: &JobReport, timings: &Timings) -> ExitCode {
        if self.timings {
            eprint!("{}", timings_table(timings, report, self.tag.threads()));
        }
        let failed = self.rejects.exceeded(report) || !report.damaged.is_empty();
        if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
    }
}

/// Where the index is.
#[derive(Debug, Args)]
pub struct IndexArgs {
    /// Folder of the index
    #[arg(long, value_name = "DIR", default_value = "earmark-index", env = "EARMARK_INDEX", hide_env_values = true)]
    pub index: PathBuf,
}

/// Which mentions of which index, seen from which time zone.
#[derive(Debug, Args)]
pub struct SelectArgs {
    #[command(flatten)]
    pub index: IndexArgs,
    /// Words, "phrases", wild*, NEAR/5, #tag and field:value, joined by AND, OR, NOT and ( ); nothing selects all
    #[arg(value_name = "QUERY", default_value = "")]
    pub query: String,
    /// Only mentions published at this time or later: a date, or RFC 3339
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Only mentions published before this time
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// Time zone of all times given and shown
    #[arg(long, value_name = "ZONE", default_value = "UTC", value_parser = parse_zone)]
    pub tz: TimeZone,
}

impl SelectArgs {
    /// In which zone, and when, the query is asked.
    pub fn context(&self) -> QueryContext {
        QueryContext { zone: self.tz.clone(), now: Timestamp::now() }
    }

    /// The query together with the bounds of time.
    pub fn bounded_query(&self) -> anyhow::Result<Query> {
        let (since, until) = self.bounds()?;
        let query = Query::parse(&self.query, &self.context()).map_err(IndexError::from)?;
        Ok(query.within(since, until))
    }

    /// The bounds; dates begin at midnight of the zone.
    pub fn bounds(&self) -> anyhow::Result<(Option<Timestamp>, Option<Timestamp>)> {
        self.bounds_in(&self.tz)
    }

    /// The bounds where another zone than ours counts.
    pub fn bounds_in(&self, zone: &TimeZone) -> anyhow::Result<(Option<Timestamp>, Option<Timestamp>)> {
        Ok((parse_bound("since", self.since.as_deref(), zone)?, parse_bound("until", self.until.as_deref(), zone)?))
    }
}

/// A bound of time, by the name of its option.
pub fn parse_bound(name: &str, value: Option<&str>, zone: &TimeZone) -> anyhow::Result<Option<Timestamp>> {
    let Some(value) = value else { return Ok(None) };
    let problem = format!("--{name} {value:?} is no time; write 2026-09-24 or 2026-09-24T06:00:00+02:00");
    Ok(Some(parse_time(value, zone).ok_or(UsageError(problem))?))
}

fn parse_time(value: &str, zone: &TimeZone) -> Option<Timestamp> {
    if let Ok(timestamp) = value.parse::<Timestamp>() {
        return Some(timestamp);
    }
    let date: Date = value.parse().ok()?;
    Some(date.to_zoned(zone.clone()).ok()?.timestamp())
}

/// The time zone of that name.
fn parse_zone(name: &str) -> Result<TimeZone, String> {
    TimeZone::get(name)
        .map_err(|_| format!("{name:?} is no time zone; write UTC or a name such as Europe/Riga or America/New_York"))
}
