//! What executes the model: ONNX Runtime where one is installed, tract (pure Rust, inside the binary) otherwise.

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use ort::environment::Environment;

use super::ModelError;

/// Which runtime to use.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum RuntimeChoice {
    /// ONNX Runtime where one is found, tract otherwise.
    #[default]
    Auto,
    /// ONNX Runtime, found where `Auto` looks; an error where there is none.
    OnnxRuntime,
    /// ONNX Runtime from this library file.
    OnnxRuntimeAt(PathBuf),
    /// tract.
    Tract,
}

/// The two runtimes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RuntimeKind {
    /// Microsoft's, loaded from this shared library.
    OnnxRuntime(PathBuf),
    /// The pure-Rust one in the binary.
    Tract,
}

impl std::fmt::Display for RuntimeKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            RuntimeKind::OnnxRuntime(path) => write!(f, "ONNX Runtime ({})", path.display()),
            RuntimeKind::Tract => f.write_str("tract (built in)"),
        }
    }
}

/// The runtime of this process.
#[derive(Debug, Clone)]
pub struct Runtime {
    /// Which one it is.
    pub kind: RuntimeKind,
    /// Libraries that were found and passed over, with the reason.
    pub passed_over: Vec<String>,
    pub(super) environment: Environment,
}

static RUNTIME: Mutex<Option<Runtime>> = Mutex::new(None);

impl Runtime {
    /// Starts the runtime of this process, or returns the one that already runs if it satisfies the choice. `ort` binds
    /// one library per process, so a second, different choice is an error.
    pub fn start(choice: &RuntimeChoice) -> Result<Runtime, ModelError> {
        let mut running = RUNTIME.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(runtime) = running.as_ref() {
            return if satisfies(&runtime.kind, choice) {
                Ok(runtime.clone())
            } else {
                Err(ModelError::RuntimeInUse(runtime.kind.to_string()))
            };
        }
        let runtime = match choice {
            RuntimeChoice::Tract => start_tract(Vec::new())?,
            RuntimeChoice::OnnxRuntimeAt(path) => start_named(path)?,
            RuntimeChoice::Auto | RuntimeChoice::OnnxRuntime => match std::env::var_os("ORT_DYLIB_PATH") {
                Some(path) if !path.is_empty() => start_named(Path::new(&path))?,
                _ => start_found(*choice == RuntimeChoice::OnnxRuntime)?,
            },
        };
        *running = Some(runtime.clone());
        Ok(runtime)
    }
}

fn satisfies(kind: &RuntimeKind, choice: &RuntimeChoice) -> bool {
    match (kind, choice) {
        (_, RuntimeChoice::Auto) => true,
        (RuntimeKind::Tract, wanted) => *wanted == RuntimeChoice::Tract,
        (RuntimeKind::OnnxRuntime(_), RuntimeChoice::OnnxRuntime) => true,
        (RuntimeKind::OnnxRuntime(path), RuntimeChoice::OnnxRuntimeAt(wanted)) => path == wanted,
        (RuntimeKind::OnnxRuntime(_), RuntimeChoice::Tract) => false,
    }
}

fn start_tract(passed_over: Vec<String>) -> Result<Runtime, ModelError> {
    ort::set_api(ort_tract::api());
    let environment = ort::init().build().map_err(|e| ModelError::Failed(e.to_string()))?;
    Ok(Runtime { kind: RuntimeKind::Tract, passed_over, environment })
}

fn start_library(path: &Path) -> Result<Runtime, String> {
    let builder = ort::init_from(path).map_err(|e| e.to_string())?;
    let environment = builder.with_telemetry(false).build().map_err(|e| e.to_string())?;
    Ok(Runtime { kind: RuntimeKind::OnnxRuntime(path.into()), passed_over: Vec::new(), environment })
}

fn start_named(path: &Path) -> Result<Runtime, ModelError> {
    start_library(path).map_err(|problem| ModelError::Runtime {
        path: path.into(),
        problem: format!("{problem}; `pip install onnxruntime` installs one that fits, --runtime tract needs none"),
    })
}

/// Tries every library that can be found, in order.
fn start_found(required: bool) -> Result<Runtime, ModelError> {
    let mut passed_over = Vec::new();
    for path in candidates() {
        match start_library(&path) {
            Ok(runtime) => return Ok(Runtime { passed_over, ..runtime }),
            Err(problem) if path.is_absolute() => passed_over.push(format!("{}: {problem}", path.display())),
            Err(_) => {}
        }
    }
    if required { Err(ModelError::NoRuntime) } else { start_tract(passed_over) }
}

/// Where an ONNX Runtime may be: beside this program or on the system's library path (a bare name means both), then in
/// the Python installations that people have.
fn candidates() -> Vec<PathBuf> {
    let mut found = vec![PathBuf::from(format!("{DLL_PREFIX}onnxruntime{DLL_SUFFIX}"))];
    for packages in python_package_folders() {
        let capi = packages.join("onnxruntime").join("capi");
        let mut libraries: Vec<PathBuf> = entries(&capi).into_iter().filter(|path| is_library(path)).collect();
        libraries.sort();
        found.extend(libraries);
    }
    found
}

fn is_library(path: &Path) -> bool {
    let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
    name == "onnxruntime.dll"
        || name.starts_with("libonnxruntime.so")
        || (name.starts_with("libonnxruntime.") && name.ends_with(".dylib"))
}

/// The `site-packages` folders of the active environment, of `python3` on the path, of the user and of the system.
fn python_package_folders() -> Vec<PathBuf> {
    let mut prefixes: Vec<PathBuf> =
        ["VIRTUAL_ENV", "CONDA_PREFIX"].iter().filter_map(std::env::var_os).map(PathBuf::from).collect();
    prefixes.extend(python_on_path());
    if let Some(home) = std::env::var_os("HOME").map(PathBuf::from) {
        prefixes.push(home.join(".local"));
        prefixes.extend(entries(&home.join(".pyenv/versions")));
    }
    prefixes.extend(["/usr/local", "/usr"].map(PathBuf::from));
    let mut folders = Vec::new();
    for prefix in prefixes {
        let libraries = entries(&prefix.join("lib"));
        let pythons = libraries
            .iter()
            .filter(|path| path.file_name().and_then(OsStr::to_str).is_some_and(|name| name.starts_with("python3")));
        for python in pythons {
            folders.extend([python.join("site-packages"), python.join("dist-packages")]);
        }
    }
    folders
}

/// The prefix of the first `python3` on the path, links followed.
fn python_on_path() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let python = std::env::split_paths(&path).map(|dir| dir.join("python3")).find(|python| python.is_file())?;
    Some(python.canonicalize().ok()?.parent()?.parent()?.to_path_buf())
}

/// The entries of a folder, sorted; nothing where it cannot be read.
fn entries(dir: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(dir)
        .map(|entries| entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect())
        .unwrap_or_default();
    paths.sort();
    paths
}
