//! Reads arbitrary bytes as a table of counts, and watches the series.
//!
//! `RUSTC_BOOTSTRAP=1 cargo fuzz run counts`
#![no_main]

use std::path::Path;

use earmark::spikes::{DetectorOptions, Measure, Severity, Watch, parse_counts};
use jiff::tz::TimeZone;
use libfuzzer_sys::fuzz_target;

/// Longer series take too long to watch for a fuzzer.
const MAX_STEPS: usize = 2_000;

fuzz_target!(|data: &[u8]| {
    let zone = TimeZone::get("America/St_Johns").unwrap();
    let Ok((steps, series)) = parse_counts(data, Path::new("fuzz.csv"), &zone) else { return };
    assert!(steps.count > 0 && steps.seconds > 0);
    assert!(series.counts.is_sorted_by(|(a, _), (b, _)| a < b));
    assert!(series.counts.iter().all(|(step, _)| (*step as usize) < steps.count));
    if steps.count > MAX_STEPS {
        return;
    }
    let watch = Watch {
        rule: "fuzz",
        options: &DetectorOptions::default(),
        steps,
        hours_of_week: &steps.hours_of_week(&zone),
        is_known_at_end: false,
        tests: 1,
        min_severity: Severity::Low,
    };
    for measure in [Measure::Volume, Measure::Silence] {
        for alarm in watch.alarms(&series, measure) {
            assert!((0.0..=1.0).contains(&alarm.first.p) && alarm.first.start <= alarm.first.time);
        }
    }
});
