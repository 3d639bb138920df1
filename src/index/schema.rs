//! The fields of the index, and what each is for.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};
use tantivy::schema::{
    DateOptions, DateTimePrecision, FAST, Field as Handle, FieldType, INDEXED, IndexRecordOption, NumericOptions,
    STORED, Schema, SchemaBuilder, TextFieldIndexing, TextOptions,
};

use super::analyser;
pub use super::analyser::MAX_KEYWORD_BYTES;

/// Version of everything below and of the analyser. An index of another version must be made anew.
pub const SCHEMA_VERSION: u32 = 1;

/// The handles of all fields. Keywords are matched without regard to case; their columns keep the spelling as it came.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields {
    /// Id of the mention, exact; the key of updates.
    pub id: Handle,
    /// Words of the text, with positions.
    pub text: Handle,
    /// Code of the detected language.
    pub language: Handle,
    /// `negative`, `neutral`, `positive` or `unscored`.
    pub sentiment: Handle,
    /// Topics and all of their parents: `delivery/late` is a `delivery` too.
    pub topic: Handle,
    /// Brands.
    pub brand: Handle,
    /// Where it was published.
    pub channel: Handle,
    /// Who wrote it.
    pub author: Handle,
    /// `customer`, `brand`, `bot`, or what the source says.
    pub author_role: Handle,
    /// Country of the author.
    pub country: Handle,
    /// `post`, `reply`, …
    pub kind: Handle,
    /// Id of the conversation, exact.
    pub thread_id: Handle,
    /// Id of the mention this one answers, exact.
    pub in_reply_to: Handle,
    /// The language that the platform claims.
    pub lang: Handle,
    /// Flags of the tagging.
    pub flag: Handle,
    /// Engagement, as the source counted it.
    pub likes: Handle,
    /// Engagement, as the source counted it.
    pub shares: Handle,
    /// Engagement, as the source counted it.
    pub replies: Handle,
    /// Reach, as the source counted it.
    pub views: Handle,
    /// Reach of the author.
    pub followers: Handle,
    /// Stars or the like.
    pub rating: Handle,
    /// Probability of negative sentiment.
    pub negative: Handle,
    /// Probability of neutral sentiment.
    pub neutral: Handle,
    /// Probability of positive sentiment.
    pub positive: Handle,
    /// How sure the language is.
    pub language_confidence: Handle,
    /// When it was published, in whole seconds (rounded down).
    pub created_at: Handle,
    /// First eight bytes of the SHA-256 of `record`: tells an update from a repetition.
    pub fingerprint: Handle,
    /// The tagged mention as JSON, as it goes out.
    pub record: Handle,
}

/// Name of the column of publication times.
pub(super) const CREATED_AT: &str = "created_at";
/// Name of the column of fingerprints.
pub(super) const FINGERPRINT: &str = "fingerprint";
/// Name of the column of ids.
pub(super) const ID: &str = "id";

impl Fields {
    /// The schema, and the handles into it.
    pub(super) fn build() -> (Schema, Fields) {
        let mut schema = Schema::builder();
        let fields = Fields {
            id: exact(&mut schema, ID, true),
            text: schema.add_text_field("text", running_text()),
            language: keyword(&mut schema, "language"),
            sentiment: keyword(&mut schema, "sentiment"),
            topic: keyword(&mut schema, "topic"),
            brand: keyword(&mut schema, "brand"),
            channel: keyword(&mut schema, "channel"),
            author: keyword(&mut schema, "author"),
            author_role: keyword(&mut schema, "author_role"),
            country: keyword(&mut schema, "country"),
            kind: keyword(&mut schema, "kind"),
            thread_id: exact(&mut schema, "thread_id", false),
            in_reply_to: exact(&mut schema, "in_reply_to", false),
            lang: keyword(&mut schema, "lang"),
            flag: keyword(&mut schema, "flag"),
            likes: schema.add_i64_field("likes", number()),
            shares: schema.add_i64_field("shares", number()),
            replies: schema.add_i64_field("replies", number()),
            views: schema.add_i64_field("views", number()),
            followers: schema.add_i64_field("followers", number()),
            rating: schema.add_f64_field("rating", number()),
            negative: schema.add_f64_field("negative", number()),
            neutral: schema.add_f64_field("neutral", number()),
            positive: schema.add_f64_field("positive", number()),
            language_confidence: schema.add_f64_field("language_confidence", number()),
            created_at: schema.add_date_field(
                CREATED_AT,
                DateOptions::from(INDEXED | FAST).set_precision(DateTimePrecision::Seconds),
            ),
            fingerprint: schema.add_u64_field(FINGERPRINT, FAST),
            record: schema.add_text_field("record", STORED),
        };
        (schema.build(), fields)
    }
}

