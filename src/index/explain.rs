//! How a query was understood, and what each part of it finds and costs.

use std::time::Instant;

use serde::Serialize;
use tantivy::collector::Count;

use super::error::IndexError;
use super::query::{compile, within};
use super::reader::Selection;
use crate::query::{Expr, Query, SpanExpr, describe_pattern};

/// A query, part by part.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct QueryExplanation {
    /// Mentions that the whole query selects, bounds of time included.
    pub total: u64,
    /// The time that took.
    pub milliseconds: f64,
    /// Its parts, each before the parts that it is made of.
    pub parts: Vec<ExplainedPart>,
}

/// A part of a query.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ExplainedPart {
    /// How deep it lies within others, from 0.
    pub depth: usize,
    /// What it asks for.
    pub what: String,
    /// Mentions that it selects by itself, within the bounds of time.
    pub mentions: u64,
    /// How many words of the index its wildcards stand for, over all segments; `None` without wildcards.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub words: Option<usize>,
    /// The time that took.
    pub milliseconds: f64,
}

impl Selection<'_> {
    pub(super) fn explain(&self) -> Result<QueryExplanation, IndexError> {
        let started = Instant::now();
        let total = self.searcher.search(&self.query, &Count).map_err(IndexError::failed(self.dir))? as u64;
        let milliseconds = milliseconds(started);
        let mut parts = Vec::new();
        self.explain_part(&self.question.expr, 0, &mut parts)?;
        Ok(QueryExplanation { total, milliseconds, parts })
    }

    fn explain_part(&self, expr: &Expr, depth: usize, parts: &mut Vec<ExplainedPart>) -> Result<(), IndexError> {
        let (what, children) = self.describe(expr);
        let started = Instant::now();
        let (mentions, words) = self.count_part(expr)?;
        parts.push(ExplainedPart { depth, what, mentions, words, milliseconds: milliseconds(started) });
        children.iter().try_for_each(|child| self.explain_part(child, depth + 1, parts))
    }

    /// What a part asks for, and the parts that it is made of.
    fn describe(&self, expr: &Expr) -> (String, Vec<Expr>) {
        let pattern = |number: &usize| describe_pattern(&self.question.patterns[*number]);
        match expr {
            Expr::All => ("every mention".to_owned(), Vec::new()),
            Expr::And(parts) => ("all of".to_owned(), parts.clone()),
            Expr::Or(choices) => ("one of".to_owned(), choices.clone()),
            Expr::Not(inner) => ("not".to_owned(), vec![Expr::clone(inner)]),
            Expr::Field(test) => (test.to_string(), Vec::new()),
            Expr::Text(SpanExpr::Pattern(number)) => (pattern(number), Vec::new()),
            Expr::Text(SpanExpr::Any(choices)) => {
                ("one of".to_owned(), choices.iter().cloned().map(Expr::Text).collect())
            }
            Expr::Text(SpanExpr::Loose { parts, window }) => {
                let children = parts.iter().map(|part| Expr::Text(SpanExpr::Pattern(*part))).collect();
                (format!("all within {window} places"), children)
            }
            Expr::Text(SpanExpr::Near { left, right, distance, ordered }) => {
                let order = if *ordered { ", the first before the second" } else { "" };
                let children = vec![Expr::Text(SpanExpr::clone(left)), Expr::Text(SpanExpr::clone(right))];
                (format!("both with at most {distance} places between{order}"), children)
            }
        }
    }

    /// How many mentions a part selects by itself, and how many words its wildcards stand for.
    fn count_part(&self, expr: &Expr) -> Result<(u64, Option<usize>), IndexError> {
        let part = Query { expr: expr.clone(), ..self.question.clone() };
        let compiled = compile(&self.fields, &self.searcher, &part).map_err(|error| error.in_folder(self.dir))?;
        let query = within(&self.fields, compiled.query, &self.range);
        let mentions = self.searcher.search(&query, &Count).map_err(IndexError::failed(self.dir))? as u64;
        let mut words = None;
        if let Expr::Text(SpanExpr::Pattern(pattern)) = expr {
            words = compiled.words_of_pattern[*pattern];
        }
        Ok((mentions, words))
    }
}

fn milliseconds(started: Instant) -> f64 {
    (started.elapsed().as_secs_f64() * 100_000.0).round() / 100.0
}
