//! What is summed up beside counts: sentiment, its probabilities, engagement, reposts, authors.

use std::collections::HashSet;

use tantivy::{DocId, SegmentReader};

use super::columns::{NumberColumn, ValueBlock, ValueColumn};
use super::scan::BLOCK;
use crate::index::schema::Field;
use crate::mention::Label;
use crate::query::NumberField;
use crate::text::keys::keyword_key;

/// The figures of engagement, in the order in which they are summed up.
pub(crate) const ENGAGEMENT: [NumberField; 4] =
    [NumberField::Likes, NumberField::Shares, NumberField::Replies, NumberField::Views];
/// The kind of a mention that repeats another.
const REPOST: &str = "repost";
/// Probabilities have four decimals; they are summed in whole steps, so that no order of adding changes a sum.
const STEPS_PER_PROBABILITY: f64 = 10_000.0;

/// What to sum up beside counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Measures {
    /// Net sentiment: mentions of each label.
    pub net: bool,
    /// The mean of the positive less the negative probability.
    pub score: bool,
    /// Different authors.
    pub authors: bool,
    /// Likes, shares, replies and views.
    pub engagement: bool,
    /// Reposts.
    pub reposts: bool,
}

impl Measures {
    /// True if anything is to be summed up.
    pub(super) fn any(self) -> bool {
        self != Measures::default()
    }
}

/// What was summed up over some mentions; what was not asked for is 0.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Sums {
    pub mentions: u64,
    /// Mentions of each sentiment, in the order of [`Label::ALL`]; the others are unscored.
    pub labels: [u64; 3],
    /// Positive less negative probability, in ten-thousandths.
    pub score_steps: i64,
    /// Mentions in it.
    pub with_score: u64,
    /// In the order of [`ENGAGEMENT`].
    pub engagement: [Sum; 4],
    pub reposts: u64,
    /// Different authors.
    pub authors: u64,
    /// Mentions without an author.
    pub without_author: u64,
}

/// A sum of numbers that not every mention has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Sum {
    pub sum: i128,
    /// Mentions that have the number.
    pub mentions: u64,
}

impl Sums {
    /// The mean of positive less negative probability, −1 to 1; `None` where no mention has one.
    pub(crate) fn mean_score(&self) -> Option<f64> {
        let mean = || self.score_steps as f64 / STEPS_PER_PROBABILITY / self.with_score as f64;
        (self.with_score > 0).then(mean)
    }

    pub(super) fn add(&mut self, facts: &Facts) {
        self.mentions += 1;
        if let Some(label) = facts.label {
            self.labels[label as usize] += 1;
        }
        if let Some(steps) = facts.score_steps {
            self.score_steps += steps;
            self.with_score += 1;
        }
        for (sum, number) in self.engagement.iter_mut().zip(facts.engagement) {
            if let Some(number) = number {
                sum.sum += i128::from(number);
                sum.mentions += 1;
            }
        }
        self.reposts += u64::from(facts.is_repost);
        self.without_author += u64::from(facts.is_anonymous);
    }

    /// Adds the sums of other mentions; authors are not sums, and left as they are.
    pub(super) fn merge(&mut self, other: &Sums) {
        self.mentions += other.mentions;
        self.labels.iter_mut().zip(other.labels).for_each(|(label, other)| *label += other);
        self.score_steps += other.score_steps;
        self.with_score += other.with_score;
        for (sum, other) in self.engagement.iter_mut().zip(other.engagement) {
            sum.sum += other.sum;
            sum.mentions += other.mentions;
        }
        self.reposts += other.reposts;
        self.without_author += other.without_author;
    }
}

/// What is summed up of one mention; what was not asked for is absent.
#[derive(Debug, Default)]
pub(super) struct Facts {
    pub label: Option<Label>,
    pub score_steps: Option<i64>,
    pub engagement: [Option<i64>; 4],
    pub is_repost: bool,
    /// The slot of the author.
    pub author: Option<u32>,
    pub is_anonymous: bool,
}

/// The columns of a segment that were asked for, with a block of documents read.
pub(super) struct FactReader {
    sentiment: Option<(ValueColumn, Vec<(u32, Label)>)>,
    probabilities: Option<[NumberColumn<f64>; 2]>,
    engagement: Option<[NumberColumn<i64>; 4]>,
    kind: Option<(ValueColumn, HashSet<u32>)>,
    pub authors: Option<ValueColumn>,
    block: Block,
}

struct Block {
    sentiment: ValueBlock,
    kind: ValueBlock,
    authors: ValueBlock,
    negative: [Option<f64>; BLOCK],
    positive: [Option<f64>; BLOCK],
    engagement: [[Option<i64>; BLOCK]; 4],
}

