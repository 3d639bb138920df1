#![allow(clippy::unwrap_used, clippy::expect_used)]

use jiff::civil::date;
use jiff::{Span, ToSpan};
use proptest::prelude::*;
use roxmltree::{Document, Node};

use super::text::Font;
use super::ticks::time_ticks;
use super::time::TimeScale;
use super::*;

fn axis(start: &str, buckets: usize, step: Span) -> TimeAxis {
    let start: Zoned = start.parse().unwrap();
    let mut starts = vec![start];
    (0..buckets).for_each(|i| starts.push(starts[i].checked_add(step).unwrap()));
    TimeAxis { end: starts.pop().unwrap(), starts }
}

fn chart(title: &str, plot: Plot) -> Chart {
    Chart {
        title: title.to_owned(),
        subtitle: Some("Mentions per interval".to_owned()),
        source_note: "Query: brand:acme; data version 7".to_owned(),
        plot,
    }
}

fn line(name: &str, colour: Colour, values: &[Option<f64>]) -> LineSeries {
    LineSeries { name: name.to_owned(), colour, values: values.to_vec(), band: Vec::new() }
}

fn part(name: &str, colour: Colour, counts: &[u64]) -> ColumnPart {
    ColumnPart { name: name.to_owned(), colour, counts: counts.to_vec() }
}

fn sentiments(buckets: usize) -> Vec<ColumnPart> {
    let counts = |factor: usize| (0..buckets).map(|i| (i * factor % 17) as u64).collect::<Vec<_>>();
    vec![
        part("negative", Colour::Negative, &counts(7)),
        part("neutral", Colour::Neutral, &counts(5)),
        part("positive", Colour::Positive, &counts(3)),
        part("unscored", Colour::Unscored, &counts(1)),
    ]
}

fn columns(x: TimeAxis) -> Plot {
    Plot::Columns(ColumnChart { parts: sentiments(x.starts.len()), x })
}

fn with_band() -> Plot {
    let values = [Some(0.1), Some(-0.05), None, Some(-0.2), Some(-0.1)];
    let band = values.iter().map(|value| value.map(|value: f64| (value - 0.1, value + 0.1))).collect();
    let series = vec![LineSeries { band, ..line("net sentiment", Colour::Nth(0), &values) }];
    let x = axis("2026-02-02T00:00[Europe/Riga]", 5, 1.day());
    Plot::Lines(LineChart { x, unit: Unit::Percent, series })
}

fn with_alarms(buckets: usize, alarms: &[(usize, &str)]) -> Plot {
    let x = axis("2026-02-02T00:00[America/New_York]", buckets, 1.hour());
    let alarms = alarms
        .iter()
        .map(|(bucket, label)| AlarmMark { at: x.starts[*bucket].timestamp(), label: (*label).to_owned() })
        .collect();
    Plot::Spikes(SpikeChart {
        unit: Unit::Number,
        observed: (0..buckets).map(|i| (i != 2).then_some((i * 7 % 12) as f64)).collect(),
        expected: vec![Some(5.0); buckets],
        band: vec![Some((1.0, 9.0)); buckets],
        alarms,
        x,
    })
}

fn bars(layout: BarLayout, rows: &[(&str, [f64; 2])]) -> Plot {
    let measure = |name: &str, colour| Measure { name: name.to_owned(), colour };
    let row = |(name, values): &(&str, [f64; 2])| BarRow {
        name: (*name).to_owned(),
        values: values.iter().map(|value| Some(*value)).collect(),
    };
    let measures = match layout {
        BarLayout::Shares => vec![measure("negative", Colour::Negative), measure("positive", Colour::Positive)],
        BarLayout::SideBySide(_) => {
            vec![measure("with reposts", Colour::Nth(0)), measure("without reposts", Colour::Nth(4))]
        }
    };
    Plot::Bars(BarChart { layout, measures, rows: rows.iter().map(row).collect() })
}

