//! From tokens to an expression.
//!
//! ```text
//! or      = and { "OR" and }
//! and     = unary { ["AND"] unary }
//! unary   = ("NOT" | "-") unary | near
//! near    = primary { "NEAR/n" primary }
//! primary = "(" or ")" | [field ":"] (word | "phrase" ["~" n] | range | "(" or ")")
//! ```

use std::ops::Range;

use super::error::Mistake;
use super::expr::{Expr, FieldTest};
use super::field::{IdField, KeywordField, QueryField};
use super::glob::Glob;
use super::lexer::{Placed, Token};
use super::pattern::{MIN_WILDCARD_LETTERS, Pattern};
use super::span::{MAX_DISTANCE, MAX_LOOSE_PHRASES, MAX_LOOSE_WORDS, SpanExpr};
use super::value::{QueryContext, Written, hours, number_range, time_range, weekdays};
use super::{MAX_CLAUSES, MAX_NESTING, MAX_OPEN_BEGINNINGS, MAX_WILDCARDS};
use crate::text::keys::{id_key, keyword, keyword_key};

/// What came of the tokens of a query.
pub(super) struct Parsed {
    pub expr: Expr,
    pub patterns: Vec<Pattern>,
    /// The fields that are asked for, and where.
    pub fields: Vec<(QueryField, Range<usize>)>,
    /// Where a time is given that depends on the time of asking.
    pub relative: Option<Range<usize>>,
}

pub(super) fn parse(tokens: Vec<Placed>, context: &QueryContext, end: usize) -> Result<Parsed, Mistake> {
    let nothing = Parsed { expr: Expr::All, patterns: Vec::new(), fields: Vec::new(), relative: None };
    let mut parser = Parser {
        tokens,
        at: 0,
        end,
        context,
        depth: 0,
        clauses: 0,
        wildcards: 0,
        open_beginnings: 0,
        loose_phrases: 0,
        field: None,
        parsed: nothing,
    };
    if parser.is_all() {
        return Ok(parser.parsed);
    }
    parser.parsed.expr = parser.or()?;
    match parser.peek() {
        None => Ok(parser.parsed),
        Some(Token::Close) => Err(Mistake::new(parser.here(), "this ) closes nothing")),
        Some(_) => Err(Mistake::new(parser.here(), "this is not expected here")),
    }
}

