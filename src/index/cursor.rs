//! Where a page of hits ended, so that the next one goes on there.

use std::fmt;
use std::ops::Bound;
use std::str::FromStr;

use serde::{Serialize, Serializer};
use tantivy::query::{AllQuery, BooleanQuery, ExistsQuery, Occur, Query, RangeQuery};
use tantivy::schema::Field as Handle;
use tantivy::{DateTime, Term};

use super::schema::{CREATED_AT, Fields};
use crate::query::MAX_SECONDS;

/// The place of a mention in the order of the newest first. Written as `SECOND:ID`, or `-:ID` for one without a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// When it was published, in seconds since 1970.
    pub(super) second: Option<i64>,
    /// Its id, as a key.
    pub(super) id: String,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.second {
            Some(second) => write!(f, "{second}:")?,
            None => f.write_str("-:")?,
        }
        // As in addresses, so that it can be pasted into any shell.
        self.id.bytes().try_for_each(|byte| match byte {
            b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'-' | b'_' | b'.' => write!(f, "{}", char::from(byte)),
            byte => write!(f, "%{byte:02X}"),
        })
    }
}

impl FromStr for Cursor {
    type Err = String;

    fn from_str(text: &str) -> Result<Cursor, String> {
        let read = || {
            let (second, id) = text.split_once(':')?;
            let second = match second {
                "-" => None,
                second => Some(
                    second.parse::<i64>().ok().filter(|second| second.unsigned_abs() <= MAX_SECONDS.unsigned_abs())?,
                ),
            };
            Some(Cursor { second, id: decoded(id)? })
        };
        read().ok_or_else(|| format!("{text:?} is no place to go on after; take the `next` of the page before"))
    }
}

/// The text that was written with `%XX` for some bytes.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digits = std::str::from_utf8(rest.get(..2)?).ok()?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        rest = &rest[2..];
    }
    String::from_utf8(bytes).ok()
}

impl Serialize for Cursor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl Cursor {
    /// What a query selects after this place.
    pub(super) fn following(&self, fields: &Fields, query: Box<dyn Query>) -> Box<dyn Query> {
        let later_id = || range(Bound::Excluded(Term::from_field_text(fields.id, &self.id)), Bound::Unbounded);
        let dated = || -> Box<dyn Query> { Box::new(ExistsQuery::new(CREATED_AT.to_owned(), false)) };
        let undated = || both(vec![(Occur::Must, Box::new(AllQuery) as Box<dyn Query>), (Occur::MustNot, dated())]);
        let following = match self.second {
            None => both(vec![(Occur::Must, undated()), (Occur::Must, later_id())]),
            Some(second) => {
                let at = time(fields.created_at, second);
                let earlier = range(Bound::Unbounded, Bound::Excluded(at.clone()));
                let same = range(Bound::Included(at.clone()), Bound::Included(at));
                let same = both(vec![(Occur::Must, same), (Occur::Must, later_id())]);
                both(vec![(Occur::Should, earlier), (Occur::Should, same), (Occur::Should, undated())])
            }
        };
        both(vec![(Occur::Must, query), (Occur::Must, following)])
    }
}

fn time(field: Handle, second: i64) -> Term {
    Term::from_field_date(field, DateTime::from_timestamp_secs(second))
}

fn range(from: Bound<Term>, to: Bound<Term>) -> Box<dyn Query> {
    Box::new(RangeQuery::new(from, to))
}

fn both(clauses: Vec<(Occur, Box<dyn Query>)>) -> Box<dyn Query> {
    Box::new(BooleanQuery::new(clauses))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_are_written_and_read() {
        for text in ["1424131200:a%3Ab", "-:", "-5:x%27%0A%C4%BC"] {
            assert_eq!(text.parse::<Cursor>().map(|cursor| cursor.to_string()), Ok(text.to_owned()));
        }
        for text in ["x", "x:y", "99999999999:x", "1:%4", "1:%FF"] {
            assert!(text.parse::<Cursor>().is_err(), "{text}");
        }
    }
}
