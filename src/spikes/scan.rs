//! Scanning: the rules held against the mentions of an index.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use jiff::Timestamp;
use serde::Serialize;

use super::alarm::{Alarm, Measure};
use super::budget::DAYS_PER_MONTH;
use super::cause::{Cause, CauseFinder};
use super::counts::MAX_STEPS;
use super::detector::DetectorOptions;
use super::error::SpikeError;
use super::rule::{SpikeRule, SpikeRules};
use super::series::{Series, Steps, Watch};
use crate::index::{MentionIndex, NO_VALUE, StepCell};
use crate::query::QueryContext;

/// Name of the series of a rule that makes one of all of its mentions.
pub const ALL_MENTIONS: &str = "all";
/// Most alarms whose causes are looked for: the latest.
pub const MAX_CAUSES: usize = 200;

/// What to look for.
#[derive(Debug, Clone)]
pub struct SpikeRequest {
    /// The rules.
    pub rules: SpikeRules,
    /// Only mentions published at this time or later.
    pub since: Option<Timestamp>,
    /// Only mentions published before this time. Where it is absent, series end with the newest mention.
    pub until: Option<Timestamp>,
    /// Whether to look for the causes of alarms.
    pub causes: bool,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SpikeReport {
    /// The alarms, in the order of time.
    pub alarms: Vec<RaisedAlarm>,
    /// What was watched.
    pub watched: Vec<WatchedRule>,
    /// How often alarms were promised to be wrong, and how often there were any.
    pub promise: Promise,
    /// A short hash of the state of the index.
    pub data_version: String,
}

/// An alarm of a rule, with its cause.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RaisedAlarm {
    /// The alarm.
    #[serde(flatten)]
    pub alarm: Alarm,
    /// Name of the rule.
    pub rule: String,
    /// What is behind it; absent where it was not asked for, and for all but the latest [`MAX_CAUSES`] alarms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<Cause>,
}

/// What a rule has watched.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct WatchedRule {
    /// The rule.
    pub rule: SpikeRule,
    /// Series that were watched.
    pub series: usize,
    /// Series that were not, as there were more than the rule allows.
    pub series_left_out: usize,
    /// When the first step begins; absent where there are no mentions.
    pub start: Option<Timestamp>,
    /// When the last step ends.
    pub end: Option<Timestamp>,
}

/// The promise, and what became of it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Promise {
    /// False alarms promised per month (of 30.4 days), over everything watched, at most.
    pub promised_per_month: f64,
    /// Alarms raised per month, right and wrong ones.
    pub raised_per_month: f64,
    /// Days that were watched, warm-up not counted.
    pub days: f64,
    /// Measures of series that share the promise.
    pub tests: usize,
}

/// The series of a rule.
pub(super) struct RuleSeries {
    pub steps: Steps,
    pub series: Vec<Series>,
    left_out: usize,
}

/// Looks for alarms in an index. What a series shows is held against its own past only. Which series a rule watches, where it has
/// more than it may, and how many share the budget, follows from the whole stretch of time.
///
/// # Errors
/// Where a query is none, there is more to count than fits, or the index fails.
pub fn find_spikes(index: &MentionIndex, request: &SpikeRequest) -> Result<SpikeReport, SpikeError> {
    let rules = &request.rules;
    let loaded = Loaded::load(index, request)?;
    let (alarms, promise) = loaded.alarms(rules);
    let without_cause = if request.causes { alarms.len().saturating_sub(MAX_CAUSES) } else { usize::MAX };
    let mut raised = Vec::with_capacity(alarms.len());
    for (number, (alarm, rule)) in alarms.into_iter().enumerate() {
        let cause = if number < without_cause { None } else { find_cause(index, rules, rule, &alarm)? };
        raised.push(RaisedAlarm { alarm, rule: rule.name.clone(), cause });
    }
    let data_version = index.select("", None, None, &QueryContext::default())?.data_version();
    let watched = rules.rules.iter().zip(&loaded.0).map(|(rule, loaded)| loaded.watched(rule)).collect();
    Ok(SpikeReport { alarms: raised, watched, promise, data_version })
}

