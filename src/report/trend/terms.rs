//! Distinctive terms of a slice as a table.

use crate::report::source::{asked, bounds};
use crate::report::table::{Columns, number, printable, short_name};
use crate::trends::{MentionsRead, Slice, SliceTerm, SliceTerms};

/// Languages that the line below the table names.
const LANGUAGES_SHOWN: usize = 6;

/// A row for each term, the most distinctive first.
pub fn slice_terms_table(found: &SliceTerms) -> String {
    let mut columns = Columns::new(&["term", "language", ">slice", ">others", ">log-odds", ">z"]);
    for SliceTerm { language, term } in &found.terms {
        columns.row([
            short_name(&term.term),
            language.clone(),
            number(term.selected),
            number(term.others),
            format!("{:.2}", term.log_odds),
            format!("{:.1}", term.z),
        ]);
    }
    format!("{}\n{}", columns.render(), notes(found))
}

fn notes(found: &SliceTerms) -> String {
    let side = |slice, read| side(slice, read, found);
    let mut notes =
        vec![format!("{} against {}", side(&found.slice, found.selected), side(&found.among, found.others))];
    notes.extend(asked(found.asked_at, &found.zone));
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
    notes.push(format!("data {}", found.data_version));
    notes.join("; ") + "\n"
}

fn side(slice: &Slice, read: MentionsRead, found: &SliceTerms) -> String {
    let what = match slice.query.trim() {
        "" | "*" => String::new(),
        query => format!(" for {}", printable(query)),
    };
    let bounds = bounds((slice.since, slice.until), &found.zone);
    let bounds = bounds.map_or_else(String::new, |bounds| format!(" {bounds} in {}", found.tz));
    let all = format!("{} mentions{what}{bounds}", number(read.mentions));
    if read.read < read.mentions { format!("{} spread evenly over {all}", number(read.read)) } else { all }
}
