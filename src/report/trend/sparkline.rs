//! Counts over time in a line of small bars.

const LEVELS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// A bar for each count, the highest full; where there are more than `width`, neighbours are added up, as many to each bar
/// as to the others, save the last.
pub(super) fn sparkline(counts: &[u64], width: usize) -> String {
    let per_bar = counts.len().div_ceil(width.max(1)).max(1);
    let sums: Vec<u64> = counts.chunks(per_bar).map(|chunk| chunk.iter().sum()).collect();
    let highest = sums.iter().copied().max().unwrap_or(0);
    let level = |&sum: &u64| match (sum, highest) {
        (0, _) | (_, 0) => ' ',
        (sum, highest) => LEVELS[((sum as f64 / highest as f64 * 8.0).ceil() as usize).clamp(1, 8) - 1],
    };
    sums.iter().map(level).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_as_high_as_their_counts() {
        assert_eq!(sparkline(&[0, 1, 2, 3, 4, 5, 6, 7, 8], 20), " ▁▂▃▄▅▆▇█");
        assert_eq!(sparkline(&[1, 1_000_000], 20), "▁█");
        assert_eq!(sparkline(&[1, 1, 0, 0, 2], 3), "█ █");
        assert_eq!(sparkline(&[], 3), "");
    }
}
