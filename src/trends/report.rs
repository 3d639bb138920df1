//! Trend reports: the answer as everyone sees it.

use std::sync::Arc;

use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use super::compare::{Change, Comparison, Previous};
use super::count::Counted;
use super::drill_down::Drill;
use super::error::TrendError;
use super::figures::{Figures, share};
use super::interval::Interval;
use super::request::{MAX_CELLS, MAX_LISTED_PAIRS, MAX_LISTED_VALUES, TrendRequest};
use crate::index::{Field, Measures, MentionIndex, Sums};
use crate::mention::Label;
use crate::query::QueryContext;

/// Mentions over time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TrendReport {
    /// Mentions in all buckets.
    pub total: u64,
    /// The interval that was asked for.
    pub interval: Interval,
    /// Name of the time zone, or its offset where it has none.
    pub tz: String,
    /// The field that was asked for.
    pub by: Option<Field>,
    /// The second field that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub then_by: Option<Field>,
    /// The query that was asked for.
    pub query: String,
    /// The bounds that were asked for.
    pub since: Option<Timestamp>,
    /// The bounds that were asked for.
    pub until: Option<Timestamp>,
    /// When it was asked; only where the query speaks of now, and would mean something else later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked_at: Option<Timestamp>,
    /// A short hash of the state of the index that was counted.
    pub data_version: String,
    /// True where one mention can be counted under several values, so that the counts of a bucket need not add up to
    /// its total; only written where true.
    #[serde(skip_serializing_if = "is_false")]
    pub multi_valued: bool,
    /// Mentions that match but say no time; they are in no bucket.
    pub undated: u64,
    /// What was asked for of all mentions.
    #[serde(flatten)]
    pub figures: Figures,
    /// How the mentions changed from the period before, if that was asked for and there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comparison: Option<Comparison>,
    /// What selects all mentions that were counted.
    pub drill: Drill,
    /// The values over the whole period, in the order of [`Counts`]; at most [`MAX_LISTED_VALUES`], pairs included.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<ValueFigures>,
    /// How many values are not listed; they are counted in the buckets all the same.
    #[serde(skip_serializing_if = "is_zero")]
    pub more_values: u64,
    /// How many values of the second field are not listed with each value; they are counted in the buckets all the same.
    #[serde(skip_serializing_if = "is_zero")]
    pub more_pairs: u64,
    /// Every bucket from that of the first mention to that of the last.
    pub buckets: Vec<Bucket>,
    /// The time zone itself.
    #[serde(skip)]
    pub zone: TimeZone,
}

/// One value over the whole period.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ValueFigures {
    /// Its most frequent spelling; `(none)` for mentions without a value.
    pub value: String,
    /// Mentions.
    pub mentions: u64,
    /// Its share of all mentions; of a pair, of the mentions of the first value. 0 to 1, `None` where there are none.
    pub share: Option<f64>,
    /// What was asked for.
    #[serde(flatten)]
    pub figures: Figures,
    /// How it changed from the period before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change: Option<Change>,
    /// What selects its mentions. Those of one bucket are found by the same query from the later of the two beginnings
    /// until the earlier of the two ends.
    pub drill: Drill,
    /// Its mentions by the values of the second field, always the same in the same order; at most [`MAX_LISTED_PAIRS`].
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pairs: Vec<ValueFigures>,
}

/// Mentions of one stretch of time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bucket {
    /// Its first moment.
    #[serde(serialize_with = "write_time")]
    pub start: Zoned,
    /// Where it ends, and the next one starts; it may reach beyond the bounds that were asked for.
    #[serde(serialize_with = "write_time")]
    pub end: Zoned,
    /// Mentions in it.
    pub total: u64,
    /// Its share of the whole period, 0 to 1; `None` where there are no mentions.
    pub share: Option<f64>,
    /// Mentions by value.
    pub counts: Counts,
    /// Mentions by value and value of the second field, if one was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pairs: Option<PairCounts>,
    /// What was asked for.
    #[serde(flatten)]
    pub figures: Figures,
}

/// Mentions by value: the same values, in the same order, in every bucket of a report.
#[derive(Debug, Clone, PartialEq)]
pub struct Counts {
    values: Arc<[String]>,
    numbers: Vec<u64>,
}

impl Counts {
    /// The values with their counts. Sentiments are in the order of [`Label::ALL`], then `unscored`; other values by
    /// their count in the whole report, highest first, then by name. Mentions without a value are `(none)`.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u64)> {
        self.values.iter().map(String::as_str).zip(self.numbers.iter().copied())
    }

    /// The count of one value, 0 where the report does not have it.
    pub fn get(&self, value: &str) -> u64 {
        self.iter().find(|(name, _)| *name == value).map_or(0, |(_, count)| count)
    }
}

impl Serialize for Counts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

/// Mentions by value and value of a second field: the same ones, in the same order, in every bucket of a report.
#[derive(Debug, Clone, PartialEq)]
pub struct PairCounts {
    values: Arc<[String]>,
    /// Those of the second field, for each value.
    rows: Vec<Counts>,
}

