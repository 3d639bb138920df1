//! Alarms as people read them: what, how sure, why, and a mention that shows it.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::table::{number, printable};
use crate::spikes::{Alarm, Measure, Promise, RaisedAlarm, SpikeReport};

/// Characters of a mention that are shown.
const MENTION_WIDTH: usize = 110;

/// The alarms, each with its cause, and how the promise was kept.
pub fn spike_list(report: &SpikeReport, zone: &TimeZone) -> String {
    let mut text = String::new();
    for raised in &report.alarms {
        text += &alarm(raised, zone);
    }
    if report.alarms.is_empty() {
        text += "no alarms\n";
    }
    text + &spike_summary(report)
}

/// What was watched, what was promised, and what was raised.
pub fn spike_summary(report: &SpikeReport) -> String {
    let mut text = String::new();
    for watched in &report.watched {
        let rule = &watched.rule;
        let measures = rule.measures.iter().map(|measure| measure.name().replace('_', " ")).collect::<Vec<_>>();
        let per =
            rule.per.map_or_else(|| "all mentions".to_owned(), |field| format!("{} series by {field}", watched.series));
        text += &format!("watched   {per}: {}, in steps of {}", measures.join(", "), rule.step);
        if watched.series_left_out > 0 {
            text += &format!("; {} smaller series left out", number(watched.series_left_out as u64));
        }
        if !rule.query.trim().is_empty() {
            text += &format!("; {}", rule.query.trim());
        }
        text.push('\n');
    }
    text + &promise(&report.promise, report.alarms.len())
}

fn promise(promise: &Promise, alarms: usize) -> String {
    let Promise { promised_per_month, raised_per_month, days, tests } = *promise;
    format!(
        "promised  at most {promised_per_month:.1} false alarms a month over {tests} tests; raised {alarms} in {days:.1} \
         days, {raised_per_month:.1} a month, true ones and false ones\n"
    )
}

fn alarm(raised: &RaisedAlarm, zone: &TimeZone) -> String {
    let RaisedAlarm { alarm, cause, .. } = raised;
    let mut text = format!(
        "{}  {}  {}  {}, by chance {}\n",
        time(alarm.first.time, zone),
        printable(&alarm.series),
        alarm.measure.name().replace('_', " "),
        alarm.peak.severity.name(),
        once(alarm.peak.once_in_days),
    );
    if let Some(cause) = cause {
        text += &format!("    {}\n", printable(&cause.text));
        for mention in cause.top_mentions.iter().take(2) {
            let who = mention.author.as_deref().unwrap_or("?");
            let copies = if mention.copies > 1 { format!(" ({}×)", mention.copies) } else { String::new() };
            text += &format!("    {}{copies}: {}\n", printable(who), shortened(&mention.text));
        }
    }
    text += &format!("    {}\n", how_long(alarm, zone));
    text
}

fn how_long(alarm: &Alarm, zone: &TimeZone) -> String {
    let last = time(alarm.last, zone);
    let peak = match alarm.measure {
        Measure::Volume | Measure::Negative => format!("{}, {}", alarm.peak.value, alarm.peak.expectation()),
        Measure::NegativeShare => format!("{} of {}", alarm.peak.value, alarm.peak.scored.unwrap_or_default()),
        Measure::Silence => format!("none, {:.1} expected", alarm.peak.expected),
    };
    let state = if alarm.closed.is_some() { "over" } else { "still open" };
    format!("until {last}, {state}; worst {}: {peak}", time(alarm.peak.time, zone))
}

fn shortened(text: &str) -> String {
    let text = printable(text);
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= MENTION_WIDTH {
        return line;
    }
    line.chars().take(MENTION_WIDTH - 1).chain(['…']).collect()
}

fn time(time: Timestamp, zone: &TimeZone) -> String {
    time.to_zoned(zone.clone()).strftime("%a %Y-%m-%d %H:%M").to_string()
}

/// How often chance alone would do it.
fn once(days: f64) -> String {
    const DAYS_PER_YEAR: f64 = 365.25;
    match days {
        days if days >= 100.0 * DAYS_PER_YEAR => "less than once in 100 years".to_owned(),
        days if days >= 2.0 * DAYS_PER_YEAR => format!("once in {:.0} years", days / DAYS_PER_YEAR),
        days if days >= 60.0 => format!("once in {:.0} months", days / 30.0),
        days => format!("once in {:.0} days", days.max(1.0)),
    }
}
