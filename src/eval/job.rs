//! Tags labelled records, with a second model beside the first where one is named.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

use super::comparison::Comparer;
use super::evaluator::Evaluator;
use super::group::{GroupBy, NO_VALUE};
use super::question::{Outcome, Question};
use super::{EvalError, Evaluation};
use crate::feed::{Feed, Portion};
use crate::index::SourcePosition;
use crate::mention::{Sentiment, Tagged};
use crate::pipeline;
use crate::sentiment::{Bundle, ModelError, RuntimeKind};
use crate::tagger::{TagWorker, Tagger};
use crate::timings::Timings;

/// Where labelled records came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DataFile {
    /// Its name, as it was given.
    pub name: String,
    /// Records read from it, whether labelled or not.
    pub records: u64,
}

/// A second model that answers the same questions, with all else as in a tagger.
#[derive(Debug)]
pub struct OtherModel {
    tagger: Tagger,
    /// Instances that no thread uses at the moment; at most one for each thread.
    idle: Mutex<Vec<TagWorker>>,
}

impl OtherModel {
    /// Loads a bundle and tries it.
    pub fn open(tagger: &Tagger, dir: &Path) -> Result<OtherModel, ModelError> {
        let tagger = tagger.without_corrections().with_model(Bundle::load(dir)?);
        let worker = tagger.worker()?;
        Ok(OtherModel { tagger, idle: Mutex::new(vec![worker]) })
    }

    /// The same mentions with this model's tags, in their order.
    fn tag(&self, tagged: &[Tagged]) -> Result<Vec<Tagged>, ModelError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut worker = idle.map_or_else(|| self.tagger.worker(), Ok)?;
        let mentions = tagged.iter().map(|tagged| tagged.mention.clone()).collect();
        let others = worker.tag(mentions, &Timings::default())?;
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(worker);
        Ok(others)
    }
}

/// What became of one labelled text.
struct Answered {
    groups: Vec<String>,
    two_class: bool,
    model: Outcome,
    against: Option<Outcome>,
}

/// What became of a batch.
struct AnsweredBatch {
    answered: Vec<Answered>,
    unlabelled: u64,
}

/// Tags what the feed yields and compares the answers with the labels. Corrections by people are left out: they are not the
/// engine's answers.
///
/// # Errors
/// Where a model fails, no record has a label, or the groups are none or too many; bad records are not errors.
pub fn evaluate(
    feed: Feed,
    tagger: &Tagger,
    against: Option<&OtherModel>,
    by: &GroupBy,
    threads: usize,
) -> Result<Evaluation, EvalError> {
    let tagger = &tagger.without_corrections();
    let mut evaluator = Evaluator::default();
    let mut comparer = Comparer::default();
    let mut read = Read::default();
    let write = |batch: Result<AnsweredBatch, ModelError>, portion: Portion| {
        let batch = batch?;
        read.add(&batch, &portion);
        for text in &batch.answered {
            if !evaluator.add(&text.groups, text.model, text.two_class) {
                return Err(EvalError::TooManyGroups(by.name().to_owned()));
            }
            if let Some(against) = text.against {
                comparer.add(&text.groups, text.model, against);
            }
        }
        Ok(())
    };
    pipeline::run(feed, tagger, threads, &Timings::default(), |tagged| answer(&tagged, against, by), write)?;
    let figures = evaluator.finish(by.key()).ok_or(EvalError::NoLabels)?;
    if *by != GroupBy::Language && figures.groups.members.keys().all(|group| group == NO_VALUE) {
        return Err(EvalError::NoSuchField(by.name().to_owned()));
    }
    Ok(Evaluation {
        overall: figures.overall,
        by: by.name().to_owned(),
        mean_of_groups: figures.ranking,
        groups: figures.groups,
        reliability: figures.reliability,
        comparison: against.map(|other| comparer.finish(&other.tagger.engine().model, by.key())),
        unlabelled: read.unlabelled,
        rejected: read.rejected,
        damaged: read.damaged,
        data: read.data,
        model: tagger.engine().model.clone(),
        sentiment_rules: tagger.engine().sentiment_rules.clone(),
        brands: tagger.engine().brands.clone(),
        runtime: runtime_name(&tagger.runtime().kind),
        version: tagger.engine().version,
    })
}

/// What is compared with the label: the sentiment towards the record's own brand where brands are tracked and the text
/// names it, or else that of the text.
fn sentiment_in_question(tagged: &Tagged) -> Option<&Sentiment> {
    let own = |brand: &str| tagged.mention.brands.iter().any(|mine| mine.to_lowercase() == brand.to_lowercase());
    let towards = tagged.towards.iter().flatten().find(|towards| own(&towards.brand));
    towards.map_or(tagged.sentiment.as_ref(), |towards| towards.sentiment.as_ref())
}

/// Lets both models answer the labelled texts of a batch.
fn answer(tagged: &[Tagged], against: Option<&OtherModel>, by: &GroupBy) -> Result<AnsweredBatch, ModelError> {
    let others = against.map(|other| other.tag(tagged)).transpose()?;
    let mut batch = AnsweredBatch { answered: Vec::with_capacity(tagged.len()), unlabelled: 0 };
    for (i, tagged) in tagged.iter().enumerate() {
        let Some(question) = Question::of(&tagged.mention) else {
            batch.unlabelled += 1;
            continue;
        };
        batch.answered.push(Answered {
            groups: by.groups(tagged),
            two_class: question.two_class,
            model: question.answer(sentiment_in_question(tagged)),
            against: others.as_ref().map(|others| question.answer(sentiment_in_question(&others[i]))),
        });
    }
    Ok(batch)
}

/// What was read.
#[derive(Default)]
struct Read {
    unlabelled: u64,
    rejected: u64,
    damaged: Vec<String>,
    data: Vec<DataFile>,
    /// True while the last of the files is not at its end.
    is_open: bool,
}

impl Read {
    fn add(&mut self, batch: &AnsweredBatch, portion: &Portion) {
        self.unlabelled += batch.unlabelled;
        self.rejected += portion.rejects.len() as u64;
        self.damaged.extend(portion.damaged.iter().map(ToString::to_string));
        for SourcePosition { name, records, finished } in &portion.positions {
            match self.data.last_mut().filter(|last| self.is_open && last.name == *name) {
                Some(last) => last.records = *records,
                None => self.data.push(DataFile { name: name.clone(), records: *records }),
            }
            self.is_open = !finished;
        }
    }
}

fn runtime_name(kind: &RuntimeKind) -> String {
    match kind {
        RuntimeKind::OnnxRuntime(library) => {
            let file = library.file_name().unwrap_or(library.as_os_str());
            format!("ONNX Runtime ({})", file.to_string_lossy())
        }
        RuntimeKind::Tract => kind.to_string(),
    }
}
