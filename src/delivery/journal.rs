//! The file of an outbox: one event per line, each on disk before the next step is taken.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::error::DeliveryError;
use super::ledger::Event;
use super::notice::MAX_NOTICE_BYTES;

/// Its name in the folder of an index.
const FILE_NAME: &str = "alarms-outbox.ndjson";
/// What the next file is called until it is whole.
const NEXT_NAME: &str = ".alarms-outbox.next";
/// Held locked while an outbox is open. It stays, so that nobody locks a file that was just removed.
const LOCK_NAME: &str = ".alarms-outbox.lock";
/// The most bytes of one line: a notice, and what an event says about it.
const MAX_LINE_BYTES: usize = MAX_NOTICE_BYTES + (4 << 10);
/// The file is written anew when it is longer than this and than twice its length when it was last new.
const COMPACT_ABOVE_BYTES: u64 = 4 << 20;

/// The open file. No other process has it open.
#[derive(Debug)]
pub(super) struct Journal {
    dir: PathBuf,
    file: File,
    /// Bytes of whole lines.
    length: u64,
    lines: u64,
    /// True while there may be something behind the whole lines, after a write that failed.
    has_tail: bool,
    pub compact_above_bytes: u64,
    /// Bytes of a last line that a crash cut off, dropped on opening.
    pub dropped_bytes: u64,
    _lock: Lock,
}

impl Journal {
    /// Opens or makes the file in a folder that exists, and tells what happened so far.
    pub fn open(dir: &Path, tell: &mut dyn FnMut(Event) -> Result<(), String>) -> Result<Journal, DeliveryError> {
        let lock = Lock::take(dir)?;
        let path = dir.join(FILE_NAME);
        let failed = |source| DeliveryError::File { path: path.clone(), source };
        let file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(failed)?;
        sync_folder(dir).map_err(failed)?;
        let mut journal = Journal {
            dir: dir.to_path_buf(),
            file,
            length: 0,
            lines: 0,
            has_tail: false,
            compact_above_bytes: COMPACT_ABOVE_BYTES,
            dropped_bytes: 0,
            _lock: lock,
        };
        journal.read(tell)?;
        Ok(journal)
    }

    /// Tells every event, and mends the end of the file where a crash cut it off.
    fn read(&mut self, tell: &mut dyn FnMut(Event) -> Result<(), String>) -> Result<(), DeliveryError> {
        let path = self.path();
        let failed = |source| DeliveryError::File { path: path.clone(), source };
        let mut reader = BufReader::new(self.file.try_clone().map_err(failed)?);
        let mut bytes = Vec::new();
        loop {
            bytes.clear();
            Read::take(&mut reader, MAX_LINE_BYTES as u64 + 1).read_until(b'\n', &mut bytes).map_err(failed)?;
            let Some(line) = bytes.strip_suffix(b"\n") else { break };
            self.length += bytes.len() as u64;
            self.lines += 1;
            if !line.trim_ascii().is_empty() {
                let event = serde_json::from_slice(line).map_err(|error| self.damaged(error.to_string()))?;
                tell(event).map_err(|problem| self.damaged(problem))?;
            }
        }
        if bytes.len() > MAX_LINE_BYTES {
            self.lines += 1;
            return Err(self.damaged(format!("it is longer than {MAX_LINE_BYTES} bytes")));
        }
        self.mend_end(&bytes, tell)
    }

    /// A last line that lacks only its end counts: what it tells did happen. Any other never came to be.
    fn mend_end(
        &mut self,
        last: &[u8],
        tell: &mut dyn FnMut(Event) -> Result<(), String>,
    ) -> Result<(), DeliveryError> {
        if last.is_empty() {
            return Ok(());
        }
        self.has_tail = true;
        match serde_json::from_slice::<Event>(last) {
            Ok(event) => {
                self.append(&event)?;
                tell(event).map_err(|problem| self.damaged(problem))
            }
            Err(_) => {
                self.dropped_bytes = last.len() as u64;
                self.drop_tail().map_err(|source| DeliveryError::File { path: self.path(), source })
            }
        }
    }

