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
