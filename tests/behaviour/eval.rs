//! `earmark eval`

use std::fs;
use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;

use crate::support::{Workspace, example, fixture};

/// Runs `eval` with these arguments and returns its JSON.
fn eval(space: &Workspace, args: &[&str]) -> Value {
    space.run(&[&["eval", "--format", "json"], args].concat()).expect_status(0).json()
}

fn labelled() -> String {
    example("labelled.ndjson").to_str().unwrap().to_owned()
}

fn interval(value: &Value) -> [f64; 2] {
    [value[0].as_f64().unwrap(), value[1].as_f64().unwrap()]
}

#[test]
fn figures_by_language_and_confusion() {
    let space = Workspace::new();
    let report = eval(&space, &[&labelled()]);
    let languages = report["languages"].as_object().unwrap();
    let n: u64 = languages.values().map(|scores| scores["n"].as_u64().unwrap()).sum();
    assert_eq!(report["overall"]["n"], n);
    let confusion = report["overall"]["confusion"].as_array().unwrap();
    let cells: u64 = confusion.iter().flat_map(|row| row.as_array().unwrap()).map(|cell| cell.as_u64().unwrap()).sum();
    assert_eq!(cells, n);
    for language in ["en", "lv", "hy", "mr", "pl"] {
        let scores = &languages[language];
        let f1 = scores["macro_f1"].as_f64().unwrap();
        assert!((0.2..=1.0).contains(&f1), "{language}: {f1}");
        let [low, high] = interval(&scores["macro_f1_interval"]);
        assert!(low < f1 && f1 < high, "{language}: {f1} between {low} and {high}");
    }
    let labels = report["overall"]["labels"].as_object().unwrap();
    let mean_f1 = labels.values().map(|label| label["f1"].as_f64().unwrap()).sum::<f64>() / 3.0;
    assert!((report["overall"]["macro_f1"].as_f64().unwrap() - mean_f1).abs() < 2e-4);
    let all_right = languages.values().filter(|scores| scores["accuracy"] == 1.0);
    assert!(all_right.into_iter().all(|scores| scores["accuracy_interval"] == Value::Null));
    assert_eq!((&report["by"], &report["data"][0]["records"]), (&"language".into(), &503.into()));
}

#[test]
fn the_mean_over_languages_counts_those_with_a_hundred_texts() {
    let report = eval(&Workspace::new(), &[&labelled()]);
    let ranking = &report["mean_of_groups"];
    assert_eq!((&ranking["groups"], &ranking["min_texts"]), (&1.into(), &100.into()));
    assert_eq!(ranking["macro_f1"], report["languages"]["en"]["macro_f1"]);
    assert_eq!(ranking["worst"], serde_json::json!(["en"]));
}

#[test]
fn confidence_is_put_beside_accuracy() {
    let report = eval(&Workspace::new(), &[&labelled()]);
    let bins = report["reliability"].as_array().unwrap();
    let n: u64 = bins.iter().map(|bin| bin["n"].as_u64().unwrap()).sum();
    assert_eq!((bins.len(), n), (15, 503));
    let gap = |bin: &Value| {
        let figure = |name: &str| bin[name].as_f64().unwrap_or(0.0);
        figure("n") * (figure("accuracy") - figure("mean_confidence")).abs() / n as f64
    };
    let ece = report["overall"]["ece"].as_f64().unwrap();
    assert!((bins.iter().map(gap).sum::<f64>() - ece).abs() < 2e-4);
}

#[test]
fn tables_fit_a_hundred_columns() {
    let space = Workspace::new();
    let record = |i: usize| {
        let brand = i % 7;
        format!("{{\"text\":\"good {i}\",\"label\":\"positive\",\"brand\":\"{brand} is the long name of a brand\"}}\n")
    };
    let brands = space.write("brands.ndjson", (0..700).map(record).collect::<String>());
    let tiny = fixture("xlmr-tiny");
    for (data, by, worst) in [(labelled(), "language", false), (brands.to_str().unwrap().to_owned(), "brand", true)] {
        let args = ["eval", &data, "--against", tiny.to_str().unwrap(), "--by", by];
        let table = space.run(&args).expect_status(0).stdout();
        assert!(table.contains("macro-F1") && table.contains("said negative"), "{table}");
        assert_eq!(table.contains("The worst 5 of the 7 with 100 texts or more"), worst, "{table}");
        for line in table.lines() {
            assert!(line.chars().count() <= 100, "{} columns: {line}", line.chars().count());
        }
    }
}

