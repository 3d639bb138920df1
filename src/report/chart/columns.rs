//! Stacked columns over time.

use super::canvas::{Canvas, Path};
use super::legend::{self, Swatch};
use super::scale::Scale;
use super::sheet::{Frame, PLOT_HEIGHT, Sheet, WIDTH};
use super::style::Use;
use super::{ColumnChart, ColumnPart, MAX_SERIES, TimeAxis, Unit};

/// Most columns: not more than there are pixels for them.
const MAX_COLUMNS: usize = (WIDTH as usize) * 4 / 5;
/// Narrower columns stand without gaps.
const MIN_WIDTH_WITH_GAP: f64 = 6.0;
/// How far a part reaches below the top of the next one.
const OVERLAP: f64 = 0.5;
/// The widest column.
const MAX_WIDTH: f64 = 90.0;

/// The columns: where each begins, and how high its parts reach, the lowest first.
struct Stacks<'a> {
    x: TimeAxis,
    parts: Vec<&'a ColumnPart>,
    reaches: Vec<Vec<f64>>,
}

pub(super) fn draw(sheet: &mut Sheet, plot: &ColumnChart) {
    let parts: Vec<&ColumnPart> = plot.parts.iter().take(MAX_SERIES).collect();
    sheet.note_left_out(plot.parts.len() - parts.len(), "series");
    if plot.x.starts.is_empty() || parts.is_empty() {
        return sheet.nothing();
    }
    let per_column = plot.x.starts.len().div_ceil(MAX_COLUMNS);
    if per_column > 1 {
        sheet.note(format!("Each column is the sum of {per_column} intervals; the last one may have fewer."));
    }
    let stacks = Stacks::new(&plot.x, parts, per_column);
    let tops = || stacks.reaches.iter().filter_map(|reaches| reaches.last().copied());
    let entries: Vec<_> = stacks.parts.iter().map(|part| (Swatch::Area(part.colour), part.name.as_str())).collect();
    legend::draw(sheet, &entries);
    // The axis is that of the buckets: a column of several must not make its marks coarser.
    let frame = sheet.time_frame(&plot.x, Scale::of(tops(), Unit::Number), Unit::Number, 0.0, 0.0);
    if tops().all(|top| top == 0.0) {
        sheet.in_the_middle(frame.top + PLOT_HEIGHT / 2.0);
    }
    stacks.draw(&mut sheet.canvas, &frame);
}

impl<'a> Stacks<'a> {
    fn new(x: &TimeAxis, parts: Vec<&'a ColumnPart>, per_column: usize) -> Stacks<'a> {
        let starts: Vec<_> = x.starts.iter().step_by(per_column).cloned().collect();
        let sum = |part: &ColumnPart, column: usize| {
            let buckets =
                (column * per_column..(column + 1) * per_column).take_while(|bucket| *bucket < x.starts.len());
            buckets.filter_map(|bucket| part.counts.get(bucket)).map(|count| *count as f64).sum::<f64>()
        };
        let reaches = |column: usize| {
            let mut reach = 0.0;
            let add = |part: &&ColumnPart| {
                reach += sum(part, column);
                reach
            };
            parts.iter().map(add).collect()
        };
        let reaches = (0..starts.len()).map(reaches).collect();
        Stacks { x: TimeAxis { starts, end: x.end.clone() }, parts, reaches }
    }

    fn draw(&self, canvas: &mut Canvas, frame: &Frame) {
        let narrowest = (frame.time.right - frame.time.left) / self.x.starts.len() as f64;
        // From the highest part to the lowest, each reaching below the next: between parts that only touch the ground
        // would shine through.
        for (i, part) in self.parts.iter().enumerate().rev() {
            let path = if narrowest < MIN_WIDTH_WITH_GAP { self.outline(i, frame) } else { self.bars(i, frame) };
            canvas.group(&part.colour.attributes(Use::Fill), |canvas| canvas.path(&path));
        }
    }

    fn bars(&self, part: usize, frame: &Frame) -> Path {
        let below = |column: usize| if part == 0 { 0.0 } else { self.reaches[column][part - 1] };
        let is_visible = |column: &usize| self.reaches[*column][part] > below(*column);
        (0..self.reaches.len()).filter(is_visible).fold(Path::default(), |path, column| {
            let (start, end) = frame.time.bucket(&self.x, column);
            let width = ((end - start) * 0.82).max(end - start - 3.0).min(MAX_WIDTH);
            let left = (start + end - width) / 2.0;
            let (top, bottom) = (frame.y(self.reaches[column][part]), frame.y(below(column)));
            let bottom = (bottom + OVERLAP).min(frame.bottom);
            path.start(left, bottom).vertical(top).horizontal(left + width).vertical(bottom).close()
        })
    }

    fn outline(&self, part: usize, frame: &Frame) -> Path {
        let step = |path: Path, column: usize| {
            let (_, end) = frame.time.bucket(&self.x, column);
            path.vertical(frame.y(self.reaches[column][part])).horizontal(end)
        };
        (0..self.reaches.len())
            .fold(Path::default().start(frame.time.left, frame.bottom), step)
            .vertical(frame.bottom)
            .close()
    }
}
