//! Spikes: alarms when a series shows more than it can be expected to, at a stated rate of false alarms.

mod alarm;
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
mod rule;
mod scan;
mod series;
#[cfg(test)]
mod tests;
mod watch;
mod window;

pub use alarm::{Alarm, Measure, Reading, Severity};
pub use budget::{BudgetError, FalseAlarmBudget};
pub use cause::{Cause, CauseAuthor, CauseMention, CauseTerm, CauseTopic};
pub use counts::{CountsError, MAX_STEPS, read_counts};
pub use detector::DetectorOptions;
pub use duration::{Length, LengthError};
pub use error::SpikeError;
pub use rule::{MAX_RULES, MAX_SERIES, QuietHours, SpikeRule, SpikeRuleError, SpikeRules};
pub use scan::{ALL_MENTIONS, MAX_CAUSES, Promise, RaisedAlarm, SpikeReport, SpikeRequest, WatchedRule, find_spikes};
pub use series::{Series, Steps, Watch};
pub use watch::{WatchError, WatchState};
