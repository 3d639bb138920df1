//! The taxonomy file: topics, their keywords by language, and what does not count.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use serde::Deserialize;

use super::examples::{self, Example, TextLists};
use super::rule_file::{self, KeywordLists, Kind, RuleFile, RuleFileError, RuleLists};

/// Parts of a topic's name are joined by this; `delivery/late` is a child of `delivery`.
pub const LEVEL_SEPARATOR: char = '/';
/// The language name of keywords that apply to every text.
pub const ANY_LANGUAGE: &str = "any";
pub(super) const KIND: Kind = Kind { file: "taxonomy", entry: "topic" };

const SHIPPED: &str = include_str!("../../models/topics/customer-care.toml");

/// A set of topics.
#[derive(Debug, Clone)]
pub struct Taxonomy {
    /// Its name, for reports.
    pub name: String,
    /// `sha256:…` of the file.
    pub hash: String,
    /// The topics in the order of the file; parents come before their children.
    pub topics: Vec<Topic>,
    /// Its own tests.
    pub examples: Vec<Example>,
}

/// A topic and what speaks for it.
#[derive(Debug, Clone, Default)]
pub struct Topic {
    /// Unique name: `delivery`, `delivery/late`.
    pub name: String,
    /// Keywords by language code, or by [`ANY_LANGUAGE`].
    pub keywords: KeywordLists,
    /// Phrases that cancel a keyword which they overlap, by language like the keywords.
    pub exclude: KeywordLists,
    /// Queries, by language like the keywords: the topic is also that of every mention that one of them selects. The
    /// exclusions do not concern them, so that a search for a rule finds what the rule tags.
    pub rules: RuleLists,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    #[serde(default, rename = "topic")]
    topics: Vec<FileTopic>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileTopic {
    name: String,
    #[serde(default)]
    keywords: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    exclude: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    rules: BTreeMap<String, Vec<String>>,
    #[serde(default)]
    matches: TextLists,
    #[serde(default)]
    misses: TextLists,
}

impl Taxonomy {
    /// The `customer-care` taxonomy in the binary.
    pub fn shipped() -> Result<Taxonomy, RuleFileError> {
        Taxonomy::parse(SHIPPED, "(shipped)")
    }

    /// Reads a taxonomy file.
    pub fn load(path: &Path) -> Result<Taxonomy, RuleFileError> {
        Taxonomy::parse(&rule_file::read(KIND, path)?, &path.display().to_string())
    }

    /// Parses the text of a taxonomy; `origin` names it in errors.
    pub fn parse(text: &str, origin: &str) -> Result<Taxonomy, RuleFileError> {
        let mut rules = RuleFile::new(KIND, text, origin);
        let file: File = rules.parse()?;
        let mut seen = HashSet::new();
        let mut topics = Vec::with_capacity(file.topics.len());
        let mut examples = Vec::new();
        for FileTopic { name, keywords, exclude, rules: queries, matches, misses } in file.topics {
            check_name(&name, &seen).map_err(|problem| rules.wrong(&name, problem))?;
            let keywords = rules.keywords(&name, &keywords)?;
            let exclude = rules.keywords(&name, &exclude)?;
            let queries = rules.queries(&name, &queries)?;
            examples.extend(examples::of_topic(&name, matches, misses).map_err(|problem| rules.wrong(&name, problem))?);
            seen.insert(name.clone());
            topics.push(Topic { name, keywords, exclude, rules: queries });
        }
        Ok(Taxonomy { name: file.name, hash: rules.hash(), topics, examples })
    }
}

/// A topic and the topics above it: `a/b/c`, `a/b`, `a`.
pub fn lineage(topic: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(topic), |topic| parent(topic))
}

/// The name of a topic's parent, if it has one.
fn parent(topic: &str) -> Option<&str> {
    topic.rsplit_once(LEVEL_SEPARATOR).map(|(parent, _)| parent)
}

fn check_name(name: &str, seen: &HashSet<String>) -> Result<(), String> {
    let well_formed = name
        .split(LEVEL_SEPARATOR)
        .all(|part| !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.')));
    if !well_formed {
        return Err("a name is made of letters, digits, `-`, `_` and `.`, with `/` between parent and child".into());
    }
    if seen.contains(name) {
        return Err("a topic of this name stands above; join the two".into());
    }
    match parent(name) {
        Some(parent) if !seen.contains(parent) => Err(format!("its parent {parent:?} must stand above it")),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHIPPED_LANGUAGES: &str =
        "ar bn cs de el en es fa fil fr he hi hu hy id it ja ko lv mr nl pl pt ro ru sw ta te th tr uk ur vi zh";

    fn error(text: &str) -> String {
        Taxonomy::parse(text, "x.toml").err().map(|e| e.to_string()).unwrap_or_default()
    }

    #[test]
    fn says_what_to_fix() {
        let cases = [
            ("name = 3", "invalid type"),
            ("name='x'\n[[topic]]\nname='a/b'", "its parent \"a\" must stand above it"),
            ("name='x'\n[[topic]]\nname='a'\n[[topic]]\nname='a'", "stands above"),
            ("name='x'\n[[topic]]\nname='a b'", "a name is made of"),
            ("name='x'\n[[topic]]\nname='a'\nkeywords.english=['x']", "no language"),
            ("name='x'\n[[topic]]\nname='a'\nkeywords.en=['a*b']", "`*`"),
            ("name='x'\n[[topic]]\nname='a'\nkeywords.en=['...']", "no letters"),
            ("name='x'\n[[topic]]\nname='a'\nwords.en=['x']", "unknown field"),
            ("name='x'\n[[topic]]\nname='a'\nrules.en=['(late']", "this ( is not closed"),
            ("name='x'\n[[topic]]\nname='a'\nrules.en=['late topic:b']", "cannot ask for topic"),
            ("name='x'\n[[topic]]\nname='a'\nrules.en=['-late']", "needs words"),
            ("name='x'\n[[topic]]\nname='a'\nrules.en=['late created_at:-7d']", "relative to now"),
        ];
        for (text, part) in cases {
            let message = error(text);
            assert!(message.contains(part), "{text}: {message}");
        }
    }

    #[test]
    fn a_lineage_ends_with_the_top() {
        assert_eq!(lineage("a/b/c").collect::<Vec<_>>(), ["a/b/c", "a/b", "a"]);
        assert_eq!(lineage("a").collect::<Vec<_>>(), ["a"]);
    }

    #[test]
    fn the_shipped_taxonomy_has_its_parents() -> Result<(), RuleFileError> {
        let taxonomy = Taxonomy::shipped()?;
        let parents: Vec<&str> =
            taxonomy.topics.iter().map(|t| t.name.as_str()).filter(|name| parent(name).is_none()).collect();
        let expected = [
            "delivery",
            "billing",
            "refund",
            "price",
            "quality",
            "outage",
            "app",
            "account",
            "staff",
            "support",
            "cancellation",
            "purchase-intent",
            "store",
            "safety",
        ];
        assert_eq!(parents, expected);
        for topic in &taxonomy.topics {
            for language in SHIPPED_LANGUAGES.split(' ') {
                assert!(topic.keywords.contains_key(language), "{} has no {language} keywords", topic.name);
            }
        }
        Ok(())
    }
}
