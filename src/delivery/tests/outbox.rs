//! The file, the order, the bounds.

use std::fs;
use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use serde_json::Value;

use super::super::target::Attempt;
use super::*;

/// A writer whose content can be read while somebody else holds it.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn lines_are_the_same_bytes_whether_or_not_the_outbox_was_opened_again() {
    let written = [false, true].map(|reopen| {
        let dir = tempfile::tempdir().unwrap();
        let mut outbox = with_queue(dir.path(), &[("a", 1), ("a", 2)]);
        if reopen {
            drop(outbox);
            outbox = Outbox::open(dir.path()).unwrap();
        }
        let out = Shared::default();
        let report = outbox.deliver(&mut Target::Lines(Box::new(out.clone())), &Policy::default()).unwrap();
        assert_eq!(report.delivered, ["a-1", "a-2"]);
        let bytes = out.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    });
    assert_eq!(written[0], written[1]);
    let first: Value = serde_json::from_str(written[0].lines().next().unwrap()).unwrap();
    assert_eq!(first["type"], "alarm.opened");
    assert_eq!(first["timestamp"], "2026-11-22T08:00:00Z");
    assert_eq!((&first["id"], &first["sequence"]), (&Value::from("a"), &Value::from(1)));
    assert_eq!(first["data"], notice("a", 1).body);
}

#[test]
fn a_key_is_queued_once_whatever_became_of_it() {
    let dir = tempfile::tempdir().unwrap();
    let mut outbox = with_queue(dir.path(), &[("waits", 1), ("gone", 1), ("sent", 1)]);
    let policy = Policy { max_attempts: 9, first_pause_ms: 60_000, longest_pause_ms: 60_000, max_pass_ms: 1_000 };
    let report = outbox.deliver_by(&policy, &mut |message| match message.id {
        "waits" => Attempt::failed("later".into()),
        "gone" => Attempt::Refused { problem: "never".into() },
        _ => Attempt::Delivered,
    });
    let report = report.unwrap();
    assert_eq!((keys(&report.waiting), keys(&report.given_up)), (vec!["waits-1"], vec!["gone-1"]));
    assert_eq!(report.delivered, ["sent-1"]);
    assert!(report.waiting[0].next_attempt_at.is_some());
    for reopened in [false, true] {
        for id in ["waits", "gone", "sent"] {
            assert!(!outbox.queue(notice(id, 1)).unwrap(), "{id}, reopened: {reopened}");
        }
        assert_eq!((outbox.waiting(), outbox.given_up()), (1, 1));
        drop(outbox);
        outbox = Outbox::open(dir.path()).unwrap();
    }
    assert_eq!(outbox.retry_given_up().unwrap(), 1);
    let report = outbox.deliver_by(&policy, &mut |_| Attempt::Delivered).unwrap();
    assert_eq!((report.delivered, keys(&report.waiting)), (vec!["gone-1".to_owned()], vec!["waits-1"]));
}

#[test]
fn notices_of_an_alarm_keep_their_order_and_do_not_hold_up_others() {
    let dir = tempfile::tempdir().unwrap();
    let mut outbox = with_queue(dir.path(), &[("a", 1), ("a", 2), ("b", 1)]);
    let mut tried = Vec::new();
    let policy = Policy { first_pause_ms: 5, longest_pause_ms: 5, ..Policy::default() };
    let mut failures = 2;
    let report = outbox.deliver_by(&policy, &mut |message| {
        tried.push(message.key.to_owned());
        if message.key == "a-1" && failures > 0 {
            failures -= 1;
            return Attempt::failed("busy".into());
        }
        Attempt::Delivered
    });
    assert_eq!(report.unwrap().delivered, ["b-1", "a-1", "a-2"]);
    assert_eq!(tried, ["a-1", "b-1", "a-1", "a-1", "a-2"]);
}

#[test]
fn a_target_that_is_down_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let mut outbox = with_queue(dir.path(), &[("a", 1), ("b", 1), ("c", 1), ("d", 1), ("e", 1)]);
    let policy = Policy { first_pause_ms: 60_000, longest_pause_ms: 60_000, max_pass_ms: 1_000, ..Policy::default() };
    let mut attempts = 0;
    let report = outbox.deliver_by(&policy, &mut |_| {
        attempts += 1;
        Attempt::failed("down".into())
    });
    assert_eq!((attempts, report.unwrap().waiting.len()), (3, 5));
}

