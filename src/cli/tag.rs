//! `earmark tag`

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;

use earmark::{jobs, report};

use super::options::{Job, JobArgs};
use super::output::PipeOutput;
use super::progress::ProgressDisplay;
use super::{Format, Style, UsageError};

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    job: JobArgs,
    /// Write the tagged mentions here instead of to standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub fn run(args: &Args, style: Style) -> anyhow::Result<ExitCode> {
    let Job { feed, tagger, threads, mut rejects, rejects_path, timings } = args.job.open()?;
    let mut output = open_output(args)?;
    let lines_on_terminal = args.out.is_none() && io::stdout().is_terminal();
    let progress = ProgressDisplay::start(feed.progress(), style.quiet || lines_on_terminal);
    let report = jobs::tag(feed, &tagger, threads, &timings, &mut *output, &mut rejects)?;
    drop(progress);
    if style.format == Format::Json {
        eprintln!("{}", serde_json::to_string(&report)?);
    } else if !style.quiet {
        eprint!("{}", report::job_summary(&report, &rejects_path));
        eprint!("{}", report::runtime_hint(tagger.runtime()));
    }
    Ok(args.job.conclude(&report, &timings))
}

fn open_output(args: &Args) -> anyhow::Result<Box<dyn Write>> {
    match &args.out {
        None => Ok(Box::new(PipeOutput(io::stdout().lock()))),
        Some(path) if args.job.input.reads(path) => {
            Err(UsageError(format!("--out {} is also an input", path.display())).into())
        }
        Some(path) => {
            let file = File::create(path).with_context(|| format!("cannot write {}", path.display()))?;
            Ok(Box::new(BufWriter::new(file)))
        }
    }
}
