//! Where a page of hits ended, so that the next one goes on there.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};
use std::ops::Bound;
use tantivy::query::{AllQuery, BooleanQuery, ExistsQuery, Occur, Query, RangeQuery};
use tantivy::schema::Field as Handle;
use tantivy::{DateTime, Term};

use super::schema::{CREATED_AT, Fields};

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
            Some(second) => write!(f, "{second}:{}", self.id),
            None => write!(f, "-:{}", self.id),
        }
    }
}

impl FromStr for Cursor {
    type Err = String;

    fn from_str(text: &str) -> Result<Cursor, String> {
        let problem = || format!("{text:?} is no place to go on after; take the `next` of the page before");
        let (second, id) = text.split_once(':').ok_or_else(problem)?;
        let second = if second == "-" { None } else { Some(second.parse().map_err(|_| problem())?) };
        Ok(Cursor { second, id: id.to_owned() })
    }
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
        for text in ["1424131200:a:b", "-:", "-5:x"] {
            assert_eq!(text.parse::<Cursor>().map(|cursor| cursor.to_string()), Ok(text.to_owned()));
        }
        assert!("x".parse::<Cursor>().is_err() && "x:y".parse::<Cursor>().is_err());
    }
}
