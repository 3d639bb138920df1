//! Watching: what there is to tell about alarms that was not told before.
//!
//! Each look at the index finds all alarms of its history anew. Mentions that came late can move an alarm by some steps, so
//! that one is taken for the same if rule, series and measure are the same and it was raised within a cool-down of it.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::alarm::{Measure, Severity};
use super::cause::Cause;
use super::duration::Length;
use super::rule::SpikeRules;
use super::scan::{RaisedAlarm, SpikeReport};
use crate::delivery::{DeliveryError, Notice, NoticeKind, Outbox};

/// Alarms are remembered for so long after they were last unusual.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What was told of which alarms, as of the last look.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WatchState {
    /// Until when mentions have been looked at; absent before the first look.
    #[serde(default)]
    looked_until: Option<Timestamp>,
    /// Names of the rules that were looked by.
    #[serde(default)]
    rules: Vec<String>,
    #[serde(default)]
    alarms: Vec<KnownAlarm>,
    /// What is to be told and not in the outbox yet.
    #[serde(default)]
    pending: VecDeque<Notice>,
}

/// An alarm that was found before.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KnownAlarm {
    /// The id under which it is told.
    id: String,
    rule: String,
    series: String,
    measure: Measure,
    raised: Timestamp,
    last: Timestamp,
    is_open: bool,
    /// Of the last notice; 0 where nothing was told.
    sequence: u32,
    /// The severity that was told.
    severity: Severity,
    /// Whether it was over before its rule was watched, and is nothing to tell.
    is_old: bool,
}

/// The state of a watch could not be kept.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum WatchError {
    #[error("cannot read the state of the watch, {path}: {source}")]
    Unreadable { path: PathBuf, source: io::Error },
    #[error(
        "the state of the watch, {path}, is damaged: {problem}; move it away, and alarms that are open now will be told again"
    )]
    Damaged { path: PathBuf, problem: String },
    #[error("cannot write the state of the watch, {path}: {source}")]
    Unwritable { path: PathBuf, source: io::Error },
    #[error("alarm {id} cannot be written as JSON: {source}")]
    Unwritten { id: String, source: serde_json::Error },
    #[error(
        "the state of the watch, {path}, is that of other rules ({rules}); give each watch of an index its own folder with \
         --state DIR, or move the file away"
    )]
    OtherRules { path: PathBuf, rules: String },
}

impl WatchError {
    /// True where a person must mend something (exit status 2), false where the machine failed.
    pub fn is_user_error(&self) -> bool {
        match self {
            WatchError::Damaged { .. } | WatchError::OtherRules { .. } => true,
            WatchError::Unreadable { .. } | WatchError::Unwritable { .. } | WatchError::Unwritten { .. } => false,
        }
    }
}

impl WatchState {
    /// Name of its file, in the folder of the index.
    pub const FILE_NAME: &'static str = "watch-state.json";

    /// Reads the state in a folder; a new one where there is none.
    ///
    /// # Errors
    /// Where it cannot be read, or is damaged.
    pub fn load(dir: &Path) -> Result<WatchState, WatchError> {
        let path = dir.join(Self::FILE_NAME);
        match fs::read(&path) {
            Ok(bytes) => {
                serde_json::from_slice(&bytes).map_err(|error| WatchError::Damaged { path, problem: error.to_string() })
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(WatchState::default()),
            Err(source) => Err(WatchError::Unreadable { path, source }),
        }
    }

    /// Writes the state, whole or not at all.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn save(&self, dir: &Path) -> Result<(), WatchError> {
        let path = dir.join(Self::FILE_NAME);
        let draft = path.with_extension("json.new");
        let write = || -> io::Result<()> {
            let mut file = File::create(&draft)?;
            file.write_all(&serde_json::to_vec(self)?)?;
            file.sync_all()?;
            fs::rename(&draft, &path)?;
            File::open(dir)?.sync_all()
        };
        write().map_err(|source| WatchError::Unwritable { path: path.clone(), source })
    }

    /// Refuses to go on with the state of another watch: its alarms would be closed, and what waits would go to this one's target.
    ///
    /// # Errors
    /// Where the state knows rules, and none of these.
    pub fn check_rules(&self, rules: &SpikeRules, dir: &Path) -> Result<(), WatchError> {
        let is_of_these = self.rules.is_empty() || rules.rules.iter().any(|rule| self.rules.contains(&rule.name));
        let others = || WatchError::OtherRules { path: dir.join(Self::FILE_NAME), rules: self.rules.join(", ") };
        if is_of_these { Ok(()) } else { Err(others()) }
    }

