//! Webhooks against a receiver in this process.

use std::fs;
use std::net::TcpListener;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::server::{HANG, Server};
use super::*;

const OK: &str = "HTTP/1.1 204 No Content\r\n\r\n";
const BUSY: &str = "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 13\r\n\r\ntry\x1b[31mlater";
const SECRET: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";

fn target(address: &str, timeout_ms: u64) -> Target {
    let secret = Secret::parse(SECRET, "the test").unwrap();
    Target::Webhook(Webhook::through(None, address, Some(secret), timeout_ms).unwrap())
}

/// Delivers one notice to a server with these answers.
fn deliver(answers: &'static [&'static str], policy: &Policy) -> (DeliveryReport, Server) {
    let server = Server::start(answers);
    let dir = tempfile::tempdir().unwrap();
    let report = with_queue(dir.path(), &[("a", 1)]).deliver(&mut target(&server.address, 10_000), policy).unwrap();
    (report, server)
}

fn waiting_problem(report: &DeliveryReport) -> &str {
    report.waiting[0].problem.as_deref().unwrap()
}

fn given_up_problem(report: &DeliveryReport) -> &str {
    report.given_up[0].problem.as_deref().unwrap()
}

#[test]
fn a_request_is_what_standard_webhooks_asks_for() {
    let (report, server) = deliver(&[OK], &once());
    assert_eq!(report.delivered, ["a-1"]);
    let request = server.request();
    assert_eq!(request.line, "POST /hook/secret-path?token=secret-token HTTP/1.1");
    assert_eq!(request.headers["content-type"], "application/json");
    assert_eq!(request.headers["webhook-id"], "a-1");
    assert!(request.headers["user-agent"].starts_with("earmark/"));
    let timestamp_s: i64 = request.headers["webhook-timestamp"].parse().unwrap();
    assert!((Timestamp::now().as_second() - timestamp_s).abs() < 60);
    assert_eq!(request.body, notice("a", 1).payload().unwrap());
    let secret = Secret::parse(SECRET, "the test").unwrap();
    assert_eq!(request.headers["webhook-signature"], secret.sign("a-1", timestamp_s, &request.body));
}

#[test]
fn what_is_busy_is_tried_again_with_the_same_key_and_body() {
    let policy = Policy { first_pause_ms: 1, longest_pause_ms: 2, ..Policy::default() };
    let (report, server) = deliver(&[BUSY, "HTTP/1.1 429 Too Many Requests\r\ncontent-length: 0\r\n\r\n", OK], &policy);
    assert_eq!(report.delivered, ["a-1"]);
    let requests = [server.request(), server.request(), server.request()];
    assert!(requests.iter().all(|r| r.headers["webhook-id"] == "a-1" && r.body == requests[0].body));
}

#[test]
fn a_failure_shows_the_answer_and_not_the_address() {
    let (report, server) = deliver(&[BUSY], &once());
    let host = server.address.split("/hook").next().unwrap();
    assert_eq!(waiting_problem(&report), format!("{host} answers 503 Service Unavailable: try [31mlater"));
    assert!(!format!("{report:?}").contains("secret"));
}

#[test]
fn the_receiver_may_say_when_to_come_back() {
    let long = Policy { first_pause_ms: 1, longest_pause_ms: 500_000, max_pass_ms: 0, ..Policy::default() };
    let cases: [(&'static [&'static str], std::ops::Range<i64>); 4] = [
        (&["HTTP/1.1 503 Busy\r\nretry-after: 120\r\ncontent-length: 0\r\n\r\n"], 100..130),
        (&["HTTP/1.1 429 Busy\r\nretry-after: 99999999999999999999\r\ncontent-length: 0\r\n\r\n"], -10..10),
        (&["HTTP/1.1 429 Busy\r\nretry-after: 999999\r\ncontent-length: 0\r\n\r\n"], 480..510),
        (&["HTTP/1.1 503 Busy\r\nretry-after: Fri, 31 Dec 2100 23:59:59 GMT\r\ncontent-length: 0\r\n\r\n"], 480..510),
    ];
    for (answers, expected) in cases {
        let (report, _) = deliver(answers, &long);
        let next = report.waiting[0].next_attempt_at.unwrap();
        let seconds = next.duration_since(Timestamp::now()).as_secs();
        assert!(expected.contains(&seconds), "{answers:?} gave {seconds} s");
    }
}

