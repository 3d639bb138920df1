//! Share of voice: how much of what is said about all brands is said about each.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::Serialize;

use super::drill_down::Drill;
use super::error::TrendError;
use super::figures::share;
use super::net_sentiment::NetSentiment;
use super::report::zone_name;
use super::request::MAX_LISTED_VALUES;
use crate::index::{Buckets, Field, Measures, MentionIndex, NO_VALUE, Sums, TallyRequest};
use crate::query::QueryContext;
use crate::text::keys::keyword_key;

/// Brands beside each other.
///
/// A mention of several brands counts once for each of them, so that the shares add up to 1: they are shares of
/// `brand_mentions`, not of `mentions`. Mentions that name no brand are in no share.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ShareOfVoice {
    /// The query that was asked for.
    pub query: String,
    /// Name of the time zone, or its offset where it has none.
    pub tz: String,
    /// The bounds that were asked for.
    pub since: Option<Timestamp>,
    /// The bounds that were asked for.
    pub until: Option<Timestamp>,
    /// When it was asked; only where the query speaks of now, and would mean something else later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked_at: Option<Timestamp>,
    /// A short hash of the state of the index that was counted.
    pub data_version: String,
    /// Mentions that match.
    pub mentions: u64,
    /// Those that name no brand.
    pub without_brand: u64,
    /// The mentions of all brands together, one of several brands counted for each.
    pub brand_mentions: u64,
    /// The same without reposts.
    pub brand_mentions_without_reposts: u64,
    /// The brands, most mentions first, of equals by name; at most [`MAX_LISTED_VALUES`].
    pub brands: Vec<BrandVoice>,
    /// How many brands are not listed; their mentions are among those of all brands.
    pub more_brands: u64,
    /// The time zone itself.
    #[serde(skip)]
    pub zone: TimeZone,
}

/// What is said about one brand.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BrandVoice {
    /// Its most frequent spelling.
    pub brand: String,
    /// Mentions.
    pub mentions: u64,
    /// Its share of the mentions of all brands, 0 to 1, four decimals.
    pub share: Option<f64>,
    /// Mentions other than reposts.
    pub mentions_without_reposts: u64,
    /// Their share of those of all brands.
    pub share_without_reposts: Option<f64>,
    /// Its net sentiment, reposts included.
    pub net: NetSentiment,
    /// What selects its mentions.
    pub drill: Drill,
}

/// Compares the brands that the mentions of a query name, in a period or in all time.
///
/// # Errors
/// Where the query is none, there are too many brands to count, or the index fails.
pub fn share_of_voice(
    index: &MentionIndex,
    query: &str,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    tz: &TimeZone,
) -> Result<ShareOfVoice, TrendError> {
    let context = QueryContext { zone: tz.clone(), now: Timestamp::now() };
    let selection = index.select(query, since, until, &context)?;
    let measures = Measures { net: true, reposts: true, ..Measures::default() };
    let tally =
        selection.tally(&TallyRequest { measures, ..TallyRequest::counts(Buckets::Whole, Some(Field::Brand)) })?;
    let sums = |number: u32| tally.value_sums.get(&number).cloned().unwrap_or_default();
    let counted: Vec<(&str, Sums)> =
        (0..).zip(&tally.values).map(|(number, name)| (name.as_str(), sums(number))).collect();
    let (without, mut brands): (Vec<_>, Vec<_>) =
        counted.into_iter().partition(|(name, _)| keyword_key(name) == NO_VALUE);
    brands.sort_by(|(a, a_sums), (b, b_sums)| b_sums.mentions.cmp(&a_sums.mentions).then_with(|| a.cmp(b)));
    let all = brands.iter().map(|(_, sums)| sums.mentions).sum();
    let all_said = brands.iter().map(|(_, sums)| said(sums)).sum();
    let drill = Drill { query: query.to_owned(), since, until };
    let voice = |(name, sums): &(&str, Sums)| BrandVoice {
        brand: (*name).to_owned(),
        mentions: sums.mentions,
        share: share(sums.mentions, all),
        mentions_without_reposts: said(sums),
        share_without_reposts: share(said(sums), all_said),
        net: NetSentiment::of(sums.labels),
        drill: drill.with([(Field::Brand, *name)]),
    };
    Ok(ShareOfVoice {
        query: query.to_owned(),
        tz: zone_name(tz),
        since,
        until,
        asked_at: selection.asked_at(&context),
        data_version: selection.data_version(),
        mentions: tally.totals.iter().sum(),
        without_brand: without.iter().map(|(_, sums)| sums.mentions).sum(),
        brand_mentions: all,
        brand_mentions_without_reposts: all_said,
        brands: brands.iter().take(MAX_LISTED_VALUES).map(voice).collect(),
        more_brands: brands.len().saturating_sub(MAX_LISTED_VALUES) as u64,
        zone: tz.clone(),
    })
}

/// Mentions other than reposts.
fn said(sums: &Sums) -> u64 {
    sums.mentions - sums.reposts
}
