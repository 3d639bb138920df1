//! The test of one length of windows: is the sum of the last steps more than this series can be expected to show?

use std::collections::VecDeque;

use super::baseline::{Baseline, HOURS_PER_WEEK, Memory, Quantity};
use super::budget::Ledger;
use super::calibration::{MILD, TailCalibration};
use super::distribution::Forecast;

/// A window must also be unusual for the series in general, whatever its hour: the probability without a season, to this
/// power, must be as small. Ten mentions in the night are rare, and nobody's emergency.
const IN_GENERAL: f64 = 1.5;
/// Values less likely than this are surprises. Only they can be alarms, whatever the budget. They are learned from as if they
/// were just so likely: spikes do not teach what is usual. How much less a series is then thought to vary than it does, the
/// calibration of its tail makes good.
const SURPRISE: f64 = 0.05;
/// Unless so much of the last day was a surprise: what goes on and on is the new usual.
const NEW_USUAL: f64 = 0.5;

/// A step as a window sees it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    /// What was counted.
    pub value: f64,
    /// What it is measured against: 1 for a count, the number of trials for a share.
    pub exposure: f64,
    /// Hours since Monday, midnight, of the middle of the step.
    pub hour_of_week: f64,
}

/// A window of nothing that is less likely than this shows that the feed is dead, not calm.
const DEAD: f64 = 1e-6;

/// What a window is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Question {
    /// Is this more than can be expected?
    TooMuch,
    /// Can there be nothing at all?
    Nothing,
}

/// What a window holds, and how likely that is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Verdict {
    /// Steps of the window.
    pub steps: usize,
    pub value: f64,
    pub expected: f64,
    /// The distribution of which that is the mean.
    pub usual: Forecast,
    /// What the value is measured against: the number of steps for a count, of trials for a share.
    pub exposure: f64,
    /// How likely so much or more, or nothing at all, is in a window of a series like this.
    pub p: f64,
    /// `p` over what this window may spend; below 1 is an alarm.
    pub ratio: f64,
}

/// How windows of one length are tested.
#[derive(Debug, Clone)]
pub(super) struct WindowPlan {
    pub question: Question,
    pub quantity: Quantity,
    /// Length of a window.
    pub steps: usize,
    /// What a test may spend.
    pub threshold: f64,
    /// Of the steps beyond the threshold, how many begin a stretch of them.
    pub beginnings: f64,
    /// Windows of less never pass.
    pub min_value: f64,
    pub memory: Memory,
    /// What the calibration of the tail keeps at each window.
    pub tail_retention: f64,
    /// Until so many steps have been seen, everything is learned from as it is.
    pub believing_steps: usize,
}

/// One length of windows over a series.
#[derive(Debug, Clone)]
pub(super) struct WindowTest {
    plan: WindowPlan,
    /// Without season first.
    baselines: Vec<Baseline>,
    calibration: TailCalibration,
    held: VecDeque<HeldStep>,
    value: f64,
    exposure: f64,
    /// Of each baseline, the sum of exposures times factors.
    seasoned: Vec<f64>,
    seen: usize,
    /// How much of the last day was a surprise.
    surprised: f64,
    /// Whether the window shows that the feed is dead.
    is_dead: bool,
    /// The least values that were mild, and that were an alarm, at the last window that was booked.
    mild: f64,
    least: f64,
}

/// A step of the window, to be learned from once it has left.
#[derive(Debug, Clone)]
struct HeldStep {
    step: Step,
    /// At most what is no surprise; `None` where the feed was dead.
    learned: Option<f64>,
    /// Of each baseline.
    factors: Vec<f64>,
}

