//! How right the model is, as tables.

use super::table::{Columns, number, percent};
use crate::eval::{Evaluation, Scores};
use crate::mention::Label;

/// Fewer texts than this say little about a language; such rows are marked.
const FEW_TEXTS: u64 = 100;

/// A row for every language, the most texts first, then all together, then what was taken for what.
pub fn evaluation_tables(evaluation: &Evaluation) -> String {
    let mut columns = Columns::new(&["language", ">texts", ">accuracy", ">macro-F1", ">two-class texts", ""]);
    let mut languages: Vec<(&String, &Scores)> = evaluation.languages.iter().collect();
    languages.sort_by(|(a, x), (b, y)| y.n.cmp(&x.n).then_with(|| a.cmp(b)));
    for (language, scores) in languages {
        score_row(&mut columns, language, scores);
    }
    score_row(&mut columns, "all", &evaluation.overall);
    let mut text = columns.render();
    text.push('\n');
    text += &confusion_table(&evaluation.overall);
    text += &format!("model {}\n", evaluation.model);
    if evaluation.unlabelled > 0 {
        text += &format!("{} records without a label were left out\n", number(evaluation.unlabelled));
    }
    text
}

fn score_row(columns: &mut Columns, name: &str, scores: &Scores) {
    columns.row([
        name.to_owned(),
        number(scores.n),
        format!("{:.1}", 100.0 * scores.accuracy),
        format!("{:.1}", 100.0 * scores.macro_f1),
        number(scores.two_class),
        if scores.n < FEW_TEXTS { "few texts".to_owned() } else { String::new() },
    ]);
}

fn confusion_table(scores: &Scores) -> String {
    let mut columns =
        Columns::new(&["labelled", ">texts", ">said negative", ">said neutral", ">said positive", ">not scored"]);
    for gold in Label::ALL {
        let said = Label::ALL.map(Some).into_iter().chain([None]);
        let counts: Vec<u64> = said.map(|predicted| scores.confusion.count(gold, predicted)).collect();
        let total = counts.iter().sum();
        let cells = [gold.as_str().to_owned(), number(total)].into_iter();
        columns.row(cells.chain(counts.iter().map(|count| percent(*count, total))));
    }
    columns.render()
}
