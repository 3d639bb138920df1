//! Causes: what is said in the mentions of an alarm that was not said before, by whom, and how it reads.

use std::collections::HashMap;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::Value;

use super::alarm::{Alarm, Measure};
use super::error::SpikeError;
use super::rule::SpikeRule;
use crate::index::{Field, Measures, MentionIndex, NO_VALUE, SearchRequest};
use crate::query::QueryContext;
use crate::text::similar::without_links;
use crate::trends::{
    Drill, Interval, Slice, SliceTerm, SliceTermsRequest, TrendReport, TrendRequest, terms_of, terms_of_slice, trend,
};

/// The time before an alarm that its mentions are compared with.
const BACKGROUND: SignedDuration = SignedDuration::from_hours(14 * 24);
/// Mentions that are read of each side at most.
const MAX_READ: usize = 2_000;
/// Terms that are asked for; those that say the same are then left out.
const TERMS_ASKED: usize = 40;
/// Terms, topics, authors and mentions of a cause.
const MAX_TERMS: usize = 6;
const MAX_TOPICS: usize = 5;
const MAX_AUTHORS: usize = 5;
const MAX_MENTIONS: usize = 3;
/// Characters of a mention's text that are kept.
const MAX_TEXT_CHARS: usize = 1_000;
/// Characters of a name.
const MAX_NAME_CHARS: usize = 100;
/// Mentions before an alarm below which it is compared with all of its rule before it instead.
const MIN_BACKGROUND: u64 = 50;
/// A topic must be this many times as frequent as before.
const MIN_TOPIC_LIFT: f64 = 1.2;

/// What is behind an alarm.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Cause {
    /// The same in a sentence or two.
    pub text: String,
    /// Mentions from the beginning of the window until the alarm's last reading; negative ones only, where the measure is of
    /// negative mentions.
    pub mentions: u64,
    /// Reposts among them.
    pub reposts: u64,
    /// How many different authors they have.
    pub authors: u64,
    /// Terms that tell them from those before, the most distinctive first.
    pub terms: Vec<CauseTerm>,
    /// Topics that are more frequent than before, the most additional mentions first.
    pub topics: Vec<CauseTopic>,
    /// Who wrote most of them.
    pub top_authors: Vec<CauseAuthor>,
    /// Mentions that say it best: with the most of the terms, then the most engagement.
    pub top_mentions: Vec<CauseMention>,
    /// What selects these mentions.
    pub drill: Drill,
    /// What selects the mentions with which they were compared: those of the two weeks before, or where these are few, all of
    /// the rule's.
    pub compared_with: Drill,
}

/// A term of a cause.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CauseTerm {
    /// A word, two words, a hashtag, an account or an emoji; folded.
    pub term: String,
    /// Code of the language that it was found in.
    pub language: String,
    /// Mentions that have it, of those that were read.
    pub mentions: u64,
    /// As many would have it if it were as frequent as before.
    pub expected: f64,
}

/// A topic of a cause.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CauseTopic {
    /// The topic.
    pub topic: String,
    /// Mentions that have it.
    pub mentions: u64,
    /// As many would have it if it were as frequent as before.
    pub expected: f64,
}

/// An author of a cause.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CauseAuthor {
    /// The name.
    pub author: String,
    /// Mentions by this author.
    pub mentions: u64,
}

/// A mention that shows a cause.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CauseMention {
    /// Its id.
    pub id: String,
    /// When it was published.
    pub created_at: Option<Timestamp>,
    /// Who wrote it.
    pub author: Option<String>,
    /// What it says.
    pub text: String,
    /// How many mentions say the same, links aside.
    pub copies: u64,
    /// Likes, shares and replies, as far as they are known.
    pub engagement: u64,
}

/// Looks for the causes of a rule's alarms.
pub(super) struct CauseFinder<'a> {
    pub index: &'a MentionIndex,
    pub rule: &'a SpikeRule,
    pub zone: &'a TimeZone,
}

