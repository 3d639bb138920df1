//! `earmark topics`

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::Subcommand;

use earmark::feed::Feed;
use earmark::history::{diff_topics, retag};
use earmark::index::MentionIndex;
use earmark::input::InputError;
use earmark::language::{Detector, Hints, LanguageOptions};
use earmark::query::{Query, Subject};
use earmark::report;
use earmark::topics::{
    GoldMap, GoldReport, Matcher, Taxonomy, check_taxonomy, load_examples, shipped_examples, test_examples,
};
use earmark::trends::{MAX_TERMS, terms_of_all_records};

use super::options::{IndexArgs, InputArgs, SelectArgs};
use super::output::{print, print_json};
use super::{Format, Style, UsageError};

/// Names the built-in taxonomy where two files are compared.
const SHIPPED: &str = "shipped";
/// Names the tags in the index where two taxonomies are compared.
const INDEXED: &str = "indexed";

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Look for keywords that are there twice, never count, are another topic's too, or are words of another language; exit
    /// status 1 where some never count
    Check {
        /// The taxonomy; the shipped one if there is none
        taxonomy: Option<PathBuf>,
    },
    /// Tag a taxonomy's examples and say which do not come out as they should; exit status 1 where there are such
    Test {
        /// The taxonomy, with `matches` and `misses` in its topics; the shipped one if there is none
        taxonomy: Option<PathBuf>,
        /// More examples: a file of topics with `matches` and `misses`
        #[arg(long, value_name = "FILE")]
        examples: Option<PathBuf>,
    },
    /// Say which mentions of an index would get or lose which topic by another taxonomy
    Diff(DiffArgs),
    /// Give the mentions of an index the topics of another taxonomy; goes on where it was cut off
    Retag {
        /// The taxonomy; the shipped one if there is none
        taxonomy: Option<PathBuf>,
        #[command(flatten)]
        index: IndexArgs,
    },
    /// Compare a taxonomy's topics with those that people gave
    Eval(EvalArgs),
    /// Find terms that tell the mentions of a query from the others, to grow a taxonomy with
    Suggest(SuggestArgs),
}

#[derive(Debug, clap::Args)]
struct DiffArgs {
    /// The taxonomy in use: a file, `shipped`, or `indexed` for the topics that are in the index
    old: PathBuf,
    /// The taxonomy to compare it with: a file, or `shipped`
    new: PathBuf,
    #[command(flatten)]
    index: IndexArgs,
    /// Only mentions that this query selects
    #[arg(long, value_name = "QUERY", default_value = "")]
    query: String,
}

