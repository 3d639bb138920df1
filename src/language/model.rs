//! The detector's weights: a table of rows, one for each n-gram that tells something, and a layer that scores classes.
//!
//! A class is a language in a script. A text is the sum of the rows of its n-grams over the root of their number; the
//! class scores are linear in it. The rows are kept as they are shipped, four bits a weight, and summed as integers, so a
//! text's scores do not depend on the order of its words.

use std::cell::RefCell;

use serde::Deserialize;

use super::grams;
use super::memory::Memory;
use super::scripts::Script;

/// Weights of a row; two of them share a byte.
const DIM: usize = 32;
const ROW_BYTES: usize = DIM / 2;
/// Classes that are scored at once.
const LANES: usize = 16;
/// What is added to a weight to make it fit four bits without a sign.
const OFFSET: i32 = 8;
/// Rows that an n-gram may live in.
const WAYS: usize = 4;
/// A sum of so many four-bit numbers stays within 16 bits. The words of a text have fewer rows: `words` sees to it.
const MAX_ROWS: usize = 4096;
const MAGIC: &[u8] = b"earmark-language-1\n";

/// The trained detector, read from the bytes it is shipped in.
#[derive(Debug)]
pub(super) struct Model {
    groups: Vec<Group>,
    table: &'static [[u8; ROW_BYTES]],
    /// The marks of the rows, those of a set in one number, the first in its lowest bits.
    marks: Vec<u64>,
    calibration: Vec<Knot>,
}

/// The classes of a script, which compete with each other.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) script: Script,
    /// What is answered; empty for the class of what is no known language.
    pub(super) codes: Vec<String>,
    bias: Vec<f32>,
    /// Added to the scores: some languages are met more often than others.
    prior: Vec<f32>,
    /// Output weights of the classes, [`LANES`] of them at a time, the scales of the table's dimensions included.
    output: Vec<[[f32; LANES]; DIM]>,
}

#[derive(Deserialize)]
struct Header {
    rows: usize,
    classes: Vec<Class>,
    /// Size of a step of each of the table's dimensions.
    steps: [f32; DIM],
    calibration: Vec<Knot>,
}

#[derive(Deserialize)]
struct Class {
    code: String,
    script: Script,
    prior: f32,
    bias: f32,
}

/// At so many rows found, scores are multiplied by this before they become probabilities.
#[derive(Debug, Clone, Copy, Deserialize)]
struct Knot {
    rows: f32,
    factor: f32,
}

/// The evidence of some words: the sum of their rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Evidence {
    /// Sums of the even dimensions, and of the odd ones, [`OFFSET`] in each weight.
    even: [u16; ROW_BYTES],
    odd: [u16; ROW_BYTES],
    rows: usize,
}

/// What a thread keeps between texts.
struct Scratch {
    memory: Memory,
    hashes: Vec<u64>,
    rows: Vec<usize>,
}

impl Scratch {
    fn new() -> Scratch {
        Scratch { memory: Memory::new(), hashes: Vec::new(), rows: Vec::new() }
    }
}

impl Evidence {
    /// Evidence that says nothing but how many rows it has.
    #[cfg(test)]
    pub(super) fn of_rows(rows: usize) -> Evidence {
        Evidence { rows, ..Evidence::default() }
    }

    /// Adds the evidence of other words; not what would be too much.
    pub(super) fn add(&mut self, other: &Evidence) {
        if self.rows + other.rows <= MAX_ROWS {
            self.rows += other.rows;
            self.even.iter_mut().zip(&other.even).for_each(|(sum, more)| *sum += more);
            self.odd.iter_mut().zip(&other.odd).for_each(|(sum, more)| *sum += more);
        }
    }

    /// The pooled vector: the sum of the rows over the root of their number.
    fn pooled(&self) -> [f32; DIM] {
        let scale = 1.0 / (self.rows.max(1) as f32).sqrt();
        let offset = OFFSET * self.rows as i32;
        std::array::from_fn(|j| {
            let sums = if j % 2 == 0 { &self.even } else { &self.odd };
            (i32::from(sums[j / 2]) - offset) as f32 * scale
        })
    }
}

impl Model {
    /// Reads the shipped weights; none if the bytes are not what `models/train/language/export.py` writes.
    pub(super) fn read(bytes: &'static [u8]) -> Option<Model> {
        let rest = bytes.strip_prefix(MAGIC)?;
        let end = rest.iter().position(|&b| b == b'\n')?;
        let header: Header = serde_json::from_slice(&rest[..end]).ok()?;
        let (table, rest) = rest[end + 1..].split_at_checked(header.rows * ROW_BYTES)?;
        let (marks, output) = rest.split_at_checked(header.rows * 2)?;
        let sound = header.rows >= WAYS && header.rows.is_multiple_of(WAYS) && !header.calibration.is_empty();
        if !sound || output.len() != header.classes.len() * DIM * 4 {
            return None;
        }
        let marks =
            marks.chunks_exact(2 * WAYS).filter_map(|set| set.try_into().ok()).map(u64::from_le_bytes).collect();
        let output: Vec<f32> = output.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
        let mut groups: Vec<Group> = Vec::new();
        for (class, weights) in header.classes.into_iter().zip(output.chunks_exact(DIM)) {
            let at = groups.iter().position(|group| group.script == class.script).unwrap_or(groups.len());
            if at == groups.len() {
                groups.push(Group::new(class.script));
            }
            groups[at].push(class, weights.iter().zip(&header.steps).map(|(weight, step)| weight * step));
        }
        Some(Model { groups, table: table.as_chunks().0, marks, calibration: header.calibration })
    }

