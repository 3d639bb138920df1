//! The rules of the query language, read plainly: every place of a text is tried for every word.

use std::fmt;
use std::ops::Range;

use unicode_normalization::UnicodeNormalization;

use crate::index::samples::Sample;
use crate::text::fold::{Folded, fold};
use crate::text::script::{self, CharKind};

/// A query as a tree, which writes itself down.
#[derive(Debug, Clone)]
pub(super) enum Node {
    /// A word or an exact phrase, with wildcards.
    Phrase(String),
    Loose(Vec<String>, usize),
    Raw(String),
    Near(Box<Node>, Box<Node>, usize, bool),
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
    Field(Test),
}

#[derive(Debug, Clone)]
pub(super) enum Test {
    Language(String),
    Sentiment(String),
    Topic(String),
    Brand(String),
    BrandLike(String),
    Flag(String),
    Likes(i64, i64),
    RatingAbove(f64),
    Hours(u8, u8),
    Day(u8),
    HasAuthor,
    Thread(String),
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let joined = |f: &mut fmt::Formatter<'_>, nodes: &[Node], operator: &str| {
            for (number, node) in nodes.iter().enumerate() {
                write!(f, "{}({node})", if number > 0 { operator } else { "" })?;
            }
            Ok(())
        };
        match self {
            Node::Phrase(words) => write!(f, "\"{words}\""),
            Node::Loose(words, slop) => write!(f, "\"{}\"~{slop}", words.join(" ")),
            Node::Raw(raw) => write!(f, "raw:\"{raw}\""),
            Node::Near(left, right, distance, ordered) => {
                write!(f, "({left}) NEAR/{distance}{} ({right})", if *ordered { "f" } else { "" })
            }
            Node::And(parts) => joined(f, parts, " "),
            Node::Or(parts) => joined(f, parts, " OR "),
            Node::Not(inner) => write!(f, "-({inner})"),
            Node::Field(test) => test.fmt(f),
        }
    }
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Test::Language(code) => write!(f, "lang:{code}"),
            Test::Sentiment(label) => write!(f, "sentiment:{label}"),
            Test::Topic(topic) => write!(f, "topic:{topic}"),
            Test::Brand(brand) => write!(f, "brand:\"{brand}\""),
            Test::BrandLike(brand) => write!(f, "brand:{brand}"),
            Test::Flag(flag) => write!(f, "flag:{flag}"),
            Test::Likes(from, to) => write!(f, "likes:[{from} TO {to}}}"),
            Test::RatingAbove(rating) => write!(f, "rating:>{rating}"),
            Test::Hours(from, to) => write!(f, "hour:{from}..{to}"),
            Test::Day(day) => write!(f, "created_at:2015-02-{day}"),
            Test::HasAuthor => write!(f, "author:*"),
            Test::Thread(id) => write!(f, "thread:{id}"),
        }
    }
}

/// What stands at one place: a word, an emoji, one character of a script without spaces, punctuation, or the space
/// between two runs of such a script.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Word,
    Emoji,
    Character,
    Break,
    Gap,
}

#[derive(Debug, Clone)]
struct Item {
    kind: Kind,
    text: String,
    /// As it is spelled, and what stands before and after it.
    spelled: String,
    before: String,
    after: String,
}

/// A text, place by place.
#[derive(Debug)]
pub(super) struct Reading {
    items: Vec<Item>,
    /// Hashtags and account names, with their places.
    sigils: Vec<(String, Range<usize>)>,
}

const WILD: [char; 2] = ['\u{E000}', '\u{E001}'];

fn kind(c: char) -> CharKind {
    if WILD.contains(&c) { CharKind::Word } else { script::kind(c) }
}

