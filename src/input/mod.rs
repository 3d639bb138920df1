//! Bytes → [`Mention`], or a [`Reject`] that says where and why.
//!
//! A [`Source`] is a file or the standard input: NDJSON, a JSON array, CSV or TSV, plain or compressed with gzip or zstd,
//! in UTF-8 or (with a byte-order mark) UTF-16. A [`Reader`] yields its records in order. Every record becomes exactly
//! one mention or one reject; nothing in the data makes it fail, panic, or hold more than a record in memory.
//!
//! What is no record: blank lines; in a table also the header and what stands before it, which may be Excel's `sep=;`
//! and a preamble: the header is the first of 20 rows in which a name for the text occurs ([`aliases`]). In a table, an
//! empty cell is an absent field, except that an empty text is an empty text.
//!
//! What a record must be: `text` is a string. `id` is a string or a whole number; where there is none, it is derived from
//! channel, author, time and text. `created_at` is RFC 3339, a date with or without a time (in UTC unless it names a
//! zone), seconds or milliseconds since 1970, or Twitter's `Wed Oct 11 20:19:24 +0000 2017`, in the years 1970 to 2200.
//! Counts and ratings are plain numbers or strings of such; `N/A`, `-`, `nan` and the like are absent. Everything else
//! stays in the record as it came, except that a field which would be mistaken for a tag of ours becomes `upstream_…`,
//! and that the tags of an earlier run are dropped.

mod array;
mod delimited;
mod error;
mod fields;
mod lines;
mod ndjson;
mod record;
mod reject;
mod source;
mod time;

use std::io::Read;
use std::sync::Arc;

use crate::mention::Mention;

use array::{Element, Elements};
use delimited::{DELIMITERS, Header, Span, Table, unclosed_quote};
use lines::{LineEnd, Window, without_carriage_return};
use ndjson::parse_object;
use record::mention_from_json;
use reject::{Envelope, Fault};

pub use error::InputError;
pub use fields::{Field, aliases};
pub use record::{MAX_FIELDS, MAX_ID_BYTES};
pub use reject::{CsvContext, MAX_TRUNCATED_RAW_BYTES, Position, Reject, RejectReason, RejectWriter};
pub use source::{Progress, Source};

/// Longest record, in bytes, unless [`InputOptions::max_record_bytes`] says otherwise.
pub const MAX_RECORD_BYTES: usize = 1 << 20;
/// How much longer than a record the line of a side file may be: escapes take up to six bytes for one.
const ENVELOPE_FACTOR: usize = 6;
/// Bytes of a side file's line beside the escaped record: names, message, columns.
const ENVELOPE_BYTES: usize = 256 * 1024;
/// Bytes in which a sign is sought that an input is not text.
const BINARY_SAMPLE_BYTES: usize = 4096;

/// How an input is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InputFormat {
    /// One JSON object a line.
    Ndjson,
    /// One JSON array of objects.
    Json,
    /// A table; the delimiter is found out.
    Csv,
    /// A table with tabs.
    Tsv,
}

/// How to read an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InputOptions {
    /// The format; `None` to find out: `{` begins NDJSON, `[` a JSON array, all else a table.
    pub format: Option<InputFormat>,
    /// Longest record, in bytes; longer ones are rejected.
    pub max_record_bytes: usize,
}

impl Default for InputOptions {
    fn default() -> InputOptions {
        InputOptions { format: None, max_record_bytes: MAX_RECORD_BYTES }
    }
}

/// Yields the records of one source. Its iteration never fails: damage to the source is its last reject, of reason
/// [`RejectReason::DamagedInput`], and then [`Reader::damage`] has the error.
pub struct Reader {
    file: Arc<str>,
    window: Window,
    records: Records,
    max_record_bytes: usize,
    progress: Progress,
    damage: Option<InputError>,
}

enum Records {
    Lines,
    Array(Elements),
    Table(Table),
    Done,
}

impl Reader {
    /// Opens a source and finds out its format, for which it reads the first lines.
    ///
    /// # Errors
    /// Where it cannot be opened, is not text, or is a table without a column for the text.
    pub fn open(source: &Source, options: &InputOptions) -> Result<Reader, InputError> {
        let (bytes, progress) = source.open()?;
        Reader::start(source.name(), bytes, progress, options)
    }

    /// Reads from anything; `name` is for messages and rejects.
    ///
    /// # Errors
    /// As for [`Reader::open`].
    pub fn from_read(
        name: &str,
        bytes: impl Read + Send + 'static,
        options: &InputOptions,
    ) -> Result<Reader, InputError> {
        Reader::start(name.to_string(), Box::new(bytes), Progress::default(), options)
    }

