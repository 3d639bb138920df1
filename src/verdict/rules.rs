//! Sentiment rulesets: terms to neutralise, and terms that override the model.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::ops::Range;
use std::path::Path;

use serde::Deserialize;

use crate::mention::{Label, Language, TopicMatch, TopicTag};
use crate::topics::{Kind, Matcher, RuleFile, RuleFileError, Topic, read_rule_file};

const KIND: Kind = Kind { file: "sentiment rules", entry: "rule" };

/// A compiled ruleset. The file is TOML, a list of rules:
///
/// ```toml
/// [[rule]]
/// name = "war-zone-is-a-game"
/// action = "neutralise"            # or "negative", "neutral", "positive"
/// brands = ["Ironfront"]           # optional: only mentions of one of these brands
/// terms.en = ["war zone", "kill streak*"]
/// terms.any = ["💀"]
/// ```
///
/// Terms are written, matched and kept apart by language like the keywords of a taxonomy. Of several overriding rules
/// that match, the first in the file wins.
#[derive(Debug)]
pub struct SentimentRules {
    /// `sha256:…` of the file.
    pub hash: String,
    matcher: Matcher,
    rules: BTreeMap<String, Scope>,
}

/// What a rule does, and to whose mentions.
#[derive(Debug)]
struct Scope {
    action: Action,
    /// In lower case; empty for all mentions.
    brands: HashSet<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Action {
    Neutralise,
    Negative,
    Neutral,
    Positive,
}

impl Action {
    /// The label it sets, if it sets one.
    fn label(self) -> Option<Label> {
        match self {
            Action::Neutralise => None,
            Action::Negative => Some(Label::Negative),
            Action::Neutral => Some(Label::Neutral),
            Action::Positive => Some(Label::Positive),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default, rename = "rule")]
    rules: Vec<FileRule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileRule {
    name: String,
    action: Action,
    #[serde(default)]
    brands: Vec<String>,
    terms: BTreeMap<String, Vec<String>>,
}

/// What the rules say of one text.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Ruling {
    /// Terms that the model is not to see, in text order.
    pub neutralised: Vec<TopicMatch>,
    /// The label a rule sets, the rule's name, and the terms that called for it.
    pub overridden: Option<(Label, String, Vec<TopicMatch>)>,
}

impl SentimentRules {
    /// Reads a file of rules.
    pub fn load(path: &Path) -> Result<SentimentRules, RuleFileError> {
        SentimentRules::parse(&read_rule_file(KIND, path)?, &path.display().to_string())
    }

    /// Parses the text of a ruleset; `origin` names it in errors.
    pub fn parse(text: &str, origin: &str) -> Result<SentimentRules, RuleFileError> {
        let mut source = RuleFile::new(KIND, text, origin);
        let file: File = source.parse()?;
        let mut rules = BTreeMap::new();
        let mut topics = Vec::with_capacity(file.rules.len());
        for FileRule { name, action, brands, terms } in file.rules {
            let keywords = source.keywords(&name, &terms)?;
            if keywords.values().all(Vec::is_empty) {
                return Err(source.wrong(&name, "it has no terms; write some, such as terms.en = [\"war zone\"]"));
            }
            let brands = brands.iter().map(|brand| brand.trim().to_lowercase()).collect();
            if rules.insert(name.clone(), Scope { action, brands }).is_some() {
                return Err(source.wrong(&name, "a rule of this name stands above; join the two"));
            }
            topics.push(Topic { name, keywords, ..Topic::default() });
        }
        Ok(SentimentRules { hash: source.hash(), matcher: source.compile(&topics)?, rules })
    }

    /// What the rules say of a text in a language, in a mention of these brands.
    pub fn rule(&self, text: &str, language: &Language, brands: &[String]) -> Ruling {
        let brands: Vec<String> = brands.iter().map(|brand| brand.trim().to_lowercase()).collect();
        let in_scope =
            |scope: &Scope| scope.brands.is_empty() || brands.iter().any(|brand| scope.brands.contains(brand));
        let tags = self.matcher.tag(text, language).into_iter();
        let called: Vec<(TopicTag, Action)> = tags
            .filter_map(|tag| {
                let scope = self.rules.get(tag.topic.as_ref()).filter(|scope| in_scope(scope))?;
                Some((tag, scope.action))
            })
            .collect();
        let mut neutralised: Vec<TopicMatch> = called
            .iter()
            .filter(|(_, action)| action.label().is_none())
            .flat_map(|(tag, _)| tag.matches.iter().cloned())
            .collect();
        neutralised.sort_by_key(|found| (found.start, found.end));
        let covered = Covered::by(&neutralised);
        let overridden = called.into_iter().find_map(|(tag, action)| {
            let label = action.label()?;
            let seen: Vec<TopicMatch> = tag.matches.into_iter().filter(|found| !covered.holds(found)).collect();
            (!seen.is_empty()).then(|| (label, tag.topic.to_string(), seen))
        });
        Ruling { neutralised, overridden }
    }
}

/// Stretches of a text that sorted matches cover, joined where they overlap.
struct Covered(Vec<Range<usize>>);

impl Covered {
    fn by(sorted: &[TopicMatch]) -> Covered {
        let mut stretches: Vec<Range<usize>> = Vec::new();
        for found in sorted {
            match stretches.last_mut() {
                Some(last) if found.start < last.end => last.end = last.end.max(found.end),
                _ => stretches.push(found.start..found.end),
            }
        }
        Covered(stretches)
    }

