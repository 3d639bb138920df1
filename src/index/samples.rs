//! Tagged mentions for tests.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;

use serde_json::json;

use crate::mention::{Counts, EngineId, Flag, Label, Language, Mention, Sentiment, Tagged, TopicMatch, TopicTag};

/// What a test wants to say about a mention; everything else is absent.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Sample {
    pub id: String,
    pub text: String,
    pub created_at: Option<String>,
    pub language: Option<&'static str>,
    pub sentiment: Option<Label>,
    /// Of negative, neutral and positive, in place of those of `sentiment`.
    pub probabilities: Option<[f64; 3]>,
    pub topics: Vec<String>,
    pub brands: Vec<String>,
    pub channel: Option<String>,
    pub author: Option<String>,
    pub thread_id: Option<String>,
    pub flags: Vec<Flag>,
    pub kind: Option<String>,
    pub likes: Option<i64>,
    pub shares: Option<i64>,
    pub views: Option<i64>,
    pub rating: Option<f64>,
}

pub(crate) fn sample(id: &str, text: &str) -> Sample {
    Sample { id: id.to_owned(), text: text.to_owned(), ..Sample::default() }
}

/// The id of the engine of all samples.
pub(crate) fn engine() -> EngineId {
    EngineId {
        version: "0.0.0",
        model: "sha256:1".to_owned(),
        taxonomy: "sha256:2".to_owned(),
        sentiment_rules: None,
        brands: None,
    }
}

impl Sample {
    pub(crate) fn at(self, created_at: &str) -> Sample {
        Sample { created_at: Some(created_at.to_owned()), ..self }
    }

    /// How it feels.
    pub(crate) fn sentiment(&self) -> Option<Sentiment> {
        let of_label = |label| Label::ALL.map(|other| if other == label { 0.8 } else { 0.1 });
        self.probabilities.or(self.sentiment.map(of_label)).map(Sentiment::from_probabilities)
    }

    /// The mention with its tags; its record holds all that the sample says.
    pub(crate) fn tagged(&self) -> Tagged {
        let record = json!({
            "id": self.id, "text": self.text, "created_at": self.created_at, "brand": self.brands,
            "channel": self.channel, "author": self.author, "thread_id": self.thread_id, "likes": self.likes,
            "rating": self.rating, "kind": self.kind, "shares": self.shares, "views": self.views,
            "probabilities": self.probabilities,
        });
        let mention = Mention {
            id: self.id.clone(),
            text: self.text.clone(),
            created_at: self.created_at.as_ref().map(|time| time.parse().unwrap()),
            author: self.author.clone(),
            author_role: None,
            channel: self.channel.clone(),
            brands: self.brands.clone(),
            url: None,
            country: None,
            lang: None,
            in_reply_to: None,
            thread_id: self.thread_id.clone(),
            kind: self.kind.clone(),
            counts: Counts { likes: self.likes, shares: self.shares, views: self.views, ..Counts::default() },
            rating: self.rating,
            record: record.as_object().cloned().unwrap(),
        };
        Tagged {
            mention,
            language: Language::new(self.language.unwrap_or("und"), 0.5),
            sentiment: self.sentiment(),
            decided_by: None,
            towards: None,
            topics: self.topics.iter().map(|topic| topic_tag(topic)).collect(),
            flags: self.flags.clone(),
            engine: Arc::new(engine()),
        }
    }
}

fn topic_tag(topic: &str) -> TopicTag {
    TopicTag { topic: topic.into(), matches: vec![TopicMatch { start: 0, end: 1, rule: "x".into() }] }
}
