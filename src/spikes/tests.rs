//! The detector on series whose truth is known.
#![allow(clippy::unwrap_used)]

use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::*;

const STEP_SECONDS: u32 = 900;
const STEPS_PER_DAY: usize = 96;

/// Counts that are the same on every machine: SplitMix64, and Poisson counts by multiplying uniform numbers (Knuth).
struct Chance(u64);

impl Chance {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    fn poisson(&mut self, mean: f64) -> u32 {
        let limit = (-mean).exp();
        let mut product = self.uniform();
        let mut count = 0;
        while product > limit {
            product *= self.uniform();
            count += 1;
        }
        count
    }
}

fn steps(count: usize) -> Steps {
    // A Monday.
    Steps { start: 1_767_571_200, seconds: STEP_SECONDS, count }
}

/// A series of so many days with a mean of each step; of all mentions, this share is negative.
fn simulate(seed: u64, days: usize, mean: impl Fn(usize) -> f64, negative: impl Fn(usize) -> f64) -> Series {
    let mut chance = Chance(seed);
    let mut counts = Vec::new();
    for step in 0..days * STEPS_PER_DAY {
        let mentions = chance.poisson(mean(step));
        let negatives = (0..mentions).filter(|_| chance.uniform() < negative(step)).count() as u32;
        if mentions > 0 {
            counts.push((step as u32, [mentions, mentions, negatives]));
        }
    }
    Series { name: "Kurio".to_owned(), counts }
}

fn alarms(series: &Series, days: usize, measure: Measure, options: &DetectorOptions) -> Vec<Alarm> {
    let steps = steps(days * STEPS_PER_DAY);
    let hours_of_week = steps.hours_of_week(&TimeZone::UTC);
    let watch = Watch {
        rule: "test",
        options,
        steps,
        hours_of_week: &hours_of_week,
        is_known_at_end: true,
        tests: 1,
        min_severity: Severity::Low,
    };
    watch.alarms(series, measure)
}

fn day_of(alarm: &Alarm) -> f64 {
    (alarm.first.time.as_second() - steps(0).start) as f64 / 86_400.0
}

/// Four times as many mentions for six hours of the twentieth day.
fn spike(step: usize) -> f64 {
    let usual = 3.0;
    if (20 * STEPS_PER_DAY..20 * STEPS_PER_DAY + 24).contains(&step) { 4.0 * usual } else { usual }
}

#[test]
fn a_spike_is_one_alarm_that_ends() {
    let options = DetectorOptions { budget: "1/year".parse().unwrap(), ..DetectorOptions::default() };
    let found = alarms(&simulate(1, 30, spike, |_| 0.3), 30, Measure::Volume, &options);
    assert_eq!(found.len(), 1, "{found:?}");
    let alarm = &found[0];
    assert!((20.0..20.1).contains(&day_of(alarm)), "seen within two hours: day {}", day_of(alarm));
    assert!(
        alarm.first.value as f64 > 2.0 * alarm.first.expected && alarm.peak.severity == Severity::High,
        "{alarm:?}"
    );
    assert!(alarm.peak.p <= alarm.first.p && alarm.first.start < alarm.first.time);
    let closed = alarm.closed.unwrap();
    assert!(closed > alarm.last && (closed.as_second() - steps(0).start) < 22 * 86_400);
}

#[test]
fn a_share_that_jumps_is_an_alarm_though_the_volume_is_as_usual() {
    let options = DetectorOptions { budget: "1/year".parse().unwrap(), ..DetectorOptions::default() };
    let jump = |step: usize| if (20 * STEPS_PER_DAY..21 * STEPS_PER_DAY).contains(&step) { 0.7 } else { 0.3 };
    let series = simulate(11, 30, |_| 3.0, jump);
    let found = alarms(&series, 30, Measure::NegativeShare, &options);
    assert!(found[1..].iter().all(|alarm| alarm.continues.is_some()), "{found:?}");
    assert!((20.0..20.5).contains(&day_of(&found[0])) && found[0].first.effect > 15.0, "{:?}", found[0]);
    assert_eq!(alarms(&series, 30, Measure::Volume, &options), []);
}

#[test]
fn a_feed_that_dies_is_an_alarm_and_a_quiet_one_is_not() {
    let options = DetectorOptions::default();
    let dead = |from: usize| move |step: usize| if step >= from * STEPS_PER_DAY { 0.0 } else { 3.0 };
    let found = alarms(&simulate(3, 30, dead(20), |_| 0.3), 30, Measure::Silence, &options);
    assert!(!found.is_empty() && (20.0..20.3).contains(&day_of(&found[0])), "{found:?}");
    assert_eq!((found[0].first.value, found[0].measure), (0, Measure::Silence));
    let nightly = |step: usize| if step % STEPS_PER_DAY < 30 { 0.0 } else { 3.0 };
    assert_eq!(alarms(&simulate(4, 30, nightly, |_| 0.3), 30, Measure::Silence, &options), []);
}

