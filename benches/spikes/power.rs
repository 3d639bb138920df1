//! What does the detector find? Spikes are planted into the mentions of real brands.

use std::collections::BTreeSet;
use std::error::Error;

use earmark::spikes::{Alarm, DetectorOptions, FalseAlarmBudget, Measure, Series, Severity, Steps, Watch};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::Arguments;
use crate::background::{Background, read_backgrounds};
use crate::random::Random;
use crate::work::in_parallel;

const SECONDS_PER_HOUR: u32 = 3_600;
const SECONDS_PER_DAY: u32 = 86_400;
/// An alarm counts until so long after the end of a spike.
const GRACE_SECONDS: u32 = 2 * SECONDS_PER_HOUR;
/// What is usual at an hour is the mean of that hour on so many days before.
const DAYS_BEFORE: usize = 7;
/// Mentions per day, from which on a background is of the next class.
const CLASSES: [(f64, &str); 4] = [(0.0, "< 10"), (10.0, "10–50"), (50.0, "50–200"), (200.0, "> 200")];

/// What is planted.
#[derive(Clone, Copy, PartialEq)]
enum Plant {
    /// So many times the usual mentions.
    Times(f64),
    /// So many points more of the scored mentions are negative.
    Points(f64),
    /// There are none.
    Nothing,
}

impl Plant {
    fn measure(self) -> Measure {
        match self {
            Plant::Times(_) => Measure::Volume,
            Plant::Points(_) => Measure::NegativeShare,
            Plant::Nothing => Measure::Silence,
        }
    }

    fn name(self) -> String {
        match self {
            Plant::Times(times) => format!("{times}×"),
            Plant::Points(points) => format!("+{points} points"),
            Plant::Nothing => "nothing".to_owned(),
        }
    }
}

/// What is planted, and for how many hours.
const SPIKES: [(Plant, &[u32]); 8] = [
    (Plant::Times(1.5), &[1, 6, 24]),
    (Plant::Times(2.0), &[1, 6, 24]),
    (Plant::Times(4.0), &[1, 6, 24]),
    (Plant::Times(8.0), &[1, 6, 24]),
    (Plant::Points(10.0), &[6, 24]),
    (Plant::Points(20.0), &[6, 24]),
    (Plant::Points(40.0), &[6, 24]),
    (Plant::Nothing, &[6, 24]),
];

/// Prints how many plants are found, by what is planted, how long it lasts, and the volume of the background.
pub fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let path = arguments.files.first().ok_or("power needs a file of tagged mentions")?;
    let runs: usize = arguments.value("runs", 200)?;
    let seconds = arguments.step_seconds("15m")?;
    let options =
        DetectorOptions { budget: arguments.value("budget", FalseAlarmBudget::DEFAULT)?, ..DetectorOptions::default() };
    let backgrounds = read_backgrounds(path, seconds)?;
    println!(
        "{path}: budget {} for each series, {runs} runs per cell, steps of {} minutes\n",
        options.budget,
        seconds / 60
    );
    backgrounds.iter().for_each(|background| println!("- {}", background.describe()));
    println!("\n| planted | hours | mentions a day | brands | plants | found | fired without a plant | median delay |");
    println!("|---|--:|---|--:|--:|--:|--:|--:|");
    for (plant, lengths) in SPIKES {
        for &hours in lengths {
            for (class, (_, name)) in CLASSES.iter().enumerate() {
                let of_class: Vec<&Background> = backgrounds.iter().filter(|b| class_of(b) == class).collect();
                let cell = Cell { plant, hours, options: &options, backgrounds: &of_class };
                if let Some(row) = cell.row(runs, name) {
                    println!("{row}");
                }
            }
        }
    }
    Ok(())
}

fn class_of(background: &Background) -> usize {
    CLASSES.iter().rposition(|(from, _)| background.per_day() >= *from).unwrap_or(0)
}

/// One kind of spike in backgrounds of one class.
struct Cell<'a> {
    plant: Plant,
    hours: u32,
    options: &'a DetectorOptions,
    backgrounds: &'a [&'a Background],
}

