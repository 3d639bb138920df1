//! The nouns everything else speaks: a [`Mention`] as it came in, and a [`Tagged`] mention as it goes out.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The fields earmark writes. A field of the same name in the input never survives beside ours:
/// `input` removes it (our own earlier tags) or renames it to `upstream_…` (somebody else's).
pub const TAG_FIELDS: [&str; 6] = ["language", "sentiment", "towards", "topics", "flags", "engine"];

/// One brand mention as it came in: the typed view the engine works with, beside the record it was read from.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Mention {
    /// Stable id, unique in an index. Derived from channel, author, time and text where the source gives none.
    pub id: String,
    /// The text exactly as it came in; may be empty.
    pub text: String,
    /// When it was published.
    pub created_at: Option<Timestamp>,
    /// Handle or name of the author.
    pub author: Option<String>,
    /// `customer`, `brand` or `bot`, lower-case; other words are kept as they came.
    pub author_role: Option<String>,
    /// Where it was published, such as `twitter` or `google_reviews`.
    pub channel: Option<String>,
    /// The brands it is about or written to.
    pub brands: Vec<String>,
    /// Address of the original.
    pub url: Option<String>,
    /// Country of the author, as the source writes it.
    pub country: Option<String>,
    /// The language the platform claims, as it claims it.
    pub lang: Option<String>,
    /// Id of the mention this one answers.
    pub in_reply_to: Option<String>,
    /// Id of the conversation.
    pub thread_id: Option<String>,
    /// `post`, `reply`, `repost`, `quote`, `review`, `ticket` or `comment`.
    pub kind: Option<String>,
    /// Engagement and reach; absent is not zero.
    pub counts: Counts,
    /// Stars, or whatever scale the source uses.
    pub rating: Option<f64>,
    /// The record to write back out: every field as it came, known aliases renamed to the names above, `id` filled in.
    pub record: Map<String, Value>,
}

/// Engagement and reach of a mention. `None` means that the source did not say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Counts {
    pub likes: Option<i64>,
    pub shares: Option<i64>,
    pub replies: Option<i64>,
    pub views: Option<i64>,
    pub followers: Option<i64>,
}

/// The language a text was found to be in.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Language {
    /// ISO 639-1 where there is one, else 639-3; with `-Latn` where a language of another script is romanised
    /// (`hi-Latn`); `und` where it cannot be told, `zxx` where there are no words.
    pub code: &'static str,
    /// How likely the code is right, 0 to 1, two decimals. Of `und`: how likely the likeliest language is.
    pub confidence: f64,
    /// The script of most letters, ISO 15924; absent where there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub script: Option<&'static str>,
    /// The likeliest languages, if they were asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub top: Vec<RankedLanguage>,
    /// Which part is in which language, if that was asked for and there are several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub spans: Vec<LanguageSpan>,
}

impl Language {
    /// A language and how sure it is.
    pub fn new(code: &'static str, confidence: f64) -> Language {
        Language { code, confidence, script: None, top: Vec::new(), spans: Vec::new() }
    }
}

/// One of the likeliest languages of a text.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct RankedLanguage {
    /// As in [`Language`].
    pub code: &'static str,
    /// 0 to 1, two decimals.
    pub confidence: f64,
}

/// A part of a text that is in one language.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct LanguageSpan {
    /// Offset of the first character of `text`.
    pub start: usize,
    /// Offset after the last.
    pub end: usize,
    /// As in [`Language`].
    pub code: &'static str,
    /// 0 to 1, two decimals.
    pub confidence: f64,
}

/// The three classes, in the order of their probabilities everywhere in earmark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Label {
    Negative,
    Neutral,
    Positive,
}

impl Label {
    /// All labels, in order.
    pub const ALL: [Label; 3] = [Label::Negative, Label::Neutral, Label::Positive];

    /// The name used in every output.
    pub fn as_str(self) -> &'static str {
        match self {
            Label::Negative => "negative",
            Label::Neutral => "neutral",
            Label::Positive => "positive",
        }
    }
}

/// How a text feels: the most probable label, and the probability of each.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Sentiment {
    /// The label of the highest probability; of equals, the first in the order of [`Label::ALL`].
    pub label: Label,
    /// Probability of [`Label::Negative`], four decimals; the three sum to 1.
    pub negative: f64,
    /// Probability of [`Label::Neutral`].
    pub neutral: f64,
    /// Probability of [`Label::Positive`].
    pub positive: f64,
}

/// Steps into which a probability is rounded before it is reported.
const PROBABILITY_STEPS: f64 = 10_000.0;

