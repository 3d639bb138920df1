//! Baselines: what a series usually does, learned from the past with more weight on the recent.

use super::distribution::{BetaBinomial, Forecast, NegativeBinomial};

/// Hours in a week, which begins on Monday at midnight.
pub(super) const HOURS_PER_WEEK: usize = 168;

/// A variance above the least possible one that is assumed until the series has shown its own, as a share of the squared mean
/// (of counts), or of what it would be if all of a window were alike (of shares).
const PRIOR_SPREAD: f64 = 0.01;
/// Share of the spread's memory that the assumption weighs.
const PRIOR_SPREAD_WEIGHT: f64 = 0.1;
/// Least of the spread.
const LEAST_SPREAD: f64 = 1e-5;
/// Most of the spread.
const MOST_SPREAD: f64 = 1e3;
/// Least expected count.
const LEAST_MEAN: f64 = 1e-3;
/// A share is taken to have been one of three in so many trials before the first.
const PRIOR_TRIALS: f64 = 6.0;
const PRIOR_SHARE: f64 = 1.0 / 3.0;
/// Least weight of the distribution of a share: any share is as likely as any other.
const LEAST_WEIGHT: f64 = 2.0;
/// Visits to an hour of the week that are taken to have been like any other's before the first.
const PRIOR_VISITS: f64 = 2.0;

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quantity {
    /// How many there are in a step.
    Count,
    /// How many of those there could be.
    Share,
}

/// How fast the past is forgotten, where not said otherwise as what is kept at every step.
#[derive(Debug, Clone, Copy)]
pub(super) struct Memory {
    pub level: f64,
    /// Of a day.
    pub day: f64,
    pub spread: f64,
    /// Of the season, as the time in which half is forgotten.
    pub season_half_life_hours: f64,
    /// Of how well baselines have predicted, at every window.
    pub merit: f64,
    /// Steps of an hour.
    pub steps_per_hour: f64,
}

/// A level, times how hours of the day or the week differ from it, and how much windows vary around it.
#[derive(Debug, Clone)]
pub(super) struct Baseline {
    quantity: Quantity,
    /// Weighted sums of values and of what they are measured against.
    values: f64,
    exposures: f64,
    season: Option<Season>,
    /// Weighted sums of squares beyond the least variance, and of what they are measured against.
    spread: f64,
    spread_room: f64,
    /// How well windows were predicted, as a weighted sum of the logarithms of their probabilities.
    pub merit: f64,
}

impl Baseline {
    /// A baseline without season.
    pub fn flat(quantity: Quantity) -> Baseline {
        Baseline { quantity, values: 0.0, exposures: 0.0, season: None, spread: 0.0, spread_room: 0.0, merit: 0.0 }
    }

    /// A baseline with a season that repeats after so many hours.
    pub fn seasonal(quantity: Quantity, hours: usize, memory: &Memory) -> Baseline {
        Baseline { season: Some(Season::new(hours, memory)), ..Baseline::flat(quantity) }
    }

    /// How an hour of the week (with its fraction) differs from others: 1 where it does not.
    pub fn factor(&self, hour_of_week: f64, memory: &Memory) -> f64 {
        self.season.as_ref().map_or(1.0, |season| season.factor(hour_of_week, memory.steps_per_hour))
    }

    fn level(&self) -> f64 {
        match self.quantity {
            Quantity::Count if self.exposures > 0.0 => self.values / self.exposures,
            Quantity::Count => 0.0,
            Quantity::Share => (self.values + PRIOR_TRIALS * PRIOR_SHARE) / (self.exposures + PRIOR_TRIALS),
        }
    }

    /// How uncertain the level is, as what it adds to the spread: a gamma distribution of a rate has the shape of the mentions
    /// seen, a beta distribution of a share the weight of its trials.
    fn uncertainty(&self) -> f64 {
        match self.quantity {
            Quantity::Count => 1.0 / (self.values + 0.5),
            Quantity::Share => 1.0 / (self.exposures + PRIOR_TRIALS),
        }
    }

    /// What a window should hold: `exposure` is the sum of its steps' exposures times their factors, `trials` that of the
    /// exposures alone.
    pub fn forecast(&self, exposure: f64, trials: f64) -> Forecast {
        match self.quantity {
            Quantity::Count => {
                let mean = (self.level() * exposure).max(LEAST_MEAN);
                let size = 1.0 / (self.spread(mean * mean) + self.uncertainty());
                Forecast::Count(NegativeBinomial { mean, size })
            }
            Quantity::Share => {
                let share = self.level();
                let spread = self.spread(room_of_share(trials, share)) + self.uncertainty();
                let weight = (1.0 / spread - 1.0).max(LEAST_WEIGHT);
                Forecast::Share(BetaBinomial { trials, share, weight })
            }
        }
    }

    /// How much windows vary beyond the least possible, held to an assumption that weighs as much as some windows of this
    /// `room`.
    fn spread(&self, room: f64) -> f64 {
        let prior = PRIOR_SPREAD_WEIGHT * room;
        let spread = (self.spread + prior * PRIOR_SPREAD) / (self.spread_room + prior).max(f64::MIN_POSITIVE);
        spread.clamp(LEAST_SPREAD, MOST_SPREAD)
    }

    /// Learns from a window how much windows vary. `value` is what it held, at most what is no surprise.
    pub fn learn_spread(&mut self, forecast: &Forecast, value: f64, memory: &Memory) {
        let (least, room) = match forecast {
            Forecast::Count(count) => (count.mean, count.mean * count.mean),
            Forecast::Share(share) => {
                (share.trials * share.share * (1.0 - share.share), room_of_share(share.trials, share.share))
            }
        };
        let beyond = (value - forecast.mean()).powi(2) - least;
        self.spread = memory.spread * self.spread + (1.0 - memory.spread) * beyond;
        self.spread_room = memory.spread * self.spread_room + (1.0 - memory.spread) * room;
    }

