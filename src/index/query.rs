//! Queries: from the text that a person typed to what Tantivy runs, with limits checked first.

use std::ops::Bound;

use jiff::Timestamp;
use jiff::civil::Date;
use tantivy::query::{
    AllQuery, BooleanQuery, ConstScoreQuery, Occur, Query, QueryParser, QueryParserError, RangeQuery,
};
use tantivy::query_grammar::{self, Delimiter, UserInputAst, UserInputBound, UserInputLeaf};
use tantivy::schema::Schema;
use tantivy::{DateTime, Index, Term};

use super::document::{MAX_SECONDS, whole_seconds};
use super::schema::{Fields, Kind, kind_of, query_fields};

/// Longest query, in bytes.
pub const MAX_QUERY_BYTES: usize = 1_024;
/// Deepest nesting of parentheses.
pub const MAX_NESTING: usize = 20;
/// Most words, phrases, ranges and listed values of a query together.
pub const MAX_CLAUSES: usize = 64;
/// Highest boost (`word^2`).
const MAX_BOOST: f64 = 1_000.0;
/// Most words that may stand between the words of a phrase (`"late order"~2`).
const MAX_SLOP: u32 = 100;

/// A query cannot be run. The person who wrote it can mend it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)]
pub enum QueryError {
    #[error("the query has {bytes} bytes; at most {MAX_QUERY_BYTES} are allowed")]
    TooLong { bytes: usize },
    #[error("the query nests more than {MAX_NESTING} parentheses")]
    TooDeep,
    #[error("the query has more than {MAX_CLAUSES} words, ranges and values")]
    TooManyClauses,
    #[error("there is no field {name:?}; put words with a colon in quotes, or choose one of {fields}")]
    UnknownField { name: String, fields: String },
    #[error("the query cannot be read: {query}; put words with ()[]{{}}^:\" in quotes")]
    Syntax { query: String },
    #[error("the query asks for what is not supported: {0}")]
    Unsupported(String),
    #[error("the query has a wrong value: {0}")]
    Value(String),
}

/// Turns a query and bounds of time into one that Tantivy runs.
pub(super) fn compile(
    index: &Index,
    fields: &Fields,
    query: &str,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
) -> Result<Box<dyn Query>, QueryError> {
    let selected = parse(index, fields, query)?;
    if since.is_none() && until.is_none() {
        return Ok(selected);
    }
    let bound = |time: Timestamp| {
        let seconds = whole_seconds(time) + i64::from(time.subsec_nanosecond() != 0);
        let date = DateTime::from_timestamp_secs(seconds.clamp(-MAX_SECONDS, MAX_SECONDS));
        Term::from_field_date(fields.created_at, date)
    };
    let lower = since.map_or(Bound::Unbounded, |time| Bound::Included(bound(time)));
    let upper = until.map_or(Bound::Unbounded, |time| Bound::Excluded(bound(time)));
    let range: Box<dyn Query> = Box::new(ConstScoreQuery::new(Box::new(RangeQuery::new(lower, upper)), 0.0));
    Ok(Box::new(BooleanQuery::new(vec![(Occur::Must, selected), (Occur::Must, range)])))
}

fn parse(index: &Index, fields: &Fields, query: &str) -> Result<Box<dyn Query>, QueryError> {
    let query = query.trim();
    if query.len() > MAX_QUERY_BYTES {
        return Err(QueryError::TooLong { bytes: query.len() });
    }
    if query.is_empty() || query == "*" {
        return Ok(Box::new(AllQuery));
    }
    let prepared = escape_apostrophes(query)?;
    if prepared.split_whitespace().filter(|word| *word == "NOT").count() > MAX_CLAUSES {
        return Err(QueryError::TooManyClauses);
    }
    let mut tree = query_grammar::parse_query(&prepared).map_err(|_| QueryError::Syntax { query: query.to_owned() })?;
    let schema = index.schema();
    Checker { schema: &schema, clauses: 0 }.check(&mut tree)?;
    let mut parser = QueryParser::for_index(index, vec![fields.text]);
    parser.set_conjunction_by_default();
    parser.build_query_from_user_input_ast(tree).map_err(|error| explain(error, query))
}