struct Parser<'c> {
    tokens: Vec<Placed>,
    at: usize,
    /// Length of the query.
    end: usize,
    context: &'c QueryContext,
    depth: usize,
    clauses: usize,
    wildcards: usize,
    open_beginnings: usize,
    loose_phrases: usize,
    /// The field that a group stands behind.
    field: Option<QueryField>,
    parsed: Parsed,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|(token, _)| token)
    }

    /// The bytes of the next token, or the end of the query.
    fn here(&self) -> Range<usize> {
        self.tokens.get(self.at).map_or(self.end..self.end, |(_, bytes)| bytes.clone())
    }

    /// The bytes of the token before.
    fn last(&self) -> Range<usize> {
        self.at.checked_sub(1).and_then(|at| self.tokens.get(at)).map_or(0..0, |(_, bytes)| bytes.clone())
    }

    /// True for a query that selects everything.
    fn is_all(&self) -> bool {
        match self.tokens.as_slice() {
            [] => true,
            [(Token::Word(word), _)] => word == "*",
            _ => false,
        }
    }

    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Mistake>) -> Result<T, Mistake> {
        self.depth += 1;
        if self.depth > MAX_NESTING {
            return Err(Mistake::new(self.here(), format!("the query nests deeper than {MAX_NESTING} levels")));
        }
        let result = read(self);
        self.depth -= 1;
        result
    }

    fn or(&mut self) -> Result<Expr, Mistake> {
        let mut choices = vec![self.and()?];
        while self.peek() == Some(&Token::Or) {
            self.at += 1;
            choices.push(self.and()?);
        }
        Ok(Expr::one_or(choices, Expr::Or))
    }

    fn and(&mut self) -> Result<Expr, Mistake> {
        let mut parts = vec![self.unary()?];
        loop {
            match self.peek() {
                None | Some(Token::Or | Token::Close) => break,
                Some(Token::And) => self.at += 1,
                Some(_) => {}
            }
            parts.push(self.unary()?);
        }
        Ok(Expr::one_or(parts, Expr::And))
    }

    fn unary(&mut self) -> Result<Expr, Mistake> {
        match self.peek() {
            Some(Token::Not | Token::Minus) => {
                self.at += 1;
                let operand = self.deeper(Self::unary)?;
                Ok(Expr::Not(Box::new(operand)))
            }
            _ => self.near(),
        }
    }

    fn near(&mut self) -> Result<Expr, Mistake> {
        let begin = self.here().start;
        let mut chain = 0;
        let mut left = self.primary()?;
        while let Some(&Token::Near { distance, ordered }) = self.peek() {
            let operator = self.here();
            let left_bytes = begin..self.last().end;
            if distance > MAX_DISTANCE {
                return Err(Mistake::new(operator, format!("the distance of NEAR is at most {MAX_DISTANCE}")));
            }
            self.at += 1;
            let begin = self.here().start;
            let right = self.primary()?;
            let right_bytes = begin..self.last().end;
            let side = |expr: Expr, bytes: Range<usize>| {
                let message = "beside NEAR stand words, phrases, or groups of them joined by OR";
                expr.into_spans().map(Box::new).ok_or_else(|| Mistake::new(bytes, message))
            };
            let (left_spans, right_spans) = (side(left, left_bytes)?, side(right, right_bytes)?);
            left = Expr::Text(SpanExpr::Near { left: left_spans, right: right_spans, distance, ordered });
            // A chain nests to the left.
            chain += 1;
            if self.depth + chain > MAX_NESTING {
                return Err(Mistake::new(operator, format!("the query nests deeper than {MAX_NESTING} levels")));
            }
        }
        Ok(left)
    }

    fn primary(&mut self) -> Result<Expr, Mistake> {
        let here = self.here();
        let Some((token, _)) = self.tokens.get(self.at).cloned() else {
            return Err(Mistake::new(here, "a word, a phrase or a field is expected here"));
        };
        self.at += 1;
        match token {
            Token::Open => self.group(here),
            Token::Field(field) => self.field_value(field, here),
            Token::Word(_) | Token::Quoted { .. } => self.leaf(self.field.unwrap_or(QueryField::Text), &token, here),
            Token::Close => Err(Mistake::new(here, "a word, a phrase or a field is expected before this )")),
            Token::Range { .. } => Err(Mistake::new(here, "a range stands behind a field, as in likes:[10 TO 20]")),
            Token::And | Token::Or | Token::Near { .. } => {
                let message = "a word, a phrase or a field is expected before this; to search for the word itself, put it in quotes";
                Err(Mistake::new(here, message))
            }
            Token::Not | Token::Minus => Err(Mistake::new(here, "put what is to be excluded in parentheses here")),
        }
    }

    fn group(&mut self, open: Range<usize>) -> Result<Expr, Mistake> {
        let inner = self.deeper(Self::or)?;
        if self.peek() != Some(&Token::Close) {
            return Err(Mistake::new(open, "this ( is not closed"));
        }
        self.at += 1;
        Ok(inner)
    }

    fn field_value(&mut self, field: QueryField, name: Range<usize>) -> Result<Expr, Mistake> {
        if self.field.is_some() {
            return Err(Mistake::new(name, "within the values of a field there are no other fields"));
        }
        let here = self.here();
        let Some((token, _)) = self.tokens.get(self.at).cloned() else {
            return Err(Mistake::new(name, "a value is expected behind the field"));
        };
        self.at += 1;
        if token == Token::Open {
            self.field = Some(field);
            let group = self.group(here);
            self.field = None;
            return group;
        }
        self.leaf(field, &token, name.start..here.end)
    }

    /// A word, phrase, value or range in a field.
    fn leaf(&mut self, field: QueryField, token: &Token, bytes: Range<usize>) -> Result<Expr, Mistake> {
        self.clauses += 1;
        if self.clauses > MAX_CLAUSES {
            return Err(Mistake::new(
                bytes,
                format!("the query has more than {MAX_CLAUSES} words, phrases and values"),
            ));
        }
        let expr = match field {
            QueryField::Text => self.text(token),
            QueryField::Raw => self.raw(token),
            field => {
                self.parsed.fields.push((field, bytes.clone()));
                self.test(field, token, &bytes).map(Expr::Field)
            }
        };
        expr.map_err(|message| Mistake::new(bytes, message))
    }

    /// The number of a pattern, known or new.
    fn pattern(&mut self, pattern: Pattern) -> Result<usize, String> {
        if let Some(known) = self.parsed.patterns.iter().position(|known| *known == pattern) {
            return Ok(known);
        }
        self.count_wildcards(pattern.globs().count(), pattern.open_beginnings())?;
        self.parsed.patterns.push(pattern);
        Ok(self.parsed.patterns.len() - 1)
    }

    /// Counts words with wildcards, and those for which the index must go through its whole dictionary.
    fn count_wildcards(&mut self, wildcards: usize, open_beginnings: usize) -> Result<(), String> {
        self.wildcards += wildcards;
        if self.wildcards > MAX_WILDCARDS {
            return Err(format!("the query has more than {MAX_WILDCARDS} words with wildcards"));
        }
        self.open_beginnings += open_beginnings;
        if self.open_beginnings > MAX_OPEN_BEGINNINGS {
            return Err(format!(
                "the query has more than {MAX_OPEN_BEGINNINGS} words that begin with a wildcard, or raw: values that begin with punctuation"
            ));
        }
        Ok(())
    }

    fn text(&mut self, token: &Token) -> Result<Expr, String> {
        match token {
            Token::Word(word) if word == "*" => Ok(Expr::All),
            Token::Word(text) | Token::Quoted { text, slop: None } => {
                let pattern = Pattern::of_words(text)?;
                Ok(Expr::Text(SpanExpr::Pattern(self.pattern(pattern)?)))
            }
            Token::Quoted { text, slop: Some(slop) } => self.loose(text, *slop),
            _ => Err("a word or a phrase is expected here".to_owned()),
        }
    }

    fn loose(&mut self, phrase: &str, slop: usize) -> Result<Expr, String> {
        if slop > MAX_DISTANCE {
            return Err(format!("the distance after ~ is at most {MAX_DISTANCE}"));
        }
        let words: Vec<Pattern> = phrase.split_whitespace().map(Pattern::of_words).collect::<Result<_, _>>()?;
        if words.len() > MAX_LOOSE_WORDS {
            return Err(format!("a phrase with ~ has at most {MAX_LOOSE_WORDS} words"));
        }
        self.loose_phrases += 1;
        if self.loose_phrases > MAX_LOOSE_PHRASES {
            return Err(format!("the query has more than {MAX_LOOSE_PHRASES} phrases with ~"));
        }
        let window = words.iter().map(|word| word.width).sum::<usize>() + slop;
        let parts: Vec<usize> = words.into_iter().map(|word| self.pattern(word)).collect::<Result<_, _>>()?;
        match parts.as_slice() {
            [] => Err("a word is expected in this phrase".to_owned()),
            [one] => Ok(Expr::Text(SpanExpr::Pattern(*one))),
            _ => Ok(Expr::Text(SpanExpr::Loose { parts, window })),
        }
    }

    fn raw(&mut self, token: &Token) -> Result<Expr, String> {
        let (Token::Word(text) | Token::Quoted { text, slop: None }) = token else {
            return Err("raw: takes a word, or a phrase in quotes".to_owned());
        };
        let pattern = Pattern::of_spelling(text)?;
        Ok(Expr::Text(SpanExpr::Pattern(self.pattern(pattern)?)))
    }

    fn test(&mut self, field: QueryField, token: &Token, bytes: &Range<usize>) -> Result<FieldTest, String> {
        if *token == Token::Word("*".to_owned()) {
            return match field {
                QueryField::Hour | QueryField::Weekday => Ok(FieldTest::Exists(QueryField::CreatedAt)),
                field => Ok(FieldTest::Exists(field)),
            };
        }
        match field {
            QueryField::Keyword(field) => {
                let test = keyword_test(field, token)?;
                if let FieldTest::KeywordLike(_, glob) = &test {
                    self.count_wildcards(1, usize::from(glob.prefix().is_empty()))?;
                }
                Ok(test)
            }
            QueryField::Id(field) => id_test(field, token),
            QueryField::Number(field) => Ok(FieldTest::Number(field, number_range(field, &written(token)?)?)),
            QueryField::CreatedAt => {
                let (range, is_relative) = time_range(self.context, &written(token)?)?;
                if is_relative {
                    self.parsed.relative = Some(bytes.clone());
                }
                Ok(FieldTest::Time(range))
            }
            QueryField::Hour => Ok(FieldTest::Hours(hours(&plain(token)?)?)),
            QueryField::Weekday => Ok(FieldTest::Weekdays(weekdays(&plain(token)?)?)),
            QueryField::Text | QueryField::Raw => Err("a word or a phrase is expected here".to_owned()),
        }
    }
}