    fn start(
        file: String,
        bytes: Box<dyn Read + Send>,
        progress: Progress,
        options: &InputOptions,
    ) -> Result<Reader, InputError> {
        let decoded = source::decoded(bytes, progress.clone());
        let mut window = Window::new(decoded.map_err(|source| InputError::Open { file: file.clone(), source })?);
        let max_record_bytes = options.max_record_bytes;
        let records = match options.format.unwrap_or_else(|| sniff(&mut window, max_record_bytes)) {
            InputFormat::Ndjson => Records::Lines,
            InputFormat::Json => Records::Array(Elements::new()),
            InputFormat::Csv => open_table(&file, &mut window, DELIMITERS, max_record_bytes)?,
            InputFormat::Tsv => open_table(&file, &mut window, b"\t", max_record_bytes)?,
        };
        Ok(Reader { file: file.into(), window, records, max_record_bytes, progress, damage: None })
    }

    /// How far the source has been read, for a progress bar.
    pub fn progress(&self) -> Progress {
        self.progress.clone()
    }

    /// What ended the source early, once its last reject has been yielded.
    pub fn damage(&self) -> Option<&InputError> {
        self.damage.as_ref()
    }

    /// What ended the source early, handed over.
    pub fn into_damage(self) -> Option<InputError> {
        self.damage
    }

    /// Whether the next record may have to be waited for; a caller that reads from a pipe can use the time to hand on
    /// what it has. A hint: the system and the decompressor may hold bytes of their own.
    pub fn is_drained(&self) -> bool {
        self.window.is_drained()
    }

    /// Where the next record stands, by its line.
    fn place(&self) -> Position {
        Position { file: self.file.clone(), line: self.window.line(), row: None }
    }

    fn next_line(&mut self) -> Option<Result<Mention, Reject>> {
        loop {
            let position = self.place();
            let limit = self.line_limit();
            let (end, next) = match self.window.line_end(0, limit) {
                LineEnd::At { end, next } => (end, next),
                LineEnd::TooLong => return Some(Err(self.reject_long_line(position))),
                LineEnd::Cut | LineEnd::Nothing => return None,
            };
            let raw = without_carriage_return(&self.window.bytes()[..end]);
            let found = (!raw.trim_ascii().is_empty()).then(|| from_json(raw, position));
            self.window.take(next);
            if found.is_some() {
                return found;
            }
        }
    }

    /// How long the next line may be: a reject that is fed back in holds a record in its escaped form.
    fn line_limit(&mut self) -> usize {
        let is_envelope = Envelope::PREFIX.iter().enumerate().all(|(at, &byte)| self.window.byte(at) == Some(byte));
        match is_envelope {
            true => self.max_record_bytes.saturating_mul(ENVELOPE_FACTOR).saturating_add(ENVELOPE_BYTES),
            false => self.max_record_bytes,
        }
    }

    fn reject_long_line(&mut self, position: Position) -> Reject {
        let reject = Reject::truncated(position, too_long(self.max_record_bytes), self.window.bytes());
        self.window.skip_line();
        reject
    }

    fn next_element(&mut self) -> Option<Result<Mention, Reject>> {
        let Records::Array(elements) = &mut self.records else { return None };
        let element = elements.next(&mut self.window, self.max_record_bytes)?;
        let position = self.place();
        let (result, length) = match element {
            Element::Whole(length) => (from_json(self.window.bytes()[..length].trim_ascii_end(), position), length),
            Element::Stray(length, fault) => {
                (Err(Reject::new(position, fault, &self.window.bytes()[..length])), length)
            }
            Element::Unclosed(fault) => (Err(Reject::new(position, fault, b"")), 0),
            Element::TooLong { head, line } => {
                let position = Position { line, ..position };
                (Err(Reject::truncated(position, too_long(self.max_record_bytes), &head)), 0)
            }
        };
        self.window.take(length);
        Some(result)
    }

    fn next_row(&mut self) -> Option<Result<Mention, Reject>> {
        let Records::Table(table) = &mut self.records else { return None };
        let span = table.next(&mut self.window, self.max_record_bytes);
        let csv = table.context().clone();
        let position = Position { file: self.file.clone(), line: self.window.line(), row: Some(table.row()) };
        let (result, end, next) = match span {
            Span::Nothing => return None,
            Span::Whole { end, next } => (table.mention(&self.window.bytes()[..end]), end, next),
            Span::Runaway { end, next } => (Err(unclosed_quote()), end, next),
            Span::TooLong => return Some(Err(Reject { csv: Some(csv), ..self.reject_long_line(position) })),
        };
        let raw = without_carriage_return(&self.window.bytes()[..end]);
        let result = result.map_err(|fault| Reject { csv: Some(csv), ..Reject::new(position, fault, raw) });
        self.window.take(next);
        Some(result)
    }