impl FactReader {
    /// Opens what the measures need; `None` where that is nothing.
    pub(super) fn open(segment: &SegmentReader, measures: Measures) -> tantivy::Result<Option<FactReader>> {
        if !measures.any() {
            return Ok(None);
        }
        let columns = segment.fast_fields();
        let open = |wanted: bool, field: Field| wanted.then(|| ValueColumn::open(segment, field)).transpose();
        let sentiment = open(measures.net, Field::Sentiment)?.map(|column| {
            let label = |key: &str| Label::ALL.into_iter().find(|label| label.as_str() == key);
            let labels = keyed(&column, |key| label(key))?;
            tantivy::Result::Ok((column, labels))
        });
        let kind = open(measures.reposts, Field::Kind)?.map(|column| {
            let reposts = keyed(&column, |key| (key == REPOST).then_some(()))?;
            tantivy::Result::Ok((column, reposts.into_iter().map(|(slot, ())| slot).collect()))
        });
        let probability = |field: NumberField| columns.column_opt(field.name()).map(NumberColumn::new);
        let count = |field: NumberField| columns.column_opt(field.name()).map(NumberColumn::new);
        let probabilities =
            || Ok([probability(NumberField::Negative)?, probability(NumberField::Positive)?]) as tantivy::Result<_>;
        let [likes, shares, replies, views] = ENGAGEMENT;
        let engagement = || Ok([count(likes)?, count(shares)?, count(replies)?, count(views)?]) as tantivy::Result<_>;
        Ok(Some(FactReader {
            sentiment: sentiment.transpose()?,
            probabilities: measures.score.then(probabilities).transpose()?,
            engagement: measures.engagement.then(engagement).transpose()?,
            kind: kind.transpose()?,
            authors: open(measures.authors, Field::Author)?,
            block: Block {
                sentiment: ValueBlock::default(),
                kind: ValueBlock::default(),
                authors: ValueBlock::default(),
                negative: [None; BLOCK],
                positive: [None; BLOCK],
                engagement: [[None; BLOCK]; 4],
            },
        }))
    }

    /// Reads a block of documents.
    pub(super) fn read(&mut self, docs: &[DocId]) {
        let block = &mut self.block;
        if let Some((column, _)) = &self.sentiment {
            column.read(docs, &mut block.sentiment);
        }
        if let Some([negative, positive]) = &self.probabilities {
            negative.read(docs, &mut block.negative);
            positive.read(docs, &mut block.positive);
        }
        if let Some(columns) = &self.engagement {
            columns.iter().zip(&mut block.engagement).for_each(|(column, numbers)| column.read(docs, numbers));
        }
        if let Some((column, _)) = &self.kind {
            column.read(docs, &mut block.kind);
        }
        if let Some(column) = &self.authors {
            column.read(docs, &mut block.authors);
        }
    }

    /// What is known of the document at a position in the block.
    pub(super) fn facts(&self, position: usize) -> Facts {
        let block = &self.block;
        let mut facts = Facts::default();
        if let Some((_, labels)) = &self.sentiment {
            let slot = block.sentiment.first(position);
            facts.label = labels.iter().find(|(known, _)| *known == slot).map(|(_, label)| *label);
        }
        if self.probabilities.is_some()
            && let (Some(negative), Some(positive)) = (block.negative[position], block.positive[position])
        {
            let steps = |probability: f64| (probability * STEPS_PER_PROBABILITY).round() as i64;
            facts.score_steps = Some(steps(positive) - steps(negative));
        }
        if self.engagement.is_some() {
            facts.engagement = [0, 1, 2, 3].map(|figure: usize| block.engagement[figure][position]);
        }
        if let Some((_, reposts)) = &self.kind {
            facts.is_repost = reposts.contains(&block.kind.first(position));
        }
        if let Some(column) = &self.authors {
            facts.author = Some(block.authors.first(position)).filter(|&slot| slot != column.none);
            facts.is_anonymous = facts.author.is_none();
        }
        facts
    }
}

/// The slots of the values whose key means something.
fn keyed<T>(column: &ValueColumn, meaning: impl Fn(&str) -> Option<T>) -> tantivy::Result<Vec<(u32, T)>> {
    let all: Vec<u32> = (0..column.none).collect();
    let mut found = Vec::new();
    column.spellings(&all, |slot, spelling| found.extend(meaning(&keyword_key(&spelling)).map(|what| (slot, what))))?;
    Ok(found)
}
