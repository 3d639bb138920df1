//! Tables of CSV with named columns, as counts and events come in.

use std::io::Read;

use csv::{Position, StringRecord};

/// A table whose first line names its columns.
pub(super) struct Table<R> {
    reader: csv::Reader<R>,
    header: StringRecord,
}

/// What is wrong in a line.
pub(super) struct WrongLine {
    pub line: u64,
    pub problem: String,
}

impl From<csv::Error> for WrongLine {
    fn from(error: csv::Error) -> WrongLine {
        WrongLine { line: error.position().map_or(1, Position::line), problem: error.to_string() }
    }
}

impl<R: Read> Table<R> {
    /// Reads the first line.
    pub fn open(input: R) -> Result<Table<R>, WrongLine> {
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(input);
        let header = reader.headers()?.clone();
        Ok(Table { reader, header })
    }

    /// The place of the column of this name, whatever its case.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.header.iter().position(|column| column.trim_start_matches('\u{FEFF}').eq_ignore_ascii_case(name))
    }

    /// The first line, as errors show it.
    pub fn header(&self) -> String {
        self.header.iter().collect::<Vec<_>>().join(",")
    }

    /// The rows with their lines.
    pub fn rows(&mut self) -> impl Iterator<Item = Result<(u64, StringRecord), WrongLine>> {
        self.reader.records().map(|row| {
            let row = row?;
            Ok((row.position().map_or(0, Position::line), row))
        })
    }
}
