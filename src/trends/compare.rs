//! Comparison with the period before.

use std::collections::{HashMap, HashSet};

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Zoned};
use serde::Serialize;

use super::error::TrendError;
use super::figures::{round, share};
use super::net_sentiment::NetSentiment;
use super::request::TrendRequest;
use crate::index::{Buckets, Measures, Selection, Sums, TallyRequest};
use crate::query::QueryContext;
use crate::text::keys::keyword_key;

/// What the report is compared with, and how all mentions changed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// First moment of the period before.
    pub since: Timestamp,
    /// Where it ends: where the reported one begins.
    pub until: Timestamp,
    /// How it was chosen, in words.
    pub rule: String,
    /// From all mentions of that period to all of the reported one.
    #[serde(flatten)]
    pub change: Change,
}

/// How some mentions changed from one period to the next.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Change {
    /// Mentions in the period before.
    pub previous: u64,
    /// How many more there are now.
    pub absolute: i64,
    /// The same as a part of those before (0.5: half as many more), four decimals; `None` where there were none.
    pub relative: Option<f64>,
    /// How many percentage points their share of all mentions rose; `None` where one of the periods has no mentions.
    pub share_points: Option<f64>,
    /// How many points (hundredths) net sentiment rose; `None` where it was not asked for, or in one of the periods nothing
    /// is scored.
    pub net_points: Option<f64>,
}

/// The mentions of the period before.
pub(super) struct Previous {
    since: Timestamp,
    until: Timestamp,
    rule: String,
    all: Sums,
    values: HashMap<String, (String, Sums)>,
}

/// Where a period ends that has no end of its own: behind the newest mention of the whole index, so that it is the same for
/// all queries, and for those that nothing selects any more.
fn end_of_data(reported: &Selection, since: Timestamp, context: &QueryContext) -> Result<Timestamp, TrendError> {
    let range = reported.again("", Some(since), None, context)?.time_span()?.range;
    let end = range.and_then(|range| Timestamp::from_second(range.end() + 1).ok());
    end.ok_or(TrendError::CompareUntil { since })
}

/// A period, in the calendar of a zone.
#[derive(Debug, PartialEq)]
struct Period {
    since: Timestamp,
    rule: String,
}

impl Previous {
    /// Counts the period before that of a request, in the state of the index that was selected from; `None` where the one of
    /// the request is empty.
    pub(super) fn count(
        reported: &Selection,
        request: &TrendRequest,
        context: &QueryContext,
    ) -> Result<Option<Previous>, TrendError> {
        let since = request.since.ok_or(TrendError::CompareSince)?;
        let until = match request.until {
            Some(until) => until,
            None => end_of_data(reported, since, context)?,
        };
        let Some(Period { since: start, rule }) = Period::before(&context.zone, since, until) else { return Ok(None) };
        let selection = reported.again(&request.query, Some(start), Some(since), context)?;
        let measures = Measures { net: true, ..Measures::default() };
        let mut tally =
            selection.tally(&TallyRequest { measures, ..TallyRequest::counts(Buckets::Whole, request.by) })?;
        let value = |(number, name): (u32, String)| {
            let sums = tally.value_sums.remove(&number).unwrap_or_default();
            (keyword_key(&name), (name, sums))
        };
        let values = (0..).zip(std::mem::take(&mut tally.values)).map(value).collect();
        Ok(Some(Previous { since: start, until: since, rule, all: tally.sums, values }))
    }

    /// The values that only the period before has.
    pub(super) fn vanished(&self, present: &[String]) -> Vec<String> {
        let present: HashSet<String> = present.iter().map(|name| keyword_key(name)).collect();
        let mut vanished: Vec<String> =
            self.values.iter().filter(|(key, _)| !present.contains(*key)).map(|(_, (name, _))| name.clone()).collect();
        vanished.sort();
        vanished
    }

    /// How a value changed, given its sums and all mentions of the reported period.
    pub(super) fn change_of(&self, value: &str, now: &Sums, all: u64) -> Change {
        let before = self.values.get(&keyword_key(value)).map(|(_, sums)| sums.clone()).unwrap_or_default();
        Change::between((&before, self.all.mentions), (now, all))
    }

    /// How all mentions changed.
    pub(super) fn comparison(&self, now: &Sums) -> Comparison {
        let change = Change::between((&self.all, self.all.mentions), (now, now.mentions));
        Comparison { since: self.since, until: self.until, rule: self.rule.clone(), change }
    }
}

