//! How a query was understood, and what each part of it finds and costs.

use std::time::Instant;

use serde::Serialize;
use tantivy::collector::Count;

use super::error::IndexError;
use super::query::{CompileError, compile, within};
use super::reader::Selection;
use crate::query::{Expr, SpanExpr, describe_pattern};

/// Most parts that are explained.
pub const MAX_EXPLAINED_PARTS: usize = 200;

/// A query, part by part.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct QueryExplanation {
    /// Mentions that the whole query selects, bounds of time included.
    pub total: u64,
    /// The time from the question to the number, with the words looked up that wildcards stand for.
    pub milliseconds: f64,
    /// Its parts; of a query with more than [`MAX_EXPLAINED_PARTS`], the first, each before the parts that it is made of.
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
    /// How many words its wildcards stand for, a word counted once in each segment of the index that has it; `None` without
    /// wildcards.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub words: Option<usize>,
    /// The time to find them, when all words have been looked up.
    pub milliseconds: f64,
}

impl Selection<'_> {
    pub(super) fn explain(&self) -> Result<QueryExplanation, IndexError> {
        let total = self.searcher.search(&self.query, &Count).map_err(IndexError::failed(self.dir))? as u64;
        let milliseconds = milliseconds(self.started);
        let mut parts = Vec::new();
        self.explain_part(&self.question.expr, 0, &mut parts)?;
        Ok(QueryExplanation { total, milliseconds, parts })
    }

    fn explain_part(&self, expr: &Expr, depth: usize, parts: &mut Vec<ExplainedPart>) -> Result<(), IndexError> {
        if parts.len() >= MAX_EXPLAINED_PARTS {
            return Ok(());
        }
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
        let in_folder = |error: CompileError| error.in_folder(self.dir);
        let compiled =
            compile(&self.fields, &self.searcher, &self.question, &self.looked_up, expr).map_err(in_folder)?;
        let query = within(&self.fields, compiled, &self.range);
        let mentions = self.searcher.search(&query, &Count).map_err(IndexError::failed(self.dir))? as u64;
        let words = match expr {
            Expr::Text(SpanExpr::Pattern(pattern)) => self.looked_up.expanded(*pattern),
            _ => None,
        };
        Ok((mentions, words))
    }
}

fn milliseconds(started: Instant) -> f64 {
    (started.elapsed().as_secs_f64() * 100_000.0).round() / 100.0
}