    /// Learns from a window how well this baseline predicts.
    pub fn learn_merit(&mut self, forecast: &Forecast, value: f64, memory: &Memory) {
        self.merit = memory.merit * self.merit + forecast.ln_probability(value);
    }

    /// Learns from a step that has left the window. `factor` is what its hour was thought to differ by.
    pub fn learn_step(&mut self, value: f64, exposure: f64, factor: f64, hour_of_week: f64, memory: &Memory) {
        self.values = memory.level * self.values + value;
        self.exposures = memory.level * self.exposures + exposure * factor;
        let level = self.level();
        if let Some(season) = &mut self.season
            && level > 0.0
        {
            season.learn(hour_of_week, value / level, exposure);
        }
    }
}

/// How the hours of a day or a week differ from their mean, each drawn towards 1 as long as it was visited seldom.
#[derive(Debug, Clone)]
struct Season {
    /// Weighted sums of values in units of the level, and of exposures, by hour.
    values: Vec<f64>,
    exposures: Vec<f64>,
    /// What is kept of an hour at every step within it.
    retention: f64,
}

impl Season {
    fn new(hours: usize, memory: &Memory) -> Season {
        // An hour comes once in a period, with so many steps.
        let steps_in_half_life = memory.season_half_life_hours / hours as f64 * memory.steps_per_hour.max(1.0);
        Season {
            values: vec![0.0; hours],
            exposures: vec![0.0; hours],
            retention: 0.5f64.powf(1.0 / steps_in_half_life),
        }
    }

    fn learn(&mut self, hour_of_week: f64, value: f64, exposure: f64) {
        let hour = hour_of_week as usize % self.values.len();
        self.values[hour] = self.retention * self.values[hour] + value;
        self.exposures[hour] = self.retention * self.exposures[hour] + exposure;
    }

    /// Between the middles of hours, the factor goes evenly from one to the next; steps longer than an hour have that of the
    /// hour in their middle.
    fn factor(&self, hour_of_week: f64, steps_per_hour: f64) -> f64 {
        if steps_per_hour < 1.0 {
            return self.of_hour(hour_of_week as usize, steps_per_hour);
        }
        let place = hour_of_week - 0.5 + HOURS_PER_WEEK as f64;
        let (hour, way) = (place.floor() as usize, place.fract());
        self.of_hour(hour, steps_per_hour) * (1.0 - way) + self.of_hour(hour + 1, steps_per_hour) * way
    }

    fn of_hour(&self, hour: usize, steps_per_hour: f64) -> f64 {
        let hour = hour % self.values.len();
        let prior = PRIOR_VISITS * steps_per_hour.max(1.0);
        (self.values[hour] + prior) / (self.exposures[hour] + prior)
    }
}

/// By how much the variance grows from a share that never varies to one that is the same for all trials of a window.
fn room_of_share(trials: f64, share: f64) -> f64 {
    trials * share * (1.0 - share) * (trials - 1.0).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEMORY: Memory = Memory {
        level: 0.99,
        day: 0.97,
        spread: 0.99,
        season_half_life_hours: 336.0,
        merit: 0.99,
        steps_per_hour: 1.0,
    };

    #[test]
    fn a_level_and_its_hours_are_learned() {
        let mut baseline = Baseline::seasonal(Quantity::Count, 24, &MEMORY);
        for hour in 0..24 * 60 {
            let hour_of_week = f64::from(hour % 168) + 0.5;
            let value = if hour % 24 == 9 { 40.0 } else { 10.0 };
            let factor = baseline.factor(hour_of_week, &MEMORY);
            baseline.learn_step(value, 1.0, factor, hour_of_week, &MEMORY);
        }
        let at = |hour: f64| baseline.forecast(baseline.factor(hour, &MEMORY), 1.0).mean();
        assert!((36.0..41.0).contains(&at(9.5)), "{}", at(9.5));
        assert!((9.5..11.0).contains(&at(15.5)), "{}", at(15.5));
        assert!((20.0..30.0).contains(&at(9.0)), "on the way between two hours: {}", at(9.0));
    }

    #[test]
    fn spread_is_learned_within_bounds() {
        let mut baseline = Baseline::flat(Quantity::Count);
        baseline.learn_step(100.0, 1.0, 1.0, 0.5, &MEMORY);
        let size = |baseline: &Baseline| match baseline.forecast(1.0, 1.0) {
            Forecast::Count(count) => count.size,
            Forecast::Share(_) => f64::NAN,
        };
        assert!((size(&baseline) - 1.0 / (PRIOR_SPREAD + 1.0 / 100.5)).abs() < 1e-6, "{}", size(&baseline));
        for step in 0..2_000 {
            let forecast = baseline.forecast(1.0, 1.0);
            baseline.learn_spread(&forecast, if step % 2 == 0 { 50.0 } else { 150.0 }, &MEMORY);
        }
        // The variance is 50²: mean + mean² / size.
        assert!((3.5..5.0).contains(&size(&baseline)), "{}", size(&baseline));
    }

    #[test]
    fn a_share_is_of_its_trials() {
        let mut baseline = Baseline::flat(Quantity::Share);
        for step in 0..500 {
            let trials = f64::from(step % 5);
            baseline.learn_step(trials * 0.25, trials, 1.0, 0.5, &MEMORY);
        }
        assert!((baseline.forecast(20.0, 20.0).mean() - 5.0).abs() < 0.1);
    }
}