#[test]
fn what_fails_every_time_is_given_up_with_its_reason() {
    let dir = tempfile::tempdir().unwrap();
    let mut outbox = with_queue(dir.path(), &[("a", 1)]);
    let report = outbox.deliver_by(&hasty(7), &mut |_| Attempt::failed("busy".into())).unwrap();
    assert_eq!(report.given_up[0].attempts, 7);
    assert_eq!(report.given_up[0].problem.as_deref(), Some("busy"));
    assert!(report.waiting.is_empty());
}

#[test]
fn pauses_double_up_to_a_bound_and_heed_what_the_target_asks() {
    let dir = tempfile::tempdir().unwrap();
    let mut outbox = with_queue(dir.path(), &[("a", 1)]);
    let policy = Policy { max_attempts: 9, first_pause_ms: 1, longest_pause_ms: 6, max_pass_ms: 10_000 };
    let mut asked = [None, None, None, None, Some(5), Some(86_400_000), Some(0)].into_iter();
    outbox
        .deliver_by(&policy, &mut |_| match asked.next() {
            Some(retry_after_ms) => Attempt::Failed { problem: "busy".into(), retry_after_ms },
            None => Attempt::Delivered,
        })
        .unwrap();
    let text = fs::read_to_string(dir.path().join(JOURNAL)).unwrap();
    let events = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let pauses: Vec<u64> = events.filter_map(|event| event["pause_ms"].as_u64()).collect();
    assert_eq!(pauses, [1, 2, 4, 6, 6, 6, 6]);
}

#[test]
fn a_second_outbox_in_the_same_folder_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let outbox = with_queue(dir.path(), &[("a", 1)]);
    let error = Outbox::open(dir.path()).unwrap_err();
    assert!(matches!(error, DeliveryError::Locked { .. }) && error.is_user_error());
    drop(outbox);
    assert_eq!(Outbox::open(dir.path()).unwrap().waiting(), 1);
    let error = Outbox::open(&dir.path().join("nowhere")).unwrap_err();
    assert!(matches!(error, DeliveryError::File { .. }) && error.is_user_error());
}

#[test]
fn a_torn_last_line_is_dropped_and_a_whole_one_without_its_end_counts() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(JOURNAL);
    drop(with_queue(dir.path(), &[("a", 1), ("b", 1)]));
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() - 1]).unwrap();
    let outbox = Outbox::open(dir.path()).unwrap();
    assert_eq!((outbox.waiting(), outbox.dropped_bytes()), (2, 0));
    drop(outbox);
    assert_eq!(fs::read(&path).unwrap(), whole);
    fs::write(&path, &whole[..whole.len() - 2]).unwrap();
    let mut outbox = Outbox::open(dir.path()).unwrap();
    assert_eq!(outbox.waiting(), 1);
    assert!(outbox.dropped_bytes() > 0);
    assert!(outbox.queue(notice("b", 1)).unwrap());
    drop(outbox);
    assert_eq!(Outbox::open(dir.path()).unwrap().waiting(), 2);
}

#[test]
fn a_damaged_line_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join(JOURNAL);
    drop(with_queue(dir.path(), &[("a", 1), ("b", 1), ("c", 1)]));
    let whole = fs::read_to_string(&path).unwrap();
    let second = whole.lines().nth(1).unwrap().to_owned() + "\n";
    let long = format!("{}\n{whole}", "x".repeat(1 << 20));
    let unknown = format!(
        "{whole}{{\"event\":\"failed\",\"at\":\"2026-11-22T08:00:00Z\",\"key\":\"z-1\",\"attempts\":1,\"pause_ms\":1,\"problem\":\"busy\"}}\n"
    );
    let cases = [
        (whole.replace("\"b\"", "\"b"), 2),
        (whole.replace("queued", "quoted"), 1),
        (format!("{whole}{second}"), 4),
        (unknown, 4),
        (long, 1),
    ];
    for (text, expected) in cases {
        fs::write(&path, &text).unwrap();
        match Outbox::open(dir.path()).unwrap_err() {
            DeliveryError::Damaged { line, .. } => assert_eq!(line, expected),
            other => panic!("{other}"),
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), text, "a damaged file is left as it is");
    }
}

