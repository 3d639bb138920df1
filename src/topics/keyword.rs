//! One keyword of a taxonomy.

use std::sync::Arc;

use crate::text::canonical::{BREAK, canonical};

/// A word or phrase: `late`, `late delivery`, `kavē*` (any continuation), `*versand` (any beginning).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keyword {
    /// As it is written in the taxonomy.
    pub rule: Arc<str>,
    /// Folded, words separated by one space.
    pub(super) pattern: String,
    /// True if the word it begins with may begin earlier.
    pub(super) open_start: bool,
    /// True if the word it ends with may go on.
    pub(super) open_end: bool,
}

impl Keyword {
    /// Parses a keyword; the error says what is wrong with it.
    pub(super) fn parse(rule: &str) -> Result<Keyword, String> {
        let inner = rule.trim();
        let (inner, open_end) = inner.strip_suffix('*').map_or((inner, false), |rest| (rest, true));
        let (inner, open_start) = inner.strip_prefix('*').map_or((inner, false), |rest| (rest, true));
        if inner.contains('*') {
            return Err(format!("keyword {rule:?}: `*` may stand at its beginning and its end only"));
        }
        let pattern = canonical(inner).text;
        let pattern = pattern.trim_matches([' ', BREAK]);
        if pattern.is_empty() {
            return Err(format!("keyword {rule:?} has no letters, digits or emoji"));
        }
        if pattern.contains(BREAK) {
            return Err(format!("keyword {rule:?} spans punctuation that ends a sentence; a phrase never does"));
        }
        Ok(Keyword { rule: rule.into(), pattern: pattern.to_owned(), open_start, open_end })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_open_ends() -> Result<(), String> {
        let keyword = Keyword::parse("Kavē*")?;
        assert_eq!((keyword.pattern.as_str(), keyword.open_start, keyword.open_end), ("kave", false, true));
        let keyword = Keyword::parse("*Versand")?;
        assert_eq!((keyword.pattern.as_str(), keyword.open_start, keyword.open_end), ("versand", true, false));
        assert_eq!(Keyword::parse("can't log-in")?.pattern, "can t log in");
        Ok(())
    }
}
