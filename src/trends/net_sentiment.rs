//! Net sentiment: the share of positive mentions less that of negative ones, and how sure it is.

use serde::Serialize;

use super::figures::round;

/// The 97.5 % point of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// Net sentiment of the scored mentions of a slice, −1 (all negative) to 1 (all positive).
///
/// The 95 % interval is that of Bonett and Price, Adjusted Wald confidence interval for a difference of binomial
/// proportions based on paired data (Journal of Educational and Behavioral Statistics 37, 2012), for the difference of
/// two shares of one sample: one mention is added to the positive and one to the negative ones, so that it is never
/// empty, and holds where shares are 0 or 1. Over all shares it holds the true value in 95.5 % of samples of 50 mentions and 98 %
/// of samples of 3; for the worst shares, in 89 % of samples of 10 and 93 % of samples of 50. It says what would be found in other mentions
/// of the same kind; the counts themselves are exact.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct NetSentiment {
    /// Mentions with a sentiment.
    pub scored: u64,
    /// Negative ones.
    pub negative: u64,
    /// Positive ones.
    pub positive: u64,
    /// (positive − negative) / scored, four decimals; `None` where nothing is scored.
    pub value: Option<f64>,
    /// Lower end of the interval.
    pub low: Option<f64>,
    /// Upper end of the interval.
    pub high: Option<f64>,
}

impl NetSentiment {
    /// Of so many mentions of each label, in the order of [`crate::mention::Label::ALL`].
    pub(super) fn of([negative, neutral, positive]: [u64; 3]) -> NetSentiment {
        let scored = negative + neutral + positive;
        let counted = NetSentiment { scored, negative, positive, value: None, low: None, high: None };
        if scored == 0 {
            return counted;
        }
        let value = (positive as f64 - negative as f64) / scored as f64;
        let (low, high) = interval(positive as f64, negative as f64, scored as f64);
        NetSentiment { value: Some(round(value)), low: Some(round(low)), high: Some(round(high)), ..counted }
    }
}

/// Bonett and Price (2012), the interval with Laplace estimates.
fn interval(positive: f64, negative: f64, scored: f64) -> (f64, f64) {
    let n = scored + 2.0;
    let (p, q) = ((positive + 1.0) / n, (negative + 1.0) / n);
    let half = Z * ((p + q - (p - q).powi(2)) / n).sqrt();
    ((p - q - half).max(-1.0), (p - q + half).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        let net = NetSentiment::of([30, 50, 20]);
        // p = 21/102, q = 31/102: −0.09804 ∓ 1.95996 · √((0.50980 − 0.00961) / 102).
        assert_eq!((net.value, net.low, net.high), (Some(-0.1), Some(-0.2353), Some(0.0392)));
        assert_eq!(NetSentiment::of([0, 0, 0]).value, None);
        let one = NetSentiment::of([1, 0, 0]);
        assert!(one.low == Some(-1.0) && one.high > Some(0.4), "{one:?}");
        let all = NetSentiment::of([0, 0, 1_000]);
        assert!(all.high == Some(1.0) && all.low > Some(0.99), "{all:?}");
    }

    /// How often the interval holds the true value, by going through every outcome of `n` mentions.
    fn coverage(n: u32, positive: f64, negative: f64) -> f64 {
        let log_factorials: Vec<f64> = (0..=n)
            .scan(0.0, |sum, k| {
                *sum += f64::from(k.max(1)).ln();
                Some(*sum)
            })
            .collect();
        let log_factorial = |k: u32| log_factorials[k as usize];
        let power = |share: f64, k: u32| if k == 0 { 0.0 } else { f64::from(k) * share.ln() };
        let mut covered = 0.0;
        for p in 0..=n {
            for q in 0..=n - p {
                let (low, high) = interval(f64::from(p), f64::from(q), f64::from(n));
                if !(low..=high).contains(&(positive - negative)) {
                    continue;
                }
                let rest = n - p - q;
                let ways = log_factorial(n) - log_factorial(p) - log_factorial(q) - log_factorial(rest);
                let neutral = (1.0 - positive - negative).max(0.0);
                covered += (ways + power(positive, p) + power(negative, q) + power(neutral, rest)).exp();
            }
        }
        covered
    }

    #[test]
    fn the_interval_holds_what_it_promises() {
        let mut sum = 0.0;
        let mut cases = 0;
        for n in [3, 5, 10, 20, 50, 100] {
            for positive in 0..=10 {
                for negative in 0..=10 - positive {
                    let covered = coverage(n, f64::from(positive) / 10.0, f64::from(negative) / 10.0);
                    assert!(covered >= 0.89, "n {n}, positive {positive}/10, negative {negative}/10: {covered}");
                    sum += covered;
                    cases += 1;
                }
            }
        }
        let mean = sum / f64::from(cases);
        assert!((0.955..0.98).contains(&mean), "{mean}");
    }
}
