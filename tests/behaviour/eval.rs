//! `earmark eval`

use crate::support::{Workspace, example};

#[test]
fn figures_by_language_and_confusion() {
    let space = Workspace::new();
    let path = example("labelled.ndjson");
    let report = space.run(&["eval", path.to_str().unwrap(), "--format", "json"]).expect_status(0).json();
    let languages = report["languages"].as_object().unwrap();
    let n: u64 = languages.values().map(|scores| scores["n"].as_u64().unwrap()).sum();
    assert_eq!(report["overall"]["n"], n);
    let confusion = report["overall"]["confusion"].as_array().unwrap();
    let cells: u64 = confusion.iter().flat_map(|row| row.as_array().unwrap()).map(|cell| cell.as_u64().unwrap()).sum();
    assert_eq!(cells, n);
    for language in ["en", "lv", "hy", "mr", "pl"] {
        let f1 = languages[language]["macro_f1"].as_f64().unwrap();
        assert!((0.2..=1.0).contains(&f1), "{language}: {f1}");
    }
    let table = space.run(&["eval", path.to_str().unwrap()]).expect_status(0).stdout();
    assert!(table.contains("macro-F1") && table.contains("said negative"), "{table}");
}

#[test]
fn two_class_records_are_not_asked_for_neutral_and_unlabelled_ones_are_left_out() {
    let space = Workspace::new();
    space.write(
        "gold.ndjson",
        "{\"text\":\"It opens at ten.\",\"lang\":\"en\",\"label\":\"positive\",\"classes\":2}\n{\"text\":\"no label\"}\n",
    );
    let report = space.run(&["eval", "gold.ndjson", "--format", "json"]).expect_status(0).json();
    assert_eq!((&report["overall"]["n"], &report["unlabelled"]), (&1.into(), &1.into()));
    assert_eq!(report["overall"]["confusion"][2][1], 0, "neutral is no answer to a two-class question");
    space.write("none.ndjson", "{\"text\":\"no label\"}\n");
    let run = space.run(&["eval", "none.ndjson"]).expect_status(2);
    assert!(run.stderr().contains("no record has a label"), "{}", run.stderr());
}