impl Change {
    fn between((before, all_before): (&Sums, u64), (now, all_now): (&Sums, u64)) -> Change {
        let absolute = now.mentions as i64 - before.mentions as i64;
        let points = |now: Option<f64>, before: Option<f64>| Some(round(100.0 * (now? - before?)));
        let net = |sums: &Sums| NetSentiment::of(sums.labels).value;
        Change {
            previous: before.mentions,
            absolute,
            relative: (before.mentions > 0).then(|| round(absolute as f64 / before.mentions as f64)),
            share_points: points(share(now.mentions, all_now), share(before.mentions, all_before)),
            net_points: points(net(now), net(before)),
        }
    }
}

impl Period {
    /// The period before another one: of as many days where it consists of whole days, else of as many seconds.
    fn before(zone: &TimeZone, since: Timestamp, until: Timestamp) -> Option<Period> {
        if since >= until {
            return None;
        }
        let (first, end) = (since.to_zoned(zone.clone()), until.to_zoned(zone.clone()));
        let is_midnight = |time: &Zoned| time.start_of_day().is_ok_and(|start| start == *time);
        if is_midnight(&first) && is_midnight(&end) {
            let days = first.date().until(end.date()).ok()?.get_days();
            let start = first.date().checked_sub(days.days()).ok()?.to_zoned(zone.clone()).ok()?;
            let since = start.start_of_day().ok()?.timestamp();
            let days = if days == 1 { "day".to_owned() } else { format!("{days} days") };
            return Some(Period { since, rule: format!("the {days} before, in the calendar of the zone") });
        }
        let seconds = until.as_second() - since.as_second();
        let since = since.checked_sub(seconds.seconds()).ok()?;
        Some(Period { since, rule: format!("the {} before", length(seconds)) })
    }
}

/// A length of time as people write it: `14 d 21 h 18 min 29 s`.
fn length(seconds: i64) -> String {
    let units = [(seconds / 86_400, "d"), (seconds / 3_600 % 24, "h"), (seconds / 60 % 60, "min"), (seconds % 60, "s")];
    let parts = units.iter().filter(|(number, _)| *number > 0).map(|(number, unit)| format!("{number} {unit}"));
    parts.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn before(zone: &str, since: &str, until: &str) -> (String, String) {
        let time = |time: &str| time.parse::<Timestamp>().unwrap();
        let period = Period::before(&TimeZone::get(zone).unwrap(), time(since), time(until)).unwrap();
        (period.since.to_string(), period.rule)
    }

    #[test]
    fn days_are_counted_as_days_and_the_rest_as_seconds() {
        let days = |n: &str| format!("the {n} before, in the calendar of the zone");
        // The clocks went forward on the 29th: that day had 23 hours.
        assert_eq!(before("Europe/Riga", "2015-03-29T22:00:00Z", "2015-03-30T21:00:00Z").1, "the 23 h before");
        assert_eq!(
            before("Europe/Riga", "2015-03-29T21:00:00Z", "2015-03-30T21:00:00Z"),
            ("2015-03-28T22:00:00Z".to_owned(), days("day"))
        );
        assert_eq!(
            before("Europe/Riga", "2015-03-25T22:00:00Z", "2015-03-31T21:00:00Z"),
            ("2015-03-19T22:00:00Z".to_owned(), days("6 days"))
        );
        // The day before began at one o'clock.
        assert_eq!(
            before("America/Sao_Paulo", "2017-10-16T02:00:00Z", "2017-10-17T02:00:00Z"),
            ("2017-10-15T03:00:00Z".to_owned(), days("day"))
        );
        assert_eq!(
            before("UTC", "2015-03-29T10:00:00Z", "2015-03-29T11:30:00Z"),
            ("2015-03-29T08:30:00Z".to_owned(), "the 1 h 30 min before".to_owned())
        );
        assert_eq!(Period::before(&TimeZone::UTC, Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH), None);
    }

    #[test]
    fn changes_by_hand() {
        let sums = |labels: [u64; 3], mentions| Sums { mentions, labels, ..Sums::default() };
        let change = Change::between((&sums([1, 0, 3], 5), 10), (&sums([4, 0, 0], 4), 40));
        let expected = Change {
            previous: 5,
            absolute: -1,
            relative: Some(-0.2),
            share_points: Some(-40.0),
            net_points: Some(-150.0),
        };
        assert_eq!(change, expected);
        let change = Change::between((&Sums::default(), 0), (&sums([0; 3], 4), 4));
        assert_eq!((change.relative, change.share_points, change.net_points), (None, None, None));
    }
}
