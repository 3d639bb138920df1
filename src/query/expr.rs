//! What a query asks, as a tree.

use super::field::{IdField, KeywordField, NumberField, QueryField};
use super::glob::Glob;
use super::span::SpanExpr;
use super::value::{NumberRange, TimeRange};

/// A query, or a part of one.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    /// Every mention.
    All,
    /// All of these; at least two.
    And(Vec<Expr>),
    /// One of these; at least two.
    Or(Vec<Expr>),
    /// Not this.
    Not(Box<Expr>),
    /// Something in the text.
    Text(SpanExpr),
    /// Something in a field.
    Field(FieldTest),
}

/// A question to one field.
#[derive(Debug, Clone, PartialEq)]
pub enum FieldTest {
    /// One of its values is this, by its [key](crate::text::keys::keyword_key).
    Keyword(KeywordField, String),
    /// The key of one of its values is of this form.
    KeywordLike(KeywordField, Glob),
    /// Its id is this, by its [key](crate::text::keys::id_key).
    Id(IdField, String),
    /// Its number lies in this range.
    Number(NumberField, NumberRange),
    /// It was published in this range.
    Time(TimeRange),
    /// It was published in one of these hours of the day, a bit each.
    Hours(u32),
    /// It was published on one of these days of the week, a bit each from Monday on.
    Weekdays(u8),
    /// There is a value.
    Exists(QueryField),
}

impl Expr {
    /// The only one of several expressions, or all of them joined.
    pub(super) fn one_or(mut parts: Vec<Expr>, join: fn(Vec<Expr>) -> Expr) -> Expr {
        match (parts.len(), parts.pop()) {
            (1, Some(only)) => only,
            (_, Some(last)) => {
                parts.push(last);
                join(parts)
            }
            (_, None) => join(parts),
        }
    }

    /// The same as something that stands somewhere in the text, where it can be that.
    pub(super) fn into_spans(self) -> Option<SpanExpr> {
        match self {
            Expr::Text(spans) => Some(spans),
            Expr::Or(choices) => choices.into_iter().map(Expr::into_spans).collect::<Option<_>>().map(SpanExpr::Any),
            Expr::All | Expr::And(_) | Expr::Not(_) | Expr::Field(_) => None,
        }
    }

    /// False if it cannot hold for a text in which only the patterns are found of which `is_found` is true.
    pub(crate) fn can_hold(&self, is_found: &impl Fn(usize) -> bool) -> bool {
        match self {
            Expr::All | Expr::Not(_) | Expr::Field(_) => true,
            Expr::And(parts) => parts.iter().all(|part| part.can_hold(is_found)),
            Expr::Or(choices) => choices.iter().any(|choice| choice.can_hold(is_found)),
            Expr::Text(spans) => spans.can_stand(is_found),
        }
    }

    /// True if it never holds for a text in which none of its patterns is found.
    pub fn needs_text(&self) -> bool {
        match self {
            Expr::Text(_) => true,
            Expr::And(parts) => parts.iter().any(Expr::needs_text),
            Expr::Or(choices) => choices.iter().all(Expr::needs_text),
            Expr::All | Expr::Not(_) | Expr::Field(_) => false,
        }
    }
}
