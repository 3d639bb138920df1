//! `earmark trends`

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::ValueEnum;
use earmark::index::{Field, MentionIndex};
use earmark::report::{self, Chart, DEFAULT_WIDTH};
use earmark::trends::{
    DEFAULT_MAX_READ, Interval, MAX_TERMS, Measures, Slice, SliceTermsRequest, TrendReport, TrendRequest,
    share_of_voice, terms_of_slice, trend,
};

use super::options::SelectArgs;
use super::output::{PipeOutput, print, print_json, write_file};
use super::{Format, Style, UsageError};

/// Fields that can be counted by at a time.
const MAX_FIELDS: usize = 2;
/// Terminals wider or narrower than this get tables of these widths.
const WIDTHS: std::ops::RangeInclusive<usize> = 80..=160;

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    select: SelectArgs,
    /// Count by the values of this field: sentiment, topic, language, brand, channel, author_role, …; a second one counts
    /// within each value of the first
    #[arg(long, value_name = "FIELD", default_value = "sentiment")]
    by: Vec<Field>,
    /// Length of a bucket: 15m, 1h, 3h, 1d, 1w (from Monday), 1mo, or all for the whole period
    #[arg(long, value_name = "INTERVAL", default_value = "1d")]
    interval: Interval,
    /// Say more of each bucket and value: net (sentiment, with a 95 % interval), score (its mean), authors (how many
    /// different), engagement (likes, shares, replies, views), reposts [default: net in tables, but by author]
    #[arg(long, value_name = "LIST", value_delimiter = ',', hide_possible_values = true)]
    measures: Option<Vec<Measure>>,
    /// Compare with the period of the same length right before; needs --since, and ends with the newest mention of the index
    /// where no --until is given
    #[arg(long)]
    compare: bool,
    /// Write all buckets and values to this file, as CSV; `-` for standard output
    #[arg(long, value_name = "FILE.csv", conflicts_with = "compare")]
    export: Option<PathBuf>,
    /// Draw the trend into this file, as SVG; `-` for standard output. The first that applies: bars of shares with
    /// --share-of-voice; bars of each value with --interval all, by their second field if there are two; a line of net
    /// sentiment with --measures net; stacked columns by sentiment; else lines of the largest values
    #[arg(long, value_name = "FILE.svg", conflicts_with = "compare")]
    chart: Option<PathBuf>,
    /// Compare brands instead: the share of each in what is said of all, with and without reposts
    #[arg(long, conflicts_with_all = ["by", "interval", "measures", "compare", "export"])]
    share_of_voice: bool,
    /// Show the terms instead that tell these mentions from the others, each language for itself; of more than 20,000 on a
    /// side, so many are read, evenly spread over all
    #[arg(long, conflicts_with_all = ["by", "interval", "measures", "compare", "export", "chart", "share_of_voice"])]
    distinctive: bool,
    /// The others are those that this query selects, whenever they were published [default: all]
    #[arg(long, value_name = "QUERY", requires = "distinctive", default_value = "", hide_default_value = true)]
    among: String,
    /// Most terms to show
    #[arg(long, short = 'n', value_name = "N", requires = "distinctive", default_value_t = 30)]
    limit: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Measure {
    Net,
    Score,
    Authors,
    Engagement,
    Reposts,
}

