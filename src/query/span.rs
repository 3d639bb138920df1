//! Spans: where in a text words, phrases and words near each other stand.
//!
//! A span is a half-open range of places. Streaming texts and the index both come here with the places of every pattern,
//! so that they cannot disagree about distances.

/// Most places that may lie between the words of a loose phrase, or between the sides of `NEAR`.
pub const MAX_DISTANCE: usize = 100;
/// Most words of a loose phrase (`"…"~3`).
pub const MAX_LOOSE_WORDS: usize = 16;
/// Most loose phrases of a query.
pub const MAX_LOOSE_PHRASES: usize = 32;
/// Most spans that are followed in one text; a text with more of them is searched up to there.
const MAX_SPANS: usize = 100_000;

/// What stands somewhere in a text; patterns by their number in the query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SpanExpr {
    /// A word or an exact phrase.
    Pattern(usize),
    /// One of several.
    Any(Vec<SpanExpr>),
    /// All of several patterns, each at a place of its own, within so many places.
    Loose {
        /// The patterns.
        parts: Vec<usize>,
        /// From the first place to one past the last.
        window: usize,
    },
    /// Both, apart from each other, with at most so many places between them.
    Near {
        /// What comes first, if `ordered`.
        left: Box<SpanExpr>,
        /// What comes second, if `ordered`.
        right: Box<SpanExpr>,
        /// Most places between them.
        distance: usize,
        /// True if the left side must come first.
        ordered: bool,
    },
}

/// A half-open range of places.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The first place.
    pub start: usize,
    /// One past the last.
    pub end: usize,
}

/// Where the patterns of a query stand in one text.
pub trait PatternPlaces {
    /// The places at which a pattern begins, in order.
    fn places(&self, pattern: usize) -> &[usize];
    /// How many places a pattern covers.
    fn width(&self, pattern: usize) -> usize;
}

impl SpanExpr {
    /// Its spans in a text, in order, each once.
    pub fn spans(&self, text: &impl PatternPlaces) -> Vec<Span> {
        let mut spans = match self {
            SpanExpr::Pattern(pattern) => {
                let width = text.width(*pattern);
                text.places(*pattern).iter().map(|&start| Span { start, end: start + width }).collect()
            }
            SpanExpr::Any(choices) => choices.iter().flat_map(|choice| choice.spans(text)).collect(),
            SpanExpr::Loose { parts, window } => loose_spans(parts, *window, text),
            SpanExpr::Near { left, right, distance, ordered } => {
                let left = left.spans(text);
                let right = if left.is_empty() { Vec::new() } else { right.spans(text) };
                let mut spans = joined(&left, &right, *distance);
                if !ordered {
                    spans.extend(joined(&right, &left, *distance));
                }
                spans
            }
        };
        if !matches!(self, SpanExpr::Pattern(_)) {
            spans.sort_unstable();
            spans.dedup();
            spans.truncate(MAX_SPANS);
        }
        spans
    }

    /// False if it cannot stand in a text in which only the patterns are found of which `is_found` is true.
    pub(crate) fn can_stand(&self, is_found: &impl Fn(usize) -> bool) -> bool {
        match self {
            SpanExpr::Pattern(pattern) => is_found(*pattern),
            SpanExpr::Any(choices) => choices.iter().any(|choice| choice.can_stand(is_found)),
            SpanExpr::Loose { parts, .. } => parts.iter().all(|part| is_found(*part)),
            SpanExpr::Near { left, right, .. } => left.can_stand(is_found) && right.can_stand(is_found),
        }
    }

    /// Visits the patterns that it is made of.
    pub fn for_each_pattern(&self, visit: &mut impl FnMut(usize)) {
        match self {
            SpanExpr::Pattern(pattern) => visit(*pattern),
            SpanExpr::Any(choices) => choices.iter().for_each(|choice| choice.for_each_pattern(visit)),
            SpanExpr::Loose { parts, .. } => parts.iter().for_each(|part| visit(*part)),
            SpanExpr::Near { left, right, .. } => {
                left.for_each_pattern(visit);
                right.for_each_pattern(visit);
            }
        }
    }
}

/// The spans from the beginning of one of `first` to the end of one of `second` that follows it at a distance. Both are
/// in order.
fn joined(first: &[Span], second: &[Span], distance: usize) -> Vec<Span> {
    let mut spans = Vec::new();
    for one in first {
        let from = second.partition_point(|other| other.start < one.end);
        let near = second[from..].iter().take_while(|other| other.start <= one.end + distance);
        spans.extend(near.map(|other| Span { start: one.start, end: other.end }));
        if spans.len() > MAX_SPANS {
            break;
        }
    }
    spans
}

/// From each place at which a part begins, the shortest span in which all parts stand at places of their own, that place
/// among them.
fn loose_spans(parts: &[usize], window: usize, text: &impl PatternPlaces) -> Vec<Span> {
    if parts.iter().any(|&part| text.places(part).is_empty()) {
        return Vec::new();
    }
    let mut starts: Vec<usize> = parts.iter().flat_map(|&part| text.places(part).iter().copied()).collect();
    starts.sort_unstable();
    starts.dedup();
    let span = |&start: &usize| shortest(start, parts, window, text).map(|end| Span { start, end });
    starts.iter().filter_map(span).take(MAX_SPANS).collect()
}