    /// True where mentions after this time have been looked at: the clock was set back, and alarms that it does not know of yet
    /// are not over.
    pub fn is_ahead_of(&self, until: Timestamp) -> bool {
        self.looked_until.is_some_and(|looked| looked > until)
    }

    /// Takes in a look at mentions until `until`, made when the clock showed `now`: what there is to tell becomes pending. The
    /// state is to be saved before anything of it goes out. `cause_of` is asked for the causes of what is told.
    ///
    /// # Errors
    /// Where an alarm cannot be written; then the state is not to be used any more.
    pub fn look(
        &mut self,
        found: &SpikeReport,
        rules: &SpikeRules,
        (until, now): (Timestamp, Timestamp),
        mut cause_of: impl FnMut(&RaisedAlarm) -> Option<Cause>,
    ) -> Result<(), WatchError> {
        let mut is_found = vec![false; self.alarms.len()];
        for raised in &found.alarms {
            let Some(rule) = rules.rules.iter().find(|rule| rule.name == raised.rule) else { continue };
            let number = match self.position(raised, duration(rule.detector.cool_down), &is_found) {
                Some(number) => number,
                None => {
                    let is_old = self.is_old(raised, until);
                    self.alarms.push(KnownAlarm::new(raised, is_old));
                    is_found.push(false);
                    self.alarms.len() - 1
                }
            };
            is_found[number] = true;
            let is_quiet = rule.quiet.is_some_and(|quiet| quiet.contains(&now.to_zoned(rules.zone.clone())));
            if let Some(kind) = self.alarms[number].news(raised, is_quiet) {
                let cause = cause_of(raised);
                let body = serde_json::to_value(RaisedAlarm { cause, ..raised.clone() });
                let body = body.map_err(|source| WatchError::Unwritten { id: raised.alarm.id.clone(), source })?;
                self.pending.push_back(self.alarms[number].notice(kind, until, body));
            }
        }
        let is_watched = |known: &KnownAlarm| rules.rules.iter().any(|rule| rule.name == known.rule);
        for (known, _) in self.alarms.iter_mut().zip(&is_found).filter(|(_, is_found)| !**is_found) {
            if is_watched(known) {
                self.pending.extend(known.withdraw(until));
            }
        }
        let is_remembered = |known: &KnownAlarm| known.last.duration_until(until) < REMEMBERED;
        self.alarms.retain(|known| is_remembered(known) || known.is_open && is_watched(known));
        self.looked_until = Some(until);
        self.rules = rules.rules.iter().map(|rule| rule.name.clone()).collect();
        Ok(())
    }

    /// Puts what is pending into the outbox, as far as there is room. A notice that is too long goes without its cause.
    ///
    /// # Errors
    /// Where the outbox cannot be written; what is in it by then is pending no more.
    pub fn hand_over(&mut self, outbox: &mut Outbox) -> Result<(), DeliveryError> {
        while let Some(notice) = self.pending.front() {
            match outbox.queue(notice.clone()) {
                Ok(_) => {}
                Err(DeliveryError::Full) => break,
                Err(DeliveryError::TooLong { .. }) => {
                    let mut shortened = notice.clone();
                    shortened.body.as_object_mut().and_then(|body| body.remove("cause"));
                    outbox.queue(shortened)?;
                }
                Err(error) => return Err(error),
            }
            self.pending.pop_front();
        }
        Ok(())
    }

    /// How many notices are not in the outbox yet.
    pub fn pending(&self) -> usize {
        self.pending.len()
    }

    /// Whether an alarm that is not known was over before its rule was watched, or has been forgotten.
    fn is_old(&self, raised: &RaisedAlarm, until: Timestamp) -> bool {
        let is_new_rule = !self.rules.contains(&raised.rule);
        raised.alarm.closed.is_some() && (is_new_rule || raised.alarm.last.duration_until(until) >= REMEMBERED)
    }

    /// The known alarm that this one is.
    fn position(&self, raised: &RaisedAlarm, cool_down: SignedDuration, is_found: &[bool]) -> Option<usize> {
        let alarm = &raised.alarm;
        let distance = |known: &KnownAlarm| known.raised.duration_until(alarm.first.time).abs();
        let is_same = |known: &KnownAlarm| {
            known.rule == raised.rule
                && known.series == alarm.series
                && known.measure == alarm.measure
                && distance(known) < cool_down
        };
        let candidates = self.alarms.iter().enumerate().filter(|(number, known)| !is_found[*number] && is_same(known));
        candidates.min_by_key(|(_, known)| distance(known)).map(|(number, _)| number)
    }
}

