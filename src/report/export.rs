//! Mentions as rows: chosen fields of each, as JSON lines or CSV.

use std::io::{self, Write};
use std::str::FromStr;

use serde_json::{Map, Value};

/// Fields of a tagged mention, by their names: `id`, `sentiment.label`, `language.code`, `topics`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldList(Vec<String>);

/// The fields of a table where none are named.
const DEFAULT_FIELDS: &str = "id,created_at,brand,channel,author,text,language.code,sentiment.label,sentiment.negative,\
                              sentiment.neutral,sentiment.positive,topics,flags,url";

impl Default for FieldList {
    fn default() -> Self {
        FieldList(DEFAULT_FIELDS.split(',').map(str::to_owned).collect())
    }
}

impl FromStr for FieldList {
    type Err = String;

    fn from_str(text: &str) -> Result<FieldList, String> {
        let names: Vec<String> = text.split(',').map(|name| name.trim().to_owned()).collect();
        if names.iter().any(String::is_empty) {
            return Err(format!("{text:?} has an empty name; write the fields as id,text,sentiment.label"));
        }
        Ok(FieldList(names))
    }
}

impl FieldList {
    /// The names.
    pub fn names(&self) -> &[String] {
        &self.0
    }

    /// The value of a field, by its name as it is or, where there is no such field, as a path.
    fn value<'m>(mention: &'m Value, name: &str) -> Option<&'m Value> {
        mention.get(name).or_else(|| name.split('.').try_fold(mention, |value, part| value.get(part)))
    }

    /// The fields of a mention, each under its name; `null` where it has none.
    pub fn object(&self, mention: &Value) -> Value {
        let fields =
            self.0.iter().map(|name| (name.clone(), FieldList::value(mention, name).cloned().unwrap_or_default()));
        Value::Object(fields.collect::<Map<String, Value>>())
    }

    /// The fields of a mention as text: lists joined by `; `, topics by their names, nothing where it has none.
    pub fn cells(&self, mention: &Value) -> Vec<String> {
        self.0.iter().map(|name| FieldList::value(mention, name).map(cell).unwrap_or_default()).collect()
    }
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(cell).collect::<Vec<_>>().join("; "),
        Value::Object(fields) => match fields.get("topic").and_then(Value::as_str) {
            Some(topic) => topic.to_owned(),
            None => value.to_string(),
        },
        other => other.to_string(),
    }
}

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportFormat {
    /// One JSON object a line: whole mentions, or the fields that are named.
    Ndjson,
    /// A table with a heading (RFC 4180).
    Csv,
}

/// Writes mentions as rows.
pub struct Exporter<W: Write>(Out<W>);

enum Out<W: Write> {
    Ndjson(W, Option<FieldList>),
    Csv(Box<csv::Writer<W>>, FieldList),
}

impl<W: Write> Exporter<W> {
    /// Begins an export, with the heading of a table.
    pub fn new(out: W, format: ExportFormat, fields: Option<FieldList>) -> io::Result<Exporter<W>> {
        match format {
            ExportFormat::Ndjson => Ok(Exporter(Out::Ndjson(out, fields))),
            ExportFormat::Csv => {
                let fields = fields.unwrap_or_default();
                let mut writer = csv::Writer::from_writer(out);
                writer.write_record(fields.names())?;
                Ok(Exporter(Out::Csv(Box::new(writer), fields)))
            }
        }
    }

    /// Writes one mention.
    pub fn write(&mut self, mention: &Value) -> io::Result<()> {
        match &mut self.0 {
            Out::Csv(writer, fields) => Ok(writer.write_record(fields.cells(mention))?),
            Out::Ndjson(out, fields) => {
                match fields {
                    Some(fields) => serde_json::to_writer(&mut *out, &fields.object(mention))?,
                    None => serde_json::to_writer(&mut *out, mention)?,
                }
                out.write_all(b"\n")
            }
        }
    }

    /// Writes what is still held back.
    pub fn finish(mut self) -> io::Result<()> {
        match &mut self.0 {
            Out::Ndjson(out, _) => out.flush(),
            Out::Csv(writer, _) => writer.flush(),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    fn export(format: ExportFormat, fields: Option<&str>) -> String {
        let mention = json!({
            "id": "1", "text": "so \"late\",\nagain", "brand": ["a", "b"], "a.b": 5, "sentiment": {"label": "negative"},
            "topics": [{"topic": "delivery", "matches": []}, {"topic": "delivery/late", "matches": []}], "likes": null
        });
        let mut out = Vec::new();
        let mut exporter = Exporter::new(&mut out, format, fields.map(|fields| fields.parse().unwrap())).unwrap();
        exporter.write(&mention).unwrap();
        exporter.finish().unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn rows_hold_the_fields_that_are_named() {
        let fields = "id,text,brand,sentiment.label,topics,likes,a.b,x.y";
        let expected = "id,text,brand,sentiment.label,topics,likes,a.b,x.y\n\
                        1,\"so \"\"late\"\",\nagain\",a; b,negative,delivery; delivery/late,,5,\n";
        assert_eq!(export(ExportFormat::Csv, Some(fields)), expected);
        assert_eq!(
            export(ExportFormat::Ndjson, Some("id, sentiment.label,x")),
            "{\"id\":\"1\",\"sentiment.label\":\"negative\",\"x\":null}\n"
        );
        assert!(export(ExportFormat::Csv, None).starts_with("id,created_at,brand,"));
        assert!(export(ExportFormat::Ndjson, None).contains("\"matches\":[]"));
        assert!("id,,text".parse::<FieldList>().is_err());
    }
}
