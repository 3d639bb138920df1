//! Every number of a report against a count by hand, from the mentions themselves, without any code of the engine.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan, Zoned};
use proptest::prelude::*;

use super::index_of;
use super::worlds::{QUERIES, Question, any_world};
use crate::index::samples::Sample;
use crate::index::{MentionIndex, SearchRequest};
use crate::mention::Label;
use crate::trends::*;

/// What tells the bucket of a moment from others: for calendar intervals its first day, for shorter ones the day, the
/// minute of the day and the offset from UTC.
type Key = (Date, i64, i32);

fn key(moment: &Zoned, interval: Interval) -> Key {
    let day = moment.date();
    let minute = i64::from(moment.hour()) * 60 + i64::from(moment.minute());
    let clock = |minutes: i64| (day, minute - minute % minutes, moment.offset().seconds());
    match interval.to_string().as_str() {
        "all" => (Date::ZERO, 0, 0),
        "1d" => (day, 0, 0),
        "1w" => (day - i64::from(day.weekday().to_monday_zero_offset()).days(), 0, 0),
        "1mo" => (day.first_of_month(), 0, 0),
        "12h" => clock(720),
        "3h" => clock(180),
        "1h" => clock(60),
        "15m" => clock(15),
        other => panic!("{other}"),
    }
}

/// The second in which a mention was published.
fn second(sample: &Sample) -> Option<i64> {
    Some(sample.created_at.as_ref()?.parse::<Timestamp>().unwrap().as_nanosecond().div_euclid(1_000_000_000) as i64)
}

/// The first second that is not before a bound.
fn bound(time: Timestamp) -> i64 {
    -(-time.as_nanosecond()).div_euclid(1_000_000_000) as i64
}

fn moment(second: i64, zone: &TimeZone) -> Zoned {
    Timestamp::from_second(second).unwrap().to_zoned(zone.clone())
}

fn folded(value: &str) -> String {
    value.trim().to_lowercase()
}

/// The values of a mention, as they came.
fn spellings(sample: &Sample, by: Field) -> Vec<String> {
    let values: Vec<String> = match by {
        Field::Sentiment => {
            vec![sample.sentiment().map_or("unscored", |sentiment| sentiment.label.as_str()).to_owned()]
        }
        Field::Brand => sample.brands.clone(),
        Field::Topic => {
            let parents = sample.topics.iter().filter_map(|topic| topic.split_once('/')).map(|(parent, _)| parent);
            sample.topics.iter().cloned().chain(parents.map(str::to_owned)).collect()
        }
        Field::Channel => sample.channel.iter().cloned().collect(),
        Field::Author => sample.author.iter().cloned().collect(),
        Field::Kind => sample.kind.iter().cloned().collect(),
        other => panic!("{other}"),
    };
    let mut seen = BTreeSet::new();
    let values: Vec<String> = values
        .into_iter()
        .map(|value| value.trim().to_owned())
        .filter(|value| !value.is_empty() && seen.insert(folded(value)))
        .collect();
    if values.is_empty() { vec!["(none)".to_owned()] } else { values }
}

fn values(sample: &Sample, by: Option<Field>) -> Vec<String> {
    by.map_or_else(Vec::new, |by| spellings(sample, by).iter().map(|value| folded(value)).collect())
}

/// The mentions that count: of each id the last one.
fn present(samples: &[Sample]) -> Vec<&Sample> {
    let last: BTreeMap<&str, &Sample> = samples.iter().map(|sample| (sample.id.as_str(), sample)).collect();
    last.into_values().collect()
}

type Groups<'s, K> = BTreeMap<K, Vec<&'s Sample>>;

/// The mentions behind each number.
#[derive(Default)]
struct ByHand<'s> {
    undated: u64,
    dated: Vec<&'s Sample>,
    buckets: Groups<'s, Key>,
    cells: Groups<'s, (Key, String)>,
    pairs: Groups<'s, (Key, String, String)>,
    values: Groups<'s, String>,
    value_pairs: Groups<'s, (String, String)>,
}

