//! Reads arbitrary bytes as every format and checks that nothing is lost. The first byte picks the format.
//!
//! `RUSTC_BOOTSTRAP=1 cargo fuzz run input`
#![no_main]

use std::io::Cursor;

use earmark::input::{InputFormat, InputOptions, Reader, Reject};
use earmark::mention::Mention;
use libfuzzer_sys::fuzz_target;

/// Small, so that the fuzzer finds the limit.
const MAX_RECORD_BYTES: usize = 200;

fuzz_target!(|data: &[u8]| {
    let Some((&choice, bytes)) = data.split_first() else { return };
    let format = match choice {
        b'n' => Some(InputFormat::Ndjson),
        b'j' => Some(InputFormat::Json),
        b'c' => Some(InputFormat::Csv),
        b't' => Some(InputFormat::Tsv),
        _ => None,
    };
    let Some(outcomes) = read(bytes, format) else { return };
    assert!(outcomes.len() <= bytes.len() * 1100 + 1, "more records than even compressed bytes can hold");
    if is_plain(bytes) && format == Some(InputFormat::Ndjson) {
        let lines = bytes.split(|&byte| byte == b'\n').filter(|line| !line.trim_ascii().is_empty()).count();
        assert_eq!(outcomes.len(), lines, "every line is one mention or one reject");
    }
    let rejects: Vec<&Reject> = outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).collect();
    assert!(rejects.iter().all(|reject| !reject.message.is_empty() && reject.position.line > 0));
    for mention in outcomes.iter().flatten() {
        write_and_read_back(mention);
    }
    for reject in rejects.into_iter().filter(|reject| reject.position.file.as_ref() == "fuzz") {
        feed_back_in(reject);
    }
});

fn read(bytes: &[u8], format: Option<InputFormat>) -> Option<Vec<Result<Mention, Reject>>> {
    let options = InputOptions { format, max_record_bytes: MAX_RECORD_BYTES };
    Some(Reader::from_read("fuzz", Cursor::new(bytes.to_vec()), &options).ok()?.collect())
}

/// Neither compressed nor marked with an encoding, so that what is read is what is there.
fn is_plain(bytes: &[u8]) -> bool {
    bytes.first().is_some_and(u8::is_ascii)
        && !bytes.starts_with(b"\x1f\x8b")
        && !bytes.starts_with(b"\x28\xb5\x2f\xfd")
}

fn write_and_read_back(mention: &Mention) {
    let line = serde_json::to_vec(&mention.record).expect("a record is JSON");
    let options = InputOptions { format: Some(InputFormat::Ndjson), ..InputOptions::default() };
    let mut reader = Reader::from_read("fuzz", Cursor::new(line), &options).expect("NDJSON opens");
    let again = reader.next().expect("one line").expect("a mention stays one");
    assert_eq!((&again.id, &again.text, again.created_at), (&mention.id, &mention.text, mention.created_at));
    assert!(reader.next().is_none());
}

fn feed_back_in(reject: &Reject) {
    let line = serde_json::to_vec(reject).expect("a reject is JSON");
    let outcomes = read(&line, Some(InputFormat::Ndjson)).expect("NDJSON opens");
    // An object outside of its array was in the wrong place and may be good on its own.
    assert_eq!(outcomes.len(), 1, "one record in, one out: {reject:?}");
    if let Err(again) = &outcomes[0] {
        assert_eq!((&again.position, &again.raw), (&reject.position, &reject.raw));
    }
}
