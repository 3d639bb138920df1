//! Reading: every record becomes exactly one mention or one reject, and what is bad does not touch what is good.

use std::io::{Cursor, Write};

use earmark::input::{
    InputError, InputFormat, InputOptions, MAX_ID_BYTES, MAX_RECORD_BYTES, MAX_TRUNCATED_RAW_BYTES, Reader, Reject,
    RejectReason, RejectWriter, Source,
};
use earmark::mention::Mention;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use RejectReason as R;

#[path = "input/properties.rs"]
mod properties;
#[path = "input/tables.rs"]
mod tables;

type Outcome = Result<Mention, Reject>;

const BEFORE: &str = "{\"id\":\"before\",\"text\":\"good\"}\n";
const AFTER: &str = "{\"id\":\"after\",\"text\":\"good too\"}\n";

fn reader(bytes: &[u8], format: Option<InputFormat>) -> Result<Reader, InputError> {
    let options = InputOptions { format, ..InputOptions::default() };
    Reader::from_read("test", Cursor::new(bytes.to_vec()), &options)
}

fn read(bytes: impl AsRef<[u8]>) -> Vec<Outcome> {
    reader(bytes.as_ref(), None).unwrap().collect()
}

/// `good:<id>` or `<reason>@<line>` or `<reason>@<line>#<row>`, one word for each outcome.
fn shape(outcomes: &[Outcome]) -> String {
    let word = |outcome: &Outcome| match outcome {
        Ok(mention) => format!("good:{}", mention.id),
        Err(reject) => match reject.position.row {
            Some(row) => format!("{}@{}#{row}", reject.reason.as_str(), reject.position.line),
            None => format!("{}@{}", reject.reason.as_str(), reject.position.line),
        },
    };
    outcomes.iter().map(word).collect::<Vec<_>>().join(" ")
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    ::zstd::encode_all(bytes, 3).unwrap()
}

fn utf16(text: &str, to_bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(to_bytes).collect()
}

/// Enough records that they do not fit into any one buffer.
fn many(count: usize) -> String {
    (0..count).map(|n| format!("{{\"id\":\"m{n}\",\"text\":\"number {n}, {}\"}}\n", n * 7919 % 1009)).collect()
}

