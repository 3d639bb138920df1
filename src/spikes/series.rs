//! Series of counts in steps of equal length, and the alarms that they raise.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::alarm::{Alarm, Measure, Severity};
use super::baseline::Quantity;
use super::detector::{Detector, DetectorOptions};
use super::episode::Episodes;
use super::window::{Question, Step};

const SECONDS_PER_HOUR: i64 = 3_600;
const SECONDS_PER_WEEK: i64 = 7 * 24 * SECONDS_PER_HOUR;
/// 1970 began on a Thursday.
const SECONDS_FROM_MONDAY_TO_EPOCH: i64 = 3 * 24 * SECONDS_PER_HOUR;

/// Steps of equal length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Steps {
    /// Where the first one begins, in seconds since 1970.
    pub start: i64,
    /// How long each is.
    pub seconds: u32,
    /// How many there are.
    pub count: usize,
}

impl Steps {
    /// Where a step begins; the first is 0.
    pub fn start_of(&self, step: usize) -> Timestamp {
        let second = self.start.saturating_add(i64::from(self.seconds).saturating_mul(step as i64));
        Timestamp::from_second(second).unwrap_or(Timestamp::MAX)
    }

    /// Hours since Monday, midnight, of the middle of each step, as the clock of a zone shows it.
    pub fn hours_of_week(&self, zone: &TimeZone) -> Vec<f64> {
        let hour = |step: usize| {
            let start = self.start_of(step);
            let middle = start.as_second() + i64::from(self.seconds) / 2;
            let local = middle + i64::from(zone.to_offset(start).seconds()) + SECONDS_FROM_MONDAY_TO_EPOCH;
            local.rem_euclid(SECONDS_PER_WEEK) as f64 / SECONDS_PER_HOUR as f64
        };
        (0..self.count).map(hour).collect()
    }
}

/// Mentions over time.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// What it is of: the value of a field, the name of a file.
    pub name: String,
    /// By step, in order: how many mentions there are, how many of them have a sentiment, and how many a negative one. Steps
    /// that are not named have none.
    pub counts: Vec<(u32, [u32; 3])>,
}

/// A measure of many series, watched under one budget.
#[derive(Debug, Clone)]
pub struct Watch<'a> {
    /// Name of the rule, a part of the ids of alarms.
    pub rule: &'a str,
    /// How series are watched.
    pub options: &'a DetectorOptions,
    /// The steps of all series.
    pub steps: Steps,
    /// Of each step, as [`Steps::hours_of_week`] gives them.
    pub hours_of_week: &'a [f64],
    /// Where a reading is known: at the beginning of the step that completes it, as in ready-made counts, or at its end.
    pub is_known_at_end: bool,
    /// How many series and measures share the budget.
    pub tests: usize,
    /// What is less severe is no alarm.
    pub min_severity: Severity,
}

impl Watch<'_> {
    /// The alarms of one measure of a series, in the order of time. Each depends on what was before it only.
    pub fn alarms(&self, series: &Series, measure: Measure) -> Vec<Alarm> {
        let mut detector = self.detector(measure);
        let mut episodes = Episodes::new(self, &series.name, measure);
        for (number, step) in self.steps_of(series, measure) {
            episodes.push(number, detector.push(step));
        }
        episodes.finish()
    }

    pub(super) fn detector(&self, measure: Measure) -> Detector {
        let (question, quantity) = match measure {
            Measure::Volume | Measure::Negative => (Question::TooMuch, Quantity::Count),
            Measure::NegativeShare => (Question::TooMuch, Quantity::Share),
            Measure::Silence => (Question::Nothing, Quantity::Count),
        };
        Detector::new(self.options, question, quantity, self.steps.seconds, self.tests)
    }

    /// The steps of a series from its first mention on: before it, a series is not silent, it is not there.
    pub(super) fn steps_of(&self, series: &Series, measure: Measure) -> impl Iterator<Item = (usize, Step)> {
        let mut counts = series.counts.iter().peekable();
        let first = series.counts.first().map_or(self.steps.count, |(step, _)| *step as usize);
        self.hours_of_week.iter().enumerate().skip(first).map(move |(number, &hour_of_week)| {
            let [mentions, scored, negative] =
                counts.next_if(|(step, _)| *step as usize == number).map_or([0; 3], |(_, counts)| *counts);
            let (value, exposure) = match measure {
                Measure::Volume | Measure::Silence => (mentions, 1),
                Measure::Negative => (negative, 1),
                Measure::NegativeShare => (negative, scored),
            };
            (number, Step { value: value.into(), exposure: exposure.into(), hour_of_week })
        })
    }
}
