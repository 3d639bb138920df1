//! The outbox, its crashes and its targets.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[cfg(unix)]
mod command;
mod model;
mod outbox;
#[cfg(feature = "webhook")]
mod server;
#[cfg(feature = "webhook")]
mod webhook;

use std::path::Path;

use serde_json::json;

use super::*;

const JOURNAL: &str = "alarms-outbox.ndjson";

fn notice(id: &str, sequence: u32) -> Notice {
    let kind = if sequence == 1 { NoticeKind::Opened } else { NoticeKind::Updated };
    let body = json!({"series": "brand=Kurio", "value": 41, "p": 1.25e-9, "cause": "\"late\" – 遅い\n😡"});
    Notice { id: id.to_owned(), sequence, kind, at: "2026-11-22T08:00:00Z".parse().unwrap(), body }
}

/// Tries without pauses, and gives up after so many attempts.
fn hasty(max_attempts: u32) -> Policy {
    Policy { max_attempts, first_pause_ms: 0, longest_pause_ms: 0, max_pass_ms: 10_000 }
}

/// One attempt and no more.
fn once() -> Policy {
    Policy { first_pause_ms: 1, longest_pause_ms: 5, max_pass_ms: 0, ..Policy::default() }
}

fn with_queue(dir: &Path, notices: &[(&str, u32)]) -> Outbox {
    let mut outbox = Outbox::open(dir).unwrap();
    for &(id, sequence) in notices {
        assert!(outbox.queue(notice(id, sequence)).unwrap());
    }
    outbox
}

fn keys(undelivered: &[Undelivered]) -> Vec<&str> {
    undelivered.iter().map(|one| one.key.as_str()).collect()
}