#[test]
fn another_model_answers_the_same_texts() {
    let space = Workspace::new();
    let tiny = fixture("xlmr-tiny");
    let tiny = tiny.to_str().unwrap();
    let report = eval(&space, &[&labelled(), "--against", tiny]);
    let comparison = &report["comparison"];
    let macro_f1 = &comparison["overall"]["macro_f1"];
    assert_eq!(macro_f1["better"], "model", "a model of random weights is worse");
    assert!(interval(&macro_f1["interval"])[0] > 0.0);
    let right = &comparison["overall"]["right"];
    let count = |name: &str| right[name].as_u64().unwrap();
    assert_eq!(count("both") + count("only_model") + count("only_against") + count("neither"), 503);
    // What the comparison says of each model is what the model's own evaluation says, in whatever order texts are tagged.
    let alone = eval(&space, &[&labelled(), "--model", tiny, "--threads", "1"]);
    assert_eq!(comparison["against"], alone["model"]);
    for figure in ["macro_f1", "accuracy"] {
        assert_eq!(comparison["overall"][figure]["model"], report["overall"][figure]);
        assert_eq!(comparison["overall"][figure]["against"], alone["overall"][figure]);
        assert_eq!(comparison["languages"]["lv"][figure]["against"], alone["languages"]["lv"][figure]);
    }
    let both = answers_right(&space, &[]).iter().zip(answers_right(&space, &["--model", tiny])).fold([0; 4], tally);
    assert_eq!(both, ["neither", "only_against", "only_model", "both"].map(count));
}

/// Whether `tag` with these arguments gives each labelled text the label that people gave it.
fn answers_right(space: &Workspace, args: &[&str]) -> Vec<bool> {
    let tagged = space.run(&[&["tag", &labelled()], args].concat()).expect_status(0).json_lines();
    tagged.iter().map(|record| record["sentiment"]["label"] == record["label"]).collect()
}

fn tally(mut counts: [u64; 4], (model, against): (&bool, bool)) -> [u64; 4] {
    counts[2 * usize::from(*model) + usize::from(against)] += 1;
    counts
}

#[test]
fn a_model_is_not_better_than_itself() {
    let space = Workspace::new();
    let tiny = fixture("xlmr-tiny");
    let tiny = tiny.to_str().unwrap();
    let report = eval(&space, &[&labelled(), "--model", tiny, "--against", tiny]);
    assert_eq!(report["comparison"]["against"], report["model"]);
    for figure in ["macro_f1", "accuracy"] {
        let gap = &report["comparison"]["overall"][figure];
        assert_eq!((&gap["difference"], &gap["p"], &gap["better"]), (&0.0.into(), &1.0.into(), &Value::Null));
    }
    let table = space.run(&["eval", &labelled(), "--model", tiny, "--against", tiny]).expect_status(0).stdout();
    assert!(table.contains("By macro-F1 these texts cannot tell which is better."), "{table}");
    let run = space.run(&["eval", &labelled(), "--against", "nowhere"]).expect_status(2);
    assert!(run.stderr().contains("nowhere"), "{}", run.stderr());
}

#[test]
fn two_class_records_are_not_asked_for_neutral_and_unlabelled_ones_are_left_out() {
    let space = Workspace::new();
    space.write(
        "gold.ndjson",
        "{\"text\":\"It opens at ten.\",\"lang\":\"en\",\"label\":\"positive\",\"classes\":2}\n{\"text\":\"no label\"}\n",
    );
    let report = eval(&space, &["gold.ndjson"]);
    assert_eq!((&report["overall"]["n"], &report["unlabelled"]), (&1.into(), &1.into()));
    assert_eq!(report["overall"]["confusion"][2][1], 0, "neutral is no answer to a two-class question");
    let confidence = report["overall"]["mean_confidence"].as_f64().unwrap();
    assert!(confidence >= 0.5, "{confidence}: of two probabilities that sum to 1, one is at least a half");
    space.write("gold.csv", "text,lang,label,classes\nIt opens at ten.,en,positive,2\n");
    assert_eq!(eval(&space, &["gold.csv"])["overall"], report["overall"]);
}

#[test]
fn one_text_has_figures_but_no_certainty() {
    let space = Workspace::new();
    space.write("one.ndjson", "{\"text\":\"I love it, thank you so much!\",\"lang\":\"en\",\"label\":\"positive\"}\n");
    let tiny = fixture("xlmr-tiny");
    let report = eval(&space, &["one.ndjson", "--against", tiny.to_str().unwrap()]);
    let scores = &report["languages"]["en"];
    assert_eq!((&scores["n"], &scores["accuracy"], &scores["macro_f1"]), (&1.into(), &1.0.into(), &1.0.into()));
    assert_eq!((&scores["macro_f1_interval"], &scores["accuracy_interval"]), (&Value::Null, &Value::Null));
    assert_eq!(scores["labels"]["negative"]["f1"], Value::Null);
    assert_eq!(report["mean_of_groups"]["macro_f1"], Value::Null);
    assert_eq!(report["comparison"]["overall"]["macro_f1"]["better"], Value::Null);
}

