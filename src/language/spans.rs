//! Which part of a text is in which language, where it is in several.
//!
//! Words of different scripts are apart to begin with. Among words of one script, each word gives each language a
//! probability, and the likeliest course through them is found where going over to another language costs something
//! (Viterbi 1967). A word alone does not make a part: it may be a name, or borrowed.

use std::ops::Range;

use crate::mention::LanguageSpan;

use super::model::Evidence;
use super::scripts::Script;
use super::words::Words;
use super::{Detector, Prior, Ranked, UNDETERMINED, two_decimals};

/// How unlikely it is, in nats, that the next word is in another language.
const COST_OF_CHANGE: f64 = 5.0;
/// No word speaks more strongly than this against a language, in nats: it may be a name.
const MAX_COST_OF_WORD: f64 = 4.0;
/// Only languages among the likeliest of some words in a row take part.
const WINDOW_WORDS: usize = 4;
const LANGUAGES_PER_WINDOW: usize = 2;
/// Fewer words than this do not make a part, nor fewer letters in scripts without spaces.
const MIN_WORDS: usize = 2;
const MIN_UNSPACED_LETTERS: usize = 4;

/// Words in a row, of one script, in one language.
#[derive(Debug, Clone)]
struct Part {
    code: &'static str,
    script: Script,
    words: Range<usize>,
}

impl Detector {
    /// The parts of a text in order; empty if it is all in one language.
    pub(super) fn spans(&self, words: &Words) -> Vec<LanguageSpan> {
        let of_word = |word| self.model.evidence(std::iter::once(words.spaced(word)));
        let evidence: Vec<Evidence> = words.words.iter().map(of_word).collect();
        let mut parts: Vec<Part> = Vec::new();
        let mut start = 0;
        for stretch in words.words.chunk_by(|a, b| a.script == b.script) {
            let range = start..start + stretch.len();
            start = range.end;
            parts.extend(self.parts(words, &evidence, range));
        }
        let mut spans: Vec<LanguageSpan> = Vec::new();
        for part in join_small(words, parts) {
            let span = self.span(words, &evidence, &part);
            match spans.last_mut() {
                // Parts of which neither can be told.
                Some(last) if last.code == span.code => {
                    *last = LanguageSpan { end: span.end, confidence: last.confidence.max(span.confidence), ..*last };
                }
                _ => spans.push(span),
            }
        }
        if spans.len() > 1 { spans } else { Vec::new() }
    }

    fn span(&self, words: &Words, evidence: &[Evidence], part: &Part) -> LanguageSpan {
        let ranked = self.rank_range(words, evidence, part.words.clone(), part.script, Prior::AsMet);
        let own = ranked.iter().find(|r| r.code == part.code).map_or(0.0, |r| r.probability);
        let sure = !part.code.is_empty() && own >= self.min_confidence;
        let place = |at: usize| words.words[at].place.clone();
        LanguageSpan {
            start: place(part.words.start).start,
            end: place(part.words.end - 1).end,
            code: if sure { part.code } else { UNDETERMINED },
            confidence: two_decimals(own),
        }
    }

    /// The languages that compete for the words of a script within a range.
    fn rank_range(
        &self,
        words: &Words,
        evidence: &[Evidence],
        range: Range<usize>,
        script: Script,
        prior: Prior,
    ) -> Vec<Ranked> {
        let own = || range.clone().filter(|at| words.words[*at].script == script);
        if let Some(alone) = self.alone(words, own().map(|at| &words.words[at]), script) {
            return alone;
        }
        let mut sum = Evidence::default();
        own().for_each(|at| sum.add(&evidence[at]));
        self.probabilities(&sum, script, prior)
    }

    /// Cuts words of one script into parts of one language.
    fn parts(&self, words: &Words, evidence: &[Evidence], range: Range<usize>) -> Vec<Part> {
        let script = words.words[range.start].script;
        let codes = self.candidates(words, evidence, range.clone(), script);
        if codes.len() < 2 {
            return vec![Part { code: codes.first().copied().unwrap_or(""), script, words: range }];
        }
        let course = self.cheapest_course(&evidence[range.clone()], script, &codes);
        let mut parts = Vec::new();
        let mut start = 0;
        for end in 1..=course.len() {
            if end == course.len() || course[end] != course[start] {
                let words = range.start + start..range.start + end;
                parts.push(Part { code: codes[course[start]], script, words });
                start = end;
            }
        }
        parts
    }

    /// The languages that are likely for some words in a row, sorted.
    fn candidates(
        &self,
        words: &Words,
        evidence: &[Evidence],
        range: Range<usize>,
        script: Script,
    ) -> Vec<&'static str> {
        let window = WINDOW_WORDS.min(range.len());
        let mut codes = Vec::new();
        for start in range.start..=range.end - window {
            let mut ranked = self.rank_range(words, evidence, start..start + window, script, Prior::AsMet);
            ranked.sort_unstable_by(|a, b| b.probability.total_cmp(&a.probability).then_with(|| a.code.cmp(b.code)));
            codes.extend(ranked.iter().take(LANGUAGES_PER_WINDOW).map(|r| r.code));
        }
        codes.sort_unstable();
        codes.dedup();
        codes
    }

    /// For each word, which of the languages it is in.
    fn cheapest_course(&self, evidence: &[Evidence], script: Script, codes: &[&'static str]) -> Vec<usize> {
        let mut costs = vec![0.0; codes.len()];
        let mut came_from: Vec<usize> = Vec::with_capacity(evidence.len() * codes.len());
        for (at, word) in evidence.iter().enumerate() {
            let ranked = self.probabilities(word, script, Prior::Even);
            let cheapest = index_of_least(&costs);
            let changed = costs[cheapest] + COST_OF_CHANGE;
            let before = std::mem::take(&mut costs);
            for (n, code) in codes.iter().enumerate() {
                let (from, cost) = if at > 0 && changed < before[n] { (cheapest, changed) } else { (n, before[n]) };
                let probability = ranked.iter().find(|r| r.code == *code).map_or(0.0, |r| r.probability);
                costs.push(cost + (-probability.ln()).min(MAX_COST_OF_WORD));
                came_from.push(from);
            }
        }
        let mut course = vec![index_of_least(&costs); evidence.len()];
        for at in (1..evidence.len()).rev() {
            course[at - 1] = came_from[at * codes.len() + course[at]];
        }
        course
    }
}

fn index_of_least(costs: &[f64]) -> usize {
    let least = costs.iter().enumerate().min_by(|a, b| a.1.total_cmp(b.1));
    least.map_or(0, |(at, _)| at)
}

/// Gives parts that are too small to their neighbour, and makes neighbours in one language one part.
///
/// A small part at the beginning goes to the one after it, others to the one before. The part keeps the script of its
/// larger half.
fn join_small(words: &Words, parts: Vec<Part>) -> Vec<Part> {
    let mut joined: Vec<Part> = Vec::new();
    for part in parts {
        match joined.last_mut() {
            Some(last) if last.code == part.code || is_small(words, &part) => last.words.end = part.words.end,
            Some(last) if is_small(words, last) => {
                *last = Part { words: last.words.start..part.words.end, ..part };
            }
            _ => joined.push(part),
        }
    }
    joined
}

fn is_small(words: &Words, part: &Part) -> bool {
    let own = words.words[part.words.clone()].iter().filter(|word| word.script == part.script);
    if part.script.has_spaces() {
        own.count() < MIN_WORDS
    } else {
        own.map(|word| words.letters_of(word).len()).sum::<usize>() < MIN_UNSPACED_LETTERS
    }
}
