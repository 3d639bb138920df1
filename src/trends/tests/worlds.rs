//! Random mentions, and random questions about them.

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::index::samples::{Sample, sample};
use crate::mention::Label;
use crate::trends::{Field, Measures, TrendRequest};

/// Zones, each with moments around which its clocks change: at midnight, by half an hour, by a day. In none do they show the
/// end of a day again after the next one has begun, which a count by dates would not know of.
const ZONES: [(&str, &[&str]); 10] = [
    ("America/Santiago", &["2017-08-13T04:00:00Z", "2017-05-14T03:00:00Z"]),
    ("Australia/Lord_Howe", &["2015-04-04T15:00:00Z", "2015-10-03T15:30:00Z"]),
    ("Asia/Beirut", &["2017-03-25T22:00:00Z", "2017-10-28T21:00:00Z"]),
    ("Europe/Riga", &["2015-03-29T01:00:00Z", "2015-10-25T01:00:00Z"]),
    ("Africa/Cairo", &["2014-05-15T22:00:00Z", "2023-04-27T22:00:00Z"]),
    ("America/Sao_Paulo", &["2017-10-15T03:00:00Z", "2018-02-18T02:00:00Z"]),
    ("Pacific/Apia", &["2011-12-30T10:00:00Z", "2012-03-31T14:00:00Z"]),
    ("America/New_York", &["2015-03-08T07:00:00Z", "2015-11-01T06:00:00Z"]),
    ("Asia/Kolkata", &["2015-12-31T18:30:00Z", "1880-01-01T00:00:00Z"]),
    ("UTC", &["2015-02-17T00:00:00Z", "2016-12-31T23:59:59Z"]),
];
const INTERVALS: [&str; 8] = ["15m", "1h", "3h", "12h", "1d", "1w", "1mo", "all"];
/// A query, and whom it selects.
type Selecting = (&'static str, fn(&Sample) -> bool);
pub(super) const QUERIES: [Selecting; 5] = [
    ("", |_| true),
    ("late", |sample| sample.text.starts_with("late")),
    ("-late", |sample| !sample.text.starts_with("late")),
    ("late OR channel:\"TWITTER\"", |sample| {
        sample.text.starts_with("late") || sample.channel.as_ref().is_some_and(|channel| channel != "reviews")
    }),
    ("likes:>0 <<< seen >>>", |sample| sample.likes.is_some_and(|likes| likes > 0)),
];
const FIELDS: [Field; 6] = [Field::Sentiment, Field::Brand, Field::Topic, Field::Channel, Field::Author, Field::Kind];
const BRANDS: [&str; 12] = [
    "Acme",
    "ACME",
    " acme",
    "Łódź",
    "łódź",
    "Air \"X\" \\ y",
    "AIR \"x\" \\ Y",
    "(none)",
    "(None)",
    "b*l?",
    "NOT",
    "“q” (r)",
];

/// Mentions, and what is asked of them.
#[derive(Debug, Clone)]
pub(super) struct World {
    pub samples: Vec<Sample>,
    pub per_commit: usize,
    pub questions: Vec<Question>,
}

/// A request, with its query by number.
#[derive(Debug, Clone)]
pub(super) struct Question {
    pub query: usize,
    pub request: TrendRequest,
}

fn strings(values: &'static [&'static str], most: usize) -> impl Strategy<Value = Vec<String>> {
    subsequence(values.to_vec(), 0..=most).prop_map(|values| values.into_iter().map(str::to_owned).collect())
}

