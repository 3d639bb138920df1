//! Parses an arbitrary query (up to a NUL byte) as a search and as a topic rule, and asks it of an arbitrary text (after
//! it). What is parsed must mean the same when it is parsed again, errors must point into the query, and nothing may take
//! 50 ms.
//!
//! `RUSTC_BOOTSTRAP=1 cargo fuzz run query`
#![no_main]

use std::time::{Duration, Instant};

use earmark::mention::{Language, Mention};
use earmark::query::{Query, QueryContext, Subject};
use libfuzzer_sys::fuzz_target;

const SLOW: Duration = Duration::from_millis(50);

/// Runs something up to three times, in case the machine was busy with something else, and panics if it is slow each time.
fn quickly<T>(what: &str, run: impl Fn() -> T) -> T {
    for _ in 0..2 {
        let started = Instant::now();
        let result = run();
        if started.elapsed() < SLOW {
            return result;
        }
    }
    let started = Instant::now();
    let result = run();
    assert!(started.elapsed() < SLOW, "{what} took {:?}", started.elapsed());
    result
}

fuzz_target!(|data: &str| {
    let (written, text) = data.split_once('\0').unwrap_or((data, data));
    let context = QueryContext { zone: jiff::tz::TimeZone::UTC, now: jiff::Timestamp::UNIX_EPOCH };
    let _ = quickly("a topic rule", || Query::parse_topic_rule(written));
    match quickly("a query", || Query::parse(written, &context)) {
        Err(error) => {
            assert!(error.chars.start <= error.chars.end && error.chars.end <= written.chars().count());
            assert!(!error.to_string().is_empty());
        }
        Ok(query) => {
            assert_eq!(Query::parse(&query.text, &context).as_ref(), Ok(&query));
            let mention = Mention { text: text.to_owned(), ..Mention::default() };
            let language = Language::new("en", 1.0);
            let subject = Subject { mention: &mention, language: &language, outcome: None };
            quickly("a mention", || query.selects(&subject));
            for range in query.highlights(text) {
                assert!(range.start < range.end && range.end <= text.chars().count());
            }
        }
    }
});