/// Escapes apostrophes, which the grammar takes for quotes, and measures the nesting of parentheses.
fn escape_apostrophes(query: &str) -> Result<String, QueryError> {
    let mut escaped = String::with_capacity(query.len());
    let mut quote = None;
    let mut depth = 0usize;
    let mut previous = ' ';
    let mut chars = query.char_indices();
    while let Some((at, c)) = chars.next() {
        match (quote, c) {
            (_, '\\') => {
                escaped.push(c);
                let Some((_, next)) = chars.next() else { break };
                escaped.push(next);
                previous = next;
                continue;
            }
            (Some(open), _) => quote = (open != c).then_some(open),
            (None, '"') => quote = Some(c),
            (None, '\'') if begins_term(previous) && query[at + 1..].contains('\'') => quote = Some(c),
            (None, '\'') => escaped.push('\\'),
            // Within a regular expression quotes and parentheses would mean nothing.
            (None, '/') if begins_term(previous) && query[at + 1..].contains('/') => return Err(no_expressions()),
            (None, '(') => depth += 1,
            (None, ')') => depth = depth.saturating_sub(1),
            (None, _) => {}
        }
        if depth > MAX_NESTING {
            return Err(QueryError::TooDeep);
        }
        escaped.push(c);
        previous = c;
    }
    Ok(escaped)
}

fn no_expressions() -> QueryError {
    QueryError::Unsupported(
        "regular expressions; put addresses, and words that begin with a slash, in quotes".to_owned(),
    )
}

/// True where a quote after this character is no apostrophe.
fn begins_term(previous: char) -> bool {
    previous.is_whitespace() || "(:+-[".contains(previous)
}

/// Checks a parsed query, and rewrites what Tantivy would take otherwise than people mean it.
struct Checker<'a> {
    schema: &'a Schema,
    clauses: usize,
}

impl Checker<'_> {
    fn check(&mut self, tree: &mut UserInputAst) -> Result<(), QueryError> {
        match tree {
            UserInputAst::Clause(children) => {
                children.iter_mut().try_for_each(|(_, child)| self.check(child))?;
                // Tantivy finds nothing where there are only exclusions.
                if !children.is_empty() && children.iter().all(|(occur, _)| *occur == Some(Occur::MustNot)) {
                    children.push((Some(Occur::Must), UserInputAst::from(UserInputLeaf::All)));
                }
                Ok(())
            }
            UserInputAst::Boost(child, boost) => {
                if boost.into_inner() > MAX_BOOST {
                    return Err(QueryError::Value(format!("a boost is at most {MAX_BOOST}")));
                }
                self.check(child)
            }
            UserInputAst::Leaf(leaf) => self.check_leaf(leaf),
        }
    }

    fn check_leaf(&mut self, leaf: &mut UserInputLeaf) -> Result<(), QueryError> {
        self.clauses += match leaf {
            UserInputLeaf::Set { elements, .. } => elements.len().max(1),
            _ => 1,
        };
        if self.clauses > MAX_CLAUSES {
            return Err(QueryError::TooManyClauses);
        }
        let unsupported = |what: &str| Err(QueryError::Unsupported(what.to_owned()));
        match leaf {
            UserInputLeaf::All => Ok(()),
            UserInputLeaf::Regex { .. } => Err(no_expressions()),
            UserInputLeaf::Exists { field } => match self.kind(field)? {
                Kind::Text => unsupported("text:*"),
                _ => Ok(()),
            },
            UserInputLeaf::Literal(literal) => {
                if literal.prefix || literal.delimiter == Delimiter::None && literal.phrase.contains('*') {
                    return unsupported("parts of words with *; put a word with an asterisk in quotes");
                }
                if literal.slop > MAX_SLOP {
                    return Err(QueryError::Value(format!("the distance after ~ is at most {MAX_SLOP}")));
                }
                let Some(field) = &mut literal.field_name else { return Ok(()) };
                if let (Kind::Time, Some(day)) = (self.kind(field)?, day(&literal.phrase)) {
                    let bound = UserInputBound::Inclusive(day.to_string());
                    *leaf = UserInputLeaf::Range { field: Some(field.clone()), lower: bound.clone(), upper: bound };
                    return whole_days(leaf);
                }
                Ok(())
            }
            UserInputLeaf::Range { field, .. } | UserInputLeaf::Set { field, .. } => {
                let Some(field) = field else {
                    return unsupported("a range or a list without a field, such as likes:[10 TO 20]");
                };
                let kind = self.kind(field)?;
                match leaf {
                    UserInputLeaf::Range { .. } if matches!(kind, Kind::Text | Kind::Whole) => {
                        unsupported("ranges of fields other than numbers and created_at")
                    }
                    UserInputLeaf::Range { field: Some(field), lower, upper } if is_open(lower) && is_open(upper) => {
                        *leaf = UserInputLeaf::Exists { field: field.clone() };
                        Ok(())
                    }
                    UserInputLeaf::Range { .. } if kind == Kind::Time => whole_days(leaf),
                    _ => Ok(()),
                }
            }
        }
    }

    /// The kind of a field, whose name is put in lower case.
    fn kind(&self, name: &mut String) -> Result<Kind, QueryError> {
        *name = name.to_lowercase();
        kind_of(self.schema, name).ok_or_else(|| QueryError::UnknownField {
            name: name.clone(),
            fields: query_fields(self.schema).join(", "),
        })
    }
}

