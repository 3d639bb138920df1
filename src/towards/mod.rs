//! How a mention feels towards each tracked brand that it names.
//!
//! Where a text names one tracked brand, the feeling of the text is the feeling towards it. Where it names several, the
//! text is cut into clauses, each brand gets those that speak of it, and the model judges them apart; a brand that another
//! is set against ("better than B", "left B for A") gets the mirror image. This is a method of surface signs: it does not
//! know what "they" refers to, and it takes an aside about a brand for an opinion of it.

mod brands;
mod clauses;

pub use brands::{BrandError, TrackedBrands};

use crate::mention::{Basis, BrandSentiment, Language, Sentiment, TopicMatch};
use std::sync::Arc;

/// What must be scored to know how a text feels towards one brand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The brand.
    pub brand: Arc<str>,
    /// Where it is named, in text order.
    pub matches: Vec<TopicMatch>,
    /// On what its sentiment rests.
    pub basis: Basis,
    /// The clauses that speak of it; `None` where the whole text does.
    pub part: Option<String>,
}

impl TrackedBrands {
    /// The tracked brands that a text names, in the order of the file, each with the part of the text that counts.
    pub fn targets(&self, text: &str, language: &Language) -> Vec<Target> {
        let named = self.named(text, language);
        if named.len() < 2 {
            return named
                .into_iter()
                .map(|(brand, matches)| Target { brand, matches, basis: Basis::Text, part: None })
                .collect();
        }
        let spans: Vec<&[TopicMatch]> = named.iter().map(|(_, matches)| matches.as_slice()).collect();
        let parts = clauses::divide(text, &self.cues(text, language), &spans);
        named
            .into_iter()
            .zip(parts)
            .map(|((brand, matches), part)| Target { brand, matches, basis: part.basis, part: part.text })
            .collect()
    }
}

impl Target {
    /// The feeling towards the brand, from that of its part of the text.
    pub fn resolve(self, sentiment: Option<Sentiment>) -> BrandSentiment {
        let sentiment = match self.basis {
            Basis::Against => sentiment.map(Sentiment::mirrored),
            Basis::Text | Basis::Clauses => sentiment,
        };
        BrandSentiment { brand: self.brand, basis: self.basis, sentiment, matches: self.matches }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn parts(text: &str, code: &'static str) -> Vec<(String, Basis, Option<String>)> {
        let brands = "[[brand]]\nname='Kurio'\n[[brand]]\nname='Belltix'\naliases.any=['@belltixhelp']\n[[brand]]\nname='Nordbank'";
        let brands = TrackedBrands::parse(brands, "x.toml").unwrap();
        let targets = brands.targets(text, &Language { code, confidence: 1.0 });
        targets.into_iter().map(|target| (target.brand.to_string(), target.basis, target.part)).collect()
    }

    fn check(text: &str, code: &'static str, expected: &[(&str, Basis, &str)]) {
        let expected: Vec<(String, Basis, Option<String>)> = expected
            .iter()
            .map(|(brand, basis, part)| (brand.to_string(), *basis, (!part.is_empty()).then(|| part.to_string())))
            .collect();
        assert_eq!(parts(text, code), expected, "{text}");
    }

    #[test]
    fn one_brand_gets_the_whole_text() {
        check("Kurio lost it. Awful!", "en", &[("Kurio", Basis::Text, "")]);
        check("nobody here", "en", &[]);
    }

    #[test]
    fn each_brand_gets_its_clauses() {
        check(
            "Kurio was late again, no apology. Belltix came in an hour!",
            "en",
            &[
                ("Kurio", Basis::Clauses, "Kurio was late again no apology"),
                ("Belltix", Basis::Clauses, "Belltix came in an hour"),
            ],
        );
        check(
            "I love Kurio but @BelltixHelp never answers",
            "en",
            &[("Kurio", Basis::Clauses, "I love Kurio"), ("Belltix", Basis::Clauses, "but @BelltixHelp never answers")],
        );
        check(
            "Kurio piegādāja laikus, bet Belltix sūtījumu pazaudēja",
            "lv",
            &[
                ("Kurio", Basis::Clauses, "Kurio piegādāja laikus"),
                ("Belltix", Basis::Clauses, "bet Belltix sūtījumu pazaudēja"),
            ],
        );
    }

    #[test]
    fn lists_of_brands_share_a_clause() {
        check(
            "Kurio, Belltix and Nordbank all failed me",
            "en",
            &[
                ("Kurio", Basis::Clauses, "Kurio Belltix and Nordbank all failed me"),
                ("Belltix", Basis::Clauses, "Kurio Belltix and Nordbank all failed me"),
                ("Nordbank", Basis::Clauses, "Kurio Belltix and Nordbank all failed me"),
            ],
        );
    }

    #[test]
    fn the_other_side_of_a_comparison_is_mirrored() {
        check(
            "Kurio is so much better than Belltix",
            "en",
            &[
                ("Kurio", Basis::Clauses, "Kurio is so much better than Belltix"),
                ("Belltix", Basis::Against, "Kurio is so much better than Belltix"),
            ],
        );
        check(
            "left Kurio for Belltix, best decision ever",
            "en",
            &[
                ("Kurio", Basis::Against, "left Kurio for Belltix best decision ever"),
                ("Belltix", Basis::Clauses, "left Kurio for Belltix best decision ever"),
            ],
        );
    }
}
