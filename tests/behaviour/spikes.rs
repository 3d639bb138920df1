//! `earmark spikes` and `earmark watch`: alarms, their causes, and telling of them once.

use serde_json::Value;

use crate::support::Workspace;

/// Counts of every quarter of an hour over twenty days, the same every day, with ten times as many in two hours.
fn counts() -> String {
    let mut table = "timestamp,value\n".to_owned();
    for quarter in 0..20 * 96 {
        let (day, hour, minute) = (1 + quarter / 96, quarter / 4 % 24, quarter % 4 * 15);
        let is_spike = day == 15 && (12..14).contains(&hour);
        let value = if is_spike { 60 } else { 4 + (quarter * 7 + day * 3) % 5 };
        table += &format!("2026-03-{day:02} {hour:02}:{minute:02}:00,{value}\n");
    }
    table
}

/// Mentions of two brands over three weeks, eight a day each, and an outage at one of them.
fn mentions() -> String {
    let calm = ["The new shop in the old town is open", "Ordered a chair, it came today", "Is the app free of charge?"];
    let outage = "Payment terminal is down again, nothing works, terrible";
    let mut lines = String::new();
    let mut add = |brand: &str, day: u32, hour: u32, minute: u32, text: &str| {
        let number = lines.lines().count();
        lines += &format!(
            "{{\"id\":\"m{number}\",\"brand\":\"{brand}\",\"author\":\"writer{}\",\"created_at\":\"2026-05-{day:02}T{hour:02}:{minute:02}:00Z\",\
             \"text\":\"{text} {number}\"}}\n",
            number % 37
        );
    };
    for day in 1..=21 {
        for hour in (0..24).step_by(3) {
            for (brand, minute) in [("Kurio", 5), ("Velamo", 35)] {
                add(brand, day, hour, minute + day % 3, calm[((day + hour) % 3) as usize]);
            }
        }
    }
    (0..40).for_each(|minute| add("Velamo", 18, 10, minute, outage));
    lines
}

fn ingested(space: &Workspace) {
    let file = space.write("mentions.ndjson", mentions());
    space.run(&["ingest", file.to_str().unwrap(), "--quiet"]).expect_status(0);
}

#[test]
fn counts_give_json_lines_in_the_order_of_time() {
    let space = Workspace::new();
    let file = space.write("shop.csv", counts());
    let alarms = space.run(&["spikes", "--counts", file.to_str().unwrap()]).expect_status(0).json_lines();
    assert_eq!(alarms.len(), 1, "{alarms:?}");
    let alarm = &alarms[0];
    assert_eq!((alarm["series"].as_str(), alarm["time"].as_str()), (Some("shop.csv"), Some("2026-03-15T12:00:00Z")));
    assert!(alarm["value"].as_u64() > Some(40) && alarm["expected"].as_f64() < Some(12.0), "{alarm}");
    assert!(alarm["p"].as_f64() < Some(1e-4) && alarm["start"].is_string() && alarm["severity"].is_string());
    let strict = space.run(&["spikes", "--counts", file.to_str().unwrap(), "--budget", "1/year", "--tz", "Asia/Tokyo"]);
    let strict = strict.expect_status(0).json_lines();
    assert_eq!(strict[0]["time"], "2026-03-15T03:00:00Z", "times without a zone are those of --tz");
}

#[test]
fn what_is_wrong_with_a_request_is_said() {
    let space = Workspace::new();
    let file = space.write("shop.csv", "timestamp,value\n2026-01-01,1\n2026-01-02,many\n");
    let rules = space.write("rules.toml", "[[rule]]\nname = \"a\"\nquery = \"late AND\"\n");
    let cases: [(&[&str], &str); 6] = [
        (&["spikes", "--counts", file.to_str().unwrap()], "line 3: \"many\" is no count"),
        (&["spikes", "--counts", "none.csv"], "cannot read none.csv"),
        (&["spikes", "--budget", "often"], "is no false-alarm budget"),
        (&["spikes", "--measure", "joy"], "choose one of volume, negative, negative_share, silence"),
        (&["spikes", "--rules", rules.to_str().unwrap()], "rule \"a\""),
        (&["watch", "none.toml"], "cannot read the spike rules none.toml"),
    ];
    for (args, message) in cases {
        let run = space.run(args).expect_status(2);
        assert!(run.stderr().contains(message), "{args:?}: {}", run.stderr());
    }
}

