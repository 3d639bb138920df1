//! Wildcards: `*` for any letters, `?` for one.

use std::fmt;

impl fmt::Display for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pieces.iter().try_for_each(|piece| match piece {
            Piece::Letter(c) => write!(f, "{c}"),
            Piece::One => f.write_str("?"),
            Piece::Any => f.write_str("*"),
        })
    }
}

/// A word or value with wildcards.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Glob {
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Piece {
    Letter(char),
    One,
    Any,
}

impl Glob {
    /// The glob of a text in which `any` and `one` stand for the wildcards; several `any` in a row are one.
    pub fn new(text: &str, any: char, one: char) -> Glob {
        let mut pieces: Vec<Piece> = Vec::new();
        for c in text.chars() {
            match c {
                c if c == any && pieces.last() == Some(&Piece::Any) => {}
                c if c == any => pieces.push(Piece::Any),
                c if c == one => pieces.push(Piece::One),
                c => pieces.push(Piece::Letter(c)),
            }
        }
        Glob { pieces }
    }

    /// How many characters it names.
    pub fn letters(&self) -> usize {
        self.pieces.iter().filter(|piece| matches!(piece, Piece::Letter(_))).count()
    }

    /// The characters before the first wildcard.
    pub fn prefix(&self) -> String {
        let letters = self.pieces.iter().map_while(|piece| match piece {
            Piece::Letter(c) => Some(*c),
            Piece::One | Piece::Any => None,
        });
        letters.collect()
    }

    /// The longest run of characters without a wildcard.
    pub fn longest_literal(&self) -> String {
        let mut longest = String::new();
        for run in self.pieces.split(|piece| !matches!(piece, Piece::Letter(_))) {
            let run: String =
                run.iter().filter_map(|piece| if let Piece::Letter(c) = piece { Some(c) } else { None }).collect();
            if run.len() > longest.len() {
                longest = run;
            }
        }
        longest
    }

    /// True if a whole text is of this form. Takes at most length of text × length of glob steps.
    pub fn matches(&self, text: &str) -> bool {
        let mut rest = text.chars();
        let mut at = 0;
        // Where to go on when the letters after the last `*` turn out not to fit: one letter further than before.
        let mut retry: Option<(usize, std::str::Chars)> = None;
        loop {
            let here = rest.clone();
            match (self.pieces.get(at), rest.next()) {
                (Some(Piece::Any), _) => {
                    at += 1;
                    rest = here.clone();
                    retry = Some((at, here));
                    continue;
                }
                (None, None) => return true,
                (Some(Piece::One), Some(_)) => at += 1,
                (Some(Piece::Letter(wanted)), Some(c)) if *wanted == c => at += 1,
                (_, None) => return false,
                (_, Some(_)) => match &mut retry {
                    None => return false,
                    Some((after_any, from)) => {
                        from.next();
                        (at, rest) = (*after_any, from.clone());
                    }
                },
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn glob(text: &str) -> Glob {
        Glob::new(text, '*', '?')
    }

    #[test]
    fn wildcards_stand_for_letters() {
        let yes = [
            ("late*", "late"),
            ("late*", "lately"),
            ("*ate", "plate"),
            ("c?l*r", "colour"),
            ("a**b", "ab"),
            ("?é", "eé"),
        ];
        let no = [("late*", "plate"), ("*ate", "later"), ("c?r", "cr"), ("a*b", "abc"), ("", "a"), ("?", "")];
        assert!(yes.iter().all(|(pattern, text)| glob(pattern).matches(text)));
        assert!(no.iter().all(|(pattern, text)| !glob(pattern).matches(text)));
        assert_eq!((glob("a*bcd?e").longest_literal().as_str(), glob("a*bcd?e").prefix().as_str()), ("bcd", "a"));
        assert_eq!(glob("a*b?").letters(), 2);
    }

    fn naive(pattern: &[char], text: &[char]) -> bool {
        match pattern.split_first() {
            None => text.is_empty(),
            Some(('*', rest)) => (0..=text.len()).any(|skipped| naive(rest, &text[skipped..])),
            Some(('?', rest)) => !text.is_empty() && naive(rest, &text[1..]),
            Some((c, rest)) => text.first() == Some(c) && naive(rest, &text[1..]),
        }
    }

    proptest! {
        #[test]
        fn agrees_with_trying_everything(pattern in "[abé*?]{0,8}", text in "[abé]{0,10}") {
            let chars = |text: &str| text.chars().collect::<Vec<char>>();
            prop_assert_eq!(glob(&pattern).matches(&text), naive(&chars(&pattern), &chars(&text)));
        }
    }
}