fn any_sample(moment: &'static str) -> impl Strategy<Value = Sample> {
    let near: Timestamp = moment.parse().unwrap();
    let time = prop_oneof![
        3 => -20_000_000..20_000_000i64,
        2 => -300_000_000..300_000_000i64,
        1 => -1_500_000_000..1_500_000_000i64,
    ];
    let time = proptest::option::weighted(0.93, time);
    let probabilities = proptest::option::weighted(0.8, (0..100u32, 0..100u32, 1..100u32));
    let tags = (
        probabilities,
        strings(&BRANDS, 3),
        strings(&["delivery/late", "delivery/lost", "delivery", "app", "price/high"], 3),
        strings(&["twitter", "Twitter", "reviews"], 1),
    );
    let source = (
        strings(&["Ann", "ANN ", " Bob", "Çelik", "çelik", " "], 1),
        strings(&["repost", "Repost", "reply"], 1),
        proptest::option::of(-3..50i64),
        proptest::option::of(prop_oneof![Just(0), Just(7), Just(i64::MAX)]),
    );
    (0..60u8, any::<bool>(), time, tags, source).prop_map(move |(id, late, milliseconds, tags, source)| {
        let (probabilities, brands, topics, channel) = tags;
        let (author, kind, likes, views) = source;
        let of_sum = |(a, b, c): (u32, u32, u32)| [a, b, c].map(|part| f64::from(part) / f64::from(a + b + c));
        Sample {
            created_at: milliseconds.map(|ms| (near + ms.milliseconds()).to_string()),
            sentiment: probabilities.map(|_| Label::Neutral),
            probabilities: probabilities.map(of_sum),
            brands,
            topics,
            channel: channel.into_iter().next(),
            author: author.into_iter().next(),
            kind: kind.into_iter().next(),
            likes,
            shares: likes.map(|likes| likes * 2),
            views,
            ..sample(&id.to_string(), if late { "late again" } else { "fast" })
        }
    })
}

/// A bound of time: none, that of a mention, or a midnight near the moment.
fn any_bound(zone: TimeZone, moment: &'static str, times: Vec<Timestamp>) -> impl Strategy<Value = Option<Timestamp>> {
    let near: Timestamp = moment.parse().unwrap();
    let midnight = (-5..6i64).prop_map(move |days| {
        let date = near.to_zoned(zone.clone()).date() + days.days();
        date.to_zoned(zone.clone()).unwrap().start_of_day().unwrap().timestamp()
    });
    let of_mention = select(if times.is_empty() { vec![near] } else { times });
    prop_oneof![2 => Just(None), 3 => midnight.prop_map(Some), 1 => of_mention.prop_map(Some)]
}

fn any_question(zone: &'static str, moment: &'static str, times: Vec<Timestamp>) -> impl Strategy<Value = Question> {
    let tz = TimeZone::get(zone).unwrap();
    let field = || proptest::option::weighted(0.85, select(FIELDS.to_vec()));
    let bounds = (any_bound(tz.clone(), moment, times.clone()), any_bound(tz.clone(), moment, times));
    (0..QUERIES.len(), select(INTERVALS.to_vec()), field(), field(), 0..32u8, bounds, any::<bool>()).prop_map(
        move |(query, interval, by, then_by, measures, (since, until), compare)| {
            let has = |bit: u8| measures & (1 << bit) != 0;
            let measures =
                Measures { net: has(0), score: has(1), authors: has(2), engagement: has(3), reposts: has(4) };
            let request = TrendRequest {
                query: QUERIES[query].0.to_owned(),
                since,
                until,
                by,
                then_by,
                interval: interval.parse().unwrap(),
                tz: tz.clone(),
                measures,
                compare: compare && since.is_some(),
            };
            Question { query, request }
        },
    )
}

/// Mentions around a change of the clock, and so many questions in its zone.
pub(super) fn any_world(questions: usize) -> impl Strategy<Value = World> {
    let place = select(ZONES.to_vec()).prop_flat_map(|(zone, moments)| (Just(zone), select(moments.to_vec())));
    place.prop_flat_map(move |(zone, moment)| {
        let samples = proptest::collection::vec(any_sample(moment), 1..90);
        (samples, 15..60usize).prop_flat_map(move |(samples, per_commit)| {
            let times = samples.iter().filter_map(|sample| sample.created_at.as_ref()?.parse().ok()).collect();
            proptest::collection::vec(any_question(zone, moment, times), questions).prop_map(move |questions| World {
                samples: samples.clone(),
                per_commit,
                questions,
            })
        })
    })
}
