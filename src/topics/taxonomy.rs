//! The taxonomy file: topics, their keywords by language, and what does not count.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::keyword::Keyword;

/// Parts of a topic's name are joined by this; `delivery/late` is a child of `delivery`.
pub const LEVEL_SEPARATOR: char = '/';
/// The language name of keywords that apply to every text.
pub const ANY_LANGUAGE: &str = "any";
/// The most keywords, exclusions included, that a taxonomy may have.
pub const MAX_KEYWORDS: usize = 200_000;

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
}

/// A topic and what speaks for it.
#[derive(Debug, Clone)]
pub struct Topic {
    /// Unique name: `delivery`, `delivery/late`.
    pub name: String,
    /// Keywords by language code, or by [`ANY_LANGUAGE`].
    pub keywords: BTreeMap<String, Vec<Keyword>>,
    /// Phrases that cancel a keyword which they overlap, by language like the keywords.
    pub exclude: BTreeMap<String, Vec<Keyword>>,
}

/// Why a taxonomy cannot be used. Always the author's to fix.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TaxonomyError {
    /// The file cannot be read.
    #[error("cannot read the taxonomy {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not TOML, or not of this shape.
    #[error("taxonomy {origin}: {problem}")]
    Syntax {
        /// The file, or `(shipped)`.
        origin: String,
        /// What and where.
        problem: String,
    },
    /// A topic is wrong.
    #[error("taxonomy {origin}: topic {topic:?}: {problem}")]
    Topic {
        /// The file, or `(shipped)`.
        origin: String,
        /// The topic's name.
        topic: String,
        /// What is wrong, and what would be right.
        problem: String,
    },
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
}

impl Taxonomy {
    /// The `customer-care` taxonomy in the binary.
    pub fn shipped() -> Result<Taxonomy, TaxonomyError> {
        Taxonomy::parse(SHIPPED, "(shipped)")
    }

    /// Reads a taxonomy file.
    pub fn load(path: &Path) -> Result<Taxonomy, TaxonomyError> {
        let text =
            std::fs::read_to_string(path).map_err(|source| TaxonomyError::Unreadable { path: path.into(), source })?;
        Taxonomy::parse(&text, &path.display().to_string())
    }

    /// Parses the text of a taxonomy; `origin` names it in errors.
    pub fn parse(text: &str, origin: &str) -> Result<Taxonomy, TaxonomyError> {
        let syntax = |problem: String| TaxonomyError::Syntax { origin: origin.into(), problem };
        let file: File = toml::from_str(text).map_err(|e| syntax(e.to_string()))?;
        let mut seen = HashSet::new();
        let mut topics = Vec::with_capacity(file.topics.len());
        let mut keywords = 0;
        for topic in file.topics {
            let wrong =
                |problem: String| TaxonomyError::Topic { origin: origin.into(), topic: topic.name.clone(), problem };
            check_name(&topic.name, &seen).map_err(&wrong)?;
            let parsed = Topic {
                name: topic.name.clone(),
                keywords: parse_keyword_lists(&topic.keywords).map_err(&wrong)?,
                exclude: parse_keyword_lists(&topic.exclude).map_err(&wrong)?,
            };
            keywords += parsed.keywords.values().chain(parsed.exclude.values()).map(Vec::len).sum::<usize>();
            seen.insert(topic.name);
            topics.push(parsed);
        }
        if keywords > MAX_KEYWORDS {
            return Err(syntax(format!("it has {keywords} keywords; at most {MAX_KEYWORDS} are allowed")));
        }
        let hash = format!("sha256:{}", crate::text::hex(&Sha256::digest(text.as_bytes())));
        Ok(Taxonomy { name: file.name, hash, topics })
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

/// Keywords by language code, or by [`ANY_LANGUAGE`]; the error says what is wrong.
pub(crate) fn parse_keyword_lists(
    lists: &BTreeMap<String, Vec<String>>,
) -> Result<BTreeMap<String, Vec<Keyword>>, String> {
    let mut parsed = BTreeMap::new();
    for (language, keywords) in lists {
        let is_code = (2..=3).contains(&language.len()) && language.bytes().all(|b| b.is_ascii_lowercase());
        if !is_code {
            return Err(format!(
                "{language:?} is no language; use an ISO 639 code such as \"lv\", or \"{ANY_LANGUAGE}\""
            ));
        }
        let keywords: Result<Vec<Keyword>, String> = keywords.iter().map(|keyword| Keyword::parse(keyword)).collect();
        parsed.insert(language.clone(), keywords.map_err(|problem| format!("{language}: {problem}"))?);
    }
    Ok(parsed)
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn the_shipped_taxonomy_has_its_parents() -> Result<(), TaxonomyError> {
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
            for language in
                ["en", "pl", "lv", "mr", "hy", "es", "de", "fr", "pt", "ru", "tr", "ar", "hi", "id", "ja", "zh"]
            {
                assert!(topic.keywords.contains_key(language), "{} has no {language} keywords", topic.name);
            }
        }
        Ok(())
    }
}
