//! Runs a taxonomy over texts.

use std::cell::LazyCell;
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::Arc;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::keyword::Keyword;
use super::rules::{RuleHit, RuleSet, Standing};
use super::taxonomy::{ANY_LANGUAGE, Topic};
use crate::language::{NO_WORDS, UNDETERMINED, share_words};
use crate::mention::{Language, Mention, TopicMatch, TopicTag};
use crate::query::Subject;
use crate::text::fold::Folded;
use crate::text::places::Places;
use crate::text::script::{self, CharKind};

/// Up to this many patterns the automaton is a DFA (fastest, most memory), above it an NFA.
const MAX_DFA_PATTERNS: usize = 5_000;
/// At this confidence or above, a text's language decides whose keywords apply; below it all keywords do.
const SURE_LANGUAGE: f64 = 0.8;

/// A compiled taxonomy. Cheap to share between threads.
#[derive(Debug)]
pub struct Matcher {
    automaton: AhoCorasick,
    /// What each pattern of the automaton stands for.
    slots: Vec<Slot>,
    rules: RuleSet,
    topics: Vec<Arc<str>>,
}

/// What a pattern of the automaton stands for.
#[derive(Debug, Default)]
struct Slot {
    keywords: Vec<Rule>,
    /// Patterns of the rules whose anchor it is.
    anchored: Vec<usize>,
}

#[derive(Debug)]
struct Rule {
    topic: usize,
    language: Option<Arc<str>>,
    text: Arc<str>,
    open_start: bool,
    open_end: bool,
    excludes: bool,
}

/// The patterns of an automaton that is being made.
#[derive(Default)]
struct Slots {
    patterns: Vec<String>,
    slots: Vec<Slot>,
    known: HashMap<String, usize>,
}

impl Slots {
    /// What a pattern stands for so far.
    fn of(&mut self, pattern: &str) -> &mut Slot {
        let number = *self.known.entry(pattern.to_owned()).or_insert_with(|| {
            self.patterns.push(pattern.to_owned());
            self.slots.push(Slot::default());
            self.slots.len() - 1
        });
        &mut self.slots[number]
    }
}

/// A hit of a rule, in bytes of the folded text.
struct Hit<'m> {
    rule: &'m Rule,
    range: Range<usize>,
}

impl Matcher {
    /// Compiles topics. The error tells what the automaton cannot hold.
    pub fn compile(topics: &[Topic]) -> Result<Matcher, aho_corasick::BuildError> {
        let mut slots = Slots::default();
        for (index, topic) in topics.iter().enumerate() {
            for (keyword, rule) in rules_of(index, topic) {
                slots.of(&keyword.pattern).keywords.push(rule);
            }
        }
        let rules = rule_set(topics);
        for (anchor, pattern) in rules.anchors() {
            slots.of(anchor).anchored.push(pattern);
        }
        let Slots { patterns, slots, .. } = slots;
        let kind =
            if patterns.len() <= MAX_DFA_PATTERNS { AhoCorasickKind::DFA } else { AhoCorasickKind::ContiguousNFA };
        let automaton = AhoCorasick::builder().match_kind(MatchKind::Standard).kind(Some(kind)).build(&patterns)?;
        let topics = topics.iter().map(|topic| Arc::from(topic.name.as_str())).collect();
        Ok(Matcher { automaton, slots, rules, topics })
    }

    /// The topics of a text, in the order of the taxonomy. `language` is the text's: keywords and rules of other languages
    /// do not count where it is sure. Of the text's mention nothing else is known.
    pub fn tag(&self, text: &str, language: &Language) -> Vec<TopicTag> {
        let mention = Mention { text: text.to_owned(), ..Mention::default() };
        self.tag_mention(&Subject { mention: &mention, language, outcome: None })
    }

