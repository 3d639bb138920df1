//! Lines over time, with bands.

use super::canvas::{Anchor, Canvas, Path, font};
use super::legend::{self, Swatch};
use super::scale::Scale;
use super::sheet::{Frame, Sheet};
use super::style::Use;
use super::text::{Font, clean};
use super::thin::{thin, thin_band};
use super::{LineChart, LineSeries, MAX_SERIES, aligned, aligned_band};

/// Lines with a name at their end; where there are more, a legend has the names.
const MAX_LABELLED: usize = 5;
/// The widest name at the end of a line.
const MAX_LABEL_WIDTH: f64 = 150.0;
/// Between two names at the ends of lines.
const LABEL_ROW: f64 = 15.0;
/// As far as a name may stand from the end of its line.
const MAX_SHIFT: f64 = 12.0;
/// Lines of more points are drawn thin.
const MANY_POINTS: usize = 400;

/// A series as it is drawn.
struct Line<'a> {
    series: &'a LineSeries,
    values: Vec<Option<f64>>,
    band: Vec<Option<(f64, f64)>>,
}

pub(super) fn draw(sheet: &mut Sheet, plot: &LineChart) {
    let buckets = plot.x.starts.len();
    let lines: Vec<Line> = plot.series.iter().take(MAX_SERIES).map(|series| Line::new(series, buckets)).collect();
    sheet.note_left_out(plot.series.len() - lines.len(), "series");
    if lines.iter().all(Line::is_empty) {
        return sheet.nothing();
    }
    let scale = Scale::of(lines.iter().flat_map(Line::all_values), plot.unit);
    let labels = end_labels(&lines, scale);
    if labels.is_none() {
        let entries: Vec<_> =
            lines.iter().map(|line| (Swatch::Line(line.series.colour), line.series.name.as_str())).collect();
        legend::draw(sheet, &entries);
    }
    let labels = labels.unwrap_or_default();
    let widest = labels.iter().map(|label| Font::LABEL.width(&label.name)).fold(0.0, f64::max);
    let tail = if labels.is_empty() { 0.0 } else { widest + 8.0 };
    let frame = sheet.time_frame(&plot.x, scale, plot.unit, 0.0, tail);
    let xs = frame.time.middles(&plot.x);
    for line in &lines {
        let attributes = format!("{} fill-opacity=\"0.22\"", line.series.colour.attributes(Use::Fill));
        sheet.canvas.group(&attributes, |canvas| draw_band(canvas, &frame, &xs, &line.band));
    }
    for line in &lines {
        let attributes = line.series.colour.attributes(Use::Stroke);
        draw_line(&mut sheet.canvas, &attributes, &frame, &xs, &line.values);
    }
    for label in labels {
        let attributes = format!("{} {}", lines[label.line].series.colour.attributes(Use::Text), font(Font::LABEL));
        let y = frame.bottom - label.height + 4.0;
        sheet.canvas.group(&attributes, |canvas| canvas.text(frame.time.right + 6.0, y, Anchor::Start, &label.name));
    }
}