impl CauseFinder<'_> {
    /// The cause of an alarm.
    pub fn cause(&self, alarm: &Alarm) -> Result<Cause, SpikeError> {
        let (drill, before) = self.slices(alarm);
        let now = self.topics_of(&drill)?;
        let (before, then) = self.background(before)?;
        let terms = self.terms(&drill, &before)?;
        let (top_authors, top_mentions) = self.mentions(&drill, &terms)?;
        let mut cause = Cause {
            text: String::new(),
            mentions: now.total,
            reposts: now.figures.reposts.unwrap_or_default(),
            authors: now.figures.authors.map_or(0, |authors| authors.unique),
            terms,
            topics: topics(&now, &then),
            top_authors,
            top_mentions,
            drill,
            compared_with: before,
        };
        cause.text = cause.sentence(alarm);
        Ok(cause)
    }

    /// The mentions of an alarm, and those before it.
    fn slices(&self, alarm: &Alarm) -> (Drill, Drill) {
        let series = self.rule.per.map(|field| (field, alarm.series.as_str()));
        let is_negative = matches!(alarm.measure, Measure::Negative | Measure::NegativeShare);
        let negative = is_negative.then_some((Field::Sentiment, "negative"));
        let start = alarm.first.start;
        let of = |since: Timestamp, until: Timestamp| {
            let all = Drill { query: self.rule.query.clone(), since: Some(since), until: Some(until) };
            all.with(series.into_iter().chain(negative))
        };
        (of(start, alarm.last), of(start.checked_sub(BACKGROUND).unwrap_or(Timestamp::MIN), start))
    }

    /// What an alarm is compared with: the two weeks before it, or where they hold few mentions, all of the rule before it.
    fn background(&self, before: Drill) -> Result<(Drill, TrendReport), SpikeError> {
        let then = self.topics_of(&before)?;
        if then.total >= MIN_BACKGROUND {
            return Ok((before, then));
        }
        let others = Drill { query: self.rule.query.clone(), since: None, until: before.until };
        let then = self.topics_of(&others)?;
        Ok((others, then))
    }

    fn topics_of(&self, drill: &Drill) -> Result<TrendReport, SpikeError> {
        let request = TrendRequest {
            query: drill.query.clone(),
            since: drill.since,
            until: drill.until,
            by: Some(Field::Topic),
            interval: Interval::ALL,
            tz: self.zone.clone(),
            measures: Measures { authors: true, reposts: true, ..Measures::default() },
            ..TrendRequest::default()
        };
        Ok(trend(self.index, &request)?)
    }

    fn terms(&self, drill: &Drill, before: &Drill) -> Result<Vec<CauseTerm>, SpikeError> {
        let slice = |drill: &Drill| Slice { query: drill.query.clone(), since: drill.since, until: drill.until };
        let request = SliceTermsRequest {
            slice: slice(drill),
            among: slice(before),
            tz: self.zone.clone(),
            limit: TERMS_ASKED,
            max_read: MAX_READ,
        };
        let found = terms_of_slice(self.index, &request)?;
        let sizes: HashMap<&str, (u64, u64)> =
            found.languages.iter().map(|size| (size.language.as_str(), (size.selected, size.others))).collect();
        let mut terms: Vec<CauseTerm> = Vec::new();
        for SliceTerm { language, term } in found.terms {
            let words = |term: &str| term.split(' ').map(str::to_owned).collect::<Vec<_>>();
            let said = words(&term.term);
            if terms.iter().any(|chosen| words(&chosen.term).iter().any(|word| said.contains(word))) {
                continue;
            }
            let (selected, others) = sizes.get(language.as_str()).copied().unwrap_or_default();
            let expected = term.others as f64 * selected as f64 / (others as f64).max(1.0);
            terms.push(CauseTerm { term: term.term, language, mentions: term.selected, expected: round(expected) });
            if terms.len() == MAX_TERMS {
                break;
            }
        }
        Ok(terms)
    }

    /// The authors of most mentions, and the mentions that say it best, of the latest that are read.
    fn mentions(
        &self,
        drill: &Drill,
        terms: &[CauseTerm],
    ) -> Result<(Vec<CauseAuthor>, Vec<CauseMention>), SpikeError> {
        let request = SearchRequest {
            query: drill.query.clone(),
            since: drill.since,
            until: drill.until,
            limit: MAX_READ,
            facets: vec![Field::Author],
            context: QueryContext { zone: self.zone.clone(), now: Timestamp::now() },
            ..SearchRequest::default()
        };
        let found = self.index.search(&request)?;
        let authors = found.facets.iter().flat_map(|facet| &facet.values).filter(|author| author.value != NO_VALUE);
        let authors = authors
            .take(MAX_AUTHORS)
            .map(|author| CauseAuthor { author: beginning(&author.value, MAX_NAME_CHARS), mentions: author.count });
        let mut by_text: HashMap<String, (u64, CauseMention)> = HashMap::new();
        for hit in found.hits {
            let text = beginning(hit.mention.get("text").and_then(Value::as_str).unwrap_or_default(), MAX_TEXT_CHARS);
            let said_terms = terms_of(&text);
            let said = without_links(&text).to_lowercase();
            let mention = CauseMention {
                id: hit.id,
                created_at: hit.created_at,
                author: hit
                    .mention
                    .get("author")
                    .and_then(Value::as_str)
                    .map(|author| beginning(author, MAX_NAME_CHARS)),
                engagement: engagement(&hit.mention),
                text,
                copies: 0,
            };
            let telling = terms.iter().filter(|term| said_terms.contains(&term.term)).count() as u64;
            let (_, best) = by_text.entry(said).or_insert_with(|| (telling, mention.clone()));
            let copies = best.copies + 1;
            if mention.engagement >= best.engagement {
                // Hits come newest first: of equals, the first to say so.
                *best = mention;
            }
            best.copies = copies;
        }
        let mut mentions: Vec<(u64, CauseMention)> = by_text.into_values().collect();
        mentions.sort_by(|(a_telling, a), (b_telling, b)| {
            let rank = |telling: &u64, mention: &CauseMention| (*telling, mention.engagement, mention.copies);
            rank(b_telling, b).cmp(&rank(a_telling, a)).then_with(|| a.id.cmp(&b.id))
        });
        Ok((authors.collect(), mentions.into_iter().take(MAX_MENTIONS).map(|(_, mention)| mention).collect()))
    }
}

