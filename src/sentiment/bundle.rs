//! A model bundle: a folder in the Hugging Face layout.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::{LabelMap, ModelError};
use crate::text::clean::Cleaning;

/// The most tokens of a text that a model reads where its configuration does not say.
const DEFAULT_MAX_LENGTH: usize = 512;
/// Where a published model's `max_position_embeddings` counts the padding positions too (RoBERTa, XLM-R), two are not
/// usable.
const RESERVED_POSITIONS: usize = 2;

/// A sequence classifier with its tokenizer and labels: `model.onnx`, `tokenizer.json` and `config.json` with
/// `id2label`. Settings of ours stand under `earmark` in `config.json`, all optional:
/// `{"temperature": 1.3, "max_length": 128, "clean": "social-v1", "pad_token_id": 0}`.
#[derive(Debug, Clone)]
pub struct Bundle {
    /// Where it came from; `(embedded)` for the one in the binary.
    pub dir: PathBuf,
    /// `sha256:…` over the three files.
    pub hash: String,
    /// What the outputs mean.
    pub labels: LabelMap,
    /// Logits are divided by this before the softmax.
    pub temperature: f64,
    /// The most tokens of a text that are read.
    pub max_length: usize,
    /// The clean-up the model was trained on.
    pub cleaning: Cleaning,
    /// The token that fills up a batch.
    pub pad_token_id: i64,
    pub(super) model: Arc<[u8]>,
    pub(super) tokenizer: Arc<[u8]>,
}

#[derive(Debug, Deserialize)]
struct Config {
    id2label: Option<BTreeMap<String, String>>,
    max_position_embeddings: Option<usize>,
    pad_token_id: Option<i64>,
    #[serde(default)]
    earmark: Settings,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    temperature: Option<f64>,
    max_length: Option<usize>,
    clean: Option<String>,
    pad_token_id: Option<i64>,
}

impl Bundle {
    /// Reads a bundle from a folder.
    pub fn load(dir: &Path) -> Result<Bundle, ModelError> {
        let read = |file: &'static str| {
            std::fs::read(dir.join(file)).map_err(|source| ModelError::MissingFile { dir: dir.into(), file, source })
        };
        let config = read("config.json")?;
        Bundle::from_files(dir, &config, read("tokenizer.json")?.into(), read("model.onnx")?.into())
    }

    /// The bundle in the binary.
    pub fn embedded() -> Result<Bundle, ModelError> {
        Bundle::from_files(
            Path::new("(embedded)"),
            include_bytes!("../../models/sentiment/config.json"),
            Arc::from(&include_bytes!("../../models/sentiment/tokenizer.json")[..]),
            Arc::from(&include_bytes!("../../models/sentiment/model.onnx")[..]),
        )
    }

    fn from_files(dir: &Path, config: &[u8], tokenizer: Arc<[u8]>, model: Arc<[u8]>) -> Result<Bundle, ModelError> {
        let invalid = |problem: String| ModelError::Invalid { dir: dir.into(), file: "config.json", problem };
        let parsed: Config = serde_json::from_slice(config).map_err(|e| invalid(e.to_string()))?;
        let id2label = parsed.id2label.ok_or_else(|| {
            invalid(
                "it has no id2label; add one, such as {\"0\": \"negative\", \"1\": \"neutral\", \"2\": \"positive\"}"
                    .into(),
            )
        })?;
        let settings = parsed.earmark;
        let temperature = settings.temperature.unwrap_or(1.0);
        if !(temperature.is_finite() && temperature > 0.0) {
            return Err(invalid(format!("earmark.temperature is {temperature}; it must be a number above 0")));
        }
        let max_length = settings.max_length.unwrap_or_else(|| {
            let positions = parsed.max_position_embeddings.map(|n| n.saturating_sub(RESERVED_POSITIONS));
            positions.unwrap_or(DEFAULT_MAX_LENGTH).min(DEFAULT_MAX_LENGTH)
        });
        if !(1..=4096).contains(&max_length) {
            return Err(invalid(format!(
                "the longest input is {max_length} tokens; earmark.max_length must be 1 to 4096"
            )));
        }
        let cleaning = match settings.clean.as_deref() {
            None => Cleaning::default(),
            Some(name) => Cleaning::from_name(name)
                .ok_or_else(|| invalid(format!("earmark.clean is {name:?}; known are \"mask\" and \"social-v1\"")))?,
        };
        Ok(Bundle {
            dir: dir.into(),
            hash: hash_files(&[config, &tokenizer, &model]),
            labels: LabelMap::from_id2label(&id2label).map_err(invalid)?,
            temperature,
            max_length,
            cleaning,
            pad_token_id: settings.pad_token_id.or(parsed.pad_token_id).unwrap_or(0),
            model,
            tokenizer,
        })
    }

    pub(super) fn invalid(&self, file: &'static str, problem: String) -> ModelError {
        ModelError::Invalid { dir: self.dir.clone(), file, problem }
    }

    /// Size of the three files' contents that stay in memory, in bytes.
    pub fn size_bytes(&self) -> usize {
        self.model.len() + self.tokenizer.len()
    }
}

fn hash_files(files: &[&[u8]]) -> String {
    let mut hasher = Sha256::new();
    for file in files {
        hasher.update((file.len() as u64).to_le_bytes());
        hasher.update(file);
    }
    format!("sha256:{}", crate::text::hex(&hasher.finalize()))
}