/// The nearest end of a window that begins at a place and holds all parts.
fn shortest(start: usize, parts: &[usize], window: usize, text: &impl PatternPlaces) -> Option<usize> {
    // For each part, its places within the widest window.
    let choices: Vec<&[usize]> = parts
        .iter()
        .map(|&part| {
            let places = text.places(part);
            let last = (start + window).checked_sub(text.width(part))?;
            let from = places.partition_point(|&place| place < start);
            let to = places.partition_point(|&place| place <= last);
            places.get(from..to).filter(|places| !places.is_empty())
        })
        .collect::<Option<_>>()?;
    let widths: Vec<usize> = parts.iter().map(|&part| text.width(part)).collect();
    let mut ends: Vec<usize> =
        choices.iter().zip(&widths).flat_map(|(places, width)| places.iter().map(move |p| p + width)).collect();
    ends.sort_unstable();
    ends.dedup();
    // A wider window holds whatever a narrower one does.
    let narrowest = ends.partition_point(|&end| !holds_all(start, end, &choices, &widths));
    ends.get(narrowest).copied()
}

/// True if every part has a place of its own in a window, with one of them at its start.
fn holds_all(start: usize, end: usize, choices: &[&[usize]], widths: &[usize]) -> bool {
    // The first place must be taken: each part that can stand there is tried.
    let starts = |part: &usize| choices[*part].first() == Some(&start) && start + widths[*part] <= end;
    // Of parts that are the same word, trying one is enough.
    let is_new = |part: &usize| !choices[..*part].iter().any(|other| std::ptr::eq(*other, choices[*part]));
    (0..choices.len()).filter(starts).filter(is_new).any(|first| {
        let mut owner = vec![None; end - start];
        owner[0] = Some(first);
        (0..choices.len()).filter(|part| *part != first).all(|part| {
            let mut seen = vec![false; end - start];
            seen[0] = true;
            assign(part, start, end, choices, widths, &mut owner, &mut seen)
        })
    })
}

/// Gives a part a place of its own, moving others where that helps (augmenting paths of bipartite matching).
fn assign(
    part: usize,
    start: usize,
    end: usize,
    choices: &[&[usize]],
    widths: &[usize],
    owner: &mut [Option<usize>],
    seen: &mut [bool],
) -> bool {
    for &place in choices[part].iter().take_while(|&&place| place + widths[part] <= end) {
        let slot = place - start;
        if std::mem::replace(&mut seen[slot], true) {
            continue;
        }
        let is_free = match owner[slot] {
            None => true,
            Some(other) => assign(other, start, end, choices, widths, owner, seen),
        };
        if is_free {
            owner[slot] = Some(part);
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    struct Text(Vec<Vec<usize>>);

    impl PatternPlaces for Text {
        fn places(&self, pattern: usize) -> &[usize] {
            &self.0[pattern]
        }
        fn width(&self, _: usize) -> usize {
            1
        }
    }

    fn near(left: usize, right: usize, distance: usize, ordered: bool) -> SpanExpr {
        let pattern = |pattern| Box::new(SpanExpr::Pattern(pattern));
        SpanExpr::Near { left: pattern(left), right: pattern(right), distance, ordered }
    }

    fn ranges(expr: &SpanExpr, text: &Text) -> Vec<(usize, usize)> {
        expr.spans(text).iter().map(|span| (span.start, span.end)).collect()
    }

    #[test]
    fn near_counts_what_lies_between() {
        let text = Text(vec![vec![0, 10], vec![3, 7]]);
        assert_eq!(ranges(&near(0, 1, 1, false), &text), []);
        assert_eq!(ranges(&near(0, 1, 2, false), &text), [(0, 4), (7, 11)]);
        assert_eq!(ranges(&near(0, 1, 2, true), &text), [(0, 4)]);
        assert_eq!(ranges(&near(1, 0, 2, true), &text), [(7, 11)]);
        assert_eq!(ranges(&near(0, 0, 100, false), &text), [(0, 11)]);
    }

    #[test]
    fn loose_phrases_need_a_place_for_every_word() {
        let text = Text(vec![vec![0, 2], vec![0, 5]]);
        let loose = |parts: &[usize], window| SpanExpr::Loose { parts: parts.to_vec(), window };
        assert_eq!(ranges(&loose(&[0, 0], 2), &text), []);
        assert_eq!(ranges(&loose(&[0, 0], 3), &text), [(0, 3)]);
        assert_eq!(ranges(&loose(&[0, 1], 3), &text), [(0, 3)]);
        assert_eq!(ranges(&loose(&[0, 1], 4), &text), [(0, 3), (2, 6)]);
        assert_eq!(ranges(&loose(&[0, 1, 1], 6), &text), [(0, 6)]);
    }

    /// Every way of giving places to the parts, one of them the start.
    fn naive(parts: &[Vec<usize>], taken: &mut Vec<usize>, start: usize, window: usize, best: &mut Option<usize>) {
        match parts.split_first() {
            None if taken.contains(&start) => {
                let end = taken.iter().max().map_or(0, |place| place + 1);
                *best = Some(best.map_or(end, |best: usize| best.min(end)));
            }
            None => {}
            Some((places, rest)) => {
                for &place in places {
                    if place >= start && place < start + window && !taken.contains(&place) {
                        taken.push(place);
                        naive(rest, taken, start, window, best);
                        taken.pop();
                    }
                }
            }
        }
    }

    proptest! {
        #[test]
        fn loose_spans_are_those_of_trying_everything(
            places in proptest::collection::vec(proptest::collection::btree_set(0usize..9, 0..5), 1..4),
            window in 1usize..8,
        ) {
            let text = Text(places.iter().map(|set| set.iter().copied().collect()).collect());
            let parts: Vec<usize> = (0..places.len()).collect();
            let mut expected = Vec::new();
            for start in 0..9 {
                let mut best = None;
                naive(&text.0, &mut Vec::new(), start, window, &mut best);
                expected.extend(best.map(|end| (start, end)));
            }
            prop_assert_eq!(ranges(&SpanExpr::Loose { parts, window }, &text), expected);
        }
    }
}
