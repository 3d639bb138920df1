//! What is in an index, tagged anew: what another taxonomy would change, and changing it.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;
use std::sync::Arc;

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::index::{CheckpointEngine, IndexWriter, MentionIndex};
use crate::input::{InputFormat, InputOptions, Reader};
use crate::jobs::{COMMIT_EVERY, JobError};
use crate::language::{UNDETERMINED, answer_code};
use crate::mention::{EngineId, Flag, Label, Language, Mention, Sentiment, Tagged, TopicMatch, TopicTag};
use crate::query::{Query, Subject};
use crate::topics::{Matcher, lineage};

/// Mentions shown for each way in which a topic changes.
const SAMPLES: usize = 3;

/// A record of an index, read back.
pub(crate) struct StoredMention {
    /// The mention with the tags that queries can ask for; the others are in the record only.
    pub tagged: Tagged,
    /// As it was written.
    pub record: Map<String, Value>,
}

impl StoredMention {
    /// Reads a record back.
    pub(crate) fn read(record: &str) -> Result<StoredMention, JobError> {
        let unreadable = |error: serde_json::Error| JobError::Stored { id: String::new(), problem: error.to_string() };
        let value: Value = serde_json::from_str(record).map_err(unreadable)?;
        let id = value.get("id").map(Value::to_string).unwrap_or_default();
        let stored = |problem: String| JobError::Stored { id: id.clone(), problem };
        let mention = mention_of(&id, record)?;
        let number = |pointer: &str| value.pointer(pointer).and_then(Value::as_f64);
        let text = |pointer: &str| value.pointer(pointer).and_then(Value::as_str);
        let code = text("/language/code").unwrap_or(UNDETERMINED);
        let code = answer_code(code).ok_or_else(|| stored(format!("this earmark knows no language {code:?}")))?;
        let language = Language::new(code, number("/language/confidence").unwrap_or_default());
        let label =
            text("/sentiment/label").and_then(|name| Label::ALL.into_iter().find(|label| label.as_str() == name));
        let sentiment = label.map(|label| Sentiment {
            label,
            negative: number("/sentiment/negative").unwrap_or_default(),
            neutral: number("/sentiment/neutral").unwrap_or_default(),
            positive: number("/sentiment/positive").unwrap_or_default(),
        });
        let strings = |name: &str| value.get(name).and_then(Value::as_array).into_iter().flatten();
        let topics = strings("topics").filter_map(stored_topic).collect();
        let flags = strings("flags").filter_map(|flag| Flag::named(flag.as_str()?)).collect();
        let engine = EngineId {
            version: "",
            model: String::new(),
            taxonomy: text("/engine/taxonomy").unwrap_or_default().into(),
            sentiment_rules: None,
            brands: None,
        };
        let tagged = Tagged {
            mention,
            language,
            sentiment,
            decided_by: None,
            towards: None,
            topics,
            flags,
            engine: Arc::new(engine),
        };
        let Value::Object(record) = value else { return Err(stored("it is no object".to_owned())) };
        Ok(StoredMention { tagged, record })
    }

    /// The same mention with other topics, of a taxonomy with this hash.
    fn with_topics(mut self, topics: Vec<TopicTag>, taxonomy: &str) -> Result<StoredMention, JobError> {
        let problem = |error: serde_json::Error| JobError::Record { id: self.tagged.mention.id.clone(), source: error };
        let written = serde_json::to_value(&topics).map_err(problem)?;
        self.record.insert("topics".to_owned(), written);
        match self.record.get_mut("engine").and_then(Value::as_object_mut) {
            Some(engine) => engine.insert("taxonomy".to_owned(), json!(taxonomy)),
            None => self.record.insert("engine".to_owned(), json!({ "taxonomy": taxonomy })),
        };
        self.tagged.topics = topics;
        Ok(self)
    }
}

fn stored_topic(topic: &Value) -> Option<TopicTag> {
    let offset = |found: &Value, name: &str| found.get(name).and_then(Value::as_u64).map(|offset| offset as usize);
    let matches = topic.get("matches").and_then(Value::as_array).into_iter().flatten().filter_map(|found| {
        let rule = found.get("rule")?.as_str()?.into();
        Some(TopicMatch { start: offset(found, "start")?, end: offset(found, "end")?, rule })
    });
    Some(TopicTag { topic: topic.get("topic")?.as_str()?.into(), matches: matches.collect() })
}

/// The mention that a record of an index was written from.
pub(crate) fn mention_of(id: &str, record: &str) -> Result<Mention, JobError> {
    let stored = |problem: String| JobError::Stored { id: id.to_owned(), problem };
    let options = InputOptions { format: Some(InputFormat::Ndjson), max_record_bytes: usize::MAX };
    let mut read = Reader::from_read("index", io::Cursor::new(record.as_bytes().to_vec()), &options)?;
    match read.next() {
        Some(Ok(mention)) => Ok(mention),
        Some(Err(reject)) => Err(stored(reject.message)),
        None => Err(stored("it is empty".to_owned())),
    }
}

/// What another taxonomy would change.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TopicDiff {
    /// Mentions that were looked at.
    pub mentions: u64,
    /// How many of them would get other topics.
    pub changed: u64,
    /// The topics that would be given or taken away, in the order of the alphabet.
    pub topics: Vec<TopicChange>,
}

