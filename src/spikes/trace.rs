//! Traces: what a series with alarms showed and what was expected of it, step by step, for those who want to see why.

use std::collections::BTreeMap;

use super::alarm::{Alarm, Measure, Reading};
use super::detector::DetectorOptions;
use super::duration::Length;
use super::error::SpikeError;
use super::scan::{RaisedAlarm, SpikeReport, SpikeRequest, load};
use super::series::{Series, Steps, Watch};
use super::window::Verdict;
use crate::index::MentionIndex;

/// How likely a window is to hold [`TracePoint::limit`] or more.
pub const LIMIT_PROBABILITY: f64 = 0.001;

/// Days of a trace: to a week after its last alarm, or to the end.
pub const TRACE_DAYS: u64 = 92;
const DAYS_AFTER_ALARM: u64 = 7;
const SECONDS_PER_DAY: u64 = 86_400;

/// One measure of a series, and its alarms.
#[derive(Debug, Clone, PartialEq)]
pub struct Trace {
    /// Name of the rule.
    pub rule: String,
    /// What the series is of.
    pub series: String,
    /// What was watched.
    pub measure: Measure,
    /// The steps of the series.
    pub steps: Steps,
    /// Length of the windows of the points: an hour if one is watched, else the shortest that is.
    pub window: Length,
    /// In order of time, from the second window after the first mention on; of at most [`TRACE_DAYS`].
    pub points: Vec<TracePoint>,
    /// Of each alarm, the step that completed its peak, and the peak, which may be of another window than the points are.
    pub peaks: Vec<(usize, Reading)>,
    /// Alarms before the first point.
    pub earlier_alarms: usize,
}

/// What a window held, and what was expected of it by what was before.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TracePoint {
    /// The step that completes the window.
    pub step: usize,
    /// Mentions in it: all, or the negative ones, according to the measure.
    pub value: f64,
    /// Mentions expected in it.
    pub expected: f64,
    /// The least count that is as unlikely as [`LIMIT_PROBABILITY`]. It is no threshold of alarms: those follow from the budget.
    pub limit: f64,
    /// For a share, the mentions that it is a share of.
    pub scored: f64,
}

/// Traces, and how many there would be more.
#[derive(Debug, Clone, PartialEq)]
pub struct Traces {
    /// Those with the least likely alarms first.
    pub traces: Vec<Trace>,
    /// Measures of series with alarms that are not traced.
    pub left_out: usize,
}

/// Traces the series of a report that have alarms, at most so many; the request must be that of the report.
///
/// # Errors
/// Those of [`find_spikes`](super::find_spikes).
pub fn trace_alarms(
    index: &MentionIndex,
    request: &SpikeRequest,
    report: &SpikeReport,
    most: usize,
) -> Result<Traces, SpikeError> {
    let mut found: BTreeMap<(&str, &str, Measure), Vec<&Alarm>> = BTreeMap::new();
    for RaisedAlarm { alarm, rule, .. } in &report.alarms {
        found.entry((rule, &alarm.series, alarm.measure)).or_default().push(alarm);
    }
    let left_out = found.len().saturating_sub(most);
    let mut found: Vec<_> = found.into_iter().collect();
    found.sort_by(|(_, a), (_, b)| rarest(b).total_cmp(&rarest(a)));
    found.truncate(most);
    let mut traces: Vec<Option<Trace>> = vec![None; found.len()];
    for rule in &request.rules.rules {
        if found.iter().all(|((name, ..), _)| *name != rule.name) {
            continue;
        }
        let loaded = load(index, rule, request)?;
        let options = DetectorOptions { budget: request.rules.budget, ..rule.detector.clone() };
        let hours_of_week = loaded.steps.hours_of_week(&request.rules.zone);
        let watch = loaded.watch(rule, &options, &hours_of_week, report.promise.tests);
        let wanted = found.iter().zip(&mut traces).filter(|(((name, ..), _), _)| *name == rule.name);
        for (((_, name, measure), alarms), trace) in wanted {
            let series = loaded.series.iter().find(|series| series.name == *name);
            *trace = series.map(|series| watch.trace(series, *measure, alarms));
        }
    }
    Ok(Traces { traces: traces.into_iter().flatten().collect(), left_out })
}

