//! What several modules need.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;
use earmark::sentiment::{Bundle, Runtime, RuntimeChoice, Score, Scorer};
use earmark::timings::Timings;
use serde_json::Value;
use tempfile::TempDir;

/// A file or folder under `tests/fixtures`.
pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

/// A file under `examples`.
pub fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name)
}

/// The runtime of this test process: tract, which is always there.
pub fn runtime() -> Runtime {
    Runtime::start(&RuntimeChoice::Tract).unwrap()
}

/// Scores texts with a bundle.
pub fn score(bundle: &Bundle, texts: &[&str], batch_tokens: usize) -> Vec<Score> {
    Scorer::open(bundle, &runtime(), batch_tokens).unwrap().score(texts, &Timings::default()).unwrap()
}

/// A fresh folder to run the real binary in, with the built-in runtime.
pub struct Workspace {
    pub dir: TempDir,
}

impl Workspace {
    pub fn new() -> Workspace {
        Workspace { dir: tempfile::tempdir().unwrap() }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, content).unwrap();
        path
    }

    pub fn command(&self) -> Command {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("earmark"));
        command.current_dir(self.dir.path()).env("EARMARK_RUNTIME", "tract");
        for of_the_user in [
            "ORT_DYLIB_PATH",
            "EARMARK_INDEX",
            "EARMARK_MODEL",
            "EARMARK_TAXONOMY",
            "EARMARK_SENTIMENT_RULES",
            "EARMARK_CORRECTIONS",
            "EARMARK_BRANDS",
            "EARMARK_THREADS",
            "COLUMNS",
        ] {
            command.env_remove(of_the_user);
        }
        command
    }

    /// Runs `earmark` with these arguments.
    pub fn run(&self, args: &[&str]) -> Run {
        Run(self.command().args(args).output().unwrap())
    }

    /// Runs `earmark` with something on its standard input.
    pub fn run_with_input(&self, args: &[&str], input: impl Into<Vec<u8>>) -> Run {
        Run(self.command().args(args).write_stdin(input).output().unwrap())
    }
}

/// What a run of the binary left behind.
pub struct Run(pub Output);

impl Run {
    pub fn status(&self) -> i32 {
        self.0.status.code().unwrap_or(-1)
    }

    pub fn stdout(&self) -> String {
        String::from_utf8(self.0.stdout.clone()).unwrap()
    }

    pub fn stderr(&self) -> String {
        String::from_utf8(self.0.stderr.clone()).unwrap()
    }

    /// Fails the test unless the run ended with this status.
    #[track_caller]
    pub fn expect_status(self, status: i32) -> Run {
        assert_eq!(self.status(), status, "stdout: {}\nstderr: {}", self.stdout(), self.stderr());
        self
    }

    /// Standard output as one JSON value.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout()).unwrap_or_else(|e| panic!("{e}: {}{}", self.stdout(), self.stderr()))
    }

    /// Standard output as JSON lines.
    #[track_caller]
    pub fn json_lines(&self) -> Vec<Value> {
        self.stdout().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}
