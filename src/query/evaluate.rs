//! Asking a query of one mention, as it streams by.

use std::ops::Range;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::Query;
use super::expr::{Expr, FieldTest};
use super::field::{IdField, KeywordField, NumberField, QueryField};
use super::pattern::Pattern;
use super::span::{PatternPlaces, Span};
use super::value::whole_seconds;
use crate::mention::{Flag, Language, Mention, Sentiment, Tagged, TopicTag};
use crate::text::keys::{id_key, keyword, keyword_key};
use crate::text::places::Places;
use crate::topics::lineage;

/// How a mention without sentiment is asked for: `sentiment:unscored`.
pub const UNSCORED: &str = "unscored";
/// Times further than this from 1970 (about 292 years) are taken for none.
pub const MAX_SECONDS: i64 = i64::MAX / 1_000_000_000;

/// A mention, and what is known of it so far.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'m> {
    /// The mention.
    pub mention: &'m Mention,
    /// What language it is in.
    pub language: &'m Language,
    /// What only tagging tells; `None` before.
    pub outcome: Option<Outcome<'m>>,
}

/// What tagging told.
#[derive(Debug, Clone, Copy)]
pub struct Outcome<'m> {
    sentiment: Option<&'m Sentiment>,
    topics: &'m [TopicTag],
    flags: &'m [Flag],
}

impl<'m> From<&'m Tagged> for Subject<'m> {
    fn from(tagged: &'m Tagged) -> Subject<'m> {
        let Tagged { mention, language, sentiment, topics, flags, .. } = tagged;
        Subject { mention, language, outcome: Some(Outcome { sentiment: sentiment.as_ref(), topics, flags }) }
    }
}

/// Where the patterns of a query stand in a text.
#[derive(Debug, Clone)]
pub struct Hits<'q> {
    patterns: &'q [Pattern],
    places: Vec<Vec<usize>>,
}

impl PatternPlaces for Hits<'_> {
    fn places(&self, pattern: usize) -> &[usize] {
        &self.places[pattern]
    }

    fn width(&self, pattern: usize) -> usize {
        self.patterns[pattern].width
    }
}

impl Query {
    /// True if the query selects a mention.
    pub fn selects(&self, subject: &Subject) -> bool {
        let places = Places::of(&subject.mention.text);
        self.holds(&self.expr, &self.hits(&places), subject)
    }

    /// Where its patterns stand in a text.
    fn hits(&self, text: &Places) -> Hits<'_> {
        self.hits_at(self.patterns.iter().map(|pattern| pattern.find(text)).collect())
    }

    /// The hits of its patterns, found elsewhere: for each pattern the places at which it begins, in order.
    pub(crate) fn hits_at(&self, places: Vec<Vec<usize>>) -> Hits<'_> {
        Hits { patterns: &self.patterns, places }
    }

    /// True if the query selects a mention in whose text its patterns stand so.
    pub(crate) fn selects_with(&self, hits: &Hits, subject: &Subject) -> bool {
        self.holds(&self.expr, hits, subject)
    }

    fn holds(&self, expr: &Expr, hits: &Hits, subject: &Subject) -> bool {
        match expr {
            Expr::All => true,
            Expr::And(parts) => parts.iter().all(|part| self.holds(part, hits, subject)),
            Expr::Or(choices) => choices.iter().any(|choice| self.holds(choice, hits, subject)),
            Expr::Not(inner) => !self.holds(inner, hits, subject),
            Expr::Text(spans) => !spans.spans(hits).is_empty(),
            Expr::Field(test) => self.passes(test, subject),
        }
    }

    /// Where a text says what the query asks for: the spans of every part of it that holds, in Unicode characters, in order,
    /// joined where they overlap. Without a subject every part that stands in the text counts.
    pub(crate) fn evidence(&self, text: &Places, hits: &Hits, subject: Option<&Subject>) -> Vec<Range<usize>> {
        let mut spans = Vec::new();
        self.collect_evidence(&self.expr, hits, subject, &mut spans);
        spans.sort_unstable();
        let mut joined: Vec<Range<usize>> = Vec::new();
        // In characters, since two places can come from one, such as ½.
        for range in spans.into_iter().map(|span| text.original_chars(span.start..span.end)) {
            match joined.last_mut() {
                Some(last) if range.start < last.end => last.end = last.end.max(range.end),
                _ => joined.push(range),
            }
        }
        joined
    }

    fn collect_evidence(&self, expr: &Expr, hits: &Hits, subject: Option<&Subject>, spans: &mut Vec<Span>) {
        match expr {
            Expr::All | Expr::Not(_) | Expr::Field(_) => {}
            Expr::Text(text) => spans.extend(text.spans(hits)),
            Expr::And(parts) | Expr::Or(parts) => {
                for part in parts.iter().filter(|part| subject.is_none_or(|subject| self.holds(part, hits, subject))) {
                    self.collect_evidence(part, hits, subject, spans);
                }
            }
        }
    }

    /// Where in a text the words are that the query asks for, in Unicode characters; in order, apart from each other.
    pub fn highlights(&self, text: &str) -> Vec<Range<usize>> {
        let places = Places::of(text);
        self.evidence(&places, &self.hits(&places), None)
    }

    fn passes(&self, test: &FieldTest, subject: &Subject) -> bool {
        match test {
            FieldTest::Keyword(field, key) => any_key(*field, subject, &mut |value| value == key),
            FieldTest::KeywordLike(field, glob) => any_key(*field, subject, &mut |value| glob.matches(value)),
            FieldTest::Id(field, key) => id(*field, subject.mention).is_some_and(|id| id_key(id) == *key),
            FieldTest::Number(field, range) => match number(*field, subject) {
                Some(Number::Count(count)) => range.contains_count(count),
                Some(Number::Decimal(number)) => range.contains(number),
                None => false,
            },
            FieldTest::Time(range) => second(subject.mention).is_some_and(|second| range.contains(second)),
            FieldTest::Hours(hours) => {
                second(subject.mention).is_some_and(|second| is_in_hours(&self.zone, second, *hours))
            }
            FieldTest::Weekdays(days) => {
                second(subject.mention).is_some_and(|second| is_on_days(&self.zone, second, *days))
            }
            FieldTest::Exists(field) => match field {
                QueryField::Keyword(field) => any_key(*field, subject, &mut |_| true),
                QueryField::Id(field) => id(*field, subject.mention).is_some(),
                QueryField::Number(field) => number(*field, subject).is_some(),
                QueryField::CreatedAt | QueryField::Hour | QueryField::Weekday => second(subject.mention).is_some(),
                QueryField::Text | QueryField::Raw => true,
            },
        }
    }
}