    /// The topics of a mention, likewise.
    pub fn tag_mention(&self, subject: &Subject) -> Vec<TopicTag> {
        let text = Places::of(&subject.mention.text);
        let (mut hits, standing) = self.hits(&text, subject.language);
        hits.sort_by_key(|hit| (hit.rule.topic, hit.range.start, std::cmp::Reverse(hit.range.end)));
        let mut matches: BTreeMap<usize, Vec<TopicMatch>> = BTreeMap::new();
        for hits in hits.chunk_by(|a, b| a.rule.topic == b.rule.topic) {
            matches.insert(hits[0].rule.topic, matches_of(hits, text.canonical()));
        }
        let applies = |language: Option<&str>| applies(language, subject.language);
        for RuleHit { topic, matches: found } in self.rules.find(&text, standing, subject, applies) {
            let of_topic = matches.entry(topic).or_default();
            of_topic.extend(found);
            keep_outermost(of_topic);
        }
        let tags = matches.into_iter().filter(|(_, matches)| !matches.is_empty());
        tags.map(|(topic, matches)| TopicTag { topic: self.topics[topic].clone(), matches }).collect()
    }

    /// The hits of keywords, and the places at which patterns of rules stand.
    fn hits(&self, text: &Places, language: &Language) -> (Vec<Hit<'_>>, Vec<Standing>) {
        let mut hits = Vec::new();
        let mut standing = Vec::new();
        let words = LazyCell::new(|| word_runs(text.text()));
        for found in self.automaton.find_overlapping_iter(text.text()) {
            let slot = &self.slots[found.pattern().as_usize()];
            for rule in &slot.keywords {
                if applies(rule.language.as_deref(), language)
                    && let Some(range) = word_range(&words, found.start()..found.end(), rule)
                {
                    hits.push(Hit { rule, range });
                }
            }
            standing
                .extend(slot.anchored.iter().filter_map(|&pattern| self.rules.standing(pattern, found.start(), text)));
        }
        (hits, standing)
    }
}

fn rule_set(topics: &[Topic]) -> RuleSet {
    let mut rules = RuleSet::default();
    let mut known = HashMap::new();
    for (index, topic) in topics.iter().enumerate() {
        for (language, queries) in &topic.rules {
            let language: Option<Arc<str>> = (language != ANY_LANGUAGE).then(|| language.as_str().into());
            queries.iter().for_each(|query| rules.add(index, language.clone(), query, &mut known));
        }
    }
    rules
}

/// Sorts matches and leaves out those that lie within another.
fn keep_outermost(matches: &mut Vec<TopicMatch>) {
    matches.sort_by_key(|found| (found.start, std::cmp::Reverse(found.end)));
    let mut covered_to = 0;
    matches.retain(|found| {
        let is_outermost = found.end > covered_to;
        covered_to = covered_to.max(found.end);
        is_outermost
    });
}

fn rules_of(index: usize, topic: &Topic) -> impl Iterator<Item = (&Keyword, Rule)> {
    let lists = [(&topic.keywords, false), (&topic.exclude, true)];
    lists.into_iter().flat_map(move |(lists, excludes)| {
        lists.iter().flat_map(move |(language, keywords)| {
            let language = (language != ANY_LANGUAGE).then(|| Arc::from(language.as_str()));
            keywords.iter().map(move |keyword| {
                let rule = Rule {
                    topic: index,
                    language: language.clone(),
                    text: keyword.rule.clone(),
                    open_start: keyword.open_start,
                    open_end: keyword.open_end,
                    excludes,
                };
                (keyword, rule)
            })
        })
    })
}

/// True if what is meant for texts in a language counts for a text.
fn applies(wanted: Option<&str>, language: &Language) -> bool {
    let unsure = language.confidence < SURE_LANGUAGE || matches!(language.code, UNDETERMINED | NO_WORDS);
    unsure || wanted.is_none_or(|wanted| share_words(wanted, language.code))
}