fn count_by_hand<'s>(samples: &[&'s Sample], question: &Question) -> ByHand<'s> {
    let TrendRequest { interval, tz, since, until, by, then_by, .. } = &question.request;
    let mut hand = ByHand::default();
    for sample in samples.iter().copied().filter(|sample| QUERIES[question.query].1(sample)) {
        let Some(second) = second(sample) else {
            hand.undated += u64::from(since.is_none() && until.is_none());
            continue;
        };
        if since.is_some_and(|since| second < bound(since)) || until.is_some_and(|until| second >= bound(until)) {
            continue;
        }
        let key = key(&moment(second, tz), *interval);
        hand.dated.push(sample);
        hand.buckets.entry(key).or_default().push(sample);
        for value in values(sample, *by) {
            hand.cells.entry((key, value.clone())).or_default().push(sample);
            hand.values.entry(value.clone()).or_default().push(sample);
            for then in values(sample, *then_by) {
                hand.pairs.entry((key, value.clone(), then.clone())).or_default().push(sample);
                hand.value_pairs.entry((value.clone(), then)).or_default().push(sample);
            }
        }
    }
    hand
}

fn numbers<K: Ord + Clone>(groups: &Groups<K>) -> BTreeMap<K, u64> {
    groups.iter().map(|(key, samples)| (key.clone(), samples.len() as u64)).collect()
}

fn check_figures(figures: &Figures, samples: &[&Sample], measures: Measures) {
    let sentiments: Vec<_> = samples.iter().filter_map(|sample| sample.sentiment()).collect();
    let labelled = |label: Label| sentiments.iter().filter(|sentiment| sentiment.label == label).count() as u64;
    let scored = sentiments.len() as u64;
    let close = |given: Option<f64>, expected: f64| {
        assert_eq!(given.is_some(), scored > 0);
        assert!(given.is_none_or(|given| (given - expected).abs() < 0.000_051), "{given:?} is not {expected}");
    };
    assert_eq!(figures.net.is_some(), measures.net);
    if let Some(net) = figures.net {
        let (negative, positive) = (labelled(Label::Negative), labelled(Label::Positive));
        assert_eq!((net.scored, net.negative, net.positive), (scored, negative, positive));
        close(net.value, (positive as f64 - negative as f64) / scored as f64);
        assert!(net.low <= net.value && net.value <= net.high);
    }
    assert_eq!(figures.score.is_some(), measures.score);
    if let Some(score) = figures.score {
        assert_eq!(score.scored, scored);
        let sum: f64 = sentiments.iter().map(|sentiment| sentiment.positive - sentiment.negative).sum();
        close(score.mean, sum / scored as f64);
    }
    let authors: Vec<String> =
        samples.iter().filter_map(|s| s.author.as_deref()).map(folded).filter(|author| !author.is_empty()).collect();
    let expected = UniqueAuthors {
        unique: authors.iter().collect::<BTreeSet<_>>().len() as u64,
        without_author: (samples.len() - authors.len()) as u64,
    };
    assert_eq!(figures.authors, measures.authors.then_some(expected));
    let sum = |figure: fn(&Sample) -> Option<i64>| {
        let given: Vec<i64> = samples.iter().filter_map(|sample| figure(sample)).collect();
        let sum = given.iter().fold(0, |sum: i64, number| sum.saturating_add(*number));
        FigureSum { sum, mentions: given.len() as u64 }
    };
    let expected = Engagement {
        likes: sum(|sample| sample.likes),
        shares: sum(|sample| sample.shares),
        replies: sum(|_| None),
        views: sum(|sample| sample.views),
    };
    assert_eq!(figures.engagement, measures.engagement.then_some(expected));
    let reposts = samples.iter().filter(|s| s.kind.as_deref().map(folded).as_deref() == Some("repost")).count() as u64;
    assert_eq!(figures.reposts, measures.reposts.then_some(reposts));
}

fn check_share(share: Option<f64>, part: usize, whole: usize) {
    assert_eq!(share.is_some(), whole > 0);
    assert!(share.is_none_or(|share| (share - part as f64 / whole as f64).abs() < 0.000_051));
}

