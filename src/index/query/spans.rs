//! Spans in the index: words near each other, loose phrases, and phrases with wildcards.
//!
//! The mentions that hold all the words are found first; then the places of the words in each are read, and
//! [`SpanExpr::spans`] decides, as it does for a text that streams by.

use std::sync::Arc;

use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::{Postings, SegmentPostings};
use tantivy::query::{Bm25Weight, EnableScoring, Explanation, Query, Scorer, Weight};
use tantivy::schema::IndexRecordOption;
use tantivy::{BitSet, DocId, DocSet, Score, SegmentReader, TERMINATED, TantivyError, Term};

use super::terms::{Expansion, PatternTerms, Terms};
use crate::query::{PatternPlaces, SpanExpr};

/// A question to the places of words.
#[derive(Debug)]
pub(super) struct SpanQuery {
    spans: Arc<SpanExpr>,
    /// The terms of the patterns that the spans name; others are empty.
    patterns: Arc<Vec<PatternTerms>>,
    candidates: Box<dyn Query>,
}

impl Clone for SpanQuery {
    fn clone(&self) -> Self {
        let SpanQuery { spans, patterns, candidates } = self;
        SpanQuery { spans: Arc::clone(spans), patterns: Arc::clone(patterns), candidates: candidates.box_clone() }
    }
}

impl SpanQuery {
    /// The question, asked of the documents that `candidates` selects.
    pub(super) fn new(spans: &SpanExpr, patterns: &[PatternTerms], candidates: Box<dyn Query>) -> SpanQuery {
        let mut used = vec![PatternTerms { atoms: Vec::new(), width: 0 }; patterns.len()];
        spans.for_each_pattern(&mut |pattern| used[pattern].clone_from(&patterns[pattern]));
        SpanQuery { spans: Arc::new(spans.clone()), patterns: Arc::new(used), candidates }
    }

    /// The single terms, which rank the mentions.
    fn ranking_terms(&self) -> Vec<Term> {
        let atoms = self.patterns.iter().flat_map(|pattern| &pattern.atoms);
        let mut terms: Vec<Term> = atoms
            .filter_map(|(_, terms)| if let Terms::One(term) = terms { Some(term.clone()) } else { None })
            .collect();
        terms.sort_unstable();
        terms.dedup();
        // A ranking is made of terms of one field.
        let field = terms.first().map(Term::field);
        terms.retain(|term| Some(term.field()) == field);
        terms
    }
}

impl Query for SpanQuery {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        let terms = self.ranking_terms();
        let ranking = match (&scoring, terms.first()) {
            (EnableScoring::Enabled { statistics_provider, .. }, Some(_)) => {
                Some(Bm25Weight::for_terms(*statistics_provider, &terms)?)
            }
            _ => None,
        };
        let unscored = match scoring.searcher() {
            Some(searcher) => EnableScoring::disabled_from_searcher(searcher),
            None => EnableScoring::disabled_from_schema(scoring.schema()),
        };
        let candidates = self.candidates.weight(unscored)?;
        Ok(Box::new(SpanWeight { query: self.clone(), candidates, ranking, ranked: terms.first().map(Term::field) }))
    }

    fn query_terms<'a>(&'a self, visit: &mut dyn FnMut(&'a Term, bool)) {
        for (_, terms) in self.patterns.iter().flat_map(|pattern| &pattern.atoms) {
            if let Terms::One(term) = terms {
                visit(term, true);
            }
        }
    }
}

struct SpanWeight {
    query: SpanQuery,
    candidates: Box<dyn Weight>,
    ranking: Option<Bm25Weight>,
    ranked: Option<tantivy::schema::Field>,
}

impl Weight for SpanWeight {
    fn scorer(&self, segment: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let mut candidates = self.candidates.scorer(segment, 1.0)?;
        let mut docs = Vec::new();
        while candidates.doc() != TERMINATED {
            docs.push(candidates.doc());
            candidates.advance();
        }
        let mut places = PlacesInSegment::open(&self.query.patterns, segment, &docs)?;
        let mut found = Vec::new();
        for doc in docs {
            places.move_to(doc);
            let spans = self.query.spans.spans(&places).len();
            if spans > 0 {
                found.push((doc, spans as u32));
            }
        }
        let norms = match (&self.ranking, self.ranked) {
            (Some(_), Some(field)) => segment.fieldnorms_readers().get_field(field)?,
            _ => None,
        };
        let norms = norms.unwrap_or_else(|| FieldNormReader::constant(segment.max_doc(), 1));
        let ranking = self.ranking.as_ref().map(|ranking| ranking.boost_by(boost));
        Ok(Box::new(SpanScorer { found, at: 0, ranking, norms, boost }))
    }

    fn explain(&self, _: &SegmentReader, _: DocId) -> tantivy::Result<Explanation> {
        Err(TantivyError::InvalidArgument("spans do not explain scores".to_owned()))
    }
}

/// The documents of a segment that were found, with the number of spans in each.
struct SpanScorer {
    found: Vec<(DocId, u32)>,
    at: usize,
    ranking: Option<Bm25Weight>,
    norms: FieldNormReader,
    boost: Score,
}

impl DocSet for SpanScorer {
    fn advance(&mut self) -> DocId {
        self.at = (self.at + 1).min(self.found.len());
        self.doc()
    }

    fn seek(&mut self, target: DocId) -> DocId {
        self.at += self.found[self.at..].partition_point(|(doc, _)| *doc < target);
        self.doc()
    }

