//! Ready-made counts: a table of times and values.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::series::{Series, Steps};
use super::table::{Table, WrongLine};

/// Most steps of a series: a year of half minutes.
pub const MAX_STEPS: usize = 1_100_000;
/// Most rows at different times.
const MAX_ROWS: usize = 4 * MAX_STEPS;

/// Counts could not be read.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum CountsError {
    #[error("cannot read {path}: {source}")]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("{path}: the first line must name the columns timestamp and value; it has {header:?}")]
    Header { path: PathBuf, header: String },
    #[error("{path}, line {line}: {problem}")]
    Row { path: PathBuf, line: u64, problem: String },
    #[error("{path}: two rows at different times are needed to tell how long a step is")]
    TooFew { path: PathBuf },
    #[error(
        "{path}: from the first row to the last there are more than {MAX_STEPS} steps of {step_seconds} s; take longer steps"
    )]
    TooMany { path: PathBuf, step_seconds: i64 },
}

/// Reads counts from a table with the columns `timestamp` (RFC 3339, or without a zone that of `zone`) and `value` (whole, not
/// negative). A step is as long as the usual distance between rows, and a row is of the step that it is nearest to; a step without a
/// row has none.
///
/// # Errors
/// Where the file cannot be read, or a row says no time or no count.
pub fn read_counts(path: &Path, zone: &TimeZone) -> Result<(Steps, Series), CountsError> {
    let file = File::open(path).map_err(|source| CountsError::Unreadable { path: path.to_owned(), source })?;
    parse_counts(file, path, zone)
}

/// Reads such a table from anywhere; `path` names it in errors, and its last part the series.
///
/// # Errors
/// Where it cannot be read, or a row says no time or no count.
pub fn parse_counts(input: impl Read, path: &Path, zone: &TimeZone) -> Result<(Steps, Series), CountsError> {
    let rows = read_rows(input, path, zone)?;
    let too_few = || CountsError::TooFew { path: path.to_owned() };
    let (&first, &last) = rows.keys().next().zip(rows.keys().next_back()).ok_or_else(too_few)?;
    let step_seconds = usual_distance(&rows).ok_or_else(too_few)?;
    let step_of = |second: i64| (second - first + step_seconds / 2) / step_seconds;
    let count = step_of(last) + 1;
    let too_many = || CountsError::TooMany { path: path.to_owned(), step_seconds };
    let count = usize::try_from(count).ok().filter(|&count| count <= MAX_STEPS).ok_or_else(too_many)?;
    let seconds = u32::try_from(step_seconds).map_err(|_| too_many())?;
    let mut counts: Vec<(u32, [u32; 3])> = Vec::with_capacity(rows.len());
    for (second, value) in rows {
        let step = step_of(second) as u32;
        match counts.last_mut().filter(|(last, _)| *last == step) {
            Some((_, [mentions, ..])) => *mentions = mentions.saturating_add(value),
            None => counts.push((step, [value, 0, 0])),
        }
    }
    let name = path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned());
    Ok((Steps { start: first, seconds, count }, Series { name, counts }))
}

/// The values by second; rows of one second are added up.
fn read_rows(input: impl Read, path: &Path, zone: &TimeZone) -> Result<BTreeMap<i64, u32>, CountsError> {
    let wrong = |wrong: WrongLine| CountsError::Row { path: path.to_owned(), line: wrong.line, problem: wrong.problem };
    let mut table = Table::open(input).map_err(wrong)?;
    let no_column = || CountsError::Header { path: path.to_owned(), header: table.header() };
    let time_column = table.column("timestamp").ok_or_else(no_column)?;
    let value_column = table.column("value").ok_or_else(no_column)?;
    let mut rows: BTreeMap<i64, u32> = BTreeMap::new();
    for row in table.rows() {
        let (line, row) = row.map_err(wrong)?;
        let refused = |problem: String| CountsError::Row { path: path.to_owned(), line, problem };
        let (time, value) = (row.get(time_column).unwrap_or_default(), row.get(value_column).unwrap_or_default());
        let second = second_of(time, zone).ok_or_else(|| {
            refused(format!(
                "{time:?} is no time; write 2015-02-26T21:42:53Z, or without the Z as the clock of --tz shows it"
            ))
        })?;
        let value = count_of(value)
            .ok_or_else(|| refused(format!("{value:?} is no count; write a whole number, 0 or more")))?;
        if rows.len() >= MAX_ROWS {
            return Err(refused(format!("there are more than {MAX_ROWS} rows at different times")));
        }
        let slot = rows.entry(second).or_default();
        *slot = slot.saturating_add(value);
    }
    Ok(rows)
}

