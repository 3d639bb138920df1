//! The marks and labels of a time axis: full hours, days, months as the zone has them, as many as have room.

use jiff::civil::Date;
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{Timestamp, ToSpan, Zoned};

use super::TimeAxis;
use super::canvas::Anchor;
use super::sheet::WIDTH;
use super::text::Font;
use super::time::{SECONDS_PER_DAY, TimeScale, seconds, shortest_bucket};

/// Most marks of an axis.
const MAX_TICKS: f64 = 40.0;
/// Most labels of an axis; more would fit, and would be hard to read.
const MAX_LABELS: usize = 16;
/// Free between two labels.
const GAP: f64 = 14.0;
/// Free at the edge of the picture.
const EDGE: f64 = 4.0;

/// A text below the axis.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Label {
    pub x: f64,
    pub anchor: Anchor,
    pub text: String,
}

/// What is drawn below the axis.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Ticks {
    pub marks: Vec<f64>,
    pub labels: Vec<Label>,
    /// The second line: the day of hours, the month of days, the year of months, where it changes.
    pub unders: Vec<Label>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unit {
    Minute,
    Day,
    Month,
    Year,
}

/// Every how many units there is a mark, and how it is labelled.
#[derive(Debug, Clone, Copy)]
struct Step {
    unit: Unit,
    count: i32,
    format: &'static str,
}

const fn step(unit: Unit, count: i32, format: &'static str) -> Step {
    Step { unit, count, format }
}

const CLOCK: &str = "%H:%M";
/// From fine to coarse. Seven days are weeks from Monday.
const STEPS: [Step; 28] = [
    step(Unit::Minute, 1, CLOCK),
    step(Unit::Minute, 2, CLOCK),
    step(Unit::Minute, 5, CLOCK),
    step(Unit::Minute, 10, CLOCK),
    step(Unit::Minute, 15, CLOCK),
    step(Unit::Minute, 30, CLOCK),
    step(Unit::Minute, 60, CLOCK),
    step(Unit::Minute, 120, CLOCK),
    step(Unit::Minute, 180, CLOCK),
    step(Unit::Minute, 360, CLOCK),
    step(Unit::Minute, 720, CLOCK),
    step(Unit::Day, 1, "%a %-d"),
    step(Unit::Day, 1, "%-d"),
    step(Unit::Day, 2, "%-d"),
    step(Unit::Day, 7, "%-d"),
    step(Unit::Day, 14, "%-d"),
    step(Unit::Month, 1, "%b"),
    step(Unit::Month, 2, "%b"),
    step(Unit::Month, 3, "%b"),
    step(Unit::Month, 6, "%b"),
    step(Unit::Year, 1, "%Y"),
    step(Unit::Year, 2, "%Y"),
    step(Unit::Year, 5, "%Y"),
    step(Unit::Year, 10, "%Y"),
    step(Unit::Year, 20, "%Y"),
    step(Unit::Year, 50, "%Y"),
    step(Unit::Year, 100, "%Y"),
    step(Unit::Year, 500, "%Y"),
];

/// The finest marks whose labels have room, none finer than the buckets; where there are none, the start and the end.
pub(super) fn time_ticks(x: &TimeAxis, scale: TimeScale) -> Ticks {
    let Some(first) = x.starts.first() else { return Ticks::default() };
    let axis = Axis { first, end: &x.end, bucket: shortest_bucket(x), buckets: x.starts.len(), scale };
    STEPS.iter().find_map(|step| axis.ticks(*step)).unwrap_or_else(|| ends(first, &x.end, scale))
}

fn ends(first: &Zoned, end: &Zoned, scale: TimeScale) -> Ticks {
    let written = |moment: &Zoned| moment.strftime("%-d %b %Y %H:%M").to_string();
    let start = Label { x: scale.left, anchor: Anchor::Start, text: written(first) };
    let end = Label { x: scale.right, anchor: Anchor::End, text: written(end) };
    Ticks { marks: vec![scale.left, scale.right], labels: vec![start, end], unders: Vec::new() }
}

struct Axis<'a> {
    first: &'a Zoned,
    end: &'a Zoned,
    /// Seconds of the shortest bucket.
    bucket: f64,
    buckets: usize,
    scale: TimeScale,
}

/// A mark with its label, before it is known to have room.
struct Tick {
    moment: Zoned,
    label: Option<Label>,
}

