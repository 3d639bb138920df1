//! Which of two models is better on the same texts, and whether the texts suffice to say so.

use std::collections::BTreeMap;

use serde::Serialize;

use super::bootstrap::{Interval, bootstrap};
use super::confusion::{ANSWERS, Confusion, column};
use super::question::Outcome;
use super::random::Random;
use super::{Groups, round};
use crate::mention::Label;

/// Times that the models' answers are exchanged at random. With it the least p is 0.0001, so that one group in up to 500
/// can still pass [`SIGNIFICANCE`] after Holm's correction.
pub const SHUFFLES: u32 = 10_000;
/// A difference counts as one where its p, after Holm's correction, is below this.
pub const SIGNIFICANCE: f64 = 0.05;

/// Rounding errors in differences of macro-F1 are far below this, true differences far above.
const TOLERANCE: f64 = 1e-12;
const CELLS: usize = Label::ALL.len() * ANSWERS * ANSWERS;

/// Counts of texts by gold label, what the model said, and what the other said: all that a comparison needs to know.
#[derive(Debug, Clone, PartialEq)]
struct Paired {
    cells: [u64; CELLS],
}

/// A cell with texts in it: its row, its column of the model and of the other, and how many texts.
type FilledCell = ([usize; 3], u64);

/// Row, column of the model and column of the other.
fn place(cell: usize) -> [usize; 3] {
    [cell / (ANSWERS * ANSWERS), cell / ANSWERS % ANSWERS, cell % ANSWERS]
}

impl Default for Paired {
    fn default() -> Self {
        Paired { cells: [0; CELLS] }
    }
}

impl Paired {
    fn add(&mut self, model: Outcome, against: Outcome) {
        let row = model.gold as usize * ANSWERS + column(model.predicted());
        self.cells[row * ANSWERS + column(against.predicted())] += 1;
    }

    fn filled(&self) -> impl Iterator<Item = FilledCell> {
        self.cells.iter().enumerate().filter(|(_, count)| **count > 0).map(|(cell, count)| (place(cell), *count))
    }

    fn confusions(&self) -> [Confusion; 2] {
        let mut confusions = [Confusion::default(); 2];
        for ([row, model, against], count) in self.filled() {
            confusions[0].add_many(row, model, count);
            confusions[1].add_many(row, against, count);
        }
        confusions
    }

    /// The paired bootstrap (Koehn 2004, "Statistical Significance Tests for Machine Translation Evaluation"): both
    /// models are scored on the same drawn texts.
    fn intervals(&self) -> Option<[Interval; 2]> {
        let draw = |random: &mut Random| Paired { cells: random.resample(&self.cells) }.confusions();
        bootstrap(self.cells.iter().sum(), |random| differences(&draw(random)))
    }

    /// Two-sided p of both differences by approximate randomisation (Yeh 2000, "More Accurate Tests for the Statistical
    /// Significance of Result Differences"): how often differences at least as large come about where a coin decides for
    /// each text which model gave which answer.
    fn p_values(&self) -> [f64; 2] {
        let found = differences(&self.confusions());
        let cells: Vec<FilledCell> = self.filled().collect();
        let mut random = Random::from_fixed_seed();
        let mut as_large = [0u32; 2];
        for _ in 0..SHUFFLES {
            let shuffled = differences(&shuffle(&cells, &mut random));
            for (as_large, (shuffled, found)) in as_large.iter_mut().zip(shuffled.into_iter().zip(found)) {
                *as_large += u32::from(shuffled.abs() >= found.abs() - TOLERANCE);
            }
        }
        as_large.map(|count| f64::from(count + 1) / f64::from(SHUFFLES + 1))
    }

    /// Texts that the model, the other, both and neither got right.
    fn right(&self) -> Right {
        let mut right = Right::default();
        for ([row, model, against], count) in self.filled() {
            *match (model == row, against == row) {
                (true, true) => &mut right.both,
                (true, false) => &mut right.only_model,
                (false, true) => &mut right.only_against,
                (false, false) => &mut right.neither,
            } += count;
        }
        right
    }

    fn difference(&self) -> Difference {
        let confusions = self.confusions();
        let [by_macro_f1, by_accuracy] = differences(&confusions);
        let [model, against] = confusions;
        let [macro_f1_interval, accuracy_interval] = self.intervals().map_or([None; 2], |both| both.map(Some));
        let [macro_f1_p, accuracy_p] = self.p_values();
        let gap = |model, against, difference, interval, p| Gap {
            model: round(model),
            against: round(against),
            difference: round(difference),
            interval,
            p,
            p_holm: p,
            better: None,
        };
        Difference {
            n: model.total(),
            right: self.right(),
            macro_f1: gap(model.macro_f1(), against.macro_f1(), by_macro_f1, macro_f1_interval, macro_f1_p),
            accuracy: gap(model.accuracy(), against.accuracy(), by_accuracy, accuracy_interval, accuracy_p),
        }
    }
}

