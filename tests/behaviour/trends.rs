//! `earmark trends`: every number leads back to its mentions, tables fit, rows are exported.

use std::fs;

use serde_json::Value;

use crate::support::{Workspace, example};

fn indexed() -> Workspace {
    let space = Workspace::new();
    space.run(&["ingest", example("mentions.ndjson").to_str().unwrap()]).expect_status(0);
    space
}

fn json(space: &Workspace, args: &[&str]) -> Value {
    let args: Vec<&str> = ["trends"].into_iter().chain(args.iter().copied()).chain(["--format", "json"]).collect();
    space.run(&args).expect_status(0).json()
}

/// How many mentions a search finds for a `drill`.
fn found(space: &Workspace, drill: &Value, tz: &str) -> Value {
    let text = |name: &str| drill[name].as_str().unwrap();
    let bounds = ["--since", text("since"), "--until", text("until"), "--tz", tz];
    let args: Vec<&str> = ["search", text("query"), "-n", "0", "--format", "json"].into_iter().chain(bounds).collect();
    space.run(&args).expect_status(0).json()["total"].clone()
}

#[test]
fn every_number_leads_back_to_its_mentions() {
    let space = indexed();
    let args = ["lang:(en OR es)", "--by", "brand", "--by", "sentiment", "--interval", "1w", "--tz", "Europe/Riga"];
    let report = json(&space, &args);
    assert_eq!(found(&space, &report["drill"], "Europe/Riga"), report["total"]);
    for value in report["values"].as_array().unwrap() {
        assert_eq!(found(&space, &value["drill"], "Europe/Riga"), value["mentions"]);
        let pair = &value["pairs"][0];
        assert_eq!(found(&space, &pair["drill"], "Europe/Riga"), pair["mentions"]);
        let of_buckets = report["buckets"].as_array().unwrap().iter();
        let path = format!("/pairs/{}/{}", value["value"].as_str().unwrap(), pair["value"].as_str().unwrap());
        let sum: u64 = of_buckets.map(|bucket| bucket.pointer(&path).unwrap().as_u64().unwrap()).sum();
        assert_eq!(sum, pair["mentions"].as_u64().unwrap());
    }
    assert_eq!(json(&space, &args), report, "the same question has the same answer");
}

#[test]
fn measures_are_given_where_asked_for_and_absent_is_not_nothing() {
    let space = indexed();
    let plain = json(&space, &["--interval", "1mo"]);
    assert!(plain.get("net").is_none() && plain["buckets"][0].get("authors").is_none());
    let all = json(&space, &["--interval", "all", "--measures", "net,score,authors,engagement,reposts"]);
    let (net, likes, views) = (&all["net"], &all["engagement"]["likes"], &all["engagement"]["views"]);
    assert!(net["low"].as_f64() < net["value"].as_f64() && net["value"].as_f64() < net["high"].as_f64());
    assert!(likes["mentions"].as_u64() < all["total"].as_u64());
    assert_eq!((&views["sum"], &views["mentions"]), (&0.into(), &0.into()));
    assert!(all["authors"]["unique"].as_u64() <= all["total"].as_u64());
    assert_eq!(all["buckets"][0]["net"], *net);
}

#[test]
fn periods_are_compared_by_days_of_the_zone() {
    let space = indexed();
    let bounds = ["--since", "2026-09-15", "--until", "2026-09-22", "--tz", "America/New_York", "--by", "brand"];
    let report = json(&space, &[&bounds[..], &["--compare"]].concat());
    let before = json(&space, &["--since", "2026-09-08", "--until", "2026-09-15", "--tz", "America/New_York"]);
    assert_eq!(report["comparison"]["previous"], before["total"]);
    assert_eq!(report["comparison"]["since"], "2026-09-08T04:00:00Z");
    let change = &report["values"][0]["change"];
    let absolute = report["values"][0]["mentions"].as_i64().unwrap() - change["previous"].as_i64().unwrap();
    assert_eq!(change["absolute"], absolute);
    let table = space.run(&[&["trends"], &bounds[..], &["--compare"]].concat()).expect_status(0).stdout();
    assert!(table.contains("net ±") && table.contains("the 7 days before"), "{table}");
    let run = space.run(&["trends", "--compare"]).expect_status(2);
    assert!(run.stderr().contains("since when"), "{}", run.stderr());
}

