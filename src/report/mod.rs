//! Results as people read them: tables, bars, highlighted text. Programs read the same structs as JSON.

mod backtest;
mod chart;
mod comparison;
mod document;
mod evaluation;
mod explanation;
mod export;
mod first_look;
mod hits;
mod jobs;
mod source;
mod spike_chart;
mod spikes;
mod table;
mod topics;
mod trend;

pub use backtest::backtest_table;
pub use chart::{Chart, svg};
pub use evaluation::{evaluation_markdown, evaluation_tables};
pub use explanation::query_explanation;
pub use export::{ExportFormat, Exporter, FieldList};
pub use first_look::FirstLook;
pub use hits::search_hits;
pub use jobs::{correction_summary, doctor_lines, job_summary, runtime_hint, timings_table};
pub use spike_chart::{spike_chart, spike_source};
pub use spikes::{spike_list, spike_summary};
pub use table::number;
pub use topics::{distinctive_terms, example_report, gold_report, retag_summary, taxonomy_check, topic_diff};
pub use trend::{
    DEFAULT_WIDTH, share_of_voice_chart, share_of_voice_table, slice_terms_table, trend_chart, trend_table,
    write_trend_csv,
};
