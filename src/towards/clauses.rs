//! Which part of a text speaks of which brand.

use std::ops::Range;

use crate::mention::{Basis, TopicMatch};

/// A clause with fewer letters than this beside its brands is part of a list that goes on in the next.
const MIN_OWN_LETTERS: usize = 4;

/// Words that set brands against each other: where each begins and ends, in Unicode characters of the text, in order.
#[derive(Debug, Default)]
pub(super) struct Cues {
    /// Where a new clause begins.
    pub contrast: Vec<Range<usize>>,
    /// After which the other side of a comparison stands.
    pub against: Vec<Range<usize>>,
    /// After which stands what was left.
    pub left: Vec<Range<usize>>,
    /// After which stands where the writer went.
    pub joined: Vec<Range<usize>>,
}

/// The part of a text that speaks of a brand.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub basis: Basis,
    pub text: String,
}

/// A stretch of the text and the brands it speaks of.
#[derive(Debug)]
struct Clause {
    chars: Range<usize>,
    owners: Vec<usize>,
    /// Those of the owners that the clause's opinion is set against.
    against: Vec<usize>,
}

/// For each of several brands (given by where they are named), the part of the text that speaks of it.
pub(super) fn divide(text: &str, cues: &Cues, brands: &[&[TopicMatch]]) -> Vec<Part> {
    let chars: Vec<char> = text.chars().collect();
    let stretches = join_lists(&chars, split(&chars, &cues.contrast), brands);
    let clauses = assign(stretches, cues, brands);
    (0..brands.len()).map(|brand| part(&chars, &clauses, brand)).collect()
}

/// What speaks of a brand: the clauses that are for or about it, or, where there are none, those it is set against in.
fn part(chars: &[char], clauses: &[Clause], brand: usize) -> Part {
    let mine = clauses.iter().filter(|clause| clause.owners.contains(&brand));
    let (against, about): (Vec<&Clause>, Vec<&Clause>) = mine.partition(|clause| clause.against.contains(&brand));
    let (basis, chosen) = if about.is_empty() { (Basis::Against, against) } else { (Basis::Clauses, about) };
    let words: Vec<String> = chosen.iter().map(|clause| chars[clause.chars.clone()].iter().collect()).collect();
    let text = words.iter().map(|clause| clause.trim()).collect::<Vec<_>>().join(" ");
    Part { basis, text }
}

/// Cuts after the ends of sentences, after commas and the like, and before contrasting words. A stretch without a word
/// (emoji, a smiley) stays with the one before.
fn split(chars: &[char], contrast: &[Range<usize>]) -> Vec<Range<usize>> {
    let mut stretches: Vec<Range<usize>> = Vec::new();
    let mut contrast = contrast.iter().peekable();
    let mut start = 0;
    let mut cut = |start: &mut usize, at: usize| {
        let has_words = chars[*start..at].iter().any(|c| c.is_alphanumeric());
        match stretches.last_mut() {
            Some(last) if !has_words => last.end = at,
            _ if has_words => stretches.push(*start..at),
            _ => return,
        }
        *start = at;
    };
    for (at, &c) in chars.iter().enumerate() {
        while contrast.next_if(|cue| cue.start < at).is_some() {}
        if contrast.peek().is_some_and(|cue| cue.start == at) {
            cut(&mut start, at);
        }
        let next_is_space = chars.get(at + 1).is_none_or(|next| next.is_whitespace());
        let ends = match c {
            '\n' | '。' | '！' | '？' | '；' | '，' | '、' | '…' | '।' | '։' | '—' | '–' => true,
            '.' | '!' | '?' | ';' | ',' | '،' | '؟' => next_is_space,
            '-' => next_is_space && at > 0 && chars[at - 1].is_whitespace(),
            _ => false,
        };
        if ends {
            cut(&mut start, at + 1);
        }
    }
    cut(&mut start, chars.len());
    stretches
}

