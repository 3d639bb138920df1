//! Whether probabilities mean what they say.

use serde::Serialize;

use super::{ratio, round};

/// Bins of equal width between 0 and 1.
pub const BINS: usize = 15;

/// Texts whose predicted label was given about the same probability.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ReliabilityBin {
    /// Confidences above this, four decimals; 0 belongs to the first bin.
    pub above: f64,
    /// Up to and including this.
    pub to: f64,
    /// How many texts.
    pub n: u64,
    /// Mean probability of their predicted labels, four decimals; `None` where there is no text.
    pub mean_confidence: Option<f64>,
    /// Share of their predicted labels that are right, four decimals; `None` where there is no text.
    pub accuracy: Option<f64>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Bin {
    n: u64,
    right: u64,
    confidence_sum: f64,
}

/// Sums of confidences and of right answers by bin.
#[derive(Debug, Clone, Default)]
pub(super) struct Calibration {
    bins: [Bin; BINS],
}

impl Calibration {
    pub fn add(&mut self, confidence: f64, is_right: bool) {
        let above = (confidence * BINS as f64).ceil() as usize;
        let bin = &mut self.bins[above.saturating_sub(1).min(BINS - 1)];
        bin.n += 1;
        bin.right += u64::from(is_right);
        bin.confidence_sum += confidence;
    }

    fn n(&self) -> u64 {
        self.bins.iter().map(|bin| bin.n).sum()
    }

    /// Expected calibration error: the mean, over texts, of how far accuracy and mean confidence of their bin are apart
    /// (Guo et al. 2017, "On Calibration of Modern Neural Networks", eq. 3), with 15 bins as there. `None` where there is
    /// no text. Few texts have a large one by chance alone.
    pub fn expected_error(&self) -> Option<f64> {
        let n = self.n();
        let gap: f64 = self.bins.iter().map(|bin| (bin.right as f64 - bin.confidence_sum).abs()).sum();
        (n > 0).then(|| gap / n as f64)
    }

    /// Mean confidence over all texts; above their accuracy, the model is too sure of itself.
    pub fn mean_confidence(&self) -> Option<f64> {
        let n = self.n();
        let sum: f64 = self.bins.iter().map(|bin| bin.confidence_sum).sum();
        (n > 0).then(|| sum / n as f64)
    }

    /// All bins, empty ones too.
    pub fn reliability(&self) -> Vec<ReliabilityBin> {
        let edge = |i: usize| round(i as f64 / BINS as f64);
        let bins = self.bins.iter().enumerate().map(|(i, bin)| ReliabilityBin {
            above: edge(i),
            to: edge(i + 1),
            n: bin.n,
            mean_confidence: (bin.n > 0).then(|| round(bin.confidence_sum / bin.n as f64)),
            accuracy: ratio(bin.right, bin.n).map(round),
        });
        bins.collect()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn expected_error_by_hand() {
        let mut calibration = Calibration::default();
        for (confidence, is_right) in [(0.9, true), (0.92, false), (0.91, true), (0.5, true), (0.5, false)] {
            calibration.add(confidence, is_right);
        }
        // Three texts above 13/15: 2/3 right at 0.91; two in 7/15 to 8/15: half right at 0.5.
        let expected = 3.0 / 5.0 * (0.91f64 - 2.0 / 3.0).abs();
        assert!((calibration.expected_error().unwrap() - expected).abs() < 1e-12);
        assert!((calibration.mean_confidence().unwrap() - 3.73 / 5.0).abs() < 1e-12);
        let filled: Vec<ReliabilityBin> = calibration.reliability().into_iter().filter(|bin| bin.n > 0).collect();
        let bin = |above, to, n, confidence, accuracy| ReliabilityBin {
            above,
            to,
            n,
            mean_confidence: Some(confidence),
            accuracy: Some(accuracy),
        };
        assert_eq!(filled, [bin(0.4667, 0.5333, 2, 0.5, 0.5), bin(0.8667, 0.9333, 3, 0.91, 0.6667)]);
    }

    #[test]
    fn a_bin_holds_its_upper_edge() {
        for (confidence, index) in [(0.0, 0), (0.2, 2), (0.2001, 3), (0.4, 5), (0.6, 8), (0.8, 11), (1.0, 14)] {
            let mut calibration = Calibration::default();
            calibration.add(confidence, true);
            assert_eq!(calibration.bins[index].n, 1, "{confidence}");
        }
    }

    #[test]
    fn nothing_has_no_error() {
        assert_eq!((Calibration::default().expected_error(), Calibration::default().mean_confidence()), (None, None));
        assert_eq!(Calibration::default().reliability().len(), BINS);
    }
}
