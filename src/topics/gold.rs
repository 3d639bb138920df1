//! A taxonomy held against topics that people gave.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Serialize;
use serde_json::Value;

use super::taxonomy::{LEVEL_SEPARATOR, lineage};
use crate::mention::{Mention, TopicTag};

/// How gold labels are called in a taxonomy: lines of a label, a tab, and a topic, or `-` for none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GoldMap(BTreeMap<String, Option<String>>);

/// A map of gold labels cannot be used. Always its author's to fix.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum GoldMapError {
    #[error("cannot read the map of labels {path}: {source}")]
    Unreadable { path: String, source: std::io::Error },
    #[error("the map of labels {path}, line {line}: write a label, a tab, and a topic, or - for none")]
    Line { path: String, line: usize },
}

impl GoldMap {
    /// Reads a map.
    pub fn load(path: &Path) -> Result<GoldMap, GoldMapError> {
        let name = path.display().to_string();
        let text =
            std::fs::read_to_string(path).map_err(|source| GoldMapError::Unreadable { path: name.clone(), source })?;
        let mut map = BTreeMap::new();
        for (number, line) in
            text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'))
        {
            let mistake = || GoldMapError::Line { path: name.clone(), line: number + 1 };
            let (label, topic) = line.split_once('\t').ok_or_else(mistake)?;
            let topic = topic.trim();
            map.insert(label.trim().to_owned(), (topic != "-").then(|| topic.to_owned()));
        }
        Ok(GoldMap(map))
    }

    /// The topic that a label stands for: itself where the map does not say.
    fn topic(&self, label: &str) -> Option<String> {
        self.0.get(label).cloned().unwrap_or_else(|| Some(label.to_owned()))
    }

    /// The gold topics of a mention, with those above them; `None` where nobody gave any. A label that stands for no topic
    /// leaves none.
    pub fn gold(&self, mention: &Mention, field: &str) -> Option<BTreeSet<String>> {
        let labels: Vec<&str> = match mention.record.get(field)? {
            Value::String(label) if label.is_empty() => return None,
            Value::String(label) => vec![label],
            Value::Array(labels) => labels.iter().filter_map(Value::as_str).collect(),
            _ => return None,
        };
        let topics: Vec<String> = labels.into_iter().filter_map(|label| self.topic(label)).collect();
        Some(topics.iter().flat_map(|topic| lineage(topic)).map(str::to_owned).collect())
    }
}

/// How well a taxonomy finds the topics that people gave.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct GoldReport {
    /// Mentions with gold topics.
    pub n: u64,
    /// Records that could not be read.
    pub rejected: u64,
    /// Mean of the F1 of the topics that people gave.
    pub macro_f1: f64,
    /// Over all topics together.
    pub all: GoldScores,
    /// By topic; those that people never gave have no say in `macro_f1`, and are left out where they are below others.
    pub topics: BTreeMap<String, GoldScores>,
}

/// How well a topic is found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct GoldScores {
    /// Mentions to which people gave it.
    pub gold: u64,
    /// Mentions to which the taxonomy gave it.
    pub tagged: u64,
    /// Mentions to which both gave it.
    pub right: u64,
    /// `right` / `tagged`; 0 where nothing was tagged.
    pub precision: f64,
    /// `right` / `gold`; 0 where there is none.
    pub recall: f64,
    /// The harmonic mean of both.
    pub f1: f64,
}

impl GoldReport {
    /// Counts a mention: what people gave, and what it was tagged with. A topic counts where one below it does.
    pub fn add(&mut self, gold: &BTreeSet<String>, tags: &[TopicTag]) {
        self.n += 1;
        let tagged: BTreeSet<&str> = tags.iter().flat_map(|tag| lineage(&tag.topic)).collect();
        for topic in gold.iter().map(String::as_str).chain(tagged.iter().copied()).collect::<BTreeSet<_>>() {
            let (is_gold, is_tagged) = (gold.contains(topic), tagged.contains(topic));
            let scores = self.topics.entry(topic.to_owned()).or_default();
            scores.gold += u64::from(is_gold);
            scores.tagged += u64::from(is_tagged);
            scores.right += u64::from(is_gold && is_tagged);
        }
    }

    /// Works the scores out. Topics below others that people never gave are left out: their labels are not that fine.
    pub fn finish(mut self) -> GoldReport {
        self.topics.retain(|topic, scores| scores.gold > 0 || !topic.contains(LEVEL_SEPARATOR));
        for scores in self.topics.values_mut() {
            scores.work_out();
            self.all.gold += scores.gold;
            self.all.tagged += scores.tagged;
            self.all.right += scores.right;
        }
        self.all.work_out();
        let given: Vec<f64> = self.topics.values().filter(|scores| scores.gold > 0).map(|scores| scores.f1).collect();
        self.macro_f1 = given.iter().sum::<f64>() / given.len().max(1) as f64;
        self
    }
}

impl GoldScores {
    fn work_out(&mut self) {
        let share = |part: u64, whole: u64| if whole == 0 { 0.0 } else { part as f64 / whole as f64 };
        self.precision = share(self.right, self.tagged);
        self.recall = share(self.right, self.gold);
        self.f1 = share(2 * self.right, self.tagged + self.gold);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_by_hand() {
        let tag = |topic: &str| TopicTag { topic: topic.into(), matches: Vec::new() };
        let gold = |topics: &[&str]| topics.iter().flat_map(|topic| lineage(topic)).map(str::to_owned).collect();
        let mut report = GoldReport::default();
        report.add(&gold(&["a/b"]), &[tag("a")]);
        report.add(&gold(&["a"]), &[tag("a"), tag("c"), tag("a/z")]);
        report.add(&gold(&[]), &[tag("a")]);
        let report = report.finish();
        let a = report.topics["a"];
        assert_eq!((a.gold, a.tagged, a.right, a.recall), (2, 3, 2, 1.0));
        assert_eq!((a.f1, report.topics["a/b"].f1, report.topics["c"].f1), (0.8, 0.0, 0.0));
        assert_eq!((report.n, report.macro_f1), (3, 0.4));
    }

    #[test]
    fn labels_are_mapped() {
        let map = GoldMap(
            [("Late Flight".to_owned(), Some("late/flight".to_owned())), ("Can't Tell".to_owned(), None)].into(),
        );
        let mention = |value: Value| Mention {
            record: [("reason".to_owned(), value)].into_iter().collect(),
            ..Mention::default()
        };
        let gold =
            |value: Value| map.gold(&mention(value), "reason").map(|topics| topics.into_iter().collect::<Vec<_>>());
        assert_eq!(gold("Late Flight".into()), Some(vec!["late".to_owned(), "late/flight".to_owned()]));
        assert_eq!(gold("Can't Tell".into()), Some(vec![]));
        assert_eq!(gold("other".into()), Some(vec!["other".to_owned()]));
        assert_eq!((gold("".into()), gold(Value::Null)), (None, None));
    }
}
