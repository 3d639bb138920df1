//! Delivery: notices go to a webhook, a program or a stream, each surely and, for a receiver that looks at its key, once.
//!
//! The engine never touches the network. This room is the one exception, and only where a person asked for a webhook: a
//! connection is opened by [`Webhook`] alone, to the address that was given. Without the feature `webhook` nothing in the
//! program can open one.
//!
//! A [`Notice`] is put into an [`Outbox`], which writes it to disk before anything is sent. It is sent until the target
//! takes it, across restarts and crashes. What was taken and written down is never sent again; what was sent but not
//! written down, because the program was killed in between, is sent again with the same key. The key is the notice's id
//! and sequence, `<id>-<sequence>`, so that a receiver can drop repetitions.
//!
//! # Example
//! ```
//! use earmark::delivery::{Notice, NoticeKind, Outbox, Policy, Target};
//!
//! let dir = tempfile::tempdir()?;
//! let mut outbox = Outbox::open(dir.path())?;
//! let body = serde_json::json!({"series": "brand=Kurio", "value": 41});
//! let at = "2026-11-22T08:00:00Z".parse()?;
//! outbox.queue(Notice { id: "3f9a".into(), sequence: 1, kind: NoticeKind::Opened, at, body })?;
//! let report = outbox.deliver(&mut Target::Lines(Box::new(std::io::sink())), &Policy::default())?;
//! assert_eq!(report.delivered, ["3f9a-1"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod command;
mod dispatch;
mod error;
mod journal;
mod ledger;
mod notice;
mod outbox;
mod signature;
mod target;
#[cfg(test)]
mod tests;
#[cfg(feature = "webhook")]
mod webhook;
#[cfg(not(feature = "webhook"))]
#[path = "without_webhook.rs"]
mod webhook;

pub use command::CommandLine;
pub use dispatch::{DeliveryReport, Policy, Undelivered};
pub use error::DeliveryError;
pub use ledger::{MAX_GIVEN_UP, MAX_REMEMBERED, MAX_UNDELIVERED};
pub use notice::{MAX_NOTICE_BYTES, Notice, NoticeKind};
pub use outbox::Outbox;
pub use signature::Secret;
pub use target::{COMMAND_TIMEOUT_MS, Target, WEBHOOK_TIMEOUT_MS};
pub use webhook::Webhook;
