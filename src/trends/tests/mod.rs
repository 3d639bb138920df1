//! Trends as they are written, and against counts by hand.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod by_hand;
mod worlds;

use jiff::tz::TimeZone;
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
    let version = &report.data_version;
    let drill = |query: &str| {
        format!(r#""drill":{{"query":"{query}","since":"2015-02-17T00:00:00Z","until":"2015-02-20T00:00:00Z"}}"#)
    };
    let value = |name: &str| {
        format!(r#"{{"value":"{name}","mentions":1,"share":0.3333,{}}}"#, drill(&format!("sentiment:{name}")))
    };
    let expected = [
        r#"{"total":3,"interval":"1d","tz":"UTC","by":"sentiment","query":"","since":null,"until":null,"#,
        &format!(r#""data_version":"{version}","undated":1,{},"#, drill("")),
        &format!(r#""values":[{},{},{}],"buckets":["#, value("negative"), value("positive"), value("unscored")),
        r#"{"start":"2015-02-17T00:00:00Z","end":"2015-02-18T00:00:00Z","total":2,"share":0.6667,"#,
        r#""counts":{"negative":0,"positive":1,"unscored":1}},"#,
        r#"{"start":"2015-02-18T00:00:00Z","end":"2015-02-19T00:00:00Z","total":0,"share":0.0,"#,
        r#""counts":{"negative":0,"positive":0,"unscored":0}},"#,
        r#"{"start":"2015-02-19T00:00:00Z","end":"2015-02-20T00:00:00Z","total":1,"share":0.3333,"#,
        r#""counts":{"negative":1,"positive":0,"unscored":0}}]}"#,
    ];
    assert_eq!(serde_json::to_string(&report).unwrap(), expected.concat());

    let report = trend(&index, &request("1w", "Europe/Riga", None)).unwrap();
    let bounds = json!({"start": "2015-02-16T00:00:00+02:00", "end": "2015-02-23T00:00:00+02:00"});
    let bucket = &serde_json::to_value(&report).unwrap()["buckets"][0];
    assert_eq!(json!({"start": bucket["start"], "end": bucket["end"]}), bounds);
    assert_eq!((bucket["total"].as_u64(), &bucket["counts"], bucket.get("pairs")), (Some(3), &json!({}), None));

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
    assert!(written.contains(r#""multi_valued":true,"#), "{written}");
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

#[test]
fn pairs_stand_in_rows_and_in_order() {
    let mention = |id: &str, topics: &[&str], sentiment| Sample {
        topics: topics.iter().map(|topic| (*topic).to_owned()).collect(),
        sentiment,
        ..sample(id, "x").at("2015-02-17T00:00:00Z")
    };
    let samples = [
        mention("1", &["delivery", "app"], Some(Label::Positive)),
        mention("2", &["delivery"], Some(Label::Negative)),
        mention("3", &["delivery"], Some(Label::Negative)),
    ];
    let (_dir, index) = index_of(&samples, 2);
    let pair = TrendRequest { then_by: Some(Field::Sentiment), ..request("all", "UTC", Some(Field::Topic)) };
    let report = trend(&index, &pair).unwrap();
    let written = serde_json::to_value(&report).unwrap();
    let expected = r#"{"delivery":{"negative":2,"positive":1},"app":{"negative":0,"positive":1}}"#;
    assert_eq!(written["buckets"][0]["pairs"].to_string(), expected);
    assert_eq!(written["then_by"], "sentiment");
    assert_eq!(written["values"][0]["pairs"][0]["share"], 0.6667);
    assert_eq!(written["values"][0]["pairs"][0]["drill"]["query"], "topic:delivery sentiment:negative");
}

#[test]
fn a_query_that_speaks_of_now_says_when_it_was_asked() {
    let (_dir, index) = index_of(&[mood("1", "2015-02-17T00:00:00Z", None)], 1);
    let asked_at = |query: &str| {
        let request = TrendRequest { query: query.to_owned(), ..request("1d", "UTC", None) };
        trend(&index, &request).unwrap().asked_at
    };
    assert_eq!((asked_at("late"), asked_at("created_at:2015")), (None, None));
    assert!(asked_at("created_at:<-1y").is_some() && asked_at("created_at:<=today").is_some());
}

#[test]
fn a_commit_changes_the_version_of_the_data() {
    let dir = TempDir::new().unwrap();
    let mut writer = IndexWriter::open(dir.path(), 1).unwrap();
    let mut version = |text: &str| {
        writer.upsert(&sample("1", text).tagged()).unwrap();
        writer.commit(&Checkpoint::default()).unwrap();
        let version =
            || trend(&MentionIndex::open(dir.path()).unwrap(), &TrendRequest::default()).unwrap().data_version;
        assert_eq!(version(), version());
        version()
    };
    assert!(version("late") != version("later") && version("x").len() == 12);
}

#[test]
fn a_comparison_needs_a_beginning() {
    let (_dir, index) = index_of(&[mood("1", "2015-02-17T00:00:00Z", None)], 1);
    let compared = TrendRequest { compare: true, ..request("1d", "UTC", None) };
    let error = trend(&index, &compared).unwrap_err();
    assert!(matches!(error, TrendError::CompareSince) && error.is_user_error());
}

#[test]
fn without_an_end_every_query_is_compared_as_far_as_the_index_goes() {
    let said =
        |id: &str, time: &str, brand: &str| Sample { brands: vec![brand.to_owned()], ..sample(id, "x").at(time) };
    let samples = [
        said("1", "2026-09-13T12:00:00Z", "Acme"),
        said("2", "2026-09-14T12:00:00Z", "Acme"),
        said("3", "2026-09-14T13:00:00Z", "Bolt"),
        said("4", "2026-09-15T00:00:05Z", "Bolt"),
        said("5", "2026-09-16T23:59:59Z", "Corvo"),
    ];
    let (_dir, index) = index_of(&samples, 2);
    let compared = |query: &str, since: &str| {
        let (query, since) = (query.to_owned(), Some(since.parse().unwrap()));
        trend(&index, &TrendRequest { query, since, compare: true, ..request("1d", "UTC", None) })
    };
    for (query, now, before) in [("brand:acme", 0, 2), ("brand:bolt", 1, 1), ("", 2, 3)] {
        let report = compared(query, "2026-09-15T00:00:00Z").unwrap();
        let comparison = report.comparison.unwrap();
        assert_eq!((report.total, comparison.change.previous), (now, before), "{query}");
        assert_eq!(comparison.rule, "the 2 days before, in the calendar of the zone");
    }
    let error = compared("", "2026-09-17T00:00:00Z").unwrap_err();
    assert!(matches!(error, TrendError::CompareUntil { .. }) && error.is_user_error());
}

#[test]
fn shares_of_voice_add_up() {
    let said = |id: &str, brands: &[&str], kind: &str| Sample {
        brands: brands.iter().map(|brand| (*brand).to_owned()).collect(),
        kind: Some(kind.to_owned()),
        sentiment: Some(Label::Negative),
        ..sample(id, "late")
    };
    let samples = [
        said("1", &["Acme", "Bolt"], "post"),
        said("2", &["acme"], "Repost"),
        said("3", &["Acme"], "post"),
        said("4", &[], "post"),
    ];
    let samples = samples.into_iter().chain([said("5", &["(None)"], "post")]).collect::<Vec<_>>();
    let (_dir, index) = index_of(&samples, 2);
    let voices = share_of_voice(&index, "late", None, None, &TimeZone::UTC).unwrap();
    assert_eq!((voices.mentions, voices.without_brand), (5, 2));
    assert_eq!((voices.brand_mentions, voices.brand_mentions_without_reposts), (4, 3));
    let shares: Vec<_> =
        voices.brands.iter().map(|brand| (brand.brand.as_str(), brand.share, brand.share_without_reposts)).collect();
    assert_eq!(shares, [("Acme", Some(0.75), Some(0.6667)), ("Bolt", Some(0.25), Some(0.3333))]);
    assert_eq!((voices.brands[0].net.value, voices.brands[0].drill.query.as_str()), (Some(-1.0), "(late) brand:Acme"));
}

#[test]
fn terms_of_a_slice_are_compared_within_their_language() {
    let say = |id: usize, language, day: u32, text: &str| Sample {
        language: Some(language),
        ..sample(&id.to_string(), text).at(&format!("2015-02-{day:02}T00:00:00Z"))
    };
    let slice = (0..40).map(|id| {
        say(
            id,
            if id % 4 == 0 { "en" } else { "es" },
            20,
            ["el tren tarda", "the train is late"][usize::from(id % 4 == 0)],
        )
    });
    let others = (40..140).map(|id| {
        say(id, if id % 10 == 0 { "es" } else { "en" }, 10, ["el sol", "the sun is nice"][usize::from(id % 10 != 0)])
    });
    let samples: Vec<Sample> = slice.chain(others).collect();
    let (_dir, index) = index_of(&samples, 30);
    let request = SliceTermsRequest {
        slice: Slice { since: Some("2015-02-15T00:00:00Z".parse().unwrap()), ..Slice::default() },
        among: Slice::default(),
        tz: TimeZone::UTC,
        limit: 100,
        max_read: 1_000,
    };
    let found = terms_of_slice(&index, &request).unwrap();
    let both = |mentions, read| MentionsRead { mentions, read };
    assert_eq!((found.selected, found.others), (both(40, 40), both(100, 100)));
    let of = |term: &str| found.terms.iter().find(|found| found.term.term == term);
    let tarda = of("tarda").unwrap();
    assert_eq!((tarda.language.as_str(), tarda.term.selected, tarda.term.others), ("es", 30, 0));
    assert!(of("late").is_some() && of("el").is_none() && of("the").is_none(), "{:?}", found.terms);
    assert_eq!(found.languages[0], LanguageMentions { language: "es".to_owned(), selected: 30, others: 10 });

    let some = terms_of_slice(&index, &SliceTermsRequest { max_read: 8, ..request.clone() }).unwrap();
    assert_eq!((some.selected, some.others), (both(40, 8), both(100, 8)));
    assert_eq!(terms_of_slice(&index, &SliceTermsRequest { max_read: 8, ..request }).unwrap(), some);
}
