//! Alarms: what was seen, what was expected, and how sure that is not chance.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// What of a series is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// How many mentions there are.
    Volume,
    /// How many negative ones.
    Negative,
    /// How many of the scored ones are negative.
    NegativeShare,
    /// That there are none, where there should be some: a feed that has died, or is late.
    Silence,
}

impl Measure {
    /// All of them.
    pub const ALL: [Measure; 4] = [Measure::Volume, Measure::Negative, Measure::NegativeShare, Measure::Silence];

    /// Its name in requests and reports.
    pub fn name(self) -> &'static str {
        match self {
            Measure::Volume => "volume",
            Measure::Negative => "negative",
            Measure::NegativeShare => "negative_share",
            Measure::Silence => "silence",
        }
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How far beyond its threshold an alarm is: by chance, one as strong comes ten or a thousand times as seldom as the budget
/// allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Beyond its threshold.
    Low,
    /// Ten times less likely than it.
    Medium,
    /// A thousand times less likely.
    High,
}

impl Severity {
    /// The severity of a probability that is so many times its threshold.
    pub(super) fn of(ratio: f64) -> Severity {
        match ratio {
            ratio if ratio < 1e-3 => Severity::High,
            ratio if ratio < 1e-1 => Severity::Medium,
            _ => Severity::Low,
        }
    }

    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
        }
    }
}

/// What a window showed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// When it was known: the time of the step that completed the window.
    pub time: Timestamp,
    /// Where the window begins.
    pub start: Timestamp,
    /// Mentions in it: all, or the negative ones, according to the measure.
    pub value: u64,
    /// Mentions expected in it.
    pub expected: f64,
    /// For a share, the mentions that it is a share of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scored: Option<u64>,
    /// How likely so much or more (for a silence: nothing at all) is in a window of this length of a series like this one.
    pub p: f64,
    /// How often chance alone would raise an alarm as strong as this, over everything watched: once in so many days.
    pub once_in_days: f64,
    /// For a count, by how many times the value is more than expected; for a share, by how many points (0 to 100) it is.
    pub effect: f64,
    /// How severe that is.
    pub severity: Severity,
}

impl Reading {
    /// Of less than this, a count is told to be hardly any, and how many times as much there is says nothing.
    const HARDLY_ANY: f64 = 0.1;

    /// What was expected of a count, in words, and how far beyond it this is.
    pub fn expectation(&self) -> String {
        if self.expected < Reading::HARDLY_ANY {
            return "hardly any expected".to_owned();
        }
        format!("{:.1} expected ({:.1}×)", self.expected, self.effect)
    }
}

/// An episode in which a series showed what it should not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Alarm {
    /// The value of the field that the series is of; `all` where it is of no field.
    pub series: String,
    /// What it showed first; the alarm is raised with this.
    #[serde(flatten)]
    pub first: Reading,
    /// Tells this alarm from all others, on every run.
    pub id: String,
    /// What was watched.
    pub measure: Measure,
    /// What it showed at its most unlikely.
    pub peak: Reading,
    /// The last time at which it was still unusual.
    pub last: Timestamp,
    /// When it was over; absent while it lasts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed: Option<Timestamp>,
    /// The alarm that this one goes on with, where the series did not calm down between them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub continues: Option<String>,
}

impl Alarm {
    /// The id of an alarm of this rule, series and measure that was raised at this time.
    pub(super) fn id_of(rule: &str, series: &str, measure: Measure, time: Timestamp) -> String {
        let mut hash = Sha256::new();
        for part in [rule, series, measure.name(), &time.as_second().to_string()] {
            hash.update(part.as_bytes());
            hash.update([0]);
        }
        hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }
}
