//! The fields that a query can ask for.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// A field with whole values, by which mentions can also be counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum KeywordField {
    Sentiment,
    Topic,
    Language,
    Brand,
    Channel,
    Author,
    AuthorRole,
    Country,
    Kind,
    ClaimedLang,
    Flag,
}

impl KeywordField {
    /// All of them.
    pub const ALL: [KeywordField; 11] = [
        KeywordField::Sentiment,
        KeywordField::Topic,
        KeywordField::Language,
        KeywordField::Brand,
        KeywordField::Channel,
        KeywordField::Author,
        KeywordField::AuthorRole,
        KeywordField::Country,
        KeywordField::Kind,
        KeywordField::ClaimedLang,
        KeywordField::Flag,
    ];

    /// The name in queries, options, reports and the index.
    pub fn name(self) -> &'static str {
        match self {
            KeywordField::Sentiment => "sentiment",
            KeywordField::Topic => "topic",
            KeywordField::Language => "language",
            KeywordField::Brand => "brand",
            KeywordField::Channel => "channel",
            KeywordField::Author => "author",
            KeywordField::AuthorRole => "author_role",
            KeywordField::Country => "country",
            KeywordField::Kind => "kind",
            KeywordField::ClaimedLang => "claimed_lang",
            KeywordField::Flag => "flag",
        }
    }

    /// A shorter name that means the same.
    fn short_name(self) -> Option<&'static str> {
        match self {
            KeywordField::Language => Some("lang"),
            KeywordField::AuthorRole => Some("role"),
            _ => None,
        }
    }

    /// True where one mention can have several values.
    pub fn is_multi_valued(self) -> bool {
        matches!(self, KeywordField::Topic | KeywordField::Brand | KeywordField::Flag)
    }

    /// True for what is known of a mention only when it has been tagged.
    pub(crate) fn is_outcome(self) -> bool {
        matches!(self, KeywordField::Sentiment | KeywordField::Topic | KeywordField::Flag)
    }
}

impl fmt::Display for KeywordField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for KeywordField {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl FromStr for KeywordField {
    type Err = String;

    fn from_str(name: &str) -> Result<KeywordField, String> {
        let is_named = |field: &KeywordField| field.name() == name || field.short_name() == Some(name);
        KeywordField::ALL.into_iter().find(is_named).ok_or_else(|| {
            let names = KeywordField::ALL.map(KeywordField::name).join(", ");
            format!("mentions cannot be counted by {name:?}; choose one of {names}")
        })
    }
}

/// A field with an id: matched exactly, case included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum IdField {
    Id,
    Thread,
    ReplyTo,
}

/// A field with a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum NumberField {
    Likes,
    Shares,
    Replies,
    Views,
    Followers,
    Rating,
    Negative,
    Neutral,
    Positive,
    LanguageConfidence,
}

impl NumberField {
    /// All of them.
    pub const ALL: [NumberField; 10] = [
        NumberField::Likes,
        NumberField::Shares,
        NumberField::Replies,
        NumberField::Views,
        NumberField::Followers,
        NumberField::Rating,
        NumberField::Negative,
        NumberField::Neutral,
        NumberField::Positive,
        NumberField::LanguageConfidence,
    ];

    /// The name in queries and in the index.
    pub fn name(self) -> &'static str {
        match self {
            NumberField::Likes => "likes",
            NumberField::Shares => "shares",
            NumberField::Replies => "replies",
            NumberField::Views => "views",
            NumberField::Followers => "followers",
            NumberField::Rating => "rating",
            NumberField::Negative => "negative",
            NumberField::Neutral => "neutral",
            NumberField::Positive => "positive",
            NumberField::LanguageConfidence => "language_confidence",
        }
    }

    /// True for counts, false for numbers with decimals.
    pub fn is_count(self) -> bool {
        use NumberField::{Followers, Likes, Replies, Shares, Views};
        matches!(self, Likes | Shares | Replies | Views | Followers)
    }

    /// True for what is known of a mention only when it has been tagged.
    pub(crate) fn is_outcome(self) -> bool {
        matches!(self, NumberField::Negative | NumberField::Neutral | NumberField::Positive)
    }
}

/// Any field that a query can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum QueryField {
    /// The words of the text, as without a field.
    Text,
    /// The text, spelled exactly.
    Raw,
    /// A field with whole values.
    Keyword(KeywordField),
    /// A field with an id.
    Id(IdField),
    /// A field with a number.
    Number(NumberField),
    /// The time of publication.
    CreatedAt,
    /// The hour of the day in the zone of the query, 0 to 23.
    Hour,
    /// The day of the week in the zone of the query.
    Weekday,
}

/// The fields beside keywords and numbers, by all of their names.
const OTHERS: [(&str, QueryField); 10] = [
    ("text", QueryField::Text),
    ("raw", QueryField::Raw),
    ("id", QueryField::Id(IdField::Id)),
    ("thread", QueryField::Id(IdField::Thread)),
    ("thread_id", QueryField::Id(IdField::Thread)),
    ("reply_to", QueryField::Id(IdField::ReplyTo)),
    ("in_reply_to", QueryField::Id(IdField::ReplyTo)),
    ("created_at", QueryField::CreatedAt),
    ("hour", QueryField::Hour),
    ("weekday", QueryField::Weekday),
];

impl QueryField {
    /// The field of a name, in any case.
    pub fn named(name: &str) -> Option<QueryField> {
        let name = name.to_ascii_lowercase();
        let other = OTHERS.iter().find(|(known, _)| *known == name).map(|(_, field)| *field);
        let number = || NumberField::ALL.into_iter().find(|field| field.name() == name).map(QueryField::Number);
        let keyword = || name.parse().ok().map(QueryField::Keyword);
        other.or_else(number).or_else(keyword)
    }

    /// The name under which it is explained.
    pub fn name(self) -> &'static str {
        match self {
            QueryField::Keyword(field) => field.name(),
            QueryField::Number(field) => field.name(),
            other => OTHERS.iter().find(|(_, field)| *field == other).map_or("", |(name, _)| name),
        }
    }

    /// All names, for messages.
    pub(super) fn names() -> String {
        let keywords = KeywordField::ALL.into_iter().map(|field| field.short_name().unwrap_or(field.name()));
        let others =
            OTHERS.iter().map(|(name, _)| *name).filter(|name| !name.ends_with("_id") && *name != "in_reply_to");
        let numbers = NumberField::ALL.into_iter().map(NumberField::name);
        keywords.chain(others).chain(numbers).collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_leads_to_its_field() {
        for name in QueryField::names().split(", ") {
            assert!(QueryField::named(name).is_some(), "{name}");
            assert_eq!(QueryField::named(&name.to_uppercase()), QueryField::named(name), "{name}");
        }
        for (name, field) in OTHERS {
            assert_eq!(QueryField::named(field.name()), Some(field), "{name}");
        }
        assert_eq!(QueryField::named("lang"), Some(QueryField::Keyword(KeywordField::Language)));
        assert_eq!(QueryField::named("stars"), None);
        assert!("stars".parse::<KeywordField>().is_err_and(|error| error.contains("author_role")));
    }
}