/// True if a second lies in one of these hours of the day in a zone, a bit each.
pub(crate) fn is_in_hours(zone: &TimeZone, second: i64, hours: u32) -> bool {
    local(zone, second).is_some_and(|local| hours >> local.hour() & 1 == 1)
}

/// True if a second lies on one of these days of the week in a zone, a bit each from Monday on.
pub(crate) fn is_on_days(zone: &TimeZone, second: i64, days: u8) -> bool {
    local(zone, second).is_some_and(|local| days >> local.weekday().to_monday_zero_offset() & 1 == 1)
}

fn local(zone: &TimeZone, second: i64) -> Option<DateTime> {
    Some(zone.to_datetime(Timestamp::from_second(second).ok()?))
}

enum Number {
    Count(i64),
    Decimal(f64),
}

/// The second in which a mention was published, if it is known and can be indexed.
pub(crate) fn second(mention: &Mention) -> Option<i64> {
    mention.created_at.map(whole_seconds).filter(|second| second.abs() <= MAX_SECONDS)
}

fn any_key(field: KeywordField, subject: &Subject, is_wanted: &mut dyn FnMut(&str) -> bool) -> bool {
    let mut is_wanted = |value: &str| keyword(value).is_some_and(|spelling| is_wanted(&keyword_key(&spelling)));
    let Subject { mention, language, outcome } = subject;
    let mut single = |value: &Option<String>| value.as_deref().is_some_and(&mut is_wanted);
    match field {
        KeywordField::Channel => single(&mention.channel),
        KeywordField::Author => single(&mention.author),
        KeywordField::AuthorRole => single(&mention.author_role),
        KeywordField::Country => single(&mention.country),
        KeywordField::Kind => single(&mention.kind),
        KeywordField::ClaimedLang => single(&mention.lang),
        KeywordField::Brand => mention.brands.iter().any(|brand| is_wanted(brand)),
        KeywordField::Language => is_wanted(language.code),
        KeywordField::Sentiment => outcome
            .is_some_and(|outcome| is_wanted(outcome.sentiment.map_or(UNSCORED, |sentiment| sentiment.label.as_str()))),
        KeywordField::Topic => {
            outcome.is_some_and(|outcome| outcome.topics.iter().flat_map(|tag| lineage(&tag.topic)).any(is_wanted))
        }
        KeywordField::Flag => outcome.is_some_and(|outcome| outcome.flags.iter().any(|flag| is_wanted(flag.as_str()))),
    }
}

fn id(field: IdField, mention: &Mention) -> Option<&str> {
    let id = match field {
        IdField::Id => Some(mention.id.as_str()),
        IdField::Thread => mention.thread_id.as_deref(),
        IdField::ReplyTo => mention.in_reply_to.as_deref(),
    };
    id.filter(|id| !id.is_empty())
}

fn number(field: NumberField, subject: &Subject) -> Option<Number> {
    let mention = subject.mention;
    let sentiment = || subject.outcome.and_then(|outcome| outcome.sentiment);
    let decimal = |number: f64| number.is_finite().then_some(Number::Decimal(number));
    match field {
        NumberField::Likes => mention.counts.likes.map(Number::Count),
        NumberField::Shares => mention.counts.shares.map(Number::Count),
        NumberField::Replies => mention.counts.replies.map(Number::Count),
        NumberField::Views => mention.counts.views.map(Number::Count),
        NumberField::Followers => mention.counts.followers.map(Number::Count),
        NumberField::Rating => mention.rating.and_then(decimal),
        NumberField::Negative => sentiment().and_then(|sentiment| decimal(sentiment.negative)),
        NumberField::Neutral => sentiment().and_then(|sentiment| decimal(sentiment.neutral)),
        NumberField::Positive => sentiment().and_then(|sentiment| decimal(sentiment.positive)),
        NumberField::LanguageConfidence => decimal(subject.language.confidence),
    }
}
