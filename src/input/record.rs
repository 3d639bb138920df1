//! A record of named values → a [`Mention`], or what is wrong with it.

use serde_json::{Map, Number, Value};
use sha2::{Digest, Sha256};

use crate::mention::{Counts, Mention, TAG_FIELDS};

use super::error::shown;
use super::fields::{Rename, free_name, renames};
use super::reject::{Fault, RejectReason};
use super::time::parse_time;

/// Longest id, in bytes.
pub const MAX_ID_BYTES: usize = 512;
/// Most fields of one record, and most columns of a table.
pub const MAX_FIELDS: usize = 1024;
/// Bytes of the hash that stand in a derived id, as two hexadecimal digits each.
const DERIVED_ID_BYTES: usize = 16;
/// Whole numbers up to this size are exact as `f64`.
const MAX_EXACT_FLOAT: f64 = 9_007_199_254_740_992.0;
/// Words that sources write where they have no value, in lower case.
const ABSENT_WORDS: [&str; 6] = ["n/a", "na", "-", "nan", "none", "null"];
/// Roles and kinds the engine knows; in any other case they mean the same.
const KNOWN_WORDS: [&str; 10] =
    ["customer", "brand", "bot", "post", "reply", "repost", "quote", "review", "ticket", "comment"];

/// Whether a cell or a string says that there is no number or time.
pub(super) fn is_absent(text: &str) -> bool {
    let text = text.trim();
    text.is_empty() || ABSENT_WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// Builds a mention from a record that came as JSON.
pub(super) fn mention_from_json(mut record: Map<String, Value>) -> Result<Mention, Fault> {
    if record.len() > MAX_FIELDS {
        let message = format!("{} fields; at most {MAX_FIELDS} are read, nest the others in one field", record.len());
        return Err(Fault::new(RejectReason::TooManyFields, message));
    }
    if record.get("engine").is_some_and(|engine| engine.get("version").is_some()) {
        record.retain(|name, _| !TAG_FIELDS.contains(&name.as_str()));
    }
    mention_from(with_known_names(record))
}

fn with_known_names(record: Map<String, Value>) -> Map<String, Value> {
    let renames = renames(record.iter().map(|(name, value)| (name.as_str(), Some(value))));
    if renames.iter().all(|rename| *rename == Rename::Keep) {
        return record;
    }
    let names: Vec<String> = record
        .keys()
        .zip(renames)
        .map(|(name, rename)| match rename {
            Rename::Keep => name.clone(),
            Rename::To(known) => known.to_string(),
            Rename::Upstream(tag) => free_name(format!("upstream_{tag}"), |name| record.contains_key(name)),
        })
        .collect();
    let mut renamed = Map::with_capacity(record.len());
    for (name, (_, value)) in names.into_iter().zip(record) {
        let name = free_name(name, |name| renamed.contains_key(name));
        renamed.insert(name, value);
    }
    renamed
}

/// Builds a mention from a record whose fields have their known names.
pub(super) fn mention_from(mut record: Map<String, Value>) -> Result<Mention, Fault> {
    let text = text(&record)?;
    let created_at = record.get("created_at").map_or(Ok(None), parse_time)?;
    let author = string(&record, "author")?;
    let channel = string(&record, "channel")?;
    let id = match id(&record)? {
        Some(id) => id,
        None => {
            let time = created_at.map(|time| time.to_string());
            let id = derived_id([channel.as_deref(), author.as_deref(), time.as_deref(), Some(&text)]);
            record.insert("id".to_string(), Value::String(id.clone()));
            id
        }
    };
    Ok(Mention {
        id,
        text,
        created_at,
        author,
        author_role: string(&record, "author_role")?.map(known_word),
        channel,
        brands: brands(&record)?,
        url: string(&record, "url")?,
        country: string(&record, "country")?,
        lang: string(&record, "lang")?,
        in_reply_to: string(&record, "in_reply_to")?,
        thread_id: string(&record, "thread_id")?,
        kind: string(&record, "kind")?.map(known_word),
        counts: Counts {
            likes: count(&record, "likes")?,
            shares: count(&record, "shares")?,
            replies: count(&record, "replies")?,
            views: count(&record, "views")?,
            followers: count(&record, "followers")?,
        },
        rating: rating(&record)?,
        record,
    })
}

fn text(record: &Map<String, Value>) -> Result<String, Fault> {
    match record.get("text") {
        Some(Value::String(text)) => Ok(text.clone()),
        None => Err(Fault::new(RejectReason::NoTextField, "there is no text field; an empty one would do")),
        Some(Value::Null) => Err(Fault::new(RejectReason::NoTextField, "text is null; write an empty string instead")),
        Some(other) => Err(wrong_type("text", other, "a string")),
    }
}

fn id(record: &Map<String, Value>) -> Result<Option<String>, Fault> {
    let bad = |message: String| Err(Fault::new(RejectReason::BadId, message));
    let id = match record.get("id") {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(id)) if id.trim().is_empty() => return Ok(None),
        Some(Value::String(id)) => id.clone(),
        Some(Value::Number(number)) if number.is_i64() || number.is_u64() => number.to_string(),
        Some(Value::Number(number)) => {
            return bad(format!("id is {number}, which is no exact whole number; write ids as strings"));
        }
        Some(other) => return bad(format!("id is {}; it must be a string or a whole number", kind_of(other))),
    };
    if id.len() > MAX_ID_BYTES {
        return bad(format!("id has {} bytes; at most {MAX_ID_BYTES} are allowed", id.len()));
    }
    if is_mangled(id.trim()) {
        let message = format!(
            "id is {:?}: a spreadsheet has rounded it and the digits are lost; export again with that column as text",
            shown(&id)
        );
        return Err(Fault::new(RejectReason::IdMangled, message));
    }
    Ok(Some(id))
}

