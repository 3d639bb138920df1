//! The names that sources give to the fields earmark knows.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde_json::Value;

use crate::mention::TAG_FIELDS;

/// A field earmark knows, and the other names it is recognised by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// The name in every output.
    pub name: &'static str,
    /// Names that sources use, best first. Case, spaces, underscores and dashes do not matter.
    pub aliases: &'static [&'static str],
}

const FIELDS: [Field; 19] = [
    Field {
        name: "id",
        aliases: &["tweet_id", "status_id", "mention_id", "post_id", "content_id", "comment_id", "review_id", "guid"],
    },
    Field { name: "text", aliases: TEXT_NAMES.split_at(1).1 },
    Field {
        name: "created_at",
        aliases: &[
            "created",
            "created_utc",
            "published_at",
            "published",
            "posted_at",
            "tweet_created",
            "timestamp",
            "datetime",
            "date",
            "time",
        ],
    },
    Field {
        name: "author",
        aliases: &["username", "screen_name", "user", "handle", "from", "author_name", "influencer"],
    },
    Field { name: "author_role", aliases: &["role"] },
    Field { name: "channel", aliases: &["source", "platform", "network", "page_type", "site"] },
    Field { name: "brand", aliases: &["brands", "company", "airline"] },
    Field { name: "url", aliases: &["link", "permalink"] },
    Field { name: "country", aliases: &[] },
    Field { name: "lang", aliases: &["language", "lang_source"] },
    Field {
        name: "in_reply_to",
        aliases: &["in_reply_to_status_id", "in_response_to_tweet_id", "reply_to", "parent_id"],
    },
    Field { name: "thread_id", aliases: &["conversation_id", "thread"] },
    Field { name: "kind", aliases: &["type"] },
    Field { name: "likes", aliases: &["like_count", "favorite_count", "favourites_count"] },
    Field { name: "shares", aliases: &["share_count", "retweet_count", "retweets", "reposts"] },
    Field { name: "replies", aliases: &["reply_count", "num_comments", "comments"] },
    Field { name: "views", aliases: &["view_count", "impressions", "reach"] },
    Field { name: "followers", aliases: &["followers_count"] },
    Field { name: "rating", aliases: &["stars"] },
];

/// The names a text column or field may have, best first.
pub(super) const TEXT_NAMES: &[&str] = &[
    "text",
    "full_text",
    "body",
    "message",
    "content",
    "tweet",
    "tweet_text",
    "comment",
    "review",
    "hit_sentence",
    "description",
    "snippet",
];

/// The fields whose values are numbers, with [`Field::name`].
pub(super) const NUMBER_FIELDS: [&str; 6] = ["likes", "shares", "replies", "views", "followers", "rating"];

/// Every field earmark knows with the other names it is recognised by.
///
/// The exact name of a field wins over its aliases, and of two aliases the first in the list; the other field stays
/// in the record under its own name. An alias applies only where the value is of a fitting kind: an object called
/// `user` is not taken for the author, and only a string called `language` is taken for the claimed language.
pub fn aliases() -> &'static [Field] {
    &FIELDS
}

/// Longest name, in bytes, that is compared with the aliases; longer than any of them with separators.
const MAX_ALIAS_BYTES: usize = 64;

/// Index into [`FIELDS`], and how good the name is: 0 is the exact name.
type Meaning = (usize, usize);

static MEANINGS: LazyLock<HashMap<String, Meaning>> = LazyLock::new(|| {
    let mut meanings = HashMap::new();
    for (index, field) in FIELDS.iter().enumerate() {
        for (rank, name) in std::iter::once(&field.name).chain(field.aliases).enumerate() {
            meanings.entry(plain(name)).or_insert((index, rank + 1));
        }
    }
    meanings
});

fn plain(name: &str) -> String {
    name.trim().chars().filter(|c| !matches!(c, ' ' | '_' | '-')).flat_map(char::to_lowercase).collect()
}

fn meaning(name: &str) -> Option<Meaning> {
    if let Some(index) = FIELDS.iter().position(|field| field.name == name) {
        return Some((index, 0));
    }
    if name.len() > MAX_ALIAS_BYTES {
        return None;
    }
    MEANINGS.get(&plain(name)).copied()
}

