//! From a query to what Tantivy runs.

mod filter;
mod spans;
mod terms;

use std::cell::Cell;
use std::ops::Bound;

use tantivy::query::{
    AllQuery, BooleanQuery, ConstScoreQuery, EmptyQuery, ExistsQuery, Occur, PhraseQuery, Query as TantivyQuery,
    RangeQuery, TermQuery,
};
use tantivy::schema::{Field as Handle, IndexRecordOption};
use tantivy::{DateTime, Searcher, Term};

use super::error::IndexError;
use super::schema::{CREATED_AT, Fields};
use crate::query::{
    Expr, FieldTest, MAX_SECONDS, NumberField, NumberRange, Query, QueryError, QueryField, SpanExpr, TimeRange,
};
use filter::{Calendar, DocFilter, Settled};
use spans::SpanQuery;
use terms::{PatternTerms, Terms};

/// Most words of the index that all wildcards of a query may stand for together.
pub const MAX_WILDCARD_WORDS: usize = 50_000;

/// The words of an index, as of one commit, that the patterns of a query stand for.
pub(super) struct LookedUp {
    patterns: Vec<PatternTerms>,
    /// How many words the wildcards stand for together.
    expanded: usize,
}

/// Makes queries of one index, as of one commit.
struct Compiler<'s> {
    fields: &'s Fields,
    searcher: &'s Searcher,
    query: &'s Query,
    patterns: &'s [PatternTerms],
    /// How many words the wildcards stand for so far.
    expanded: Cell<usize>,
}

/// Why a query could not be compiled.
pub(super) enum CompileError {
    Query(QueryError),
    Tantivy(tantivy::TantivyError),
}

impl From<tantivy::TantivyError> for CompileError {
    fn from(error: tantivy::TantivyError) -> Self {
        CompileError::Tantivy(error)
    }
}

impl CompileError {
    pub(super) fn in_folder(self, dir: &std::path::Path) -> IndexError {
        match self {
            CompileError::Query(error) => IndexError::Query(error),
            CompileError::Tantivy(error) => IndexError::failed(dir)(error),
        }
    }
}

impl LookedUp {
    /// Looks the patterns of a query up.
    pub(super) fn look_up(fields: &Fields, searcher: &Searcher, query: &Query) -> Result<LookedUp, CompileError> {
        let mut looked_up = LookedUp { patterns: Vec::with_capacity(query.patterns.len()), expanded: 0 };
        for pattern in &query.patterns {
            let terms = PatternTerms::look_up(pattern, fields, searcher)?;
            looked_up.expanded += terms.expanded().unwrap_or_default();
            looked_up.patterns.push(terms);
            check_expanded(looked_up.expanded, query)?;
        }
        Ok(looked_up)
    }

    /// How many words of the index the wildcards of a pattern stand for; `None` where it has none.
    pub(super) fn expanded(&self, pattern: usize) -> Option<usize> {
        self.patterns.get(pattern).and_then(PatternTerms::expanded)
    }
}

/// What Tantivy runs for a part of a query.
pub(super) fn compile(
    fields: &Fields,
    searcher: &Searcher,
    query: &Query,
    looked_up: &LookedUp,
    part: &Expr,
) -> Result<Box<dyn TantivyQuery>, CompileError> {
    let LookedUp { patterns, expanded } = looked_up;
    Compiler { fields, searcher, query, patterns, expanded: Cell::new(*expanded) }.expr(part)
}

fn check_expanded(words: usize, query: &Query) -> Result<(), CompileError> {
    if words <= MAX_WILDCARD_WORDS {
        return Ok(());
    }
    let message = format!(
        "the wildcards stand for more than {MAX_WILDCARD_WORDS} words of this index; write more of their letters"
    );
    Err(CompileError::Query(QueryError::whole(&query.text, message)))
}

/// Selects by a range of time, and leaves the ranking alone.
pub(super) fn within(fields: &Fields, query: Box<dyn TantivyQuery>, range: &TimeRange) -> Box<dyn TantivyQuery> {
    if *range == TimeRange::default() {
        return query;
    }
    Box::new(BooleanQuery::new(vec![
        (Occur::Must, query),
        (Occur::Must, unranked(time_range(fields.created_at, range))),
    ]))
}

fn unranked(query: Box<dyn TantivyQuery>) -> Box<dyn TantivyQuery> {
    Box::new(ConstScoreQuery::new(query, 0.0))
}