#[test]
fn small_charts_of_each_kind() {
    let days = axis("2026-02-02T00:00[Europe/Riga]", 4, 1.day());
    let voice = [("Acme", [0.625, 0.5]), ("Bolt", [0.375, 0.5])];
    let topics = [("delivery/late", [1_200.0, 300.0]), ("app", [0.0, 4.0]), ("price", [0.0, 0.0])];
    let cases = [
        ("lines", chart("Fewer were pleased in February", with_band())),
        ("columns", chart("Four days", columns(days))),
        ("spikes", chart("Two alarms in a night", with_alarms(8, &[(2, "no data"), (5, "×2.2")]))),
        ("bars", chart("Reposts make the difference", bars(BarLayout::SideBySide(Unit::Percent), &voice))),
        ("share_bars", chart("What is late makes people angry", bars(BarLayout::Shares, &topics))),
    ];
    for (name, chart) in cases {
        let picture = svg(&chart);
        check(&picture);
        insta::assert_snapshot!(name, picture);
    }
}

/// A text of a picture and the room it takes, by the widths that [`Font`] states.
#[derive(Debug)]
struct TextBox {
    #[expect(dead_code, reason = "shown where the test fails")]
    text: String,
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
}

fn attribute<'a>(node: Node<'a, '_>, name: &str) -> Option<&'a str> {
    node.ancestors().find_map(|node| node.attribute(name))
}

fn number_of(node: Node, name: &str) -> f64 {
    attribute(node, name).unwrap().parse().unwrap()
}

fn text_boxes(document: &Document) -> Vec<TextBox> {
    let texts = document.descendants().filter(|node| node.has_tag_name("text"));
    let text_box = |node: Node| {
        let text = node.text().unwrap_or_default().to_owned();
        let (x, y) = (number_of(node, "x"), number_of(node, "y"));
        let bold = attribute(node, "font-weight") == Some("bold");
        let font = Font { size: number_of(node, "font-size"), bold };
        let width = font.width(&text);
        let left = match node.attribute("text-anchor") {
            Some("end") => x - width,
            Some("middle") => x - width / 2.0,
            _ => x,
        };
        TextBox { text, left, right: left + width, top: y - 0.75 * font.size, bottom: y + 0.2 * font.size }
    };
    texts.map(text_box).collect()
}

/// What must be true of every picture: it is XML, needs nothing from elsewhere, and no text lies over another or outside.
fn check(picture: &str) {
    let document = Document::parse(picture).unwrap_or_else(|error| panic!("{error}: {picture}"));
    let root = document.root_element();
    let size: Vec<f64> = root.attribute("viewBox").unwrap().split(' ').map(|part| part.parse().unwrap()).collect();
    for node in document.descendants().filter(Node::is_element) {
        let names = ["svg", "title", "desc", "style", "g", "text", "path", "rect", "circle"];
        assert!(names.contains(&node.tag_name().name()), "{}", node.tag_name().name());
        for attribute in node.attributes() {
            assert!(!attribute.name().starts_with("on") && attribute.name() != "href");
            assert!(!attribute.value().contains("NaN") && !attribute.value().contains("inf"), "{}", attribute.value());
        }
    }
    let boxes = text_boxes(&document);
    for (i, a) in boxes.iter().enumerate() {
        assert!(a.left >= 0.0 && a.right <= size[2] && a.top >= 0.0 && a.bottom <= size[3], "{a:?} is outside");
        for b in &boxes[i + 1..] {
            let apart = a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;
            assert!(apart, "{a:?} and {b:?} overlap");
        }
    }
}

/// The two lines below the axis of hours, days and months; `|` parts labels.
fn labels(x: &TimeAxis) -> (String, String) {
    let ticks = time_ticks(x, TimeScale::new(x, 60.0, 704.0));
    let joined =
        |labels: &[super::ticks::Label]| labels.iter().map(|label| label.text.as_str()).collect::<Vec<_>>().join("|");
    (joined(&ticks.labels), joined(&ticks.unders))
}