    /// True if a match lies within one of them.
    fn holds(&self, found: &TopicMatch) -> bool {
        let after = self.0.partition_point(|stretch| stretch.start <= found.start);
        after.checked_sub(1).is_some_and(|last| found.end <= self.0[last].end)
    }
}

impl Ruling {
    /// The text with spaces in the place of the neutralised terms, of the same length in characters.
    pub fn blank<'t>(&self, text: &'t str) -> Cow<'t, str> {
        if self.neutralised.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut stretches = Covered::by(&self.neutralised).0.into_iter().peekable();
        let blanked = text.chars().enumerate().map(|(at, c)| {
            while stretches.next_if(|stretch| stretch.end <= at).is_some() {}
            if stretches.peek().is_some_and(|stretch| stretch.start <= at) { ' ' } else { c }
        });
        Cow::Owned(blanked.collect())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const RULES: &str = r#"
        [[rule]]
        name = "game"
        action = "neutralise"
        brands = ["Ironfront"]
        terms.en = ["war zone", "kill streak*"]
        [[rule]]
        name = "lawyers"
        action = "negative"
        terms.en = ["class action"]
        terms.de = ["sammelklage*"]
        [[rule]]
        name = "fans"
        action = "positive"
        terms.any = ["best game ever"]
    "#;

    fn english() -> Language {
        Language::new("en", 1.0)
    }

    fn ruling(text: &str, brand: &str) -> Ruling {
        SentimentRules::parse(RULES, "x.toml").unwrap().rule(text, &english(), &[brand.to_owned()])
    }

    #[test]
    fn neutralised_terms_leave_the_text() {
        let text = "Dropped in the WAR-ZONE, what kill streaks! 💥";
        let found = ruling(text, "ironfront");
        assert_eq!(found.neutralised.len(), 2);
        assert_eq!(found.blank(text), format!("Dropped in the {}, what {}! 💥", " ".repeat(8), " ".repeat(12)));
        assert_eq!(ruling(text, "Otherbrand"), Ruling::default(), "the rule is Ironfront's alone");
        assert_eq!(Ruling::default().blank(text), text);
    }

    #[test]
    fn overlapping_terms_are_taken_out_once() {
        let rules = "[[rule]]\nname='a'\naction='neutralise'\nterms.en=['war zone','zone map']\n\
                     [[rule]]\nname='b'\naction='neutralise'\nterms.en=['zone']";
        let rules = SentimentRules::parse(rules, "x.toml").unwrap();
        let text = "new war zone map today";
        assert_eq!(rules.rule(text, &english(), &[]).blank(text), format!("new {} today", " ".repeat(12)));
    }

    #[test]
    fn a_neutralised_term_calls_for_nothing() {
        let rules = "[[rule]]\nname='a'\naction='neutralise'\nterms.en=['kill streak*']\n\
                     [[rule]]\nname='b'\naction='negative'\nterms.en=['kill*']";
        let rules = SentimentRules::parse(rules, "x.toml").unwrap();
        assert!(rules.rule("What a kill streak!", &english(), &[]).overridden.is_none());
        assert!(rules.rule("It kills me. What a kill streak!", &english(), &[]).overridden.is_some());
    }

    #[test]
    fn the_first_overriding_rule_of_the_file_wins() {
        let found = ruling("Best game ever, yet there is a class action", "x");
        let (label, rule, matches) = found.overridden.unwrap();
        assert_eq!((label, rule.as_str(), matches[0].rule.as_ref()), (Label::Negative, "lawyers", "class action"));
    }

    #[test]
    fn says_what_to_fix() {
        let cases = [
            ("rule = 3", "invalid type"),
            ("[[rule]]\nname='a'\naction='hide'\nterms.en=['x']", "unknown variant `hide`"),
            ("[[rule]]\nname='a'\naction='neutral'\nterms.en=[]", "has no terms"),
            ("[[rule]]\nname='a'\naction='neutral'\nterms.english=['x']", "no language"),
            (
                "[[rule]]\nname='a'\naction='neutral'\nterms.en=['x']\n[[rule]]\nname='a'\naction='neutral'\nterms.en=['y']",
                "stands above",
            ),
        ];
        for (text, part) in cases {
            let message = SentimentRules::parse(text, "x.toml").err().map(|e| e.to_string()).unwrap_or_default();
            assert!(message.contains(part), "{text}: {message}");
        }
    }
}