fn time_range(field: Handle, range: &TimeRange) -> Box<dyn TantivyQuery> {
    let bound = |second: i64| {
        Term::from_field_date(field, DateTime::from_timestamp_secs(second.clamp(-MAX_SECONDS, MAX_SECONDS)))
    };
    if range.from.is_some_and(|from| from > MAX_SECONDS) {
        return Box::new(EmptyQuery);
    }
    let from = range.from.map_or(Bound::Unbounded, |second| Bound::Included(bound(second)));
    let until = match range.until {
        None => Bound::Unbounded,
        Some(second) if second > MAX_SECONDS => Bound::Unbounded,
        Some(second) => Bound::Excluded(bound(second)),
    };
    if matches!((&from, &until), (Bound::Unbounded, Bound::Unbounded)) {
        return Box::new(ExistsQuery::new(CREATED_AT.to_owned(), false));
    }
    Box::new(RangeQuery::new(from, until))
}

impl Compiler<'_> {
    fn expr(&self, expr: &Expr) -> Result<Box<dyn TantivyQuery>, CompileError> {
        Ok(match expr {
            Expr::All => unranked(Box::new(AllQuery)),
            Expr::Text(spans) => self.text(spans),
            Expr::Field(test) => unranked(self.field(test)?),
            Expr::Not(_) => self.all(std::slice::from_ref(expr))?,
            Expr::And(parts) => self.all(parts)?,
            Expr::Or(choices) => {
                let choices = choices.iter().map(|choice| Ok((Occur::Should, self.expr(choice)?)));
                Box::new(BooleanQuery::new(choices.collect::<Result<_, CompileError>>()?))
            }
        })
    }

    fn all(&self, parts: &[Expr]) -> Result<Box<dyn TantivyQuery>, CompileError> {
        let mut clauses: Vec<(Occur, Box<dyn TantivyQuery>)> = Vec::with_capacity(parts.len() + 1);
        for part in parts {
            match part {
                Expr::Not(excluded) => clauses.push((Occur::MustNot, Box::new(Settled(self.expr(excluded)?)))),
                part => clauses.push((Occur::Must, self.expr(part)?)),
            }
        }
        // Tantivy finds nothing where there are only exclusions.
        if clauses.iter().all(|(occur, _)| *occur == Occur::MustNot) {
            clauses.push((Occur::Must, unranked(Box::new(AllQuery))));
        }
        Ok(Box::new(BooleanQuery::new(clauses)))
    }

    fn text(&self, spans: &SpanExpr) -> Box<dyn TantivyQuery> {
        match spans {
            SpanExpr::Pattern(pattern) => self.pattern(*pattern),
            SpanExpr::Any(choices) => {
                Box::new(BooleanQuery::new(choices.iter().map(|choice| (Occur::Should, self.text(choice))).collect()))
            }
            SpanExpr::Loose { .. } | SpanExpr::Near { .. } => self.spans(spans),
        }
    }

    fn pattern(&self, pattern: usize) -> Box<dyn TantivyQuery> {
        let atoms = &self.patterns[pattern].atoms;
        if let [(_, terms)] = atoms.as_slice() {
            return match terms {
                Terms::One(term) => Box::new(TermQuery::new(term.clone(), IndexRecordOption::WithFreqs)),
                Terms::Several(expansion) => Box::new(DocFilter::Words(expansion.clone())),
            };
        }
        let single = |(offset, terms): &(usize, Terms)| match terms {
            Terms::One(term) => Some((*offset, term.clone())),
            Terms::Several(_) => None,
        };
        match atoms.iter().map(single).collect::<Option<Vec<_>>>() {
            Some(terms) => Box::new(PhraseQuery::new_with_offset(terms)),
            None => self.spans(&SpanExpr::Pattern(pattern)),
        }
    }

    fn spans(&self, spans: &SpanExpr) -> Box<dyn TantivyQuery> {
        Box::new(SpanQuery::new(spans, self.patterns, self.candidates(spans)))
    }

    /// Selects at least the mentions in which the spans can be.
    fn candidates(&self, spans: &SpanExpr) -> Box<dyn TantivyQuery> {
        let all = |parts: Vec<Box<dyn TantivyQuery>>| -> Box<dyn TantivyQuery> {
            Box::new(BooleanQuery::new(parts.into_iter().map(|part| (Occur::Must, part)).collect()))
        };
        match spans {
            SpanExpr::Pattern(pattern) => {
                let docs = |terms: &Terms| -> Box<dyn TantivyQuery> {
                    match terms {
                        Terms::One(term) => Box::new(TermQuery::new(term.clone(), IndexRecordOption::Basic)),
                        Terms::Several(expansion) => Box::new(DocFilter::Words(expansion.clone())),
                    }
                };
                all(self.patterns[*pattern].atoms.iter().map(|(_, terms)| docs(terms)).collect())
            }
            SpanExpr::Any(choices) => Box::new(BooleanQuery::new(
                choices.iter().map(|choice| (Occur::Should, self.candidates(choice))).collect(),
            )),
            SpanExpr::Loose { parts, .. } => {
                all(parts.iter().map(|part| self.candidates(&SpanExpr::Pattern(*part))).collect())
            }
            SpanExpr::Near { left, right, .. } => all(vec![self.candidates(left), self.candidates(right)]),
        }
    }

    fn field(&self, test: &FieldTest) -> Result<Box<dyn TantivyQuery>, CompileError> {
        let term = |field: Handle, key: &str| -> Box<dyn TantivyQuery> {
            Box::new(TermQuery::new(Term::from_field_text(field, key), IndexRecordOption::Basic))
        };
        Ok(match test {
            FieldTest::Keyword(field, key) => term(self.fields.keyword(*field), key),
            FieldTest::Id(field, key) => term(self.fields.id(*field), key),
            FieldTest::KeywordLike(field, glob) => {
                let field = self.fields.keyword(*field);
                let expansion = terms::expand(field, &glob.prefix(), &|value| glob.matches(value), self.searcher)?;
                self.expanded.set(self.expanded.get() + expansion.words);
                check_expanded(self.expanded.get(), self.query)?;
                Box::new(DocFilter::Words(expansion))
            }
            FieldTest::Number(field, range) => number_range(self.fields.number(*field), *field, range),
            FieldTest::Time(range) => time_range(self.fields.created_at, range),
            FieldTest::Hours(hours) => self.calendar(Calendar::Hours(*hours)),
            FieldTest::Weekdays(days) => self.calendar(Calendar::Weekdays(*days)),
            FieldTest::Exists(field) => self.exists(*field),
        })
    }

    fn calendar(&self, calendar: Calendar) -> Box<dyn TantivyQuery> {
        Box::new(DocFilter::Calendar { calendar, zone: self.query.zone.clone() })
    }

    fn exists(&self, field: QueryField) -> Box<dyn TantivyQuery> {
        let handle = match field {
            QueryField::Keyword(field) => self.fields.keyword(field),
            QueryField::Id(field) => self.fields.id(field),
            QueryField::Number(field) => self.fields.number(field),
            QueryField::CreatedAt | QueryField::Hour | QueryField::Weekday => self.fields.created_at,
            QueryField::Text | QueryField::Raw => return Box::new(AllQuery),
        };
        Box::new(ExistsQuery::new(self.searcher.schema().get_field_name(handle).to_owned(), false))
    }
}

