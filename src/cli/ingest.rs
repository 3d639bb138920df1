//! `earmark ingest`

use std::process::ExitCode;

use earmark::index::{IndexWriter, MentionIndex};
use earmark::jobs;
use earmark::report::{self, FirstLook};
use earmark::timings::Timings;

use super::options::{IndexArgs, InputArgs, RejectArgs, TagArgs};
use super::output::{print, print_json};
use super::progress::ProgressDisplay;
use super::{Format, Style};

/// Threads that Tantivy indexes with: tagging costs many times more.
const INDEX_THREADS: usize = 1;

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    input: InputArgs,
    #[command(flatten)]
    index: IndexArgs,
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
    let dir = &args.index.index;
    let writer = IndexWriter::open(dir, INDEX_THREADS)?;
    let timings = Timings::default();
    let mut look = FirstLook::default();
    let progress = ProgressDisplay::start(feed.progress(), style.quiet);
    let threads = args.tag.threads();
    let report = jobs::ingest(feed, &tagger, threads, &timings, writer, &mut rejects, |tagged| look.add(tagged))?;
    drop(progress);
    if style.format == Format::Json {
        print_json(&report)?;
    } else {
        let stats = MentionIndex::open(dir)?.stats()?;
        print(&look.table())?;
        print(&report::job_summary(&report, &rejects_path))?;
        print(&format!("index    {} mentions in {}\n", report::number(stats.documents), dir.display()))?;
        if !style.quiet {
            eprint!("{}", report::runtime_hint(tagger.runtime()));
        }
    }
    if args.timings {
        eprint!("{}", report::timings_table(&timings, &report, threads));
    }
    let failed = args.rejects.exceeded(&report) || !report.damaged.is_empty();
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
