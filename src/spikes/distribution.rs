//! The distributions that counts and shares are held against.
//!
//! Mentions come in bursts, so their counts vary more than Poisson's: a negative binomial has one more number for that.
//! Negative mentions among scored ones vary more than a binomial's, and have a beta-binomial.

use statrs::function::beta::checked_beta_reg;
use statrs::function::erf::erfc;
use statrs::function::gamma::ln_gamma;

/// Most halvings when a quantile is looked for.
const MAX_HALVINGS: usize = 64;
/// Terms of a sum below this share of it are left out.
const NEGLIGIBLE: f64 = 1e-14;

/// What a window is expected to hold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Forecast {
    /// A count.
    Count(NegativeBinomial),
    /// So many of a number of trials.
    Share(BetaBinomial),
}

impl Forecast {
    /// The expected value.
    pub fn mean(&self) -> f64 {
        match self {
            Forecast::Count(count) => count.mean,
            Forecast::Share(share) => share.mean(),
        }
    }

    /// How likely so much or more is.
    pub fn upper_tail(&self, value: f64) -> f64 {
        match self {
            Forecast::Count(count) => count.upper_tail(value),
            Forecast::Share(share) => share.upper_tail(value),
        }
    }

    /// The logarithm of how likely exactly so much is.
    pub fn ln_probability(&self, value: f64) -> f64 {
        match self {
            Forecast::Count(count) => count.ln_probability(value),
            Forecast::Share(share) => share.ln_probability(value),
        }
    }

    /// The least whole number above the expected one for which `is_rare` holds; it must hold for all that follow. Of a share,
    /// one more than its trials where it holds for none. It is looked for from `near` on, first close by.
    pub fn least(&self, near: f64, is_rare: impl Fn(f64) -> bool) -> f64 {
        let expected = self.mean().floor();
        let most = match self {
            Forecast::Count(_) => f64::MAX,
            Forecast::Share(share) => share.trials + 1.0,
        };
        let near = near.floor().min(most).max(expected + 1.0);
        let (mut low, mut high, mut step) = (near, near, 1.0);
        if near >= most || is_rare(near) {
            low = near - step;
            while low > expected && is_rare(low) {
                high = low;
                step *= 2.0;
                low = (high - step).max(expected);
            }
        } else {
            high = (near + step).min(most);
            while high < most && !is_rare(high) {
                low = high;
                step *= 2.0;
                high = (high + step).min(most);
            }
        }
        for _ in 0..MAX_HALVINGS {
            if high - low <= 1.0 {
                break;
            }
            let middle = ((low + high) / 2.0).floor();
            if is_rare(middle) { high = middle } else { low = middle }
        }
        high
    }
}

/// Counts with a mean, and a variance of mean + mean² / size.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct NegativeBinomial {
    /// The expected count, above 0.
    pub mean: f64,
    /// The smaller, the more the counts vary; above 0.
    pub size: f64,
}

impl NegativeBinomial {
    /// P(X ≥ `count`): the regularised incomplete beta function I_p(count, size) with p = mean / (mean + size).
    pub fn upper_tail(&self, count: f64) -> f64 {
        if count <= 0.0 {
            return 1.0;
        }
        checked_beta_reg(count, self.size, self.mean / (self.mean + self.size)).unwrap_or(1.0)
    }

    /// ln P(X = `count`).
    pub fn ln_probability(&self, count: f64) -> f64 {
        let NegativeBinomial { mean, size } = *self;
        ln_gamma(count + size) - ln_gamma(size) - ln_gamma(count + 1.0)
            + size * (size / (size + mean)).ln()
            + count * (mean / (size + mean)).ln()
    }
}

/// How many of `trials` are hits, where the chance of a hit varies around `share`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct BetaBinomial {
    /// Number of trials, whole.
    pub trials: f64,
    /// Expected share of hits, between 0 and 1 and neither.
    pub share: f64,
    /// α + β of the beta distribution: the smaller, the more the share varies.
    pub weight: f64,
}

impl BetaBinomial {
    fn mean(&self) -> f64 {
        self.trials * self.share
    }