/// Looks for what is behind an alarm of a rule. `None` where that cannot be asked: together with the name of the series, the
/// rule's query is longer than queries may be.
///
/// # Errors
/// Where the index fails.
pub fn find_cause(
    index: &MentionIndex,
    rules: &SpikeRules,
    rule: &SpikeRule,
    alarm: &Alarm,
) -> Result<Option<Cause>, SpikeError> {
    match (CauseFinder { index, rule, zone: &rules.zone }).cause(alarm) {
        Err(error) if error.is_user_error() => Ok(None),
        found => found.map(Some),
    }
}

/// The series of all rules, in their order.
pub(super) struct Loaded(Vec<RuleSeries>);

impl Loaded {
    /// Counts the mentions of all rules.
    pub fn load(index: &MentionIndex, request: &SpikeRequest) -> Result<Loaded, SpikeError> {
        let series = request.rules.rules.iter().map(|rule| load(index, rule, request));
        Ok(Loaded(series.collect::<Result<_, SpikeError>>()?))
    }

    /// The alarms of the rules that were counted, in the order of time, and how the promise was kept. The rules may have
    /// another budget by now.
    pub fn alarms<'a>(&self, rules: &'a SpikeRules) -> (Vec<(Alarm, &'a SpikeRule)>, Promise) {
        let loaded = &self.0;
        let sizes = rules.rules.iter().zip(loaded).map(|(rule, loaded)| rule.measures.len() * loaded.series.len());
        let tests = sizes.sum();
        let mut alarms = Vec::new();
        for (rule, loaded) in rules.rules.iter().zip(loaded) {
            alarms.extend(alarms_of(rule, loaded, rules, tests));
        }
        alarms.sort_by(|(a, _), (b, _)| {
            (a.first.time, &a.series, a.measure, &a.id).cmp(&(b.first.time, &b.series, b.measure, &b.id))
        });
        let promise = promise(rules, loaded, tests, alarms.len());
        (alarms, promise)
    }
}

/// Counts the mentions of a rule.
pub(super) fn load(index: &MentionIndex, rule: &SpikeRule, request: &SpikeRequest) -> Result<RuleSeries, SpikeError> {
    let context = QueryContext { zone: request.rules.zone.clone(), now: request.until.unwrap_or_else(Timestamp::now) };
    let selection = index.select(&rule.query, request.since, request.until, &context)?;
    let seconds = rule.step.as_secs() as i64;
    let Some(range) = selection.time_span()?.range else {
        let steps = Steps { start: 0, seconds: seconds as u32, count: 0 };
        return Ok(RuleSeries { steps, series: Vec::new(), left_out: 0 });
    };
    let start = range.start().div_euclid(seconds) * seconds;
    // Without an end of its own the last step is that of the newest mention; else one that is over.
    let count = match request.until {
        Some(until) => (until.as_second() - start).div_euclid(seconds),
        None => (range.end() - start).div_euclid(seconds) + 1,
    };
    let too_many = || SpikeError::TooManySteps { rule: rule.name.clone(), step: rule.step };
    let count = usize::try_from(count.max(0)).ok().filter(|&count| count <= MAX_STEPS).ok_or_else(too_many)?;
    let steps = Steps { start, seconds: seconds as u32, count };
    let counted = selection.step_series(start, seconds as u32, count as u32, rule.per)?;
    let named = |value: u32| counted.values.get(value as usize).map_or(ALL_MENTIONS, String::as_str);
    let mut by_value: Vec<&[StepCell]> = counted.cells.chunk_by(|a, b| a.value == b.value).collect();
    by_value.retain(|cells| named(cells[0].value) != NO_VALUE);
    let mentions = |cells: &[StepCell]| cells.iter().map(|cell| cell.mentions).sum::<u64>();
    by_value.sort_by(|a, b| mentions(b).cmp(&mentions(a)).then_with(|| named(a[0].value).cmp(named(b[0].value))));
    let left_out = by_value.len().saturating_sub(rule.max_series);
    by_value.truncate(rule.max_series);
    let series = by_value.into_iter().map(|cells| series(named(cells[0].value), cells)).collect();
    Ok(RuleSeries { steps, series, left_out })
}

