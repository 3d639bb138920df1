//! Terms of texts, counted in selected mentions and in others, and weighed by their log-odds.
//!
//! For each word and each two words in a row, how many of the selected mentions and how many of the others have it is
//! compared by the log-odds ratio with an informative Dirichlet prior, in standard deviations: Monroe, Colaresi and Quinn,
//! Fightin' Words (Political Analysis 16, 2008), equations 16, 18 and 22, with mentions in place of word counts. The variance is
//! that of equation 18 in full: a word of half of all mentions is not rare, as the shorter equation 20 takes words to be.

use std::collections::{HashMap, HashSet};

use serde::Serialize;

use crate::text::places::{PlaceKind, Places};
use crate::text::similar::without_links;

/// Most terms of a report.
pub const MAX_TERMS: usize = 1_000;
/// Terms in fewer of the selected mentions are left out.
const MIN_MENTIONS: u64 = 3;
/// Most different terms that are counted at a time, of each language where languages are counted apart.
const MAX_COUNTED: usize = if cfg!(test) { 4_000 } else { 2_000_000 };
/// Weight of the prior, in mentions.
const PRIOR_MENTIONS: f64 = 500.0;

/// A term, and how much it tells the selected mentions from the others.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DistinctiveTerm {
    /// A word, a hashtag, an account name, an emoji, or two words in a row; folded.
    pub term: String,
    /// Selected mentions that have it.
    pub selected: u64,
    /// Others that have it.
    pub others: u64,
    /// The log-odds ratio; above 0 where it is more frequent in the selected ones.
    pub log_odds: f64,
    /// The same in standard deviations.
    pub z: f64,
}

/// Selected mentions and others.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Counts {
    pub selected: u64,
    pub others: u64,
}

/// The terms of some mentions, counted.
#[derive(Debug, Default)]
pub(super) struct TermCounts {
    /// Mentions.
    pub totals: Counts,
    /// Above 0 where there were too many terms to count: how many mentions a term may have been counted too low by, and
    /// terms of so few may be missing.
    pub dropped_up_to: u64,
    counts: HashMap<String, Counts>,
}

impl TermCounts {
    /// Counts a mention with this text.
    pub(super) fn add(&mut self, text: &str, is_selected: bool) {
        let add = |counts: &mut Counts| if is_selected { counts.selected += 1 } else { counts.others += 1 };
        add(&mut self.totals);
        terms_of(text).into_iter().for_each(|term| add(self.counts.entry(term).or_default()));
        if self.counts.len() > MAX_COUNTED {
            self.drop_rare();
        }
    }

    /// Drops the rarest terms until half of the room is free.
    fn drop_rare(&mut self) {
        let mut rare = 0;
        while self.counts.len() > MAX_COUNTED / 2 {
            rare += 1;
            self.counts.retain(|_, counts| counts.selected + counts.others > rare);
        }
        // A term that comes back is counted from nothing, and may be dropped again.
        self.dropped_up_to += rare;
    }

    /// The terms that are more frequent in the selected mentions, the most distinctive first, at most `limit`.
    pub(super) fn most_distinctive(self, limit: usize) -> Vec<DistinctiveTerm> {
        let mut terms: Vec<DistinctiveTerm> = self
            .counts
            .into_iter()
            .filter(|(_, counts)| counts.selected >= MIN_MENTIONS)
            .map(|(term, counts)| weigh(term, counts, self.totals))
            .filter(|term| term.z > 0.0)
            .collect();
        terms.sort_by(|a, b| b.z.total_cmp(&a.z).then_with(|| a.term.cmp(&b.term)));
        terms.truncate(limit.min(MAX_TERMS));
        terms
    }
}

/// The terms of a text, each once.
pub(crate) fn terms_of(text: &str) -> HashSet<String> {
    let text = without_links(text);
    let places = Places::of(&text);
    let mut terms = HashSet::new();
    let is_said = |place: usize| {
        matches!(
            places.get(place).map(|place| place.kind),
            Some(PlaceKind::Word | PlaceKind::Emoji | PlaceKind::Character { continues: true })
        )
    };
    for place in (0..places.len()).filter(|&place| is_said(place)) {
        let token = places.token(place);
        if let Some(sigil) = places.sigil_at(place) {
            terms.insert(sigil.text.clone());
            continue;
        }
        let is_word = places.get(place).is_some_and(|place| place.kind == PlaceKind::Word);
        if is_word && is_said(place + 1) && places.get(place + 1).is_some_and(|place| place.kind == PlaceKind::Word) {
            terms.insert(format!("{token} {}", places.token(place + 1)));
        }
        // What stands after an apostrophe is no word by itself: the "t" of "can't".
        if !matches!(places.before(place).as_ref(), "'" | "’") {
            terms.insert(token.to_owned());
        }
    }
    terms
}

/// The log-odds ratio of a term between two sets of mentions, with a prior that holds it to what both have together.
fn weigh(term: String, counts: Counts, totals: Counts) -> DistinctiveTerm {
    let all = (totals.selected + totals.others) as f64;
    let prior = PRIOR_MENTIONS * (counts.selected + counts.others) as f64 / all.max(1.0);
    let odds = |count: u64, total: u64| {
        let with = count as f64 + prior;
        let without = total as f64 + PRIOR_MENTIONS - with;
        let without = without.max(f64::MIN_POSITIVE);
        (with / without, 1.0 / with + 1.0 / without)
    };
    let (selected, selected_variance) = odds(counts.selected, totals.selected);
    let (others, others_variance) = odds(counts.others, totals.others);
    let log_odds = selected.ln() - others.ln();
    let z = log_odds / (selected_variance + others_variance).sqrt();
    let round = |number: f64| (number * 1_000.0).round() / 1_000.0;
    DistinctiveTerm { term, selected: counts.selected, others: counts.others, log_odds: round(log_odds), z: round(z) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_words_pairs_and_hashtags() {
        let mut terms: Vec<String> =
            terms_of("Can’t late order, late #Now 配送が 😡 https://t.co/x").into_iter().collect();
        terms.sort();
        assert_eq!(
            terms,
            ["#now", "can", "can t", "late", "late now", "late order", "order", "t late", "送が", "配送", "😡"]
        );
    }

    #[test]
    fn no_count_is_lower_than_is_said() {
        let mut counts = TermCounts::default();
        for round in 0..4_000 {
            counts.add("late", true);
            if round % 50 == 0 {
                counts.add("seldom", true);
            }
            counts.add(&format!("a{round} b{round} c{round}"), false);
        }
        assert!(counts.dropped_up_to > 2);
        for (term, mentions) in [("late", 4_000), ("seldom", 80)] {
            let counted = counts.counts.get(term).map_or(0, |counts| counts.selected);
            assert!(counted + counts.dropped_up_to >= mentions, "{term}: {counted}, {}", counts.dropped_up_to);
        }
    }

    /// Worked out by hand from equations 16, 18 and 22.
    #[test]
    fn log_odds_by_hand() {
        let totals = Counts { selected: 100, others: 900 };
        let term = weigh("late".to_owned(), Counts { selected: 50, others: 50 }, totals);
        // Prior 500 · 100 / 1000 = 50: ln(100 / 500) − ln(100 / 1300) = 0.9555; √(1/100 + 1/500 + 1/100 + 1/1300) = 0.15089.
        assert_eq!((term.log_odds, term.z), (0.956, 6.332));
        let even = weigh("the".to_owned(), Counts { selected: 10, others: 90 }, totals);
        assert_eq!(even.log_odds, 0.0);
    }
}
