//! Corrections by people: what a mention's sentiment is, whatever the model says, kept by mention id.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::mention::Label;

/// The most bytes of one line of a file of corrections.
const MAX_LINE_BYTES: u64 = 64 << 10;

/// One line of a file of corrections:
/// `{"id": "42", "sentiment": "negative", "by": "anna", "at": "2026-11-22T08:00:00Z", "note": "sarcasm"}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Correction {
    /// Id of the mention.
    pub id: String,
    /// What it is; `null` withdraws an earlier correction.
    // Named, so that a forgotten field is not taken for `null`.
    #[serde(deserialize_with = "Option::deserialize")]
    pub sentiment: Option<Label>,
    /// Who says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// When it was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Why corrections cannot be read or kept.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CorrectionError {
    /// The file cannot be read or written.
    #[error("cannot use the corrections {}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A correction is too long to keep.
    #[error("the correction of {id:?} is longer than {MAX_LINE_BYTES} bytes; shorten its note")]
    TooLong {
        /// Id of the mention.
        id: String,
    },
    /// A line is no correction.
    #[error(
        "corrections {} line {line}: {problem}; a line looks like {{\"id\": \"42\", \"sentiment\": \"negative\"}}, with null to withdraw",
        path.display()
    )]
    Line {
        /// The file.
        path: PathBuf,
        /// Counted from 1.
        line: usize,
        /// What is wrong.
        problem: String,
    },
}

impl CorrectionError {
    /// True where what was asked for is wrong, false where the machine failed.
    pub fn is_user_error(&self) -> bool {
        match self {
            CorrectionError::File { source, .. } => {
                matches!(source.kind(), io::ErrorKind::NotFound | io::ErrorKind::IsADirectory)
            }
            CorrectionError::Line { .. } | CorrectionError::TooLong { .. } => true,
        }
    }
}

/// The corrections in force, by mention id.
#[derive(Debug, Clone, Default)]
pub struct Corrections {
    by_id: HashMap<String, Correction>,
}

impl Corrections {
    /// The correction of a mention.
    pub fn get(&self, id: &str) -> Option<&Correction> {
        self.by_id.get(id)
    }

    /// How many mentions are corrected.
    pub fn len(&self) -> usize {
        self.by_id.len()
    }

    /// True where nothing is corrected.
    pub fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// Adds a later correction, which takes the place of an earlier one of its mention.
    pub fn add(&mut self, correction: Correction) {
        match correction.sentiment {
            Some(_) => {
                self.by_id.insert(correction.id.clone(), correction);
            }
            None => {
                self.by_id.remove(&correction.id);
            }
        }
    }
}

/// Reads every correction of a file, in its order.
pub fn read_corrections(path: &Path) -> Result<Vec<Correction>, CorrectionError> {
    read_lines(path, false)
}

/// Reads corrections; with `forgive_torn`, a last line that was cut off is passed over.
fn read_lines(path: &Path, forgive_torn: bool) -> Result<Vec<Correction>, CorrectionError> {
    let failed = |source| CorrectionError::File { path: path.into(), source };
    let mut reader = BufReader::new(File::open(path).map_err(failed)?);
    let mut corrections = Vec::new();
    let mut bytes = Vec::new();
    for line in 1.. {
        let wrong = |problem: String| CorrectionError::Line { path: path.into(), line, problem };
        bytes.clear();
        let read = io::Read::take(&mut reader, MAX_LINE_BYTES).read_until(b'\n', &mut bytes).map_err(failed)?;
        if read == 0 {
            break;
        }
        let is_cut = bytes.last() != Some(&b'\n');
        if read as u64 == MAX_LINE_BYTES && is_cut {
            return Err(wrong(format!("it is longer than {MAX_LINE_BYTES} bytes")));
        }
        let content = bytes.strip_prefix(b"\xEF\xBB\xBF").filter(|_| line == 1).unwrap_or(&bytes).trim_ascii();
        match serde_json::from_slice(content) {
            _ if content.is_empty() => {}
            Ok(correction) => corrections.push(correction),
            Err(_) if is_cut && forgive_torn => {}
            Err(problem) => return Err(wrong(problem.to_string())),
        }
    }
    Ok(corrections)
}

/// The file beside an index that keeps every correction ever made to it, oldest first: a record of who changed what.
#[derive(Debug, Clone)]
pub struct CorrectionLog {
    path: PathBuf,
}

impl CorrectionLog {
    /// Its name in the folder of an index.
    pub const FILE_NAME: &'static str = "corrections.ndjson";

    /// The log of the index in a folder; it need not exist yet.
    pub fn of_index(dir: &Path) -> CorrectionLog {
        CorrectionLog { path: dir.join(Self::FILE_NAME) }
    }