#[test]
fn an_alarm_says_what_is_behind_it() {
    let space = Workspace::new();
    ingested(&space);
    let args = ["spikes", "--per", "brand", "--measure", "volume", "--budget", "1/quarter", "--format", "json"];
    let run = space.run(&args).expect_status(0);
    let alarms = run.json_lines();
    assert_eq!(alarms.len(), 1, "{}", run.stdout());
    let alarm = &alarms[0];
    assert_eq!((alarm["series"].as_str(), alarm["measure"].as_str()), (Some("Velamo"), Some("volume")));
    let cause = &alarm["cause"];
    let terms: Vec<&str> = cause["terms"].as_array().unwrap().iter().filter_map(|term| term["term"].as_str()).collect();
    assert!(
        terms.iter().any(|term| ["terminal", "payment", "down", "works"].iter().any(|word| term.contains(word))),
        "{terms:?}"
    );
    let mention = &cause["top_mentions"][0];
    assert!(mention["text"].as_str().unwrap().starts_with("Payment terminal is down"), "{mention}");
    let drill = &cause["drill"];
    let found = space.run(&[
        "search",
        drill["query"].as_str().unwrap(),
        "--since",
        drill["since"].as_str().unwrap(),
        "--until",
        drill["until"].as_str().unwrap(),
        "--format",
        "json",
    ]);
    assert_eq!(found.expect_status(0).json()["total"], cause["mentions"], "the mentions behind the number");
    assert!(run.stderr().contains("promised  at most 0.3 false alarms a month"), "{}", run.stderr());
    let table =
        space.run(&["spikes", "--per", "brand", "--measure", "volume", "--budget", "1/quarter"]).expect_status(0);
    assert!(table.stdout().contains("Velamo  volume  high"), "{}", table.stdout());
}

fn kinds(lines: &[Value]) -> Vec<(&str, u64)> {
    lines.iter().map(|line| (line["type"].as_str().unwrap(), line["sequence"].as_u64().unwrap())).collect()
}

#[test]
fn a_watch_tells_each_thing_once() {
    let space = Workspace::new();
    ingested(&space);
    let rules = "budget = \"1/quarter\"\n[[rule]]\nname = \"outages\"\nper = \"brand\"\nmeasures = [\"volume\"]\n\
                 quiet = { from = \"11:30\", until = \"13:00\" }\n";
    let rules = space.write("rules.toml", rules);
    let look = |at: &str| {
        let args = ["watch", rules.to_str().unwrap(), "--once", "--lag", "1m", "--at", at, "--quiet"];
        space.run(&args).expect_status(0).json_lines()
    };
    assert_eq!(look("2026-05-18T09:00:00Z"), Vec::<Value>::new());
    let opened = look("2026-05-18T10:31:00Z");
    assert_eq!(kinds(&opened), [("alarm.opened", 1)], "{opened:?}");
    assert_eq!(opened[0]["data"]["series"], "Velamo");
    assert_eq!(look("2026-05-18T10:32:00Z"), Vec::<Value>::new(), "the same is not told again");
    assert_eq!(look("2026-05-19T12:00:00Z"), Vec::<Value>::new(), "in quiet hours the end waits");
    let closed = look("2026-05-19T13:30:00Z");
    assert_eq!(kinds(&closed), [("alarm.closed", 2)], "{closed:?}");
    assert_eq!(closed[0]["id"], opened[0]["id"]);
    assert_eq!(look("2026-05-20T13:30:00Z"), Vec::<Value>::new());
}

#[test]
fn a_first_look_is_silent_about_what_is_over() {
    let space = Workspace::new();
    ingested(&space);
    let rules = space.write("rules.toml", "[[rule]]\nname = \"outages\"\nper = \"brand\"\nmeasures = [\"volume\"]\n");
    let args = ["watch", rules.to_str().unwrap(), "--once", "--at", "2026-05-21T12:00:00Z"];
    let run = space.run(&args).expect_status(0);
    assert_eq!(run.stdout(), "", "the outage was days ago");
}

#[cfg(unix)]
#[test]
fn a_program_is_told_until_it_has_listened() {
    let space = Workspace::new();
    ingested(&space);
    let rules = space.write(
        "rules.toml",
        "budget = \"1/quarter\"\n[[rule]]\nname = \"outages\"\nper = \"brand\"\nmeasures = [\"volume\"]\n",
    );
    let args = ["watch", rules.to_str().unwrap(), "--once", "--lag", "1m", "--at", "2026-05-18T10:31:00Z", "--run"];
    let told = space.path("told.json");
    let script = format!("cat > {}", told.to_str().unwrap());
    let run = space.run(&[&args[..], &["sh", "-c", &script]].concat()).expect_status(0);
    assert!(run.stderr().contains("delivered 1 notices"), "{}", run.stderr());
    let notice: Value = serde_json::from_str(&std::fs::read_to_string(&told).unwrap()).unwrap();
    assert_eq!(notice["type"], "alarm.opened");
    let again = space.run(&[&args[..], &["sh", "-c", "exit 1"]].concat()).expect_status(0);
    assert_eq!(again.stderr(), "", "there is nothing left to tell");
}
