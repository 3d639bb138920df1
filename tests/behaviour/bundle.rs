//! Any sequence classifier in the Hugging Face layout is a model; a broken one says what to fix.

use std::fs;
use std::path::Path;

use earmark::mention::Label;
use earmark::sentiment::{Bundle, DEFAULT_BATCH_TOKENS, Scorer};
use tempfile::TempDir;

use crate::support::{fixture, runtime, score};

/// What PyTorch says about these texts with the model of `tests/fixtures/xlmr-tiny` (printed by its `make.py`): the
/// probabilities of five stars, summed to negative, neutral, positive.
const XLMR_TINY: [(&str, [f64; 3]); 3] = [
    ("the parcel is late", [0.105_730_4, 0.414_739_2, 0.479_530_3]),
    ("great service, thank you so much", [0.418_189_7, 0.106_362_7, 0.475_447_7]),
    ("配送 遅い", [0.599_494_8, 0.054_356_7, 0.346_148_5]),
];

#[test]
fn an_exported_five_star_xlm_r_runs_and_agrees_with_pytorch() {
    let bundle = Bundle::load(&fixture("xlmr-tiny")).unwrap();
    assert_eq!(bundle.max_length, 64, "two of its 66 positions are reserved");
    let texts = XLMR_TINY.map(|(text, _)| text);
    for (score, (text, expected)) in score(&bundle, &texts, DEFAULT_BATCH_TOKENS).iter().zip(XLMR_TINY) {
        let sentiment = score.sentiment.unwrap();
        for (label, expected) in Label::ALL.into_iter().zip(expected) {
            let found = sentiment.probability(label);
            assert!((found - expected).abs() < 1e-3, "{text}: {} is {found}, PyTorch says {expected}", label.as_str());
        }
    }
}

#[test]
fn a_result_does_not_depend_on_the_batch() {
    let bundle = Bundle::load(&fixture("xlmr-tiny")).unwrap();
    let long = "the parcel is late ".repeat(40);
    let texts: Vec<&str> = XLMR_TINY.iter().map(|(text, _)| *text).chain([long.as_str()]).cycle().take(60).collect();
    let alone: Vec<_> = texts.iter().map(|text| score(&bundle, &[text], 1)[0]).collect();
    for batch_tokens in [1, 64, 8192] {
        assert_eq!(score(&bundle, &texts, batch_tokens), alone, "{batch_tokens} tokens");
    }
    assert!(alone[3].truncated && !alone[0].truncated);
}

#[test]
fn two_classes_have_no_neutral() {
    let dir = copy(&fixture("xlmr-tiny"));
    edit_config(dir.path(), "earmark", r#"{"temperature": 2.0, "max_length": 16}"#);
    let five = Bundle::load(dir.path()).unwrap();
    assert_eq!((five.temperature, five.max_length), (2.0, 16));
    edit_config(dir.path(), "id2label", r#"{"0":"NEG","1":"NEG","2":"NEG","3":"POS","4":"POS"}"#);
    let two = Bundle::load(dir.path()).unwrap();
    let sentiment = score(&two, &["late"], 64)[0].sentiment.unwrap();
    assert_eq!(sentiment.neutral, 0.0);
    assert_ne!(five.hash, two.hash);
}

#[test]
fn a_broken_bundle_says_what_to_fix() {
    type Breakage = fn(&Path);
    let cases: [(&str, Breakage, &str); 9] = [
        ("missing model", |dir| fs::remove_file(dir.join("model.onnx")).unwrap(), "cannot read model.onnx"),
        ("missing tokenizer", |dir| fs::remove_file(dir.join("tokenizer.json")).unwrap(), "cannot read tokenizer.json"),
        ("config is no JSON", |dir| fs::write(dir.join("config.json"), "{").unwrap(), "config.json"),
        ("no labels", |dir| fs::write(dir.join("config.json"), "{}").unwrap(), "no id2label"),
        (
            "labels without names",
            |dir| edit_config(dir, "id2label", r#"{"0":"LABEL_0","1":"LABEL_1","2":"LABEL_2"}"#),
            "write them into id2label",
        ),
        (
            "too few labels",
            |dir| edit_config(dir, "id2label", r#"{"0":"negative","1":"neutral","2":"positive"}"#),
            "id2label must name every output",
        ),
        ("tokenizer is no tokenizer", |dir| fs::write(dir.join("tokenizer.json"), "{}").unwrap(), "tokenizer.json"),
        ("model is no model", |dir| fs::write(dir.join("model.onnx"), "not onnx").unwrap(), "model.onnx"),
        ("unknown inputs", |dir| rename_input(dir, b"attention_mask", b"decoder_tokens"), "decoder_tokens"),
    ];
    for (name, break_it, part) in cases {
        let dir = copy(&fixture("xlmr-tiny"));
        break_it(dir.path());
        let error = Bundle::load(dir.path()).and_then(|bundle| Scorer::open(&bundle, &runtime(), 64)).unwrap_err();
        let message = error.to_string();
        assert!(message.contains(part), "{name}: {message}");
        assert!(error.is_user_error(), "{name}: {message}");
        assert!(message.contains(&dir.path().display().to_string()), "{name}: {message}");
    }
}

#[test]
fn the_embedded_model_feels_the_obvious() {
    let bundle = Bundle::embedded().unwrap();
    let texts = ["worst service ever, I hate it", "I love it, thank you so much!", "The store opens at 10 on Monday."];
    let labels: Vec<Label> =
        score(&bundle, &texts, DEFAULT_BATCH_TOKENS).iter().map(|score| score.sentiment.unwrap().label).collect();
    assert_eq!(labels, [Label::Negative, Label::Positive, Label::Neutral]);
}

fn copy(bundle: &Path) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    for file in ["model.onnx", "tokenizer.json", "config.json"] {
        fs::copy(bundle.join(file), dir.path().join(file)).unwrap();
    }
    dir
}

fn edit_config(dir: &Path, key: &str, value: &str) {
    let path = dir.join("config.json");
    let mut config: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    config[key] = serde_json::from_str(value).unwrap();
    fs::write(path, config.to_string()).unwrap();
}

/// Renames an input inside the ONNX file; names of one length keep the file valid.
fn rename_input(dir: &Path, from: &[u8], to: &[u8]) {
    assert_eq!(from.len(), to.len());
    let path = dir.join("model.onnx");
    let mut bytes = fs::read(&path).unwrap();
    let mut at = 0;
    while let Some(found) = bytes[at..].windows(from.len()).position(|window| window == from) {
        at += found;
        bytes[at..at + to.len()].copy_from_slice(to);
    }
    fs::write(path, bytes).unwrap();
}
