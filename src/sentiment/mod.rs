//! How a text feels, by a sequence classifier in ONNX.
//!
//! A [`Bundle`] is a model on disk (or the one embedded in the binary), a [`Runtime`] is what executes it, a [`Scorer`]
//! is one worker's instance of it. A text's probabilities depend on the text and the bundle alone: the texts of a batch
//! are padded to a length that follows from their own length, never from their neighbours'.

mod bundle;
mod labels;
mod memory;
mod runtime;
mod scorer;
mod session;

use std::path::PathBuf;

pub use bundle::Bundle;
pub use labels::LabelMap;
pub use runtime::{Runtime, RuntimeChoice, RuntimeKind};
pub use scorer::{DEFAULT_BATCH_TOKENS, Score, Scorer};

/// What can go wrong with a model bundle or the runtime that executes it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// A file of the bundle cannot be read.
    #[error("model bundle {}: cannot read {file}: {source}; a bundle holds model.onnx, tokenizer.json and config.json", dir.display())]
    MissingFile {
        /// The bundle's folder.
        dir: PathBuf,
        /// The file's name.
        file: &'static str,
        /// Why it cannot be read.
        source: std::io::Error,
    },
    /// A file of the bundle does not say what it should.
    #[error("model bundle {}: {file}: {problem}", dir.display())]
    Invalid {
        /// The bundle's folder.
        dir: PathBuf,
        /// The file's name.
        file: &'static str,
        /// What is wrong, and what would be right.
        problem: String,
    },
    /// The runtime that was asked for by path cannot be used.
    #[error("ONNX Runtime at {} cannot be used: {problem}", path.display())]
    Runtime {
        /// The library as it was named.
        path: PathBuf,
        /// Why not, and what to do.
        problem: String,
    },
    /// ONNX Runtime was asked for and is not installed.
    #[error("no ONNX Runtime found; `pip install onnxruntime` installs one, or name it with --onnxruntime PATH")]
    NoRuntime,
    /// Another runtime is already in use in this process.
    #[error("this process already runs {0}; one process uses one runtime")]
    RuntimeInUse(String),
    /// The runtime failed while scoring.
    #[error("the model failed: {0}")]
    Failed(String),
}

impl ModelError {
    /// True where what was asked for is wrong, false where the machine or the engine failed.
    pub fn is_user_error(&self) -> bool {
        !matches!(self, ModelError::Failed(_))
    }
}
