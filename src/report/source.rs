//! Where the figures of a chart come from, as its foot says it.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::trends::zone_name;

/// The query, its bounds in a zone, and the version of the data.
pub(super) fn source_note(
    query: &str,
    (since, until): (Option<Timestamp>, Option<Timestamp>),
    zone: &TimeZone,
    data_version: &str,
) -> String {
    let moment = |time: Timestamp| time.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string();
    let mut parts = vec![match query.trim() {
        "" | "*" => "All mentions".to_owned(),
        query => format!("Query: {query}"),
    }];
    parts.extend(since.map(|time| format!("since {}", moment(time))));
    parts.extend(until.map(|time| format!("until {}", moment(time))));
    if since.or(until).is_some() {
        parts.push(format!("in {}", zone_name(zone)));
    }
    format!("{}; data {data_version}", parts.join(" "))
}
