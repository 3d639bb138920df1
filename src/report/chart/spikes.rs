//! What was observed, what was expected, and alarms.

use super::canvas::{Anchor, font};
use super::legend::{self, Swatch, alarm_mark, expected_line, range_area};
use super::lines::{draw_band, draw_line};
use super::scale::Scale;
use super::sheet::{Frame, Sheet, time_scale};
use super::style::{ALARM, Colour, INK, Use};
use super::text::{Font, clean};
use super::time::TimeScale;
use super::{AlarmMark, MAX_ALARMS, SpikeChart, TimeAxis, aligned, aligned_band};

/// Rows of labels above the data.
const MAX_LANES: usize = 5;
const LANE: f64 = 15.0;
/// Between a line and its label.
const INDENT: f64 = 5.0;
/// The widest label.
const MAX_LABEL_WIDTH: f64 = 220.0;
const OBSERVED: Colour = Colour::Nth(0);

/// An alarm on the axis.
struct Flag {
    bucket: usize,
    x: f64,
    label: String,
    /// Of its label, if there is room for it.
    place: Option<Place>,
}

/// Where a label is: its row above the data, its ends, and which of them is at the line.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Place {
    /// From 0, the lowest.
    lane: usize,
    left: f64,
    right: f64,
    anchor: Anchor,
}

pub(super) fn draw(sheet: &mut Sheet, plot: &SpikeChart) {
    let buckets = plot.x.starts.len();
    let (observed, expected) = (aligned(&plot.observed, buckets), aligned(&plot.expected, buckets));
    let band = aligned_band(&plot.band, buckets);
    if observed.iter().chain(&expected).all(Option::is_none) {
        return sheet.nothing();
    }
    let ends = band.iter().flatten().flat_map(|(low, high)| [*low, *high]);
    let scale = Scale::of(observed.iter().chain(&expected).flatten().copied().chain(ends), plot.unit);
    legend::draw(sheet, &legend_entries(&expected, &band, plot.alarms.is_empty()));
    // Where labels go decides how high the head is, and the head must be known to draw the axes: places along the axis
    // are found first.
    let measured = time_scale(&plot.x, scale, plot.unit, 0.0);
    let alarms = &plot.alarms[..plot.alarms.len().min(MAX_ALARMS)];
    sheet.note_left_out(plot.alarms.len() - alarms.len(), "alarms");
    let flags = flags(&plot.x, alarms, measured);
    let lanes = flags.iter().filter_map(|flag| Some(flag.place?.lane + 1)).max().unwrap_or(0);
    let frame = sheet.time_frame(&plot.x, scale, plot.unit, lanes as f64 * LANE, 0.0);
    let xs = frame.time.middles(&plot.x);
    draw_line(&mut sheet.canvas, &OBSERVED.attributes(Use::Stroke), &frame, &xs, &observed);
    // Over the line: where there are many buckets, the line covers all that is below it.
    sheet.canvas.group(&range_area(), |canvas| draw_band(canvas, &frame, &xs, &band));
    draw_line(&mut sheet.canvas, &expected_line(), &frame, &xs, &expected);
    draw_flags(sheet, &frame, &flags, &observed);
}

fn legend_entries(
    expected: &[Option<f64>],
    band: &[Option<(f64, f64)>],
    no_alarms: bool,
) -> Vec<(Swatch, &'static str)> {
    let mut entries = vec![(Swatch::Line(OBSERVED), "observed")];
    if expected.iter().any(Option::is_some) {
        entries.push((Swatch::Expected, "expected"));
    }
    if band.iter().any(Option::is_some) {
        entries.push((Swatch::Range, "expected range"));
    }
    if !no_alarms {
        entries.push((Swatch::Alarm, "alarm"));
    }
    entries
}

/// The alarms on the axis, in order of time, with places for their labels.
fn flags(x: &TimeAxis, alarms: &[AlarmMark], time: TimeScale) -> Vec<Flag> {
    let middles = time.middles(x);
    let on_axis = |alarm: &&AlarmMark| alarm.at < x.end.timestamp();
    let mut flags: Vec<Flag> = alarms
        .iter()
        .filter(on_axis)
        .filter_map(|alarm| {
            let bucket = x.starts.partition_point(|start| start.timestamp() <= alarm.at).checked_sub(1)?;
            let label = Font::LABEL.fit(&clean(&alarm.label), MAX_LABEL_WIDTH);
            Some(Flag { bucket, x: middles[bucket], label, place: None })
        })
        .collect();
    flags.sort_by_key(|flag| flag.bucket);
    place_labels(&mut flags, time);
    flags
}

