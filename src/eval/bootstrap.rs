//! How far a figure could be off because the texts are these and not others.

use serde::{Serialize, Serializer};

use super::confusion::Confusion;
use super::random::Random;
use super::round;

/// Times that texts are drawn anew.
pub const RESAMPLES: usize = 1_000;
/// Fewer texts than this have no intervals: drawn anew they repeat themselves, and a single text would seem certain.
pub const MIN_TEXTS_FOR_INTERVAL: u64 = 10;

/// Values left out at each end, so that 95 % lie between: the 25th lowest and the 25th highest of 1,000 are the ends.
const LEFT_OUT: usize = RESAMPLES / 40 - 1;

/// A 95 % interval, ends included, four decimals.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

/// Serialized as `[low, high]`.
impl Serialize for Interval {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        [self.low, self.high].serialize(serializer)
    }
}

impl Interval {
    /// True if the value lies in it.
    pub fn contains(&self, value: f64) -> bool {
        (self.low..=self.high).contains(&value)
    }

    fn of(mut values: Vec<f64>) -> Option<Interval> {
        values.sort_by(f64::total_cmp);
        let high = values.len().checked_sub(LEFT_OUT + 1)?;
        Some(Interval { low: round(*values.get(LEFT_OUT)?), high: round(values[high]) })
    }
}

/// The percentile bootstrap (Efron and Tibshirani 1993, "An Introduction to the Bootstrap", ch. 13) of two figures of the
/// same texts; `None` below [`MIN_TEXTS_FOR_INTERVAL`]. `draw` gives both figures of a fresh draw of as many texts.
pub(super) fn bootstrap(texts: u64, mut draw: impl FnMut(&mut Random) -> [f64; 2]) -> Option<[Interval; 2]> {
    if texts < MIN_TEXTS_FOR_INTERVAL {
        return None;
    }
    let mut random = Random::from_fixed_seed();
    let (first, second) = (0..RESAMPLES).map(|_| draw(&mut random).into()).unzip();
    Interval::of(first).zip(Interval::of(second)).map(Into::into)
}

/// Intervals of the accuracy and of the macro-F1; `None`, too, where all texts are right or all are wrong: every draw is
/// the same then, and an interval without width would claim what the texts cannot know.
pub(super) fn score_intervals(confusion: &Confusion) -> Option<[Interval; 2]> {
    if confusion.right() == 0 || confusion.right() == confusion.total() {
        return None;
    }
    bootstrap(confusion.total(), |random| {
        let drawn = confusion.resample(random);
        [drawn.accuracy(), drawn.macro_f1()]
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// Seven in ten are right.
    fn confusion(tens: u64) -> Confusion {
        let mut confusion = Confusion::default();
        for (row, column, count) in [(0, 0, 3), (0, 1, 1), (1, 1, 2), (1, 2, 1), (2, 2, 2), (2, 3, 1)] {
            confusion.add_many(row, column, count * tens);
        }
        confusion
    }

    #[test]
    fn intervals_hold_the_figure_and_narrow_with_the_number_of_texts() {
        let mut width_before = [1.0; 2];
        for tens in [3, 30, 300, 3_000] {
            let confusion = confusion(tens);
            let intervals = score_intervals(&confusion).unwrap();
            for (i, figure) in [confusion.accuracy(), confusion.macro_f1()].into_iter().enumerate() {
                assert!(intervals[i].contains(figure), "{figure} in {:?}", intervals[i]);
                let width = intervals[i].high - intervals[i].low;
                assert!(width < width_before[i] / 2.0, "{width} at {tens} tens");
                width_before[i] = width;
            }
        }
    }

    #[test]
    fn the_accuracy_has_the_interval_that_theory_says() {
        let [accuracy, _] = score_intervals(&confusion(100)).unwrap();
        let half = 1.96 * (0.7f64 * 0.3 / 1_000.0).sqrt();
        assert!((accuracy.low - (0.7 - half)).abs() < 0.005, "{accuracy:?}");
        assert!((accuracy.high - (0.7 + half)).abs() < 0.005, "{accuracy:?}");
    }

    #[test]
    fn few_texts_and_texts_that_are_all_right_have_no_interval() {
        let mut few = Confusion::default();
        few.add_many(0, 1, 1);
        few.add_many(0, 0, MIN_TEXTS_FOR_INTERVAL - 2);
        assert_eq!(score_intervals(&few), None);
        few.add_many(0, 0, 1);
        assert!(score_intervals(&few).is_some());
        let mut all_right = Confusion::default();
        all_right.add_many(0, 0, 1_000);
        assert_eq!(score_intervals(&all_right), None);
    }

    #[test]
    fn the_ends_leave_out_as_many_below_as_above() {
        let values = (1..=RESAMPLES).map(|i| i as f64 / 1_000.0).collect();
        assert_eq!(Interval::of(values), Some(Interval { low: 0.025, high: 0.976 }));
    }
}
