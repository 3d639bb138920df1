//! Where the figures of a chart come from, as its foot says it.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::trends::zone_name;

/// The query, its bounds in a zone, when it was asked if that matters, and the version of the data.
pub(super) fn source_note(
    query: &str,
    (since, until): (Option<Timestamp>, Option<Timestamp>),
    asked_at: Option<Timestamp>,
    zone: &TimeZone,
    data_version: &str,
) -> String {
    let what = match query.trim() {
        "" | "*" => "All mentions".to_owned(),
        query => format!("Query: {query}"),
    };
    let parts = [what, bounds_note((since, until), zone), asked_note(asked_at, zone), format!("data {data_version}")];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; ")
}

/// The bounds in a zone; empty where there are none.
pub(super) fn bounds_note((since, until): (Option<Timestamp>, Option<Timestamp>), zone: &TimeZone) -> String {
    let since = since.map(|time| format!("since {}", moment(time, zone)));
    let until = until.map(|time| format!("until {}", moment(time, zone)));
    let bounds = [since, until].into_iter().flatten().collect::<Vec<_>>().join(" ");
    if bounds.is_empty() { bounds } else { format!("{bounds} in {}", zone_name(zone)) }
}

/// When a question was asked that would mean something else later; empty for others.
pub(super) fn asked_note(asked_at: Option<Timestamp>, zone: &TimeZone) -> String {
    asked_at.map_or_else(String::new, |time| format!("asked {} in {}", moment(time, zone), zone_name(zone)))
}

fn moment(time: Timestamp, zone: &TimeZone) -> String {
    time.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
}

/// A length of time in words, for use after "per" or "the": `hour` for `1h`, `15 minutes` for `15m`.
pub(super) fn length_in_words(length: &str) -> String {
    let digits = length.find(|c: char| !c.is_ascii_digit()).unwrap_or(length.len());
    let (number, unit) = length.split_at(digits);
    let unit = match unit {
        "s" => "second",
        "m" => "minute",
        "h" => "hour",
        "d" => "day",
        "w" => "week",
        "mo" => "month",
        _ => return length.to_owned(),
    };
    if number == "1" { unit.to_owned() } else { format!("{number} {unit}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_words() {
        for (length, words) in
            [("1h", "hour"), ("15m", "15 minutes"), ("1mo", "month"), ("7d", "7 days"), ("all", "all")]
        {
            assert_eq!(length_in_words(length), words);
        }
    }

    #[test]
    fn sources_name_what_bounds_there_are() {
        let riga = TimeZone::get("Europe/Riga").unwrap_or(TimeZone::UTC);
        let since = Some(Timestamp::UNIX_EPOCH);
        assert_eq!(source_note(" * ", (None, None), None, &riga, "1f"), "All mentions; data 1f");
        assert_eq!(
            source_note("late", (since, None), since, &riga, "1f"),
            "Query: late; since 1970-01-01 03:00 in Europe/Riga; asked 1970-01-01 03:00 in Europe/Riga; data 1f"
        );
    }
}