#[test]
fn a_full_outbox_says_so_and_empties() {
    let dir = tempfile::tempdir().unwrap();
    let mut lines = String::new();
    for id in 0..MAX_UNDELIVERED {
        let notice = serde_json::to_string(&notice(&format!("alarm-{id}"), 1)).unwrap();
        lines += &format!("{{\"event\":\"queued\",\"at\":\"2026-11-22T08:00:00Z\",\"notice\":{notice}}}\n");
    }
    fs::write(dir.path().join(JOURNAL), lines).unwrap();
    let mut outbox = Outbox::open(dir.path()).unwrap();
    assert!(matches!(outbox.queue(notice("more", 1)).unwrap_err(), DeliveryError::Full));
    outbox.deliver_by(&once(), &mut |_| Attempt::Delivered).unwrap();
    assert!(outbox.queue(notice("more", 1)).unwrap());
}

#[test]
fn what_cannot_be_kept_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let mut outbox = Outbox::open(dir.path()).unwrap();
    for id in ["", "a.b", "a b", "ä", "a\r\nb", &"x".repeat(129)] {
        assert!(matches!(outbox.queue(notice(id, 1)).unwrap_err(), DeliveryError::Id { .. }), "{id:?}");
    }
    let long = Notice { body: Value::from("x".repeat(MAX_NOTICE_BYTES)), ..notice("a", 1) };
    assert!(matches!(outbox.queue(long).unwrap_err(), DeliveryError::TooLong { .. }));
    assert_eq!(outbox.waiting(), 0);
    let longest =
        MAX_NOTICE_BYTES - serde_json::to_vec(&Notice { body: Value::from(""), ..notice("a", 1) }).unwrap().len();
    let kept = Notice { body: Value::from("x".repeat(longest)), ..notice("a", 1) };
    assert!(outbox.queue(kept).unwrap());
    drop(outbox);
    assert_eq!(Outbox::open(dir.path()).unwrap().waiting(), 1);
}

#[test]
fn a_long_file_is_written_anew_and_says_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let mut outbox = with_queue(dir.path(), &[("sent", 1), ("gone", 1), ("waits", 1), ("new", 1)]);
    outbox
        .deliver_by(&hasty(9), &mut |message| match message.id {
            "sent" => Attempt::Delivered,
            _ => Attempt::Refused { problem: "never".into() },
        })
        .unwrap();
    for _ in 0..50 {
        outbox.retry_given_up().unwrap();
        outbox.deliver_by(&hasty(1), &mut |_| Attempt::failed("busy".into())).unwrap();
    }
    let before = fs::metadata(dir.path().join(JOURNAL)).unwrap().len();
    outbox.journal.compact_above_bytes = 1_000;
    outbox.queue(notice("last", 1)).unwrap();
    let after = fs::metadata(dir.path().join(JOURNAL)).unwrap().len();
    assert!(after * 5 < before, "{before} bytes became {after}");
    let state = format!("{:?}", outbox.ledger.events());
    outbox.queue(notice("later", 1)).unwrap();
    drop(outbox);
    fs::write(dir.path().join(".alarms-outbox.next"), "left by a crash").unwrap();
    let outbox = Outbox::open(dir.path()).unwrap();
    let events = outbox.ledger.events();
    assert_eq!(format!("{:?}", &events[..events.len() - 1]), state);
}

#[test]
fn only_so_many_are_remembered() {
    let dir = tempfile::tempdir().unwrap();
    let mut lines = String::new();
    for id in 0..=MAX_REMEMBERED {
        lines += &format!("{{\"event\":\"delivered\",\"at\":\"2026-11-22T08:00:00Z\",\"key\":\"alarm-{id}-1\"}}\n");
    }
    fs::write(dir.path().join(JOURNAL), lines).unwrap();
    let mut outbox = Outbox::open(dir.path()).unwrap();
    assert!(outbox.queue(notice("alarm-0", 1)).unwrap());
    assert!(!outbox.queue(notice("alarm-1", 1)).unwrap());
}
