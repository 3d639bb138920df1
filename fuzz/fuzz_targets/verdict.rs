//! Reads an arbitrary ruleset (up to a NUL byte), runs it over an arbitrary text (after it), and reads the same bytes as
//! a file of corrections.
//!
//! `RUSTC_BOOTSTRAP=1 cargo fuzz run verdict`
#![no_main]

use earmark::mention::Language;
use earmark::verdict::{SentimentRules, read_corrections};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &str| {
    let (rules, text) = data.split_once('\0').unwrap_or((data, data));
    if let Ok(rules) = SentimentRules::parse(rules, "fuzz") {
        let ruling = rules.rule(text, &Language::new("en", 1.0), &[]);
        assert_eq!(ruling.blank(text).chars().count(), text.chars().count());
    }
    let path = std::env::temp_dir().join(format!("earmark-fuzz-{}", std::process::id()));
    if std::fs::write(&path, data).is_ok() {
        let _ = read_corrections(&path);
    }
});
