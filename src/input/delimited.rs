//! Tables: CSV, TSV and their kin, row by row.
//!
//! A quoted cell may hold line breaks, so a quote that is never closed could swallow the rest of the file. It does not:
//! where a row that spans lines runs into the end of the input or the limit of a record, gets more cells than the header
//! has, or closes a quote in the middle of a cell, only its first line is rejected (`unclosed_quote`), and reading goes
//! on with the second line. For this a row must be looked at before it is taken, and its bytes and first line must be
//! known, which the `csv` crate does not offer; what is no runaway is split just as that crate splits it.

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::mention::Mention;

use super::error::InputError;
use super::fields::{NUMBER_FIELDS, Rename, free_name, is_text_name, renames};
use super::lines::{LineEnd, Window, without_carriage_return};
use super::ndjson::{invalid_utf8, nul_byte};
use super::record::{MAX_FIELDS, mention_from, number_as_written};
use super::reject::{CsvContext, Fault, RejectReason};

/// Delimiters looked for, the most likely first.
pub(super) const DELIMITERS: &[u8] = b",;\t|";
/// Rows, blank ones not counted, among which the header must be.
const MAX_HEADER_ROWS: usize = 20;

/// Reads the rows of one table.
pub(super) struct Table {
    header: Header,
    cells: Cells,
    row: u64,
}

impl Table {
    /// Finds the header; `None` where the input has no rows, or is damaged before the header.
    pub(super) fn open(
        file: &str,
        window: &mut Window,
        delimiters: &[u8],
        max_record_bytes: usize,
    ) -> Result<Option<Table>, InputError> {
        let mut cells = Cells::default();
        let mut delimiters = delimiters.to_vec();
        let mut first_row = None;
        let mut rows = 0;
        while rows < MAX_HEADER_ROWS {
            let (end, next) = match window.line_end(0, max_record_bytes) {
                LineEnd::At { end, next } => (end, next),
                LineEnd::Cut => return Ok(None),
                LineEnd::Nothing => break,
                LineEnd::TooLong => {
                    window.skip_line();
                    rows += 1;
                    continue;
                }
            };
            let line = without_carriage_return(&window.bytes()[..end]);
            if line.is_empty() {
                window.take(next);
                continue;
            }
            if let Some(delimiter) = declared_delimiter(line).filter(|_| rows == 0) {
                delimiters = vec![delimiter];
                window.take(next);
                rows += 1;
                continue;
            }
            let Some((columns, delimiter, next)) = widest(&mut cells, window, &delimiters, max_record_bytes) else {
                window.take(next);
                rows += 1;
                continue;
            };
            if columns.iter().any(|name| is_text_name(name)) {
                window.take(next);
                if columns.len() > MAX_FIELDS {
                    let (file, found) = (file.to_string(), columns.len());
                    return Err(InputError::TooManyColumns { file, found, max: MAX_FIELDS });
                }
                let header = Header::new(CsvContext { columns, delimiter: delimiter.into() });
                return Ok(Some(Table { header, cells, row: 0 }));
            }
            first_row.get_or_insert(columns);
            window.take(next);
            rows += 1;
        }
        match (rows, window.is_damaged()) {
            (0, _) | (_, true) => Ok(None),
            _ => Err(InputError::NoTextColumn { file: file.to_string(), columns: first_row.unwrap_or_default() }),
        }
    }

    pub(super) fn context(&self) -> &Arc<CsvContext> {
        &self.header.context
    }

    /// The number of the row found last.
    pub(super) fn row(&self) -> u64 {
        self.row
    }

    /// Finds the next row and takes the blank lines before it.
    pub(super) fn next(&mut self, window: &mut Window, limit: usize) -> Span {
        loop {
            let span = scan(&mut self.cells, window, self.header.delimiter, self.header.names.len(), limit);
            match span {
                Span::Nothing => {}
                Span::Whole { end, next } if without_carriage_return(&window.bytes()[..end]).is_empty() => {
                    window.take(next);
                    continue;
                }
                Span::Whole { .. } | Span::Runaway { .. } | Span::TooLong => self.row += 1,
            }
            return span;
        }
    }

    /// Reads the row found last, whose bytes are `raw`.
    pub(super) fn mention(&self, raw: &[u8]) -> Result<Mention, Fault> {
        self.header.mention(&self.cells, raw)
    }
}

/// The delimiter of Excel's first line, `sep=;`.
fn declared_delimiter(line: &[u8]) -> Option<u8> {
    let line = line.strip_prefix(b"\"").and_then(|line| line.strip_suffix(b"\"")).unwrap_or(line);
    match line {
        [name @ .., b'=', delimiter] if name.eq_ignore_ascii_case(b"sep") && is_delimiter(*delimiter) => {
            Some(*delimiter)
        }
        _ => None,
    }
}

fn is_delimiter(byte: u8) -> bool {
    byte.is_ascii() && !byte.is_ascii_alphanumeric() && !matches!(byte, b'"' | b'\r' | b'\n' | 0)
}

