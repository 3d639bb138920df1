//! A backtest as a table: a row for each budget.

use super::table::{Columns, number};
use crate::spikes::{Backtest, BudgetTrial};

/// What was raised under each budget, beside what was promised.
pub fn backtest_table(report: &Backtest) -> String {
    let has_events = report.trials.iter().any(|trial| trial.events.is_some());
    let mut headings =
        vec!["budget", ">promised a month", ">raised a month", ">alarms", ">low", ">medium", ">high", ">delay"];
    if has_events {
        headings.extend([">events found", ">delay from start", ">false a month"]);
    }
    let mut columns = Columns::new(&headings);
    for trial in &report.trials {
        columns.row(row(trial));
    }
    let kind = if has_events {
        "alarms outside of all events are false ones"
    } else {
        "alarms are true ones and false ones together; --events FILE.csv tells them apart"
    };
    format!(
        "{}{} tests over {:.1} days; {kind}; the delay is the median time from the beginning of an alarm's window until it \
         was known\n",
        columns.render(),
        report.tests,
        report.days
    )
}

fn row(trial: &BudgetTrial) -> Vec<String> {
    let hours = |hours: Option<f64>| hours.map_or_else(|| "–".to_owned(), |hours| format!("{hours:.1} h"));
    let mut cells = vec![
        trial.budget.to_string(),
        format!("{:.1}", trial.promised_per_month),
        format!("{:.1}", trial.raised_per_month),
        number(trial.alarms.len() as u64),
    ];
    cells.extend(trial.by_severity.map(|count| number(count as u64)));
    cells.push(hours(trial.median_delay_hours));
    if let Some(events) = &trial.events {
        cells.push(format!("{} of {}", events.found, events.events));
        cells.push(hours(events.median_delay_hours));
        cells.push(format!("{:.1}", events.false_per_month));
    }
    cells
}
