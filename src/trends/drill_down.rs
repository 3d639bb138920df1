//! From a number back to its mentions: the search that finds exactly those that were counted.

use jiff::Timestamp;
use serde::Serialize;

use super::report::{Bucket, TrendReport};
use crate::index::{Field, NO_VALUE, SearchRequest};
use crate::query::QueryContext;
use crate::text::keys::keyword_key;

/// What selects the mentions of a figure: a query, and bounds of time as `earmark search` takes them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Drill {
    /// The query.
    pub query: String,
    /// Only mentions published at this time or later.
    pub since: Option<Timestamp>,
    /// Only mentions published before this time.
    pub until: Option<Timestamp>,
}

impl Drill {
    /// The same mentions, of these values of fields only.
    pub(crate) fn with<'v>(&self, values: impl IntoIterator<Item = (Field, &'v str)>) -> Drill {
        let values: Vec<String> = values.into_iter().map(|(field, value)| value_query(field, value)).collect();
        Drill { query: and(&self.query, &values), ..self.clone() }
    }

    /// The same mentions, from one time until before another only.
    fn within(&self, start: Timestamp, end: Timestamp) -> Drill {
        let since = self.since.map_or(start, |since| since.max(start));
        let until = self.until.map_or(end, |until| until.min(end));
        Drill { query: self.query.clone(), since: Some(since), until: Some(until) }
    }
}

impl TrendReport {
    /// The search that finds the mentions behind a number: of a bucket or of the whole period, of all values or of one, or
    /// of one and one of the second field. It finds exactly those that were counted while the index is as it was
    /// ([`TrendReport::data_version`]).
    pub fn drill_down(&self, bucket: Option<&Bucket>, values: &[&str]) -> SearchRequest {
        let fields = [self.by, self.then_by].into_iter().flatten();
        let drill = self.drill.with(fields.zip(values.iter().copied()));
        let drill = match bucket {
            None => drill,
            Some(bucket) => drill.within(bucket.start.timestamp(), bucket.end.timestamp()),
        };
        SearchRequest {
            query: drill.query,
            since: drill.since,
            until: drill.until,
            context: QueryContext { zone: self.zone.clone(), now: self.asked_at.unwrap_or_default() },
            ..SearchRequest::default()
        }
    }
}

/// Mentions that a query selects, and that have these values.
fn and(query: &str, values: &[String]) -> String {
    let values = values.join(" ");
    match query.trim() {
        _ if values.is_empty() => query.to_owned(),
        "" | "*" => values,
        query => format!("({query}) {values}"),
    }
}

/// Mentions that were counted under a value.
fn value_query(field: Field, value: &str) -> String {
    let quoted = value.replace('\\', "\\\\").replace('"', "\\\"");
    let is_plain = !value.is_empty() && value.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'/'));
    if keyword_key(value) == NO_VALUE {
        // A mention may say so itself, too.
        format!("(-{field}:* OR {field}:\"{quoted}\")")
    } else if is_plain {
        format!("{field}:{value}")
    } else {
        format!("{field}:\"{quoted}\"")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_asked_for_as_they_are() {
        let cases = [
            ("delivery/late", "brand:delivery/late"),
            ("Air X", "brand:\"Air X\""),
            ("a\"b\\", "brand:\"a\\\"b\\\\\""),
            ("x*", "brand:\"x*\""),
            ("(none)", "(-brand:* OR brand:\"(none)\")"),
        ];
        for (value, query) in cases {
            assert_eq!(value_query(Field::Brand, value), query);
        }
        let values = ["brand:x", "sentiment:neutral"].map(str::to_owned);
        assert_eq!(and(" * ", &values), "brand:x sentiment:neutral");
        assert_eq!(and("late OR slow", &values), "(late OR slow) brand:x sentiment:neutral");
        assert_eq!(and("late OR slow", &[]), "late OR slow");
    }
}
