//! Charts in words, for those who hear them.

use super::scale::written;
use super::text::{Font, clean};
use super::{BarLayout, MAX_SERIES, Plot, TimeAxis, Unit};

/// The widest name in a description, as print.
const MAX_NAME_WIDTH: f64 = 200.0;

/// What kind of chart it is, of what, from when to when, and how high its series reach.
pub(super) fn describe(plot: &Plot) -> String {
    match plot {
        Plot::Lines(lines) => {
            let series = lines.series.iter().map(|series| {
                let highest =
                    series.values.iter().flatten().copied().filter(|value| value.is_finite()).reduce(f64::max);
                (series.name.as_str(), highest.map(|value| rounded(value, lines.unit)))
            });
            format!("Lines over time{}: {}.", period(&lines.x), list(series, "at most"))
        }
        Plot::Columns(columns) => {
            let parts = columns.parts.iter().map(|part| {
                let sum = part.counts.iter().fold(0u64, |sum, count| sum.saturating_add(*count));
                (part.name.as_str(), Some(rounded(sum as f64, Unit::Number)))
            });
            format!("Stacked columns over time{}: {}.", period(&columns.x), list(parts, "in all"))
        }
        Plot::Spikes(spikes) => {
            let alarms = spikes.alarms.iter().take(MAX_SERIES).map(|alarm| {
                let zone = spikes.x.end.time_zone().clone();
                (alarm.label.as_str(), Some(alarm.at.to_zoned(zone).strftime("%Y-%m-%d %H:%M").to_string()))
            });
            let count = spikes.alarms.len();
            format!("Observed and expected over time{}; alarms: {count}. {}", period(&spikes.x), list(alarms, "at"))
        }
        Plot::Bars(bars) => {
            let rows = bars.rows.iter().take(MAX_SERIES).map(|row| (row.name.as_str(), None));
            let kind = if bars.layout == BarLayout::Shares { "Bars of shares" } else { "Bars" };
            format!("{kind}: {}.", list(rows, ""))
        }
    }
}

fn rounded(value: f64, unit: Unit) -> String {
    written(value, unit, if value.fract() == 0.0 { 0 } else { 2 })
}

fn period(x: &TimeAxis) -> String {
    let written = |moment: &jiff::Zoned| moment.strftime("%Y-%m-%d %H:%M").to_string();
    x.starts.first().map_or_else(String::new, |start| format!(" from {} to {}", written(start), written(&x.end)))
}

fn list<'a>(items: impl Iterator<Item = (&'a str, Option<String>)>, what: &str) -> String {
    let item = |(name, figure): (&str, Option<String>)| {
        let name = Font::LABEL.fit(&clean(name), MAX_NAME_WIDTH);
        figure.map_or_else(|| name.clone(), |figure| format!("{name} {what} {figure}"))
    };
    let items: Vec<String> = items.take(MAX_SERIES).map(item).collect();
    if items.is_empty() { "no mentions".to_owned() } else { items.join(", ") }
}
