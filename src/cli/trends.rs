//! `earmark trends`

use std::process::ExitCode;

use earmark::index::{Field, MentionIndex};
use earmark::report;
use earmark::trends::{Interval, TrendRequest, trend};

use super::options::SelectArgs;
use super::output::{print, print_json};
use super::{Format, Style};

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    select: SelectArgs,
    /// Count by the values of this field: sentiment, topic, language, brand, channel, author_role, …
    #[arg(long, value_name = "FIELD", default_value = "sentiment")]
    by: Field,
    /// Length of a bucket: 15m, 1h, 3h, 1d, 1w (from Monday), 1mo
    #[arg(long, value_name = "INTERVAL", default_value = "1d")]
    interval: Interval,
}

pub fn run(args: &Args, style: Style) -> anyhow::Result<ExitCode> {
    let (since, until) = args.select.bounds()?;
    let request = TrendRequest {
        query: args.select.query.clone(),
        since,
        until,
        by: Some(args.by),
        interval: args.interval,
        tz: args.select.tz.clone(),
    };
    let counted = trend(&MentionIndex::open(&args.select.index.index)?, &request)?;
    match style.format {
        Format::Json => print_json(&counted)?,
        Format::Table => print(&report::trend_table(&counted))?,
    }
    Ok(ExitCode::SUCCESS)
}
