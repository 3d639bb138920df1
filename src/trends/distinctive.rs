//! What is said in some mentions and not in the others: terms by their log-odds.
//!
//! For each word and each two words in a row, how many of the selected mentions and how many of the others have it is
//! compared by the log-odds ratio with an informative Dirichlet prior, in standard deviations: Monroe, Colaresi and Quinn,
//! Fightin' Words (Political Analysis 16, 2008), equations 16, 18 and 22, with mentions in place of word counts. The variance is
//! that of equation 18 in full: a word of half of all mentions is not rare, as the shorter equation 20 takes words to be.

use std::collections::{HashMap, HashSet};

use serde::Serialize;

use crate::history::StoredMention;
use crate::index::MentionIndex;
use crate::jobs::JobError;
use crate::query::{Query, Subject};
use crate::text::places::{PlaceKind, Places};
use crate::text::similar::without_links;

/// Most terms of a report.
pub const MAX_TERMS: usize = 1_000;
/// Terms in fewer of the selected mentions are left out.
pub const MIN_MENTIONS: u64 = 3;
/// Most different terms that are counted at a time.
const MAX_COUNTED: usize = 2_000_000;
/// Weight of the prior, in mentions.
const PRIOR_MENTIONS: f64 = 500.0;

/// What is said in some mentions and not in the others.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DistinctiveTerms {
    /// Mentions that the query selects.
    pub selected: u64,
    /// The others.
    pub others: u64,
    /// Above 0 where there were too many terms to count: terms of so few mentions may have been dropped on the way, and some
    /// counts may be too low by so much.
    pub dropped_up_to: u64,
    /// The most distinctive first.
    pub terms: Vec<DistinctiveTerm>,
}

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

/// Mentions with a term.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    selected: u64,
    others: u64,
}

/// Compares the mentions of an index that `query` selects with the others that `among` selects.
///
/// # Errors
/// Where the index fails.
pub fn distinctive_terms(
    index: &MentionIndex,
    query: &Query,
    among: &Query,
    limit: usize,
) -> Result<DistinctiveTerms, JobError> {
    let mut totals = Counts::default();
    let mut counts: HashMap<String, Counts> = HashMap::new();
    let mut dropped_up_to = 0;
    index.for_each_record(|record| {
        let stored = StoredMention::read(record)?;
        let subject = Subject::from(&stored.tagged);
        let is_selected = query.selects(&subject);
        if !is_selected && !among.selects(&subject) {
            return Ok(());
        }
        let add = |counts: &mut Counts| if is_selected { counts.selected += 1 } else { counts.others += 1 };
        add(&mut totals);
        terms_of(&stored.tagged.mention.text).into_iter().for_each(|term| add(counts.entry(term).or_default()));
        if counts.len() > MAX_COUNTED {
            drop_rare(&mut counts, &mut dropped_up_to);
        }
        Ok::<(), JobError>(())
    })?;
    let mut terms: Vec<DistinctiveTerm> = counts
        .into_iter()
        .filter(|(_, counts)| counts.selected >= MIN_MENTIONS)
        .map(|(term, counts)| weigh(term, counts, totals))
        .filter(|term| term.z > 0.0)
        .collect();
    terms.sort_by(|a, b| b.z.total_cmp(&a.z).then_with(|| a.term.cmp(&b.term)));
    terms.truncate(limit.min(MAX_TERMS));
    Ok(DistinctiveTerms { selected: totals.selected, others: totals.others, dropped_up_to, terms })
}

/// Drops the rarest terms until half of the room is free.
fn drop_rare(counts: &mut HashMap<String, Counts>, dropped_up_to: &mut u64) {
    while counts.len() > MAX_COUNTED / 2 {
        *dropped_up_to += 1;
        counts.retain(|_, counts| counts.selected + counts.others > *dropped_up_to);
    }
}

/// The terms of a text, each once.
fn terms_of(text: &str) -> HashSet<String> {
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