/// Exchanges the answers to each text, or leaves them, by a coin.
fn shuffle(cells: &[FilledCell], random: &mut Random) -> [Confusion; 2] {
    let mut confusions = [Confusion::default(); 2];
    for ([row, model, against], count) in cells {
        let exchanged = if model == against { 0 } else { random.heads(*count) };
        confusions[0].add_many(*row, *model, count - exchanged);
        confusions[0].add_many(*row, *against, exchanged);
        confusions[1].add_many(*row, *against, count - exchanged);
        confusions[1].add_many(*row, *model, exchanged);
    }
    confusions
}

/// By how much the first's macro-F1 and accuracy are above the second's.
fn differences([model, against]: &[Confusion; 2]) -> [f64; 2] {
    [model.macro_f1() - against.macro_f1(), model.accuracy() - against.accuracy()]
}

/// One of the two models.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Better {
    /// The one that is evaluated.
    Model,
    /// The one it is compared with.
    Against,
}

/// One figure of two models on the same texts. All numbers have four decimals.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Gap {
    /// Of the model, 0 to 1.
    pub model: f64,
    /// Of the one it is compared with, 0 to 1.
    pub against: f64,
    /// The former less the latter.
    pub difference: f64,
    /// 95 % interval of the difference; `None` for few texts.
    pub interval: Option<Interval>,
    /// Chance of a difference of at least this size, either way, between models that are equally good.
    pub p: f64,
    /// The same, corrected by Holm's method for the number of groups in which we look for a difference.
    pub p_holm: f64,
    /// Which is better; `None` where the data cannot tell: where the interval holds 0 or `p_holm` is not below
    /// [`SIGNIFICANCE`].
    pub better: Option<Better>,
}

/// Texts by which of the models got them right.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[allow(missing_docs)]
pub struct Right {
    pub both: u64,
    pub only_model: u64,
    pub only_against: u64,
    pub neither: u64,
}

/// Two models on one group of texts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// How many texts.
    pub n: u64,
    /// The difference in macro-F1, which decides where the two figures disagree.
    pub macro_f1: Gap,
    /// The difference in accuracy.
    pub accuracy: Gap,
    /// Who got how many texts right.
    pub right: Right,
}

/// Two models on the same texts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// `sha256:…` of the model that the evaluated one is compared with.
    pub against: String,
    /// Over all texts.
    pub overall: Difference,
    /// By group.
    #[serde(flatten)]
    pub groups: Groups<Difference>,
}

/// Holm's step-down correction (Holm 1979) of as many tests as there are gaps, and the verdict that follows.
fn settle<'a>(gaps: impl Iterator<Item = &'a mut Gap>) {
    let mut gaps: Vec<&mut Gap> = gaps.collect();
    gaps.sort_by(|a, b| a.p.total_cmp(&b.p));
    let (tests, mut highest) = (gaps.len(), 0.0f64);
    for (i, gap) in gaps.into_iter().enumerate() {
        highest = highest.max(gap.p * (tests - i) as f64).min(1.0);
        let is_certain = highest < SIGNIFICANCE && gap.interval.is_some_and(|interval| !interval.contains(0.0));
        gap.better = is_certain.then_some(if gap.difference > 0.0 { Better::Model } else { Better::Against });
        gap.p = round(gap.p);
        gap.p_holm = round(highest);
    }
}

/// Collects the answers of two models to the same questions.
#[derive(Debug, Default)]
pub(super) struct Comparer {
    overall: Paired,
    groups: BTreeMap<String, Paired>,
}

impl Comparer {
    /// Adds both answers to one question.
    pub fn add(&mut self, groups: &[String], model: Outcome, against: Outcome) {
        self.overall.add(model, against);
        for group in groups {
            self.groups.entry(group.clone()).or_default().add(model, against);
        }
    }

