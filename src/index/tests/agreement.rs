//! Four ways to ask the same query must agree on every mention: the index, a text that streams by, a topic rule among
//! keywords, and a plain reading of the language's rules, which is written here without any of their code but folding.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod plain;

use std::collections::HashSet;
use std::sync::OnceLock;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::FileFailurePersistence;
use tempfile::TempDir;

use super::{index_of, request};
use crate::index::samples::{Sample, sample};
use crate::index::*;
use crate::mention::{Flag, Label, Tagged};
use crate::query::{Query, QueryContext, Subject};
use crate::topics::{Matcher, Topic};
use plain::{Node, Reading, Test};

/// Words and pieces of text in many scripts, many of them alike.
const WORDS: [&str; 58] = [
    "late",
    "LATE",
    "later",
    "plate",
    "läte",
    "order",
    "orders",
    "reorder",
    "parcel",
    "don't",
    "don’t",
    "C++",
    "C",
    "c",
    "e-mail",
    "#late",
    "#late_order",
    "@kurio",
    "kurio",
    "😡",
    "😡😡",
    "❤\u{FE0F}",
    "❤",
    "配送",
    "送",
    "配",
    "很慢",
    "配送很慢",
    "遅い",
    "が遅い",
    "ช้า",
    "ช้ามาก",
    "מאוחר",
    "תודה",
    "تأخير",
    "تاخير",
    "kavējas",
    "KAVEJAS",
    "сервис",
    "Ёлка",
    "елка",
    "straße",
    "STRASSE",
    "½",
    "3.5",
    "ﬁne",
    "fine",
    "brand™",
    "#late_",
    "#配送late",
    "e\u{301}te",
    "été",
    "सेवा",
    "ज़रूर",
    "Año",
    "año",
    "ano",
    "US",
];
const BETWEEN: [&str; 18] =
    [" ", " ", " ", " ", " ", "  ", "-", ", ", ". ", "\n", "", "/", "_", "! ", "…", "\u{200B}", " #", " @"];

fn text() -> impl Strategy<Value = String> {
    let piece = (prop::sample::select(WORDS.to_vec()), prop::sample::select(BETWEEN.to_vec()));
    prop::collection::vec(piece, 0..12)
        .prop_map(|pieces| pieces.into_iter().flat_map(|(word, between)| [word, between]).collect::<String>())
}

/// A word of a query, some with wildcards.
fn word() -> impl Strategy<Value = String> {
    let wild = prop::sample::select(vec![
        "late*",
        "*ate",
        "*ate*",
        "l?te",
        "order?",
        "re*er",
        "#late*",
        "#late_*",
        "#配*",
        "#*order",
        "@ku?io",
        "ka*jas",
        "配送*",
        "*慢",
        "se*s",
        "стр*",
        "серв*",
        "str?sse",
        "fi??",
        "не*",
        "सेव*",
    ]);
    prop_oneof![3 => prop::sample::select(WORDS.to_vec()), 1 => wild].prop_map(str::to_owned)
}

fn phrase() -> impl Strategy<Value = String> {
    let joined = prop::collection::vec((word(), prop::sample::select(vec![" ", " ", " ", "-", ", ", "_"])), 1..4);
    joined.prop_map(|words| {
        let text: String = words.into_iter().flat_map(|(word, between)| [word, between.to_owned()]).collect();
        text.trim_end_matches([' ', ',', '-', '_']).to_owned()
    })
}

/// What can stand beside `NEAR`.
fn spans() -> impl Strategy<Value = Node> {
    let leaf = prop_oneof![
        4 => word().prop_map(Node::Phrase),
        2 => phrase().prop_map(Node::Phrase),
        1 => (prop::collection::vec(word(), 1..4), 0..4usize).prop_map(|(words, slop)| Node::Loose(words, slop)),
        2 => text().prop_map(|text| Node::Raw(text.chars().take(12).collect::<String>().trim().to_owned())),
        1 => prop::sample::select(WORDS.to_vec()).prop_map(|word| Node::Raw(word.to_owned())),
    ];
    leaf.prop_recursive(3, 6, 3, |inner| {
        let near = (inner.clone(), inner.clone(), 0..5usize, any::<bool>());
        prop_oneof![
            near.prop_map(|(left, right, distance, ordered)| Node::Near(
                Box::new(left),
                Box::new(right),
                distance,
                ordered
            )),
            prop::collection::vec(inner, 2..4).prop_map(Node::Or),
        ]
    })
}

