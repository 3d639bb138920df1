//! What is known of a text's language before it is read: the platform's claim, and what is usual in its channel.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::model::Model;
use super::scripts::Script;
use super::{Detector, Ranked, codes, share_out};

/// The part of a channel's texts that may be in any language, whatever its file says.
const UNUSUAL_SHARE: f64 = 0.1;

/// What is known of where a text was written.
#[derive(Debug, Clone, Copy, Default)]
pub struct Hints<'a> {
    /// The language that the platform claims, such as `lv` or `en-US`.
    pub claimed: Option<&'a str>,
    /// The channel.
    pub channel: Option<&'a str>,
}

/// Why a file of channels' languages cannot be used.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum ChannelLanguagesError {
    #[error("cannot read {}: {source}", .path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("{}: {source}", .path.display())]
    Toml { path: PathBuf, source: Box<toml::de::Error> },
    #[error("{}: channel {channel:?}: {problem}", .path.display())]
    Channel { path: PathBuf, channel: String, problem: String },
}

/// The languages that are usual in each channel.
#[derive(Debug, Clone, Default)]
pub(super) struct ChannelLanguages {
    usual: HashMap<String, Usual>,
}

/// Shares of languages; what they leave of 1 is open to all.
#[derive(Debug, Clone, Default)]
struct Usual {
    shares: BTreeMap<&'static str, f64>,
    open: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChannelFile {
    channels: BTreeMap<String, BTreeMap<String, f64>>,
}

impl ChannelLanguages {
    pub(super) fn load(path: &Path, model: &'static Model) -> Result<ChannelLanguages, ChannelLanguagesError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| ChannelLanguagesError::Read { path: path.to_owned(), source })?;
        let file: ChannelFile = toml::from_str(&text)
            .map_err(|source| ChannelLanguagesError::Toml { path: path.to_owned(), source: Box::new(source) })?;
        let mut usual = HashMap::with_capacity(file.channels.len());
        for (channel, shares) in file.channels {
            let parsed = Usual::parse(&shares, model).map_err(|problem| ChannelLanguagesError::Channel {
                path: path.to_owned(),
                channel: channel.clone(),
                problem,
            })?;
            usual.insert(channel, parsed);
        }
        Ok(ChannelLanguages { usual })
    }
}

impl Usual {
    fn parse(shares: &BTreeMap<String, f64>, model: &'static Model) -> Result<Usual, String> {
        let mut usual = Usual::default();
        for (tag, &share) in shares {
            let code = codes::canonical(tag, model).ok_or_else(|| format!("unknown language {tag:?}"))?;
            if !(0.0..=1.0).contains(&share) {
                return Err(format!("the share of {tag} is {share}; it must be between 0 and 1"));
            }
            *usual.shares.entry(code).or_default() += share;
        }
        let sum: f64 = usual.shares.values().sum();
        if sum > 1.0 + 1e-9 {
            return Err(format!("the shares sum to {sum}, more than 1"));
        }
        usual.open = (1.0 - sum).max(UNUSUAL_SHARE);
        Ok(usual)
    }

    /// How usual a language is, in its own script or romanised.
    fn share(&self, code: &str) -> f64 {
        let own = self.shares.get(code).or_else(|| self.shares.get(codes::base(code)));
        own.copied().unwrap_or(0.0)
    }
}

impl Detector {
    /// Weighs probabilities by what the hints make likely (Bayes' rule), on top of the model's own priors.
    ///
    /// Hints say which language a text is in, not whether it is in any: what is no known language keeps its odds against
    /// the likeliest of the hinted ones.
    pub(super) fn weigh(&self, ranked: &mut [Ranked], script: Script, hints: &Hints<'_>) {
        let even = || 1.0 / self.competing(script).max(1) as f64;
        let claimed = hints.claimed.filter(|_| self.trust_claimed > 0.0);
        if let Some(claimed) = claimed.and_then(|tag| codes::canonical(tag, self.model)) {
            let is_claimed = |code: &str| code == claimed || codes::base(code) == claimed;
            let doubt = (1.0 - self.trust_claimed) * even();
            weigh_by(ranked, |code| doubt + if is_claimed(code) { self.trust_claimed } else { 0.0 });
        }
        if let Some(usual) = hints.channel.and_then(|channel| self.channels.usual.get(channel)) {
            let open = usual.open * even();
            weigh_by(ranked, |code| usual.share(code) + open);
        }
    }

    /// How many languages of a script may be answered, that of no known language among them.
    fn competing(&self, script: Script) -> usize {
        self.competitors(script).map_or(0, |(_, open)| open.iter().filter(|open| **open).count())
    }
}

/// Multiplies by the weight of each language; does nothing if that leaves no language, or nothing to choose.
fn weigh_by(ranked: &mut [Ranked], weight: impl Fn(&str) -> f64) {
    if ranked.len() < 2 {
        return;
    }
    let languages = || ranked.iter().filter(|r| !r.code.is_empty());
    let most = languages().map(|r| weight(r.code)).fold(0.0, f64::max);
    if languages().map(|r| r.probability * weight(r.code)).sum::<f64>() <= 0.0 {
        return;
    }
    for r in &mut *ranked {
        r.probability *= if r.code.is_empty() { most } else { weight(r.code) };
    }
    share_out(ranked);
}
