//! The index as a whole: in, out, and what is refused.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod agreement;
mod pages;
mod queries;

use std::path::Path;

use proptest::prelude::*;
use tempfile::TempDir;

use super::samples::{Sample, engine, sample};
use super::*;
use crate::mention::Tagged;

/// An index with these mentions, committed.
fn index_of(samples: &[Sample]) -> (TempDir, MentionIndex) {
    let dir = TempDir::new().unwrap();
    let mut writer = IndexWriter::open(dir.path(), 1).unwrap();
    for sample in samples {
        writer.upsert(&sample.tagged()).unwrap();
    }
    writer.commit(&Checkpoint::default()).unwrap();
    writer.finish().unwrap();
    let index = MentionIndex::open(dir.path()).unwrap();
    (dir, index)
}

fn request(query: &str) -> SearchRequest {
    SearchRequest { query: query.to_owned(), limit: 100, ..SearchRequest::default() }
}

/// The ids of what a query finds, in the order of the report.
fn found(index: &MentionIndex, query: &str) -> Vec<String> {
    let report = index.search(&request(query)).unwrap_or_else(|error| panic!("{query}: {error}"));
    assert_eq!(report.total as usize, report.hits.len());
    report.hits.into_iter().map(|hit| hit.id).collect()
}

fn refused(index: &MentionIndex, query: &str) -> String {
    let error = index.search(&request(query)).expect_err(query);
    assert!(error.is_user_error(), "{error}");
    error.to_string()
}

#[test]
fn the_same_record_twice_is_one_mention() {
    let dir = TempDir::new().unwrap();
    let mut writer = IndexWriter::open(dir.path(), 2).unwrap();
    let one = sample("1", "late again").tagged();
    assert_eq!(writer.upsert(&one).unwrap(), Upsert::Indexed);
    assert_eq!(writer.upsert(&one).unwrap(), Upsert::Unchanged);
    assert_eq!(writer.pending(), 1);
    writer.commit(&Checkpoint::default()).unwrap();
    assert_eq!(writer.pending(), 0);
    assert_eq!(writer.upsert(&one).unwrap(), Upsert::Unchanged);
    assert_eq!(writer.pending(), 0);
    writer.finish().unwrap();

    let mut writer = IndexWriter::open(dir.path(), 1).unwrap();
    assert_eq!(writer.upsert(&one).unwrap(), Upsert::Unchanged);
    writer.commit(&Checkpoint::default()).unwrap();
    assert_eq!(found(&MentionIndex::open(dir.path()).unwrap(), ""), ["1"]);
}

#[test]
fn another_record_of_an_id_takes_its_place() {
    let dir = TempDir::new().unwrap();
    let mut writer = IndexWriter::open(dir.path(), 4).unwrap();
    assert_eq!(writer.upsert(&sample("1", "first").tagged()).unwrap(), Upsert::Indexed);
    assert_eq!(writer.upsert(&sample("1", "second").tagged()).unwrap(), Upsert::Updated);
    writer.commit(&Checkpoint::default()).unwrap();
    let index = MentionIndex::open(dir.path()).unwrap();
    assert_eq!((found(&index, "first").len(), found(&index, "second").len()), (0, 1));

    assert_eq!(writer.upsert(&sample("1", "third").tagged()).unwrap(), Upsert::Updated);
    assert_eq!(writer.upsert(&sample("1", "second").tagged()).unwrap(), Upsert::Updated);
    assert_eq!(writer.upsert(&sample("1", "third").tagged()).unwrap(), Upsert::Updated);
    assert_eq!(found(&index, "second"), ["1"], "a reader sees commits only");
    writer.commit(&Checkpoint::default()).unwrap();
    assert_eq!(found(&index, "second"), ["1"], "and stays with the one it was opened on");
    index.refresh().unwrap();
    assert_eq!((found(&index, "second").len(), found(&index, "third").len(), found(&index, "*").len()), (0, 1, 1));
}

