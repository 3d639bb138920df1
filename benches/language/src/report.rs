//! The comparison as Markdown.

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::{Outcome, SHAPES, Standing};

/// Languages that are often taken for one another.
const FAMILIES: [&[&str]; 12] = [
    &["en"],
    &["es", "pt", "gl", "ca"],
    &["nb", "nn", "da", "sv"],
    &["id", "ms"],
    &["hr", "bs", "sr"],
    &["ru", "uk", "bg", "mk"],
    &["hi", "mr", "ne"],
    &["ar", "fa", "ur"],
    &["ar", "aeb", "arq", "ary"],
    &["cs", "sk"],
    &["hi-Latn", "ur-Latn", "mr-Latn", "en"],
    &["zh", "yue", "ja"],
];
/// The three shapes of lingua's exam.
const EXAM: usize = 3;
const SENTENCES: usize = 2;
const PHRASES: usize = 3;
const TWEETS: usize = 4;
const BINS: usize = 10;

/// The whole report.
pub fn markdown(results: &[Standing]) -> String {
    let mut text = String::from(
        "# Language detection, measured\n\nMade by `benches/language` (see models/language/CARD.md for the command): all detectors read the same \
         texts in one run, on one thread. Words have five letters or more; pairs are two such words; phrases are two or three words in a row; all come from the held-out sentences. \
         Tweets are the labelled texts kept for development, under the codes of their collections.\n",
    );
    accuracy(&mut text, results);
    speed(&mut text, results);
    families(&mut text, results);
    confidence(&mut text, &results[0].outcomes);
    confusions(&mut text, &results[0].outcomes);
    languages(&mut text, results);
    text
}

/// Mean accuracy over languages, in per cent; with `known`, over those.
fn mean(outcome: &Outcome, known: Option<&[String]>) -> f64 {
    let asked = outcome.by_language.iter().filter(|(code, _)| known.is_none_or(|known| known.contains(code)));
    let shares: Vec<f64> = asked.map(|(_, (right, all))| *right as f64 / *all as f64).collect();
    100.0 * shares.iter().sum::<f64>() / shares.len().max(1) as f64
}

fn overall(outcome: &Outcome) -> f64 {
    let (right, all) = outcome.by_language.values().fold((0, 0), |sum, (right, all)| (sum.0 + right, sum.1 + all));
    100.0 * right as f64 / all.max(1) as f64
}

fn accuracy(text: &mut String, results: &[Standing]) {
    let texts = |shape: usize| results[0].outcomes[shape].by_language.values().map(|(_, all)| all).sum::<usize>();
    let counts: Vec<String> = SHAPES
        .iter()
        .enumerate()
        .map(|(at, shape)| format!("{} {shape} in {} languages", texts(at), results[0].outcomes[at].by_language.len()))
        .collect();
    let _ = write!(
        text,
        "\n## Accuracy\n\nPer cent, mean over languages; of tweets also over all texts. In brackets: over the languages that a detector knows. {}.\n\n\
         | | words | pairs | sentences | mean of the three | phrases | tweets | all tweets |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n",
        counts.join(", ")
    );
    for Standing { name, languages: known, outcomes, .. } in results {
        let cell = |value: fn(&Outcome, Option<&[String]>) -> f64, shape: usize| {
            let all = value(&outcomes[shape], None);
            match known {
                None => format!("{all:.1}"),
                Some(known) => format!("{all:.1} ({:.1})", value(&outcomes[shape], Some(known))),
            }
        };
        let of_exam = outcomes[..EXAM].iter().map(|outcome| mean(outcome, None)).sum::<f64>() / EXAM as f64;
        let cells: Vec<String> = (0..EXAM).map(|shape| cell(mean, shape)).collect();
        let _ = writeln!(
            text,
            "| {name} | {} | {of_exam:.1} | {} | {} | {:.1} |",
            cells.join(" | "),
            cell(mean, PHRASES),
            cell(mean, TWEETS),
            overall(&outcomes[TWEETS])
        );
    }
    let undetermined = &results[0].outcomes[SENTENCES];
    let all: usize = undetermined.by_language.values().map(|(_, all)| all).sum();
    let _ = writeln!(
        text,
        "\nearmark answers `und` to {} of {all} sentences ({:.2} %).",
        undetermined.undetermined,
        100.0 * undetermined.undetermined as f64 / all.max(1) as f64
    );
}

