//! The folder of an index: opening and making it, and telling ours from others.

use std::io;
use std::path::Path;

use serde::Deserialize;
use tantivy::directory::MmapDirectory;
use tantivy::directory::error::{OpenDirectoryError, OpenReadError};
use tantivy::{Index, IndexSettings, TantivyError};

use super::analyser;
use super::checkpoint::Checkpoint;
use super::error::IndexError;
use super::schema::{Fields, SCHEMA_VERSION};

/// An open index.
pub(super) struct Folder {
    pub index: Index,
    pub fields: Fields,
    /// That of the last commit; `None` before the first.
    pub checkpoint: Option<Checkpoint>,
}

impl Folder {
    /// Opens an existing index.
    pub(super) fn open(dir: &Path) -> Result<Folder, IndexError> {
        if !dir.exists() {
            return Err(IndexError::NoIndex { dir: dir.to_path_buf() });
        }
        let directory = directory(dir)?;
        if !has_index(dir, &directory)? {
            return Err(IndexError::NoIndex { dir: dir.to_path_buf() });
        }
        Folder::read(dir, directory)
    }

    /// Opens an index, or makes the folder and an empty index in it.
    pub(super) fn open_or_create(dir: &Path) -> Result<Folder, IndexError> {
        if dir.exists() && !dir.is_dir() {
            return Err(IndexError::NotAFolder { dir: dir.to_path_buf() });
        }
        let unusable = |source| IndexError::Folder { dir: dir.to_path_buf(), source };
        std::fs::create_dir_all(dir).map_err(unusable)?;
        let directory = directory(dir)?;
        if has_index(dir, &directory)? {
            return Folder::read(dir, directory);
        }
        if holds_other_files(dir).map_err(unusable)? {
            return Err(IndexError::NotEmpty { dir: dir.to_path_buf() });
        }
        let (schema, fields) = Fields::build();
        let mut index = Index::create(directory, schema, IndexSettings::default()).map_err(IndexError::failed(dir))?;
        register(&mut index);
        Ok(Folder { index, fields, checkpoint: None })
    }

    fn read(dir: &Path, directory: MmapDirectory) -> Result<Folder, IndexError> {
        let other_version = |found: String| IndexError::OtherVersion { dir: dir.to_path_buf(), found };
        let mut index = Index::open(directory).map_err(|error| match error {
            TantivyError::IncompatibleIndex(_) | TantivyError::OpenReadError(OpenReadError::IncompatibleIndex(_)) => {
                other_version("another storage format".to_owned())
            }
            error => IndexError::failed(dir)(error),
        })?;
        let checkpoint = read_checkpoint(dir, &index)?;
        let (schema, fields) = Fields::build();
        if index.schema() != schema {
            return Err(match checkpoint {
                Some(_) => other_version("other fields".to_owned()),
                None => IndexError::Foreign { dir: dir.to_path_buf() },
            });
        }
        register(&mut index);
        Ok(Folder { index, fields, checkpoint })
    }
}

/// The checkpoint of the last commit; `None` where nothing was ever committed.
pub(super) fn read_checkpoint(dir: &Path, index: &Index) -> Result<Option<Checkpoint>, IndexError> {
    #[derive(Deserialize)]
    struct Version {
        earmark_schema: u32,
    }
    let meta = index.load_metas().map_err(IndexError::failed(dir))?;
    let foreign = || IndexError::Foreign { dir: dir.to_path_buf() };
    let Some(payload) = meta.payload else {
        return if meta.segments.is_empty() { Ok(None) } else { Err(foreign()) };
    };
    let version: Version = serde_json::from_str(&payload).map_err(|_| foreign())?;
    if version.earmark_schema != SCHEMA_VERSION {
        let found = format!("schema version {}", version.earmark_schema);
        return Err(IndexError::OtherVersion { dir: dir.to_path_buf(), found });
    }
    let stored = |source| IndexError::Stored { dir: dir.to_path_buf(), source };
    serde_json::from_str(&payload).map(Some).map_err(stored)
}

fn directory(dir: &Path) -> Result<MmapDirectory, IndexError> {
    MmapDirectory::open(dir).map_err(|error| match error {
        OpenDirectoryError::NotADirectory(_) => IndexError::NotAFolder { dir: dir.to_path_buf() },
        error => IndexError::failed(dir)(error),
    })
}

fn has_index(dir: &Path, directory: &MmapDirectory) -> Result<bool, IndexError> {
    Index::exists(directory).map_err(IndexError::failed(dir))
}

/// True for a folder with files in it; hidden ones may be left from an index whose making was cut short.
fn holds_other_files(dir: &Path) -> io::Result<bool> {
    for entry in std::fs::read_dir(dir)? {
        if !entry?.file_name().as_encoded_bytes().starts_with(b".") {
            return Ok(true);
        }
    }
    Ok(false)
}

fn register(index: &mut Index) {
    index.set_tokenizers(analyser::tokenizers());
    index.set_fast_field_tokenizers(analyser::tokenizers());
}
