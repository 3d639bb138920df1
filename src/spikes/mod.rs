//! Spikes: alarms when a series shows more than it can be expected to, at a stated rate of false alarms.

mod alarm;
mod baseline;
mod budget;
mod calibration;
mod counts;
mod detector;
mod distribution;
mod episode;
mod series;
mod window;

pub use alarm::{Alarm, Measure, Reading, Severity};
pub use budget::{BudgetError, FalseAlarmBudget};
pub use counts::{CountsError, MAX_STEPS, read_counts};
pub use detector::DetectorOptions;
pub use series::{Series, Steps, Watch};