fn number_range(handle: Handle, field: NumberField, range: &NumberRange) -> Box<dyn TantivyQuery> {
    let (from, to) = if field.is_count() {
        let (from, to) = range.count_bounds();
        let term = |number: i64| Term::from_field_i64(handle, number);
        (from.map(term), to.map(term))
    } else {
        let term = |number: f64| Term::from_field_f64(handle, number);
        (range.from.map(term), range.to.map(term))
    };
    match (&from, &to) {
        (Bound::Unbounded, Bound::Unbounded) => Box::new(ExistsQuery::new(field.name().to_owned(), false)),
        _ if is_empty(range) => Box::new(EmptyQuery),
        _ => Box::new(RangeQuery::new(from, to)),
    }
}

/// What a query selects and another one does not.
pub(super) fn excluding(query: Box<dyn TantivyQuery>, excluded: Box<dyn TantivyQuery>) -> Box<dyn TantivyQuery> {
    Box::new(BooleanQuery::new(vec![(Occur::Must, query), (Occur::MustNot, Box::new(Settled(excluded)))]))
}

/// True for a range whose end is before its beginning.
fn is_empty(range: &NumberRange) -> bool {
    match (range.from, range.to) {
        (Bound::Included(from) | Bound::Excluded(from), Bound::Included(to) | Bound::Excluded(to)) => from > to,
        _ => false,
    }
}
