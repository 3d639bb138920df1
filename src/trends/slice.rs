//! What is said in a slice of the mentions: its distinctive terms, language by language.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::MAX_TERMS;
use super::error::TrendError;
use super::report::zone_name;
use super::terms::{DistinctiveTerm, TermCounts};
use crate::index::{MentionIndex, Selection};
use crate::language::UNDETERMINED;
use crate::query::QueryContext;

/// Mentions that are read of each side at most, where nothing else is said.
pub const DEFAULT_MAX_READ: usize = 20_000;
/// The highest such limit.
pub const MAX_READ: usize = 100_000;

/// Some mentions: those that a query selects, in a period.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Slice {
    /// The query; empty or `*` selects all.
    pub query: String,
    /// Only mentions published at this time or later.
    pub since: Option<Timestamp>,
    /// Only mentions published before this time.
    pub until: Option<Timestamp>,
}

/// Which terms to look for.
#[derive(Debug, Clone)]
pub struct SliceTermsRequest {
    /// The mentions whose terms are wanted.
    pub slice: Slice,
    /// What they are compared with; mentions of the slice are left out of it.
    pub among: Slice,
    /// The zone in which both queries are understood.
    pub tz: TimeZone,
    /// Most terms to list; at most [`super::MAX_TERMS`].
    pub limit: usize,
    /// Most mentions to read of each side, spread evenly over it; at most [`MAX_READ`].
    pub max_read: usize,
}

/// The distinctive terms of a slice. Mentions of one language are compared with others of that language only, so that
/// a slice with more Spanish in it is not told by the stop words of Spanish.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SliceTerms {
    /// The mentions whose terms these are.
    pub slice: Slice,
    /// What they were compared with.
    pub among: Slice,
    /// Name of the time zone, or its offset where it has none.
    pub tz: String,
    /// When it was asked; only where a query speaks of now, and would mean something else later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked_at: Option<Timestamp>,
    /// A short hash of the state of the index that was read.
    pub data_version: String,
    /// The time zone itself.
    #[serde(skip)]
    pub zone: TimeZone,
    /// Mentions of the slice.
    pub selected: MentionsRead,
    /// Mentions that are compared with, without those of the slice.
    pub others: MentionsRead,
    /// The languages of the slice, most mentions first, then by code.
    pub languages: Vec<LanguageMentions>,
    /// As in [`super::DistinctiveTerms`].
    pub dropped_up_to: u64,
    /// The most distinctive first, over all languages.
    pub terms: Vec<SliceTerm>,
}

/// How many mentions there are, and how many were read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct MentionsRead {
    /// All of them.
    pub mentions: u64,
    /// Those that were read: all, or some that are spread evenly over them.
    pub read: u64,
}

/// The mentions of one language that were read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LanguageMentions {
    /// Its code.
    pub language: String,
    /// Mentions of the slice.
    pub selected: u64,
    /// Others; where there are none, the language has no terms, since there is nothing to compare with.
    pub others: u64,
}

/// A term, and how much it tells the slice from the others of its language, of those that were read.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SliceTerm {
    /// Code of the language.
    pub language: String,
    /// The term and its numbers.
    #[serde(flatten)]
    pub figures: DistinctiveTerm,
}

/// Looks for the terms that tell a slice from other mentions.
///
/// # Errors
/// Where a query is none, or the index fails.
pub fn slice_terms(index: &MentionIndex, request: &SliceTermsRequest) -> Result<SliceTerms, TrendError> {
    let SliceTermsRequest { slice, among, tz, limit, max_read } = request;
    let now = Timestamp::now();
    let context = QueryContext { zone: tz.clone(), now };
    let selection = index.select(&slice.query, slice.since, slice.until, &context)?;
    let others = selection.select(&among.query, among.since, among.until, &context)?;
    let is_relative = selection.asks_about_now() || others.asks_about_now();
    let mut languages: BTreeMap<String, TermCounts> = BTreeMap::new();
    let max_read = (*max_read).min(MAX_READ);
    let read_selected = read(max_read, true, &selection, &mut languages)?;
    let read_others = read(max_read, false, &others.without(&selection), &mut languages)?;
    languages.retain(|_, counts| counts.totals.selected > 0);
    Ok(SliceTerms {
        slice: slice.clone(),
        among: among.clone(),
        tz: zone_name(tz),
        asked_at: is_relative.then_some(now),
        data_version: selection.data_version(),
        zone: tz.clone(),
        selected: read_selected,
        others: read_others,
        dropped_up_to: languages.values().map(|counts| counts.dropped_up_to).max().unwrap_or(0),
        languages: mentions_by_language(&languages),
        terms: most_distinctive(languages, (*limit).min(MAX_TERMS)),
    })
}

/// Counts the terms of the mentions of a selection, or of as many as may be read.
fn read(
    max_read: usize,
    is_selected: bool,
    selection: &Selection,
    languages: &mut BTreeMap<String, TermCounts>,
) -> Result<MentionsRead, TrendError> {
    let mut read = 0;
    let mentions = selection.for_each_sampled_record(max_read, |record| {
        let record: Record = serde_json::from_str(record).map_err(|source| selection.unreadable(source))?;
        let language = record.language.map_or_else(|| UNDETERMINED.to_owned(), |language| language.code);
        languages.entry(language).or_default().add(&record.text, is_selected);
        read += 1;
        Ok::<(), TrendError>(())
    })?;
    Ok(MentionsRead { mentions, read })
}

fn mentions_by_language(languages: &BTreeMap<String, TermCounts>) -> Vec<LanguageMentions> {
    let mentions = |(language, counts): (&String, &TermCounts)| LanguageMentions {
        language: language.clone(),
        selected: counts.totals.selected,
        others: counts.totals.others,
    };
    let mut mentions: Vec<LanguageMentions> = languages.iter().map(mentions).collect();
    mentions.sort_by(|a, b| b.selected.cmp(&a.selected).then_with(|| a.language.cmp(&b.language)));
    mentions
}

fn most_distinctive(languages: BTreeMap<String, TermCounts>, limit: usize) -> Vec<SliceTerm> {
    let comparable = languages.into_iter().filter(|(_, counts)| counts.totals.others > 0);
    let mut terms: Vec<SliceTerm> = comparable
        .flat_map(|(language, counts)| {
            let terms = counts.most_distinctive(limit).into_iter();
            terms.map(move |figures| SliceTerm { language: language.clone(), figures })
        })
        .collect();
    // Languages come by their codes, and stay so among equals.
    terms.sort_by(|a, b| b.figures.z.total_cmp(&a.figures.z));
    terms.truncate(limit);
    terms
}

/// What is needed of a record.
#[derive(Deserialize)]
struct Record {
    text: String,
    language: Option<RecordLanguage>,
}

#[derive(Deserialize)]
struct RecordLanguage {
    code: String,
}
