//! Folds, splits into places, cleans and detects arbitrary text, and checks that every way back leads into the original.
//!
//! `RUSTC_BOOTSTRAP=1 cargo fuzz run text`
#![no_main]

use earmark::language::Detector;
use earmark::text::clean::Cleaning;
use earmark::text::canonical::canonical;
use earmark::text::fold::fold;
use earmark::text::places::Places;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let folded = fold(text);
    assert_eq!(fold(&folded.text).text, folded.text, "folding twice changes nothing");
    for folded in [folded, canonical(text)] {
        for (at, c) in folded.text.char_indices() {
            let bytes = folded.original_bytes(at..at + c.len_utf8());
            assert!(text.get(bytes).is_some_and(|piece| !piece.is_empty()));
        }
    }
    let places = Places::of(text);
    for place in 0..places.len() {
        assert!(text.get(places.original_bytes(place)).is_some());
        assert!(places.original_chars(place..place + 1).end <= text.chars().count());
        let _ = (places.spelling(place), places.before(place), places.after(place));
    }
    for cleaning in [Cleaning::Mask, Cleaning::Social] {
        cleaning.apply(text);
    }
    let language = Detector::default().detect(text);
    assert!((0.0..=1.0).contains(&language.confidence));
});
