//! Behaviour through the public API and the real binary, one module per capability.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod bundle;
mod eval;
mod help;
mod ingest;
mod input;
mod language;
mod rejects;
mod runtimes;
mod search;
mod spikes;
mod support;
mod tag;
mod topics;
mod towards;
mod trends;
mod verdict;
