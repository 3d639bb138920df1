//! `earmark backtest`

use std::path::PathBuf;
use std::process::ExitCode;

use earmark::index::MentionIndex;
use earmark::report;
use earmark::spikes::{BacktestRequest, FalseAlarmBudget, SpikeRules, backtest, read_events};

use super::options::{IndexArgs, parse_bound};
use super::output::{print, print_json};
use super::{Format, Style, UsageError};

/// Replays spike rules on the mentions of an index: what each budget would have raised, how soon, and how that compares with
/// what it promises. What a series shows is held against its own past only.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Rules, as `earmark spikes --rules` and `earmark watch` take them
    #[arg(value_name = "RULES.toml")]
    rules: PathBuf,
    #[command(flatten)]
    index: IndexArgs,
    /// Only the rule of this name
    #[arg(long, value_name = "NAME")]
    rule: Option<String>,
    /// Budgets to try beside that of the rules
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = "1/quarter,1/month,2/month,1/week,1/day")]
    budgets: Vec<FalseAlarmBudget>,
    /// What is known to have happened: CSV with the columns start, end and perhaps series. Alarms outside of it are false ones
    #[arg(long, value_name = "FILE.csv")]
    events: Option<PathBuf>,
    /// Only mentions published at this time or later: a date, or RFC 3339
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Only mentions published before this time
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
}

pub fn run(args: &Args, style: Style) -> anyhow::Result<ExitCode> {
    let mut rules = SpikeRules::load(&args.rules)?;
    if let Some(name) = &args.rule {
        rules.rules.retain(|rule| rule.name == *name);
        if rules.rules.is_empty() {
            return Err(UsageError(format!("{} has no rule {name:?}", args.rules.display())).into());
        }
    }
    let zone = rules.zone.clone();
    let mut budgets = vec![rules.budget];
    budgets.extend(args.budgets.iter().filter(|budget| **budget != rules.budget));
    let request = BacktestRequest {
        since: parse_bound("since", args.since.as_deref(), &zone)?,
        until: parse_bound("until", args.until.as_deref(), &zone)?,
        budgets,
        events: args.events.as_deref().map(|path| read_events(path, &zone)).transpose()?.unwrap_or_default(),
        rules,
    };
    let tried = backtest(&MentionIndex::open(&args.index.index)?, &request)?;
    match style.format {
        Format::Json => print_json(&tried)?,
        Format::Table => print(&report::backtest_table(&tried))?,
    }
    Ok(ExitCode::SUCCESS)
}
