//! What is wrong with a query, and where.

use std::fmt;
use std::ops::Range;

/// A query cannot be used. The person who wrote it can mend it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryError {
    /// What is wrong, and what was expected.
    pub message: String,
    /// Where, in Unicode characters of the query.
    pub chars: Range<usize>,
    /// The line of the query that it is in (a part of it where it is long), and where the mistake stands in that.
    line: String,
    in_line: Range<usize>,
}

/// Characters of a long line that are shown around a mistake.
const SHOWN_CHARS: usize = 60;

/// A mistake before the query is known as a whole: a message and bytes of the query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mistake {
    pub message: String,
    pub bytes: Range<usize>,
}

impl Mistake {
    pub fn new(bytes: Range<usize>, message: impl Into<String>) -> Mistake {
        Mistake { message: message.into(), bytes }
    }

    /// The error to report.
    pub fn in_query(self, query: &str) -> QueryError {
        let start = query.floor_char_boundary(self.bytes.start);
        let end = query.ceil_char_boundary(self.bytes.end.max(start).min(query.len()));
        let before = query[..start].chars().count();
        let length = query[start..end].chars().count();
        let line_start = query[..start].rfind('\n').map_or(0, |at| at + 1);
        let line = query[line_start..].lines().next().unwrap_or_default();
        let column = query[line_start..start].chars().count();
        let first = column.saturating_sub(SHOWN_CHARS);
        let shown: String = line.chars().skip(first).take(2 * SHOWN_CHARS).collect();
        let from = column - first;
        let to = (from + length.max(1)).min(shown.chars().count().max(from + 1));
        let line = shown.replace(char::is_control, " ");
        QueryError { message: self.message, chars: before..before + length, line, in_line: from..to }
    }
}

impl QueryError {
    /// An error about a query as a whole.
    pub(crate) fn whole(query: &str, message: impl Into<String>) -> QueryError {
        Mistake::new(0..query.len(), message).in_query(query)
    }
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if !self.line.is_empty() {
            let Range { start, end } = self.in_line;
            write!(f, "\n    {}\n    {}{}", self.line, " ".repeat(start), "^".repeat(end - start))?;
        }
        Ok(())
    }
}

impl std::error::Error for QueryError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_at_the_mistake() {
        let query = "čau\nlate urgent:x";
        let at = query.find("urgent").unwrap_or_default();
        let error = Mistake::new(at..at + 7, "no such field").in_query(query);
        assert_eq!(error.to_string(), "no such field\n    late urgent:x\n         ^^^^^^^");
        assert_eq!(error.chars, 9..16);
        assert_eq!(Mistake::new(5..5, "more").in_query("late").to_string(), "more\n    late\n        ^");
    }
}
