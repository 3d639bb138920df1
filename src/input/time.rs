//! When a mention was published, in the spellings that sources use.

use jiff::civil::DateTime;
use jiff::fmt::strtime::BrokenDownTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Number, Value};

use super::error::shown;
use super::record::is_absent;
use super::reject::{Fault, RejectReason};

/// 1970-01-01T00:00:00Z, in seconds.
const MIN_SECONDS: i64 = 0;
/// 2201-01-01T00:00:00Z, in seconds; the first moment that is too late.
const MAX_SECONDS: i64 = 7_289_654_400;
/// An epoch number from here up is in milliseconds: as seconds it would be after the year 5000, and as milliseconds
/// it is after March 1973.
const MIN_MILLISECONDS: i64 = 100_000_000_000;
/// A smaller number, before March 1973, is more likely a year or a date without dashes than seconds since 1970.
const MIN_EPOCH_SECONDS: i64 = 100_000_000;

/// Reads a time: RFC 3339; a date and a time apart by a space, with or without fraction and zone; a plain date; seconds
/// or milliseconds since 1970, as a number or as digits; Twitter's `Wed Oct 11 20:19:24 +0000 2017`. What names no zone
/// is taken as UTC.
pub(super) fn parse_time(value: &Value) -> Result<Option<Timestamp>, Fault> {
    let (parsed, written) = match value {
        Value::Null => return Ok(None),
        Value::String(text) if is_absent(text) => return Ok(None),
        Value::String(text) => (from_text(text.trim()), text.clone()),
        Value::Number(number) => (from_number(number), number.to_string()),
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
            return Err(Fault::new(RejectReason::BadTime, "created_at is not a string or a number"));
        }
    };
    let Some(time) = parsed else {
        let advice = "write it like 2024-05-31T14:03:00Z, or as seconds since 1970";
        let message = format!("created_at is {:?}, which is no time: {advice}", shown(&written));
        return Err(Fault::new(RejectReason::BadTime, message));
    };
    if !(MIN_SECONDS..MAX_SECONDS).contains(&time.as_second()) || time.as_nanosecond() < 0 {
        let message = format!("created_at is {:?}: the year must be from 1970 to 2200", shown(&written));
        return Err(Fault::new(RejectReason::BadTime, message));
    }
    Ok(Some(time))
}

fn from_number(number: &Number) -> Option<Timestamp> {
    match number.as_i64() {
        Some(whole) => from_epoch(whole),
        None => number.as_f64().and_then(from_fractional_epoch),
    }
}

fn from_epoch(whole: i64) -> Option<Timestamp> {
    match whole {
        MIN_MILLISECONDS.. => Timestamp::from_millisecond(whole).ok(),
        MIN_EPOCH_SECONDS.. => Timestamp::from_second(whole).ok(),
        _ => None,
    }
}

fn from_fractional_epoch(number: f64) -> Option<Timestamp> {
    if number < MIN_EPOCH_SECONDS as f64 {
        return None;
    }
    let seconds = if number >= MIN_MILLISECONDS as f64 { number / 1000.0 } else { number };
    let since_epoch = SignedDuration::try_from_secs_f64(seconds).ok()?;
    Timestamp::from_duration(since_epoch).ok()
}

fn from_text(text: &str) -> Option<Timestamp> {
    if text.bytes().all(|b| b.is_ascii_digit()) {
        return text.parse().ok().and_then(from_epoch);
    }
    if text.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return text.parse().ok().and_then(from_fractional_epoch);
    }
    if text.starts_with(|c: char| c.is_ascii_digit()) { from_iso(text) } else { from_twitter(text) }
}

/// Bytes of `YYYY-MM-DD`; a sign after them belongs to a zone.
const DATE_BYTES: usize = 10;

fn from_iso(text: &str) -> Option<Timestamp> {
    if let Some(local) = text.strip_suffix("UTC").or_else(|| text.strip_suffix("GMT")) {
        return in_utc(local.trim_end());
    }
    let zone = text.get(DATE_BYTES..)?.find(['Z', 'z', '+', '-']).map(|at| DATE_BYTES + at);
    match zone {
        None => in_utc(text),
        Some(at) => match text[..at].strip_suffix(' ') {
            Some(local) => format!("{local}{}", &text[at..]).parse().ok(),
            None => text.parse().ok(),
        },
    }
}