fn field() -> impl Strategy<Value = Test> {
    prop_oneof![
        prop::sample::select(vec!["lv", "en", "zh", "LV", "xx"]).prop_map(|code| Test::Language(code.to_owned())),
        prop::sample::select(vec!["negative", "positive", "unscored"])
            .prop_map(|label| Test::Sentiment(label.to_owned())),
        prop::sample::select(vec!["delivery", "delivery/late", "app", "deliv"])
            .prop_map(|topic| Test::Topic(topic.to_owned())),
        prop::sample::select(vec!["air x", "AIR X", "kurio", "łódź"]).prop_map(|brand| Test::Brand(brand.to_owned())),
        prop::sample::select(vec!["air*", "ku?io", "*dź", "zz*"]).prop_map(|brand| Test::BrandLike(brand.to_owned())),
        prop::sample::select(vec!["no_text", "unscored"]).prop_map(|flag| Test::Flag(flag.to_owned())),
        (-6i64..120, -6i64..120).prop_map(|(from, to)| Test::Likes(from, to)),
        (0i64..5).prop_map(|rating| Test::RatingAbove(rating as f64)),
        (0u8..24, 0u8..24).prop_map(|(from, to)| Test::Hours(from, to)),
        (15u8..20).prop_map(Test::Day),
        Just(Test::HasAuthor),
        prop::sample::select(vec!["aB", "ab"]).prop_map(|id| Test::Thread(id.to_owned())),
    ]
}

fn query() -> impl Strategy<Value = Node> {
    prop_oneof![4 => spans(), 1 => field().prop_map(Node::Field)].prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(Node::And),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Node::Or),
            inner.prop_map(|inner| Node::Not(Box::new(inner))),
        ]
    })
}

/// Mentions that differ in every way that queries ask for.
fn mentions() -> Vec<Sample> {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut some = |length: usize,
                    strategy: &dyn Fn(&mut proptest::test_runner::TestRunner) -> String|
     -> Vec<String> { (0..length).map(|_| strategy(&mut runner)).collect() };
    let made = some(220, &|runner| text().new_tree(runner).unwrap().current());
    let real = include_str!("../../../examples/mentions.ndjson").lines().step_by(3).map(|line| {
        let record: serde_json::Value = serde_json::from_str(line).unwrap();
        record["text"].as_str().unwrap_or_default().to_owned()
    });
    made.into_iter().chain(real).enumerate().map(|(number, text)| with_fields(number, &text)).collect()
}

fn with_fields(number: usize, text: &str) -> Sample {
    let pick = |step: usize, length: usize| (number * step + number / 7) % length;
    let strings = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>();
    let author = (pick(1, 2) == 0).then(|| format!("author {}", pick(3, 9)));
    Sample {
        language: [Some("lv"), Some("en"), Some("zh"), None][pick(5, 4)],
        sentiment: [Some(Label::Negative), Some(Label::Neutral), Some(Label::Positive), None][pick(3, 4)],
        topics: [strings(&[]), strings(&["delivery/late", "app"]), strings(&["delivery"])][pick(5, 3)].clone(),
        brands: [strings(&[]), strings(&["Air X", "AIR X "]), strings(&["Kurio", "Łódź"])][pick(7, 3)].clone(),
        flags: if pick(11, 5) == 0 { vec![Flag::NoText, Flag::Unscored] } else { Vec::new() },
        likes: [None, Some(-5), Some(0), Some(100)][pick(13, 4)],
        rating: [None, Some(1.0), Some(4.5)][pick(3, 3)],
        created_at: (pick(17, 5) > 0).then(|| format!("2015-02-{}T{:02}:59:59.5Z", 15 + pick(3, 5), pick(5, 24))),
        thread_id: (pick(3, 2) == 0).then(|| "aB".to_owned()),
        author,
        ..sample(&number.to_string(), text)
    }
}

struct Shared {
    /// Each mention as it was written, tagged and read.
    mentions: Vec<(Sample, Tagged, Reading)>,
    _dir: TempDir,
    index: MentionIndex,
}

