//! Trends against a count by hand, and as they are written.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Zoned};
use proptest::prelude::*;
use serde_json::json;
use tempfile::TempDir;

use super::*;
use crate::index::samples::{Sample, sample};
use crate::index::{Checkpoint, IndexError, IndexWriter, MentionIndex};
use crate::mention::{Flag, Label};

fn index_of(samples: &[Sample], per_commit: usize) -> (TempDir, MentionIndex) {
    let dir = TempDir::new().unwrap();
    let mut writer = IndexWriter::open(dir.path(), 2).unwrap();
    for chunk in samples.chunks(per_commit) {
        for sample in chunk {
            writer.upsert(&sample.tagged()).unwrap();
        }
        writer.commit(&Checkpoint::default()).unwrap();
    }
    writer.finish().unwrap();
    let index = MentionIndex::open(dir.path()).unwrap();
    (dir, index)
}

fn request(interval: &str, zone: &str, by: Option<Field>) -> TrendRequest {
    let (interval, tz) = (interval.parse().unwrap(), TimeZone::get(zone).unwrap());
    TrendRequest { by, interval, tz, ..TrendRequest::default() }
}

fn mood(id: &str, created_at: &str, sentiment: Option<Label>) -> Sample {
    Sample { sentiment, ..sample(id, "late").at(created_at) }
}

#[test]
fn reports_are_written_as_agreed() {
    let samples = [
        mood("1", "2015-02-17T00:00:00Z", Some(Label::Positive)),
        mood("2", "2015-02-17T23:59:59Z", None),
        mood("3", "2015-02-19T12:00:00Z", Some(Label::Negative)),
        sample("4", "late"),
    ];
    let (_dir, index) = index_of(&samples, 2);
    let report = trend(&index, &request("1d", "UTC", Some(Field::Sentiment))).unwrap();
    let expected = concat!(
        r#"{"total":3,"interval":"1d","tz":"UTC","by":"sentiment","query":"","undated":1,"buckets":["#,
        r#"{"start":"2015-02-17T00:00:00Z","total":2,"counts":{"negative":0,"positive":1,"unscored":1}},"#,
        r#"{"start":"2015-02-18T00:00:00Z","total":0,"counts":{"negative":0,"positive":0,"unscored":0}},"#,
        r#"{"start":"2015-02-19T00:00:00Z","total":1,"counts":{"negative":1,"positive":0,"unscored":0}}]}"#
    );
    assert_eq!(serde_json::to_string(&report).unwrap(), expected);

    let report = trend(&index, &request("1w", "Europe/Riga", None)).unwrap();
    let expected = json!({
        "total": 3, "interval": "1w", "tz": "Europe/Riga", "by": null, "query": "", "undated": 1,
        "buckets": [{"start": "2015-02-16T00:00:00+02:00", "total": 3, "counts": {}}],
    });
    assert_eq!(serde_json::to_value(&report).unwrap(), expected);

    let fixed = TimeZone::fixed(jiff::tz::offset(-3));
    let report = trend(&index, &TrendRequest { tz: fixed, ..request("1mo", "UTC", None) }).unwrap();
    assert_eq!((report.tz.as_str(), report.buckets.len()), ("-03", 1));
}

