//! Series: mentions in steps of one length, with how many were scored and how many were negative.

use std::collections::BTreeMap;

use super::{Buckets, Tally, TallyRequest};
use crate::index::error::IndexError;
use crate::index::reader::Selection;
use crate::index::schema::Field;
use crate::mention::Label;

/// Most (step, value, sentiment) triples of one request.
pub(crate) const MAX_STEP_CELLS: usize = 4_000_000;

/// Mentions by step and value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct StepSeries {
    /// The values, each in its most frequent spelling; empty where none were asked for.
    pub values: Vec<String>,
    /// Every step with mentions, by value and then by time.
    pub cells: Vec<StepCell>,
}

/// The mentions of one value in one step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StepCell {
    /// Number of the value in [`StepSeries::values`]; 0 where there are none.
    pub value: u32,
    /// Number of the step.
    pub step: u32,
    /// Mentions.
    pub mentions: u64,
    /// Those with a sentiment.
    pub scored: u64,
    /// Those with a negative one.
    pub negative: u64,
}

impl Selection<'_> {
    /// Counts the selected mentions in `steps` steps of `step_seconds` from `start` (seconds since 1970) on, by the values of
    /// a field, in one pass. A mention with several values counts under each.
    ///
    /// # Errors
    /// Where there are more than [`MAX_STEP_CELLS`] cells, or the index fails.
    pub(crate) fn step_series(
        &self,
        start: i64,
        step_seconds: u32,
        steps: u32,
        by: Option<Field>,
    ) -> Result<StepSeries, IndexError> {
        let buckets = Buckets::Steps { start, step_seconds, steps };
        let counts = TallyRequest { max_cells: MAX_STEP_CELLS, ..TallyRequest::counts(buckets, by) };
        let (tally, labels) = match by {
            None => {
                let mut tally = self.tally(&TallyRequest { by: Some(Field::Sentiment), ..counts })?;
                let labels = std::mem::take(&mut tally.values);
                tally.pairs = tally.cells.drain().map(|((step, label), count)| ((step, 0, label), count)).collect();
                (tally, labels)
            }
            Some(_) => {
                let mut tally = self.tally(&TallyRequest { then_by: Some(Field::Sentiment), ..counts })?;
                let labels = std::mem::take(&mut tally.then_values);
                (tally, labels)
            }
        };
        Ok(series(tally, &labels))
    }
}

fn series(tally: Tally, labels: &[String]) -> StepSeries {
    let label = |name: &String| Label::ALL.into_iter().find(|label| label.as_str() == name);
    let labels: Vec<Option<Label>> = labels.iter().map(label).collect();
    let mut cells: BTreeMap<(u32, u32), StepCell> = BTreeMap::new();
    for ((step, value, label), count) in tally.pairs {
        let empty = StepCell { value, step, mentions: 0, scored: 0, negative: 0 };
        let cell = cells.entry((value, step)).or_insert(empty);
        cell.mentions += count;
        match labels[label as usize] {
            None => {}
            Some(Label::Negative) => {
                cell.scored += count;
                cell.negative += count;
            }
            Some(_) => cell.scored += count,
        }
    }
    StepSeries { values: tally.values, cells: cells.into_values().collect() }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use tempfile::TempDir;

    use super::*;
    use crate::index::samples::{Sample, sample};
    use crate::index::{Checkpoint, IndexWriter, MentionIndex};
    use crate::query::QueryContext;

    #[test]
    fn steps_hold_what_was_published_in_them() {
        let mention = |id: &str, time: &str, sentiment: Option<Label>, brands: &[&str]| Sample {
            sentiment,
            brands: brands.iter().map(|brand| (*brand).to_owned()).collect(),
            ..sample(id, "late").at(time)
        };
        let samples = [
            mention("1", "1970-01-01T00:00:09Z", Some(Label::Negative), &["Acme"]),
            mention("2", "1970-01-01T00:00:10Z", Some(Label::Negative), &["ACME", "Bolt"]),
            mention("3", "1970-01-01T00:00:19Z", None, &["Acme"]),
            mention("4", "1970-01-01T00:00:20Z", Some(Label::Positive), &[]),
            mention("5", "1970-01-01T00:00:30Z", Some(Label::Negative), &["Acme"]),
            sample("6", "late"),
        ];
        let dir = TempDir::new().unwrap();
        let mut writer = IndexWriter::open(dir.path(), 1).unwrap();
        for chunk in samples.chunks(2) {
            chunk.iter().for_each(|sample| {
                writer.upsert(&sample.tagged()).unwrap();
            });
            writer.commit(&Checkpoint::default()).unwrap();
        }
        writer.finish().unwrap();
        let index = MentionIndex::open(dir.path()).unwrap();
        let selection = index.select("", None, None, &QueryContext::default()).unwrap();
        let cells = |by| {
            let StepSeries { values, cells } = selection.step_series(10, 10, 2, by).unwrap();
            let name = |value: u32| values.get(value as usize).cloned().unwrap_or_default();
            let mut cells: Vec<_> =
                cells.iter().map(|c| (name(c.value), c.step, c.mentions, c.scored, c.negative)).collect();
            cells.sort();
            cells
        };
        assert_eq!(cells(None), [(String::new(), 0, 2, 1, 1), (String::new(), 1, 1, 1, 0)]);
        let by_brand = [("(none)", 1, 1, 1, 0), ("ACME", 0, 2, 1, 1), ("Bolt", 0, 1, 1, 1)];
        assert_eq!(cells(Some(Field::Brand)), by_brand.map(|(name, s, m, sc, n)| (name.to_owned(), s, m, sc, n)));
    }
}
