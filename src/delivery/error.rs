//! What can go wrong with the outbox and its targets, and whose fault it is.

use std::io;
use std::path::PathBuf;

use super::ledger::MAX_UNDELIVERED;
use super::notice::MAX_NOTICE_BYTES;

/// Notices could not be kept, or the target cannot be used at all. That a target did not take a notice is no error but
/// stands in the [`DeliveryReport`](super::DeliveryReport).
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum DeliveryError {
    #[error("alarms in {} are being delivered by another process; stop it, or wait until it is done", dir.display())]
    Locked { dir: PathBuf },
    #[error("cannot use {}: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error(
        "line {line} of {} is damaged: {problem}; it says which alarms were sent, so mend or remove that line by hand",
        path.display()
    )]
    Damaged { path: PathBuf, line: u64, problem: String },
    #[error("{MAX_UNDELIVERED} alarms wait to be delivered, no more are kept; see why the target does not take them")]
    Full,
    #[error("alarm {key} has {bytes} bytes as JSON, more than {MAX_NOTICE_BYTES}")]
    TooLong { key: String, bytes: usize },
    #[error("an alarm cannot be named {id:?}; use 1 to 128 ASCII letters, digits, - and _")]
    Id { id: String },
    #[error("alarm {key} cannot be written as JSON: {source}")]
    Json { key: String, source: serde_json::Error },
    #[error("{place} holds no secret: {problem}; make one with `echo whsec_$(openssl rand -base64 32)`")]
    Secret { place: String, problem: String },
    #[error("the address of the webhook {problem}; it looks like https://example.com/alarms")]
    Address { problem: &'static str },
    #[error("the command is empty; give a program and its arguments")]
    NoProgram,
    #[error(
        "this earmark was built without webhooks; build it with its feature `webhook`, which is on by default, \
         or deliver to a command"
    )]
    WithoutWebhooks,
}

impl DeliveryError {
    /// True where the person gave something wrong (exit status 2), false where the machine or the engine failed.
    pub fn is_user_error(&self) -> bool {
        match self {
            DeliveryError::Locked { .. }
            | DeliveryError::Secret { .. }
            | DeliveryError::Address { .. }
            | DeliveryError::NoProgram
            | DeliveryError::WithoutWebhooks => true,
            DeliveryError::File { source, .. } => source.kind() == io::ErrorKind::NotFound,
            DeliveryError::Damaged { .. }
            | DeliveryError::Full
            | DeliveryError::TooLong { .. }
            | DeliveryError::Id { .. }
            | DeliveryError::Json { .. } => false,
        }
    }
}