/// Finds places for as many labels as it can, in as few rows as it can.
fn place_labels(flags: &mut [Flag], time: TimeScale) {
    let mut best: Vec<Option<Place>> = vec![None; flags.len()];
    let placed = |places: &[Option<Place>]| places.iter().flatten().count();
    for lanes in 1..=MAX_LANES {
        let area = Area { lanes, left: time.left, right: time.right };
        let mut places = vec![None; flags.len()];
        for i in (0..flags.len()).rev() {
            places[i] = place(flags, &places, i, &area);
        }
        if placed(&places) > placed(&best) {
            best = places;
        }
    }
    for (flag, place) in flags.iter_mut().zip(best) {
        flag.place = place;
    }
}

/// The room for labels.
struct Area {
    lanes: usize,
    left: f64,
    right: f64,
}

/// A place at which a label covers no other label and no line, and its own line crosses no label; the alarms after it
/// have theirs. To the right of its line it must be above their lines, so low rows are tried first and leave room for
/// those before it; to the left of its line it must leave room below it, so high rows are tried first.
fn place(flags: &[Flag], places: &[Option<Place>], i: usize, area: &Area) -> Option<Place> {
    let flag = &flags[i];
    if flag.label.is_empty() {
        return None;
    }
    let width = Font::LABEL.width(&flag.label);
    let to_the_right = (0..area.lanes).map(|lane| (lane, Anchor::Start));
    let to_the_left = (0..area.lanes).rev().map(|lane| (lane, Anchor::End));
    let candidates = to_the_right.chain(to_the_left).map(|(lane, anchor)| {
        let left = if anchor == Anchor::Start { flag.x + INDENT } else { flag.x - INDENT - width };
        Place { lane, left, right: left + width, anchor }
    });
    let is_free = |candidate: &Place| {
        candidate.left >= area.left
            && candidate.right <= area.right
            && flags.iter().zip(places).filter_map(|(other, place)| Some((other.x, (*place)?))).all(|(x, other)| {
                let same_row = other.lane == candidate.lane
                    && candidate.left < other.right + 2.0 * INDENT
                    && candidate.right + 2.0 * INDENT > other.left;
                let covers = other.lane > candidate.lane && candidate.is_near(x);
                let crosses = other.lane < candidate.lane && other.is_near(flag.x);
                !same_row && !covers && !crosses
            })
    };
    candidates.into_iter().find(is_free)
}

impl Place {
    /// Whether a line at `x` would touch the label.
    fn is_near(&self, x: f64) -> bool {
        x > self.left - 3.0 && x < self.right + 3.0
    }
}

fn draw_flags(sheet: &mut Sheet, frame: &Frame, flags: &[Flag], observed: &[Option<f64>]) {
    let y = |flag: &Flag| frame.y(observed[flag.bucket].unwrap_or(0.0));
    let base = |place: &Place| frame.top - 4.0 - place.lane as f64 * LANE;
    sheet.canvas.group(&format!("{} stroke-width=\"0.75\"", ALARM.attributes()), |canvas| {
        for flag in flags {
            if let Some(place) = &flag.place {
                canvas.line((flag.x, base(place) - 11.0), (flag.x, y(flag) - 4.0));
            }
        }
    });
    sheet.canvas.group(&alarm_mark(), |canvas| flags.iter().for_each(|flag| canvas.dot(flag.x, y(flag), 4.0)));
    sheet.canvas.group(&format!("{} {}", INK.attributes(), font(Font::LABEL)), |canvas| {
        for flag in flags {
            let Some(place) = &flag.place else { continue };
            let x = if place.anchor == Anchor::Start { flag.x + INDENT } else { flag.x - INDENT };
            canvas.text(x, base(place), place.anchor, &flag.label);
        }
    });
    match flags.iter().filter(|flag| flag.place.is_none() && !flag.label.is_empty()).count() {
        0 => {}
        1 => sheet.note("The label of one alarm had no room.".to_owned()),
        count => sheet.note(format!("The labels of {count} alarms had no room.")),
    }
}
