//! `earmark search`

use std::process::ExitCode;

use clap::ValueEnum;
use jiff::tz::TimeZone;

use earmark::index::{MentionIndex, Order, SearchRequest};
use earmark::report;

use super::options::{IndexArgs, SelectArgs, parse_zone};
use super::output::{print, print_json};
use super::{Format, Style};

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    select: SelectArgs,
    #[command(flatten)]
    index: IndexArgs,
    /// Most mentions to print
    #[arg(long, short = 'n', value_name = "N", default_value_t = 10)]
    limit: usize,
    /// Mentions to leave out before the first
    #[arg(long, value_name = "N", default_value_t = 0)]
    offset: usize,
    /// What comes first
    #[arg(long, value_enum, default_value_t = OrderArg::Newest)]
    order: OrderArg,
    /// Time zone of the times shown and of --since and --until
    #[arg(long, value_name = "ZONE", default_value = "UTC", value_parser = parse_zone)]
    tz: TimeZone,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum OrderArg {
    Newest,
    Relevance,
}

pub fn run(args: &Args, style: Style) -> anyhow::Result<ExitCode> {
    let (since, until) = args.select.bounds(&args.tz)?;
    let request = SearchRequest {
        query: args.select.query.clone(),
        since,
        until,
        limit: args.limit,
        offset: args.offset,
        order: match args.order {
            OrderArg::Newest => Order::Newest,
            OrderArg::Relevance => Order::Relevance,
        },
    };
    let found = MentionIndex::open(&args.index.index)?.search(&request)?;
    match style.format {
        Format::Json => print_json(&found)?,
        Format::Table => print(&report::search_hits(&found, &request, &args.tz))?,
    }
    Ok(ExitCode::SUCCESS)
}
