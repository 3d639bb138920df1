//! JSON records: one object a line, or the objects of one array.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::error::shown;
use super::reject::{Fault, RejectReason};

/// Reads one object, which may have no field twice at any depth.
pub(super) fn parse_object(raw: &[u8]) -> Result<Map<String, Value>, Fault> {
    let text = match std::str::from_utf8(raw) {
        Ok(text) => text,
        Err(error) => return Err(invalid_utf8(error.valid_up_to())),
    };
    match serde_json::from_str(text) {
        Ok(Strict(Value::Object(record))) => Ok(record),
        Ok(Strict(other)) => {
            let message = format!("{} is not an object; write one {{…}} a line", shown(&other.to_string()));
            Err(Fault::new(RejectReason::NotAnObject, message))
        }
        Err(error) => Err(fault(text, &error)),
    }
}

pub(super) fn invalid_utf8(valid_bytes: usize) -> Fault {
    let message = format!("byte {} is not UTF-8; save the file as UTF-8", valid_bytes + 1);
    Fault::new(RejectReason::InvalidUtf8, message)
}

pub(super) fn nul_byte() -> Fault {
    let message = "there is a NUL byte; the file is damaged, or it is UTF-16 without a byte-order mark";
    Fault::new(RejectReason::NulByte, message)
}

/// Names what serde_json found wrong. Its kinds of syntax error are not public, so its words are compared; the tests
/// hold them.
fn fault(text: &str, error: &serde_json::Error) -> Fault {
    let said = error.to_string();
    let column = error.column();
    if error.is_data() {
        let what = said.split(" at line ").next().unwrap_or(&said);
        return Fault::new(RejectReason::DuplicateField, format!("{what}; keep one of them"));
    }
    if said.starts_with("recursion limit") {
        return Fault::new(RejectReason::TooDeep, "nested too deeply; at most 127 levels are read");
    }
    if text.contains('\0') {
        return nul_byte();
    }
    if said.starts_with("lone leading surrogate") || said.starts_with("unexpected end of hex escape") {
        let message = format!("half of a character at column {column}: a \\ud83d-like escape without its other half");
        return Fault::new(RejectReason::LoneSurrogate, message);
    }
    if said.starts_with("number out of range") {
        let message = format!("a number that is too large at column {column}; write it as a string");
        return Fault::new(RejectReason::BadNumber, message);
    }
    let hint = if error.is_eof() {
        "it ends too early; each line must hold one whole object"
    } else if said.starts_with("trailing characters") {
        "text after the end of the object; each line must hold one object"
    } else if names_no_number(text, column) {
        "NaN and Infinity are not JSON; write null"
    } else {
        said.split(" at line ").next().unwrap_or(&said)
    };
    Fault::new(RejectReason::InvalidJson, format!("not JSON at column {column}: {hint}"))
}

fn names_no_number(text: &str, column: usize) -> bool {
    let rest = text.as_bytes().get(column.saturating_sub(1)..).unwrap_or_default();
    let rest = rest.strip_prefix(b"-").unwrap_or(rest);
    rest.starts_with(b"NaN") || rest.starts_with(b"nan") || rest.starts_with(b"Inf")
}

/// A JSON value in which no object has a field twice: serde_json alone would keep the last one silently.
struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Strict, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(Strict)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_string()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Strict(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut record = Map::new();
        while let Some(name) = fields.next_key::<String>()? {
            if record.contains_key(&name) {
                return Err(de::Error::custom(format_args!("the field {:?} is there twice", shown(&name))));
            }
            let Strict(value) = fields.next_value()?;
            record.insert(name, value);
        }
        Ok(Value::Object(record))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn message(raw: &str) -> String {
        parse_object(raw.as_bytes()).map_or_else(|fault| fault.message, |record| format!("read {record:?}"))
    }

    #[test]
    fn messages_say_what_to_do() {
        for (raw, expected) in [
            ("{\"a\":1", "not JSON at column 6: it ends too early; each line must hold one whole object"),
            ("{} {}", "not JSON at column 4: text after the end of the object; each line must hold one object"),
            ("{\"a\":NaN}", "not JSON at column 6: NaN and Infinity are not JSON; write null"),
            ("{\"a\":-Infinity}", "not JSON at column 7: NaN and Infinity are not JSON; write null"),
            ("{'a':1}", "not JSON at column 2: key must be a string"),
            ("{\"a\":1,\"a\":2}", "the field \"a\" is there twice; keep one of them"),
            ("[1]", "[1] is not an object; write one {…} a line"),
            ("{\"a\":1e999}", "a number that is too large at column 10; write it as a string"),
        ] {
            assert_eq!(message(raw), expected);
        }
    }

    proptest! {
        #[test]
        fn objects_are_read_as_serde_json_does(names in proptest::collection::btree_set(".{0,5}", 0..8), text in ".*") {
            let record: Map<String, Value> =
                names.into_iter().map(|name| (name, serde_json::json!([text, {"n": 1.5, "b": true}, null, -3]))).collect();
            let line = Value::Object(record.clone()).to_string();
            prop_assert_eq!(parse_object(line.as_bytes()), Ok(record));
        }
    }
}
