//! Where moments lie on a chart.

use jiff::{Timestamp, ToSpan, Zoned};

use super::TimeAxis;

/// Clock changes are told of charts over fewer days.
const CLOCK_CHANGE_DAYS: f64 = 32.0;
pub(super) const SECONDS_PER_DAY: f64 = 86_400.0;

/// Places of moments, by the time that has passed: a day of 25 hours is wider than one of 23.
#[derive(Debug, Clone, Copy)]
pub(super) struct TimeScale {
    first: f64,
    span: f64,
    pub left: f64,
    pub right: f64,
}

impl TimeScale {
    pub fn new(x: &TimeAxis, left: f64, right: f64) -> TimeScale {
        let first = x.starts.first().map_or(0.0, |start| seconds(start.timestamp()));
        TimeScale { first, span: (seconds(x.end.timestamp()) - first).max(1e-3), left, right }
    }

    pub fn at(&self, moment: Timestamp) -> f64 {
        let part = (seconds(moment) - self.first) / self.span;
        self.left + part.clamp(0.0, 1.0) * (self.right - self.left)
    }

    /// The places between which a bucket lies.
    pub fn bucket(&self, x: &TimeAxis, bucket: usize) -> (f64, f64) {
        let start = x.starts.get(bucket).unwrap_or(&x.end);
        let end = x.starts.get(bucket + 1).unwrap_or(&x.end);
        (self.at(start.timestamp()), self.at(end.timestamp()))
    }

    /// The middle of each bucket.
    pub fn middles(&self, x: &TimeAxis) -> Vec<f64> {
        let middle = |bucket| {
            let (start, end) = self.bucket(x, bucket);
            (start + end) / 2.0
        };
        (0..x.starts.len()).map(middle).collect()
    }
}

pub(super) fn seconds(moment: Timestamp) -> f64 {
    moment.as_millisecond() as f64 / 1e3
}

/// The length of the shortest bucket, in seconds.
pub(super) fn shortest_bucket(x: &TimeAxis) -> f64 {
    let ends = x.starts.iter().skip(1).chain([&x.end]);
    let lengths = x.starts.iter().zip(ends).map(|(start, end)| seconds(end.timestamp()) - seconds(start.timestamp()));
    lengths.fold(f64::INFINITY, f64::min)
}

/// What readers must know of the axis: its zone, and where clocks change within it.
pub(super) fn notes(x: &TimeAxis) -> Vec<String> {
    let Some(first) = x.starts.first() else { return Vec::new() };
    let zone = first.time_zone().iana_name().map_or_else(|| format!("UTC{}", first.strftime("%:z")), str::to_owned);
    let mut notes = vec![format!("Times in {zone}.")];
    let days = (seconds(x.end.timestamp()) - seconds(first.timestamp())) / SECONDS_PER_DAY;
    if days < CLOCK_CHANGE_DAYS {
        let changes = first.time_zone().following(first.timestamp()).map(|change| change.timestamp());
        let within = changes.take_while(|change| *change < x.end.timestamp());
        notes.extend(within.filter_map(|change| clock_change(&change.to_zoned(first.time_zone().clone()))));
    }
    notes
}

fn clock_change(after: &Zoned) -> Option<String> {
    let midnight = after.start_of_day().ok()?;
    let next = midnight.checked_add(1.day()).ok()?.start_of_day().ok()?;
    let hours = (seconds(next.timestamp()) - seconds(midnight.timestamp())) / 3_600.0;
    (hours != 24.0).then(|| format!("Clocks change on {}: that day has {hours} hours.", after.strftime("%-d %b %Y")))
}
