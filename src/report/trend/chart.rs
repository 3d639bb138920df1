//! A trend as a picture.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::report::chart::{
    BarChart, BarLayout, BarRow, Chart, Colour, ColumnChart, ColumnPart, LineChart, LineSeries, Measure, Plot,
    TimeAxis, Unit,
};
use crate::report::source::{asked, length_in_words, source_note};
use crate::report::table::number;
use crate::trends::{BrandVoice, Counts, Field, Interval, PairCounts, ShareOfVoice, TrendReport, ValueFigures};

/// Values with a colour of their own; where there are more, one less, and the rest is summed up.
const MAX_COLOURS: usize = 8;
/// Most rows of bars; those after them are small.
const MAX_ROWS: usize = 30;
const OTHER: &str = "other";

/// The picture of a trend; the first of these that holds decides which one:
///
/// - the whole period in one bucket: horizontal bars, a row for each value. Of sentiment, and of two fields, the parts of a
///   row are shares.
/// - net sentiment was measured: its line, with the 95 % interval as a band;
/// - by sentiment: stacked columns;
/// - else: a line for each of the largest values, and one for the others together.
///
/// Over time, a second field is not shown.
pub fn trend_chart(report: &TrendReport) -> Chart {
    let is_whole = report.interval == Interval::ALL;
    let is_net = !is_whole && report.figures.net.is_some();
    let plot = match report.by {
        _ if is_whole => Plot::Bars(bars(report)),
        _ if is_net => Plot::Lines(net_line(report)),
        Some(Field::Sentiment) => Plot::Columns(columns(report)),
        _ => Plot::Lines(lines(report)),
    };
    let mut bounds = (report.since, report.until);
    if let Some(bucket) = report.buckets.first().filter(|_| is_whole) {
        bounds = (Some(bucket.start.timestamp()), Some(bucket.end.timestamp()));
    }
    let source = source_note(&report.query, bounds, &report.zone, &report.data_version);
    let source = with_asked(source, report.asked_at, &report.zone);
    let drawn = report.values.len().min(MAX_ROWS) as u64;
    let values = report.values.len() as u64 + report.more_values;
    Chart {
        title: if is_net { "Net sentiment".to_owned() } else { title(report) },
        subtitle: Some(subtitle(report, is_net)),
        source_note: if is_whole { with_left_out(source, values - drawn, "values") } else { source },
        plot,
    }
}

/// The picture of brands beside each other: a row for each, with its share with and without reposts.
pub fn share_of_voice_chart(report: &ShareOfVoice) -> Chart {
    let reposts = report.brand_mentions - report.brand_mentions_without_reposts;
    let mut measures = vec![measure("all mentions", Colour::Nth(0))];
    if reposts > 0 {
        measures.push(measure("without reposts", Colour::Nth(4)));
    }
    let row = |brand: &BrandVoice| BarRow {
        name: brand.brand.clone(),
        values: [brand.share, brand.share_without_reposts].into_iter().take(measures.len()).collect(),
    };
    let rows = report.brands.iter().take(MAX_ROWS).map(row).collect();
    let subtitle = format!(
        "Shares of {} mentions of brands, {} of them reposts; a mention of several brands counts once for each",
        number(report.brand_mentions),
        number(reposts)
    );
    let source = source_note(&report.query, (report.since, report.until), &report.zone, &report.data_version);
    let source = with_asked(source, report.asked_at, &report.zone);
    let left_out = report.brands.len().saturating_sub(MAX_ROWS) as u64 + report.more_brands;
    Chart {
        title: "Share of voice".to_owned(),
        subtitle: Some(subtitle),
        source_note: with_left_out(source, left_out, "brands"),
        plot: Plot::Bars(BarChart { layout: BarLayout::SideBySide(Unit::Percent), measures, rows }),
    }
}

/// Says before the source how many rows are not shown.
fn with_left_out(source: String, rows: u64, what: &str) -> String {
    match rows {
        0 => source,
        more => format!("{} more {what} not shown. {source}", number(more)),
    }
}

/// Says behind the source when it was asked, where the answer depends on that.
fn with_asked(source: String, asked_at: Option<Timestamp>, zone: &TimeZone) -> String {
    match asked(asked_at, zone) {
        Some(asked) => format!("{source}; {asked}"),
        None => source,
    }
}

fn title(report: &TrendReport) -> String {
    let name = |field: Field| field.name().replace('_', " ");
    match (report.by, report.then_by) {
        (Some(by), Some(then)) if report.interval == Interval::ALL => {
            let mut title = format!("{} by {}", name(then), name(by));
            title[..1].make_ascii_uppercase();
            title
        }
        (Some(by), _) => format!("Mentions by {}", name(by)),
        (None, _) => "Mentions".to_owned(),
    }
}

fn subtitle(report: &TrendReport, is_net: bool) -> String {
    let per = match report.interval {
        Interval::ALL => String::new(),
        interval => format!(" per {}", length_in_words(&interval.to_string())),
    };
    match is_net {
        true => format!("Share of positive less that of negative mentions{per}; shaded: 95 % interval"),
        false if report.multi_valued => format!("Mentions{per}; a mention may count under several values"),
        false => format!("Mentions{per}"),
    }
}