/// Joins a stretch that is nothing but brands with the next one: "Kurio, Belltix and Nordbank all failed".
fn join_lists(chars: &[char], stretches: Vec<Range<usize>>, brands: &[&[TopicMatch]]) -> Vec<Range<usize>> {
    let mut in_name = vec![false; chars.len()];
    for name in brands.iter().flat_map(|names| names.iter()) {
        in_name[name.start..name.end].fill(true);
    }
    let mut joined: Vec<Range<usize>> = Vec::with_capacity(stretches.len());
    let mut open: Option<usize> = None;
    for stretch in stretches {
        let own = stretch.clone().filter(|&at| chars[at].is_alphanumeric() && !in_name[at]).count();
        let names_a_brand = in_name[stretch.clone()].contains(&true);
        let start = open.take().unwrap_or(stretch.start);
        if names_a_brand && own < MIN_OWN_LETTERS {
            open = Some(start);
        } else {
            joined.push(start..stretch.end);
        }
    }
    joined.extend(open.map(|start| start..chars.len()));
    joined
}

/// Gives each stretch its brands: those it names, or else those of the stretch before, with what is set against what;
/// the stretches before the first brand go with the first that names one.
fn assign(stretches: Vec<Range<usize>>, cues: &Cues, brands: &[&[TopicMatch]]) -> Vec<Clause> {
    let mut clauses: Vec<Clause> = Vec::with_capacity(stretches.len());
    let mut waiting: Vec<Range<usize>> = Vec::new();
    for chars in stretches {
        let names = names_in(&chars, brands);
        match (names.is_empty(), clauses.last()) {
            (false, _) => {
                let against = other_sides(&names, &chars, cues);
                let mut owners: Vec<usize> = names.iter().map(|(brand, _)| *brand).collect();
                owners.sort_unstable();
                owners.dedup();
                let earlier = waiting.drain(..).chain([chars]);
                clauses.extend(earlier.map(|chars| Clause { chars, owners: owners.clone(), against: against.clone() }));
            }
            (true, Some(last)) => {
                let (owners, against) = (last.owners.clone(), last.against.clone());
                clauses.push(Clause { chars, owners, against });
            }
            (true, None) => waiting.push(chars),
        }
    }
    clauses
}

/// The brands a stretch names, each with where, in text order.
fn names_in(chars: &Range<usize>, brands: &[&[TopicMatch]]) -> Vec<(usize, usize)> {
    let mut names: Vec<(usize, usize)> = Vec::new();
    for (brand, matches) in brands.iter().enumerate() {
        let first = matches.partition_point(|name| name.start < chars.start);
        names.extend(matches[first..].iter().take_while(|name| name.start < chars.end).map(|name| (brand, name.start)));
    }
    names.sort_by_key(|(_, start)| *start);
    names
}

/// The brands that a stretch's opinion is set against: the first after a comparison ("better than"), and what stands
/// after a parting ("left") with no arrival ("for") between. None, where that would be all of them.
fn other_sides(names: &[(usize, usize)], chars: &Range<usize>, cues: &Cues) -> Vec<usize> {
    let inside = |cues: &[Range<usize>]| -> Vec<usize> {
        let first = cues.partition_point(|cue| cue.start < chars.start);
        cues[first..].iter().take_while(|cue| cue.start < chars.end).map(|cue| cue.end).collect()
    };
    let first_after = |end: usize| names.iter().find(|(_, start)| *start >= end);
    let compared = inside(&cues.against).into_iter().filter_map(first_after);
    let joined = inside(&cues.joined);
    let parted = inside(&cues.left).into_iter().filter_map(|end| {
        let name = first_after(end)?;
        let arrived_before = joined.iter().any(|&arrived| arrived > end && arrived <= name.1);
        (!arrived_before).then_some(name)
    });
    let mut against: Vec<usize> = compared.chain(parted).map(|(brand, _)| *brand).collect();
    against.sort_unstable();
    against.dedup();
    if names.iter().all(|(brand, _)| against.contains(brand)) { Vec::new() } else { against }
}
