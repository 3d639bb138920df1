//! Charts of trends and spikes: the right one is drawn, it says what it shows, and nothing else is printed.

use std::fs;

use roxmltree::Document;

use crate::support::{Workspace, example};

fn indexed() -> Workspace {
    let space = Workspace::new();
    space.run(&["ingest", example("mentions.ndjson").to_str().unwrap(), "--quiet"]).expect_status(0);
    space
}

/// The words of a picture, which must be well-formed.
fn words(svg: &str) -> Vec<String> {
    let picture = Document::parse(svg).unwrap();
    assert_eq!(picture.root_element().tag_name().name(), "svg");
    picture
        .descendants()
        .filter(|node| node.has_tag_name("text"))
        .filter_map(|node| node.text().map(str::to_owned))
        .collect()
}

#[track_caller]
fn assert_says(words: &[String], said: &[&str]) {
    for part in said {
        assert!(words.iter().any(|word| word.contains(part)), "{part:?} is not in {words:?}");
    }
}

#[test]
fn the_question_decides_which_trend_is_drawn() {
    let space = indexed();
    let cases: [(&[&str], &[&str]); 8] = [
        (
            &["--interval", "1w"],
            &["Mentions by sentiment", "Mentions per week", "negative", "unscored", "All mentions; data "],
        ),
        (&["--by", "topic"], &["Mentions by topic", "per day; a mention may count under several values", "other"]),
        (
            &["lang:en", "--by", "brand", "--tz", "Europe/Riga"],
            &["Kurio", "Query: lang:en; data ", "Times in Europe/Riga."],
        ),
        (
            &["--by", "brand", "--interval", "12h", "--measures", "net"],
            &["Net sentiment", "per 12 hours; shaded: 95 % interval"],
        ),
        (
            &["--by", "topic", "--by", "sentiment", "--interval", "all"],
            &["Sentiment by topic", "delivery", "100 %", "in UTC; data "],
        ),
        (&["--by", "brand", "--interval", "all"], &["Mentions by brand", "Velamo"]),
        (&["--interval", "all"], &["Mentions by sentiment", "positive"]),
        (
            &["--share-of-voice", "--since", "2026-09-01"],
            &["Share of voice", "6 of them reposts", "without reposts", "since 2026-09-01 00:00 in UTC"],
        ),
    ];
    for (args, said) in cases {
        let run = space.run(&[&["trends"], args, &["--chart", "-"]].concat()).expect_status(0);
        assert_says(&words(&run.stdout()), said);
        assert_eq!(run.stderr(), "");
    }
    let nothing = space.run(&["trends", "nobodysaysthis", "--chart", "-"]).expect_status(0);
    assert_says(&words(&nothing.stdout()), &["no mentions", "Query: nobodysaysthis"]);
}

#[test]
fn a_trend_is_drawn_into_a_file_beside_its_table() {
    let space = indexed();
    let run = space.run(&["trends", "--by", "brand", "--chart", "brand.svg", "--export", "brand.csv"]).expect_status(0);
    assert_eq!(run.stdout(), "");
    assert!(run.stderr().contains("drew brand.svg") && space.path("brand.csv").exists(), "{}", run.stderr());
    let drawn = fs::read_to_string(space.path("brand.svg")).unwrap();
    assert_says(&words(&drawn), &["Mentions by brand"]);
    space.run(&["trends", "--by", "brand", "--chart", "again.svg", "--quiet"]).expect_status(0);
    assert_eq!(fs::read_to_string(space.path("again.svg")).unwrap(), drawn, "the same question has the same picture");
}

#[test]
fn what_cannot_be_drawn_is_said() {
    let space = indexed();
    let cases: [(&[&str], &str); 6] = [
        (&["--chart", "no/such/folder.svg"], "cannot write no/such/folder.svg"),
        (&["--by", "brand", "--by", "topic", "--chart", "-"], "a chart over time shows one field"),
        (&["--since", "2026-09-15", "--compare", "--chart", "-"], "cannot be used with"),
        (&["--distinctive", "--chart", "-"], "cannot be used with"),
        (&["--since", "2026-09-15", "--compare", "--export", "-"], "cannot be used with"),
        (&["--chart", "-", "--export", "-"], "cannot both be written to standard output"),
    ];
    for (args, message) in cases {
        let run = space.run(&[&["trends"], args].concat()).expect_status(2);
        assert!(run.stderr().contains(message), "{args:?}: {}", run.stderr());
    }
}

/// A disk that is full is no mistake of whoever asked.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_a_failure_and_a_wrong_name_a_mistake() {
    let space = indexed();
    for output in ["--chart", "--export"] {
        let run = space.run(&["trends", output, "/dev/full"]).expect_status(1);
        assert!(run.stderr().contains("cannot write /dev/full"), "{}", run.stderr());
        space.run(&["trends", output, "no/such/folder.out"]).expect_status(2);
    }
}