    /// The comparison with the model of that hash.
    pub fn finish(self, against: &str, group_key: &'static str) -> Comparison {
        let mut overall = self.overall.difference();
        let mut members: BTreeMap<String, Difference> =
            self.groups.into_iter().map(|(group, paired)| (group, paired.difference())).collect();
        settle([&mut overall.macro_f1].into_iter());
        settle([&mut overall.accuracy].into_iter());
        settle(members.values_mut().map(|difference| &mut difference.macro_f1));
        settle(members.values_mut().map(|difference| &mut difference.accuracy));
        Comparison { against: against.to_owned(), overall, groups: Groups { key: group_key, members } }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::eval::Prediction;
    use Label::{Negative, Neutral, Positive};
    use proptest::prelude::*;

    fn outcome(gold: Label, predicted: Label) -> Outcome {
        Outcome { gold, prediction: Some(Prediction { label: predicted, confidence: 1.0 }) }
    }

    fn paired(texts: &[(u64, Label, Label, Label)]) -> Comparer {
        let mut comparer = Comparer::default();
        for (count, gold, model, against) in texts {
            for _ in 0..*count {
                comparer.add(&["en".to_owned()], outcome(*gold, *model), outcome(*gold, *against));
            }
        }
        comparer
    }

    fn compare(texts: &[(u64, Label, Label, Label)]) -> Difference {
        paired(texts).finish("sha256:", "languages").overall
    }

    #[test]
    fn a_model_is_as_good_as_itself() {
        let found = compare(&[(20, Negative, Negative, Negative), (9, Neutral, Positive, Positive)]);
        for gap in [&found.macro_f1, &found.accuracy] {
            assert_eq!((gap.difference, gap.p, gap.p_holm, gap.better), (0.0, 1.0, 1.0, None));
            assert_eq!(gap.interval, Some(Interval { low: 0.0, high: 0.0 }));
        }
        assert_eq!(found.right, Right { both: 20, neither: 9, ..Right::default() });
    }

    #[test]
    fn counts_and_differences_by_hand() {
        let found = compare(&[
            (30, Negative, Negative, Negative),
            (15, Positive, Positive, Negative),
            (5, Positive, Negative, Positive),
        ]);
        assert_eq!(found.right, Right { both: 30, only_model: 15, only_against: 5, neither: 0 });
        assert_eq!((found.accuracy.model, found.accuracy.against, found.accuracy.difference), (0.9, 0.7, 0.2));
        // The model: negative 60/65, positive 30/35; the other: negative 60/75, positive 10/25.
        let by_hand = (60.0 / 65.0 + 30.0 / 35.0) / 2.0 - (60.0 / 75.0 + 10.0 / 25.0) / 2.0;
        assert_eq!(found.macro_f1.difference, round(by_hand));
        // Twenty coins fall 15 to 5 or further from even with a chance of 0.0414.
        assert!((found.accuracy.p - 0.0414).abs() < 0.006, "{}", found.accuracy.p);
        assert!(found.accuracy.interval.unwrap().contains(0.2));
        assert_eq!(found.accuracy.better, Some(Better::Model));
    }

    #[test]
    fn exchanging_the_models_turns_the_difference_round() {
        let texts =
            [(40, Neutral, Neutral, Positive), (4, Positive, Neutral, Positive), (9, Negative, Negative, Negative)];
        let there = compare(&texts);
        let back = compare(&texts.map(|(count, gold, model, against)| (count, gold, against, model)));
        assert_eq!(there.macro_f1.difference, -back.macro_f1.difference);
        assert_eq!((there.macro_f1.better, back.macro_f1.better), (Some(Better::Model), Some(Better::Against)));
    }

    #[test]
    fn few_texts_cannot_tell() {
        let found = compare(&[(1, Positive, Positive, Negative)]);
        assert_eq!((found.accuracy.difference, found.accuracy.p, found.accuracy.better), (1.0, 1.0, None));
        assert_eq!(found.accuracy.interval, None);
    }

    #[test]
    fn many_groups_ask_for_more() {
        let mut gaps: Vec<Gap> = [0.03, 0.01, 0.04]
            .map(|p| Gap {
                model: 0.6,
                against: 0.5,
                difference: 0.1,
                interval: Some(Interval { low: 0.05, high: 0.15 }),
                p,
                p_holm: p,
                better: None,
            })
            .into();
        settle(gaps.iter_mut());
        assert_eq!(gaps.iter().map(|gap| gap.p_holm).collect::<Vec<_>>(), [0.06, 0.03, 0.06]);
        assert_eq!(gaps.iter().map(|gap| gap.better).collect::<Vec<_>>(), [None, Some(Better::Model), None]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn a_shuffle_keeps_the_texts_and_what_the_two_said(cells in proptest::collection::vec(0u64..200, CELLS)) {
            let paired = Paired { cells: cells.try_into().unwrap() };
            let said_by_both = |[model, against]: [Confusion; 2]| {
                let said = || Label::ALL.map(Some).into_iter().chain([None]);
                let pairs = Label::ALL.into_iter().flat_map(|gold| said().map(move |said| (gold, said)));
                pairs.map(|(gold, said)| model.count(gold, said) + against.count(gold, said)).collect::<Vec<_>>()
            };
            let shuffled = shuffle(&paired.filled().collect::<Vec<_>>(), &mut Random::from_fixed_seed());
            prop_assert_eq!(shuffled[0].total(), paired.cells.iter().sum::<u64>());
            prop_assert_eq!(said_by_both(shuffled), said_by_both(paired.confusions()));
        }
    }
}