impl PairCounts {
    /// The values of the first field, each with its mentions by the second.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Counts)> {
        self.values.iter().map(String::as_str).zip(&self.rows)
    }
}

impl Serialize for PairCounts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.rows.len()))?;
        for (value, row) in self.iter() {
            map.serialize_entry(value, row)?;
        }
        map.end()
    }
}

/// Counts mentions over time, exactly.
///
/// # Errors
/// Where the query is none, there is more to count than a report may hold, or the index fails.
pub fn trend(index: &MentionIndex, request: &TrendRequest) -> Result<TrendReport, TrendError> {
    if request.compare && request.since.is_none() {
        return Err(TrendError::CompareSince);
    }
    let context = QueryContext { zone: request.tz.clone(), now: Timestamp::now() };
    let selection = index.select(&request.query, request.since, request.until, &context)?;
    let measures = Measures { net: request.measures.net || request.compare, ..request.measures };
    let counted = Counted::count(&selection, request, measures)?;
    let previous = if request.compare { Previous::count(&selection, request, &context)? } else { None };
    let builder = Builder::new(request, measures, counted, previous)?;
    Ok(builder.report(selection.data_version(), selection.asked_at(&context)))
}

/// What a report is made of.
struct Builder<'r> {
    request: &'r TrendRequest,
    measures: Measures,
    counted: Counted,
    previous: Option<Previous>,
    /// Mentions in all buckets.
    total: u64,
    drill: Drill,
    /// The values in the order of the report, with their numbers in the tally.
    values: Ranked,
    then_values: Ranked,
}

/// Values in the order of a report.
struct Ranked {
    names: Arc<[String]>,
    numbers: Vec<u32>,
    /// Mentions of each in the whole period.
    totals: Vec<u64>,
}

impl Ranked {
    /// Puts values in order, given their totals.
    fn new(field: Option<Field>, names: &[String], totals: &[u64]) -> Ranked {
        let rank = |name: &str| match field {
            Some(Field::Sentiment) => {
                Label::ALL.iter().position(|label| label.as_str() == name).unwrap_or(Label::ALL.len())
            }
            _ => 0,
        };
        let mut numbers: Vec<u32> = (0..names.len() as u32).collect();
        numbers.sort_by(|&a, &b| {
            let (a, b) = (a as usize, b as usize);
            rank(&names[a]).cmp(&rank(&names[b])).then(totals[b].cmp(&totals[a])).then_with(|| names[a].cmp(&names[b]))
        });
        let names = numbers.iter().map(|&number| names[number as usize].clone()).collect();
        let totals = numbers.iter().map(|&number| totals[number as usize]).collect();
        Ranked { names, numbers, totals }
    }

    fn len(&self) -> usize {
        self.numbers.len()
    }

    fn counts(&self, count: impl Fn(u32) -> Option<u64>) -> Counts {
        let numbers = self.numbers.iter().map(|&number| count(number).unwrap_or_default()).collect();
        Counts { values: self.names.clone(), numbers }
    }
}