/// The cells of the row at the front of the window with the delimiter that finds a text column, or else most cells,
/// and where the next row begins.
fn widest(cells: &mut Cells, window: &mut Window, delimiters: &[u8], limit: usize) -> Option<(Vec<String>, u8, usize)> {
    let mut best: Option<(Vec<String>, u8, usize)> = None;
    let value = |columns: &[String]| (columns.iter().any(|name| is_text_name(name)), columns.len());
    for &delimiter in delimiters {
        if let Span::Whole { next, .. } = scan(cells, window, delimiter, usize::MAX, limit) {
            let columns = cells.lossy();
            if best.as_ref().is_none_or(|(best, ..)| value(&columns) > value(best)) {
                best = Some((columns, delimiter, next));
            }
        }
    }
    best
}

/// The columns of a table and what they mean.
pub(super) struct Header {
    context: Arc<CsvContext>,
    delimiter: u8,
    /// The name of each column in the record, and whether its cells are numbers.
    names: Vec<(String, bool)>,
}

impl Header {
    /// Names the columns, of which there may be [`MAX_FIELDS`].
    pub(super) fn new(context: CsvContext) -> Header {
        let columns = &context.columns;
        let mut names: Vec<(String, bool)> = Vec::with_capacity(columns.len());
        let mut taken: HashSet<String> = HashSet::new();
        for (position, rename) in renames(columns.iter().map(|name| (name.as_str(), None))).into_iter().enumerate() {
            let name = match rename {
                Rename::Keep if columns[position].trim().is_empty() => format!("column_{}", position + 1),
                Rename::Keep => columns[position].clone(),
                Rename::To(known) => known.to_string(),
                Rename::Upstream(tag) => format!("upstream_{tag}"),
            };
            let name = free_name(name, |name| taken.contains(name));
            taken.insert(name.clone());
            let is_number = NUMBER_FIELDS.contains(&name.as_str());
            names.push((name, is_number));
        }
        let delimiter = u8::try_from(context.delimiter).unwrap_or(b',');
        Header { context: Arc::new(context), delimiter, names }
    }

    pub(super) fn context(&self) -> &Arc<CsvContext> {
        &self.context
    }

    /// Reads one row that stands alone.
    pub(super) fn parse(&self, raw: &[u8]) -> Result<Mention, Fault> {
        let mut cells = Cells::default();
        let mut window = Window::new(Box::new(std::io::Cursor::new(raw.to_vec())));
        match scan(&mut cells, &mut window, self.delimiter, self.names.len(), raw.len()) {
            Span::Whole { end, .. } if end == raw.len() => self.mention(&cells, raw),
            Span::Whole { .. } => {
                Err(Fault::new(RejectReason::WrongNumberOfFields, "a line break in the row that is not in quotes"))
            }
            Span::Runaway { .. } | Span::TooLong | Span::Nothing => Err(unclosed_quote()),
        }
    }

    fn mention(&self, cells: &Cells, raw: &[u8]) -> Result<Mention, Fault> {
        if let Err(error) = std::str::from_utf8(raw) {
            return Err(invalid_utf8(error.valid_up_to()));
        }
        if raw.contains(&0) {
            return Err(nul_byte());
        }
        let (expected, found) = (self.names.len(), cells.len());
        if found != expected {
            let message = format!("{found} fields where the header has {expected}; is a quote or a delimiter amiss?");
            return Err(Fault::new(RejectReason::WrongNumberOfFields, message));
        }
        let mut record = Map::with_capacity(expected);
        for ((name, is_number), cell) in self.names.iter().zip(cells.iter()) {
            let cell = String::from_utf8_lossy(cell);
            if cell.is_empty() && name != "text" {
                continue;
            }
            let number = if *is_number { number_as_written(&cell) } else { None };
            let value = number.map_or_else(|| Value::String(cell.into_owned()), Value::Number);
            record.insert(name.clone(), value);
        }
        mention_from(record)
    }
}

pub(super) fn unclosed_quote() -> Fault {
    let message = "a quote opens here and is not closed where a cell ends; close it, or double the quotes within";
    Fault::new(RejectReason::UnclosedQuote, message)
}

/// Where the row at the front of the window ends, and where the next one begins.
pub(super) enum Span {
    Whole {
        end: usize,
        next: usize,
    },
    /// The row spans lines and cannot be right; its first line ends here.
    Runaway {
        end: usize,
        next: usize,
    },
    /// The first line is longer than a record may be.
    TooLong,
    /// There are no more rows, or the next one is cut off by damage.
    Nothing,
}

