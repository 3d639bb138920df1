//! The file of tracked brands.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;

use super::clauses::Cues;
use crate::language::{NO_WORDS, UNDETERMINED};
use crate::mention::{Language, TopicMatch};
use crate::topics::{
    ANY_LANGUAGE, Kind, Matcher, RuleFile, RuleFileError, Taxonomy, Topic, parse_keyword_lists, read_rule_file,
};

const KIND: Kind = Kind { file: "brands", entry: "brand" };
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
    pub fn load(path: &Path) -> Result<TrackedBrands, RuleFileError> {
        TrackedBrands::parse(&read_rule_file(KIND, path)?, &path.display().to_string())
    }

    /// Parses the text of such a file; `origin` names it in errors.
    pub fn parse(text: &str, origin: &str) -> Result<TrackedBrands, RuleFileError> {
        let mut source = RuleFile::new(KIND, text, origin);
        let file: File = source.parse()?;
        if file.brands.is_empty() {
            let problem = "it has no brands; write some, such as [[brand]] with name = \"Kurio\"";
            return Err(source.malformed(problem.into()));
        }
        let mut seen = HashSet::new();
        let mut topics = Vec::with_capacity(file.brands.len());
        for FileBrand { name, mut aliases } in file.brands {
            if !seen.insert(name.trim().to_lowercase()) {
                return Err(source.wrong(&name, "a brand of this name stands above; join the two"));
            }
            if can_be_looked_for(&name) {
                aliases.entry(ANY_LANGUAGE.to_owned()).or_default().push(name.clone());
            } else if aliases.values().all(Vec::is_empty) {
                let problem = "this name cannot be looked for (no letters, or a full stop inside); give it aliases";
                return Err(source.wrong(&name, problem));
            }
            let keywords = source.keywords(&name, &aliases)?;
            topics.push(Topic { name, keywords, ..Topic::default() });
        }
        let cues = Taxonomy::parse(CUES, "(shipped cues)")?;
        Ok(TrackedBrands { hash: source.hash(), brands: source.compile(&topics)?, cues: source.compile(&cues.topics)? })
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

/// True if a brand's name can stand as a keyword.
fn can_be_looked_for(name: &str) -> bool {
    parse_keyword_lists(&BTreeMap::from([(ANY_LANGUAGE.to_owned(), vec![name.to_owned()])])).is_ok()
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
