//! Behaviour through the public API and the real binary, one module per capability.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod bundle;
mod input;
mod support;
