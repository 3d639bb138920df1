//! What language a text is in.

use earmark::language::{Detector, Hints, LanguageOptions};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{Workspace, example};

fn languages(space: &Workspace, args: &[&str], input: &str) -> Vec<Value> {
    let args = [&["tag", "-"], args].concat();
    let lines = space.run_with_input(&args, input).expect_status(0).json_lines();
    lines.into_iter().map(|mut line| line["language"].take()).collect()
}

#[test]
fn languages_can_be_restricted_or_forced() {
    let space = Workspace::new();
    let input = "{\"id\":\"1\",\"text\":\"Piegāde kavējas jau trešo dienu\"}\n{\"id\":\"2\",\"text\":\"서비스가 너무 느려요\"}\n";
    let found = languages(&space, &["--languages", "lv,en"], input);
    assert_eq!((&found[0]["code"], &found[1]["code"]), (&json!("lv"), &json!("und")));
    assert_eq!((&found[0]["script"], &found[1]["script"]), (&json!("Latn"), &json!("Hang")));
    let forced = languages(&space, &["--language", "et"], input);
    assert!(forced.iter().all(|language| language["code"] == "et"), "{forced:?}");
    let run = space.run_with_input(&["tag", "-", "--languages", "xx"], input).expect_status(2);
    assert!(run.stderr().contains("unknown language \"xx\""), "{}", run.stderr());
    let run = space.run_with_input(&["tag", "-", "--trust-lang", "2"], input).expect_status(2);
    assert!(run.stderr().contains("between 0 and 1"), "{}", run.stderr());
}

#[test]
fn what_the_platform_claims_is_weighed_only_if_asked() {
    let space = Workspace::new();
    let input = "{\"id\":\"1\",\"text\":\"super app\",\"lang\":\"pl\"}\n\
                 {\"id\":\"2\",\"text\":\"The parcel was supposed to arrive yesterday and nobody called\",\"lang\":\"pl\"}\n";
    let alone = languages(&space, &[], &input.replace(",\"lang\":\"pl\"", ""));
    assert_eq!(languages(&space, &[], input), alone);
    let trusting = languages(&space, &["--trust-lang", "0.9"], input);
    assert_eq!((&trusting[0]["code"], &trusting[1]["code"]), (&json!("pl"), &json!("en")));
}

#[test]
fn what_is_usual_in_a_channel_is_weighed() {
    let space = Workspace::new();
    space.write("channels.toml", "[channels.riga]\nlv = 0.6\nru = 0.3\n");
    let input = "{\"id\":\"1\",\"text\":\"super app\",\"channel\":\"riga\"}\n{\"id\":\"2\",\"text\":\"super app\",\"channel\":\"other\"}\n";
    let found = languages(&space, &["--channel-languages", "channels.toml"], input);
    assert_eq!(found[0]["code"], "lv");
    assert_eq!(found[1], languages(&space, &[], input)[1]);
    for (content, complaint) in [
        ("[channels.riga]\nxx = 0.6\n", "unknown language \"xx\""),
        ("[channels.riga]\nlv = 1.6\n", "between 0 and 1"),
        ("[channels.riga]\nlv = 0.6\nru = 0.6\n", "more than 1"),
        ("[channel]\n", "channels.toml"),
    ] {
        space.write("channels.toml", content);
        let run = space.run_with_input(&["tag", "-", "--channel-languages", "channels.toml"], input).expect_status(2);
        assert!(run.stderr().contains(complaint), "{}", run.stderr());
    }
}

#[test]
fn likeliest_languages_and_parts_are_added_where_asked_for() {
    let space = Workspace::new();
    let text = "The delivery was really quick today, pero la caja llegó completamente rota y nadie me contesta";
    let input = format!("{{\"id\":\"1\",\"text\":\"{text}\"}}\n");
    let plain = &languages(&space, &[], &input)[0];
    assert!(plain.get("top").is_none() && plain.get("spans").is_none());
    let full = &languages(&space, &["--language-top", "2", "--language-spans"], &input)[0];
    assert_eq!(full["top"].as_array().unwrap().len(), 2);
    let codes: Vec<&str> = full["spans"].as_array().unwrap().iter().map(|s| s["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["en", "es"]);
}

#[test]
fn whatlang_can_be_asked_instead() {
    let space = Workspace::new();
    let input = "{\"id\":\"1\",\"text\":\"The parcel was supposed to arrive yesterday and nobody called me\"}\n";
    assert_eq!(languages(&space, &["--language-engine", "whatlang"], input)[0]["code"], "en");
}

#[test]
fn romanised_text_gets_the_keywords_of_its_language_and_can_be_searched() {
    let space = Workspace::new();
    let text = "bhai ye app bilkul kaam nahi kar raha hai, refund wapas karo";
    space.write("in.ndjson", format!("{{\"id\":\"1\",\"text\":\"{text}\"}}\n"));
    space.run(&["ingest", "in.ndjson"]).expect_status(0);
    let found = space.run(&["search", "language:hi-Latn", "--format", "json"]).expect_status(0).json();
    assert_eq!(found["total"], 1);
}

#[test]
fn examples_are_in_the_language_they_claim() {
    let space = Workspace::new();
    let file = example("labelled.ndjson");
    let lines = space.run(&["tag", file.to_str().unwrap()]).expect_status(0).json_lines();
    let base = |code: &str| code.split('-').next().unwrap().replace("no", "nb").replace("fil", "tl");
    let right =
        |line: &&Value| base(line["language"]["code"].as_str().unwrap()) == base(line["lang"].as_str().unwrap());
    let share = lines.iter().filter(right).count() as f64 / lines.len() as f64;
    assert!(share > 0.97, "{share}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_text_gets_an_answer_and_parts_within_it(
        text in prop_oneof![".{0,200}", "[a-zа-яñ#@&;'’0-9 .]{0,120}", "([a-zé ]{1,20}|[ա-ք ]{1,20}|[一-龥]{1,9}){0,9}"],
        claimed in prop_oneof!["[a-z]{2}", "[a-zA-Z-]{0,8}"],
    ) {
        let options = LanguageOptions { top: 5, spans: true, trust_claimed: 0.5, ..LanguageOptions::default() };
        let detector = Detector::new(&options).unwrap();
        let language = detector.detect_with(&text, &Hints { claimed: Some(&claimed), channel: None });
        prop_assert!((0.0..=1.0).contains(&language.confidence));
        prop_assert!(language.code == "und" || language.code == "zxx" || detector.languages().contains(&language.code));
        prop_assert!(language.top.is_sorted_by(|a, b| a.confidence >= b.confidence));
        let length = text.chars().count();
        prop_assert!(language.spans.len() != 1);
        prop_assert!(language.spans.iter().all(|span| span.start < span.end && span.end <= length));
        prop_assert!(language.spans.is_sorted_by(|a, b| a.end <= b.start && a.code != b.code));
    }
}
