//! `earmark search`

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::ValueEnum;

use earmark::index::{Cursor, Field, IndexError, MentionIndex, Order, SearchReport, SearchRequest};
use earmark::report::{self, ExportFormat, Exporter, FieldList};

use super::options::SelectArgs;
use super::output::{PipeOutput, print, print_json};
use super::{Format, Style, UsageError};

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    select: SelectArgs,
    /// Most mentions to print
    #[arg(long, short = 'n', value_name = "N", default_value_t = 10)]
    limit: usize,
    /// Mentions to leave out before the first
    #[arg(long, value_name = "N", default_value_t = 0)]
    offset: usize,
    /// Go on after this place, the `next` of the page before: none is skipped or shown twice, whatever is ingested meanwhile
    #[arg(long, value_name = "PLACE", allow_hyphen_values = true)]
    after: Option<Cursor>,
    /// What comes first
    #[arg(long, value_enum, default_value_t = OrderArg::Newest)]
    order: OrderArg,
    /// Show near-duplicates of a mention, such as reposts, with it only
    #[arg(long)]
    fold_similar: bool,
    /// Count all matching mentions by the values of this field; may be given several times
    #[arg(long = "facet", value_name = "FIELD")]
    facets: Vec<Field>,
    /// Only these fields of each mention, such as id,text,sentiment.label,topics
    #[arg(long, value_name = "LIST")]
    fields: Option<FieldList>,
    /// Write all matching mentions, the newest first, to this file: JSON lines, or a table where it ends in .csv; `-` for
    /// standard output
    #[arg(long, value_name = "FILE", conflicts_with_all = ["limit", "offset", "after", "order", "fold_similar", "facets", "explain"])]
    export: Option<PathBuf>,
    /// Say how the query is understood, what each part finds, and what it costs
    #[arg(long, conflicts_with_all = ["limit", "offset", "after", "order", "fold_similar", "facets", "fields"])]
    explain: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum OrderArg {
    Newest,
    Relevance,
}

pub fn run(args: &Args, style: Style) -> anyhow::Result<ExitCode> {
    let (since, until) = args.select.bounds()?;
    let request = SearchRequest {
        query: args.select.query.clone(),
        since,
        until,
        limit: args.limit,
        offset: args.offset,
        after: args.after.clone(),
        order: match args.order {
            OrderArg::Newest => Order::Newest,
            OrderArg::Relevance => Order::Relevance,
        },
        fold_similar: args.fold_similar,
        facets: args.facets.clone(),
        context: args.select.context(),
    };
    let index = MentionIndex::open(&args.select.index.index)?;
    if let Some(path) = &args.export {
        let exported = export(&index, &request, path, args.fields.clone())?;
        if !style.quiet {
            let to = if path.as_os_str() == "-" { "standard output".to_owned() } else { path.display().to_string() };
            eprintln!("wrote {} mentions to {to}", report::number(exported));
        }
    } else if args.explain {
        let explanation = index.explain(&request)?;
        match style.format {
            Format::Json => print_json(&explanation)?,
            Format::Table => print(&report::query_explanation(&explanation))?,
        }
    } else {
        show(index.search(&request)?, &request, args, style)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn show(mut found: SearchReport, request: &SearchRequest, args: &Args, style: Style) -> anyhow::Result<()> {
    match (style.format, &args.fields) {
        (Format::Json, Some(fields)) => {
            for hit in &mut found.hits {
                hit.mention = fields.object(&hit.mention);
            }
            print_json(&found)
        }
        (Format::Json, None) => print_json(&found),
        (Format::Table, fields) => print(&report::search_hits(&found, request, &args.select.tz, fields.as_ref())),
    }
}

fn export(
    index: &MentionIndex,
    request: &SearchRequest,
    path: &Path,
    fields: Option<FieldList>,
) -> anyhow::Result<u64> {
    let is_stdout = path.as_os_str() == "-";
    let is_csv = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv"));
    let format = if is_csv { ExportFormat::Csv } else { ExportFormat::Ndjson };
    // Asked before the file is made, so that a mistake in the query leaves none.
    index.search(&SearchRequest { limit: 0, ..request.clone() })?;
    let out: Box<dyn Write> = if is_stdout {
        Box::new(PipeOutput(BufWriter::new(io::stdout().lock())))
    } else {
        let problem = |error: io::Error| UsageError(format!("cannot write {}: {error}", path.display()));
        Box::new(BufWriter::new(File::create(path).map_err(problem)?))
    };
    let written = || format!("cannot write {}", path.display());
    let mut exporter = Exporter::new(out, format, fields).with_context(written)?;
    let exported = index.for_each_hit(request, |hit| exporter.write(&hit.mention).map_err(ExportError::Output));
    let exported = exported.map_err(|error| match error {
        ExportError::Index(error) => anyhow::Error::from(error),
        ExportError::Output(error) => anyhow::Error::from(error).context(written()),
    })?;
    exporter.finish().with_context(written)?;
    Ok(exported)
}

enum ExportError {
    Index(IndexError),
    Output(io::Error),
}

impl From<IndexError> for ExportError {
    fn from(error: IndexError) -> Self {
        ExportError::Index(error)
    }
}
