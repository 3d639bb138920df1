//! Some of many: mentions spread evenly over all that are selected.

use tantivy::DocAddress;

use crate::index::error::IndexError;
use crate::index::reader::Selection;

impl Selection<'_> {
    /// Where at most `max` of the selected mentions lie, in the order of the files of the index, and how many there are in all.
    /// The same ones for the same state of the index.
    pub(in crate::index) fn sample(&self, max: usize) -> Result<(u64, Vec<DocAddress>), IndexError> {
        let counts = self.scan(|part| {
            let mut count = 0;
            part.for_each_block(|docs| count += docs.len() as u64)?;
            Ok(count)
        })?;
        let total: u64 = counts.iter().sum();
        let starts: Vec<u64> = counts
            .iter()
            .scan(0, |start, count| {
                let from = *start;
                *start += count;
                Some(from)
            })
            .collect();
        let chosen = self.scan(|part| {
            let mut at = starts[part.number];
            let mut chosen = Vec::new();
            part.for_each_block(|docs| {
                for &doc in docs {
                    if is_chosen(at, total, max) {
                        chosen.push(DocAddress::new(part.segment_ord, doc));
                    }
                    at += 1;
                }
            })?;
            Ok(chosen)
        })?;
        Ok((total, chosen.concat()))
    }
}

/// Of `total` in a row, whether the one at this place is among `max` that are spread evenly.
fn is_chosen(at: u64, total: u64, max: usize) -> bool {
    let before = |at: u64| u128::from(at) * max as u128 / u128::from(total);
    total <= max as u64 || before(at + 1) > before(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_are_chosen_as_asked_and_evenly() {
        for (total, max) in [(0, 5), (3, 5), (5, 5), (6, 5), (1_000, 7), (1_000, 999), (10, 0)] {
            let chosen: Vec<u64> = (0..total).filter(|&at| is_chosen(at, total, max)).collect();
            assert_eq!(chosen.len() as u64, total.min(max as u64), "{total} {max}");
            let gaps: Vec<u64> = chosen.windows(2).map(|pair| pair[1] - pair[0]).collect();
            let (least, most) = (gaps.iter().min().unwrap_or(&0), gaps.iter().max().unwrap_or(&0));
            assert!(most - least <= 1, "{total} {max}: {chosen:?}");
        }
    }
}