impl Reading {
    pub(super) fn of(text: &str) -> Reading {
        let folded = fold(text);
        let mut pieces: Vec<(Kind, Range<usize>)> = Vec::new();
        // What was met since the last piece that is a word: nothing, something that joins, something that ends.
        let mut seen: Option<CharKind> = None;
        for (at, c) in folded.text.char_indices() {
            let range = at..at + c.len_utf8();
            let new = match kind(c) {
                other @ (CharKind::Joiner | CharKind::Break) => {
                    seen = if seen == Some(CharKind::Break) { seen } else { Some(other) };
                    continue;
                }
                CharKind::Word => Kind::Word,
                CharKind::Emoji => Kind::Emoji,
                CharKind::Unspaced => Kind::Character,
            };
            let last = pieces.last_mut();
            match (seen.take(), last) {
                (Some(CharKind::Break), _) => pieces.push((Kind::Break, 0..0)),
                (Some(_), Some((Kind::Character, _))) if new == Kind::Character => pieces.push((Kind::Gap, 0..0)),
                (None, Some((Kind::Word, word))) if new == Kind::Word => {
                    word.end = range.end;
                    continue;
                }
                _ => {}
            }
            pieces.push((new, range));
        }
        if seen == Some(CharKind::Break) {
            pieces.push((Kind::Break, 0..0));
        }
        let items = items(text, &folded, &pieces);
        let sigils = sigils(&folded, &pieces);
        Reading { items, sigils }
    }

    /// The reading of words of a query.
    fn of_query(words: &str) -> Reading {
        let chars: Vec<char> = words.chars().collect();
        let is_unspaced = |at: Option<usize>| at.and_then(|at| chars.get(at)).is_some_and(|c| script::is_unspaced(*c));
        let marked = chars.iter().enumerate().map(|(at, &c)| match c {
            '*' if is_unspaced(at.checked_sub(1)) || is_unspaced(Some(at + 1)) => '\u{200B}',
            '*' => WILD[0],
            '?' => WILD[1],
            c => c,
        });
        let mut reading = Reading::of(&marked.collect::<String>());
        let is_word = |item: &Item| !matches!(item.kind, Kind::Break | Kind::Gap);
        let skipped = reading.items.iter().take_while(|item| !is_word(item)).count();
        reading.items.drain(..skipped);
        while reading.items.last().is_some_and(|item| !is_word(item)) {
            reading.items.pop();
        }
        for (text, places) in &mut reading.sigils {
            *places = places.start - skipped..places.end - skipped;
            // Of a hashtag with wildcards it is not known how many words it has: it counts as one.
            if text.contains(WILD) {
                places.end = places.start + 1;
                reading.items.truncate(places.end);
            }
        }
        reading
    }

    /// True if what a query names stands at a place.
    fn stands_at(&self, wanted: &Reading, place: usize) -> bool {
        let mut at = 0;
        while at < wanted.items.len() {
            if let Some((sigil, places)) = wanted.sigils.iter().find(|(_, places)| places.start == at) {
                let there = self.sigils.iter().find(|(_, there)| there.start == place + at);
                if !there.is_some_and(|(text, _)| is_like(sigil, text)) {
                    return false;
                }
                at = places.end;
                continue;
            }
            let Some(there) = self.items.get(place + at) else { return false };
            if there.kind != wanted.items[at].kind || !is_like(&wanted.items[at].text, &there.text) {
                return false;
            }
            let follows = at > 0 && wanted.items[at - 1].kind == Kind::Character && there.kind == Kind::Character;
            if follows && self.items[place + at - 1].kind != Kind::Character {
                return false;
            }
            at += 1;
        }
        !wanted.items.is_empty() && place + wanted.items.len() <= self.items.len()
    }

    /// True if a text stands at a place, spelled exactly so.
    fn is_spelled_at(&self, wanted: &Reading, place: usize) -> bool {
        let last = wanted.items.len() - 1;
        wanted.items.iter().enumerate().all(|(at, item)| {
            let Some(there) = self.items.get(place + at) else { return false };
            if matches!(item.kind, Kind::Break | Kind::Gap) || matches!(there.kind, Kind::Break | Kind::Gap) {
                return item.kind == there.kind;
            }
            let before = if at == 0 { there.before.ends_with(&item.before) } else { there.before == item.before };
            let after = if at == last { there.after.starts_with(&item.after) } else { there.after == item.after };
            there.spelled == item.spelled && before && after
        })
    }
}

