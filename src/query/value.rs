//! The values of fields: whole values, numbers, times, hours and days of the week.

use std::ops::{Bound, RangeBounds};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, Zoned};

use super::field::NumberField;

/// Against what times in a query are understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryContext {
    /// Where days and hours begin.
    pub zone: TimeZone,
    /// What `now`, `today` and `-7d` count from.
    pub now: Timestamp,
}

impl Default for QueryContext {
    fn default() -> Self {
        QueryContext { zone: TimeZone::UTC, now: Timestamp::now() }
    }
}

/// A range of numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NumberRange {
    /// Where it begins.
    pub from: Bound<f64>,
    /// Where it ends.
    pub to: Bound<f64>,
}

impl NumberRange {
    /// True if a number lies in it.
    pub fn contains(&self, number: f64) -> bool {
        let after = match self.from {
            Bound::Included(from) => number >= from,
            Bound::Excluded(from) => number > from,
            Bound::Unbounded => true,
        };
        let before = match self.to {
            Bound::Included(to) => number <= to,
            Bound::Excluded(to) => number < to,
            Bound::Unbounded => true,
        };
        after && before
    }

    /// True if a count lies in it.
    pub fn contains_count(&self, count: i64) -> bool {
        let (from, to) = self.count_bounds();
        (from, to).contains(&count)
    }

    /// The same range in whole numbers; the bounds are whole where the field is a count.
    pub fn count_bounds(&self) -> (Bound<i64>, Bound<i64>) {
        (self.from.map(|n| n as i64), self.to.map(|n| n as i64))
    }
}

/// A range of time, in whole seconds since 1970: from one, until before another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TimeRange {
    /// The first second.
    pub from: Option<i64>,
    /// One past the last second.
    pub until: Option<i64>,
}

impl TimeRange {
    /// From one time until before another; fractions of a second are rounded up.
    pub fn between(since: Option<Timestamp>, until: Option<Timestamp>) -> TimeRange {
        let second = |time: Timestamp| whole_seconds(time) + i64::from(time.subsec_nanosecond() != 0);
        TimeRange { from: since.map(second), until: until.map(second) }
    }

    /// True if a second lies in it.
    pub fn contains(&self, second: i64) -> bool {
        self.from.is_none_or(|from| second >= from) && self.until.is_none_or(|until| second < until)
    }
}

/// A value as it is written: one, an open range, or a range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Written {
    Is(String),
    Above { bound: String, includes: bool },
    Below { bound: String, includes: bool },
    Between { from: Option<String>, to: Option<String>, includes_from: bool, includes_to: bool },
}

impl Written {
    /// Reads `5`, `>=5`, `<5`, `5..7`, `..7`.
    pub(super) fn read(text: &str) -> Written {
        let bound = |bound: &str| bound.trim().to_owned();
        if let Some(rest) = text.strip_prefix(">=") {
            Written::Above { bound: bound(rest), includes: true }
        } else if let Some(rest) = text.strip_prefix('>') {
            Written::Above { bound: bound(rest), includes: false }
        } else if let Some(rest) = text.strip_prefix("<=") {
            Written::Below { bound: bound(rest), includes: true }
        } else if let Some(rest) = text.strip_prefix('<') {
            Written::Below { bound: bound(rest), includes: false }
        } else if let Some((from, to)) = text.split_once("..") {
            let side = |side: &str| (!side.is_empty()).then(|| side.to_owned());
            Written::Between { from: side(from), to: side(to), includes_from: true, includes_to: true }
        } else {
            Written::Is(text.to_owned())
        }
    }
}

