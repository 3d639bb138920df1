//! What all tables share: numbers, shares, bars, columns.

use comfy_table::{Cell, CellAlignment, Table, presets::NOTHING};

/// Characters of a full bar.
const BAR_WIDTH: usize = 16;
/// Longer names are cut.
const MAX_NAME_CELLS: usize = 30;

/// A number with its thousands apart: `14,485`.
pub fn number(n: u64) -> String {
    let digits = n.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A share in percent: `63 %`; a dash where there is nothing to share.
pub(super) fn percent(part: u64, whole: u64) -> String {
    if whole == 0 { "–".to_owned() } else { format!("{:.0} %", 100.0 * part as f64 / whole as f64) }
}

/// Text of others as it may be shown on a terminal: what would move the cursor, change colours or turn the direction of
/// writing around becomes a space.
pub(super) fn printable(text: &str) -> String {
    let turns = |c| matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    text.chars().map(|c| if c.is_control() || turns(c) { ' ' } else { c }).collect()
}

/// Cells that a text takes on a terminal, where letters of some scripts take two.
pub(super) fn cells(text: &str) -> usize {
    console::measure_text_width(text)
}

/// A name of others as it stands in a table: printable, and cut with `…` where it is long.
pub(super) fn short_name(name: &str) -> String {
    console::truncate_str(&printable(name), MAX_NAME_CELLS, "…").into_owned()
}

/// A bar of eighths of a character, full at `highest`.
pub(super) fn bar(value: u64, highest: u64) -> String {
    const EIGHTHS: [char; 8] = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
    if highest == 0 {
        return String::new();
    }
    let eighths = (value as f64 / highest as f64 * (BAR_WIDTH * 8) as f64).round() as usize;
    let mut bar = "█".repeat(eighths / 8);
    if !eighths.is_multiple_of(8) {
        bar.push(EIGHTHS[eighths % 8]);
    }
    bar
}

/// A table without lines. Columns whose heading begins with `>` are aligned to the right.
pub(super) struct Columns {
    table: Table,
    right: Vec<bool>,
}

impl Columns {
    pub fn new(headings: &[&str]) -> Columns {
        let mut table = Table::new();
        table.load_style(NOTHING);
        let right: Vec<bool> = headings.iter().map(|heading| heading.starts_with('>')).collect();
        let mut columns = Columns { table, right };
        let cells =
            columns.cells(headings.iter().map(|heading| heading.strip_prefix('>').unwrap_or(heading).to_owned()));
        columns.table.set_header(cells);
        columns
    }

    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        let cells = self.cells(cells);
        self.table.add_row(cells);
    }

    fn cells(&self, cells: impl IntoIterator<Item = String>) -> Vec<Cell> {
        let alignment = |right: &bool| if *right { CellAlignment::Right } else { CellAlignment::Left };
        cells
            .into_iter()
            .zip(&self.right)
            .map(|(cell, right)| Cell::new(printable(&cell)).set_alignment(alignment(right)))
            .collect()
    }

    /// The table, each line without trailing spaces and ended by a line break.
    pub fn render(&self) -> String {
        self.table.lines().fold(String::new(), |mut text, line| {
            text.push_str(line.trim_end());
            text.push('\n');
            text
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_bars() {
        assert_eq!([0, 999, 1000, 1234567].map(number), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(bar(1, 2), "████████");
        assert_eq!(bar(0, 0), "");
        assert_eq!(percent(1, 3), "33 %");
        assert_eq!(percent(0, 0), "–");
    }

    #[test]
    fn headings_and_names_stay_what_they_are() {
        let headings = Columns::new(&["brand", ">>>Deal", ">A", ">>A"]).render();
        assert_eq!(headings.split_whitespace().collect::<Vec<_>>(), ["brand", ">>Deal", "A", ">A"]);
        assert_eq!(short_name("北方航空公司"), "北方航空公司");
        let cut = short_name(&"北方航空公司".repeat(9));
        assert!(cut.ends_with('…') && (29..=30).contains(&cells(&cut)), "{cut}");
    }

    #[test]
    fn others_text_cannot_steer_the_terminal() {
        let mut columns = Columns::new(&["brand"]);
        columns.row(["a\u{1b}[2Jb\u{202E}c\nd".to_owned()]);
        assert!(columns.render().contains("a [2Jb c d"));
    }
}
