//! `earmark tag`: one line out for each record in, in order, the same bytes however it is run.

use std::fs;
use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::support::{Workspace, example};

#[test]
fn a_record_comes_back_with_its_tags_and_its_own_fields() {
    let space = Workspace::new();
    let record = json!({
        "id": 7, "text": "Parcel never arrived, worst delivery ever 😡", "campaign": {"name": "spring"}, "likes": 3
    });
    let run = space.run_with_input(&["tag", "-"], record.to_string()).expect_status(0);
    let tagged = &run.json_lines()[0];
    for (name, value) in record.as_object().unwrap() {
        assert_eq!(&tagged[name], value, "{name}");
    }
    assert_eq!(tagged["language"]["code"], "en");
    assert_eq!(tagged["sentiment"]["label"], "negative");
    let sum: f64 = ["negative", "neutral", "positive"].iter().map(|l| tagged["sentiment"][l].as_f64().unwrap()).sum();
    assert!((sum - 1.0).abs() < 1e-9);
    let text: Vec<char> = record["text"].as_str().unwrap().chars().collect();
    for topic in tagged["topics"].as_array().unwrap() {
        for found in topic["matches"].as_array().unwrap() {
            let (start, end) = (found["start"].as_u64().unwrap() as usize, found["end"].as_u64().unwrap() as usize);
            assert!(start < end && end <= text.len(), "{found}");
            assert!(found["rule"].is_string());
        }
    }
    assert!(tagged["topics"].as_array().unwrap().iter().any(|topic| topic["topic"] == "delivery"), "{tagged}");
    assert!(tagged["engine"]["model"].as_str().unwrap().starts_with("sha256:"));
    assert_eq!(tagged["flags"], json!([]));
}

#[test]
fn threads_and_batches_do_not_change_a_byte() {
    let space = Workspace::new();
    let mentions = example("mentions.ndjson");
    let tag = |threads: &str, tokens: &str| {
        let args = ["tag", mentions.to_str().unwrap(), "-j", threads, "--batch-tokens", tokens];
        space.run(&args).expect_status(0).stdout()
    };
    let reference = tag("1", "256");
    assert_eq!(reference.lines().count(), fs::read_to_string(&mentions).unwrap().lines().count());
    for (threads, tokens) in [("4", "256"), ("1", "8192"), ("4", "8192"), ("3", "1")] {
        assert!(tag(threads, tokens) == reference, "{threads} threads, {tokens} tokens");
    }
}

#[test]
fn a_text_is_tagged_the_same_alone_and_among_others() {
    let space = Workspace::new();
    let mentions = fs::read_to_string(example("mentions.ndjson")).unwrap();
    let together = space.run_with_input(&["tag", "-"], mentions.clone()).expect_status(0).stdout();
    for (record, tagged) in mentions.lines().zip(together.lines()).step_by(60) {
        let alone = space.run_with_input(&["tag", "-"], record).expect_status(0).stdout();
        assert_eq!(alone.trim_end(), tagged);
    }
}

#[test]
fn tagging_what_is_tagged_changes_nothing() {
    let space = Workspace::new();
    let once = space.run(&["tag", example("mentions.ndjson").to_str().unwrap()]).expect_status(0).stdout();
    let twice = space.run_with_input(&["tag", "-"], once.clone()).expect_status(0).stdout();
    assert!(once == twice);
}

#[test]
fn tables_archives_and_several_inputs_are_read_as_one() {
    let space = Workspace::new();
    space.write("a.csv", "tweet_id;body;date;username\n1;Great staff;2026-09-01;ann\n2;Slow app;2026-09-02;bo\n");
    let mut archive = GzEncoder::new(Vec::new(), Compression::default());
    archive.write_all(b"{\"id\":\"3\",\"text\":\"Where is my refund?\"}\n").unwrap();
    space.write("b.ndjson.gz", archive.finish().unwrap());
    let run = space.run(&["tag", "a.csv", "b.ndjson.gz"]).expect_status(0);
    let ids: Vec<Value> = run.json_lines().iter().map(|line| line["id"].clone()).collect();
    assert_eq!(ids, ["1", "2", "3"]);
    assert_eq!(run.json_lines()[0]["author"], "ann");
    assert!(run.stderr().contains("read     3 = 3 tagged + 0 rejected"), "{}", run.stderr());
}

#[test]
fn what_cannot_be_scored_says_so() {
    let space = Workspace::new();
    let long = "so slow ".repeat(500);
    let input = format!(
        "{{\"id\":\"1\",\"text\":\" \"}}\n{{\"id\":\"2\",\"text\":\"{long}\"}}\n{{\"id\":\"3\",\"text\":\"12:30 😀\"}}\n"
    );
    let lines = space.run_with_input(&["tag", "-"], input).expect_status(0).json_lines();
    assert_eq!((&lines[0]["sentiment"], &lines[0]["flags"]), (&Value::Null, &json!(["no_text"])));
    assert_eq!(lines[1]["flags"], json!(["truncated"]));
    assert_eq!(lines[2]["language"]["code"], "zxx");
}

#[test]
fn a_closed_pipe_is_success() {
    use std::process::{Command, Stdio};
    let mut child = Command::new(assert_cmd::cargo::cargo_bin!("earmark"))
        .args(["tag", example("mentions.ndjson").to_str().unwrap(), "--runtime", "tract"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    assert!(child.wait().unwrap().success());
}