    /// P(X ≥ `hits`), summed from there on.
    pub fn upper_tail(&self, hits: f64) -> f64 {
        if hits <= 0.0 {
            return 1.0;
        }
        if hits > self.trials {
            return 0.0;
        }
        let (alpha, beta) = (self.share * self.weight, (1.0 - self.share) * self.weight);
        let mut probability = self.ln_probability(hits).exp();
        let mut sum = 0.0;
        let mut at = hits;
        loop {
            sum += probability;
            if at >= self.trials || probability < sum * NEGLIGIBLE {
                return sum.min(1.0);
            }
            probability *= (self.trials - at) * (alpha + at) / ((at + 1.0) * (beta + self.trials - at - 1.0));
            at += 1.0;
        }
    }

    /// ln P(X = `hits`).
    pub fn ln_probability(&self, hits: f64) -> f64 {
        let (alpha, beta) = (self.share * self.weight, (1.0 - self.share) * self.weight);
        let ln_beta = |a: f64, b: f64| ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b);
        let ln_choices = ln_gamma(self.trials + 1.0) - ln_gamma(hits + 1.0) - ln_gamma(self.trials - hits + 1.0);
        ln_choices + ln_beta(alpha + hits, beta + self.trials - hits) - ln_beta(alpha, beta)
    }
}

/// The density of the standard normal distribution.
pub(super) fn normal_density(z: f64) -> f64 {
    (-0.5 * z * z).exp() / (2.0 * std::f64::consts::PI).sqrt()
}

/// How likely a standard normal number is `z` or more.
pub(super) fn normal_tail(z: f64) -> f64 {
    0.5 * erfc(z / std::f64::consts::SQRT_2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_close(a: f64, b: f64) {
        assert!((a - b).abs() <= 1e-9 * a.abs().max(b.abs()), "{a} and {b}");
    }

    /// The tail is the sum of what it is the tail of, and stays exact where it is tiny.
    #[test]
    fn tails_are_sums() {
        let count = NegativeBinomial { mean: 3.5, size: 2.0 };
        for from in [1.0, 4.0, 20.0, 60.0] {
            let sum: f64 = (0..400).map(|n| count.ln_probability(from + f64::from(n)).exp()).sum();
            assert_close(count.upper_tail(from), sum);
        }
        let share = BetaBinomial { trials: 50.0, share: 0.3, weight: 20.0 };
        for from in [1, 15, 40, 50] {
            let sum: f64 = (from..=50).map(|n| share.ln_probability(f64::from(n)).exp()).sum();
            assert_close(share.upper_tail(f64::from(from)), sum);
        }
        assert_eq!((share.upper_tail(0.0), share.upper_tail(51.0)), (1.0, 0.0));
    }

    /// R: pnbinom(19, size = 2, mu = 3.5, lower.tail = FALSE), and 1 - pnorm(3).
    #[test]
    fn tails_agree_with_known_values() {
        // A negative binomial of size 1 is geometric: P(X ≥ k) = p^k.
        assert_close(NegativeBinomial { mean: 4.0, size: 1.0 }.upper_tail(10.0), 0.8f64.powi(10));
        // Of size 2: (1 − p)·(k + 1)·p^k + p^(k + 1) summed, P(X ≥ k) = p^k·(1 + k·(1 − p)).
        assert_close(NegativeBinomial { mean: 2.0, size: 2.0 }.upper_tail(6.0), 0.5f64.powi(6) * 4.0);
        assert!((normal_tail(3.0) - 1.349_898e-3).abs() < 1e-9);
    }

    #[test]
    fn the_least_rare_value_is_the_first() {
        let forecasts = [
            Forecast::Count(NegativeBinomial { mean: 0.2, size: 5.0 }),
            Forecast::Count(NegativeBinomial { mean: 700.0, size: 3.0 }),
            Forecast::Share(BetaBinomial { trials: 40.0, share: 0.2, weight: 100.0 }),
        ];
        for forecast in forecasts {
            for near in [0.0, 7.0, 39.0, 2_000.0, 1e9] {
                let least = forecast.least(near, |value| forecast.upper_tail(value) <= 1e-3);
                let is_first = forecast.upper_tail(least) <= 1e-3 && forecast.upper_tail(least - 1.0) > 1e-3;
                assert!(is_first, "{forecast:?}, near {near}: {least}");
            }
        }
        let never = Forecast::Share(BetaBinomial { trials: 3.0, share: 0.5, weight: 10.0 });
        assert_eq!([0.0, 3.0, 9.0].map(|near| never.least(near, |value| never.upper_tail(value) <= 1e-6)), [4.0; 3]);
    }
}
