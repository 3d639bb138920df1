//! What is said in a slice of the mentions: its distinctive terms, language by language.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::report::zone_name;
use super::terms::{DistinctiveTerm, MAX_TERMS, TermCounts};
use crate::index::{MentionIndex, Selection};
use crate::jobs::JobError;
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
    /// Most mentions to read of each side, at most [`MAX_READ`]; where there are more, those that are read are spread evenly
    /// over all, in the order of the index.
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
    /// When it was asked; only where one of the queries speaks of now, and would mean something else later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked_at: Option<Timestamp>,
    /// A short hash of the state of the index that was read.
    pub data_version: String,
    /// Mentions of the slice.
    pub selected: MentionsRead,
    /// Mentions that are compared with, without those of the slice.
    pub others: MentionsRead,
    /// The languages of the slice, most mentions first, then by code.
    pub languages: Vec<LanguageMentions>,
    /// As in [`super::DistinctiveTerms`], of the language where it is highest.
    pub dropped_up_to: u64,
    /// The most distinctive first, over all languages.
    pub terms: Vec<SliceTerm>,
    /// The time zone itself.
    #[serde(skip)]
    pub zone: TimeZone,
}

/// How many mentions there are, and how many were read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct MentionsRead {
    /// All of them.
    pub mentions: u64,
    /// Those that were read: all, or so many spread evenly over all.
    pub read: u64,
}

/// The mentions of one language that were read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LanguageMentions {
    /// Its code.
    pub language: String,
    /// Those of the slice.
    pub selected: u64,
    /// Others; where there are none, the language has no terms, since there is nothing to compare with.
    pub others: u64,
}

/// A term, and how much it tells the slice from the others of its language.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SliceTerm {
    /// Code of the language.
    pub language: String,
    /// The term, in the mentions of the language that were read.
    #[serde(flatten)]
    pub term: DistinctiveTerm,
}

/// The terms of the mentions that were read, by language.
type ByLanguage = BTreeMap<String, TermCounts>;

/// Looks for the terms that tell a slice from other mentions of the same languages; reads at most `max_read` records of each
/// side.
///
/// # Errors
/// Where a query is none, or the index fails.
pub fn terms_of_slice(index: &MentionIndex, request: &SliceTermsRequest) -> Result<SliceTerms, JobError> {
    let SliceTermsRequest { slice, among, tz, limit, max_read } = request;
    let context = QueryContext { zone: tz.clone(), now: Timestamp::now() };
    let selection = index.select(&slice.query, slice.since, slice.until, &context)?;
    let others = selection.again(&among.query, among.since, among.until, &context)?.without(&selection);
    let mut counts = ByLanguage::new();
    let read_selected = read(*max_read, true, &selection, &mut counts)?;
    let read_others = read(*max_read, false, &others, &mut counts)?;
    counts.retain(|_, counts| counts.totals.selected > 0);
    Ok(SliceTerms {
        slice: slice.clone(),
        among: among.clone(),
        tz: zone_name(tz),
        asked_at: selection.asked_at(&context).or(others.asked_at(&context)),
        data_version: selection.data_version(),
        selected: read_selected,
        others: read_others,
        languages: languages(&counts),
        dropped_up_to: counts.values().map(|counts| counts.dropped_up_to).max().unwrap_or(0),
        terms: terms(counts, *limit),
        zone: tz.clone(),
    })
}

/// Counts the terms of the mentions of a selection, of many only of some that are spread over all.
fn read(
    max_read: usize,
    is_selected: bool,
    selection: &Selection,
    counts: &mut ByLanguage,
) -> Result<MentionsRead, JobError> {
    let mut read = 0;
    let mentions = selection.for_each_spread_record(max_read.min(MAX_READ), |record: Record| {
        let language = record.language.map_or_else(|| UNDETERMINED.to_owned(), |language| language.code);
        counts.entry(language).or_default().add(&record.text, is_selected);
        read += 1;
    })?;
    Ok(MentionsRead { mentions, read })
}

/// The languages, most mentions of the slice first.
fn languages(counts: &ByLanguage) -> Vec<LanguageMentions> {
    let mentions = |(language, counts): (&String, &TermCounts)| LanguageMentions {
        language: language.clone(),
        selected: counts.totals.selected,
        others: counts.totals.others,
    };
    let mut languages: Vec<LanguageMentions> = counts.iter().map(mentions).collect();
    languages.sort_by(|a, b| b.selected.cmp(&a.selected).then_with(|| a.language.cmp(&b.language)));
    languages
}

/// The terms of all languages that there are others of, the most distinctive first, of equals by language.
fn terms(counts: ByLanguage, limit: usize) -> Vec<SliceTerm> {
    let comparable = counts.into_iter().filter(|(_, counts)| counts.totals.others > 0);
    let of_language = |(language, counts): (String, TermCounts)| {
        let terms = counts.most_distinctive(limit).into_iter();
        terms.map(move |term| SliceTerm { language: language.clone(), term })
    };
    let mut terms: Vec<SliceTerm> = comparable.flat_map(of_language).collect();
    terms.sort_by(|a, b| b.term.z.total_cmp(&a.term.z));
    terms.truncate(limit.min(MAX_TERMS));
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