impl WindowTest {
    pub fn new(plan: WindowPlan) -> WindowTest {
        let mut baselines = vec![Baseline::flat(plan.quantity)];
        if plan.quantity == Quantity::Count {
            baselines.push(Baseline::seasonal(plan.quantity, 24, &plan.memory));
            baselines.push(Baseline::seasonal(plan.quantity, HOURS_PER_WEEK, &plan.memory));
        }
        WindowTest {
            seasoned: vec![0.0; baselines.len()],
            baselines,
            calibration: TailCalibration::new(plan.tail_retention),
            held: VecDeque::with_capacity(plan.steps + 1),
            value: 0.0,
            exposure: 0.0,
            seen: 0,
            surprised: 0.0,
            is_dead: false,
            mild: 0.0,
            least: 0.0,
            plan,
        }
    }

    /// Takes the next step. `None` until two windows have been seen. A step of a dead feed teaches nothing.
    pub fn push(&mut self, step: Step, is_dead: bool, ledger: &mut Ledger) -> Option<Verdict> {
        self.enter(step, is_dead);
        (self.seen >= 2 * self.plan.steps).then(|| self.judge(is_dead, ledger))
    }

    /// Whether the window shows that the feed is dead.
    pub fn is_dead(&self) -> bool {
        self.is_dead
    }

    fn enter(&mut self, step: Step, is_dead: bool) {
        let factors: Vec<f64> =
            self.baselines.iter().map(|baseline| baseline.factor(step.hour_of_week, &self.plan.memory)).collect();
        self.value += step.value;
        self.exposure += step.exposure;
        for (sum, factor) in self.seasoned.iter_mut().zip(&factors) {
            *sum += step.exposure * factor;
        }
        self.held.push_back(HeldStep { step, learned: (!is_dead).then_some(step.value), factors });
        if self.held.len() > self.plan.steps
            && let Some(HeldStep { step, learned, factors }) = self.held.pop_front()
        {
            self.value -= step.value;
            self.exposure -= step.exposure;
            for ((baseline, sum), factor) in self.baselines.iter_mut().zip(&mut self.seasoned).zip(factors) {
                *sum = (*sum - step.exposure * factor).max(0.0);
                if let Some(learned) = learned {
                    baseline.learn_step(learned, step.exposure, factor, step.hour_of_week, &self.plan.memory);
                }
            }
        }
        self.seen += 1;
    }

    fn judge(&mut self, is_dead: bool, ledger: &mut Ledger) -> Verdict {
        let forecasts: Vec<Forecast> = self
            .baselines
            .iter()
            .zip(&self.seasoned)
            .map(|(baseline, &exposure)| baseline.forecast(exposure, self.exposure))
            .collect();
        let merits = self.baselines.iter().map(|baseline| baseline.merit).enumerate();
        let best = merits.max_by(|(_, a), (_, b)| a.total_cmp(b)).map_or(0, |(number, _)| number);
        let judge = Judge { usual: forecasts[best], general: forecasts[0] };
        let model_p = judge.probability(self.value);
        let (p, ratio) = match self.plan.question {
            Question::TooMuch if self.value < self.plan.min_value => (1.0, f64::INFINITY),
            Question::TooMuch => {
                let p = self.calibration.adjust(model_p);
                (p, p / self.allowed(ledger))
            }
            Question::Nothing if self.value > 0.0 => (1.0, f64::INFINITY),
            Question::Nothing => {
                let p = probability_of_nothing(&forecasts);
                (p, p / self.plan.threshold)
            }
        };
        let verdict = Verdict {
            steps: self.plan.steps,
            value: self.value,
            // The more of the two: an alarm is beyond both.
            expected: judge.usual.mean().max(judge.general.mean()),
            usual: judge.usual,
            exposure: self.exposure,
            p,
            ratio,
        };
        let is_nothing = self.plan.quantity == Quantity::Count && self.value == 0.0;
        self.is_dead = is_nothing && probability_of_nothing(&forecasts) < DEAD;
        if is_dead {
            return verdict;
        }
        self.learn(&forecasts, &judge, model_p);
        if self.seen.is_multiple_of(self.plan.steps) && self.seen > 3 * self.plan.steps {
            self.book(&judge, ledger);
        }
        verdict
    }