/// What must be true of every report, whatever is in the index.
fn check_shape(report: &TrendReport) {
    let interval = report.interval;
    for pair in report.buckets.windows(2) {
        assert_eq!(pair[0].end, pair[1].start);
    }
    for bucket in report.buckets.iter().filter(|_| interval != Interval::ALL) {
        let own = key(&bucket.start, interval);
        assert!(bucket.start < bucket.end);
        assert_eq!(key(&(&bucket.end - 1.second()), interval), own, "a bucket ends where the next one starts");
        assert_ne!(key(&(&bucket.start - 1.second()), interval), own, "a bucket starts at its first moment");
        assert_ne!(key(&bucket.end, interval), own, "a bucket ends after its last moment");
    }
    if interval == Interval::ALL {
        for bucket in &report.buckets {
            let seconds = |time: Option<Timestamp>| time.map(bound);
            assert!(seconds(report.since).is_none_or(|since| since == bucket.start.timestamp().as_second()));
            assert!(seconds(report.until).is_none_or(|until| until == bucket.end.timestamp().as_second()));
        }
        assert!(report.buckets.len() <= 1);
    }
    assert_eq!(report.total, report.buckets.iter().map(|bucket| bucket.total).sum::<u64>());
    for ends in [report.buckets.first(), report.buckets.last()].into_iter().flatten() {
        assert!(ends.total > 0);
    }
}

fn check_counts(report: &TrendReport, hand: &ByHand, measures: Measures) {
    let key_of = |bucket: &Bucket| key(&bucket.start, report.interval);
    assert_eq!((report.undated, report.total), (hand.undated, hand.dated.len() as u64));
    let mut buckets = BTreeMap::new();
    let mut cells = BTreeMap::new();
    let mut pairs = BTreeMap::new();
    for bucket in &report.buckets {
        let key = key_of(bucket);
        assert!(buckets.insert(key, bucket.total).is_none(), "no two buckets are one");
        let samples = hand.buckets.get(&key).map_or(&[][..], Vec::as_slice);
        check_figures(&bucket.figures, samples, measures);
        check_share(bucket.share, samples.len(), hand.dated.len());
        for (value, count) in bucket.counts.iter() {
            cells.insert((key, folded(value)), count);
        }
        for (value, row) in bucket.pairs.iter().flat_map(PairCounts::iter) {
            for (then, count) in row.iter() {
                pairs.insert((key, folded(value), folded(then)), count);
            }
        }
    }
    buckets.retain(|_, count| *count > 0);
    cells.retain(|_, count| *count > 0);
    pairs.retain(|_, count| *count > 0);
    assert_eq!(buckets, numbers(&hand.buckets));
    assert_eq!(cells, numbers(&hand.cells));
    assert_eq!(pairs, numbers(&hand.pairs));
}

fn check_values(report: &TrendReport, hand: &ByHand, measures: Measures) {
    check_figures(&report.figures, &hand.dated, measures);
    assert!(report.values.len() >= hand.values.len() && report.more_values == 0);
    for value in &report.values {
        let samples = hand.values.get(&folded(&value.value)).map_or(&[][..], Vec::as_slice);
        assert_eq!(value.mentions, samples.len() as u64);
        check_share(value.share, samples.len(), hand.dated.len());
        check_figures(&value.figures, samples, measures);
        if let Some(by) = report.by.filter(|_| !samples.is_empty()) {
            let mut counts: BTreeMap<String, u64> = BTreeMap::new();
            let own = samples.iter().flat_map(|sample| spellings(sample, by));
            own.filter(|spelling| folded(spelling) == folded(&value.value))
                .for_each(|spelling| *counts.entry(spelling).or_default() += 1);
            let most = counts.values().max().unwrap();
            assert_eq!(counts.iter().find(|(_, count)| *count == most).map(|(name, _)| name), Some(&value.value));
        }
        for pair in &value.pairs {
            let key = (folded(&value.value), folded(&pair.value));
            let of_pair = hand.value_pairs.get(&key).map_or(&[][..], Vec::as_slice);
            assert_eq!(pair.mentions, of_pair.len() as u64);
            check_share(pair.share, of_pair.len(), samples.len());
            check_figures(&pair.figures, of_pair, measures);
        }
    }
}

