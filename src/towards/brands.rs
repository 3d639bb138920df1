//! The file of tracked brands.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::clauses::Cues;
use crate::language::{NO_WORDS, UNDETERMINED};
use crate::mention::{Language, TopicMatch};
use crate::topics::{ANY_LANGUAGE, MAX_KEYWORDS, Matcher, Taxonomy, TaxonomyError, Topic, parse_keyword_lists};

const CUES: &str = include_str!("../../models/towards/cues.toml");

/// Tracked brands and how texts name them. The file is TOML:
///
/// ```toml
/// [[brand]]
/// name = "Kurio"                       # also looked for in texts
/// aliases.any = ["@kuriohelp", "kurio's"]
/// aliases.ru = ["курио*"]
/// ```
///
/// Aliases are written and matched like the keywords of a taxonomy.
#[derive(Debug)]
pub struct TrackedBrands {
    /// `sha256:…` of the file.
    pub hash: String,
    brands: Matcher,
    cues: Matcher,
}

/// Why a file of brands cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BrandError {
    /// The file cannot be read.
    #[error("cannot read the brands {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not TOML, or not of this shape.
    #[error("brands {origin}: {problem}")]
    Syntax {
        /// The file.
        origin: String,
        /// What and where.
        problem: String,
    },
    /// A brand is wrong.
    #[error("brands {origin}: brand {brand:?}: {problem}")]
    Brand {
        /// The file.
        origin: String,
        /// The brand's name.
        brand: String,
        /// What is wrong, and what would be right.
        problem: String,
    },
    /// The shipped list of cues is damaged.
    #[error(transparent)]
    Cues(#[from] TaxonomyError),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default, rename = "brand")]
    brands: Vec<FileBrand>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileBrand {
    name: String,
    #[serde(default)]
    aliases: BTreeMap<String, Vec<String>>,
}

impl TrackedBrands {
    /// Reads a file of brands.
    pub fn load(path: &Path) -> Result<TrackedBrands, BrandError> {
        let text =
            std::fs::read_to_string(path).map_err(|source| BrandError::Unreadable { path: path.into(), source })?;
        TrackedBrands::parse(&text, &path.display().to_string())
    }

    /// Parses the text of such a file; `origin` names it in errors.
    pub fn parse(text: &str, origin: &str) -> Result<TrackedBrands, BrandError> {
        let syntax = |problem: String| BrandError::Syntax { origin: origin.into(), problem };
        let file: File = toml::from_str(text).map_err(|e| syntax(e.to_string()))?;
        if file.brands.is_empty() {
            return Err(syntax("it has no brands; write some, such as [[brand]] with name = \"Kurio\"".into()));
        }
        let mut seen = HashSet::new();
        let mut count = 0;
        let mut topics = Vec::with_capacity(file.brands.len());
        for brand in file.brands {
            let FileBrand { name, mut aliases } = brand;
            let wrong = |problem: String| BrandError::Brand { origin: origin.into(), brand: name.clone(), problem };
            if !seen.insert(name.trim().to_lowercase()) {
                return Err(wrong("a brand of this name stands above; join the two".into()));
            }
            let own = BTreeMap::from([(ANY_LANGUAGE.to_owned(), vec![name.clone()])]);
            match parse_keyword_lists(&own) {
                Ok(_) => aliases.entry(ANY_LANGUAGE.to_owned()).or_default().push(name.clone()),
                Err(_) if !aliases.values().all(Vec::is_empty) => {}
                Err(_) => {
                    return Err(wrong(
                        "this name cannot be looked for (it has no letters, or a full stop inside); give it aliases"
                            .into(),
                    ));
                }
            }
            let keywords = parse_keyword_lists(&aliases).map_err(&wrong)?;
            count += keywords.values().map(Vec::len).sum::<usize>();
            topics.push(Topic { name, keywords, exclude: BTreeMap::new() });
        }
        if count > MAX_KEYWORDS {
            return Err(syntax(format!("it has {count} names and aliases; at most {MAX_KEYWORDS} are allowed")));
        }
        let brands = Taxonomy { name: "brands".into(), hash: String::new(), topics };
        let too_large = |e: aho_corasick::BuildError| syntax(format!("too large to compile: {e}"));
        Ok(TrackedBrands {
            hash: format!("sha256:{}", crate::text::hex(&Sha256::digest(text.as_bytes()))),
            brands: Matcher::compile(&brands).map_err(too_large)?,
            cues: Matcher::compile(&Taxonomy::parse(CUES, "(shipped cues)")?).map_err(too_large)?,
        })
    }

    /// The brands a text names, in the order of the file, with where it does. A name that is part of a longer one of
    /// another brand does not count.
    pub(super) fn named(&self, text: &str, language: &Language) -> Vec<(Arc<str>, Vec<TopicMatch>)> {
        let tags = self.brands.tag(text, language);
        let mut spans: Vec<(usize, usize)> =
            tags.iter().flat_map(|tag| tag.matches.iter().map(|name| (name.start, name.end))).collect();
        // By start, the longer first: a span that ends within the furthest so far lies within a longer one.
        spans.sort_by_key(|&(start, end)| (start, std::cmp::Reverse(end)));
        spans.dedup();
        let mut furthest = 0;
        let mut within = HashSet::new();
        for span in spans {
            if span.1 <= furthest {
                within.insert(span);
            }
            furthest = furthest.max(span.1);
        }
        let whole = |name: &TopicMatch| !within.contains(&(name.start, name.end));
        let named = tags.into_iter().map(|tag| (tag.topic, tag.matches.into_iter().filter(whole).collect()));
        named.filter(|(_, matches): &(Arc<str>, Vec<TopicMatch>)| !matches.is_empty()).collect()
    }

    /// Where a text sets brands against each other, by the cues of the language that it most likely is in.
    pub(super) fn cues(&self, text: &str, language: &Language) -> Cues {
        let mut cues = Cues::default();
        if matches!(language.code, UNDETERMINED | NO_WORDS) {
            return cues;
        }
        for tag in self.cues.tag(text, &Language { confidence: 1.0, ..language.clone() }) {
            let found = match tag.topic.as_ref() {
                "contrast" => &mut cues.contrast,
                "against" => &mut cues.against,
                "left" => &mut cues.left,
                _ => &mut cues.joined,
            };
            found.extend(tag.matches.iter().map(|cue| cue.start..cue.end));
        }
        cues
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_to_fix() {
        let cases = [
            ("brand = 3", "invalid type"),
            ("", "has no brands"),
            ("[[brand]]\nname='...'", "give it aliases"),
            ("[[brand]]\nname='E.ON'", "give it aliases"),
            ("[[brand]]\nname='a'\n[[brand]]\nname='a '", "stands above"),
            ("[[brand]]\nname='a'\n[[brand]]\nname='A'", "stands above"),
            ("[[brand]]\nname='a'\naliases.english=['b']", "no language"),
            ("[[brand]]\nname='a'\nalias=['b']", "unknown field"),
        ];
        for (text, part) in cases {
            let message = TrackedBrands::parse(text, "x.toml").err().map(|e| e.to_string()).unwrap_or_default();
            assert!(message.contains(part), "{text}: {message}");
        }
    }
}
