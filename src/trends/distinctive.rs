//! What is said in some mentions of an index and not in its others.

use serde::Serialize;

use super::terms::{DistinctiveTerm, TermCounts};
use crate::history::StoredMention;
use crate::index::MentionIndex;
use crate::jobs::JobError;
use crate::query::{Query, Subject};

/// What is said in some mentions and not in the others.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DistinctiveTerms {
    /// Mentions that the query selects.
    pub selected: u64,
    /// The others.
    pub others: u64,
    /// Above 0 where there were too many terms to count: terms of so few mentions may be missing, and counts may be too low
    /// by at most so much.
    pub dropped_up_to: u64,
    /// The most distinctive first.
    pub terms: Vec<DistinctiveTerm>,
}

/// Reads all records of an index, and compares the mentions that `query` selects with the others that `among` selects,
/// whatever their languages.
///
/// # Errors
/// Where the index fails.
pub fn terms_of_all_records(
    index: &MentionIndex,
    query: &Query,
    among: &Query,
    limit: usize,
) -> Result<DistinctiveTerms, JobError> {
    let mut counts = TermCounts::default();
    index.for_each_record(|record| {
        let stored = StoredMention::read(record)?;
        let subject = Subject::from(&stored.tagged);
        let is_selected = query.selects(&subject);
        if is_selected || among.selects(&subject) {
            counts.add(&stored.tagged.mention.text, is_selected);
        }
        Ok::<(), JobError>(())
    })?;
    let (totals, dropped_up_to) = (counts.totals, counts.dropped_up_to);
    let terms = counts.most_distinctive(limit);
    Ok(DistinctiveTerms { selected: totals.selected, others: totals.others, dropped_up_to, terms })
}
