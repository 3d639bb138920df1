//! The command line: one file per subcommand.

mod backtest;
mod correct;
mod doctor;
mod eval;
mod ingest;
mod language;
mod options;
mod output;
mod progress;
mod search;
mod spikes;
mod tag;
mod topics;
mod trends;
mod watch;

use std::io;
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};

use earmark::delivery::DeliveryError;
use earmark::eval::EvalError;
use earmark::index::IndexError;
use earmark::input::InputError;
use earmark::jobs::JobError;
use earmark::language::LanguageError;
use earmark::sentiment::ModelError;
use earmark::spikes::{CountsError, EventsError, SpikeError, SpikeRuleError, WatchError};
use earmark::tagger::TagError;
use earmark::topics::{GoldMapError, RuleFileError};
use earmark::trends::TrendError;
use earmark::verdict::CorrectionError;

/// Reads brand mentions in any language: finds their language, sentiment and topics, indexes them, and answers
/// searches and trends. Works offline.
#[derive(Debug, Parser)]
#[command(name = "earmark", version, max_term_width = 120, after_help = EXIT_STATUS_HELP)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
    /// How results are printed
    #[arg(long, global = true, value_enum, default_value_t = Format::Table, display_order = 990)]
    format: Format,
    /// Print results and errors only
    #[arg(long, short, global = true, display_order = 991)]
    quiet: bool,
}

const EXIT_STATUS_HELP: &str = "Exit status: 0 done; 1 failed, an input was damaged, or more rejects than --max-rejects \
                                allows; 2 something on the command line is wrong.";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Table,
    /// For programs; its shape is stable
    Json,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Tag mentions and put them into an index; prints what was read and a first look
    Ingest(ingest::Args),
    /// Tag mentions only: one JSON object out for each record in, in the same order
    Tag(tag::Args),
    /// Find mentions by words and fields
    Search(search::Args),
    /// Count mentions over time
    Trends(trends::Args),
    /// Find negative spikes and other alarms, at a stated rate of false ones
    Spikes(spikes::Args),
    /// Replay spike rules on the past: what each budget would have raised
    Backtest(backtest::Args),
    /// Look for spikes again and again, and tell a webhook or a program of alarms
    Watch(watch::Args),
    /// Set the sentiment of mentions by hand; it stays when they are ingested again
    Correct(correct::Args),
    /// Compare the model's answers with labels that people gave
    Eval(eval::Args),
    /// Check, test, compare and apply taxonomies
    Topics(topics::Args),
    /// Say what runtime, model, index and limits are in use, and what is wrong
    Doctor(doctor::Args),
}

/// How to print: what every command is given beside its own arguments.
#[derive(Debug, Clone, Copy)]
struct Style {
    format: Format,
    quiet: bool,
}

/// Runs one command.
pub fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    let style = Style { format: cli.format, quiet: cli.quiet };
    match cli.command {
        Command::Ingest(args) => ingest::run(&args, style),
        Command::Tag(args) => tag::run(&args, style),
        Command::Search(args) => search::run(&args, style),
        Command::Trends(args) => trends::run(&args, style),
        Command::Spikes(args) => spikes::run(&args, style),
        Command::Backtest(args) => backtest::run(&args, style),
        Command::Watch(args) => watch::run(&args, style),
        Command::Correct(args) => correct::run(&args, style),
        Command::Eval(args) => eval::run(&args, style),
        Command::Topics(args) => topics::run(&args, style),
        Command::Doctor(args) => doctor::run(&args, style),
    }
}

/// True if the reader of our output has gone away, which is its good right.
pub fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let cause = cause.downcast_ref::<io::Error>();
        cause.is_some_and(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
    })
}

/// 2 where what was asked for is wrong, 1 where the machine or the engine failed.
pub fn exit_status(error: &anyhow::Error) -> u8 {
    let is_user_error = error.chain().any(|cause| {
        cause.downcast_ref::<UsageError>().is_some()
            || cause.downcast_ref::<InputError>().is_some_and(InputError::is_user_error)
            || cause.downcast_ref::<TagError>().is_some_and(TagError::is_user_error)
            || cause.downcast_ref::<EvalError>().is_some_and(EvalError::is_user_error)
            || cause.downcast_ref::<ModelError>().is_some_and(ModelError::is_user_error)
            || cause.downcast_ref::<IndexError>().is_some_and(IndexError::is_user_error)
            || cause.downcast_ref::<TrendError>().is_some_and(TrendError::is_user_error)
            || cause.downcast_ref::<SpikeError>().is_some_and(SpikeError::is_user_error)
            || cause.downcast_ref::<WatchError>().is_some_and(WatchError::is_user_error)
            || cause.downcast_ref::<DeliveryError>().is_some_and(DeliveryError::is_user_error)
            || cause.downcast_ref::<SpikeRuleError>().is_some()
            || cause.downcast_ref::<CountsError>().is_some()
            || cause.downcast_ref::<EventsError>().is_some()
            || cause.downcast_ref::<CorrectionError>().is_some_and(CorrectionError::is_user_error)
            || cause.downcast_ref::<RuleFileError>().is_some()
            || cause.downcast_ref::<GoldMapError>().is_some()
            || cause.downcast_ref::<LanguageError>().is_some_and(LanguageError::is_user_error)
            || cause.downcast_ref::<JobError>().is_some_and(JobError::is_user_error)
    });
    if is_user_error { 2 } else { 1 }
}

/// Something on the command line is wrong that the parser could not see.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct UsageError(String);