#[test]
fn what_is_not_committed_is_not_there() {
    let dir = TempDir::new().unwrap();
    let mut writer = IndexWriter::open(dir.path(), 1).unwrap();
    writer.upsert(&sample("1", "kept").tagged()).unwrap();
    writer.commit(&Checkpoint::default()).unwrap();
    writer.upsert(&sample("1", "changed").tagged()).unwrap();
    writer.upsert(&sample("2", "added").tagged()).unwrap();
    drop(writer);
    let index = MentionIndex::open(dir.path()).unwrap();
    assert_eq!(found(&index, ""), ["1"]);
    assert_eq!(found(&index, "kept"), ["1"]);
    let mut writer = IndexWriter::open(dir.path(), 1).unwrap();
    assert_eq!(writer.upsert(&sample("2", "added").tagged()).unwrap(), Upsert::Indexed);
}

#[test]
fn a_commit_carries_its_checkpoint() {
    let dir = TempDir::new().unwrap();
    let mut writer = IndexWriter::open(dir.path(), 1).unwrap();
    assert_eq!(writer.checkpoint(), None);
    let checkpoint = Checkpoint {
        engine: Some((&engine()).into()),
        sources: vec![SourcePosition { name: "a.ndjson".to_owned(), records: 7, finished: true }],
        totals: Totals { read: 7, indexed: 4, updated: 1, unchanged: 1, rejected: 1 },
        ..Checkpoint::default()
    };
    writer.upsert(&sample("1", "x").at("2015-02-17T10:00:00.9Z").tagged()).unwrap();
    writer.upsert(&sample("2", "x").at("2014-02-17T10:00:00Z").tagged()).unwrap();
    writer.commit(&checkpoint).unwrap();
    writer.finish().unwrap();

    let writer = IndexWriter::open(dir.path(), 1).unwrap();
    let read = writer.checkpoint().unwrap().clone();
    assert_eq!(read.schema_version, SCHEMA_VERSION);
    let expected = Checkpoint { schema_version: SCHEMA_VERSION, committed_at: read.committed_at, ..checkpoint };
    assert!(read == expected && read.committed_at.is_some());

    let index = MentionIndex::open(dir.path()).unwrap();
    let stats = index.stats().unwrap();
    assert_eq!((stats.documents, stats.schema_version, stats.checkpoint), (2, SCHEMA_VERSION, Some(expected)));
    assert!(stats.bytes > 0 && stats.segments == 1);
    assert_eq!(stats.oldest, Some("2014-02-17T10:00:00Z".parse().unwrap()));
    assert_eq!(stats.newest, Some("2015-02-17T10:00:00Z".parse().unwrap()));
    assert!(index.verify().unwrap().is_empty());
}

#[test]
fn damage_is_found() {
    let (dir, index) = index_of(&[sample("1", "late")]);
    let entries = std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().path());
    let store = entries.into_iter().find(|path| path.extension().is_some_and(|e| e == "store")).unwrap();
    let mut bytes = std::fs::read(&store).unwrap();
    bytes[3] ^= 1;
    std::fs::write(&store, bytes).unwrap();
    assert_eq!(index.verify().unwrap(), [Path::new(store.file_name().unwrap())]);
}

#[test]
fn there_is_one_writer_at_a_time() {
    let dir = TempDir::new().unwrap();
    let writer = IndexWriter::open(dir.path(), 1).unwrap();
    let error = IndexWriter::open(dir.path(), 1).err().unwrap();
    assert!(matches!(error, IndexError::Locked { .. }) && error.is_user_error());
    assert!(error.to_string().contains(&dir.path().display().to_string()));
    drop(writer);
    IndexWriter::open(dir.path(), 1).unwrap();
}

