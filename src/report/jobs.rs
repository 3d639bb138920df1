//! What a batch job did, how fast, and what the doctor found.

use std::path::Path;

use super::table::{Columns, number, percent};
use crate::doctor::Examination;
use crate::jobs::{CorrectionReport, JobReport};
use crate::sentiment::{Runtime, RuntimeKind};
use crate::timings::{Stage, Timings};

/// The accounting of a run: what was read is the sum of what became of it.
pub fn job_summary(report: &JobReport, rejects_path: &Path) -> String {
    let mut parts = Vec::new();
    if let Some(tagged) = report.tagged {
        parts.push(format!("{} tagged", number(tagged)));
    }
    if let Some(index) = report.index {
        parts.push(format!("{} new", number(index.indexed)));
        parts.push(format!("{} updated", number(index.updated)));
        parts.push(format!("{} unchanged", number(index.unchanged)));
    }
    parts.push(format!("{} rejected", number(report.rejected)));
    let mut text = format!(
        "read     {} = {}, in {:.1} s ({} mentions/s)\n",
        number(report.read),
        parts.join(" + "),
        report.seconds,
        rate(report.read, report.seconds)
    );
    if report.rejected > 0 {
        let reasons: Vec<String> =
            report.reject_reasons.iter().map(|(reason, count)| format!("{reason} {}", number(*count))).collect();
        text += &format!(
            "rejects  {}: {}; mend its `raw` fields and read it in again\n",
            rejects_path.display(),
            reasons.join(", ")
        );
    }
    for problem in &report.damaged {
        text += &format!("damaged  {problem}\n");
    }
    text
}

/// What corrections changed.
pub fn correction_summary(report: &CorrectionReport) -> String {
    let CorrectionReport { corrections, updated, unchanged, not_in_index } = *report;
    let mut text = format!(
        "{} corrections kept: {} mentions updated, {} unchanged\n",
        number(corrections),
        number(updated),
        number(unchanged)
    );
    if not_in_index > 0 {
        text += &format!(
            "{} ids are not in this index; what was said of them holds when they come\n",
            number(not_in_index)
        );
    }
    text
}

/// How to get the faster runtime, where the slower one is in use.
pub fn runtime_hint(runtime: &Runtime) -> &'static str {
    match runtime.kind {
        RuntimeKind::Tract => {
            "hint     built-in runtime in use; ONNX Runtime is faster, most of all for larger models: `pip install onnxruntime`\n"
        }
        RuntimeKind::OnnxRuntime(_) => "",
    }
}

/// Thread time by stage, beside the wall-clock time of the run.
pub fn timings_table(timings: &Timings, report: &JobReport, threads: usize) -> String {
    let spent = |stage| timings.spent(stage).as_secs_f64();
    let total: f64 = Stage::ALL.into_iter().map(spent).sum();
    let mut columns = Columns::new(&["stage", ">seconds", ">share", ">mentions/s in one thread"]);
    for stage in Stage::ALL {
        let seconds = spent(stage);
        let share = percent((seconds * 1e6) as u64, (total * 1e6) as u64);
        columns.row([stage.as_str().to_owned(), format!("{seconds:.2}"), share, rate(report.read, seconds)]);
    }
    columns.row(["all stages".to_owned(), format!("{total:.2}"), "100 %".to_owned(), rate(report.read, total)]);
    let wall = [format!("wall clock, {threads} workers"), format!("{:.2}", report.seconds), String::new()];
    columns.row(wall.into_iter().chain([rate(report.read, report.seconds)]));
    columns.render()
}

/// Mentions per second; a dash where the time is too short to say.
fn rate(mentions: u64, seconds: f64) -> String {
    if seconds < 0.001 { "–".to_owned() } else { number((mentions as f64 / seconds) as u64) }
}

/// What the doctor found, and what to do about it.
pub fn doctor_lines(examination: &Examination) -> String {
    let mut columns = Columns::new(&["", ""]);
    for (what, value) in &examination.facts {
        columns.row([(*what).to_owned(), value.clone()]);
    }
    let mut text = columns.render().trim_start_matches('\n').to_owned();
    for note in &examination.notes {
        text += &format!("note: {note}\n");
    }
    for problem in &examination.problems {
        text += &format!("problem: {problem}\n");
    }
    if examination.problems.is_empty() {
        text += "nothing is wrong\n";
    }
    text
}
