//! Chance that is the same on every machine and in every run: whole numbers only, from a fixed seed.

/// Any number would do; another one moves the ends of intervals by about a tenth of a standard error.
const SEED: u64 = 0x6561_726d_6172_6b31;

/// `SplitMix64` (Steele, Lea and Flood 2014, "Fast Splittable Pseudorandom Number Generators", fig. 16). Of our own, so
/// that no update of a dependency changes a published interval.
pub(super) struct Random {
    state: u64,
}

impl Random {
    /// The same numbers every time. Whoever begins anew with each group gets figures that depend on that group alone.
    pub fn from_fixed_seed() -> Random {
        Random { state: SEED }
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// How many of so many fair coins show heads: 64 are tossed at once.
    pub fn heads(&mut self, tosses: u64) -> u64 {
        let whole_words = (0..tosses / 64).map(|_| u64::from(self.next().count_ones())).sum::<u64>();
        match tosses % 64 {
            0 => whole_words,
            rest => whole_words + u64::from((self.next() >> (64 - rest)).count_ones()),
        }
    }

    /// How many of so many trials succeed, each with a chance of `part` in `whole` (not above 2⁶³).
    ///
    /// Exact: every trial is a number between 0 and 1 that succeeds below part/whole, and all trials show their binary
    /// digits together, one digit a round, until each is on one side. That takes two coins a trial on average.
    fn binomial(&mut self, trials: u64, mut part: u64, whole: u64) -> u64 {
        if part >= whole {
            return trials;
        }
        let (mut undecided, mut successes) = (trials, 0);
        while undecided > 0 && part > 0 {
            let zeros = self.heads(undecided);
            part *= 2;
            if part >= whole {
                part -= whole;
                successes += zeros;
                undecided -= zeros;
            } else {
                undecided = zeros;
            }
        }
        successes
    }

    /// Draws as many texts as are counted, with replacement, and counts them by cell: a multinomial draw, at a cost that
    /// hardly grows with the number of texts.
    pub fn resample<const CELLS: usize>(&mut self, counts: &[u64; CELLS]) -> [u64; CELLS] {
        let mut drawn = [0; CELLS];
        self.spread(counts.iter().sum(), counts, &mut drawn);
        drawn
    }

    fn spread(&mut self, trials: u64, counts: &[u64], drawn: &mut [u64]) {
        if trials == 0 {
            return;
        }
        if let [only] = drawn {
            *only = trials;
            return;
        }
        let half = counts.len() / 2;
        let (left, right) = counts.split_at(half);
        let (drawn_left, drawn_right) = drawn.split_at_mut(half);
        let left_total: u64 = left.iter().sum();
        let trials_left = self.binomial(trials, left_total, left_total + right.iter().sum::<u64>());
        self.spread(trials_left, left, drawn_left);
        self.spread(trials - trials_left, right, drawn_right);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_generator_is_splitmix64() {
        let mut random = Random { state: 1_234_567 };
        let published = [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423];
        assert_eq!([random.next(), random.next(), random.next()], published);
    }

    #[test]
    fn binomials_have_the_right_mean_and_variance() {
        let rounds = 20_000;
        for (trials, part, whole) in [(1, 1, 3), (10, 1, 2), (64, 5, 7), (1_000, 1, 50), (16_667, 4_000, 16_667)] {
            let mut random = Random::from_fixed_seed();
            let draws: Vec<f64> = (0..rounds).map(|_| random.binomial(trials, part, whole) as f64).collect();
            let chance = part as f64 / whole as f64;
            let (mean, variance) = (trials as f64 * chance, trials as f64 * chance * (1.0 - chance));
            let found_mean = draws.iter().sum::<f64>() / f64::from(rounds);
            let found_variance = draws.iter().map(|x| (x - found_mean).powi(2)).sum::<f64>() / f64::from(rounds);
            let standard_error = (variance / f64::from(rounds)).sqrt();
            assert!((found_mean - mean).abs() < 4.0 * standard_error, "{trials}: mean {found_mean}, not {mean}");
            assert!((found_variance / variance - 1.0).abs() < 0.05, "{trials}: variance {found_variance}");
        }
    }

    proptest! {
        #[test]
        fn a_resample_keeps_the_total_and_draws_only_what_is_there(counts in proptest::array::uniform12(0u64..5_000)) {
            let mut random = Random::from_fixed_seed();
            for _ in 0..5 {
                let drawn = random.resample(&counts);
                prop_assert_eq!(drawn.iter().sum::<u64>(), counts.iter().sum::<u64>());
                for (drawn, count) in drawn.iter().zip(&counts) {
                    prop_assert!(*count > 0 || *drawn == 0);
                }
            }
        }

        #[test]
        fn heads_are_at_most_the_tosses(tosses in 0u64..1_000) {
            prop_assert!(Random::from_fixed_seed().heads(tosses) <= tosses);
        }
    }
}