fn time_axis(report: &TrendReport) -> TimeAxis {
    let nothing = || Timestamp::UNIX_EPOCH.to_zoned(report.zone.clone());
    TimeAxis {
        starts: report.buckets.iter().map(|bucket| bucket.start.clone()).collect(),
        end: report.buckets.last().map_or_else(nothing, |bucket| bucket.end.clone()),
    }
}

fn net_line(report: &TrendReport) -> LineChart {
    let nets = || report.buckets.iter().map(|bucket| bucket.figures.net);
    let series = LineSeries {
        name: String::new(),
        colour: Colour::Nth(0),
        values: nets().map(|net| net?.value).collect(),
        band: nets().map(|net| net.and_then(|net| net.low.zip(net.high))).collect(),
    };
    LineChart { x: time_axis(report), unit: Unit::Percent, series: vec![series] }
}

fn columns(report: &TrendReport) -> ColumnChart {
    let part = |(name, counts): (String, Vec<u64>)| ColumnPart { colour: sentiment_colour(&name), name, counts };
    let parts = counts_over_time(report, usize::MAX).into_iter().map(part).collect();
    ColumnChart { x: time_axis(report), parts }
}

fn lines(report: &TrendReport) -> LineChart {
    let shown = with_colour(report.values.len() + report.more_values as usize);
    let series = |(number, (name, counts)): (usize, (String, Vec<u64>))| LineSeries {
        name,
        colour: if number < shown { Colour::Nth(number) } else { Colour::Other },
        values: counts.into_iter().map(|count| Some(count as f64)).collect(),
        band: Vec::new(),
    };
    let series = counts_over_time(report, shown).into_iter().enumerate().map(series).collect();
    LineChart { x: time_axis(report), unit: Unit::Number, series }
}

/// Of so many values, how many have a colour of their own.
fn with_colour(values: usize) -> usize {
    if values > MAX_COLOURS { MAX_COLOURS - 1 } else { values }
}

/// The first values with their counts in each bucket, then the others together; of no field, all mentions.
fn counts_over_time(report: &TrendReport, shown: usize) -> Vec<(String, Vec<u64>)> {
    if report.by.is_none() {
        return vec![("mentions".to_owned(), report.buckets.iter().map(|bucket| bucket.total).collect())];
    }
    let mut series: Vec<(String, Vec<u64>)> = Vec::new();
    for (number, bucket) in report.buckets.iter().enumerate() {
        for (position, (value, count)) in bucket.counts.iter().enumerate() {
            let place = position.min(shown);
            if place == series.len() {
                let name = if position < shown { value } else { OTHER };
                series.push((name.to_owned(), vec![0; report.buckets.len()]));
            }
            series[place].1[number] += count;
        }
    }
    series
}

fn bars(report: &TrendReport) -> BarChart {
    let counts = |values: &[ValueFigures]| values.iter().map(|value| value.mentions).collect::<Vec<_>>();
    match (report.by, report.then_by) {
        (Some(_), Some(then)) => {
            // The only bucket has all pairs, of which the values list the first.
            let pairs = report.buckets.iter().filter_map(|bucket| bucket.pairs.as_ref()).flat_map(PairCounts::iter);
            let row = |(name, row): (&str, &Counts)| (name.to_owned(), row.iter().map(|(_, count)| count).collect());
            shares(then, report.values.first().map_or(&[], |value| &value.pairs), pairs.take(MAX_ROWS).map(row))
        }
        (Some(Field::Sentiment), None) => {
            shares(Field::Sentiment, &report.values, [("mentions".to_owned(), counts(&report.values))].into_iter())
        }
        (by, _) => {
            let row = |name: &str, mentions: u64| BarRow { name: name.to_owned(), values: vec![Some(mentions as f64)] };
            let rows = match by {
                None => report.buckets.iter().map(|_| row("mentions", report.total)).collect(),
                Some(_) => report.values.iter().take(MAX_ROWS).map(|value| row(&value.value, value.mentions)).collect(),
            };
            let measures = vec![measure("mentions", Colour::Nth(0))];
            BarChart { layout: BarLayout::SideBySide(Unit::Number), measures, rows }
        }
    }
}

/// Rows of shares of the values of a field; values without a colour of their own are one part.
fn shares(field: Field, values: &[ValueFigures], rows: impl Iterator<Item = (String, Vec<u64>)>) -> BarChart {
    let shown = with_colour(values.len());
    let colour = |number: usize, name: &str| match field {
        Field::Sentiment => sentiment_colour(name),
        _ => Colour::Nth(number),
    };
    let mut measures: Vec<Measure> =
        values[..shown].iter().enumerate().map(|(i, value)| measure(&value.value, colour(i, &value.value))).collect();
    let has_others = shown < values.len();
    if has_others {
        measures.push(measure(OTHER, Colour::Other));
    }
    let row = |(name, counts): (String, Vec<u64>)| {
        let others = has_others.then(|| counts[shown..].iter().sum());
        BarRow { name, values: counts[..shown].iter().copied().chain(others).map(|count| Some(count as f64)).collect() }
    };
    BarChart { layout: BarLayout::Shares, measures, rows: rows.map(row).collect() }
}

fn measure(name: &str, colour: Colour) -> Measure {
    Measure { name: name.to_owned(), colour }
}

fn sentiment_colour(name: &str) -> Colour {
    match name {
        "negative" => Colour::Negative,
        "neutral" => Colour::Neutral,
        "positive" => Colour::Positive,
        _ => Colour::Unscored,
    }
}
