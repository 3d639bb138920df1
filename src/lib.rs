//! earmark reads brand mentions.
pub mod language;
pub mod mention;
pub mod sentiment;
pub mod text;
pub mod timings;
pub mod topics;