    /// The scripts that it has classes for.
    pub(super) fn groups(&self) -> &[Group] {
        &self.groups
    }

    /// The classes of a script.
    pub(super) fn group(&self, script: Script) -> Option<&Group> {
        self.groups.iter().find(|group| group.script == script)
    }

    /// The evidence of words, each between two spaces.
    ///
    /// In passes over all words that are not remembered, so that the processor waits for many places of the table at once.
    pub(super) fn evidence<'a>(&self, words: impl Iterator<Item = &'a [char]>) -> Evidence {
        // There is one model in the program, so what a thread remembers is that model's.
        thread_local! {
            static SCRATCH: RefCell<Scratch> = RefCell::new(Scratch::new());
        }
        SCRATCH.with_borrow_mut(|Scratch { memory, hashes, rows }| {
            let mut sum = Evidence::default();
            let mut missed = Vec::with_capacity(32);
            hashes.clear();
            for word in words {
                if let Some(evidence) = memory.find(word) {
                    sum.add(evidence);
                } else {
                    grams::add_hashes(word, hashes);
                    missed.push((word, hashes.len()));
                }
            }
            rows.resize(hashes.len(), 0);
            let mut hash = 0;
            let mut row = 0;
            for (_, end) in &mut missed {
                let first = std::mem::replace(&mut hash, *end);
                row += self.find_rows(&hashes[first..hash], &mut rows[row..]);
                *end = row;
            }
            let mut row = 0;
            for (word, end) in missed {
                let first = std::mem::replace(&mut row, end);
                let evidence = self.sum_rows(&rows[first..row]);
                sum.add(&evidence);
                memory.keep(word, evidence);
            }
            sum
        })
    }

    /// Finds the rows of those n-grams that have one; returns how many.
    fn find_rows(&self, hashes: &[u64], rows: &mut [usize]) -> usize {
        const EACH: u64 = 0x0001_0001_0001_0001;
        const HIGHEST: u64 = EACH << 15;
        let mut found = 0;
        for &hash in hashes {
            let (set, mark) = grams::slot(hash, self.marks.len() as u64);
            let apart = self.marks[set] ^ (u64::from(mark) * EACH);
            // The lowest of the four numbers that is zero has its highest bit set, and none below it.
            let zero = apart.wrapping_sub(EACH) & !apart & HIGHEST;
            rows[found] = set * WAYS + (zero.trailing_zeros() as usize / 16).min(WAYS - 1);
            found += usize::from(zero != 0 && mark != 0);
        }
        found
    }

    fn sum_rows(&self, rows: &[usize]) -> Evidence {
        let rows = &rows[..rows.len().min(MAX_ROWS)];
        let mut evidence = Evidence { rows: rows.len(), ..Evidence::default() };
        for &row in rows {
            for (j, byte) in self.table[row].into_iter().enumerate() {
                evidence.even[j] += u16::from(byte & 15);
                evidence.odd[j] += u16::from(byte >> 4);
            }
        }
        evidence
    }

    /// Scores of the classes of a script, as logits whose softmax means what it says.
    ///
    /// Without `prior`, as if all languages were met equally often.
    pub(super) fn scores(&self, evidence: &Evidence, group: &Group, prior: bool) -> Vec<f32> {
        let pooled = evidence.pooled();
        let mut scores = Vec::with_capacity(group.output.len() * LANES);
        for weights in &group.output {
            let mut sums = [0.0; LANES];
            for (value, weights) in pooled.iter().zip(weights) {
                sums.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += value * weight);
            }
            scores.extend(sums);
        }
        scores.truncate(group.bias.len());
        scores.iter_mut().zip(&group.bias).for_each(|(score, bias)| *score += bias);
        if prior {
            scores.iter_mut().zip(&group.prior).for_each(|(score, prior)| *score += prior);
        }
        let factor = self.factor(evidence.rows);
        scores.iter_mut().for_each(|score| *score *= factor);
        scores
    }

    /// The calibration between the knots on either side, linear in the logarithm of the rows.
    fn factor(&self, rows: usize) -> f32 {
        let rows = (rows.max(1) as f32).ln();
        let after = self.calibration.iter().position(|knot| knot.rows.ln() >= rows);
        match after {
            Some(0) => self.calibration[0].factor,
            Some(at) => {
                let (low, high) = (self.calibration[at - 1], self.calibration[at]);
                let share = (rows - low.rows.ln()) / (high.rows.ln() - low.rows.ln());
                low.factor + share * (high.factor - low.factor)
            }
            None => self.calibration[self.calibration.len() - 1].factor,
        }
    }
}

impl Group {
    fn new(script: Script) -> Group {
        Group { script, codes: Vec::new(), bias: Vec::new(), prior: Vec::new(), output: Vec::new() }
    }

    fn push(&mut self, class: Class, weights: impl Iterator<Item = f32>) {
        self.codes.push(class.code);
        self.bias.push(class.bias);
        self.prior.push(class.prior);
        let lane = (self.codes.len() - 1) % LANES;
        if lane == 0 {
            self.output.push([[0.0; LANES]; DIM]);
        }
        if let Some(lanes) = self.output.last_mut() {
            lanes.iter_mut().zip(weights).for_each(|(lanes, weight)| lanes[lane] = weight);
        }
    }
}
