//! Spikes: alarms when a series shows more than it can be expected to, at a stated rate of false alarms.

mod alarm;
mod backtest;
mod baseline;
mod budget;
mod calibration;
mod cause;
mod counts;
mod detector;
mod distribution;
mod duration;
mod episode;
mod error;
mod events;
mod rule;
mod scan;
mod series;
mod table;
#[cfg(test)]
mod tests;
mod trace;
mod watch;
mod window;

pub use alarm::{Alarm, Measure, Reading, Severity};
pub use backtest::{Backtest, BacktestRequest, BudgetTrial, EventTrial, backtest};
pub use budget::{BudgetError, FalseAlarmBudget};
pub use cause::{Cause, CauseAuthor, CauseMention, CauseTerm, CauseTopic};
pub use counts::{CountsError, MAX_STEPS, parse_counts, read_counts};
pub use detector::DetectorOptions;
pub use duration::{Length, LengthError};
pub use error::SpikeError;
pub use events::{EventsError, KnownEvent, parse_events, read_events};
pub use rule::{
    MAX_RULE_FILE_BYTES, MAX_RULES, MAX_SERIES, QuietHours, RELATIVE_TIME, SpikeRule, SpikeRuleError, SpikeRules,
};
pub use scan::{
    ALL_MENTIONS, MAX_CAUSES, Promise, RaisedAlarm, SpikeReport, SpikeRequest, WatchedRule, find_cause, find_spikes,
};
pub use series::{Series, Steps, Watch};
pub use trace::{LIMIT_PROBABILITY, TRACE_DAYS, Trace, TracePoint, Traces, trace_alarms};
pub use watch::{WatchError, WatchState};
