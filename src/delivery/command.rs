//! Commands: a process for each notice, with the JSON on its standard input.

use std::io::{self, Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use super::error::DeliveryError;
use super::target::{Attempt, Message, excerpt};

/// The most bytes of the end of standard error that are kept.
const MAX_STDERR_BYTES: usize = 300;
/// How long to wait for standard error to close after the end of the process: a process that it left behind may hold it.
const STDERR_GRACE: Duration = Duration::from_millis(200);
/// The longest between two looks whether the process has ended.
const LONGEST_LOOK: Duration = Duration::from_millis(20);

/// A program and its arguments, run without a shell.
///
/// The environment variable `EARMARK_ALARM_ID` holds the id of the alarm, `EARMARK_ALARM_KEY` the key of the notice.
/// Standard output is not looked at. Exit status 0 means taken, anything else means later. On Unix a command that runs
/// out of time is killed with all that it started.
#[derive(Debug, Clone)]
pub struct CommandLine {
    program: String,
    arguments: Vec<String>,
    timeout: Duration,
}

impl CommandLine {
    /// A program, by path or as found on the search path, and its arguments.
    pub fn new(words: &[String], timeout_ms: u64) -> Result<CommandLine, DeliveryError> {
        match words {
            [program, arguments @ ..] if !program.is_empty() => Ok(CommandLine {
                program: program.clone(),
                arguments: arguments.to_vec(),
                timeout: Duration::from_millis(timeout_ms),
            }),
            _ => Err(DeliveryError::NoProgram),
        }
    }

    pub(super) fn send(&self, message: &Message) -> Attempt {
        let mut child = match self.start(message) {
            Ok(child) => child,
            Err(error) => return Attempt::failed(format!("{} cannot be started: {error}", self.program)),
        };
        feed(&mut child, message.payload);
        let stderr = drain(&mut child);
        let ended = wait(&mut child, self.timeout);
        if let Ok(Some(status)) = &ended
            && status.success()
        {
            return Attempt::Delivered;
        }
        if !matches!(ended, Ok(Some(_))) {
            kill(&mut child);
        }
        let said = stderr.recv_timeout(STDERR_GRACE).map(|bytes| excerpt(&bytes)).unwrap_or_default();
        let what = match ended {
            Ok(Some(status)) => format!("ended with {status}"),
            Ok(None) => format!("was killed, it took longer than {} ms", self.timeout.as_millis()),
            Err(error) => format!("was lost: {error}"),
        };
        let colon = if said.is_empty() { "" } else { ": " };
        Attempt::failed(format!("{} {what}{colon}{said}", self.program))
    }

    fn start(&self, message: &Message) -> io::Result<Child> {
        let mut command = Command::new(&self.program);
        command
            .args(&self.arguments)
            .env("EARMARK_ALARM_ID", message.id)
            .env("EARMARK_ALARM_KEY", message.key)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        command.spawn()
    }
}

/// Writes to standard input from a thread of its own: a program that does not read must not hold us up.
fn feed(child: &mut Child, payload: &str) {
    let Some(mut stdin) = child.stdin.take() else { return };
    let payload = payload.to_owned();
    // A program may well end without reading; its exit status says whether it was content.
    thread::spawn(move || stdin.write_all(payload.as_bytes()));
}

/// Reads standard error to its end in a thread of its own, and then tells its last bytes.
fn drain(child: &mut Child) -> Receiver<Vec<u8>> {
    let (tell, told) = mpsc::channel();
    if let Some(mut stderr) = child.stderr.take() {
        thread::spawn(move || {
            let mut tail = Vec::new();
            let mut bytes = [0; 4 << 10];
            while let Ok(read @ 1..) = stderr.read(&mut bytes) {
                tail.extend_from_slice(&bytes[..read]);
                tail.drain(..tail.len().saturating_sub(MAX_STDERR_BYTES));
            }
            // Nobody listens any more where the process had ended long before.
            let _ = tell.send(tail);
        });
    }
    told
}

/// `None` where it has not ended in time.
fn wait(child: &mut Child, timeout: Duration) -> io::Result<Option<ExitStatus>> {
    let started = Instant::now();
    let mut look = Duration::from_millis(1);
    loop {
        let status = child.try_wait()?;
        let left = timeout.saturating_sub(started.elapsed());
        if status.is_some() || left.is_zero() {
            return Ok(status);
        }
        thread::sleep(look.min(left));
        look = (look * 2).min(LONGEST_LOOK);
    }
}

/// Kills a process that has not been waited for, and on Unix all that it started.
fn kill(child: &mut Child) {
    #[cfg(unix)]
    let _ = rustix::process::kill_process_group(rustix::process::Pid::from_child(child), rustix::process::Signal::KILL);
    // Either fails only where the process has just ended by itself.
    let _ = child.kill();
    let _ = child.wait();
}
