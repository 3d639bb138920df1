//! What earmark does to text, once, in one place: folding for matching and search, the places that queries count in, and the clean-up a model reads.
//!
//! Nothing here changes a mention's own text. Folding keeps the way back: a span found in folded text is reported in
//! Unicode characters of the original.

pub mod canonical;
pub mod clean;
pub mod fold;
pub mod keys;
pub mod places;
pub mod script;
pub mod similar;

/// True for a text with nothing to read: empty, or white space and invisible characters only.
pub fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || script::is_invisible(c))
}

/// Bytes as lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