/// The same question of the period before: mentions are told by the days of the zone, where the bounds are midnights.
fn count_before<'s>(samples: &[&'s Sample], question: &Question) -> Option<ByHand<'s>> {
    let Question { query, request } = question;
    let since = request.since?;
    let last = samples.iter().filter_map(|sample| second(sample)).max();
    let until = request.until.or(last.map(|last| Timestamp::from_second(last + 1).unwrap()))?;
    if until <= since {
        return None;
    }
    let zoned = |time: Timestamp| time.to_zoned(request.tz.clone());
    let is_midnight = |time: Timestamp| zoned(time).start_of_day().unwrap() == zoned(time);
    let in_period: Box<dyn Fn(i64) -> bool> = if is_midnight(since) && is_midnight(until) {
        let (first, end) = (zoned(since).date(), zoned(until).date());
        let days = first.until(end).unwrap().get_days();
        let start = first - days.days();
        let tz = request.tz.clone();
        Box::new(move |second| (start..first).contains(&moment(second, &tz).date()))
    } else {
        let length = until.as_second() - since.as_second();
        Box::new(move |second| {
            let since_second = bound(since);
            second < since_second && second >= bound(since - length.seconds())
        })
    };
    let before: Vec<&Sample> =
        samples.iter().copied().filter(|sample| second(sample).is_some_and(&in_period)).collect();
    let request = TrendRequest { since: None, until: None, interval: Interval::ALL, ..request.clone() };
    Some(count_by_hand(&before, &Question { query: *query, request }))
}

fn net(samples: &[&Sample]) -> Option<f64> {
    let labels: Vec<Label> = samples.iter().filter_map(|s| s.sentiment()).map(|sentiment| sentiment.label).collect();
    let count = |label: Label| labels.iter().filter(|other| **other == label).count() as f64;
    (!labels.is_empty()).then(|| (count(Label::Positive) - count(Label::Negative)) / labels.len() as f64)
}

fn check_change(change: &Change, now: &[&Sample], all_now: usize, before: &[&Sample], all_before: usize) {
    let close = |given: Option<f64>, expected: Option<f64>, within: f64| {
        assert_eq!(given.is_some(), expected.is_some());
        assert!(given.zip(expected).is_none_or(|(a, b)| (a - b).abs() < within), "{given:?} is not {expected:?}");
    };
    assert_eq!(change.previous, before.len() as u64);
    assert_eq!(change.absolute, now.len() as i64 - before.len() as i64);
    let relative = (!before.is_empty()).then(|| now.len() as f64 / before.len() as f64 - 1.0);
    close(change.relative, relative, 0.000_051);
    let share = |part: usize, whole: usize| (whole > 0).then(|| part as f64 / whole as f64);
    let points = |now: Option<f64>, before: Option<f64>| Some(100.0 * (now? - before?));
    close(change.share_points, points(share(now.len(), all_now), share(before.len(), all_before)), 0.011);
    close(change.net_points, points(net(now), net(before)), 0.011);
}

fn check_comparison(report: &TrendReport, hand: &ByHand, before: Option<&ByHand>) {
    assert_eq!(report.comparison.is_some(), before.is_some());
    let (Some(comparison), Some(before)) = (&report.comparison, before) else { return };
    check_change(&comparison.change, &hand.dated, hand.dated.len(), &before.dated, before.dated.len());
    let empty = Vec::new();
    let listed: BTreeSet<String> = report.values.iter().map(|value| folded(&value.value)).collect();
    assert!(before.values.keys().all(|value| listed.contains(value)), "what is gone is shown");
    for value in &report.values {
        let of = |hand: &ByHand<'_>| hand.values.get(&folded(&value.value)).map_or(0, Vec::len);
        assert!(of(hand) + of(before) > 0);
        let now = hand.values.get(&folded(&value.value)).unwrap_or(&empty);
        let then = before.values.get(&folded(&value.value)).unwrap_or(&empty);
        check_change(value.change.as_ref().unwrap(), now, hand.dated.len(), then, before.dated.len());
    }
}

