//! Who has the last word: sentiment rules, corrections, and what is marked for review.

use serde_json::Value;

use crate::support::Workspace;

const MENTIONS: &str = concat!(
    r#"{"id":"a","text":"Terrible service, my parcel never arrived and nobody answers!","brand":"Kurio"}"#,
    "\n",
    r#"{"id":"b","text":"The war zone is a disaster, everyone dies horribly","brand":"Ironfront","lang":"en"}"#,
    "\n",
    r#"{"id":"c","text":"🙄🙄","brand":"Kurio"}"#,
    "\n",
);

/// A folder with an index of the mentions above.
fn ingested() -> Workspace {
    let space = Workspace::new();
    space.write("in.ndjson", MENTIONS);
    space.run(&["ingest", "in.ndjson"]).expect_status(0);
    space
}

fn sentiment(mention: &Value) -> &str {
    mention["sentiment"]["label"].as_str().unwrap()
}

#[test]
fn rules_neutralise_and_override_and_say_so() {
    let space = Workspace::new();
    space.write("in.ndjson", MENTIONS);
    space.write(
        "rules.toml",
        "[[rule]]\nname = 'game'\naction = 'neutralise'\nbrands = ['ironfront']\n\
         terms.en = ['war zone', 'disaster', 'dies horribly']\n\
         [[rule]]\nname = 'lost'\naction = 'neutral'\nterms.any = ['never arrived']\n",
    );
    let before = space.run(&["tag", "in.ndjson"]).expect_status(0).json_lines();
    let after = space.run(&["tag", "in.ndjson", "--sentiment-rules", "rules.toml"]).expect_status(0).json_lines();
    assert!(before.iter().all(|mention| mention["sentiment"].get("decided_by").is_none()));
    let lost = &after[0]["sentiment"];
    assert_eq!((lost["label"].as_str(), lost["neutral"].as_f64()), (Some("neutral"), Some(1.0)));
    assert_eq!(lost["decided_by"]["kind"], "rule");
    assert_eq!(lost["decided_by"]["name"], "lost");
    assert_eq!(lost["decided_by"]["matches"][0]["rule"], "never arrived");
    assert_eq!(lost["decided_by"]["model"], before[0]["sentiment"], "what the model said is kept");
    let game = &after[1]["sentiment"];
    assert_eq!(game["decided_by"]["kind"], "neutralised");
    assert_eq!(game["decided_by"]["matches"].as_array().unwrap().len(), 3);
    assert!(game["negative"].as_f64() < before[1]["sentiment"]["negative"].as_f64());
    assert!(after[0]["engine"]["sentiment_rules"].as_str().unwrap().starts_with("sha256:"));
    space.write("bad.toml", "[[rule]]\nname = 'a'\naction = 'hide'\nterms.en = ['x']\n");
    let run = space.run(&["tag", "in.ndjson", "--sentiment-rules", "bad.toml"]).expect_status(2);
    assert!(run.stderr().contains("bad.toml") && run.stderr().contains("hide"), "{}", run.stderr());
}

#[test]
fn what_the_model_cannot_know_is_marked_for_review() {
    let space = Workspace::new();
    space.write("in.ndjson", MENTIONS);
    let tagged = space.run(&["tag", "in.ndjson"]).expect_status(0).json_lines();
    assert!(tagged[2]["flags"].as_array().unwrap().contains(&"review_no_words".into()), "{}", tagged[2]);
}

#[test]
fn corrections_survive_ingestion() {
    let space = ingested();
    let search = |space: &Workspace, query: &str| space.run(&["search", query, "--format", "json"]).json();
    assert_eq!(search(&space, "sentiment:negative AND id:a")["total"], 1);

    let run = space.run(&["correct", "a", "positive", "--by", "anna", "--note", "an in-joke", "--format", "json"]);
    assert_eq!(run.expect_status(0).json()["updated"], 1);
    let check = |space: &Workspace| {
        let found = search(space, "id:a");
        let mention = &found["hits"][0]["mention"];
        assert_eq!((sentiment(mention), mention["sentiment"]["positive"].as_f64()), ("positive", Some(1.0)));
        let decided = &mention["sentiment"]["decided_by"];
        assert_eq!((decided["kind"].as_str(), decided["by"].as_str()), (Some("correction"), Some("anna")));
        assert_eq!(decided["instead_of"]["label"], "negative");
        assert_eq!(search(space, "sentiment:negative AND id:a")["total"], 0);
    };
    check(&space);
    let again = space.run(&["ingest", "in.ndjson", "--format", "json"]).expect_status(0).json();
    assert_eq!((&again["updated"], &again["unchanged"]), (&0.into(), &3.into()), "the same mention is the same");
    check(&space);
    space.write("in.ndjson", MENTIONS.replace("nobody answers", "no answer"));
    let changed = space.run(&["ingest", "in.ndjson", "--format", "json"]).expect_status(0).json();
    assert_eq!(changed["updated"], 1);
    check(&space);

    space.run(&["correct", "a", "withdraw"]).expect_status(0);
    assert_eq!(search(&space, "sentiment:negative AND id:a")["total"], 1);
    let log = space.run(&["correct", "--list"]).expect_status(0).json_lines();
    assert_eq!(log.len(), 2, "the log forgets nothing");
    assert_eq!(log[1]["sentiment"], Value::Null);
}

