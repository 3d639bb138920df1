//! What cannot be read is set aside, counted and can be mended; the exit status says whose fault a failure was.

use std::fs;
use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;

use crate::support::Workspace;

const MIXED: &str =
    "{\"id\":\"1\",\"text\":\"fine\"}\n{\"id\":\"2\",\"text\":42}\nnot json\n{\"id\":\"3\",\"text\":\"good\"}\n";

#[test]
fn rejects_are_set_aside_mended_and_read_in() {
    let space = Workspace::new();
    space.write("in.ndjson", MIXED);
    let run = space.run(&["ingest", "in.ndjson", "--format", "json"]).expect_status(0);
    let report = run.json();
    assert_eq!((&report["read"], &report["indexed"], &report["rejected"]), (&4.into(), &2.into(), &2.into()));
    let side = fs::read_to_string(space.path("earmark-rejects.ndjson")).unwrap();
    let rejects: Vec<Value> = side.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((&rejects[0]["reject"]["line"], &rejects[1]["reject"]["line"]), (&2.into(), &3.into()));
    assert_eq!(rejects[0]["reject"]["reason"], "wrong_type");
    assert_eq!(rejects[1]["raw"], "not json");

    let mended = side.replace("42", "\\\"forty-two\\\"").replace("not json", "{\\\"text\\\":\\\"now json\\\"}");
    space.write("earmark-rejects.ndjson", mended);
    let report = space.run(&["ingest", "earmark-rejects.ndjson", "--format", "json"]).expect_status(0).json();
    assert_eq!((&report["read"], &report["indexed"], &report["rejected"]), (&2.into(), &2.into(), &0.into()));
    assert!(!space.path("earmark-rejects-2.ndjson").exists());
}

#[test]
fn a_side_file_never_replaces_another_or_an_input() {
    let space = Workspace::new();
    space.write("in.ndjson", MIXED);
    space.write("earmark-rejects.ndjson", "keep me\n");
    space.run(&["tag", "in.ndjson"]).expect_status(0);
    assert_eq!(fs::read_to_string(space.path("earmark-rejects.ndjson")).unwrap(), "keep me\n");
    assert_eq!(fs::read_to_string(space.path("earmark-rejects-2.ndjson")).unwrap().lines().count(), 2);
    let run = space.run(&["tag", "in.ndjson", "--rejects", "in.ndjson"]).expect_status(2);
    assert!(run.stderr().contains("is also an input"), "{}", run.stderr());
    assert_eq!(fs::read_to_string(space.path("in.ndjson")).unwrap(), MIXED);
}

#[test]
fn too_many_rejects_fail_the_run_after_all_is_done() {
    let space = Workspace::new();
    space.write("in.ndjson", MIXED);
    let run = space.run(&["tag", "in.ndjson", "--max-rejects", "1"]).expect_status(1);
    assert_eq!(run.json_lines().len(), 2);
    space.run(&["tag", "in.ndjson", "--max-rejects", "2"]).expect_status(0);
}

#[test]
fn a_damaged_archive_gives_what_can_be_read_and_fails() {
    let space = Workspace::new();
    let mut archive = GzEncoder::new(Vec::new(), Compression::none());
    for id in 0..2_000 {
        writeln!(archive, "{{\"id\":\"{id}\",\"text\":\"mention number {id}\"}}").unwrap();
    }
    let archive = archive.finish().unwrap();
    space.write("cut.ndjson.gz", &archive[..archive.len() / 2]);
    space.write("whole.ndjson", "{\"id\":\"last\",\"text\":\"still read\"}\n");
    let run = space.run(&["ingest", "cut.ndjson.gz", "whole.ndjson", "--format", "json"]).expect_status(1);
    let report = run.json();
    let count = |name: &str| report[name].as_u64().unwrap();
    assert_eq!(count("read"), count("indexed") + count("rejected"));
    assert!(count("indexed") > 900, "{report}");
    assert_eq!(report["reject_reasons"]["damaged_input"], 1);
    let found = space.run(&["search", "id:last", "--format", "json"]).expect_status(0).json();
    assert_eq!(found["total"], 1);
}

#[test]
fn mistakes_on_the_command_line_have_status_2() {
    let space = Workspace::new();
    space.write("in.ndjson", MIXED);
    space.write("broken.toml", "name = 'x'\n[[topic]]\nname = 'a/b'\n");
    space.write("numbers.csv", "a,b\n1,2\n");
    let cases: [(&[&str], &str); 11] = [
        (&["tag", "missing.ndjson"], "cannot open missing.ndjson"),
        (&["tag", "numbers.csv"], "no text column"),
        (&["tag", "-", "-"], "named twice"),
        (&["tag", "in.ndjson", "--model", "nowhere"], "model.onnx"),
        (&["tag", "in.ndjson", "--taxonomy", "broken.toml"], "its parent \"a\" must stand above it"),
        (&["tag", "in.ndjson", "--onnxruntime", "no.so"], "exclude each other"),
        (&["tag", "in.ndjson", "--frobnicate"], "--frobnicate"),
        (&["search", "late"], "make one with `earmark ingest"),
        (&["trends", "--tz", "Mars/Olympus"], "no time zone"),
        (&["trends", "--interval", "7m"], "interval"),
        (&["trends", "--by", "mood"], "mood"),
    ];
    for (args, part) in cases {
        let run = space.run(args).expect_status(2);
        assert!(run.stderr().contains(part), "{args:?}: {}", run.stderr());
        assert!(!run.stderr().contains("panicked"), "{args:?}: {}", run.stderr());
    }
}
