//! The invented world: when people write, about whom, and in which words.

use jiff::Timestamp;

use crate::random::{Random, Weighted};

/// 2024-01-01T00:00:00Z, a Monday.
const FIRST_SECOND: i64 = 1_704_067_200;
const DAYS: usize = 731;
const SECONDS_PER_HOUR: u64 = 3600;
/// Mentions by hour of the day and by day of the week, from Monday.
const DAY_CURVE: [f64; 24] = [
    0.4, 0.3, 0.2, 0.2, 0.2, 0.3, 0.5, 0.8, 1.1, 1.3, 1.4, 1.4, 1.3, 1.3, 1.3, 1.3, 1.3, 1.4, 1.5, 1.6, 1.6, 1.4, 1.0,
    0.7,
];
const WEEK_CURVE: [f64; 7] = [1.15, 1.1, 1.05, 1.05, 1.1, 0.8, 0.75];

const BRANDS: u32 = 40;
const AUTHORS: u32 = 1_500_000;
const WORDS: u32 = 50_000;
/// From this rank on, words get rare more quickly, as they do in large collections.
const COMMON_WORDS: f64 = 5_000.0;
const CHANNELS: [&str; 12] = [
    "microblog",
    "photos",
    "videos",
    "forum",
    "reviews",
    "app_store",
    "news",
    "blog",
    "chat",
    "mail",
    "survey",
    "podcast",
];
const LANGUAGES: [&str; 8] = ["en", "es", "de", "fr", "pt", "it", "pl", "lv"];
const COUNTRIES: [&str; 10] = ["US", "GB", "ES", "DE", "FR", "BR", "IT", "PL", "MX", "LV"];
const KINDS: [&str; 5] = ["post", "reply", "repost", "quote", "comment"];
const TOPICS: [&str; 30] = [
    "delivery",
    "delivery/late",
    "price",
    "delivery/lost",
    "service/rude",
    "product/quality",
    "app/crash",
    "price/high",
    "service",
    "delivery/damaged",
    "app/login",
    "refund",
    "product",
    "service/waiting",
    "app",
    "refund/late",
    "product/missing_part",
    "price/discount",
    "website/slow",
    "store/staff",
    "website",
    "store",
    "refund/refused",
    "store/queue",
    "product/size",
    "website/checkout",
    "privacy",
    "app/update",
    "privacy/data",
    "jobs",
];
/// How many mentions have no topic, one, two and three.
const TOPIC_COUNTS: [f64; 4] = [0.35, 0.4, 0.18, 0.07];

/// A mention before it is one of earmark's or a row of a table. Engagement that is absent is `None`.
pub struct Post {
    pub second: i64,
    pub brand: String,
    pub channel: &'static str,
    pub language: &'static str,
    /// Probabilities of negative, neutral, positive; `None` where unscored.
    pub feeling: Option<[f64; 3]>,
    pub topics: Vec<&'static str>,
    pub author: String,
    pub country: Option<&'static str>,
    pub kind: &'static str,
    /// Likes, shares, replies, views, followers.
    pub counts: [Option<i64>; 5],
    pub rating: Option<f64>,
    pub text: String,
}

impl Post {
    pub fn time(&self) -> anyhow::Result<Timestamp> {
        Ok(Timestamp::from_second(self.second)?)
    }
}

/// What posts are drawn from.
pub struct World {
    random: Random,
    brands: Weighted,
    channels: Weighted,
    languages: Weighted,
    topics: Weighted,
    topic_counts: Weighted,
    authors: Weighted,
    words: Weighted,
    spellings: Vec<String>,
}

impl World {
    pub fn new(seed: u64) -> World {
        World {
            random: Random::new(seed),
            brands: Weighted::zipf(BRANDS, 1.0, 1.0),
            channels: Weighted::zipf(CHANNELS.len() as u32, 1.0, 1.2),
            languages: Weighted::zipf(LANGUAGES.len() as u32, 0.0, 1.1),
            topics: Weighted::zipf(TOPICS.len() as u32, 2.0, 0.8),
            topic_counts: Weighted::new(&TOPIC_COUNTS),
            authors: Weighted::zipf(AUTHORS, 100.0, 0.8),
            words: Weighted::new(&word_weights()),
            spellings: (0..WORDS).map(spelling).collect(),
        }
    }

