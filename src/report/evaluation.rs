//! How right the model is, as tables.

use std::path::Path;

use console::truncate_str;

use super::comparison::comparison_blocks;
use super::document::{Block, Table, markdown, plain};
use super::table::{number, percent};
use crate::eval::{BINS, DataFile, Evaluation, Interval, MIN_TEXTS_FOR_INTERVAL, MIN_TEXTS_TO_RANK, RESAMPLES, Scores};
use crate::mention::Label;

/// Columns of a group's name on a terminal, so that the widest table stays within a hundred.
const MAX_NAME_COLUMNS: usize = 16;

/// The report for a terminal.
pub fn evaluation_tables(evaluation: &Evaluation) -> String {
    let name = |name: &str| truncate_str(name, MAX_NAME_COLUMNS, "…").into_owned();
    plain(&blocks(evaluation, &name))
}

/// The report as a Markdown file. Nothing in it depends on when or in which folder it was made.
pub fn evaluation_markdown(evaluation: &Evaluation) -> String {
    let mut blocks = blocks(evaluation, &str::to_owned);
    blocks.push(Block::Heading("How the figures were made".to_owned()));
    blocks.push(Block::Text(method(evaluation)));
    markdown("Accuracy of the sentiment model", &blocks)
}

fn blocks(evaluation: &Evaluation, name: &dyn Fn(&str) -> String) -> Vec<Block> {
    let mut blocks = vec![Block::Table(facts(evaluation))];
    blocks.push(Block::Heading("All texts (per cent, with 95 % intervals)".to_owned()));
    blocks.push(Block::Table(overall_table(evaluation)));
    blocks.push(Block::Heading("By label".to_owned()));
    blocks.push(Block::Table(label_table(&evaluation.overall)));
    blocks.push(Block::Heading("What was taken for what".to_owned()));
    blocks.push(Block::Table(confusion_table(&evaluation.overall)));
    blocks.extend(group_blocks(evaluation, name));
    blocks.push(Block::Heading("Whether probabilities mean what they say".to_owned()));
    blocks.push(Block::Table(reliability_table(evaluation)));
    if let Some(comparison) = &evaluation.comparison {
        blocks.extend(comparison_blocks(comparison, &evaluation.by, name));
    }
    blocks
}

/// Data files that a report names; of more, how many there are.
const MAX_LISTED_FILES: usize = 5;

fn facts(evaluation: &Evaluation) -> Table {
    let mut table = Table::new(&["", ""]);
    let mut fact = |what: &str, value: String| table.row([what.to_owned(), value]);
    for (i, file) in evaluation.data.iter().take(MAX_LISTED_FILES).enumerate() {
        fact(if i == 0 { "data" } else { "" }, format!("{} ({} records)", file_name(file), number(file.records)));
    }
    let others = evaluation.data.get(MAX_LISTED_FILES..).unwrap_or_default();
    if let Some(last) = others.last() {
        let records: u64 = others.iter().map(|file| file.records).sum();
        fact("", format!("and {} more, to {} ({} records)", others.len(), file_name(last), number(records)));
    }
    let left_out = [
        (evaluation.unlabelled, "without a label left out"),
        (evaluation.rejected, "that could not be read left out"),
        (evaluation.overall.two_class, "from sources without a neutral class"),
    ];
    let notes = left_out.iter().filter(|(count, _)| *count > 0);
    let notes: Vec<String> = notes.map(|(count, what)| format!("; {} {what}", number(*count))).collect();
    fact("texts", format!("{}{}", number(evaluation.overall.n), notes.concat()));
    for problem in &evaluation.damaged {
        fact("damaged", problem.clone());
    }
    fact("model", evaluation.model.clone());
    if let Some(comparison) = &evaluation.comparison {
        fact("other model", comparison.against.clone());
    }
    for (what, hash) in [("sentiment rules", &evaluation.sentiment_rules), ("tracked brands", &evaluation.brands)] {
        if let Some(hash) = hash {
            fact(what, hash.clone());
        }
    }
    fact("runtime", evaluation.runtime.clone());
    table
}

fn file_name(file: &DataFile) -> String {
    Path::new(&file.name).file_name().map_or_else(|| file.name.clone(), |name| name.to_string_lossy().into())
}

fn overall_table(evaluation: &Evaluation) -> Table {
    let Scores { accuracy, accuracy_interval, macro_f1, macro_f1_interval, ece, mean_confidence, .. } =
        evaluation.overall;
    let mut table = Table::new(&["", ">value", ">interval"]);
    let mut figure = |what: &str, value: Option<f64>, interval| {
        table.row([what.to_owned(), points(value), range(interval)]);
    };
    figure("macro-F1", Some(macro_f1), macro_f1_interval);
    figure("accuracy", Some(accuracy), accuracy_interval);
    figure("mean confidence", mean_confidence, None);
    figure("expected calibration error (ECE)", ece, None);
    let mean = &evaluation.mean_of_groups;
    let over =
        format!("mean macro-F1 by {}, over {} with {MIN_TEXTS_TO_RANK} texts or more", evaluation.by, mean.groups);
    figure(&over, mean.macro_f1, None);
    table
}