#[test]
fn time_axes_suit_their_length() {
    let cases = [
        ("2026-02-02T10:00[UTC]", 30, 1.minute(), "10:00|10:05|10:10|10:15|10:20|10:25", "2 Feb 2026"),
        (
            "2026-12-31T18:00[UTC]",
            12,
            1.hour(),
            "18:00|19:00|20:00|21:00|22:00|23:00|00:00|01:00|02:00|03:00|04:00|05:00",
            "31 Dec 2026|1 Jan 2027",
        ),
        ("2026-02-02T00:00[UTC]", 48, 1.hour(), "00:00|06:00|12:00|18:00|00:00|06:00|12:00|18:00", "2 Feb 2026|3 Feb"),
        ("2026-03-29T00:00[Europe/Riga]", 23, 1.hour(), "00:00|06:00|09:00|12:00|15:00|18:00|21:00", "29 Mar 2026"),
        ("2025-10-26T00:00[Europe/Riga]", 6, 1.hour(), "00:00|01:00|02:00|03:00|03:00|04:00", "26 Oct 2025"),
        (
            "2026-02-16T00:00[America/New_York]",
            10 * 24,
            1.hour(),
            "Mon 16|Tue 17|Wed 18|Thu 19|Fri 20|Sat 21|Sun 22|Mon 23|Tue 24|Wed 25",
            "Feb 2026",
        ),
        ("2026-01-05T00:00[UTC]", 60, 1.day(), "5|12|19|26|2|9|16|23|2", "Jan 2026|Feb|Mar"),
        ("2025-03-03T00:00[Europe/Riga]", 39, 1.week(), "Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov", "2025"),
        ("2015-01-01T00:00[UTC]", 130, 1.month(), "2015|2016|2017|2018|2019|2020|2021|2022|2023|2024|2025", ""),
        ("1600-01-01T00:00[UTC]", 4_000, 1.month(), "1600|1650|1700|1750|1800|1850|1900", ""),
        ("2026-02-02T00:00[UTC]", 1, 1.week(), "2", "Feb 2026"),
        ("2026-02-02T00:00[UTC]", 1, 1.day(), "Mon 2", "Feb 2026"),
        ("2026-02-03T10:07[UTC]", 1, 7.minutes(), "10:10", "3 Feb 2026"),
        ("2026-02-03T10:07:10[UTC]", 2, 5.seconds(), "3 Feb 2026 10:07|3 Feb 2026 10:07", ""),
    ];
    for (start, buckets, step, expected, under) in cases {
        let found = labels(&axis(start, buckets, step));
        assert_eq!((found.0.as_str(), found.1.as_str()), (expected, under), "{start}, {buckets} buckets of {step}");
    }
}

#[test]
fn hours_are_as_wide_as_each_other_when_clocks_change() {
    let x = axis("2025-10-26T00:00[Europe/Riga]", 25, 1.hour());
    assert_eq!(x.end.date(), date(2025, 10, 27));
    let scale = TimeScale::new(&x, 0.0, 250.0);
    for bucket in 0..25 {
        let (start, end) = scale.bucket(&x, bucket);
        assert!((end - start - 10.0).abs() < 1e-9);
    }
    assert!(svg(&chart("", columns(x))).contains("Clocks change on 26 Oct 2025: that day has 25 hours."));
    let days = axis("2025-10-25T00:00[Europe/Riga]", 3, 1.day());
    let scale = TimeScale::new(&days, 0.0, 730.0);
    assert_eq!([0, 1, 2].map(|day| scale.bucket(&days, day).1.round()), [240.0, 490.0, 730.0]);
}

#[test]
fn clock_changes_are_told_of_their_own_day() {
    let told = |start: &str, buckets, step| {
        let picture = svg(&chart("", columns(axis(start, buckets, step))));
        ["26 Oct 2025: that day has 25 hours.", "15 Oct 2017: that day has 23 hours.", "Clocks change"]
            .map(|note| picture.contains(note))
    };
    // Within, as the last day, and behind the last one.
    assert_eq!(told("2025-10-20T00:00[Europe/Riga]", 10, 1.day()), [true, false, true]);
    assert_eq!(told("2025-10-20T00:00[Europe/Riga]", 7, 1.day()), [true, false, true]);
    assert_eq!(told("2025-10-20T00:00[Europe/Riga]", 6, 1.day()), [false; 3]);
    assert_eq!(told("2025-10-20T00:00[Europe/Riga]", 2, 1.week()), [true, false, true]);
    // The day begins at one o'clock.
    assert_eq!(told("2017-10-13T00:00[America/Sao_Paulo]", 3, 1.day()), [false, true, true]);
    assert_eq!(told("2017-10-13T00:00[America/Sao_Paulo]", 2, 1.day()), [false; 3]);
}

