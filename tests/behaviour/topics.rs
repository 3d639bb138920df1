//! `earmark topics`: is a taxonomy sound, and does it do what its author says it does?

use crate::support::Workspace;

const TAXONOMY: &str = r#"
name = "parcels"
[[topic]]
name = "delivery"
keywords.en = ["parcel*", "parcels", "late"]
matches.en = ["Where are my parcels?"]
misses.en = ["Better late than never"]
"#;

#[test]
fn keywords_that_never_count_are_found() {
    let space = Workspace::new();
    let file = space.write("taxonomy.toml", TAXONOMY);
    let run = space.run(&["topics", "check", file.to_str().unwrap()]).expect_status(1);
    assert!(run.stdout().contains("matches only where \"parcel*\" does"), "{}", run.stdout());
    let json = space.run(&["topics", "check", file.to_str().unwrap(), "--format", "json"]).expect_status(1).json();
    assert_eq!(json["findings"][0]["kind"], "shadowed");
    assert_eq!(json["keywords"], 3);
}

#[test]
fn examples_that_fail_are_named_with_the_keyword() {
    let space = Workspace::new();
    let file = space.write("taxonomy.toml", TAXONOMY);
    let run = space.run(&["topics", "test", file.to_str().unwrap()]).expect_status(1);
    assert!(
        run.stdout().contains("en must not match delivery: Better late than never\n    found late"),
        "{}",
        run.stdout()
    );
    let json = space.run(&["topics", "test", file.to_str().unwrap(), "--format", "json"]).expect_status(1).json();
    assert_eq!((&json["examples"], &json["passed"]), (&2.into(), &1.into()));
    assert_eq!(json["failed"][0]["rules"][0], "late");
}

#[test]
fn more_examples_can_be_given() {
    let space = Workspace::new();
    let taxonomy =
        space.write("taxonomy.toml", "name = \"x\"\n[[topic]]\nname = \"refund\"\nkeywords.en = [\"refund*\"]\n");
    let none = space.run(&["topics", "test", taxonomy.to_str().unwrap()]).expect_status(2);
    assert!(none.stderr().contains("has no examples; write some"), "{}", none.stderr());
    let examples = space.write("examples.toml", "[[topic]]\nname = \"refund\"\nmatches.en = [\"I want a refund\"]\n");
    let args = ["topics", "test", taxonomy.to_str().unwrap(), "--examples", examples.to_str().unwrap()];
    space.run(&args).expect_status(0);
}

#[test]
fn the_shipped_taxonomy_is_sound() {
    let space = Workspace::new();
    space.run(&["topics", "check"]).expect_status(0);
    space.run(&["topics", "test"]).expect_status(0);
}

const OTHER: &str = r#"
name = "parcels 2"
[[topic]]
name = "delivery"
keywords.en = ["parcel*"]
[[topic]]
name = "delivery/late"
rules.en = ["(late OR delayed) NEAR/3 parcel*"]
[[topic]]
name = "app"
rules.any = ["raw:App brand:kurio"]
"#;

const MENTIONS: &str = r#"{"id":"1","text":"My parcel is very late","lang":"en","brand":"Kurio","likes":3,"extra":{"a":[1]}}
{"id":"2","text":"Better late than never","lang":"en","gold":["-"]}
{"id":"3","text":"The App crashes","lang":"en","brand":"Kurio"}
{"id":"4","text":"The App crashes","lang":"en","brand":"Other"}
{"id":"5","text":"😡!!","brand":"Other"}
"#;

/// An index of the mentions, tagged by the first taxonomy, and the path of the other.
fn indexed() -> (Workspace, String, String) {
    let space = Workspace::new();
    let old = space.write("old.toml", TAXONOMY).to_str().unwrap().to_owned();
    let new = space.write("new.toml", OTHER).to_str().unwrap().to_owned();
    space.write("in.ndjson", MENTIONS);
    space.run(&["ingest", "in.ndjson", "--taxonomy", &old, "--trust-lang", "0.9"]).expect_status(0);
    (space, old, new)
}

fn ids(space: &Workspace, query: &str) -> Vec<String> {
    let found = space.run(&["search", query, "--format", "json"]).expect_status(0).json();
    let hits = found["hits"].as_array().unwrap().iter();
    let mut ids: Vec<String> = hits.map(|hit| hit["id"].as_str().unwrap().to_owned()).collect();
    ids.sort();
    ids
}

#[test]
fn a_diff_says_which_mentions_change_and_why() {
    let (space, old, new) = indexed();
    for before in [old.as_str(), "indexed"] {
        let diff = space.run(&["topics", "diff", before, &new, "--format", "json"]).expect_status(0).json();
        assert_eq!((&diff["mentions"], &diff["changed"]), (&5.into(), &3.into()));
        let change = |topic: &str| {
            let topics = diff["topics"].as_array().unwrap().iter();
            topics.clone().find(|change| change["topic"] == topic).unwrap_or_else(|| panic!("{topic}: {diff}")).clone()
        };
        let delivery = change("delivery");
        assert_eq!((&delivery["before"], &delivery["after"], &delivery["lost"]), (&2.into(), &1.into(), &1.into()));
        assert_eq!(delivery["lost_samples"][0]["id"], "2");
        assert_eq!(change("delivery/late")["gained_samples"][0]["matches"][0]["start"], 3);
        assert_eq!(change("app")["gained_samples"][0]["id"], "3");
    }
    let some = space.run(&["topics", "diff", &old, &new, "--query", "app"]).expect_status(0).stdout();
    assert!(some.contains("+ app · 3 · The App crashes · raw:App brand:kurio"), "{some}");
    assert!(some.contains("1 of 2 mentions change their topics"), "{some}");
}

