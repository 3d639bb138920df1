//! earmark reads brand mentions.
pub mod index;
pub mod mention;
pub mod text;
pub mod trends;
