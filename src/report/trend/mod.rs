//! A trend as tables: a row for each bucket, a row for each value, or values of one field by those of another.

mod chart;
mod export;
mod figures;
mod matrix;
mod share_of_voice;
mod sparkline;
mod terms;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use super::source::{asked, bounds};
use super::table::{Columns, bar, cells, number, printable, short_name};
use crate::trends::{Bucket, Field, Figures, Interval, TrendReport, ValueFigures};
pub use chart::{share_of_voice_chart, trend_chart};
pub use export::write_trend_csv;
use figures::{FigureColumns, change, percentage};
use matrix::matrix;
pub use share_of_voice::share_of_voice_table;
use sparkline::sparkline;
pub use terms::slice_terms_table;

/// Width that tables are made for where nothing is known of the terminal.
pub const DEFAULT_WIDTH: usize = 100;
/// Values with a row in the summary; the rest is left to JSON, and said to be.
const ROWS_SHOWN: usize = 15;
/// Characters of a sparkline.
const SPARKLINE_WIDTH: usize = 28;
/// Spaces on both sides of a column.
const PADDING: usize = 2;
/// Width of the beginning of a bucket.
const START_WIDTH: usize = 20;
/// Width of the other columns that every row has: mentions, and the bar.
const FIXED_WIDTH: usize = 10 + 18;

/// The buckets (or, for the whole period in two fields, the matrix), then the values, then what was asked.
pub fn trend_table(report: &TrendReport, width: usize) -> String {
    if report.interval == Interval::ALL && report.then_by.is_some() {
        return [matrix(report, width), notes(report, matrix::ROWS_SHOWN)].join("\n");
    }
    let parts = [Some(buckets(report, width)), values(report), Some(notes(report, ROWS_SHOWN))];
    parts.into_iter().flatten().collect::<Vec<_>>().join("\n")
}

/// A row for each bucket, with the first values as columns, and the sum of every column below.
fn buckets(report: &TrendReport, width: usize) -> String {
    let figures = FigureColumns::of(&report.figures);
    let starts = starts(&report.buckets);
    let start_width = starts.iter().map(String::len).max().unwrap_or(0).max(START_WIDTH);
    let fits = columns_that_fit(report, width.saturating_sub(start_width + FIXED_WIDTH + figures.width()));
    let shown: Vec<&str> = report.values.iter().take(fits).map(|value| value.value.as_str()).collect();
    let headings = ["from".to_owned(), ">mentions".to_owned()]
        .into_iter()
        .chain(shown.iter().map(|value| format!(">{}", short_name(value))))
        .chain(figures.headings())
        .chain([String::new()]);
    let headings: Vec<String> = headings.collect();
    let mut columns = Columns::new(&headings.iter().map(String::as_str).collect::<Vec<_>>());
    let highest = report.buckets.iter().map(|bucket| bucket.total).max().unwrap_or(0);
    for (bucket, start) in report.buckets.iter().zip(starts) {
        let counts = shown.iter().map(|value| number(bucket.counts.get(value)));
        let cells = [start, number(bucket.total)].into_iter().chain(counts);
        columns.row(cells.chain(figures.cells(&bucket.figures)).chain([bar(bucket.total, highest)]));
    }
    let sums = report.values.iter().take(fits).map(|value| number(value.mentions));
    let all = ["all".to_owned(), number(report.total)].into_iter().chain(sums);
    columns.row(all.chain(figures.cells(&report.figures)));
    columns.render()
}

/// How many values have room for a column of their own.
fn columns_that_fit(report: &TrendReport, room: usize) -> usize {
    let column = |value: &ValueFigures| cells(&short_name(&value.value)).max(number(value.mentions).len());
    room_for(room, report.values.iter().map(column))
}

/// How many columns of these widths there is room for.
fn room_for(room: usize, widths: impl Iterator<Item = usize>) -> usize {
    let ends = widths.scan(0, |end, width| {
        *end += PADDING + width;
        Some(*end)
    });
    ends.take_while(|end| *end <= room).count()
}

