//! Reads arbitrary text (up to a NUL) as a file of spike rules, and what follows as a table of events.
//!
//! `RUSTC_BOOTSTRAP=1 cargo fuzz run spike_rules`
#![no_main]

use std::path::Path;

use earmark::spikes::{SpikeRules, parse_events};
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &str| {
    let (rules, events) = data.split_once('\0').unwrap_or((data, data));
    if let Ok(rules) = SpikeRules::parse(rules, "fuzz") {
        let midnight = Timestamp::UNIX_EPOCH.to_zoned(rules.zone.clone());
        for rule in &rules.rules {
            assert_eq!(rule.check(), Ok(()));
            let _ = rule.quiet.map(|quiet| quiet.contains(&midnight));
        }
    }
    if let Ok(events) = parse_events(events.as_bytes(), Path::new("fuzz.csv"), &jiff::tz::TimeZone::UTC) {
        assert!(events.iter().all(|event| event.start <= event.end));
    }
});
