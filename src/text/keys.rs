//! Keys: what whole values, such as brands and ids, are compared by, in queries and in the index alike.

use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;

/// Longer keywords are cut to this many bytes, at a character; of longer ids a digest is compared.
pub const MAX_KEYWORD_BYTES: usize = 512;

/// The spelling of a keyword that is kept: trimmed, composed, cut; `None` where nothing is left.
pub fn keyword(value: &str) -> Option<String> {
    let mut spelling: String = value.trim().nfc().collect();
    spelling.truncate(spelling.floor_char_boundary(MAX_KEYWORD_BYTES));
    spelling.truncate(spelling.trim_end().len());
    (!spelling.is_empty()).then_some(spelling)
}

/// What a keyword is matched and counted by: its spelling in lower case.
pub fn keyword_key(spelling: &str) -> String {
    spelling.to_lowercase()
}

/// What an id is matched by: itself, or its digest where it is too long for a term.
pub fn id_key(id: &str) -> String {
    if id.len() <= MAX_KEYWORD_BYTES {
        return id.to_owned();
    }
    format!("sha256:{}", super::hex(&Sha256::digest(id.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_keyword_of_a_keyword_is_itself() {
        let cut_at_a_space = format!("{} y", "x".repeat(MAX_KEYWORD_BYTES - 1));
        for value in [cut_at_a_space.as_str(), " a ", "e\u{301}"] {
            let once = keyword(value).unwrap_or_default();
            assert_eq!(keyword(&once).as_ref(), Some(&once));
        }
    }

    #[test]
    fn long_ids_stay_apart() {
        let long = "x".repeat(MAX_KEYWORD_BYTES);
        assert_eq!(id_key(&long), long);
        let (one, other) = (id_key(&format!("{long}1")), id_key(&format!("{long}2")));
        assert!(one.starts_with("sha256:") && one.len() == 71 && one != other);
    }
}
