//! `earmark watch`

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use earmark::delivery::{
    COMMAND_TIMEOUT_MS, CommandLine, DeliveryReport, Outbox, Policy, Secret, Target, WEBHOOK_TIMEOUT_MS, Webhook,
};
use earmark::index::MentionIndex;
use earmark::spikes::{Length, SpikeRequest, SpikeRules, WatchState, find_spikes};
use jiff::{SignedDuration, Timestamp};

use super::options::IndexArgs;
use super::output::PipeOutput;
use super::{Style, exit_status};

/// Looks at an index again and again, and tells of alarms as they are raised, grow and end. What is told is kept in
/// `alarms-outbox.ndjson` and `watch-state.json` in the folder of the index until it was taken, whatever stops the watch.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Rules: what is watched, and how loudly
    #[arg(value_name = "RULES.toml")]
    rules: PathBuf,
    #[command(flatten)]
    index: IndexArgs,
    /// Time between two looks
    #[arg(long, value_name = "LENGTH", default_value = "5m")]
    every: Length,
    /// Look once and exit: for cron and the like
    #[arg(long)]
    once: bool,
    /// Look as if it were this time
    #[arg(long, value_name = "TIME", requires = "once")]
    at: Option<Timestamp>,
    /// Leave the newest mentions out, as others of the same time may still come
    #[arg(long, value_name = "LENGTH", default_value = "10m")]
    lag: Length,
    /// How much of the past is learned from
    #[arg(long, value_name = "LENGTH", default_value = "90d")]
    history: Length,
    #[command(flatten)]
    target: TargetArgs,
    /// Try again what was given up
    #[arg(long)]
    retry_given_up: bool,
}

/// Where notices go; JSON lines on standard output where nothing is said.
#[derive(Debug, clap::Args)]
struct TargetArgs {
    /// POST them to this address, signed as Standard Webhooks has it if there is a secret
    #[arg(long, value_name = "URL", conflicts_with = "run")]
    webhook: Option<String>,
    /// Environment variable with the secret: whsec_ and base64
    #[arg(long, value_name = "NAME", requires = "webhook", conflicts_with = "secret_file")]
    secret_env: Option<String>,
    /// File with the secret
    #[arg(long, value_name = "FILE", requires = "webhook")]
    secret_file: Option<PathBuf>,
    /// Run this program for each, with the JSON on its standard input; must come last
    #[arg(long, value_name = "PROGRAM", num_args = 1.., allow_hyphen_values = true)]
    run: Vec<String>,
}

pub fn run(args: &Args, style: Style) -> anyhow::Result<ExitCode> {
    let rules = SpikeRules::load(&args.rules)?;
    let mut target = args.target.open()?;
    let index = MentionIndex::open(&args.index.index)?;
    let mut outbox = Outbox::open(&args.index.index)?;
    if outbox.dropped_bytes() > 0 {
        eprintln!("warning: the end of the outbox was cut off, {} bytes dropped", outbox.dropped_bytes());
    }
    if args.retry_given_up {
        let retried = outbox.retry_given_up()?;
        eprintln!("trying {retried} notices again that were given up");
    }
    let mut watch = WatchLoop { args, rules, index, style };
    loop {
        let started = Instant::now();
        let looked = watch.look(&mut outbox, &mut target);
        if args.once {
            return Ok(if looked?.given_up.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        if let Err(error) = looked {
            // What a person must mend ends the watch; a folder that is away for a moment does not.
            if exit_status(&error) == 2 {
                return Err(error);
            }
            eprintln!("warning: {error:#}; looking again in {}", args.every);
        }
        let pause = Duration::from_secs(args.every.as_secs()).saturating_sub(started.elapsed());
        thread::sleep(pause);
    }
}

struct WatchLoop<'a> {
    args: &'a Args,
    rules: SpikeRules,
    index: MentionIndex,
    style: Style,
}

impl WatchLoop<'_> {
    fn look(&mut self, outbox: &mut Outbox, target: &mut Target) -> anyhow::Result<DeliveryReport> {
        let now = self.args.at.unwrap_or_else(Timestamp::now);
        let until = earlier(now, self.args.lag);
        self.index.refresh()?;
        let request = SpikeRequest {
            rules: self.rules.clone(),
            since: Some(earlier(until, self.args.history)),
            until: Some(until),
            causes: true,
        };
        let found = find_spikes(&self.index, &request)?;
        let dir = &self.args.index.index;
        let mut state = WatchState::load(dir)?;
        for notice in state.notices(&found, &self.rules, until) {
            outbox.queue(notice)?;
        }
        state.save(dir)?;
        let report = outbox.deliver(target, &Policy::default())?;
        self.say(&report);
        Ok(report)
    }

    fn say(&self, report: &DeliveryReport) {
        for notice in &report.given_up {
            let problem = notice.problem.as_deref().unwrap_or_default();
            eprintln!("warning: gave up notice {}: {problem}; --retry-given-up tries again", notice.key);
        }
        for notice in &report.waiting {
            let problem = notice.problem.as_deref().unwrap_or("others are before it");
            eprintln!("warning: notice {} was not taken yet: {problem}", notice.key);
        }
        if !self.style.quiet && !report.delivered.is_empty() {
            eprintln!("delivered {} notices", report.delivered.len());
        }
    }
}

impl TargetArgs {
    fn open(&self) -> anyhow::Result<Target> {
        if let Some(address) = &self.webhook {
            let secret = match (&self.secret_env, &self.secret_file) {
                (Some(name), _) => Some(Secret::from_env(name)?),
                (None, Some(path)) => Some(Secret::from_file(path)?),
                (None, None) => None,
            };
            return Ok(Target::Webhook(Webhook::open(address, secret, WEBHOOK_TIMEOUT_MS)?));
        }
        if !self.run.is_empty() {
            return Ok(Target::Command(CommandLine::new(&self.run, COMMAND_TIMEOUT_MS)?));
        }
        Ok(Target::Lines(Box::new(PipeOutput(io::stdout()))))
    }
}

fn earlier(time: Timestamp, length: Length) -> Timestamp {
    let length = SignedDuration::from_secs(i64::try_from(length.as_secs()).unwrap_or(i64::MAX));
    time.checked_sub(length).unwrap_or(Timestamp::MIN)
}