impl KnownAlarm {
    fn new(raised: &RaisedAlarm, is_old: bool) -> KnownAlarm {
        let alarm = &raised.alarm;
        KnownAlarm {
            id: alarm.id.clone(),
            rule: raised.rule.clone(),
            series: alarm.series.clone(),
            measure: alarm.measure,
            raised: alarm.first.time,
            last: alarm.last,
            is_open: true,
            sequence: 0,
            severity: alarm.peak.severity,
            is_old,
        }
    }

    /// What is new about an alarm, if it is to be told now.
    fn news(&mut self, raised: &RaisedAlarm, is_quiet: bool) -> Option<NoticeKind> {
        let alarm = &raised.alarm;
        self.last = alarm.last;
        let severity = alarm.peak.severity;
        let is_open = alarm.closed.is_none();
        self.is_old &= !is_open;
        if self.is_old {
            self.is_open = is_open;
            return None;
        }
        let kind = match self.sequence {
            0 => NoticeKind::Opened,
            _ if self.is_open && !is_open => NoticeKind::Closed,
            // It is unusual again within its cool-down.
            _ if is_open && !self.is_open => NoticeKind::Updated,
            _ if is_open && severity > self.severity => NoticeKind::Updated,
            _ => return None,
        };
        if is_quiet && (severity < Severity::High || kind == NoticeKind::Closed) {
            return None;
        }
        self.is_open = is_open;
        self.severity = severity;
        Some(kind)
    }

    /// An alarm that is found no more, since mentions came late or were corrected.
    fn withdraw(&mut self, now: Timestamp) -> Option<Notice> {
        if !self.is_open {
            return None;
        }
        self.is_open = false;
        let body = json!({"rule": self.rule, "series": self.series, "measure": self.measure, "withdrawn": true});
        (self.sequence > 0).then(|| self.notice(NoticeKind::Closed, now, body))
    }

    fn notice(&mut self, kind: NoticeKind, at: Timestamp, mut body: Value) -> Notice {
        self.sequence += 1;
        if let Some(body) = body.as_object_mut() {
            body.insert("id".to_owned(), json!(self.id));
        }
        Notice { id: self.id.clone(), sequence: self.sequence, kind, at, body }
    }
}

