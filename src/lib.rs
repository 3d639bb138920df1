//! earmark reads brand mentions.
pub mod input;
pub mod mention;
pub mod text;