/// Records need a `text` and the field of gold topics: one, or a list of them.
#[derive(Debug, clap::Args)]
struct EvalArgs {
    #[command(flatten)]
    input: InputArgs,
    /// The taxonomy [default: the built-in customer-care taxonomy]
    #[arg(long, value_name = "FILE")]
    taxonomy: Option<PathBuf>,
    /// The field of the gold topics
    #[arg(long, value_name = "FIELD", default_value = "gold_topics")]
    gold: String,
    /// What gold labels are called in the taxonomy: lines of LABEL, a tab, and TOPIC, or - for none
    #[arg(long, value_name = "FILE")]
    map: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
struct SuggestArgs {
    #[command(flatten)]
    select: SelectArgs,
    /// Compare with the other mentions that this query selects, such as lang:en [default: all others]
    #[arg(long, value_name = "QUERY", default_value = "")]
    among: String,
    /// Most terms to print
    #[arg(long, short = 'n', value_name = "N", default_value_t = 30)]
    limit: usize,
}

pub fn run(args: &Args, style: Style) -> anyhow::Result<ExitCode> {
    match &args.command {
        Command::Check { taxonomy } => check(taxonomy.as_deref(), style),
        Command::Test { taxonomy, examples } => test(taxonomy.as_deref(), examples.as_deref(), style),
        Command::Diff(args) => diff(args, style),
        Command::Retag { taxonomy, index } => retag_index(taxonomy.as_deref(), &index.index, style),
        Command::Eval(args) => eval(args, style),
        Command::Suggest(args) => suggest(args, style),
    }
}

fn open(path: Option<&Path>) -> anyhow::Result<Taxonomy> {
    Ok(path.map_or_else(Taxonomy::shipped, Taxonomy::load)?)
}

fn compile(taxonomy: &Taxonomy) -> anyhow::Result<Matcher> {
    Matcher::compile(&taxonomy.topics)
        .with_context(|| format!("the taxonomy {:?} is too large to compile", taxonomy.name))
}

fn check(path: Option<&Path>, style: Style) -> anyhow::Result<ExitCode> {
    let found = check_taxonomy(&open(path)?)?;
    match style.format {
        Format::Json => print_json(&found)?,
        Format::Table => print(&report::taxonomy_check(&found))?,
    }
    Ok(status(!found.findings.iter().any(|finding| finding.kind.is_mistake())))
}

fn test(path: Option<&Path>, more: Option<&Path>, style: Style) -> anyhow::Result<ExitCode> {
    let taxonomy = open(path)?;
    let mut examples = if path.is_some() { taxonomy.examples.clone() } else { shipped_examples()? };
    if let Some(more) = more {
        examples.extend(load_examples(more)?);
    }
    if examples.is_empty() {
        let advice = "write some under its topics: matches.en = [\"…\"], misses.en = [\"…\"]";
        return Err(UsageError(format!("the taxonomy {:?} has no examples; {advice}", taxonomy.name)).into());
    }
    let report = test_examples(&taxonomy, &examples)?;
    match style.format {
        Format::Json => print_json(&report)?,
        Format::Table => print(&report::example_report(&report))?,
    }
    Ok(status(report.failed.is_empty()))
}

fn diff(args: &DiffArgs, style: Style) -> anyhow::Result<ExitCode> {
    let named =
        |path: &Path| -> anyhow::Result<Matcher> { compile(&open((path.as_os_str() != SHIPPED).then_some(path))?) };
    let before = if args.old.as_os_str() == INDEXED { None } else { Some(named(&args.old)?) };
    let after = named(&args.new)?;
    let query = Query::parse(&args.query, &Default::default()).map_err(earmark::index::IndexError::from)?;
    let found = diff_topics(&MentionIndex::open(&args.index.index)?, &query, before.as_ref(), &after)?;
    match style.format {
        Format::Json => print_json(&found)?,
        Format::Table => print(&report::topic_diff(&found))?,
    }
    Ok(ExitCode::SUCCESS)
}

fn retag_index(path: Option<&Path>, index: &Path, style: Style) -> anyhow::Result<ExitCode> {
    let taxonomy = open(path)?;
    let report = retag(index, &compile(&taxonomy)?, &taxonomy.hash)?;
    match style.format {
        Format::Json => print_json(&report)?,
        Format::Table => print(&report::retag_summary(&report))?,
    }
    Ok(ExitCode::SUCCESS)
}

fn eval(args: &EvalArgs, style: Style) -> anyhow::Result<ExitCode> {
    let feed = args.input.open()?;
    let matcher = compile(&open(args.taxonomy.as_deref())?)?;
    let map = args.map.as_deref().map(GoldMap::load).transpose()?.unwrap_or_default();
    let detector = Detector::new(&LanguageOptions::default())?;
    let mut scored = score(feed, &matcher, &detector, &map, &args.gold);
    if scored.report.n == 0 {
        let advice =
            "name the field of the gold topics with --gold FIELD; fields that earmark writes itself cannot be it";
        return Err(UsageError(format!("no record has a {:?}; {advice}", args.gold)).into());
    }
    scored.report.rejected = scored.rejected;
    match style.format {
        Format::Json => print_json(&scored.report)?,
        Format::Table => print(&report::gold_report(&scored.report))?,
    }
    if scored.rejected > 0 && !style.quiet {
        eprintln!("{} records could not be read and were left out; `earmark tag` says why", scored.rejected);
    }
    for problem in &scored.damaged {
        eprintln!("{problem}");
    }
    Ok(status(scored.damaged.is_empty()))
}

/// A taxonomy scored, and what of the input could not be read.
struct Scored {
    report: GoldReport,
    rejected: u64,
    damaged: Vec<InputError>,
}

fn score(feed: Feed, matcher: &Matcher, detector: &Detector, map: &GoldMap, field: &str) -> Scored {
    let mut scored = Scored { report: GoldReport::default(), rejected: 0, damaged: Vec::new() };
    for batch in feed {
        scored.rejected += batch.context.rejects.len() as u64;
        scored.damaged.extend(batch.context.damaged);
        for mention in batch.mentions {
            let Some(gold) = map.gold(&mention, field) else { continue };
            let hints = Hints { claimed: mention.lang.as_deref(), channel: mention.channel.as_deref() };
            let language = detector.detect_with(&mention.text, &hints);
            let tags = matcher.tag_mention(&Subject { mention: &mention, language: &language, outcome: None });
            scored.report.add(&gold, &tags);
        }
    }
    scored.report = scored.report.finish();
    scored
}

fn suggest(args: &SuggestArgs, style: Style) -> anyhow::Result<ExitCode> {
    let context = args.select.context();
    let parse = |text: &str| Query::parse(text, &context).map_err(earmark::index::IndexError::from);
    let (query, among) = (args.select.bounded_query()?, parse(&args.among)?);
    if args.limit > MAX_TERMS {
        return Err(UsageError(format!("at most {MAX_TERMS} terms are listed")).into());
    }
    let found = terms_of_all_records(&MentionIndex::open(&args.select.index.index)?, &query, &among, args.limit)?;
    if found.selected == 0 || found.others == 0 {
        let which = if found.selected == 0 {
            "the query selects no mentions"
        } else {
            "there are no other mentions to compare with"
        };
        return Err(UsageError(format!("{which}; name a query that selects some")).into());
    }
    match style.format {
        Format::Json => print_json(&found)?,
        Format::Table => print(&report::distinctive_terms(&found))?,
    }
    Ok(ExitCode::SUCCESS)
}

fn status(is_fine: bool) -> ExitCode {
    if is_fine { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