fn in_utc(local: &str) -> Option<Timestamp> {
    if local.get(DATE_BYTES..)?.contains(['Z', 'z', '+', '-']) {
        return None;
    }
    let local: DateTime = local.parse().ok()?;
    TimeZone::UTC.to_timestamp(local).ok()
}

fn from_twitter(text: &str) -> Option<Timestamp> {
    BrokenDownTime::parse("%a %b %d %H:%M:%S %z %Y", text).ok()?.to_timestamp().ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    #[test]
    fn times_in_every_spelling() {
        for (written, expected) in [
            (json!("2017-10-11T20:19:24Z"), "2017-10-11T20:19:24Z"),
            (json!("2017-10-11T20:19:24+02:00"), "2017-10-11T18:19:24Z"),
            (json!("2017-10-11T20:19:24.250Z"), "2017-10-11T20:19:24.25Z"),
            (json!("2017-10-11t20:19:24z"), "2017-10-11T20:19:24Z"),
            (json!("Wed Oct 11 20:19:24 +0000 2017"), "2017-10-11T20:19:24Z"),
            (json!("Wed Oct 11 20:19:24 +0200 2017"), "2017-10-11T18:19:24Z"),
            (json!("2017-10-11 20:19:24"), "2017-10-11T20:19:24Z"),
            (json!("2017-10-11 20:19"), "2017-10-11T20:19:00Z"),
            (json!("2017-10-11 20:19:24.0"), "2017-10-11T20:19:24Z"),
            (json!("2017-10-11 20:19:24 UTC"), "2017-10-11T20:19:24Z"),
            (json!("2017-10-11 20:19:24 Z"), "2017-10-11T20:19:24Z"),
            (json!("2017-10-11 20:19:24 -0800"), "2017-10-12T04:19:24Z"),
            (json!("2017-10-11 20:19:24-08:00"), "2017-10-12T04:19:24Z"),
            (json!("2017-10-11T20:19:24"), "2017-10-11T20:19:24Z"),
            (json!(" 2017-10-11 "), "2017-10-11T00:00:00Z"),
            (json!(1_507_753_164), "2017-10-11T20:19:24Z"),
            (json!(1_507_753_164.5), "2017-10-11T20:19:24.5Z"),
            (json!(1_507_753_164_000_i64), "2017-10-11T20:19:24Z"),
            (json!("1507753164"), "2017-10-11T20:19:24Z"),
            (json!("1507753164.0"), "2017-10-11T20:19:24Z"),
            (json!("1507753164123"), "2017-10-11T20:19:24.123Z"),
            (json!("1970-01-01"), "1970-01-01T00:00:00Z"),
            (json!("2200-12-31T23:59:59Z"), "2200-12-31T23:59:59Z"),
        ] {
            let parsed = parse_time(&written).unwrap_or_else(|fault| panic!("{written}: {}", fault.message));
            assert_eq!(parsed.unwrap().to_string(), expected, "{written}");
        }
        for absent in [json!(null), json!(""), json!("N/A"), json!(" - ")] {
            assert_eq!(parse_time(&absent).unwrap(), None);
        }
    }

    #[test]
    fn what_is_no_time_or_out_of_range() {
        for written in [
            json!("soon"),
            json!("24/02/2015"),
            json!("2015"),
            json!("20150224"),
            json!(2015),
            json!(0),
            json!("2017-13-11"),
            json!("2017-10-11Z"),
            json!("2017-10-11+02:00 UTC"),
            json!("2017-10-11 25:00:00"),
            json!("0000-01-01T00:00:00Z"),
            json!("9999-12-31T23:59:59Z"),
            json!("1969-12-31T23:59:59.5Z"),
            json!("2201-01-01T00:00:00Z"),
            json!("-0001-01-01T00:00:00Z"),
            json!("ééééééééééé"),
            json!("2017-10-1é"),
            json!(-1),
            json!(-0.5),
            json!(1e300),
            json!("."),
            json!("99999999999999999999999"),
            json!(u64::MAX),
            json!(true),
            json!([1]),
        ] {
            let reason = parse_time(&written).map_err(|fault| fault.reason);
            assert_eq!(reason, Err(RejectReason::BadTime), "{written}");
        }
    }
}