fn number() -> NumericOptions {
    NumericOptions::from(INDEXED | FAST)
}

fn running_text() -> TextOptions {
    TextOptions::default().set_indexing_options(
        TextFieldIndexing::default()
            .set_tokenizer(analyser::TEXT)
            .set_index_option(IndexRecordOption::WithFreqsAndPositions),
    )
}

fn whole_value(tokenizer: &str) -> TextOptions {
    TextOptions::default().set_indexing_options(
        TextFieldIndexing::default()
            .set_tokenizer(tokenizer)
            .set_index_option(IndexRecordOption::Basic)
            .set_fieldnorms(false),
    )
}

fn keyword(schema: &mut SchemaBuilder, name: &str) -> Handle {
    schema.add_text_field(name, whole_value(analyser::KEYWORD).set_fast("raw"))
}

fn exact(schema: &mut SchemaBuilder, name: &str, stored: bool) -> Handle {
    let options = whole_value(analyser::ID).set_fast(analyser::ID);
    schema.add_text_field(name, if stored { options.set_stored() } else { options })
}

/// What values a field holds, as far as queries are concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Words.
    Text,
    /// Whole values: keywords and ids.
    Whole,
    /// Numbers.
    Number,
    /// Points in time.
    Time,
}

/// The kind of a field that queries may name; `None` for others.
pub(super) fn kind_of(schema: &Schema, name: &str) -> Option<Kind> {
    let entry = schema.get_field_entry(schema.get_field(name).ok()?);
    match entry.field_type() {
        _ if !entry.is_indexed() => None,
        FieldType::Str(_) => Some(if entry.is_fast() { Kind::Whole } else { Kind::Text }),
        FieldType::I64(_) | FieldType::F64(_) => Some(Kind::Number),
        FieldType::Date(_) => Some(Kind::Time),
        _ => None,
    }
}

/// The names of all fields that queries may name, in the order of the schema.
pub(super) fn query_fields(schema: &Schema) -> Vec<&str> {
    schema.fields().map(|(_, entry)| entry.name()).filter(|name| kind_of(schema, name).is_some()).collect()
}

/// A field by whose values mentions can be counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Field {
    Sentiment,
    Topic,
    Language,
    Brand,
    Channel,
    Author,
    AuthorRole,
    Country,
    Kind,
    Lang,
    Flag,
}

impl Field {
    /// All of them.
    pub const ALL: [Field; 11] = [
        Field::Sentiment,
        Field::Topic,
        Field::Language,
        Field::Brand,
        Field::Channel,
        Field::Author,
        Field::AuthorRole,
        Field::Country,
        Field::Kind,
        Field::Lang,
        Field::Flag,
    ];

    /// The name in queries, options and reports.
    pub fn name(self) -> &'static str {
        match self {
            Field::Sentiment => "sentiment",
            Field::Topic => "topic",
            Field::Language => "language",
            Field::Brand => "brand",
            Field::Channel => "channel",
            Field::Author => "author",
            Field::AuthorRole => "author_role",
            Field::Country => "country",
            Field::Kind => "kind",
            Field::Lang => "lang",
            Field::Flag => "flag",
        }
    }

    /// True where one mention can have several values.
    pub fn is_multi_valued(self) -> bool {
        matches!(self, Field::Topic | Field::Brand | Field::Flag)
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Field {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl FromStr for Field {
    type Err = String;

    fn from_str(name: &str) -> Result<Field, String> {
        Field::ALL.into_iter().find(|field| field.name() == name).ok_or_else(|| {
            let names = Field::ALL.map(Field::name).join(", ");
            format!("mentions cannot be counted by {name:?}; choose one of {names}")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_counted_field_is_a_keyword_of_the_schema() {
        let (schema, _) = Fields::build();
        for field in Field::ALL {
            assert_eq!(kind_of(&schema, field.name()), Some(Kind::Whole), "{field}");
            assert_eq!(field.name().parse(), Ok(field));
        }
        assert!("stars".parse::<Field>().is_err_and(|error| error.contains("author_role")));
    }

    #[test]
    fn inner_fields_cannot_be_asked_for() {
        let (schema, _) = Fields::build();
        let names = query_fields(&schema);
        assert!(!names.contains(&"record") && !names.contains(&FINGERPRINT));
        assert_eq!(names.len(), 26);
    }
}
