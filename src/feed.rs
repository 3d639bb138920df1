//! Several sources as one stream of batches, with every record accounted for.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::index::SourcePosition;
use crate::input::{InputError, InputOptions, Progress, Reader, Reject, Source};
use crate::pipeline::Batch;

/// Most records in a batch.
const BATCH_RECORDS: usize = 1024;
/// A batch is closed once its texts are this long together, in bytes.
const BATCH_BYTES: usize = 1 << 20;

/// What a batch's reader has to say beside its mentions.
#[derive(Debug, Default)]
pub struct Portion {
    /// Records read: the batch's mentions and these rejects.
    pub read: u64,
    /// The records that could not be read, in the order of the input.
    pub rejects: Vec<Reject>,
    /// The sources this batch read from, and how far.
    pub positions: Vec<SourcePosition>,
    /// Sources that ended before their end.
    pub damaged: Vec<InputError>,
}

/// How far a feed has come, for whoever shows it.
#[derive(Debug, Default)]
pub struct FeedProgress {
    total_bytes: Option<u64>,
    finished_bytes: AtomicU64,
    current: Mutex<Progress>,
    records: AtomicU64,
}

impl FeedProgress {
    /// Size of all sources as they are stored; `None` where one of them has no size.
    pub fn total_bytes(&self) -> Option<u64> {
        self.total_bytes
    }

    /// Bytes read so far.
    pub fn read_bytes(&self) -> u64 {
        let current = self.current.lock().unwrap_or_else(PoisonError::into_inner).read_bytes();
        self.finished_bytes.load(Ordering::Relaxed) + current
    }

    /// Records read so far.
    pub fn records(&self) -> u64 {
        self.records.load(Ordering::Relaxed)
    }

    fn begin(&self, reader: &Reader) {
        *self.current.lock().unwrap_or_else(PoisonError::into_inner) = reader.progress();
    }

    fn end(&self) {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        self.finished_bytes.fetch_add(current.read_bytes(), Ordering::Relaxed);
        *current = Progress::default();
    }
}

/// A source that is being read.
struct OpenSource {
    reader: Reader,
    position: SourcePosition,
    /// True if its next record may be long in coming, so that a batch should not wait for it.
    is_pipe: bool,
}

/// The records of several sources, one after the other.
pub struct Feed {
    sources: VecDeque<Source>,
    options: InputOptions,
    reader: Option<OpenSource>,
    progress: Arc<FeedProgress>,
}

impl Feed {
    /// Opens the sources. Every file is tried at once, so that a wrong name is found before any work is done.
    ///
    /// # Errors
    /// Where a source cannot be opened or is nothing that can be read.
    pub fn open(sources: &[Source], options: InputOptions) -> Result<Feed, InputError> {
        let mut total_bytes = Some(0);
        for source in sources {
            let size = match source {
                Source::Path(_) => Reader::open(source, &options)?.progress().total_bytes(),
                Source::Stdin => None,
            };
            total_bytes = total_bytes.zip(size).map(|(total, size)| total + size);
        }
        let progress = Arc::new(FeedProgress { total_bytes, ..FeedProgress::default() });
        Ok(Feed { sources: sources.iter().cloned().collect(), options, reader: None, progress })
    }

    /// Its progress, shared.
    pub fn progress(&self) -> Arc<FeedProgress> {
        Arc::clone(&self.progress)
    }

    /// Opens the next source; one that fails now is damage, since it could be opened before.
    fn open_next(&mut self, portion: &mut Portion) -> bool {
        while let Some(source) = self.sources.pop_front() {
            match Reader::open(&source, &self.options) {
                Ok(reader) => {
                    self.progress.begin(&reader);
                    let position = SourcePosition { name: source.name(), records: 0, finished: false };
                    self.reader = Some(OpenSource { reader, position, is_pipe: source == Source::Stdin });
                    return true;
                }
                Err(error) => portion.damaged.push(error),
            }
        }
        false
    }

    /// Reads from the current source until the batch is full (`true`) or the source has ended (`false`).
    fn fill(&mut self, batch: &mut Batch<Portion>, bytes: &mut usize) -> bool {
        let Some(OpenSource { reader, position, is_pipe }) = &mut self.reader else { return false };
        while batch.context.read < BATCH_RECORDS as u64 && *bytes < BATCH_BYTES {
            match reader.next() {
                Some(Ok(mention)) => {
                    *bytes += mention.text.len();
                    batch.mentions.push(mention);
                }
                Some(Err(reject)) => {
                    *bytes += reject.raw.len();
                    batch.context.rejects.push(reject);
                }
                None => return false,
            }
            batch.context.read += 1;
            position.records += 1;
            self.progress.records.fetch_add(1, Ordering::Relaxed);
            if *is_pipe && reader.is_drained() {
                return true;
            }
        }
        true
    }

    fn close(&mut self, portion: &mut Portion) {
        if let Some(OpenSource { reader, position, .. }) = self.reader.take() {
            let finished = reader.damage().is_none();
            portion.positions.push(SourcePosition { finished, ..position });
            portion.damaged.extend(reader.into_damage());
            self.progress.end();
        }
    }
}

impl Iterator for Feed {
    type Item = Batch<Portion>;

    fn next(&mut self) -> Option<Batch<Portion>> {
        let mut batch = Batch { mentions: Vec::new(), context: Portion::default() };
        let mut bytes = 0;
        loop {
            if self.reader.is_none() && !self.open_next(&mut batch.context) {
                break;
            }
            if self.fill(&mut batch, &mut bytes) {
                break;
            }
            self.close(&mut batch.context);
        }
        if let Some(source) = &self.reader {
            batch.context.positions.push(source.position.clone());
        }
        let Portion { read, positions, damaged, .. } = &batch.context;
        (*read > 0 || !positions.is_empty() || !damaged.is_empty()).then_some(batch)
    }
}