/// The second of a time, in a zone if it names none.
pub(super) fn second_of(text: &str, zone: &TimeZone) -> Option<i64> {
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time.as_second());
    }
    let local: DateTime = text.parse().ok()?;
    Some(local.to_zoned(zone.clone()).ok()?.timestamp().as_second())
}

fn count_of(text: &str) -> Option<u32> {
    let number: f64 = text.parse().ok()?;
    (number >= 0.0 && number.fract() == 0.0 && number <= f64::from(u32::MAX)).then_some(number as u32)
}

/// The median distance between rows.
fn usual_distance(rows: &BTreeMap<i64, u32>) -> Option<i64> {
    let mut distances: Vec<i64> = rows.keys().zip(rows.keys().skip(1)).map(|(a, b)| b - a).collect();
    distances.sort_unstable();
    distances.get(distances.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn read(text: &str) -> Result<(Steps, Series), String> {
        let riga = TimeZone::get("Europe/Riga").unwrap();
        parse_counts(text.as_bytes(), Path::new("folder/counts.csv"), &riga).map_err(|error| error.to_string())
    }

    #[test]
    fn steps_without_a_row_have_none() {
        let text = "\u{FEFF}Timestamp, value\n2026-01-01T00:10:00Z,3\n2026-01-01 02:00:00,1\n2026-01-01T00:05:00Z,2.0\n\
                    2026-01-01T00:25:00Z,4\n2026-01-01T00:10:30Z,1\n";
        let (steps, series) = read(text).unwrap();
        assert_eq!(series.name, "counts.csv");
        assert_eq!((steps.start_of(0).to_string().as_str(), steps.seconds), ("2026-01-01T00:00:00Z", 300));
        let mentions: Vec<(u32, u32)> = series.counts.iter().map(|(step, [mentions, ..])| (*step, *mentions)).collect();
        // Half a minute after a row is still its step.
        assert_eq!(mentions, [(0, 1), (1, 2), (2, 4), (5, 4)]);
        let early = "timestamp,value\n2026-01-01T00:00:01Z,1\n2026-01-01T00:05:00Z,2\n2026-01-01T00:10:00Z,3\n2026-01-01T00:15:00Z,4\n";
        let mentions: Vec<u32> = read(early).unwrap().1.counts.iter().map(|(_, [mentions, ..])| *mentions).collect();
        assert_eq!(mentions, [1, 2, 3, 4], "a first row that is late does not take the second one in");
    }

    #[test]
    fn what_is_wrong_is_pointed_at() {
        let cases = [
            ("time,n\n1,2\n", "the first line must name the columns timestamp and value; it has \"time,n\""),
            ("timestamp,value\n2026-01-01,1\nyesterday,2\n", "/counts.csv, line 3: \"yesterday\" is no time"),
            ("timestamp,value\n2026-01-01T00:00:00Z,-1\n", "line 2: \"-1\" is no count"),
            ("timestamp,value\n2026-01-01T00:00:00Z,1\n", "two rows"),
            ("timestamp,value\n", "two rows"),
            ("timestamp,value\n2026-01-01T00:00:00Z\n", "line 2"),
            (
                "timestamp,value\n2026-01-01T00:00:00Z,1\n2026-01-01T00:00:01Z,1\n2026-01-01T00:00:02Z,1\n2027-01-01T00:00:01Z,1\n",
                "1100000 steps",
            ),
        ];
        for (text, expected) in cases {
            let error = read(text).unwrap_err();
            assert!(error.contains(expected), "{text:?}: {error}");
        }
    }
}
