//! Answers requests, and says how long each took.

use std::io::{BufRead, Write};
use std::path::Path;
use std::time::Instant;

use anyhow::Context;
use earmark::index::{Field, MentionIndex};
use earmark::trends::{TrendReport, TrendRequest, trend};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// A trend that is asked for.
#[derive(Deserialize)]
struct Question {
    query: String,
    by: String,
    interval: String,
    tz: String,
    since: Option<Timestamp>,
    until: Option<Timestamp>,
    /// True for the counts, which take long to write.
    #[serde(default)]
    counts: bool,
}

/// How long it took, and what was counted.
#[derive(Serialize)]
struct Answer {
    micros: f64,
    total: u64,
    /// Start of a bucket in seconds since 1970, value, mentions: all that are not 0.
    counts: Option<Vec<(i64, String, u64)>>,
}

/// Writes first how long opening the index took; then for each line an [`Answer`], or `{"error": …}`, before it reads
/// the next.
pub fn ask(dir: &Path) -> anyhow::Result<()> {
    let started = Instant::now();
    let index = MentionIndex::open(dir)?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", serde_json::json!({"micros": micros_since(started)}))?;
    out.flush()?;
    for line in std::io::stdin().lock().lines() {
        let question: Question = serde_json::from_str(&line?).context("not a question")?;
        let line = match answer(&index, &question) {
            Ok(answer) => serde_json::to_string(&answer)?,
            Err(error) => serde_json::json!({"error": format!("{error:#}")}).to_string(),
        };
        writeln!(out, "{line}")?;
        out.flush()?;
    }
    Ok(())
}

fn answer(index: &MentionIndex, question: &Question) -> anyhow::Result<Answer> {
    let request = request(question)?;
    let started = Instant::now();
    let report = trend(index, &request)?;
    let micros = micros_since(started);
    Ok(Answer { micros, total: report.total, counts: question.counts.then(|| counts(&report)) })
}

fn request(question: &Question) -> anyhow::Result<TrendRequest> {
    Ok(TrendRequest {
        query: question.query.clone(),
        since: question.since,
        until: question.until,
        by: Some(question.by.parse::<Field>().map_err(anyhow::Error::msg)?),
        interval: question.interval.parse()?,
        tz: TimeZone::get(&question.tz)?,
        ..TrendRequest::default()
    })
}

fn counts(report: &TrendReport) -> Vec<(i64, String, u64)> {
    let mut counts = Vec::new();
    for bucket in &report.buckets {
        let start = bucket.start.timestamp().as_second();
        let found = bucket.counts.iter().filter(|(_, count)| *count > 0);
        counts.extend(found.map(|(value, count)| (start, value.to_owned(), count)));
    }
    counts
}

fn micros_since(started: Instant) -> f64 {
    started.elapsed().as_secs_f64() * 1e6
}
