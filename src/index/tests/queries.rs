//! What queries find, and what is refused.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::time::{Duration, Instant};

use proptest::prelude::*;
use tempfile::TempDir;

use super::{found, index_of, refused, request};
use crate::index::samples::{Sample, sample};
use crate::index::*;
use crate::mention::{Flag, Label};
use crate::query::{MAX_CLAUSES, MAX_NESTING, MAX_OPEN_BEGINNINGS, MAX_QUERY_BYTES, MAX_WILDCARDS};
use crate::query::{Query, QueryContext, Subject};

#[test]
fn words_of_every_language_are_found() {
    let (_dir, index) = index_of(&[
        sample("lv", "Piegāde KAVĒJAS jau trešo dienu"),
        sample("hy", "Առաքումը շատ ուշացավ"),
        sample("mr", "सेवा खूप वाईट आहे"),
        sample("th", "จัดส่งช้ามากเลย"),
        sample("zh", "快递配送很慢,不推荐"),
        sample("ja", "配送が遅い"),
        sample("fr", "L’application plante"),
        sample("en", "It doesn't work 😡 #LateFlight"),
    ]);
    let cases = [
        ("kavejas", vec!["lv"]),
        ("PIEGĀDE trešo", vec!["lv"]),
        ("ուշացավ", vec!["hy"]),
        ("ՈՒՇԱՑԱՎ", vec!["hy"]),
        ("वाईट", vec!["mr"]),
        ("ช้ามาก", vec!["th"]),
        ("配送", vec!["ja", "zh"]),
        ("配送很慢", vec!["zh"]),
        ("遅い", vec!["ja"]),
        ("配慢", vec![]),
        ("l'application", vec!["fr"]),
        ("doesn't", vec!["en"]),
        ("\"doesn't work\"", vec!["en"]),
        ("'tis", vec![]),
        ("😡", vec!["en"]),
        ("#lateflight", vec!["en"]),
        ("\"work lateflight\"~1", vec!["en"]),
        ("kavejas OR 遅い", vec!["ja", "lv"]),
        ("raw:LĒNI OR raw:KAVĒJAS", vec!["lv"]),
        ("raw:kavējas", vec![]),
        ("raw:\"#LateFlight\"", vec!["en"]),
        ("@lateflight OR #late", vec![]),
        ("#late*", vec!["en"]),
        ("慢", vec!["zh"]),
        ("(快递 OR ship*) NEAR/1 慢", vec![]),
        ("(快递 OR ship*) NEAR/3 慢", vec!["zh"]),
        ("慢 NEAR/3f 快递", vec![]),
        ("piegāde NEAR/2 d?enu", vec![]),
        ("piegāde NEAR/2f d?en?", vec![]),
        ("piegāde NEAR/3f die*", vec!["lv"]),
        ("\"jau tre* dien?\"", vec!["lv"]),
        ("text:(kavējas OR 遅い) -ja", vec!["ja", "lv"]),
        ("kavejas <<< Latvian >>>\n OR 遅い", vec!["ja", "lv"]),
    ];
    for (query, expected) in cases {
        assert_eq!(found(&index, query), expected, "{query}");
    }
}

/// Mentions that differ in every kind of field.
fn varied() -> Vec<Sample> {
    let strings = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>();
    vec![
        Sample {
            language: Some("lv"),
            sentiment: Some(Label::Negative),
            topics: strings(&["delivery/late", "app"]),
            brands: strings(&["Air Baltic", "AIR BALTIC ", "Łódź"]),
            likes: Some(100),
            thread_id: Some("aB".to_owned()),
            ..sample("a", "late").at("2015-02-17T23:59:59.5Z")
        },
        Sample {
            language: Some("en"),
            sentiment: Some(Label::Positive),
            topics: strings(&["delivery/fast"]),
            brands: strings(&["Other"]),
            likes: Some(-5),
            rating: Some(4.5),
            thread_id: Some("Ab".to_owned()),
            ..sample("b", "fast").at("2015-02-18T00:00:00Z")
        },
        Sample { flags: vec![Flag::NoText, Flag::Unscored], channel: Some("Twitter".to_owned()), ..sample("c", "") },
    ]
}