/// Dead for three days from the twentieth on, and for two from the twenty-sixth.
fn dead_twice(step: usize) -> f64 {
    let day = step / STEPS_PER_DAY;
    if (20..23).contains(&day) || (26..28).contains(&day) { 0.0 } else { 3.0 }
}

#[test]
fn a_feed_that_dies_again_is_an_alarm_again() {
    let found = alarms(&simulate(12, 30, dead_twice, |_| 0.3), 30, Measure::Silence, &DetectorOptions::default());
    let days: Vec<f64> = found.iter().map(day_of).collect();
    assert!(days.iter().any(|day| (26.0..26.3).contains(day)), "{days:?}");
}

/// A week of nothing, and a day at the usual rate after it.
#[test]
fn a_dead_feed_does_not_teach_that_there_is_nothing() {
    let back = |step: usize| if (20 * STEPS_PER_DAY..26 * STEPS_PER_DAY).contains(&step) { 0.0 } else { 3.0 };
    let series = simulate(13, 28, back, |_| 0.3);
    let steps = steps(28 * STEPS_PER_DAY);
    let hours_of_week = steps.hours_of_week(&TimeZone::UTC);
    let (options, hours_of_week) = (&DetectorOptions::default(), hours_of_week.as_slice());
    let min_severity = Severity::Low;
    let watch = Watch { rule: "test", options, steps, hours_of_week, is_known_at_end: true, tests: 1, min_severity };
    let peak = Reading { time: steps.start_of(27 * STEPS_PER_DAY), ..watch.alarms(&series, Measure::Silence)[0].peak };
    let alarm = Alarm { peak, ..watch.alarms(&series, Measure::Silence)[0].clone() };
    let trace = watch.trace(&series, Measure::Volume, &[&alarm]);
    let expected = trace.points.iter().find(|point| point.step == 26 * STEPS_PER_DAY).unwrap().expected;
    assert!(expected > 8.0, "of 12 in an hour, {expected} are expected when the feed is back");
}

/// Half an hour of three times the mentions, a day before the spike: an alarm, but not a severe one.
#[test]
fn an_alarm_is_raised_when_it_is_severe_enough() {
    let rising = |step: usize| if step == 20 * STEPS_PER_DAY - 24 { 14.0 } else { spike(step) };
    let series = simulate(1, 30, rising, |_| 0.3);
    let options = DetectorOptions::default();
    let steps = steps(30 * STEPS_PER_DAY);
    let hours_of_week = steps.hours_of_week(&TimeZone::UTC);
    let least = |min_severity: Severity| {
        let (rule, options, hours_of_week) = ("test", &options, hours_of_week.as_slice());
        let watch = Watch { rule, options, steps, hours_of_week, is_known_at_end: true, tests: 1, min_severity };
        watch.alarms(&series, Measure::Volume)
    };
    let (all, severe) = (least(Severity::Low), least(Severity::High));
    assert!(severe.iter().all(|alarm| alarm.first.severity == Severity::High), "{severe:?}");
    assert!(!severe.is_empty() && all[0].first.time < severe[0].first.time, "{all:?}");
}

#[test]
fn what_comes_every_day_is_no_alarm() {
    let options = DetectorOptions { warm_up: Length::from_hours(24 * 10), ..DetectorOptions::default() };
    let daily = |step: usize| if step % STEPS_PER_DAY / 4 == 9 { 12.0 } else { 2.0 };
    let found = alarms(&simulate(5, 40, daily, |_| 0.3), 40, Measure::Volume, &options);
    assert!(found.len() <= 2, "{found:?}");
    let displaced = |step: usize| {
        let is_displaced = (30 * STEPS_PER_DAY + 60..30 * STEPS_PER_DAY + 64).contains(&step);
        if is_displaced { 12.0 } else { daily(step) }
    };
    let found = alarms(&simulate(5, 40, displaced, |_| 0.3), 40, Measure::Volume, &options);
    assert!(found.iter().any(|alarm| (30.6..30.8).contains(&day_of(alarm))), "the same at another hour is: {found:?}");
}

