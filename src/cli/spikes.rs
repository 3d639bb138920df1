//! `earmark spikes`

use std::path::PathBuf;
use std::process::ExitCode;

use earmark::index::{Field, IndexError, MentionIndex};
use earmark::query::Query;
use earmark::report;
use earmark::spikes::{
    DetectorOptions, FalseAlarmBudget, Length, Measure, SpikeReport, SpikeRequest, SpikeRule, SpikeRules, Watch,
    find_spikes, read_counts,
};

use super::options::SelectArgs;
use super::output::{print, print_json};
use super::{Format, Style, UsageError};

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
        return watch_counts(args);
    }
    let rules = match &args.rules {
        Some(path) => SpikeRules::load(path)?,
        None => args.rule.rules(&args.select)?,
    };
    let (since, until) = args.select.bounds()?;
    let zone = rules.zone.clone();
    let request = SpikeRequest { rules, since, until, causes: !args.no_cause };
    let found = find_spikes(&MentionIndex::open(&args.select.index.index)?, &request)?;
    match style.format {
        Format::Json => show_json(&found, style)?,
        Format::Table => print(&report::spike_list(&found, &zone))?,
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
        Query::parse(&rule.query, &select.context()).map_err(IndexError::from)?;
        Ok(SpikeRules { budget, zone: select.tz.clone(), rules: vec![rule] })
    }

    fn detector(&self) -> anyhow::Result<DetectorOptions> {
        let Some(path) = &self.detector else { return Ok(DetectorOptions::default()) };
        let wrong = |problem: String| UsageError(format!("detector options {}: {problem}", path.display()));
        let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
        let options: DetectorOptions = toml::from_str(&text).map_err(|error| wrong(error.to_string()))?;
        options.check().map_err(wrong)?;
        Ok(options)
    }
}

/// Prints the alarms of ready-made counts, all files together in the order of time.
fn watch_counts(args: &Args) -> anyhow::Result<ExitCode> {
    let options = DetectorOptions { budget: args.rule.budget, ..args.rule.detector()? };
    let mut alarms = Vec::new();
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
        };
        alarms.extend(watch.alarms(&series, Measure::Volume));
    }
    alarms.sort_by(|a, b| (a.first.time, &a.series).cmp(&(b.first.time, &b.series)));
    alarms.iter().try_for_each(print_json)?;
    Ok(ExitCode::SUCCESS)
}

fn parse_measure(name: &str) -> Result<Measure, String> {
    let names = Measure::ALL.map(Measure::name).join(", ");
    Measure::ALL
        .into_iter()
        .find(|measure| measure.name() == name)
        .ok_or_else(|| format!("{name:?} is not watched; choose one of {names}"))
}
