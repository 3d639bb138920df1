//! The outbox: what is to be delivered, on disk before it is sent.

use std::path::Path;

use jiff::Timestamp;

use super::error::DeliveryError;
use super::journal::Journal;
use super::ledger::{Event, Ledger, MAX_UNDELIVERED};
use super::notice::{MAX_NOTICE_BYTES, Notice};

/// The one open outbox of a folder. Every step is on disk when the call that takes it returns, so it may be dropped, or
/// its process killed, at any time.
///
/// Its file is `alarms-outbox.ndjson`, an event per line. It is written anew now and then, with what is delivered reduced
/// to its key.
#[derive(Debug)]
pub struct Outbox {
    pub(super) journal: Journal,
    pub(super) ledger: Ledger,
}

impl Outbox {
    /// Opens the outbox in a folder, that of an index; the folder must exist, the outbox need not. No second one can be
    /// opened until this one is dropped.
    pub fn open(dir: &Path) -> Result<Outbox, DeliveryError> {
        let mut ledger = Ledger::default();
        let journal = Journal::open(dir, &mut |event| ledger.apply(event))?;
        let mut outbox = Outbox { journal, ledger };
        outbox.compact_if_long()?;
        Ok(outbox)
    }

    /// Bytes of a last line that a crash cut off and that was dropped on opening; 0 where nothing was cut off.
    pub fn dropped_bytes(&self) -> u64 {
        self.journal.dropped_bytes
    }

    /// Puts a notice in the queue; it is on disk when this returns. False where its key is known: then it waits already,
    /// was given up or is done, and nothing is changed.
    pub fn queue(&mut self, notice: Notice) -> Result<bool, DeliveryError> {
        notice.check_id()?;
        let key = notice.key();
        if self.ledger.knows(&key) {
            return Ok(false);
        }
        if self.ledger.waiting().len() >= MAX_UNDELIVERED {
            return Err(DeliveryError::Full);
        }
        match serde_json::to_vec(&notice) {
            Ok(line) if line.len() <= MAX_NOTICE_BYTES => {}
            Ok(line) => return Err(DeliveryError::TooLong { key, bytes: line.len() }),
            Err(source) => return Err(DeliveryError::Json { key, source }),
        }
        self.record(Event::Queued { at: Timestamp::now(), notice })?;
        Ok(true)
    }

    /// How many notices wait to be delivered.
    pub fn waiting(&self) -> usize {
        self.ledger.waiting().len()
    }

    /// How many notices were given up and can still be tried again.
    pub fn given_up(&self) -> usize {
        self.ledger.given_up().len()
    }

    /// Puts what was given up back into the queue, the oldest first, as long as there is room; returns how many.
    pub fn retry_given_up(&mut self) -> Result<usize, DeliveryError> {
        let room = MAX_UNDELIVERED.saturating_sub(self.waiting());
        let keys: Vec<String> = self.ledger.given_up().take(room).map(|entry| entry.key.clone()).collect();
        let retried = keys.len();
        for key in keys {
            self.record(Event::Requeued { at: Timestamp::now(), key })?;
        }
        Ok(retried)
    }

    /// Writes down what happened, then takes it in.
    pub(super) fn record(&mut self, event: Event) -> Result<(), DeliveryError> {
        self.journal.append(&event)?;
        self.ledger.apply(event).map_err(|problem| self.journal.damaged(problem))?;
        self.compact_if_long()
    }

    fn compact_if_long(&mut self) -> Result<(), DeliveryError> {
        if self.journal.is_long() {
            self.journal.replace(&self.ledger.events())?;
        }
        Ok(())
    }
}
