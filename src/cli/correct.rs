//! `earmark correct`

use std::path::PathBuf;
use std::process::ExitCode;

use clap::ValueEnum;
use jiff::Timestamp;

use earmark::index::MentionIndex;
use earmark::jobs;
use earmark::mention::Label;
use earmark::report;
use earmark::verdict::{Correction, CorrectionLog, read_corrections};

use super::options::{IndexArgs, TagArgs};
use super::output::{print, print_json};
use super::{Format, Style, UsageError};

/// Corrections are kept in `corrections.ndjson` in the folder of the index, one JSON object a line, oldest first; nothing
/// is ever removed from it. They hold whenever the mention is ingested again into this index. For a new index, give the
/// file to `earmark ingest --corrections`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Id of the mention
    #[arg(value_name = "ID", requires = "sentiment", required_unless_present_any = ["from", "list"])]
    id: Option<String>,
    /// What its sentiment is
    #[arg(value_name = "SENTIMENT", value_enum)]
    sentiment: Option<SentimentArg>,
    /// Who says so
    #[arg(long, value_name = "NAME", requires = "id")]
    by: Option<String>,
    /// Why
    #[arg(long, value_name = "TEXT", requires = "id")]
    note: Option<String>,
    /// Take corrections from a file of JSON lines such as {"id":"42","sentiment":"negative","by":"anna"}
    #[arg(long, value_name = "FILE", conflicts_with = "id")]
    from: Option<PathBuf>,
    /// Print every correction ever made, oldest first
    #[arg(long, conflicts_with_all = ["id", "from"])]
    list: bool,
    #[command(flatten)]
    index: IndexArgs,
    #[command(flatten)]
    tag: TagArgs,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum SentimentArg {
    Negative,
    Neutral,
    Positive,
    /// Withdraw the correction: what the model says holds again
    Withdraw,
}

impl SentimentArg {
    fn label(self) -> Option<Label> {
        match self {
            SentimentArg::Negative => Some(Label::Negative),
            SentimentArg::Neutral => Some(Label::Neutral),
            SentimentArg::Positive => Some(Label::Positive),
            SentimentArg::Withdraw => None,
        }
    }
}

pub fn run(args: &Args, style: Style) -> anyhow::Result<ExitCode> {
    let dir = &args.index.index;
    if args.list {
        MentionIndex::open(dir)?;
        for correction in CorrectionLog::of_index(dir).read()? {
            print_json(&correction)?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let corrections = args.corrections()?;
    let report = jobs::correct(dir, &mut args.tag.open()?, &corrections)?;
    match style.format {
        Format::Json => print_json(&report)?,
        Format::Table => print(&report::correction_summary(&report))?,
    }
    Ok(ExitCode::SUCCESS)
}

impl Args {
    fn corrections(&self) -> anyhow::Result<Vec<Correction>> {
        let now = Some(Timestamp::from_second(Timestamp::now().as_second())?);
        if let Some(path) = &self.from {
            let read = read_corrections(path)?.into_iter();
            return Ok(read.map(|correction| Correction { at: correction.at.or(now), ..correction }).collect());
        }
        match (&self.id, self.sentiment) {
            (Some(id), Some(sentiment)) => Ok(vec![Correction {
                id: id.clone(),
                sentiment: sentiment.label(),
                by: self.by.clone(),
                at: now,
                note: self.note.clone(),
            }]),
            _ => Err(UsageError("name a mention and its sentiment, or a file with --from".into()).into()),
        }
    }
}
