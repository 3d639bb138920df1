//! What all files of keyword rules have in common (taxonomies, sentiment rules, tracked brands): how they are read, what
//! bounds them, and what can be wrong with them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::keyword::Keyword;
use super::matcher::Matcher;
use super::taxonomy::{ANY_LANGUAGE, Topic};
use crate::query::Query;

/// The most keywords, exclusions included, that a file may have.
pub const MAX_KEYWORDS: usize = 200_000;

/// Keywords by language code, or by [`ANY_LANGUAGE`].
pub type KeywordLists = BTreeMap<String, Vec<Keyword>>;

/// Rules by language code, or by [`ANY_LANGUAGE`].
pub type RuleLists = BTreeMap<String, Vec<Query>>;

/// How a kind of file is spoken of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kind {
    /// The file: `taxonomy`.
    pub file: &'static str,
    /// One of its entries: `topic`.
    pub entry: &'static str,
}

/// Why a file of rules cannot be used. Always its author's to fix.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RuleFileError {
    /// The file cannot be read.
    #[error("cannot read the {kind} {}: {source}", path.display())]
    Unreadable {
        /// What it should have been: `taxonomy`.
        kind: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not TOML, not of its shape, or too large.
    #[error("{kind} {origin}: {problem}")]
    Syntax {
        /// What it should have been: `taxonomy`.
        kind: &'static str,
        /// The file, or `(shipped)`.
        origin: String,
        /// What and where.
        problem: String,
    },
    /// An entry is wrong.
    #[error("{kind} {origin}: {entry} {name:?}: {problem}")]
    Entry {
        /// What the file is: `taxonomy`.
        kind: &'static str,
        /// The file, or `(shipped)`.
        origin: String,
        /// What the entry is: `topic`.
        entry: &'static str,
        /// Its name.
        name: String,
        /// What is wrong, and what would be right.
        problem: String,
    },
}

/// A file of rules that is being read.
#[derive(Debug)]
pub(crate) struct RuleFile<'t> {
    kind: Kind,
    origin: &'t str,
    text: &'t str,
    keywords: usize,
}

/// The text of a file of rules.
pub(crate) fn read(kind: Kind, path: &Path) -> Result<String, RuleFileError> {
    std::fs::read_to_string(path).map_err(|source| RuleFileError::Unreadable {
        kind: kind.file,
        path: path.into(),
        source,
    })
}

impl<'t> RuleFile<'t> {
    /// The text of a file; `origin` names it in errors.
    pub(crate) fn new(kind: Kind, text: &'t str, origin: &'t str) -> RuleFile<'t> {
        RuleFile { kind, origin, text, keywords: 0 }
    }

    /// `sha256:…` of the text.
    pub(crate) fn hash(&self) -> String {
        format!("sha256:{}", crate::text::hex(&Sha256::digest(self.text.as_bytes())))
    }

    /// Its TOML.
    pub(crate) fn parse<T: DeserializeOwned>(&self) -> Result<T, RuleFileError> {
        toml::from_str(self.text).map_err(|e| self.malformed(e.to_string()))
    }

    /// The keywords of an entry, counted towards the file's bound.
    pub(crate) fn keywords(
        &mut self,
        entry: &str,
        lists: &BTreeMap<String, Vec<String>>,
    ) -> Result<KeywordLists, RuleFileError> {
        let parsed = parse_keyword_lists(lists).map_err(|problem| self.wrong(entry, problem))?;
        self.count(parsed.values().map(Vec::len).sum())?;
        Ok(parsed)
    }

    /// The rules of an entry, whose words count towards the file's bound.
    pub(crate) fn queries(
        &mut self,
        entry: &str,
        lists: &BTreeMap<String, Vec<String>>,
    ) -> Result<RuleLists, RuleFileError> {
        let mut parsed = RuleLists::new();
        for (language, texts) in lists {
            check_language(language).map_err(|problem| self.wrong(entry, problem))?;
            let queries: Result<Vec<Query>, _> = texts.iter().map(|text| Query::parse_topic_rule(text)).collect();
            let queries = queries.map_err(|problem| self.wrong(entry, format!("a rule of {language}: {problem}")))?;
            self.count(queries.iter().map(|query| query.patterns.len()).sum())?;
            parsed.insert(language.clone(), queries);
        }
        Ok(parsed)
    }

    /// Counts keywords towards the file's bound.
    fn count(&mut self, keywords: usize) -> Result<(), RuleFileError> {
        self.keywords += keywords;
        if self.keywords > MAX_KEYWORDS {
            return Err(self.malformed(format!("it has more than the {MAX_KEYWORDS} keywords that are allowed")));
        }
        Ok(())
    }

    /// A matcher of its entries.
    pub(crate) fn compile(&self, entries: &[Topic]) -> Result<Matcher, RuleFileError> {
        Matcher::compile(entries).map_err(|e| self.malformed(format!("it is too large to compile: {e}")))
    }

    /// The error that the file as a whole is wrong.
    pub(crate) fn malformed(&self, problem: String) -> RuleFileError {
        RuleFileError::Syntax { kind: self.kind.file, origin: self.origin.into(), problem }
    }

    /// The error that one of its entries is wrong.
    pub(crate) fn wrong(&self, entry: &str, problem: impl Into<String>) -> RuleFileError {
        let Kind { file: kind, entry: what } = self.kind;
        let (origin, problem) = (self.origin.into(), problem.into());
        RuleFileError::Entry { kind, origin, entry: what, name: entry.into(), problem }
    }
}

fn check_language(language: &str) -> Result<(), String> {
    let is_code = (2..=3).contains(&language.len()) && language.bytes().all(|b| b.is_ascii_lowercase());
    let problem = || format!("{language:?} is no language; use an ISO 639 code such as \"lv\", or \"{ANY_LANGUAGE}\"");
    if is_code { Ok(()) } else { Err(problem()) }
}

/// Keywords by language; the error says what is wrong.
pub(crate) fn parse_keyword_lists(lists: &BTreeMap<String, Vec<String>>) -> Result<KeywordLists, String> {
    let mut parsed = BTreeMap::new();
    for (language, keywords) in lists {
        check_language(language)?;
        let keywords: Result<Vec<Keyword>, String> = keywords.iter().map(|keyword| Keyword::parse(keyword)).collect();
        parsed.insert(language.clone(), keywords.map_err(|problem| format!("{language}: {problem}"))?);
    }
    Ok(parsed)
}
