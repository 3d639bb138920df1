//! Commands, with a shell as the program.

use std::fs;
use std::time::{Duration, Instant};

use super::super::target::{Attempt, Message};
use super::*;

const MESSAGE: Message = Message { id: "a", key: "a-1", payload: "{\"id\":\"a\"}" };

fn shell(script: &str, arguments: &[&str], timeout_ms: u64) -> CommandLine {
    let mut words = vec!["sh".to_owned(), "-c".to_owned(), script.to_owned()];
    words.extend(arguments.iter().map(|&argument| argument.to_owned()));
    CommandLine::new(&words, timeout_ms).unwrap()
}

fn problem(attempt: Attempt) -> String {
    match attempt {
        Attempt::Failed { problem, .. } => problem,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_command_is_given_the_json_and_the_keys() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("got");
    let script = "{ printf '%s %s ' \"$EARMARK_ALARM_ID\" \"$EARMARK_ALARM_KEY\"; cat; echo \" $1\"; } > \"$0\"";
    let mut outbox = with_queue(dir.path(), &[("a", 1)]);
    let mut target = Target::Command(shell(script, &[path.to_str().unwrap(), "it's $HOME"], 10_000));
    assert_eq!(outbox.deliver(&mut target, &Policy::default()).unwrap().delivered, ["a-1"]);
    let got = fs::read_to_string(&path).unwrap();
    let payload = notice("a", 1).payload().unwrap();
    assert_eq!(got, format!("a a-1 {payload} it's $HOME\n"));
}

#[test]
fn any_other_end_than_zero_is_tried_later_and_shows_the_end_of_standard_error() {
    let said =
        problem(shell("yes xxxxxxx | head -n 9999 >&2; echo the door is shut >&2; exit 3", &[], 10_000).send(&MESSAGE));
    assert!(said.contains("exit status: 3") && said.ends_with("the door is shut"), "{said}");
    assert!(said.len() < 500, "{said}");
    let said = problem(shell("kill -9 $$", &[], 10_000).send(&MESSAGE));
    assert!(said.contains("signal: 9"), "{said}");
    let missing = CommandLine::new(&["earmark-no-such-program".to_owned()], 10_000).unwrap();
    assert!(problem(missing.send(&MESSAGE)).contains("cannot be started"));
    assert!(CommandLine::new(&[], 1).unwrap_err().is_user_error());
}

#[test]
fn a_command_that_does_not_read_may_still_take_it() {
    let long = "x".repeat(1 << 20);
    let message = Message { payload: &long, ..MESSAGE };
    assert_eq!(shell("exit 0", &[], 10_000).send(&message), Attempt::Delivered);
}

#[test]
fn a_command_that_takes_too_long_is_killed_with_all_that_it_started() {
    let started = Instant::now();
    // What it said is known in time only if nobody holds its standard error any more.
    let said = problem(shell("echo waiting >&2; sleep 60 & wait", &[], 1_000).send(&MESSAGE));
    assert!(said.contains("longer than 1000 ms") && said.ends_with(": waiting"), "{said}");
    assert!(started.elapsed() < Duration::from_secs(30));
}

#[test]
fn a_process_left_behind_holds_nobody_up() {
    let started = Instant::now();
    assert_eq!(shell("sleep 5 & exit 0", &[], 10_000).send(&MESSAGE), Attempt::Delivered);
    problem(shell("sleep 5 & exit 1", &[], 10_000).send(&MESSAGE));
    assert!(started.elapsed() < Duration::from_secs(4));
}
