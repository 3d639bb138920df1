//! What earmark does, seen from outside.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "behaviour/input.rs"]
mod input;
