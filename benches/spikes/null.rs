//! Does the detector raise as many false alarms as it promised? Series without spikes, where every alarm is false.

use std::collections::BTreeMap;
use std::error::Error;

use earmark::spikes::{Alarm, DetectorOptions, FalseAlarmBudget, Measure, Severity, Steps, Watch};
use jiff::tz::TimeZone;

use crate::Arguments;
use crate::kinds::Kind;
use crate::work::in_parallel;

const SECONDS_PER_DAY: f64 = 86_400.0;
const DAYS_PER_MONTH: f64 = 365.25 / 12.0;
const SECONDS_PER_WEEK: u32 = 7 * 86_400;
/// A Monday, in seconds since 1970.
const START: i64 = 1_700_438_400;
/// What is shown apart: alarms after so much time.
const LATE_AFTER_DAYS: f64 = 14.0;

/// A table.
struct Part {
    name: &'static str,
    title: &'static str,
    measure: Measure,
    is_together: bool,
    budgets: &'static str,
}

const PARTS: [Part; 4] = [
    Part {
        name: "alone",
        title: "Mentions, each series watched alone",
        measure: Measure::Volume,
        is_together: false,
        budgets: "1/week,1/month,1/quarter",
    },
    Part {
        name: "together",
        title: "Mentions, all series watched together",
        measure: Measure::Volume,
        is_together: true,
        budgets: "3/day,1/day,1/week",
    },
    Part {
        name: "share",
        title: "Negative share, each series watched alone",
        measure: Measure::NegativeShare,
        is_together: false,
        budgets: "1/week,1/month,1/quarter",
    },
    Part {
        name: "silence",
        title: "Silence, each series watched alone",
        measure: Measure::Silence,
        is_together: false,
        budgets: "1/week,1/month,1/quarter",
    },
];

/// Prints a table of each part: promised and measured false alarms by kind and budget.
pub fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let series: usize = arguments.value("series", 1_000)?;
    let weeks: u32 = arguments.value("weeks", 9)?;
    let seconds = arguments.step_seconds("5m")?;
    let steps = Steps { start: START, seconds, count: (weeks * SECONDS_PER_WEEK / seconds) as usize };
    let (kinds, parts) = (arguments.list("kinds", ""), arguments.list("parts", ""));
    let is_wanted = |names: &[String], name: &str| names.iter().any(|wanted| wanted.is_empty() || wanted == name);
    println!("{series} series per kind, {weeks} weeks, steps of {} minutes", seconds / 60);
    for part in PARTS.iter().filter(|part| is_wanted(&parts, part.name)) {
        let budgets: Vec<FalseAlarmBudget> =
            arguments.list("budgets", part.budgets).iter().map(|text| text.parse()).collect::<Result<_, _>>()?;
        print_head(part);
        for kind in Kind::ALL.into_iter().filter(|kind| is_wanted(&kinds, kind.name())) {
            for &budget in &budgets {
                let trial = Trial { part, kind, budget, series, steps };
                println!("{}", trial.measure().row(&trial));
            }
        }
    }
    Ok(())
}

fn print_head(part: &Part) {
    println!("\n### {}\n", part.title);
    println!(
        "| kind | budget | alarms | per month{} | measured / promised [95 %] | after two weeks [95 %] | by window |",
        if part.is_together { "" } else { " and series" }
    );
    println!("|---|---|--:|--:|---|---|---|");
}

/// Series of a kind under a budget.
struct Trial<'a> {
    part: &'a Part,
    kind: Kind,
    budget: FalseAlarmBudget,
    series: usize,
    steps: Steps,
}

/// Alarms of all series.
#[derive(Default)]
struct Tally {
    alarms: usize,
    late: usize,
    by_window_minutes: BTreeMap<i64, usize>,
}

impl Trial<'_> {
    fn options(&self) -> DetectorOptions {
        DetectorOptions { budget: self.budget, ..DetectorOptions::default() }
    }

    fn measure(&self) -> Tally {
        let options = self.options();
        let hours_of_week = self.steps.hours_of_week(&TimeZone::UTC);
        let watch = Watch {
            rule: "null",
            options: &options,
            steps: self.steps,
            hours_of_week: &hours_of_week,
            is_known_at_end: true,
            tests: if self.part.is_together { self.series } else { 1 },
            min_severity: Severity::Low,
        };
        let alarms = in_parallel(self.series, |number| {
            watch.alarms(&self.kind.simulate(number, &self.steps), self.part.measure)
        });
        let mut tally = Tally::default();
        alarms.iter().flatten().for_each(|alarm| tally.add(alarm));
        tally
    }

    /// Alarms that the budget allows after so many days.
    fn promised(&self, from_day: f64) -> f64 {
        let days = self.steps.count as f64 * f64::from(self.steps.seconds) / SECONDS_PER_DAY - from_day;
        let watched = if self.part.is_together { 1.0 } else { self.series as f64 };
        self.budget.per_day() * days * watched
    }
}

impl Tally {
    fn add(&mut self, alarm: &Alarm) {
        self.alarms += 1;
        let days = (alarm.first.time.as_second() - START) as f64 / SECONDS_PER_DAY;
        self.late += usize::from(days > LATE_AFTER_DAYS);
        let minutes = (alarm.first.time.as_second() - alarm.first.start.as_second()) / 60;
        *self.by_window_minutes.entry(minutes).or_default() += 1;
    }

    fn row(&self, trial: &Trial) -> String {
        let warm_up_days = trial.options().warm_up.as_secs_f64() / SECONDS_PER_DAY;
        let promised = trial.promised(warm_up_days);
        let windows: Vec<String> =
            self.by_window_minutes.iter().map(|(minutes, count)| format!("{} {count}", length(*minutes))).collect();
        format!(
            "| {} | {} | {} | {:.3} | {} | {} | {} |",
            trial.kind.name(),
            trial.budget,
            self.alarms,
            self.alarms as f64 / promised * trial.budget.per_day() * DAYS_PER_MONTH,
            ratio(self.alarms, promised),
            ratio(self.late, trial.promised(LATE_AFTER_DAYS)),
            windows.join(", ")
        )
    }
}

fn length(minutes: i64) -> String {
    if minutes % 60 == 0 { format!("{}h", minutes / 60) } else { format!("{minutes}m") }
}

/// Counted over promised, with the interval of a Poisson count (Byar's approximation; Breslow and Day, Statistical Methods in
/// Cancer Research II, 1987, p. 69).
fn ratio(count: usize, promised: f64) -> String {
    let bound = |count: f64, z: f64| match count {
        0.0 => 0.0,
        count => count * (1.0 - 1.0 / (9.0 * count) + z / (3.0 * count.sqrt())).powi(3),
    };
    let count = count as f64;
    let (low, high) = (bound(count, -1.96), bound(count + 1.0, 1.96));
    format!("{:.2} [{:.2}–{:.2}]", count / promised, low / promised, high / promised)
}