impl<'a> Line<'a> {
    fn new(series: &'a LineSeries, buckets: usize) -> Line<'a> {
        Line { series, values: aligned(&series.values, buckets), band: aligned_band(&series.band, buckets) }
    }

    fn is_empty(&self) -> bool {
        self.values.iter().all(Option::is_none)
    }

    fn all_values(&self) -> impl Iterator<Item = f64> {
        let ends = self.band.iter().flatten().flat_map(|(low, high)| [*low, *high]);
        self.values.iter().flatten().copied().chain(ends)
    }
}

/// A name at the end of a line.
struct EndLabel {
    line: usize,
    name: String,
    /// Above the bottom of the area.
    height: f64,
}

/// Names at the ends of lines; `None` where they would not stand by their lines, or are too many or too long.
fn end_labels(lines: &[Line], scale: Scale) -> Option<Vec<EndLabel>> {
    let mut labels = Vec::new();
    for (line, drawn) in lines.iter().enumerate() {
        let name = clean(&drawn.series.name);
        if name.is_empty() {
            continue;
        }
        let last = drawn.values.iter().rposition(Option::is_some)?;
        let near_end = drawn.values.len() - 1 - drawn.values.len() / 40;
        if last < near_end || Font::LABEL.width(&name) > MAX_LABEL_WIDTH {
            return None;
        }
        let height = scale.place(drawn.values[last].unwrap_or(0.0)) * super::sheet::PLOT_HEIGHT;
        labels.push(EndLabel { line, name, height });
    }
    if labels.len() > MAX_LABELLED {
        return None;
    }
    labels.sort_by(|a, b| a.height.total_cmp(&b.height).then(b.line.cmp(&a.line)));
    let wanted: Vec<f64> = labels.iter().map(|label| label.height).collect();
    let found = spread(&wanted, LABEL_ROW);
    for (label, height) in labels.iter_mut().zip(found) {
        if (label.height - height).abs() > MAX_SHIFT {
            return None;
        }
        label.height = height;
    }
    Some(labels)
}

/// Moves ascending places apart, to at least `gap` between two, none below zero: groups that touch stay centred on where
/// they want to be.
fn spread(wanted: &[f64], gap: f64) -> Vec<f64> {
    // Of each group: the mean of where its first member wants to be, and how many members it has.
    let mut groups: Vec<(f64, usize)> = Vec::new();
    for &place in wanted {
        let mut group = (place, 1);
        while let Some(&(first, count)) = groups.last() {
            if first.max(0.0) + gap * count as f64 <= group.0 {
                break;
            }
            groups.pop();
            let moved = group.0 - gap * count as f64;
            let total = (count + group.1) as f64;
            group = ((first * count as f64 + moved * group.1 as f64) / total, count + group.1);
        }
        groups.push(group);
    }
    groups.iter().flat_map(|&(first, count)| (0..count).map(move |i| first.max(0.0) + gap * i as f64)).collect()
}

/// Draws a line with its gaps; a value between two gaps is a dot.
pub(super) fn draw_line(canvas: &mut Canvas, attributes: &str, frame: &Frame, xs: &[f64], values: &[Option<f64>]) {
    let points: Vec<Option<(f64, f64)>> =
        xs.iter().zip(values).map(|(x, value)| Some((*x, frame.y((*value)?)))).collect();
    let runs: Vec<Vec<(f64, f64)>> = runs(&points);
    let width = if xs.len() > MANY_POINTS { 1.0 } else { 2.0 };
    canvas.group(&format!("{attributes} stroke-width=\"{width}\" fill=\"none\" stroke-linejoin=\"round\""), |canvas| {
        let lines = runs.iter().filter(|run| run.len() > 1);
        canvas.path(&lines.fold(Path::default(), |path, run| path.along(&thin(run))));
        runs.iter().filter(|run| run.len() == 1).for_each(|run| canvas.dot(run[0].0, run[0].1, width / 2.0));
    });
}

/// Draws a band with its gaps; an interval between two gaps is a bar.
pub(super) fn draw_band(canvas: &mut Canvas, frame: &Frame, xs: &[f64], band: &[Option<(f64, f64)>]) {
    let edges: Vec<Option<(f64, f64, f64)>> =
        xs.iter().zip(band).map(|(x, ends)| ends.map(|(low, high)| (*x, frame.y(high), frame.y(low)))).collect();
    let path = runs(&edges).iter().fold(Path::default(), |path, run| {
        let run = match run.as_slice() {
            [(x, top, bottom)] => vec![(x - 4.0, *top, *bottom), (x + 4.0, *top, *bottom)],
            run => thin_band(run),
        };
        let upper = run.iter().map(|(x, top, _)| (*x, *top));
        let lower = run.iter().rev().map(|(x, _, bottom)| (*x, *bottom));
        path.along(&upper.chain(lower).collect::<Vec<_>>()).close()
    });
    canvas.path(&path);
}

/// What lies between gaps.
fn runs<T: Copy>(points: &[Option<T>]) -> Vec<Vec<T>> {
    points
        .split(Option::is_none)
        .filter(|run| !run.is_empty())
        .map(|run| run.iter().copied().flatten().collect())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_move_apart() {
        let cases: [(&[f64], &[f64]); 5] = [
            (&[], &[]),
            (&[0.0, 50.0, 100.0], &[0.0, 50.0, 100.0]),
            (&[50.0, 50.0], &[45.0, 55.0]),
            (&[0.0, 0.0, 4.0], &[0.0, 10.0, 20.0]),
            (&[20.0, 22.0, 33.0, 90.0], &[15.0, 25.0, 35.0, 90.0]),
        ];
        for (wanted, found) in cases {
            assert_eq!(spread(wanted, 10.0), found, "{wanted:?}");
        }
    }

    #[test]
    fn gaps_part_lines() {
        assert_eq!(runs(&[None, Some(1), Some(2), None, None, Some(3)]), [vec![1, 2], vec![3]]);
    }
}
