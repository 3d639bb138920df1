//! Share of voice as a table with bars.

use super::figures::{net, percentage};
use crate::report::source::{asked, bounds};
use crate::report::table::{Columns, bar, number, printable, short_name};
use crate::trends::ShareOfVoice;

/// Brands with a row.
const ROWS_SHOWN: usize = 30;

/// A row for each brand.
pub fn share_of_voice_table(report: &ShareOfVoice) -> String {
    let headings = ["brand", ">mentions", ">share", ">no reposts", ">share", ">net (95 %)", ""];
    let mut columns = Columns::new(&headings);
    let highest = report.brands.first().map_or(0, |brand| brand.mentions);
    for brand in report.brands.iter().take(ROWS_SHOWN) {
        columns.row([
            short_name(&brand.brand),
            number(brand.mentions),
            percentage(brand.share),
            number(brand.mentions_without_reposts),
            percentage(brand.share_without_reposts),
            net(&brand.net),
            bar(brand.mentions, highest),
        ]);
    }
    let (all, said) = (number(report.brand_mentions), number(report.brand_mentions_without_reposts));
    columns.row(["all".to_owned(), all, String::new(), said]);
    format!("{}\n{}", columns.render(), notes(report))
}

fn notes(report: &ShareOfVoice) -> String {
    let mut notes = vec![format!(
        "shares of {} brand mentions; a mention of several brands counts once for each",
        number(report.brand_mentions)
    )];
    notes.push(format!("{} of {} mentions name no brand", number(report.without_brand), number(report.mentions)));
    if !report.query.trim().is_empty() {
        notes.push(format!("for {}", printable(&report.query)));
    }
    let bounds = bounds((report.since, report.until), &report.zone);
    notes.extend(bounds.map(|bounds| format!("{bounds} in {}", report.tz)));
    notes.extend(asked(report.asked_at, &report.zone));
    let hidden = report.brands.len().saturating_sub(ROWS_SHOWN) as u64 + report.more_brands;
    if hidden > 0 {
        notes.push(format!("{} more brands with --format json", number(hidden)));
    }
    notes.push(format!("data {}", report.data_version));
    notes.join("; ") + "\n"
}
