//! Which part of a text speaks of which brand.

use std::ops::Range;

use crate::mention::{Basis, TopicMatch};

/// A clause with fewer letters than this beside its brands is part of a list that goes on in the next.
const MIN_OWN_LETTERS: usize = 4;

/// A word that sets brands against each other, in Unicode characters of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cue {
    pub start: usize,
    pub end: usize,
}

/// The cues of a text, each list in text order.
#[derive(Debug, Default)]
pub(super) struct Cues {
    /// Where a new clause begins.
    pub contrast: Vec<Cue>,
    /// After which the other side of a comparison stands.
    pub against: Vec<Cue>,
    /// After which stands what was left.
    pub left: Vec<Cue>,
    /// After which stands where the writer went.
    pub joined: Vec<Cue>,
}

/// The part of a text that speaks of a brand.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub basis: Basis,
    /// `None` where it is the whole text.
    pub text: Option<String>,
}

/// For each of several brands (given by where they are named), the part of the text that speaks of it.
pub(super) fn divide(text: &str, cues: &Cues, brands: &[&[TopicMatch]]) -> Vec<Part> {
    let chars: Vec<char> = text.chars().collect();
    let clauses = join_lists(&chars, split(&chars, &cues.contrast), brands);
    let owners = owners(&clauses, brands);
    brands.iter().enumerate().map(|(brand, named)| part(&chars, cues, &clauses, &owners, brand, named)).collect()
}

fn part(
    chars: &[char],
    cues: &Cues,
    clauses: &[Range<usize>],
    owners: &[Vec<usize>],
    brand: usize,
    named: &[TopicMatch],
) -> Part {
    let mine: Vec<&Range<usize>> =
        clauses.iter().zip(owners).filter(|(_, owners)| owners.contains(&brand)).map(|(clause, _)| clause).collect();
    let against = clauses.iter().zip(owners).any(|(clause, owners)| {
        owners.len() > 1 && named.iter().any(|name| lies_in(name, clause) && is_other_side(name, clause, cues))
    });
    let words: Vec<String> = mine.iter().map(|clause| trimmed(&chars[clause.start..clause.end])).collect();
    Part { basis: if against { Basis::Against } else { Basis::Clauses }, text: Some(words.join(" ")) }
}

/// True if a brand named here is what the clause's opinion is set against: it stands after a comparison ("better than"),
/// or after a parting ("left") with no arrival ("for") between.
fn is_other_side(name: &TopicMatch, clause: &Range<usize>, cues: &Cues) -> bool {
    let before = |cues: &[Cue]| {
        cues.iter().filter(|cue| clause.contains(&cue.start) && cue.end <= name.start).map(|cue| cue.end).max()
    };
    if before(&cues.against).is_some() {
        return true;
    }
    before(&cues.left).is_some_and(|parted| before(&cues.joined).is_none_or(|arrived| arrived <= parted))
}

/// Cuts at the ends of sentences, at commas and the like, and before contrasting words.
fn split(chars: &[char], contrast: &[Cue]) -> Vec<Range<usize>> {
    let mut clauses = Vec::new();
    let mut start = 0;
    for (at, &c) in chars.iter().enumerate() {
        let next_is_space = chars.get(at + 1).is_none_or(|next| next.is_whitespace());
        let ends = match c {
            '\n' | '。' | '！' | '？' | '；' | '，' | '、' | '…' | '।' | '։' | '—' | '–' => true,
            '.' | '!' | '?' | ';' | ',' | ':' | '،' | '؟' | ')' => next_is_space,
            '-' => next_is_space && at > 0 && chars[at - 1].is_whitespace(),
            _ => false,
        };
        if contrast.iter().any(|cue| cue.start == at) && at > start {
            clauses.push(start..at);
            start = at;
        }
        if ends {
            clauses.push(start..at);
            start = at + 1;
        }
    }
    clauses.push(start..chars.len());
    clauses.retain(|clause| chars[clause.clone()].iter().any(|c| c.is_alphanumeric()));
    clauses
}

/// Joins a clause that is nothing but brands with the next one: "Kurio, Belltix and Nordbank all failed".
fn join_lists(chars: &[char], clauses: Vec<Range<usize>>, brands: &[&[TopicMatch]]) -> Vec<Range<usize>> {
    let mut joined: Vec<Range<usize>> = Vec::with_capacity(clauses.len());
    let mut open: Option<usize> = None;
    for clause in clauses {
        let clause = open.take().unwrap_or(clause.start)..clause.end;
        let names: Vec<&TopicMatch> =
            brands.iter().flat_map(|named| named.iter()).filter(|name| lies_in(name, &clause)).collect();
        let own = clause.clone().filter(|&at| {
            chars[at].is_alphanumeric() && !names.iter().any(|name| (name.start..name.end).contains(&at))
        });
        if !names.is_empty() && own.count() < MIN_OWN_LETTERS {
            open = Some(clause.start);
        } else {
            joined.push(clause);
        }
    }
    joined.extend(open.map(|start| start..chars.len()));
    joined
}

/// The brands each clause speaks of: those it names, or else those of the clause before; the clauses before the first
/// brand go with it.
fn owners(clauses: &[Range<usize>], brands: &[&[TopicMatch]]) -> Vec<Vec<usize>> {
    let named = |clause: &Range<usize>| -> Vec<usize> {
        (0..brands.len()).filter(|&brand| brands[brand].iter().any(|name| lies_in(name, clause))).collect()
    };
    let mut current = clauses.iter().map(&named).find(|owners| !owners.is_empty()).unwrap_or_default();
    clauses
        .iter()
        .map(|clause| {
            let mine = named(clause);
            if !mine.is_empty() {
                current = mine;
            }
            current.clone()
        })
        .collect()
}

fn lies_in(name: &TopicMatch, clause: &Range<usize>) -> bool {
    clause.contains(&name.start)
}

/// The words of a clause, without the marks at its ends and inside lists.
fn trimmed(chars: &[char]) -> String {
    let text: String = chars.iter().map(|&c| if c == ',' || c == '\n' { ' ' } else { c }).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ").trim_matches(['.', '!', ';', ':']).to_owned()
}
