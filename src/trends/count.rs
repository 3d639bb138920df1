//! Counting a trend: which buckets there are, and what is in them.

use super::error::TrendError;
use super::interval::Interval;
use super::request::{MAX_BUCKETS, MAX_CELLS, TrendRequest};
use crate::index::{Buckets, Measures, Selection, Starts, Tally, TallyRequest};
use crate::query::{MAX_SECONDS, TimeRange};

/// What was counted, from the bucket of the first mention to that of the last.
pub(super) struct Counted {
    /// Where each bucket begins, and behind them where the last one ends, in seconds since 1970; empty without buckets.
    pub edges: Vec<i64>,
    /// The number of the first bucket in the tally.
    pub first: usize,
    pub tally: Tally,
}

impl Counted {
    /// Counts in one pass where it can be known beforehand how far the buckets may reach, else in two.
    pub(super) fn count(
        selection: &Selection,
        request: &TrendRequest,
        measures: Measures,
    ) -> Result<Counted, TrendError> {
        let tally = |starts: &[i64]| {
            selection.tally(&TallyRequest {
                buckets: Buckets::Starts(Starts::new(starts.to_vec())),
                by: request.by,
                then_by: request.then_by.filter(|_| request.by.is_some()),
                measures,
                max_cells: MAX_CELLS,
            })
        };
        if request.interval == Interval::ALL {
            // Before any time that the index can hold.
            return Ok(Counted::whole(request, tally(&[-MAX_SECONDS - 1])?));
        }
        let edges = edges(selection, request)?;
        let starts = &edges[..edges.len().saturating_sub(1)];
        Ok(Counted::trimmed(&edges, tally(starts)?))
    }

    /// One bucket, from one bound to the other, or as far as there are mentions.
    fn whole(request: &TrendRequest, tally: Tally) -> Counted {
        let TimeRange { from, until } = TimeRange::between(request.since, request.until);
        let edges = tally
            .span
            .range
            .as_ref()
            .map_or_else(Vec::new, |range| vec![from.unwrap_or(*range.start()), until.unwrap_or(*range.end() + 1)]);
        Counted { edges, first: 0, tally }
    }

    /// Without empty buckets before the first mention and after the last.
    fn trimmed(edges: &[i64], tally: Tally) -> Counted {
        let holds = |total: &u64| *total > 0;
        let first = tally.totals.iter().position(holds);
        let last = tally.totals.iter().rposition(holds);
        match (first, last) {
            (Some(first), Some(last)) => Counted { edges: edges[first..=last + 1].to_vec(), first, tally },
            _ => Counted { edges: Vec::new(), first: 0, tally },
        }
    }

    /// How many buckets there are.
    pub(super) fn buckets(&self) -> usize {
        self.edges.len().saturating_sub(1)
    }
}

/// Where buckets begin and end that hold all mentions of a selection, and maybe more.
fn edges(selection: &Selection, request: &TrendRequest) -> Result<Vec<i64>, TrendError> {
    let Some(outer) = selection.outer_range()? else { return Ok(Vec::new()) };
    if let Some(edges) = request.interval.edges(&request.tz, &outer, MAX_BUCKETS) {
        return Ok(edges);
    }
    let Some(range) = selection.time_span()?.range else { return Ok(Vec::new()) };
    let too_many = TrendError::TooManyBuckets { interval: request.interval };
    request.interval.edges(&request.tz, &range, MAX_BUCKETS).ok_or(too_many)
}