impl<'r> Builder<'r> {
    fn new(
        request: &'r TrendRequest,
        measures: Measures,
        counted: Counted,
        previous: Option<Previous>,
    ) -> Result<Builder<'r>, TrendError> {
        let tally = &counted.tally;
        let mut names = tally.values.clone();
        names.extend(previous.iter().flat_map(|previous| previous.vanished(&tally.values)));
        let mut totals = vec![0; names.len()];
        for (&(_, value), count) in &tally.cells {
            totals[value as usize] += count;
        }
        let values = Ranked::new(request.by, &names, &totals);
        let then_values = Ranked::new(request.then_by, &tally.then_values, &tally.then_totals);
        let (buckets, cells) = (counted.buckets(), values.len().saturating_mul(then_values.len().max(1)));
        if buckets.saturating_mul(cells) > MAX_CELLS {
            return Err(TrendError::TooManyCells { buckets, values: cells });
        }
        let moment = |edge: Option<&i64>| edge.map(|&second| Timestamp::from_second(second).unwrap_or_default());
        // A mention without a time is outside of any bounds, as it is in no bucket.
        let (start, end) = (moment(counted.edges.first()), moment(counted.edges.last()));
        let drill = Drill {
            query: request.query.clone(),
            since: request.since.or(start).or(Some(Timestamp::UNIX_EPOCH)),
            until: request.until.or(end),
        };
        let total = tally.totals.iter().sum();
        Ok(Builder { request, measures, counted, previous, total, drill, values, then_values })
    }

    fn report(self, data_version: String, asked_at: Option<Timestamp>) -> TrendReport {
        let TrendRequest { query, since, until, by, then_by, interval, tz, .. } = self.request;
        let then_by = then_by.filter(|_| by.is_some());
        let tally = &self.counted.tally;
        let values = self.value_figures();
        TrendReport {
            total: self.total,
            interval: *interval,
            tz: zone_name(tz),
            by: *by,
            then_by,
            query: query.clone(),
            since: *since,
            until: *until,
            asked_at,
            data_version,
            multi_valued: [*by, then_by].into_iter().flatten().any(Field::is_multi_valued),
            undated: tally.span.undated,
            figures: Figures::of(&tally.sums, self.measures),
            comparison: self.previous.as_ref().map(|previous| previous.comparison(&tally.sums)),
            more_values: (self.values.len() - values.len()) as u64,
            more_pairs: self.then_values.len().saturating_sub(MAX_LISTED_PAIRS) as u64,
            values,
            buckets: (0..self.counted.buckets()).map(|number| self.bucket(number)).collect(),
            drill: self.drill,
            zone: tz.clone(),
        }
    }

    fn bucket(&self, number: usize) -> Bucket {
        let Counted { edges, first, tally } = &self.counted;
        let moment = |second: i64| Timestamp::from_second(second).unwrap_or_default().to_zoned(self.request.tz.clone());
        let in_tally = (first + number) as u32;
        let total = tally.totals[in_tally as usize];
        let row = |&value: &u32| self.then_values.counts(|then| tally.pairs.get(&(in_tally, value, then)).copied());
        let pairs =
            || PairCounts { values: self.values.names.clone(), rows: self.values.numbers.iter().map(row).collect() };
        Bucket {
            start: moment(edges[number]),
            end: moment(edges[number + 1]),
            total,
            share: share(total, self.total),
            counts: self.values.counts(|value| tally.cells.get(&(in_tally, value)).copied()),
            pairs: (self.request.by.is_some() && self.request.then_by.is_some()).then(pairs),
            figures: match tally.bucket_sums.get(in_tally as usize) {
                Some(sums) => Figures::of(sums, self.measures),
                None => Figures::default(),
            },
        }
    }

    /// The values over the whole period, as many as a report lists.
    fn value_figures(&self) -> Vec<ValueFigures> {
        let Some(field) = self.request.by else { return Vec::new() };
        let tally = &self.counted.tally;
        let pair_counts = self.pair_counts();
        let none = Sums::default();
        let listed = MAX_LISTED_VALUES / (1 + self.then_values.len().min(MAX_LISTED_PAIRS));
        let ranked = self.values.names.iter().zip(&self.values.numbers).zip(&self.values.totals);
        let figures = |((name, &number), &mentions): ((&String, &u32), &u64)| {
            let sums = tally.value_sums.get(&number).unwrap_or(&none);
            let drill = self.drill.with([(field, name.as_str())]);
            ValueFigures {
                value: name.clone(),
                mentions,
                share: share(mentions, self.total),
                figures: Figures::of(sums, self.measures),
                change: self.previous.as_ref().map(|previous| previous.change_of(name, sums, self.total)),
                pairs: self.pairs((field, name, number), mentions, &pair_counts),
                drill,
            }
        };
        ranked.take(listed).map(figures).collect()
    }

    /// The pairs of a value, given its field, name, number and mentions.
    fn pairs(
        &self,
        (field, value_name, value): (Field, &str, u32),
        mentions_of_value: u64,
        counts: &PairTotals,
    ) -> Vec<ValueFigures> {
        let Some(then_field) = self.request.then_by else { return Vec::new() };
        let none = Sums::default();
        let figures = |(name, &then): (&String, &u32)| {
            let mentions = counts.get(&(value, then)).copied().unwrap_or_default();
            ValueFigures {
                value: name.clone(),
                mentions,
                share: share(mentions, mentions_of_value),
                figures: Figures::of(self.counted.tally.pair_sums.get(&(value, then)).unwrap_or(&none), self.measures),
                change: None,
                drill: self.drill.with([(field, value_name), (then_field, name.as_str())]),
                pairs: Vec::new(),
            }
        };
        let listed = self.then_values.names.iter().zip(&self.then_values.numbers).take(MAX_LISTED_PAIRS);
        listed.map(figures).collect()
    }

    /// Mentions of each pair of values in the whole period.
    fn pair_counts(&self) -> PairTotals {
        let mut counts = PairTotals::new();
        for (&(_, value, then), count) in &self.counted.tally.pairs {
            *counts.entry((value, then)).or_default() += count;
        }
        counts
    }
}

type PairTotals = std::collections::HashMap<(u32, u32), u64>;

pub(crate) fn zone_name(zone: &TimeZone) -> String {
    match (zone.iana_name(), zone.to_fixed_offset()) {
        (Some(name), _) => name.to_owned(),
        (None, Ok(offset)) => offset.to_string(),
        (None, Err(_)) => "local".to_owned(),
    }
}

/// A time as RFC 3339: with the offset of its zone; with `Z` for UTC itself, and for local mean times, whose offsets have
/// seconds that RFC 3339 cannot say.
pub(crate) fn rfc3339(time: &Zoned) -> String {
    let timestamp = time.timestamp();
    if *time.time_zone() == TimeZone::UTC || time.offset().seconds() % 60 != 0 {
        timestamp.to_string()
    } else {
        timestamp.display_with_offset(time.offset()).to_string()
    }
}

fn write_time<S: Serializer>(time: &Zoned, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&rfc3339(time))
}

fn is_false(value: &bool) -> bool {
    !value
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}
