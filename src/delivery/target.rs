//! Where notices go.

use std::io::Write;

use super::command::CommandLine;
use super::webhook::Webhook;

/// The longest that a webhook may take, from looking up its address to the end of its answer; Standard Webhooks
/// recommends 15 to 30 seconds.
pub const WEBHOOK_TIMEOUT_MS: u64 = 20_000;
/// The longest that a command may run.
pub const COMMAND_TIMEOUT_MS: u64 = 30_000;
/// The most characters of what a target said that a problem shows.
const MAX_EXCERPT_CHARS: usize = 300;

/// Where notices go. One outbox has one target: a notice is done when that one took it.
pub enum Target {
    /// POSTed as JSON.
    Webhook(Webhook),
    /// Given to a program, a process for each notice.
    Command(CommandLine),
    /// Written as a line of JSON each, and flushed.
    Lines(Box<dyn Write + Send>),
}

impl Target {
    pub(super) fn send(&mut self, message: &Message) -> Attempt {
        match self {
            Target::Webhook(webhook) => webhook.send(message),
            Target::Command(command) => command.send(message),
            Target::Lines(out) => match writeln!(out, "{}", message.payload).and_then(|()| out.flush()) {
                Ok(()) => Attempt::Delivered,
                Err(error) => Attempt::failed(format!("cannot write the line: {error}")),
            },
        }
    }
}

/// A notice on its way.
pub(super) struct Message<'a> {
    /// Id of the alarm.
    pub id: &'a str,
    /// Names the notice.
    pub key: &'a str,
    /// JSON in one line.
    pub payload: &'a str,
}

/// What came of sending.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Attempt {
    /// The target took it.
    Delivered,
    /// It may work later, and the target may have said when.
    Failed { problem: String, retry_after_ms: Option<u64> },
    /// It will not work later either.
    #[cfg_attr(not(feature = "webhook"), allow(dead_code))] // Only webhooks say so.
    Refused { problem: String },
}

impl Attempt {
    pub fn failed(problem: String) -> Attempt {
        Attempt::Failed { problem, retry_after_ms: None }
    }
}

/// What a target said, in one short line that is safe to print.
pub(super) fn excerpt(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let printable: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let line = printable.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(MAX_EXCERPT_CHARS) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}
