//! Folds, splits, cleans and detects arbitrary text, and checks that every way back leads into the original.
//!
//! `RUSTC_BOOTSTRAP=1 cargo fuzz run text`
#![no_main]

use earmark::language::Detector;
use earmark::text::clean::Cleaning;
use earmark::text::fold::{fold, fold_expressions};
use earmark::text::words::words;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let folded = fold(text);
    assert_eq!(fold(&folded.text).text, folded.text, "folding twice changes nothing");
    for folded in [folded, fold_expressions(text)] {
        for (at, c) in folded.text.char_indices() {
            let bytes = folded.original_bytes(at..at + c.len_utf8());
            assert!(text.get(bytes).is_some_and(|piece| !piece.is_empty()));
        }
    }
    for word in &words(text).words {
        assert!(text.get(word.bytes.clone()).is_some());
    }
    for cleaning in [Cleaning::Mask, Cleaning::Social] {
        cleaning.apply(text);
    }
    let language = Detector::default().detect(text);
    assert!((0.0..=1.0).contains(&language.confidence));
});