/// Topics that take a larger share than before.
fn topics(now: &TrendReport, then: &TrendReport) -> Vec<CauseTopic> {
    let before: HashMap<&str, u64> = then.values.iter().map(|topic| (topic.value.as_str(), topic.mentions)).collect();
    let expected = |topic: &str| {
        before.get(topic).copied().unwrap_or_default() as f64 * now.total as f64 / (then.total as f64).max(1.0)
    };
    let mut topics: Vec<CauseTopic> = now
        .values
        .iter()
        .filter(|topic| topic.value != NO_VALUE)
        .map(|topic| CauseTopic {
            topic: topic.value.clone(),
            mentions: topic.mentions,
            expected: round(expected(&topic.value)),
        })
        .filter(|topic| topic.mentions >= 2 && topic.mentions as f64 >= MIN_TOPIC_LIFT * topic.expected)
        .collect();
    let excess = |topic: &CauseTopic| topic.mentions as f64 - topic.expected;
    topics.sort_by(|a, b| excess(b).total_cmp(&excess(a)).then_with(|| a.topic.cmp(&b.topic)));
    // A topic and its child with the same mentions say the same thing.
    let mut seen: Vec<CauseTopic> = Vec::new();
    for topic in topics {
        let root = |topic: &str| topic.split('/').next().unwrap_or_default().to_owned();
        let is_said = |seen: &CauseTopic| seen.mentions == topic.mentions && root(&seen.topic) == root(&topic.topic);
        if !seen.iter().any(is_said) {
            seen.push(topic);
        }
    }
    seen.truncate(MAX_TOPICS);
    seen
}

fn engagement(mention: &Value) -> u64 {
    ["likes", "shares", "replies"].iter().filter_map(|name| mention.get(*name)?.as_u64()).fold(0, u64::saturating_add)
}

fn beginning(text: &str, chars: usize) -> String {
    text.chars().take(chars).collect()
}

fn round(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}

impl Cause {
    /// What a person would say to another.
    fn sentence(&self, alarm: &Alarm) -> String {
        let first = &alarm.first;
        let seconds = first.time.duration_since(first.start).as_secs().max(0) as u64;
        let window = super::duration::Length::from_secs(seconds.max(1));
        let mut parts = vec![match alarm.measure {
            Measure::Volume => format!("{} mentions in {window}, {}", first.value, first.expectation()),
            Measure::Negative => format!("{} negative mentions in {window}, {}", first.value, first.expectation()),
            Measure::NegativeShare => format!(
                "{} of {} scored mentions in {window} are negative, {:.1} expected (+{:.0} points)",
                first.value,
                first.scored.unwrap_or_default(),
                first.expected,
                first.effect
            ),
            Measure::Silence => return format!("no mentions for {window}, {:.1} expected", first.expected),
        }];
        let quoted = |term: &CauseTerm| format!("“{}” in {} ({} expected)", term.term, term.mentions, term.expected);
        if !self.terms.is_empty() {
            parts.push(self.terms.iter().take(3).map(quoted).collect::<Vec<_>>().join(", "));
        }
        if !self.topics.is_empty() {
            let told = |topic: &CauseTopic| format!("{} {} ({})", topic.topic, topic.mentions, topic.expected);
            parts.push(format!("topics: {}", self.topics.iter().take(3).map(told).collect::<Vec<_>>().join(", ")));
        }
        if self.reposts > 0 {
            parts.push(format!("{:.0} % reposts", 100.0 * self.reposts as f64 / self.mentions.max(1) as f64));
        }
        parts.join("; ")
    }
}
