//! `earmark eval`

use std::process::ExitCode;

use earmark::eval::{Evaluator, Question};
use earmark::feed::Portion;
use earmark::jobs::JobError;
use earmark::mention::Tagged;
use earmark::pipeline;
use earmark::report;
use earmark::timings::Timings;

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
    #[command(flatten)]
    tag: TagArgs,
}

pub fn run(args: &Args, style: Style) -> anyhow::Result<ExitCode> {
    let feed = args.input.open()?;
    let tagger = args.tag.open()?;
    let progress = ProgressDisplay::start(feed.progress(), style.quiet);
    let mut evaluator = Evaluator::default();
    let mut rejected = 0;
    let write = |tagged: Vec<Tagged>, portion: Portion| {
        rejected += portion.rejects.len();
        for tagged in &tagged {
            let language = tagged.mention.lang.as_deref().unwrap_or(tagged.language.code);
            match Question::of(&tagged.mention) {
                Some(question) => evaluator.add(language, question, tagged.sentiment.as_ref()),
                None => evaluator.skip(),
            }
        }
        Ok::<(), JobError>(())
    };
    pipeline::run(feed, &tagger, args.tag.threads(), &Timings::default(), |tagged| tagged, write)?;
    drop(progress);
    let evaluation = evaluator.finish(&tagger.engine().model);
    if evaluation.overall.n == 0 {
        return Err(
            UsageError("no record has a label: give each a \"label\" of negative, neutral or positive".into()).into()
        );
    }
    match style.format {
        Format::Json => print_json(&evaluation)?,
        Format::Table => print(&report::evaluation_tables(&evaluation))?,
    }
    if rejected > 0 && !style.quiet {
        eprintln!("{rejected} records could not be read and were left out; `earmark tag` says why");
    }
    Ok(ExitCode::SUCCESS)
}
