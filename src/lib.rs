//! earmark reads brand mentions.
pub mod mention;
pub mod text;
