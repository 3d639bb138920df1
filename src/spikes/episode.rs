//! Episodes: what is unusual again and again within some hours is one alarm.

use jiff::Timestamp;

use super::alarm::{Alarm, Measure, Reading, Severity};
use super::duration::Length;
use super::series::Watch;
use super::window::Verdict;

/// Takes the verdicts of one detector together.
pub(super) struct Episodes<'a> {
    watch: &'a Watch<'a>,
    series: &'a str,
    measure: Measure,
    calm_steps: usize,
    cool_down_steps: usize,
    alarms: Vec<Alarm>,
    /// The steps at which the newest alarm was raised, was worst, and was still unusual.
    newest: Option<Newest>,
}

struct Newest {
    raised: usize,
    last: usize,
    worst_ratio: f64,
}

impl<'a> Episodes<'a> {
    pub fn new(watch: &'a Watch<'a>, series: &'a str, measure: Measure) -> Episodes<'a> {
        let steps = |time: Length| (time.as_secs() / u64::from(watch.steps.seconds)) as usize;
        Episodes {
            watch,
            series,
            measure,
            calm_steps: watch.options.calm_steps(watch.steps.seconds),
            cool_down_steps: steps(watch.options.cool_down).max(1),
            alarms: Vec::new(),
            newest: None,
        }
    }

    /// Takes the verdict of a step.
    pub fn push(&mut self, step: usize, verdict: Option<Verdict>) {
        let Some(verdict) = verdict.filter(|verdict| verdict.ratio < 1.0) else {
            return self.close_if_calm(step);
        };
        let reading = self.reading(step, &verdict);
        let is_known = self.newest.as_ref().is_some_and(|newest| step - newest.raised < self.cool_down_steps);
        if !is_known && reading.severity < self.watch.min_severity {
            return self.close_if_calm(step);
        }
        match (&mut self.newest, self.alarms.last_mut()) {
            (Some(newest), Some(alarm)) if is_known => {
                alarm.closed = None;
                alarm.last = reading.time;
                newest.last = step;
                if verdict.ratio < newest.worst_ratio {
                    newest.worst_ratio = verdict.ratio;
                    alarm.peak = reading;
                }
            }
            (_, previous) => {
                let continued = previous.filter(|previous| previous.closed.is_none());
                let continues = continued.map(|previous| {
                    previous.closed = Some(reading.time);
                    previous.id.clone()
                });
                self.newest = Some(Newest { raised: step, last: step, worst_ratio: verdict.ratio });
                self.alarms.push(Alarm {
                    series: self.series.to_owned(),
                    first: reading,
                    id: Alarm::id_of(self.watch.rule, self.series, self.measure, reading.time),
                    measure: self.measure,
                    peak: reading,
                    last: reading.time,
                    closed: None,
                    continues,
                });
            }
        }
    }

    /// The alarms, in the order of time.
    pub fn finish(self) -> Vec<Alarm> {
        self.alarms
    }

    fn close_if_calm(&mut self, step: usize) {
        if let (Some(newest), Some(alarm)) = (&self.newest, self.alarms.last_mut())
            && alarm.closed.is_none()
            && step - newest.last >= self.calm_steps
        {
            alarm.closed = Some(self.watch.time_of(step));
        }
    }

    fn reading(&self, step: usize, verdict: &Verdict) -> Reading {
        let Verdict { steps, value, expected, exposure, p, ratio, .. } = *verdict;
        let is_share = self.measure == Measure::NegativeShare;
        let effect = if is_share { 100.0 * (value - expected) / exposure.max(1.0) } else { value / expected };
        Reading {
            time: self.watch.time_of(step),
            start: self.watch.steps.start_of((step + 1).saturating_sub(steps)),
            value: value as u64,
            expected: round(expected, 3),
            scored: is_share.then_some(exposure as u64),
            p,
            once_in_days: round(
                1.0 / (self.watch.options.budget.per_day() * ratio.max(f64::MIN_POSITIVE)).max(1e-9),
                1,
            ),
            effect: round(effect, 2),
            severity: Severity::of(ratio),
        }
    }
}

impl Watch<'_> {
    /// When a step is known.
    fn time_of(&self, step: usize) -> Timestamp {
        self.steps.start_of(step + usize::from(self.is_known_at_end))
    }
}

fn round(number: f64, decimals: i32) -> f64 {
    let factor = 10f64.powi(decimals);
    (number * factor).round() / factor
}
