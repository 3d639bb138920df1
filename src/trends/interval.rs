//! Intervals: how long a bucket is, and where buckets begin in a time zone.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan};
use serde::{Serialize, Serializer};

const MINUTES_PER_DAY: u32 = 24 * 60;

/// The length of a bucket.
///
/// Days begin at midnight (or when the clock first shows a time of that day), weeks on Monday, months on their first
/// day, all in the time zone of the report; a day on which the clock changes is as long as it is. Shorter buckets begin
/// at full multiples of their length after midnight as the clock shows it, and anew wherever the clock changes: an hour
/// that the clock shows twice makes two buckets, and no bucket is longer than its name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Interval(Step);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Step {
    /// Fewer than a day has, and a day is a multiple of them.
    Minutes(u32),
    Day,
    Week,
    Month,
    /// Everything in one bucket.
    All,
}

/// What was written is not an interval.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is not an interval; write 1d, 1w or 1mo, minutes or hours that divide a day, such as 15m, 1h, 3h or 12h, or all"
)]
pub struct IntervalError(String);

impl Interval {
    /// One calendar day.
    pub const DAY: Interval = Interval(Step::Day);
    /// Seven days from Monday.
    pub const WEEK: Interval = Interval(Step::Week);
    /// One calendar month.
    pub const MONTH: Interval = Interval(Step::Month);
    /// The whole period.
    pub const ALL: Interval = Interval(Step::All);

    /// The buckets that cover a range of seconds since 1970: where each begins, ascending, the first one at or before the
    /// range's start, the last one at or before its end; and behind them where the last one ends. `None` where there would
    /// be more than `max_buckets`, or where the range leaves the calendar.
    pub(super) fn edges(self, zone: &TimeZone, range: &RangeInclusive<i64>, max_buckets: usize) -> Option<Vec<i64>> {
        let (first, last) = (*range.start(), *range.end());
        let mut next: Box<dyn FnMut() -> Option<i64>> = match self.0 {
            Step::All => return Some(vec![first, last + 1]),
            Step::Minutes(minutes) => Box::new(clock_starts(zone, first, i64::from(minutes) * 60)),
            Step::Day | Step::Week | Step::Month => Box::new(self.calendar_starts(zone, first)?),
        };
        let mut starts: Vec<i64> = Vec::new();
        loop {
            let start = next()?;
            if start > last && !starts.is_empty() {
                starts.push(start);
                return Some(starts);
            }
            // A clock set back over midnight shows the end of the day before once more: it belongs to the day begun.
            if start <= first {
                starts.clear();
            }
            // A day that a zone left out begins when the next one does.
            if starts.last() != Some(&start) {
                starts.push(start);
            }
            if starts.len() > max_buckets {
                return None;
            }
        }
    }

    fn calendar_starts(self, zone: &TimeZone, first: i64) -> Option<impl FnMut() -> Option<i64>> {
        let day = Timestamp::from_second(first).ok()?.to_zoned(zone.clone()).date();
        let (mut date, step): (Date, Span) = match self.0 {
            Step::Month => (day.first_of_month(), 1.month()),
            Step::Week => (day.checked_sub(i64::from(day.weekday().to_monday_zero_offset()).days()).ok()?, 1.week()),
            Step::Day | Step::Minutes(_) | Step::All => (day, 1.day()),
        };
        Some(move || {
            let start = date.to_zoned(zone.clone()).ok()?.start_of_day().ok()?;
            date = date.checked_add(step).ok()?;
            Some(start.timestamp().as_second())
        })
    }
}

