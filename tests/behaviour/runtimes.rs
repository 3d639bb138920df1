//! The two runtimes say the same. Needs an ONNX Runtime, which `.ci/run` installs.

use std::path::PathBuf;

use serde_json::Value;

use crate::support::{Workspace, example};

/// Mentions to compare on: real ones where the environment names a file, the examples otherwise.
fn mentions() -> PathBuf {
    std::env::var_os("EARMARK_TEST_MENTIONS").map_or_else(|| example("mentions.ndjson"), PathBuf::from)
}

fn tag(space: &Workspace, runtime: &str) -> Option<Vec<Value>> {
    let mentions = mentions();
    let mut command = space.command();
    if runtime == "onnxruntime" {
        command.env("ORT_DYLIB_PATH", std::env::var_os("ORT_DYLIB_PATH").unwrap_or_default());
    }
    let output = command.args(["tag", mentions.to_str().unwrap(), "--runtime", runtime]).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    if runtime == "onnxruntime" && stderr.contains("no ONNX Runtime found") {
        return None;
    }
    assert!(output.status.success(), "{stderr}");
    let lines = String::from_utf8(output.stdout).unwrap();
    Some(lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
}

#[test]
fn both_runtimes_give_the_same_labels_and_probabilities() {
    let space = Workspace::new();
    let Some(onnxruntime) = tag(&space, "onnxruntime") else {
        eprintln!("skipped: no ONNX Runtime found");
        return;
    };
    let tract = tag(&space, "tract").unwrap();
    assert_eq!(tract.len(), onnxruntime.len());
    let mut other_labels = 0;
    for (a, b) in tract.iter().zip(&onnxruntime) {
        other_labels += usize::from(a["sentiment"]["label"] != b["sentiment"]["label"]);
        for label in ["negative", "neutral", "positive"] {
            let probability = |tagged: &Value| tagged["sentiment"][label].as_f64().unwrap_or(0.0);
            let difference = (probability(a) - probability(b)).abs();
            assert!(difference <= 1e-3, "{}: {label} differs by {difference}", a["id"]);
        }
    }
    assert!(other_labels * 1000 <= tract.len(), "{other_labels} of {} labels differ", tract.len());
}

#[test]
fn a_library_that_is_none_is_refused_with_advice() {
    let space = Workspace::new();
    space.write("fake.so", "not a library");
    let run =
        space.run_with_input(&["tag", "-", "--runtime", "auto", "--onnxruntime", "fake.so"], "{\"text\":\"x\"}\n");
    let run = run.expect_status(2);
    assert!(run.stderr().contains("pip install onnxruntime"), "{}", run.stderr());
}
