//! What a text is about, by keyword rules that can be read, with the words that say so.
//!
//! A [`Taxonomy`] is what people write (TOML); a [`Matcher`] is what runs: one Aho-Corasick pass over the folded text for
//! all keywords of all topics and languages, then word boundaries, languages and exclusions on the hits.

mod check;
mod examples;
mod gold;
mod keyword;
mod matcher;
mod rule_file;
mod rules;
mod taxonomy;

pub use check::{Finding, FindingKind, TaxonomyCheck, check_taxonomy};
pub use examples::{
    Example, ExampleReport, ExampleTally, FailedExample, load_examples, shipped_examples, test_examples,
};
pub use gold::{GoldMap, GoldMapError, GoldReport, GoldScores};
pub use keyword::Keyword;
pub use matcher::Matcher;
pub use rule_file::{KeywordLists, MAX_KEYWORDS, RuleFileError, RuleLists};
pub(crate) use rule_file::{Kind, RuleFile, parse_keyword_lists, read as read_rule_file};
pub use taxonomy::{ANY_LANGUAGE, Taxonomy, Topic, lineage};