/// The value of a field in one piece.
fn plain(token: &Token) -> Result<String, String> {
    match token {
        Token::Word(text) | Token::Quoted { text, slop: None } => Ok(text.clone()),
        Token::Quoted { .. } => Err("~ follows a phrase of the text, not the value of a field".to_owned()),
        _ => Err("a range has no place here; write one value, or several: field:(a OR b)".to_owned()),
    }
}

fn written(token: &Token) -> Result<Written, String> {
    Ok(match token {
        Token::Range { from, to, includes_from, includes_to } => Written::Between {
            from: from.clone(),
            to: to.clone(),
            includes_from: *includes_from,
            includes_to: *includes_to,
        },
        token => Written::read(&plain(token)?),
    })
}

fn keyword_test(field: KeywordField, token: &Token) -> Result<FieldTest, String> {
    let text = plain(token)?;
    let value = keyword(&text).map(|spelling| keyword_key(&spelling)).ok_or("a value is expected here")?;
    if !matches!(token, Token::Word(_)) || !text.contains(['*', '?']) {
        return Ok(FieldTest::Keyword(field, value));
    }
    let glob = Glob::new(&value, '*', '?');
    if glob.letters() < MIN_WILDCARD_LETTERS {
        return Err(format!(
            "a value with * or ? needs at least {MIN_WILDCARD_LETTERS} letters beside them; {field}:* asks for any value"
        ));
    }
    Ok(FieldTest::KeywordLike(field, glob))
}

fn id_test(field: IdField, token: &Token) -> Result<FieldTest, String> {
    let text = plain(token)?;
    if text.is_empty() {
        return Err("an id is expected here".to_owned());
    }
    Ok(FieldTest::Id(field, id_key(&text)))
}
