//! Rules: what is watched, and how loudly.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use serde::{Deserialize, Deserializer, Serialize, de};

use super::alarm::{Measure, Severity};
use super::budget::FalseAlarmBudget;
use super::detector::DetectorOptions;
use super::duration::Length;
use crate::index::Field;
use crate::query::{Query, QueryContext, QueryError};

/// Most rules of a file.
pub const MAX_RULES: usize = 100;
/// Most bytes of a file of rules.
pub const MAX_RULE_FILE_BYTES: u64 = 1 << 20;
/// Most series of a rule.
pub const MAX_SERIES: usize = 10_000;
/// Least length of a step.
pub const MIN_STEP_SECONDS: u64 = 60;
/// Most length of a step.
pub const MAX_STEP_SECONDS: u64 = 24 * 3_600;

/// Why times relative to now are refused.
pub const RELATIVE_TIME: &str = "its query names times relative to now; a series needs all of its past";

/// A file of rules, which share one false-alarm budget. It is TOML:
///
/// ```toml
/// budget = "1/week"                        # false alarms over everything below together
/// zone = "Europe/Riga"
///
/// [[rule]]
/// name = "complaints"
/// query = "lang:lv -kind:repost"
/// per = "brand"                            # a series for each
/// measures = ["volume", "negative_share", "silence"]
/// quiet = { from = "22:00", until = "07:00" }
/// ```
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpikeRules {
    /// How many false alarms all rules together may raise.
    #[serde(default)]
    pub budget: FalseAlarmBudget,
    /// Whose clock hours, days and quiet hours follow.
    #[serde(default = "default_zone", deserialize_with = "read_zone")]
    pub zone: TimeZone,
    /// The rules.
    #[serde(rename = "rule")]
    pub rules: Vec<SpikeRule>,
}

/// What is watched.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpikeRule {
    /// Its name, a part of the ids of its alarms.
    pub name: String,
    /// Which mentions; empty selects all.
    #[serde(default)]
    pub query: String,
    /// A series for each value of this field; one of all mentions where there is none.
    #[serde(default, deserialize_with = "read_field")]
    pub per: Option<Field>,
    /// What is watched of each series.
    #[serde(default = "default_measures")]
    pub measures: Vec<Measure>,
    /// How fine the counts are. Steps are cut from the beginning of 1970 in UTC: those of a day do not begin at midnight in other
    /// zones.
    #[serde(default = "default_step")]
    pub step: Length,
    /// At most so many series: those with the most mentions.
    #[serde(default = "default_max_series")]
    pub max_series: usize,
    /// Alarms of less severity are not raised.
    #[serde(default = "default_min_severity")]
    pub min_severity: Severity,
    /// Hours in which a watch tells nobody of alarms, save for the most severe, nor of their ends; it does afterwards.
    #[serde(default)]
    pub quiet: Option<QuietHours>,
    /// How series are watched; the budget is that of the file.
    #[serde(default)]
    pub detector: DetectorOptions,
}

/// Hours of the day, over midnight where they end before they begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuietHours {
    /// The first moment.
    #[serde(deserialize_with = "read_clock")]
    pub from: Time,
    /// The first moment after them.
    #[serde(deserialize_with = "read_clock")]
    pub until: Time,
}

/// Rules could not be used. Always their author's to fix.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum SpikeRuleError {
    #[error("cannot read the spike rules {path}: {source}")]
    Unreadable { path: PathBuf, source: std::io::Error },
    #[error("spike rules {origin}: {problem}")]
    Syntax { origin: String, problem: String },
    #[error("spike rules {origin}: rule {name:?}: {problem}")]
    Rule { origin: String, name: String, problem: String },
    #[error("spike rules {origin}: rule {name:?}: {problem}")]
    Query { origin: String, name: String, problem: Box<QueryError> },
}

impl Default for SpikeRule {
    fn default() -> Self {
        SpikeRule {
            name: "spikes".to_owned(),
            query: String::new(),
            per: None,
            measures: default_measures(),
            step: default_step(),
            max_series: default_max_series(),
            min_severity: default_min_severity(),
            quiet: None,
            detector: DetectorOptions::default(),
        }
    }
}

