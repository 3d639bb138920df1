//! The detector: windows of several lengths over one series, which together keep to a false-alarm budget.

use serde::{Deserialize, Serialize};

use super::baseline::{Memory, Quantity};
use super::budget::{FalseAlarmBudget, Ledger, threshold};
use super::duration::Length;
use super::window::{Question, Step, Verdict, WindowPlan, WindowTest};

const SECONDS_PER_HOUR: f64 = 3_600.0;
/// A long window is news only while the recent past is at least so unlikely: what was unusual in the morning is none in the
/// evening.
const STILL_UNUSUAL: f64 = 0.5;
const DAY: Length = Length::from_hours(24);
const HOUR: Length = Length::from_hours(1);
/// A dead feed teaches nothing for so long; what is dead for longer has ended.
const DEAD: Length = Length::from_hours(7 * 24);

/// How series are watched. Times are held to a least number of steps, so that daily counts have a baseline too.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DetectorOptions {
    /// How many false alarms everything that is watched may raise together; not a part of files.
    #[serde(skip)]
    pub budget: FalseAlarmBudget,
    /// Lengths of windows. Those shorter than a step are left out; at least one step is watched.
    pub windows: Vec<Length>,
    /// The time after which a past level counts for half.
    pub level_half_life: Length,
    /// The time after which it counts for half how much windows varied.
    pub spread_half_life: Length,
    /// The time after which it counts for half how hours differed.
    pub season_half_life: Length,
    /// The time after which it counts for half how often a series went far beyond what was expected, and how long it was silent.
    pub tail_half_life: Length,
    /// Time at the beginning of a series in which there are no alarms.
    pub warm_up: Length,
    /// Windows of less than this are no alarm.
    pub min_value: u64,
    /// An alarm is over when so much time has passed with nothing unusual.
    pub calm: Length,
    /// After an alarm was raised, the series raises no other for so long; what is unusual then belongs to it. What is still
    /// unusual after it is raised again.
    pub cool_down: Length,
}

impl Default for DetectorOptions {
    fn default() -> Self {
        let hours = Length::from_hours;
        DetectorOptions {
            budget: FalseAlarmBudget::DEFAULT,
            windows: vec![Length::from_secs(900), hours(1), hours(6), hours(24)],
            level_half_life: hours(7 * 24),
            spread_half_life: hours(14 * 24),
            season_half_life: hours(28 * 24),
            tail_half_life: hours(28 * 24),
            warm_up: hours(48),
            min_value: 3,
            calm: hours(6),
            cool_down: hours(24),
        }
    }
}

/// Most lengths of windows.
const MAX_WINDOWS: usize = 8;
/// The longest window.
const MAX_WINDOW: Length = Length::from_hours(7 * 24);

impl DetectorOptions {
    /// Says what is wrong with them.
    pub fn check(&self) -> Result<(), String> {
        if self.windows.is_empty() || self.windows.len() > MAX_WINDOWS {
            return Err(format!("it has {} windows; write 1 to {MAX_WINDOWS}", self.windows.len()));
        }
        match self.windows.iter().find(|&&window| window > MAX_WINDOW) {
            Some(window) => Err(format!("a window of {window} is too long; at most {MAX_WINDOW}")),
            None => Ok(()),
        }
    }

    /// The lengths of windows in steps.
    pub(super) fn window_steps(&self, step_seconds: u32) -> Vec<usize> {
        let mut steps: Vec<usize> = self
            .windows
            .iter()
            .filter(|window| window.as_secs() >= u64::from(step_seconds))
            .map(|window| (window.as_secs() / u64::from(step_seconds)) as usize)
            .collect();
        steps.sort_unstable();
        steps.dedup();
        if steps.is_empty() { vec![1] } else { steps }
    }

    /// Steps of the windows that charts show: an hour if one is watched, else the shortest that is.
    pub(super) fn traced_window(&self, step_seconds: u32) -> usize {
        let windows = self.window_steps(step_seconds);
        let hour = (HOUR.as_secs() / u64::from(step_seconds)) as usize;
        if self.windows.contains(&HOUR) && windows.contains(&hour) { hour } else { windows[0] }
    }

    /// Steps without anything unusual after which an alarm is over.
    pub(super) fn calm_steps(&self, step_seconds: u32) -> usize {
        ((self.calm.as_secs() / u64::from(step_seconds)) as usize).max(1)
    }

    /// Steps without alarms at the beginning.
    pub(super) fn warm_up_steps(&self, step_seconds: u32) -> usize {
        steps_of(self.warm_up, step_seconds, 14) as usize
    }
}

/// What is kept at every `stride` steps, if half is kept in `half_life`, or in so many steps.
fn retention(half_life: Length, step_seconds: u32, least_steps: u32, stride: usize) -> f64 {
    0.5f64.powf(stride as f64 / steps_of(half_life, step_seconds, least_steps))
}

fn steps_of(time: Length, step_seconds: u32, least_steps: u32) -> f64 {
    (time.as_secs_f64() / f64::from(step_seconds)).max(f64::from(least_steps))
}

