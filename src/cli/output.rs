//! Printing: results to standard output, all else to standard error.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use anyhow::Context;
use serde::Serialize;

use super::UsageError;

/// Prints a value as one line of JSON.
pub fn print_json(value: &impl Serialize) -> anyhow::Result<()> {
    let mut line = serde_json::to_string(value)?;
    line.push('\n');
    print(&line)
}

/// Prints text as it is.
pub fn print(text: &str) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    Ok(out.flush()?)
}

/// Writes a file that was asked for; a name under which none can be made is a mistake of whoever asked.
pub fn write_file(path: &Path, content: &str) -> anyhow::Result<()> {
    let problem = |error: io::Error| UsageError(format!("cannot write {}: {error}", path.display()));
    let mut file = File::create(path).map_err(problem)?;
    file.write_all(content.as_bytes()).with_context(|| format!("cannot write {}", path.display()))
}

/// Standard output for a long run, in which a closed pipe ends the program at once: the thread that reads may be
/// waiting for input that never comes.
pub struct PipeOutput<W: Write>(pub W);

impl<W: Write> Write for PipeOutput<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes).map_err(leave_if_closed)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush().map_err(leave_if_closed)
    }
}

fn leave_if_closed(error: io::Error) -> io::Error {
    if error.kind() == io::ErrorKind::BrokenPipe {
        std::process::exit(0);
    }
    error
}
