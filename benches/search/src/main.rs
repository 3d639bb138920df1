//! Answers queries from an earmark index and says how long each took, for `compare.py`.
//!
//! `search-bench INDEX` opens the index once and reads a [`Question`] a line from standard input. For each it writes an
//! [`Answer`] or `{"error": …}` on one line, before it reads the next.

use std::io::{BufRead, Write};
use std::path::PathBuf;
use std::time::Instant;

use anyhow::Context;
use earmark::index::{MentionIndex, Order, SearchRequest};
use serde::{Deserialize, Serialize};

/// A query, and how often to run it.
#[derive(Deserialize)]
struct Question {
    query: String,
    #[serde(default)]
    order: OrderName,
    limit: usize,
    runs: usize,
}

#[derive(Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum OrderName {
    #[default]
    Newest,
    Relevance,
}

/// What was found, and how long it took.
#[derive(Serialize)]
struct Answer {
    /// Of each run.
    micros: Vec<f64>,
    total: u64,
    ids: Vec<String>,
}

fn main() -> anyhow::Result<()> {
    let dir = PathBuf::from(std::env::args().nth(1).context("usage: search-bench INDEX < QUESTIONS")?);
    let index = MentionIndex::open(&dir)?;
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let question: Question = serde_json::from_str(&line?).context("not a question")?;
        let line = match answer(&index, question) {
            Ok(answer) => serde_json::to_string(&answer)?,
            Err(error) => serde_json::json!({"error": format!("{error:#}")}).to_string(),
        };
        writeln!(out, "{line}")?;
        out.flush()?;
    }
    Ok(())
}

fn answer(index: &MentionIndex, question: Question) -> anyhow::Result<Answer> {
    let request = SearchRequest {
        query: question.query,
        limit: question.limit,
        order: match question.order {
            OrderName::Newest => Order::Newest,
            OrderName::Relevance => Order::Relevance,
        },
        ..SearchRequest::default()
    };
    let mut answer = Answer { micros: Vec::with_capacity(question.runs), total: 0, ids: Vec::new() };
    for _ in 0..question.runs {
        let started = Instant::now();
        let report = index.search(&request)?;
        answer.micros.push(started.elapsed().as_secs_f64() * 1e6);
        answer.total = report.total;
        answer.ids = report.hits.into_iter().map(|hit| hit.id).collect();
    }
    Ok(answer)
}