#[test]
fn alarms_near_each_other_have_their_labels() {
    let labels: Vec<String> = (0..4).map(|i| format!("alarm number {i}")).collect();
    for first in [0, 30, 700, 1_430] {
        let alarms: Vec<(usize, &str)> = (0..4).map(|i| (first + 3 * i, labels[i].as_str())).collect();
        let picture = svg(&chart("Four alarms", with_alarms(1_440, &alarms)));
        check(&picture);
        assert!(labels.iter().all(|label| picture.contains(&format!(">{label}</text>"))), "from {first}");
    }
    let crowd: Vec<(usize, &str)> = (0..MAX_ALARMS + 3).map(|i| (i, "one of many")).collect();
    let picture = svg(&chart("Too many alarms", with_alarms(600, &crowd)));
    check(&picture);
    assert!(picture.contains("alarms had no room.") && picture.contains("3 more alarms are not shown."));
}

#[test]
fn many_buckets_make_small_pictures() {
    let x = || axis("2026-01-01T00:00[Europe/Riga]", 10_000, 5.minutes());
    let picture = svg(&chart("Many", columns(x())));
    check(&picture);
    assert!(picture.contains("Each column is the sum of 18 intervals"));
    assert!(picture.len() < 60_000, "{}", picture.len());
    let values: Vec<Option<f64>> = (0..10_000).map(|i| Some(f64::from(i * 7_919 % 1_000))).collect();
    let series = vec![line("one", Colour::Nth(0), &values)];
    let picture = svg(&chart("Many", Plot::Lines(LineChart { x: x(), unit: Unit::Number, series })));
    assert!(picture.len() < 100_000, "{}", picture.len());
}

#[test]
fn nothing_is_said_to_be_nothing() {
    let none = || TimeAxis { starts: Vec::new(), end: "2026-01-01T00:00[UTC]".parse().unwrap() };
    let lines = |x, series| Plot::Lines(LineChart { x, unit: Unit::Number, series });
    let gaps = line("gaps", Colour::Other, &[None, Some(f64::NAN), Some(1e300)]);
    let cases = [
        lines(none(), vec![line("empty", Colour::Nth(3), &[Some(1.0)])]),
        lines(axis("2026-02-02T00:00[UTC]", 3, 1.day()), vec![gaps]),
        columns(none()),
        Plot::Columns(ColumnChart {
            x: axis("2026-02-02T00:00[UTC]", 3, 1.day()),
            parts: vec![part("zero", Colour::Nth(0), &[0, 0, 0])],
        }),
        bars(BarLayout::Shares, &[]),
    ];
    for plot in cases {
        let picture = svg(&chart("Nothing", plot));
        check(&picture);
        assert!(picture.contains(">no mentions</text>"));
    }
}

#[test]
fn what_is_not_drawn_is_said() {
    let rows: Vec<(&str, [f64; 2])> = vec![("row", [1.0, 2.0]); MAX_ROWS + 5];
    let picture = svg(&chart("Rows", bars(BarLayout::Shares, &rows)));
    assert!(picture.contains("5 more rows are not shown."));
    let series: Vec<LineSeries> = (0..=MAX_SERIES).map(|i| line("line", Colour::Nth(i), &[Some(1.0)])).collect();
    let x = axis("2026-02-02T00:00[UTC]", 1, 1.day());
    let picture = svg(&chart("Lines", Plot::Lines(LineChart { x, unit: Unit::Number, series })));
    assert!(picture.contains("1 more series is not shown."));
}