fn speed(text: &mut String, results: &[Standing]) {
    text.push_str("\n## Speed\n\nTexts a second, one thread, the fastest of the passes within two seconds; in brackets how many times as fast the first line is. Those texts are in 75 languages and more, in no order; the last column is a real stream read once, 10,000 English messages of customers and answers of brands (`twcs`), where frequent words are met again.\n\n| | words | pairs | sentences | phrases | tweets | customers |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n");
    for Standing { name, outcomes, customers_per_second, .. } in results {
        let cell = |own: f64, first: f64| format!("{own:.0} ({})", ratio(first / own));
        let pairs = outcomes.iter().zip(&results[0].outcomes);
        let mut cells: Vec<String> =
            pairs.map(|(own, first)| cell(own.texts_per_second, first.texts_per_second)).collect();
        cells.push(cell(*customers_per_second, results[0].customers_per_second));
        let _ = writeln!(text, "| {name} | {} |", cells.join(" | "));
    }
}

/// Two digits that count, whatever the size.
fn ratio(value: f64) -> String {
    if value < 1.0 { format!("{value:.2}") } else { format!("{value:.1}") }
}

/// The head of a table that has a column for each contestant after the first ones.
fn head(text: &mut String, first: &str, rule: &str, results: &[Standing]) {
    let names: String = results.iter().map(|Standing { name, .. }| format!(" {name} |")).collect();
    let _ = writeln!(text, "{first}{names}\n{rule}{}", " --- |".repeat(results.len()));
}

fn families(text: &mut String, results: &[Standing]) {
    text.push_str("\n## Close relatives\n\nAccuracy in per cent over the texts of these languages, words / pairs / sentences / phrases / tweets.\n\n");
    head(text, "| |", "| --- |", results);
    for family in FAMILIES {
        let _ = write!(text, "| {} |", family.join(", "));
        for Standing { outcomes, .. } in results {
            let cells: Vec<String> = outcomes.iter().map(|outcome| of_family(outcome, family)).collect();
            let _ = write!(text, " {} |", cells.join(" / "));
        }
        text.push('\n');
    }
}

fn of_family(outcome: &Outcome, family: &[&str]) -> String {
    let (right, all) = family
        .iter()
        .filter_map(|code| outcome.by_language.get(*code))
        .fold((0, 0), |sum, (right, all)| (sum.0 + right, sum.1 + all));
    if all == 0 { "–".to_owned() } else { format!("{:.0}", 100.0 * right as f64 / all as f64) }
}

fn confidence(text: &mut String, outcomes: &[Outcome]) {
    text.push_str("\n## Confidence\n\nearmark's stated confidence against how often it was right, all texts together, `und` left out.\n\n| stated | texts | mean stated | right |\n| --- | ---: | ---: | ---: |\n");
    let all: Vec<(f64, bool)> = outcomes.iter().flat_map(|outcome| outcome.confidences.iter().copied()).collect();
    let mut gaps = 0.0;
    for bin in 0..BINS {
        let inside = all.iter().filter(|(stated, _)| ((stated * BINS as f64) as usize).min(BINS - 1) == bin);
        let (stated, right, count) = inside.fold((0.0, 0.0, 0usize), |sum, (stated, right)| {
            (sum.0 + stated, sum.1 + f64::from(u8::from(*right)), sum.2 + 1)
        });
        if count > 0 {
            gaps += (stated - right).abs();
            let n = count as f64;
            let (from, to) = (bin as f64 / BINS as f64, (bin + 1) as f64 / BINS as f64);
            let _ = writeln!(text, "| {from:.1}–{to:.1} | {count} | {:.3} | {:.3} |", stated / n, right / n);
        }
    }
    let _ = writeln!(text, "\nExpected calibration error: {:.3}.", gaps / all.len().max(1) as f64);
}

fn confusions(text: &mut String, outcomes: &[Outcome]) {
    text.push_str("\n## What is taken for what\n\nearmark's most frequent wrong answers: right → answered, times.\n\n");
    for (shape, outcome) in SHAPES.iter().zip(outcomes) {
        let mut pairs: Vec<_> = outcome.confusions.iter().collect();
        pairs.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        let listed: Vec<String> =
            pairs.iter().take(20).map(|((right, answered), count)| format!("{right} → {answered} {count}")).collect();
        let _ = writeln!(text, "- {shape}: {}", listed.join(", "));
    }
}

fn languages(text: &mut String, results: &[Standing]) {
    text.push_str("\n## By language\n\nAccuracy in per cent, words / pairs / sentences / phrases / tweets; – where the exam has none.\n\n");
    head(text, "| | texts |", "| --- | ---: |", results);
    let codes: BTreeSet<&String> = results[0].outcomes.iter().flat_map(|outcome| outcome.by_language.keys()).collect();
    for code in codes {
        let counts = |outcome: &Outcome| outcome.by_language.get(code).map_or(0, |(_, all)| *all);
        let _ = write!(text, "| {code} | {} |", results[0].outcomes.iter().map(counts).sum::<usize>());
        for Standing { outcomes, .. } in results {
            let cells: Vec<String> = outcomes.iter().map(|outcome| of_family(outcome, &[code])).collect();
            let _ = write!(text, " {} |", cells.join(" / "));
        }
        text.push('\n');
    }
}