    fn doc(&self) -> DocId {
        self.found.get(self.at).map_or(TERMINATED, |(doc, _)| *doc)
    }

    fn size_hint(&self) -> u32 {
        self.found.len() as u32
    }
}

impl Scorer for SpanScorer {
    fn score(&mut self) -> Score {
        match (&self.ranking, self.found.get(self.at)) {
            (Some(ranking), Some(&(doc, spans))) => ranking.score(self.norms.fieldnorm_id(doc), spans),
            _ => self.boost,
        }
    }
}

/// The places of patterns in one document after the other.
struct PlacesInSegment {
    /// Of all patterns of the query; those that the spans do not name stay empty.
    patterns: Vec<PatternPostings>,
    /// The numbers of those that they name.
    named: Vec<usize>,
}

struct PatternPostings {
    atoms: Vec<(usize, AtomPostings)>,
    width: usize,
    /// The places at which it begins in the current document.
    places: Vec<usize>,
}

enum AtomPostings {
    /// Those of one term; it is in every document that matters, or in some.
    One(Box<SegmentPostings>),
    /// Those of all terms of a wildcard: by document, the places.
    Several(Vec<(DocId, u32)>),
    /// There are none.
    Nowhere,
}

impl PatternPlaces for PlacesInSegment {
    fn places(&self, pattern: usize) -> &[usize] {
        &self.patterns[pattern].places
    }

    fn width(&self, pattern: usize) -> usize {
        self.patterns[pattern].width
    }
}

impl PlacesInSegment {
    /// Opens the postings; `docs` are the documents that will be asked about.
    fn open(patterns: &[PatternTerms], segment: &SegmentReader, docs: &[DocId]) -> tantivy::Result<PlacesInSegment> {
        let mut wanted = BitSet::with_max_value(segment.max_doc());
        docs.iter().for_each(|&doc| {
            wanted.insert(doc);
        });
        let open = |terms: &Terms| AtomPostings::open(terms, segment, &wanted);
        let patterns = patterns.iter().map(|pattern| {
            let atoms = pattern.atoms.iter().map(|(offset, terms)| Ok((*offset, open(terms)?)));
            let atoms = atoms.collect::<tantivy::Result<_>>()?;
            Ok(PatternPostings { atoms, width: pattern.width, places: Vec::new() })
        });
        let patterns: Vec<PatternPostings> = patterns.collect::<tantivy::Result<_>>()?;
        let named = (0..patterns.len()).filter(|&pattern| !patterns[pattern].atoms.is_empty()).collect();
        Ok(PlacesInSegment { patterns, named })
    }

    /// Reads the places in a document; documents come in ascending order.
    fn move_to(&mut self, doc: DocId) {
        let mut positions = Vec::new();
        for &number in &self.named {
            let pattern = &mut self.patterns[number];
            pattern.places.clear();
            for (number, (offset, atom)) in pattern.atoms.iter_mut().enumerate() {
                atom.read(doc, &mut positions);
                let starts = positions.iter().filter_map(|&position| (position as usize).checked_sub(*offset));
                if number == 0 {
                    pattern.places.extend(starts);
                } else {
                    let starts: Vec<usize> = starts.collect();
                    pattern.places.retain(|place| starts.binary_search(place).is_ok());
                }
                if pattern.places.is_empty() {
                    break;
                }
            }
        }
    }
}

impl AtomPostings {
    fn open(terms: &Terms, segment: &SegmentReader, wanted: &BitSet) -> tantivy::Result<AtomPostings> {
        match terms {
            Terms::One(term) => {
                let index = segment.inverted_index(term.field())?;
                let postings = index.read_postings(term, IndexRecordOption::WithFreqsAndPositions)?;
                Ok(postings.map_or(AtomPostings::Nowhere, |postings| AtomPostings::One(Box::new(postings))))
            }
            Terms::Several(expansion) => AtomPostings::gather(expansion, segment, wanted),
        }
    }

    fn gather(expansion: &Expansion, segment: &SegmentReader, wanted: &BitSet) -> tantivy::Result<AtomPostings> {
        let index = segment.inverted_index(expansion.field)?;
        let mut places = Vec::new();
        let mut positions = Vec::new();
        for term in expansion.in_segment(segment.segment_id()) {
            let mut postings = index.read_postings_from_terminfo(term, IndexRecordOption::WithFreqsAndPositions)?;
            while postings.doc() != TERMINATED {
                let doc = postings.doc();
                if wanted.contains(doc) {
                    postings.positions(&mut positions);
                    places.extend(positions.iter().map(|&position| (doc, position)));
                }
                postings.advance();
            }
        }
        places.sort_unstable();
        places.dedup();
        Ok(AtomPostings::Several(places))
    }

    /// Reads the positions in a document, in order; none where it does not stand there.
    fn read(&mut self, doc: DocId, positions: &mut Vec<u32>) {
        positions.clear();
        match self {
            AtomPostings::One(postings) => {
                if postings.doc() < doc {
                    postings.seek(doc);
                }
                if postings.doc() == doc {
                    postings.positions(positions);
                }
            }
            AtomPostings::Several(places) => {
                let from = places.partition_point(|(there, _)| *there < doc);
                positions.extend(
                    places[from..].iter().take_while(|(there, _)| *there == doc).map(|(_, position)| *position),
                );
            }
            AtomPostings::Nowhere => {}
        }
    }
}