const NAMES: [&str; 8] = [
    "Acme",
    "",
    "شركة الطيران العربية للنقل السريع بين المدن الكبرى",
    "北方航空公司",
    "A very long name of a brand that goes on for eighty characters & <more> than that",
    "\u{0}\u{1b}[2J]]>\u{202E}\u{FFFE}\u{FFFF}",
    "<script>alert('x')</script><!-- -->&amp;",
    "e\u{301}\u{301}\u{301}👩\u{200D}👧",
];

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![proptest::sample::select(NAMES.to_vec()).prop_map(str::to_owned), any::<String>(), "\\PC{0,200}"]
}

fn any_values(buckets: usize) -> impl Strategy<Value = Vec<Option<f64>>> {
    let value = prop_oneof![4 => 0.0..50.0, 1 => -2.0..2.0, 1 => any::<f64>(), 1 => 1e6..1.2e7];
    let whole = any::<bool>();
    (proptest::collection::vec(proptest::option::weighted(0.9, value), 0..=buckets + 1), whole).prop_map(
        |(values, whole)| {
            values.into_iter().map(|value| value.map(|v: f64| if whole { v.round() } else { v })).collect()
        },
    )
}

fn any_axis() -> impl Strategy<Value = TimeAxis> {
    let zones = ["Europe/Riga", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"];
    let steps = [1.minute(), 5.minutes(), 1.hour(), 3.hours(), 1.day(), 1.week(), 1.month(), 7.seconds()];
    let start = -2_000_000_000..2_000_000_000i64;
    (start, 0..90usize, proptest::sample::select(zones.to_vec()), proptest::sample::select(steps.to_vec())).prop_map(
        |(start, buckets, zone, step)| {
            axis(&Timestamp::from_second(start).unwrap().in_tz(zone).unwrap().to_string(), buckets, step)
        },
    )
}

fn any_series() -> impl Strategy<Value = LineSeries> {
    (any_text(), (0..12usize).prop_map(Colour::Nth), any_values(90)).prop_map(|(name, colour, values)| {
        let band = values.iter().map(|value| value.map(|value| (value + 1.0, value - 3.0))).collect();
        LineSeries { name, colour, values, band }
    })
}

fn any_plot() -> impl Strategy<Value = Plot> {
    let unit = || proptest::sample::select(vec![Unit::Number, Unit::Percent]);
    let lines = (any_axis(), unit(), proptest::collection::vec(any_series(), 0..9))
        .prop_map(|(x, unit, series)| Plot::Lines(LineChart { x, unit, series }));
    let part = (any_text(), proptest::collection::vec(0..2_000_000u64, 0..90)).prop_map(|(name, counts)| ColumnPart {
        name,
        colour: Colour::Neutral,
        counts,
    });
    let columns = (any_axis(), proptest::collection::vec(part, 0..9))
        .prop_map(|(x, parts)| Plot::Columns(ColumnChart { x, parts }));
    let alarms = proptest::collection::vec((any_text(), 0..90usize), 0..12);
    let spikes =
        (any_axis(), unit(), any_series(), any_values(90), alarms).prop_map(|(x, unit, series, expected, at)| {
            let at = at.into_iter().map(|(label, bucket)| (label, x.starts.get(bucket).unwrap_or(&x.end).timestamp()));
            let alarms = at.map(|(label, at)| AlarmMark { at, label }).collect();
            Plot::Spikes(SpikeChart { x, unit, observed: series.values, expected, band: series.band, alarms })
        });
    let layout = prop_oneof![unit().prop_map(BarLayout::SideBySide), Just(BarLayout::Shares)];
    let row = (any_text(), any_values(5)).prop_map(|(name, values)| BarRow { name, values });
    let measure = any_text().prop_map(|name| Measure { name, colour: Colour::Negative });
    let bars = (layout, proptest::collection::vec(measure, 0..6), proptest::collection::vec(row, 0..9))
        .prop_map(|(layout, measures, rows)| Plot::Bars(BarChart { layout, measures, rows }));
    prop_oneof![lines, columns, spikes, bars]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn every_chart_is_a_picture(
        title in any_text(),
        subtitle in proptest::option::of(any_text()),
        source_note in any_text(),
        plot in any_plot(),
    ) {
        let chart = Chart { title, subtitle, source_note, plot };
        let picture = svg(&chart);
        check(&picture);
        prop_assert_eq!(picture, svg(&chart));
    }
}
