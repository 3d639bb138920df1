//! Who is sent what and when: order, pauses, giving up.

use std::thread;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::error::DeliveryError;
use super::ledger::{Entry, Event};
use super::outbox::Outbox;
use super::target::{Attempt, Message, Target};

/// After so many failures in a row the target is taken to be down, and the pause after a failure holds for everything.
const DOWN_AFTER_FAILURES: u32 = 3;

/// How often and how fast to try.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// Attempts until a notice is given up, at least 1.
    pub max_attempts: u32,
    /// The pause after the first failure; each further one is twice as long.
    pub first_pause_ms: u64,
    /// The longest pause, also where the target asks for a longer one.
    pub longest_pause_ms: u64,
    /// The longest that one call of [`Outbox::deliver`] goes on, besides the attempt it is at; at least one is made. What
    /// is left waits for the next call.
    pub max_pass_ms: u64,
}

impl Default for Policy {
    /// A pause of 2 seconds, doubled up to an hour. 80 attempts take almost three days, as Standard Webhooks
    /// recommends; a call takes little more than a minute.
    fn default() -> Policy {
        Policy { max_attempts: 80, first_pause_ms: 2_000, longest_pause_ms: 3_600_000, max_pass_ms: 60_000 }
    }
}

impl Policy {
    /// The pause after so many failures, of which the last may have asked for one.
    fn pause_ms(&self, attempts: u32, asked_ms: Option<u64>) -> u64 {
        let doubled = 2u64.saturating_pow(attempts.saturating_sub(1)).saturating_mul(self.first_pause_ms);
        doubled.max(asked_ms.unwrap_or(0)).min(self.longest_pause_ms)
    }
}

/// What a call of [`Outbox::deliver`] did, and what is left.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct DeliveryReport {
    /// Keys of what was delivered, in this order.
    pub delivered: Vec<String>,
    /// What was given up in this call.
    pub given_up: Vec<Undelivered>,
    /// What still waits, in the order queued.
    pub waiting: Vec<Undelivered>,
}

impl DeliveryReport {
    /// True where nothing that was tried has failed: what waits has not been tried yet.
    pub fn is_taken(&self) -> bool {
        self.given_up.is_empty() && self.waiting.iter().all(|notice| notice.problem.is_none())
    }
}

/// A notice that was not delivered.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Undelivered {
    /// Key of the notice.
    pub key: String,
    /// How often it was tried.
    pub attempts: u32,
    /// Why the last attempt failed; `None` before the first.
    pub problem: Option<String>,
    /// When it is tried again at the earliest; `None` for at once, or never where it was given up.
    pub next_attempt_at: Option<Timestamp>,
}

impl Outbox {
    /// Sends what is due, what was tried least first and then in the order queued, and waits for what is due soon. A
    /// notice goes out after the earlier ones of its alarm. An error means that the outbox cannot be written; what a
    /// target did not take is in the report.
    pub fn deliver(&mut self, target: &mut Target, policy: &Policy) -> Result<DeliveryReport, DeliveryError> {
        self.deliver_by(policy, &mut |message| target.send(message))
    }

    pub(super) fn deliver_by(
        &mut self,
        policy: &Policy,
        send: &mut dyn FnMut(&Message) -> Attempt,
    ) -> Result<DeliveryReport, DeliveryError> {
        let longest = Duration::from_millis(policy.max_pass_ms);
        let started = Instant::now();
        let mut report = DeliveryReport::default();
        let mut failures_in_a_row = 0;
        let mut last_pause = Duration::ZERO;
        let mut is_first = true;
        while let Some((_, due_in)) = self.ledger.next(Timestamp::now()) {
            let is_down = failures_in_a_row >= DOWN_AFTER_FAILURES;
            let wait = if is_down { due_in.max(last_pause) } else { due_in };
            if started.elapsed() + wait > longest && !(is_first && wait.is_zero()) {
                break;
            }
            thread::sleep(wait);
            is_first = false;
            match self.attempt_next(policy, send, &mut report)? {
                None => failures_in_a_row = 0,
                Some(pause) => {
                    failures_in_a_row += 1;
                    last_pause = pause;
                }
            }
        }
        report.waiting = self.ledger.waiting().iter().map(Undelivered::waiting).collect();
        Ok(report)
    }

    /// Makes one attempt and writes down what came of it: the pause to make, or `None` where the target answered for
    /// good.
    fn attempt_next(
        &mut self,
        policy: &Policy,
        send: &mut dyn FnMut(&Message) -> Attempt,
        report: &mut DeliveryReport,
    ) -> Result<Option<Duration>, DeliveryError> {
        let Some((entry, _)) = self.ledger.next(Timestamp::now()) else { return Ok(None) };
        let key = entry.key.clone();
        let attempts = entry.attempts.saturating_add(1);
        let payload = entry.notice.payload().map_err(|source| DeliveryError::Json { key: key.clone(), source })?;
        let attempt = send(&Message { id: &entry.notice.id, key: &key, payload: &payload });
        let at = Timestamp::now();
        let (problem, pause_ms) = match attempt {
            Attempt::Delivered => {
                self.record(Event::Delivered { at, key: key.clone() })?;
                report.delivered.push(key);
                return Ok(None);
            }
            Attempt::Failed { problem, retry_after_ms } => (problem, Some(policy.pause_ms(attempts, retry_after_ms))),
            Attempt::Refused { problem } => (problem, None),
        };
        match pause_ms {
            Some(pause_ms) if attempts < policy.max_attempts => {
                self.record(Event::Failed { at, key, attempts, pause_ms, problem })?;
            }
            _ => {
                self.record(Event::GivenUp { at, key: key.clone(), attempts, problem: problem.clone() })?;
                report.given_up.push(Undelivered { key, attempts, problem: Some(problem), next_attempt_at: None });
            }
        }
        Ok(pause_ms.map(Duration::from_millis))
    }
}

impl Undelivered {
    fn waiting(entry: &Entry) -> Undelivered {
        let failure = entry.last_failure.as_ref();
        let next_attempt_at = failure.and_then(|failure| {
            let pause = SignedDuration::try_from(Duration::from_millis(failure.pause_ms)).ok()?;
            failure.at.checked_add(pause).ok()
        });
        Undelivered {
            key: entry.key.clone(),
            attempts: entry.attempts,
            problem: failure.map(|failure| failure.problem.clone()),
            next_attempt_at,
        }
    }
}