/// A series in its sparse form.
fn series(name: &str, cells: &[StepCell]) -> Series {
    let small = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
    let counts = cells.iter().map(|cell| (cell.step, [cell.mentions, cell.scored, cell.negative].map(small))).collect();
    Series { name: name.to_owned(), counts }
}

/// The alarms of all series and measures of a rule, on all cores; the order of the result is always the same.
fn alarms_of<'a>(
    rule: &'a SpikeRule,
    loaded: &RuleSeries,
    rules: &SpikeRules,
    tests: usize,
) -> Vec<(Alarm, &'a SpikeRule)> {
    let options = DetectorOptions { budget: rules.budget, ..rule.detector.clone() };
    let hours_of_week = loaded.steps.hours_of_week(&rules.zone);
    let watch = loaded.watch(rule, &options, &hours_of_week, tests);
    let jobs: Vec<(&Series, Measure)> =
        loaded.series.iter().flat_map(|series| rule.measures.iter().map(move |&measure| (series, measure))).collect();
    let next = AtomicUsize::new(0);
    let threads = thread::available_parallelism().map_or(1, NonZeroUsize::get).min(jobs.len().max(1));
    let work = || {
        let mut done = Vec::new();
        while let Some(&(series, measure)) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
            done.extend(watch.alarms(series, measure));
        }
        done
    };
    let alarms = thread::scope(|scope| {
        let workers: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let mut alarms = work();
        for worker in workers {
            match worker.join() {
                Ok(done) => alarms.extend(done),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        alarms
    });
    alarms.into_iter().map(|alarm| (alarm, rule)).collect()
}

fn promise(rules: &SpikeRules, loaded: &[RuleSeries], tests: usize, alarms: usize) -> Promise {
    const SECONDS_PER_DAY: f64 = 86_400.0;
    let days = rules.rules.iter().zip(loaded).map(|(rule, loaded)| {
        let warm_up = rule.detector.warm_up_steps(loaded.steps.seconds);
        loaded.steps.count.saturating_sub(warm_up) as f64 * f64::from(loaded.steps.seconds) / SECONDS_PER_DAY
    });
    let days = days.fold(0.0, f64::max);
    let promised = rules.budget.per_day() * DAYS_PER_MONTH;
    let raised = if days > 0.0 { alarms as f64 / days * DAYS_PER_MONTH } else { 0.0 };
    let round = |number: f64| (number * 1_000.0).round() / 1_000.0;
    Promise { promised_per_month: round(promised), raised_per_month: round(raised), days: round(days), tests }
}

impl RuleSeries {
    /// How the series of the rule are watched.
    pub fn watch<'a>(
        &self,
        rule: &'a SpikeRule,
        options: &'a DetectorOptions,
        hours_of_week: &'a [f64],
        tests: usize,
    ) -> Watch<'a> {
        let (rule, min_severity) = (rule.name.as_str(), rule.min_severity);
        Watch { rule, options, steps: self.steps, hours_of_week, is_known_at_end: true, tests, min_severity }
    }

    fn watched(&self, rule: &SpikeRule) -> WatchedRule {
        let some = self.steps.count > 0;
        WatchedRule {
            rule: rule.clone(),
            series: self.series.len(),
            series_left_out: self.left_out,
            start: some.then(|| self.steps.start_of(0)),
            end: some.then(|| self.steps.start_of(self.steps.count)),
        }
    }
}