impl Sentiment {
    /// Rounds three probabilities (in the order of [`Label::ALL`], summing to about 1) to four decimals that sum to
    /// exactly 1, by the largest-remainder rule, and picks the label.
    pub fn from_probabilities(probabilities: [f64; 3]) -> Sentiment {
        let scaled = probabilities.map(|p| p * PROBABILITY_STEPS);
        let mut steps = scaled.map(|s| s.floor() as i64);
        let mut by_remainder = [0usize, 1, 2];
        by_remainder.sort_by(|&a, &b| {
            let remainder = |i: usize| scaled[i] - scaled[i].floor();
            remainder(b).total_cmp(&remainder(a))
        });
        let missing = PROBABILITY_STEPS as i64 - steps.iter().sum::<i64>();
        for &i in by_remainder.iter().take(missing.clamp(0, 3) as usize) {
            steps[i] += 1;
        }
        let best = (1..3).fold(0, |best, i| if steps[i] > steps[best] { i } else { best });
        let [negative, neutral, positive] = steps.map(|s| s as f64 / PROBABILITY_STEPS);
        Sentiment { label: Label::ALL[best], negative, neutral, positive }
    }

    /// A label that is settled: its probability is 1.
    pub fn certain(label: Label) -> Sentiment {
        Sentiment::from_probabilities(Label::ALL.map(|other| if other == label { 1.0 } else { 0.0 }))
    }

    /// The same feeling with its sign turned: negative and positive change places.
    pub fn mirrored(self) -> Sentiment {
        let Sentiment { negative, neutral, positive, .. } = self;
        Sentiment::from_probabilities([positive, neutral, negative])
    }

    /// Probability of one label.
    pub fn probability(&self, label: Label) -> f64 {
        match label {
            Label::Negative => self.negative,
            Label::Neutral => self.neutral,
            Label::Positive => self.positive,
        }
    }
}

/// One topic of a mention, with every piece of text that says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TopicTag {
    /// Name in the taxonomy, such as `delivery/late`.
    pub topic: Arc<str>,
    /// At least one match, in text order.
    pub matches: Vec<TopicMatch>,
}

/// A piece of text that gave a mention its topic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TopicMatch {
    /// First Unicode character of the match in [`Mention::text`].
    pub start: usize,
    /// One past its last character.
    pub end: usize,
    /// The keyword of the taxonomy that matched, as it is written there.
    pub rule: Arc<str>,
}

/// What decided a sentiment that is not the model's on the text as it stands.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Decision {
    /// The model, without the terms that a sentiment rule keeps from it.
    Neutralised {
        /// The terms, in text order.
        matches: Vec<TopicMatch>,
    },
    /// A sentiment rule.
    Rule {
        /// Name of the rule.
        name: String,
        /// The terms that called for it, in text order.
        matches: Vec<TopicMatch>,
        /// What the model said.
        model: Option<Sentiment>,
    },
    /// A person, for this mention.
    Correction {
        /// Who.
        #[serde(skip_serializing_if = "Option::is_none")]
        by: Option<String>,
        /// When.
        #[serde(skip_serializing_if = "Option::is_none")]
        at: Option<Timestamp>,
        /// Why.
        #[serde(skip_serializing_if = "Option::is_none")]
        note: Option<String>,
        /// What the model, or a rule, said.
        instead_of: Option<Sentiment>,
    },
}

/// How a mention feels towards one tracked brand that it names.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BrandSentiment {
    /// Name of the brand.
    pub brand: Arc<str>,
    /// On what the sentiment rests.
    pub basis: Basis,
    /// How it feels; `None` where the model could not score it.
    pub sentiment: Option<Sentiment>,
    /// Where the text names the brand, in text order.
    pub matches: Vec<TopicMatch>,
}

/// On what the sentiment towards a brand rests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// The whole text: it names no other tracked brand.
    Text,
    /// The clauses that speak of the brand.
    Clauses,
    /// The same, with the sign turned: another brand is praised or blamed against this one.
    Against,
}

/// Something a reader of the tags should know about this mention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Flag {
    /// The text is empty or all white space; it was not scored.
    NoText,
    /// The model read only the beginning of the text.
    Truncated,
    /// The model could not score this text; its sentiment is null.
    Unscored,
    /// Nothing but emoji, marks and numbers: there are no words to go by.
    ReviewNoWords,
    /// The model finds it about as negative as positive.
    ReviewMixed,
    /// Praise and blame in a constellation that is often sarcasm.
    ReviewSarcasm,
    /// Much of the text is in characters that the model never saw in training.
    ReviewUnseenScript,
}

