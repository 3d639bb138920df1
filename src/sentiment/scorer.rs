//! Texts in, probabilities out: tokenizing, batching by token budget, calibration.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use tokenizers::{Tokenizer, TruncationParams};

use super::bundle::Bundle;
use super::memory::Memory;
use super::runtime::Runtime;
use super::session::{Batch, Session};
use super::{LabelMap, ModelError};
use crate::mention::Sentiment;
use crate::timings::{Stage, Timings};

/// Tokens in one run of the model, padding included, where nothing else is asked for.
pub const DEFAULT_BATCH_TOKENS: usize = 512;
/// Texts are padded to a multiple of this many tokens. The padded length follows from the text alone, so that its
/// result does not depend on what it is batched with.
const LENGTH_STEP: usize = 8;
/// A text is cut before tokenizing at this many characters per token that the model reads: no more could matter, and the
/// tokenizer's time stays bounded.
const MAX_CHARS_PER_TOKEN: usize = 64;
/// What tokenizers call a token that their vocabulary does not have.
const UNKNOWN_TOKENS: [&str; 2] = ["<unk>", "[UNK]"];
/// Fewest texts in a run: matrix products of a single row take another path in some runtimes, which adds up in another
/// order.
const MIN_ROWS: usize = 2;

/// What the model says about one text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Score {
    /// `None` where there is nothing in the text that the model could read.
    pub sentiment: Option<Sentiment>,
    /// True if the model read only the beginning of the text.
    pub truncated: bool,
    /// Share of tokens that the model's vocabulary does not have, 0 to 1; tokens that mark beginning and end count as known.
    pub unknown_share: f64,
}

/// One worker's instance of a model.
#[derive(Debug)]
pub struct Scorer {
    bundle: Bundle,
    tokenizer: Tokenizer,
    session: Session,
    batch_tokens: usize,
    unknown_token: Option<u32>,
    memory: Memory,
}

/// A text as the model's tokenizer gets it.
struct Cleaned {
    text: String,
    /// True if the end of the text was left out.
    cut: bool,
}

/// Where a text's score comes from.
enum Source {
    /// It was scored before.
    Memory(Score),
    /// The result of this number in the present call.
    Fresh(usize),
}

#[derive(Default)]
struct Encoded {
    ids: Vec<u32>,
    truncated: bool,
    unknown_share: f64,
}

impl Scorer {
    /// Loads the model. `batch_tokens` bounds the tokens of one run; a text longer than it runs alone.
    pub fn open(bundle: &Bundle, runtime: &Runtime, batch_tokens: usize) -> Result<Scorer, ModelError> {
        let invalid = |e: tokenizers::Error| bundle.invalid("tokenizer.json", e.to_string());
        let mut tokenizer = Tokenizer::from_bytes(&bundle.tokenizer).map_err(invalid)?;
        let truncation = TruncationParams { max_length: bundle.max_length, ..TruncationParams::default() };
        tokenizer.with_truncation(Some(truncation)).map_err(invalid)?;
        tokenizer.with_padding(None);
        let session = Session::open(bundle, runtime)?;
        let unknown_token = UNKNOWN_TOKENS.iter().find_map(|token| tokenizer.token_to_id(token));
        Ok(Scorer {
            bundle: bundle.clone(),
            tokenizer,
            session,
            batch_tokens: batch_tokens.max(1),
            unknown_token,
            memory: Memory::default(),
        })
    }

    /// Scores texts; the results are in the order of the texts.
    pub fn score(&mut self, texts: &[&str], timings: &Timings) -> Result<Vec<Score>, ModelError> {
        let started = Instant::now();
        let cleaned: Vec<Cleaned> = texts.iter().map(|text| self.clean(text)).collect();
        let (mut fresh, mut seen) = (Vec::new(), HashMap::new());
        let sources: Vec<Source> = cleaned.iter().map(|text| self.source(&text.text, &mut fresh, &mut seen)).collect();
        let encoded: Vec<Encoded> = fresh.iter().map(|text| self.encode(text)).collect();
        timings.add(Stage::Tokenize, started.elapsed());
        let started = Instant::now();
        let scored = self.run(&encoded)?;
        timings.add(Stage::Model, started.elapsed());
        for (text, score) in fresh.iter().zip(&scored) {
            self.memory.keep(text, *score);
        }
        let score = |(text, source): (&Cleaned, Source)| {
            let score = match source {
                Source::Memory(score) => score,
                Source::Fresh(index) => scored[index],
            };
            Score { truncated: score.truncated || text.cut, ..score }
        };
        Ok(cleaned.iter().zip(sources).map(score).collect())
    }

