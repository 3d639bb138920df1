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
    let what = match query.trim() {
        "" | "*" => "All mentions".to_owned(),
        query => format!("Query: {query}"),
    };
    let bounds = bounds((since, until), zone).map(|bounds| format!("; {bounds} in {}", zone_name(zone)));
    format!("{what}{}; data {data_version}", bounds.unwrap_or_default())
}

/// The bounds of a period, if there are any: `since 2026-09-15 00:00 until 2026-09-22 00:00`.
pub(super) fn bounds((since, until): (Option<Timestamp>, Option<Timestamp>), zone: &TimeZone) -> Option<String> {
    let since = since.map(|time| format!("since {}", minute(time, zone)));
    let until = until.map(|time| format!("until {}", minute(time, zone)));
    let bounds: Vec<String> = [since, until].into_iter().flatten().collect();
    (!bounds.is_empty()).then(|| bounds.join(" "))
}

/// When a question was asked, where its answer depends on that.
pub(super) fn asked(asked_at: Option<Timestamp>, zone: &TimeZone) -> Option<String> {
    asked_at.map(|time| format!("asked at {} in {}", minute(time, zone), zone_name(zone)))
}

fn minute(time: Timestamp, zone: &TimeZone) -> String {
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
        assert_eq!(source_note(" * ", (None, None), &riga, "1f"), "All mentions; data 1f");
        assert_eq!(
            source_note("late", (since, None), &riga, "1f"),
            "Query: late; since 1970-01-01 03:00 in Europe/Riga; data 1f"
        );
        assert_eq!(bounds((None, since), &riga).as_deref(), Some("until 1970-01-01 03:00"));
        assert_eq!(asked(since, &riga).as_deref(), Some("asked at 1970-01-01 03:00 in Europe/Riga"));
    }
}