impl Flag {
    /// All of them.
    const ALL: [Flag; 7] = [
        Flag::NoText,
        Flag::Truncated,
        Flag::Unscored,
        Flag::ReviewNoWords,
        Flag::ReviewMixed,
        Flag::ReviewSarcasm,
        Flag::ReviewUnseenScript,
    ];

    /// The flag of a name.
    pub fn named(name: &str) -> Option<Flag> {
        Flag::ALL.into_iter().find(|flag| flag.as_str() == name)
    }

    /// The name used in every output.
    pub fn as_str(self) -> &'static str {
        match self {
            Flag::NoText => "no_text",
            Flag::Truncated => "truncated",
            Flag::Unscored => "unscored",
            Flag::ReviewNoWords => "review_no_words",
            Flag::ReviewMixed => "review_mixed",
            Flag::ReviewSarcasm => "review_sarcasm",
            Flag::ReviewUnseenScript => "review_unseen_script",
        }
    }
}

/// What produced the tags: the same values on the same text give the same tags, corrections by people aside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EngineId {
    /// Version of earmark.
    pub version: &'static str,
    /// `sha256:…` over the files of the model bundle.
    pub model: String,
    /// `sha256:…` of the taxonomy file.
    pub taxonomy: String,
    /// `sha256:…` of the file of sentiment rules, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sentiment_rules: Option<String>,
    /// `sha256:…` of the file of tracked brands, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub brands: Option<String>,
}

/// A mention with its tags.
#[derive(Debug, Clone)]
pub struct Tagged {
    /// The mention as it came in.
    pub mention: Mention,
    /// What language it is in.
    pub language: Language,
    /// How it feels; `None` where it could not be scored, and a flag says why.
    pub sentiment: Option<Sentiment>,
    /// What decided the sentiment; `None` where the model did, on the text as it stands.
    pub decided_by: Option<Decision>,
    /// How it feels towards each tracked brand it names; `None` where no brands are tracked.
    pub towards: Option<Vec<BrandSentiment>>,
    /// What it is about, in the order of the taxonomy.
    pub topics: Vec<TopicTag>,
    /// What a reader should know.
    pub flags: Vec<Flag>,
    /// What produced the tags.
    pub engine: Arc<EngineId>,
}

/// A sentiment as it goes out.
#[derive(Serialize)]
struct ExplainedSentiment<'t> {
    #[serde(flatten)]
    sentiment: Sentiment,
    #[serde(skip_serializing_if = "Option::is_none")]
    decided_by: Option<&'t Decision>,
}

impl Tagged {
    fn explained_sentiment(&self) -> Option<ExplainedSentiment<'_>> {
        self.sentiment.map(|sentiment| ExplainedSentiment { sentiment, decided_by: self.decided_by.as_ref() })
    }
}

impl Serialize for Tagged {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap;
        let mut map = serializer.serialize_map(Some(self.mention.record.len() + TAG_FIELDS.len()))?;
        for (name, value) in &self.mention.record {
            map.serialize_entry(name, value)?;
        }
        map.serialize_entry("language", &self.language)?;
        map.serialize_entry("sentiment", &self.explained_sentiment())?;
        if let Some(towards) = &self.towards {
            map.serialize_entry("towards", towards)?;
        }
        map.serialize_entry("topics", &self.topics)?;
        map.serialize_entry("flags", &self.flags)?;
        map.serialize_entry("engine", self.engine.as_ref())?;
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rounding_keeps_the_sum_and_the_label() {
        let s = Sentiment::from_probabilities([1.0 / 3.0, 1.0 / 3.0, 1.0 / 3.0]);
        assert_eq!((s.negative, s.neutral, s.positive), (0.3334, 0.3333, 0.3333));
        assert_eq!(s.label, Label::Negative);
        let s = Sentiment::from_probabilities([0.0, 1.0, 0.0]);
        assert_eq!((s.label, s.neutral), (Label::Neutral, 1.0));
    }

    proptest! {
        #[test]
        fn probabilities_sum_to_one(a in 0.0f64..1.0, b in 0.0f64..1.0, c in 0.0001f64..1.0) {
            let sum = a + b + c;
            let s = Sentiment::from_probabilities([a / sum, b / sum, c / sum]);
            let steps = [s.negative, s.neutral, s.positive].map(|p| (p * PROBABILITY_STEPS).round() as i64);
            prop_assert_eq!(steps.iter().sum::<i64>(), 10_000);
            for (reported, exact) in [s.negative, s.neutral, s.positive].iter().zip([a, b, c]) {
                prop_assert!((reported - exact / sum).abs() < 1.0 / PROBABILITY_STEPS);
            }
        }
    }
}
