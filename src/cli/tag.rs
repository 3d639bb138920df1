//! `earmark tag`

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;

use earmark::jobs;
use earmark::report;
use earmark::timings::Timings;

use super::options::{InputArgs, RejectArgs, TagArgs};
use super::output::PipeOutput;
use super::progress::ProgressDisplay;
use super::{Format, Style, UsageError};

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    input: InputArgs,
    /// Write the tagged mentions here instead of to standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    tag: TagArgs,
    #[command(flatten)]
    rejects: RejectArgs,
    /// Print where the time went
    #[arg(long)]
    timings: bool,
}

pub fn run(args: &Args, style: Style) -> anyhow::Result<ExitCode> {
    let feed = args.input.open()?;
    let (rejects_path, mut rejects) = args.rejects.open(&args.input)?;
    let tagger = args.tag.open()?;
    let mut output = open_output(args)?;
    let timings = Timings::default();
    let progress = ProgressDisplay::start(feed.progress(), style.quiet || args.out.is_none());
    let report = jobs::tag(feed, &tagger, args.tag.threads(), &timings, &mut *output, &mut rejects)?;
    drop(progress);
    let exceeded = args.rejects.exceeded(&report);
    if style.format == Format::Json {
        eprintln!("{}", serde_json::to_string(&report)?);
    } else if !style.quiet {
        eprint!("{}", report::job_summary(&report, &rejects_path));
        eprint!("{}", report::runtime_hint(tagger.runtime()));
    }
    if args.timings {
        eprint!("{}", report::timings_table(&timings, &report, args.tag.threads()));
    }
    Ok(if exceeded || !report.damaged.is_empty() { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn open_output(args: &Args) -> anyhow::Result<Box<dyn Write>> {
    match &args.out {
        None => Ok(Box::new(PipeOutput(io::stdout().lock()))),
        Some(path) if args.input.reads(path) => {
            Err(UsageError(format!("--out {} is also an input", path.display())).into())
        }
        Some(path) => {
            let file = File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
            Ok(Box::new(BufWriter::new(file)))
        }
    }
}
