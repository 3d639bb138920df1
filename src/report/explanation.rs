//! How a query was understood, as a tree.

use super::table::{Columns, number, printable};
use crate::index::QueryExplanation;

/// The parts of a query under each other, with what each finds and costs.
pub fn query_explanation(explanation: &QueryExplanation) -> String {
    let mut columns = Columns::new(&["the query asks for", ">mentions", ">wildcard words", ">ms"]);
    for part in &explanation.parts {
        columns.row([
            format!("{}{}", "  ".repeat(part.depth), printable(&part.what)),
            number(part.mentions),
            part.words.map_or(String::new(), |words| number(words as u64)),
            format!("{:.2}", part.milliseconds),
        ]);
    }
    let total = number(explanation.total);
    format!(
        "{}{total} mentions match, found in {:.2} ms\n",
        columns.render().trim_start_matches('\n'),
        explanation.milliseconds
    )
}