/// The range of numbers that a value means.
pub(super) fn number_range(field: NumberField, written: &Written) -> Result<NumberRange, String> {
    let number = |text: &String| -> Result<f64, String> {
        let parsed = if field.is_count() {
            // Counts are compared as numbers with 53 bits; more than that nobody counts.
            text.parse::<i64>().ok().filter(|n| n.unsigned_abs() < 1 << 53).map(|n| n as f64)
        } else {
            // Minus nothing is nothing.
            text.parse::<f64>().ok().filter(|n| n.is_finite()).map(|n| n + 0.0)
        };
        let kind = if field.is_count() { "a whole number" } else { "a number" };
        parsed.ok_or_else(|| {
            format!(
                "{} is {kind}: write {}:100, {0}:>=100, {0}:100..200 or {0}:[100 TO 200}}",
                field.name(),
                field.name()
            )
        })
    };
    let bound = |text: &String, includes: bool| {
        number(text).map(|n| if includes { Bound::Included(n) } else { Bound::Excluded(n) })
    };
    let side = |text: &Option<String>, includes: bool| {
        text.as_ref().map_or(Ok(Bound::Unbounded), |text| bound(text, includes))
    };
    Ok(match written {
        Written::Is(text) => NumberRange { from: bound(text, true)?, to: bound(text, true)? },
        Written::Above { bound: text, includes } => NumberRange { from: bound(text, *includes)?, to: Bound::Unbounded },
        Written::Below { bound: text, includes } => NumberRange { from: Bound::Unbounded, to: bound(text, *includes)? },
        Written::Between { from, to, includes_from, includes_to } => {
            NumberRange { from: side(from, *includes_from)?, to: side(to, *includes_to)? }
        }
    })
}

/// The range of time that a value means, and whether it depends on the time of asking.
pub(super) fn time_range(context: &QueryContext, written: &Written) -> Result<(TimeRange, bool), String> {
    let mut is_relative = false;
    let mut period = |text: &String| -> Result<Period, String> {
        let period = Period::read(context, text)?;
        is_relative |= period.is_relative;
        Ok(period)
    };
    let range = match written {
        // "-7d" alone means since then.
        Written::Is(text) if text.starts_with('-') => TimeRange { from: Some(period(text)?.start), until: None },
        Written::Is(text) => {
            let period = period(text)?;
            TimeRange { from: Some(period.start), until: Some(period.end) }
        }
        Written::Above { bound, includes } => {
            let period = period(bound)?;
            TimeRange { from: Some(if *includes { period.start } else { period.end }), until: None }
        }
        Written::Below { bound, includes } => {
            let period = period(bound)?;
            TimeRange { from: None, until: Some(if *includes { period.end } else { period.start }) }
        }
        Written::Between { from, to, includes_from, includes_to } => {
            let from = from.as_ref().map(&mut period).transpose()?;
            let to = to.as_ref().map(&mut period).transpose()?;
            TimeRange {
                from: from.map(|period| if *includes_from { period.start } else { period.end }),
                until: to.map(|period| if *includes_to { period.end } else { period.start }),
            }
        }
    };
    Ok((range, is_relative))
}

/// A second, a day, a month or a year.
struct Period {
    start: i64,
    /// One past its last second.
    end: i64,
    is_relative: bool,
}

const TIMES: &str = "a time is a day (2015-02-17), a month (2015-02), a year, a time (2015-02-17T10:30:00Z), now, today, yesterday, \
                     or so long ago (-30min, -24h, -7d, -2w, -3mo, -1y)";