/// The starts of buckets that follow the clock, from the one that holds `first` on.
fn clock_starts(zone: &TimeZone, first: i64, step_seconds: i64) -> impl FnMut() -> Option<i64> {
    let mut following = None;
    move || {
        let start = match following {
            Some(start) => start,
            None => {
                let offset = offset_seconds(zone, first)?;
                let start = first - (first + offset).rem_euclid(step_seconds);
                last_clock_change(zone, start, first, offset)?.unwrap_or(start)
            }
        };
        let offset = offset_seconds(zone, start)?;
        let end = start - (start + offset).rem_euclid(step_seconds) + step_seconds;
        following = Some(first_clock_change(zone, start, end, offset)?.unwrap_or(end));
        Some(start)
    }
}

fn offset_seconds(zone: &TimeZone, second: i64) -> Option<i64> {
    let time = Timestamp::from_second(second).ok()?;
    Some(i64::from(zone.to_offset(time).seconds()))
}

/// When, after `start` and up to `end`, the clock was last changed to `offset`.
fn last_clock_change(zone: &TimeZone, start: i64, end: i64, offset: i64) -> Option<Option<i64>> {
    let after_end = Timestamp::from_second(end + 1).ok()?;
    let changes = zone.preceding(after_end).map(|change| change.timestamp().as_second());
    for change in changes.take_while(|&change| change > start) {
        if offset_seconds(zone, change - 1)? != offset {
            return Some(Some(change));
        }
    }
    Some(None)
}

/// When, after `start` and before `end`, the clock is first changed from `offset`.
fn first_clock_change(zone: &TimeZone, start: i64, end: i64, offset: i64) -> Option<Option<i64>> {
    let changes = zone.following(Timestamp::from_second(start).ok()?).map(|change| change.timestamp().as_second());
    for change in changes.take_while(|&change| change < end) {
        if offset_seconds(zone, change)? != offset {
            return Some(Some(change));
        }
    }
    Some(None)
}

impl FromStr for Interval {
    type Err = IntervalError;

    fn from_str(text: &str) -> Result<Interval, IntervalError> {
        let refused = || IntervalError(text.to_owned());
        if text == "all" {
            return Ok(Interval::ALL);
        }
        let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).ok_or_else(refused)?);
        let number: u32 = number.parse().map_err(|_| refused())?;
        let minutes = match (number, unit) {
            (1, "d") => return Ok(Interval::DAY),
            (1, "w") => return Ok(Interval::WEEK),
            (1, "mo") => return Ok(Interval::MONTH),
            (hours, "h") => hours.checked_mul(60).ok_or_else(refused)?,
            (minutes, "m") => minutes,
            _ => return Err(refused()),
        };
        match minutes {
            MINUTES_PER_DAY => Ok(Interval::DAY),
            1.. if MINUTES_PER_DAY.is_multiple_of(minutes) => Ok(Interval(Step::Minutes(minutes))),
            _ => Err(refused()),
        }
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Step::Minutes(minutes) if minutes.is_multiple_of(60) => write!(f, "{}h", minutes / 60),
            Step::Minutes(minutes) => write!(f, "{minutes}m"),
            Step::Day => f.write_str("1d"),
            Step::Week => f.write_str("1w"),
            Step::Month => f.write_str("1mo"),
            Step::All => f.write_str("all"),
        }
    }
}

impl Serialize for Interval {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn intervals_are_read_and_written() {
        let cases = [
            ("15m", "15m"),
            ("60m", "1h"),
            ("3h", "3h"),
            ("1440m", "1d"),
            ("24h", "1d"),
            ("all", "all"),
            ("1d", "1d"),
            ("1w", "1w"),
            ("1mo", "1mo"),
        ];
        for (text, written) in cases {
            assert_eq!(text.parse::<Interval>().unwrap().to_string(), written);
        }
        for text in
            ["", "d", "1", "0m", "7m", "5h", "48h", "2d", "1y", "-1h", "1 d", "99999999999h", "１d", "4294967295h"]
        {
            assert!(text.parse::<Interval>().is_err(), "{text}");
        }
    }