/// The runs of word characters of a text, in order. Found once for a text, so that a long run full of hits is not walked
/// again for each of them.
fn word_runs(text: &str) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for (at, c) in text.char_indices().filter(|(_, c)| is_word(*c)) {
        match runs.last_mut() {
            Some(run) if run.end == at => run.end = at + c.len_utf8(),
            _ => runs.push(at..at + c.len_utf8()),
        }
    }
    runs
}

fn is_word(c: char) -> bool {
    script::kind(c) == CharKind::Word
}

/// The words a pattern was found in, or `None` where it begins or ends inside a word and the rule does not allow that.
fn word_range(words: &[Range<usize>], found: Range<usize>, rule: &Rule) -> Option<Range<usize>> {
    let run = |at: usize| words.get(words.partition_point(|run| run.end <= at)).filter(|run| run.contains(&at));
    let start = run(found.start).map_or(found.start, |run| run.start);
    let end = run(found.end - 1).map_or(found.end, |run| run.end);
    let allowed = (start == found.start || rule.open_start) && (end == found.end || rule.open_end);
    allowed.then_some(start..end)
}

/// The matches of one topic, in text order: without those that an exclusion overlaps, and without those that lie within
/// another. The hits are sorted by start, the longer first.
fn matches_of(hits: &[Hit], folded: &Folded) -> Vec<TopicMatch> {
    let excluded = Exclusions::of(hits);
    let counting = hits.iter().filter(|hit| !hit.rule.excludes && !excluded.overlap(&hit.range));
    let mut matches: Vec<TopicMatch> = counting
        .map(|hit| {
            let chars = folded.original_chars(hit.range.clone());
            TopicMatch { start: chars.start, end: chars.end, rule: hit.rule.text.clone() }
        })
        .collect();
    keep_outermost(&mut matches);
    matches
}

/// What the exclusions of a topic cover, ready to be asked.
struct Exclusions {
    /// By start: the start of each, and the furthest end of it and all before it.
    reaches: Vec<(usize, usize)>,
}

impl Exclusions {
    /// The exclusions among hits that are sorted by start.
    fn of(hits: &[Hit]) -> Exclusions {
        let mut furthest = 0;
        let excluding = hits.iter().filter(|hit| hit.rule.excludes);
        let reaches = excluding.map(|hit| {
            furthest = hit.range.end.max(furthest);
            (hit.range.start, furthest)
        });
        Exclusions { reaches: reaches.collect() }
    }

