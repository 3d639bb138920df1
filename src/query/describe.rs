//! Parts of a query in words, for people who want to know how it was understood.

use std::fmt;
use std::ops::Bound;

use jiff::Timestamp;

use super::expr::FieldTest;
use super::field::{IdField, QueryField};
use super::pattern::{Atom, Pattern};
use super::value::WEEKDAYS;
use crate::text::places::{BREAK_TOKEN, GAP_TOKEN};

/// What a pattern looks for.
pub(crate) fn describe_pattern(pattern: &Pattern) -> String {
    let parts: Vec<String> = pattern.atoms.iter().map(|(_, atom)| atom.to_string()).collect();
    let kind = if pattern.atoms.iter().any(|(_, atom)| is_exact(atom)) {
        "spelled"
    } else if pattern.width > 1 {
        "phrase"
    } else {
        "word"
    };
    format!("{kind} {}", parts.join(" "))
}

fn is_exact(atom: &Atom) -> bool {
    use Atom::{After, Before, Between, CharacterSpelling, Spelling};
    matches!(atom, Spelling(_) | CharacterSpelling(_) | Between(_) | After(_) | Before(_))
}

impl fmt::Display for Atom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Atom::Token(token) if token == BREAK_TOKEN => f.write_str("(punctuation)"),
            Atom::Token(token) if token == GAP_TOKEN => f.write_str("(space)"),
            Atom::Token(token) | Atom::Sigil(token) | Atom::Spelling(token) => f.write_str(token),
            Atom::Word(glob) | Atom::SigilLike(glob) => glob.fmt(f),
            Atom::Character(c) => write!(f, "{c}"),
            Atom::CharacterSpelling(token) => f.write_str(token),
            Atom::Between(between) => write!(f, "{between:?}"),
            Atom::After(after) => write!(f, "before {after:?}"),
            Atom::Before(before) => write!(f, "after {before:?}"),
        }
    }
}

impl fmt::Display for FieldTest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FieldTest::Keyword(field, key) => write!(f, "{field} is {key:?}"),
            FieldTest::KeywordLike(field, glob) => write!(f, "{field} is like {glob}"),
            FieldTest::Id(field, key) => write!(f, "{} is {key:?}", id_name(*field)),
            FieldTest::Number(field, range) => {
                f.write_str(field.name())?;
                bound(f, "from", "above", &range.from)?;
                bound(f, "to", "below", &range.to)
            }
            FieldTest::Time(range) => {
                let time = |second: i64| {
                    Timestamp::from_second(second).map_or_else(|_| second.to_string(), |time| time.to_string())
                };
                f.write_str("published")?;
                range.from.map_or(Ok(()), |from| write!(f, " from {}", time(from)))?;
                range.until.map_or(Ok(()), |until| write!(f, " before {}", time(until)))
            }
            FieldTest::Hours(hours) => write!(f, "published in the hours {}", listed(*hours)),
            FieldTest::Weekdays(days) => {
                write!(f, "published on {}", weekday_names(*days))
            }
            FieldTest::Exists(field) => write!(f, "has {}", field.name()),
        }
    }
}

fn id_name(field: IdField) -> &'static str {
    QueryField::Id(field).name()
}

fn bound(f: &mut fmt::Formatter<'_>, included: &str, excluded: &str, bound: &Bound<f64>) -> fmt::Result {
    match bound {
        Bound::Included(number) => write!(f, " {included} {number}"),
        Bound::Excluded(number) => write!(f, " {excluded} {number}"),
        Bound::Unbounded => Ok(()),
    }
}

fn weekday_names(days: u8) -> String {
    let names = WEEKDAYS.iter().enumerate().filter(|(day, _)| days >> day & 1 == 1);
    names.map(|(_, name)| *name).collect::<Vec<_>>().join(", ")
}

fn listed(bits: u32) -> String {
    let set: Vec<String> = (0..32).filter(|bit| bits >> bit & 1 == 1).map(|bit| bit.to_string()).collect();
    set.join(", ")
}