fn is_open(bound: &UserInputBound) -> bool {
    match bound {
        UserInputBound::Unbounded => true,
        UserInputBound::Inclusive(value) | UserInputBound::Exclusive(value) => value == "*",
    }
}

/// Turns days in the bounds of a range (`2015-02-17`) into times, whole days in UTC.
fn whole_days(range: &mut UserInputLeaf) -> Result<(), QueryError> {
    let UserInputLeaf::Range { lower, upper, .. } = range else { return Ok(()) };
    let midnight = |day: Date| format!("{day}T00:00:00Z");
    let next_midnight = |day: Date| {
        day.tomorrow().map(midnight).map_err(|_| QueryError::Value(format!("{day} is the last day that there is")))
    };
    *lower = match bound_day(lower) {
        Some((day, true)) => UserInputBound::Inclusive(midnight(day)),
        Some((day, false)) => UserInputBound::Inclusive(next_midnight(day)?),
        None => lower.clone(),
    };
    *upper = match bound_day(upper) {
        Some((day, true)) => UserInputBound::Exclusive(next_midnight(day)?),
        Some((day, false)) => UserInputBound::Exclusive(midnight(day)),
        None => upper.clone(),
    };
    Ok(())
}

/// The day that a bound names, and whether it is part of the range.
fn bound_day(bound: &UserInputBound) -> Option<(Date, bool)> {
    match bound {
        UserInputBound::Inclusive(value) => day(value).map(|day| (day, true)),
        UserInputBound::Exclusive(value) => day(value).map(|day| (day, false)),
        UserInputBound::Unbounded => None,
    }
}

/// A day without a time, such as `2015-02-17`.
fn day(value: &str) -> Option<Date> {
    if value.len() == "2015-02-17".len() { value.parse().ok() } else { None }
}

fn explain(error: QueryParserError, query: &str) -> QueryError {
    let value = |what: &str| QueryError::Value(what.to_owned());
    match error {
        QueryParserError::SyntaxError(_) => QueryError::Syntax { query: query.to_owned() },
        QueryParserError::ExpectedInt(_) => value("likes, shares, replies, views and followers are whole numbers"),
        QueryParserError::ExpectedFloat(_) => {
            value("rating, negative, neutral, positive and language_confidence are numbers")
        }
        QueryParserError::DateFormatError(_) => {
            value("created_at is a day such as 2015-02-17 or a time such as \"2015-02-17T10:30:00Z\"")
        }
        other => QueryError::Unsupported(other.to_string()),
    }
}