/// A row for each value over the whole period.
fn values(report: &TrendReport) -> Option<String> {
    let field = report.by.filter(|_| !report.values.is_empty())?;
    let told = |figures: &Figures| match field {
        // The net sentiment of the negative ones is known.
        Field::Sentiment => Figures { net: None, ..figures.clone() },
        _ => figures.clone(),
    };
    let figures = FigureColumns::of(&told(&report.figures));
    let is_compared = report.comparison.is_some();
    let mut headings = vec![field.name().to_owned(), ">mentions".to_owned(), ">share".to_owned()];
    headings.extend(figures.headings());
    if is_compared {
        headings.extend([">before", ">change", ">share ±", ">net ±"].map(str::to_owned));
    }
    headings.push(if report.buckets.len() > 1 { "over time".to_owned() } else { String::new() });
    let mut columns = Columns::new(&headings.iter().map(String::as_str).collect::<Vec<_>>());
    let highest = report.values.iter().map(|value| value.mentions).max().unwrap_or(0);
    for value in report.values.iter().take(ROWS_SHOWN) {
        let shape = if report.buckets.len() > 1 {
            let counts: Vec<u64> = report.buckets.iter().map(|bucket| bucket.counts.get(&value.value)).collect();
            sparkline(&counts, SPARKLINE_WIDTH)
        } else {
            bar(value.mentions, highest)
        };
        let cells = [short_name(&value.value), number(value.mentions), percentage(value.share)].into_iter();
        let compared = value.change.iter().flat_map(change);
        columns.row(cells.chain(figures.cells(&told(&value.figures))).chain(compared).chain([shape]));
    }
    let totals: Vec<u64> = report.buckets.iter().map(|bucket| bucket.total).collect();
    let all = ["all".to_owned(), number(report.total), String::new()].into_iter();
    let compared = report.comparison.iter().flat_map(|comparison| change(&comparison.change));
    let shape = if totals.len() > 1 { sparkline(&totals, SPARKLINE_WIDTH) } else { String::new() };
    columns.row(all.chain(figures.cells(&told(&report.figures))).chain(compared).chain([shape]));
    Some(columns.render())
}

/// When buckets begin; where the clock shows the same time twice, with its offset.
fn starts(buckets: &[Bucket]) -> Vec<String> {
    let clock = |bucket: &Bucket| {
        let midnight = bucket.start.hour() == 0 && bucket.start.minute() == 0;
        bucket.start.strftime(if midnight { "%a %Y-%m-%d" } else { "%a %Y-%m-%d %H:%M" }).to_string()
    };
    let clocks: Vec<String> = buckets.iter().map(clock).collect();
    let mut shown: HashMap<&str, usize> = HashMap::new();
    clocks.iter().for_each(|clock| *shown.entry(clock).or_default() += 1);
    let start = |(clock, bucket): (&String, &Bucket)| match shown[clock.as_str()] {
        1 => clock.clone(),
        _ => format!("{clock} {}", bucket.start.strftime("%:z")),
    };
    clocks.iter().zip(buckets).map(start).collect()
}

/// What was asked and how it was counted, given how many values have a row.
fn notes(report: &TrendReport, rows_shown: usize) -> String {
    let per = match report.interval {
        Interval::ALL => "the whole period".to_owned(),
        interval => format!("per {interval}"),
    };
    let mut notes = vec![format!("{per} in {}", report.tz)];
    if !report.query.trim().is_empty() {
        notes.push(format!("for {}", printable(&report.query)));
    }
    notes.extend(bounds((report.since, report.until), &report.zone));
    notes.extend(asked(report.asked_at, &report.zone));
    let hidden = report.values.len().saturating_sub(rows_shown) as u64 + report.more_values;
    if hidden > 0 {
        notes.push(format!("{} more values with --format json", number(hidden)));
    }
    if report.multi_valued {
        notes.push("a mention may count under several values".to_owned());
    }
    if report.undated > 0 {
        notes.push(format!("{} mentions without a time are not in the table", number(report.undated)));
    }
    if let Some(comparison) = &report.comparison {
        let day = |time: jiff::Timestamp| time.to_zoned(report.zone.clone()).strftime("%Y-%m-%d %H:%M").to_string();
        notes.push(format!("before: {} – {}, {}", day(comparison.since), day(comparison.until), comparison.rule));
    }
    if report.figures.net.is_some() {
        notes.push("net: positive less negative of the scored, with its 95 % interval".to_owned());
    }
    notes.push(format!("data {}", report.data_version));
    notes.join("; ") + "\n"
}