    fn overlap(&self, range: &Range<usize>) -> bool {
        let before = self.reaches.partition_point(|(start, _)| *start < range.end);
        before.checked_sub(1).is_some_and(|last| self.reaches[last].1 > range.start)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Taxonomy;
    use super::*;

    const TAXONOMY: &str = r#"
        name = "test"
        [[topic]]
        name = "delivery"
        keywords.en = ["delivery", "parcel*", "late"]
        keywords.de = ["*versand", "paket"]
        keywords.lv = ["kavē*"]
        keywords.zh = ["配送"]
        exclude.en = ["delivery room"]
        [[topic]]
        name = "delivery/late"
        keywords.en = ["late delivery"]
        [[topic]]
        name = "mood"
        keywords.any = ["💔"]
    "#;

    fn check(text: &str, code: &'static str, confidence: f64, expected: &[(&str, &[(&str, &str)])]) {
        let taxonomy = Taxonomy::parse(TAXONOMY, "test").unwrap_or_else(|e| panic!("{e}"));
        let matcher = Matcher::compile(&taxonomy.topics).unwrap_or_else(|e| panic!("{e}"));
        let chars: Vec<char> = text.chars().collect();
        let tags = matcher.tag(text, &Language::new(code, confidence));
        let found: Vec<(String, Vec<(String, String)>)> = tags
            .iter()
            .map(|tag| {
                let spans = tag.matches.iter().map(|m| (chars[m.start..m.end].iter().collect(), m.rule.to_string()));
                (tag.topic.to_string(), spans.collect())
            })
            .collect();
        let expected: Vec<(String, Vec<(String, String)>)> = expected
            .iter()
            .map(|(topic, spans)| {
                (topic.to_string(), spans.iter().map(|(s, r)| (s.to_string(), r.to_string())).collect())
            })
            .collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn whole_words_stems_and_phrases() {
        check("Parcels lost", "en", 1.0, &[("delivery", &[("Parcels", "parcel*")])]);
        check("translated", "en", 1.0, &[]);
        check("Sūtījums KAVĒJAS!", "lv", 1.0, &[("delivery", &[("KAVĒJAS", "kavē*")])]);
        check("Gratisversand", "de", 1.0, &[("delivery", &[("Gratisversand", "*versand")])]);
        check("Pakete", "de", 1.0, &[]);
        check("so late, delivery", "en", 1.0, &[("delivery", &[("late", "late"), ("delivery", "delivery")])]);
        check(
            "Late-delivery again",
            "en",
            1.0,
            &[
                ("delivery", &[("Late", "late"), ("delivery", "delivery")]),
                ("delivery/late", &[("Late-delivery", "late delivery")]),
            ],
        );
    }

    #[test]
    fn unspaced_scripts_need_no_boundary_and_emoji_are_words() {
        check("你们配送太慢", "zh", 1.0, &[("delivery", &[("配送", "配送")])]);
        check("no💔no", "en", 1.0, &[("mood", &[("💔", "💔")])]);
    }

    #[test]
    fn exclusions_cancel_what_they_overlap() {
        check("born in the delivery room", "en", 1.0, &[]);
        check("delivery to the delivery room", "en", 1.0, &[("delivery", &[("delivery", "delivery")])]);
    }

    #[test]
    fn rules_are_queries_and_say_why() {
        let toml = r##"
            name = "test"
            [[topic]]
            name = "late"
            keywords.en = ["delayed"]
            exclude.en = ["late"]
            rules.en = ["(late OR slow*) NEAR/3 (order OR parcel) -joke", "#late*"]
            rules.de = ["paket spät"]
            [[topic]]
            name = "late/app"
            rules.any = ["raw:App channel:store"]
            [[topic]]
            name = "sale"
            rules.any = ['"late #sale_*"', "#配送late"]
        "##;
        let taxonomy = Taxonomy::parse(toml, "test").unwrap_or_else(|e| panic!("{e}"));
        let matcher = Matcher::compile(&taxonomy.topics).unwrap_or_else(|e| panic!("{e}"));
        let tags = |text: &str, channel: Option<&str>| {
            let mention = Mention { text: text.into(), channel: channel.map(str::to_owned), ..Mention::default() };
            let tags =
                matcher.tag_mention(&Subject { mention: &mention, language: &Language::new("en", 1.0), outcome: None });
            let spans = |tag: &TopicTag| tag.matches.iter().map(|found| (found.start, found.end)).collect::<Vec<_>>();
            tags.iter().map(|tag| (tag.topic.to_string(), spans(tag))).collect::<Vec<_>>()
        };
        assert_eq!(tags("My parcel is late, delayed", None), [("late".to_owned(), vec![(3, 17), (19, 26)])]);
        assert_eq!(tags("My parcel is late, a joke", None), []);
        assert_eq!(tags("so #LateAgain", None), [("late".to_owned(), vec![(4, 13)])]);
        assert_eq!(tags("Paket spät", None), []);
        assert_eq!(tags("The App", Some("Store")), [("late/app".to_owned(), vec![(4, 7)])]);
        assert_eq!(tags("The app", Some("Store")), []);
        assert_eq!(tags("late #sale_", None), [("sale".to_owned(), vec![(0, 10)])]);
        assert_eq!(tags("so #配送late now", None), [("sale".to_owned(), vec![(4, 10)])]);
    }

    /// A megabyte in which every few characters are a hit; quadratic work on it would take hours.
    #[test]
    fn hits_without_end_are_matched_in_one_go() -> Result<(), String> {
        let toml = "name='x'\n[[topic]]\nname='t'\nkeywords.any=['*ab*','cd']\nexclude.any=['cd ef']";
        let taxonomy = Taxonomy::parse(toml, "test").map_err(|e| e.to_string())?;
        let matcher = Matcher::compile(&taxonomy.topics).map_err(|e| e.to_string())?;
        let language = Language::new("en", 1.0);
        let one_word = "ab".repeat(500_000);
        assert_eq!(matcher.tag(&one_word, &language)[0].matches.len(), 1);
        assert!(matcher.tag(&"cd ef ".repeat(170_000), &language).is_empty());
        Ok(())
    }

    #[test]
    fn a_sure_language_keeps_other_languages_keywords_out() {
        check("das Paket ist late", "de", 1.0, &[("delivery", &[("Paket", "paket")])]);
        check("das Paket ist late", "de", 0.3, &[("delivery", &[("Paket", "paket"), ("late", "late")])]);
    }

    /// Words of a text by plain comparison: every run of a keyword's length is tried, and grown to whole words.
    fn naive(keyword: &Keyword, text: &str) -> Vec<Range<usize>> {
        let folded = crate::text::canonical::canonical(text);
        let chars: Vec<(usize, char)> = folded.text.char_indices().collect();
        let pattern: Vec<char> = keyword.pattern.chars().collect();
        let is_word = |at: usize| chars.get(at).is_some_and(|(_, c)| is_word(*c));
        let mut found = Vec::new();
        for at in 0..chars.len() {
            let mut start = at;
            let mut end = at + pattern.len();
            if end > chars.len() || chars[start..end].iter().map(|(_, c)| *c).ne(pattern.iter().copied()) {
                continue;
            }
            while is_word(start) && start > 0 && is_word(start - 1) {
                start -= 1;
            }
            while is_word(end - 1) && is_word(end) {
                end += 1;
            }
            if (start == at || keyword.open_start) && (end == at + pattern.len() || keyword.open_end) {
                let byte = |at: usize| chars.get(at).map_or(folded.text.len(), |(byte, _)| *byte);
                found.push(folded.original_chars(byte(start)..byte(end)));
            }
        }
        found.dedup();
        found
    }

    proptest! {
        #[test]
        fn the_automaton_finds_what_plain_comparison_finds(
            rule in "[*]?[abé配](-?[abé配]){0,2}[*]?",
            text in "[abéÉ配 .'-]{0,24}",
        ) {
            let keyword = Keyword::parse(&rule).map_err(TestCaseError::fail)?;
            let toml = format!("name='x'\n[[topic]]\nname='t'\nkeywords.any=[{rule:?}]");
            let taxonomy = Taxonomy::parse(&toml, "test").map_err(|e| TestCaseError::fail(e.to_string()))?;
            let matcher = Matcher::compile(&taxonomy.topics).map_err(|e| TestCaseError::fail(e.to_string()))?;
            let tags = matcher.tag(&text, &Language::new("en", 1.0));
            let spans: Vec<Range<usize>> = tags.iter().flat_map(|tag| &tag.matches).map(|m| m.start..m.end).collect();
            let naive = naive(&keyword, &text);
            prop_assert_eq!(spans.is_empty(), naive.is_empty());
            prop_assert!(spans.iter().all(|span| naive.contains(span)), "{:?} {:?}", spans, naive);
            let covered = |span: &Range<usize>| spans.iter().any(|s| s.start <= span.start && span.end <= s.end);
            prop_assert!(naive.iter().all(|span| covered(span) || overlaps_any(span, &spans)));
        }
    }

    fn overlaps_any(span: &Range<usize>, spans: &[Range<usize>]) -> bool {
        spans.iter().any(|other| span.start < other.end && other.start < span.end)
    }
}