/// Whether a name is one that the text may have.
pub(super) fn is_text_name(name: &str) -> bool {
    meaning(name).is_some_and(|(index, _)| FIELDS[index].name == "text")
}

/// The one of [`TAG_FIELDS`] that a name would be mistaken for.
fn tag_field(name: &str) -> Option<&'static str> {
    TAG_FIELDS.into_iter().find(|tag| name.trim().eq_ignore_ascii_case(tag))
}

/// What becomes of the name of one incoming field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rename {
    /// It stays as it came.
    Keep,
    /// It is one of [`FIELDS`] under another name.
    To(&'static str),
    /// It would be mistaken for a tag of ours: `upstream_` goes before this name.
    Upstream(&'static str),
}

/// Decides the names of all fields of a record, or of all columns of a table, whose values are strings.
pub(super) fn renames<'a>(fields: impl Iterator<Item = (&'a str, Option<&'a Value>)> + Clone) -> Vec<Rename> {
    let mut best: [Option<(usize, usize)>; FIELDS.len()] = [None; FIELDS.len()];
    for (position, (name, value)) in fields.clone().enumerate() {
        if let Some((index, rank)) = meaning(name)
            && (rank == 0 || fits(index, name, value))
            && best[index].is_none_or(|(best_rank, _)| rank < best_rank)
        {
            best[index] = Some((rank, position));
        }
    }
    let mut renames: Vec<Rename> =
        fields.map(|(name, _)| tag_field(name).map_or(Rename::Keep, Rename::Upstream)).collect();
    for (field, winner) in FIELDS.iter().zip(best) {
        match winner {
            Some((0, _)) | None => {}
            Some((_, position)) => renames[position] = Rename::To(field.name),
        }
    }
    renames
}

fn fits(index: usize, name: &str, value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::String(_)) => true,
        Some(Value::Number(_) | Value::Null) => tag_field(name).is_none(),
        Some(Value::Array(_)) => FIELDS[index].name == "brand",
        Some(Value::Bool(_) | Value::Object(_)) => false,
    }
}

/// A name that is not taken yet: the wanted one, or the wanted one with the first free number from 2 up.
pub(super) fn free_name(wanted: String, is_taken: impl Fn(&str) -> bool) -> String {
    if !is_taken(&wanted) {
        return wanted;
    }
    let mut number = 2u64;
    loop {
        let name = format!("{wanted}_{number}");
        if !is_taken(&name) {
            return name;
        }
        number += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(names: &[&str]) -> Vec<String> {
        let renames = renames(names.iter().map(|name| (*name, None)));
        let shown = names.iter().zip(renames).map(|(name, rename)| match rename {
            Rename::Keep => (*name).to_string(),
            Rename::To(name) => name.to_string(),
            Rename::Upstream(name) => format!("upstream_{name}"),
        });
        shown.collect()
    }

    #[test]
    fn aliases_are_found_in_any_spelling() {
        assert_eq!(columns(&["Tweet ID", "Full-Text", "Page Type"]), ["id", "text", "channel"]);
        assert_eq!(columns(&["Hit Sentence", "createdUTC", "X"]), ["text", "created_at", "X"]);
    }

    #[test]
    fn the_exact_name_wins_then_the_first_alias() {
        assert_eq!(columns(&["body", "text", "Text"]), ["body", "text", "Text"]);
        assert_eq!(columns(&["snippet", "Full Text"]), ["snippet", "text"]);
        assert_eq!(columns(&["language", "lang"]), ["upstream_language", "lang"]);
        assert_eq!(columns(&["Language", "Sentiment"]), ["lang", "upstream_sentiment"]);
    }

    #[test]
    fn no_alias_means_two_things() {
        let mut seen = HashMap::new();
        for field in aliases() {
            for name in std::iter::once(&field.name).chain(field.aliases) {
                assert_eq!(seen.insert(plain(name), field.name), None, "{name}");
            }
        }
    }

    #[test]
    fn a_free_name_is_free() {
        assert_eq!(free_name("a".into(), |_| false), "a");
        assert_eq!(free_name("a".into(), |name| name == "a" || name == "a_2"), "a_3");
    }
}