#[test]
fn a_bad_line_is_rejected_and_its_neighbours_are_not() {
    let deep = format!("{{\"text\":\"x\",\"a\":{}{}}}", "[".repeat(10_000), "]".repeat(10_000));
    let long_id = format!("{{\"id\":\"{}\",\"text\":\"x\"}}", "i".repeat(MAX_ID_BYTES + 1));
    let wide: Vec<String> = (0..2000).map(|n| format!("\"f{n}\":1")).collect();
    let wide = format!("{{\"text\":\"x\",{}}}", wide.join(","));
    let cases: &[(&[u8], R)] = &[
        (br#"{"text":"half \ud83d"}"#, R::LoneSurrogate),
        (br#"{"text":"half \ud83d more"}"#, R::LoneSurrogate),
        (br#"{"text":"half \udc4d"}"#, R::LoneSurrogate),
        (br#"{"text":"half \ud83d\u0041"}"#, R::LoneSurrogate),
        (b"{\"text\":\"caf\xe9\"}", R::InvalidUtf8),
        (b"\xff\xfe\xfd", R::InvalidUtf8),
        (b"{\"text\":\"a\0b\"}", R::NulByte),
        (b"\0\0\0\0", R::NulByte),
        (br#"{"text":"x","text":"y"}"#, R::DuplicateField),
        (br#"{"text":"x","user":{"a":1,"a":2}}"#, R::DuplicateField),
        (deep.as_bytes(), R::TooDeep),
        (br#"{"text":"x","likes":NaN}"#, R::InvalidJson),
        (br#"{"text":"x","likes":-Infinity}"#, R::InvalidJson),
        (br#"{"text":"x","likes":1e999}"#, R::BadNumber),
        (br#"{"text":"x","likes":1.5}"#, R::BadNumber),
        (br#"{"text":"x","likes":"many"}"#, R::BadNumber),
        (br#"{"text":"x","likes":"1,234"}"#, R::BadNumber),
        (br#"{"text":"x","likes":18446744073709551615}"#, R::BadNumber),
        (br#"{"text":"x","followers":true}"#, R::BadNumber),
        (br#"{"text":"x","rating":"4/5"}"#, R::BadNumber),
        (br#"{"text":"x","rating":"inf"}"#, R::BadNumber),
        (br#"{"text":"x","created_at":"0000-01-01T00:00:00Z"}"#, R::BadTime),
        (br#"{"text":"x","created_at":"9999-12-31T23:59:59Z"}"#, R::BadTime),
        (br#"{"text":"x","created_at":"-0001-01-01T00:00:00Z"}"#, R::BadTime),
        (br#"{"text":"x","created_at":"yesterday"}"#, R::BadTime),
        (br#"{"text":"x","created_at":-1}"#, R::BadTime),
        (br#"{"text":"x","created_at":{"$date":1}}"#, R::BadTime),
        (br#"{"text":"x","id":1.5}"#, R::BadId),
        (br#"{"text":"x","id":123456789012345678901234567890}"#, R::BadId),
        (br#"{"text":"x","id":true}"#, R::BadId),
        (br#"{"text":"x","id":{"$oid":"1"}}"#, R::BadId),
        (br#"{"text":"x","id":"5.68E+17"}"#, R::IdMangled),
        (br#"{"text":"x","id":"5,68301E+17"}"#, R::IdMangled),
        (long_id.as_bytes(), R::BadId),
        (wide.as_bytes(), R::TooManyFields),
        (br#"["text","x"]"#, R::NotAnObject),
        (b"\"text\"", R::NotAnObject),
        (b"null", R::NotAnObject),
        (b"{}", R::NoTextField),
        (br#"{"id":"1"}"#, R::NoTextField),
        (br#"{"text":null}"#, R::NoTextField),
        (br#"{"text":5}"#, R::WrongType),
        (br#"{"text":["x"]}"#, R::WrongType),
        (br#"{"text":"x","author":["a"]}"#, R::WrongType),
        (br#"{"text":"x","brand":["a",5]}"#, R::WrongType),
        (br#"{"text":"x"} trailing"#, R::InvalidJson),
        (br#"{"text":"x"}{"text":"y"}"#, R::InvalidJson),
        (br#"{"text":"x""#, R::InvalidJson),
        (b"{'text':'x'}", R::InvalidJson),
        (b"{\"text\":\"tab\there\"}", R::InvalidJson),
        (b"id,text", R::InvalidJson),
        (b"\x89PNG\r", R::InvalidUtf8),
    ];
    for (bad, reason) in cases {
        let name = String::from_utf8_lossy(&bad[..bad.len().min(60)]).into_owned();
        let outcomes = read([BEFORE.as_bytes(), bad, b"\n", AFTER.as_bytes()].concat());
        assert_eq!(shape(&outcomes), format!("good:before {}@2 good:after", reason.as_str()), "{name}");
        let reject = outcomes[1].as_ref().unwrap_err();
        assert_eq!(reject.raw, without_carriage_return(bad), "{name}");
        assert!(!reject.message.is_empty() && reject.message.len() < 300, "{name}: {}", reject.message);
    }
}

fn without_carriage_return(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

#[test]
fn lines_that_look_odd_and_are_good() {
    for good in [
        "{\"id\":\"x\",\"text\":\"\"}\n",
        "{\"id\":\"x\",\"text\":\"a\"}\r\n",
        "\n  \r\n\t\n{\"id\":\"x\",\"text\":\"a\"}\n",
        "  {\"id\":\"x\",\"text\":\"a\"}  \n",
        "{\"id\":\"x\",\"text\":\"\\ud83d\\udc4d \\u0000\"}\n",
        "{\"id\":\"x\",\"text\":\"a\",\"likes\":\"\",\"views\":\"N/A\",\"shares\":null,\"replies\":\"-\",\"rating\":\"nan\"}\n",
    ] {
        let outcomes = read(format!("{BEFORE}{good}{AFTER}"));
        assert_eq!(shape(&outcomes), "good:before good:x good:after", "{good:?}");
    }
    assert_eq!(shape(&read(format!("{BEFORE}{}", AFTER.trim_end()))), "good:before good:after");
}

#[test]
fn a_line_too_long_is_passed_over() {
    let long = format!("{{\"id\":\"x\",\"text\":\"{}\"}}\n", "ā".repeat(5 << 20));
    let outcomes = read(format!("{BEFORE}{long}{AFTER}"));
    assert_eq!(shape(&outcomes), "good:before record_too_long@2 good:after");
    let reject = outcomes[1].as_ref().unwrap_err();
    assert!(reject.raw_truncated && reject.raw.len() <= MAX_TRUNCATED_RAW_BYTES);
    assert!(std::str::from_utf8(&reject.raw).is_ok());

    let frame = "{\"id\":\"x\",\"text\":\"\"}".len();
    let fits = format!("{{\"id\":\"x\",\"text\":\"{}\"}}\n", "x".repeat(MAX_RECORD_BYTES - frame));
    assert_eq!(shape(&read(format!("{BEFORE}{fits}{AFTER}"))), "good:before good:x good:after");
}

#[test]
fn compressed_and_encoded_inputs() {
    let text = format!("{BEFORE}{}{AFTER}", many(3000));
    let plain = read(&text);
    assert_eq!(plain.len(), 3002);
    let (first, second) = text.split_at(BEFORE.len() + 5);
    for (name, bytes) in [
        ("gzip", gzip(text.as_bytes())),
        ("gzip of two members", [gzip(first.as_bytes()), gzip(second.as_bytes())].concat()),
        ("zstd", zstd(text.as_bytes())),
        ("zstd of two frames", [zstd(first.as_bytes()), zstd(second.as_bytes())].concat()),
        ("UTF-8 with a mark", [b"\xef\xbb\xbf", text.as_bytes()].concat()),
        ("UTF-16 LE", utf16(&text, u16::to_le_bytes)),
        ("UTF-16 BE", utf16(&text, u16::to_be_bytes)),
        ("UTF-16 in gzip", gzip(&utf16(&text, u16::to_le_bytes))),
        ("Windows line breaks", text.replace('\n', "\r\n").into_bytes()),
    ] {
        assert_eq!(read(bytes), plain, "{name}");
    }
}

#[test]
fn damage_ends_the_input_after_all_that_is_readable() {
    let text = format!("{BEFORE}{}{AFTER}", many(3000));
    let cut = |bytes: Vec<u8>| bytes[..bytes.len() * 2 / 3].to_vec();
    let mut flipped = gzip(text.as_bytes());
    let checksum = flipped.len() - 8;
    flipped[checksum] ^= 1;
    for (name, bytes, at_least) in [
        ("gzip cut off", cut(gzip(text.as_bytes())), 1000),
        ("zstd cut off", cut([zstd(BEFORE.as_bytes()), zstd(many(90_000).as_bytes())].concat()), 1000),
        ("gzip with a wrong checksum", flipped, 3002),
        ("gzip, then garbage", [gzip(text.as_bytes()), b"garbage after the end".to_vec()].concat(), 3002),
        ("zstd, then garbage", [zstd(text.as_bytes()), b"garbage after the end".to_vec()].concat(), 3002),
        ("gzip that is garbage", b"\x1f\x8bgarbage from the first byte".to_vec(), 0),
        ("zstd that is garbage", b"\x28\xb5\x2f\xfdgarbage from the first byte".to_vec(), 0),
        ("gzip cut off before the first byte", gzip(text.as_bytes())[..12].to_vec(), 0),
    ] {
        let mut reader = reader(&bytes, None).unwrap();
        assert!(reader.damage().is_none());
        let outcomes: Vec<Outcome> = reader.by_ref().collect();
        let (last, good) = outcomes.split_last().expect(name);
        assert!(good.iter().all(Result::is_ok), "{name}");
        assert!(good.len() >= at_least, "{name}: {}", good.len());
        let reject = last.as_ref().unwrap_err();
        assert_eq!((reject.reason, reject.position.line), (R::DamagedInput, good.len() as u64 + 1), "{name}");
        let damage = reader.damage().expect(name);
        assert!(!damage.is_user_error(), "{name}");
        assert!(reader.next().is_none(), "{name}");
    }
}

#[test]
fn the_last_line_of_a_damaged_input_is_kept() {
    struct Failing(Cursor<Vec<u8>>);
    impl std::io::Read for Failing {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            match self.0.read(buffer)? {
                0 => Err(std::io::Error::other("the cable was pulled")),
                count => Ok(count),
            }
        }
    }
    for (text, raw) in [
        (format!("{BEFORE}{{\"text\":\"ha"), "{\"text\":\"ha"),
        ("id,text\nbefore,good\nx,\"ha".to_string(), "x,\"ha"),
        ("[{\"id\":\"before\",\"text\":\"good\"},{\"te".to_string(), "{\"te"),
        (BEFORE.to_string(), ""),
    ] {
        let failing = Failing(Cursor::new(text.clone().into_bytes()));
        let outcomes: Vec<Outcome> = Reader::from_read("test", failing, &InputOptions::default()).unwrap().collect();
        assert_eq!(outcomes.len(), 2, "{text}");
        assert_eq!(outcomes[0].as_ref().unwrap().id, "before");
        let reject = outcomes[1].as_ref().unwrap_err();
        assert_eq!((reject.reason, reject.raw.as_slice()), (R::DamagedInput, raw.as_bytes()));
        assert!(reject.message.contains("the cable was pulled"));
    }
}

#[test]
fn an_array_is_read_element_by_element() {
    let bad = "{\"id\":\"x\",\"id\":\"y\",\"text\":\"z\"}";
    let text = format!("\n[{},\n  {bad},\n5, {}]\n trailing", BEFORE.trim(), AFTER.trim());
    let outcomes = read(&text);
    assert_eq!(shape(&outcomes), "good:before duplicate_field@3 not_an_object@4 good:after invalid_json@5");
    assert_eq!(shape(&read(format!("[{BEFORE}"))), "good:before invalid_json@2");
    assert_eq!(shape(&read("[]")), "");
    let long = format!("[{BEFORE},{{\"text\":\"{}\"}},{AFTER}]", "]},".repeat(MAX_RECORD_BYTES));
    assert_eq!(shape(&read(long)), "good:before record_too_long@2 good:after");
}

#[test]
fn what_is_no_input_at_all() {
    for (name, bytes, format) in [
        ("a picture", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01".to_vec(), None),
        ("a workbook", b"PK\x03\x04\x14\0\x06\0".to_vec(), None),
        ("Parquet", b"PAR1\x15\x04".to_vec(), None),
        ("a gzipped picture", gzip(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), None),
        ("UTF-16 without a mark", utf16("id,text\n", u16::to_le_bytes)[2..].to_vec(), None),
        ("no header", b"1,good\n2,good\n".to_vec(), None),
        ("no text column", b"id,likes\n1,5\n".to_vec(), None),
        ("a table by force", BEFORE.as_bytes().to_vec(), Some(InputFormat::Csv)),
        ("too many columns", format!("text{}\n", ",x".repeat(5000)).into_bytes(), None),
    ] {
        let error = reader(&bytes, format).err().expect(name);
        assert!(error.is_user_error(), "{name}: {error}");
    }
    let error = reader(b"id,likes,\"a\"\n1,5,6\n", None).err().unwrap().to_string();
    assert!(error.contains("\"id\", \"likes\", \"a\"") && error.contains("text, full_text"), "{error}");
}

#[test]
fn what_is_empty_has_no_records() {
    for bytes in [&b""[..], b"\n", b" \r\n\t\n", b"\xef\xbb\xbf", b"id,text\n", b"id,text", &gzip(b""), &zstd(b"")] {
        assert_eq!(shape(&read(bytes)), "");
    }
    for format in [InputFormat::Ndjson, InputFormat::Json, InputFormat::Csv, InputFormat::Tsv] {
        assert_eq!(reader(b"", Some(format)).unwrap().count(), 0);
    }
}

#[test]
fn sources_are_opened_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("mentions.ndjson.gz");
    let bytes = gzip(BEFORE.as_bytes());
    std::fs::write(&path, &bytes).unwrap();
    let mut reader = Reader::open(&Source::new(&path), &InputOptions::default()).unwrap();
    assert_eq!(reader.by_ref().count(), 1);
    let progress = reader.progress();
    assert_eq!((progress.total_bytes(), progress.read_bytes()), (Some(bytes.len() as u64), bytes.len() as u64));

    for bad in [dir.path().to_path_buf(), dir.path().join("missing")] {
        let error = Reader::open(&Source::new(&bad), &InputOptions::default()).err().unwrap();
        assert!(error.is_user_error() && error.to_string().contains(&bad.display().to_string()), "{error}");
    }
    assert_eq!(Source::new("-"), Source::Stdin);
}

fn only(text: impl AsRef<[u8]>) -> Mention {
    let mut outcomes = read(text);
    assert_eq!(outcomes.len(), 1);
    outcomes.remove(0).unwrap()
}

#[test]
fn a_whole_mention() {
    let mention = only(
        json!({
            "status_id": 42, "body": "Still waiting", "date": 1_507_753_164, "screen_name": "ann", "role": "Customer",
            "source": "twitter", "brand": ["Acme", ""], "link": "https://example.org/42", "country": "LV",
            "language": "en", "in_reply_to_status_id": 41.0, "conversation_id": "40", "type": "reply",
            "favorite_count": 3, "retweets": "2", "comments": 1.0, "impressions": null, "followers": 1200,
            "stars": "4.5", "user": {"name": "Ann"}, "sentiment": "neg", "x": [1, {"y": null}],
        })
        .to_string(),
    );
    assert_eq!(mention.id, "42");
    assert_eq!(mention.text, "Still waiting");
    assert_eq!(mention.created_at.unwrap().to_string(), "2017-10-11T20:19:24Z");
    assert_eq!(mention.author.as_deref(), Some("ann"));
    assert_eq!(mention.author_role.as_deref(), Some("customer"));
    assert_eq!(mention.brands, ["Acme"]);
    assert_eq!(mention.in_reply_to.as_deref(), Some("41"));
    assert_eq!(mention.kind.as_deref(), Some("reply"));
    let counts = mention.counts;
    assert_eq!((counts.likes, counts.shares, counts.replies, counts.views), (Some(3), Some(2), Some(1), None));
    assert_eq!(mention.rating, Some(4.5));
    let names: Vec<&str> = mention.record.keys().map(String::as_str).collect();
    let expected = "id text created_at author author_role channel brand url country lang in_reply_to thread_id kind \
                    likes shares replies views followers rating user upstream_sentiment x";
    assert_eq!(names.join(" "), expected);
    assert_eq!(mention.record["id"], json!(42));
    assert_eq!(mention.record["created_at"], json!(1_507_753_164));
    assert_eq!(only(Value::Object(mention.record.clone()).to_string()), mention);
}

#[test]
fn a_missing_id_is_derived_from_what_was_said() {
    let id = |text: &str| only(text).id;
    let derived = id(r#"{"text":"a","author":"b","channel":"c","created_at":"2024-01-01T00:00:00Z"}"#);
    assert!(derived.starts_with("x-") && derived.len() == 34, "{derived}");
    let same = "id,channel,author,date,text,other\n,c,b,1704067200,a,5\n";
    assert_eq!(id(same), derived);
    for other in [
        r#"{"text":"a","author":"b","channel":"c"}"#,
        r#"{"text":"a","author":"bc","created_at":"2024-01-01T00:00:00Z"}"#,
        r#"{"text":"","author":"b","channel":"c","created_at":"2024-01-01T00:00:00Z"}"#,
    ] {
        assert_ne!(id(other), derived);
    }
    let again = only(r#"{"id":null,"text":"a"}"#);
    assert_eq!(again.record["id"], json!(again.id));
}

#[test]
fn our_own_tags_are_dropped_and_those_of_others_kept() {
    let ours = json!({
        "id": "1", "text": "a", "lang": "en", "language": {"code": "en"}, "sentiment": {"label": "neutral"},
        "topics": [], "flags": [], "engine": {"version": "0.1.0"}, "upstream_sentiment": "positive",
    });
    let mention = only(ours.to_string());
    assert_eq!(
        Value::Object(mention.record),
        json!({"id": "1", "text": "a", "lang": "en", "upstream_sentiment": "positive"})
    );

    let theirs = json!({"id": "1", "text": "a", "language": {"code": "en"}, "engine": "v8", "Sentiment": 1,
        "upstream_sentiment": 2});
    let mention = only(theirs.to_string());
    let expected = json!({"id": "1", "text": "a", "upstream_language": {"code": "en"}, "upstream_engine": "v8",
        "upstream_sentiment_2": 1, "upstream_sentiment": 2});
    assert_eq!(Value::Object(mention.record), expected);
}

#[test]
fn rejects_are_fed_back_in() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rejects.ndjson");
    let bad: Vec<Vec<u8>> = vec![
        [BEFORE.as_bytes(), b"{\"text\":5}\n{\"text\":\"caf\xe9\"}\n", AFTER.as_bytes()].concat(),
        b"id;text;likes\n1;good;2\nx;short\n2;\"two\nlines\";many\ny;caf\xe9;1\nz;\"open;1\n".to_vec(),
        format!("{{\"text\":\"{}\"}}\n", "x".repeat(MAX_RECORD_BYTES)).into_bytes(),
        format!("{{\"text\":{}5}}\n", "\t".repeat(MAX_RECORD_BYTES - 100)).into_bytes(),
        gzip(many(10).as_bytes())[..60].to_vec(),
    ];
    let mut writer = RejectWriter::create(&path);
    let mut rejects = Vec::new();
    for bytes in &bad {
        for reject in read(bytes).into_iter().filter_map(Result::err) {
            writer.write(&reject).unwrap();
            rejects.push(reject);
        }
    }
    writer.flush().unwrap();
    assert_eq!((writer.written(), rejects.len()), (9, 9));

    let again: Vec<Reject> =
        Reader::open(&Source::new(&path), &InputOptions::default()).unwrap().map(Result::unwrap_err).collect();
    let brief = |reject: &Reject| (reject.position.clone(), reject.reason, reject.raw.len(), reject.message.clone());
    assert_eq!(again.iter().map(brief).collect::<Vec<_>>(), rejects.iter().map(brief).collect::<Vec<_>>());
    assert!(again == rejects);

    let mended = std::fs::read_to_string(&path).unwrap();
    let mended = mended.replace("{\\\"text\\\":5}", "{\\\"text\\\":\\\"5\\\"}").replace(";many", ";7");
    let outcomes = read(mended);
    let texts: Vec<&str> = outcomes.iter().flatten().map(|mention| mention.text.as_str()).collect();
    assert_eq!(texts, ["5", "two\nlines"]);
}

#[test]
fn a_reject_is_one_line_of_json() {
    let outcomes = read(b"id;text\nx\n\xe9\n");
    let lines: Vec<Value> =
        outcomes.iter().map(|outcome| serde_json::to_value(outcome.as_ref().unwrap_err()).unwrap()).collect();
    let csv = json!({"columns": ["id", "text"], "delimiter": ";"});
    assert_eq!(
        lines[0],
        json!({
            "reject": {
                "file": "test", "line": 2, "row": 1, "reason": "wrong_number_of_fields",
                "message": "1 fields where the header has 2; is a quote or a delimiter amiss?",
            },
            "raw": "x",
            "csv": csv,
        })
    );
    assert_eq!(lines[1]["raw_base64"], "6Q==");
    let missing = std::path::Path::new("no such folder").join("rejects.ndjson");
    let mut writer = RejectWriter::create(&missing);
    assert!(writer.flush().is_ok(), "nothing is created before the first reject");
    let error = writer.write(outcomes[0].as_ref().unwrap_err()).unwrap_err();
    assert!(!error.is_user_error() && error.to_string().contains("no such folder"));
}
