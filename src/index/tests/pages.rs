//! Pages, facets, near-duplicates, and what a query costs.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::collections::BTreeMap;

use proptest::prelude::*;
use tempfile::TempDir;

use super::{index_of, put, refused, request};
use crate::index::samples::{Sample, sample};
use crate::index::*;

fn ids(report: &SearchReport) -> Vec<&str> {
    report.hits.iter().map(|hit| hit.id.as_str()).collect()
}

#[test]
fn a_page_goes_on_after_the_one_before_whatever_was_put_in_between() {
    let dir = TempDir::new().unwrap();
    let dated = |id: &str, day: u8| sample(id, "late").at(&format!("2015-02-{day:02}T00:00:00Z")).tagged();
    put(dir.path(), &[dated("a", 3), dated("b", 2), dated("c", 2), dated("d", 1), sample("e", "late").tagged()], 2, 1);
    let index = MentionIndex::open(dir.path()).unwrap();
    let page = |after: Option<Cursor>| index.search(&SearchRequest { after, limit: 2, ..request("late") }).unwrap();
    let first = page(None);
    assert_eq!(ids(&first), ["a", "b"]);
    put(dir.path(), &[dated("newest", 4), dated("bb", 2)], 2, 1);
    index.refresh().unwrap();
    let second = page(first.next);
    assert_eq!((ids(&second), second.total), (vec!["bb", "c"], 7));
    let third = page(second.next);
    assert_eq!(ids(&third), ["d", "e"]);
    assert_eq!(third.next, None, "there is no page after the last");
    let cursor: Cursor = "-:d".parse().unwrap();
    assert_eq!(ids(&page(Some(cursor.clone()))), ["e"]);
    let wrong = SearchRequest { after: Some(cursor), offset: 1, ..request("") };
    assert!(index.search(&wrong).unwrap_err().is_user_error());
}

#[test]
fn copies_are_shown_with_the_first_of_them() {
    let text = "My parcel has not arrived for three weeks and nobody answers";
    let day = |id: &str, text: &str, day: u8| sample(id, text).at(&format!("2015-02-{day:02}T00:00:00Z"));
    let (_dir, index) = index_of(&[
        day("first", text, 9),
        day("copy", &format!("RT @x: {text} https://t.example/1"), 8),
        day("other", "My parcel arrived", 7),
        day("late copy", text, 6),
        day("last", "parcel gone", 5),
    ]);
    let folded =
        |limit, after| index.search(&SearchRequest { fold_similar: true, limit, after, ..request("parcel") }).unwrap();
    let all = folded(10, None);
    assert_eq!((ids(&all), all.total, all.next.is_none()), (vec!["first", "other", "last"], 5, true));
    assert_eq!(all.hits[0].similar, ["copy", "late copy"]);
    let page = folded(2, None);
    assert_eq!((ids(&page), page.hits[0].similar.len()), (vec!["first", "other"], 2));
    assert_eq!(ids(&folded(2, page.next)), ["last"]);
    let by_offset = SearchRequest { fold_similar: true, offset: 1, ..request("parcel") };
    assert!(index.search(&by_offset).unwrap_err().to_string().contains("page by page"));
}

#[test]
fn explanations_count_every_part() {
    let (_dir, index) = index_of(&[
        sample("a", "late order"),
        sample("b", "lately my order"),
        sample("c", "order").at("2015-02-01T00:00:00Z"),
    ]);
    let explain = |query: &str| index.explain(&request(query)).unwrap();
    let explanation = explain("(late* NEAR/0 order) OR -created_at:*");
    assert_eq!(explanation.total, 2);
    let parts: Vec<(usize, &str, u64, Option<usize>)> =
        explanation.parts.iter().map(|part| (part.depth, part.what.as_str(), part.mentions, part.words)).collect();
    let expected = [
        (0, "one of", 2, None),
        (1, "both with at most 0 places between", 1, None),
        (2, "word late*", 2, Some(2)),
        (2, "word order", 3, None),
        (1, "not", 2, None),
        (2, "has created_at", 1, None),
    ];
    assert_eq!(parts, expected);
    assert_eq!(explain("raw:\"C++ a\" likes:>5").parts[1].what, "spelled C \"++ \" a");
}

#[test]
fn wildcards_that_stand_for_too_many_words_are_refused() {
    let words = |from: usize| (from..from + 10_000).map(|n| format!("word{n}")).collect::<Vec<_>>().join(" ");
    let many: Vec<Sample> = (0..6).map(|n| sample(&n.to_string(), &words(n * 10_000))).collect();
    let (_dir, index) = index_of(&many);
    assert!(refused(&index, "word*").contains("more than 50000 words"));
    assert_eq!(index.search(&request("word1234*")).unwrap().total, 2);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn facets_and_exports_are_exact(
        brands in prop::collection::vec(prop::collection::vec(prop::sample::select(vec!["Air", "AIR", "Łódź", "b"]), 0..3), 0..40),
        days in prop::collection::vec(prop::option::of(1u8..4), 40),
    ) {
        let samples: Vec<Sample> = brands.iter().zip(days).enumerate().map(|(number, (brands, day))| Sample {
            brands: brands.iter().map(|brand| (*brand).to_owned()).collect(),
            created_at: day.map(|day| format!("2015-02-0{day}T00:00:00Z")),
            ..sample(&format!("{number:02}"), "late")
        }).collect();
        let dir = TempDir::new().unwrap();
        put(dir.path(), &samples.iter().map(Sample::tagged).collect::<Vec<_>>(), 15, 2);
        let index = MentionIndex::open(dir.path()).unwrap();
        let report = index.search(&SearchRequest { facets: vec![Field::Brand], ..request("late") }).unwrap();
        let mut expected: BTreeMap<String, u64> = BTreeMap::new();
        for sample in &samples {
            let keys: std::collections::BTreeSet<String> = sample.brands.iter().map(|brand| brand.to_lowercase()).collect();
            if keys.is_empty() {
                *expected.entry("(none)".to_owned()).or_default() += 1;
            }
            keys.into_iter().for_each(|key| *expected.entry(key).or_default() += 1);
        }
        let found: BTreeMap<String, u64> =
            report.facets[0].values.iter().map(|value| (value.value.to_lowercase(), value.count)).collect();
        prop_assert_eq!(found, expected);

        let mut exported = Vec::new();
        let visit = |hit: Hit| { exported.push(hit.id); Ok::<(), IndexError>(()) };
        let count = index.for_each_hit(&request("late"), visit).unwrap();
        let mut order: Vec<&Sample> = samples.iter().collect();
        order.sort_by(|a, b| b.created_at.cmp(&a.created_at).then_with(|| a.id.cmp(&b.id)));
        prop_assert_eq!(count as usize, samples.len());
        prop_assert_eq!(exported, order.into_iter().map(|sample| sample.id.clone()).collect::<Vec<_>>());
    }
}
