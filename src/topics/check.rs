//! What a taxonomy says twice, or in vain.

use std::collections::HashMap;

use aho_corasick::{AhoCorasick, BuildError};
use serde::Serialize;

use super::keyword::Keyword;
use super::rule_file::{KeywordLists, RuleFile, RuleFileError};
use super::taxonomy::{ANY_LANGUAGE, KIND, Taxonomy, Topic, lineage};
use crate::language::{Detector, LanguageOptions, NO_WORDS, UNDETERMINED, share_words};
use crate::query::Query;
use crate::text::script::{self, CharKind};

/// What is amiss with a taxonomy that can be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TaxonomyCheck {
    /// The taxonomy's name.
    pub taxonomy: String,
    /// How many topics it has.
    pub topics: usize,
    /// How many keywords, exclusions not among them.
    pub keywords: usize,
    /// How many rules.
    pub rules: usize,
    /// What is amiss, in the order of the file.
    pub findings: Vec<Finding>,
}

/// A keyword that does nothing, or that does what another topic's does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What is amiss.
    pub kind: FindingKind,
    /// The topic.
    pub topic: String,
    /// The language of the list.
    pub language: String,
    /// The keyword.
    pub rule: String,
    /// The keyword that it collides with; for [`FindingKind::Shared`] the topic, for [`FindingKind::Foreign`] the language.
    pub other: String,
}

/// Kinds of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FindingKind {
    /// The list has it twice, in spellings that mean the same to earmark.
    Duplicate,
    /// Wherever it matches, a shorter keyword of the list does too.
    Shadowed,
    /// Wherever it matches, an exclusion cancels it.
    Cancelled,
    /// The list of another topic, neither above nor below, has it too: both are tagged. That may be meant.
    Shared,
    /// It is a word that by itself is most likely one of another language: texts too short to tell their language are tagged
    /// by it.
    Foreign,
}

impl FindingKind {
    /// True for what never changes which topics a text is tagged with.
    pub fn is_mistake(self) -> bool {
        !matches!(self, FindingKind::Shared | FindingKind::Foreign)
    }
}

/// A word is taken for one of another language where the detector is this sure of it.
const FOREIGN_CONFIDENCE: f64 = 0.6;

/// What a keyword matches: two keywords of one spelling match the same.
type Spelling<'k> = (&'k str, bool, bool);

/// Looks for keywords that are there twice or never count.
pub fn check_taxonomy(taxonomy: &Taxonomy) -> Result<TaxonomyCheck, RuleFileError> {
    let detector = Detector::new(&LanguageOptions::default())
        .map_err(|e| RuleFile::new(KIND, "", &taxonomy.name).malformed(e.to_string()))?;
    let mut findings = Vec::new();
    let mut keywords = 0;
    let mut owners: HashMap<(&str, Spelling), Vec<&str>> = HashMap::new();
    for topic in &taxonomy.topics {
        for (language, list) in &topic.keywords {
            keywords += list.len();
            let in_vain = InVain::of(topic, language).map_err(|e| {
                let problem = format!("its {language} keywords are too many to compare: {e}");
                RuleFile::new(KIND, "", &taxonomy.name).wrong(&topic.name, problem)
            })?;
            for (at, keyword) in list.iter().enumerate() {
                let finding = |kind, other: &str| Finding {
                    kind,
                    topic: topic.name.clone(),
                    language: language.clone(),
                    rule: keyword.rule.to_string(),
                    other: other.to_owned(),
                };
                findings.extend(in_vain.reason(at).map(|(kind, other)| finding(kind, &other.rule)));
                let others = owners.entry((language, spelling(keyword))).or_default();
                let apart = others.iter().find(|other| !is_related(other, &topic.name));
                findings.extend(apart.map(|other| finding(FindingKind::Shared, other)));
                others.push(&topic.name);
                findings
                    .extend(foreign(language, keyword, &detector).map(|other| finding(FindingKind::Foreign, other)));
            }
        }
    }
    for topic in &taxonomy.topics {
        for (language, rules) in &topic.rules {
            for (at, rule) in rules.iter().enumerate() {
                let same = |other: &&Query| other.expr == rule.expr && other.patterns == rule.patterns;
                findings.extend(rules[..at].iter().find(same).map(|other| Finding {
                    kind: FindingKind::Duplicate,
                    topic: topic.name.clone(),
                    language: language.clone(),
                    rule: rule.text.clone(),
                    other: other.text.clone(),
                }));
            }
        }
    }
    let rules = taxonomy.topics.iter().flat_map(|topic| topic.rules.values()).map(Vec::len).sum();
    Ok(TaxonomyCheck { taxonomy: taxonomy.name.clone(), topics: taxonomy.topics.len(), keywords, rules, findings })
}

/// The other language that a keyword is most likely a word of.
fn foreign(language: &str, keyword: &Keyword, detector: &Detector) -> Option<&'static str> {
    // Characters of scripts without spaces are not words, and Han is written in several languages.
    let is_word = !keyword.open_start && !keyword.open_end && keyword.pattern.chars().all(is_word);
    if language == ANY_LANGUAGE || !is_word {
        return None;
    }
    let found = detector.detect(&keyword.rule);
    let is_told = found.confidence >= FOREIGN_CONFIDENCE && !matches!(found.code, UNDETERMINED | NO_WORDS);
    (is_told && !share_words(language, found.code)).then_some(found.code)
}