impl SpikeRules {
    /// Reads a file of rules.
    ///
    /// # Errors
    /// Where it cannot be read, is no such file, or a rule is wrong.
    pub fn load(path: &Path) -> Result<SpikeRules, SpikeRuleError> {
        let unreadable = |source| SpikeRuleError::Unreadable { path: path.to_owned(), source };
        let bytes = std::fs::metadata(path).map_err(unreadable)?.len();
        if bytes > MAX_RULE_FILE_BYTES {
            let problem = format!("it has {bytes} bytes; at most {MAX_RULE_FILE_BYTES} are read");
            return Err(SpikeRuleError::Syntax { origin: path.display().to_string(), problem });
        }
        SpikeRules::parse(&std::fs::read_to_string(path).map_err(unreadable)?, &path.display().to_string())
    }

    /// Parses the text of such a file; `origin` names it in errors.
    ///
    /// # Errors
    /// Where it is no such file, or a rule is wrong.
    pub fn parse(text: &str, origin: &str) -> Result<SpikeRules, SpikeRuleError> {
        let syntax = |problem: String| SpikeRuleError::Syntax { origin: origin.to_owned(), problem };
        let rules: SpikeRules = toml::from_str(text).map_err(|error| syntax(error.to_string().trim().to_owned()))?;
        if rules.rules.is_empty() || rules.rules.len() > MAX_RULES {
            return Err(syntax(format!("it has {} rules; write 1 to {MAX_RULES}", rules.rules.len())));
        }
        let mut names = HashSet::new();
        for rule in &rules.rules {
            let wrong = |problem: &str| SpikeRuleError::Rule {
                origin: origin.to_owned(),
                name: rule.name.clone(),
                problem: problem.to_owned(),
            };
            if rule.name.trim().is_empty() || !names.insert(rule.name.as_str()) {
                return Err(wrong("give it a name of its own"));
            }
            rule.check().map_err(|problem| wrong(&problem))?;
            let context = QueryContext { zone: rules.zone.clone(), now: Timestamp::UNIX_EPOCH };
            let query = Query::parse(&rule.query, &context).map_err(|problem| SpikeRuleError::Query {
                origin: origin.to_owned(),
                name: rule.name.clone(),
                problem: Box::new(problem),
            })?;
            if query.is_relative {
                return Err(wrong(RELATIVE_TIME));
            }
        }
        Ok(rules)
    }
}

impl SpikeRule {
    /// Says what is wrong with a rule, other than its query.
    pub fn check(&self) -> Result<(), String> {
        if self.measures.is_empty() {
            return Err("it has no measures; write some, such as measures = [\"volume\"]".to_owned());
        }
        let distinct: HashSet<Measure> = self.measures.iter().copied().collect();
        if distinct.len() < self.measures.len() {
            return Err("it names a measure twice".to_owned());
        }
        if !(MIN_STEP_SECONDS..=MAX_STEP_SECONDS).contains(&self.step.as_secs()) {
            return Err(format!("a step of {} is too short or too long; write 1m to 1d", self.step));
        }
        if !(1..=MAX_SERIES).contains(&self.max_series) {
            return Err(format!("max_series is {}; write 1 to {MAX_SERIES}", self.max_series));
        }
        if self.detector.cool_down < self.step {
            return Err(format!("a cool_down of {} is shorter than a step of {}", self.detector.cool_down, self.step));
        }
        if let Some(QuietHours { from, .. }) = self.quiet.filter(|quiet| quiet.from == quiet.until) {
            return Err(format!(
                "quiet hours from {from} until {from} are none; leave them out, or write 00:00 and 23:59"
            ));
        }
        self.detector.check()
    }
}

impl QuietHours {
    /// True if a time lies in them.
    pub fn contains(&self, time: &Zoned) -> bool {
        let clock = time.time();
        if self.from <= self.until {
            (self.from..self.until).contains(&clock)
        } else {
            clock >= self.from || clock < self.until
        }
    }
}

fn default_zone() -> TimeZone {
    TimeZone::UTC
}

