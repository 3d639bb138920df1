//! How fast are series watched?

use std::error::Error;
use std::time::Instant;

use earmark::spikes::{DetectorOptions, Measure, Severity, Steps, Watch};
use jiff::tz::TimeZone;

use crate::Arguments;
use crate::kinds::Kind;

/// Prints the steps that one core takes in a second, by measure and step.
pub fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let series: usize = arguments.value("series", 20)?;
    let options = DetectorOptions::default();
    println!("| step | measure | steps per second and core | series per second and core, 9 weeks each |");
    println!("|---|---|--:|--:|");
    for (name, seconds) in [("5m", 300), ("15m", 900), ("1h", 3_600)] {
        let steps = Steps { start: 0, seconds, count: 9 * 7 * 86_400 / seconds as usize };
        let hours_of_week = steps.hours_of_week(&TimeZone::UTC);
        let watch = Watch {
            rule: "speed",
            options: &options,
            steps,
            hours_of_week: &hours_of_week,
            is_known_at_end: true,
            tests: 1,
            min_severity: Severity::Low,
        };
        for measure in [Measure::Volume, Measure::NegativeShare] {
            let all: Vec<_> = (0..series).map(|number| Kind::Seasonal.simulate(number, &steps)).collect();
            let start = Instant::now();
            let alarms: usize = all.iter().map(|series| watch.alarms(series, measure).len()).sum();
            let seconds = start.elapsed().as_secs_f64();
            std::hint::black_box(alarms);
            let per_second = series as f64 / seconds;
            println!("| {name} | {measure} | {:.0} | {per_second:.1} |", per_second * steps.count as f64);
        }
    }
    Ok(())
}
