//! Tables and pictures of reports that are hard to fit in.
#![allow(clippy::unwrap_used)]

use jiff::tz::TimeZone;
use tempfile::TempDir;

use super::*;
use crate::index::samples::{Sample, sample};
use crate::index::{Checkpoint, IndexWriter, MentionIndex};
use crate::report::chart::svg;
use crate::trends::{TrendRequest, share_of_voice, trend};

fn index_of(samples: &[Sample]) -> (TempDir, MentionIndex) {
    let dir = TempDir::new().unwrap();
    let mut writer = IndexWriter::open(dir.path(), 1).unwrap();
    samples.iter().for_each(|sample| {
        writer.upsert(&sample.tagged()).unwrap();
    });
    writer.commit(&Checkpoint::default()).unwrap();
    writer.finish().unwrap();
    let index = MentionIndex::open(dir.path()).unwrap();
    (dir, index)
}

fn said(id: usize, brand: &str) -> Sample {
    Sample { brands: vec![brand.to_owned()], ..sample(&id.to_string(), "late").at("2026-09-15T12:00:00Z") }
}

#[test]
fn many_values_of_a_second_field_hide_none_of_the_first() {
    let of_author = |id: usize| {
        let brand = ["Acme", "Bolt", "Corvo"][id % 3];
        Sample { author: Some(format!("author {id}")), ..said(id, brand) }
    };
    let (_dir, index) = index_of(&(0..450).map(of_author).collect::<Vec<_>>());
    let request = TrendRequest {
        by: Some(Field::Brand),
        then_by: Some(Field::Author),
        interval: Interval::ALL,
        ..TrendRequest::default()
    };
    let report = trend(&index, &request).unwrap();
    assert_eq!(
        (report.values.len(), report.more_values, report.values[0].pairs.len(), report.more_pairs),
        (3, 0, 100, 350)
    );
    let table = trend_table(&report, 100);
    assert!(table.contains("Corvo") && table.contains("more columns with --format json: 44"), "{table}");
    let picture = svg(&trend_chart(&report));
    assert!(picture.contains(">Corvo</text>") && picture.contains(">other</text>"), "{picture}");
    assert_eq!(picture.matches(">150</text>").count(), 3, "rows are as long as all their pairs: {picture}");
    assert!(!picture.contains("not shown"));

    let by_author = TrendRequest { by: Some(Field::Author), then_by: Some(Field::Brand), ..request };
    let picture = svg(&trend_chart(&trend(&index, &by_author).unwrap()));
    assert!(picture.contains("420 more values not shown."), "{picture}");
}

#[test]
fn all_mentions_in_one_bucket_are_a_bar() {
    let (_dir, index) = index_of(&[said(1, "Acme"), said(2, "Bolt")]);
    let request = TrendRequest { interval: Interval::ALL, ..TrendRequest::default() };
    let picture = svg(&trend_chart(&trend(&index, &request).unwrap()));
    assert!(picture.contains(">2</text>") && !picture.contains("no mentions"), "{picture}");
}

#[test]
fn an_hour_that_the_clock_shows_twice_has_its_offset() {
    let at = |id: &str, time: &str| sample(id, "late").at(time);
    let (_dir, index) = index_of(&[at("1", "2015-11-01T04:30:00Z"), at("2", "2015-11-01T07:00:00Z")]);
    for (interval, hours) in [("1h", ["01:00 -04:00", "01:00 -05:00"]), ("15m", ["01:45 -04:00", "01:00 -05:00"])] {
        let tz = TimeZone::get("America/New_York").unwrap();
        let request = TrendRequest { interval: interval.parse().unwrap(), tz, ..TrendRequest::default() };
        let table = trend_table(&trend(&index, &request).unwrap(), 100);
        assert!(hours.iter().all(|hour| table.contains(hour)), "{table}");
        assert!(!table.contains("02:00 -"), "{table}");
    }
}

#[test]
fn wide_letters_and_long_names_leave_a_table_in_its_width() {
    let brands = [
        "配送会社配送会社配送",
        "北方航空公司北方航空",
        "ブランド名ブランド名",
        "東京東京東京東京東京",
        "大阪大阪大阪大阪大阪",
    ];
    let long = "n".repeat(500);
    let names = brands.into_iter().chain([long.as_str(), ">>Deal"]);
    let (_dir, index) = index_of(&names.enumerate().map(|(id, name)| said(id, name)).collect::<Vec<_>>());
    let request = TrendRequest { by: Some(Field::Brand), ..TrendRequest::default() };
    let pairs = TrendRequest { then_by: Some(Field::Sentiment), interval: Interval::ALL, ..request.clone() };
    let turned = TrendRequest { by: Some(Field::Sentiment), then_by: Some(Field::Brand), ..pairs.clone() };
    let voices = share_of_voice(&index, "", None, None, &TimeZone::UTC).unwrap();
    let trends = [request, pairs, turned].map(|request| trend_table(&trend(&index, &request).unwrap(), 100));
    for table in trends.into_iter().chain([share_of_voice_table(&voices)]) {
        let rows = table.split("\n\n").filter(|part| !part.contains("; data ")).flat_map(str::lines);
        rows.for_each(|row| assert!(cells(row) <= 100, "{row}"));
    }
}

#[test]
fn notes_say_when_and_of_what_time() {
    let (_dir, index) = index_of(&[said(1, "Acme")]);
    let (since, tz) = (Some("2026-09-14T22:00:00Z".parse().unwrap()), TimeZone::get("Europe/Riga").unwrap());
    let query = "created_at:<=today".to_owned();
    let voices = share_of_voice(&index, &query, since, None, &tz).unwrap();
    let request = TrendRequest { query, since, tz, ..TrendRequest::default() };
    let report = trend(&index, &request).unwrap();
    let texts = [trend_table(&report, 100), svg(&trend_chart(&report)), share_of_voice_table(&voices)];
    for text in texts.into_iter().chain([svg(&share_of_voice_chart(&voices))]) {
        assert!(
            text.contains("since 2026-09-15 01:00") && text.contains("asked at ") && text.contains("Europe/Riga"),
            "{text}"
        );
    }
}
