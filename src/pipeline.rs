//! The parallel batch engine: one thread reads, several tag, the caller writes, in the order of reading.
//!
//! Batches pass through bounded channels, and a fixed number of them is under way at once, so memory does not grow with
//! the input. Every worker owns a model instance for as long as it lives, which is why these are plain threads rather
//! than a shared pool.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crossbeam_channel::{Receiver, Sender, bounded};

use crate::mention::{Mention, Tagged};
use crate::sentiment::ModelError;
use crate::tagger::{TagWorker, Tagger};
use crate::timings::{Stage, Timings};

/// Batches that may be under way for each worker: one in its hands, one waiting for it, and some done out of order.
const BATCHES_PER_WORKER: usize = 4;

/// Some mentions, and what their reader wants to say when it is their turn to be written.
#[derive(Debug)]
pub struct Batch<C> {
    /// The mentions to tag.
    pub mentions: Vec<Mention>,
    /// Travels with them, untouched.
    pub context: C,
}

/// Runs batches through `threads` workers. `finish` runs on the workers' threads, `write` on the caller's, in the order
/// of the batches. The first error stops the run; batches not yet written are dropped.
pub fn run<C, R, E>(
    batches: impl Iterator<Item = Batch<C>> + Send,
    tagger: &Tagger,
    threads: usize,
    timings: &Timings,
    finish: impl Fn(Vec<Tagged>) -> R + Sync,
    write: impl FnMut(R, C) -> Result<(), E>,
) -> Result<(), E>
where
    C: Send,
    R: Send,
    E: From<ModelError>,
{
    let threads = threads.max(1);
    let (permit, permits) = bounded(threads * BATCHES_PER_WORKER);
    let (work, todo) = bounded::<(u64, Batch<C>)>(threads);
    let (done, results) = bounded(threads);
    std::thread::scope(|scope| {
        scope.spawn(move || read(batches, &permit, &work, timings));
        for _ in 0..threads {
            let (todo, done, finish) = (todo.clone(), done.clone(), &finish);
            scope.spawn(move || work_off(tagger, &todo, &done, finish, timings));
        }
        drop((todo, done));
        InOrder { results, permits }.write(write, timings)
    })
}

type Finished<R, C> = (u64, Result<(R, C), ModelError>);

/// Reads ahead as far as the permits allow; ends when there is nothing more or nobody listens.
fn read<C>(
    mut batches: impl Iterator<Item = Batch<C>>,
    permit: &Sender<()>,
    work: &Sender<(u64, Batch<C>)>,
    timings: &Timings,
) {
    let mut number = 0;
    while permit.send(()).is_ok() {
        let Some(batch) = timings.time(Stage::Read, || batches.next()) else { return };
        if work.send((number, batch)).is_err() {
            return;
        }
        number += 1;
    }
}

fn work_off<C, R>(
    tagger: &Tagger,
    todo: &Receiver<(u64, Batch<C>)>,
    done: &Sender<Finished<R, C>>,
    finish: &(impl Fn(Vec<Tagged>) -> R + Sync),
    timings: &Timings,
) {
    let mut worker: Option<TagWorker> = None;
    for (number, Batch { mentions, context }) in todo {
        let tagged = catch_unwind(AssertUnwindSafe(|| {
            let worker = match &mut worker {
                Some(worker) => worker,
                none => none.insert(tagger.worker()?),
            };
            let tagged = worker.tag(mentions, timings)?;
            Ok(timings.time(Stage::Serialize, || finish(tagged)))
        }));
        let result = tagged.unwrap_or_else(|_| Err(ModelError::Failed("a worker panicked; this is a bug".into())));
        if done.send((number, result.map(|result| (result, context)))).is_err() {
            return;
        }
    }
}

/// Puts finished batches back in order. Owns both channels: dropping them is what stops the reader and the workers when
/// writing fails.
struct InOrder<R, C> {
    results: Receiver<Finished<R, C>>,
    permits: Receiver<()>,
}

impl<R, C> InOrder<R, C> {
    fn write<E: From<ModelError>>(
        self,
        mut write: impl FnMut(R, C) -> Result<(), E>,
        timings: &Timings,
    ) -> Result<(), E> {
        let mut waiting = BTreeMap::new();
        let mut next = 0;
        for (number, result) in &self.results {
            waiting.insert(number, result?);
            while let Some((result, context)) = waiting.remove(&next) {
                timings.time(Stage::Write, || write(result, context))?;
                next += 1;
                let _ = self.permits.try_recv();
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sentiment::RuntimeChoice;
    use crate::tagger::{TagError, TagOptions};

    fn tagger() -> Result<Tagger, TagError> {
        Tagger::open(&TagOptions { runtime: RuntimeChoice::Tract, ..TagOptions::default() })
    }

    fn batches(count: usize) -> impl Iterator<Item = Batch<usize>> + Send {
        (0..count).map(|context| Batch { mentions: Vec::new(), context })
    }

    #[test]
    fn batches_are_written_in_the_order_they_were_read() -> Result<(), TagError> {
        let tagger = tagger()?;
        let mut written = Vec::new();
        run(
            batches(200),
            &tagger,
            3,
            &Timings::default(),
            |tagged| tagged.len(),
            |_, context| {
                written.push(context);
                Ok::<(), ModelError>(())
            },
        )?;
        assert_eq!(written, (0..200).collect::<Vec<_>>());
        Ok(())
    }

    #[test]
    fn a_failed_write_ends_the_run_though_much_is_left_to_read() -> Result<(), TagError> {
        let tagger = tagger()?;
        let failed = run(
            batches(usize::MAX),
            &tagger,
            2,
            &Timings::default(),
            |tagged| tagged.len(),
            |_, context| {
                if context < 3 { Ok(()) } else { Err(ModelError::Failed("disk full".into())) }
            },
        );
        assert!(failed.is_err());
        Ok(())
    }

    #[test]
    fn a_panic_in_a_worker_is_an_error() -> Result<(), TagError> {
        let tagger = tagger()?;
        let finish = |tagged: Vec<Tagged>| -> usize { panic!("{} mentions", tagged.len()) };
        let failed = run(batches(usize::MAX), &tagger, 2, &Timings::default(), finish, |_, _| Ok::<(), ModelError>(()));
        assert!(failed.is_err_and(|error| error.to_string().contains("panicked")));
        Ok(())
    }
}