    /// Every correction ever made, oldest first; none where there is no log. A last line that a crash cut off is not one.
    pub fn read(&self) -> Result<Vec<Correction>, CorrectionError> {
        match read_lines(&self.path, true) {
            Err(CorrectionError::File { source, .. }) if source.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            read => read,
        }
    }

    /// Adds corrections at the end, on disk before this returns.
    pub fn append(&self, corrections: &[Correction]) -> Result<(), CorrectionError> {
        let failed = |source| CorrectionError::File { path: self.path.clone(), source };
        let mut lines = Vec::new();
        for correction in corrections {
            let line = serde_json::to_vec(correction).map_err(|e| failed(e.into()))?;
            if line.len() as u64 >= MAX_LINE_BYTES {
                return Err(CorrectionError::TooLong { id: correction.id.clone() });
            }
            lines.extend(line);
            lines.push(b'\n');
        }
        self.mend_end().map_err(failed)?;
        let mut file = OpenOptions::new().create(true).append(true).open(&self.path).map_err(failed)?;
        file.write_all(&lines).map_err(failed)?;
        file.sync_all().map_err(failed)
    }

    /// Gives the last line its end where it lacks one, or takes it away where it was cut off in the middle: what was cut
    /// off was never said to be kept.
    fn mend_end(&self) -> io::Result<()> {
        let bytes = match std::fs::read(&self.path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        let whole = bytes.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
        if whole == bytes.len() {
            return Ok(());
        }
        let mut file = OpenOptions::new().write(true).open(&self.path)?;
        if serde_json::from_slice::<Correction>(&bytes[whole..]).is_ok() {
            file.seek(SeekFrom::End(0))?;
            file.write_all(b"\n")
        } else {
            file.set_len(whole as u64)
        }
    }
}

impl FromIterator<Correction> for Corrections {
    fn from_iter<I: IntoIterator<Item = Correction>>(corrections: I) -> Corrections {
        let mut in_force = Corrections::default();
        corrections.into_iter().for_each(|correction| in_force.add(correction));
        in_force
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn correction(id: &str, sentiment: Option<Label>) -> Correction {
        Correction { id: id.into(), sentiment, by: Some("anna".into()), at: None, note: None }
    }

    #[test]
    fn the_last_one_counts_and_the_log_keeps_all() {
        let dir = tempfile::tempdir().unwrap();
        let log = CorrectionLog::of_index(dir.path());
        assert!(log.read().unwrap().is_empty());
        log.append(&[correction("1", Some(Label::Negative)), correction("2", Some(Label::Positive))]).unwrap();
        log.append(&[correction("1", Some(Label::Neutral)), correction("2", None)]).unwrap();
        let all = log.read().unwrap();
        assert_eq!(all.len(), 4);
        let in_force = Corrections::from_iter(all);
        assert_eq!(in_force.get("1").unwrap().sentiment, Some(Label::Neutral));
        assert!(in_force.get("2").is_none() && in_force.len() == 1);
    }

    #[test]
    fn a_log_that_a_crash_cut_off_goes_on() {
        let dir = tempfile::tempdir().unwrap();
        let log = CorrectionLog::of_index(dir.path());
        let whole = "{\"id\":\"1\",\"sentiment\":\"negative\"}";
        std::fs::write(&log.path, format!("{whole}\n{{\"id\":\"2\",\"sen")).unwrap();
        assert_eq!(log.read().unwrap().len(), 1);
        log.append(&[correction("2", None)]).unwrap();
        assert_eq!(log.read().unwrap().len(), 2);
        std::fs::write(&log.path, whole).unwrap();
        log.append(&[correction("3", None)]).unwrap();
        assert_eq!(log.read().unwrap().len(), 2);
        let long = Correction { note: Some("x".repeat(100_000)), ..correction("4", None) };
        assert!(log.append(&[long]).unwrap_err().is_user_error());
        assert_eq!(log.read().unwrap().len(), 2);
    }

    #[test]
    fn bad_lines_are_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("c.ndjson");
        let cases = [
            ("\u{FEFF}{\"id\":\"1\",\"sentiment\":\"negative\"}\n\n{\"id\":\"2\"", "line 3"),
            ("{\"id\":\"1\",\"sentiment\":\"bad\"}", "unknown variant `bad`"),
            ("{\"id\":\"1\",\"sentiment\":null,\"sentimnet\":1}", "unknown field"),
            ("{\"sentiment\":null}", "missing field `id`"),
            ("{\"id\":\"1\"}", "missing field `sentiment`"),
        ];
        for (content, part) in cases {
            std::fs::write(&path, content).unwrap();
            let error = read_corrections(&path).unwrap_err();
            assert!(error.to_string().contains(part) && error.is_user_error(), "{content}: {error}");
        }
        std::fs::write(&path, vec![b'x'; 100_000]).unwrap();
        assert!(read_corrections(&path).unwrap_err().to_string().contains("longer than"));
        assert!(read_corrections(&dir.path().join("none")).unwrap_err().is_user_error());
    }
}
