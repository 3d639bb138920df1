//! Records that could not be read: why, where, and the bytes themselves, so that they can be mended and fed back in.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Map, Value};

use super::error::InputError;
use super::record::MAX_FIELDS;

/// Bytes of an over-long record that a reject keeps.
pub const MAX_TRUNCATED_RAW_BYTES: usize = 4096;

/// Why a record was rejected. The names are part of the contract: scripts select by them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RejectReason {
    /// The bytes are not UTF-8.
    InvalidUtf8,
    /// There is a NUL byte: the file is damaged, binary, or UTF-16 without a byte-order mark.
    NulByte,
    /// Not JSON, or not all of it on one line.
    InvalidJson,
    /// A `\ud83d`-like half of a character without its other half.
    LoneSurrogate,
    /// JSON nested too deeply.
    TooDeep,
    /// JSON, but not an object.
    NotAnObject,
    /// The same field twice in one object.
    DuplicateField,
    /// More fields than a record may have.
    TooManyFields,
    /// Longer than a record may be.
    RecordTooLong,
    /// A CSV row with more or fewer cells than the header has.
    WrongNumberOfFields,
    /// A CSV quote that is never closed, or that closes where another cell was meant to begin.
    UnclosedQuote,
    /// There is no text.
    NoTextField,
    /// A field has a value of a kind it cannot have, such as a number for the text.
    WrongType,
    /// The id is neither a string nor a whole number, or it is too long.
    BadId,
    /// The id was rounded by a spreadsheet, as in `5.68E+17`.
    IdMangled,
    /// The time cannot be read, or is not in the years 1970 to 2200.
    BadTime,
    /// A count or a rating is not a number, or is too large to be one.
    BadNumber,
    /// Reading or decompressing failed here; what followed is lost.
    DamagedInput,
}

impl RejectReason {
    /// The name used in every output.
    pub fn as_str(self) -> &'static str {
        match self {
            RejectReason::InvalidUtf8 => "invalid_utf8",
            RejectReason::NulByte => "nul_byte",
            RejectReason::InvalidJson => "invalid_json",
            RejectReason::LoneSurrogate => "lone_surrogate",
            RejectReason::TooDeep => "too_deep",
            RejectReason::NotAnObject => "not_an_object",
            RejectReason::DuplicateField => "duplicate_field",
            RejectReason::TooManyFields => "too_many_fields",
            RejectReason::RecordTooLong => "record_too_long",
            RejectReason::WrongNumberOfFields => "wrong_number_of_fields",
            RejectReason::UnclosedQuote => "unclosed_quote",
            RejectReason::NoTextField => "no_text_field",
            RejectReason::WrongType => "wrong_type",
            RejectReason::BadId => "bad_id",
            RejectReason::IdMangled => "id_mangled",
            RejectReason::BadTime => "bad_time",
            RejectReason::BadNumber => "bad_number",
            RejectReason::DamagedInput => "damaged_input",
        }
    }
}

/// What is wrong with a record, before it is known where the record stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) reason: RejectReason,
    pub(super) message: String,
}

impl Fault {
    pub(super) fn new(reason: RejectReason, message: impl Into<String>) -> Fault {
        Fault { reason, message: message.into() }
    }
}

/// What is needed to read one CSV row on its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CsvContext {
    /// The cells of the header, as they came.
    pub columns: Vec<String>,
    /// What stands between two cells.
    pub delimiter: char,
}

impl CsvContext {
    fn is_usable(&self) -> bool {
        self.delimiter.is_ascii() && self.columns.len() <= MAX_FIELDS
    }
}

/// Where a record stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// Name of the input, as it was given; `-` for the standard input.
    pub file: Arc<str>,
    /// The line it begins on, counting line breaks from 1.
    pub line: u64,
    /// In CSV, the number of the row after the header, from 1; a row may span lines.
    pub row: Option<u64>,
}

/// A record that could not be read.
///
/// It is written as one JSON line, `{"reject":{"file":…,"line":…,"reason":…,"message":…},"raw":"…"}`, with `row` and
/// `csv` where it came from CSV, `raw_base64` for `raw` where the bytes are not UTF-8, and `"raw_truncated":true` where
/// they are not all there. Such a line is itself valid input: the raw record in it is read again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reject {
    /// Where it stands; for a record out of a side file of rejects, where it stood at first.
    pub position: Position,
    /// Why it was rejected.
    pub reason: RejectReason,
    /// What is wrong and what to do, for a person.
    pub message: String,
    /// The record, without its line break.
    pub raw: Vec<u8>,
    /// Whether `raw` is only the beginning of the record: at most [`MAX_TRUNCATED_RAW_BYTES`] where it was too long, or
    /// what was there before the damage. It is not read again before somebody has mended it and taken this mark away.
    pub raw_truncated: bool,
    /// How to read `raw`, where it is a CSV row.
    pub csv: Option<Arc<CsvContext>>,
}

