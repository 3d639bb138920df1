//! Which group of texts a text belongs to.

use serde_json::Value;

use crate::input::aliases;
use crate::mention::{Mention, Tagged};

/// The most groups: each has counts in memory and intervals to work out.
pub const MAX_GROUPS: usize = 1_000;
/// The group of the records that do not have the field.
pub const NO_VALUE: &str = "(none)";

/// What texts are grouped by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GroupBy {
    /// The language that the record claims, or else the detected one.
    Language,
    /// A field of the record. A list counts a text in each of its values.
    Field(String),
}

impl GroupBy {
    /// `language` is [`GroupBy::Language`], all else names a field.
    pub fn from_name(name: &str) -> GroupBy {
        if name == "language" { GroupBy::Language } else { GroupBy::Field(name.to_owned()) }
    }

    /// The name that it is asked for by.
    pub fn name(&self) -> &str {
        match self {
            GroupBy::Language => "language",
            GroupBy::Field(name) => name,
        }
    }

    /// What JSON calls the groups.
    pub(super) fn key(&self) -> &'static str {
        match self {
            GroupBy::Language => "languages",
            GroupBy::Field(_) => "groups",
        }
    }

    /// The groups of a text, at least one and none twice.
    pub(super) fn groups(&self, tagged: &Tagged) -> Vec<String> {
        let groups = match self {
            GroupBy::Language => {
                vec![tagged.mention.lang.clone().unwrap_or_else(|| tagged.language.code.to_owned())]
            }
            GroupBy::Field(name) => field(&tagged.mention, name).map_or_else(Vec::new, values),
        };
        if groups.is_empty() { vec![NO_VALUE.to_owned()] } else { groups }
    }
}

/// The field of that name, or what earmark has renamed it to: a `source` is usually a `channel` by now.
fn field<'a>(mention: &'a Mention, name: &str) -> Option<&'a Value> {
    let record = &mention.record;
    record.get(name).or_else(|| {
        let renamed = aliases().iter().find(|field| field.aliases.contains(&name))?;
        record.get(renamed.name)
    })
}

fn values(value: &Value) -> Vec<String> {
    let mut values: Vec<String> = match value {
        Value::Array(values) => values.iter().filter_map(scalar).collect(),
        value => scalar(value).into_iter().collect(),
    };
    values.sort();
    values.dedup();
    values
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_groups_a_value_stands_for() {
        let cases = [
            (json!("umsab"), vec!["umsab"]),
            (json!(["b", "a", "b", ""]), vec!["a", "b"]),
            (json!(3), vec!["3"]),
            (json!(true), vec!["true"]),
            (json!(null), vec![]),
            (json!({"a": 1}), vec![]),
        ];
        for (value, expected) in cases {
            assert_eq!(values(&value), expected, "{value}");
        }
    }
}
