//! `earmark eval`

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;

use earmark::eval::{GroupBy, OtherModel, evaluate};
use earmark::report;

use super::options::{InputArgs, TagArgs};
use super::output::{print, print_json};
use super::progress::ProgressDisplay;
use super::{Format, Style, UsageError};

/// Records need a `text` and a `label` (or `gold_sentiment`, or `gold`) of negative, neutral or positive. `lang` groups
/// them; `"classes": 2` marks records from sources without a neutral class, for which the model is asked for the more
/// probable of negative and positive.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    input: InputArgs,
    /// Group the texts by this field of the records, such as `brand`; a list counts a text in each of its values
    #[arg(long, value_name = "FIELD", default_value = "language")]
    by: String,
    /// Score the same texts with this model bundle too, and say which is better or that the texts cannot tell
    #[arg(long, value_name = "DIR")]
    against: Option<PathBuf>,
    /// Write the whole report to this Markdown file too; nothing in it depends on when or where it was made
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    #[command(flatten)]
    tag: TagArgs,
}

pub fn run(args: &Args, style: Style) -> anyhow::Result<ExitCode> {
    if let Some(path) = &args.report {
        check_report(path, &args.input)?;
    }
    let feed = args.input.open()?;
    let tagger = args.tag.open()?;
    let against = args.against.as_deref().map(|dir| OtherModel::open(&tagger, dir)).transpose()?;
    let progress = ProgressDisplay::start(feed.progress(), style.quiet);
    let by = GroupBy::from_name(&args.by);
    let evaluation = evaluate(feed, &tagger, against.as_ref(), &by, args.tag.threads())?;
    drop(progress);
    if let Some(path) = &args.report {
        std::fs::write(path, report::evaluation_markdown(&evaluation))
            .with_context(|| format!("cannot write the report to {}", path.display()))?;
    }
    match style.format {
        Format::Json => print_json(&evaluation)?,
        Format::Table => print(&report::evaluation_tables(&evaluation))?,
    }
    if evaluation.rejected > 0 && !style.quiet {
        eprintln!("{} records could not be read and were left out; `earmark tag` says why", evaluation.rejected);
    }
    for problem in &evaluation.damaged {
        eprintln!("{problem}");
    }
    Ok(if evaluation.damaged.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Finds out before the work what would make it futile.
fn check_report(path: &Path, input: &InputArgs) -> Result<(), UsageError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if input.reads(path) {
        return Err(UsageError(format!("--report {} is also an input", path.display())));
    }
    if !folder.is_dir() {
        return Err(UsageError(format!("--report: there is no folder {}", folder.display())));
    }
    if path.is_dir() {
        return Err(UsageError(format!("--report {} is a folder; name a file", path.display())));
    }
    Ok(())
}