#[test]
fn values_keep_their_spelling_and_come_by_size() {
    let brands = |id: &str, brands: &[&str]| Sample {
        brands: brands.iter().map(|brand| (*brand).to_owned()).collect(),
        ..sample(id, "x").at("2015-02-17T00:00:00Z")
    };
    let samples = [
        brands("1", &["acme"]),
        brands("2", &["Acme", "ACME"]),
        brands("3", &[" Acme ", "Łódź"]),
        brands("4", &[]),
        brands("5", &["Bolt"]),
    ];
    let (_dir, index) = index_of(&samples, 2);
    let report = trend(&index, &request("1d", "UTC", Some(Field::Brand))).unwrap();
    let written = serde_json::to_string(&report).unwrap();
    assert!(written.contains(r#""by":"brand","query":"","multi_valued":true,"#), "{written}");
    let counts: Vec<(&str, u64)> = report.buckets[0].counts.iter().collect();
    assert_eq!(counts, [("Acme", 3), ("(none)", 1), ("Bolt", 1), ("Łódź", 1)]);
    assert_eq!((report.total, report.buckets[0].counts.get("Bolt"), report.buckets[0].counts.get("x")), (5, 1, 0));
}

#[test]
fn topics_count_for_their_parents() {
    let topics = |id: &str, topics: &[&str]| Sample {
        topics: topics.iter().map(|topic| (*topic).to_owned()).collect(),
        flags: vec![Flag::Truncated],
        ..sample(id, "x").at("2015-02-17T00:00:00Z")
    };
    let samples = [topics("1", &["delivery/late", "delivery/lost"]), topics("2", &["delivery/late"]), topics("3", &[])];
    let (_dir, index) = index_of(&samples, 3);
    let counts = |by| {
        let report = trend(&index, &request("1d", "UTC", Some(by))).unwrap();
        serde_json::to_value(&report.buckets[0].counts).unwrap()
    };
    assert_eq!(counts(Field::Topic), json!({"delivery": 2, "delivery/late": 2, "(none)": 1, "delivery/lost": 1}));
    assert_eq!(counts(Field::Flag), json!({"truncated": 3}));
    assert_eq!(counts(Field::Country), json!({"(none)": 3}));
    assert_eq!(counts(Field::Language), json!({"und": 3}));
}

#[test]
fn nothing_found_is_an_empty_report() {
    let (_dir, index) = index_of(&[sample("1", "late")], 1);
    let request = request("1h", "Europe/Riga", Some(Field::Topic));
    let report = trend(&index, &request).unwrap();
    assert_eq!((report.total, report.undated, report.buckets.len()), (0, 1, 0));
    let report = trend(&index, &TrendRequest { query: "missing".to_owned(), ..request }).unwrap();
    assert_eq!((report.total, report.undated, report.buckets.len()), (0, 0, 0));
}

#[test]
fn too_much_is_refused() {
    let author =
        |n: usize, time: &str| Sample { author: Some(format!("a{n}")), ..sample(&n.to_string(), "x").at(time) };
    let mut samples: Vec<Sample> = (0..150).map(|n| author(n, "2015-02-17T00:00:00Z")).collect();
    samples.push(author(150, "2016-02-17T00:00:00Z"));
    let (_dir, index) = index_of(&samples, 200);
    let error = trend(&index, &request("15m", "UTC", None)).unwrap_err();
    assert!(matches!(error, TrendError::TooManyBuckets { .. }) && error.is_user_error());
    assert!(error.to_string().contains("buckets of 15m"));
    let error = trend(&index, &request("1h", "UTC", Some(Field::Author))).unwrap_err();
    assert!(matches!(error, TrendError::TooManyCells { buckets: 8_761, values: 151 }) && error.is_user_error());
    assert_eq!(trend(&index, &request("1h", "UTC", None)).unwrap().buckets.len(), 8_761);
    let wrong = TrendRequest { query: "stars:5".to_owned(), ..request("1d", "UTC", None) };
    let error = trend(&index, &wrong).unwrap_err();
    assert!(matches!(error, TrendError::Index(IndexError::Query(_))) && error.is_user_error());
}

/// What tells the bucket of a moment from others: for calendar intervals its first day, for shorter ones the day, the
/// minute of the day and the offset from UTC.
type Key = (jiff::civil::Date, i64, i32);

fn key(moment: &Zoned, interval: &str) -> Key {
    let day = moment.date();
    let minute = i64::from(moment.hour()) * 60 + i64::from(moment.minute());
    let clock = |minutes: i64| (day, minute - minute % minutes, moment.offset().seconds());
    match interval {
        "1d" => (day, 0, 0),
        "1w" => (day - i64::from(day.weekday().to_monday_zero_offset()).days(), 0, 0),
        "1mo" => (day.first_of_month(), 0, 0),
        "3h" => clock(180),
        "1h" => clock(60),
        "15m" => clock(15),
        other => panic!("{other}"),
    }
}

fn values(sample: &Sample, by: Field) -> Vec<String> {
    let values = match by {
        Field::Sentiment => vec![sample.sentiment.map_or("unscored", Label::as_str).to_owned()],
        Field::Brand => {
            let mut seen = BTreeSet::new();
            sample.brands.iter().filter(|brand| seen.insert(brand.to_lowercase())).cloned().collect()
        }
        Field::Topic => {
            let parents = sample.topics.iter().filter_map(|topic| topic.split_once('/')).map(|(parent, _)| parent);
            let all: BTreeSet<String> = sample.topics.iter().cloned().chain(parents.map(str::to_owned)).collect();
            all.into_iter().collect()
        }
        Field::Channel => sample.channel.iter().cloned().collect(),
        other => panic!("{other}"),
    };
    if values.is_empty() { vec!["(none)".to_owned()] } else { values }
}

/// Counts by bucket and value in lower case, and how often each spelling of each value occurs.
#[derive(Default)]
struct ByHand {
    totals: BTreeMap<Key, u64>,
    counts: BTreeMap<(Key, String), u64>,
    spellings: BTreeMap<String, BTreeMap<String, u64>>,
    undated: u64,
}

fn count_by_hand(samples: &[&Sample], zone: &TimeZone, interval: &str, by: Option<Field>) -> ByHand {
    let mut hand = ByHand::default();
    for sample in samples {
        let Some(time) = &sample.created_at else {
            hand.undated += 1;
            continue;
        };
        let key = key(&time.parse::<Timestamp>().unwrap().to_zoned(zone.clone()), interval);
        *hand.totals.entry(key).or_default() += 1;
        for value in by.map(|by| values(sample, by)).unwrap_or_default() {
            *hand.counts.entry((key, value.to_lowercase())).or_default() += 1;
            *hand.spellings.entry(value.to_lowercase()).or_default().entry(value).or_default() += 1;
        }
    }
    hand
}

/// Moments around which the clocks of the tested zones change, and one in days of local mean time.
const MOMENTS: [&str; 8] = [
    "2015-03-29T01:00:00Z",
    "2015-10-25T01:00:00Z",
    "2015-03-08T07:00:00Z",
    "2015-11-01T06:00:00Z",
    "2015-04-04T15:00:00Z",
    "2015-10-03T15:30:00Z",
    "2015-12-31T20:00:00Z",
    "1880-01-01T00:00:00Z",
];
const ZONES: [&str; 5] = ["Europe/Riga", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC"];
const INTERVALS: [&str; 6] = ["15m", "1h", "3h", "1d", "1w", "1mo"];

fn any_sample(moment: &'static str) -> impl Strategy<Value = Sample> {
    let near: Timestamp = moment.parse().unwrap();
    let pick = |values: &'static [&'static str], most| {
        proptest::sample::subsequence(values.to_vec(), 0..=most)
            .prop_map(|values| values.into_iter().map(str::to_owned).collect::<Vec<_>>())
    };
    let time = proptest::option::weighted(0.9, prop_oneof![-200_000_000..200_000_000i64, -5_000_000..5_000_000i64]);
    (
        0..40u8,
        any::<bool>(),
        time,
        proptest::option::of(proptest::sample::select(Label::ALL.to_vec())),
        pick(&["Acme", "ACME", "acme", "Łódź", "łódź", "Bolt"], 3),
        pick(&["delivery/late", "delivery/lost", "delivery", "app", "price/high"], 3),
        pick(&["twitter", "Twitter", "reviews"], 1),
    )
        .prop_map(move |(id, late, milliseconds, sentiment, brands, topics, channel)| Sample {
            created_at: milliseconds.map(|ms| (near + ms.milliseconds()).to_string()),
            sentiment,
            brands,
            topics,
            channel: channel.into_iter().next(),
            ..sample(&id.to_string(), if late { "late again" } else { "fast" })
        })
}

fn any_samples() -> impl Strategy<Value = Vec<Sample>> {
    proptest::sample::select(MOMENTS.to_vec())
        .prop_flat_map(|moment| proptest::collection::vec(any_sample(moment), 1..120))
}

fn any_field() -> impl Strategy<Value = Option<Field>> {
    proptest::option::weighted(
        0.9,
        proptest::sample::select(vec![Field::Sentiment, Field::Brand, Field::Topic, Field::Channel]),
    )
}

/// What must be true of every report, whatever is in the index.
fn check_shape(report: &TrendReport, interval: &str) {
    let keys: Vec<Key> = report.buckets.iter().map(|bucket| key(&bucket.start, interval)).collect();
    assert_eq!(keys.iter().collect::<BTreeSet<_>>().len(), keys.len(), "no two buckets are one");
    for pair in report.buckets.windows(2) {
        let end = &pair[1].start;
        assert!(pair[0].start < *end);
        let last = key(&(end - 1.second()), interval);
        assert_eq!(last, key(&pair[0].start, interval), "a bucket ends where the next one starts");
        let before = key(&(&pair[0].start - 1.second()), interval);
        assert_ne!(before, key(&pair[0].start, interval), "a bucket starts at its first moment");
    }
    assert_eq!(report.total, report.buckets.iter().map(|bucket| bucket.total).sum::<u64>());
    for ends in [report.buckets.first(), report.buckets.last()].into_iter().flatten() {
        assert!(ends.total > 0);
    }
    if report.by.is_some() && !report.multi_valued {
        for bucket in &report.buckets {
            assert_eq!(bucket.counts.iter().map(|(_, count)| count).sum::<u64>(), bucket.total);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Trends are what counting by hand gives, with updates between commits, in every zone, over changes of the clock.
    #[test]
    fn trends_are_exact(
        samples in any_samples(),
        per_commit in 15..60usize,
        zone in proptest::sample::select(ZONES.to_vec()),
        interval in proptest::sample::select(INTERVALS.to_vec()),
        by in any_field(),
        query in proptest::sample::select(vec!["", "late", "-late"]),
        bounds in proptest::option::of((0..120usize, 0..120usize)),
    ) {
        let (_dir, index) = index_of(&samples, per_commit);
        let bound = |at: usize| samples.get(at)?.created_at.as_ref()?.parse::<Timestamp>().ok();
        let (since, until) = bounds.map_or((None, None), |(since, until)| (bound(since), bound(until)));
        let whole = |time: Timestamp| time.round(jiff::TimestampRound::new()
            .smallest(jiff::Unit::Second).mode(jiff::RoundMode::Ceil)).unwrap();
        let within = |time: Option<&String>| {
            let time: Option<Timestamp> = time.map(|time| time.parse().unwrap());
            since.is_none_or(|since| time.is_some_and(|time| floor(time) >= whole(since)))
                && until.is_none_or(|until| time.is_some_and(|time| floor(time) < whole(until)))
        };
        let last: BTreeMap<&str, &Sample> = samples.iter().map(|sample| (sample.id.as_str(), sample)).collect();
        let selected: Vec<&Sample> = last.into_values()
            .filter(|sample| query.is_empty() || sample.text.starts_with("late") == (query == "late"))
            .filter(|sample| within(sample.created_at.as_ref()))
            .collect();
        let request = TrendRequest { query: query.to_owned(), since, until, ..request(interval, zone, by) };
        let report = trend(&index, &request).unwrap();
        check_shape(&report, interval);

        let hand = count_by_hand(&selected, &request.tz, interval, by);
        prop_assert_eq!(report.undated, hand.undated);
        let counted = |bucket: &Bucket| (key(&bucket.start, interval), bucket.total);
        let totals: BTreeMap<Key, u64> = report.buckets.iter().map(counted).filter(|(_, total)| *total > 0).collect();
        prop_assert_eq!(totals, hand.totals);
        let mut counts = BTreeMap::new();
        for bucket in &report.buckets {
            for (value, count) in bucket.counts.iter() {
                if count > 0 {
                    counts.insert((key(&bucket.start, interval), value.to_lowercase()), count);
                }
                let spellings = &hand.spellings[&value.to_lowercase()];
                prop_assert!(spellings.values().all(|&count| count <= spellings[value]));
            }
            prop_assert_eq!(bucket.counts.iter().count(), hand.spellings.len());
        }
        prop_assert_eq!(counts, hand.counts);
    }
}

fn floor(time: Timestamp) -> Timestamp {
    time.round(jiff::TimestampRound::new().smallest(jiff::Unit::Second).mode(jiff::RoundMode::Floor)).unwrap()
}