    /// The starts of the buckets from one time to another, as the clocks of the zone show them.
    fn starts(interval: &str, zone: &str, first: &str, last: &str) -> Vec<String> {
        let zone = TimeZone::get(zone).unwrap();
        let second = |time: &str| time.parse::<Timestamp>().unwrap().as_second();
        let range = second(first)..=second(last);
        let mut starts = interval.parse::<Interval>().unwrap().edges(&zone, &range, 100).unwrap();
        assert!(starts.pop() > Some(*range.end()));
        let shown = |&start: &i64| {
            let time = Timestamp::from_second(start).unwrap().to_zoned(zone.clone());
            time.strftime("%m-%d %H:%M %:z").to_string()
        };
        starts.iter().map(shown).collect()
    }

    #[test]
    fn days_are_as_long_as_the_clock_makes_them() {
        assert_eq!(
            starts("1d", "Europe/Riga", "2015-03-28T12:00:00Z", "2015-03-29T21:00:00Z"),
            ["03-28 00:00 +02:00", "03-29 00:00 +02:00", "03-30 00:00 +03:00"]
        );
        assert_eq!(
            starts("1w", "Europe/Riga", "2015-10-25T12:00:00Z", "2015-10-25T23:00:00Z"),
            ["10-19 00:00 +03:00", "10-26 00:00 +02:00"]
        );
        assert_eq!(
            starts("1mo", "Asia/Kolkata", "2015-01-31T18:29:59Z", "2015-01-31T18:30:00Z"),
            ["01-01 00:00 +05:30", "02-01 00:00 +05:30"]
        );
    }

    #[test]
    fn hours_follow_the_clock_and_begin_anew_where_it_changes() {
        assert_eq!(
            starts("1h", "America/New_York", "2015-11-01T05:30:00Z", "2015-11-01T07:00:00Z"),
            ["11-01 01:00 -04:00", "11-01 01:00 -05:00", "11-01 02:00 -05:00"]
        );
        assert_eq!(
            starts("3h", "America/New_York", "2015-03-08T06:00:00Z", "2015-03-08T10:00:00Z"),
            ["03-08 00:00 -05:00", "03-08 03:00 -04:00", "03-08 06:00 -04:00"]
        );
        assert_eq!(
            starts("1h", "Australia/Lord_Howe", "2015-04-04T14:15:00Z", "2015-04-04T15:40:00Z"),
            ["04-05 01:00 +11:00", "04-05 01:30 +10:30", "04-05 02:00 +10:30"]
        );
        assert_eq!(
            starts("1h", "Australia/Lord_Howe", "2015-04-04T15:10:00Z", "2015-04-04T15:10:00Z"),
            ["04-05 01:30 +10:30"]
        );
    }

    #[test]
    fn odd_days_of_odd_zones_have_one_bucket_each() {
        // Apia left out the 30th of December 2011.
        assert_eq!(
            starts("1d", "Pacific/Apia", "2011-12-30T09:00:00Z", "2011-12-31T11:00:00Z"),
            ["12-29 00:00 -10:00", "12-31 00:00 +14:00", "01-01 00:00 +14:00"]
        );
        // St John's set its clocks back from 00:01 to 23:01 of the day before.
        assert_eq!(
            starts("1d", "America/St_Johns", "2010-11-07T03:00:00Z", "2010-11-07T12:00:00Z"),
            ["11-07 00:00 -02:30"]
        );
    }

    #[test]
    fn too_many_buckets_are_refused() {
        let range = 0..=1_000_000_000;
        assert_eq!(Interval::DAY.edges(&TimeZone::UTC, &range, 10_000), None);
        assert_eq!(Interval::DAY.edges(&TimeZone::UTC, &(0..=86_400), 2), Some(vec![0, 86_400, 172_800]));
        assert_eq!(Interval::DAY.edges(&TimeZone::UTC, &(0..=86_400), 1), None);
        assert_eq!(Interval::ALL.edges(&TimeZone::UTC, &range, 1), Some(vec![0, 1_000_000_001]));
    }
}