impl Reject {
    pub(super) fn new(position: Position, fault: Fault, raw: &[u8]) -> Reject {
        let Fault { reason, message } = fault;
        Reject { position, reason, message, raw: raw.to_vec(), raw_truncated: false, csv: None }
    }

    /// A reject that keeps only the beginning of `raw`, up to a whole character.
    pub(super) fn truncated(position: Position, fault: Fault, raw: &[u8]) -> Reject {
        let head = &raw[..raw.len().min(MAX_TRUNCATED_RAW_BYTES)];
        let kept = match std::str::from_utf8(head) {
            Err(error) if error.error_len().is_none() => &head[..error.valid_up_to()],
            _ => head,
        };
        Reject { raw_truncated: true, ..Reject::new(position, fault, kept) }
    }
}

#[derive(Serialize)]
struct Head<'a> {
    file: &'a str,
    line: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    row: Option<u64>,
    reason: RejectReason,
    message: &'a str,
}

impl Serialize for Reject {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Position { file, line, row } = &self.position;
        let head = Head { file, line: *line, row: *row, reason: self.reason, message: &self.message };
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("reject", &head)?;
        match std::str::from_utf8(&self.raw) {
            Ok(text) => map.serialize_entry("raw", text)?,
            Err(_) => map.serialize_entry("raw_base64", &BASE64.encode(&self.raw))?,
        }
        if self.raw_truncated {
            map.serialize_entry("raw_truncated", &true)?;
        }
        if let Some(csv) = &self.csv {
            map.serialize_entry("csv", csv.as_ref())?;
        }
        map.end()
    }
}

/// The line of a side file of rejects, read back.
pub(super) struct Envelope {
    pub(super) position: Position,
    pub(super) raw: Vec<u8>,
    pub(super) raw_truncated: bool,
    /// Why it was rejected.
    pub(super) fault: Fault,
    pub(super) csv: Option<CsvContext>,
}

#[derive(Deserialize)]
struct OwnedHead {
    file: String,
    line: u64,
    row: Option<u64>,
    reason: RejectReason,
    message: String,
}

impl Envelope {
    /// The first bytes of a line that may be a reject of ours.
    pub(super) const PREFIX: &'static [u8] = b"{\"reject\":{";

    /// Recognises a reject of ours; `None` for any other object.
    pub(super) fn from_record(record: &Map<String, Value>) -> Option<Envelope> {
        let head = OwnedHead::deserialize(record.get("reject")?).ok()?;
        let raw = match (record.get("raw"), record.get("raw_base64")) {
            (Some(Value::String(raw)), None) => raw.clone().into_bytes(),
            (None, Some(Value::String(raw))) => BASE64.decode(raw).ok()?,
            _ => return None,
        };
        let csv = match record.get("csv") {
            Some(csv) => Some(CsvContext::deserialize(csv).ok().filter(CsvContext::is_usable)?),
            None => None,
        };
        Some(Envelope {
            position: Position { file: head.file.into(), line: head.line, row: head.row },
            raw,
            raw_truncated: record.get("raw_truncated") == Some(&Value::Bool(true)),
            fault: Fault::new(head.reason, head.message),
            csv,
        })
    }
}

/// Writes rejects to a side file, one JSON line each. The file appears with the first reject, replacing an older one;
/// it must not be one that is being read.
#[derive(Debug)]
pub struct RejectWriter {
    path: PathBuf,
    file: Option<BufWriter<File>>,
    written: u64,
}

impl RejectWriter {
    /// A writer for the side file at `path`. Nothing is created yet.
    pub fn create(path: impl AsRef<Path>) -> RejectWriter {
        RejectWriter { path: path.as_ref().to_path_buf(), file: None, written: 0 }
    }

    /// Writes one reject.
    ///
    /// # Errors
    /// [`InputError::WriteRejects`] where the file cannot be created or written.
    pub fn write(&mut self, reject: &Reject) -> Result<(), InputError> {
        self.try_write(reject).map_err(|source| self.error(source))?;
        self.written += 1;
        Ok(())
    }

    /// How many rejects were written so far.
    pub fn written(&self) -> u64 {
        self.written
    }

    /// Hands everything written so far to the system.
    ///
    /// # Errors
    /// [`InputError::WriteRejects`] where the file cannot be written.
    pub fn flush(&mut self) -> Result<(), InputError> {
        let flushed = self.file.as_mut().map_or(Ok(()), BufWriter::flush);
        flushed.map_err(|source| self.error(source))
    }

    fn try_write(&mut self, reject: &Reject) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(BufWriter::new(File::create(&self.path)?)),
        };
        serde_json::to_writer(&mut *file, reject)?;
        file.write_all(b"\n")
    }

    fn error(&self, source: io::Error) -> InputError {
        InputError::WriteRejects { file: self.path.display().to_string(), source }
    }
}
