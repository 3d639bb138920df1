//! How a mention feels towards each tracked brand that it names.
//!
//! Where a text names one tracked brand, the feeling of the text is the feeling towards it. Where it names several, the
//! text is cut into clauses, each brand gets those that speak of it, and the model judges them apart; a brand that another
//! is set against ("better than B", "left B for A"), and nothing else is said of, gets the mirror image. This is a method of
//! surface signs: it does not know what "they" refers to, and it takes an aside about a brand for an opinion of it.
//!
//! Sentiment rules and corrections decide the feeling of the whole text, not that of its clauses; terms that a rule
//! neutralises are kept from the model in both.

mod brands;
mod clauses;

pub use brands::TrackedBrands;

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
    /// The clauses that speak of it; `None` where the whole text counts.
    pub part: Option<String>,
}

/// Brands of one mention that get a sentiment; of more, the first in the file.
const MAX_TARGETS: usize = 32;
/// A longer text is not divided: each brand gets the feeling of the whole.
const MAX_DIVIDED_CHARS: usize = 4_000;

impl TrackedBrands {
    /// The tracked brands that a text names, in the order of the file, each with the part of the text that counts.
    pub fn targets(&self, text: &str, language: &Language) -> Vec<Target> {
        let mut named = self.named(text, language);
        named.truncate(MAX_TARGETS);
        let is_divided = named.len() > 1 && text.chars().nth(MAX_DIVIDED_CHARS).is_none();
        let parts: Vec<(Basis, Option<String>)> = if is_divided {
            let spans: Vec<&[TopicMatch]> = named.iter().map(|(_, matches)| matches.as_slice()).collect();
            let parts = clauses::divide(text, &self.cues(text, language), &spans);
            parts.into_iter().map(|part| (part.basis, Some(part.text))).collect()
        } else {
            vec![(Basis::Text, None); named.len()]
        };
        let target = |((brand, matches), (basis, part))| Target { brand, matches, basis, part };
        named.into_iter().zip(parts).map(target).collect()
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
    use proptest::prelude::*;

    use super::*;

    fn parts(text: &str, code: &'static str) -> Vec<(String, Basis, Option<String>)> {
        let brands = "[[brand]]\nname='Kurio'\n[[brand]]\nname='Belltix'\naliases.any=['@belltixhelp']\n[[brand]]\nname='Nordbank'";
        let brands = TrackedBrands::parse(brands, "x.toml").unwrap();
        let targets = brands.targets(text, &Language::new(code, 1.0));
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
                ("Kurio", Basis::Clauses, "Kurio was late again, no apology."),
                ("Belltix", Basis::Clauses, "Belltix came in an hour!"),
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
                ("Kurio", Basis::Clauses, "Kurio piegādāja laikus,"),
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
                ("Kurio", Basis::Clauses, "Kurio, Belltix and Nordbank all failed me"),
                ("Belltix", Basis::Clauses, "Kurio, Belltix and Nordbank all failed me"),
                ("Nordbank", Basis::Clauses, "Kurio, Belltix and Nordbank all failed me"),
            ],
        );
    }

    #[test]
    fn marks_and_smileys_stay_with_their_clause() {
        check(
            "Kurio took $1,000 from me :( Belltix came today! 😍😍",
            "en",
            &[
                ("Kurio", Basis::Clauses, "Kurio took $1,000 from me :( Belltix came today! 😍😍"),
                ("Belltix", Basis::Clauses, "Kurio took $1,000 from me :( Belltix came today! 😍😍"),
            ],
        );
        check(
            "Kurio is fine. Belltix came today! 😍😍",
            "en",
            &[("Kurio", Basis::Clauses, "Kurio is fine."), ("Belltix", Basis::Clauses, "Belltix came today! 😍😍")],
        );
    }

    #[test]
    fn what_is_said_plainly_counts_more_than_a_comparison() {
        check(
            "Belltix was terrible. Kurio is much better than Belltix.",
            "en",
            &[
                ("Kurio", Basis::Clauses, "Kurio is much better than Belltix."),
                ("Belltix", Basis::Clauses, "Belltix was terrible."),
            ],
        );
        for text in ["more than happy with Kurio and Belltix, wonderful", "better than ever: Kurio"] {
            assert!(parts(text, "en").iter().all(|(_, basis, _)| *basis != Basis::Against || text.contains("Belltix")));
        }
        check(
            "Rather than Belltix I love Kurio",
            "en",
            &[
                ("Kurio", Basis::Clauses, "Rather than Belltix I love Kurio"),
                ("Belltix", Basis::Against, "Rather than Belltix I love Kurio"),
            ],
        );
    }

    #[test]
    fn cues_of_other_languages_do_not_count() {
        check(
            "Kurio dan Belltix bagus",
            "id",
            &[
                ("Kurio", Basis::Clauses, "Kurio dan Belltix bagus"),
                ("Belltix", Basis::Clauses, "Kurio dan Belltix bagus"),
            ],
        );
    }

    #[test]
    fn names_inside_longer_names_are_not_names() {
        let brands = "[[brand]]\nname='Apple'\n[[brand]]\nname='Apple Music'";
        let brands = TrackedBrands::parse(brands, "x.toml").unwrap();
        let targets = brands.targets("Apple Music is wonderful", &Language::new("en", 1.0));
        assert_eq!(targets.iter().map(|t| t.brand.as_ref()).collect::<Vec<_>>(), ["Apple Music"]);
    }

    /// Long lists of brands, commas and cues; quadratic work on them would take hours.
    #[test]
    fn hostile_texts_are_not_divided() {
        for text in ["Kurio, Belltix, ".repeat(60_000), "Kurio but Belltix than ".repeat(40_000)] {
            assert!(parts(&text, "en").iter().all(|(_, basis, part)| *basis == Basis::Text && part.is_none()));
        }
        assert_eq!(parts(&"Kurio, Belltix than but, ".repeat(150), "en").len(), 2);
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
                ("Kurio", Basis::Against, "left Kurio for Belltix, best decision ever"),
                ("Belltix", Basis::Clauses, "left Kurio for Belltix, best decision ever"),
            ],
        );
    }

    proptest! {
        #[test]
        fn every_named_brand_gets_a_part_of_the_text(
            words in prop::collection::vec(prop::sample::select(vec![
                "Kurio", "Belltix", "@BelltixHelp", "Nordbank", "but", "than", "left", "for", "good", "😡", ":)", ",", ".", "!", "\n",
                "$1,000", "،", "…", "\u{301}", " - ",
            ]), 0..40),
        ) {
            let text = words.join(" ");
            for (brand, basis, part) in parts(&text, "en") {
                prop_assert!(words.iter().any(|word| word.to_lowercase().contains(&brand.to_lowercase())));
                prop_assert_eq!(basis == Basis::Text, part.is_none());
                prop_assert!(part.is_none_or(|part| !part.is_empty() && part.len() <= text.len()));
            }
        }
    }
}