/// How seldom chance would raise the least likely of these alarms, in days.
fn rarest(alarms: &[&Alarm]) -> f64 {
    alarms.iter().map(|alarm| alarm.peak.once_in_days).fold(0.0, f64::max)
}

impl Watch<'_> {
    /// One measure of a series as its detector sees it, with the alarms that it raised.
    pub fn trace(&self, series: &Series, measure: Measure, alarms: &[&Alarm]) -> Trace {
        let window = self.options.traced_window(self.steps.seconds);
        let mut detector = self.detector(measure);
        let point = |(step, verdict): (usize, Verdict)| TracePoint {
            step,
            value: verdict.value,
            expected: verdict.expected,
            limit: verdict.usual.least(verdict.expected, |value| verdict.usual.upper_tail(value) <= LIMIT_PROBABILITY),
            scored: verdict.exposure,
        };
        let mut peaks: Vec<(usize, Reading)> =
            alarms.iter().map(|alarm| (self.step_of(&alarm.peak), alarm.peak)).collect();
        let in_days = |days: u64| (days * SECONDS_PER_DAY / u64::from(self.steps.seconds)) as usize;
        let last_peak = peaks.iter().map(|(step, _)| *step).max();
        let end = last_peak.map_or(self.steps.count, |step| self.steps.count.min(step + in_days(DAYS_AFTER_ALARM)));
        let start = end.saturating_sub(in_days(TRACE_DAYS));
        peaks.retain(|(step, _)| *step >= start);
        let verdicts = self.steps_of(series, measure).take_while(|(number, _)| *number < end);
        let verdicts = verdicts.filter_map(|(number, step)| {
            let verdicts = detector.judge(step);
            let verdict = verdicts.into_iter().find(|verdict| verdict.steps == window)?;
            (number >= start).then_some((number, verdict))
        });
        Trace {
            rule: self.rule.to_owned(),
            series: series.name.clone(),
            measure,
            steps: self.steps,
            window: Length::from_secs(window as u64 * u64::from(self.steps.seconds)),
            points: verdicts.map(point).collect(),
            earlier_alarms: alarms.len() - peaks.len(),
            peaks,
        }
    }

    /// The step at whose beginning or end a reading was known.
    fn step_of(&self, reading: &Reading) -> usize {
        let steps = (reading.time.as_second() - self.steps.start) / i64::from(self.steps.seconds);
        usize::try_from(steps - i64::from(self.is_known_at_end)).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;
    use crate::spikes::Severity;

    /// Ten days of four mentions in each quarter of an hour, with an hour of a hundred at the end.
    #[test]
    fn points_are_hours_and_peaks_lie_on_them() {
        let steps = Steps { start: 1_767_225_600, seconds: 900, count: 960 };
        let counts = (0..960).map(|step| (step, [if step < 956 { 4 } else { 25 }, 0, 0])).collect();
        let series = Series { name: "parcels".to_owned(), counts };
        let options = DetectorOptions::default();
        let hours_of_week = steps.hours_of_week(&TimeZone::UTC);
        let watch = Watch {
            rule: "r",
            options: &options,
            steps,
            hours_of_week: &hours_of_week,
            is_known_at_end: true,
            tests: 1,
            min_severity: Severity::Low,
        };
        let alarms = watch.alarms(&series, Measure::Volume);
        let trace = watch.trace(&series, Measure::Volume, &alarms.iter().collect::<Vec<_>>());
        assert_eq!((trace.window, trace.points.len()), (Length::from_hours(1), 960 - 7));
        let last = trace.points[trace.points.len() - 1];
        assert_eq!((last.step, last.value), (959, 100.0));
        assert!((15.0..17.0).contains(&last.expected) && last.expected < last.limit && last.limit < 40.0, "{last:?}");
        let peaks: Vec<u64> = trace.peaks.iter().map(|(step, _)| *step as u64).collect();
        assert!(peaks.len() == 1 && (956..960).contains(&peaks[0]), "{peaks:?}");
    }
}
