//! The one query language: topic rules, searches and filters are the same expressions.
//!
//! A [`Query`] is parsed once, with limits checked and mistakes pointed at. It can then be asked of a single mention
//! ([`Query::selects`]), run over many texts together with thousands of others ([`crate::topics::Matcher`]), or compiled
//! for the index ([`crate::index`]); a property test holds the three to each other and to a plain reading of the rules
//! below.
//!
//! # The language
//! | written | found |
//! | --- | --- |
//! | `late` | the word, whatever its case, accents and letter variants ([`crate::text::fold`]); in scripts without spaces, the characters anywhere |
//! | `late delivery`, `late AND delivery` | both, anywhere in the text |
//! | `late OR delayed` | one of them |
//! | `NOT late`, `-late` | mentions without it |
//! | `"late delivery"` | the words after each other, without punctuation that ends an expression between them |
//! | `"late delivery"~3` | all words, in any order, each at a place of its own, with at most 3 other places among them |
//! | `(late OR slow) NEAR/5 (order OR parcel)` | one of each with at most 5 places between; `NEAR/5f`: the left one first |
//! | `deliver*`, `*versand`, `col?r` | any letters for `*`, one for `?`; also in phrases and beside `NEAR` |
//! | `raw:"Año"`, `raw:C++` | spelled exactly so: case, accents, punctuation; whole words |
//! | `#late`, `@kurio`, `😡` | the hashtag, the account name, the emoji |
//! | `brand:kurio`, `brand:(kurio OR "air x")`, `brand:air*`, `brand:*` | values of a field, without regard to case; any value |
//! | `likes:>=100`, `likes:100..200`, `likes:[100 TO 200}` | numbers; `}` and `{` leave the bound out |
//! | `created_at:2015-02-17`, `created_at:>=-7d`, `hour:22..6`, `weekday:sat,sun` | times, in the zone of the query |
//! | `<<< why >>>` | a comment |
//!
//! `NOT` binds tightest, then `NEAR`, `AND` (also where nothing is written), `OR`. Distances count [places]: words, emoji,
//! characters of scripts without spaces, and runs of punctuation that end an expression.
//!
//! [places]: crate::text::places

mod describe;
mod error;
mod evaluate;
mod expr;
mod field;
mod glob;
mod lexer;
mod parser;
mod pattern;
mod span;
mod value;

use jiff::Timestamp;
use jiff::tz::TimeZone;

pub(crate) use describe::describe_pattern;
use error::Mistake;
pub use error::QueryError;
pub(crate) use evaluate::{MAX_SECONDS, UNSCORED, is_in_hours, is_on_days, second};
pub use evaluate::{Outcome, Subject};
pub use expr::{Expr, FieldTest};
pub use field::{IdField, KeywordField, NumberField, QueryField};
pub use glob::Glob;
pub use pattern::{Atom, MAX_PHRASE_PLACES, MAX_QUERY_WORD_BYTES, MIN_WILDCARD_LETTERS, Pattern};
pub use span::{MAX_DISTANCE, MAX_LOOSE_PHRASES, MAX_LOOSE_WORDS, PatternPlaces, Span, SpanExpr};
pub use value::{NumberRange, QueryContext, TimeRange};

/// Longest query, in bytes.
pub const MAX_QUERY_BYTES: usize = 16_384;
/// Deepest nesting of parentheses and exclusions, with the chain of `NEAR` at any of these levels counted in.
pub const MAX_NESTING: usize = 32;
/// Most words, phrases, ranges and values of a query together.
pub const MAX_CLAUSES: usize = 1_024;
/// Most words and values with wildcards.
pub const MAX_WILDCARDS: usize = 256;
/// Most of them that begin with a wildcard: for each the index goes through its whole dictionary.
pub const MAX_OPEN_BEGINNINGS: usize = 16;

/// A query that was understood.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// As it was written.
    pub text: String,
    /// What it asks.
    pub expr: Expr,
    /// The words and phrases that [`SpanExpr`] names by number.
    pub patterns: Vec<Pattern>,
    /// Where hours and days of the week begin.
    pub zone: TimeZone,
    /// True if it asks for times relative to now, and would mean something else later.
    pub is_relative: bool,
}

impl Query {
    /// Understands a query; nothing, or `*`, selects every mention.
    ///
    /// # Errors
    /// Where it is no query, or beyond a limit; the error points at the place.
    pub fn parse(text: &str, context: &QueryContext) -> Result<Query, QueryError> {
        Query::parse_for(text, context, |_| Ok(()))
    }

    /// Understands a query that is a topic rule: one that needs only the mention itself, always means the same, and holds
    /// only where words of it are found.
    pub fn parse_topic_rule(text: &str) -> Result<Query, QueryError> {
        let context = QueryContext { zone: TimeZone::UTC, now: Timestamp::UNIX_EPOCH };
        Query::parse_for(text, &context, check_topic_rule)
    }

    /// The same for mentions published from one time until before another only, in whole seconds (fractions of a bound are
    /// rounded up).
    pub fn within(self, since: Option<Timestamp>, until: Option<Timestamp>) -> Query {
        let range = TimeRange::between(since, until);
        if range == TimeRange::default() {
            return self;
        }
        Query { expr: Expr::And(vec![self.expr, Expr::Field(FieldTest::Time(range))]), ..self }
    }

    fn parse_for(
        text: &str,
        context: &QueryContext,
        check: impl FnOnce(&parser::Parsed) -> Result<(), Mistake>,
    ) -> Result<Query, QueryError> {
        if text.len() > MAX_QUERY_BYTES {
            let message = format!("the query has {} bytes; at most {MAX_QUERY_BYTES} are allowed", text.len());
            return Err(Mistake::new(MAX_QUERY_BYTES..text.len(), message).in_query(text));
        }
        let understood = lexer::tokens(text).and_then(|tokens| {
            let parsed = parser::parse(tokens, context, text.len())?;
            check(&parsed)?;
            Ok(parsed)
        });
        let parser::Parsed { expr, patterns, relative, .. } = understood.map_err(|mistake| mistake.in_query(text))?;
        let is_relative = relative.is_some();
        Ok(Query { text: text.to_owned(), expr, patterns, zone: context.zone.clone(), is_relative })
    }
}

fn check_topic_rule(rule: &parser::Parsed) -> Result<(), Mistake> {
    let is_outcome = |field: &QueryField| match field {
        QueryField::Keyword(field) => field.is_outcome(),
        QueryField::Number(field) => field.is_outcome(),
        _ => false,
    };
    if let Some((field, bytes)) = rule.fields.iter().find(|(field, _)| is_outcome(field)) {
        let message = format!("a topic rule cannot ask for {}, which is known only when topics are", field.name());
        return Err(Mistake::new(bytes.clone(), message));
    }
    if let Some(bytes) = &rule.relative {
        return Err(Mistake::new(
            bytes.clone(),
            "a topic rule cannot ask for times relative to now: its tags would change by themselves",
        ));
    }
    if !rule.expr.needs_text() {
        return Err(Mistake::new(0..0, "a topic rule needs words that must be found in the text"));
    }
    Ok(())
}