    fn learn(&mut self, forecasts: &[Forecast], judge: &Judge, model_p: f64) {
        let mut value = self.value;
        if self.exposure > 0.0 {
            let is_surprise = f64::from(u8::from(model_p < SURPRISE));
            self.surprised = self.plan.memory.day * self.surprised + (1.0 - self.plan.memory.day) * is_surprise;
        }
        if model_p < SURPRISE && self.surprised < NEW_USUAL && self.seen > self.plan.believing_steps {
            value = judge.usual.least(self.mild, |value| judge.usual.upper_tail(value) <= SURPRISE) - 1.0;
            if let Some(newest) = self.held.back_mut() {
                // One mention is believed, or a series of few would be thought to have none.
                newest.learned = Some(newest.step.value * value.max(1.0) / self.value);
            }
        }
        let ends_block = self.seen.is_multiple_of(self.plan.steps);
        for (baseline, forecast) in self.baselines.iter_mut().zip(forecasts) {
            baseline.learn_spread(forecast, value, &self.plan.memory);
            if ends_block {
                baseline.learn_merit(forecast, value, &self.plan.memory);
            }
        }
    }

    /// Counts a window that overlaps none counted before, for the calibration and for what was spent.
    fn book(&mut self, judge: &Judge, ledger: &mut Ledger) {
        let usual = |value: f64| judge.usual.upper_tail(value);
        self.mild = judge.usual.least(self.mild, |value| usual(value) <= MILD);
        let beyond = (self.value >= self.mild).then(|| (usual(self.value), usual(self.value + 1.0)));
        self.calibration.count(usual(self.mild), beyond, self.calibration.invert(self.plan.threshold));
        let wanted = self.calibration.invert(self.allowed(ledger)).min(SURPRISE);
        self.least = judge.usual.least(self.least, |value| judge.probability(value) <= wanted);
        let least = self.least.max(self.plan.min_value);
        let beginnings = self.beginnings(least, judge.usual.mean()) / self.plan.beginnings;
        let spent = self.calibration.adjust(usual(least)) / self.plan.threshold * beginnings;
        ledger.book(self.plan.steps as f64 / self.plan.memory.steps_per_hour, spent);
    }

    /// What an alarm may be at most: a surprise in any case.
    fn allowed(&self, ledger: &Ledger) -> f64 {
        (self.plan.threshold * ledger.factor()).min(SURPRISE)
    }

    /// Of the steps at which a window holds `least` or more, how many begin a stretch of them.
    ///
    /// A window of few mentions changes only when one comes. Of Poisson's mentions, of which μ are expected in a window,
    /// stretches of k or more begin (1 − μ/k)·μ·P(k − 1) times in its length (Alm, On the distribution of the scan statistic of
    /// a Poisson process, 1983). With μ·P(k − 1) = k·P(k), and P(k) nearly (1 − μ/k) times the probability of k or more, that
    /// is (k − μ)²/k times the latter.
    fn beginnings(&self, least: f64, expected: f64) -> f64 {
        let in_a_window = (least - expected).powi(2) / least;
        (in_a_window / self.plan.steps as f64).min(self.plan.beginnings)
    }
}

/// How likely nothing at all is, by the forecast that thinks it likeliest.
fn probability_of_nothing(forecasts: &[Forecast]) -> f64 {
    forecasts.iter().map(|forecast| forecast.ln_probability(0.0).exp()).fold(0.0, f64::max)
}

/// By what a window is judged.
struct Judge {
    /// What the baseline that has predicted best expects.
    usual: Forecast,
    /// What the baseline without season expects.
    general: Forecast,
}

impl Judge {
    /// How likely so much or more is by the usual, and not much likelier in general.
    fn probability(&self, value: f64) -> f64 {
        if value <= self.usual.mean() || value <= self.general.mean() {
            return 1.0;
        }
        let usual = self.usual.upper_tail(value);
        if self.usual == self.general { usual } else { usual.max(self.general.upper_tail(value).powf(IN_GENERAL)) }
    }
}
