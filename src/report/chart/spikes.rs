//! What was observed, what was expected, and alarms.

use super::canvas::{Anchor, font};
use super::legend::{self, Swatch, alarm_mark, expected_line, range_area};
use super::lines::{draw_band, draw_line};
use super::scale::Scale;
use super::sheet::{Frame, MARGIN, Sheet, WIDTH, time_scale};
use super::style::{Colour, Use, furniture};
use super::text::{Font, clean};
use super::time::TimeScale;
use super::{AlarmMark, SpikeChart, TimeAxis, aligned, aligned_band};

/// Rows of labels above the data.
const MAX_LANES: usize = 5;
const LANE: f64 = 15.0;
/// The widest label.
const MAX_LABEL_WIDTH: f64 = 220.0;
const OBSERVED: Colour = Colour::Nth(0);

/// An alarm on the axis.
struct Flag {
    bucket: usize,
    x: f64,
    label: String,
    /// The row and the ends of its label, if there is room for it.
    place: Option<Place>,
}

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
    let flags = flags(&plot.x, &plot.alarms, measured);
    let lanes = flags.iter().filter_map(|flag| Some(flag.place?.lane + 1)).max().unwrap_or(0);
    let frame = sheet.time_frame(&plot.x, scale, plot.unit, lanes as f64 * LANE, 0.0);
    let xs = frame.time.middles(&plot.x);
    sheet.canvas.group(&range_area(), |canvas| draw_band(canvas, &frame, &xs, &band));
    draw_line(&mut sheet.canvas, &OBSERVED.attributes(Use::Stroke), &frame, &xs, &observed);
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
    // From the last to the first, each to the right of its line if there is room: lines of later alarms then pass to the
    // right of labels that are higher up.
    for i in (0..flags.len()).rev() {
        flags[i].place = place(&flags, i);
    }
    flags
}

/// The lowest place at which a label covers no other label and no line, and its own line crosses no label.
fn place(flags: &[Flag], i: usize) -> Option<Place> {
    let flag = &flags[i];
    if flag.label.is_empty() {
        return None;
    }
    let width = Font::LABEL.width(&flag.label) + 5.0;
    let placed = || flags.iter().filter_map(|other| Some((other.x, other.place?)));
    (0..MAX_LANES).flat_map(|lane| [(lane, Anchor::Start), (lane, Anchor::End)]).find_map(|(lane, anchor)| {
        let (left, right) = if anchor == Anchor::Start { (flag.x, flag.x + width) } else { (flag.x - width, flag.x) };
        let covers = |x: f64, place: Place| x > left - 4.0 && x < right + 4.0 && x != flag.x && place.lane > lane;
        let is_free = placed().all(|(x, other)| {
            let same_row = other.lane == lane && left < other.right + 4.0 && right > other.left - 4.0;
            let crosses = other.lane < lane && flag.x > other.left - 2.0 && flag.x < other.right + 2.0;
            !same_row && !covers(x, other) && !(crosses && x != flag.x)
        });
        let in_picture = left >= MARGIN && right <= WIDTH - MARGIN;
        (is_free && in_picture).then_some(Place { lane, left, right, anchor })
    })
}

fn draw_flags(sheet: &mut Sheet, frame: &Frame, flags: &[Flag], observed: &[Option<f64>]) {
    let y = |flag: &Flag| frame.y(observed[flag.bucket].unwrap_or(0.0));
    let base = |place: &Place| frame.top - 4.0 - place.lane as f64 * LANE;
    sheet.canvas.group(&format!("{} stroke-width=\"0.75\"", furniture("alarm")), |canvas| {
        for flag in flags {
            if let Some(place) = &flag.place {
                canvas.line((flag.x, base(place) - 11.0), (flag.x, y(flag) - 4.0));
            }
        }
    });
    sheet.canvas.group(&alarm_mark(), |canvas| flags.iter().for_each(|flag| canvas.dot(flag.x, y(flag), 4.0)));
    sheet.canvas.group(&format!("{} {}", furniture("ink"), font(Font::LABEL)), |canvas| {
        for flag in flags {
            let Some(place) = &flag.place else { continue };
            let x = if place.anchor == Anchor::Start { flag.x + 5.0 } else { flag.x - 5.0 };
            canvas.text(x, base(place), place.anchor, &flag.label);
        }
    });
    match flags.iter().filter(|flag| flag.place.is_none() && !flag.label.is_empty()).count() {
        0 => {}
        1 => sheet.note("The label of one alarm had no room.".to_owned()),
        count => sheet.note(format!("The labels of {count} alarms had no room.")),
    }
}