#[test]
fn all_buckets_and_values_are_exported() {
    let space = indexed();
    let args = ["trends", "--by", "brand", "--by", "sentiment", "--interval", "1w", "--measures", "net,engagement"];
    space.run(&[&args[..], &["--export", "out.csv"]].concat()).expect_status(0);
    let report = json(&space, &args[1..]);
    let table = fs::read(space.path("out.csv")).unwrap();
    let mut reader = csv::Reader::from_reader(table.as_slice());
    assert_eq!(
        reader.headers().unwrap().iter().take(6).collect::<Vec<_>>(),
        ["start", "end", "value", "then_value", "mentions", "share"]
    );
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let buckets = report["buckets"].as_array().unwrap();
    let (brands, pairs) = (buckets[0]["counts"].as_object().unwrap().len(), &buckets[0]["pairs"]);
    let pairs: usize = pairs.as_object().unwrap().values().map(|row| row.as_object().unwrap().len()).sum();
    assert_eq!(rows.len(), buckets.len() * (1 + brands + pairs));
    let total: u64 = rows.iter().filter(|row| row[2].is_empty()).map(|row| row[4].parse::<u64>().unwrap()).sum();
    assert_eq!(total, report["total"].as_u64().unwrap());
    let views = reader.headers().unwrap().iter().position(|name| name == "views").unwrap();
    assert!(rows.iter().all(|row| row[views].is_empty()), "what nobody counted is not 0");
    let exported = |args: &[&str]| {
        let bounds = ["trends", "--by", "brand", "--interval", "1w", "--export", "plain.csv"];
        space.run(&[&bounds[..], args].concat()).expect_status(0);
        fs::read(space.path("plain.csv")).unwrap()
    };
    let plain = exported(&[]);
    assert_eq!(exported(&["--format", "json"]), plain, "what is exported is what was asked for");
    assert_eq!(exported(&["--chart", "plain.svg"]), plain);
}

#[test]
fn tables_are_no_wider_than_they_should_be() {
    let space = indexed();
    for args in [
        &["--by", "topic"][..],
        &["--by", "brand", "--interval", "1w", "--measures", "net,score,authors"],
        &["--by", "topic", "--by", "sentiment", "--interval", "all"],
        &["--share-of-voice"],
    ] {
        let table = space.run(&[&["trends"], args].concat()).expect_status(0).stdout();
        let mut rows = table.split("\n\n").flat_map(str::lines).filter(|line| line.starts_with(' '));
        assert!(rows.all(|row| row.chars().count() <= 112), "{table}");
    }
    let table = space.run(&["trends", "--by", "topic", "--interval", "1w"]).expect_status(0).stdout();
    assert!(table.contains("over time") && table.contains('█') && table.contains("data "), "{table}");
}

#[test]
fn shares_of_voice_and_terms_are_reports_of_their_own() {
    let space = indexed();
    let voices = json(&space, &["--share-of-voice", "--since", "2026-09-01", "--until", "2026-12-01"]);
    let shares = voices["brands"].as_array().unwrap().iter().map(|brand| brand["share"].as_f64().unwrap());
    assert!((shares.sum::<f64>() - 1.0).abs() < 0.001);
    let brand = &voices["brands"][0];
    assert_eq!(found(&space, &brand["drill"], "UTC"), brand["mentions"]);
    let terms = json(&space, &["topic:billing", "--distinctive", "--among", "lang:en", "-n", "5"]);
    assert!(terms["terms"].as_array().unwrap().len() <= 5);
    assert!(terms["others"]["mentions"].as_u64() > Some(0) && terms["languages"][0]["language"].is_string());
    space.run(&["trends", "--among", "late"]).expect_status(2);
    space.run(&["trends", "--by", "brand", "--by", "topic", "--by", "channel"]).expect_status(2);
}
