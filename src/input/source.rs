//! A named input, opened: decompressed and decoded to UTF-8 on the way.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use encoding_rs_io::DecodeReaderBytesBuilder;
use flate2::bufread::MultiGzDecoder;

use super::error::InputError;

/// The name that stands for the standard input.
const STDIN_NAME: &str = "-";
/// Bytes read from the system at once.
const READ_BYTES: usize = 64 * 1024;
const GZIP_MAGIC: &[u8] = &[0x1f, 0x8b];
const ZSTD_MAGIC: &[u8] = &[0x28, 0xb5, 0x2f, 0xfd];

/// Where mentions come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A file, plain or compressed with gzip or zstd.
    Path(PathBuf),
    /// The standard input, likewise.
    Stdin,
}

impl Source {
    /// The source of that name: `-` is the standard input, all else is a path.
    pub fn new(name: impl AsRef<Path>) -> Source {
        let path = name.as_ref();
        if path == Path::new(STDIN_NAME) { Source::Stdin } else { Source::Path(path.to_path_buf()) }
    }

    /// The name that messages and rejects use.
    pub fn name(&self) -> String {
        match self {
            Source::Path(path) => path.display().to_string(),
            Source::Stdin => STDIN_NAME.to_string(),
        }
    }

    pub(super) fn open(&self) -> Result<(Box<dyn Read + Send>, Progress), InputError> {
        let path = match self {
            Source::Stdin => return Ok((Box::new(io::stdin()), Progress::default())),
            Source::Path(path) => path,
        };
        let error = |source| InputError::Open { file: self.name(), source };
        let file = File::open(path).map_err(error)?;
        let metadata = file.metadata().map_err(error)?;
        if metadata.is_dir() {
            return Err(InputError::Folder { file: self.name() });
        }
        let total_bytes = metadata.is_file().then_some(metadata.len());
        Ok((Box::new(file), Progress { total_bytes, ..Progress::default() }))
    }
}

/// How far a source has been read, in bytes as they are stored, before decompression. Clones share the counter.
#[derive(Debug, Clone, Default)]
pub struct Progress {
    total_bytes: Option<u64>,
    read_bytes: Arc<AtomicU64>,
}

impl Progress {
    /// Size of the source, where it is a regular file.
    pub fn total_bytes(&self) -> Option<u64> {
        self.total_bytes
    }

    /// Bytes read so far; this runs ahead of the records by what is buffered.
    pub fn read_bytes(&self) -> u64 {
        self.read_bytes.load(Ordering::Relaxed)
    }
}

/// Counts what is read through it.
struct Counted {
    reader: Box<dyn Read + Send>,
    progress: Progress,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        self.progress.read_bytes.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

/// Decompresses by the first bytes and decodes by the byte-order mark. Without a mark, or with that of UTF-8, the bytes
/// pass as they are, so that one that is not UTF-8 can be reported with its record.
pub(super) fn decoded(reader: Box<dyn Read + Send>, progress: Progress) -> io::Result<Box<dyn Read + Send>> {
    let mut reader = Counted { reader, progress };
    let mut magic = [0; ZSTD_MAGIC.len()];
    let mut known = 0;
    while known < magic.len() {
        match reader.read(&mut magic[known..]) {
            Ok(0) => break,
            Ok(count) => known += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    let magic = magic[..known].to_vec();
    let expanded: Box<dyn Read + Send> = if magic.starts_with(GZIP_MAGIC) {
        Box::new(MultiGzDecoder::new(buffered(magic, reader)))
    } else if magic.starts_with(ZSTD_MAGIC) {
        Box::new(zstd::stream::read::Decoder::with_buffer(buffered(magic, reader))?)
    } else {
        Box::new(io::Cursor::new(magic).chain(reader))
    };
    let mut decoder = DecodeReaderBytesBuilder::new();
    Ok(Box::new(decoder.utf8_passthru(true).strip_bom(true).build(expanded)))
}

fn buffered(magic: Vec<u8>, rest: Counted) -> impl BufRead + Send {
    BufReader::with_capacity(READ_BYTES, io::Cursor::new(magic).chain(rest))
}