fn duration(length: Length) -> SignedDuration {
    SignedDuration::from_secs(length.as_secs() as i64)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::delivery::{Policy, Target};
    use crate::spikes::{Alarm, Reading};

    const RULES: &str =
        "[[rule]]\nname = \"r\"\n[[rule]]\nname = \"night\"\nquiet = { from = \"22:00\", until = \"07:00\" }\n";

    fn hour(hour: i64) -> Timestamp {
        Timestamp::from_second(1_767_225_600 + 3_600 * hour).unwrap()
    }

    /// An alarm of these hours: raised, last unusual, and closed.
    fn raised(rule: &str, (first, last): (i64, i64), closed: Option<i64>) -> RaisedAlarm {
        let reading = Reading {
            time: hour(first),
            start: hour(first - 1),
            value: 40,
            expected: 4.0,
            scored: None,
            p: 1e-6,
            once_in_days: 90.0,
            effect: 10.0,
            severity: Severity::Medium,
        };
        let alarm = Alarm {
            series: "Kurio".to_owned(),
            first: reading,
            id: Alarm::id_of(rule, "Kurio", Measure::Volume, hour(first)),
            measure: Measure::Volume,
            peak: reading,
            last: hour(last),
            closed: closed.map(hour),
            continues: None,
        };
        RaisedAlarm { alarm, rule: rule.to_owned(), cause: None }
    }

    fn report(alarms: &[RaisedAlarm]) -> SpikeReport {
        let promise = crate::spikes::Promise { promised_per_month: 2.0, raised_per_month: 0.0, days: 9.0, tests: 1 };
        SpikeReport { alarms: alarms.to_vec(), watched: Vec::new(), promise, data_version: String::new() }
    }

    /// The kinds of what a look makes pending, which is then forgotten.
    fn look(state: &mut WatchState, alarms: &[RaisedAlarm], until: i64) -> Vec<NoticeKind> {
        let rules = SpikeRules::parse(RULES, "test").unwrap();
        state.look(&report(alarms), &rules, (hour(until), hour(until)), |_| None).unwrap();
        state.pending.drain(..).map(|notice| notice.kind).collect()
    }

    #[test]
    fn an_alarm_is_told_when_it_opens_comes_back_and_ends() {
        let state = &mut WatchState::default();
        assert_eq!(look(state, &[], 9), []);
        assert_eq!(look(state, &[raised("r", (10, 10), None)], 11), [NoticeKind::Opened]);
        assert_eq!(look(state, &[raised("r", (10, 10), None)], 12), []);
        assert_eq!(look(state, &[raised("r", (10, 10), Some(16))], 17), [NoticeKind::Closed]);
        assert_eq!(look(state, &[raised("r", (10, 20), None)], 20), [NoticeKind::Updated], "unusual again");
        assert_eq!(look(state, &[raised("r", (10, 20), Some(26))], 27), [NoticeKind::Closed]);
        assert_eq!(look(state, &[], 28), [], "what is over is not withdrawn");
    }

    #[test]
    fn what_was_over_before_the_first_look_is_told_if_it_comes_back() {
        let state = &mut WatchState::default();
        assert_eq!(look(state, &[raised("r", (10, 10), Some(16))], 17), []);
        assert_eq!(look(state, &[raised("r", (10, 20), None)], 20), [NoticeKind::Opened]);
        // Mentions that come days late still tell of what they show.
        let late = raised("r", (60, 61), Some(67));
        assert_eq!(
            look(state, &[raised("r", (10, 20), Some(26)), late], 140),
            [NoticeKind::Closed, NoticeKind::Opened]
        );
    }

    #[test]
    fn alarms_of_rules_that_are_not_looked_by_stay_as_they_are() {
        let state = &mut WatchState::default();
        look(state, &[raised("r", (10, 10), None)], 11);
        let others = SpikeRules::parse("[[rule]]\nname = \"other\"\n", "test").unwrap();
        assert!(state.check_rules(&others, Path::new("x")).unwrap_err().to_string().contains("--state DIR"));
        state.look(&report(&[]), &others, (hour(12), hour(12)), |_| None).unwrap();
        assert_eq!(state.pending.len(), 0);
        assert_eq!(look(state, &[raised("r", (10, 10), None)], 13), [], "it is known");
    }

    #[test]
    fn quiet_hours_are_those_of_the_clock() {
        let rules = SpikeRules::parse(RULES, "test").unwrap();
        let told_at = |clock: i64| {
            let mut state = WatchState::default();
            state.look(&report(&[]), &rules, (hour(1), hour(1)), |_| None).unwrap();
            let found = report(&[raised("night", (20, 20), None)]);
            state.look(&found, &rules, (hour(21), hour(clock)), |_| None).unwrap();
            state.pending.len()
        };
        assert_eq!([told_at(21), told_at(22)], [1, 0]);
    }

    /// A full outbox keeps what it has, and takes the rest when there is room; nothing is told twice.
    #[test]
    fn what_finds_no_room_stays_pending() {
        let dir = tempfile::TempDir::new().unwrap();
        let outbox = &mut Outbox::open(dir.path()).unwrap();
        for number in 0..crate::delivery::MAX_UNDELIVERED as u32 - 1 {
            let body = json!({});
            let notice = Notice { id: format!("n{number}"), sequence: 1, kind: NoticeKind::Opened, at: hour(0), body };
            outbox.queue(notice).unwrap();
        }
        let rules = SpikeRules::parse(RULES, "test").unwrap();
        let mut state = WatchState::default();
        let both = report(&[raised("r", (10, 10), None), raised("night", (10, 10), None)]);
        state.look(&both, &rules, (hour(11), hour(11)), |_| None).unwrap();
        state.save(dir.path()).unwrap();
        state.hand_over(outbox).unwrap();
        assert_eq!(state.pending(), 1);
        // Killed before it was saved again, the same is handed over again, and known.
        let mut state = WatchState::load(dir.path()).unwrap();
        assert_eq!(state.pending(), 2);
        state.hand_over(outbox).unwrap();
        assert_eq!(state.pending(), 1);
        outbox.deliver(&mut Target::Lines(Box::new(io::sink())), &Policy::default()).unwrap();
        state.hand_over(outbox).unwrap();
        assert_eq!((state.pending(), outbox.waiting()), (0, 1));
    }

    #[test]
    fn a_notice_that_is_too_long_goes_without_its_cause() {
        let dir = tempfile::TempDir::new().unwrap();
        let outbox = &mut Outbox::open(dir.path()).unwrap();
        let body = json!({"series": "Kurio", "cause": "x".repeat(crate::delivery::MAX_NOTICE_BYTES)});
        let notice = Notice { id: "a".to_owned(), sequence: 1, kind: NoticeKind::Opened, at: hour(0), body };
        let mut state = WatchState { pending: VecDeque::from([notice]), ..WatchState::default() };
        state.hand_over(outbox).unwrap();
        assert_eq!((state.pending(), outbox.waiting()), (0, 1));
    }
}
