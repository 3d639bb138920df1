//! Random numbers that are the same on every run: SplitMix64 (Steele, Lea and Flood, OOPSLA 2014), and what is drawn with it.

use std::f64::consts::PI;

/// Above this mean a Poisson number is drawn in halves.
const MOST_MEAN_AT_ONCE: f64 = 30.0;

/// A source of random numbers.
pub struct Random(u64);

impl Random {
    /// The `number`th stream of a seed.
    pub fn new(seed: u64, number: u64) -> Random {
        let mut random = Random(seed.wrapping_mul(0xD1B5_4A32_D192_ED03) ^ number.wrapping_mul(0x8CB9_2BA7_2F3D_8DD7));
        random.next();
        random
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^ (bits >> 31)
    }

    /// Between 0 and 1, and neither.
    pub fn unit(&mut self) -> f64 {
        ((self.next() >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    }

    /// Whether something of this chance happens.
    pub fn chance(&mut self, chance: f64) -> bool {
        self.unit() < chance
    }

    /// A whole number below `end`, which is above 0.
    pub fn below(&mut self, end: usize) -> usize {
        (self.unit() * end as f64) as usize
    }

    /// Between two numbers, evenly.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// Between two numbers, evenly on the logarithmic scale.
    pub fn log_between(&mut self, low: f64, high: f64) -> f64 {
        self.between(low.ln(), high.ln()).exp()
    }

    fn normal(&mut self) -> f64 {
        (-2.0 * self.unit().ln()).sqrt() * (2.0 * PI * self.unit()).cos()
    }

    /// Of the gamma distribution of this shape and scale 1 (Marsaglia and Tsang, ACM TOMS 26, 2000).
    pub fn gamma(&mut self, shape: f64) -> f64 {
        if shape < 1.0 {
            return self.gamma(shape + 1.0) * self.unit().powf(1.0 / shape);
        }
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let x = self.normal();
            let v = (1.0 + c * x).powi(3);
            if v > 0.0 && self.unit().ln() < 0.5 * x * x + d - d * v + d * v.ln() {
                return d * v;
            }
        }
    }

    /// A count of this mean.
    pub fn poisson(&mut self, mean: f64) -> u32 {
        if mean > MOST_MEAN_AT_ONCE {
            return self.poisson(mean / 2.0) + self.poisson(mean / 2.0);
        }
        let least = (-mean.max(0.0)).exp();
        let mut product = self.unit();
        let mut count = 0;
        while product > least {
            product *= self.unit();
            count += 1;
        }
        count
    }

    /// How many of `trials` happen that have this chance.
    pub fn binomial(&mut self, trials: u32, chance: f64) -> u32 {
        (0..trials).filter(|_| self.chance(chance)).count() as u32
    }

    /// Between 0 and 1, of the beta distribution.
    pub fn beta(&mut self, alpha: f64, beta: f64) -> f64 {
        let (a, b) = (self.gamma(alpha), self.gamma(beta));
        if a + b > 0.0 { a / (a + b) } else { alpha / (alpha + beta) }
    }
}