/// A topic's keywords of one language, and all that can make one of them do nothing.
struct InVain<'k> {
    /// The keywords of the language, then those of any language, then the exclusions of both.
    keywords: Vec<&'k Keyword>,
    /// Where those of any language begin, and where the exclusions do.
    of_any: usize,
    exclusions: usize,
    /// Finds all of them in one pass: comparing each with each would take minutes for long lists.
    automaton: AhoCorasick,
}

impl<'k> InVain<'k> {
    fn of(topic: &'k Topic, language: &str) -> Result<InVain<'k>, BuildError> {
        let of_both = |lists: &'k KeywordLists| {
            let any = (language != ANY_LANGUAGE).then_some(ANY_LANGUAGE);
            [Some(language), any].into_iter().flatten().filter_map(|language| lists.get(language)).flatten()
        };
        let mut keywords: Vec<&Keyword> = of_both(&topic.keywords).collect();
        let exclusions = keywords.len();
        let of_any = topic.keywords.get(language).map_or(0, Vec::len);
        keywords.extend(of_both(&topic.exclude));
        let automaton = AhoCorasick::new(keywords.iter().map(|keyword| &keyword.pattern))?;
        Ok(InVain { keywords, of_any, exclusions, automaton })
    }

    /// Why the keyword at a place of the list does nothing, and the keyword or exclusion that sees to that.
    fn reason(&self, at: usize) -> Option<(FindingKind, &'k Keyword)> {
        let keyword = self.keywords[at];
        let found = self.automaton.find_overlapping_iter(&keyword.pattern).filter_map(|found| {
            let other = found.pattern().as_usize();
            let same = spelling(self.keywords[other]) == spelling(keyword);
            let kind = match other {
                _ if other >= self.exclusions => FindingKind::Cancelled,
                _ if same => FindingKind::Duplicate,
                _ => FindingKind::Shadowed,
            };
            // Of two in the same list the later one is the duplicate.
            let is_later = kind != FindingKind::Duplicate || other < at || other >= self.of_any;
            let covers = covers(self.keywords[other], keyword, found.start());
            (other != at && is_later && covers).then_some((kind, other))
        });
        found.min().map(|(kind, other)| (kind, self.keywords[other]))
    }
}

fn spelling(keyword: &Keyword) -> Spelling<'_> {
    (&keyword.pattern, keyword.open_start, keyword.open_end)
}

/// True if one topic is above the other, or the same.
fn is_related(one: &str, other: &str) -> bool {
    lineage(one).any(|name| name == other) || lineage(other).any(|name| name == one)
}

/// True if wherever `long` matches, `short` does too, in a part of the same words: at this place of its pattern.
fn covers(short: &Keyword, long: &Keyword, start: usize) -> bool {
    let end = start + short.pattern.len();
    let is_inside = |beside: Option<char>, edge: Option<char>| beside.is_some_and(is_word) && edge.is_some_and(is_word);
    let (before, after) = (long.pattern[..start].chars().next_back(), long.pattern[end..].chars().next());
    let begins_inside = is_inside(before, short.pattern.chars().next()) || start == 0 && long.open_start;
    let ends_inside = is_inside(after, short.pattern.chars().next_back()) || after.is_none() && long.open_end;
    (short.open_start || !begins_inside) && (short.open_end || !ends_inside)
}

fn is_word(c: char) -> bool {
    script::kind(c) == CharKind::Word
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn finds_what_does_nothing() {
        let text = "
            name = 'test'
            [[topic]]
            name = 'delivery'
            keywords.en = ['parcel*', 'Parcels', 'my parcel', 'late', 'LATE', 'latest', 'delivery room', '*versand', 'versandt*', 'y']
            keywords.zh = ['快递', '快递费']
            keywords.any = ['late', 'x']
            exclude.en = ['room']
            exclude.any = ['y']
            [[topic]]
            name = 'delivery/late'
            keywords.en = ['late']
            [[topic]]
            name = 'mood'
            keywords.en = ['late', 'parcel']
            keywords.de = ['late', 'wonderful', 'zufrieden']
            rules.en = ['late parcel', 'LATE  parcel', 'parcel late']
        ";
        let check = check_taxonomy(&Taxonomy::parse(text, "test").unwrap()).unwrap();
        let found: Vec<_> = check.findings.iter().map(|f| (f.kind, f.rule.as_str(), f.other.as_str())).collect();
        let expected = [
            (FindingKind::Shadowed, "Parcels", "parcel*"),
            (FindingKind::Shadowed, "my parcel", "parcel*"),
            (FindingKind::Duplicate, "late", "late"),
            (FindingKind::Duplicate, "LATE", "late"),
            (FindingKind::Cancelled, "delivery room", "room"),
            (FindingKind::Cancelled, "y", "y"),
            (FindingKind::Shadowed, "快递费", "快递"),
            (FindingKind::Foreign, "wonderful", "en"),
            (FindingKind::Shared, "late", "delivery"),
            (FindingKind::Duplicate, "LATE  parcel", "late parcel"),
        ];
        assert_eq!(found, expected);
        assert_eq!((check.topics, check.keywords), (3, 20));
    }
}
