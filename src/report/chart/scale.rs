//! The axis of values: tidy steps, and numbers as they are written on it.

use super::super::table::number;
use super::Unit;

/// Ranges narrower than this are drawn as if they were one unit wide.
const MIN_RANGE: f64 = 1e-9;
/// Most decimals of a number.
const MAX_DECIMALS: usize = 6;

/// The marks of an axis: multiples of a step of 1, 2 or 5 times a power of ten.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Scale {
    step: f64,
    /// The lowest and the highest mark, in steps from zero.
    first: i64,
    last: i64,
}

impl Scale {
    /// The axis from the mark at or below `low` to the one at or above `high`, with about `marks` steps. `whole` for
    /// values between which there is nothing.
    pub fn covering(low: f64, high: f64, marks: usize, whole: bool) -> Scale {
        let high = if high - low < MIN_RANGE { low + 1.0 } else { high };
        let step = tidy_step((high - low) / marks.max(1) as f64);
        let step = if whole { step.max(1.0) } else { step };
        // An end that is a multiple but for rounding is that multiple.
        let slack = 1e-9;
        Scale { step, first: (low / step + slack).floor() as i64, last: (high / step - slack).ceil() as i64 }
    }

    /// The axis of shares.
    pub fn shares() -> Scale {
        Scale { step: 0.25, first: 0, last: 4 }
    }

    /// The axis of these values, and of zero.
    pub fn of(values: impl Iterator<Item = f64>, unit: Unit) -> Scale {
        let (mut low, mut high, mut whole) = (0.0f64, 0.0f64, unit == Unit::Number);
        for value in values {
            (low, high) = (low.min(value), high.max(value));
            whole &= value.fract() == 0.0;
        }
        Scale::covering(low, high, 6, whole)
    }

    pub fn marks(self) -> impl Iterator<Item = f64> {
        (self.first..=self.last).map(move |i| i as f64 * self.step)
    }

    /// Where a value lies: 0 at the lowest mark, 1 at the highest.
    pub fn place(self, value: f64) -> f64 {
        let (low, high) = (self.first as f64 * self.step, self.last as f64 * self.step);
        ((value - low) / (high - low)).clamp(0.0, 1.0)
    }

    /// A mark as it is written.
    pub fn label(self, mark: f64, unit: Unit) -> String {
        let step = if unit == Unit::Percent { self.step * 100.0 } else { self.step };
        let decimals = (-(step * (1.0 + 1e-9)).log10().floor()).clamp(0.0, MAX_DECIMALS as f64) as usize;
        written(mark, unit, decimals)
    }
}

/// The least of 1, 2 and 5 times a power of ten that is not below `least`.
fn tidy_step(least: f64) -> f64 {
    let power = 10f64.powf(least.log10().floor());
    [1.0, 2.0, 5.0]
        .into_iter()
        .map(|digit| digit * power)
        .find(|step| *step >= least * (1.0 - 1e-9))
        .unwrap_or(10.0 * power)
}

/// A number with its thousands apart and a minus that is as wide as a plus.
pub(super) fn written(value: f64, unit: Unit, decimals: usize) -> String {
    let (value, sign) = match unit {
        Unit::Number => (value, ""),
        Unit::Percent => (value * 100.0, " %"),
    };
    let digits = format!("{:.decimals$}", value.abs());
    let (whole, fraction) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
    let is_zero = digits.bytes().all(|c| matches!(c, b'0' | b'.'));
    let minus = if value < 0.0 && !is_zero { "−" } else { "" };
    let whole = whole.parse().map_or_else(|_| whole.to_owned(), number);
    format!("{minus}{whole}{fraction}{sign}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_tidy() {
        let cases = [
            ((0.0, 7.0), true, Unit::Number, "0 2 4 6 8"),
            ((0.0, 1.0), true, Unit::Number, "0 1"),
            ((0.0, 0.0), true, Unit::Number, "0 1"),
            ((0.0, 0.0), false, Unit::Number, "0.0 0.2 0.4 0.6 0.8 1.0"),
            ((0.0, 3.0), true, Unit::Number, "0 1 2 3"),
            ((0.0, 100.0), true, Unit::Number, "0 20 40 60 80 100"),
            ((0.0, 101.0), true, Unit::Number, "0 50 100 150"),
            ((0.0, 11_870_000.0), true, Unit::Number, "0 5,000,000 10,000,000 15,000,000"),
            ((-0.34, 0.21), false, Unit::Number, "−0.4 −0.2 0.0 0.2 0.4"),
            ((-120.0, 0.0), true, Unit::Number, "−150 −100 −50 0"),
            ((0.0, 0.031), false, Unit::Percent, "0 % 1 % 2 % 3 % 4 %"),
            ((0.0, 0.004), false, Unit::Percent, "0.0 % 0.1 % 0.2 % 0.3 % 0.4 %"),
            ((0.0, 0.3), false, Unit::Percent, "0 % 10 % 20 % 30 %"),
        ];
        for ((low, high), whole, unit, expected) in cases {
            let scale = Scale::covering(low, high, 5, whole);
            let labels: Vec<String> = scale.marks().map(|mark| scale.label(mark, unit)).collect();
            assert_eq!(labels.join(" "), expected, "{low} to {high}");
        }
    }

    #[test]
    fn axes_hold_their_values_and_few_marks() {
        for exponent in -12..=15 {
            for high in [1.0, 1.9, 3.3, 4.99, 7.0, 9.99].map(|digit| digit * 10f64.powi(exponent)) {
                let scale = Scale::of([high, -high / 3.0].into_iter(), Unit::Number);
                let marks: Vec<f64> = scale.marks().collect();
                assert!((2..=9).contains(&marks.len()), "{high}: {marks:?}");
                assert!(marks[0] <= -high / 3.0 * 0.999 || high < MIN_RANGE);
                assert!(marks[marks.len() - 1] >= high * 0.999 || high < MIN_RANGE, "{high}: {marks:?}");
                assert!((0.0..=1.0).contains(&scale.place(high)));
            }
        }
    }
}
