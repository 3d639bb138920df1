//! `earmark spikes`

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{fs, io};

use earmark::index::{Field, IndexError, MentionIndex};
use earmark::query::Query;
use earmark::report;
use earmark::spikes::{
    Alarm, DetectorOptions, FalseAlarmBudget, Length, MAX_RULE_FILE_BYTES, Measure, RELATIVE_TIME, Severity,
    SpikeReport, SpikeRequest, SpikeRule, SpikeRules, Trace, Traces, Watch, find_spikes, read_counts, trace_alarms,
};
use jiff::tz::TimeZone;

use super::options::SelectArgs;
use super::output::{print, print_json, write_file};
use super::{Format, Style, UsageError};

/// Most charts of a run.
const MAX_CHARTS: usize = 50;
/// Most letters of a series in the name of a file.
const MAX_NAME_LETTERS: usize = 50;

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    select: SelectArgs,
    #[command(flatten)]
    rule: RuleArgs,
    /// Watch what this file of rules says instead
    #[arg(long, value_name = "FILE.toml", conflicts_with_all = ["query", "per", "measures", "step", "budget", "detector", "counts", "tz"])]
    rules: Option<PathBuf>,
    /// Watch ready-made counts instead, and print JSON lines: CSV with the columns timestamp and value; may be given several
    /// times
    #[arg(long, value_name = "FILE.csv", conflicts_with_all = ["query", "per", "measures", "step", "since", "until"])]
    counts: Vec<PathBuf>,
    /// Draw series with alarms into this folder, as SVG: what they showed in an hour, what was expected, and the alarms; at
    /// most 50, those with the least likely alarms
    #[arg(long, value_name = "DIR")]
    chart: Option<PathBuf>,
    /// Do not look for the causes of alarms
    #[arg(long)]
    no_cause: bool,
}

/// What is watched, and how.
#[derive(Debug, clap::Args)]
pub struct RuleArgs {
    /// A series for each value of this field: brand, topic, channel, language, … [default: one of all mentions]
    #[arg(long, value_name = "FIELD")]
    per: Option<Field>,
    /// What to watch of each series: volume, negative (mentions), negative_share, silence; may be given several times
    /// [default: volume, negative_share, silence]
    #[arg(long = "measure", value_name = "MEASURE", value_parser = parse_measure)]
    measures: Vec<Measure>,
    /// How fine the counts are
    #[arg(long, value_name = "LENGTH", default_value = "15m")]
    step: Length,
    /// How many false alarms everything that is watched may raise together: N/day, week, month, quarter or year
    #[arg(long, value_name = "N/PERIOD", default_value_t = FalseAlarmBudget::DEFAULT)]
    budget: FalseAlarmBudget,
    /// How series are watched: TOML with windows, half-lives, warm_up, min_value, calm, cool_down
    #[arg(long, value_name = "FILE.toml")]
    detector: Option<PathBuf>,
}

pub fn run(args: &Args, style: Style) -> anyhow::Result<ExitCode> {
    if !args.counts.is_empty() {
        return watch_counts(args, style);
    }
    let rules = match &args.rules {
        Some(path) => SpikeRules::load(path)?,
        None => args.rule.rules(&args.select)?,
    };
    let (since, until) = args.select.bounds_in(&rules.zone)?;
    let request = SpikeRequest { rules, since, until, causes: !args.no_cause };
    let index = MentionIndex::open(&args.select.index.index)?;
    let zone = &request.rules.zone;
    let found = find_spikes(&index, &request)?;
    if let Some(folder) = &args.chart {
        let Traces { traces, left_out } = trace_alarms(&index, &request, &found, MAX_CHARTS)?;
        let source = |trace: &Trace| report::spike_source(&request, &found, trace);
        draw(&traces, left_out, zone, source, folder, style)?;
    }
    match style.format {
        Format::Json => show_json(&found, style)?,
        Format::Table => print(&report::spike_list(&found, zone))?,
    }
    Ok(ExitCode::SUCCESS)
}

fn show_json(found: &SpikeReport, style: Style) -> anyhow::Result<()> {
    for alarm in &found.alarms {
        print_json(alarm)?;
    }
    if !style.quiet {
        eprint!("{}", report::spike_summary(found));
    }
    Ok(())
}

