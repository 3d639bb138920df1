//! Mentions that were found, with the words that found them.

use std::ops::Range;

use console::style;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;

use super::export::FieldList;
use super::table::{Columns, number, printable};
use crate::index::{Facet, Hit, SearchReport, SearchRequest, ValueCount};
use crate::mention::Label;

/// Characters of a mention's text that are shown.
const MAX_CHARS: usize = 500;

/// The hits, one paragraph each. Colours only where standard output is a terminal.
pub fn search_hits(
    report: &SearchReport,
    request: &SearchRequest,
    zone: &TimeZone,
    fields: Option<&FieldList>,
) -> String {
    let mut text = match fields {
        Some(fields) => rows(report, fields),
        None => report.hits.iter().map(|hit| heading(hit, zone) + &body(hit) + &similar(hit) + "\n").collect(),
    };
    for facet in &report.facets {
        text += &facet_table(facet, report.total);
    }
    let first = request.offset as u64 + 1;
    let total = number(report.total);
    text += &match report.hits.len() as u64 {
        0 if request.after.is_some() => format!("no more of {total} mentions\n"),
        0 => format!("{total} mentions match\n"),
        shown if request.after.is_some() => format!("{} more of {total} mentions\n", number(shown)),
        shown => format!("{}–{} of {total} mentions\n", number(first), number(first + shown - 1)),
    };
    if let Some(next) = &report.next {
        text += &style(format!("more: --after '{}'\n", printable(&next.to_string()))).dim().to_string();
    }
    text
}

fn rows(report: &SearchReport, fields: &FieldList) -> String {
    let folded = report.hits.iter().any(|hit| !hit.similar.is_empty());
    let headings: Vec<&str> = fields.names().iter().map(String::as_str).chain(folded.then_some(">like it")).collect();
    let mut columns = Columns::new(&headings);
    for hit in &report.hits {
        let cells = fields.cells(&hit.mention).into_iter().map(|cell| printable(&cell));
        columns.row(cells.chain(folded.then(|| number(hit.similar.len() as u64))));
    }
    columns.render().trim_start_matches('\n').to_owned()
}

fn similar(hit: &Hit) -> String {
    match hit.similar.len() {
        0 => String::new(),
        1 => format!("  and one like it: {}\n", printable(&hit.similar[0])),
        many => format!("  and {} like it: {}\n", number(many as u64), printable(&hit.similar.join(", "))),
    }
}

fn facet_table(facet: &Facet, total: u64) -> String {
    let mut columns = Columns::new(&[facet.field.name(), ">mentions", ">share"]);
    for ValueCount { value, count } in &facet.values {
        let share = 100.0 * *count as f64 / total.max(1) as f64;
        columns.row([printable(value), number(*count), format!("{share:.1} %")]);
    }
    let more = match facet.more_values {
        0 => String::new(),
        more => format!("  and {} more values\n", number(more)),
    };
    format!("{}{more}\n", columns.render().trim_start_matches('\n'))
}

fn heading(hit: &Hit, zone: &TimeZone) -> String {
    let field = |name: &str| hit.mention.get(name).map(plain).filter(|value| !value.is_empty());
    let mut parts = vec![style(when(hit, zone)).bold().to_string()];
    parts.extend(["brand", "channel", "author"].iter().filter_map(|name| field(name)));
    parts.push(feeling(&hit.mention));
    parts.extend(hit.mention.pointer("/language/code").map(plain));
    if let Some(topics) = hit.mention.get("topics").and_then(Value::as_array) {
        let names: Vec<String> = topics.iter().filter_map(|topic| topic.get("topic")).map(plain).collect();
        if !names.is_empty() {
            parts.push(names.join(", "));
        }
    }
    if let Some(score) = hit.score {
        parts.push(format!("score {score:.2}"));
    }
    parts.push(style(format!("id {}", printable(&hit.id))).dim().to_string());
    parts.join(" · ") + "\n"
}

fn when(hit: &Hit, zone: &TimeZone) -> String {
    let timestamp = hit.created_at.map(|at: Timestamp| at.to_zoned(zone.clone()));
    timestamp.map_or_else(|| "undated".to_owned(), |zoned| zoned.strftime("%Y-%m-%d %H:%M").to_string())
}

fn feeling(mention: &Value) -> String {
    let Some(sentiment) = mention.get("sentiment").filter(|sentiment| sentiment.is_object()) else {
        return "not scored".to_owned();
    };
    let name = sentiment.get("label").map(plain).unwrap_or_default();
    let probability = sentiment.get(&name).and_then(Value::as_f64).unwrap_or_default();
    let shown = format!("{name} {probability:.2}");
    match name.as_str() {
        name if name == Label::Negative.as_str() => style(shown).red().to_string(),
        name if name == Label::Positive.as_str() => style(shown).green().to_string(),
        _ => shown,
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => printable(text),
        Value::Array(values) => values.iter().map(plain).collect::<Vec<_>>().join(", "),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// The text on one line, the words that were looked for made bold.
fn body(hit: &Hit) -> String {
    let text = hit.mention.get("text").and_then(Value::as_str).unwrap_or_default();
    let mut shown = String::from("  ");
    let mut word = String::new();
    for (at, c) in printable(text).chars().take(MAX_CHARS).enumerate() {
        if hit.highlights.iter().any(|range: &Range<usize>| range.contains(&at)) {
            word.push(c);
            continue;
        }
        shown += &emphasized(&mut word);
        shown.push(c);
    }
    shown += &emphasized(&mut word);
    if text.chars().nth(MAX_CHARS).is_some() {
        shown.push('…');
    }
    shown.push('\n');
    shown
}

fn emphasized(word: &mut String) -> String {
    if word.is_empty() { String::new() } else { style(std::mem::take(word)).bold().underlined().to_string() }
}
