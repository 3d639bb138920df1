//! `earmark spikes`

use std::path::PathBuf;
use std::process::ExitCode;

use earmark::spikes::{DetectorOptions, FalseAlarmBudget, Measure, Watch, read_counts};
use jiff::tz::TimeZone;

use super::Style;
use super::options::parse_zone;
use super::output::print_json;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Ready-made counts instead of an index: a CSV file with the columns timestamp and value
    #[arg(long, value_name = "FILE")]
    counts: Vec<PathBuf>,
    /// How many false alarms all series together may raise
    #[arg(long, value_name = "N/PERIOD", default_value_t = FalseAlarmBudget::DEFAULT)]
    budget: FalseAlarmBudget,
    /// Time zone
    #[arg(long, value_name = "ZONE", default_value = "UTC", value_parser = parse_zone)]
    tz: TimeZone,
}

pub fn run(args: &Args, _style: Style) -> anyhow::Result<ExitCode> {
    let options = DetectorOptions { budget: args.budget, ..DetectorOptions::default() };
    for path in &args.counts {
        let (steps, series) = read_counts(path, &args.tz)?;
        let hours_of_week = steps.hours_of_week(&args.tz);
        let watch = Watch {
            rule: "counts",
            options: &options,
            steps,
            hours_of_week: &hours_of_week,
            is_known_at_end: false,
            tests: args.counts.len(),
        };
        for alarm in watch.alarms(&series, Measure::Volume) {
            print_json(&alarm)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
