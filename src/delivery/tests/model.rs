//! Random sequences of queueing, sending, failing and crashing beside a plain model: nothing that was queued is lost, and
//! nothing that was acknowledged is sent again.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, OpenOptions};

use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;

use super::super::target::Attempt;
use super::*;

#[derive(Debug, Clone)]
enum Step {
    Queue {
        alarm: u8,
        sequence: u32,
    },
    Send(Answer),
    RetryGivenUp,
    Compact,
    /// The process is killed while its last step is only partly on disk: this many bytes of it, modulo its length.
    Crash {
        bytes: usize,
    },
}

#[derive(Debug, Clone, Copy)]
enum Answer {
    Taken,
    Later,
    Never,
}

fn step() -> impl Strategy<Value = Step> {
    let answer = prop_oneof![3 => Just(Answer::Taken), 3 => Just(Answer::Later), 1 => Just(Answer::Never)];
    prop_oneof![
        5 => (0..4u8, 1..5u32).prop_map(|(alarm, sequence)| Step::Queue { alarm, sequence }),
        6 => answer.prop_map(Step::Send),
        1 => Just(Step::RetryGivenUp),
        1 => Just(Step::Compact),
        3 => (0..2_000usize).prop_map(|bytes| Step::Crash { bytes }),
    ]
}

/// What a receiver and a caller may rely on: the failures of each notice that waits, and the rest by key.
#[derive(Debug, Clone, Default, PartialEq)]
struct Model {
    waiting: BTreeMap<String, u32>,
    given_up: BTreeSet<String>,
    delivered: BTreeSet<String>,
}

impl Model {
    fn of(outbox: &Outbox) -> Model {
        let key = |key: &String| key.clone();
        Model {
            waiting: outbox.ledger.waiting().iter().map(|entry| (key(&entry.key), entry.attempts)).collect(),
            given_up: outbox.ledger.given_up().map(|entry| key(&entry.key)).collect(),
            delivered: (0..4u8)
                .flat_map(|alarm| (1..5).map(move |sequence| format!("alarm{alarm}-{sequence}")))
                .filter(|key| outbox.ledger.knows(key))
                .filter(|key| !outbox.ledger.waiting().iter().chain(outbox.ledger.given_up()).any(|e| e.key == *key))
                .collect(),
        }
    }

    fn knows(&self, key: &str) -> bool {
        self.waiting.contains_key(key) || self.given_up.contains(key) || self.delivered.contains(key)
    }
}

const MAX_ATTEMPTS: u32 = 3;

struct Bench {
    dir: tempfile::TempDir,
    outbox: Option<Outbox>,
    model: Model,
    /// The model and the length of the file before the last step, where a crash can undo it.
    before: (Model, u64),
    received: BTreeSet<String>,
}

impl Bench {
    fn new() -> Bench {
        let dir = tempfile::tempdir().unwrap();
        let outbox = Some(Outbox::open(dir.path()).unwrap());
        let (model, received) = Default::default();
        Bench { dir, outbox, model, before: (Model::default(), 0), received }
    }

    fn length(&self) -> u64 {
        fs::metadata(self.dir.path().join(JOURNAL)).unwrap().len()
    }

    fn take(&mut self, step: &Step) {
        let before = (self.model.clone(), self.length());
        let outbox = self.outbox.as_mut().unwrap();
        let mut can_be_undone = true;
        match step {
            Step::Queue { alarm, sequence } => {
                let notice = notice(&format!("alarm{alarm}"), *sequence);
                let key = notice.key();
                let is_new = outbox.queue(notice).unwrap();
                assert_eq!(is_new, !self.model.knows(&key));
                if is_new {
                    self.model.waiting.insert(key, 0);
                }
            }
            Step::Send(answer) => self.send(*answer),
            Step::RetryGivenUp => {
                outbox.retry_given_up().unwrap();
                let retried = std::mem::take(&mut self.model.given_up);
                self.model.waiting.extend(retried.into_iter().map(|key| (key, 0)));
                // Several lines; a crash between them is two shorter steps.
                can_be_undone = false;
            }
            Step::Compact => {
                let events = outbox.ledger.events();
                outbox.journal.replace(&events).unwrap();
                can_be_undone = false;
            }
            Step::Crash { bytes } => {
                self.crash(*bytes);
                can_be_undone = false;
            }
        }
        self.before = if can_be_undone { before } else { (self.model.clone(), self.length()) };
        assert_eq!(Model::of(self.outbox.as_ref().unwrap()), self.model);
    }