#[test]
fn what_is_gone_is_given_up_and_can_be_tried_again() {
    let server = Server::start(&["HTTP/1.1 410 Gone\r\ncontent-length: 5\r\n\r\nmoved", OK]);
    let dir = tempfile::tempdir().unwrap();
    let mut outbox = with_queue(dir.path(), &[("a", 1)]);
    let mut target = target(&server.address, 10_000);
    let report = outbox.deliver(&mut target, &Policy::default()).unwrap();
    assert!(given_up_problem(&report).ends_with("answers 410 Gone: moved"));
    assert!(outbox.deliver(&mut target, &Policy::default()).unwrap().delivered.is_empty());
    drop(outbox);
    let mut outbox = Outbox::open(dir.path()).unwrap();
    assert_eq!(outbox.retry_given_up().unwrap(), 1);
    assert_eq!(outbox.deliver(&mut target, &Policy::default()).unwrap().delivered, ["a-1"]);
}

/// A receiver that is being deployed may answer anything.
#[test]
fn what_is_not_found_is_tried_later_and_its_path_is_not_shown() {
    const ANSWER: &str = "HTTP/1.1 404 Not Found\r\ncontent-length: 29\r\n\r\nCannot POST /hook/secret-path\n";
    let (report, server) = deliver(&[ANSWER], &once());
    let host = server.address.split("/hook").next().unwrap();
    assert_eq!(waiting_problem(&report), format!("{host} answers 404 Not Found: Cannot POST /…"));
}

#[test]
fn a_redirect_is_not_followed() {
    for answer in [
        &["HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:9/secret-place\r\ncontent-length: 0\r\n\r\n", OK],
        &[
            "HTTP/1.1 307 Temporary Redirect\r\nlocation: http://127.0.0.1:9/secret-place\r\ncontent-length: 0\r\n\r\n",
            OK,
        ],
    ] {
        let (report, server) = deliver(answer, &once());
        assert!(waiting_problem(&report).contains("sends on to http://127.0.0.1:9; give"), "{report:?}");
        server.request();
        assert!(!server.has_request());
    }
}

#[test]
fn a_receiver_that_hangs_is_left() {
    for answers in [&[HANG], &["HTTP/1.1 503 Busy\r\ncontent-length: 9\r\n\r\nhalf"]] {
        let server = Server::start(answers);
        let dir = tempfile::tempdir().unwrap();
        let started = Instant::now();
        let mut outbox = with_queue(dir.path(), &[("a", 1)]);
        let report = outbox.deliver(&mut target(&server.address, 50), &once()).unwrap();
        assert!(started.elapsed() < Duration::from_secs(5));
        let problem = waiting_problem(&report);
        assert!(problem.contains("timeout") || problem.ends_with("half"), "{problem}");
    }
}

#[test]
fn a_long_answer_is_cut_off() {
    let (report, _) = deliver(
        &[concat!("HTTP/1.1 500 Oops\r\ncontent-length: 99999999\r\n\r\n", include_str!("webhook.rs"))],
        &once(),
    );
    let problem = waiting_problem(&report);
    assert!(problem.ends_with('…') && problem.len() < 500, "{problem}");
}

#[test]
fn a_refused_connection_is_tried_later() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/secret-path", listener.local_addr().unwrap());
    drop(listener);
    let dir = tempfile::tempdir().unwrap();
    let report = with_queue(dir.path(), &[("a", 1)]).deliver(&mut target(&address, 10_000), &once()).unwrap();
    let problem = waiting_problem(&report);
    assert!(problem.contains("cannot be reached") && !problem.contains("secret"), "{problem}");
}

#[test]
fn what_was_sent_and_not_written_down_is_sent_again_with_the_same_key() {
    let server = Server::start(&[OK, OK]);
    let dir = tempfile::tempdir().unwrap();
    let mut outbox = with_queue(dir.path(), &[("a", 1)]);
    let before = fs::read(dir.path().join(JOURNAL)).unwrap();
    outbox.deliver(&mut target(&server.address, 10_000), &once()).unwrap();
    drop(outbox);
    // Killed between the answer and the line that says so.
    fs::write(dir.path().join(JOURNAL), before).unwrap();
    let mut outbox = Outbox::open(dir.path()).unwrap();
    let report = outbox.deliver(&mut target(&server.address, 10_000), &once()).unwrap();
    assert_eq!(report.delivered, ["a-1"]);
    let (first, second) = (server.request(), server.request());
    assert_eq!(first.headers["webhook-id"], second.headers["webhook-id"]);
    assert_eq!(first.body, second.body);
    assert!(outbox.deliver(&mut target(&server.address, 10_000), &once()).unwrap().delivered.is_empty());
}

#[test]
fn what_is_no_address_is_refused() {
    for address in ["", "example.com/alarms", "ftp://example.com/secret", "https://", "https:// a/secret", "/secret"] {
        let error = Webhook::open(address, None, 1_000).unwrap_err();
        assert!(error.is_user_error() && !error.to_string().contains("secret"), "{address}: {error}");
    }
    let webhook = Webhook::open("https://anna:hunter2@example.com:8443/secret", None, 1_000).unwrap();
    assert_eq!(format!("{webhook:?}"), "Webhook(https://example.com:8443)");
}
