//! Numbers that look random and are the same every time.

/// SplitMix64 (Steele, Lea and Flood 2014, “Fast splittable pseudorandom number generators”).
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Random {
        Random(seed)
    }

    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to below 1.
    pub fn share(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// From 0 to below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        ((u128::from(self.bits()) * u128::from(end)) >> 64) as u64
    }

    /// True in such a share of cases.
    pub fn chance(&mut self, share: f64) -> bool {
        self.share() < share
    }

    /// A whole number whose logarithm is even from 1 to `largest`: mostly small.
    pub fn magnitude(&mut self, largest: f64) -> i64 {
        largest.powf(self.share()) as i64
    }
}

/// Things drawn by their weight, in constant time (Vose 1991, the alias method).
pub struct Weighted {
    /// The share of each place that is its own, and whose the rest is.
    places: Vec<(f64, u32)>,
}

impl Weighted {
    pub fn new(weights: &[f64]) -> Weighted {
        let mean = weights.iter().sum::<f64>() / weights.len() as f64;
        let mut places: Vec<(f64, u32)> = weights.iter().map(|weight| weight / mean).zip(0..).collect();
        let (mut small, mut large): (Vec<usize>, Vec<usize>) =
            (0..places.len()).partition(|&place| places[place].0 < 1.0);
        while let (Some(&giver), Some(taker)) = (large.last(), small.pop()) {
            places[taker].1 = giver as u32;
            places[giver].0 -= 1.0 - places[taker].0;
            if places[giver].0 < 1.0 {
                large.pop();
                small.push(giver);
            }
        }
        Weighted { places }
    }

    /// `count` things, each rarer than the one before: the n-th has the weight 1 / (n + `flat`) ^ `steepness`.
    pub fn zipf(count: u32, flat: f64, steepness: f64) -> Weighted {
        let weights: Vec<f64> = (1..=count).map(|n| (f64::from(n) + flat).powf(-steepness)).collect();
        Weighted::new(&weights)
    }

    pub fn draw(&self, random: &mut Random) -> usize {
        let place = random.below(self.places.len() as u64) as usize;
        let (share, other) = self.places[place];
        if random.chance(share) { place } else { other as usize }
    }
}
