//! What is in use, and what is wrong with it.

use std::path::Path;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::index::{CheckpointEngine, IndexError, IndexStats, MentionIndex};
use crate::input::MAX_RECORD_BYTES;
use crate::query::{MAX_CLAUSES, MAX_NESTING, MAX_QUERY_BYTES};
use crate::sentiment::RuntimeKind;
use crate::tagger::Tagger;
use crate::verdict::CorrectionLog;

/// What an examination found.
#[derive(Debug, Clone, Serialize)]
pub struct Examination {
    /// What is in use: name and value, in the order shown.
    #[serde(serialize_with = "as_map")]
    pub facts: Vec<(&'static str, String)>,
    /// What could be better.
    pub notes: Vec<String>,
    /// What is wrong.
    pub problems: Vec<String>,
}

fn as_map<S: serde::Serializer>(facts: &[(&'static str, String)], serializer: S) -> Result<S::Ok, S::Error> {
    let map: Map<String, Value> =
        facts.iter().map(|(name, value)| (name.replace(' ', "_"), Value::from(value.as_str()))).collect();
    map.serialize(serializer)
}

/// Examines a tagger and the index in a folder. Reads every file of the index.
pub fn examine(tagger: &Tagger, index: &Path, threads: usize) -> Examination {
    let mut found = Examination { facts: Vec::new(), notes: Vec::new(), problems: Vec::new() };
    examine_tagger(tagger, &mut found);
    found.facts.push(("workers", threads.to_string()));
    found.facts.push((
        "limits",
        format!(
            "records {MAX_RECORD_BYTES} bytes; queries {MAX_QUERY_BYTES} bytes, {MAX_CLAUSES} terms, {MAX_NESTING} levels"
        ),
    ));
    match MentionIndex::open(index) {
        Ok(opened) => examine_index(&opened, tagger, index, &mut found),
        Err(IndexError::NoIndex { .. }) => {
            found.facts.push(("index", format!("none in {}", index.display())));
        }
        Err(error) => found.problems.push(error.to_string()),
    }
    found
}

fn examine_tagger(tagger: &Tagger, found: &mut Examination) {
    let bundle = tagger.bundle();
    let labels: Vec<&str> = bundle.labels.labels().iter().map(|label| label.as_str()).collect();
    found.facts.extend([
        ("version", tagger.engine().version.to_owned()),
        ("runtime", tagger.runtime().kind.to_string()),
        ("model", format!("{} ({} KiB)", bundle.dir.display(), bundle.size_bytes() / 1024)),
        ("model hash", bundle.hash.clone()),
        ("model labels", labels.join(", ")),
        ("model reads", format!("{} tokens of a text, temperature {}", bundle.max_length, bundle.temperature)),
        ("languages", format!("{} by {}", tagger.detector().languages().len(), tagger.detector().engine())),
        ("taxonomy", tagger.taxonomy_name().to_owned()),
        ("taxonomy hash", tagger.engine().taxonomy.clone()),
    ]);
    let passed_over = tagger.runtime().passed_over.iter();
    found.notes.extend(passed_over.map(|library| format!("an ONNX Runtime was passed over: {library}")));
    if tagger.runtime().kind == RuntimeKind::Tract {
        found.notes.push("ONNX Runtime is faster, most of all for larger models: `pip install onnxruntime`".to_owned());
    }
    match tagger.worker() {
        Ok(_) => {}
        Err(error) => found.problems.push(error.to_string()),
    }
}

fn examine_index(opened: &MentionIndex, tagger: &Tagger, dir: &Path, found: &mut Examination) {
    match opened.stats() {
        Ok(stats) => {
            found.facts.push((
                "index",
                format!(
                    "{}: {} mentions, {} segments, {} KiB",
                    dir.display(),
                    stats.documents,
                    stats.segments,
                    stats.bytes / 1024
                ),
            ));
            if let (Some(oldest), Some(newest)) = (stats.oldest, stats.newest) {
                found.facts.push(("index span", format!("{oldest} to {newest}")));
            }
            examine_checkpoint(&stats, tagger, found);
        }
        Err(error) => found.problems.push(error.to_string()),
    }
    match CorrectionLog::of_index(dir).read() {
        Ok(log) if log.is_empty() => {}
        Ok(log) => found.facts.push(("corrections", format!("{} in {}", log.len(), CorrectionLog::FILE_NAME))),
        Err(error) => found.problems.push(error.to_string()),
    }
    match opened.verify() {
        Ok(damaged) if damaged.is_empty() => found.facts.push(("index files", "checksums are right".to_owned())),
        Ok(damaged) => {
            let names: Vec<String> = damaged.iter().map(|path| path.display().to_string()).collect();
            found.problems.push(format!(
                "damaged index files: {}; ingest the mentions again into a new folder",
                names.join(", ")
            ));
        }
        Err(error) => found.problems.push(error.to_string()),
    }
}

fn examine_checkpoint(stats: &IndexStats, tagger: &Tagger, found: &mut Examination) {
    let Some(checkpoint) = &stats.checkpoint else { return };
    if let Some(at) = checkpoint.committed_at {
        found.facts.push(("last commit", at.to_string()));
    }
    for source in checkpoint.sources.iter().filter(|source| !source.finished) {
        found.notes.push(format!(
            "the last ingest stopped in {} after {} records; ingest it again, nothing will be doubled",
            source.name, source.records
        ));
    }
    let engine = tagger.engine();
    if checkpoint
        .engine
        .as_ref()
        .is_some_and(|used| *used != CheckpointEngine { version: used.version.clone(), ..engine.into() })
    {
        found
            .notes
            .push("the last ingest used another model, taxonomy, sentiment rules or brands than this one".to_owned());
    }
}
