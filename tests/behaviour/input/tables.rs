//! Tables: dialects, bad rows, and quotes that run away.

use super::*;

#[test]
fn tables_in_every_dialect() {
    for (name, text) in [
        ("commas", "id,text\n1,good\n2,\"good, too\"\n"),
        ("semicolons", "id;text\n1;good\n2;good, too\n"),
        ("tabs", "id\ttext\n1\tgood\n2\tgood, too\n"),
        ("bars", "id|text\n1|good\n2|good, too\n"),
        ("Excel", "sep=;\r\nid;text\r\n1;good\r\n2;good, too\r\n"),
        ("a declared delimiter", "sep=^\nid^text\n1^good\n2^good, too\n"),
        ("no line break at the end", "id,text\n1,good\n2,\"good, too\""),
        ("blank lines", "\n\nid,text\n\n1,good\n\r\n2,\"good, too\"\n\n"),
        ("aliases", "Tweet Id,Full Text\n1,good\n2,\"good, too\"\n"),
        ("a preamble", "Report:,brand mentions\nFrom:,2024-01-01\n,,,\n\nQuery;\"odd\nid;text\n1;good\n2;good, too\n"),
    ] {
        let outcomes = read(text);
        assert_eq!(shape(&outcomes), "good:1 good:2", "{name}");
        let texts: Vec<&str> = outcomes.iter().map(|outcome| outcome.as_ref().unwrap().text.as_str()).collect();
        assert_eq!(texts, ["good", "good, too"], "{name}");
        let utf16 = read(utf16(text, u16::to_le_bytes));
        assert_eq!(utf16, outcomes, "{name} in UTF-16");
    }
}

#[test]
fn a_bad_row_is_rejected_and_its_neighbours_are_not() {
    let long_cell = format!("x,\"{}\",", "line\n".repeat(MAX_RECORD_BYTES / 5));
    let long_line = format!("x,{},", "x".repeat(MAX_RECORD_BYTES));
    let cases: &[(&[u8], &str)] = &[
        (b"x,short", "wrong_number_of_fields@3#2"),
        (b"x,long,1,2", "wrong_number_of_fields@3#2"),
        (b"   ", "wrong_number_of_fields@3#2"),
        (b"x,caf\xe9,1", "invalid_utf8@3#2"),
        (b"x,a\0b,1", "nul_byte@3#2"),
        (b"x,good,1.5", "bad_number@3#2"),
        (b"x,good,12k", "bad_number@3#2"),
        (b"5.68E+17,good,1", "id_mangled@3#2"),
        (b"x,\"never closed,1", "unclosed_quote@3#2"),
        (b"x,\"never closed,1\ny,good,1", "unclosed_quote@3#2 good:y"),
        (b"x,\"closed by the next\ny,\"good, \"\"indeed\"\"\",1", "unclosed_quote@3#2 good:y"),
        (b"x,\"two lines\nin one cell\"", "wrong_number_of_fields@3#2"),
        (long_line.as_bytes(), "record_too_long@3#2"),
    ];
    for (bad, expected) in cases {
        let name = String::from_utf8_lossy(&bad[..bad.len().min(60)]).into_owned();
        let outcomes = read([b"id,text,likes\nbefore,good,1\n", *bad, b"\nafter,good,\n"].concat());
        assert_eq!(shape(&outcomes), format!("good:before {expected} good:after"), "{name}");
        let reject = outcomes[1].as_ref().unwrap_err();
        assert_eq!(reject.csv.as_ref().unwrap().columns, ["id", "text", "likes"], "{name}");
    }
    let outcomes = read(format!("id,text,likes\nbefore,good,1\n{long_cell}\nafter,good,\n"));
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 2, "a cell too long hides no row");
    assert_eq!(outcomes[1].as_ref().unwrap_err().reason, R::UnclosedQuote);
}

#[test]
fn rows_that_look_odd_and_are_good() {
    for (row, text) in [
        ("x,\"two\nlines\",1", "two\nlines"),
        ("x,\"two\r\nlines\",1", "two\r\nlines"),
        ("x,a \"quote\" within,1", "a \"quote\" within"),
        ("x,\"a \"\"quote\"\" within\",1", "a \"quote\" within"),
        ("x,\"\",1", ""),
        ("x,,1", ""),
        ("x, ,1", " "),
    ] {
        let outcomes = read(format!("id,text,likes\nbefore,good,1\n{row}\nafter,good,\n"));
        assert_eq!(shape(&outcomes), "good:before good:x good:after", "{row:?}");
        assert_eq!(outcomes[1].as_ref().unwrap().text, text, "{row:?}");
        assert_eq!(outcomes[2].as_ref().unwrap().counts.likes, None);
    }
}

#[test]
fn lines_and_rows_are_counted_as_an_editor_does() {
    let outcomes = read("preamble\nid,text\n1,\"a\nb\nc\"\n\nx\n2,good\ny\n");
    assert_eq!(shape(&outcomes), "good:1 wrong_number_of_fields@7#2 good:2 wrong_number_of_fields@9#4");
}

#[test]
fn runaway_quotes_do_not_take_forever() {
    let rows = "a\",b,\"\n".repeat(100_000);
    let outcomes = read(format!("id,text,likes\n{rows}"));
    assert_eq!(outcomes.len(), 100_000);
}