/// What one plant did.
struct Outcome {
    /// Seconds from its beginning to the first alarm that is raised with it only.
    delay: Option<i64>,
    fired_without: bool,
}

impl Cell<'_> {
    fn row(&self, runs: usize, class: &str) -> Option<String> {
        let outcomes: Vec<Outcome> = in_parallel(runs, |run| self.run(run)).into_iter().flatten().collect();
        if outcomes.is_empty() {
            return None;
        }
        let percent = |count: usize| 100.0 * count as f64 / outcomes.len() as f64;
        let mut delays: Vec<i64> = outcomes.iter().filter_map(|outcome| outcome.delay).collect();
        delays.sort_unstable();
        Some(format!(
            "| {} | {} | {class} | {} | {} | {:.0} % | {:.1} % | {} |",
            self.plant.name(),
            self.hours,
            self.backgrounds.len(),
            outcomes.len(),
            percent(delays.len()),
            percent(outcomes.iter().filter(|outcome| outcome.fired_without).count()),
            delays.get(delays.len() / 2).map_or("–".to_owned(), |&delay| duration(delay)),
        ))
    }

    /// Plants once, at a random time of the background whose turn it is.
    fn run(&self, run: usize) -> Option<Outcome> {
        let background = *self.backgrounds.get(run % self.backgrounds.len().max(1))?;
        let random = &mut Random::new(u64::from(self.hours), run as u64);
        let seconds = background.steps.seconds;
        let first = (DAYS_BEFORE.min(background.days() / 2) * (SECONDS_PER_DAY / seconds) as usize).max(1);
        let length = (self.hours * SECONDS_PER_HOUR / seconds) as usize;
        let watched = length + (GRACE_SECONDS / seconds) as usize;
        let room = background.steps.count.checked_sub(first + watched).filter(|&room| room > 0)?;
        let start = first + random.below(room);
        let planted = self.plant(background, start..start + length, random);

        let known = Steps { count: start + watched, ..background.steps };
        let without = self.alarms(&background.counts[..known.count], &known);
        let with = self.alarms(&planted[..known.count], &known);
        let is_during = |alarm: &&Alarm| alarm.first.time > known.start_of(start);
        let told_without: BTreeSet<Timestamp> = without.iter().map(|alarm| alarm.first.time).collect();
        let found = with.iter().filter(is_during).find(|alarm| !told_without.contains(&alarm.first.time));
        Some(Outcome {
            delay: found.map(|alarm| alarm.first.time.as_second() - known.start_of(start).as_second()),
            fired_without: without.iter().any(|alarm| is_during(&alarm)),
        })
    }

    fn alarms(&self, counts: &[[u32; 3]], steps: &Steps) -> Vec<Alarm> {
        let hours_of_week = steps.hours_of_week(&TimeZone::UTC);
        let watch = Watch {
            rule: "power",
            options: self.options,
            steps: *steps,
            hours_of_week: &hours_of_week,
            is_known_at_end: true,
            tests: 1,
            min_severity: Severity::Low,
        };
        let counts = counts.iter().enumerate().map(|(step, &counts)| (step as u32, counts)).collect();
        watch.alarms(&Series { name: String::new(), counts }, self.plant.measure())
    }

    fn plant(&self, background: &Background, place: std::ops::Range<usize>, random: &mut Random) -> Vec<[u32; 3]> {
        let mut counts = background.counts.clone();
        let usual = background.usual_before(place.start, DAYS_BEFORE);
        for step in place {
            let [mentions, scored, negative] = &mut counts[step];
            match self.plant {
                Plant::Times(times) => *mentions += random.poisson((times - 1.0) * usual.mentions_at(step)),
                Plant::Points(points) => {
                    // Of those that are not negative so many turn that the share rises by the points.
                    let chance = points / 100.0 / (1.0 - usual.negative_share).max(points / 100.0);
                    *negative += random.binomial(*scored - *negative, chance);
                }
                Plant::Nothing => counts[step] = [0; 3],
            }
        }
        counts
    }
}

fn duration(seconds: i64) -> String {
    if seconds < 3_600 { format!("{} min", seconds / 60) } else { format!("{:.1} h", seconds as f64 / 3_600.0) }
}
