//! Collects the model's answers, as counts.

use std::collections::BTreeMap;

use super::bootstrap::score_intervals;
use super::calibration::Calibration;
use super::confusion::Confusion;
use super::group::MAX_GROUPS;
use super::question::Outcome;
use super::{Groups, MIN_TEXTS_TO_RANK, Ranking, ReliabilityBin, Scores, WORST_GROUPS, round};
use crate::mention::Label;

/// The counts of one group.
#[derive(Debug, Default)]
struct Tally {
    confusion: Confusion,
    calibration: Calibration,
    two_class: u64,
}

impl Tally {
    fn add(&mut self, outcome: Outcome, two_class: bool) {
        self.confusion.add(outcome);
        self.two_class += u64::from(two_class);
        if let Some(prediction) = outcome.prediction {
            self.calibration.add(prediction.confidence, prediction.label == outcome.gold);
        }
    }

    fn scores(&self) -> Scores {
        let intervals = score_intervals(&self.confusion);
        Scores {
            n: self.confusion.total(),
            accuracy: round(self.confusion.accuracy()),
            accuracy_interval: intervals.map(|[accuracy, _]| accuracy),
            macro_f1: round(self.confusion.macro_f1()),
            macro_f1_interval: intervals.map(|[_, macro_f1]| macro_f1),
            ece: self.calibration.expected_error().map(round),
            mean_confidence: self.calibration.mean_confidence().map(round),
            two_class: self.two_class,
            labels: Label::ALL.map(|label| (label.as_str(), self.confusion.label(label).rounded())).into(),
            confusion: self.confusion,
        }
    }
}

/// Collects outcomes, over all and by group.
#[derive(Debug, Default)]
pub(super) struct Evaluator {
    overall: Tally,
    groups: BTreeMap<String, Tally>,
}

/// What the outcomes come to.
pub(super) struct Figures {
    pub overall: Scores,
    pub groups: Groups<Scores>,
    pub ranking: Ranking,
    pub reliability: Vec<ReliabilityBin>,
}

impl Evaluator {
    /// Adds the model's answer to a text that belongs to these groups. False where they are too many by now.
    pub fn add(&mut self, groups: &[String], outcome: Outcome, two_class: bool) -> bool {
        self.overall.add(outcome, two_class);
        for group in groups {
            self.groups.entry(group.clone()).or_default().add(outcome, two_class);
        }
        self.groups.len() <= MAX_GROUPS
    }

    /// The figures; `None` where there is no outcome.
    pub fn finish(self, group_key: &'static str) -> Option<Figures> {
        let overall = self.overall.scores();
        let members: BTreeMap<String, Scores> =
            self.groups.iter().map(|(name, tally)| (name.clone(), tally.scores())).collect();
        let ranking = rank(&self.groups);
        let reliability = self.overall.calibration.reliability();
        (overall.n > 0).then_some(Figures { overall, groups: Groups { key: group_key, members }, ranking, reliability })
    }
}

fn rank(groups: &BTreeMap<String, Tally>) -> Ranking {
    let mut ranked: Vec<(f64, &String)> = groups
        .iter()
        .filter(|(_, tally)| tally.confusion.total() >= MIN_TEXTS_TO_RANK)
        .map(|(name, tally)| (tally.confusion.macro_f1(), name))
        .collect();
    ranked.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.cmp(b.1)));
    let sum: f64 = ranked.iter().map(|(macro_f1, _)| macro_f1).sum();
    Ranking {
        groups: ranked.len(),
        min_texts: MIN_TEXTS_TO_RANK,
        macro_f1: (!ranked.is_empty()).then(|| round(sum / ranked.len() as f64)),
        worst: ranked.iter().take(WORST_GROUPS).map(|(_, name)| (*name).clone()).collect(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::eval::Prediction;

    fn evaluator(groups: &[(&str, usize, usize)]) -> Evaluator {
        let mut evaluator = Evaluator::default();
        for (group, right, wrong) in groups {
            for i in 0..right + wrong {
                let label = if i < *right { Label::Negative } else { Label::Positive };
                let prediction = Some(Prediction { label, confidence: 0.75 });
                assert!(evaluator.add(&[(*group).to_owned()], Outcome { gold: Label::Negative, prediction }, false));
            }
        }
        evaluator
    }

    #[test]
    fn groups_with_enough_texts_are_ranked() {
        let figures = evaluator(&[("a", 100, 0), ("b", 50, 50), ("few", 0, 99)]).finish("languages").unwrap();
        // b: negative 2·50/150 = 2/3, positive 0.
        let expected = Ranking {
            groups: 2,
            min_texts: 100,
            macro_f1: Some(round((1.0 + 1.0 / 3.0) / 2.0)),
            worst: vec!["b".to_owned(), "a".to_owned()],
        };
        assert_eq!(figures.ranking, expected);
        assert_eq!(figures.overall.n, 299);
        assert_eq!((figures.overall.mean_confidence, figures.groups.members["b"].ece), (Some(0.75), Some(0.25)));
    }

    #[test]
    fn one_text_has_figures_without_intervals() {
        let figures = evaluator(&[("a", 1, 0)]).finish("languages").unwrap();
        assert_eq!((figures.overall.accuracy, figures.overall.accuracy_interval), (1.0, None));
        assert_eq!((figures.ranking.macro_f1, figures.ranking.groups), (None, 0));
        assert!(Evaluator::default().finish("languages").is_none());
    }

    #[test]
    fn a_groups_figures_do_not_depend_on_other_groups() {
        let alone = evaluator(&[("b", 30, 20)]).finish("languages").unwrap();
        let beside = evaluator(&[("a", 9, 40), ("b", 30, 20)]).finish("languages").unwrap();
        assert_eq!(alone.groups.members["b"], beside.groups.members["b"]);
    }

    #[test]
    fn too_many_groups_are_noticed() {
        let mut evaluator = Evaluator::default();
        let outcome = Outcome { gold: Label::Negative, prediction: None };
        let added: Vec<bool> = (0..=MAX_GROUPS).map(|i| evaluator.add(&[i.to_string()], outcome, false)).collect();
        assert!(added[..MAX_GROUPS].iter().all(|fits| *fits) && !added[MAX_GROUPS]);
    }
}
