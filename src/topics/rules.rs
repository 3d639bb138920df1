//! Topic rules that are queries: found in the same pass as keywords, then decided on the hits.

use std::collections::HashMap;
use std::sync::Arc;

use crate::mention::TopicMatch;
use crate::query::{Pattern, Query, Subject};
use crate::text::places::Places;

/// The rules of all topics, and the patterns that they are made of, each once.
#[derive(Debug, Default)]
pub(super) struct RuleSet {
    rules: Vec<QueryRule>,
    patterns: Vec<Pattern>,
    /// The rules that each pattern is part of.
    rules_of_pattern: Vec<Vec<usize>>,
    /// Patterns of hashtags with wildcards, which no automaton finds.
    unanchored: Vec<usize>,
}

#[derive(Debug)]
struct QueryRule {
    topic: usize,
    language: Option<Arc<str>>,
    text: Arc<str>,
    query: Query,
    /// The patterns of the query, by their numbers here.
    patterns: Vec<usize>,
}

/// What a rule found: the topic, and where the text says so.
pub(super) struct RuleHit {
    pub topic: usize,
    pub matches: Vec<TopicMatch>,
}

/// A place at which a pattern stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Standing {
    pattern: usize,
    place: usize,
}

impl RuleSet {
    /// Takes in a rule of a topic, in texts of a language or of any.
    pub(super) fn add(
        &mut self,
        topic: usize,
        language: Option<Arc<str>>,
        query: &Query,
        known: &mut HashMap<Pattern, usize>,
    ) {
        let number = self.rules.len();
        let patterns: Vec<usize> = query.patterns.iter().map(|pattern| self.number(pattern, known)).collect();
        for &pattern in &patterns {
            self.rules_of_pattern[pattern].push(number);
        }
        self.rules.push(QueryRule {
            topic,
            language,
            text: query.text.as_str().into(),
            query: query.clone(),
            patterns,
        });
    }

    fn number(&mut self, pattern: &Pattern, known: &mut HashMap<Pattern, usize>) -> usize {
        if let Some(&number) = known.get(pattern) {
            return number;
        }
        let number = self.patterns.len();
        if pattern.anchor.is_none() {
            self.unanchored.push(number);
        }
        self.patterns.push(pattern.clone());
        self.rules_of_pattern.push(Vec::new());
        known.insert(pattern.clone(), number);
        number
    }

    /// What the automaton must look for, and the number of the pattern it belongs to.
    pub(super) fn anchors(&self) -> impl Iterator<Item = (&str, usize)> {
        let patterns = self.patterns.iter().enumerate();
        patterns.filter_map(|(number, pattern)| Some((pattern.anchor.as_ref()?.1.as_str(), number)))
    }

    /// The place at which a pattern stands, if it does, whose anchor stands at a byte of the canonical text.
    pub(super) fn standing(&self, pattern: usize, byte: usize, text: &Places) -> Option<Standing> {
        let (offset, _) = self.patterns[pattern].anchor.as_ref()?;
        let place = text.at_byte(byte).checked_sub(*offset)?;
        self.patterns[pattern].holds(text, place).then_some(Standing { pattern, place })
    }

    /// What the rules find in a text; `applies` says whether rules of a language count for it.
    pub(super) fn find(
        &self,
        text: &Places,
        mut standing: Vec<Standing>,
        subject: &Subject,
        applies: impl Fn(Option<&str>) -> bool,
    ) -> Vec<RuleHit> {
        standing.sort_unstable();
        standing.dedup();
        if !self.unanchored.is_empty() && !text.sigils().is_empty() {
            for &pattern in &self.unanchored {
                standing.extend(self.patterns[pattern].find(text).into_iter().map(|place| Standing { pattern, place }));
            }
            standing.sort_unstable();
        }
        let found = Found::of(&standing);
        let mut triggered: Vec<usize> = Vec::new();
        for (pattern, _) in &found.0 {
            triggered.extend(&self.rules_of_pattern[*pattern]);
        }
        triggered.sort_unstable();
        triggered.dedup();
        let rules = triggered.into_iter().map(|rule| &self.rules[rule]);
        rules
            .filter(|rule| applies(rule.language.as_deref()))
            .filter_map(|rule| rule.find(text, &found, subject))
            .collect()
    }
}

/// The patterns that stand in a text, in order, and the places at which each begins.
struct Found(Vec<(usize, Vec<usize>)>);

impl Found {
    /// Takes what stands in a text, sorted, together by pattern.
    fn of(standing: &[Standing]) -> Found {
        let patterns = standing.chunk_by(|a, b| a.pattern == b.pattern);
        Found(patterns.map(|places| (places[0].pattern, places.iter().map(|found| found.place).collect())).collect())
    }

    fn places(&self, pattern: usize) -> Option<&[usize]> {
        let at = self.0.binary_search_by_key(&pattern, |(pattern, _)| *pattern).ok()?;
        self.0.get(at).map(|(_, places)| places.as_slice())
    }
}

impl QueryRule {
    /// Where a text says what the rule asks for, if the rule holds.
    fn find(&self, text: &Places, found: &Found, subject: &Subject) -> Option<RuleHit> {
        if !self.query.expr.can_hold(&|pattern| found.places(self.patterns[pattern]).is_some()) {
            return None;
        }
        let places = |pattern: &usize| found.places(*pattern).unwrap_or_default().to_vec();
        let hits = self.query.hits_at(self.patterns.iter().map(places).collect());
        if !self.query.selects_with(&hits, subject) {
            return None;
        }
        let evidence = self.query.evidence(text, &hits, Some(subject));
        let matches = evidence.into_iter().map(|chars| TopicMatch {
            start: chars.start,
            end: chars.end,
            rule: self.text.clone(),
        });
        Some(RuleHit { topic: self.topic, matches: matches.collect() })
    }
}
