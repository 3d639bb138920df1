//! Behaviour through the public API and the real binary, one module per capability.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

#[path = "behaviour/bundle.rs"]
mod bundle;
#[path = "behaviour/support.rs"]
mod support;
