//! Reads an arbitrary file of brands (up to a NUL byte) and divides an arbitrary text (after it) among them.
//!
//! `RUSTC_BOOTSTRAP=1 cargo fuzz run towards`
#![no_main]

use earmark::mention::Language;
use earmark::towards::TrackedBrands;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &str| {
    let (brands, text) = data.split_once('\0').unwrap_or((data, data));
    let Ok(brands) = TrackedBrands::parse(brands, "fuzz") else { return };
    let length = text.chars().count();
    for target in brands.targets(text, &Language::new("en", 1.0)) {
        assert!(!target.matches.is_empty());
        assert!(target.matches.iter().all(|found| found.start < found.end && found.end <= length));
        assert!(target.part.is_none_or(|part| !part.is_empty()));
    }
});