#[test]
fn what_lasts_becomes_usual() {
    let options = DetectorOptions::default();
    let shift = |step: usize| if step >= 15 * STEPS_PER_DAY { 9.0 } else { 3.0 };
    let found = alarms(&simulate(6, 40, shift, |_| 0.3), 40, Measure::Volume, &options);
    assert!(found.iter().any(|alarm| (15.0..15.2).contains(&day_of(alarm))));
    assert!(found.iter().all(|alarm| day_of(alarm) < 20.0), "{:?}", found.iter().map(day_of).collect::<Vec<_>>());
    let alarmed: Vec<&Alarm> = found.iter().filter(|alarm| day_of(alarm) > 15.0).collect();
    assert!(alarmed.iter().skip(1).all(|alarm| alarm.continues.is_some()), "one goes on with the other");
}

/// The promise on a small scale; `cargo bench --bench spikes -- null` has it on a large one.
#[test]
fn false_alarms_keep_to_the_budget() {
    let budget: FalseAlarmBudget = "1/week".parse().unwrap();
    let options = DetectorOptions { budget, ..DetectorOptions::default() };
    let (series, days) = (40, 44);
    let raised: usize = (0..series)
        .map(|seed| alarms(&simulate(100 + seed, days, |_| 2.5, |_| 0.3), days, Measure::Volume, &options).len())
        .sum();
    let promised = series as f64 * (days - 2) as f64 / 7.0;
    let ratio = raised as f64 / promised;
    assert!((0.4..2.0).contains(&ratio), "{raised} alarms where {promised:.0} were promised");
}

#[test]
fn a_new_series_is_not_an_alarm() {
    let options = DetectorOptions::default();
    let new = |step: usize| if step >= 10 * STEPS_PER_DAY { 5.0 } else { 0.0 };
    assert_eq!(alarms(&simulate(7, 20, new, |_| 0.3), 20, Measure::Volume, &options), []);
    let empty = Series { name: "none".to_owned(), counts: Vec::new() };
    assert_eq!(alarms(&empty, 20, Measure::Silence, &options), []);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// An alarm depends on what was before it only: what comes later changes none that was raised.
    #[test]
    fn the_future_changes_nothing(
        seed in 0..1_000u64,
        mean in 0.05..8.0f64,
        cut_day in 5..14usize,
        measure in proptest::sample::select(Measure::ALL.to_vec()),
    ) {
        let options = DetectorOptions { budget: "1/day".parse().unwrap(), ..DetectorOptions::default() };
        let bursts = |step: usize| if step % 701 < 9 { 5.0 * mean } else { mean };
        let whole = simulate(seed, 14, bursts, |step| if step % 907 < 40 { 0.8 } else { 0.2 });
        let cut = cut_day * STEPS_PER_DAY;
        let counts = whole.counts.iter().copied().filter(|(step, _)| (*step as usize) < cut).collect();
        let part = Series { name: whole.name.clone(), counts };
        let known = |alarms: Vec<Alarm>| -> Vec<(String, Reading)> {
            let end = steps(0).start_of(cut);
            alarms.into_iter().filter(|a| a.first.time <= end).map(|a| (a.id, a.first)).collect()
        };
        let of_whole = known(alarms(&whole, 14, measure, &options));
        let of_part = known(alarms(&part, cut_day, measure, &options));
        prop_assert_eq!(of_whole, of_part);
    }

    /// Whatever the counts are, readings are numbers in their ranges.
    #[test]
    fn any_counts_are_borne(
        counts in proptest::collection::vec((0..3_000u32, prop_oneof![Just(0u32), 0..5u32, any::<u32>()], 0.0..=1.0f64), 0..300),
        measure in proptest::sample::select(Measure::ALL.to_vec()),
    ) {
        let mut sorted = counts;
        sorted.sort_by_key(|(step, ..)| *step);
        sorted.dedup_by_key(|(step, ..)| *step);
        // Shares of billions take a while to sum up.
        let most = if measure == Measure::NegativeShare { 5_000 } else { u32::MAX };
        let counts = sorted.into_iter().map(|(step, mentions, share)| {
            let mentions = mentions.min(most);
            (step, [mentions, mentions, (f64::from(mentions) * share) as u32])
        }).collect();
        let series = Series { name: String::new(), counts };
        let options = DetectorOptions { budget: "1/day".parse().unwrap(), warm_up: Length::from_hours(1), ..DetectorOptions::default() };
        for alarm in alarms(&series, 32, measure, &options) {
            for reading in [alarm.first, alarm.peak] {
                prop_assert!((0.0..=1.0).contains(&reading.p) && reading.expected.is_finite() && reading.effect.is_finite());
                prop_assert!(reading.start <= reading.time && reading.once_in_days > 0.0);
            }
            prop_assert!(alarm.last >= alarm.first.time);
        }
    }
}