impl Period {
    fn read(context: &QueryContext, text: &str) -> Result<Period, String> {
        let unknown = || format!("{text:?} is no time; {TIMES}");
        if let Ok(time) = text.parse::<Timestamp>() {
            return Ok(Period::second(time, false));
        }
        let now = context.now.to_zoned(context.zone.clone());
        match text {
            "now" => return Ok(Period::second(context.now, true)),
            "today" => return Period::days(context, now.date(), Span::new().days(1), true).ok_or_else(unknown),
            "yesterday" => {
                let yesterday = now.date().yesterday().map_err(|_| unknown())?;
                return Period::days(context, yesterday, Span::new().days(1), true).ok_or_else(unknown);
            }
            _ => {}
        }
        if let Some(ago) = text.strip_prefix('-') {
            let time = earlier(&now, ago).ok_or_else(unknown)?;
            return Ok(Period::second(time.timestamp(), true));
        }
        let whole = match text.len() {
            4 => Some((format!("{text}-01-01"), Span::new().years(1))),
            7 => Some((format!("{text}-01"), Span::new().months(1))),
            10 => Some((text.to_owned(), Span::new().days(1))),
            _ => None,
        };
        let (first, length) = whole.ok_or_else(unknown)?;
        let first: Date = first.parse().map_err(|_| unknown())?;
        Period::days(context, first, length, false).ok_or_else(|| format!("{text:?} is the last day that there is"))
    }

    fn second(time: Timestamp, is_relative: bool) -> Period {
        let start = whole_seconds(time);
        Period { start, end: start + 1, is_relative }
    }

    /// From the midnight of a day to that of a later one.
    fn days(context: &QueryContext, first: Date, length: Span, is_relative: bool) -> Option<Period> {
        let midnight = |date: Date| Some(date.to_zoned(context.zone.clone()).ok()?.timestamp().as_second());
        let next = first.checked_add(length).ok()?;
        Some(Period { start: midnight(first)?, end: midnight(next)?, is_relative })
    }
}

/// Seconds since 1970, rounded down.
pub(crate) fn whole_seconds(time: Timestamp) -> i64 {
    time.as_second() - i64::from(time.subsec_nanosecond() < 0)
}

/// The time so long before another.
fn earlier(now: &Zoned, ago: &str) -> Option<Zoned> {
    let digits = ago.bytes().take_while(u8::is_ascii_digit).count();
    let number: i64 = ago[..digits].parse().ok().filter(|&n: &i64| n <= 1_000_000)?;
    let span = Span::new();
    let span = match &ago[digits..] {
        "min" => span.try_minutes(number),
        "h" => span.try_hours(number),
        "d" => span.try_days(number),
        "w" => span.try_weeks(number),
        "mo" => span.try_months(number),
        "y" => span.try_years(number),
        _ => return None,
    };
    now.checked_sub(span.ok()?).ok()
}

pub(super) const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// The hours that a list such as `9,22..6` names, one bit each.
pub(super) fn hours(text: &str) -> Result<u32, String> {
    let hour = |text: &str| text.parse::<usize>().ok().filter(|hour| *hour < 24);
    cycle(text, 24, hour).ok_or_else(|| {
        format!("{text:?} is no hour; write hour:9, hour:9,13 or hour:22..6 (both are part of it), 0 to 23")
    })
}

/// The days that a list such as `mon..fri,sun` names, one bit each from Monday on.
pub(super) fn weekdays(text: &str) -> Result<u8, String> {
    let day = |text: &str| {
        let name = text.to_ascii_lowercase();
        WEEKDAYS.iter().position(|day| name.len() >= 3 && day.starts_with(&name))
    };
    let days = cycle(text, 7, day);
    days.map(|days| days as u8)
        .ok_or_else(|| format!("{text:?} is no day of the week; write weekday:sat,sun or weekday:mon..fri"))
}