/// Splits the row at the front of the window without taking it.
fn scan(cells: &mut Cells, window: &mut Window, delimiter: u8, max_cells: usize, limit: usize) -> Span {
    cells.clear();
    let mut from = 0;
    let mut first_line = None;
    loop {
        let line_end = window.line_end(from, limit);
        let (end, next) = match (line_end, first_line) {
            (LineEnd::At { end, next }, _) => (end, next),
            (_, Some((end, next))) => return Span::Runaway { end, next },
            (LineEnd::TooLong, None) => return Span::TooLong,
            (LineEnd::Cut | LineEnd::Nothing, None) => return Span::Nothing,
        };
        let fed = cells.feed(&window.bytes()[from..next], delimiter);
        let is_runaway = first_line.is_some() && (cells.has_closed_amid || cells.len() > max_cells);
        let (first_end, first_next) = *first_line.get_or_insert((end, next));
        match fed {
            _ if is_runaway => return Span::Runaway { end: first_end, next: first_next },
            Fed::Done => return Span::Whole { end, next },
            Fed::Open => from = next,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fed {
    Done,
    Open,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum State {
    #[default]
    CellStart,
    Plain,
    Quoted,
    /// After a quote in a quoted cell: it closes the cell unless another quote follows.
    Closing,
}

/// The cells of one row, fed line by line.
#[derive(Debug, Default)]
struct Cells {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    state: State,
    /// Whether a quote closed and the cell went on.
    has_closed_amid: bool,
}

impl Cells {
    fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
        self.state = State::CellStart;
        self.has_closed_amid = false;
    }

    fn len(&self) -> usize {
        self.ends.len()
    }

    fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, &end)| &self.bytes[start..end])
    }

    fn lossy(&self) -> Vec<String> {
        self.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect()
    }

    /// Adds a line with its line break.
    fn feed(&mut self, line: &[u8], delimiter: u8) -> Fed {
        let content = without_carriage_return(line.strip_suffix(b"\n").unwrap_or(line));
        for &byte in content {
            self.step(byte, delimiter);
        }
        if self.state == State::Quoted {
            self.bytes.extend_from_slice(&line[content.len()..]);
            return Fed::Open;
        }
        self.ends.push(self.bytes.len());
        Fed::Done
    }

    fn step(&mut self, byte: u8, delimiter: u8) {
        match (self.state, byte) {
            (State::CellStart, b'"') => self.state = State::Quoted,
            (State::Quoted, b'"') => self.state = State::Closing,
            (State::Closing, b'"') => {
                self.bytes.push(b'"');
                self.state = State::Quoted;
            }
            (State::Quoted, _) => self.bytes.push(byte),
            _ if byte == delimiter => {
                self.ends.push(self.bytes.len());
                self.state = State::CellStart;
            }
            (state, _) => {
                self.has_closed_amid |= state == State::Closing;
                self.bytes.push(byte);
                self.state = State::Plain;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    const LIMIT_BYTES: usize = 1 << 16;

    /// The rows of a table without blank lines; `None` where one runs away.
    fn split(text: &str) -> Option<Vec<Vec<String>>> {
        let mut window = Window::new(Box::new(std::io::Cursor::new(text.as_bytes().to_vec())));
        let mut cells = Cells::default();
        let mut rows = Vec::new();
        loop {
            match scan(&mut cells, &mut window, b',', usize::MAX, LIMIT_BYTES) {
                Span::Nothing => return Some(rows),
                Span::TooLong | Span::Runaway { .. } => return None,
                Span::Whole { end, next } => {
                    if !without_carriage_return(&window.bytes()[..end]).is_empty() {
                        rows.push(cells.lossy());
                    }
                    window.take(next);
                }
            }
        }
    }

    fn split_by_csv_crate(text: &str) -> Vec<Vec<String>> {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
        reader.records().map(|row| row.unwrap().iter().map(str::to_string).collect()).collect()
    }

    #[test]
    fn delimiters_are_declared_as_excel_does() {
        for (line, expected) in [
            (&b"sep=;"[..], Some(b';')),
            (b"\"sep=,\"", Some(b',')),
            (b"SEP=\t", Some(b'\t')),
            (b"sep=", None),
            (b"sep=a", None),
            (b"sep=\"", None),
            (b"step=;", None),
        ] {
            assert_eq!(declared_delimiter(line), expected, "{}", String::from_utf8_lossy(line));
        }
    }

    #[test]
    fn every_column_has_a_name_of_its_own() {
        let columns = ["Text", "", "x", "x", "likes", "upstream_topics", "topics"].map(str::to_string).to_vec();
        let header = Header::new(CsvContext { columns, delimiter: ',' });
        let names: Vec<&str> = header.names.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["text", "column_2", "x", "x_2", "likes", "upstream_topics", "upstream_topics_2"]);
    }

    #[test]
    fn numbers_become_numbers_where_nothing_is_lost() {
        let columns = ["text", "likes", "shares", "rating", "note"].map(str::to_string).to_vec();
        let header = Header::new(CsvContext { columns, delimiter: ',' });
        let mention = header.parse(b"a,12,007,4.50,12").unwrap();
        assert_eq!((mention.counts.likes, mention.counts.shares, mention.rating), (Some(12), Some(7), Some(4.5)));
        let kept: Vec<String> = mention.record.values().skip(1).take(4).map(Value::to_string).collect();
        assert_eq!(kept, ["12", "\"007\"", "\"4.50\"", "\"12\""]);
    }

    proptest! {
        #[test]
        fn rows_are_split_as_the_csv_crate_does(text in "([a,\"\n]|\r\n){0,40}") {
            if let Some(rows) = split(&text) {
                prop_assert_eq!(rows, split_by_csv_crate(&text));
            }
        }
    }
}
