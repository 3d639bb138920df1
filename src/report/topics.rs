//! What is amiss with a taxonomy, and how it did on its examples.

use std::fmt::Write;

use crate::topics::{ExampleReport, FindingKind, TaxonomyCheck};

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
            };
            columns.row([finding.topic.clone(), finding.language.clone(), finding.rule.clone(), why]);
        }
        text = columns.render();
        text.push('\n');
    }
    let mistakes = check.findings.iter().filter(|finding| finding.kind.is_mistake()).count();
    let _ = writeln!(
        text,
        "{}: {} keywords, {} topics; keywords that do nothing: {}, that another topic has too: {}",
        printable(&check.taxonomy),
        number(check.keywords as u64),
        check.topics,
        number(mistakes as u64),
        number((check.findings.len() - mistakes) as u64),
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
