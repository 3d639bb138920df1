//! The batch jobs: tag to a stream, tag into an index, correct what is in an index.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::path::Path;
use std::time::Instant;

use serde::Serialize;

use crate::feed::{Feed, Portion};
use crate::history::mention_of;
use crate::index::{
    Checkpoint, CheckpointEngine, IndexError, IndexWriter, MentionIndex, SourcePosition, Totals, Upsert,
};
use crate::input::{InputError, RejectWriter};
use crate::mention::Tagged;
use crate::pipeline;
use crate::sentiment::ModelError;
use crate::tagger::Tagger;
use crate::timings::Timings;
use crate::verdict::{Correction, CorrectionError, CorrectionLog};

/// Mentions after which the index is committed, so that a run that is cut off keeps what it did.
pub const COMMIT_EVERY: usize = 50_000;

/// Why a job stopped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs)]
pub enum JobError {
    #[error(transparent)]
    Model(#[from] ModelError),
    #[error(transparent)]
    Index(#[from] IndexError),
    #[error(transparent)]
    Corrections(#[from] CorrectionError),
    #[error(
        "the index was made with another {option} than this; name the same one, or ingest the mentions again first"
    )]
    OtherEngine { option: &'static str },
    #[error("the record of mention {id} in the index cannot be read back: {problem}; run `earmark doctor`")]
    Stored { id: String, problem: String },
    #[error("cannot write the rejects: {0}")]
    Rejects(#[from] InputError),
    #[error("cannot write the output: {0}")]
    Output(#[from] io::Error),
    #[error("mention {id} cannot be written as JSON: {source}")]
    Record { id: String, source: serde_json::Error },
}

impl JobError {
    /// True where what was asked for is wrong, false where the machine or the engine failed.
    pub fn is_user_error(&self) -> bool {
        match self {
            JobError::Model(error) => error.is_user_error(),
            JobError::Index(error) => error.is_user_error(),
            JobError::Corrections(error) => error.is_user_error(),
            JobError::OtherEngine { .. } => true,
            JobError::Stored { .. } | JobError::Rejects(_) | JobError::Output(_) | JobError::Record { .. } => false,
        }
    }
}

/// What became of the records: read = indexed + updated + unchanged + rejected, or, for [`tag`], read = tagged +
/// rejected.
#[derive(Debug, Clone, Default, Serialize)]
pub struct JobReport {
    /// Records read.
    pub read: u64,
    /// Records written to the output by [`tag`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tagged: Option<u64>,
    /// What [`ingest`] did with the rest.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub index: Option<IndexCounts>,
    /// Records that could not be read.
    pub rejected: u64,
    /// How many of them for each reason.
    pub reject_reasons: BTreeMap<&'static str, u64>,
    /// Sources that ended before their end, with the reason.
    pub damaged: Vec<String>,
    /// Wall-clock time.
    pub seconds: f64,
}

/// How the index changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct IndexCounts {
    /// Mentions whose id was new.
    pub indexed: u64,
    /// Mentions that replaced another record of their id.
    pub updated: u64,
    /// Mentions that were there already, the same.
    pub unchanged: u64,
}

impl JobReport {
    /// Takes note of what a batch's reader said, and puts the rejects into their file.
    fn account(&mut self, portion: &Portion, rejects: &mut RejectWriter) -> Result<(), InputError> {
        self.read += portion.read;
        self.rejected += portion.rejects.len() as u64;
        for reject in &portion.rejects {
            *self.reject_reasons.entry(reject.reason.as_str()).or_default() += 1;
            rejects.write(reject)?;
        }
        self.damaged.extend(portion.damaged.iter().map(ToString::to_string));
        Ok(())
    }
}

/// Tags everything a feed yields and writes one JSON object a line, in the order of the input.
///
/// # Errors
/// Where the model, the output or the file of rejects fails; bad records are not errors.
pub fn tag(
    feed: Feed,
    tagger: &Tagger,
    threads: usize,
    timings: &Timings,
    output: &mut dyn Write,
    rejects: &mut RejectWriter,
) -> Result<JobReport, JobError> {
    let started = Instant::now();
    let mut report = JobReport::default();
    let mut tagged = 0;
    pipeline::run(feed, tagger, threads, timings, to_lines, |lines: Result<Lines, JobError>, portion: Portion| {
        let lines = lines?;
        report.account(&portion, rejects)?;
        tagged += lines.count;
        output.write_all(&lines.bytes)?;
        output.flush().map_err(JobError::Output)
    })?;
    rejects.flush()?;
    Ok(JobReport { tagged: Some(tagged), seconds: started.elapsed().as_secs_f64(), ..report })
}

struct Lines {
    bytes: Vec<u8>,
    count: u64,
}

fn to_lines(tagged: Vec<Tagged>) -> Result<Lines, JobError> {
    let mut lines = Lines { bytes: Vec::new(), count: tagged.len() as u64 };
    for tagged in tagged {
        serde_json::to_writer(&mut lines.bytes, &tagged)
            .map_err(|source| JobError::Record { id: tagged.mention.id, source })?;
        lines.bytes.push(b'\n');
    }
    Ok(lines)
}

/// Tags everything a feed yields into an index. Every [`COMMIT_EVERY`] mentions, and at the end, mentions and position
/// are committed in one step. `observe` sees every mention, in the order of the input.
///
/// # Errors
/// Where the model, the index or the file of rejects fails; what was committed before stays.
pub fn ingest(
    feed: Feed,
    tagger: &Tagger,
    threads: usize,
    timings: &Timings,
    mut writer: IndexWriter,
    rejects: &mut RejectWriter,
    mut observe: impl FnMut(&Tagged),
) -> Result<JobReport, JobError> {
    let started = Instant::now();
    let mut report = JobReport::default();
    let mut counts = IndexCounts::default();
    let mut sources = Sources::default();
    pipeline::run(
        feed,
        tagger,
        threads,
        timings,
        |tagged| tagged,
        |tagged: Vec<Tagged>, portion: Portion| {
            report.account(&portion, rejects)?;
            sources.advance(portion.positions);
            for mention in &tagged {
                match writer.upsert(mention)? {
                    Upsert::Indexed => counts.indexed += 1,
                    Upsert::Updated => counts.updated += 1,
                    Upsert::Unchanged => counts.unchanged += 1,
                }
                observe(mention);
            }
            if writer.pending() >= COMMIT_EVERY {
                rejects.flush()?;
                writer.commit(&checkpoint(tagger, &sources, &report, counts))?;
            }
            Ok::<(), JobError>(())
        },
    )?;
    rejects.flush()?;
    writer.commit(&checkpoint(tagger, &sources, &report, counts))?;
    writer.finish()?;
    Ok(JobReport { index: Some(counts), seconds: started.elapsed().as_secs_f64(), ..report })
}

/// What a run of [`correct`] did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct CorrectionReport {
    /// Corrections written to the log.
    pub corrections: u64,
    /// Mentions of the index that changed.
    pub updated: u64,
    /// Mentions of the index that said so already.
    pub unchanged: u64,
    /// Ids that the index does not have; what was said of them holds when the mention comes.
    pub not_in_index: u64,
}

/// Corrects mentions of an index: writes the corrections to its log, so that they hold whenever a mention is ingested
/// again, and tags the mentions anew that are there.
///
/// # Errors
/// Where the index, its log or the model fails, or the index was made by another engine. What is in the log by then holds
/// when its mention is ingested or corrected again.
pub fn correct(dir: &Path, tagger: &mut Tagger, corrections: &[Correction]) -> Result<CorrectionReport, JobError> {
    MentionIndex::open(dir)?;
    let mut writer = IndexWriter::open(dir, 1)?;
    // Opened after the writer, which keeps others out: nothing newer can be overwritten.
    let index = MentionIndex::open(dir)?;
    let checkpoint = writer.checkpoint().cloned().unwrap_or_default();
    check_engine(tagger, &checkpoint)?;
    let log = CorrectionLog::of_index(dir);
    let earlier = log.read()?;
    let ids: BTreeSet<String> = corrections.iter().map(|correction| correction.id.clone()).collect();
    let mut report = CorrectionReport { corrections: corrections.len() as u64, ..CorrectionReport::default() };
    tagger.correct(earlier.into_iter().chain(corrections.iter().cloned()));
    let mut worker = tagger.worker()?;
    log.append(corrections)?;
    for id in ids {
        let Some(record) = index.record(&id)? else {
            report.not_in_index += 1;
            continue;
        };
        for tagged in worker.tag(vec![mention_of(&id, &record)?], &Timings::default())? {
            match writer.upsert(&tagged)? {
                Upsert::Unchanged => report.unchanged += 1,
                Upsert::Indexed | Upsert::Updated => report.updated += 1,
            }
        }
        if writer.pending() >= COMMIT_EVERY {
            writer.commit(&checkpoint)?;
        }
    }
    writer.commit(&checkpoint)?;
    writer.finish()?;
    Ok(report)
}

/// Fails unless a tagger is the one that made the index: with another, correcting would change other tags too.
fn check_engine(tagger: &Tagger, checkpoint: &Checkpoint) -> Result<(), JobError> {
    let Some(used) = &checkpoint.engine else { return Ok(()) };
    let mine = CheckpointEngine::from(tagger.engine());
    let parts = [
        ("--model", used.model == mine.model),
        ("--taxonomy", used.taxonomy == mine.taxonomy),
        ("--sentiment-rules", used.sentiment_rules == mine.sentiment_rules),
        ("--brands", used.brands == mine.brands),
    ];
    match parts.into_iter().find(|(_, is_same)| !is_same) {
        Some((option, _)) => Err(JobError::OtherEngine { option }),
        None => Ok(()),
    }
}

fn checkpoint(tagger: &Tagger, sources: &Sources, report: &JobReport, counts: IndexCounts) -> Checkpoint {
    let IndexCounts { indexed, updated, unchanged } = counts;
    Checkpoint {
        engine: Some(CheckpointEngine::from(tagger.engine())),
        sources: sources.positions.clone(),
        totals: Totals { read: report.read, indexed, updated, unchanged, rejected: report.rejected },
        ..Checkpoint::default()
    }
}

/// How far each source of a run was read, in the order of reading.
#[derive(Default)]
struct Sources {
    positions: Vec<SourcePosition>,
}

impl Sources {
    /// Takes the positions of a batch; the first may carry on the last one known.
    fn advance(&mut self, positions: Vec<SourcePosition>) {
        for position in positions {
            match self.positions.last_mut() {
                Some(last) if last.name == position.name && !last.finished => *last = position,
                _ => self.positions.push(position),
            }
        }
    }
}