/// Watches one quantity of one series.
#[derive(Debug, Clone)]
pub(super) struct Detector {
    windows: Vec<WindowTest>,
    ledger: Ledger,
    question: Question,
    warm_up_steps: usize,
    calm_steps: usize,
    seen: usize,
    silence: Silence,
    silence_retention: f64,
    /// For how many steps the feed has been dead.
    dead_steps: usize,
    /// For how many it is thought to be dead, and not to have ended.
    most_dead_steps: usize,
}

/// The present silence, and the longest one, in mentions that were expected in it: a night is short, and so is an hour of a
/// feed with one mention a day.
#[derive(Debug, Clone, Default)]
struct Silence {
    missed: f64,
    longest: f64,
    /// Whether this one was an alarm: then it does not say how long one may be.
    is_alarm: bool,
}

impl Silence {
    /// A silence must be this much longer than any before it.
    const LONGER: f64 = 1.5;

    /// Takes a step in which so many were expected. Of the longest silence `retention` is kept.
    fn push(&mut self, value: f64, expected: f64, retention: f64) {
        self.longest *= retention;
        if value == 0.0 {
            self.missed += expected;
            return;
        }
        if !self.is_alarm {
            self.longest = self.longest.max(self.missed);
        }
        self.missed = 0.0;
        self.is_alarm = false;
    }

    fn is_unheard_of(&self) -> bool {
        self.missed > Self::LONGER * self.longest
    }
}

impl Detector {
    /// `series` is the number of series and quantities that share the budget.
    pub fn new(
        options: &DetectorOptions,
        question: Question,
        quantity: Quantity,
        step_seconds: u32,
        series: usize,
    ) -> Detector {
        let lengths = options.window_steps(step_seconds);
        let tests = (lengths.len() * series.max(1)) as f64;
        let per_step = options.budget.per_seconds(f64::from(step_seconds)) / tests;
        let window = |steps: usize| {
            let memory = Memory {
                day: retention(DAY, step_seconds, 3, 1),
                level: retention(options.level_half_life, step_seconds, 21, 1),
                spread: retention(options.spread_half_life, step_seconds, 42, 1),
                season_half_life_hours: options.season_half_life.as_secs_f64() / SECONDS_PER_HOUR,
                merit: retention(options.season_half_life, step_seconds, 42, steps),
                steps_per_hour: SECONDS_PER_HOUR / f64::from(step_seconds),
            };
            let threshold = threshold(per_step, steps);
            WindowTest::new(WindowPlan {
                question,
                quantity,
                steps,
                threshold,
                beginnings: per_step / threshold,
                min_value: options.min_value as f64,
                memory,
                tail_retention: retention(options.tail_half_life, step_seconds, 84, steps),
                believing_steps: options.warm_up_steps(step_seconds),
            })
        };
        Detector {
            ledger: Ledger::new(lengths.len()),
            windows: lengths.into_iter().map(window).collect(),
            warm_up_steps: options.warm_up_steps(step_seconds),
            calm_steps: options.calm_steps(step_seconds),
            seen: 0,
            question,
            silence: Silence::default(),
            silence_retention: retention(options.tail_half_life, step_seconds, 84, 1),
            dead_steps: 0,
            most_dead_steps: (DEAD.as_secs() / u64::from(step_seconds)) as usize,
        }
    }

    /// Takes the next step. The verdict is that of the window which is furthest beyond its threshold, or nearest to it; `None`
    /// while the series is new.
    pub fn push(&mut self, step: Step) -> Option<Verdict> {
        let verdicts = self.judge(step);
        // Windows come by length.
        let recent = verdicts.iter().rfind(|verdict| verdict.steps <= self.calm_steps).map_or(0.0, |recent| recent.p);
        let is_news = |verdict: &&Verdict| verdict.steps <= self.calm_steps || recent < STILL_UNUSUAL;
        let nearest = verdicts.iter().filter(is_news).min_by(|a, b| a.ratio.total_cmp(&b.ratio)).copied();
        let may_speak = self.question == Question::TooMuch || self.silence.is_unheard_of();
        let verdict = nearest.filter(|_| may_speak && self.seen > self.warm_up_steps);
        self.silence.is_alarm |=
            self.question == Question::Nothing && verdict.is_some_and(|verdict| verdict.ratio < 1.0);
        verdict
    }

    /// Takes the next step. The verdicts of all windows that have seen enough, whether they are held back or not.
    pub fn judge(&mut self, step: Step) -> Vec<Verdict> {
        self.seen += 1;
        let (ledger, is_dead) = (&mut self.ledger, self.dead_steps > 0 && self.dead_steps <= self.most_dead_steps);
        let verdicts: Vec<Verdict> =
            self.windows.iter_mut().filter_map(|window| window.push(step, is_dead, ledger)).collect();
        let expected = verdicts.first().map_or(0.0, |shortest| shortest.usual.mean() / shortest.steps as f64);
        self.silence.push(step.value, expected, self.silence_retention);
        self.dead_steps = if self.windows.iter().any(WindowTest::is_dead) { self.dead_steps + 1 } else { 0 };
        verdicts
    }
}
