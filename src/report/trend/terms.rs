//! Distinctive terms of a slice as a table.

use super::in_one_line;
use crate::report::source::{asked_note, bounds_note};
use crate::report::table::{Columns, number, printable};
use crate::trends::{MentionsRead, Slice, SliceTerms};

/// Languages that the line below the table names.
const LANGUAGES_SHOWN: usize = 6;

/// A row for each term, the most distinctive first.
pub fn slice_terms_table(found: &SliceTerms) -> String {
    let mut columns = Columns::new(&["term", "language", ">slice", ">others", ">log-odds", ">z"]);
    for term in &found.terms {
        columns.row([
            term.figures.term.clone(),
            term.language.clone(),
            number(term.figures.selected),
            number(term.figures.others),
            format!("{:.2}", term.figures.log_odds),
            format!("{:.1}", term.figures.z),
        ]);
    }
    format!("{}\n{}", columns.render(), notes(found))
}

fn notes(found: &SliceTerms) -> String {
    let mut notes = vec![format!(
        "{} against {}",
        side(found, &found.slice, found.selected),
        side(found, &found.among, found.others)
    )];
    let languages = found.languages.iter().take(LANGUAGES_SHOWN);
    let languages: Vec<String> = languages
        .map(|counts| format!("{} {} / {}", counts.language, number(counts.selected), number(counts.others)))
        .collect();
    if !languages.is_empty() {
        notes.push(format!("by language: {}", languages.join(", ")));
    }
    if found.languages.len() > LANGUAGES_SHOWN {
        notes.push(format!("{} more languages", found.languages.len() - LANGUAGES_SHOWN));
    }
    if found.dropped_up_to > 0 {
        notes.push(format!(
            "there were too many terms to count, and those of {} mentions or fewer may be missing",
            number(found.dropped_up_to)
        ));
    }
    notes.push(asked_note(found.asked_at, &found.zone));
    notes.push(format!("data {}", found.data_version));
    in_one_line(&notes)
}

fn side(found: &SliceTerms, slice: &Slice, read: MentionsRead) -> String {
    let mut what = match slice.query.trim() {
        "" | "*" => String::new(),
        query => format!(" for {}", printable(query)),
    };
    let bounds = bounds_note((slice.since, slice.until), &found.zone);
    if !bounds.is_empty() {
        what += &format!(" {bounds}");
    }
    if read.read < read.mentions {
        format!("{} mentions{what}, {} of them read, spread evenly", number(read.mentions), number(read.read))
    } else {
        format!("{} mentions{what}", number(read.mentions))
    }
}
