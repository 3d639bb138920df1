//! What several modules need.

use std::path::{Path, PathBuf};

use earmark::sentiment::{Bundle, Runtime, RuntimeChoice, Score, Scorer};
use earmark::timings::Timings;

/// A file or folder under `tests/fixtures`.
pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

/// The runtime of this test process: tract, which is always there.
pub fn runtime() -> Runtime {
    Runtime::start(&RuntimeChoice::Tract).unwrap()
}

/// Scores texts with a bundle.
pub fn score(bundle: &Bundle, texts: &[&str], batch_tokens: usize) -> Vec<Score> {
    Scorer::open(bundle, &runtime(), batch_tokens).unwrap().score(texts, &Timings::default()).unwrap()
}
