//! earmark reads brand mentions.
pub mod eval;
pub mod language;
pub mod mention;
pub mod pipeline;
pub mod sentiment;
pub mod tagger;
pub mod text;
pub mod timings;
pub mod topics;
