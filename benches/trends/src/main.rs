//! Invents mentions, indexes them, and says how long trends over them take, for `compare.py`.

mod ask;
mod make;
mod random;
mod world;

use std::path::PathBuf;

use clap::Parser;

/// Trends over invented mentions.
#[derive(Parser)]
enum Command {
    /// Invents mentions, puts them into an index, and writes the same columns as CSV
    Make {
        /// Folder of the index; must not exist
        index: PathBuf,
        /// Where to write the columns
        #[arg(long)]
        columns: PathBuf,
        #[arg(long, default_value_t = 10_000_000)]
        mentions: u64,
    },
    /// Answers a request a line from standard input
    Ask {
        /// Folder of the index
        index: PathBuf,
    },
}

fn main() -> anyhow::Result<()> {
    match Command::parse() {
        Command::Make { index, columns, mentions } => make::make(&index, &columns, mentions),
        Command::Ask { index } => ask::ask(&index),
    }
}
