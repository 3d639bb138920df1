//! What is amiss with a taxonomy, how it does, and what it would change.

use std::fmt::Write;

use crate::history::{ChangedMention, RetagReport, TopicDiff};
use crate::topics::{ExampleReport, FindingKind, GoldReport, GoldScores, TaxonomyCheck};
use crate::trends::DistinctiveTerms;

use super::table::{Columns, number, printable};

/// Findings by kind, each with what it collides with.
pub fn taxonomy_check(check: &TaxonomyCheck) -> String {
    let mut text = String::new();
    if !check.findings.is_empty() {
        let mut columns = Columns::new(&["topic", "language", "keyword", ""]);
        for finding in &check.findings {
            let why = match finding.kind {
                FindingKind::Duplicate => format!("is there twice: {:?}", finding.other),
                FindingKind::Shadowed => format!("matches only where {:?} does", finding.other),
                FindingKind::Cancelled => format!("is always cancelled by the exclusion {:?}", finding.other),
                FindingKind::Shared => format!("is a keyword of {} too", finding.other),
                FindingKind::Foreign => format!("by itself is most likely a word of {}", finding.other),
            };
            columns.row([finding.topic.clone(), finding.language.clone(), finding.rule.clone(), why]);
        }
        text = columns.render();
        text.push('\n');
    }
    let count = |kind: FindingKind| check.findings.iter().filter(|finding| finding.kind == kind).count() as u64;
    let mistakes = check.findings.iter().filter(|finding| finding.kind.is_mistake()).count() as u64;
    let _ = writeln!(
        text,
        "{}: {} keywords and {} rules in {} topics; those that do nothing: {}, that another topic has too: {}, that are words of another \
         language: {}",
        printable(&check.taxonomy),
        number(check.keywords as u64),
        number(check.rules as u64),
        number(check.topics as u64),
        number(mistakes),
        number(count(FindingKind::Shared)),
        number(count(FindingKind::Foreign)),
    );
    text
}

/// The examples that failed, and the tally of each language.
pub fn example_report(report: &ExampleReport) -> String {
    let mut text = String::new();
    for failed in &report.failed {
        let what = if failed.must_match { "must match" } else { "must not match" };
        let _ = writeln!(text, "{} {} {}: {}", failed.language, what, failed.topic, printable(&failed.text));
        let found = if failed.must_match { &failed.found } else { &failed.rules };
        let found = if found.is_empty() { "nothing".to_owned() } else { found.join(", ") };
        let _ = writeln!(text, "    found {}", printable(&found));
    }
    if !report.failed.is_empty() {
        text.push('\n');
    }
    let mut columns = Columns::new(&["language", ">examples", ">as they should", ">failed"]);
    let languages = report.languages.iter().map(|(language, tally)| (*language, tally));
    for (language, tally) in languages.chain([("all", &report.all)]) {
        let failed = tally.examples - tally.passed;
        columns.row([language.to_owned(), number(tally.examples), number(tally.passed), number(failed)]);
    }
    text + &columns.render()
}

/// Characters of a mention that are shown beside what would change.
const SNIPPET_CHARS: usize = 160;

/// The topics that mentions would get or lose, with some of the mentions.
pub fn topic_diff(diff: &TopicDiff) -> String {
    let mut columns = Columns::new(&["topic", ">before", ">after", ">gained", ">lost"]);
    for change in &diff.topics {
        let counts = [change.before, change.after, change.gained, change.lost].map(number);
        columns.row(std::iter::once(printable(&change.topic)).chain(counts));
    }
    let mut text = String::new();
    for change in &diff.topics {
        for (sign, samples) in [('+', &change.gained_samples), ('-', &change.lost_samples)] {
            for sample in samples {
                let _ = writeln!(text, "{sign} {} · {}", printable(&change.topic), changed(sample));
            }
        }
    }
    if !diff.topics.is_empty() {
        text = format!("{text}{}\n", columns.render());
    }
    let _ = writeln!(text, "{} of {} mentions change their topics", number(diff.changed), number(diff.mentions));
    text
}

/// A mention on one line, with what says so.
fn changed(sample: &ChangedMention) -> String {
    let snippet: String = sample.text.chars().take(SNIPPET_CHARS).collect();
    let mut rules: Vec<&str> = sample.matches.iter().map(|found| found.rule.as_ref()).collect();
    rules.dedup();
    printable(&format!("{} · {snippet} · {}", sample.id, rules.join(" | ")))
}

/// What a run over an index did, in a line.
pub fn retag_summary(report: &RetagReport) -> String {
    let [mentions, before, retagged, changed] =
        [report.mentions, report.done_before, report.retagged, report.changed].map(number);
    format!(
        "{mentions} mentions = {before} tagged by this taxonomy before + {retagged} tagged anew, {changed} of them with other topics\n"
    )
}

/// Precision and recall of each topic.
pub fn gold_report(report: &GoldReport) -> String {
    let mut columns = Columns::new(&["topic", ">gold", ">tagged", ">right", ">precision", ">recall", ">F1"]);
    let mut row = |name: &str, scores: &GoldScores| {
        let counts = [scores.gold, scores.tagged, scores.right].map(number);
        let shares = [scores.precision, scores.recall, scores.f1].map(|share| format!("{:.1}", 100.0 * share));
        columns.row(std::iter::once(printable(name)).chain(counts).chain(shares));
    };
    report.topics.iter().for_each(|(topic, scores)| row(topic, scores));
    row("all", &report.all);
    format!("{}\nmacro-F1 {:.1} over {} mentions\n", columns.render(), 100.0 * report.macro_f1, number(report.n))
}

/// Terms with their counts, the most distinctive first.
pub fn distinctive_terms(found: &DistinctiveTerms) -> String {
    let mut columns = Columns::new(&["term", ">selected", ">others", ">log-odds", ">z"]);
    for term in &found.terms {
        let counts = [number(term.selected), number(term.others)];
        let weights = [format!("{:.2}", term.log_odds), format!("{:.1}", term.z)];
        columns.row(std::iter::once(printable(&term.term)).chain(counts).chain(weights));
    }
    let (selected, others) = (number(found.selected), number(found.others));
    let dropped = match found.dropped_up_to {
        0 => String::new(),
        few => format!(
            "; there were too many terms to count, and those of {} mentions or fewer may be missing",
            number(few)
        ),
    };
    format!("{}\n{selected} mentions selected, {others} others{dropped}\n", columns.render().trim_start_matches('\n'))
}
