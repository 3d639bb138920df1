//! `ingest`, `search` and `trends` on the example mentions: accounting, idempotence, counts, and what a kill leaves.

use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::support::{Run, Workspace, example};

/// Mentions in `examples/mentions.ndjson`.
const EXAMPLES: u64 = 504;

fn ingest_examples(space: &Workspace) -> Run {
    space.run(&["ingest", example("mentions.ndjson").to_str().unwrap(), "--format", "json"]).expect_status(0)
}

fn sum(buckets: &Value, value: &str) -> u64 {
    buckets.as_array().unwrap().iter().filter_map(|bucket| bucket["counts"][value].as_u64()).sum()
}

#[test]
fn every_record_is_accounted_for_and_a_second_time_adds_nothing() {
    let space = Workspace::new();
    let first = ingest_examples(&space).json();
    assert_eq!(
        (&first["read"], &first["indexed"], &first["rejected"]),
        (&EXAMPLES.into(), &EXAMPLES.into(), &0.into())
    );
    let trend = |space: &Workspace| space.run(&["trends", "--format", "json"]).expect_status(0).json();
    let before = trend(&space);
    let second = ingest_examples(&space).json();
    assert_eq!(
        (&second["unchanged"], &second["indexed"], &second["updated"]),
        (&EXAMPLES.into(), &0.into(), &0.into())
    );
    assert_eq!(trend(&space), before);
}

#[test]
fn trends_add_up_and_show_the_planted_outage() {
    let space = Workspace::new();
    ingest_examples(&space);
    let by = |field: &str, more: &[&str]| {
        let args = [&["trends", "--by", field, "--format", "json"], more].concat();
        space.run(&args).expect_status(0).json()
    };
    let sentiment = by("sentiment", &[]);
    let buckets = &sentiment["buckets"];
    assert_eq!(sentiment["total"], EXAMPLES);
    assert_eq!(buckets[0]["start"], "2026-09-07T00:00:00Z");
    assert_eq!(buckets.as_array().unwrap().len(), 28);
    let parts = ["negative", "neutral", "positive", "unscored"].map(|value| sum(buckets, value));
    assert_eq!(parts.iter().sum::<u64>(), EXAMPLES);
    assert_eq!(parts[3], 1, "the empty mention is counted as unscored");
    let outage = by("topic", &["brand:velamo"]);
    let peak = outage["buckets"].as_array().unwrap().iter().max_by_key(|b| b["counts"]["outage"].as_u64()).unwrap();
    assert_eq!(peak["start"], "2026-09-24T00:00:00Z");
    for (field, interval) in [("language", "1h"), ("brand", "1w"), ("channel", "1mo"), ("author_role", "1d")] {
        let trend = by(field, &["--interval", interval, "--tz", "Europe/Riga"]);
        let total: u64 = trend["buckets"].as_array().unwrap().iter().map(|b| b["total"].as_u64().unwrap()).sum();
        assert_eq!(total, EXAMPLES, "{field}");
        assert_eq!(trend["tz"], "Europe/Riga");
    }
}

#[test]
fn search_finds_by_words_fields_and_scripts() {
    let space = Workspace::new();
    ingest_examples(&space);
    let total = |query: &str| {
        space.run(&["search", query, "--format", "json"]).expect_status(0).json()["total"].as_u64().unwrap()
    };
    assert_eq!(total(""), EXAMPLES);
    assert!(total("sentiment:negative topic:outage brand:Velamo") > 5);
    assert!(total("topic:delivery") >= total("topic:delivery/late"));
    assert_eq!(total("brand:velamo"), total("brand:VELAMO"));
    assert_eq!(total("language:lv OR language:pl"), total("language:lv") + total("language:pl"));
    assert_eq!(total("") - total("language:lv"), total("NOT language:lv"));
    let run = space.run(&["search", "brand:Nordbank", "--limit", "2", "--format", "json"]).expect_status(0);
    let hits = run.json()["hits"].clone();
    assert_eq!(hits.as_array().unwrap().len(), 2);
    assert!(hits[0]["mention"]["text"].is_string() && hits[0]["id"].is_string());
    let pages = |offset: &str| {
        let args = ["search", "--limit", "100", "--offset", offset, "--format", "json"];
        space.run(&args).expect_status(0).json()["hits"].clone()
    };
    let mut ids: Vec<String> = ["0", "100", "200", "300", "400", "500"]
        .iter()
        .flat_map(|offset| pages(offset).as_array().unwrap().clone())
        .map(|hit| hit["id"].as_str().unwrap().to_owned())
        .collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len() as u64, EXAMPLES, "paging skips and repeats nothing");
}

