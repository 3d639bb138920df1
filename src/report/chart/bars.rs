//! Horizontal bars.

use super::canvas::{Anchor, font};
use super::legend::{self, Swatch};
use super::scale::{Scale, written};
use super::sheet::{MARGIN, Sheet, WIDTH};
use super::style::{AXIS, GRID, INK, MUTED, Use};
use super::text::{Font, clean};
use super::{BarChart, BarLayout, BarRow, MAX_ROWS, MAX_SERIES, Measure, Unit, aligned};

/// The widest name of a row.
const MAX_NAME_WIDTH: f64 = 210.0;
const BAR: f64 = 13.0;
const SHARE_BAR: f64 = 20.0;
/// Between two rows.
const GAP: f64 = 10.0;

/// The rows and measures that are drawn, and where.
struct Grid<'a> {
    measures: &'a [Measure],
    rows: Vec<Row>,
    /// The bars lie between these.
    left: f64,
    right: f64,
}

struct Row {
    name: String,
    /// One for each measure, none below zero.
    values: Vec<Option<f64>>,
    /// The text at the end of each bar.
    ends: Vec<String>,
}

pub(super) fn draw(sheet: &mut Sheet, plot: &BarChart) {
    let measures = &plot.measures[..plot.measures.len().min(MAX_SERIES)];
    let rows = &plot.rows[..plot.rows.len().min(MAX_ROWS)];
    sheet.note_left_out(plot.measures.len() - measures.len(), "series");
    sheet.note_left_out(plot.rows.len() - rows.len(), "rows");
    if rows.is_empty() || measures.is_empty() {
        return sheet.nothing();
    }
    let grid = Grid::new(measures, rows, plot.layout);
    if measures.len() > 1 {
        let entries: Vec<_> =
            measures.iter().map(|measure| (Swatch::Area(measure.colour), measure.name.as_str())).collect();
        legend::draw(sheet, &entries);
    }
    match plot.layout {
        BarLayout::SideBySide(_) => grid.draw_side_by_side(sheet),
        BarLayout::Shares => grid.draw_shares(sheet),
    }
}