impl Axis<'_> {
    fn ticks(&self, step: Step) -> Option<Ticks> {
        let span = seconds(self.end.timestamp()) - seconds(self.first.timestamp());
        // A tenth is for months, and for days on which clocks change.
        if step.seconds() * 1.1 < self.bucket || span / step.seconds() > MAX_TICKS {
            return None;
        }
        let ticks: Option<Vec<Tick>> =
            step.moments(self.first, self.end).into_iter().map(|moment| self.tick(step, moment)).collect();
        let ticks = ticks?;
        let labelled: Vec<(&Zoned, &Label)> =
            ticks.iter().filter_map(|tick| Some((&tick.moment, tick.label.as_ref()?))).collect();
        if !(self.buckets.min(2)..=MAX_LABELS).contains(&labelled.len()) {
            return None;
        }
        let labels: Vec<Label> = labelled.iter().map(|(_, label)| (*label).clone()).collect();
        if overlapping(&labels).is_some() {
            return None;
        }
        let is_inside = |tick: &&Tick| tick.moment >= *self.first && tick.moment <= *self.end;
        let marks = ticks.iter().filter(is_inside).map(|tick| self.scale.at(tick.moment.timestamp())).collect();
        Some(Ticks { marks, unders: unders(step, &labelled)?, labels })
    }

    /// A mark; `None` where its label has no room that it should have.
    fn tick(&self, step: Step, moment: Zoned) -> Option<Tick> {
        let text = moment.strftime(step.format).to_string();
        let width = Font::LABEL.width(&text);
        let (start, end, is_whole) = self.visible_part(step, &moment);
        let x = (start + end) / 2.0;
        let is_period = step.count == 1 && step.unit != Unit::Minute;
        if is_period && is_whole && width + 4.0 > end - start {
            return None;
        }
        let names_the_end = step.unit != Unit::Minute && moment >= *self.end;
        let has_room = if is_period { width + 4.0 <= end - start } else { moment >= *self.first && !names_the_end };
        let in_picture = x - width / 2.0 >= EDGE && x + width / 2.0 <= WIDTH - EDGE;
        let label = (has_room && in_picture).then_some(Label { x, anchor: Anchor::Middle, text });
        Some(Tick { moment, label })
    }

    /// The part of the axis that a label names, and whether all of it is on the axis: a moment for clock times, else the
    /// day, month or year, or the bucket that begins with it if that is longer.
    fn visible_part(&self, step: Step, moment: &Zoned) -> (f64, f64, bool) {
        let start = moment.timestamp();
        let end = step.unit.next(moment).map_or(start, |next| next.timestamp());
        let bucket_end = Timestamp::from_millisecond(start.as_millisecond().saturating_add((self.bucket * 1e3) as i64));
        let end = if step.unit == Unit::Minute { start } else { end.max(bucket_end.unwrap_or(end)) };
        let is_whole = start >= self.first.timestamp() && end <= self.end.timestamp();
        (self.scale.at(start), self.scale.at(end), is_whole)
    }
}

/// The second line; `None` where it has no room.
fn unders(step: Step, labelled: &[(&Zoned, &Label)]) -> Option<Vec<Label>> {
    let (short, long) = match step.unit {
        Unit::Minute => ("%-d %b", "%-d %b %Y"),
        Unit::Day => ("%b", "%b %Y"),
        Unit::Month => ("%Y", "%Y"),
        Unit::Year => return Some(Vec::new()),
    };
    let mut changes: Vec<(&Zoned, f64)> = Vec::new();
    for (moment, label) in labelled {
        let is_change = |last: &(&Zoned, f64)| last.0.strftime(long).to_string() != moment.strftime(long).to_string();
        if changes.last().is_none_or(is_change) {
            changes.push((moment, label.x));
        }
    }
    let labels = |changes: &[(&Zoned, f64)]| -> Vec<Label> {
        let text = |i: usize, moment: &Zoned| {
            let year_is_known = i > 0 && changes[i - 1].0.year() == moment.year();
            moment.strftime(if year_is_known { short } else { long }).to_string()
        };
        changes.iter().enumerate().map(|(i, (moment, x))| in_picture(*x, text(i, moment))).collect()
    };
    match overlapping(&labels(&changes)) {
        None => Some(labels(&changes)),
        // What is left of the first day or month is too narrow; the next one says enough.
        Some(0) if overlapping(&labels(&changes[1..])).is_none() => Some(labels(&changes[1..])),
        Some(_) => None,
    }
}