#[test]
fn a_changed_record_replaces_the_old_one() {
    let space = Workspace::new();
    space.write("a.ndjson", "{\"id\":\"1\",\"text\":\"old words\"}\n{\"id\":\"2\",\"text\":\"same\"}\n");
    space.write("b.ndjson", "{\"id\":\"1\",\"text\":\"new words\"}\n{\"id\":\"2\",\"text\":\"same\"}\n");
    space.run(&["ingest", "a.ndjson"]).expect_status(0);
    let report = space.run(&["ingest", "b.ndjson", "--format", "json"]).expect_status(0).json();
    assert_eq!((&report["updated"], &report["unchanged"], &report["indexed"]), (&1.into(), &1.into(), &0.into()));
    let found = space.run(&["search", "old", "--format", "json"]).expect_status(0).json();
    assert_eq!(found["total"], 0);
    let trend = space.run(&["trends", "--format", "json"]).expect_status(0).json();
    assert_eq!((&trend["total"], &trend["undated"]), (&0.into(), &2.into()));
}

#[test]
fn a_killed_ingest_loses_and_doubles_nothing_when_it_is_run_again() {
    let space = Workspace::new();
    let mut input = String::new();
    for id in 0..4_000 {
        input +=
            &format!("{{\"id\":\"{id}\",\"text\":\"mention {id} is late\",\"created_at\":\"2026-09-01T00:00:00Z\"}}\n");
    }
    let path = space.write("in.ndjson", input);
    for delay_ms in [60, 300, 900] {
        let mut child = Command::new(assert_cmd::cargo::cargo_bin!("earmark"))
            .args(["ingest", path.to_str().unwrap(), "--runtime", "tract", "--index"])
            .arg(space.path("earmark-index"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(delay_ms));
        let _ = child.kill();
        child.wait().unwrap();
    }
    let report = space.run(&["ingest", "in.ndjson", "--format", "json"]).expect_status(0).json();
    let count = |name: &str| report[name].as_u64().unwrap();
    assert_eq!(count("read"), 4_000);
    assert_eq!(count("indexed") + count("unchanged"), 4_000);
    let trend = space.run(&["trends", "--format", "json"]).expect_status(0).json();
    assert_eq!(trend["total"], 4_000);
    space.run(&["doctor"]).expect_status(0);
}

#[test]
fn doctor_says_what_is_in_use() {
    let space = Workspace::new();
    ingest_examples(&space);
    let report = space.run(&["doctor", "--format", "json"]).expect_status(0).json();
    assert_eq!(report["facts"]["runtime"], "tract (built in)");
    assert!(report["facts"]["index"].as_str().unwrap().contains("504 mentions"), "{report}");
    assert_eq!(report["problems"], Value::Array(Vec::new()));
    let segment = fs::read_dir(space.path("earmark-index"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|extension| extension == "store"))
        .unwrap();
    let mut bytes = fs::read(&segment).unwrap();
    bytes[10] ^= 0xff;
    fs::write(&segment, bytes).unwrap();
    let report = space.run(&["doctor", "--format", "json"]).expect_status(1).json();
    assert!(report["problems"][0].as_str().unwrap().contains("damaged index files"), "{report}");
}
