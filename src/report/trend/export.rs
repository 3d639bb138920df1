//! A trend as rows of CSV.

use std::io::{self, Write};

use crate::trends::{Figures, Interval, NetSentiment, PairCounts, TrendReport, rfc3339};

/// The columns, always the same: what was not asked for, and what is not known, is empty.
///
/// There is a row for each bucket, without a value; one for each bucket and value; and one for each bucket, value and value
/// of the second field. `share` is that of the bucket in the period, of the value in its bucket, or of the second value in
/// the mentions of the first. The figures from `scored` on are those of the whole bucket; where the interval is `all`,
/// values and pairs have them too, as far as the report lists them. `likes_known` and its like say how many mentions had
/// the figure.
const TREND_COLUMNS: [&str; 22] = [
    "start",
    "end",
    "value",
    "then_value",
    "mentions",
    "share",
    "scored",
    "net",
    "net_low",
    "net_high",
    "mean_score",
    "authors",
    "without_author",
    "likes",
    "likes_known",
    "shares",
    "shares_known",
    "replies",
    "replies_known",
    "views",
    "views_known",
    "reposts",
];

/// Writes a trend as CSV (RFC 4180), with a heading.
///
/// # Errors
/// Where it cannot be written.
pub fn write_trend_csv(report: &TrendReport, out: impl Write) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(TREND_COLUMNS)?;
    let none = Figures::default();
    // With one bucket, the figures of a value over the whole period are those of the bucket.
    let of_value = |value: usize, pair: Option<usize>| {
        let value = report.values.get(value).filter(|_| report.interval == Interval::ALL)?;
        Some(pair.map_or(Some(value), |pair| value.pairs.get(pair))?.figures.clone())
    };
    for bucket in &report.buckets {
        let mut row = |value: &str, then: &str, mentions: u64, share: Option<f64>, figures: &Figures| {
            let cells = [rfc3339(&bucket.start), rfc3339(&bucket.end), value.to_owned(), then.to_owned()];
            let numbers = [mentions.to_string(), decimal(share)];
            writer.write_record(cells.into_iter().chain(numbers).chain(figure_cells(figures)))
        };
        row("", "", bucket.total, bucket.share, &bucket.figures)?;
        let share = |part: u64, whole: u64| (whole > 0).then(|| part as f64 / whole as f64);
        for (number, (value, count)) in bucket.counts.iter().enumerate() {
            let figures = of_value(number, None);
            row(value, "", count, share(count, bucket.total), figures.as_ref().unwrap_or(&none))?;
        }
        let pairs = bucket.counts.iter().zip(bucket.pairs.iter().flat_map(PairCounts::iter));
        for (number, ((value, whole), (_, counts))) in pairs.enumerate() {
            for (pair, (then, count)) in counts.iter().enumerate() {
                let figures = of_value(number, Some(pair));
                row(value, then, count, share(count, whole), figures.as_ref().unwrap_or(&none))?;
            }
        }
    }
    writer.flush()
}

fn decimal(number: Option<f64>) -> String {
    number.map(|number| format!("{number:.4}")).unwrap_or_default()
}

/// The cells from `scored` on.
fn figure_cells(figures: &Figures) -> Vec<String> {
    let count = |number: Option<u64>| number.map(|number| number.to_string()).unwrap_or_default();
    let Figures { net, score, authors, engagement, reposts } = figures;
    let scored = net.map(|net| net.scored).or(score.map(|score| score.scored));
    let net = |end: fn(NetSentiment) -> Option<f64>| decimal(net.and_then(end));
    let mut cells = vec![count(scored), net(|net| net.value), net(|net| net.low), net(|net| net.high)];
    cells.push(decimal(score.and_then(|score| score.mean)));
    cells.extend([count(authors.map(|authors| authors.unique)), count(authors.map(|authors| authors.without_author))]);
    match engagement {
        None => cells.extend(vec![String::new(); 8]),
        Some(engagement) => {
            for (_, figure) in engagement.named() {
                let sum = if figure.mentions > 0 { figure.sum.to_string() } else { String::new() };
                cells.extend([sum, figure.mentions.to_string()]);
            }
        }
    }
    cells.push(count(*reposts));
    cells
}