#[test]
fn corrections_come_in_bulk_and_for_mentions_yet_to_come() {
    let space = ingested();
    space.write("fix.ndjson", "{\"id\":\"b\",\"sentiment\":\"neutral\"}\n{\"id\":\"z\",\"sentiment\":\"negative\"}\n");
    let run = space.run(&["correct", "--from", "fix.ndjson"]).expect_status(0);
    assert!(run.stdout().contains("1 ids are not in this index"), "{}", run.stdout());
    space.write("late.ndjson", r#"{"id":"z","text":"I love this shop, wonderful people!"}"#);
    space.run(&["ingest", "late.ndjson"]).expect_status(0);
    let found = space.run(&["search", "sentiment:negative AND id:z", "--format", "json"]).json();
    assert_eq!(found["total"], 1);
    let tagged = space.run(&["tag", "late.ndjson", "--corrections", "fix.ndjson"]).expect_status(0).json_lines();
    assert_eq!(sentiment(&tagged[0]), "negative");
}

#[test]
fn mistakes_in_corrections_are_named_and_nothing_is_kept() {
    let space = ingested();
    space.write("fix.ndjson", "{\"id\":\"a\",\"sentiment\":\"neutral\"}\n{\"id\":\"b\",\"sentiment\":\"angry\"}\n");
    let run = space.run(&["correct", "--from", "fix.ndjson"]).expect_status(2);
    assert!(run.stderr().contains("line 2") && run.stderr().contains("angry"), "{}", run.stderr());
    assert_eq!(space.run(&["correct", "--list"]).expect_status(0).stdout(), "");
    for arguments in [&["correct"][..], &["correct", "a"], &["correct", "a", "angry"], &["correct", "--by", "anna"]] {
        space.run(arguments).expect_status(2);
    }
    space.run(&["correct", "a", "neutral", "--index", "elsewhere"]).expect_status(2);
}

#[test]
fn a_correction_with_another_engine_would_change_other_tags() {
    let space = Workspace::new();
    space.write("in.ndjson", MENTIONS);
    space.write("brands.toml", "[[brand]]\nname = 'Kurio'\n");
    space.run(&["ingest", "in.ndjson", "--brands", "brands.toml"]).expect_status(0);
    let run = space.run(&["correct", "a", "neutral"]).expect_status(2);
    assert!(run.stderr().contains("--brands"), "{}", run.stderr());
    assert_eq!(space.run(&["correct", "--list"]).expect_status(0).stdout(), "", "nothing was kept");
    space.run(&["correct", "a", "neutral", "--brands", "brands.toml"]).expect_status(0);
}

#[test]
fn what_a_person_settled_is_not_for_review() {
    let space = ingested();
    let total = || space.run(&["search", "flag:review_no_words", "--format", "json"]).json()["total"].clone();
    assert_eq!(total(), 1);
    space.run(&["correct", "c", "negative"]).expect_status(0);
    assert_eq!(total(), 0);
}

#[test]
fn corrections_are_no_merit_of_the_model() {
    let space = Workspace::new();
    space.write("gold.ndjson", "{\"id\":\"1\",\"text\":\"I love it, wonderful!\",\"label\":\"negative\"}\n");
    space.write("fix.ndjson", "{\"id\":\"1\",\"sentiment\":\"negative\"}\n");
    let run = space.run(&["eval", "gold.ndjson", "--corrections", "fix.ndjson", "--format", "json"]);
    assert_eq!(run.expect_status(0).json()["overall"]["accuracy"], 0.0);
}

#[test]
fn neutralised_terms_are_kept_from_the_clauses_too() {
    let space = Workspace::new();
    space.write("in.ndjson", "{\"id\":\"1\",\"text\":\"Kurio: terrible, awful disaster. Belltix opens at ten.\"}\n");
    space.write("brands.toml", "[[brand]]\nname = 'Kurio'\n[[brand]]\nname = 'Belltix'\n");
    space.write(
        "rules.toml",
        "[[rule]]\nname = 'game'\naction = 'neutralise'\nterms.any = ['terrible', 'awful', 'disaster']\n",
    );
    let negative = |arguments: &[&str]| {
        let tagged = space.run(arguments).expect_status(0).json_lines();
        tagged[0]["towards"][0]["sentiment"]["negative"].as_f64().unwrap()
    };
    let plain = negative(&["tag", "in.ndjson", "--brands", "brands.toml"]);
    let ruled = negative(&["tag", "in.ndjson", "--brands", "brands.toml", "--sentiment-rules", "rules.toml"]);
    assert!(ruled < plain, "{ruled} against {plain}");
}