    /// One attempt.
    fn send(&mut self, answer: Answer) {
        let policy = Policy { max_attempts: MAX_ATTEMPTS, max_pass_ms: 0, ..hasty(MAX_ATTEMPTS) };
        let (model, received) = (&mut self.model, &mut self.received);
        let mut send = |message: &super::super::target::Message| {
            let key = message.key.to_owned();
            let failures = model.waiting.remove(&key).expect("only what waits is sent");
            let is_earlier = |other: &&String| other.starts_with(message.id) && **other < key;
            assert_eq!(model.waiting.keys().find(is_earlier), None, "an alarm's notices keep their order");
            match answer {
                Answer::Taken => {
                    received.insert(key.clone());
                    model.delivered.insert(key);
                    Attempt::Delivered
                }
                Answer::Later if failures + 1 < MAX_ATTEMPTS => {
                    model.waiting.insert(key, failures + 1);
                    Attempt::failed("busy".into())
                }
                Answer::Later => {
                    model.given_up.insert(key);
                    Attempt::failed("busy".into())
                }
                Answer::Never => {
                    model.given_up.insert(key);
                    Attempt::Refused { problem: "never".into() }
                }
            }
        };
        self.outbox.as_mut().unwrap().deliver_by(&policy, &mut send).unwrap();
    }

    fn crash(&mut self, bytes: usize) {
        self.outbox = None;
        let (model, start) = self.before.clone();
        let end = self.length();
        let cut = start + bytes as u64 % (end - start + 1);
        OpenOptions::new().write(true).open(self.dir.path().join(JOURNAL)).unwrap().set_len(cut).unwrap();
        // A line that lacks no more than its end did happen.
        if cut + 1 < end {
            self.model = model;
        }
        let outbox = Outbox::open(self.dir.path()).unwrap();
        assert_eq!(outbox.dropped_bytes(), if cut + 1 < end { cut - start } else { 0 });
        self.outbox = Some(outbox);
    }
}

fn config() -> ProptestConfig {
    let seeds = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/proptest-regressions/delivery.txt");
    ProptestConfig {
        cases: 64,
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(seeds))),
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn nothing_is_lost_and_nothing_acknowledged_is_sent_again(steps in prop::collection::vec(step(), 1..60)) {
        let mut bench = Bench::new();
        for step in &steps {
            bench.take(step);
        }
        bench.take(&Step::RetryGivenUp);
        while !bench.model.waiting.is_empty() {
            bench.take(&Step::Send(Answer::Taken));
        }
        prop_assert_eq!(&bench.received, &bench.model.delivered);
    }

    #[test]
    fn a_file_cut_anywhere_opens_with_what_its_whole_lines_say(
        steps in prop::collection::vec(step(), 1..30),
        at in any::<prop::sample::Index>(),
    ) {
        let mut bench = Bench::new();
        for step in &steps {
            bench.take(step);
        }
        bench.outbox = None;
        let bytes = fs::read(bench.dir.path().join(JOURNAL)).unwrap();
        let cut = at.index(bytes.len() + 1);
        let opened = |bytes: &[u8]| {
            let dir = tempfile::tempdir().unwrap();
            fs::write(dir.path().join(JOURNAL), bytes).unwrap();
            Model::of(&Outbox::open(dir.path()).unwrap())
        };
        let is_whole = bytes.get(cut) == Some(&b'\n');
        let end = if is_whole { cut + 1 } else { bytes[..cut].iter().rposition(|&b| b == b'\n').map_or(0, |at| at + 1) };
        prop_assert_eq!(opened(&bytes[..cut]), opened(&bytes[..end]));
    }
}