#[test]
fn fields_can_be_asked_for() {
    let (_dir, index) = index_of(&varied());
    let cases = [
        ("topic:delivery", "ba"),
        ("topic:delivery/late", "a"),
        ("TOPIC:Delivery/LATE", "a"),
        ("topic:deliver", ""),
        ("topic:(app OR delivery/fast)", "ba"),
        ("topic:deliv*", "ba"),
        ("topic:*/fast", "b"),
        ("brand:(ai* OR b?lt*) -brand:łódź", ""),
        ("brand:air* -brand:zz*", "a"),
        ("topic:*", "ba"),
        ("brand:\"air baltic\"", "a"),
        ("brand:łódź", "a"),
        ("sentiment:unscored", "c"),
        ("sentiment:(negative OR positive)", "ba"),
        ("language:LV late", "a"),
        ("flag:no_text", "c"),
        ("channel:twitter", "c"),
        ("thread_id:aB", "a"),
        ("id:b", "b"),
        ("id:B", ""),
        ("likes:[100 TO *]", "a"),
        ("likes:>-5", "a"),
        ("likes:>=-5", "ba"),
        ("likes:[* TO *]", "ba"),
        ("likes:-5", "b"),
        ("rating:[4 TO 4.5]", "b"),
        ("negative:>0.5", "a"),
        ("language_confidence:0.5", "bac"),
        ("created_at:2015-02-17", "a"),
        ("created_at:[2015-02-17 TO 2015-02-18]", "ba"),
        ("created_at:[2015-02-17 TO 2015-02-18}", "a"),
        ("created_at:{2015-02-17 TO *]", "b"),
        ("created_at:[2015-02-18T00:00:00Z TO *]", "b"),
        ("created_at:\"2015-02-18T00:00:00Z\"", "b"),
        ("created_at:*", "ba"),
        ("-late", "bc"),
        ("-late -fast", "c"),
        ("NOT topic:delivery", "c"),
        ("delivery OR (-topic:*)", "c"),
        ("topic:delivery AND NOT late", "b"),
        ("topic:delivery (-late)", "b"),
        ("likes:-5..100", "ba"),
        ("likes:5..-5", ""),
        ("hour:23", "a"),
        ("hour:0..3", "b"),
        ("weekday:tue", "a"),
        ("-weekday:tue", "bc"),
        ("lang:lv", "a"),
        ("thread:aB", "a"),
        ("author:*", ""),
        ("NOT author:*", "bac"),
        ("/late", "a"),
        ("*", "bac"),
        ("* -fast", "ac"),
    ];
    for (query, expected) in cases {
        assert_eq!(found(&index, query).concat(), expected, "{query}");
    }
}

/// What once found other mentions in the index than in a text, or none at all.
#[test]
fn odd_values_are_found_as_they_are_written() {
    let brand = format!("{} y", "x".repeat(MAX_KEYWORD_BYTES - 1));
    let odd = Sample { brands: vec![brand.clone()], rating: Some(-0.0), ..sample("odd", "a x $5 late #sale_") };
    let marks = sample("marks", &format!("か{}", "\u{3099}".repeat(60_000)));
    let (_dir, index) = index_of(&[odd.clone(), marks]);
    let cases = [
        (format!("brand:\"{brand}\""), vec!["odd"]),
        ("rating:>=0".to_owned(), vec!["odd"]),
        ("rating:-0".to_owned(), vec!["odd"]),
        ("raw:\"\u{200B} x\"".to_owned(), vec!["odd"]),
        ("raw:\"\u{3}$5\"".to_owned(), vec![]),
        ("“a x”".to_owned(), vec!["odd"]),
        ("„x a“".to_owned(), vec![]),
        ("#sale_*".to_owned(), vec!["odd"]),
        ("\"late #sale_*\"".to_owned(), vec!["odd"]),
        ("created_at:>=9000".to_owned(), vec![]),
    ];
    for (query, expected) in cases {
        assert_eq!(found(&index, &query), expected, "{query}");
        let parsed = Query::parse(&query, &QueryContext::default()).unwrap();
        assert_eq!(parsed.selects(&Subject::from(&odd.tagged())), !expected.is_empty(), "{query}");
    }
}