#[test]
fn nothing_to_evaluate_is_the_users_mistake() {
    let space = Workspace::new();
    space.write("none.ndjson", "{\"text\":\"no label\"}\n");
    space.write("empty.ndjson", "");
    space.write("gold.ndjson", "{\"text\":\"fine\",\"label\":\"neutral\"}\n");
    let many: String = (0..1_001).map(|i| format!("{{\"id\":{i},\"text\":\"\",\"label\":\"neutral\"}}\n")).collect();
    space.write("many.ndjson", many);
    let cases: [(&[&str], &str); 6] = [
        (&["none.ndjson"], "no record has a label"),
        (&["none.ndjson", "--by", "brand"], "no record has a label"),
        (&["empty.ndjson"], "no record has a label"),
        (&["gold.ndjson", "--by", "brnd"], "no labelled record has a field \"brnd\""),
        (&["many.ndjson", "--by", "id"], "more than 1000 values"),
        (&["gold.ndjson", "--report", "gold.ndjson"], "is also an input"),
    ];
    for (args, part) in cases {
        let run = space.run(&[&["eval"], args].concat()).expect_status(2);
        assert!(run.stderr().contains(part), "{args:?}: {}", run.stderr());
    }
}

#[test]
fn texts_are_grouped_by_any_field() {
    let space = Workspace::new();
    space.write(
        "gold.ndjson",
        "{\"text\":\"fine\",\"label\":\"neutral\",\"source\":\"mail\",\"brand\":[\"A\",\"B\"]}\n\
         {\"text\":\"awful\",\"label\":\"negative\",\"source\":\"mail\",\"brand\":\"A\"}\n\
         {\"text\":\"great\",\"label\":\"positive\"}\n",
    );
    let sizes = |by: &str| {
        let report = eval(&space, &["gold.ndjson", "--by", by]);
        let groups = report["groups"].as_object().unwrap().iter();
        groups.map(|(name, scores)| format!("{name} {}", scores["n"])).collect::<Vec<_>>()
    };
    assert_eq!(sizes("source"), ["(none) 1", "mail 2"]);
    assert_eq!(sizes("channel"), sizes("source"), "a source is read as a channel");
    assert_eq!(sizes("brand"), ["(none) 1", "A 2", "B 1"]);
}

#[test]
fn the_report_is_the_same_file_every_time_and_everywhere() {
    let space = Workspace::new();
    let tiny = fixture("xlmr-tiny");
    fs::create_dir(space.path("elsewhere")).unwrap();
    fs::copy(labelled(), space.path("elsewhere/labelled.ndjson")).unwrap();
    let write = |input: &str, report: &str, threads: &str| {
        let against = ["--against", tiny.to_str().unwrap(), "--threads", threads];
        space.run(&[&["eval", input, "--report", report], &against[..]].concat()).expect_status(0);
        fs::read_to_string(space.path(report)).unwrap()
    };
    let report = write(&labelled(), "one.md", "1");
    assert_eq!(report, write("elsewhere/labelled.ndjson", "two.md", "3"));
    let json = eval(&space, &[&labelled()]);
    for part in [json["model"].as_str().unwrap(), "tract (built in)", "labelled.ndjson (503 records)", "| en | 100 |"] {
        assert!(report.contains(part), "{part} is not in {report}");
    }
    assert!(report.starts_with("# Accuracy of the sentiment model\n"));
    let run = space.run(&["eval", &labelled(), "--report", "no/such/folder.md"]).expect_status(2);
    assert!(run.stderr().contains("there is no folder no/such"), "{}", run.stderr());
}

#[test]
fn a_cut_off_file_is_said_and_fails() {
    let space = Workspace::new();
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(&fs::read(labelled()).unwrap()).unwrap();
    let packed = encoder.finish().unwrap();
    space.write("cut.ndjson.gz", &packed[..packed.len() / 2]);
    let run = space.run(&["eval", "cut.ndjson.gz"]).expect_status(1);
    assert!(run.stderr().contains("cut.ndjson.gz") && run.stdout().contains("damaged"), "{}", run.stderr());
}