    /// Where the score of a text comes from; `fresh` collects the texts that are to be scored, each once.
    fn source<'t>(&self, text: &'t str, fresh: &mut Vec<&'t str>, seen: &mut HashMap<&'t str, usize>) -> Source {
        if let Some(score) = self.memory.recall(text) {
            return Source::Memory(score);
        }
        Source::Fresh(*seen.entry(text).or_insert_with(|| {
            fresh.push(text);
            fresh.len() - 1
        }))
    }

    fn clean(&self, text: &str) -> Cleaned {
        let max_chars = self.bundle.max_length * MAX_CHARS_PER_TOKEN;
        let cut = text.char_indices().nth(max_chars).map(|(at, _)| at);
        let text = self.bundle.cleaning.apply(&text[..cut.unwrap_or(text.len())]);
        Cleaned { cut: cut.is_some() && !text.is_empty(), text }
    }

    /// Tokens of a cleaned text; none where the tokenizer fails on it, which a few of them do on odd Unicode.
    fn encode(&self, text: &str) -> Encoded {
        if text.is_empty() {
            return Encoded::default();
        }
        let encoding = catch_unwind(AssertUnwindSafe(|| self.tokenizer.encode_fast(text, true)));
        let Ok(Ok(encoding)) = encoding else { return Encoded::default() };
        let ids = encoding.get_ids().to_vec();
        let unknown = ids.iter().filter(|id| Some(**id) == self.unknown_token).count();
        Encoded {
            unknown_share: unknown as f64 / ids.len().max(1) as f64,
            truncated: !encoding.get_overflowing().is_empty(),
            ids,
        }
    }

    /// Runs the model on tokenized texts.
    fn run(&mut self, encoded: &[Encoded]) -> Result<Vec<Score>, ModelError> {
        let unscored =
            |text: &Encoded| Score { sentiment: None, truncated: text.truncated, unknown_share: text.unknown_share };
        let mut scores: Vec<Score> = encoded.iter().map(unscored).collect();
        for plan in plan_batches(encoded, self.bundle.max_length, self.batch_tokens) {
            let logits = self.session.run(fill_batch(&plan, encoded, self.bundle.pad_token_id))?;
            let outputs = self.bundle.labels.outputs();
            for (row, logits) in plan.rows.iter().zip(logits.chunks_exact(outputs)) {
                let probabilities = softmax(&self.bundle.labels, logits, self.bundle.temperature);
                scores[*row].sentiment = Some(Sentiment::from_probabilities(probabilities));
            }
        }
        Ok(scores)
    }
}

/// The length a text of so many tokens is padded to; never more than the model reads.
fn padded_length(tokens: usize, max_length: usize) -> usize {
    tokens.next_multiple_of(LENGTH_STEP).min(max_length)
}

/// Texts of one padded length that are run together.
#[derive(Debug, PartialEq, Eq)]
struct Plan {
    length: usize,
    rows: Vec<usize>,
}

/// Groups the texts that have tokens into runs of one padded length each, within the token budget.
fn plan_batches(encoded: &[Encoded], max_length: usize, batch_tokens: usize) -> Vec<Plan> {
    let length_of = |i: usize| padded_length(encoded[i].ids.len(), max_length);
    let mut order: Vec<usize> = (0..encoded.len()).filter(|&i| !encoded[i].ids.is_empty()).collect();
    order.sort_by_key(|&i| length_of(i));
    let mut plans = Vec::new();
    for same_length in order.chunk_by(|&a, &b| length_of(a) == length_of(b)) {
        let length = length_of(same_length[0]);
        let rows = (batch_tokens / length).max(1);
        plans.extend(same_length.chunks(rows).map(|rows| Plan { length, rows: rows.to_vec() }));
    }
    plans
}

fn fill_batch(plan: &Plan, encoded: &[Encoded], pad_token_id: i64) -> Batch {
    let Plan { length, rows } = plan;
    let length = *length;
    let padded_rows = rows.len().max(MIN_ROWS);
    let mut batch = Batch { length, ids: Vec::with_capacity(padded_rows * length), mask: Vec::new() };
    batch.mask.reserve(padded_rows * length);
    for row in rows.iter().chain(rows.iter().cycle().take(padded_rows - rows.len())) {
        let ids = &encoded[*row].ids;
        batch.ids.extend(ids.iter().map(|&id| i64::from(id)));
        batch.mask.extend(ids.iter().map(|_| 1));
        batch.ids.extend(std::iter::repeat_n(pad_token_id, length - ids.len()));
        batch.mask.extend(std::iter::repeat_n(0, length - ids.len()));
    }
    batch
}

/// Probabilities in the order of `Label::ALL`: softmax of the logits over the temperature (Guo et al. 2017, "On
/// Calibration of Modern Neural Networks", §4.2), summed by label.
fn softmax(labels: &LabelMap, logits: &[f32], temperature: f64) -> [f64; 3] {
    let highest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let weights: Vec<f64> = logits.iter().map(|&l| (f64::from(l - highest) / temperature).exp()).collect();
    let sum: f64 = weights.iter().sum();
    labels.sum(weights.iter().map(|w| w / sum))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(lengths: &[usize]) -> Vec<Encoded> {
        lengths.iter().map(|&n| Encoded { ids: vec![7; n], ..Encoded::default() }).collect()
    }

    #[test]
    fn batches_hold_one_length_within_the_budget() {
        let texts = encoded(&[3, 20, 0, 8, 9, 5, 200]);
        let plans = plan_batches(&texts, 202, 16);
        let expected = [(8, vec![0, 3]), (8, vec![5]), (16, vec![4]), (24, vec![1]), (200, vec![6])];
        assert_eq!(plans, expected.map(|(length, rows)| Plan { length, rows }));
        assert_eq!(padded_length(10, 12), 12, "a model of 12 positions has no 16");
    }

    #[test]
    fn padding_is_masked() {
        let texts = encoded(&[2, 3]);
        let batch = fill_batch(&Plan { length: 8, rows: vec![0, 1] }, &texts, 9);
        assert_eq!(batch.length, 8);
        assert_eq!(batch.ids[..8], [7, 7, 9, 9, 9, 9, 9, 9]);
        assert_eq!(batch.mask[8..], [1, 1, 1, 0, 0, 0, 0, 0]);
        assert_eq!(fill_batch(&Plan { length: 8, rows: vec![1] }, &texts, 9).ids.len(), MIN_ROWS * 8);
    }
}
