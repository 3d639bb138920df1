//! `earmark search`: mistakes are pointed at, pages go on, everything found can be taken away.

use std::fs;

use crate::support::{Workspace, example};

fn indexed() -> Workspace {
    let space = Workspace::new();
    space.run(&["ingest", example("mentions.ndjson").to_str().unwrap()]).expect_status(0);
    space
}

#[test]
fn mistakes_are_pointed_at() {
    let space = indexed();
    let run = space.run(&["search", "late AND urgent:now"]).expect_status(2);
    assert!(run.stderr().contains("there is no field \"urgent\""), "{}", run.stderr());
    assert!(run.stderr().contains("\n    late AND urgent:now\n             ^^^^^^"), "{}", run.stderr());
    let run = space.run(&["search", "late", "--export", "out.ndjson", "--facet", "brand"]).expect_status(2);
    assert!(run.stderr().contains("--facet"), "{}", run.stderr());
    let run = space.run(&["search", "(late", "--export", "out.ndjson"]).expect_status(2);
    assert!(run.stderr().contains("is not closed") && !space.path("out.ndjson").exists(), "{}", run.stderr());
}

#[test]
fn pages_go_on_after_each_other() {
    let space = indexed();
    let all = space.run(&["search", "sentiment:negative", "-n", "1000", "--format", "json"]).expect_status(0).json();
    let mut paged = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let mut args = vec!["search", "sentiment:negative", "-n", "40", "--format", "json"];
        args.extend(after.as_deref().map(|after| ["--after", after]).into_iter().flatten());
        let page = space.run(&args).expect_status(0).json();
        assert_eq!(page["total"], all["total"]);
        paged.extend(page["hits"].as_array().unwrap().clone());
        match page["next"].as_str() {
            Some(next) => after = Some(next.to_owned()),
            None => break,
        }
    }
    assert_eq!(&paged, all["hits"].as_array().unwrap());
}

#[test]
fn all_hits_are_exported_as_lines_and_as_a_table() {
    let space = indexed();
    let total =
        space.run(&["search", "lang:en", "-n", "0", "--format", "json"]).expect_status(0).json()["total"].clone();
    let run = space.run(&["search", "lang:en", "--export", "-"]).expect_status(0);
    assert_eq!(run.json_lines().len() as u64, total);
    assert!(run.json_lines()[0]["engine"].is_object());
    space.run(&["search", "lang:en", "--export", "out.CSV", "--fields", "id,text,topics"]).expect_status(0);
    let table = fs::read(space.path("out.CSV")).unwrap();
    let mut rows = csv::Reader::from_reader(table.as_slice());
    assert_eq!(rows.headers().unwrap(), vec!["id", "text", "topics"]);
    let ids: Vec<String> = rows.records().map(|row| row.unwrap()[0].to_owned()).collect();
    assert_eq!(ids.len() as u64, total);
    assert_eq!(ids[0], run.json_lines()[0]["id"].as_str().unwrap());
}

#[test]
fn facets_fields_and_explanations_are_shown() {
    let space = indexed();
    let found =
        space.run(&["search", "", "-n", "1", "--facet", "sentiment", "--facet", "lang", "--format", "json"]).json();
    let counts = found["facets"][0]["values"].as_array().unwrap().iter();
    assert_eq!(counts.map(|value| value["count"].as_u64().unwrap()).sum::<u64>(), found["total"].as_u64().unwrap());
    assert_eq!(found["facets"][1]["field"], "language");
    let found = space.run(&["search", "", "-n", "1", "--fields", "id,sentiment.label", "--format", "json"]).json();
    assert_eq!(found["hits"][0]["mention"].as_object().unwrap().len(), 2);
    let text =
        space.run(&["search", "", "-n", "2", "--fields", "id,brand", "--facet", "brand"]).expect_status(0).stdout();
    assert!(text.contains("id") && text.contains("share") && text.contains("more: --after"), "{text}");
    let text = space.run(&["search", "(late OR slow*) NEAR/5 order -raw:LATE", "--explain"]).expect_status(0).stdout();
    for part in ["all of", "both with at most 5 places between", "word slow*", "not", "spelled LATE", "mentions match"]
    {
        assert!(text.contains(part), "{part}: {text}");
    }
}