/// A label, moved as far as it must to be in the picture.
fn in_picture(x: f64, text: String) -> Label {
    let half = Font::LABEL.width(&text) / 2.0;
    Label { x: x.min(WIDTH - EDGE - half).max(EDGE + half), anchor: Anchor::Middle, text }
}

/// The first label that is too near to its next.
fn overlapping(labels: &[Label]) -> Option<usize> {
    let half = |label: &Label| Font::LABEL.width(&label.text) / 2.0;
    labels.windows(2).position(|pair| pair[0].x + half(&pair[0]) + GAP > pair[1].x - half(&pair[1]))
}

impl Step {
    fn seconds(self) -> f64 {
        let unit = match self.unit {
            Unit::Minute => 60.0,
            Unit::Day => SECONDS_PER_DAY,
            Unit::Month => 30.44 * SECONDS_PER_DAY,
            Unit::Year => 365.25 * SECONDS_PER_DAY,
        };
        unit * f64::from(self.count)
    }

    /// The marks from the day, month or year of `first` to `end`.
    fn moments(self, first: &Zoned, end: &Zoned) -> Vec<Zoned> {
        let zone = first.time_zone();
        match self.unit {
            Unit::Minute => self.clock_times(first, end),
            _ => self.dates(first.date(), end.date()).filter_map(|date| date.to_zoned(zone.clone()).ok()).collect(),
        }
    }

    fn clock_times(self, first: &Zoned, end: &Zoned) -> Vec<Zoned> {
        let days = step(Unit::Day, 1, "").dates(first.date(), end.date());
        let minutes =
            move |date: Date| (0..1_440).step_by(self.count.max(1) as usize).map(move |minute| (date, minute));
        days.flat_map(minutes)
            .flat_map(|(date, minute)| at_clock(date, minute, first.time_zone()))
            .filter(|moment| moment >= first && moment <= end)
            .collect()
    }

    fn dates(self, first: Date, end: Date) -> impl Iterator<Item = Date> {
        let start = match self.unit {
            Unit::Minute | Unit::Day => first,
            Unit::Month => first.first_of_month(),
            Unit::Year => first.first_of_year(),
        };
        let next = move |date: &Date| self.unit.next_date(*date);
        std::iter::successors(Some(start), next)
            .take_while(move |date| *date <= end)
            .filter(move |date| self.marks(*date))
    }

    fn marks(self, date: Date) -> bool {
        let count = self.count;
        match self.unit {
            Unit::Minute => true,
            Unit::Day => {
                // Days since Monday, 5 January 1970.
                let days = date.duration_since(Date::constant(1970, 1, 5)).as_hours() / 24;
                days.rem_euclid(i64::from(count)) == 0
            }
            Unit::Month => (i32::from(date.month()) - 1).rem_euclid(count) == 0,
            Unit::Year => i32::from(date.year()).rem_euclid(count) == 0,
        }
    }
}

impl Unit {
    fn next_date(self, date: Date) -> Option<Date> {
        let span = match self {
            Unit::Minute | Unit::Day => 1.day(),
            Unit::Month => 1.month(),
            Unit::Year => 1.year(),
        };
        date.checked_add(span).ok()
    }

    fn next(self, moment: &Zoned) -> Option<Zoned> {
        self.next_date(moment.date())?.to_zoned(moment.time_zone().clone()).ok()
    }
}

/// The moments at which the clock shows a time: none where it is set forward over it, two where it is set back.
fn at_clock(date: Date, minute: i32, zone: &TimeZone) -> Vec<Zoned> {
    let clock = date.at((minute / 60) as i8, (minute % 60) as i8, 0, 0);
    let ambiguous = zone.to_ambiguous_timestamp(clock);
    let offsets = match ambiguous.offset() {
        AmbiguousOffset::Unambiguous { offset } => vec![offset],
        AmbiguousOffset::Gap { .. } => Vec::new(),
        AmbiguousOffset::Fold { before, after } => vec![before, after],
    };
    offsets.into_iter().filter_map(|offset| Some(offset.to_timestamp(clock).ok()?.to_zoned(zone.clone()))).collect()
}
