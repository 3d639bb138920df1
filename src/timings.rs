//! Where the time goes: processor seconds per stage, summed over all threads.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// The stages of the way of a mention.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Bytes to mentions: decompression, parsing, checks.
    Read,
    /// Language detection.
    Language,
    /// Clean-up and subword tokens.
    Tokenize,
    /// The sentiment model.
    Model,
    /// Topic rules.
    Topics,
    /// Tagged mentions to bytes.
    Serialize,
    /// Bytes to the output, or mentions to the index.
    Write,
}

impl Stage {
    /// All stages, in the order a mention passes them.
    pub const ALL: [Stage; 7] =
        [Stage::Read, Stage::Language, Stage::Tokenize, Stage::Model, Stage::Topics, Stage::Serialize, Stage::Write];

    /// The name shown in tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Stage::Read => "read",
            Stage::Language => "language",
            Stage::Tokenize => "tokenize",
            Stage::Model => "model",
            Stage::Topics => "topics",
            Stage::Serialize => "serialize",
            Stage::Write => "write",
        }
    }
}

/// A clock per stage that every thread may add to.
#[derive(Debug, Default)]
pub struct Timings {
    nanoseconds: [AtomicU64; Stage::ALL.len()],
}

impl Timings {
    /// Adds time to a stage.
    pub fn add(&self, stage: Stage, spent: Duration) {
        let nanoseconds = u64::try_from(spent.as_nanos()).unwrap_or(u64::MAX);
        self.nanoseconds[stage as usize].fetch_add(nanoseconds, Ordering::Relaxed);
    }

    /// Runs a piece of work and adds its time to a stage.
    pub fn time<T>(&self, stage: Stage, work: impl FnOnce() -> T) -> T {
        let started = Instant::now();
        let result = work();
        self.add(stage, started.elapsed());
        result
    }

    /// The time of a stage so far.
    pub fn spent(&self, stage: Stage) -> Duration {
        Duration::from_nanos(self.nanoseconds[stage as usize].load(Ordering::Relaxed))
    }
}
