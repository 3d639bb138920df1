//! `earmark search`

use std::process::ExitCode;

use clap::ValueEnum;

use earmark::index::{MentionIndex, Order, SearchRequest};
use earmark::report;

use super::options::SelectArgs;
use super::output::{print, print_json};
use super::{Format, Style};

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    select: SelectArgs,
    /// Most mentions to print
    #[arg(long, short = 'n', value_name = "N", default_value_t = 10)]
    limit: usize,
    /// Mentions to leave out before the first
    #[arg(long, value_name = "N", default_value_t = 0)]
    offset: usize,
    /// What comes first
    #[arg(long, value_enum, default_value_t = OrderArg::Newest)]
    order: OrderArg,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum OrderArg {
    Newest,
    Relevance,
}

pub fn run(args: &Args, style: Style) -> anyhow::Result<ExitCode> {
    let (since, until) = args.select.bounds()?;
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
        context: args.select.context(),
    };
    let found = MentionIndex::open(&args.select.index.index)?.search(&request)?;
    match style.format {
        Format::Json => print_json(&found)?,
        Format::Table => print(&report::search_hits(&found, &request, &args.select.tz))?,
    }
    Ok(ExitCode::SUCCESS)
}
