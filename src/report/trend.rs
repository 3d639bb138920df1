//! A trend as a table: a row for each bucket, a column for each value.

use super::table::{Columns, bar, number};
use crate::trends::{Bucket, TrendReport};

/// Values with a column of their own; the rest is left to JSON, and said to be.
const COLUMNS_SHOWN: usize = 7;

/// The table, with the sum of every column below it.
pub fn trend_table(report: &TrendReport) -> String {
    let values: Vec<String> = match report.buckets.first() {
        Some(bucket) => bucket.counts.iter().map(|(value, _)| value.to_owned()).collect(),
        None => Vec::new(),
    };
    let shown = &values[..values.len().min(COLUMNS_SHOWN)];
    let headings: Vec<String> = ["from".to_owned(), ">mentions".to_owned()]
        .into_iter()
        .chain(shown.iter().map(|value| format!(">{value}")))
        .chain([String::new()])
        .collect();
    let mut columns = Columns::new(&headings.iter().map(String::as_str).collect::<Vec<_>>());
    let highest = report.buckets.iter().map(|bucket| bucket.total).max().unwrap_or(0);
    for bucket in &report.buckets {
        let counts = shown.iter().map(|value| number(bucket.counts.get(value)));
        let cells = [start(bucket), number(bucket.total)].into_iter().chain(counts);
        columns.row(cells.chain([bar(bucket.total, highest)]));
    }
    let sum = |value: &String| number(report.buckets.iter().map(|bucket| bucket.counts.get(value)).sum());
    columns.row(["all".to_owned(), number(report.total)].into_iter().chain(shown.iter().map(sum)));
    let mut text = columns.render();
    text += &notes(report, values.len());
    text
}

fn start(bucket: &Bucket) -> String {
    let midnight = bucket.start.hour() == 0 && bucket.start.minute() == 0;
    bucket.start.strftime(if midnight { "%a %Y-%m-%d" } else { "%a %Y-%m-%d %H:%M" }).to_string()
}

fn notes(report: &TrendReport, values: usize) -> String {
    let mut notes = vec![format!("per {} in {}", report.interval, report.tz)];
    if !report.query.trim().is_empty() {
        notes.push(format!("for {}", report.query));
    }
    if values > COLUMNS_SHOWN {
        notes.push(format!("{} more values with --format json", values - COLUMNS_SHOWN));
    }
    if report.multi_valued {
        notes.push("a mention may count under several values".to_owned());
    }
    if report.undated > 0 {
        notes.push(format!("{} mentions without a time are not in the table", number(report.undated)));
    }
    notes.join("; ") + "\n"
}