pub fn run(args: &Args, style: Style) -> anyhow::Result<ExitCode> {
    if args.by.len() > MAX_FIELDS {
        return Err(UsageError(format!("mentions are counted by at most {MAX_FIELDS} fields at a time")).into());
    }
    if args.limit > MAX_TERMS {
        return Err(UsageError(format!("at most {MAX_TERMS} terms are listed")).into());
    }
    if args.chart.is_some() && args.by.len() > 1 && args.interval != Interval::ALL {
        let problem = "a chart over time shows one field; take --interval all, or one --by";
        return Err(UsageError(problem.to_owned()).into());
    }
    if [&args.export, &args.chart].iter().all(|path| path.as_deref().is_some_and(is_stdout)) {
        let problem = "the export and the chart cannot both be written to standard output; name a file for one";
        return Err(UsageError(problem.to_owned()).into());
    }
    let (since, until) = args.select.bounds()?;
    let index = MentionIndex::open(&args.select.index.index)?;
    if args.share_of_voice {
        let voices = share_of_voice(&index, &args.select.query, since, until, &args.select.tz)?;
        return match &args.chart {
            Some(path) => draw(&report::share_of_voice_chart(&voices), path, style),
            None => show(style, &voices, || report::share_of_voice_table(&voices)),
        };
    }
    if args.distinctive {
        let request = SliceTermsRequest {
            slice: Slice { query: args.select.query.clone(), since, until },
            among: Slice { query: args.among.clone(), ..Slice::default() },
            tz: args.select.tz.clone(),
            limit: args.limit,
            max_read: DEFAULT_MAX_READ,
        };
        let terms = terms_of_slice(&index, &request)?;
        return show(style, &terms, || report::slice_terms_table(&terms));
    }
    let request = TrendRequest {
        query: args.select.query.clone(),
        since,
        until,
        by: args.by.first().copied(),
        then_by: args.by.get(1).copied(),
        interval: args.interval,
        tz: args.select.tz.clone(),
        measures: measures(args, style),
        compare: args.compare,
    };
    let counted = trend(&index, &request)?;
    if let Some(path) = &args.export {
        export(&counted, path, style)?;
    }
    match &args.chart {
        Some(path) => draw(&report::trend_chart(&counted), path, style),
        None if args.export.is_some() => Ok(ExitCode::SUCCESS),
        None => show(style, &counted, || report::trend_table(&counted, width())),
    }
}

/// What was asked for; for people, net sentiment where nothing was, save for the many authors.
fn measures(args: &Args, style: Style) -> Measures {
    let Some(measures) = &args.measures else {
        let is_table = style.format == Format::Table && args.chart.is_none() && args.export.is_none();
        let is_shown = is_table && !args.by.contains(&Field::Author);
        return Measures { net: is_shown, ..Measures::default() };
    };
    let has = |measure| measures.contains(&measure);
    Measures {
        net: has(Measure::Net),
        score: has(Measure::Score),
        authors: has(Measure::Authors),
        engagement: has(Measure::Engagement),
        reposts: has(Measure::Reposts),
    }
}

fn show(style: Style, report: &impl serde::Serialize, table: impl Fn() -> String) -> anyhow::Result<ExitCode> {
    match style.format {
        Format::Json => print_json(report)?,
        Format::Table => print(&table())?,
    }
    Ok(ExitCode::SUCCESS)
}

fn draw(chart: &Chart, path: &Path, style: Style) -> anyhow::Result<ExitCode> {
    let picture = report::svg(chart);
    if is_stdout(path) {
        print(&picture)?;
    } else {
        write_file(path, &picture)?;
        if !style.quiet {
            eprintln!("drew {}", path.display());
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn export(counted: &TrendReport, path: &Path, style: Style) -> anyhow::Result<()> {
    let out: Box<dyn Write> = if is_stdout(path) {
        Box::new(PipeOutput(BufWriter::new(io::stdout().lock())))
    } else {
        let problem = |error: io::Error| UsageError(format!("cannot write {}: {error}", path.display()));
        Box::new(BufWriter::new(File::create(path).map_err(problem)?))
    };
    report::write_trend_csv(counted, out).with_context(|| format!("cannot write {}", path.display()))?;
    if !style.quiet && !is_stdout(path) {
        eprintln!("wrote {} buckets to {}", counted.buckets.len(), path.display());
    }
    Ok(())
}

fn is_stdout(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// The width of the terminal, or a usual one.
fn width() -> usize {
    let columns = console::Term::stdout().size_checked().map(|(_, columns)| usize::from(columns));
    columns.map_or(DEFAULT_WIDTH, |columns| columns.clamp(*WIDTHS.start(), *WIDTHS.end()))
}