fn items(text: &str, folded: &Folded, pieces: &[(Kind, Range<usize>)]) -> Vec<Item> {
    let chars: Vec<char> = text.chars().collect();
    let spelled = |range: Range<usize>| -> String {
        let slice: String = chars.get(range).unwrap_or_default().iter().collect();
        slice.chars().filter(|c| !script::is_invisible(*c)).nfc().collect()
    };
    let original = |at: usize| match &pieces[at] {
        (Kind::Break | Kind::Gap, _) => None,
        (_, range) => Some(folded.original_chars(range.clone())),
    };
    let blank = |text: String| -> String {
        let is_break = |c: char| script::kind(c) == CharKind::Break;
        let mut one: Vec<char> = Vec::new();
        for run in text.chars().collect::<Vec<char>>().chunk_by(|a, b| a.is_whitespace() && b.is_whitespace()) {
            match run {
                [c, ..] if c.is_whitespace() => one.push(if run.iter().any(|c| is_break(*c)) { '\n' } else { ' ' }),
                run => one.extend(run),
            }
        }
        one.into_iter().collect()
    };
    let item = |at: usize| {
        let (kind, range) = &pieces[at];
        let here = original(at);
        let before = (0..at).rev().find_map(original).map_or(0, |range| range.end);
        let after = (at + 1..pieces.len()).find_map(original).map_or(chars.len(), |range| range.start);
        Item {
            kind: *kind,
            text: folded.text[range.clone()].to_owned(),
            spelled: here.clone().map_or(String::new(), &spelled),
            before: here.clone().map_or(String::new(), |here| blank(spelled(before..here.start))),
            after: here.map_or(String::new(), |here| blank(spelled(here.end..after))),
        }
    };
    (0..pieces.len()).map(item).collect()
}

fn sigils(folded: &Folded, pieces: &[(Kind, Range<usize>)]) -> Vec<(String, Range<usize>)> {
    let mut found = Vec::new();
    let chars: Vec<(usize, char)> = folded.text.char_indices().collect();
    for (number, &(_, c)) in chars.iter().enumerate() {
        let follows_word = number > 0 && kind(chars[number - 1].1) == CharKind::Word;
        if !matches!(c, '#' | '@') || follows_word {
            continue;
        }
        let is_part = |c: char| matches!(kind(c), CharKind::Word | CharKind::Unspaced) || c == '_';
        let body: Vec<(usize, char)> = chars[number + 1..].iter().copied().take_while(|(_, c)| is_part(*c)).collect();
        let letters: Vec<usize> = body.iter().filter(|(_, c)| *c != '_').map(|(at, _)| *at).collect();
        let (Some(first), Some(last)) = (letters.first(), letters.last()) else { continue };
        let place = |byte: &usize| pieces.iter().position(|(_, range)| range.contains(byte)).unwrap_or_default();
        let text = std::iter::once(c).chain(body.iter().map(|(_, c)| *c)).collect();
        found.push((text, place(first)..place(last) + 1));
    }
    found
}

fn is_like(pattern: &str, text: &str) -> bool {
    let mut letters = pattern.chars();
    match letters.next() {
        None => text.is_empty(),
        Some(c) if c == WILD[0] => {
            let ends = text.char_indices().map(|(at, _)| at).chain([text.len()]);
            ends.into_iter().any(|at| is_like(letters.as_str(), &text[at..]))
        }
        Some(c) => {
            let mut rest = text.chars();
            rest.next().is_some_and(|there| c == WILD[1] || c == there) && is_like(letters.as_str(), rest.as_str())
        }
    }
}

impl Node {
    /// True for what has no meaning, because there is no word in it or a wildcard stands where none can.
    pub(super) fn is_refused(&self) -> bool {
        match self {
            Node::Phrase(_) | Node::Loose(..) | Node::Raw(_) => true,
            Node::Near(left, right, ..) => left.is_refused() || right.is_refused(),
            Node::And(parts) | Node::Or(parts) => parts.iter().any(Node::is_refused),
            Node::Not(inner) => inner.is_refused(),
            Node::Field(_) => false,
        }
    }

    pub(super) fn holds(&self, text: &Reading, mention: &Sample) -> bool {
        match self {
            Node::And(parts) => parts.iter().all(|part| part.holds(text, mention)),
            Node::Or(parts) => parts.iter().any(|part| part.holds(text, mention)),
            Node::Not(inner) => !inner.holds(text, mention),
            Node::Field(test) => test.holds(mention),
            Node::Phrase(_) | Node::Loose(..) | Node::Raw(_) | Node::Near(..) => !self.spans(text).is_empty(),
        }
    }