    /// Calls `visit` with so many posts, the oldest first.
    pub fn for_each_post(
        &mut self,
        posts: u64,
        mut visit: impl FnMut(Post) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let weights = self.hour_weights();
        let all: f64 = weights.iter().sum();
        let (mut before, mut written) = (0.0, 0);
        for (hour, weight) in weights.iter().enumerate() {
            before += weight;
            let until = if hour + 1 == weights.len() { posts } else { (before / all * posts as f64) as u64 };
            let mut seconds: Vec<u64> = (written..until).map(|_| self.random.below(SECONDS_PER_HOUR)).collect();
            seconds.sort_unstable();
            written = until;
            let start = FIRST_SECOND + hour as i64 * SECONDS_PER_HOUR as i64;
            seconds.into_iter().try_for_each(|second| visit(self.post(start + second as i64)))?;
        }
        Ok(())
    }

    /// The rhythm of days and weeks, by half more at the end than at the beginning, with noise and busy hours.
    fn hour_weights(&mut self) -> Vec<f64> {
        let hour_weight = |hour: usize| {
            let day = hour / DAY_CURVE.len();
            let growth = 1.0 + 0.5 * day as f64 / DAYS as f64;
            let burst = if self.random.chance(0.002) { 4.0 } else { 1.0 };
            let noise = 0.8 + 0.4 * self.random.share();
            DAY_CURVE[hour % DAY_CURVE.len()] * WEEK_CURVE[day % WEEK_CURVE.len()] * growth * burst * noise
        };
        (0..DAYS * DAY_CURVE.len()).map(hour_weight).collect()
    }

    fn post(&mut self, second: i64) -> Post {
        let random = &mut self.random;
        let brand = self.brands.draw(random);
        let wanted = self.topic_counts.draw(random);
        let mut topics: Vec<&str> = (0..wanted).map(|_| TOPICS[self.topics.draw(random)]).collect();
        topics.sort_unstable();
        topics.dedup();
        let words = 6 + random.below(9);
        let words: Vec<&str> = (0..words).map(|_| self.spellings[self.words.draw(random)].as_str()).collect();
        Post {
            second,
            brand: format!("brand-{:02}", brand + 1),
            channel: CHANNELS[self.channels.draw(random)],
            language: LANGUAGES[self.languages.draw(random)],
            feeling: feeling(random, brand),
            topics,
            author: format!("user{}", self.authors.draw(random)),
            country: random.chance(0.4).then(|| COUNTRIES[random.below(COUNTRIES.len() as u64) as usize]),
            kind: KINDS[(random.share().powi(2) * KINDS.len() as f64) as usize],
            counts: [(0.25, 1e4), (0.08, 1e3), (0.05, 300.0), (0.03, 1e6), (0.2, 1e6)]
                .map(|(share, largest)| random.chance(share).then(|| random.magnitude(largest))),
            rating: random.chance(0.03).then(|| 1.0 + random.below(5) as f64),
            text: words.join(" "),
        }
    }
}

/// From 0.15 to 0.45 negative, by brand; one in fifty is not scored.
fn feeling(random: &mut Random, brand: usize) -> Option<[f64; 3]> {
    if random.chance(0.02) {
        return None;
    }
    let negative_share = 0.15 + 0.3 * ((brand * 7) % BRANDS as usize) as f64 / f64::from(BRANDS);
    let drawn = random.share();
    let label = if drawn < negative_share { 0 } else { 1 + usize::from(drawn > 0.5 + negative_share / 2.0) };
    let sure = 0.4 + 0.6 * random.share().sqrt();
    let rest = (1.0 - sure) * random.share();
    let mut probabilities = [1.0 - sure - rest; 3];
    probabilities[label] = sure;
    probabilities[(label + 1) % 3] = rest;
    Some(probabilities)
}

/// Of the most frequent word about a third of the mentions have one, of the rarest one in a million.
fn word_weights() -> Vec<f64> {
    let weight = |rank: f64| (COMMON_WORDS / rank).min(1.0).powf(1.2) / (rank + 2.0);
    (1..=WORDS).map(|rank| weight(f64::from(rank))).collect()
}

/// A word of its own for each number: syllables of a consonant and a vowel.
fn spelling(number: u32) -> String {
    const CONSONANTS: &[u8; 14] = b"bdfgklmnprstvz";
    const VOWELS: &[u8; 5] = b"aeiou";
    const SYLLABLES: usize = CONSONANTS.len() * VOWELS.len();
    let mut rest = number as usize;
    let mut word = String::new();
    while rest > 0 || word.len() < 4 {
        let syllable = (rest % SYLLABLES * 37 + word.len()) % SYLLABLES;
        word.push(char::from(CONSONANTS[syllable / VOWELS.len()]));
        word.push(char::from(VOWELS[syllable % VOWELS.len()]));
        rest /= SYLLABLES;
    }
    word
}
