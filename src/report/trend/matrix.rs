//! Values of one field by values of another: counts, and each row's shares.

use super::figures::FigureColumns;
use super::{PADDING, room_for};
use crate::report::table::{Columns, cells, number, percent, short_name};
use crate::trends::{TrendReport, ValueFigures};

/// Values of the first field with a row.
pub(super) const ROWS_SHOWN: usize = 30;
/// Width of the mentions of a row.
const MENTIONS_WIDTH: usize = 8;
/// Width of a share beside a count.
const SHARE_WIDTH: usize = 6;

/// A row for each value of the first field, a column for each of the second, as many as there is room for.
pub(super) fn matrix(report: &TrendReport, width: usize) -> String {
    let figures = FigureColumns::of(&report.figures);
    let rows = &report.values[..report.values.len().min(ROWS_SHOWN)];
    let all: &[ValueFigures] = report.values.first().map_or(&[], |value| &value.pairs);
    let shown = columns_that_fit(rows, all, width.saturating_sub(figures.width()));
    let headings = [report.by.map_or("", |field| field.name()).to_owned(), ">mentions".to_owned()]
        .into_iter()
        .chain(all[..shown].iter().map(|pair| format!(">{}", short_name(&pair.value))))
        .chain(figures.headings());
    let headings: Vec<String> = headings.collect();
    let mut columns = Columns::new(&headings.iter().map(String::as_str).collect::<Vec<_>>());
    for value in rows {
        let pairs = value.pairs[..shown].iter().map(|pair| share_of_row(pair.mentions, value.mentions));
        let cells = [short_name(&value.value), number(value.mentions)].into_iter().chain(pairs);
        columns.row(cells.chain(figures.cells(&value.figures)));
    }
    // Mentions of several values stand in several rows: their sums are not those of all mentions.
    let empty = std::iter::repeat_n(String::new(), shown);
    let total = ["all".to_owned(), number(report.total)].into_iter().chain(empty);
    columns.row(total.chain(figures.cells(&report.figures)));
    let mut text = columns.render();
    let hidden = (all.len() - shown) as u64 + report.more_pairs;
    if hidden > 0 {
        text += &format!("more columns with --format json: {}\n", number(hidden));
    }
    text
}

fn share_of_row(count: u64, whole: u64) -> String {
    format!("{} {:>5}", number(count), percent(count, whole))
}

/// How many of the second field's values have room beside the names of the first one's.
fn columns_that_fit(rows: &[ValueFigures], pairs: &[ValueFigures], width: usize) -> usize {
    let names = rows.iter().map(|value| cells(&short_name(&value.value))).max().unwrap_or(0);
    let room = width.saturating_sub(names + MENTIONS_WIDTH + 2 * PADDING);
    let column = |position: usize, pair: &ValueFigures| {
        let counts = rows.iter().map(|value| number(value.pairs[position].mentions).len()).max().unwrap_or(0);
        cells(&short_name(&pair.value)).max(counts + SHARE_WIDTH)
    };
    room_for(room, pairs.iter().enumerate().map(|(position, pair)| column(position, pair)))
}
