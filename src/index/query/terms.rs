//! The terms of the index that the words of a query stand for.

use std::collections::HashMap;
use std::sync::Arc;

use tantivy::index::SegmentId;
use tantivy::postings::TermInfo;
use tantivy::schema::Field as Handle;
use tantivy::{Searcher, Term};

use super::MAX_WILDCARD_WORDS;
use crate::index::analyser::{BEFORE_KEY, after_key};
use crate::index::schema::Fields;
use crate::query::{Atom, Pattern};

/// One term, or all that a wildcard stands for.
#[derive(Debug, Clone)]
pub(super) enum Terms {
    One(Term),
    Several(Arc<Expansion>),
}

/// The terms of a field that a wildcard stands for.
#[derive(Debug)]
pub(super) struct Expansion {
    pub field: Handle,
    pub by_segment: HashMap<SegmentId, Vec<TermInfo>>,
    /// How many there are, over all segments; stops soon after the limit.
    pub words: usize,
}

/// The terms of the atoms of a pattern, and how many places after its beginning each stands.
#[derive(Debug, Clone)]
pub(super) struct PatternTerms {
    pub atoms: Vec<(usize, Terms)>,
    pub width: usize,
}

impl PatternTerms {
    pub(super) fn look_up(pattern: &Pattern, fields: &Fields, searcher: &Searcher) -> tantivy::Result<PatternTerms> {
        let atoms = pattern.atoms.iter().map(|(offset, atom)| Ok((*offset, terms_of(atom, fields, searcher)?)));
        Ok(PatternTerms { atoms: atoms.collect::<tantivy::Result<_>>()?, width: pattern.width })
    }

    /// How many terms its wildcards stand for; `None` where it has none.
    pub(super) fn expanded(&self) -> Option<usize> {
        let words = self.atoms.iter().filter_map(|(_, terms)| match terms {
            Terms::One(_) => None,
            Terms::Several(expansion) => Some(expansion.words),
        });
        words.reduce(|all, more| all + more)
    }
}

fn terms_of(atom: &Atom, fields: &Fields, searcher: &Searcher) -> tantivy::Result<Terms> {
    let several = |field: Handle, prefix: &str, is_wanted: &dyn Fn(&str) -> bool| {
        Ok(Terms::Several(expand(field, prefix, is_wanted, searcher)?))
    };
    let text = |token: &str| Ok(Terms::One(Term::from_field_text(fields.text, token)));
    let spelling = |token: &str| Ok(Terms::One(Term::from_field_text(fields.spelling, token)));
    match atom {
        Atom::Token(token) | Atom::Sigil(token) => text(token),
        Atom::Word(glob) => {
            several(fields.text, &glob.prefix(), &|token| !token.starts_with(['#', '@']) && glob.matches(token))
        }
        Atom::SigilLike(glob) => several(fields.text, &glob.prefix(), &|token| glob.matches(token)),
        Atom::Character(c) => several(fields.text, c.encode_utf8(&mut [0; 4]), &|_| true),
        Atom::Spelling(token) => spelling(token),
        Atom::CharacterSpelling(token) => several(fields.spelling, token, &|_| true),
        Atom::Between(between) => spelling(&after_key(between)),
        Atom::After(after) => several(fields.spelling, &after_key(after), &|_| true),
        Atom::Before(before) => several(fields.spelling, BEFORE_KEY, &|token| {
            token.strip_prefix(BEFORE_KEY).is_some_and(|token| token.ends_with(before.as_str()))
        }),
    }
}

/// The terms of a field with a prefix that are wanted.
pub(super) fn expand(
    field: Handle,
    prefix: &str,
    is_wanted: &dyn Fn(&str) -> bool,
    searcher: &Searcher,
) -> tantivy::Result<Arc<Expansion>> {
    let mut expansion = Expansion { field, by_segment: HashMap::new(), words: 0 };
    for segment in searcher.segment_readers() {
        let index = segment.inverted_index(field)?;
        let mut found = Vec::new();
        let mut terms = index.terms().range().ge(prefix).into_stream()?;
        while terms.advance() && terms.key().starts_with(prefix.as_bytes()) {
            if std::str::from_utf8(terms.key()).is_ok_and(is_wanted) {
                found.push(terms.value().clone());
                if expansion.words + found.len() > MAX_WILDCARD_WORDS {
                    break;
                }
            }
        }
        expansion.words += found.len();
        expansion.by_segment.insert(segment.segment_id(), found);
    }
    Ok(Arc::new(expansion))
}

impl Expansion {
    /// The terms in one segment.
    pub(super) fn in_segment(&self, segment: SegmentId) -> &[TermInfo] {
        self.by_segment.get(&segment).map_or(&[], Vec::as_slice)
    }
}