#[test]
fn retagging_changes_topics_only_and_a_second_time_nothing() {
    let (space, _, new) = indexed();
    let record = |id: &str| {
        let found = space.run(&["search", &format!("id:{id}"), "--format", "json"]).expect_status(0).json();
        found["hits"][0]["mention"].clone()
    };
    let before = record("1");
    let counts = || {
        let fields = ["language", "sentiment", "brand", "flag", "channel", "author", "claimed_lang"];
        let args = fields.iter().flat_map(|field| ["--facet", field]).chain(["-n", "0", "--format", "json"]);
        space.run(&["search", ""].into_iter().chain(args).collect::<Vec<_>>()).expect_status(0).json()["facets"].clone()
    };
    let counted = counts();
    let report = space.run(&["topics", "retag", &new, "--format", "json"]).expect_status(0).json();
    let expected = serde_json::json!({"mentions": 5, "done_before": 0, "retagged": 5, "changed": 3});
    assert_eq!(report, expected);
    assert_eq!(counts(), counted, "nothing but topics changes in the index");
    assert_eq!(ids(&space, "lang:zxx"), ["5"]);
    assert_eq!(ids(&space, "topic:delivery"), ["1"]);
    assert_eq!(ids(&space, "topic:delivery/late"), ["1"]);
    assert_eq!(ids(&space, "topic:app"), ["3"]);
    let mut after = record("1");
    assert_ne!(after["engine"]["taxonomy"], before["engine"]["taxonomy"]);
    after["topics"] = before["topics"].clone();
    after["engine"]["taxonomy"] = before["engine"]["taxonomy"].clone();
    assert_eq!(after, before);
    let again = space.run(&["topics", "retag", &new]).expect_status(0).stdout();
    assert!(again.contains("5 mentions = 5 tagged by this taxonomy before + 0 tagged anew"), "{again}");
    // What is ingested now with the new taxonomy is what was there already.
    let ingested = space.run(&["ingest", "in.ndjson", "--taxonomy", &new, "--trust-lang", "0.9", "--format", "json"]);
    assert_eq!(ingested.expect_status(0).json()["unchanged"], 5);
}

/// The rule that tags a mention finds the same mention in the index.
#[test]
fn a_search_for_a_rule_finds_what_the_rule_tags() {
    let (space, _, new) = indexed();
    space.run(&["topics", "retag", &new]).expect_status(0);
    assert_eq!(ids(&space, "(late OR delayed) NEAR/3 parcel*"), ids(&space, "topic:delivery/late"));
    assert_eq!(ids(&space, "raw:App brand:kurio"), ids(&space, "topic:app"));
}

#[test]
fn gold_topics_are_compared() {
    let space = Workspace::new();
    let taxonomy = space.write("taxonomy.toml", OTHER);
    space.write("map.tsv", "Late\tdelivery/late\nNothing\t-\n");
    space.write(
        "gold.ndjson",
        "{\"text\":\"My parcel is late\",\"lang\":\"en\",\"reason\":\"Late\"}\n\
         {\"text\":\"my parcel has come\",\"lang\":\"en\",\"reason\":[\"Nothing\"]}\n{\"text\":\"no gold\"}\n",
    );
    let args = [
        "topics",
        "eval",
        "gold.ndjson",
        "--taxonomy",
        taxonomy.to_str().unwrap(),
        "--gold",
        "reason",
        "--map",
        "map.tsv",
    ];
    let report = space.run(&[&args[..], &["--format", "json"]].concat()).expect_status(0).json();
    assert_eq!((&report["n"], &report["topics"]["delivery"]["tagged"]), (&2.into(), &2.into()));
    assert_eq!(report["topics"]["delivery"]["precision"], 0.5);
    assert_eq!(report["topics"]["delivery/late"]["f1"], 1.0);
    space.run(&args).expect_status(0);
    let wrong = space.run(&["topics", "eval", "gold.ndjson", "--gold", "nothing"]).expect_status(2);
    assert!(wrong.stderr().contains("name the field of the gold topics"), "{}", wrong.stderr());
}

#[test]
fn suggestions_tell_the_selected_mentions_from_the_others() {
    let space = Workspace::new();
    let mut input = String::new();
    for number in 0..12 {
        let text = if number % 3 == 0 { "the router keeps dropping the line" } else { "the shop was nice and quiet" };
        input += &format!("{{\"id\":\"{number}\",\"text\":\"{text}\",\"brand\":\"b{}\"}}\n", number % 3);
    }
    space.write("in.ndjson", input);
    space.run(&["ingest", "in.ndjson"]).expect_status(0);
    let found = space.run(&["topics", "suggest", "brand:b0", "--format", "json"]).expect_status(0).json();
    assert_eq!((&found["selected"], &found["others"]), (&4.into(), &8.into()));
    let terms: Vec<&str> =
        found["terms"].as_array().unwrap().iter().map(|term| term["term"].as_str().unwrap()).collect();
    assert!(terms.contains(&"router") && terms.contains(&"the line") && !terms.contains(&"the"), "{terms:?}");
}

#[test]
fn rules_that_cannot_be_read_are_pointed_at() {
    let space = Workspace::new();
    let text = "name = \"x\"\n[[topic]]\nname = \"a\"\nrules.en = [\"late NEAR/5 (parcel\"]\n";
    let file = space.write("taxonomy.toml", text);
    let run = space.run(&["topics", "check", file.to_str().unwrap()]).expect_status(2);
    assert!(
        run.stderr().contains("this ( is not closed\n    late NEAR/5 (parcel\n                ^"),
        "{}",
        run.stderr()
    );
}
