//! The first look after an ingest: who and what the mentions are about, and how they feel.

use std::collections::HashMap;

use super::table::{Columns, bar, number, percent};
use crate::mention::{Label, Tagged};
use crate::topics::lineage;

/// Different brands, topics or languages that are told apart; what comes after is counted together.
const MAX_GROUPS: usize = 10_000;
/// Rows shown of each.
const BRANDS_SHOWN: usize = 5;
const TOPICS_SHOWN: usize = 8;
const LANGUAGES_SHOWN: usize = 10;

/// Counts what was ingested.
#[derive(Debug, Default)]
pub struct FirstLook {
    all: Feeling,
    brands: HashMap<String, Feeling>,
    topics: HashMap<String, Feeling>,
    languages: HashMap<String, Feeling>,
}

/// Mentions by sentiment.
#[derive(Debug, Default, Clone, Copy)]
struct Feeling {
    total: u64,
    labels: [u64; 3],
}

impl Feeling {
    fn add(&mut self, label: Option<Label>) {
        self.total += 1;
        if let Some(label) = label {
            self.labels[label as usize] += 1;
        }
    }

    fn scored(&self) -> u64 {
        self.labels.iter().sum()
    }
}

impl FirstLook {
    /// Counts a mention.
    pub fn add(&mut self, tagged: &Tagged) {
        let label = tagged.sentiment.map(|sentiment| sentiment.label);
        self.all.add(label);
        for brand in &tagged.mention.brands {
            count(&mut self.brands, brand, label);
        }
        let mut parents: Vec<&str> = tagged.topics.iter().filter_map(|tag| lineage(&tag.topic).last()).collect();
        parents.sort_unstable();
        parents.dedup();
        for parent in parents {
            count(&mut self.topics, parent, label);
        }
        count(&mut self.languages, tagged.language.code, label);
    }

    /// The table.
    pub fn table(&self) -> String {
        let mut columns =
            Columns::new(&["", "", ">mentions", ">negative", ">neutral", ">positive", ">not scored", "negative"]);
        row(&mut columns, "all", "", &self.all);
        for (heading, groups, shown) in [
            ("brand", &self.brands, BRANDS_SHOWN),
            ("topic", &self.topics, TOPICS_SHOWN),
            ("language", &self.languages, LANGUAGES_SHOWN),
        ] {
            let mut sorted: Vec<(&String, &Feeling)> = groups.iter().collect();
            sorted.sort_by(|(a, x), (b, y)| y.total.cmp(&x.total).then_with(|| a.cmp(b)));
            for (i, (name, feeling)) in sorted.iter().take(shown).enumerate() {
                row(&mut columns, if i == 0 { heading } else { "" }, name, feeling);
            }
            if sorted.len() > shown {
                columns.row(["".into(), format!("… {} more", number((sorted.len() - shown) as u64))]);
            }
        }
        columns.render()
    }
}

fn count(groups: &mut HashMap<String, Feeling>, name: &str, label: Option<Label>) {
    if let Some(feeling) = groups.get_mut(name) {
        return feeling.add(label);
    }
    let name = if groups.len() < MAX_GROUPS { name } else { "(others)" };
    groups.entry(name.to_owned()).or_default().add(label);
}

fn row(columns: &mut Columns, heading: &str, name: &str, feeling: &Feeling) {
    let [negative, neutral, positive] = feeling.labels.map(|n| percent(n, feeling.scored()));
    columns.row([
        heading.to_owned(),
        name.to_owned(),
        number(feeling.total),
        negative,
        neutral,
        positive,
        number(feeling.total - feeling.scored()),
        bar(feeling.labels[Label::Negative as usize], feeling.scored()),
    ]);
}