    /// Adds an event; it is on disk when this returns.
    pub fn append(&mut self, event: &Event) -> Result<(), DeliveryError> {
        let mut write = || -> io::Result<()> {
            let mut line = serde_json::to_vec(event)?;
            line.push(b'\n');
            self.drop_tail()?;
            self.has_tail = true;
            self.file.seek(SeekFrom::Start(self.length))?;
            self.file.write_all(&line)?;
            self.file.sync_data()?;
            self.length += line.len() as u64;
            self.lines += 1;
            self.has_tail = false;
            Ok(())
        };
        write().map_err(|source| DeliveryError::File { path: self.path(), source })
    }

    /// True where it is time to write the file anew.
    pub fn is_long(&self) -> bool {
        self.length > self.compact_above_bytes
    }

    /// Writes the file anew with these events in place of all that it has. A crash leaves the old file or the new one.
    pub fn replace(&mut self, events: &[Event]) -> Result<(), DeliveryError> {
        let (path, next) = (self.path(), self.dir.join(NEXT_NAME));
        let mut write = || -> io::Result<()> {
            let mut bytes = Vec::new();
            for event in events {
                serde_json::to_writer(&mut bytes, event)?;
                bytes.push(b'\n');
            }
            let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(&next)?;
            file.write_all(&bytes)?;
            file.sync_all()?;
            std::fs::rename(&next, &path)?;
            self.file = file;
            self.length = bytes.len() as u64;
            self.lines = events.len() as u64;
            self.has_tail = false;
            self.compact_above_bytes = self.compact_above_bytes.max(2 * self.length);
            sync_folder(&self.dir)
        };
        write().map_err(|source| DeliveryError::File { path: path.clone(), source })
    }

    fn drop_tail(&mut self) -> io::Result<()> {
        if self.has_tail {
            self.file.set_len(self.length)?;
            self.file.sync_data()?;
            self.has_tail = false;
        }
        Ok(())
    }

    fn path(&self) -> PathBuf {
        self.dir.join(FILE_NAME)
    }

    /// What is said of the last line that was read or written.
    pub fn damaged(&self, problem: String) -> DeliveryError {
        DeliveryError::Damaged { path: self.path(), line: self.lines, problem }
    }
}

/// The lock on a folder's outbox; the system takes it back when the process dies.
#[derive(Debug)]
struct Lock(File);

impl Lock {
    fn take(dir: &Path) -> Result<Lock, DeliveryError> {
        let path = dir.join(LOCK_NAME);
        let failed = |source| DeliveryError::File { path: path.clone(), source };
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Lock(file)),
            Err(TryLockError::WouldBlock) => Err(DeliveryError::Locked { dir: dir.to_path_buf() }),
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }
}

impl Drop for Lock {
    /// Closing alone would not do: a process that another thread is just starting holds a copy of the file for a moment.
    fn drop(&mut self) {
        // Nothing can be done about a failure, and closing the file still unlocks it.
        let _ = self.0.unlock();
    }
}

/// Makes the names in a folder last. Only Unix opens a folder as a file; elsewhere names last by themselves.
fn sync_folder(dir: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(dir)?.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_write_that_failed_leaves_no_trace() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(FILE_NAME);
        let event = |key: &str| Event::Delivered { at: jiff::Timestamp::UNIX_EPOCH, key: key.to_owned() };
        let mut journal = Journal::open(dir.path(), &mut |_| Ok(())).unwrap();
        journal.append(&event("a-1")).unwrap();
        let writable = std::mem::replace(&mut journal.file, File::open(&path).unwrap());
        assert!(matches!(journal.append(&event("b-1")).unwrap_err(), DeliveryError::File { .. }));
        // As a disk that fills up in the middle of a line.
        OpenOptions::new().append(true).open(&path).unwrap().write_all(&[b'x'; 500]).unwrap();
        journal.file = writable;
        journal.append(&event("c-1")).unwrap();
        drop(journal);
        let mut told = Vec::new();
        let journal = Journal::open(dir.path(), &mut |event| {
            told.push(event);
            Ok(())
        });
        assert_eq!(journal.unwrap().dropped_bytes, 0);
        assert_eq!(told, [event("a-1"), event("c-1")]);
    }
}