impl<'a> Grid<'a> {
    fn new(measures: &'a [Measure], rows: &[BarRow], layout: BarLayout) -> Grid<'a> {
        let rows: Vec<Row> = rows.iter().map(|row| Row::new(row, measures.len(), layout)).collect();
        let widest =
            |texts: &mut dyn Iterator<Item = &String>| texts.map(|text| Font::LABEL.width(text)).fold(0.0, f64::max);
        let names = widest(&mut rows.iter().map(|row| &row.name));
        let ends = widest(&mut rows.iter().flat_map(|row| &row.ends));
        Grid { measures, left: MARGIN + names + 10.0, right: WIDTH - MARGIN - ends - 8.0, rows }
    }

    fn draw_side_by_side(&self, sheet: &mut Sheet) {
        let highest = self.rows.iter().flat_map(|row| row.values.iter().flatten()).fold(0.0, |a: f64, b| a.max(*b));
        let length = |value: f64| if highest > 0.0 { value / highest * (self.right - self.left) } else { 0.0 };
        let height = BAR * self.measures.len() as f64 + GAP;
        let top = sheet.y + 4.0;
        let y = |row: usize, measure: usize| top + height * row as f64 + BAR * measure as f64;
        for (m, measure) in self.measures.iter().enumerate() {
            sheet.canvas.group(&measure.colour.attributes(Use::Fill), |canvas| {
                for (r, row) in self.rows.iter().enumerate() {
                    canvas.rect(self.left, y(r, m) + 0.5, length(row.values[m].unwrap_or(0.0)), BAR - 1.0);
                }
            });
        }
        sheet.canvas.group(&format!("{} {}", MUTED.attributes(), font(Font::SMALL)), |canvas| {
            for (r, row) in self.rows.iter().enumerate() {
                for (m, end) in row.ends.iter().enumerate() {
                    let x = self.left + length(row.values[m].unwrap_or(0.0)) + 6.0;
                    canvas.text(x, y(r, m) + BAR - 2.5, Anchor::Start, end);
                }
            }
        });
        self.finish(sheet, top, height);
    }

    fn draw_shares(&self, sheet: &mut Sheet) {
        let top = sheet.y + 16.0;
        let height = SHARE_BAR + GAP;
        let bottom = top + height * self.rows.len() as f64 - GAP;
        self.draw_share_axis(sheet, top, bottom);
        for (m, measure) in self.measures.iter().enumerate() {
            let parts: Vec<(f64, f64, f64)> = (self.rows.iter().enumerate())
                .filter_map(|(r, row)| row.part(m).map(|(start, end)| (top + height * r as f64, start, end)))
                .collect();
            let x = |share: f64| self.left + share * (self.right - self.left);
            sheet.canvas.group(&measure.colour.attributes(Use::Fill), |canvas| {
                for (y, start, end) in &parts {
                    canvas.rect(x(*start), *y, x(*end) - x(*start), SHARE_BAR);
                }
            });
            sheet.canvas.group(&format!("{} {}", measure.colour.attributes(Use::On), font(Font::SMALL)), |canvas| {
                for (y, start, end) in &parts {
                    let label = written(end - start, Unit::Percent, 0);
                    if Font::SMALL.width(&label) + 6.0 < x(*end) - x(*start) {
                        canvas.text(x((start + end) / 2.0), y + SHARE_BAR / 2.0 + 3.8, Anchor::Middle, &label);
                    }
                }
            });
        }
        sheet.canvas.group(&format!("{} {}", MUTED.attributes(), font(Font::LABEL)), |canvas| {
            for (r, row) in self.rows.iter().enumerate() {
                let y = top + height * r as f64 + SHARE_BAR / 2.0 + 4.0;
                row.ends.iter().for_each(|end| canvas.text(WIDTH - MARGIN, y, Anchor::End, end));
            }
        });
        self.finish(sheet, top, height);
    }

    fn draw_share_axis(&self, sheet: &mut Sheet, top: f64, bottom: f64) {
        let scale = Scale::shares();
        let marks = || scale.marks().map(|mark| (self.left + scale.place(mark) * (self.right - self.left), mark));
        sheet.canvas.group(&GRID.attributes(), |canvas| {
            marks().for_each(|(x, _)| canvas.line((x, top - 4.0), (x, bottom + 4.0)));
        });
        sheet.canvas.group(&format!("{} {}", MUTED.attributes(), font(Font::SMALL)), |canvas| {
            for (x, mark) in marks() {
                canvas.text(x, top - 8.0, Anchor::Middle, &scale.label(mark, Unit::Percent));
            }
        });
    }

    /// Draws the names of the rows and the line that bars begin at, and moves the sheet below them.
    fn finish(&self, sheet: &mut Sheet, top: f64, height: f64) {
        let middle = (height - GAP) / 2.0 + 4.0;
        sheet.canvas.group(&format!("{} {}", INK.attributes(), font(Font::LABEL)), |canvas| {
            for (r, row) in self.rows.iter().enumerate() {
                canvas.text(MARGIN, top + height * r as f64 + middle, Anchor::Start, &row.name);
            }
        });
        let bottom = top + height * self.rows.len() as f64 - GAP;
        sheet.canvas.group(&AXIS.attributes(), |canvas| canvas.line((self.left, top - 4.0), (self.left, bottom + 4.0)));
        sheet.y = bottom + 8.0;
    }
}

impl Row {
    fn new(row: &BarRow, measures: usize, layout: BarLayout) -> Row {
        let name = Font::LABEL.fit(&clean(&row.name), MAX_NAME_WIDTH);
        let values: Vec<Option<f64>> =
            aligned(&row.values, measures).into_iter().map(|value| value.map(|value| value.max(0.0))).collect();
        let ends = match layout {
            BarLayout::SideBySide(unit) => values.iter().map(|value| value_at_end(*value, unit)).collect(),
            BarLayout::Shares => vec![value_at_end(Some(values.iter().flatten().sum()), Unit::Number)],
        };
        Row { name, values, ends }
    }

    /// Between which shares of the row a part lies; `None` where it is nothing.
    fn part(&self, measure: usize) -> Option<(f64, f64)> {
        let sum = |values: &[Option<f64>]| values.iter().flatten().sum::<f64>();
        let (before, whole) = (sum(&self.values[..measure]), sum(&self.values));
        let value = self.values[measure].filter(|value| *value > 0.0)?;
        Some((before / whole, (before + value) / whole))
    }
}

fn value_at_end(value: Option<f64>, unit: Unit) -> String {
    let decimals = |value: f64| match unit {
        Unit::Percent => 1,
        Unit::Number if value.fract() == 0.0 => 0,
        Unit::Number => 2,
    };
    value.map_or_else(|| "–".to_owned(), |value| written(value, unit, decimals(value)))
}