fn label_table(scores: &Scores) -> Table {
    let mut table = Table::new(&["label", ">labelled", ">predicted", ">precision", ">recall", ">F1"]);
    for label in Label::ALL {
        if let Some(of_label) = scores.labels.get(label.as_str()) {
            let counts = [number(of_label.gold), number(of_label.predicted)];
            let shares = [of_label.precision, of_label.recall, of_label.f1].map(points);
            table.row([label.as_str().to_owned()].into_iter().chain(counts).chain(shares));
        }
    }
    table
}

fn confusion_table(scores: &Scores) -> Table {
    let mut table =
        Table::new(&["labelled", ">texts", ">said negative", ">said neutral", ">said positive", ">not scored"]);
    for gold in Label::ALL {
        let said = Label::ALL.map(Some).into_iter().chain([None]);
        let counts: Vec<u64> = said.map(|predicted| scores.confusion.count(gold, predicted)).collect();
        let total = counts.iter().sum();
        let cells = [gold.as_str().to_owned(), number(total)].into_iter();
        table.row(cells.chain(counts.iter().map(|count| percent(*count, total))));
    }
    table
}

/// A row for every group, the most texts first, then the worst of those with enough texts.
fn group_blocks(evaluation: &Evaluation, name: &dyn Fn(&str) -> String) -> Vec<Block> {
    let members = &evaluation.groups.members;
    let mut groups: Vec<(&String, &Scores)> = members.iter().collect();
    groups.sort_by(|(a, x), (b, y)| y.n.cmp(&x.n).then_with(|| a.cmp(b)));
    let mut blocks = vec![
        Block::Heading(format!("By {} (few: fewer than {MIN_TEXTS_TO_RANK} texts)", evaluation.by)),
        Block::Table(group_table(groups.into_iter(), name)),
    ];
    let ranking = &evaluation.mean_of_groups;
    if ranking.groups > ranking.worst.len() {
        let worst = ranking.worst.iter().filter_map(|name| members.get_key_value(name));
        blocks.push(Block::Heading(format!(
            "The worst {} of the {} with {MIN_TEXTS_TO_RANK} texts or more",
            ranking.worst.len(),
            ranking.groups
        )));
        blocks.push(Block::Table(group_table(worst, name)));
    }
    blocks
}

fn group_table<'a>(groups: impl Iterator<Item = (&'a String, &'a Scores)>, name: &dyn Fn(&str) -> String) -> Table {
    let headings = &["", ">texts", ">macro-F1", ">interval", ">accuracy", ">interval", ">ECE", ">two-class", ""];
    let mut table = Table::new(headings);
    for (group, scores) in groups {
        table.row([
            name(group),
            number(scores.n),
            points(Some(scores.macro_f1)),
            range(scores.macro_f1_interval),
            points(Some(scores.accuracy)),
            range(scores.accuracy_interval),
            points(scores.ece),
            number(scores.two_class),
            if scores.n < MIN_TEXTS_TO_RANK { "few".to_owned() } else { String::new() },
        ]);
    }
    table
}

fn reliability_table(evaluation: &Evaluation) -> Table {
    let mut table = Table::new(&["confidence", ">texts", ">mean confidence", ">accuracy"]);
    for bin in evaluation.reliability.iter().filter(|bin| bin.n > 0) {
        table.row([
            format!("{:.1}–{:.1}", 100.0 * bin.above, 100.0 * bin.to),
            number(bin.n),
            points(bin.mean_confidence),
            points(bin.accuracy),
        ]);
    }
    table
}

fn method(evaluation: &Evaluation) -> String {
    format!(
        "By earmark {}. Macro-F1 is the mean of the F1 of every label that occurs. Intervals are percentile bootstraps of \
         {} draws of texts from a fixed seed; fewer than {MIN_TEXTS_FOR_INTERVAL} texts have none, nor have texts that are \
         all right or all wrong. They say how other texts of the same kind could score, not texts of another kind. The expected calibration error \
         has {BINS} bins of equal width (Guo et al. 2017, eq. 3), and is large by chance where texts are few; confidence is \
         the probability of the predicted label. Of texts \
         whose source has no neutral class, the model is asked for the more probable of negative and positive; those are \
         easier, so compare groups of many such texts with one another only. A text that could not be scored counts as \
         wrong.",
        evaluation.version,
        number(RESAMPLES as u64)
    )
}

/// A share in per cent, without the sign.
pub(super) fn points(share: Option<f64>) -> String {
    share.map_or_else(|| "–".to_owned(), |share| format!("{:.1}", 100.0 * share))
}

fn range(interval: Option<Interval>) -> String {
    interval.map_or_else(|| "–".to_owned(), |ends| format!("{:.1}–{:.1}", 100.0 * ends.low, 100.0 * ends.high))
}
