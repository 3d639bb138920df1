//! What waits, what was given up and what is done, as the events of the journal tell it. No files, no clock.

use std::collections::{HashMap, HashSet, VecDeque};
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::notice::Notice;

/// Notices that may wait for delivery.
pub const MAX_UNDELIVERED: usize = 1_000;
/// Notices that were given up and can still be tried again; beyond it the oldest are forgotten.
pub const MAX_GIVEN_UP: usize = 1_000;
/// Keys of notices that are done and stay known, so that queueing one again does nothing; beyond it the oldest are
/// forgotten.
pub const MAX_REMEMBERED: usize = 10_000;

/// One line of the journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum Event {
    /// It is to be delivered.
    Queued { at: Timestamp, notice: Notice },
    /// It was not taken and is tried again after a pause; `attempts` in all so far.
    Failed { at: Timestamp, key: String, attempts: u32, pause_ms: u64, problem: String },
    /// The target took it, or it was forgotten: it is never sent again.
    Delivered { at: Timestamp, key: String },
    /// It is not tried again unless a person asks for it.
    GivenUp { at: Timestamp, key: String, attempts: u32, problem: String },
    /// A person asked to try again what was given up.
    Requeued { at: Timestamp, key: String },
}

/// A notice that is not delivered.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    pub key: String,
    pub notice: Notice,
    pub queued_at: Timestamp,
    pub attempts: u32,
    pub last_failure: Option<Failure>,
}

/// Why a notice was not delivered, and when to try again.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Failure {
    pub at: Timestamp,
    pub pause_ms: u64,
    pub problem: String,
}

impl Entry {
    /// How long until it is to be tried.
    pub fn wait(&self, now: Timestamp) -> Duration {
        let Some(failure) = &self.last_failure else { return Duration::ZERO };
        // Only a clock that was set back has a failure in the future; nobody waits for it to catch up.
        let Ok(passed) = Duration::try_from(now.duration_since(failure.at)) else { return Duration::ZERO };
        Duration::from_millis(failure.pause_ms).saturating_sub(passed)
    }
}

/// The state of an outbox.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Ledger {
    /// In the order queued; at most [`MAX_UNDELIVERED`].
    waiting: Vec<Entry>,
    /// In the order given up; at most [`MAX_GIVEN_UP`].
    given_up: VecDeque<Entry>,
    /// Keys in the order done; at most [`MAX_REMEMBERED`].
    done: VecDeque<(Timestamp, String)>,
    /// All keys of the three.
    keys: HashSet<String>,
}

impl Ledger {
    /// True for a notice that waits, was given up, or is done.
    pub fn knows(&self, key: &str) -> bool {
        self.keys.contains(key)
    }

    pub fn waiting(&self) -> &[Entry] {
        &self.waiting
    }

    pub fn given_up(&self) -> impl ExactSizeIterator<Item = &Entry> {
        self.given_up.iter()
    }

    /// The notice to try next and how long until then: of those that are due the one tried least and then the one queued
    /// first, else the one that is due soonest. A notice waits for the earlier ones of its alarm, so that none is closed
    /// before it is opened.
    pub fn next(&self, now: Timestamp) -> Option<(&Entry, Duration)> {
        let mut first_of: HashMap<&str, u32> = HashMap::new();
        for Entry { notice, .. } in &self.waiting {
            first_of
                .entry(&notice.id)
                .and_modify(|first| *first = notice.sequence.min(*first))
                .or_insert(notice.sequence);
        }
        let is_first = |entry: &&Entry| first_of.get(entry.notice.id.as_str()) == Some(&entry.notice.sequence);
        let timed = self.waiting.iter().filter(is_first).map(|entry| (entry, entry.wait(now)));
        // Of equals, `min_by_key` returns the first.
        timed.min_by_key(|&(entry, wait)| (wait, entry.attempts))
    }

    /// Takes in what happened. The message says why it cannot have happened; then nothing is changed.
    pub fn apply(&mut self, event: Event) -> Result<(), String> {
        match event {
            Event::Queued { at, notice } => self.queue(at, notice)?,
            Event::Failed { at, key, attempts, pause_ms, problem } => {
                let place = self.place(&key)?;
                let entry = &mut self.waiting[place];
                entry.attempts = attempts;
                entry.last_failure = Some(Failure { at, pause_ms, problem });
            }
            Event::Delivered { at, key } => {
                let unsent = self.waiting.len() + self.given_up.len();
                self.waiting.retain(|entry| entry.key != key);
                self.given_up.retain(|entry| entry.key != key);
                let is_new = self.keys.insert(key.clone());
                if is_new || self.waiting.len() + self.given_up.len() < unsent {
                    self.remember(at, key);
                }
            }
            Event::GivenUp { at, key, attempts, problem } => {
                let mut entry = self.waiting.remove(self.place(&key)?);
                entry.attempts = attempts;
                entry.last_failure = Some(Failure { at, pause_ms: 0, problem });
                self.given_up.push_back(entry);
                if self.given_up.len() > MAX_GIVEN_UP
                    && let Some(oldest) = self.given_up.pop_front()
                {
                    self.remember(at, oldest.key);
                }
            }
            Event::Requeued { key, .. } => {
                let place = self.given_up.iter().position(|entry| entry.key == key);
                let entry = place.and_then(|place| self.given_up.remove(place));
                let entry = entry.ok_or_else(|| format!("{key} was not given up"))?;
                self.waiting.push(Entry { attempts: 0, last_failure: None, ..entry });
            }
        }
        Ok(())
    }

    fn queue(&mut self, queued_at: Timestamp, notice: Notice) -> Result<(), String> {
        let key = notice.key();
        if !self.keys.insert(key.clone()) {
            return Err(format!("{key} is queued twice"));
        }
        self.waiting.push(Entry { key, notice, queued_at, attempts: 0, last_failure: None });
        Ok(())
    }

    fn place(&self, key: &str) -> Result<usize, String> {
        self.waiting.iter().position(|entry| entry.key == key).ok_or_else(|| format!("{key} does not wait"))
    }

    fn remember(&mut self, at: Timestamp, key: String) {
        self.done.push_back((at, key));
        if self.done.len() > MAX_REMEMBERED
            && let Some((_, oldest)) = self.done.pop_front()
        {
            self.keys.remove(&oldest);
        }
    }

    /// The fewest events that lead to this state.
    pub fn events(&self) -> Vec<Event> {
        let mut events: Vec<Event> =
            self.done.iter().map(|(at, key)| Event::Delivered { at: *at, key: key.clone() }).collect();
        let queued = |entry: &Entry| Event::Queued { at: entry.queued_at, notice: entry.notice.clone() };
        for entry in &self.given_up {
            events.push(queued(entry));
            if let Some(Failure { at, problem, .. }) = entry.last_failure.clone() {
                events.push(Event::GivenUp { at, key: entry.key.clone(), attempts: entry.attempts, problem });
            }
        }
        for entry in &self.waiting {
            events.push(queued(entry));
            if let Some(Failure { at, pause_ms, problem }) = entry.last_failure.clone() {
                events.push(Event::Failed { at, key: entry.key.clone(), attempts: entry.attempts, pause_ms, problem });
            }
        }
        events
    }
}
