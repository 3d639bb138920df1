//! Series of real brands, from tagged mentions.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::File;
use std::io::{BufRead, BufReader};

use earmark::spikes::Steps;
use jiff::Timestamp;

const SECONDS_PER_DAY: u32 = 86_400;
/// Fewer mentions or days are no background.
const LEAST_MENTIONS: usize = 100;
const LEAST_DAYS: usize = 5;
/// Least share of days on which there is anything.
const LEAST_ACTIVE: f64 = 0.5;
/// A series is of the days that hold all of its mentions but the first and the last of so many.
const STRAY: usize = 100;

/// The mentions of a brand, by step: all, those with a sentiment, and negative ones.
pub struct Background {
    brand: String,
    pub steps: Steps,
    pub counts: Vec<[u32; 3]>,
}

/// What is usual before a spike.
pub struct Usual {
    mentions_of_day: Vec<f64>,
    pub negative_share: f64,
}

impl Usual {
    /// Mentions at a step, whatever the day.
    pub fn mentions_at(&self, step: usize) -> f64 {
        self.mentions_of_day[step % self.mentions_of_day.len()]
    }
}

impl Background {
    pub fn days(&self) -> usize {
        self.steps.count * self.steps.seconds as usize / SECONDS_PER_DAY as usize
    }

    pub fn per_day(&self) -> f64 {
        let mentions: u32 = self.counts.iter().map(|[mentions, ..]| mentions).sum();
        f64::from(mentions) / self.days() as f64
    }

    pub fn describe(&self) -> String {
        let (first, last) = (self.steps.start_of(0), self.steps.start_of(self.steps.count));
        let usual = self.usual_before(self.steps.count, self.days());
        let (per_day, share) = (self.per_day(), 100.0 * usual.negative_share);
        format!("{}: {first} to {last}, {per_day:.0} mentions a day, {share:.0} % negative", self.brand)
    }

    /// The mean of each hour of the day, and the share of negative mentions, on so many days before a step.
    pub fn usual_before(&self, step: usize, days: usize) -> Usual {
        let (per_day, per_hour) =
            ((SECONDS_PER_DAY / self.steps.seconds) as usize, (3_600 / self.steps.seconds) as usize);
        let from = step.saturating_sub(days * per_day);
        let mut of_hour = vec![(0.0, 0.0); per_day.div_ceil(per_hour.max(1))];
        let (mut scored, mut negative) = (0, 0);
        for (number, counts) in self.counts.iter().enumerate().take(step).skip(from) {
            let (mentions, steps) = &mut of_hour[number % per_day / per_hour.max(1)];
            *mentions += f64::from(counts[0]);
            *steps += 1.0;
            scored += counts[1];
            negative += counts[2];
        }
        let mean = |step: usize| {
            let (m, s): (f64, f64) = of_hour[step / per_hour.max(1)];
            m / s.max(1.0)
        };
        Usual {
            mentions_of_day: (0..per_day).map(mean).collect(),
            negative_share: f64::from(negative) / f64::from(scored).max(1.0),
        }
    }

    fn of_mentions(brand: &str, mut mentions: Vec<(i64, Option<bool>)>, seconds: u32) -> Option<Background> {
        mentions.sort_unstable();
        let stray = mentions.len() / STRAY;
        let mentions = mentions.get(stray..mentions.len() - stray)?;
        let day = i64::from(SECONDS_PER_DAY);
        let start = mentions.first()?.0.div_euclid(day) * day;
        let days = (mentions.last()?.0 - start) / day + 1;
        let steps = Steps { start, seconds, count: (days * day / i64::from(seconds)) as usize };
        let mut background = Background { brand: brand.to_owned(), steps, counts: vec![[0; 3]; steps.count] };
        for (second, is_negative) in mentions {
            let counts = &mut background.counts[((second - start) / i64::from(seconds)) as usize];
            counts[0] += 1;
            counts[1] += u32::from(is_negative.is_some());
            counts[2] += u32::from(*is_negative == Some(true));
        }
        let is_enough = mentions.len() >= LEAST_MENTIONS && background.days() >= LEAST_DAYS;
        Some(background).filter(|background| is_enough && background.active() >= LEAST_ACTIVE)
    }

    /// The share of days on which there is anything.
    fn active(&self) -> f64 {
        let days = self.counts.chunks((SECONDS_PER_DAY / self.steps.seconds) as usize);
        let active = days.filter(|day| day.iter().any(|[mentions, ..]| *mentions > 0)).count();
        active as f64 / self.days() as f64
    }
}

/// The backgrounds of all brands of a file that have enough mentions by customers; what the brand wrote itself is left out.
pub fn read_backgrounds(path: &str, seconds: u32) -> Result<Vec<Background>, Box<dyn Error>> {
    let mut of_brand: BTreeMap<String, Vec<(i64, Option<bool>)>> = BTreeMap::new();
    for line in BufReader::new(File::open(path)?).lines() {
        let mention: serde_json::Value = serde_json::from_str(&line?)?;
        let (Some(brand), Some(time)) = (mention["brand"].as_str(), mention["created_at"].as_str()) else { continue };
        if mention["author_role"] == "brand" {
            continue;
        }
        let second = time.parse::<Timestamp>()?.as_second();
        let is_negative = mention["sentiment"]["label"].as_str().map(|label| label == "negative");
        of_brand.entry(brand.to_owned()).or_default().push((second, is_negative));
    }
    let of_mentions = |(brand, mentions): (String, _)| Background::of_mentions(&brand, mentions, seconds);
    Ok(of_brand.into_iter().filter_map(of_mentions).collect())
}
