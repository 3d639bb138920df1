//! Texts that a taxonomy must tag with a topic, and texts that it must not: its tests.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::matcher::Matcher;
use super::rule_file::{self, Kind, RuleFile, RuleFileError};
use super::taxonomy::{self, Taxonomy, lineage};
use crate::language::known_code;
use crate::mention::Language;

const KIND: Kind = Kind { file: "file of examples", entry: "topic" };
const SHIPPED: &str = include_str!("../../models/topics/customer-care.examples.toml");

/// Texts by language code.
pub(super) type TextLists = BTreeMap<String, Vec<String>>;

/// A text, and what the rules of a topic should make of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// The topic.
    pub topic: String,
    /// The language of the text, which is taken as known.
    pub language: &'static str,
    /// The text.
    pub text: String,
    /// Whether it speaks of the topic, or of a child of it.
    pub must_match: bool,
}

/// How a taxonomy did on examples.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExampleReport {
    /// The taxonomy's name.
    pub taxonomy: String,
    /// How many examples there are, and how many came out as they should.
    #[serde(flatten)]
    pub all: ExampleTally,
    /// The same by language.
    pub languages: BTreeMap<&'static str, ExampleTally>,
    /// Those that did not.
    pub failed: Vec<FailedExample>,
}

/// Examples, and those among them that came out as they should.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct ExampleTally {
    /// All of them.
    pub examples: u64,
    /// Those that came out as they should.
    pub passed: u64,
}

/// An example that did not come out as it should.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FailedExample {
    /// The topic it is about.
    pub topic: String,
    /// Its language.
    pub language: &'static str,
    /// The text.
    pub text: String,
    /// Whether it should have been tagged with the topic.
    pub must_match: bool,
    /// What it was tagged with.
    pub found: Vec<String>,
    /// The keywords of the topic that matched although they should not.
    pub rules: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default, rename = "topic")]
    topics: Vec<FileTopic>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileTopic {
    name: String,
    #[serde(default)]
    matches: TextLists,
    #[serde(default)]
    misses: TextLists,
}

/// The examples of the `customer-care` taxonomy in the binary.
pub fn shipped_examples() -> Result<Vec<Example>, RuleFileError> {
    parse(SHIPPED, "(shipped)")
}

/// Reads a file of examples.
pub fn load_examples(path: &Path) -> Result<Vec<Example>, RuleFileError> {
    parse(&rule_file::read(KIND, path)?, &path.display().to_string())
}

fn parse(text: &str, origin: &str) -> Result<Vec<Example>, RuleFileError> {
    let rules = RuleFile::new(KIND, text, origin);
    let file: File = rules.parse()?;
    let mut examples = Vec::new();
    for FileTopic { name, matches, misses } in file.topics {
        examples.extend(of_topic(&name, matches, misses).map_err(|problem| rules.wrong(&name, problem))?);
    }
    Ok(examples)
}

/// The examples of a topic; the error says what is wrong.
pub(super) fn of_topic(topic: &str, matches: TextLists, misses: TextLists) -> Result<Vec<Example>, String> {
    let mut examples = Vec::new();
    for (lists, must_match) in [(matches, true), (misses, false)] {
        for (language, texts) in lists {
            let Some(language) = known_code(&language) else {
                return Err(format!(
                    "{language:?} is no language that earmark knows; use an ISO 639 code such as \"lv\""
                ));
            };
            let of_text = |text| Example { topic: topic.to_owned(), language, text, must_match };
            examples.extend(texts.into_iter().map(of_text));
        }
    }
    Ok(examples)
}

/// Tags examples and compares with what they should be. An example of a topic that the taxonomy lacks is an error.
pub fn test_examples(taxonomy: &Taxonomy, examples: &[Example]) -> Result<ExampleReport, RuleFileError> {
    let rules = RuleFile::new(taxonomy::KIND, "", &taxonomy.name);
    let names: HashSet<&str> = taxonomy.topics.iter().map(|topic| topic.name.as_str()).collect();
    let matcher = rules.compile(&taxonomy.topics)?;
    let mut report = ExampleReport {
        taxonomy: taxonomy.name.clone(),
        all: ExampleTally::default(),
        languages: BTreeMap::new(),
        failed: Vec::new(),
    };
    for example in examples {
        if !names.contains(example.topic.as_str()) {
            let problem = format!("there is no such topic, but an example for it: {:?}", example.text);
            return Err(rules.wrong(&example.topic, problem));
        }
        let failed = test(&matcher, example);
        for tally in [&mut report.all, report.languages.entry(example.language).or_default()] {
            tally.examples += 1;
            tally.passed += u64::from(failed.is_none());
        }
        report.failed.extend(failed);
    }
    Ok(report)
}

fn test(matcher: &Matcher, example: &Example) -> Option<FailedExample> {
    let tags = matcher.tag(&example.text, &Language::new(example.language, 1.0));
    let speaking = || tags.iter().filter(|tag| lineage(&tag.topic).any(|topic| topic == example.topic));
    let failed = speaking().next().is_some() != example.must_match;
    failed.then(|| FailedExample {
        topic: example.topic.clone(),
        language: example.language,
        text: example.text.clone(),
        must_match: example.must_match,
        found: tags.iter().map(|tag| tag.topic.to_string()).collect(),
        rules: speaking().flat_map(|tag| tag.matches.iter().map(|found| found.rule.to_string())).collect(),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const TAXONOMY: &str = "
        name = 'test'
        [[topic]]
        name = 'delivery'
        keywords.en = ['parcel*']
        matches.en = ['My parcels!', 'It came a week late']
        misses.en = ['We talked of parcelling out land', 'Hello']
        [[topic]]
        name = 'delivery/late'
        keywords.en = ['week late']
    ";

    #[test]
    fn a_child_speaks_for_its_parent() {
        let taxonomy = Taxonomy::parse(TAXONOMY, "test").unwrap();
        let report = test_examples(&taxonomy, &taxonomy.examples).unwrap();
        assert_eq!(report.all, ExampleTally { examples: 4, passed: 3 });
        let failed = &report.failed[0];
        assert_eq!((failed.text.as_str(), failed.must_match), ("We talked of parcelling out land", false));
        assert_eq!(failed.rules, ["parcel*"]);
    }

    #[test]
    fn says_what_to_fix() {
        let message = |result: Result<_, RuleFileError>| result.err().map(|e| e.to_string()).unwrap_or_default();
        let unknown = parse("[[topic]]\nname='a'\nmatches.xq=['x']", "x.toml");
        assert!(message(unknown.map(|_| ())).contains("\"xq\" is no language"));
        let taxonomy = Taxonomy::parse(TAXONOMY, "test").unwrap();
        let astray = parse("[[topic]]\nname='refund'\nmatches.en=['x']", "x.toml").unwrap();
        assert!(
            message(test_examples(&taxonomy, &astray).map(|_| ()))
                .contains("there is no such topic, but an example for it: \"x\"")
        );
    }

    #[test]
    fn the_shipped_taxonomy_passes_its_examples() {
        let report = test_examples(&Taxonomy::shipped().unwrap(), &shipped_examples().unwrap()).unwrap();
        assert!(report.all.examples > 0);
        let failed: Vec<String> =
            report.failed.iter().map(|f| format!("{} {} {:?} {:?}", f.language, f.topic, f.text, f.rules)).collect();
        assert!(failed.is_empty(), "{} fail:\n{}", failed.len(), failed.join("\n"));
    }
}
