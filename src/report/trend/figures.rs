//! Figures as columns.

use crate::report::table::number;
use crate::trends::{Change, Figures, NetSentiment};

/// The columns of the figures that a report has.
pub(super) struct FigureColumns {
    headings: Vec<&'static str>,
}

impl FigureColumns {
    /// Those that these figures have, and so all others of their report.
    pub(super) fn of(figures: &Figures) -> FigureColumns {
        let mut headings = Vec::new();
        headings.extend(figures.net.map(|_| ">net (95 %)"));
        headings.extend(figures.score.map(|_| ">score"));
        headings.extend(figures.authors.map(|_| ">authors"));
        if figures.engagement.is_some() {
            headings.extend([">likes", ">shares", ">replies", ">views"]);
        }
        headings.extend(figures.reposts.map(|_| ">reposts"));
        FigureColumns { headings }
    }

    /// About how wide they are together.
    pub(super) fn width(&self) -> usize {
        self.headings.iter().map(|heading| if heading.starts_with(">net") { 19 } else { heading.len() + 2 }).sum()
    }

    pub(super) fn headings(&self) -> impl Iterator<Item = String> {
        self.headings.iter().map(|heading| (*heading).to_owned())
    }

    pub(super) fn cells(&self, figures: &Figures) -> Vec<String> {
        let mut cells = Vec::with_capacity(self.headings.len());
        cells.extend(figures.net.as_ref().map(net));
        cells.extend(figures.score.map(|score| score.mean.map_or_else(dash, |mean| minus(&format!("{mean:+.2}")))));
        cells.extend(figures.authors.map(|authors| number(authors.unique)));
        for (_, figure) in figures.engagement.iter().flat_map(|engagement| engagement.named()) {
            cells.push(if figure.mentions == 0 { dash() } else { signed(figure.sum) });
        }
        cells.extend(figures.reposts.map(number));
        cells
    }
}

/// Net sentiment in points, with its interval: `−12 (−15 … −8)`.
pub(super) fn net(net: &NetSentiment) -> String {
    match (net.value, net.low, net.high) {
        (Some(value), Some(low), Some(high)) => format!("{} ({} … {})", points(value), points(low), points(high)),
        _ => dash(),
    }
}

/// A share in percent.
pub(super) fn percentage(share: Option<f64>) -> String {
    share.map_or_else(dash, |share| format!("{:.1} %", 100.0 * share))
}

/// How a value changed: mentions before, the change in percent, points of share, points of net sentiment.
pub(super) fn change(change: &Change) -> [String; 4] {
    let plus = |points: Option<f64>| points.map_or_else(dash, |points| minus(&format!("{points:+.1}")));
    let relative = change.relative.map_or_else(
        || if change.absolute > 0 { "new".to_owned() } else { dash() },
        |share| minus(&format!("{:+.0} %", 100.0 * share)),
    );
    [number(change.previous), relative, plus(change.share_points), plus(change.net_points)]
}

fn points(share: f64) -> String {
    match (100.0 * share).round() as i64 {
        0 => "0".to_owned(),
        points => minus(&format!("{points:+}")),
    }
}

/// A minus as wide as a plus.
fn minus(number: &str) -> String {
    number.replace('-', "−")
}

fn signed(sum: i64) -> String {
    let sign = if sum < 0 { "−" } else { "" };
    format!("{sign}{}", number(sum.unsigned_abs()))
}

fn dash() -> String {
    "–".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_written_in_points_and_percent() {
        let sure = NetSentiment {
            scored: 9,
            negative: 4,
            positive: 3,
            value: Some(-0.1111),
            low: Some(-0.6),
            high: Some(0.42),
        };
        assert_eq!(net(&sure), "−11 (−60 … +42)");
        assert_eq!(percentage(Some(0.1234)), "12.3 %");
        let risen = Change {
            previous: 1_200,
            absolute: 300,
            relative: Some(0.25),
            share_points: Some(-1.25),
            net_points: None,
        };
        assert_eq!(change(&risen), ["1,200", "+25 %", "−1.2", "–"]);
        let new = Change { previous: 0, absolute: 3, relative: None, share_points: None, net_points: None };
        assert_eq!(change(&new)[1], "new");
        assert_eq!(signed(-1_234), "−1,234");
    }
}