    /// The last reject of a damaged source, with what was read of its last record.
    fn report_damage(&mut self) -> Option<Result<Mention, Reject>> {
        let source = self.window.take_damage()?;
        let line = self.window.line();
        let message = format!("cannot read on from here: {source}; what followed is lost, get the file again");
        let fault = Fault::new(RejectReason::DamagedInput, message);
        let reject = Reject::new(self.place(), fault, self.window.bytes());
        let csv = match &self.records {
            Records::Table(table) => Some(table.context().clone()),
            Records::Lines | Records::Array(_) | Records::Done => None,
        };
        self.records = Records::Done;
        self.damage = Some(InputError::Damaged { file: self.file.to_string(), line, source });
        Some(Err(Reject { csv, raw_truncated: true, ..reject }))
    }
}

impl Iterator for Reader {
    type Item = Result<Mention, Reject>;

    fn next(&mut self) -> Option<Result<Mention, Reject>> {
        let found = match &self.records {
            Records::Lines => self.next_line(),
            Records::Array(_) => self.next_element(),
            Records::Table(_) => self.next_row(),
            Records::Done => None,
        };
        found.or_else(|| self.report_damage())
    }
}

/// Reads a JSON record, which may be a reject of ours that is fed back in.
fn from_json(raw: &[u8], position: Position) -> Result<Mention, Reject> {
    let result = match parse_object(raw) {
        Ok(record) => match Envelope::from_record(&record) {
            Some(envelope) => return reread(envelope),
            None => mention_from_json(record),
        },
        Err(fault) => Err(fault),
    };
    result.map_err(|fault| Reject::new(position, fault, raw))
}

/// Reads the record in a reject of ours; if it is rejected again, it keeps the place where it stood at first.
fn reread(envelope: Envelope) -> Result<Mention, Reject> {
    let Envelope { position, raw, raw_truncated, fault, csv } = envelope;
    let header = csv.map(Header::new);
    let result = match &header {
        _ if raw_truncated => Err(fault),
        Some(header) => header.parse(&raw),
        None => parse_object(&raw).and_then(mention_from_json),
    };
    let csv = header.map(|header| header.context().clone());
    result.map_err(|fault| Reject { raw_truncated, csv, ..Reject::new(position, fault, &raw) })
}

fn too_long(max_record_bytes: usize) -> Fault {
    let message =
        format!("longer than {max_record_bytes} bytes, the most a record may have; only its beginning is kept");
    Fault::new(RejectReason::RecordTooLong, message)
}

/// Finds out the format by the first byte that is not blank.
fn sniff(window: &mut Window, max_record_bytes: usize) -> InputFormat {
    let first = loop {
        let line_end = window.line_end(0, max_record_bytes);
        let line = match line_end {
            LineEnd::At { end, .. } => &window.bytes()[..end],
            LineEnd::TooLong | LineEnd::Cut | LineEnd::Nothing => window.bytes(),
        };
        match (line.iter().find(|byte| !byte.is_ascii_whitespace()), line_end) {
            (None, LineEnd::At { next, .. }) => window.take(next),
            (first, _) => break first.copied(),
        }
    };
    match first {
        Some(b'{') | None => InputFormat::Ndjson,
        Some(b'[') => InputFormat::Json,
        Some(_) => InputFormat::Csv,
    }
}

/// Opens a table, or `Records::Done` where there are no rows; says what else it may be where it is not one.
fn open_table(
    file: &str,
    window: &mut Window,
    delimiters: &[u8],
    max_record_bytes: usize,
) -> Result<Records, InputError> {
    window.byte(0);
    let look = look_of(&window.bytes()[..window.bytes().len().min(BINARY_SAMPLE_BYTES)]);
    match (Table::open(file, window, delimiters, max_record_bytes), look) {
        (Ok(table), _) => Ok(table.map_or(Records::Done, Records::Table)),
        (Err(InputError::NoTextColumn { file, .. }), Some((what, advice))) => {
            Err(InputError::NotText { file, what, advice })
        }
        (Err(error), _) => Err(error),
    }
}

/// What bytes that are no table seem to be, and what to do with them.
fn look_of(sample: &[u8]) -> Option<(&'static str, &'static str)> {
    if sample.starts_with(b"PK\x03\x04") {
        Some(("a workbook or another zip archive", "export it as CSV in UTF-8, or unpack it"))
    } else if sample.starts_with(b"PAR1") {
        Some(("a Parquet file", "export it as NDJSON or CSV"))
    } else if sample.iter().filter(|&&byte| byte == 0).count() > sample.len() / 3 {
        Some(("UTF-16 without a byte-order mark", "save it as UTF-8"))
    } else if sample.contains(&0) {
        Some(("a binary file", "NDJSON, a JSON array, CSV and TSV are read, plain or compressed with gzip or zstd"))
    } else {
        None
    }
}
