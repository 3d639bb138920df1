//! `earmark backtest`: what rules would have raised, under several budgets.

use crate::spikes::ingested;
use crate::support::Workspace;

const RULES: &str = "budget = \"1/quarter\"\n[[rule]]\nname = \"outages\"\nper = \"brand\"\nmeasures = [\"volume\"]\n";

#[test]
fn budgets_are_tried_beside_each_other() {
    let space = Workspace::new();
    ingested(&space);
    let rules = space.write("rules.toml", RULES);
    let args = ["backtest", rules.to_str().unwrap(), "--budgets", "1/day,1/quarter", "--format", "json"];
    let report = space.run(&args).expect_status(0).json();
    let trials = report["trials"].as_array().unwrap();
    let budgets: Vec<&str> = trials.iter().map(|trial| trial["budget"].as_str().unwrap()).collect();
    assert_eq!(budgets, ["1/quarter", "1/day"], "that of the rules first, none twice");
    let alarms = |trial: usize| trials[trial]["alarms"].as_array().unwrap();
    assert_eq!((alarms(0).len(), alarms(0)[0]["series"].as_str()), (1, Some("Velamo")));
    assert!(alarms(1).len() >= alarms(0).len());
    assert!(trials[1]["promised_per_month"].as_f64() > trials[0]["promised_per_month"].as_f64());
    let spikes = ["spikes", "--rules", rules.to_str().unwrap(), "--format", "json", "--no-cause"];
    let found = space.run(&spikes).expect_status(0).json_lines();
    assert_eq!(&found, alarms(0), "a backtest raises what would have been raised");
}

#[test]
fn known_events_tell_true_alarms_from_false_ones() {
    let space = Workspace::new();
    ingested(&space);
    let rules = space.write("rules.toml", RULES);
    let backtest = |events: &str| {
        let events = space.write("events.csv", events);
        let args =
            ["backtest", rules.to_str().unwrap(), "--budgets", "1/quarter", "--events", events.to_str().unwrap()];
        space.run(&[&args[..], &["--format", "json"]].concat())
    };
    let known = "start,end,series\n2026-05-18 10:00,2026-05-18 12:00,Velamo\n2026-05-03 10:00,2026-05-03 12:00,\n";
    let events = backtest(known).expect_status(0).json()["trials"][0]["events"].clone();
    assert_eq!((&events["found"], &events["events"], &events["false_alarms"]), (&1.into(), &2.into(), &0.into()));
    assert!(events["median_delay_hours"].as_f64() <= Some(0.5), "{events}");
    let other = "start,end,series\n2026-05-18 10:00,2026-05-18 12:00,Kurio\n";
    let events = backtest(other).expect_status(0).json()["trials"][0]["events"].clone();
    assert_eq!((&events["found"], &events["false_alarms"]), (&0.into(), &1.into()));
    let wrong = backtest("start,end\n2026-05-18,soon\n").expect_status(2);
    assert!(wrong.stderr().contains("line 2: \"soon\" is no time"), "{}", wrong.stderr());
}

#[test]
fn a_rule_that_is_not_there_is_named() {
    let space = Workspace::new();
    let rules = space.write("rules.toml", RULES);
    let run = space.run(&["backtest", rules.to_str().unwrap(), "--rule", "storms"]).expect_status(2);
    assert!(run.stderr().contains("has no rule \"storms\""), "{}", run.stderr());
}
