//! Finds the language of an arbitrary text (after a NUL byte), with an arbitrary claim (before it), and its parts.
//!
//! `RUSTC_BOOTSTRAP=1 cargo fuzz run language`
#![no_main]

use std::sync::LazyLock;

use earmark::language::{Detector, Hints, LanguageOptions};
use libfuzzer_sys::fuzz_target;

static DETECTOR: LazyLock<Option<Detector>> = LazyLock::new(|| {
    let options = LanguageOptions { top: 5, spans: true, trust_claimed: 0.5, ..LanguageOptions::default() };
    Detector::new(&options).ok()
});

fuzz_target!(|data: &str| {
    let Some(detector) = DETECTOR.as_ref() else { return };
    let (claimed, text) = data.split_once('\0').unwrap_or(("", data));
    let language = detector.detect_with(text, &Hints { claimed: Some(claimed), channel: None });
    assert!((0.0..=1.0).contains(&language.confidence));
    let length = text.chars().count();
    assert!(language.spans.iter().all(|span| span.start < span.end && span.end <= length));
    assert!(language.spans.is_sorted_by(|a, b| a.end <= b.start));
});
