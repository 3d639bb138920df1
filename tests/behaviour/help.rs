//! What the program says of itself: a change here is a change for its users.

use crate::support::{Workspace, example};

#[test]
fn help_texts() {
    let space = Workspace::new();
    for command in ["", "ingest", "tag", "search", "trends", "spikes", "correct", "eval", "topics", "doctor"] {
        let args: Vec<&str> = [command, "--help"].into_iter().filter(|arg| !arg.is_empty()).collect();
        let name = if command.is_empty() { "help" } else { command };
        insta::assert_snapshot!(name, space.run(&args).expect_status(0).stdout());
    }
}

#[test]
fn reports() {
    let space = Workspace::new();
    space.run(&["ingest", example("mentions.ndjson").to_str().unwrap()]).expect_status(0);
    let trend = space.run(&["trends", "--by", "brand", "--interval", "1w", "--tz", "Europe/Riga"]).expect_status(0);
    let trend = trend.stdout();
    // The version of the data is another one in every index.
    let (shown, _version) = trend.rsplit_once("; data ").unwrap();
    insta::assert_snapshot!("trends_by_brand", shown);
    let nothing = space.run(&["search", "brand:nobody"]).expect_status(0);
    insta::assert_snapshot!("search_without_hits", nothing.stdout());
}