/// Searches for the mentions behind some numbers of a report: all that lie `step` apart.
fn check_drill_down(index: &MentionIndex, report: &TrendReport, hand: &ByHand, step: usize) {
    let found = |request: SearchRequest| index.search(&SearchRequest { limit: 0, ..request }).unwrap().total;
    assert_eq!(found(report.drill_down(None, &[])), report.total);
    let count = |samples: Option<&Vec<&Sample>>| samples.map_or(0, Vec::len) as u64;
    let names: Vec<Vec<&str>> = report.values.iter().map(|value| vec![value.value.as_str()]).collect();
    let pairs = report
        .values
        .iter()
        .flat_map(|value| value.pairs.iter().map(|pair| vec![value.value.as_str(), pair.value.as_str()]));
    let names: Vec<Vec<&str>> = names.into_iter().chain(pairs).chain([Vec::new()]).collect();
    let periods: Vec<Option<&Bucket>> = report.buckets.iter().map(Some).chain([None]).collect();
    let cells = periods.iter().flat_map(|bucket| names.iter().map(move |names| (*bucket, names)));
    for (bucket, names) in cells.skip(step / 2).step_by(step) {
        let folded: Vec<String> = names.iter().map(|name| folded(name)).collect();
        let expected = match (bucket.map(|bucket| key(&bucket.start, report.interval)), folded.as_slice()) {
            (None, []) => hand.dated.len() as u64,
            (None, [value]) => count(hand.values.get(value)),
            (None, [value, then]) => count(hand.value_pairs.get(&(value.clone(), then.clone()))),
            (Some(key), []) => count(hand.buckets.get(&key)),
            (Some(key), [value]) => count(hand.cells.get(&(key, value.clone()))),
            (Some(key), [value, then]) => count(hand.pairs.get(&(key, value.clone(), then.clone()))),
            _ => unreachable!(),
        };
        let request = report.drill_down(bucket, names);
        assert_eq!(found(request.clone()), expected, "{request:?}");
    }
}

/// A cell put together from the JSON alone, as the documentation says: the value's query, from the later of the two
/// beginnings until the earlier of the two ends.
fn check_composition(report: &TrendReport) {
    let (Some(bucket), Some(value)) = (report.buckets.last(), report.values.last()) else { return };
    let json = serde_json::to_value(report).unwrap();
    let drill = &json["values"].as_array().unwrap().last().unwrap()["drill"];
    let last = json["buckets"].as_array().unwrap().last().unwrap();
    let time = |value: &serde_json::Value| value.as_str().unwrap().parse::<Timestamp>().unwrap();
    let composed = report.drill_down(Some(bucket), &[&value.value]);
    assert_eq!(drill["query"], composed.query.as_str());
    assert_eq!(composed.since, Some(time(&drill["since"]).max(time(&last["start"]))));
    assert_eq!(composed.until, Some(time(&drill["until"]).min(time(&last["end"]))));
}

/// Questions in all, of 44 indexes.
const QUESTIONS_PER_WORLD: usize = 25;

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 60, ..ProptestConfig::with_cases(44) })]

    /// 1,100 random requests: single fields and pairs, all measures, intervals and comparisons, in zones whose clocks
    /// change in odd ways, over several segments with updates between them.
    #[test]
    fn reports_are_what_counting_by_hand_gives(world in any_world(QUESTIONS_PER_WORLD)) {
        let (_dir, index) = index_of(&world.samples, world.per_commit);
        let samples = present(&world.samples);
        for (number, question) in world.questions.iter().enumerate() {
            let request = &question.request;
            let hand = count_by_hand(&samples, question);
            let report = match trend(&index, request) {
                Ok(report) => report,
                Err(TrendError::TooManyBuckets { .. }) => {
                    let seconds: Vec<i64> = hand.dated.iter().filter_map(|sample| second(sample)).collect();
                    let days = (seconds.iter().max().unwrap() - seconds.iter().min().unwrap()) / 86_400;
                    prop_assert!(days > 100, "{} buckets of {} in {days} days", MAX_BUCKETS, request.interval);
                    continue;
                }
                Err(TrendError::CompareUntil { since }) => {
                    let has_later = samples.iter().filter_map(|s| second(s)).any(|second| second >= bound(since));
                    prop_assert!(request.compare && request.until.is_none() && !has_later);
                    continue;
                }
                Err(error) => return Err(TestCaseError::fail(error.to_string())),
            };
            let measures = Measures { net: request.measures.net || request.compare, ..request.measures };
            check_shape(&report);
            check_counts(&report, &hand, measures);
            check_values(&report, &hand, measures);
            let before = if request.compare { count_before(&samples, question) } else { None };
            check_comparison(&report, &hand, before.as_ref());
            check_drill_down(&index, &report, &hand, 1 + report.buckets.len() * (1 + report.values.len()) / 6);
            if number == 0 {
                check_composition(&report);
            }
        }
    }
}