#[test]
fn bounds_of_time_are_half_open() {
    let (_dir, index) = index_of(&varied());
    let cases = [
        (Some("2015-02-18T00:00:00Z"), None, "b"),
        (None, Some("2015-02-18T00:00:00Z"), "a"),
        (Some("2015-02-17T23:59:59Z"), Some("2015-02-18T00:00:01Z"), "ba"),
        (None, Some("2015-02-18T00:00:00.1Z"), "ba"),
        (Some("9999-01-01T00:00:00Z"), None, ""),
        (Some("-009998-01-01T00:00:00Z"), Some("9999-01-01T00:00:00Z"), "ba"),
    ];
    for (since, until, expected) in cases {
        let parse = |time: Option<&str>| time.map(|time| time.parse().unwrap());
        let report = index.search(&SearchRequest { since: parse(since), until: parse(until), ..request("") }).unwrap();
        let ids: String = report.hits.iter().map(|hit| hit.id.as_str()).collect();
        assert_eq!(ids, expected, "{since:?} {until:?}");
    }
}

#[test]
fn queries_that_cannot_be_run_say_why() {
    let (_dir, index) = index_of(&varied());
    let cases = [
        ("stars:5", "there is no field \"stars\""),
        ("fingerprint:5", "there is no field"),
        ("brand.x:5", "there is no field"),
        ("http://x.example", "addresses, in quotes"),
        ("urgent:now", "there is no field \"urgent\""),
        ("likes:many", "whole number"),
        ("likes:[1.5 TO 2]", "whole number"),
        ("likes:[1 2]", "[FROM TO UNTIL]"),
        ("likes:[1 TO 2", "not closed"),
        ("rating:x", "rating is a number"),
        ("created_at:tomorrow", "is no time"),
        ("created_at:9999-12-31", "last day"),
        ("hour:24", "no hour"),
        ("weekday:x", "no day of the week"),
        ("(late", "this ( is not closed"),
        ("late)", "closes nothing"),
        ("late \"", "this quote is not closed"),
        ("late <<< x", "comment is not closed"),
        ("late AND", "is expected here"),
        ("OR late", "put it in quotes"),
        ("()", "is expected before this )"),
        (":)", "no letter"),
        ("!?", "at least 2 letters"),
        ("!!", "no letter"),
        ("late NEAR fast", "NEAR/5"),
        ("late NEAR/5 (fast AND slow)", "groups of them joined by OR"),
        ("late NEAR/101 fast", "at most 100"),
        ("late~3", "follow a phrase"),
        ("l*", "at least 2 letters"),
        ("brand:(a channel:b)", "no other fields"),
        ("brand:[a TO b]", "a range has no place here"),
        ("brand: x", "right behind"),
        ("raw:!!", "no letter"),
        ("\"very late\"~4000000000", "at most 100"),
    ];
    for (query, reason) in cases {
        let message = refused(&index, query);
        assert!(message.contains(reason), "{query}: {message}");
    }
    assert!(refused(&index, "stars:5").contains("sentiment, topic, lang, brand, channel, author, role"));
}

