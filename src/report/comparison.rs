//! Two models on the same texts, as sentences and tables.

use super::document::{Block, Table};
use super::evaluation::points;
use super::table::number;
use crate::eval::{Better, Comparison, Difference, Gap, Interval, SHUFFLES, SIGNIFICANCE};

/// Which model is better over all, by how much, and in which groups.
pub(super) fn comparison_blocks(comparison: &Comparison, by: &str, name: &dyn Fn(&str) -> String) -> Vec<Block> {
    let overall = &comparison.overall;
    vec![
        Block::Heading("Beside the other model".to_owned()),
        Block::Text(verdict(overall)),
        Block::Table(overall_table(overall)),
        Block::Text(right(overall)),
        Block::Heading(format!("Differences to the other model by {by} (p after Holm's correction)")),
        Block::Text(count_verdicts(comparison)),
        Block::Table(group_table(comparison, name)),
        Block::Text(format!(
            "p: approximate randomisation, {} shuffles; better: p below {SIGNIFICANCE}, interval without 0.",
            number(u64::from(SHUFFLES))
        )),
    ]
}

fn verdict(overall: &Difference) -> String {
    let of_figure = |figure: &str, gap: &Gap| match gap.better {
        Some(Better::Model) => format!("By {figure} the model is better than the other."),
        Some(Better::Against) => format!("By {figure} the model is worse than the other."),
        None => format!("By {figure} these texts cannot tell which is better."),
    };
    format!("{} {}", of_figure("macro-F1", &overall.macro_f1), of_figure("accuracy", &overall.accuracy))
}

fn overall_table(overall: &Difference) -> Table {
    let mut table = Table::new(&["", ">model", ">other", ">difference", ">interval", ">p", "better"]);
    for (figure, gap) in [("macro-F1", &overall.macro_f1), ("accuracy", &overall.accuracy)] {
        table.row([
            figure.to_owned(),
            points(Some(gap.model)),
            points(Some(gap.against)),
            signed(gap.difference),
            signed_range(gap.interval),
            format!("{:.4}", gap.p),
            better(gap),
        ]);
    }
    table
}

fn right(overall: &Difference) -> String {
    let right = overall.right;
    format!(
        "Right: only the model {}, only the other {}, both {}, neither {}.",
        number(right.only_model),
        number(right.only_against),
        number(right.both),
        number(right.neither)
    )
}

fn count_verdicts(comparison: &Comparison) -> String {
    let count =
        |verdict| comparison.groups.members.values().filter(|difference| difference.macro_f1.better == verdict).count();
    format!(
        "By macro-F1 the model is better in {}, the other in {}; of {} these texts cannot tell.",
        count(Some(Better::Model)),
        count(Some(Better::Against)),
        count(None)
    )
}

/// A row for every group, the most texts first.
fn group_table(comparison: &Comparison, name: &dyn Fn(&str) -> String) -> Table {
    let headings = &["", ">texts", ">macro-F1", ">interval", ">p", ">accuracy", ">only model", ">only other", "better"];
    let mut table = Table::new(headings);
    let mut groups: Vec<(&String, &Difference)> = comparison.groups.members.iter().collect();
    groups.sort_by(|(a, x), (b, y)| y.n.cmp(&x.n).then_with(|| a.cmp(b)));
    for (group, difference) in groups {
        table.row([
            name(group),
            number(difference.n),
            signed(difference.macro_f1.difference),
            signed_range(difference.macro_f1.interval),
            format!("{:.4}", difference.macro_f1.p_holm),
            signed(difference.accuracy.difference),
            number(difference.right.only_model),
            number(difference.right.only_against),
            better(&difference.macro_f1),
        ]);
    }
    table
}

fn better(gap: &Gap) -> String {
    match gap.better {
        Some(Better::Model) => "model",
        Some(Better::Against) => "other",
        None => "–",
    }
    .to_owned()
}

fn signed(difference: f64) -> String {
    format!("{:+.1}", 100.0 * difference)
}

fn signed_range(interval: Option<Interval>) -> String {
    interval.map_or_else(|| "–".to_owned(), |ends| format!("{}…{}", signed(ends.low), signed(ends.high)))
}