impl RuleArgs {
    /// The one rule that the command line describes.
    pub fn rules(&self, select: &SelectArgs) -> anyhow::Result<SpikeRules> {
        let detector = self.detector()?;
        let budget = self.budget;
        let measures = if self.measures.is_empty() { SpikeRule::default().measures } else { self.measures.clone() };
        let query = select.query.clone();
        let rule = SpikeRule { query, per: self.per, measures, step: self.step, detector, ..SpikeRule::default() };
        rule.check().map_err(UsageError)?;
        if Query::parse(&rule.query, &select.context()).map_err(IndexError::from)?.is_relative {
            return Err(UsageError(RELATIVE_TIME.to_owned()).into());
        }
        Ok(SpikeRules { budget, zone: select.tz.clone(), rules: vec![rule] })
    }

    fn detector(&self) -> anyhow::Result<DetectorOptions> {
        let Some(path) = &self.detector else { return Ok(DetectorOptions::default()) };
        let wrong = |problem: String| UsageError(format!("detector options {}: {problem}", path.display()));
        let bytes = std::fs::metadata(path).map_err(|error| wrong(error.to_string()))?.len();
        if bytes > MAX_RULE_FILE_BYTES {
            return Err(wrong(format!("they have {bytes} bytes; at most {MAX_RULE_FILE_BYTES} are read")).into());
        }
        let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
        let options: DetectorOptions = toml::from_str(&text).map_err(|error| wrong(error.to_string()))?;
        options.check().map_err(wrong)?;
        Ok(options)
    }
}

/// Prints the alarms of ready-made counts, all files together in the order of time.
fn watch_counts(args: &Args, style: Style) -> anyhow::Result<ExitCode> {
    let options = DetectorOptions { budget: args.rule.budget, ..args.rule.detector()? };
    let mut alarms = Vec::new();
    let (mut traces, mut with_alarms) = (Vec::new(), 0);
    for path in &args.counts {
        let (steps, series) = read_counts(path, &args.select.tz)?;
        let hours_of_week = steps.hours_of_week(&args.select.tz);
        let watch = Watch {
            rule: "counts",
            options: &options,
            steps,
            hours_of_week: &hours_of_week,
            is_known_at_end: false,
            tests: args.counts.len(),
            min_severity: Severity::Low,
        };
        let raised = watch.alarms(&series, Measure::Volume);
        if args.chart.is_some() && !raised.is_empty() {
            with_alarms += 1;
            if traces.len() < MAX_CHARTS {
                traces.push(watch.trace(&series, Measure::Volume, &raised.iter().collect::<Vec<&Alarm>>()));
            }
        }
        alarms.extend(raised);
    }
    if let Some(folder) = &args.chart {
        let source = |trace: &Trace| format!("Counts: {}", trace.series);
        draw(&traces, with_alarms - traces.len(), &args.select.tz, source, folder, style)?;
    }
    alarms.sort_by(|a, b| (a.first.time, &a.series).cmp(&(b.first.time, &b.series)));
    alarms.iter().try_for_each(print_json)?;
    Ok(ExitCode::SUCCESS)
}

/// Draws each trace into a file of the folder.
fn draw(
    traces: &[Trace],
    left_out: usize,
    zone: &TimeZone,
    source: impl Fn(&Trace) -> String,
    folder: &Path,
    style: Style,
) -> anyhow::Result<()> {
    let problem = |error: io::Error| UsageError(format!("cannot make the folder {}: {error}", folder.display()));
    fs::create_dir_all(folder).map_err(problem)?;
    let mut names = HashSet::new();
    for trace in traces {
        let stem = file_stem(trace);
        let free = (1..).map(|n| if n == 1 { format!("{stem}.svg") } else { format!("{stem}-{n}.svg") });
        let name = free.into_iter().find(|name| !names.contains(name)).unwrap_or_default();
        write_file(&folder.join(&name), &report::svg(&report::spike_chart(trace, zone, source(trace))))?;
        names.insert(name);
    }
    if !style.quiet {
        eprintln!("drew {} charts into {}", traces.len(), folder.display());
    }
    if left_out > 0 {
        eprintln!("{left_out} more series with alarms are not drawn; at most {MAX_CHARTS} are");
    }
    Ok(())
}

/// The series and the measure, in what every system takes for the name of a file.
fn file_stem(trace: &Trace) -> String {
    let letter = |letter: char| if letter.is_alphanumeric() { letter } else { '-' };
    let series: String =
        trace.series.trim_end_matches(".csv").to_lowercase().chars().map(letter).take(MAX_NAME_LETTERS).collect();
    format!("{}-{}", series.trim_matches('-'), trace.measure.name().replace('_', "-"))
}

fn parse_measure(name: &str) -> Result<Measure, String> {
    let names = Measure::ALL.map(Measure::name).join(", ");
    Measure::ALL
        .into_iter()
        .find(|measure| measure.name() == name)
        .ok_or_else(|| format!("{name:?} is not watched; choose one of {names}"))
}