fn default_measures() -> Vec<Measure> {
    vec![Measure::Volume, Measure::NegativeShare, Measure::Silence]
}

fn default_step() -> Length {
    Length::from_secs(900)
}

fn default_max_series() -> usize {
    1_000
}

fn default_min_severity() -> Severity {
    Severity::Low
}

fn read_zone<'de, D: Deserializer<'de>>(deserializer: D) -> Result<TimeZone, D::Error> {
    let name = String::deserialize(deserializer)?;
    TimeZone::get(&name).map_err(|_| de::Error::custom(format!("{name:?} is no time zone; write UTC or Europe/Riga")))
}

fn read_field<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Field>, D::Error> {
    let name = String::deserialize(deserializer)?;
    name.parse().map(Some).map_err(de::Error::custom)
}

fn read_clock<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Time, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(|_| de::Error::custom(format!("{text:?} is no time of day; write 22:00")))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn rules_are_read() {
        let text = r#"
            budget = "1/month"
            zone = "Europe/Riga"
            [[rule]]
            name = "complaints"
            query = "late OR lost"
            per = "brand"
            measures = ["negative_share"]
            step = "1h"
            min_severity = "medium"
            quiet = { from = "22:00", until = "07:00" }
            [rule.detector]
            windows = ["1h", "1d"]
            min_value = 10
        "#;
        let rules = SpikeRules::parse(text, "x.toml").unwrap();
        let rule = &rules.rules[0];
        assert_eq!((rules.budget.to_string().as_str(), rule.per), ("1/month", Some(Field::Brand)));
        assert_eq!((rule.detector.min_value, rule.detector.windows.len(), rule.max_series), (10, 2, 1_000));
        let quiet = rule.quiet.unwrap();
        let at = |time: &str| quiet.contains(&time.parse::<Timestamp>().unwrap().to_zoned(rules.zone.clone()));
        assert_eq!([at("2026-01-01T20:00:00Z"), at("2026-01-01T04:59:59Z")], [true, true]);
        assert_eq!([at("2026-01-01T05:00:00Z"), at("2026-01-01T19:59:59Z")], [false, false]);
    }

    #[test]
    fn says_what_to_fix() {
        let cases = [
            ("", "missing field `rule`"),
            ("rule = []", "it has 0 rules"),
            ("budget = 'often'\n[[rule]]\nname='a'", "no false-alarm budget"),
            ("zone = 'Mars'\n[[rule]]\nname='a'", "no time zone"),
            ("[[rule]]\nname=' '", "a name of its own"),
            ("[[rule]]\nname='a'\n[[rule]]\nname='a'", "a name of its own"),
            ("[[rule]]\nname='a'\nper='mood'", "cannot be counted by"),
            ("[[rule]]\nname='a'\nmeasures=[]", "no measures"),
            ("[[rule]]\nname='a'\nmeasures=['volume','volume']", "a measure twice"),
            ("[[rule]]\nname='a'\nmeasures=['joy']", "unknown variant"),
            ("[[rule]]\nname='a'\nquery='late AND'", "late AND"),
            ("[[rule]]\nname='a'\nstep='1s'", "too short"),
            ("[[rule]]\nname='a'\nstep='soon'", "no length of time"),
            ("[[rule]]\nname='a'\nquiet={from='25:00',until='1:00'}", "no time of day"),
            ("[[rule]]\nname='a'\n[rule.detector]\nwindows=[]", "windows"),
            ("[[rule]]\nname='a'\nquerry='x'", "unknown field"),
            ("[[rule]]\nname='a'\nquery='late created_at:today'", "relative to now"),
            ("[[rule]]\nname='a'\nstep='1h'\n[rule.detector]\ncool_down='10m'", "shorter than a step"),
            ("[[rule]]\nname='a'\nquiet={from='22:00',until='22:00'}", "are none"),
        ];
        for (text, part) in cases {
            let message = SpikeRules::parse(text, "x.toml").err().map(|error| error.to_string()).unwrap_or_default();
            assert!(message.contains(part) && message.contains("x.toml"), "{text}: {message}");
        }
    }
}
