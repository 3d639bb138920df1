//! Watching: what there is to tell about alarms that was not told before.
//!
//! Each look at the index finds all alarms of its history anew. Mentions that came late can move an alarm by some steps, so
//! that one is taken for the same if rule, series and measure are the same and it was raised within a cool-down of it.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::alarm::{Measure, Severity};
use super::duration::Length;
use super::rule::{SpikeRule, SpikeRules};
use super::scan::{RaisedAlarm, SpikeReport};
use crate::delivery::{Notice, NoticeKind};

/// Alarms are remembered for so long after they were last unusual.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(30 * 24);

/// What was told of which alarms, as of the last look.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WatchState {
    /// Until when mentions have been looked at; absent before the first look.
    #[serde(default)]
    looked_until: Option<Timestamp>,
    #[serde(default)]
    alarms: Vec<KnownAlarm>,
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
    /// Whether it was over before the first look, or is otherwise nothing to tell.
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
            fs::rename(&draft, &path)
        };
        write().map_err(|source| WatchError::Unwritable { path: path.clone(), source })
    }

    /// What there is to tell after a look at mentions until `now`. The state is that of having told it: it is to be saved once
    /// the notices are safe. Until then the same look gives the same notices.
    pub fn notices(&mut self, found: &SpikeReport, rules: &SpikeRules, now: Timestamp) -> Vec<Notice> {
        let is_first_look = self.looked_until.is_none();
        let mut notices = Vec::new();
        let mut is_found = vec![false; self.alarms.len()];
        for raised in &found.alarms {
            let Some(rule) = rules.rules.iter().find(|rule| rule.name == raised.rule) else { continue };
            let cool_down = duration(rule.detector.cool_down);
            let number = match self.position(raised, cool_down, &is_found) {
                Some(number) => number,
                None => {
                    let is_past = |until: Timestamp| raised.alarm.last.duration_until(until) > cool_down;
                    let is_old =
                        raised.alarm.closed.is_some() && (is_first_look || self.looked_until.is_some_and(is_past));
                    self.alarms.push(KnownAlarm::new(raised, is_old));
                    is_found.push(false);
                    self.alarms.len() - 1
                }
            };
            is_found[number] = true;
            notices.extend(self.alarms[number].tell(raised, rule, rules, now));
        }
        for (known, _) in self.alarms.iter_mut().zip(&is_found).filter(|(_, is_found)| !**is_found) {
            notices.extend(known.withdraw(now));
        }
        self.alarms.retain(|known| known.is_open || known.last.duration_until(now) < REMEMBERED);
        self.looked_until = Some(now);
        notices
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

    /// What is new about an alarm.
    fn tell(&mut self, raised: &RaisedAlarm, rule: &SpikeRule, rules: &SpikeRules, now: Timestamp) -> Option<Notice> {
        let alarm = &raised.alarm;
        self.last = alarm.last;
        let severity = alarm.peak.severity;
        let is_open = alarm.closed.is_none();
        if self.is_old {
            self.is_open = is_open;
            return None;
        }
        let kind = match self.sequence {
            0 => NoticeKind::Opened,
            _ if self.is_open && !is_open => NoticeKind::Closed,
            _ if is_open && severity > self.severity => NoticeKind::Updated,
            _ => return None,
        };
        let is_quiet = rule.quiet.is_some_and(|quiet| quiet.contains(&now.to_zoned(rules.zone.clone())));
        if is_quiet && (severity < Severity::High || kind == NoticeKind::Closed) {
            return None;
        }
        self.is_open = is_open;
        self.severity = severity;
        let body = serde_json::to_value(raised).unwrap_or_else(|_| json!({}));
        Some(self.notice(kind, now, body))
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