/// What would become of a topic. A mention has a topic where it has one below it, too.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TopicChange {
    /// The topic.
    pub topic: String,
    /// Mentions that have it before.
    pub before: u64,
    /// Mentions that have it after.
    pub after: u64,
    /// Mentions that would get it.
    pub gained: u64,
    /// Mentions that would lose it.
    pub lost: u64,
    /// Some that would get it, with what says so.
    pub gained_samples: Vec<ChangedMention>,
    /// Some that would lose it, with what had said so.
    pub lost_samples: Vec<ChangedMention>,
}

/// A mention that would get or lose a topic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChangedMention {
    /// Its id.
    pub id: String,
    /// Its text.
    pub text: String,
    /// Where the text says so.
    pub matches: Vec<TopicMatch>,
}

/// Compares the topics of the mentions in an index that a query selects: as `before` gives them, or as they are in the
/// index where there is none, with those that `after` gives.
///
/// # Errors
/// Where the index fails.
pub fn diff_topics(
    index: &MentionIndex,
    query: &Query,
    before: Option<&Matcher>,
    after: &Matcher,
) -> Result<TopicDiff, JobError> {
    let mut diff = TopicDiff { mentions: 0, changed: 0, topics: Vec::new() };
    let mut changes: BTreeMap<String, TopicChange> = BTreeMap::new();
    index.for_each_record(|record| {
        let stored = StoredMention::read(record)?;
        let subject = Subject::from(&stored.tagged);
        if !query.selects(&subject) {
            return Ok(());
        }
        diff.mentions += 1;
        let old = before.map_or_else(|| stored.tagged.topics.clone(), |before| before.tag_mention(&subject));
        let new = after.tag_mention(&subject);
        let (old_names, new_names) = (names(&old), names(&new));
        diff.changed += u64::from(old_names != new_names);
        for topic in old_names.union(&new_names) {
            let change = changes.entry((*topic).to_owned()).or_insert_with(|| TopicChange::of(topic));
            change.count(&stored.tagged.mention, (&old, old_names.contains(topic)), (&new, new_names.contains(topic)));
        }
        Ok::<(), JobError>(())
    })?;
    diff.topics = changes.into_values().filter(|change| change.gained + change.lost > 0).collect();
    Ok(diff)
}

/// The topics of a mention and those above them.
fn names(topics: &[TopicTag]) -> BTreeSet<&str> {
    topics.iter().flat_map(|tag| lineage(&tag.topic)).collect()
}

impl TopicChange {
    fn of(topic: &str) -> TopicChange {
        let topic = topic.to_owned();
        TopicChange {
            topic,
            before: 0,
            after: 0,
            gained: 0,
            lost: 0,
            gained_samples: Vec::new(),
            lost_samples: Vec::new(),
        }
    }

    fn count(&mut self, mention: &Mention, (old, had): (&[TopicTag], bool), (new, has): (&[TopicTag], bool)) {
        self.before += u64::from(had);
        self.after += u64::from(has);
        let (count, samples, tags) = match (had, has) {
            (false, true) => (&mut self.gained, &mut self.gained_samples, new),
            (true, false) => (&mut self.lost, &mut self.lost_samples, old),
            _ => return,
        };
        *count += 1;
        if samples.len() < SAMPLES {
            let tags = tags.iter().filter(|tag| lineage(&tag.topic).any(|name| name == self.topic));
            let matches = tags.flat_map(|tag| tag.matches.iter().cloned()).collect();
            samples.push(ChangedMention { id: mention.id.clone(), text: mention.text.clone(), matches });
        }
    }
}

/// What a run of [`retag`] did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct RetagReport {
    /// Mentions in the index.
    pub mentions: u64,
    /// Mentions that had been tagged by this taxonomy already.
    pub done_before: u64,
    /// Mentions that were tagged anew.
    pub retagged: u64,
    /// How many of those got other topics.
    pub changed: u64,
}

/// Gives the mentions of an index the topics of another taxonomy, whose hash is `taxonomy`; nothing else of them changes.
/// Mentions that have been tagged by it are left alone, so that a run that was cut off goes on where its last commit was,
/// and one after new mentions came takes only those.
///
/// # Errors
/// Where the index fails; what was committed by then stays.
pub fn retag(dir: &Path, matcher: &Matcher, taxonomy: &str) -> Result<RetagReport, JobError> {
    MentionIndex::open(dir)?;
    let mut writer = IndexWriter::open(dir, 1)?;
    // Opened after the writer, which keeps others out: nothing newer can be overwritten.
    let index = MentionIndex::open(dir)?;
    let mut checkpoint = writer.checkpoint().cloned().unwrap_or_default();
    let mut report = RetagReport::default();
    index.for_each_record(|record| {
        report.mentions += 1;
        let stored = StoredMention::read(record)?;
        if stored.tagged.engine.taxonomy == taxonomy {
            report.done_before += 1;
            return Ok(());
        }
        let topics = matcher.tag_mention(&Subject::from(&stored.tagged));
        report.changed += u64::from(names(&stored.tagged.topics) != names(&topics));
        let stored = stored.with_topics(topics, taxonomy)?;
        let record = serde_json::to_string(&stored.record)
            .map_err(|source| JobError::Record { id: stored.tagged.mention.id.clone(), source })?;
        writer.upsert_record(&stored.tagged, &record)?;
        report.retagged += 1;
        if writer.pending() >= COMMIT_EVERY {
            writer.commit(&checkpoint)?;
        }
        Ok::<(), JobError>(())
    })?;
    if let Some(CheckpointEngine { taxonomy: used, .. }) = &mut checkpoint.engine {
        *used = taxonomy.to_owned();
    }
    writer.commit(&checkpoint)?;
    writer.finish()?;
    Ok(report)
}