/// Whether an id looks like `5.68E+17`.
fn is_mangled(id: &str) -> bool {
    let Some((mantissa, exponent)) = id.split_once("E+").or_else(|| id.split_once("e+")) else { return false };
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, "0"));
    all_digits(whole) && all_digits(fraction) && all_digits(exponent)
}

fn derived_id(parts: [Option<&str>; 4]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        // No text is as long as u64::MAX, so that an absent part differs from an empty one.
        hash.update(part.map_or(u64::MAX, |part| part.len() as u64).to_le_bytes());
        hash.update(part.unwrap_or_default());
    }
    let digits = hash.finalize().iter().take(DERIVED_ID_BYTES).map(|byte| format!("{byte:02x}")).collect::<String>();
    format!("x-{digits}")
}

fn string(record: &Map<String, Value>, name: &str) -> Result<Option<String>, Fault> {
    match record.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.trim().is_empty() => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        // Tools that know no missing whole numbers write 41.0 for the id 41.
        Some(Value::Number(number)) => Ok(Some(whole(number).map_or_else(|| number.to_string(), |n| n.to_string()))),
        Some(other) => Err(wrong_type(name, other, "a string")),
    }
}

fn known_word(word: String) -> String {
    let known = KNOWN_WORDS.iter().find(|known| word.trim().eq_ignore_ascii_case(known));
    known.map_or(word, |known| (*known).to_string())
}

fn brands(record: &Map<String, Value>) -> Result<Vec<String>, Fault> {
    let Some(Value::Array(items)) = record.get("brand") else {
        return Ok(string(record, "brand")?.into_iter().collect());
    };
    let mut brands = Vec::with_capacity(items.len());
    for item in items {
        match item {
            Value::String(brand) if brand.trim().is_empty() => {}
            Value::String(brand) => brands.push(brand.clone()),
            other => return Err(wrong_type("brand", other, "a string or a list of strings")),
        }
    }
    Ok(brands)
}

fn count(record: &Map<String, Value>, name: &str) -> Result<Option<i64>, Fault> {
    let bad = |written: &str| {
        let message =
            format!("{name} is {:?}; write a plain whole number such as 1200, or leave it out", shown(written));
        Err(Fault::new(RejectReason::BadNumber, message))
    };
    match number(record, name)? {
        None => Ok(None),
        Some(Written::Number(number)) => match whole(number) {
            None => bad(&number.to_string()),
            count => Ok(count),
        },
        Some(Written::Text(text)) => match text.parse().ok().or_else(|| decimal(text).and_then(exact)) {
            None => bad(text),
            count => Ok(count),
        },
    }
}

fn rating(record: &Map<String, Value>) -> Result<Option<f64>, Fault> {
    let (rating, written) = match number(record, "rating")? {
        None => return Ok(None),
        Some(Written::Number(number)) => (number.as_f64(), number.to_string()),
        Some(Written::Text(text)) => (decimal(text), text.to_string()),
    };
    if rating.is_none() {
        let message = format!("rating is {:?}; write a plain number such as 4.5, or leave it out", shown(&written));
        return Err(Fault::new(RejectReason::BadNumber, message));
    }
    Ok(rating)
}

enum Written<'a> {
    Number(&'a Number),
    Text(&'a str),
}

fn number<'a>(record: &'a Map<String, Value>, name: &str) -> Result<Option<Written<'a>>, Fault> {
    match record.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Number(number)) => Ok(Some(Written::Number(number))),
        Some(Value::String(text)) if is_absent(text) => Ok(None),
        Some(Value::String(text)) => Ok(Some(Written::Text(text.trim()))),
        Some(other) => {
            let message = format!("{name} is {}; it must be a number", kind_of(other));
            Err(Fault::new(RejectReason::BadNumber, message))
        }
    }
}

fn whole(number: &Number) -> Option<i64> {
    number.as_i64().or_else(|| number.as_f64().filter(|_| number.is_f64()).and_then(exact))
}

/// A float that is a whole number and exact.
fn exact(number: f64) -> Option<i64> {
    (number.fract() == 0.0 && number.abs() <= MAX_EXACT_FLOAT).then_some(number as i64)
}

/// A finite decimal number; no words such as `inf`.
fn decimal(text: &str) -> Option<f64> {
    let is_plain = text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+' | b'e' | b'E'));
    text.parse().ok().filter(|number: &f64| is_plain && number.is_finite())
}

/// A cell of a number column as a JSON number, where that loses nothing: `12` and `4.5`, not `007` or `1e3`.
pub(super) fn number_as_written(cell: &str) -> Option<Number> {
    let number = cell.parse::<i64>().map(Number::from).ok().or_else(|| decimal(cell).and_then(Number::from_f64))?;
    (number.to_string() == cell).then_some(number)
}

fn wrong_type(name: &str, value: &Value, wanted: &str) -> Fault {
    Fault::new(RejectReason::WrongType, format!("{name} is {}; it must be {wanted}", kind_of(value)))
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
