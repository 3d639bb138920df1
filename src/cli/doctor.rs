//! `earmark doctor`

use std::process::ExitCode;

use earmark::doctor::examine;

use super::options::{IndexArgs, TagArgs};
use super::output::{print, print_json};
use super::{Format, Style};

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    index: IndexArgs,
    #[command(flatten)]
    tag: TagArgs,
}

pub fn run(args: &Args, style: Style) -> anyhow::Result<ExitCode> {
    let tagger = args.tag.open()?;
    let report = examine(&tagger, &args.index.index, args.tag.threads());
    match style.format {
        Format::Json => print_json(&report)?,
        Format::Table => print(&earmark::report::doctor_lines(&report))?,
    }
    Ok(if report.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
