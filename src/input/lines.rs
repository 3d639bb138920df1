//! A sliding window over the bytes of an input, in which readers look for the end of a record before they take it.

use std::io::{self, Read};

/// Bytes the window holds at first; it grows with the records.
const INITIAL_BYTES: usize = 64 * 1024;

/// Where a line ends. Positions count from the first byte not yet taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineEnd {
    /// The line's content ends before `end`, and the next line begins at `next`.
    At { end: usize, next: usize },
    /// There is no line break among the first `limit` bytes of the window.
    TooLong,
    /// The input is damaged before the line ends.
    Cut,
    /// There are no more bytes.
    Nothing,
}

/// The bytes read and not yet taken.
pub(super) struct Window {
    reader: Box<dyn Read + Send>,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    line: u64,
    ended: bool,
    damage: Option<io::Error>,
}

impl Window {
    pub(super) fn new(reader: Box<dyn Read + Send>) -> Window {
        Window { reader, buffer: vec![0; INITIAL_BYTES], start: 0, end: 0, line: 1, ended: false, damage: None }
    }

    /// The line of the first byte not yet taken, counting from 1.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    /// What is in memory and not yet taken.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    /// The byte at a position, read if need be.
    pub(super) fn byte(&mut self, at: usize) -> Option<u8> {
        while self.end - self.start <= at {
            if !self.fill() {
                return None;
            }
        }
        Some(self.buffer[self.start + at])
    }

    /// Whether reading failed; the bytes before the damage may still be in the window.
    pub(super) fn is_damaged(&self) -> bool {
        self.damage.is_some()
    }

    /// Takes the error that ended the input early.
    pub(super) fn take_damage(&mut self) -> Option<io::Error> {
        self.damage.take()
    }

    /// Whether the next line would have to be waited for.
    pub(super) fn is_drained(&self) -> bool {
        !self.ended && !self.bytes().contains(&b'\n')
    }

    /// Finds the end of the line that begins at `from`, which must not be beyond the bytes already seen.
    pub(super) fn line_end(&mut self, from: usize, limit: usize) -> LineEnd {
        let mut searched = from;
        loop {
            let available = self.end - self.start;
            let window = &self.bytes()[..available.min(limit.saturating_add(1))];
            if let Some(at) = window.get(searched..).and_then(|rest| rest.iter().position(|&b| b == b'\n')) {
                return LineEnd::At { end: searched + at, next: searched + at + 1 };
            }
            if available > limit {
                return LineEnd::TooLong;
            }
            searched = available;
            if !self.fill() {
                return match (self.damage.is_some(), available > from) {
                    (true, _) => LineEnd::Cut,
                    (false, true) => LineEnd::At { end: available, next: available },
                    (false, false) => LineEnd::Nothing,
                };
            }
        }
    }

    /// Takes `count` bytes, which must be in the window.
    pub(super) fn take(&mut self, count: usize) {
        let taken = &self.buffer[self.start..self.start + count];
        self.line += taken.iter().filter(|&&b| b == b'\n').count() as u64;
        self.start += count;
    }

    /// Takes the rest of the line, however long it is, in bounded memory.
    pub(super) fn skip_line(&mut self) {
        loop {
            match self.bytes().iter().position(|&b| b == b'\n') {
                Some(at) => return self.take(at + 1),
                None => self.take(self.end - self.start),
            }
            if !self.fill() {
                return;
            }
        }
    }

    /// Reads more; false at the end or at damage.
    fn fill(&mut self) -> bool {
        if self.ended {
            return false;
        }
        self.make_room();
        loop {
            match self.reader.read(&mut self.buffer[self.end..]) {
                Ok(0) => self.ended = true,
                Ok(count) => self.end += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    self.ended = true;
                    self.damage = Some(error);
                }
            }
            return !self.ended;
        }
    }

    fn make_room(&mut self) {
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        }
        if self.end < self.buffer.len() {
            return;
        }
        if self.start >= self.buffer.len() / 2 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        } else {
            self.buffer.resize(self.buffer.len() * 2, 0);
        }
    }
}

/// A line without the carriage return of a Windows line break.
pub(super) fn without_carriage_return(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives one byte at a time, then fails if told to.
    struct Drip(Vec<u8>, bool);

    impl Read for Drip {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            match self.0.is_empty() {
                true if self.1 => Err(io::Error::other("worn")),
                true => Ok(0),
                false => {
                    buffer[0] = self.0.remove(0);
                    Ok(1)
                }
            }
        }
    }

    fn window(bytes: &[u8], is_damaged: bool) -> Window {
        Window::new(Box::new(Drip(bytes.to_vec(), is_damaged)))
    }

    #[test]
    fn finds_lines_without_taking_them() {
        let mut lines = window(b"ab\n\ncd", false);
        assert!(lines.is_drained());
        assert_eq!(lines.line_end(0, 10), LineEnd::At { end: 2, next: 3 });
        assert_eq!(lines.line_end(3, 10), LineEnd::At { end: 3, next: 4 });
        assert_eq!(lines.line_end(4, 10), LineEnd::At { end: 6, next: 6 });
        assert_eq!(lines.line_end(6, 10), LineEnd::Nothing);
        lines.take(4);
        assert_eq!((lines.line(), lines.bytes()), (3, &b"cd"[..]));
    }

    #[test]
    fn knows_the_limit_and_damage() {
        let mut lines = window(b"abcd\nef", true);
        assert_eq!(lines.line_end(0, 3), LineEnd::TooLong);
        assert_eq!(lines.line_end(0, 4), LineEnd::At { end: 4, next: 5 });
        lines.skip_line();
        assert_eq!((lines.line(), lines.line_end(0, 4)), (2, LineEnd::Cut));
        assert_eq!(lines.bytes(), b"ef");
    }

    #[test]
    fn a_long_line_is_skipped_in_little_memory() {
        let mut bytes = vec![b'x'; 10 << 20];
        bytes.extend_from_slice(b"\nnext");
        let mut lines = Window::new(Box::new(io::Cursor::new(bytes)));
        lines.skip_line();
        assert_eq!(lines.byte(0), Some(b'n'));
        assert!(lines.buffer.len() <= 2 * INITIAL_BYTES);
    }
}
