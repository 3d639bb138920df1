//! What holds for any bytes and any records.

use proptest::prelude::*;

use super::*;

fn any_format() -> impl Strategy<Value = Option<InputFormat>> {
    use InputFormat::{Csv, Json, Ndjson, Tsv};
    proptest::sample::select(vec![None, Some(Ndjson), Some(Json), Some(Csv), Some(Tsv)])
}

/// Bytes of which many matter to some parser.
fn any_bytes() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        proptest::sample::select(vec![
            "{",
            "}",
            "[",
            "]",
            ",",
            ";",
            "\t",
            "\"",
            "\n",
            "\r\n",
            ":",
            "id",
            "text",
            "\"text\":\"a\"",
            "\\u",
            "1",
            "{\"text\":\"a\"}\n",
            "é",
            "\0",
            "\u{feff}",
            "{\"reject\":{",
            "sep=",
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
        proptest::collection::vec(any::<u8>(), 0..8),
    ];
    proptest::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

fn any_mention() -> impl Strategy<Value = Value> {
    let number = prop_oneof![any::<i64>().prop_map(Value::from), (0i64..1000).prop_map(|n| json!(n.to_string()))];
    let id =
        prop_oneof!["[a-z0-9é]{1,20}".prop_map(Value::from), any::<u64>().prop_map(Value::from), Just(Value::Null)];
    let time = (100_000_000i64..7_000_000_000).prop_map(Value::from);
    let other = proptest::option::of(("[a-zA-Z _-]{1,12}", ".*"));
    (id, ".*", proptest::option::of(".*"), number, time, 0i32..10, other).prop_map(
        |(id, text, author, likes, time, stars, other)| {
            let rating = f64::from(stars) / 2.0;
            let mut record = json!({"id": id, "text": text, "likes": likes, "created_at": time, "rating": rating});
            record["author"] = author.into();
            if let Some((name, value)) = other {
                let fields = record.as_object_mut().unwrap();
                fields.entry(format!("x {name}")).or_insert(value.into());
            }
            record
        },
    )
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic_or_loop(bytes in any_bytes(), format in any_format()) {
        if let Ok(reader) = reader(&bytes, format) {
            prop_assert!(reader.count() <= bytes.len() + 1);
        }
    }

    #[test]
    fn every_line_is_one_mention_or_one_reject(bytes in any_bytes()) {
        // A first blank line keeps the rest from being taken for a compressed or encoded file.
        let bytes = [b"\n", bytes.as_slice()].concat();
        let lines = bytes.split(|&byte| byte == b'\n').filter(|line| !line.trim_ascii().is_empty()).count();
        prop_assert_eq!(reader(&bytes, Some(InputFormat::Ndjson)).unwrap().count(), lines);
    }

    #[test]
    fn every_row_is_one_mention_or_one_reject(bytes in any_bytes()) {
        let is_quoted = bytes.contains(&b'"');
        let rows = bytes.split(|&byte| byte == b'\n').filter(|line| !without_carriage_return(line).is_empty()).count();
        let table = [b"id,text\n", bytes.as_slice()].concat();
        let outcomes: Vec<Outcome> = reader(&table, Some(InputFormat::Csv)).unwrap().collect();
        prop_assert!(outcomes.len() == rows || (is_quoted && outcomes.len() < rows));
        let lines: Vec<u64> = outcomes.iter().filter_map(|o| o.as_ref().err()).map(|r| r.position.line).collect();
        prop_assert!(lines.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn what_we_write_we_read(records in proptest::collection::vec(any_mention(), 1..10)) {
        let text: String = records.iter().map(|record| format!("{record}\n")).collect();
        let once: Vec<Mention> = read(&text).into_iter().map(Result::unwrap).collect();
        let text: String = once.iter().map(|mention| format!("{}\n", Value::Object(mention.record.clone()))).collect();
        let twice: Vec<Mention> = read(&text).into_iter().map(Result::unwrap).collect();
        prop_assert_eq!(once, twice);
    }

    #[test]
    fn what_a_spreadsheet_writes_we_read(
        rows in proptest::collection::vec(("[a-z]{1,9}", "[^\0]*", "[ -~]{0,20}", 0i64..9999), 1..10),
        delimiter in proptest::sample::select(b",;\t|".to_vec()),
        terminator in proptest::sample::select(vec![csv::Terminator::CRLF, csv::Terminator::Any(b'\n')]),
    ) {
        let mut writer = csv::WriterBuilder::new().delimiter(delimiter).terminator(terminator).from_writer(Vec::new());
        writer.write_record(["id", "text", "note", "likes"]).unwrap();
        for (id, text, note, likes) in &rows {
            writer.write_record([id, text, note, &likes.to_string()]).unwrap();
        }
        let outcomes = read(writer.into_inner().unwrap());
        prop_assert_eq!(outcomes.len(), rows.len());
        for ((id, text, note, likes), outcome) in rows.iter().zip(&outcomes) {
            let mention = outcome.as_ref().unwrap();
            prop_assert_eq!((&mention.id, &mention.text, mention.counts.likes), (id, text, Some(*likes)));
            let kept = mention.record.get("note").and_then(Value::as_str).unwrap_or_default();
            prop_assert_eq!(kept, note);
        }
    }
}