#[test]
fn what_is_no_index_is_not_opened() {
    let dir = TempDir::new().unwrap();
    let missing = dir.path().join("missing");
    for folder in [dir.path(), &missing] {
        let error = MentionIndex::open(folder).err().unwrap();
        assert!(error.is_user_error());
        assert!(error.to_string().contains(&format!("earmark ingest FILE --index {}", folder.display())), "{error}");
    }
    assert!(!missing.exists());
    let file = dir.path().join("file");
    std::fs::write(&file, "x").unwrap();
    assert!(matches!(MentionIndex::open(&file).err().unwrap(), IndexError::NotAFolder { .. }));
    assert!(matches!(IndexWriter::open(&file, 1).err().unwrap(), IndexError::NotAFolder { .. }));
    assert!(matches!(IndexWriter::open(dir.path(), 1).err().unwrap(), IndexError::NotEmpty { .. }));
    IndexWriter::open(&missing.join("deep"), 1).unwrap();
    assert_eq!(found(&MentionIndex::open(&missing.join("deep")).unwrap(), ""), [""; 0]);
}

#[test]
fn indexes_of_others_and_of_other_versions_are_refused() {
    let (dir, index) = index_of(&[sample("1", "x")]);
    drop(index);
    let meta = dir.path().join("meta.json");
    let ours = std::fs::read_to_string(&meta).unwrap();
    assert!(ours.contains(r#"\"earmark_schema\":2"#));
    std::fs::write(&meta, ours.replace(r#"\"earmark_schema\":2"#, r#"\"earmark_schema\":999"#)).unwrap();
    for error in [MentionIndex::open(dir.path()).err().unwrap(), IndexWriter::open(dir.path(), 1).err().unwrap()] {
        assert!(error.is_user_error());
        let message = error.to_string();
        assert!(message.contains("version 999") && message.contains("ingest the files again"), "{message}");
    }
    std::fs::write(&meta, ours.replace("earmark_schema", "other")).unwrap();
    assert!(matches!(MentionIndex::open(dir.path()).err().unwrap(), IndexError::Foreign { .. }));
}

#[test]
fn odd_records_are_kept() {
    let long = "x".repeat(100_000);
    let odd = Sample {
        brands: vec![long.clone(), " ".to_owned(), "\0".to_owned()],
        author: Some(String::new()),
        channel: Some("é".repeat(50_000)),
        thread_id: Some(long.clone()),
        likes: Some(i64::MIN),
        rating: Some(f64::NAN),
        ..sample(&long, &format!("{long} late \0 {}", "ab ".repeat(50_000)))
    };
    let samples = [odd, sample("", "").at("-009999-01-02T01:59:59Z"), sample("far", "late").at("9999-12-30T22:00:00Z")];
    let (_dir, index) = index_of(&samples);
    assert_eq!(found(&index, "*"), ["", "far", &long]);
    assert_eq!(found(&index, &format!("late {}*", "x".repeat(50))), [long.as_str()]);
    assert_eq!(found(&index, &format!("brand:{}", "x".repeat(600))), [long.as_str()]);
    let hit = &index.search(&request("likes:*")).unwrap().hits[0];
    assert_eq!(hit.mention["thread_id"], long);
    assert_eq!(index.stats().unwrap().oldest, None, "times that the index cannot hold count as none");
}

#[test]
fn hits_show_the_record_and_what_matched() {
    let mention = sample("1", "Ļoti LĒNA piegāde 😡 lēni").at("2015-02-17T10:00:00Z").tagged();
    let dir = TempDir::new().unwrap();
    let mut writer = IndexWriter::open(dir.path(), 1).unwrap();
    writer.upsert(&mention).unwrap();
    writer.commit(&Checkpoint::default()).unwrap();
    let index = MentionIndex::open(dir.path()).unwrap();
    let ranked = SearchRequest { order: Order::Relevance, ..request("lena OR 😡 OR missing") };
    let report = index.search(&ranked).unwrap();
    assert_eq!(report.hits[0].highlights, [5..9, 18..19]);
    assert!(report.hits[0].score.is_some_and(|score| score > 0.0));
    assert_eq!(serde_json::to_string(&report.hits[0].mention).unwrap(), serde_json::to_string(&mention).unwrap());
    let newest = serde_json::to_value(index.search(&request("sentiment:unscored")).unwrap()).unwrap();
    assert_eq!(newest["hits"][0]["score"], serde_json::Value::Null);
    assert_eq!(newest["hits"][0]["highlights"], serde_json::json!([]));
    assert_eq!(newest["total"], 1);
    let counted = index.search(&SearchRequest { limit: 0, ..request("") }).unwrap();
    assert_eq!((counted.total, counted.hits.len()), (1, 0));
}

#[test]
fn relevance_puts_the_better_match_first() {
    let (_dir, index) = index_of(&[
        sample("long", "late and a lot of other words that are not about it at all").at("2016-01-01T00:00:00Z"),
        sample("b", "late").at("2014-01-01T00:00:00Z"),
        sample("a", "late").at("2014-01-01T00:00:00Z"),
        sample("newer", "late").at("2015-01-01T00:00:00Z"),
    ]);
    let ids = |order| {
        let report = index.search(&SearchRequest { order, ..request("late") }).unwrap();
        report.hits.into_iter().map(|hit| hit.id).collect::<Vec<_>>()
    };
    assert_eq!(ids(Order::Relevance), ["newer", "a", "b", "long"]);
    assert_eq!(ids(Order::Newest), ["long", "newer", "a", "b"]);
}

/// Puts mentions in, with commits between.
fn put(dir: &Path, tagged: &[Tagged], per_commit: usize, threads: usize) -> Vec<Upsert> {
    let mut writer = IndexWriter::open(dir, threads).unwrap();
    let mut done = Vec::new();
    for chunk in tagged.chunks(per_commit) {
        done.extend(chunk.iter().map(|tagged| writer.upsert(tagged).unwrap()));
        writer.commit(&Checkpoint::default()).unwrap();
    }
    writer.finish().unwrap();
    done
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// However mentions are split over commits and threads: each id is there once, as its last record says, and pages
    /// through the newest first show all of them in order.
    #[test]
    fn the_index_is_a_map_in_order(
        records in proptest::collection::vec((0..30u8, 0..3u8, proptest::option::of(0..5i64)), 1..80),
        per_commit in 1..40usize,
        threads in 1..5usize,
        page in 1..8usize,
    ) {
        let samples: Vec<Sample> = records.iter().map(|&(id, version, day)| Sample {
            created_at: day.map(|day| format!("2015-02-0{}T00:00:00Z", day + 1)),
            ..sample(&format!("id{id}"), &format!("word{version}"))
        }).collect();
        let dir = TempDir::new().unwrap();
        let tagged: Vec<Tagged> = samples.iter().map(Sample::tagged).collect();
        let done = put(dir.path(), &tagged, per_commit, threads);

        let mut map = std::collections::BTreeMap::new();
        for (sample, done) in samples.iter().zip(done) {
            let expected = match map.insert(sample.id.clone(), sample) {
                None => Upsert::Indexed,
                Some(before) if before == sample => Upsert::Unchanged,
                Some(_) => Upsert::Updated,
            };
            prop_assert_eq!(done, expected);
        }
        let mut expected: Vec<&Sample> = map.into_values().collect();
        expected.sort_by(|a, b| b.created_at.cmp(&a.created_at).then_with(|| a.id.cmp(&b.id)));
        let expected: Vec<(String, String)> = expected.iter().map(|s| (s.id.clone(), s.text.clone())).collect();

        let index = MentionIndex::open(dir.path()).unwrap();
        let mut paged = Vec::new();
        for offset in (0..expected.len() + page).step_by(page) {
            let report = index.search(&SearchRequest { limit: page, offset, ..request("") }).unwrap();
            prop_assert_eq!(report.total as usize, expected.len());
            paged.extend(report.hits.into_iter().map(|hit| {
                (hit.id, hit.mention["text"].as_str().unwrap().to_owned())
            }));
        }
        prop_assert_eq!(paged, expected);
    }
}
