//! From the characters of a query to its tokens.

use std::ops::Range;

use super::error::Mistake;
use super::field::QueryField;

/// A piece of a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    Open,
    Close,
    And,
    Or,
    Not,
    /// A `-` right before what it excludes.
    Minus,
    /// `NEAR/5`, `NEAR/5f`.
    Near {
        distance: usize,
        ordered: bool,
    },
    /// `name:`, with what it applies to right behind it.
    Field(QueryField),
    /// A word, or the value of a field, without quotes.
    Word(String),
    /// What stood in quotes, and the distance after `~`.
    Quoted {
        text: String,
        slop: Option<usize>,
    },
    /// `[a TO b}`: the bounds, `None` for `*`, and whether each is part of the range.
    Range {
        from: Option<String>,
        to: Option<String>,
        includes_from: bool,
        includes_to: bool,
    },
}

/// A token and the bytes of the query that it was made of.
pub(super) type Placed = (Token, Range<usize>);

/// What phrases stand in; word processors turn the first into the others.
const QUOTES: [char; 6] = ['"', '“', '”', '„', '«', '»'];

const COMMENT_OPEN: &str = "<<<";
const COMMENT_CLOSE: &str = ">>>";

/// Splits a query into tokens.
pub(super) fn tokens(query: &str) -> Result<Vec<Placed>, Mistake> {
    let mut lexer = Lexer { query, at: 0, tokens: Vec::new() };
    while lexer.skip_blanks()? {
        lexer.read()?;
    }
    Ok(lexer.tokens)
}

