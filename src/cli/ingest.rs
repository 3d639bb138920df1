//! `earmark ingest`

use std::process::ExitCode;

use earmark::index::{IndexWriter, MentionIndex};
use earmark::jobs;
use earmark::report::{self, FirstLook};
use earmark::verdict::CorrectionLog;

use super::options::{IndexArgs, Job, JobArgs};
use super::output::{print, print_json};
use super::progress::ProgressDisplay;
use super::{Format, Style};

/// Threads that Tantivy indexes with: tagging costs many times more.
const INDEX_THREADS: usize = 1;

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    job: JobArgs,
    #[command(flatten)]
    index: IndexArgs,
}

pub fn run(args: &Args, style: Style) -> anyhow::Result<ExitCode> {
    let Job { feed, mut tagger, threads, mut rejects, rejects_path, timings } = args.job.open()?;
    let dir = &args.index.index;
    let writer = IndexWriter::open(dir, INDEX_THREADS)?;
    tagger.correct(CorrectionLog::of_index(dir).read()?);
    let mut look = FirstLook::default();
    let progress = ProgressDisplay::start(feed.progress(), style.quiet);
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
    Ok(args.job.conclude(&report, &timings))
}
