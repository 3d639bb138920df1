//! What people know to have happened: a table of events that backtests are held against.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::alarm::Alarm;
use super::counts::second_of;
use super::table::{Table, WrongLine};

/// Most events of a table.
const MAX_EVENTS: usize = 100_000;

/// Something that is known to have happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownEvent {
    /// When it began.
    pub start: Timestamp,
    /// When it was over.
    pub end: Timestamp,
    /// The series that showed it; any, where it does not say.
    pub series: Option<String>,
}

/// Events could not be read. Always their author's to fix.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum EventsError {
    #[error("cannot read {path}: {source}")]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("{path}: the first line must name the columns start and end, and may name series; it has {header:?}")]
    Header { path: PathBuf, header: String },
    #[error("{path}, line {line}: {problem}")]
    Row { path: PathBuf, line: u64, problem: String },
}

impl KnownEvent {
    /// True if an alarm was raised in it.
    pub(super) fn holds(&self, alarm: &Alarm) -> bool {
        let is_of_series = self.series.as_ref().is_none_or(|series| *series == alarm.series);
        is_of_series && (self.start..=self.end).contains(&alarm.first.time)
    }
}

/// Reads events from a table with the columns `start` and `end` (RFC 3339, or without a zone that of `zone`) and, where it is
/// known, `series`.
///
/// # Errors
/// Where the file cannot be read, or a row says no times.
pub fn read_events(path: &Path, zone: &TimeZone) -> Result<Vec<KnownEvent>, EventsError> {
    let file = File::open(path).map_err(|source| EventsError::Unreadable { path: path.to_owned(), source })?;
    parse_events(file, path, zone)
}

/// Reads such a table from anywhere; `path` names it in errors.
///
/// # Errors
/// Where it cannot be read, or a row says no times.
pub fn parse_events(input: impl Read, path: &Path, zone: &TimeZone) -> Result<Vec<KnownEvent>, EventsError> {
    let row_error = |line: u64, problem: String| EventsError::Row { path: path.to_owned(), line, problem };
    let wrong = |wrong: WrongLine| row_error(wrong.line, wrong.problem);
    let mut table = Table::open(input).map_err(wrong)?;
    let no_column = || EventsError::Header { path: path.to_owned(), header: table.header() };
    let start = table.column("start").ok_or_else(no_column)?;
    let end = table.column("end").ok_or_else(no_column)?;
    let series = table.column("series");
    let mut events = Vec::new();
    for row in table.rows() {
        let (line, row) = row.map_err(wrong)?;
        let time = |column: usize| {
            let text = row.get(column).unwrap_or_default();
            let time = second_of(text, zone).and_then(|second| Timestamp::from_second(second).ok());
            time.ok_or_else(|| row_error(line, format!("{text:?} is no time; write 2015-02-26T21:42:53Z")))
        };
        let (start, end) = (time(start)?, time(end)?);
        if end < start {
            return Err(row_error(line, "it ends before it begins".to_owned()));
        }
        let series = series.and_then(|column| row.get(column)).filter(|name| !name.is_empty()).map(str::to_owned);
        if events.len() >= MAX_EVENTS {
            return Err(row_error(line, format!("there are more than {MAX_EVENTS} events")));
        }
        events.push(KnownEvent { start, end, series });
    }
    Ok(events)
}
