//! From a tagged mention to the document that Tantivy keeps.

use std::collections::HashSet;

use sha2::{Digest, Sha256};
use tantivy::schema::Field as Handle;
use tantivy::{DateTime, TantivyDocument};

use super::schema::Fields;
use crate::mention::Tagged;
use crate::query::{UNSCORED, second};
use crate::text::keys::{keyword, keyword_key};
use crate::topics::lineage;

/// The document of a mention; `record` is its outgoing JSON.
pub(super) fn document(fields: &Fields, tagged: &Tagged, record: &str) -> TantivyDocument {
    let mention = &tagged.mention;
    let mut document = TantivyDocument::default();
    document.add_text(fields.id, &mention.id);
    document.add_text(fields.text, &mention.text);
    document.add_text(fields.spelling, &mention.text);
    document.add_text(fields.record, record);
    document.add_u64(fields.fingerprint, fingerprint(record));
    if let Some(second) = second(mention) {
        document.add_date(fields.created_at, DateTime::from_timestamp_secs(second));
    }
    for (field, id) in [(fields.thread_id, &mention.thread_id), (fields.in_reply_to, &mention.in_reply_to)] {
        if let Some(id) = id.as_deref().filter(|id| !id.is_empty()) {
            document.add_text(field, id);
        }
    }
    add_source_keywords(&mut document, fields, tagged);
    add_tags(&mut document, fields, tagged);
    add_numbers(&mut document, fields, tagged);
    document
}

/// What tells one version of a record from another.
pub(super) fn fingerprint(record: &str) -> u64 {
    let digest = Sha256::digest(record.as_bytes());
    digest.iter().take(8).fold(0, |number, &byte| number << 8 | u64::from(byte))
}

fn add_source_keywords(document: &mut TantivyDocument, fields: &Fields, tagged: &Tagged) {
    let mention = &tagged.mention;
    let single = [
        (fields.channel, &mention.channel),
        (fields.author, &mention.author),
        (fields.author_role, &mention.author_role),
        (fields.country, &mention.country),
        (fields.kind, &mention.kind),
        (fields.claimed_lang, &mention.lang),
    ];
    for (field, value) in single {
        add_keywords(document, field, value.as_deref());
    }
    add_keywords(document, fields.brand, mention.brands.iter().map(String::as_str));
}

fn add_tags(document: &mut TantivyDocument, fields: &Fields, tagged: &Tagged) {
    let sentiment = tagged.sentiment.map_or(UNSCORED, |sentiment| sentiment.label.as_str());
    add_keywords(document, fields.sentiment, [sentiment]);
    add_keywords(document, fields.language, [tagged.language.code]);
    add_keywords(document, fields.topic, tagged.topics.iter().flat_map(|tag| lineage(&tag.topic)));
    add_keywords(document, fields.flag, tagged.flags.iter().map(|flag| flag.as_str()));
}

/// Adds each value once; of two spellings of one value, the first.
fn add_keywords<'a>(document: &mut TantivyDocument, field: Handle, values: impl IntoIterator<Item = &'a str>) {
    let mut seen = HashSet::new();
    for spelling in values.into_iter().filter_map(keyword) {
        if seen.insert(keyword_key(&spelling)) {
            document.add_text(field, spelling);
        }
    }
}

fn add_numbers(document: &mut TantivyDocument, fields: &Fields, tagged: &Tagged) {
    let counts = &tagged.mention.counts;
    let integers = [
        (fields.likes, counts.likes),
        (fields.shares, counts.shares),
        (fields.replies, counts.replies),
        (fields.views, counts.views),
        (fields.followers, counts.followers),
    ];
    for (field, value) in integers {
        if let Some(value) = value {
            document.add_i64(field, value);
        }
    }
    let decimals = [
        (fields.rating, tagged.mention.rating),
        (fields.negative, tagged.sentiment.map(|s| s.negative)),
        (fields.neutral, tagged.sentiment.map(|s| s.neutral)),
        (fields.positive, tagged.sentiment.map(|s| s.positive)),
        (fields.language_confidence, Some(tagged.language.confidence)),
    ];
    for (field, value) in decimals {
        if let Some(value) = value.filter(|value| value.is_finite()) {
            // The index would put minus nothing before nothing.
            document.add_f64(field, value + 0.0);
        }
    }
}
