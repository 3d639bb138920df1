//! `earmark topics`

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;

use earmark::report;
use earmark::topics::{Taxonomy, check_taxonomy, load_examples, shipped_examples, test_examples};

use super::output::{print, print_json};
use super::{Format, Style, UsageError};

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Look for keywords that are there twice, never count, or are another topic's too; exit status 1 where some never count
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
}

pub fn run(args: &Args, style: Style) -> anyhow::Result<ExitCode> {
    match &args.command {
        Command::Check { taxonomy } => check(taxonomy.as_deref(), style),
        Command::Test { taxonomy, examples } => test(taxonomy.as_deref(), examples.as_deref(), style),
    }
}

fn open(path: Option<&Path>) -> anyhow::Result<Taxonomy> {
    Ok(path.map_or_else(Taxonomy::shipped, Taxonomy::load)?)
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

fn status(is_fine: bool) -> ExitCode {
    if is_fine { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
