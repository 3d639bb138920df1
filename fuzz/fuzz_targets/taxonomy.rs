//! Reads an arbitrary taxonomy (up to a NUL byte) and runs it over an arbitrary text (after it).
//!
//! `RUSTC_BOOTSTRAP=1 cargo fuzz run taxonomy`
#![no_main]

use earmark::mention::Language;
use earmark::topics::{Matcher, Taxonomy};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &str| {
    let (taxonomy, text) = data.split_once('\0').unwrap_or((data, data));
    let Ok(taxonomy) = Taxonomy::parse(taxonomy, "fuzz") else { return };
    let Ok(matcher) = Matcher::compile(&taxonomy.topics) else { return };
    let length = text.chars().count();
    for tag in matcher.tag(text, &Language::new("und", 0.0)) {
        assert!(!tag.matches.is_empty());
        for found in tag.matches {
            assert!(found.start < found.end && found.end <= length);
        }
    }
});
