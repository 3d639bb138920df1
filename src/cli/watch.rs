//! `earmark watch`

use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use earmark::delivery::{
    COMMAND_TIMEOUT_MS, CommandLine, DeliveryReport, Outbox, Policy, Secret, Target, WEBHOOK_TIMEOUT_MS, Webhook,
};
use earmark::index::MentionIndex;
use earmark::spikes::{Cause, Length, RaisedAlarm, SpikeRequest, SpikeRules, WatchState, find_cause, find_spikes};
use jiff::{SignedDuration, Timestamp};

use super::options::IndexArgs;
use super::output::PipeOutput;
use super::{Style, UsageError, exit_status};

const SECONDS_PER_WEEK: i64 = 7 * 86_400;

/// Looks at an index again and again, and tells of alarms as they are raised, grow, come back and end. What is told is kept in
/// `alarms-outbox.ndjson` and `watch-state.json` in the folder of the index (--state) until it was taken, whatever stops the
/// watch.
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
    /// How much of the past is learned from, at least; a week more at most
    #[arg(long, value_name = "LENGTH", default_value = "90d")]
    history: Length,
    /// Keep what was told, and what waits, in this folder; watches of one index with other rules or for others to tell need
    /// one each [default: that of the index]
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
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
    if let Some(rule) = rules.rules.iter().find(|rule| rule.detector.warm_up >= args.history) {
        let (warm_up, history) = (rule.detector.warm_up, args.history);
        let problem =
            format!("a history of {history} is no longer than the warm-up of rule {:?}, {warm_up}", rule.name);
        return Err(UsageError(problem).into());
    }
    let mut target = args.target.open()?;
    let index = MentionIndex::open(&args.index.index)?;
    let mut outbox = Outbox::open(args.state.as_deref().unwrap_or(&args.index.index))?;
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
            return Ok(if looked?.is_taken() { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        if let Err(error) = looked {
            // What a person must mend ends the watch.
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
    /// Looks, and delivers what waits, whatever became of the look.
    fn look(&mut self, outbox: &mut Outbox, target: &mut Target) -> anyhow::Result<DeliveryReport> {
        let looked = self.find_news(outbox);
        let report = outbox.deliver(target, &Policy::default())?;
        self.say(&report);
        looked.map(|()| report)
    }

    /// Puts what there is to tell into the outbox. What is to be told is on disk, in the state, before it is there.
    fn find_news(&mut self, outbox: &mut Outbox) -> anyhow::Result<()> {
        let dir = self.state_dir();
        let mut state = WatchState::load(dir)?;
        state.check_rules(&self.rules, dir)?;
        if state.pending() > 0 {
            hand_over(&mut state, outbox, dir)?;
        }
        if state.pending() > 0 {
            eprintln!("warning: {} notices find no room in the outbox; not looking for more", state.pending());
            return Ok(());
        }
        let now = self.args.at.unwrap_or_else(Timestamp::now);
        let until = earlier(now, self.args.lag);
        if state.is_ahead_of(until) {
            eprintln!("warning: the clock was set back, mentions after {until} have been looked at; not looking again");
            return Ok(());
        }
        self.index.refresh()?;
        let found = find_spikes(&self.index, &self.request(until))?;
        state.look(&found, &self.rules, (until, now), |raised| self.cause(raised))?;
        state.save(dir)?;
        hand_over(&mut state, outbox, dir)
    }

    fn request(&self, until: Timestamp) -> SpikeRequest {
        // It moves by weeks: at every look the same past is judged in the same way.
        let since = earlier(until, self.args.history).as_second().div_euclid(SECONDS_PER_WEEK) * SECONDS_PER_WEEK;
        let since = Timestamp::from_second(since).ok();
        SpikeRequest { rules: self.rules.clone(), since, until: Some(until), causes: false }
    }

    fn cause(&self, raised: &RaisedAlarm) -> Option<Cause> {
        let rule = self.rules.rules.iter().find(|rule| rule.name == raised.rule)?;
        let found = find_cause(&self.index, &self.rules, rule, &raised.alarm);
        // An alarm without its cause is better than none.
        found.unwrap_or_else(|error| {
            eprintln!("warning: alarm {} has no cause: {error}", raised.alarm.id);
            None
        })
    }

    fn state_dir(&self) -> &Path {
        self.args.state.as_deref().unwrap_or(&self.args.index.index)
    }

    fn say(&self, report: &DeliveryReport) {
        for notice in &report.given_up {
            let problem = notice.problem.as_deref().unwrap_or_default();
            eprintln!("warning: gave up notice {}: {problem}; --retry-given-up tries again", notice.key);
        }
        if let Some(notice) = report.waiting.iter().find(|notice| notice.problem.is_some()) {
            let problem = notice.problem.as_deref().unwrap_or_default();
            eprintln!("warning: {} notices were not taken yet; {}: {problem}", report.waiting.len(), notice.key);
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

/// Writes down what went into the outbox, even if not all did.
fn hand_over(state: &mut WatchState, outbox: &mut Outbox, dir: &Path) -> anyhow::Result<()> {
    let handed_over = state.hand_over(outbox);
    state.save(dir)?;
    Ok(handed_over?)
}

fn earlier(time: Timestamp, length: Length) -> Timestamp {
    let length = SignedDuration::from_secs(i64::try_from(length.as_secs()).unwrap_or(i64::MAX));
    time.checked_sub(length).unwrap_or(Timestamp::MIN)
}
