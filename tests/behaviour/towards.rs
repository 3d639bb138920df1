//! The feeling towards each of several brands.

use crate::support::{Workspace, example};

#[test]
fn each_brand_that_is_named_gets_a_feeling_and_its_basis() {
    let space = Workspace::new();
    let text = "Kurio was wonderful, I love them! But Belltix lost my parcel, terrible service.";
    space.write("in.ndjson", format!("{{\"id\":\"1\",\"text\":\"{text}\"}}\n{{\"id\":\"2\",\"text\":\"hello\"}}\n"));
    let brands = example("brands.toml");
    let tagged = space.run(&["tag", "in.ndjson", "--brands", brands.to_str().unwrap()]).expect_status(0).json_lines();
    let towards = tagged[0]["towards"].as_array().unwrap();
    assert_eq!(towards.len(), 2);
    let said = |i: usize| (towards[i]["brand"].as_str().unwrap(), towards[i]["sentiment"]["label"].as_str().unwrap());
    assert_eq!((said(0), said(1)), (("Kurio", "positive"), ("Belltix", "negative")));
    assert_eq!(towards[0]["basis"], "clauses");
    let found = &towards[1]["matches"][0];
    let span: String = text.chars().take(found["end"].as_u64().unwrap() as usize).collect();
    assert!(span.ends_with("Belltix"), "{span}");
    assert_eq!(tagged[1]["towards"], serde_json::json!([]), "no brand is named");
    assert!(tagged[0]["engine"]["brands"].as_str().unwrap().starts_with("sha256:"));
    let plain = space.run(&["tag", "in.ndjson"]).expect_status(0).json_lines();
    assert!(plain[0].get("towards").is_none(), "no brands are tracked");
    assert_eq!(plain[0]["sentiment"], tagged[0]["sentiment"], "the feeling of the text is the same");
}

#[test]
fn labels_towards_a_brand_are_compared_with_the_feeling_towards_it() {
    let space = Workspace::new();
    let (labelled, brands) = (example("towards.ndjson"), example("brands.toml"));
    let (labelled, brands) = (labelled.to_str().unwrap(), brands.to_str().unwrap());
    let whole = space.run(&["eval", labelled, "--format", "json"]).expect_status(0).json();
    let towards = space.run(&["eval", labelled, "--brands", brands, "--format", "json"]).expect_status(0).json();
    let accuracy = |report: &serde_json::Value| report["overall"]["accuracy"].as_f64().unwrap();
    assert!(accuracy(&towards) > accuracy(&whole), "{} against {}", accuracy(&towards), accuracy(&whole));
}

#[test]
fn a_wrong_file_of_brands_is_named() {
    let space = Workspace::new();
    space.write("in.ndjson", "{\"id\":\"1\",\"text\":\"x\"}\n");
    space.write("brands.toml", "[[brand]]\nname = 'A'\n[[brand]]\nname = 'a'\n");
    let run = space.run(&["tag", "in.ndjson", "--brands", "brands.toml"]).expect_status(2);
    assert!(run.stderr().contains("brands.toml") && run.stderr().contains("stands above"), "{}", run.stderr());
    space.run(&["tag", "in.ndjson", "--brands", "none.toml"]).expect_status(2);
}