#[test]
fn hostile_queries_are_refused_quickly() {
    let (_dir, index) = index_of(&varied());
    let started = Instant::now();
    let nested = |depth: usize| format!("{}late{}", "(".repeat(depth), ")".repeat(depth));
    let many = |words: usize| vec!["a"; words].join(" OR ");
    let distinct = |words: usize| (0..words).map(|n| format!("w{n}")).collect::<Vec<_>>().join(" ");
    assert!(refused(&index, &nested(10_000)).contains("bytes"));
    assert!(refused(&index, &many(10_000)).contains("bytes"));
    assert!(refused(&index, &nested(MAX_NESTING + 1)).contains("nests"));
    assert!(refused(&index, &"(".repeat(MAX_QUERY_BYTES)).contains("nests"));
    assert!(refused(&index, &"-(".repeat(900)).contains("nests"));
    assert!(refused(&index, &"NOT ".repeat(200)).contains("nests"));
    assert!(refused(&index, &vec!["a"; MAX_NESTING + 2].join(" NEAR/5 ")).contains("nests"));
    assert!(refused(&index, &distinct(MAX_CLAUSES + 1)).contains("more than 1024"));
    assert!(refused(&index, &format!("id:({})", many(MAX_CLAUSES + 1))).contains("more than 1024"));
    assert!(refused(&index, &format!("\"{}\"", "a ".repeat(500))).contains("at most 64"));
    let open = |words: usize| (0..words).map(|n| format!("*w{n}x")).collect::<Vec<_>>().join(" OR ");
    assert!(refused(&index, &open(MAX_OPEN_BEGINNINGS + 1)).contains("more than 16 words that begin"));
    assert!(refused(&index, &format!("brand:({})", open(MAX_OPEN_BEGINNINGS + 1))).contains("more than 16 words"));
    assert!(refused(&index, &open(MAX_WILDCARDS + 1).replace('*', "").replace('x', "*")).contains("more than 256"));
    assert_eq!(found(&index, &nested(MAX_NESTING)), ["a"]);
    assert_eq!(found(&index, &format!("late OR {}", distinct(MAX_CLAUSES - 1).replace(' ', " OR "))), ["a"]);
    assert_eq!(found(&index, "a*b*c*d*"), [""; 0]);
    for (limit, offset) in [(MAX_LIMIT + 1, 0), (usize::MAX, usize::MAX), (1, MAX_WINDOW), (1, usize::MAX)] {
        let error = index.search(&SearchRequest { limit, offset, ..request("") }).unwrap_err();
        assert!(matches!(error, IndexError::Window { .. }) && error.is_user_error());
    }
    let widest = SearchRequest { limit: MAX_LIMIT, offset: MAX_WINDOW - MAX_LIMIT, ..request("") };
    assert_eq!(index.search(&widest).unwrap().total, 3);
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
}

proptest! {
    #[test]
    fn no_query_panics(query in "\\PC{0,40}") {
        let (_dir, index) = shared();
        if let Err(error) = index.search(&request(&query)) {
            prop_assert!(error.is_user_error(), "{}: {}", query, error);
        }
    }

    #[test]
    fn no_query_of_the_grammar_panics(
        parts in proptest::collection::vec(prop_oneof![
            Just("(".to_owned()), Just(")".to_owned()), Just("AND ".to_owned()), Just(" OR ".to_owned()),
            Just("NOT ".to_owned()), Just("-".to_owned()), Just("+".to_owned()), Just("'".to_owned()),
            Just("\"".to_owned()), Just("~2".to_owned()), Just("^3".to_owned()), Just("*".to_owned()),
            Just("likes:[".to_owned()), Just("1 TO ".to_owned()), Just("]".to_owned()), Just("}".to_owned()),
            Just(" NEAR/2 ".to_owned()), Just("raw:".to_owned()), Just("#".to_owned()), Just("hour:".to_owned()),
            Just("..".to_owned()), Just("?".to_owned()), Just("<<<".to_owned()), Just(">>>".to_owned()),
            Just("topic:".to_owned()), Just("rating:".to_owned()), Just("created_at:".to_owned()),
            Just("2015-02-17".to_owned()), Just("NaN".to_owned()), Just(" IN [".to_owned()), Just("/".to_owned()),
            Just(">=".to_owned()), Just("late ".to_owned()), Just("配送 ".to_owned()), Just("\\".to_owned()),
        ], 0..14)
    ) {
        let (_dir, index) = shared();
        if let Err(error) = index.search(&request(&parts.concat())) {
            prop_assert!(error.is_user_error(), "{}: {}", parts.concat(), error);
        }
    }
}

/// One small index for all cases of a property.
fn shared() -> &'static (TempDir, MentionIndex) {
    static SHARED: std::sync::OnceLock<(TempDir, MentionIndex)> = std::sync::OnceLock::new();
    SHARED.get_or_init(|| index_of(&varied()))
}
