//! Values over all segments, spellings of one value taken together.

use std::collections::{BTreeMap, HashMap};

use super::columns::ValueColumn;
use crate::text::keys::keyword_key;

/// The name under which mentions without a value are counted.
pub(crate) const NO_VALUE: &str = "(none)";

/// The values found so far.
#[derive(Default)]
pub(super) struct Values {
    number_by_key: HashMap<String, u32>,
    /// For each value, how often each of its spellings was counted.
    spellings: Vec<HashMap<String, u64>>,
}

impl Values {
    /// Takes the values of a segment in, with their counts by slot; returns their numbers by slot.
    pub(super) fn add(
        &mut self,
        column: &ValueColumn,
        counts: &BTreeMap<u32, u64>,
    ) -> tantivy::Result<HashMap<u32, u32>> {
        let mut numbers = HashMap::with_capacity(counts.len());
        let slots: Vec<u32> = counts.keys().copied().collect();
        column.spellings(&slots, |slot, spelling| {
            numbers.insert(slot, self.number(spelling, counts[&slot]));
        })?;
        if let Some(&count) = counts.get(&column.none) {
            numbers.insert(column.none, self.number(NO_VALUE.to_owned(), count));
        }
        Ok(numbers)
    }

    fn number(&mut self, spelling: String, count: u64) -> u32 {
        let spellings = &mut self.spellings;
        let number = *self.number_by_key.entry(keyword_key(&spelling)).or_insert_with(|| {
            spellings.push(HashMap::new());
            spellings.len() as u32 - 1
        });
        *spellings[number as usize].entry(spelling).or_default() += count;
        number
    }

    /// How often each value was counted.
    pub(super) fn totals(&self) -> Vec<u64> {
        self.spellings.iter().map(|spellings| spellings.values().sum()).collect()
    }

    /// Each value in its most frequent spelling; of equals, the first in the alphabet.
    pub(super) fn into_names(self) -> Vec<String> {
        let most_frequent = |spellings: HashMap<String, u64>| {
            let best = spellings.into_iter().max_by(|(a, a_count), (b, b_count)| a_count.cmp(b_count).then(b.cmp(a)));
            best.map(|(spelling, _)| spelling).unwrap_or_default()
        };
        self.spellings.into_iter().map(most_frequent).collect()
    }
}
