//! earmark reads brand mentions in any language: it says what language each is in, how it feels and what it is about,
//! indexes them, and answers searches and trends.
//!
//! # Glossary
//! - A [`mention::Mention`] is what somebody wrote to or about a brand; [`mention::Tagged`] is the same with its tags.
//! - [`input`] turns bytes into mentions, and what cannot be read into a [`input::Reject`] with its place and reason.
//! - [`text`] folds and cleans text, and splits it into words, for everyone else.
//! - A [`language::Detector`] finds the language, a [`sentiment::Scorer`] the sentiment, a [`topics::Matcher`] the topics.
//! - In [`towards`], the feeling towards each of several brands that a mention names.
//! - In [`verdict`], sentiment rules and corrections by people overrule the model.
//! - A [`tagger::Tagger`] holds all of these; [`pipeline`] runs it on all cores.
//! - A [`feed::Feed`] is several sources as one stream; [`jobs`] tags a feed to a stream or into an index.
//! - [`index`] keeps tagged mentions in Tantivy, [`trends`] counts them over time, [`eval`] compares tags with labels.
//! - [`spikes`] raises a [`spikes::Alarm`] where a series shows more than it can be expected to; [`delivery`] tells of it.
//!
//! # Example
//! ```
//! use earmark::input::{InputOptions, Reader};
//! use earmark::sentiment::RuntimeChoice;
//! use earmark::tagger::{TagOptions, Tagger};
//! use earmark::timings::Timings;
//!
//! let line = r#"{"id": "1", "text": "Terrible service, my parcel never arrived!", "brand": "Kurio"}"#;
//! let mentions = Reader::from_read("example", line.as_bytes(), &InputOptions::default())?.filter_map(Result::ok);
//! let tagger = Tagger::open(&TagOptions { runtime: RuntimeChoice::Tract, ..TagOptions::default() })?;
//! let tagged = tagger.worker()?.tag(mentions.collect(), &Timings::default())?;
//! assert_eq!(tagged[0].sentiment.map(|s| s.label.as_str()), Some("negative"));
//! assert!(tagged[0].topics.iter().any(|tag| tag.topic.starts_with("delivery")));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod delivery;
pub mod doctor;
pub mod eval;
pub mod feed;
pub mod history;
pub mod index;
pub mod input;
pub mod jobs;
pub mod language;
pub mod mention;
pub mod pipeline;
pub mod query;
pub mod report;
pub mod sentiment;
pub mod spikes;
pub mod tagger;
pub mod text;
pub mod timings;
pub mod topics;
pub mod towards;
pub mod trends;
pub mod verdict;