fn shared() -> &'static Shared {
    static SHARED: OnceLock<Shared> = OnceLock::new();
    SHARED.get_or_init(|| {
        let mentions = mentions();
        let (dir, index) = index_of(&mentions);
        let read = |mention: Sample| {
            let (tagged, reading) = (mention.tagged(), Reading::of(&mention.text));
            (mention, tagged, reading)
        };
        Shared { mentions: mentions.into_iter().map(read).collect(), _dir: dir, index }
    })
}

fn context() -> QueryContext {
    QueryContext { zone: jiff::tz::TimeZone::UTC, now: "2015-02-20T00:00:00Z".parse().unwrap() }
}

/// The matcher of a taxonomy with one topic, of which the query is the only rule; `None` where it cannot be one.
fn as_topic_rule(written: &str) -> Option<Matcher> {
    let rule = Query::parse_topic_rule(written).ok()?;
    let rules = [("any".to_owned(), vec![rule])].into();
    Some(Matcher::compile(&[Topic { name: "topic".to_owned(), rules, ..Topic::default() }]).unwrap())
}

/// Cases of a property; more for a longer run: `EARMARK_AGREEMENT_CASES=100000 cargo test --release agreement`.
fn cases(default: u32) -> ProptestConfig {
    let cases = std::env::var("EARMARK_AGREEMENT_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(default);
    ProptestConfig {
        cases,
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct("tests/proptest-regressions/agreement.txt"))),
        ..ProptestConfig::default()
    }
}

/// The property would hold of queries that find nothing, too: these do not.
#[test]
fn random_queries_find_some_mentions_and_leave_others() {
    let Shared { mentions, .. } = shared();
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut understood, mut telling) = (0, 0);
    for _ in 0..200 {
        let written = query().new_tree(&mut runner).unwrap().current().to_string();
        if let Ok(query) = Query::parse(&written, &context()) {
            let found = mentions.iter().filter(|(_, tagged, _)| query.selects(&Subject::from(tagged))).count();
            understood += 1;
            telling += usize::from(found > 0 && found < mentions.len());
        }
    }
    assert!(understood >= 100 && telling >= 80, "{understood} understood, {telling} telling");
}

proptest! {
    #![proptest_config(cases(600))]

    /// 600 queries of 388 mentions: 232,800 pairs.
    #[test]
    fn index_stream_topic_rule_and_plain_reading_agree(node in query()) {
        let Shared { mentions, index, .. } = shared();
        let written = node.to_string();
        let Ok(query) = Query::parse(&written, &context()) else {
            prop_assert!(node.is_refused(), "refused: {}", written);
            return Ok(());
        };
        let report = index.search(&SearchRequest { limit: MAX_LIMIT, context: context(), ..request(&written) });
        let found: HashSet<String> = report.unwrap().hits.into_iter().map(|hit| hit.id).collect();
        let matcher = as_topic_rule(&written);
        for (mention, tagged, reading) in mentions {
            let streamed = query.selects(&Subject::from(tagged));
            let plain = node.holds(reading, mention);
            prop_assert_eq!(streamed, plain, "streaming {} on {:?}", &written, &mention.text);
            prop_assert_eq!(found.contains(&mention.id), plain, "index {} on {:?}", &written, &mention.text);
            if let Some(matcher) = &matcher {
                let tags = matcher.tag_mention(&Subject::from(tagged));
                prop_assert_eq!(!tags.is_empty(), plain, "topic rule {} on {:?}", &written, &mention.text);
                prop_assert!(tags.iter().all(|tag| !tag.matches.is_empty()), "{} gives no reason", &written);
            }
        }
    }

    #[test]
    fn stream_and_plain_reading_agree_on_any_text(
        node in query(),
        text in prop_oneof![text(), "\\PC{0,30}", "[a配送 #@_.é\u{301}😡-]{0,20}"],
    ) {
        let written = node.to_string();
        if let Ok(query) = Query::parse(&written, &context()) {
            let mention = with_fields(text.len(), &text);
            let streamed = query.selects(&Subject::from(&mention.tagged()));
            prop_assert_eq!(streamed, node.holds(&Reading::of(&text), &mention), "{} on {:?}", &written, &text);
        }
    }
}