/// The bits of a list of values and ranges in a cycle.
fn cycle(text: &str, length: usize, value: impl Fn(&str) -> Option<usize>) -> Option<u32> {
    let mut bits = 0;
    for part in text.split(',') {
        let (from, to) = match part.split_once("..") {
            Some((from, to)) => (value(from)?, value(to)?),
            None => (value(part)?, value(part)?),
        };
        for step in 0..=(to + length - from) % length {
            bits |= 1 << ((from + step) % length);
        }
    }
    Some(bits)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::query::Query;

    fn context(zone: &str) -> QueryContext {
        QueryContext { zone: TimeZone::get(zone).unwrap(), now: "2024-03-31T10:00:00Z".parse().unwrap() }
    }

    fn times(zone: &str, text: &str) -> (Option<String>, Option<String>) {
        let (range, _) = time_range(&context(zone), &Written::read(text)).unwrap();
        let show = |second: i64| Timestamp::from_second(second).unwrap().to_string();
        (range.from.map(show), range.until.map(show))
    }

    #[test]
    fn a_query_knows_whether_it_speaks_of_now() {
        // The day of asking has 25 hours, of which this is the first.
        let now = "2025-10-25T21:30:00Z".parse().unwrap();
        let context = QueryContext { zone: TimeZone::get("Europe/Riga").unwrap(), now };
        for (query, is_relative) in
            [("created_at:today", true), ("late -(slow created_at:>=-7d)", true), ("late created_at:2015", false)]
        {
            assert_eq!(Query::parse(query, &context).unwrap().is_relative, is_relative, "{query}");
        }
    }

    #[test]
    fn times_are_periods() {
        let cases = [
            ("2015-02-17", "2015-02-17T00:00:00Z", "2015-02-18T00:00:00Z"),
            ("2015-02", "2015-02-01T00:00:00Z", "2015-03-01T00:00:00Z"),
            ("2015", "2015-01-01T00:00:00Z", "2016-01-01T00:00:00Z"),
            ("2015-02-17..2015-02-18", "2015-02-17T00:00:00Z", "2015-02-19T00:00:00Z"),
            ("2015-02-17T10:00:00.7Z", "2015-02-17T10:00:00Z", "2015-02-17T10:00:01Z"),
            ("yesterday..now", "2024-03-30T00:00:00Z", "2024-03-31T10:00:01Z"),
            (">2015-02-17", "2015-02-18T00:00:00Z", ""),
            (">=2015-02-17", "2015-02-17T00:00:00Z", ""),
            ("<=2015-02-17", "", "2015-02-18T00:00:00Z"),
            ("<2015-02-17", "", "2015-02-17T00:00:00Z"),
            ("-24h", "2024-03-30T10:00:00Z", ""),
            ("-3mo", "2023-12-31T10:00:00Z", ""),
        ];
        for (text, from, until) in cases {
            let expected = [from, until].map(|time| (!time.is_empty()).then(|| time.to_owned()));
            assert_eq!(times("UTC", text), expected.into(), "{text}");
        }
    }

    #[test]
    fn days_follow_the_zone() {
        // The clocks went forward that night: the day has 23 hours.
        let day = times("Europe/Riga", "today");
        assert_eq!(day, (Some("2024-03-30T22:00:00Z".to_owned()), Some("2024-03-31T21:00:00Z".to_owned())));
        assert_eq!(times("Europe/Riga", "-1d").0.unwrap(), "2024-03-30T11:00:00Z");
    }

    #[test]
    fn lists_of_hours_and_days_may_pass_midnight() {
        assert_eq!(hours("22..1,5"), Ok(1 << 22 | 1 << 23 | 1 | 2 | 32));
        assert_eq!(weekdays("sat,Sunday"), Ok(0b110_0000));
        assert_eq!(weekdays("fri..mon"), Ok(0b111_0001));
        assert!(hours("24").is_err() && hours("").is_err() && weekdays("sonntag").is_err() && weekdays("x").is_err());
    }

    #[test]
    fn wrong_values_say_what_is_right() {
        let number = |field, text: &str| number_range(field, &Written::read(text)).unwrap_err();
        assert!(number(NumberField::Likes, "1.5").contains("whole number"));
        assert!(number(NumberField::Rating, ">x").contains("a number"));
        for text in ["tomorrow", "2015-13", "-5x", "-99999999999d", "", "20", "-", "2015-02-30"] {
            assert!(time_range(&context("UTC"), &Written::read(text)).is_err(), "{text}");
        }
        assert!(time_range(&context("UTC"), &Written::read("9999-12-31")).unwrap_err().contains("last day"));
    }
}
