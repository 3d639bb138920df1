//! The same posts as an index, and as columns for another database.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;

use anyhow::ensure;
use earmark::index::{Checkpoint, IndexWriter, MAX_PENDING};
use earmark::mention::{Counts, EngineId, Language, Mention, Sentiment, Tagged, TopicMatch, TopicTag};
use serde_json::{Map, Value, json};

use crate::world::{Post, World};

const SEED: u64 = 6;
const WRITER_THREADS: usize = 3;
const COUNTS: [&str; 5] = ["likes", "shares", "replies", "views", "followers"];
const HEADER: &str = "n,id,created_at,brand,channel,language,sentiment,negative,neutral,positive,topics,author,country,\
                      kind,likes,shares,replies,views,followers,rating,text";

pub fn make(index: &Path, columns: &Path, mentions: u64) -> anyhow::Result<()> {
    ensure!(!index.exists(), "{} exists", index.display());
    let mut writer = IndexWriter::open(index, WRITER_THREADS)?;
    let mut columns = BufWriter::new(File::create(columns)?);
    writeln!(columns, "{HEADER}")?;
    let engine = Arc::new(EngineId {
        version: "0.0.0",
        model: "invented".to_owned(),
        taxonomy: "invented".to_owned(),
        sentiment_rules: None,
        brands: None,
    });
    let mut number = 0;
    World::new(SEED).for_each_post(mentions, |post| {
        if writer.pending() == MAX_PENDING {
            writer.commit(&Checkpoint::default())?;
            eprintln!("{number}");
        }
        let tagged = tagged(&post, number, &engine)?;
        write_row(&mut columns, &post, &tagged, number)?;
        writer.upsert(&tagged)?;
        number += 1;
        Ok(())
    })?;
    columns.flush()?;
    writer.commit(&Checkpoint::default())?;
    Ok(writer.finish()?)
}

fn id(number: u64) -> String {
    format!("m{number:08}")
}

fn tagged(post: &Post, number: u64, engine: &Arc<EngineId>) -> anyhow::Result<Tagged> {
    let [likes, shares, replies, views, followers] = post.counts;
    let time = post.time()?;
    let mention = Mention {
        id: id(number),
        text: post.text.clone(),
        created_at: Some(time),
        author: Some(post.author.clone()),
        channel: Some(post.channel.to_owned()),
        brands: vec![post.brand.clone()],
        country: post.country.map(str::to_owned),
        kind: Some(post.kind.to_owned()),
        counts: Counts { likes, shares, replies, views, followers },
        rating: post.rating,
        record: record(post, number, &time.to_string()),
        ..Mention::default()
    };
    let topic = |topic: &&str| TopicTag {
        topic: (*topic).into(),
        matches: vec![TopicMatch { start: 0, end: 4, rule: post.text[..4].into() }],
    };
    Ok(Tagged {
        mention,
        language: Language::new(post.language, 0.9),
        sentiment: post.feeling.map(Sentiment::from_probabilities),
        decided_by: None,
        towards: None,
        topics: post.topics.iter().map(topic).collect(),
        flags: Vec::new(),
        engine: engine.clone(),
    })
}

fn record(post: &Post, number: u64, time: &str) -> Map<String, Value> {
    let mut record = Map::new();
    let mut put = |name: &str, value: Value| record.insert(name.to_owned(), value);
    put("id", json!(id(number)));
    put("text", json!(post.text));
    put("created_at", json!(time));
    put("author", json!(post.author));
    put("channel", json!(post.channel));
    put("brand", json!(post.brand));
    put("kind", json!(post.kind));
    post.country.map(|country| put("country", json!(country)));
    post.rating.map(|rating| put("rating", json!(rating)));
    for (name, count) in COUNTS.into_iter().zip(post.counts) {
        count.map(|count| put(name, json!(count)));
    }
    record
}

/// Nothing invented has a comma or a quotation mark in it. Topics are written with their parents, as earmark counts
/// them, and a text between blanks, so that a word with blanks around it is found at both ends too.
fn write_row(out: &mut impl Write, post: &Post, tagged: &Tagged, number: u64) -> anyhow::Result<()> {
    let Post { second, brand, channel, language, author, kind, text, .. } = post;
    let feeling = match tagged.sentiment {
        Some(feeling) => {
            format!("{},{},{},{}", feeling.label.as_str(), feeling.negative, feeling.neutral, feeling.positive)
        }
        None => "unscored,,,".to_owned(),
    };
    let mut topics: Vec<&str> =
        post.topics.iter().flat_map(|topic| [topic.split('/').next().unwrap_or(topic), topic]).collect();
    topics.sort_unstable();
    topics.dedup();
    let counts = post.counts.map(|count| count.map_or_else(String::new, |count| count.to_string())).join(",");
    let rating = post.rating.map_or_else(String::new, |rating| rating.to_string());
    writeln!(
        out,
        "{number},{},{second},{brand},{channel},{language},{feeling},{},{author},{},{kind},{counts},{rating}, {text} ",
        tagged.mention.id,
        topics.join("|"),
        post.country.unwrap_or_default(),
    )?;
    Ok(())
}
