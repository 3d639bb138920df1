//! Backtests: what rules would have raised on the mentions of the past, under their own budget and under others.

use jiff::Timestamp;
use serde::Serialize;

use super::alarm::Severity;
use super::budget::{DAYS_PER_MONTH, FalseAlarmBudget};
use super::error::SpikeError;
use super::events::KnownEvent;
use super::rule::SpikeRules;
use super::scan::{Loaded, RaisedAlarm, SpikeRequest};
use crate::index::MentionIndex;

const SECONDS_PER_HOUR: f64 = 3_600.0;

/// What is asked of a backtest.
#[derive(Debug, Clone)]
pub struct BacktestRequest {
    /// The rules; each of the budgets takes the place of theirs.
    pub rules: SpikeRules,
    /// Only mentions published at this time or later.
    pub since: Option<Timestamp>,
    /// Only mentions published before this time.
    pub until: Option<Timestamp>,
    /// The budgets to try.
    pub budgets: Vec<FalseAlarmBudget>,
    /// What is known to have happened; alarms outside of it are false ones then.
    pub events: Vec<KnownEvent>,
}

/// What the rules would have raised.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Backtest {
    /// Days that were watched, warm-up not counted.
    pub days: f64,
    /// Measures of series that share each budget.
    pub tests: usize,
    /// Each budget, in the order asked for.
    pub trials: Vec<BudgetTrial>,
}

/// What the rules would have raised under one budget.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BudgetTrial {
    /// The budget.
    pub budget: FalseAlarmBudget,
    /// False alarms promised per month (30 days), at most.
    pub promised_per_month: f64,
    /// Alarms raised per month, right and wrong ones.
    pub raised_per_month: f64,
    /// Alarms by severity: low, medium, high.
    pub by_severity: [usize; 3],
    /// The median time from the onset of what was unusual until it was known, in hours; `None` without alarms. The onset is
    /// where the alarm's window begins.
    pub median_delay_hours: Option<f64>,
    /// How the alarms fit what is known to have happened; absent where nothing is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub events: Option<EventTrial>,
    /// The alarms, in the order of time, without causes.
    pub alarms: Vec<RaisedAlarm>,
}

/// How alarms fit what is known to have happened.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct EventTrial {
    /// Events with an alarm that was raised in them.
    pub found: usize,
    /// All events.
    pub events: usize,
    /// The median time from an event's beginning until its first alarm, in hours; `None` where none was found.
    pub median_delay_hours: Option<f64>,
    /// Alarms outside of all events.
    pub false_alarms: usize,
    /// The same per month: the rate of false alarms that was measured, beside the one that was promised.
    pub false_per_month: f64,
}

/// Replays rules on the mentions of an index, as [`find_spikes`](super::find_spikes) does.
///
/// # Errors
/// Where a query is none, there is more to count than fits, or the index fails.
pub fn backtest(index: &MentionIndex, request: &BacktestRequest) -> Result<Backtest, SpikeError> {
    let BacktestRequest { rules, since, until, budgets, events } = request;
    let asked = SpikeRequest { rules: rules.clone(), since: *since, until: *until, causes: false };
    let loaded = Loaded::load(index, &asked)?;
    let mut trials = Vec::with_capacity(budgets.len());
    let (mut days, mut tests) = (0.0, 0);
    for &budget in budgets {
        let rules = SpikeRules { budget, ..rules.clone() };
        let (alarms, promise) = loaded.alarms(&rules);
        (days, tests) = (promise.days, promise.tests);
        let alarms: Vec<RaisedAlarm> = alarms
            .into_iter()
            .map(|(alarm, rule)| RaisedAlarm { alarm, rule: rule.name.clone(), cause: None })
            .collect();
        let of = |severity| alarms.iter().filter(|raised| raised.alarm.peak.severity == severity).count();
        let delays = alarms.iter().map(|raised| hours(raised.alarm.first.start, raised.alarm.first.time));
        trials.push(BudgetTrial {
            budget,
            promised_per_month: promise.promised_per_month,
            raised_per_month: promise.raised_per_month,
            by_severity: [Severity::Low, Severity::Medium, Severity::High].map(of),
            median_delay_hours: median(delays.collect()),
            events: (!events.is_empty()).then(|| EventTrial::of(events, &alarms, promise.days)),
            alarms,
        });
    }
    Ok(Backtest { days, tests, trials })
}

impl EventTrial {
    fn of(events: &[KnownEvent], alarms: &[RaisedAlarm], days: f64) -> EventTrial {
        let first = |event: &KnownEvent| {
            let times = alarms.iter().filter(|raised| event.holds(&raised.alarm)).map(|raised| raised.alarm.first.time);
            times.min().map(|time| hours(event.start, time))
        };
        let delays: Vec<f64> = events.iter().filter_map(first).collect();
        let is_false = |raised: &&RaisedAlarm| !events.iter().any(|event| event.holds(&raised.alarm));
        let false_alarms = alarms.iter().filter(is_false).count();
        EventTrial {
            found: delays.len(),
            events: events.len(),
            median_delay_hours: median(delays),
            false_alarms,
            false_per_month: if days > 0.0 { round(false_alarms as f64 / days * DAYS_PER_MONTH) } else { 0.0 },
        }
    }
}

fn hours(from: Timestamp, to: Timestamp) -> f64 {
    to.duration_since(from).as_secs_f64() / SECONDS_PER_HOUR
}

/// The middle one, or the mean of the two in the middle.
fn median(mut numbers: Vec<f64>) -> Option<f64> {
    numbers.sort_by(f64::total_cmp);
    let middle = numbers.len() / 2;
    let upper = numbers.get(middle)?;
    Some(round(if numbers.len() % 2 == 1 { *upper } else { (numbers[middle - 1] + upper) / 2.0 }))
}

fn round(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn medians() {
        assert_eq!(median(vec![]), None);
        assert_eq!(median(vec![3.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), Some(2.5));
    }
}
