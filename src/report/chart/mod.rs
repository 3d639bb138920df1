//! Charts as SVG: a pure function of what is shown, the same bytes each time.
//!
//! A chart stands alone: no script, no font and no file from elsewhere. Its title says what it shows, its subtitle in what
//! unit, its foot where the figures come from. Text of others is cleaned, cut to its room and escaped; what cannot be
//! drawn is left out, and the foot says so.

mod bars;
mod canvas;
mod columns;
mod description;
mod legend;
mod lines;
mod scale;
mod sheet;
mod spikes;
mod style;
#[cfg(test)]
mod tests;
mod text;
mod thin;
mod ticks;
mod time;

use jiff::{Timestamp, Zoned};

use sheet::Sheet;
pub use style::Colour;

/// Most series, parts or measures of a chart; the foot says how many more there are. Colours repeat after eight
/// ([`Colour::Nth`]): callers show at most eight and sum up the others as [`Colour::Other`].
pub const MAX_SERIES: usize = 24;
/// Most rows of horizontal bars; the foot says how many more there are.
pub const MAX_ROWS: usize = 60;
/// Most alarms of a chart, the first ones given; the foot says how many more there are.
pub const MAX_ALARMS: usize = 500;
/// Numbers further from zero than this are gaps, as are those that are not finite.
const MAX_VALUE: f64 = 1e15;

/// What a picture shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// What is shown; up to two lines of print.
    pub title: String,
    /// In what unit, and what shaded bands mean; up to two lines of print.
    pub subtitle: Option<String>,
    /// The query, the zone and the data version; at the foot.
    pub source_note: String,
    /// The data, and how they are drawn.
    pub plot: Plot,
}

/// The kinds of charts.
#[derive(Debug, Clone, PartialEq)]
pub enum Plot {
    /// Lines over time.
    Lines(LineChart),
    /// Stacked columns over time.
    Columns(ColumnChart),
    /// One series, what was expected of it, and alarms.
    Spikes(SpikeChart),
    /// Horizontal bars.
    Bars(BarChart),
}

/// The buckets of time that a chart shows.
#[derive(Debug, Clone, PartialEq)]
pub struct TimeAxis {
    /// Where buckets start, ascending, in the zone to show times in.
    pub starts: Vec<Zoned>,
    /// Where the last one ends.
    pub end: Zoned,
}

/// How a number is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// As it is: `1,200`, `−0.5`.
    Number,
    /// A fraction of one as a percentage: `0.25` is `25 %`.
    Percent,
}

/// Lines over time. The vertical axis always shows zero.
#[derive(Debug, Clone, PartialEq)]
pub struct LineChart {
    /// The buckets; a value is drawn at the middle of its bucket.
    pub x: TimeAxis,
    /// How values are written.
    pub unit: Unit,
    /// At most [`MAX_SERIES`].
    pub series: Vec<LineSeries>,
}

/// A line, with a shaded band if it has one.
#[derive(Debug, Clone, PartialEq)]
pub struct LineSeries {
    /// Written at the end of the line or in the legend; nowhere if empty.
    pub name: String,
    /// Of the line, its band and its name.
    pub colour: Colour,
    /// One for each bucket; `None`, or no value, is a gap.
    pub values: Vec<Option<f64>>,
    /// The lower and upper end of an interval for each bucket; empty for no band.
    pub band: Vec<Option<(f64, f64)>>,
}

/// Stacked columns over time.
///
/// Where there are more buckets than pixels, each column is the sum of several, and the foot says of how many.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnChart {
    /// The buckets.
    pub x: TimeAxis,
    /// From the lowest to the highest, at most [`MAX_SERIES`].
    pub parts: Vec<ColumnPart>,
}

/// A part of each column.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnPart {
    /// Written in the legend.
    pub name: String,
    /// Of the part.
    pub colour: Colour,
    /// One for each bucket; where there are fewer, the others are zero.
    pub counts: Vec<u64>,
}

/// One series, what was expected of it, and alarms.
#[derive(Debug, Clone, PartialEq)]
pub struct SpikeChart {
    /// The buckets; a value is drawn at the middle of its bucket.
    pub x: TimeAxis,
    /// How values are written.
    pub unit: Unit,
    /// One for each bucket; `None`, or no value, is a gap.
    pub observed: Vec<Option<f64>>,
    /// One for each bucket, with gaps where nothing was expected yet.
    pub expected: Vec<Option<f64>>,
    /// The range of what would not have been an alarm, for each bucket.
    pub band: Vec<Option<(f64, f64)>>,
    /// At most [`MAX_ALARMS`]; those outside the axis are left out.
    pub alarms: Vec<AlarmMark>,
}

/// A mark on a spike chart.
#[derive(Debug, Clone, PartialEq)]
pub struct AlarmMark {
    /// A moment in the bucket that raised the alarm; at its start counts, at its end does not.
    pub at: Timestamp,
    /// A few words: `×4.2`. Where there is no room, the foot says how many labels are left out.
    pub label: String,
}

/// Horizontal bars: a row of bars for each brand or topic.
#[derive(Debug, Clone, PartialEq)]
pub struct BarChart {
    /// How the values of a row are drawn.
    pub layout: BarLayout,
    /// What the values of each row are, at most [`MAX_SERIES`].
    pub measures: Vec<Measure>,
    /// From the top, at most [`MAX_ROWS`].
    pub rows: Vec<BarRow>,
}

/// How the values of a row are drawn. Values below zero are drawn as zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BarLayout {
    /// A bar for each value, with the value at its end: share of voice with and without reposts.
    SideBySide(Unit),
    /// One bar whose parts are the shares of counts, with their sum at its end: the sentiment of each topic.
    Shares,
}

/// One of the values of each row.
#[derive(Debug, Clone, PartialEq)]
pub struct Measure {
    /// Written in the legend.
    pub name: String,
    /// Of its bars.
    pub colour: Colour,
}

/// A row of bars.
#[derive(Debug, Clone, PartialEq)]
pub struct BarRow {
    /// Written before the bars.
    pub name: String,
    /// One for each measure; `None`, or no value, is drawn as a dash, or as zero among shares.
    pub values: Vec<Option<f64>>,
}

/// The chart as an SVG document, 720 units wide and as high as it needs to be.
pub fn svg(chart: &Chart) -> String {
    let mut sheet = Sheet::new(chart);
    match &chart.plot {
        Plot::Lines(plot) => lines::draw(&mut sheet, plot),
        Plot::Columns(plot) => columns::draw(&mut sheet, plot),
        Plot::Spikes(plot) => spikes::draw(&mut sheet, plot),
        Plot::Bars(plot) => bars::draw(&mut sheet, plot),
    }
    sheet.finish(&chart.source_note, &description::describe(&chart.plot))
}

/// The number, if it can be drawn.
fn drawable(value: f64) -> Option<f64> {
    (value.abs() <= MAX_VALUE).then_some(value)
}

/// One value for each bucket; what is missing or cannot be drawn is a gap.
fn aligned(values: &[Option<f64>], buckets: usize) -> Vec<Option<f64>> {
    (0..buckets).map(|i| values.get(i).copied().flatten().and_then(drawable)).collect()
}

/// One interval for each bucket, its lower end first.
fn aligned_band(band: &[Option<(f64, f64)>], buckets: usize) -> Vec<Option<(f64, f64)>> {
    let end = |i: usize| {
        let (a, b) = band.get(i).copied().flatten()?;
        let (a, b) = (drawable(a)?, drawable(b)?);
        Some((a.min(b), a.max(b)))
    };
    (0..buckets).map(end).collect()
}