struct Lexer<'q> {
    query: &'q str,
    at: usize,
    tokens: Vec<Placed>,
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        &self.query[self.at..]
    }

    /// Moves on to the next token; false at the end.
    fn skip_blanks(&mut self) -> Result<bool, Mistake> {
        loop {
            let rest = self.rest();
            let blanks = rest.len() - rest.trim_start().len();
            self.at += blanks;
            if !self.rest().starts_with(COMMENT_OPEN) {
                return Ok(!self.rest().is_empty());
            }
            let Some(end) = self.rest().find(COMMENT_CLOSE) else {
                return Err(Mistake::new(
                    self.at..self.at + COMMENT_OPEN.len(),
                    "this comment is not closed; end it with >>>",
                ));
            };
            self.at += end + COMMENT_CLOSE.len();
        }
    }

    fn push(&mut self, token: Token, bytes: usize) {
        self.tokens.push((token, self.at..self.at + bytes));
        self.at += bytes;
    }

    /// True if the token before is the name of a field that touches what comes now.
    fn follows_field(&self) -> bool {
        matches!(self.tokens.last(), Some((Token::Field(_), bytes)) if bytes.end == self.at)
    }

    fn read(&mut self) -> Result<(), Mistake> {
        let follows_field = self.follows_field();
        let rest = self.rest();
        match rest.chars().next() {
            Some('(') => self.push(Token::Open, 1),
            Some(')') => self.push(Token::Close, 1),
            Some(quote) if QUOTES.contains(&quote) => return self.read_quoted(quote),
            Some('[' | '{') if follows_field => return self.read_range(),
            Some('-') if !follows_field && begins_operand(&rest[1..]) => self.push(Token::Minus, 1),
            _ => return self.read_word(follows_field),
        }
        Ok(())
    }

    fn read_quoted(&mut self, quote: char) -> Result<(), Mistake> {
        let start = self.at;
        let mut text = String::new();
        let opened = start + quote.len_utf8();
        let closes = |c: char| c == '"' || quote != '"' && QUOTES.contains(&c);
        let mut chars = self.query[opened..].char_indices();
        let end = loop {
            match chars.next() {
                None => return Err(Mistake::new(start..opened, "this quote is not closed; end it with \"")),
                Some((at, c)) if closes(c) => break opened + at + c.len_utf8(),
                Some((_, '\\')) => match chars.next() {
                    Some((_, c @ ('"' | '\\'))) => text.push(c),
                    Some((_, c)) => text.extend(['\\', c]),
                    None => text.push('\\'),
                },
                Some((_, c)) => text.push(c),
            }
        };
        let after = &self.query[end..];
        let mut bytes = end - start;
        let mut slop = None;
        if let Some(distance) = after.strip_prefix('~') {
            let digits = distance.bytes().take_while(u8::is_ascii_digit).count();
            bytes += 1 + digits;
            let number = distance[..digits].parse().map_err(|_| {
                Mistake::new(end..end + 1 + digits, "a number of words is expected after ~, as in \"late order\"~3")
            })?;
            slop = Some(number);
        }
        self.push(Token::Quoted { text, slop }, bytes);
        Ok(())
    }

    fn read_range(&mut self) -> Result<(), Mistake> {
        let expected =
            "a range is written [FROM TO UNTIL], with { or } beside a bound that is not part of it and * for none";
        let rest = self.rest();
        let Some(close) = rest.find([']', '}']) else {
            return Err(Mistake::new(self.at..self.query.len(), format!("this range is not closed; {expected}")));
        };
        let mistake = Mistake::new(self.at..self.at + close + 1, expected);
        let words: Vec<&str> = rest[1..close].split_whitespace().map(|word| word.trim_matches('"')).collect();
        let &[from, "TO", to] = words.as_slice() else { return Err(mistake) };
        let bound = |bound: &str| (bound != "*").then(|| bound.to_owned());
        let token = Token::Range {
            from: bound(from),
            to: bound(to),
            includes_from: rest.starts_with('['),
            includes_to: rest[close..].starts_with(']'),
        };
        self.push(token, close + 1);
        Ok(())
    }

    fn read_word(&mut self, is_value: bool) -> Result<(), Mistake> {
        let rest = self.rest();
        let bytes = word_bytes(rest);
        let word = &rest[..bytes];
        if is_value {
            let word = word.to_owned();
            self.push(Token::Word(word), bytes);
            return Ok(());
        }
        if let Some(name) = field_name(word) {
            let end = name.len() + 1;
            let here = self.at..self.at + name.len();
            let Some(field) = QueryField::named(name) else {
                let names = QueryField::names();
                let message = format!(
                    "there is no field {name:?}; put words with a colon, and addresses, in quotes, or choose one of {names}"
                );
                return Err(Mistake::new(here, message));
            };
            let follows = rest[end..].chars().next();
            if follows.is_none_or(|c| c.is_whitespace() || c == ')') {
                return Err(Mistake::new(here, format!("a value is expected right behind {name}:")));
            }
            self.push(Token::Field(field), end);
            return Ok(());
        }
        let token = match word {
            "AND" => Token::And,
            "OR" => Token::Or,
            "NOT" => Token::Not,
            word => match word.strip_prefix("NEAR") {
                Some(distance) if distance.is_empty() || distance.starts_with('/') => self.near(distance, bytes)?,
                _ => self.plain(word, bytes)?,
            },
        };
        self.push(token, bytes);
        Ok(())
    }

    fn near(&self, distance: &str, bytes: usize) -> Result<Token, Mistake> {
        let number = distance.strip_prefix('/').unwrap_or_default();
        let (number, ordered) = number.strip_suffix('f').map_or((number, false), |number| (number, true));
        let distance = number.parse().map_err(|_| {
            let message =
                "how many words may lie between is expected, as in NEAR/5, or NEAR/5f where the left side comes first";
            Mistake::new(self.at..self.at + bytes, message)
        })?;
        Ok(Token::Near { distance, ordered })
    }

    fn plain(&self, word: &str, bytes: usize) -> Result<Token, Mistake> {
        if let Some((before, digits)) = word.rsplit_once('~')
            && !before.is_empty()
            && !digits.is_empty()
            && digits.bytes().all(|b| b.is_ascii_digit())
        {
            let message = "~ and a distance follow a phrase in quotes, as in \"late order\"~3; for spellings of a word use * and ?";
            return Err(Mistake::new(self.at + before.len()..self.at + bytes, message));
        }
        Ok(Token::Word(word.to_owned()))
    }
}

/// How far a word reaches: to a blank, a parenthesis, a quote or a comment.
fn word_bytes(rest: &str) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices() {
        let ends = c.is_whitespace()
            || matches!(c, '(' | ')')
            || QUOTES.contains(&c)
            || c == '<' && rest[at..].starts_with(COMMENT_OPEN);
        if at > 0 && ends && !escaped {
            return at;
        }
        escaped = c == '\\' && !escaped;
    }
    rest.len()
}

/// The name before a colon, if the word is the name of a field and a value.
fn field_name(word: &str) -> Option<&str> {
    let (name, _) = word.split_once(':')?;
    let is_name = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.'));
    is_name.then_some(name)
}

/// True if a `-` before this excludes it.
fn begins_operand(rest: &str) -> bool {
    rest.chars().next().is_some_and(|c| !c.is_whitespace() && !matches!(c, '-' | ')'))
}
