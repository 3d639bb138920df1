//! The false-alarm budget: how often an alarm may be wrong, and what follows for each test.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::distribution::{normal_density, normal_tail};

const SECONDS_PER_DAY: f64 = 86_400.0;
pub(super) const DAYS_PER_MONTH: f64 = 365.25 / 12.0;

/// How many false alarms may be raised in how much time, over everything that is watched together.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FalseAlarmBudget {
    alarms: u32,
    period: Period,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Period {
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

impl Period {
    const ALL: [Period; 5] = [Period::Day, Period::Week, Period::Month, Period::Quarter, Period::Year];

    fn name(self) -> &'static str {
        match self {
            Period::Day => "day",
            Period::Week => "week",
            Period::Month => "month",
            Period::Quarter => "quarter",
            Period::Year => "year",
        }
    }

    fn days(self) -> f64 {
        match self {
            Period::Day => 1.0,
            Period::Week => 7.0,
            Period::Month => DAYS_PER_MONTH,
            Period::Quarter => 365.25 / 4.0,
            Period::Year => 365.25,
        }
    }
}

impl Default for FalseAlarmBudget {
    fn default() -> Self {
        FalseAlarmBudget::DEFAULT
    }
}

impl FalseAlarmBudget {
    /// The promise where none is asked for: two a month.
    pub const DEFAULT: FalseAlarmBudget = FalseAlarmBudget { alarms: 2, period: Period::Month };

    /// Alarms per day.
    pub fn per_day(self) -> f64 {
        f64::from(self.alarms) / self.period.days()
    }

    /// Alarms that may be false in so many seconds.
    pub(super) fn per_seconds(self, seconds: f64) -> f64 {
        self.per_day() * seconds / SECONDS_PER_DAY
    }
}

/// What was written is not a budget.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no false-alarm budget; write 1/day, 1/week, 2/month, 1/quarter or 1/year")]
pub struct BudgetError(String);

impl FromStr for FalseAlarmBudget {
    type Err = BudgetError;

    fn from_str(text: &str) -> Result<FalseAlarmBudget, BudgetError> {
        let refused = || BudgetError(text.to_owned());
        let (alarms, period) = text.split_once('/').ok_or_else(refused)?;
        let alarms: u32 = alarms.trim().parse().map_err(|_| refused())?;
        let period = Period::ALL.into_iter().find(|known| known.name() == period.trim()).ok_or_else(refused)?;
        if alarms == 0 {
            return Err(refused());
        }
        Ok(FalseAlarmBudget { alarms, period })
    }
}

impl fmt::Display for FalseAlarmBudget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.alarms, self.period.name())
    }
}

impl Serialize for FalseAlarmBudget {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for FalseAlarmBudget {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<FalseAlarmBudget, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

/// The threshold of a test that is made at every step on the sum of the last `steps` steps, so that stretches beyond it begin
/// at a rate of `per_step`.
///
/// Sums that overlap pass a threshold together, in clumps. Of normal noise, clumps above u begin at a rate of
/// u·φ(u)·ν(u·√(2/steps)) / steps (Siegmund, Sequential Analysis, 1985, ch. 4; for the correlation 1 − |t|/steps), with
/// ν(x) ≈ (2/x)(Φ(x/2) − 1/2) / ((x/2)Φ(x/2) + φ(x/2)) (Siegmund and Yakir, The Statistics of Gene Mapping, 2007, p. 112).
pub(super) fn threshold(per_step: f64, steps: usize) -> f64 {
    let width = steps as f64;
    let clumps = |u: f64| {
        let x = u * (2.0 / width).sqrt();
        let below = 1.0 - normal_tail(x / 2.0);
        let nu = (2.0 / x) * (below - 0.5) / ((x / 2.0) * below + normal_density(x / 2.0));
        (u * normal_density(u) / width * nu).min(normal_tail(u))
    };
    let (mut low, mut high) = (0.5, 35.0);
    for _ in 0..80 {
        let middle = 0.5 * (low + high);
        if clumps(middle) > per_step { low = middle } else { high = middle }
    }
    normal_tail(0.5 * (low + high))
}

/// What a series may spend beyond its thresholds.
///
/// A test of counts cannot spend all of its threshold: of two mentions in an hour it is 3 %, of three 0.1 %, and nothing in
/// between. Other tests are held back because a window must be unusual for its hour and in general. What is not spent is given
/// to later tests of the same series, so that all of them together spend what was promised.
#[derive(Debug, Clone)]
pub(super) struct Ledger {
    ln_factor: f64,
    /// What tests may spend, in thresholds of each.
    allowance: f64,
    /// Of all tests, by how much a test of one hour moves the factor.
    rate_per_hour: f64,
}

impl Ledger {
    /// How much more than its threshold a test may be given at most.
    const MAX_FACTOR: f64 = 20.0;
    /// A test of a series that spends nothing gains so much of its allowance in an hour, as a logarithm: with four windows, whose
    /// allowance is two, the factor doubles in a day and a half.
    const GAIN_PER_HOUR: f64 = 0.01;

    /// For a series on which so many tests run side by side. They hold the same mentions and raise fewer alarms together than
    /// each for itself: measured are about √`tests` times fewer (`cargo bench --bench spikes -- null`).
    pub fn new(tests: usize) -> Ledger {
        let tests = tests.max(1) as f64;
        Ledger { ln_factor: 0.0, allowance: tests.sqrt(), rate_per_hour: Ledger::GAIN_PER_HOUR / tests }
    }

    /// What every threshold is multiplied with.
    pub fn factor(&self) -> f64 {
        self.ln_factor.exp()
    }

    /// Books a test of a window of so many hours, which spent so much of its threshold.
    pub fn book(&mut self, hours: f64, spent: f64) {
        let gain = self.rate_per_hour * hours * (self.allowance - spent.min(Ledger::MAX_FACTOR));
        self.ln_factor = (self.ln_factor + gain).clamp(0.0, Ledger::MAX_FACTOR.ln());
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn budgets_are_read_and_written() {
        for text in ["1/day", "2/month", "1/quarter"] {
            assert_eq!(text.parse::<FalseAlarmBudget>().unwrap().to_string(), text);
        }
        let month: FalseAlarmBudget = "2/month".parse().unwrap();
        assert_eq!(month, FalseAlarmBudget::DEFAULT);
        assert!((month.per_seconds(365.25 * 86_400.0) - 24.0).abs() < 1e-9);
        for text in ["", "1", "0/day", "-1/day", "1/fortnight", "many/day"] {
            assert!(text.parse::<FalseAlarmBudget>().is_err(), "{text}");
        }
    }

    #[test]
    fn overlapping_windows_share_a_threshold() {
        let (alone, overlapping) = (threshold(1e-4, 1), threshold(1e-4, 100));
        assert!((alone - 1e-4).abs() < 0.4e-4, "{alone}");
        assert!(
            overlapping > 3.0 * alone,
            "windows that overlap pass together, so each may pass more often: {overlapping}"
        );
        assert!(threshold(1e-6, 12) < threshold(1e-4, 12));
    }

    #[test]
    fn the_ledger_gives_back_what_was_not_spent() {
        let mut ledger = Ledger::new(1);
        (0..1_000).for_each(|_| ledger.book(1.0, 0.0));
        assert!((ledger.factor() - Ledger::MAX_FACTOR).abs() < 1e-9);
        (0..1_000).for_each(|_| ledger.book(1.0, 5.0));
        assert_eq!(ledger.factor(), 1.0);
    }
}
