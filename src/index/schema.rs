//! The fields of the index, and what each is for.

use tantivy::schema::{
    DateOptions, DateTimePrecision, FAST, Field as Handle, INDEXED, IndexRecordOption, NumericOptions, STORED, Schema,
    SchemaBuilder, TextFieldIndexing, TextOptions,
};

use super::analyser;
pub use crate::query::KeywordField as Field;
use crate::query::{IdField, NumberField};
pub use crate::text::keys::MAX_KEYWORD_BYTES;

/// Version of everything below and of the analyser. An index of another version must be made anew.
pub const SCHEMA_VERSION: u32 = 2;

/// The handles of all fields. Keywords are matched without regard to case; their columns keep the spelling as it came.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields {
    /// Id of the mention, exact; the key of updates.
    pub id: Handle,
    /// Tokens of the text at their places, hashtags and account names at that of their first word.
    pub text: Handle,
    /// The same as they are spelled, and what stands between them.
    pub spelling: Handle,
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
    pub claimed_lang: Handle,
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
            text: schema.add_text_field("text", running_text(analyser::TEXT, true)),
            spelling: schema.add_text_field("spelling", running_text(analyser::SPELLING, false)),
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
            claimed_lang: keyword(&mut schema, "claimed_lang"),
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

    /// The handle of a field of keywords.
    pub(super) fn keyword(&self, field: Field) -> Handle {
        match field {
            Field::Sentiment => self.sentiment,
            Field::Topic => self.topic,
            Field::Language => self.language,
            Field::Brand => self.brand,
            Field::Channel => self.channel,
            Field::Author => self.author,
            Field::AuthorRole => self.author_role,
            Field::Country => self.country,
            Field::Kind => self.kind,
            Field::ClaimedLang => self.claimed_lang,
            Field::Flag => self.flag,
        }
    }

    /// The handle of a field of ids.
    pub(super) fn id(&self, field: IdField) -> Handle {
        match field {
            IdField::Id => self.id,
            IdField::Thread => self.thread_id,
            IdField::ReplyTo => self.in_reply_to,
        }
    }

    /// The handle of a field of numbers.
    pub(super) fn number(&self, field: NumberField) -> Handle {
        match field {
            NumberField::Likes => self.likes,
            NumberField::Shares => self.shares,
            NumberField::Replies => self.replies,
            NumberField::Views => self.views,
            NumberField::Followers => self.followers,
            NumberField::Rating => self.rating,
            NumberField::Negative => self.negative,
            NumberField::Neutral => self.neutral,
            NumberField::Positive => self.positive,
            NumberField::LanguageConfidence => self.language_confidence,
        }
    }
}

fn number() -> NumericOptions {
    NumericOptions::from(INDEXED | FAST)
}

fn running_text(tokenizer: &str, is_ranked: bool) -> TextOptions {
    TextOptions::default().set_indexing_options(
        TextFieldIndexing::default()
            .set_tokenizer(tokenizer)
            .set_index_option(IndexRecordOption::WithFreqsAndPositions)
            .set_fieldnorms(is_ranked),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_bear_the_names_of_queries() {
        let (schema, fields) = Fields::build();
        for field in Field::ALL {
            assert_eq!(schema.get_field_name(fields.keyword(field)), field.name());
        }
        for field in NumberField::ALL {
            assert_eq!(schema.get_field_name(fields.number(field)), field.name());
        }
    }
}
