//! Alarms as pictures: what a series showed, what was expected of it, and where it raised alarms.

use jiff::tz::TimeZone;

use super::chart::{AlarmMark, Chart, Plot, SpikeChart, TimeAxis, Unit};
use super::source::{length_in_words, source_note};
use super::table::number;
use crate::spikes::{
    ALL_MENTIONS, LIMIT_PROBABILITY, Length, Measure, Reading, SpikeReport, SpikeRequest, Trace, TracePoint,
};

/// A share of fewer mentions is a gap: it jumps between nothing and all.
const MIN_SCORED: f64 = 5.0;

/// The picture of a trace. The zone is that of the axis; the source note says where the counts come from.
pub fn spike_chart(trace: &Trace, zone: &TimeZone, source_note: String) -> Chart {
    let first = trace.points.first().map_or(0, |point| point.step);
    let end = trace.points.last().map_or(0, |point| point.step + 1);
    let start_of = |step: usize| trace.steps.start_of(step).to_zoned(zone.clone());
    let is_share = trace.measure == Measure::NegativeShare;
    let drawn = |value: fn(&TracePoint) -> f64| {
        let of = move |point: &TracePoint| match is_share {
            true => (point.scored >= MIN_SCORED).then(|| (value(point) / point.scored).min(1.0)),
            false => Some(value(point)),
        };
        trace.points.iter().map(of).collect::<Vec<_>>()
    };
    // A silence is too little of something, for which there is no upper limit.
    let band = match trace.measure {
        Measure::Silence => Vec::new(),
        _ => drawn(|point| point.limit - 1.0).into_iter().map(|limit| Some((0.0, limit?))).collect(),
    };
    let mut observed = drawn(|point| point.value);
    for (step, peak) in &trace.peaks {
        // An alarm of a longer window may peak where there is a gap; its mark stands at the share that it is about.
        if let Some(gap @ None) = observed.get_mut(step.saturating_sub(first)) {
            *gap = peak.scored.map(|scored| peak.value as f64 / scored.max(1) as f64);
        }
    }
    let plot = SpikeChart {
        x: TimeAxis { starts: (first..end).map(start_of).collect(), end: start_of(end) },
        unit: if is_share { Unit::Percent } else { Unit::Number },
        observed,
        expected: drawn(|point| point.expected),
        band,
        alarms: trace.peaks.iter().map(|(step, peak)| mark(trace, *step, peak)).collect(),
    };
    let (title, subtitle) = (title(trace), Some(subtitle(trace)));
    let source_note = match trace.earlier_alarms {
        0 => source_note,
        earlier => format!("{earlier} earlier alarms not shown. {source_note}"),
    };
    Chart { title, subtitle, source_note, plot: Plot::Spikes(plot) }
}

/// Where the counts of a trace of an index come from.
pub fn spike_source(request: &SpikeRequest, report: &SpikeReport, trace: &Trace) -> String {
    let rule = request.rules.rules.iter().find(|rule| rule.name == trace.rule);
    let query = rule.map_or("", |rule| &rule.query);
    let note = source_note(query, (request.since, request.until), &request.rules.zone, &report.data_version);
    if request.rules.rules.len() > 1 { format!("Rule: {}; {note}", trace.rule) } else { note }
}

fn title(trace: &Trace) -> String {
    let what = match trace.measure {
        Measure::Volume => "mentions",
        Measure::Negative => "negative mentions",
        Measure::NegativeShare => "share of negative mentions",
        Measure::Silence => "mentions, and silences",
    };
    if trace.series == ALL_MENTIONS {
        return what[..1].to_uppercase() + &what[1..];
    }
    format!("{}: {what}", trace.series)
}

fn subtitle(trace: &Trace) -> String {
    let window = length_in_words(&trace.window.to_string());
    let rare = number((1.0 / LIMIT_PROBABILITY).round() as u64);
    let shaded = format!("shaded: what all but 1 in {rare} are expected to hold");
    match trace.measure {
        Measure::Silence => format!("In the {window} up to each point"),
        Measure::NegativeShare => {
            format!("Of the scored ones in the {window} up to each point, if {MIN_SCORED} or more; {shaded}")
        }
        Measure::Volume | Measure::Negative => format!("In the {window} up to each point; {shaded}"),
    }
}

fn mark(trace: &Trace, step: usize, peak: &Reading) -> AlarmMark {
    let end = trace.steps.start_of(step + 1);
    let window = Length::from_secs(end.duration_since(peak.start).as_secs().unsigned_abs());
    let what = match (trace.measure, peak.scored) {
        (Measure::Silence, _) => "none".to_owned(),
        (_, Some(scored)) => format!("{:.0} %", 100.0 * peak.value as f64 / scored.max(1) as f64),
        _ if peak.effect >= 1_000.0 => peak.value.to_string(),
        _ if peak.effect >= 10.0 => format!("×{:.0}", peak.effect),
        _ => format!("×{:.1}", peak.effect),
    };
    let label = if window == trace.window { what } else { format!("{what} in {window}") };
    AlarmMark { at: trace.steps.start_of(step), label }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::spikes::{Severity, Steps};

    const STEPS: Steps = Steps { start: 1_767_225_600, seconds: 900, count: 100 };

    fn peak(first_step: usize, value: u64, effect: f64, scored: Option<u64>) -> Reading {
        Reading {
            time: Timestamp::UNIX_EPOCH,
            start: STEPS.start_of(first_step),
            value,
            expected: 1.0,
            scored,
            p: 1e-9,
            once_in_days: 1e4,
            effect,
            severity: Severity::High,
        }
    }

    /// Twenty points, with a peak at the second one.
    fn drawn(measure: Measure, scored: f64, peak: Reading) -> SpikeChart {
        let point = |step| TracePoint { step, value: 3.0, expected: 2.0, limit: 9.0, scored };
        let trace = Trace {
            rule: "r".to_owned(),
            series: "Kurio".to_owned(),
            measure,
            steps: STEPS,
            window: Length::from_hours(1),
            points: (10..30).map(point).collect(),
            peaks: vec![(11, peak)],
            earlier_alarms: 0,
        };
        match spike_chart(&trace, &TimeZone::UTC, String::new()).plot {
            Plot::Spikes(plot) => plot,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn marks_say_how_much_and_in_what_window() {
        let cases = [
            (Measure::Volume, peak(8, 9, 4.25, None), "×4.2"),
            (Measure::Negative, peak(11, 9, 42.4, None), "×42 in 15m"),
            (Measure::Volume, peak(8, 9, 1e6, None), "9"),
            (Measure::NegativeShare, peak(0, 9, 40.0, Some(12)), "75 % in 3h"),
            (Measure::Silence, peak(0, 0, 0.0, None), "none in 3h"),
        ];
        for (measure, peak, label) in cases {
            let plot = drawn(measure, 4.0, peak);
            assert_eq!((plot.alarms[0].label.as_str(), plot.alarms[0].at), (label, STEPS.start_of(11)));
            assert_eq!((plot.x.starts.len(), plot.x.end.timestamp()), (20, STEPS.start_of(30)));
        }
    }

    #[test]
    fn shares_of_few_are_gaps_save_where_an_alarm_is() {
        let peak = peak(0, 9, 40.0, Some(12));
        let many = drawn(Measure::NegativeShare, 6.0, peak);
        assert_eq!((many.observed[1], many.band[1]), (Some(0.5), Some((0.0, 1.0))));
        let few = drawn(Measure::NegativeShare, 4.0, peak);
        assert_eq!((few.observed[0], few.observed[1], few.expected[1]), (None, Some(0.75), None));
    }
}
