//! Compares earmark's language detection with whatlang, lingua and whichlang: the same texts, one thread, one run.
//!
//! `language-bench EXAM [--report FILE]`, where the folder EXAM holds `words.tsv`, `pairs.tsv`, `sentences.tsv`,
//! `phrases.tsv`, `tweets.tsv` and, for speed alone, `customers.tsv` of lines `CODE<TAB>TEXT`, as `language.exam` in
//! `models/train` writes them.

mod detectors;
mod report;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use detectors::Contestant;

/// Kinds of texts, as the exam's files are named.
pub const SHAPES: [&str; 5] = ["words", "pairs", "sentences", "phrases", "tweets"];

/// Messages of a real stream, mostly in one language, in their order: for speed alone, as nobody labelled them.
const CUSTOMERS: &str = "customers";

/// Texts are read again until so much time has passed; the fastest pass counts, because other work may slow the others.
const TIMED: Duration = Duration::from_secs(2);

/// A text and the code of its language.
struct Question {
    code: String,
    text: String,
}

/// How a detector did on the texts of one shape.
pub struct Outcome {
    /// Right answers and texts, by language.
    pub by_language: BTreeMap<String, (usize, usize)>,
    /// Wrong answers: (right, answered) and how often.
    pub confusions: BTreeMap<(String, String), usize>,
    /// How often no language was answered.
    pub undetermined: usize,
    /// Texts a second, one thread.
    pub texts_per_second: f64,
    /// Confidence and whether the answer was right.
    pub confidences: Vec<(f64, bool)>,
}

/// A detector and how it did.
pub struct Standing {
    /// What it is called.
    pub name: &'static str,
    /// The languages it knows; all where `None`.
    pub languages: Option<Vec<String>>,
    /// In the order of [`SHAPES`].
    pub outcomes: Vec<Outcome>,
    /// Messages of [`CUSTOMERS`] a second, one thread.
    pub customers_per_second: f64,
}

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let exam = PathBuf::from(arguments.next().context("usage: language-bench EXAM [--report FILE]")?);
    let report_to = match arguments.next().as_deref() {
        None => None,
        Some("--report") => Some(PathBuf::from(arguments.next().context("--report needs a file")?)),
        Some(other) => bail!("{other} is no option; usage: language-bench EXAM [--report FILE]"),
    };
    let questions: Vec<Vec<Question>> =
        SHAPES.iter().map(|shape| read(&exam.join(format!("{shape}.tsv")))).collect::<anyhow::Result<_>>()?;
    let customers = read(&exam.join(format!("{CUSTOMERS}.tsv")))?;
    let mut results = Vec::new();
    for contestant in detectors::contestants()? {
        eprintln!("{}", contestant.name);
        let outcomes = questions.iter().map(|questions| examine(&contestant, questions)).collect();
        // Once: read again, a stream would find its words remembered.
        let (_, customers_per_second) = answer(&contestant, &customers, Duration::ZERO);
        results.push(Standing {
            name: contestant.name,
            languages: contestant.languages,
            outcomes,
            customers_per_second,
        });
    }
    let text = report::markdown(&results);
    match report_to {
        Some(path) => std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?,
        None => print!("{text}"),
    }
    Ok(())
}

fn read(path: &Path) -> anyhow::Result<Vec<Question>> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let parsed = text.lines().map(|line| {
        let (code, text) = line.split_once('\t').with_context(|| format!("{}: no tab in {line:?}", path.display()))?;
        Ok(Question { code: code.to_owned(), text: text.to_owned() })
    });
    parsed.collect()
}

/// The answers to all questions, and how many a second in the fastest pass; there are passes until `timed` is over.
fn answer(contestant: &Contestant, questions: &[Question], timed: Duration) -> (Vec<Option<(String, f64)>>, f64) {
    // The first texts load models and fill caches: they are read once more than they are timed.
    questions.iter().take(200).for_each(|question| drop((contestant.detect)(&question.text)));
    let mut answers = Vec::new();
    let mut least_seconds = f64::INFINITY;
    let began = Instant::now();
    while answers.is_empty() || began.elapsed() < timed {
        let started = Instant::now();
        answers = questions.iter().map(|question| (contestant.detect)(&question.text)).collect();
        least_seconds = least_seconds.min(started.elapsed().as_secs_f64());
    }
    (answers, questions.len() as f64 / least_seconds)
}

fn examine(contestant: &Contestant, questions: &[Question]) -> Outcome {
    let (answers, texts_per_second) = answer(contestant, questions, TIMED);
    let mut outcome = Outcome {
        by_language: BTreeMap::new(),
        confusions: BTreeMap::new(),
        undetermined: 0,
        texts_per_second,
        confidences: Vec::with_capacity(questions.len()),
    };
    for (question, answer) in questions.iter().zip(answers) {
        let (right, all) = outcome.by_language.entry(question.code.clone()).or_default();
        *all += 1;
        match answer {
            None => outcome.undetermined += 1,
            Some((code, confidence)) => {
                outcome.confidences.push((confidence, code == question.code));
                if code == question.code {
                    *right += 1;
                } else {
                    *outcome.confusions.entry((question.code.clone(), code)).or_default() += 1;
                }
            }
        }
    }
    outcome
}
