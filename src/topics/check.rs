//! What a taxonomy says twice, or in vain.

use std::collections::HashMap;

use serde::Serialize;

use super::keyword::Keyword;
use super::taxonomy::{Taxonomy, lineage};
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
    /// The keyword, or for [`FindingKind::Shared`] the topic, that it collides with.
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
    /// Another topic, neither above nor below, has it too: both are tagged. That may be meant.
    Shared,
}

impl FindingKind {
    /// True for what certainly does nothing.
    pub fn is_mistake(self) -> bool {
        self != FindingKind::Shared
    }
}

/// What a keyword matches: two keywords of one spelling match the same.
type Spelling<'k> = (&'k str, bool, bool);

/// Looks for keywords that are there twice or never count.
pub fn check_taxonomy(taxonomy: &Taxonomy) -> TaxonomyCheck {
    let mut findings = Vec::new();
    let mut keywords = 0;
    let mut owners: HashMap<(&str, Spelling), Vec<&str>> = HashMap::new();
    for topic in &taxonomy.topics {
        for (language, list) in &topic.keywords {
            keywords += list.len();
            let excluded = topic.exclude.get(language).map_or(&[][..], Vec::as_slice);
            for (at, keyword) in list.iter().enumerate() {
                let finding = |kind, other: &str| Finding {
                    kind,
                    topic: topic.name.clone(),
                    language: language.clone(),
                    rule: keyword.rule.to_string(),
                    other: other.to_owned(),
                };
                findings.extend(in_vain(at, list, excluded).map(|(kind, other)| finding(kind, &other.rule)));
                let others = owners.entry((language, spelling(keyword))).or_default();
                let apart = others.iter().find(|other| !is_related(other, &topic.name));
                findings.extend(apart.map(|other| finding(FindingKind::Shared, other)));
                others.push(&topic.name);
            }
        }
    }
    TaxonomyCheck { taxonomy: taxonomy.name.clone(), topics: taxonomy.topics.len(), keywords, findings }
}

/// Why the keyword at a place of a list does nothing, and the keyword or exclusion that sees to that.
fn in_vain<'k>(at: usize, list: &'k [Keyword], excluded: &'k [Keyword]) -> Option<(FindingKind, &'k Keyword)> {
    let keyword = &list[at];
    let same = |other: &&Keyword| spelling(other) == spelling(keyword);
    let duplicate = list[..at].iter().find(same).map(|other| (FindingKind::Duplicate, other));
    let shadowing = || list.iter().find(|other| !same(other) && covers(other, keyword));
    let cancelling = || excluded.iter().find(|other| covers(other, keyword));
    duplicate
        .or_else(|| shadowing().map(|other| (FindingKind::Shadowed, other)))
        .or_else(|| cancelling().map(|other| (FindingKind::Cancelled, other)))
}

fn spelling(keyword: &Keyword) -> Spelling<'_> {
    (&keyword.pattern, keyword.open_start, keyword.open_end)
}

/// True if one topic is above the other, or the same.
fn is_related(one: &str, other: &str) -> bool {
    lineage(one).any(|name| name == other) || lineage(other).any(|name| name == one)
}

/// True if wherever `long` matches, `short` does too, in a part of the same words.
fn covers(short: &Keyword, long: &Keyword) -> bool {
    long.pattern.match_indices(&short.pattern).any(|(start, found)| {
        let end = start + found.len();
        let before = long.pattern[..start].chars().next_back();
        let after = long.pattern[end..].chars().next();
        let begins = match before {
            None => short.open_start || !long.open_start,
            Some(before) => short.open_start || !(is_word(before) && found.chars().next().is_some_and(is_word)),
        };
        let ends = match after {
            None => short.open_end || !long.open_end,
            Some(after) => short.open_end || !(is_word(after) && found.chars().next_back().is_some_and(is_word)),
        };
        begins && ends
    })
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
            keywords.en = ['parcel*', 'Parcels', 'my parcel', 'late', 'LATE', 'latest', 'delivery room', '*versand', 'versandt*']
            keywords.zh = ['快递', '快递费']
            exclude.en = ['room']
            [[topic]]
            name = 'delivery/late'
            keywords.en = ['late']
            [[topic]]
            name = 'mood'
            keywords.en = ['late', 'parcel']
            keywords.de = ['late']
        ";
        let check = check_taxonomy(&Taxonomy::parse(text, "test").unwrap());
        let found: Vec<_> = check.findings.iter().map(|f| (f.kind, f.rule.as_str(), f.other.as_str())).collect();
        let expected = [
            (FindingKind::Shadowed, "Parcels", "parcel*"),
            (FindingKind::Shadowed, "my parcel", "parcel*"),
            (FindingKind::Duplicate, "LATE", "late"),
            (FindingKind::Cancelled, "delivery room", "room"),
            (FindingKind::Shadowed, "快递费", "快递"),
            (FindingKind::Shared, "late", "delivery"),
        ];
        assert_eq!(found, expected);
        assert_eq!((check.topics, check.keywords), (3, 15));
    }
}
