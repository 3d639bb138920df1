//! From the labels of any classifier to negative, neutral, positive.

use std::collections::BTreeMap;

use crate::mention::Label;

/// Which of our labels each output of a classifier counts towards.
///
/// Understood are: negative / neutral / positive (also `neg`, `neu`, `pos`, and `very negative`, `very positive`),
/// the same without a neutral class, and stars (`1 star` … `5 stars`: 1–2 negative, 3 neutral, 4–5 positive).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LabelMap {
    labels: Vec<Label>,
}

impl LabelMap {
    /// Reads `id2label` of a `config.json`. The error says what is wrong and what would be right.
    pub fn from_id2label(id2label: &BTreeMap<String, String>) -> Result<LabelMap, String> {
        let mut labels = vec![None; id2label.len()];
        for (id, name) in id2label {
            let slot = id.parse::<usize>().ok().and_then(|index| labels.get_mut(index)).ok_or_else(|| {
                format!("id2label has the key {id:?}; keys must be 0 to {}", id2label.len().saturating_sub(1))
            })?;
            *slot = Some(label_named(name).ok_or_else(|| unknown_label(name))?);
        }
        let labels: Vec<Label> = labels.into_iter().flatten().collect();
        if labels.len() != id2label.len() {
            return Err("id2label names one output twice; keys must be 0, 1, 2, … once each".to_owned());
        }
        for needed in [Label::Negative, Label::Positive] {
            if !labels.contains(&needed) {
                return Err(format!(
                    "id2label has no {} label; it needs at least negative and positive",
                    needed.as_str()
                ));
            }
        }
        Ok(LabelMap { labels })
    }

    /// How many outputs the classifier must have.
    pub fn outputs(&self) -> usize {
        self.labels.len()
    }

    /// What each output counts towards, in the order of the outputs.
    pub fn labels(&self) -> &[Label] {
        &self.labels
    }

    /// Sums the probabilities of the outputs (as many as [`LabelMap::outputs`]) by label, in the order of
    /// [`Label::ALL`].
    pub fn sum(&self, probabilities: impl IntoIterator<Item = f64>) -> [f64; 3] {
        let mut sums = [0.0; 3];
        for (label, probability) in self.labels.iter().zip(probabilities) {
            sums[*label as usize] += probability;
        }
        sums
    }
}

fn label_named(name: &str) -> Option<Label> {
    let name = name.trim().to_lowercase().replace(['_', '-'], " ");
    if let Some(stars) = name.strip_suffix(" stars").or_else(|| name.strip_suffix(" star")) {
        return match stars {
            "1" | "2" => Some(Label::Negative),
            "3" => Some(Label::Neutral),
            "4" | "5" => Some(Label::Positive),
            _ => None,
        };
    }
    match name.strip_prefix("very ").unwrap_or(&name) {
        "negative" | "neg" => Some(Label::Negative),
        "neutral" | "neu" => Some(Label::Neutral),
        "positive" | "pos" => Some(Label::Positive),
        _ => None,
    }
}

fn unknown_label(name: &str) -> String {
    let advice = if name.starts_with("LABEL_") {
        "the model was exported without label names; write them into id2label in the order of its outputs"
    } else {
        "use negative, neutral and positive, negative and positive, or `1 star` to `5 stars`"
    };
    format!("id2label has the label {name:?}; {advice}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(names: &[&str]) -> Result<LabelMap, String> {
        LabelMap::from_id2label(&names.iter().enumerate().map(|(i, n)| (i.to_string(), n.to_string())).collect())
    }

    #[test]
    fn maps_three_two_and_five_classes() {
        let cases: [(&[&str], &[f64], [f64; 3]); 4] = [
            (&["negative", "neutral", "positive"], &[0.2, 0.3, 0.5], [0.2, 0.3, 0.5]),
            (&["POS", "NEG", "NEU"], &[0.2, 0.3, 0.5], [0.3, 0.5, 0.2]),
            (&["NEGATIVE", "POSITIVE"], &[0.25, 0.75], [0.25, 0.0, 0.75]),
            (&["1 star", "2 stars", "3 stars", "4 stars", "5 stars"], &[0.25, 0.25, 0.0, 0.25, 0.25], [0.5, 0.0, 0.5]),
        ];
        for (names, probabilities, expected) in cases {
            assert_eq!(map(names).map(|m| m.sum(probabilities.iter().copied())), Ok(expected), "{names:?}");
        }
    }

    #[test]
    fn says_what_to_fix() {
        let cases: [(&[&str], &str); 3] = [
            (&["LABEL_0", "LABEL_1"], "exported without label names"),
            (&["joy", "anger"], "use negative, neutral and positive"),
            (&["neutral", "positive"], "no negative label"),
        ];
        for (names, part) in cases {
            let error = map(names).err().unwrap_or_default();
            assert!(error.contains(part), "{names:?}: {error}");
        }
        let gap = BTreeMap::from([("0".to_owned(), "negative".to_owned()), ("2".to_owned(), "positive".to_owned())]);
        assert!(LabelMap::from_id2label(&gap).is_err_and(|e| e.contains("keys must be 0 to 1")));
    }
}
