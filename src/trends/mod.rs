//! Trends: how many mentions, of what kind, over time. Exact counts in buckets of the calendar of a time zone, and figures
//! beside them; every number leads back to its mentions ([`TrendReport::drill_down`]).

mod compare;
mod count;
mod distinctive;
mod drill_down;
mod error;
mod figures;
mod interval;
mod net_sentiment;
mod report;
mod request;
mod share_of_voice;
mod slice;
mod terms;

#[cfg(test)]
mod tests;

pub use crate::index::{Field, Measures};
pub use compare::{Change, Comparison};
pub use distinctive::{DistinctiveTerms, terms_of_all_records};
pub use drill_down::Drill;
pub use error::TrendError;
pub use figures::{Engagement, FigureSum, Figures, MeanScore, UniqueAuthors};
pub use interval::{Interval, IntervalError};
pub use net_sentiment::NetSentiment;
pub use report::{Bucket, Counts, PairCounts, TrendReport, ValueFigures, trend};
pub(crate) use report::{rfc3339, zone_name};
pub use request::{MAX_BUCKETS, MAX_CELLS, MAX_LISTED_PAIRS, MAX_LISTED_VALUES, TrendRequest};
pub use share_of_voice::{BrandVoice, ShareOfVoice, share_of_voice};
pub use slice::{
    DEFAULT_MAX_READ, LanguageMentions, MAX_READ, MentionsRead, Slice, SliceTerm, SliceTerms, SliceTermsRequest,
    terms_of_slice,
};
pub(crate) use terms::terms_of;
pub use terms::{DistinctiveTerm, MAX_TERMS};
