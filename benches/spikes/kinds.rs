//! Series that have no spikes, of several kinds.

use std::f64::consts::PI;

use earmark::spikes::{Series, Steps};

use crate::random::Random;

const HOURS_PER_DAY: f64 = 24.0;

/// What a series is like.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The same rate always: from three a day to 600 an hour.
    Poisson,
    /// The same, where the rate of each step varies by a gamma distribution of size 0.5 to 20.
    NegativeBinomial,
    /// The rate swings over the day by 20 to 90 % and falls on Saturday and Sunday by up to 50 %; half also overdispersed.
    Seasonal,
    /// From one mention in two days to twelve a day.
    Sparse,
    /// The rate grows or falls by 1.5 to 6 times over the whole time, evenly on the logarithmic scale; half also overdispersed.
    Trending,
}

impl Kind {
    pub const ALL: [Kind; 5] = [Kind::Poisson, Kind::NegativeBinomial, Kind::Seasonal, Kind::Sparse, Kind::Trending];

    pub fn name(self) -> &'static str {
        match self {
            Kind::Poisson => "poisson",
            Kind::NegativeBinomial => "negative-binomial",
            Kind::Seasonal => "seasonal",
            Kind::Sparse => "sparse",
            Kind::Trending => "trending",
        }
    }

    /// The `number`th series of this kind. All of its mentions have a sentiment; the share of negative ones is 5 to 60 %, and
    /// varies from step to step by a beta distribution whose parameters add up to 5 to 200.
    pub fn simulate(self, number: usize, steps: &Steps) -> Series {
        let random = &mut Random::new(self as u64 + 1, number as u64);
        let rate = Rate::draw(self, random);
        let (share, weight) = (random.between(0.05, 0.6), random.log_between(5.0, 200.0));
        let hours_per_step = f64::from(steps.seconds) / 3_600.0;
        let counts = (0..steps.count)
            .map(|step| {
                let hour = step as f64 * hours_per_step;
                let varied = rate.size.map_or(1.0, |size| random.gamma(size) / size);
                let mean = rate.at(hour, step as f64 / steps.count as f64) * hours_per_step * varied;
                let mentions = random.poisson(mean);
                let share = random.beta(share * weight, (1.0 - share) * weight);
                (step as u32, [mentions, mentions, random.binomial(mentions, share)])
            })
            .collect();
        Series { name: format!("{}-{number}", self.name()), counts }
    }
}

/// Mentions per hour over time.
struct Rate {
    per_hour: f64,
    size: Option<f64>,
    day_swing: f64,
    day_phase: f64,
    weekend_fall: f64,
    ln_growth: f64,
}

impl Rate {
    fn draw(kind: Kind, random: &mut Random) -> Rate {
        let per_hour = match kind {
            Kind::Sparse => random.log_between(0.5 / HOURS_PER_DAY, 12.0 / HOURS_PER_DAY),
            _ => random.log_between(3.0 / HOURS_PER_DAY, 600.0),
        };
        let is_overdispersed = match kind {
            Kind::NegativeBinomial => true,
            Kind::Seasonal | Kind::Trending => random.chance(0.5),
            Kind::Poisson | Kind::Sparse => false,
        };
        let mut rate = Rate {
            per_hour,
            size: is_overdispersed.then(|| random.log_between(0.5, 20.0)),
            day_swing: 0.0,
            day_phase: 0.0,
            weekend_fall: 0.0,
            ln_growth: 0.0,
        };
        if kind == Kind::Seasonal {
            rate.day_swing = random.between(0.2, 0.9);
            rate.day_phase = random.unit();
            rate.weekend_fall = random.between(0.0, 0.5);
        }
        if kind == Kind::Trending {
            let sign = if random.chance(0.5) { -1.0 } else { 1.0 };
            rate.ln_growth = sign * random.log_between(1.5, 6.0).ln();
        }
        rate
    }

    /// At an hour since Monday, midnight; `progress` is between 0 and 1.
    fn at(&self, hour: f64, progress: f64) -> f64 {
        let day = hour / HOURS_PER_DAY;
        let swing = 1.0 + self.day_swing * (2.0 * PI * (day + self.day_phase)).sin();
        let weekend = if day as u64 % 7 >= 5 { 1.0 - self.weekend_fall } else { 1.0 };
        self.per_hour * swing * weekend * (self.ln_growth * (progress - 0.5)).exp()
    }
}