    /// Every range of places in which it stands.
    fn spans(&self, text: &Reading) -> Vec<Range<usize>> {
        let places = 0..text.items.len();
        match self {
            Node::Phrase(words) => {
                let wanted = Reading::of_query(words);
                let found = places.filter(|&place| text.stands_at(&wanted, place));
                found.map(|place| place..place + wanted.items.len()).collect()
            }
            Node::Raw(raw) => {
                let mut wanted = Reading::of(raw.trim());
                let is_word = |item: &Item| !matches!(item.kind, Kind::Break | Kind::Gap);
                let first = wanted.items.iter().position(is_word).unwrap_or_default();
                let last = wanted.items.iter().rposition(is_word).unwrap_or_default();
                wanted.items = wanted.items[first..=last].to_vec();
                let found = places.filter(|&place| text.is_spelled_at(&wanted, place));
                found.map(|place| place..place + wanted.items.len()).collect()
            }
            Node::Loose(words, slop) => {
                loose(&words.iter().map(|word| Reading::of_query(word)).collect::<Vec<_>>(), *slop, text)
            }
            Node::Or(choices) => choices.iter().flat_map(|choice| choice.spans(text)).collect(),
            Node::Near(left, right, distance, ordered) => {
                let (left, right) = (left.spans(text), right.spans(text));
                let mut found = Vec::new();
                for one in &left {
                    for other in &right {
                        if one.end <= other.start && other.start - one.end <= *distance {
                            found.push(one.start..other.end);
                        }
                        if !ordered && other.end <= one.start && one.start - other.end <= *distance {
                            found.push(other.start..one.end);
                        }
                    }
                }
                found
            }
            Node::And(_) | Node::Not(_) | Node::Field(_) => Vec::new(),
        }
    }
}

/// From each start, the shortest range in which every word has a place of its own.
fn loose(words: &[Reading], slop: usize, text: &Reading) -> Vec<Range<usize>> {
    let window = words.iter().map(|word| word.items.len()).sum::<usize>() + slop;
    let mut found = Vec::new();
    for start in 0..text.items.len() {
        let mut best: Option<usize> = None;
        place_all(words, &mut Vec::new(), start, start + window, text, &mut best);
        found.extend(best.map(|end| start..end));
    }
    found
}

fn place_all(
    words: &[Reading],
    taken: &mut Vec<Range<usize>>,
    start: usize,
    limit: usize,
    text: &Reading,
    best: &mut Option<usize>,
) {
    let Some((word, rest)) = words.split_first() else {
        if taken.iter().any(|range| range.start == start) {
            let end = taken.iter().map(|range| range.end).max().unwrap_or_default();
            *best = Some(best.map_or(end, |best| best.min(end)));
        }
        return;
    };
    for place in start..limit {
        let range = place..place + word.items.len();
        if range.end <= limit && !taken.iter().any(|other| other.start == place) && text.stands_at(word, place) {
            taken.push(range);
            place_all(rest, taken, start, limit, text, best);
            taken.pop();
        }
    }
}

impl Test {
    fn holds(&self, mention: &Sample) -> bool {
        let second = || mention.created_at.as_ref().map(|time| time.parse::<jiff::Timestamp>().unwrap().as_second());
        match self {
            Test::Language(code) => mention.language.unwrap_or("und") == code.to_lowercase(),
            Test::Sentiment(label) => mention.sentiment.map_or("unscored", |label| label.as_str()) == label,
            Test::Topic(topic) => {
                mention.topics.iter().any(|found| found == topic || found.starts_with(&format!("{topic}/")))
            }
            Test::Brand(brand) => {
                mention.brands.iter().any(|found| found.trim().to_lowercase() == brand.to_lowercase())
            }
            Test::BrandLike(brand) => {
                let pattern = brand.replace('*', "\u{E000}").replace('?', "\u{E001}");
                mention.brands.iter().any(|found| is_like(&pattern, &found.trim().to_lowercase()))
            }
            Test::Flag(flag) => mention.flags.iter().any(|found| found.as_str() == flag),
            Test::Likes(from, to) => mention.likes.is_some_and(|likes| likes >= *from && likes < *to),
            Test::RatingAbove(rating) => mention.rating.is_some_and(|found| found > *rating),
            Test::Hours(from, to) => second().is_some_and(|second| {
                let hour = (second.rem_euclid(86_400) / 3_600) as u8;
                if from <= to { (*from..=*to).contains(&hour) } else { hour >= *from || hour <= *to }
            }),
            Test::Day(day) => {
                mention.created_at.as_ref().is_some_and(|time| time.starts_with(&format!("2015-02-{day}")))
            }
            Test::HasAuthor => mention.author.is_some(),
            Test::Thread(id) => mention.thread_id.as_ref() == Some(id),
        }
    }
}
