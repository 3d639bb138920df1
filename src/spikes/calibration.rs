//! Probabilities held to what a series has really done.
//!
//! A model of a series is never quite right: one that bursts every evening passes its thresholds more often than the model
//! thinks. How often windows passed a mild threshold, and how far beyond it they went, is compared with what was expected,
//! and probabilities beyond it are corrected by both: excesses over a high threshold, on the logarithmic scale on which they
//! are exponential if the model is right (Pickands, Annals of Statistics 3, 1975; Siffer et al., SPOT, KDD 2017). How fast
//! they fall off is not known but estimated from few, so that the farther a window is beyond what has been seen, the less it
//! counts: the predictive distribution of an exponential one whose rate has a gamma distribution (Gelman et al., Bayesian Data
//! Analysis, 3rd ed., section 2.6), which is Lomax's.

/// Windows less likely than this are counted.
pub(super) const MILD: f64 = 0.02;

/// How a series goes beyond a mild threshold.
#[derive(Debug, Clone)]
pub(super) struct TailCalibration {
    /// What is kept of older windows at each window.
    retention: f64,
    /// Passages that were expected, and that were seen.
    expected: f64,
    seen: f64,
    /// By how much the windows went beyond, in all, as logarithms.
    excess: f64,
}

impl TailCalibration {
    /// Passages that are taken to have been as expected before the first window.
    const PRIOR_PASSAGES: f64 = 2.0;
    /// Excesses that are taken to have been as expected before the first one.
    const PRIOR_EXCESSES: f64 = 10.0;
    /// A series is believed to be this much calmer than its model, and no more.
    const CALMEST: f64 = 0.5;

    /// For windows of which so much is kept at each further one.
    pub fn new(retention: f64) -> TailCalibration {
        TailCalibration { retention, expected: 0.0, seen: 0.0, excess: 0.0 }
    }

    /// How many times as often as expected mild thresholds are passed.
    pub fn rate(&self) -> f64 {
        ((self.seen + Self::PRIOR_PASSAGES) / (self.expected + Self::PRIOR_PASSAGES)).max(Self::CALMEST)
    }

    /// How many excesses are known, and their sum.
    fn excesses(&self) -> (f64, f64) {
        let known = self.seen + Self::PRIOR_EXCESSES;
        (known, (self.excess + Self::PRIOR_EXCESSES).max(Self::CALMEST * known))
    }

    /// The probability that a series like this one gives what a model gives `p`.
    pub fn adjust(&self, p: f64) -> f64 {
        let rate = self.rate();
        if p >= MILD {
            return (p * rate).min(1.0);
        }
        let (known, sum) = self.excesses();
        (rate * MILD * (1.0 + (MILD / p).ln() / sum).powf(-known)).min(1.0)
    }

    /// What the model must give for [`adjust`](Self::adjust) to give `p`.
    pub fn invert(&self, p: f64) -> f64 {
        let rate = self.rate();
        if p >= rate * MILD {
            return p / rate;
        }
        let (known, sum) = self.excesses();
        MILD * (sum * (1.0 - (rate * MILD / p).powf(1.0 / known))).exp()
    }

    /// Counts a window. `mild` is the model's probability of the least value that counts as mild; where the window's value does,
    /// `beyond` are those of its value or more, and of more than it, which count for no less than `least`: what is an alarm
    /// says nothing of how the series usually behaves.
    pub fn count(&mut self, mild: f64, beyond: Option<(f64, f64)>, least: f64) {
        for sum in [&mut self.expected, &mut self.seen, &mut self.excess] {
            *sum *= self.retention;
        }
        self.expected += mild;
        if let Some((p, p_of_more)) = beyond.filter(|_| mild > 0.0) {
            self.seen += 1.0;
            self.excess += (mild.ln() - mean_logarithm(p_of_more.max(least), p.max(least))).max(0.0);
        }
    }
}

/// The mean of the logarithms of the numbers between two. A count stands for all probabilities between its own and the next
/// one's: so the excesses of a right model are 1 on average, however few counts there are.
fn mean_logarithm(low: f64, high: f64) -> f64 {
    if high - low <= 1e-9 * high {
        return high.ln();
    }
    (high * high.ln() - low * low.ln()) / (high - low) - 1.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_seen_is_believed_more_than_what_is_far_beyond() {
        let new = TailCalibration::new(1.0);
        assert!((new.adjust(0.5) - 0.5).abs() < 1e-9 && (new.adjust(MILD) - MILD).abs() < 1e-9);
        let doubt = |calibration: &TailCalibration, p: f64| calibration.adjust(p) / p;
        assert!(doubt(&new, 1e-3) < 1.6 && doubt(&new, 1e-7) > 50.0, "{} {}", doubt(&new, 1e-3), doubt(&new, 1e-7));
        let mut known = TailCalibration::new(1.0);
        for window in 0..200_000 {
            // As a model says that is right: 1 in 50 beyond the mild threshold, their logarithms spread evenly.
            let p = if window % 50 == 0 { MILD * (f64::from(window / 50 % 100) + 0.5) / 100.0 } else { 0.5 };
            known.count(MILD, (p <= MILD).then_some((p, p)), 0.0);
        }
        assert!((0.95..1.1).contains(&doubt(&known, 1e-7)), "{}", doubt(&known, 1e-7));
    }

    #[test]
    fn a_bursty_series_needs_more() {
        let mut calibration = TailCalibration::new(0.999);
        for window in 0..1_000 {
            let p = if window % 10 == 0 { 1e-5 } else { 0.5 };
            calibration.count(MILD, (p <= MILD).then_some((p, p)), 1e-6);
        }
        assert!(calibration.rate() > 3.0);
        assert!(calibration.adjust(1e-5) > 5e-3, "{}", calibration.adjust(1e-5));
        for p in [0.3, 1e-2, 1e-4] {
            assert!((calibration.adjust(calibration.invert(p)) / p - 1.0).abs() < 1e-9);
        }
    }

    #[test]
    fn a_count_stands_for_all_probabilities_up_to_the_next() {
        // A geometric count of which half lie above each: its probabilities are halves of halves.
        let mut calibration = TailCalibration::new(1.0);
        let mild = 1.0 / 64.0;
        for count in 0..20 {
            let p = mild * 0.5f64.powi(count);
            for _ in 0..1 << (19 - count) {
                calibration.count(mild, Some((p, p / 2.0)), 0.0);
            }
        }
        assert!(
            (calibration.excess / calibration.seen - 1.0).abs() < 1e-3,
            "{}",
            calibration.excess / calibration.seen
        );
    }

    #[test]
    fn a_calm_series_is_believed_within_bounds() {
        let mut calibration = TailCalibration::new(1.0);
        (0..100_000).for_each(|_| calibration.count(MILD, None, 1e-6));
        assert_eq!(calibration.rate(), TailCalibration::CALMEST);
        assert!(calibration.adjust(5e-3) < 4e-3, "{}", calibration.adjust(5e-3));
    }
}
